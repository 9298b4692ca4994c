// Generated from the command list in Rust. Do not edit.
import type { CaseList, CaseView, CasesQuery, Empty, EntryView, JournalHealth, Login, Me, OfficerRows, ReadCase, ReadEntry, TerminalRows, ViewList, ViewsQuery } from "./console";

export interface ConsoleCommands {
  login: { request: Login; response: Me };
  logout: { request: Empty; response: Empty };
  me: { request: Empty; response: Me };
  cases: { request: CasesQuery; response: CaseList };
  case: { request: ReadCase; response: CaseView };
  entry: { request: ReadEntry; response: EntryView };
  terminals: { request: Empty; response: TerminalRows };
  officers: { request: Empty; response: OfficerRows };
  views: { request: ViewsQuery; response: ViewList };
  journal_health: { request: Empty; response: JournalHealth };
}

export const consoleCommandsEffects: Record<keyof ConsoleCommands, { effect: "reads" | "acts"; tags: string[] }> = {
  login: { effect: "acts", tags: ["session"] },
  logout: { effect: "acts", tags: ["session"] },
  me: { effect: "reads", tags: ["session"] },
  cases: { effect: "reads", tags: ["cases"] },
  case: { effect: "reads", tags: ["cases", "views"] },
  entry: { effect: "reads", tags: ["cases", "views"] },
  terminals: { effect: "reads", tags: ["terminals"] },
  officers: { effect: "reads", tags: ["officers"] },
  views: { effect: "reads", tags: ["views"] },
  journal_health: { effect: "reads", tags: ["journal"] },
};
