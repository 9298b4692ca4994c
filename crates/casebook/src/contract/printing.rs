//! Printers and the print queue.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

contract::wire! { "terminal.ts";
    struct PrinterRow {
        pub printer_id: String,
        pub name: String,
        /// `ipp` (pages), `escpos`, `cpcl` or `tspl` (tickets).
        pub language: String,
        /// `ipp://…`, `host:9100`, `/dev/…` with `@speed` where it is a cable.
        pub address: String,
        /// 384 (58 mm), 576 (80 mm) or 1680 (A4).
        #[ts(type = "number")]
        pub width_dots: u32,
        /// A4 pages; others print tickets.
        pub prints_pages: bool,
        /// −2 (light) to 2 (dark); 0 leaves it as the printer is set.
        pub darkness: i8,
        /// Moves the picture to the right, or to the left when negative; eight are a millimetre.
        pub offset_dots: i32,
    }
    struct PrinterRows { pub printers: Vec<PrinterRow> }
    struct AddPrinter {
        pub name: String,
        pub language: String,
        pub address: String,
        #[ts(type = "number")]
        pub width_dots: u32,
        #[serde(default)]
        #[ts(optional, as = "Option<i8>")]
        pub darkness: i8,
        #[serde(default)]
        #[ts(optional, as = "Option<i32>")]
        pub offset_dots: i32,
    }
    /// Name and settings; where a printer is and what it speaks stays.
    struct SetPrinter {
        pub printer_id: String,
        pub name: String,
        #[ts(type = "number")]
        pub width_dots: u32,
        pub darkness: i8,
        pub offset_dots: i32,
    }
    struct FoundPrinter { pub name: String, pub language: String, pub address: String, pub model: Option<String> }
    struct FoundPrinters { pub printers: Vec<FoundPrinter> }
    /// What became of a test page: `confirmed`, `failed` or `unknown`, and why.
    struct TestPage { pub state: String, pub cause: Option<String> }
    struct PrinterId { pub printer_id: String }
    struct PrinterStatus { pub state: String, pub reasons: Vec<String>, pub model: Option<String> }
    struct PrintInstrument {
        pub instrument_id: String,
        pub printer_id: String,
        /// e.g. 当事人
        pub copy_name: String,
        /// Number of the sheet where the paper bears the seal already.
        #[serde(default)]
        #[ts(optional = nullable)]
        pub sheet_no: Option<String>,
    }
    /// 印章纸与印模 of this terminal.
    struct SealStock {
        /// The agency's way of sealing: `by_hand`, `pre_sealed`, `token`, `headquarters`.
        pub mode: String,
        #[ts(type = "number")]
        pub impressions_left: u64,
        /// The first blank sheet of those that were handed out.
        pub next_sheet: Option<String>,
        #[ts(type = "number")]
        pub sheets_left: u64,
    }
    struct SpoilSheet { pub sheet_no: String, pub reason: String }
    struct PrintJobRow {
        pub job_id: String,
        pub instrument_id: String,
        pub title: String,
        pub printer_name: String,
        #[ts(type = "number")]
        pub copy_no: u32,
        pub copy_name: String,
        pub is_reprint: bool,
        pub sheet_no: Option<String>,
        /// `queued`, `sending`, `waiting`, `confirmed`, `failed`, `spoiled` (came out in part), `unknown`, `cancelled`.
        pub state: String,
        /// Why it waits or failed: `paper_out`, `cover_open`, `offline`, …
        pub cause: Option<String>,
        pub next_attempt_at: Option<String>,
        pub queued_at: String,
    }
    struct PrintQueue { pub jobs: Vec<PrintJobRow> }
    struct PrintJobId { pub job_id: String }
    /// The officer's answer when the printer could not say whether the sheet came out.
    struct AnswerPrint { pub job_id: String, /** `complete`, `incomplete`, `nothing` */ pub answer: String }
}
