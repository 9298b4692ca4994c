// Generated from the command list in Rust. Do not edit.
import type { AddPrinter, AmendCase, AnswerPrint, BadgeView, CaseCheck, CaseId, CaseList, CaseView, CheckInspectionCode, CheckParty, CloseCase, CodeChecked, DeliverInstrument, DiscretionView, DraftSaved, Empty, EvidenceRow, Findings, FlagCase, FormRows, FoundPrinters, InstrumentId, InstrumentView, Issued, JournalReport, LawHits, ListCases, MarkRecording, NoticeTexts, OpenInspection, Position, Present, PresentationView, PrintInstrument, PrintJobId, PrintQueue, PrinterId, PrinterRows, PrinterStatus, ProposeDiscretion, ReadPosition, RecentParties, RecordApproval, RecordPayment, RecordingState, SaveDraft, SealStock, SearchLaw, SearchParties, SearchViolations, SetPin, SetPrinter, SignIn, SignInstrument, SpoilSheet, StartInstrument, StartRecording, StartState, StopRecording, SyncState, TakePhoto, TellNotice, TestPage, ViolationRows, VoidInstrument } from "./terminal";

export interface TerminalCommands {
  start_state: { request: Empty; response: StartState };
  sign_in: { request: SignIn; response: StartState };
  set_pin: { request: SetPin; response: StartState };
  lock: { request: Empty; response: StartState };
  present: { request: Present; response: PresentationView };
  badge: { request: Empty; response: BadgeView };
  check_party: { request: CheckParty; response: Findings };
  open_inspection: { request: OpenInspection; response: CaseView };
  amend_case: { request: AmendCase; response: CaseView };
  cases: { request: ListCases; response: CaseList };
  case: { request: CaseId; response: CaseView };
  notice_texts: { request: CaseId; response: NoticeTexts };
  tell_notice: { request: TellNotice; response: CaseView };
  forms: { request: CaseId; response: FormRows };
  violations: { request: SearchViolations; response: ViolationRows };
  search_law: { request: SearchLaw; response: LawHits };
  recent_parties: { request: SearchParties; response: RecentParties };
  propose_discretion: { request: ProposeDiscretion; response: DiscretionView };
  start_instrument: { request: StartInstrument; response: InstrumentView };
  instrument: { request: InstrumentId; response: InstrumentView };
  save_draft: { request: SaveDraft; response: DraftSaved };
  check_draft: { request: SaveDraft; response: Findings };
  sign_instrument: { request: SignInstrument; response: InstrumentView };
  issue_instrument: { request: InstrumentId; response: Issued };
  void_instrument: { request: VoidInstrument; response: InstrumentView };
  deliver_instrument: { request: DeliverInstrument; response: InstrumentView };
  record_approval: { request: RecordApproval; response: CaseView };
  flag_case: { request: FlagCase; response: CaseView };
  record_payment: { request: RecordPayment; response: CaseView };
  check_inspection_code: { request: CheckInspectionCode; response: CodeChecked };
  check_case: { request: CaseId; response: CaseCheck };
  close_case: { request: CloseCase; response: CaseView };
  take_photo: { request: TakePhoto; response: EvidenceRow };
  start_recording: { request: StartRecording; response: RecordingState };
  mark_recording: { request: MarkRecording; response: RecordingState };
  stop_recording: { request: StopRecording; response: RecordingState };
  recording: { request: Empty; response: RecordingState };
  read_position: { request: ReadPosition; response: Position };
  printers: { request: Empty; response: PrinterRows };
  add_printer: { request: AddPrinter; response: PrinterRows };
  set_printer: { request: SetPrinter; response: PrinterRows };
  remove_printer: { request: PrinterId; response: PrinterRows };
  find_printers: { request: Empty; response: FoundPrinters };
  print_test_page: { request: PrinterId; response: TestPage };
  printer_status: { request: PrinterId; response: PrinterStatus };
  print_instrument: { request: PrintInstrument; response: PrintQueue };
  print_queue: { request: Empty; response: PrintQueue };
  cancel_print: { request: PrintJobId; response: PrintQueue };
  answer_print: { request: AnswerPrint; response: PrintQueue };
  seal_stock: { request: Empty; response: SealStock };
  spoil_sheet: { request: SpoilSheet; response: SealStock };
  sync_state: { request: Empty; response: SyncState };
  sync_now: { request: Empty; response: SyncState };
  verify_journal: { request: Empty; response: JournalReport };
}

