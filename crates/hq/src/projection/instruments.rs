//! Entries about instruments and their copies on paper.

use chrono::Datelike;
use journal::body::{
    ClockBody, InstrumentDelivered, InstrumentDrafted, InstrumentIssued, InstrumentSigned,
    InstrumentStarted, InstrumentVoided, PrintEvent, SheetSpoiled,
};
use serde_json::json;

use super::{Place, Reading};
use crate::clock::shanghai;
use crate::store::instruments::{self, Instrument, Issued, PaperCopy, SignatureRow};
use crate::store::seals::{self, Use};

/// Body and case of an entry, or the reason why it cannot be read.
macro_rules! read {
    ($place:ident, $body:ty) => {
        match ($place.body::<$body>(), $place.case_file()?) {
            (Ok(body), Ok(case)) => (body, case),
            (Err(reason), _) | (_, Err(reason)) => return Ok(Err(reason)),
        }
    };
}
pub(super) use read;

fn changed(rows: usize, subject: impl Into<String>) -> Result<String, String> {
    if rows == 0 {
        return Err("no instrument of this case is in the state it speaks of".to_owned());
    }
    Ok(subject.into())
}

impl Place<'_> {
    pub(super) fn instrument_started(&self) -> Reading {
        let (body, case) = read!(self, InstrumentStarted);
        instruments::start(
            self.on,
            (&body.instrument_id, &case.case_id),
            self.entry.header.idx,
            (&body.form, &body.title),
            &body.value.to_string(),
        )?;
        Ok(Ok(body.title))
    }

    pub(super) fn instrument_drafted(&self) -> Reading {
        let (body, case) = read!(self, InstrumentDrafted);
        let ids = (body.instrument_id.as_str(), case.case_id.as_str());
        let rows = instruments::draft(self.on, ids, &body.value.to_string())?;
        Ok(changed(rows, self.title_of(&body.instrument_id)?))
    }

    pub(super) fn instrument_signed(&self) -> Reading {
        let (body, case) = read!(self, InstrumentSigned);
        let Some(instrument) = self.instrument_of(&case.case_id, &body.instrument_id)? else {
            return Ok(changed(0, ""));
        };
        let signature = SignatureRow {
            slot: body.slot.clone(),
            name: body.name,
            signed_at: self.event_at(),
            refusal: body.refusal.as_ref().map(|refusal| refusal.reason.clone()),
            witness_name: body.refusal.map(|refusal| refusal.witness_name),
        };
        instruments::put_signature(self.on, &body.instrument_id, &signature)?;
        Ok(Ok(format!("{} {}", instrument.title, body.slot)))
    }

    pub(super) fn instrument_issued(&self) -> Reading {
        let (body, case) = read!(self, InstrumentIssued);
        let issued = Issued {
            title: &body.title,
            number: body.number.as_deref(),
            series: body.series.as_deref(),
            serial: body.serial,
            year: shanghai(&self.entry.header.event_at).year(),
            issued_at: &self.event_at(),
            content_sha256: &body.content_sha256,
            value: &body.value.to_string(),
            pdf: &serde_json::to_string(&body.pdf)?,
            ticket: &serde_json::to_string(&body.ticket)?,
            clocks: &serde_json::to_string(&body.clocks)?,
        };
        let ids = (body.instrument_id.as_str(), case.case_id.as_str());
        let rows = instruments::issue(self.on, ids, &issued)?;
        if rows > 0 {
            self.name_object(&case.case_id, &body.pdf)?;
            self.name_object(&case.case_id, &body.ticket)?;
            if let Some(seal) = &body.seal {
                let used = Use {
                    use_id: &body.instrument_id,
                    instrument_id: &body.instrument_id,
                    writer: self.entry.header.writer.as_str(),
                    mode: &seal.mode,
                    number: seal.number.as_deref(),
                    is_spent: true,
                };
                seals::put_use(self.on, &used)?;
            }
            let owner = (
                body.instrument_id.as_str(),
                Some(body.instrument_id.as_str()),
            );
            self.put_clocks_of(&case.case_id, owner, &body.clocks)?;
        }
        let number = body.number.unwrap_or_default();
        Ok(changed(rows, format!("{} {number}", body.title).trim()))
    }

    pub(super) fn instrument_voided(&self) -> Reading {
        let (body, case) = read!(self, InstrumentVoided);
        let ids = (body.instrument_id.as_str(), case.case_id.as_str());
        let rows = instruments::void(self.on, ids, &body.reason)?;
        Ok(changed(rows, body.number.unwrap_or_default()))
    }

    pub(super) fn instrument_delivered(&self) -> Reading {
        let (body, case) = read!(self, InstrumentDelivered);
        let delivery = json!({
            "method": body.method,
            "recipient": body.recipient,
            "delivered_at": self.event_at(),
            "note": body.note,
            "witness_name": body.witness_name,
        });
        let Some(instrument) = self.instrument_of(&case.case_id, &body.instrument_id)? else {
            return Ok(changed(0, ""));
        };
        let mut clocks: Vec<ClockBody> = serde_json::from_str(&instrument.clocks)?;
        let owner = (
            body.instrument_id.as_str(),
            Some(body.instrument_id.as_str()),
        );
        self.put_clocks_of(&case.case_id, owner, &body.clocks)?;
        clocks.retain(|clock| body.clocks.iter().all(|started| started.name != clock.name));
        clocks.extend(body.clocks);
        let clocks = serde_json::to_string(&clocks)?;
        let ids = (body.instrument_id.as_str(), case.case_id.as_str());
        let rows = instruments::deliver(self.on, ids, &delivery.to_string(), &clocks)?;
        Ok(changed(rows, self.title_of(&body.instrument_id)?))
    }

    pub(super) fn printed(&self) -> Reading {
        let (body, case) = read!(self, PrintEvent);
        let Some(instrument) = self.instrument_of(&case.case_id, &body.instrument_id)? else {
            return Ok(changed(0, ""));
        };
        if let Some(sheet_no) = &body.sheet_no {
            let used = Use {
                use_id: &body.job_id,
                instrument_id: &body.instrument_id,
                writer: self.entry.header.writer.as_str(),
                mode: seals::SHEET,
                number: Some(sheet_no),
                is_spent: !matches!(body.state.as_str(), "failed" | "cancelled"),
            };
            seals::put_use(self.on, &used)?;
        }
        let copy = PaperCopy {
            job_id: body.job_id,
            copy_no: body.copy_no,
            copy_name: body.copy_name.clone(),
            is_reprint: body.is_reprint,
            state: body.state,
            changed_at: self.event_at(),
        };
        instruments::put_copy(self.on, &body.instrument_id, &copy)?;
        Ok(Ok(format!("{} {}", instrument.title, body.copy_name)))
    }

    pub(super) fn sheet_spoiled(&self) -> Reading {
        let body: SheetSpoiled = match self.body() {
            Ok(body) => body,
            Err(reason) => return Ok(Err(reason)),
        };
        let writer = self.entry.header.writer.as_str();
        seals::put_spoiled(
            self.on,
            (&body.sheet_no, writer),
            &body.reason,
            &self.event_at(),
        )?;
        Ok(Ok(body.sheet_no))
    }

    fn instrument_of(
        &self,
        case_id: &str,
        instrument_id: &str,
    ) -> Result<Option<Instrument>, crate::Failure> {
        let found = instruments::by_id(self.on, instrument_id)?;
        Ok(found.filter(|instrument| instrument.case_id == case_id))
    }

    fn title_of(&self, instrument_id: &str) -> Result<String, crate::Failure> {
        let instrument = instruments::by_id(self.on, instrument_id)?;
        Ok(instrument
            .map(|instrument| instrument.title)
            .unwrap_or_default())
    }
}
