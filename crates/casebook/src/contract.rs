//! The terminal's command list: every request and response between screens and the casebook.
//!
//! Times are RFC 3339 text with offset, dates `YYYY-MM-DD`, money integer 分, sizes bytes. Ids are opaque text.

mod case;
mod evidence;
mod instrument;
mod law;
mod printing;
mod session;
mod sync;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

pub use case::*;
pub use evidence::*;
pub use instrument::*;
pub use law::*;
pub use printing::*;
pub use session::*;
pub use sync::*;

contract::wire! { "terminal.ts";
    /// No arguments.
    struct Empty {}
}

contract::commands! {
    /// The terminal's handlers.
    pub trait Handlers;

    start_state: Empty => StartState, on [Officer, Party], reads ["session"];
    sign_in: SignIn => StartState, on [Officer], acts ["session", "cases"];
    set_pin: SetPin => StartState, on [Officer], acts ["session"];
    /// Ends the session; the session key is erased.
    lock: Empty => StartState, on [Officer], acts ["session"];

    present: Present => PresentationView, on [Officer], acts ["session", "cases", "case"];
    badge: Empty => BadgeView, on [Officer, Party], reads ["session", "badge"];

    check_party: CheckParty => Findings, on [Officer], reads [];
    open_inspection: OpenInspection => CaseView, on [Officer], acts ["cases", "case", "sync"];
    amend_case: AmendCase => CaseView, on [Officer], acts ["cases", "case", "instrument", "sync"];
    cases: ListCases => CaseList, on [Officer], reads ["cases"];
    case: CaseId => CaseView, on [Officer], reads ["case"];

    notice_texts: CaseId => NoticeTexts, on [Officer, Party], reads ["pack"];
    tell_notice: TellNotice => CaseView, on [Officer], acts ["case", "instrument", "sync"];

    forms: CaseId => FormRows, on [Officer], reads ["case", "pack"];
    violations: SearchViolations => ViolationRows, on [Officer], reads ["pack"];
    search_law: SearchLaw => LawHits, on [Officer], reads ["pack"];
    recent_parties: SearchParties => RecentParties, on [Officer], reads ["cases"];
    propose_discretion: ProposeDiscretion => DiscretionView, on [Officer], acts ["case", "sync"];
    start_instrument: StartInstrument => InstrumentView, on [Officer], acts ["case", "cases", "sync"];
    instrument: InstrumentId => InstrumentView, on [Officer], reads ["instrument"];
    save_draft: SaveDraft => DraftSaved, on [Officer], acts ["instrument", "case", "sync"];
    /// The findings for a value that is not saved.
    check_draft: SaveDraft => Findings, on [Officer], reads [];
    sign_instrument: SignInstrument => InstrumentView, on [Officer, Party], acts ["instrument", "case", "sync"];
    issue_instrument: InstrumentId => Issued, on [Officer], acts ["instrument", "case", "cases", "sync"];
    void_instrument: VoidInstrument => InstrumentView, on [Officer], acts ["instrument", "case", "cases", "sync"];
    deliver_instrument: DeliverInstrument => InstrumentView, on [Officer], acts ["instrument", "case", "sync"];

    record_approval: RecordApproval => CaseView, on [Officer], acts ["case", "instrument", "sync"];
    flag_case: FlagCase => CaseView, on [Officer], acts ["case", "instrument", "sync"];
    record_payment: RecordPayment => CaseView, on [Officer], acts ["case", "sync"];
    check_inspection_code: CheckInspectionCode => CodeChecked, on [Officer], acts ["case", "sync"];
    check_case: CaseId => CaseCheck, on [Officer], acts ["case", "sync"];
    close_case: CloseCase => CaseView, on [Officer], acts ["case", "cases", "sync"];

    take_photo: TakePhoto => EvidenceRow, on [Officer], acts ["case", "sync"];
    start_recording: StartRecording => RecordingState, on [Officer], acts ["recording", "case", "sync"];
    mark_recording: MarkRecording => RecordingState, on [Officer], acts ["recording", "sync"];
    stop_recording: StopRecording => RecordingState, on [Officer], acts ["recording", "case", "sync"];
    recording: Empty => RecordingState, on [Officer, Party], reads ["recording"];

    read_position: ReadPosition => Position, on [Officer], reads [];

    printers: Empty => PrinterRows, on [Officer], reads ["printers"];
    add_printer: AddPrinter => PrinterRows, on [Officer], acts ["printers"];
    set_printer: SetPrinter => PrinterRows, on [Officer], acts ["printers"];
    remove_printer: PrinterId => PrinterRows, on [Officer], acts ["printers"];
    find_printers: Empty => FoundPrinters, on [Officer], reads ["found_printers"];
    print_test_page: PrinterId => TestPage, on [Officer], acts ["printer_status"];
    printer_status: PrinterId => PrinterStatus, on [Officer], reads ["printer_status"];
    print_instrument: PrintInstrument => PrintQueue, on [Officer], acts ["print_queue", "case", "sync"];
    print_queue: Empty => PrintQueue, on [Officer], reads ["print_queue"];
    cancel_print: PrintJobId => PrintQueue, on [Officer], acts ["print_queue", "sync"];
    answer_print: AnswerPrint => PrintQueue, on [Officer], acts ["print_queue", "case", "sync"];

    seal_stock: Empty => SealStock, on [Officer], reads ["print_queue", "sync"];
    spoil_sheet: SpoilSheet => SealStock, on [Officer], acts ["print_queue", "sync"];

    sync_state: Empty => SyncState, on [Officer], reads ["sync"];
    sync_now: Empty => SyncState, on [Officer], acts ["sync", "cases", "case"];
    verify_journal: Empty => JournalReport, on [Officer], reads ["journal"];
}
