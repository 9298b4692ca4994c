//! The console's commands. Looking is recorded before the answer leaves (D46).

mod case_view;
mod dossier;
mod files;
mod health;

use std::cell::RefCell;
use std::path::PathBuf;

use chrono::NaiveDate;
use contract::{BoundaryError, Code};
use journal::body::{HqRecordViewed, RosterOfficer};
use journal::{Hash, Kind};
use law::{Credential, CredentialStatus, Refusal};

pub(crate) use case_view::{object_row, officers as officers_of};
pub(crate) use dossier::FontCase;
pub use files::StreamViews;

use crate::contract::console::{
    CaseList, CaseRow, CaseView, CasesQuery, CheckPaper, Empty, EntryView, Handlers, JournalHealth,
    Login as LoginRequest, Me, NumberBlockRow, OfficerRow, OfficerRows, PaperChecked, ReadCase,
    ReadEntry, TerminalRow, TerminalRows, ViewList, ViewRow, ViewsQuery,
};
use crate::contract::office::{
    AnswerSupervision, ApprovalCodes, Approve, Approved, CaseClocks, CodeRows, Deliberate,
    Disclose, Disclosed, DisclosureList, DisclosurePreview, DisclosuresQuery, Duties,
    GrantInspectionCode, HandOutSheets, InspectionCode, PreviewDisclosure, PublishApprovalCodes,
    Queue, ReadClocks, ReadReview, Recorded, RegisterSupervision, Review, ReviewDisclosure,
    ReviewSheet, Reviewed, RevokeDecision, Revoked, SealInstrument, SealLedger,
    SupervisionRegistered, WithdrawDisclosure,
};
use crate::failure::Failure;
use crate::headquarters::{Headquarters, Writing};
use crate::login::Login;
use crate::office::Rules;
use crate::store::people::Session;
use crate::store::views::{self, View};
use crate::store::{cases, instruments, journals, terminals};

const PAGE_MAX: u32 = 200;
const PURPOSE_CHARS_MAX: usize = 200;

/// A file that a signed-in user may read; opening it has been recorded.
#[derive(Debug)]
pub struct OpenedFile {
    pub path: PathBuf,
    pub size_bytes: u64,
    pub media_type: String,
    pub sha256: Hash,
}

/// One call from the console: the cookie it came with, and the cookie it leaves with.
pub struct ConsoleCall<'a> {
    hq: &'a Headquarters,
    token: Option<String>,
    address: String,
    cookie: RefCell<Option<Cookie>>,
}

/// What the answer does to the cookie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cookie {
    Set(String),
    Clear,
}

impl<'a> ConsoleCall<'a> {
    pub fn new(hq: &'a Headquarters, token: Option<String>, address: impl Into<String>) -> Self {
        Self {
            hq,
            token,
            address: address.into(),
            cookie: RefCell::new(None),
        }
    }

    pub fn cookie(&self) -> Option<Cookie> {
        self.cookie.borrow().clone()
    }

    fn session(&self) -> Result<Session, BoundaryError> {
        self.hq.signed_in(self.token.as_deref())
    }

    fn me_of(&self, session: &Session) -> Result<Me, BoundaryError> {
        let foundation = self.hq.foundation().map_err(failed)?;
        Ok(Me {
            user: session.user.clone(),
            name: session.name.clone(),
            role: session.functions.first().cloned().unwrap_or_default(),
            functions: session.functions.clone(),
            agency_name: foundation.agency_text("name"),
            signed_in_at: session.signed_in_at.clone(),
            now: crate::clock::time_text(&self.hq.clock.now()),
            example: foundation.example,
        })
    }
}

/// A failure as the screen sees it: a number under which the log tells the rest.
pub fn failed(failure: Failure) -> BoundaryError {
    let incident = uuid::Uuid::new_v4().simple().to_string();
    let incident: String = incident.chars().take(8).collect();
    tracing::error!(
        incident,
        causes = crate::failure::causes(&failure),
        "a command failed"
    );
    BoundaryError::new(Code::Failure).with_incident(incident)
}

pub(crate) fn not_found(what: &str, id: &str) -> BoundaryError {
    BoundaryError::new(Code::NotFound)
        .with("what", what)
        .with("id", id)
}

