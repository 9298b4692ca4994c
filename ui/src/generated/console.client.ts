// Generated from the command list in Rust. Do not edit.
import type { AnswerSupervision, ApprovalCodes, Approve, Approved, CaseClocks, CaseList, CaseView, CasesQuery, CheckPaper, CodeRows, Deliberate, Disclose, Disclosed, DisclosureList, DisclosurePreview, DisclosuresQuery, Duties, Empty, EntryView, GrantInspectionCode, HandOutSheets, InspectionCode, JournalHealth, Login, Me, OfficerRows, PaperChecked, PreviewDisclosure, PublishApprovalCodes, Queue, ReadCase, ReadClocks, ReadEntry, ReadReview, Recorded, RegisterSupervision, Review, ReviewDisclosure, ReviewSheet, Reviewed, RevokeDecision, Revoked, SealInstrument, SealLedger, SupervisionRegistered, TerminalRows, ViewList, ViewsQuery, WithdrawDisclosure } from "./console";

export interface ConsoleCommands {
  login: { request: Login; response: Me };
  logout: { request: Empty; response: Empty };
  me: { request: Empty; response: Me };
  cases: { request: CasesQuery; response: CaseList };
  case: { request: ReadCase; response: CaseView };
  entry: { request: ReadEntry; response: EntryView };
  check_paper: { request: CheckPaper; response: PaperChecked };
  terminals: { request: Empty; response: TerminalRows };
  officers: { request: Empty; response: OfficerRows };
  views: { request: ViewsQuery; response: ViewList };
  journal_health: { request: Empty; response: JournalHealth };
  queue: { request: Empty; response: Queue };
  clocks: { request: ReadClocks; response: CaseClocks };
  approve: { request: Approve; response: Approved };
  review_sheet: { request: ReadReview; response: ReviewSheet };
  review: { request: Review; response: Reviewed };
  deliberate: { request: Deliberate; response: Recorded };
  revoke_decision: { request: RevokeDecision; response: Revoked };
  disclosure_preview: { request: PreviewDisclosure; response: DisclosurePreview };
  review_disclosure: { request: ReviewDisclosure; response: DisclosurePreview };
  disclose: { request: Disclose; response: Disclosed };
  withdraw_disclosure: { request: WithdrawDisclosure; response: Recorded };
  disclosures: { request: DisclosuresQuery; response: DisclosureList };
  grant_inspection_code: { request: GrantInspectionCode; response: InspectionCode };
  publish_approval_codes: { request: PublishApprovalCodes; response: ApprovalCodes };
  codes: { request: Empty; response: CodeRows };
  seal_instrument: { request: SealInstrument; response: Recorded };
  hand_out_sheets: { request: HandOutSheets; response: Recorded };
  seal_ledger: { request: Empty; response: SealLedger };
  duties: { request: Empty; response: Duties };
  register_supervision: { request: RegisterSupervision; response: SupervisionRegistered };
  answer_supervision: { request: AnswerSupervision; response: Recorded };
}

export const consoleCommandsEffects: Record<keyof ConsoleCommands, { effect: "reads" | "acts"; tags: string[] }> = {
  login: { effect: "acts", tags: ["session"] },
  logout: { effect: "acts", tags: ["session"] },
  me: { effect: "reads", tags: ["session"] },
  cases: { effect: "reads", tags: ["cases"] },
  case: { effect: "reads", tags: ["cases", "views"] },
  entry: { effect: "reads", tags: ["cases", "views"] },
  check_paper: { effect: "reads", tags: ["cases"] },
  terminals: { effect: "reads", tags: ["terminals"] },
  officers: { effect: "reads", tags: ["officers"] },
  views: { effect: "reads", tags: ["views"] },
  journal_health: { effect: "reads", tags: ["journal"] },
  queue: { effect: "reads", tags: ["queue"] },
  clocks: { effect: "reads", tags: ["queue"] },
  approve: { effect: "acts", tags: ["queue"] },
  review_sheet: { effect: "reads", tags: ["queue"] },
  review: { effect: "acts", tags: ["queue"] },
  deliberate: { effect: "acts", tags: ["queue"] },
  revoke_decision: { effect: "acts", tags: ["queue", "disclosures"] },
  disclosure_preview: { effect: "reads", tags: ["queue"] },
  review_disclosure: { effect: "acts", tags: ["queue"] },
  disclose: { effect: "acts", tags: ["queue", "disclosures"] },
  withdraw_disclosure: { effect: "acts", tags: ["queue", "disclosures"] },
  disclosures: { effect: "reads", tags: ["disclosures"] },
  grant_inspection_code: { effect: "acts", tags: ["codes"] },
  publish_approval_codes: { effect: "acts", tags: ["codes"] },
  codes: { effect: "reads", tags: ["codes"] },
  seal_instrument: { effect: "acts", tags: ["queue", "seals"] },
  hand_out_sheets: { effect: "acts", tags: ["seals"] },
  seal_ledger: { effect: "reads", tags: ["seals"] },
  duties: { effect: "reads", tags: ["duties"] },
  register_supervision: { effect: "acts", tags: ["duties"] },
  answer_supervision: { effect: "acts", tags: ["duties"] },
};
