//! 接入 – a terminal becomes one of ours: writer, epoch, number blocks.

use chrono::TimeDelta;
use journal::body::HqDeviceEnrolled;
use journal::{Hash, Kind, WriterId};
use rusqlite::Connection;
use sync::protocol::{EnrolRequest, Enrolment, Reason, Rejection, Ticket};

use crate::clock::{time_from, time_text};
use crate::failure::Failure;
use crate::headquarters::{Foundation, Headquarters, Writing};
use crate::lease::lease;
use crate::refused::Refused;
use crate::store::seals;
use crate::store::terminals::{self, Terminal};

const TICKET_DAYS: i64 = 7;
const NAME_CHARS_MAX: usize = 80;

impl Headquarters {
    /// A ticket for one terminal, good for a week.
    pub fn ticket(&self) -> Result<Ticket, Failure> {
        let ticket = Ticket::generate(&self.keys.checkpoint.public());
        self.write(|writing| {
            let expires_at = time_text(&(writing.now + TimeDelta::days(TICKET_DAYS)));
            let secret_hash = secret_hash(&ticket);
            terminals::put_ticket(writing.on, &secret_hash, &writing.now_text, &expires_at)?;
            Ok::<_, Failure>(())
        })?;
        Ok(ticket)
    }

    /// Answers with the signed enrolment; the same ticket with the same device key gives the same answer.
    pub fn enrol(&self, request: &EnrolRequest) -> Result<String, Refused> {
        let refuse = |detail: &str| Refused::from(Rejection::new(Reason::Ticket, detail));
        let ticket: Ticket = request
            .ticket
            .parse()
            .map_err(|_| refuse("this is not a ticket"))?;
        if ticket.headquarters() != self.keys.checkpoint.public().key_id() {
            return Err(refuse("the ticket is for another headquarters"));
        }
        let name_chars = request.terminal_name.chars().count();
        if !(1..=NAME_CHARS_MAX).contains(&name_chars) || request.key_class.len() > 20 {
            let detail = "the name has 1 to 80 characters, the key class at most 20";
            return Err(Rejection::new(Reason::Malformed, detail).into());
        }
        self.write(|writing| {
            let Some(row) =
                terminals::ticket(writing.on, &secret_hash(&ticket)).map_err(Failure::from)?
            else {
                return Err(refuse("the ticket is unknown"));
            };
            if let Some(device_key) = row.device_key {
                return match row.enrolment {
                    Some(note) if device_key == request.device_key.to_base64() => Ok(note),
                    _ => Err(refuse("the ticket was used by another device")),
                };
            }
            if time_from(&row.expires_at).is_none_or(|at| at <= writing.now) {
                return Err(refuse("the ticket has expired"));
            }
            Ok(self.admit(writing, request, &ticket)?)
        })
    }

    fn admit(
        &self,
        writing: &mut Writing<'_>,
        request: &EnrolRequest,
        ticket: &Ticket,
    ) -> Result<String, Failure> {
        let on = writing.on;
        let foundation = Foundation::read(on)?;
        let writer = writer_of(request)?;
        let epoch = next_epoch(on, writer.as_str())?;
        let device_key = request.device_key.to_base64();
        let terminal = Terminal {
            writer: writer.to_string(),
            terminal_name: request.terminal_name.clone(),
            device_key: device_key.clone(),
            badge_key: request.badge_key.to_base64(),
            key_class: request.key_class.clone(),
            epoch,
            enrolled_at: writing.now_text.clone(),
        };
        terminals::put(on, &terminal, &request.badge_key.key_id().to_string())?;
        seals::put_key(on, &terminal.writer, &request.seal_key.to_base64())?;
        let body = HqDeviceEnrolled {
            v: 1,
            writer: writer.to_string(),
            device_key: device_key.clone(),
            badge_key: terminal.badge_key.clone(),
            seal_key: request.seal_key.to_base64(),
            terminal_name: terminal.terminal_name.clone(),
        };
        writing.record(Kind::HqDeviceEnrolled, &body)?;
        lease(writing, &foundation, writer.as_str())?;
        let enrolment = Enrolment {
            writer,
            epoch,
            device_key: request.device_key.clone(),
            agency: foundation.agency,
            headquarters_name: foundation.note_name,
            headquarters_key: self.keys.checkpoint.public(),
            series_key: self.keys.series.public(),
            escrow_key: self.keys.escrow.public(),
            public_url: foundation.public_url,
            pack_version: foundation.pack_version,
            pack_sha256: foundation
                .pack_sha256
                .parse()
                .map_err(|_| Failure::stored("pack hash"))?,
            example: foundation.example,
        };
        let note = enrolment.sign(&self.keys.checkpoint)?;
        terminals::use_ticket(
            on,
            &secret_hash(ticket),
            &writing.now_text,
            &device_key,
            &note,
        )?;
        Ok(note)
    }
}

/// A device keeps its writer for good: the name follows from its key.
fn writer_of(request: &EnrolRequest) -> Result<WriterId, Failure> {
    WriterId::new(format!("t-{}", request.device_key.key_id()))
        .map_err(|_| Failure::stored("the writer id"))
}

/// 1 for a new device, one more than anything known for a device that comes again.
fn next_epoch(on: &Connection, writer: &str) -> Result<u32, Failure> {
    let granted = terminals::by_writer(on, writer)?.map_or(0, |terminal| terminal.epoch);
    let arrived = crate::store::journals::last_epoch(on, writer)?.unwrap_or(0);
    Ok(granted.max(arrived).saturating_add(1))
}

fn secret_hash(ticket: &Ticket) -> String {
    Hash::of(ticket.secret().as_bytes()).to_string()
}