pub(crate) fn bad_request(reason: &str) -> BoundaryError {
    BoundaryError::new(Code::BadRequest).with("reason", reason)
}

/// 调阅事由 – a record is not looked at without a reason.
pub(crate) fn purpose(text: &str) -> Result<String, BoundaryError> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err(bad_request("purpose")),
        1..=PURPOSE_CHARS_MAX => Ok(text.to_owned()),
        _ => Err(BoundaryError::new(Code::TooLarge).with("field", "purpose")),
    }
}

impl Headquarters {
    /// Writes down who looks at what and why; only after this has committed may the answer leave.
    pub(crate) fn record_view(
        &self,
        session: &Session,
        (what, id): (&str, &str),
        case_id: Option<&str>,
        purpose: &str,
    ) -> Result<(), Failure> {
        self.write(|writing: &mut Writing<'_>| {
            let body = HqRecordViewed {
                v: 1,
                user: session.user.clone(),
                what: what.to_owned(),
                id: id.to_owned(),
                case_id: case_id.map(str::to_owned),
                purpose: purpose.to_owned(),
            };
            let idx = writing.record(Kind::HqRecordViewed, &body)?;
            let view = View {
                idx,
                viewed_at: writing.now_text.clone(),
                user: body.user,
                user_name: session.name.clone(),
                what: body.what,
                id: body.id,
                case_id: body.case_id,
                purpose: body.purpose,
            };
            Ok(views::put(writing.on, &view)?)
        })
    }
}

