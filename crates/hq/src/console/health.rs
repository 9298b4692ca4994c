//! Whether everything kept still proves itself: each series verified anew from its stored bytes.

use journal::{Entry, Kind, PublicKey, SeriesVerifier, WriterId};

use crate::clock::time_text;
use crate::contract::console::{ForkRow, JournalHealth, NotUnderstoodRow, SeriesHealth};
use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::own::WRITER;
use crate::store::{journals, terminals};

const PAGE: u32 = 500;

impl Headquarters {
    pub fn journal_health(&self) -> Result<JournalHealth, Failure> {
        let all = self.read(|on| Ok(journals::all_series(on)?))?;
        let series = all
            .into_iter()
            .map(|(writer, epoch)| self.verify_stored(&writer, epoch))
            .collect::<Result<Vec<_>, _>>()?;
        let (forks, not_understood) =
            self.read(|on| Ok((journals::forks(on)?, journals::not_understood(on)?)))?;
        Ok(JournalHealth {
            checked_at: time_text(&self.clock.now()),
            is_sound: series.iter().all(|series| series.is_sound) && forks.is_empty(),
            series,
            forks: forks
                .into_iter()
                .map(|fork| ForkRow {
                    writer: fork.writer,
                    epoch: fork.epoch,
                    idx: fork.idx,
                    kept_hash: fork.kept_hash,
                    other_hash: fork.other_hash,
                    received_at: fork.received_at,
                })
                .collect(),
            not_understood: not_understood
                .into_iter()
                .map(|(kind, reason, entries)| NotUnderstoodRow {
                    kind,
                    entries,
                    reason,
                })
                .collect(),
            checkpoint: self.checkpoint()?,
            log_size: self.log_size()?,
        })
    }

    /// Verifies one series page by page, with the database free between pages.
    pub fn verify_stored(&self, writer: &str, epoch: u32) -> Result<SeriesHealth, Failure> {
        let (terminal_name, key) = self.signer_of(writer)?;
        let writer_id = WriterId::new(writer).map_err(|_| Failure::stored("a writer id"))?;
        let mut verifier = SeriesVerifier::new(writer_id, epoch, key);
        let (mut entries, mut sessions, mut fault) = (0, 0, None);
        'pages: loop {
            let from = verifier.next_idx();
            let page =
                self.read(|on| Ok(journals::entries_from(on, writer, epoch, from, PAGE)?))?;
            if page.is_empty() {
                break;
            }
            for row in page {
                let pushed = Entry::parse(&row.frame)
                    .map_err(|fault| fault.to_string())
                    .and_then(|entry| {
                        verifier.push(&entry).map_err(|fault| fault.to_string())?;
                        if entry.hash().to_string() != row.hash {
                            return Err(format!("entry {}: the row names another hash", row.idx));
                        }
                        Ok(entry)
                    });
                match pushed {
                    Ok(entry) => {
                        entries += 1;
                        sessions += u32::from(entry.header.kind == Kind::SessionOpened);
                    }
                    Err(reason) => {
                        fault = Some(reason);
                        break 'pages;
                    }
                }
            }
        }
        let head = self.read(|on| Ok(journals::series(on, writer, epoch)?))?;
        let tip = verifier.tip().map(|tip| tip.hash.to_string());
        if fault.is_none() && head.map(|head| head.head_hash) != tip {
            fault = Some("the series ends elsewhere than its head says".to_owned());
        }
        Ok(SeriesHealth {
            writer: writer.to_owned(),
            terminal_name,
            epoch,
            entries,
            sessions,
            head_hash: tip,
            is_sound: fault.is_none(),
            fault,
        })
    }

    fn signer_of(&self, writer: &str) -> Result<(String, PublicKey), Failure> {
        if writer == WRITER {
            return Ok((String::new(), self.keys.series.public()));
        }
        let terminal = self
            .read(|on| Ok(terminals::by_writer(on, writer)?))?
            .ok_or_else(|| Failure::stored("a terminal"))?;
        let key = PublicKey::from_base64(&terminal.device_key)
            .map_err(|_| Failure::stored("a device key"))?;
        Ok((terminal.terminal_name, key))
    }
}
