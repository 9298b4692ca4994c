// Generated from the command list in Rust. Do not edit.
import type { BadgeAnswer, CheckBadge, CheckDocument, DisclosureAnswer, DisclosureLines, DocumentAnswer, ListDisclosures, ReadDisclosure } from "./public";

export interface PublicCommands {
  badge: { request: CheckBadge; response: BadgeAnswer };
  document: { request: CheckDocument; response: DocumentAnswer };
  disclosures: { request: ListDisclosures; response: DisclosureLines };
  disclosure: { request: ReadDisclosure; response: DisclosureAnswer };
}

export const publicCommandsEffects: Record<keyof PublicCommands, { effect: "reads" | "acts"; tags: string[] }> = {
  badge: { effect: "reads", tags: ["badge"] },
  document: { effect: "reads", tags: ["document"] },
  disclosures: { effect: "reads", tags: ["disclosures"] },
  disclosure: { effect: "reads", tags: ["disclosures"] },
};