impl Handlers for ConsoleCall<'_> {
    fn login(&self, request: LoginRequest) -> Result<Me, BoundaryError> {
        let login = self
            .hq
            .login(&request.user, &request.password, &self.address)
            .map_err(failed)?;
        match login {
            Login::SignedIn { token, session } => {
                *self.cookie.borrow_mut() = Some(Cookie::Set(token));
                self.me_of(&session)
            }
            Login::Wrong { retry_after_s } => {
                Err(BoundaryError::new(Code::WrongSecret).with("retry_after_s", retry_after_s))
            }
            Login::Delayed { retry_after_s } => {
                Err(BoundaryError::new(Code::Delayed).with("retry_after_s", retry_after_s))
            }
        }
    }

    fn logout(&self, _: Empty) -> Result<Empty, BoundaryError> {
        if let Some(token) = &self.token {
            self.hq.logout(token).map_err(failed)?;
        }
        *self.cookie.borrow_mut() = Some(Cookie::Clear);
        Ok(Empty {})
    }

    fn me(&self, _: Empty) -> Result<Me, BoundaryError> {
        self.me_of(&self.session()?)
    }

    fn cases(&self, query: CasesQuery) -> Result<CaseList, BoundaryError> {
        self.session()?;
        let after = match &query.after {
            Some(after) => Some(after.split_once('|').ok_or_else(|| bad_request("after"))?),
            None => None,
        };
        let limit = query.limit.clamp(1, PAGE_MAX);
        let sought = cases::sought(&query.text);
        self.hq
            .read(|on| {
                let names = terminal_names(on)?;
                let found = cases::search(on, &sought, after, limit)?;
                let next = found
                    .last()
                    .filter(|_| u32::try_from(found.len()) == Ok(limit))
                    .map(|last| format!("{}|{}", last.opened_at, last.case_id));
                let rows = found.into_iter().map(|case| {
                    let (instruments_issued, evidence, not_understood, missing) =
                        cases::counts(on, &case.case_id)?;
                    Ok(CaseRow {
                        terminal_name: name_of(&names, &case.writer),
                        officers: case_view::officers(&case.officers)
                            .into_iter()
                            .map(|officer| officer.name)
                            .collect(),
                        case_id: case.case_id,
                        opened_at: case.opened_at,
                        received_at: case.received_at,
                        party_name: case.party_name,
                        plate: case.plate,
                        place_text: case.place_text,
                        instruments_issued,
                        evidence,
                        is_complete: missing == 0,
                        not_understood,
                    })
                });
                let cases_found = rows.collect::<Result<_, Failure>>()?;
                Ok(CaseList {
                    cases: cases_found,
                    next,
                    total: cases::count(on, &sought)?,
                })
            })
            .map_err(failed)
    }

    fn case(&self, request: ReadCase) -> Result<CaseView, BoundaryError> {
        let session = self.session()?;
        let purpose = purpose(&request.purpose)?;
        let case_id = &request.case_id;
        let known = self
            .hq
            .read(|on| Ok(cases::case(on, case_id)?))
            .map_err(failed)?;
        let case = known.ok_or_else(|| not_found("case", case_id))?;
        self.hq
            .record_view(&session, ("case", case_id), Some(case_id), &purpose)
            .map_err(failed)?;
        let foundation = self.hq.foundation().map_err(failed)?;
        let rules = Rules::in_force(self.hq, &foundation).map_err(failed)?;
        let now = self.hq.clock.now();
        self.hq
            .read(|on| case_view::read(on, &rules, now, case))
            .map_err(failed)
    }

    fn entry(&self, request: ReadEntry) -> Result<EntryView, BoundaryError> {
        let session = self.session()?;
        let purpose = purpose(&request.purpose)?;
        let id = format!("{}/{}/{}", request.writer, request.epoch, request.idx);
        let row = self
            .hq
            .read(|on| {
                Ok(journals::entry(
                    on,
                    &request.writer,
                    request.epoch,
                    request.idx,
                )?)
            })
            .map_err(failed)?
            .ok_or_else(|| not_found("entry", &id))?;
        self.hq
            .record_view(&session, ("entry", &id), row.case_id.as_deref(), &purpose)
            .map_err(failed)?;
        let frame = String::from_utf8_lossy(&row.frame);
        let mut lines = frame.split('\n').map(str::to_owned);
        let mut line = || lines.next().unwrap_or_default();
        Ok(EntryView {
            header: line(),
            salt: line(),
            body: line(),
            signature: line(),
            hash: row.hash,
            is_understood: row.not_understood.is_none(),
        })
    }

    fn check_paper(&self, request: CheckPaper) -> Result<PaperChecked, BoundaryError> {
        self.hq.check_paper(&self.session()?, &request)
    }

    fn terminals(&self, _: Empty) -> Result<TerminalRows, BoundaryError> {
        self.session()?;
        self.hq.read(terminal_rows).map_err(failed)
    }

    fn officers(&self, _: Empty) -> Result<OfficerRows, BoundaryError> {
        self.session()?;
        let today = self.hq.clock.now().date_naive();
        let foundation = self.hq.foundation().map_err(failed)?;
        let roster = self.hq.officers().map_err(failed)?;
        let officers = roster
            .into_iter()
            .map(|officer| OfficerRow {
                standing: standing(&officer, today).to_owned(),
                photo: portrait_path(&officer),
                officer_id: officer.officer_id,
                name: officer.name,
                unit: officer.unit,
                post: officer.post,
                credential_no: officer.credential_no,
                category: officer.category,
                area: officer.area,
                valid_from: officer.valid_from,
                valid_to: officer.valid_to,
            })
            .collect();
        Ok(OfficerRows {
            roster_version: foundation.roster_version,
            officers,
        })
    }

    fn views(&self, query: ViewsQuery) -> Result<ViewList, BoundaryError> {
        self.session()?;
        let before = match &query.after {
            Some(after) => Some(after.parse().map_err(|_| bad_request("after"))?),
            None => None,
        };
        let limit = query.limit.clamp(1, PAGE_MAX);
        let (case_id, user) = (query.case_id.as_deref(), query.user.as_deref());
        self.hq
            .read(|on| {
                let found = views::list(on, case_id, user, before, limit)?;
                let next = found
                    .last()
                    .filter(|_| u32::try_from(found.len()) == Ok(limit))
                    .map(|last| last.idx.to_string());
                let total = views::count(on, case_id, user)?;
                Ok(ViewList {
                    views: found.into_iter().map(view_row).collect(),
                    next,
                    total,
                })
            })
            .map_err(failed)
    }

    fn journal_health(&self, _: Empty) -> Result<JournalHealth, BoundaryError> {
        self.session()?;
        self.hq.journal_health().map_err(failed)
    }

    fn queue(&self, _: Empty) -> Result<Queue, BoundaryError> {
        self.hq.queue(&self.session()?)
    }

    fn clocks(&self, request: ReadClocks) -> Result<CaseClocks, BoundaryError> {
        self.session()?;
        self.hq.clocks(&request.case_id)
    }

    fn approve(&self, request: Approve) -> Result<Approved, BoundaryError> {
        self.hq
            .approve(&self.session()?, &request)
            .map_err(|error| self.hq.with_basis(error))
    }

    fn review_sheet(&self, request: ReadReview) -> Result<ReviewSheet, BoundaryError> {
        self.session()?;
        self.hq.review_sheet(&request.instrument_id)
    }

    fn review(&self, request: Review) -> Result<Reviewed, BoundaryError> {
        self.hq
            .review(&self.session()?, &request)
            .map_err(|error| self.hq.with_basis(error))
    }

    fn deliberate(&self, request: Deliberate) -> Result<Recorded, BoundaryError> {
        self.hq
            .deliberate(&self.session()?, &request)
            .map_err(|error| self.hq.with_basis(error))
    }

    fn revoke_decision(&self, request: RevokeDecision) -> Result<Revoked, BoundaryError> {
        self.hq
            .revoke_decision(&self.session()?, &request)
            .map_err(|error| self.hq.with_basis(error))
    }

    fn disclosure_preview(
        &self,
        request: PreviewDisclosure,
    ) -> Result<DisclosurePreview, BoundaryError> {
        self.hq.disclosure_preview(&self.session()?, &request)
    }

    fn review_disclosure(
        &self,
        request: ReviewDisclosure,
    ) -> Result<DisclosurePreview, BoundaryError> {
        self.hq
            .review_disclosure(&self.session()?, &request)
            .map_err(|error| self.hq.with_basis(error))
    }

    fn disclose(&self, request: Disclose) -> Result<Disclosed, BoundaryError> {
        self.hq
            .disclose(&self.session()?, &request)
            .map_err(|error| self.hq.with_basis(error))
    }

    fn withdraw_disclosure(&self, request: WithdrawDisclosure) -> Result<Recorded, BoundaryError> {
        self.hq
            .withdraw_disclosure(&self.session()?, &request)
            .map_err(|error| self.hq.with_basis(error))
    }

    fn disclosures(&self, query: DisclosuresQuery) -> Result<DisclosureList, BoundaryError> {
        self.session()?;
        self.hq.disclosures(&query)
    }

    fn grant_inspection_code(
        &self,
        request: GrantInspectionCode,
    ) -> Result<InspectionCode, BoundaryError> {
        self.hq
            .grant_inspection_code(&self.session()?, &request)
            .map_err(|error| self.hq.with_basis(error))
    }

    fn publish_approval_codes(
        &self,
        request: PublishApprovalCodes,
    ) -> Result<ApprovalCodes, BoundaryError> {
        self.hq
            .publish_approval_codes(&self.session()?, &request)
            .map_err(|error| self.hq.with_basis(error))
    }

    fn codes(&self, _: Empty) -> Result<CodeRows, BoundaryError> {
        self.hq.codes(&self.session()?)
    }

    fn seal_instrument(&self, request: SealInstrument) -> Result<Recorded, BoundaryError> {
        let sealed = self.hq.seal_instrument(&self.session()?, &request);
        sealed.map_err(|error| self.hq.with_basis(error))
    }

    fn hand_out_sheets(&self, request: HandOutSheets) -> Result<Recorded, BoundaryError> {
        let handed_out = self.hq.hand_out_sheets(&self.session()?, &request);
        handed_out.map_err(|error| self.hq.with_basis(error))
    }

    fn seal_ledger(&self, _: Empty) -> Result<SealLedger, BoundaryError> {
        self.session()?;
        self.hq.seal_ledger()
    }

    fn duties(&self, _: Empty) -> Result<Duties, BoundaryError> {
        self.session()?;
        self.hq.duties()
    }

    fn register_supervision(
        &self,
        request: RegisterSupervision,
    ) -> Result<SupervisionRegistered, BoundaryError> {
        let session = self.session()?;
        let registered = self.hq.register_supervision(&session, &request);
        registered.map_err(|error| self.hq.with_basis(error))
    }

    fn answer_supervision(&self, request: AnswerSupervision) -> Result<Recorded, BoundaryError> {
        let session = self.session()?;
        let answered = self.hq.answer_supervision(&session, &request);
        answered.map_err(|error| self.hq.with_basis(error))
    }
}

