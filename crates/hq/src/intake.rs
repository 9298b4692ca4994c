//! 接收 – journals of terminals: verified, kept byte for byte, receipted; interpreted afterwards.

use journal::body::{HqForkKept, HqJournalReceived};
use journal::{
    Authorization, Entry, Hash, Kind, PublicKey, Receipt, RequestFault, SeriesVerifier, Tip,
    WriterId, frames,
};
use rusqlite::Connection;
use sync::protocol::{APPEND_BYTES_MAX, CLOCK_SKEW_MAX_S, HeadAnswer, Reason};

use crate::failure::Failure;
use crate::headquarters::{Headquarters, Writing};
use crate::log;
use crate::own;
use crate::projection;
use crate::refused::Refused;
use crate::store;
use crate::store::journals::{self, Fork, ReceiptRow, SeriesRow};
use crate::store::terminals::{self, Terminal};

const SET_ASIDE_MAX: u32 = 64;
const PAGE: u32 = 500;

/// A request as it was signed.
pub struct SignedRequest<'a> {
    pub authorization: &'a str,
    pub method: &'a str,
    /// Path with query, as the terminal wrote it.
    pub path: &'a str,
    pub body_hash: Hash,
}

/// What an append came to, decided inside the transaction; everything but an error is committed.
enum Appended {
    Receipt(String),
    Refused(Refused),
}

impl Headquarters {
    /// The terminal that signed the request.
    pub fn authenticate(&self, request: &SignedRequest<'_>) -> Result<Terminal, Refused> {
        let malformed = |fault: RequestFault| Refused::new(Reason::Malformed, fault.to_string());
        let authorization = Authorization::parse(request.authorization).map_err(malformed)?;
        let terminal = self
            .read(|on| Ok(terminals::by_writer(on, &authorization.device)?))?
            .ok_or_else(|| Refused::new(Reason::UnknownDevice, "no such device"))?;
        let key = key_of(&terminal)?;
        let now = self.clock.now();
        authorization
            .check(
                request.method,
                request.path,
                request.body_hash,
                &key,
                now,
                CLOCK_SKEW_MAX_S,
            )
            .map_err(|fault| match fault {
                RequestFault::Malformed => malformed(fault),
                RequestFault::BadSignature => Refused::new(Reason::BadSignature, fault.to_string()),
                RequestFault::Stale => Refused::new(
                    Reason::ClockSkew,
                    format!("headquarters' clock says {}", crate::clock::time_text(&now)),
                ),
            })?;
        if !self.guard.take(&terminal.writer, &authorization.nonce, now) {
            return Err(Refused::new(Reason::Replayed, "this nonce was used before"));
        }
        Ok(terminal)
    }

    pub fn head(
        &self,
        terminal: &Terminal,
        writer: &str,
        epoch: u32,
    ) -> Result<HeadAnswer, Refused> {
        own_series_only(terminal, writer)?;
        Ok(self.read(|on| head(on, writer, epoch))?)
    }

    /// Compare and append; the answer is the signed receipt, given after the entries are durable.
    pub fn append(
        &self,
        terminal: &Terminal,
        (writer, epoch): (&str, u32),
        base: Option<Tip>,
        bytes: &[u8],
    ) -> Result<String, Refused> {
        own_series_only(terminal, writer)?;
        if bytes.len() > APPEND_BYTES_MAX {
            return Err(Refused::new(
                Reason::TooLarge,
                "an append has at most 4 MiB",
            ));
        }
        if bytes.is_empty() {
            return Err(Refused::new(
                Reason::Malformed,
                "an append has at least one frame",
            ));
        }
        let series = SeriesOf {
            terminal,
            writer,
            epoch,
        };
        let appended = self.write(|writing| self.append_in(writing, &series, base, bytes))?;
        match appended {
            Appended::Receipt(note) => Ok(note),
            Appended::Refused(refused) => Err(refused),
        }
    }

