// Generated from the command list in Rust. Do not edit.
import type { BadgeAnswer, CheckBadge, CheckDocument, DocumentAnswer } from "./public";

export interface PublicCommands {
  badge: { request: CheckBadge; response: BadgeAnswer };
  document: { request: CheckDocument; response: DocumentAnswer };
}

export const publicCommandsEffects: Record<keyof PublicCommands, { effect: "reads" | "acts"; tags: string[] }> = {
  badge: { effect: "reads", tags: ["badge"] },
  document: { effect: "reads", tags: ["document"] },
};
