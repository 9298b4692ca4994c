//! A PDF that somebody brings, and the PDF that headquarters keeps, against what the journals say.

use std::io::ErrorKind;

use contract::BoundaryError;
use journal::Hash;
use paper::{Verdict, VerifyFault};
use serde_json::Value;

use super::again::{Setting, Shelf, Since};
use super::record::{Copy, EntryPlace, Record, build, records};
use crate::clock::time_text;
use crate::console::{failed, not_found};
use crate::contract::console::{CheckPaper, PaperChecked};
use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::store::people::Session;
use crate::store::{acts, instruments, papers};

/// Values that are others are named up to this many.
const DIFFERENCES_MAX: usize = 20;
const BUILD: &str = env!("CARGO_PKG_VERSION");

/// What a file and the journals say about each other.
#[derive(Debug, Clone, PartialEq)]
pub struct PaperReport {
    pub sha256: String,
    pub claim: Claim,
    pub found: Found,
}

/// What the file says it is; nothing of it is checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    pub document_id: Option<String>,
    pub number: Option<String>,
    pub case_id: Option<String>,
    pub agency: Option<String>,
    pub issued_on: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// No PDF, or damaged so that nothing in it can be read.
    Unreadable,
    /// The file names another agency, and the journals know no such instrument.
    OtherAgency {
        own: String,
    },
    Unknown,
    Known(Box<Known>),
}

/// An instrument of the journals, and how the file stands to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    pub title: String,
    pub number: Option<String>,
    pub issued_at: String,
    pub voided_reason: Option<String>,
    pub entry: EntryPlace,
    /// Why the series the entry stands in does not verify.
    pub series_fault: Option<String>,
    /// SHA-256 of the PDF that was issued.
    pub issued_sha256: String,
    /// The file is byte for byte the issued one.
    pub is_issued: bool,
    /// The copy the journals know these bytes as, where they are not the issued ones.
    pub copy: Option<Copy>,
    pub set_again: SetAgain,
    /// Empty where the values in the file cannot be read.
    pub differences: Vec<Difference>,
    pub issued_build: Option<String>,
    pub own_build: String,
}

/// What setting the sheet again says about the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetAgain {
    Same,
    /// 盖章件 – the same with the seal of this number, which headquarters put on since.
    SameSealed(String),
    /// 存卷件 – the same with the opinions that were given since.
    SameWithOpinions,
    OtherValues,
    OtherPages,
    /// It cannot be set again before this is here.
    Missing(Vec<String>),
}

/// A value that stands otherwise in the file than in the journals; `None` where it is absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub path: String,
    pub in_journal: Option<String>,
    pub in_file: Option<String>,
}

impl PaperReport {
    /// The issued file, as its terminal made it or as headquarters sealed it, in a series that verifies.
    pub fn is_sound(&self) -> bool {
        match &self.found {
            Found::Known(known) => {
                let is_same = match &known.set_again {
                    SetAgain::Same => known.is_issued,
                    SetAgain::SameSealed(_) => true,
                    SetAgain::SameWithOpinions
                    | SetAgain::OtherValues
                    | SetAgain::OtherPages
                    | SetAgain::Missing(_) => false,
                };
                is_same && known.series_fault.is_none()
            }
            Found::Unreadable | Found::OtherAgency { .. } | Found::Unknown => false,
        }
    }
}

impl Headquarters {
    /// Says of any file whether it is an instrument that was issued here.
    pub fn check_pdf(&self, pdf: &[u8]) -> Result<PaperReport, Failure> {
        let sha256 = Hash::of(pdf).to_string();
        let Some(inside) = paper::inside(pdf) else {
            return Ok(PaperReport {
                sha256,
                claim: Claim::default(),
                found: Found::Unreadable,
            });
        };
        let values = inside.values.as_deref().map(serde_json::from_slice);
        let values: Value = values.and_then(Result::ok).unwrap_or_default();
        let claim = claim_of(inside.document_id, &values);
        let found = match self.claimed(&claim, inside.values.as_deref())? {
            Some((case_id, record)) => {
                Found::Known(Box::new(self.known(&case_id, &record, pdf, &values)?))
            }
            None => {
                let own = self.foundation()?.agency_text("name");
                match &claim.agency {
                    Some(agency) if *agency != own => Found::OtherAgency { own },
                    Some(_) | None => Found::Unknown,
                }
            }
        };
        Ok(PaperReport {
            sha256,
            claim,
            found,
        })
    }

