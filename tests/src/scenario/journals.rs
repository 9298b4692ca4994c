//! The journals of a scenario, read beside the play.

use journal::{Entry, Export};
use serde_json::Value;

use super::world::World;

/// An entry of some journal, as lines name it.
#[derive(Debug, Clone)]
pub struct EntryNote {
    pub writer: String,
    pub epoch: u32,
    pub idx: u64,
    pub kind: String,
    pub hash: String,
    pub case_id: Option<String>,
    pub body: Value,
}

impl EntryNote {
    pub fn of(entry: &Entry) -> Self {
        let header = &entry.header;
        EntryNote {
            writer: header.writer.to_string(),
            epoch: header.epoch,
            idx: header.idx,
            kind: header.kind.as_str().to_owned(),
            hash: entry.hash().to_string(),
            case_id: header.case.clone(),
            body: entry.body_as::<Value>().unwrap_or(Value::Null),
        }
    }

    pub fn shown(&self) -> String {
        let hash: String = self.hash.chars().take(8).collect();
        format!(
            "[{}/{}/{} {} {hash}]",
            self.writer, self.epoch, self.idx, self.kind
        )
    }
}

impl World<'_> {
    /// Entries of a terminal's journal; those of a locked terminal as they were read last.
    pub fn journal(&mut self, index: usize) -> &[EntryNote] {
        if self.is_read(index) {
            return self
                .journals
                .get(index)
                .map(Vec::as_slice)
                .unwrap_or_default();
        }
        let exported = self
            .units
            .get(index)
            .and_then(|unit| unit.terminal.as_ref())
            .and_then(|terminal| terminal.export_journal().ok())
            .and_then(|bytes| Export::read(&bytes).ok());
        if let (Some(export), Some(notes)) = (exported, self.journals.get_mut(index)) {
            let fresh = journal::frames(&export.frames)
                .skip(notes.len())
                .filter_map(|frame| Entry::parse(frame).ok());
            let fresh: Vec<_> = fresh.map(|entry| EntryNote::of(&entry)).collect();
            notes.extend(fresh);
        }
        self.journals
            .get(index)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// Whether a journal was read since the last act; it is taken for read from here on.
    fn is_read(&mut self, index: usize) -> bool {
        self.read
            .get_mut(index)
            .is_some_and(|read| std::mem::replace(read, true))
    }

    /// Entries of headquarters' own series.
    pub fn own(&mut self) -> &[EntryNote] {
        if self.is_read(self.units.len()) {
            return &self.own;
        }
        let read = || -> rusqlite::Result<Vec<Vec<u8>>> {
            let file = self.ground.dir.join("headquarters/headquarters.sqlite");
            let on = rusqlite::Connection::open_with_flags(
                file,
                rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY,
            )?;
            let mut rows = on.prepare(
                "SELECT frame FROM entry WHERE writer = 'hq' AND idx >= ?1 ORDER BY idx",
            )?;
            let from = i64::try_from(self.own.len()).unwrap_or(i64::MAX);
            rows.query_map([from], |row| row.get(0))?.collect()
        };
        let fresh = read().unwrap_or_default();
        let fresh = fresh.iter().filter_map(|frame| Entry::parse(frame).ok());
        let fresh: Vec<_> = fresh.map(|entry| EntryNote::of(&entry)).collect();
        self.own.extend(fresh);
        &self.own
    }
}