    /// The bytes of other branches that a device sent for an index: evidence, kept beside the series.
    pub fn fork_evidence(
        &self,
        writer: &str,
        epoch: u32,
        idx: u64,
    ) -> Result<Vec<Vec<u8>>, Failure> {
        self.read(|on| Ok(journals::fork_frames(on, writer, epoch, idx)?))
    }

    /// How many bodies of a terminal were refused and put aside.
    pub fn count_set_aside(&self, writer: &str) -> Result<u64, Failure> {
        self.read(|on| Ok(journals::count_set_aside(on, writer)?))
    }

    fn append_in(
        &self,
        writing: &mut Writing<'_>,
        series: &SeriesOf<'_>,
        base: Option<Tip>,
        bytes: &[u8],
    ) -> Result<Appended, Failure> {
        let head = head(writing.on, series.writer, series.epoch)?;
        if base == head.head {
            return self.extend(writing, series, bytes);
        }
        match series.compare(writing.on, base, bytes)? {
            Compared::Held { last } => {
                let receipts =
                    journals::receipts_from(writing.on, series.writer, series.epoch, last, 1)?;
                let receipt = receipts.into_iter().next();
                Ok(match receipt {
                    Some(receipt) => Appended::Receipt(receipt.note),
                    None => Appended::Refused(Refused::OtherHead(head)),
                })
            }
            Compared::OtherBase { kept, other } => {
                series.keep_fork(writing, &kept, &other, bytes)?;
                Ok(Appended::Refused(Refused::OtherHead(head)))
            }
            Compared::OtherFrame { kept, entry } => {
                let Err(fault) = series.verify_branch(writing.on, &entry) else {
                    series.keep_fork(writing, &kept, &entry.tip(), bytes)?;
                    let detail = format!("entry {} differs from the one held here", kept.idx);
                    return Ok(Appended::Refused(Refused::new(Reason::Fork, detail)));
                };
                series.set_aside(writing, bytes, fault)
            }
            Compared::Elsewhere => Ok(Appended::Refused(Refused::OtherHead(head))),
        }
    }

    /// Verifies and stores frames that continue the head, all of them or none.
    fn extend(
        &self,
        writing: &mut Writing<'_>,
        series: &SeriesOf<'_>,
        bytes: &[u8],
    ) -> Result<Appended, Failure> {
        let on = writing.on;
        let mut verifier = series.verifier(on)?;
        let stored = store::part(on, || {
            series.store(on, &mut verifier, bytes, &writing.now_text)
        })?;
        let entries = match stored {
            Ok(entries) => entries,
            Err(fault) => return series.set_aside(writing, bytes, fault),
        };
        for entry in &entries {
            projection::interpret(on, entry, &writing.now_text)?;
        }
        let Some(tip) = verifier.tip() else {
            return series.set_aside(writing, bytes, "no frame".to_owned());
        };
        let note = self.receipt(writing, series, &verifier, tip)?;
        let body = HqJournalReceived {
            v: 1,
            writer: series.writer.to_owned(),
            epoch: series.epoch,
            idx: tip.idx,
            hash: tip.hash.to_string(),
            entries: u64::try_from(entries.len()).unwrap_or(u64::MAX),
        };
        writing.record(Kind::HqJournalReceived, &body)?;
        journals::put_leaf(on, &log::leaf(series.writer, series.epoch, &tip))?;
        Ok(Appended::Receipt(note))
    }

    fn receipt(
        &self,
        writing: &Writing<'_>,
        series: &SeriesOf<'_>,
        verifier: &SeriesVerifier,
        tip: Tip,
    ) -> Result<String, Failure> {
        let name = store::foundation(writing.on, "note_name")?
            .ok_or_else(|| Failure::stored("note_name"))?;
        let receipt = Receipt {
            writer: verifier.state().writer.clone(),
            epoch: series.epoch,
            idx: tip.idx,
            hash: tip.hash,
            received_at: writing.now,
        };
        let note = receipt.sign(&self.keys.checkpoint, &name);
        let row = ReceiptRow {
            idx: tip.idx,
            hash: tip.hash.to_string(),
            received_at: writing.now_text.clone(),
            note: note.clone(),
        };
        journals::put_receipt(writing.on, series.writer, series.epoch, &row)?;
        let row = SeriesRow {
            head_idx: tip.idx,
            head_hash: tip.hash.to_string(),
            session: verifier.state().session,
            verifier: serde_json::to_string(verifier.state())?,
            last_received_at: writing.now_text.clone(),
        };
        journals::put_series(writing.on, series.writer, series.epoch, &row)?;
        Ok(note)
    }
}

