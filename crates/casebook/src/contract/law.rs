//! 权责清单、法条、裁量 – what is looked up and proposed.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

contract::wire! { "terminal.ts";
    // ── Violations and law (权责清单、法条) ────────────────────────────────────────────────────────────────────────
    struct SearchViolations { pub text: String, #[ts(type = "number")] pub limit: u32 }
    /// A citation as the fields of a form hold it.
    struct CitedArticle { pub law: String, pub article: String, pub paragraph: String, pub text: String }
    struct ViolationRow {
        pub code: String,
        pub title: String,
        pub facts_draft: String,
        pub violated: Vec<CitedArticle>,
        pub basis: Vec<CitedArticle>,
        pub range_text: String,
    }
    struct ViolationRows { pub violations: Vec<ViolationRow> }
    /// Words, parts of words, first letters (`wfcx`) or a law with an article (`处罚法 51`).
    struct SearchLaw { pub text: String, #[ts(type = "number")] pub limit: u32 }
    struct LawHits { pub hits: Vec<LawHit> }
    struct LawHit {
        /// Short title.
        pub law: String,
        pub article: String,
        pub title: String,
        pub gist: String,
        /// The gist in pieces, so that a screen can mark what was asked for.
        pub snippet: Vec<SnippetPart>,
        pub valid_from: String,
        pub valid_to: Option<String>,
        /// Today.
        pub is_in_force: bool,
    }
    struct SnippetPart { pub text: String, pub is_match: bool }

    // ── Discretion (裁量辅助) ───────────────────────────────────────────────────────────────────────────────────
    struct ProposeDiscretion {
        /// The draft that decides or proposes: its violation, party, place and time are looked at.
        pub instrument_id: String,
        /// `circumstances`: keys that are confirmed; `notes`: what shows each; numbers at the paths that
        /// `advice.missing` names, e.g. `weighing.over_kg`. `violation_code` where the draft has none yet.
        #[ts(type = "Record<string, unknown>")]
        pub facts: Value,
    }
    struct DiscretionView {
        pub instrument_id: String,
        pub shown_at: String,
        pub advice: forms::Advice,
        /// The most alike first; none where this terminal has not decided on the violation yet.
        pub similar: Vec<SimilarCase>,
    }
    /// 类案 – an earlier decision of this terminal on the same violation.
    struct SimilarCase {
        pub case_id: String,
        pub instrument_id: String,
        pub number: Option<String>,
        pub issued_at: String,
        pub party_name: String,
        pub plate: Option<String>,
        pub place_text: String,
        pub penalty_kind: String,
        #[ts(type = "number | null")]
        pub fine_fen: Option<i64>,
        /// What both have in common, in words.
        pub why: Vec<String>,
        #[ts(type = "number")]
        pub score: u32,
    }
}
