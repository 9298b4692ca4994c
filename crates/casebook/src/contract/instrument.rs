//! 文书 – drafting, signing, issuing, delivering.

use forms::FormDefinition;
use law::Finding;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

contract::wire! { "terminal.ts";
    struct FormRow {
        pub code: String,
        pub title: String,
        pub purpose: String,
        /// Absent when the form can be started now.
        pub refusal: Option<contract::BoundaryError>,
    }
    struct FormRows { pub forms: Vec<FormRow> }
    struct StartInstrument { pub case_id: String, pub form: String, pub request_id: String }
    struct InstrumentId { pub instrument_id: String }
    enum InstrumentState { Draft, Issued, Voided }
    struct InstrumentRow {
        pub instrument_id: String,
        pub form: String,
        pub title: String,
        pub state: InstrumentState,
        pub number: Option<String>,
        pub issued_at: Option<String>,
        pub delivered_at: Option<String>,
        #[ts(type = "number")]
        pub blocking_findings: u32,
        #[ts(type = "number")]
        pub copies_printed: u32,
        pub at_headquarters: bool,
        /// Some step of the procedure waits for its approval.
        pub asks_approval: bool,
    }
    struct InstrumentView {
        pub instrument_id: String,
        pub case_id: String,
        pub definition: FormDefinition,
        pub state: InstrumentState,
        #[ts(type = "Record<string, unknown>")]
        pub value: Value,
        /// Grows by one with every saved draft.
        #[ts(type = "number")]
        pub revision: u32,
        pub findings: Vec<Finding>,
        pub signatures: Vec<SignatureRow>,
        pub number: Option<String>,
        pub issued_at: Option<String>,
        pub content_sha256: Option<String>,
        pub delivery: Option<DeliveryView>,
        /// Stream paths, absent before issuing; `preview` is the draft as pages.
        pub pdf: Option<String>,
        pub ticket: Option<String>,
        pub preview: String,
        /// The copy of the office, with what was decided since it was issued; absent before anybody decided.
        pub decided_pdf: Option<String>,
        /// `approvals` and `review` as papers name them.
        #[ts(type = "Record<string, unknown>")]
        pub decisions: Value,
        /// 用印; absent on drafts and on forms that bear no seal.
        pub seal: Option<SealView>,
        /// The copy with headquarters' seal; absent before it came.
        pub sealed_pdf: Option<String>,
    }
    struct SealView {
        /// `by_hand`, `pre_sealed`, `token`, `headquarters`.
        pub mode: String,
        /// Number of the impression.
        pub number: Option<String>,
        /// False while headquarters has not sealed it.
        pub is_sealed: bool,
    }
    struct SaveDraft {
        pub instrument_id: String,
        #[ts(type = "Record<string, unknown>")]
        pub value: Value,
        /// Revision the edit started from.
        #[ts(type = "number")]
        pub revision: u32,
    }
    struct DraftSaved { #[ts(type = "number")] pub revision: u32, pub findings: Vec<Finding> }
    /// One stroke in a box of 1000 × 1000: points `[x, y, milliseconds since the first point]`, and the pressure, 1 to 1000,
    /// of a pen that tells it.
    struct Stroke {
        #[ts(type = "([number, number, number] | [number, number, number, number])[]")]
        pub points: Vec<journal::body::PenPoint>,
    }
    struct SignInstrument {
        pub instrument_id: String,
        pub slot: String,
        pub strokes: Vec<Stroke>,
        pub name: String,
        /// Stands in place of strokes when the party refuses.
        pub refusal: Option<SigningRefusal>,
    }
    struct SigningRefusal { pub reason: String, pub witness_name: String, pub witness_phone: String }
    struct SignatureRow {
        pub slot: String,
        pub name: String,
        pub signed_at: String,
        pub refusal: Option<SigningRefusal>,
        pub strokes: Vec<Stroke>,
        /// False once the draft changed after signing; it has to be signed anew.
        pub is_current: bool,
    }
    struct Issued {
        pub instrument_id: String,
        pub number: Option<String>,
        pub issued_at: String,
        pub content_sha256: String,
        pub pdf: String,
        pub ticket: String,
    }
    struct VoidInstrument { pub instrument_id: String, pub reason: String }
    struct DeliverInstrument {
        pub instrument_id: String,
        /// `direct`, `left` (留置), `mail`, `electronic`.
        pub method: String,
        pub recipient: String,
        pub note: String,
        pub witness_name: Option<String>,
    }
    struct DeliveryView { pub method: String, pub recipient: String, pub delivered_at: String, pub note: String }
}