    /// The instrument a file claims to be: by its id, else by its content, else by its number.
    fn claimed(
        &self,
        claim: &Claim,
        values: Option<&[u8]>,
    ) -> Result<Option<(String, Record)>, Failure> {
        self.read(|on| {
            let mut ids: Vec<String> = claim.document_id.iter().cloned().collect();
            if let Some(values) = values {
                ids.extend(papers::with_content(on, &Hash::of(values).to_string())?);
            }
            if let Some(number) = &claim.number {
                let numbered = instruments::papers(on, number)?.into_iter();
                ids.extend(numbered.map(|instrument| instrument.instrument_id));
            }
            for id in ids {
                let Some(instrument) = instruments::by_id(on, &id)? else {
                    continue;
                };
                if let Some(record) = records(on, &instrument.case_id)?.remove(&id) {
                    return Ok(Some((instrument.case_id, record)));
                }
            }
            Ok(None)
        })
    }

    fn known(
        &self,
        case_id: &str,
        record: &Record,
        pdf: &[u8],
        values: &Value,
    ) -> Result<Known, Failure> {
        let issued = &record.issued;
        let sha256 = Hash::of(pdf).to_string();
        let health = self.verify_stored(&record.entry.writer, record.entry.epoch)?;
        let set_again = self.compared(case_id, record, pdf)?;
        let mut differences = Vec::new();
        if set_again == SetAgain::OtherValues && !values.is_null() {
            differ("", Some(&issued.value), Some(values), &mut differences);
            differences.truncate(DIFFERENCES_MAX);
        }
        let (instrument, issued_build) = self.read(|on| {
            let instrument = instruments::by_id(on, &issued.instrument_id)?;
            Ok((instrument, build(on, &record.entry)?))
        })?;
        let is_issued = sha256 == issued.pdf.sha256;
        let mut copies = record.copies.iter().filter(|_| !is_issued);
        Ok(Known {
            title: issued.title.clone(),
            number: issued.number.clone(),
            issued_at: record.issued_at.clone(),
            voided_reason: instrument.and_then(|instrument| instrument.voided_reason),
            entry: record.entry.clone(),
            series_fault: health.fault,
            issued_sha256: issued.pdf.sha256.clone(),
            is_issued,
            copy: copies.find(|copy| copy.sha256 == sha256).cloned(),
            set_again,
            differences,
            issued_build,
            own_build: BUILD.to_owned(),
        })
    }

    fn compared(&self, case_id: &str, record: &Record, pdf: &[u8]) -> Result<SetAgain, Failure> {
        let mut shelf = Shelf::default();
        let again = match self.set_again(&mut shelf, case_id, record)? {
            Setting::Ready(again) => again,
            Setting::Missing(missing) => return Ok(SetAgain::Missing(missing)),
        };
        let fonts = self.fonts.fonts()?;
        let verdict = paper::verify(fonts, &again.sheet(), pdf).map_err(not_set)?;
        if verdict == Verdict::Same {
            return Ok(SetAgain::Same);
        }
        let acts = self.read(|on| Ok(acts::of_case(on, case_id)?))?;
        let since = match shelf.pack(self, &record.pack)? {
            Some(pack) => self.since(&pack, record, &acts)?,
            None => Since::default(),
        };
        let is_so = |since: &Since| -> Result<bool, Failure> {
            let again = again.with(since);
            let verdict = paper::verify(fonts, &again.sheet(), pdf).map_err(not_set)?;
            Ok(verdict == Verdict::Same)
        };
        if !since.opinions.is_empty() && is_so(&since)? {
            return Ok(SetAgain::SameWithOpinions);
        }
        if let Some(seal) = since.seal {
            let number = seal.number().to_owned();
            let sealed = Since {
                seal: Some(seal),
                ..Since::default()
            };
            if is_so(&sealed)? {
                return Ok(SetAgain::SameSealed(number));
            }
        }
        Ok(match verdict {
            Verdict::Same => SetAgain::Same,
            Verdict::OtherValues => SetAgain::OtherValues,
            Verdict::OtherPages => SetAgain::OtherPages,
        })
    }