fn terminal_names(
    on: &rusqlite::Connection,
) -> Result<std::collections::HashMap<String, String>, Failure> {
    let all = terminals::all(on)?;
    Ok(all
        .into_iter()
        .map(|terminal| (terminal.writer, terminal.terminal_name))
        .collect())
}

fn name_of(names: &std::collections::HashMap<String, String>, writer: &str) -> String {
    names.get(writer).cloned().unwrap_or_default()
}

fn terminal_rows(on: &rusqlite::Connection) -> Result<TerminalRows, Failure> {
    let forks = journals::forks(on)?;
    let rows = terminals::all(on)?.into_iter().map(|terminal| {
        let blocks = terminals::blocks(on, &terminal.writer)?
            .into_iter()
            .map(|block| {
                let used =
                    instruments::used_numbers(on, &block.series, block.year, block.from, block.to)?;
                Ok(NumberBlockRow {
                    series: block.series,
                    year: block.year,
                    pattern: block.pattern,
                    from: block.from,
                    to: block.to,
                    used,
                })
            });
        let blocks = blocks.collect::<Result<_, Failure>>()?;
        let epoch = journals::last_epoch(on, &terminal.writer)?.unwrap_or(terminal.epoch);
        let series = journals::series(on, &terminal.writer, epoch)?;
        let forks = forks
            .iter()
            .filter(|fork| fork.writer == terminal.writer)
            .count();
        Ok(TerminalRow {
            entries: series
                .as_ref()
                .map_or(0, |series| series.head_idx.saturating_add(1)),
            head_hash: series.as_ref().map(|series| series.head_hash.clone()),
            last_received_at: series.map(|series| series.last_received_at),
            forks: u32::try_from(forks).unwrap_or(u32::MAX),
            media_pending: cases::pending_objects(on, &terminal.writer)?,
            writer: terminal.writer,
            terminal_name: terminal.terminal_name,
            enrolled_at: terminal.enrolled_at,
            key_class: terminal.key_class,
            epoch,
            blocks,
        })
    });
    Ok(TerminalRows {
        terminals: rows.collect::<Result<_, Failure>>()?,
    })
}