export const terminalCommandsEffects: Record<keyof TerminalCommands, { effect: "reads" | "acts"; tags: string[] }> = {
  start_state: { effect: "reads", tags: ["session"] },
  sign_in: { effect: "acts", tags: ["session", "cases"] },
  set_pin: { effect: "acts", tags: ["session"] },
  lock: { effect: "acts", tags: ["session"] },
  present: { effect: "acts", tags: ["session", "cases", "case"] },
  badge: { effect: "reads", tags: ["session", "badge"] },
  check_party: { effect: "reads", tags: [] },
  open_inspection: { effect: "acts", tags: ["cases", "case", "sync"] },
  amend_case: { effect: "acts", tags: ["cases", "case", "instrument", "sync"] },
  cases: { effect: "reads", tags: ["cases"] },
  case: { effect: "reads", tags: ["case"] },
  notice_texts: { effect: "reads", tags: ["pack"] },
  tell_notice: { effect: "acts", tags: ["case", "instrument", "sync"] },
  forms: { effect: "reads", tags: ["case", "pack"] },
  violations: { effect: "reads", tags: ["pack"] },
  search_law: { effect: "reads", tags: ["pack"] },
  recent_parties: { effect: "reads", tags: ["cases"] },
  propose_discretion: { effect: "acts", tags: ["case", "sync"] },
  start_instrument: { effect: "acts", tags: ["case", "cases", "sync"] },
  instrument: { effect: "reads", tags: ["instrument"] },
  save_draft: { effect: "acts", tags: ["instrument", "case", "sync"] },
  check_draft: { effect: "reads", tags: [] },
  sign_instrument: { effect: "acts", tags: ["instrument", "case", "sync"] },
  issue_instrument: { effect: "acts", tags: ["instrument", "case", "cases", "sync"] },
  void_instrument: { effect: "acts", tags: ["instrument", "case", "cases", "sync"] },
  deliver_instrument: { effect: "acts", tags: ["instrument", "case", "sync"] },
  record_approval: { effect: "acts", tags: ["case", "instrument", "sync"] },
  flag_case: { effect: "acts", tags: ["case", "instrument", "sync"] },
  record_payment: { effect: "acts", tags: ["case", "sync"] },
  check_inspection_code: { effect: "acts", tags: ["case", "sync"] },
  check_case: { effect: "acts", tags: ["case", "sync"] },
  close_case: { effect: "acts", tags: ["case", "cases", "sync"] },
  take_photo: { effect: "acts", tags: ["case", "sync"] },
  start_recording: { effect: "acts", tags: ["recording", "case", "sync"] },
  mark_recording: { effect: "acts", tags: ["recording", "sync"] },
  stop_recording: { effect: "acts", tags: ["recording", "case", "sync"] },
  recording: { effect: "reads", tags: ["recording"] },
  read_position: { effect: "reads", tags: [] },
  printers: { effect: "reads", tags: ["printers"] },
  add_printer: { effect: "acts", tags: ["printers"] },
  set_printer: { effect: "acts", tags: ["printers"] },
  remove_printer: { effect: "acts", tags: ["printers"] },
  find_printers: { effect: "reads", tags: ["found_printers"] },
  print_test_page: { effect: "acts", tags: ["printer_status"] },
  printer_status: { effect: "reads", tags: ["printer_status"] },
  print_instrument: { effect: "acts", tags: ["print_queue", "case", "sync"] },
  print_queue: { effect: "reads", tags: ["print_queue"] },
  cancel_print: { effect: "acts", tags: ["print_queue", "sync"] },
  answer_print: { effect: "acts", tags: ["print_queue", "case", "sync"] },
  seal_stock: { effect: "reads", tags: ["print_queue", "sync"] },
  spoil_sheet: { effect: "acts", tags: ["print_queue", "sync"] },
  sync_state: { effect: "reads", tags: ["sync"] },
  sync_now: { effect: "acts", tags: ["sync", "cases", "case"] },
  verify_journal: { effect: "reads", tags: ["journal"] },
};