fn head(on: &Connection, writer: &str, epoch: u32) -> Result<HeadAnswer, Failure> {
    let Some(row) = journals::series(on, writer, epoch)? else {
        return Ok(HeadAnswer {
            head: None,
            receipt: None,
        });
    };
    let receipt = journals::receipts_from(on, writer, epoch, row.head_idx, 1)?
        .into_iter()
        .next();
    Ok(HeadAnswer {
        head: Some(tip(row.head_idx, &row.head_hash)?),
        receipt: receipt.map(|receipt| receipt.note),
    })
}

fn tip(idx: u64, hash: &str) -> Result<Tip, Failure> {
    let hash = hash.parse().map_err(|_| Failure::stored("a hash"))?;
    Ok(Tip { idx, hash })
}

fn own_series_only(terminal: &Terminal, writer: &str) -> Result<(), Refused> {
    if terminal.writer == writer {
        return Ok(());
    }
    Err(Refused::new(
        Reason::UnknownDevice,
        "this series belongs to another device",
    ))
}

fn key_of(terminal: &Terminal) -> Result<PublicKey, Failure> {
    PublicKey::from_base64(&terminal.device_key).map_err(|_| Failure::stored("a device key"))
}

/// The series an append is about.
struct SeriesOf<'a> {
    terminal: &'a Terminal,
    writer: &'a str,
    epoch: u32,
}

/// How frames whose base is not the head stand to what is held.
enum Compared {
    /// Every frame is held already, byte for byte, up to `last`.
    Held { last: u64 },
    /// The base itself is another entry than the one held at its place.
    OtherBase { kept: Tip, other: Tip },
    /// A frame stands where another one is held.
    OtherFrame { kept: Tip, entry: Box<Entry> },
    /// The frames begin beyond the head or run beyond it: the terminal asks for the head and begins there.
    Elsewhere,
}