pub(crate) fn view_row(view: View) -> ViewRow {
    ViewRow {
        idx: view.idx,
        viewed_at: view.viewed_at,
        user: view.user,
        user_name: view.user_name,
        what: view.what,
        id: view.id,
        case_id: view.case_id,
        purpose: view.purpose,
    }
}

/// How an officer of the roster stands on a day, in one word.
pub(crate) fn standing(officer: &RosterOfficer, on: NaiveDate) -> &'static str {
    let Some(credential) = credential(officer) else {
        return "unknown";
    };
    match law::standing(&credential, on) {
        Ok(()) => "valid",
        Err(Refusal::CredentialExpired { .. }) => "expired",
        Err(Refusal::CredentialNotYetValid { .. }) => "not_yet_valid",
        Err(Refusal::CredentialSuspended { .. }) => "suspended",
        Err(Refusal::NotAnOfficer { .. }) => "not_an_officer",
        Err(_) => "unknown",
    }
}

fn credential(officer: &RosterOfficer) -> Option<Credential> {
    Some(Credential {
        credential_no: officer.credential_no.clone(),
        valid_from: officer.valid_from.parse().ok()?,
        valid_to: officer.valid_to.parse().ok()?,
        status: CredentialStatus::parse(&officer.status)?,
        is_officer: officer.is_officer,
        category: officer.category.clone(),
        area: officer.area.clone(),
    })
}

pub(crate) fn portrait_path(officer: &RosterOfficer) -> Option<String> {
    officer
        .photo_sha256
        .as_ref()
        .map(|sha256| format!("public/portrait/{sha256}"))
}