    /// Checks the PDF that headquarters keeps of an instrument; recorded before anything is compared.
    pub(crate) fn check_paper(
        &self,
        session: &Session,
        request: &CheckPaper,
    ) -> Result<PaperChecked, BoundaryError> {
        let id = &request.instrument_id;
        let purpose = crate::console::purpose(&request.purpose)?;
        let found = self
            .read(|on| {
                let Some(instrument) = instruments::by_id(on, id)? else {
                    return Ok(None);
                };
                let record = records(on, &instrument.case_id)?.remove(id);
                Ok(record.map(|record| (instrument.case_id, record)))
            })
            .map_err(failed)?;
        let (case_id, record) = found.ok_or_else(|| not_found("instrument", id))?;
        self.record_view(session, ("paper", id), Some(&case_id), &purpose)
            .map_err(failed)?;
        self.check_kept(&case_id, &record).map_err(failed)
    }

    fn check_kept(&self, case_id: &str, record: &Record) -> Result<PaperChecked, Failure> {
        let issued = &record.issued;
        let kept = match self.bytes_of(&serde_json::to_string(&issued.pdf)?) {
            // It was here, and no terminal sends it again.
            Err(Failure::File { source, .. }) if source.kind() == ErrorKind::NotFound => {
                Some(Vec::new())
            }
            kept => kept?,
        };
        let is_issued = kept
            .as_ref()
            .is_some_and(|pdf| Hash::of(pdf).to_string() == issued.pdf.sha256);
        let compared = match &kept {
            Some(pdf) => self.compared(case_id, record, pdf)?,
            None => SetAgain::Missing(vec![issued.title.clone()]),
        };
        let (verdict, missing) = match compared {
            SetAgain::Same => ("same", Vec::new()),
            SetAgain::OtherValues | SetAgain::SameWithOpinions => ("other_values", Vec::new()),
            SetAgain::OtherPages | SetAgain::SameSealed(_) => ("other_pages", Vec::new()),
            SetAgain::Missing(missing) => ("not_here", missing),
        };
        let issued_build = self.read(|on| build(on, &record.entry))?;
        Ok(PaperChecked {
            instrument_id: issued.instrument_id.clone(),
            verdict: verdict.to_owned(),
            is_issued,
            missing,
            issued_build: issued_build.unwrap_or_default(),
            own_build: BUILD.to_owned(),
            checked_at: time_text(&self.clock.now()),
        })
    }
}

fn not_set(fault: VerifyFault) -> Failure {
    Failure::Paper(crate::causes(&fault))
}

fn claim_of(document_id: Option<String>, values: &Value) -> Claim {
    let text = |path: &str| {
        let found = values.pointer(path).and_then(Value::as_str);
        found.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    Claim {
        document_id,
        number: text("/number"),
        case_id: text("/case/id"),
        agency: text("/agency/name"),
        issued_on: text("/issued_on"),
    }
}

/// Every path at which two values differ, down to what is neither an object nor a list.
fn differ(
    path: &str,
    in_journal: Option<&Value>,
    in_file: Option<&Value>,
    found: &mut Vec<Difference>,
) {
    if in_journal == in_file || found.len() >= DIFFERENCES_MAX {
        return;
    }
    let under = |key: &str| match path {
        "" => key.to_owned(),
        _ => format!("{path}.{key}"),
    };
    match (in_journal, in_file) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let only_other = other.keys().filter(|key| !one.contains_key(*key));
            for key in one.keys().chain(only_other) {
                differ(&under(key), one.get(key), other.get(key), found);
            }
        }
        (Some(Value::Array(one)), Some(Value::Array(other))) => {
            for at in 0..one.len().max(other.len()) {
                differ(&under(&at.to_string()), one.get(at), other.get(at), found);
            }
        }
        _ => found.push(Difference {
            path: path.to_owned(),
            in_journal: in_journal.map(Value::to_string),
            in_file: in_file.map(Value::to_string),
        }),
    }
}