impl SeriesOf<'_> {
    fn verifier(&self, on: &Connection) -> Result<SeriesVerifier, Failure> {
        match journals::series(on, self.writer, self.epoch)? {
            Some(row) => serde_json::from_str(&row.verifier)
                .map(SeriesVerifier::resume)
                .map_err(|_| Failure::stored("the state of a verifier")),
            None => self.fresh_verifier(),
        }
    }

    fn fresh_verifier(&self) -> Result<SeriesVerifier, Failure> {
        let writer = WriterId::new(self.writer).map_err(|_| Failure::stored("a writer id"))?;
        Ok(SeriesVerifier::new(
            writer,
            self.epoch,
            key_of(self.terminal)?,
        ))
    }

    /// Keeps the frames byte for byte as long as they verify; the inner error tells the first fault.
    fn store(
        &self,
        on: &Connection,
        verifier: &mut SeriesVerifier,
        bytes: &[u8],
        received_at: &str,
    ) -> Result<Result<Vec<Entry>, String>, Failure> {
        let mut entries = Vec::new();
        for frame in frames(bytes) {
            let entry = match Entry::parse(frame) {
                Ok(entry) => entry,
                Err(fault) => return Ok(Err(format!("entry {}: {fault}", verifier.next_idx()))),
            };
            let case_tip = self.case_tip(on, &entry)?;
            if let Err(fault) = verifier.push_in_case(&entry, case_tip) {
                return Ok(Err(fault.to_string()));
            }
            let mut row = own::entry_row(&entry, received_at);
            frame.clone_into(&mut row.frame);
            journals::put_entry(on, &row)?;
            entries.push(entry);
        }
        Ok(Ok(entries))
    }

    fn case_tip(&self, on: &Connection, entry: &Entry) -> Result<Option<Tip>, Failure> {
        let Some(case_id) = &entry.header.case else {
            return Ok(None);
        };
        journals::case_tip(on, self.writer, self.epoch, case_id)?
            .map(|(idx, hash)| tip(idx, &hash))
            .transpose()
    }

    fn compare(
        &self,
        on: &Connection,
        base: Option<Tip>,
        bytes: &[u8],
    ) -> Result<Compared, Failure> {
        if let Some(base) = base {
            let Some(held) = journals::entry(on, self.writer, self.epoch, base.idx)? else {
                return Ok(Compared::Elsewhere);
            };
            let kept = tip(held.idx, &held.hash)?;
            if kept != base {
                return Ok(Compared::OtherBase { kept, other: base });
            }
        }
        let first = base.map_or(0, |base| base.idx.saturating_add(1));
        let mut last = first;
        for (idx, frame) in (first..).zip(frames(bytes)) {
            let Some(held) = journals::entry(on, self.writer, self.epoch, idx)? else {
                return Ok(Compared::Elsewhere);
            };
            if held.frame != frame {
                let kept = tip(held.idx, &held.hash)?;
                return Ok(match Entry::parse(frame) {
                    Ok(entry) if entry.hash() != kept.hash => Compared::OtherFrame {
                        kept,
                        entry: Box::new(entry),
                    },
                    _ => Compared::Elsewhere,
                });
            }
            last = idx;
        }
        Ok(Compared::Held { last })
    }

    /// Whether the device really signed this second history: its first frame is verified after the entry before it.
    fn verify_branch(&self, on: &Connection, entry: &Entry) -> Result<(), String> {
        let broken = |failure: Failure| failure.to_string();
        let mut verifier = self.fresh_verifier().map_err(broken)?;
        while verifier.next_idx() < entry.header.idx {
            let from = verifier.next_idx();
            let held = journals::entries_from(on, self.writer, self.epoch, from, PAGE)
                .map_err(|error| broken(error.into()))?;
            if held.is_empty() {
                break;
            }
            for row in held.iter().take_while(|row| row.idx < entry.header.idx) {
                let held = Entry::parse(&row.frame).map_err(|fault| fault.to_string())?;
                verifier.push(&held).map_err(|fault| fault.to_string())?;
            }
        }
        verifier.push(entry).map_err(|fault| fault.to_string())
    }

    fn keep_fork(
        &self,
        writing: &mut Writing<'_>,
        kept: &Tip,
        other: &Tip,
        bytes: &[u8],
    ) -> Result<(), Failure> {
        let fork = Fork {
            writer: self.writer.to_owned(),
            epoch: self.epoch,
            idx: kept.idx,
            kept_hash: kept.hash.to_string(),
            other_hash: other.hash.to_string(),
            received_at: writing.now_text.clone(),
        };
        if !journals::put_fork(writing.on, &fork, bytes)? {
            return Ok(());
        }
        tracing::warn!(
            writer = self.writer,
            epoch = self.epoch,
            idx = kept.idx,
            "a fork was kept"
        );
        let body = HqForkKept {
            v: 1,
            writer: fork.writer,
            epoch: fork.epoch,
            idx: fork.idx,
            kept_hash: fork.kept_hash,
            other_hash: fork.other_hash,
        };
        writing.record(Kind::HqForkKept, &body)?;
        Ok(())
    }

    fn set_aside(
        &self,
        writing: &mut Writing<'_>,
        bytes: &[u8],
        fault: String,
    ) -> Result<Appended, Failure> {
        tracing::warn!(
            writer = self.writer,
            epoch = self.epoch,
            fault,
            "frames were set aside"
        );
        let hash = Hash::of(bytes).to_string();
        journals::set_aside(
            writing.on,
            (self.writer, self.epoch),
            (&hash, bytes),
            &writing.now_text,
            &fault,
            SET_ASIDE_MAX,
        )?;
        Ok(Appended::Refused(Refused::new(Reason::Invalid, fault)))
    }
}
