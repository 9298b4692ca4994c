//! Every act a scenario can name, with the keys it takes.

/// Where an act happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// On a terminal, by the officers signed in there or the party before them.
    Terminal,
    /// At headquarters' console, by one of its people.
    Headquarters,
    /// Outside both: time, network, disks, the public.
    Outside,
}

/// 行为 – one word of `do`.
#[derive(Debug)]
pub struct ActSpec {
    pub name: &'static str,
    pub side: Side,
    pub required: &'static [&'static str],
    pub optional: &'static [&'static str],
}

/// Keys that every step may have.
pub const COMMON: &[&str] = &["do", "name", "note", "at", "on", "by", "case", "expect"];

const fn terminal(
    name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
) -> ActSpec {
    ActSpec {
        name,
        side: Side::Terminal,
        required,
        optional,
    }
}

const fn office(
    name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
) -> ActSpec {
    ActSpec {
        name,
        side: Side::Headquarters,
        required,
        optional,
    }
}

const fn outside(
    name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
) -> ActSpec {
    ActSpec {
        name,
        side: Side::Outside,
        required,
        optional,
    }
}

pub const ACTS: &[ActSpec] = &[
    terminal("sign_in", &[], &["pin"]),
    terminal("lock", &[], &[]),
    terminal("restart", &[], &[]),
    terminal("present", &[], &["method", "acknowledgement", "uniform"]),
    terminal(
        "begin",
        &[],
        &["reason", "reason_note", "party", "vehicle", "place"],
    ),
    terminal(
        "open_case",
        &[],
        &[
            "reason",
            "reason_note",
            "party",
            "vehicle",
            "place",
            "planned",
        ],
    ),
    terminal("amend_case", &[], &["party", "vehicle", "place"]),
    terminal("check_party", &["party"], &["vehicle"]),
    terminal("tell", &["notice"], &["response"]),
    terminal("start", &["form"], &[]),
    terminal(
        "fill",
        &[],
        &[
            "form",
            "instrument",
            "values",
            "clear",
            "from_sample",
            "violation",
            "violation_code",
        ],
    ),
    terminal(
        "sign",
        &[],
        &["form", "instrument", "signers", "refusal", "names"],
    ),
    terminal(
        "issue",
        &[],
        &[
            "form",
            "instrument",
            "values",
            "clear",
            "from_sample",
            "violation",
            "violation_code",
            "signers",
            "refusal",
            "names",
            "again",
        ],
    ),
    terminal("void", &["reason"], &["form", "instrument"]),
    terminal(
        "deliver",
        &[],
        &[
            "form",
            "instrument",
            "method",
            "recipient",
            "witness",
            "delivery_note",
        ],
    ),
    terminal("photo", &[], &["about"]),
    terminal("record_start", &[], &["kind", "about"]),
    terminal("record_mark", &["text"], &[]),
    terminal("record_stop", &[], &["reason"]),
    terminal(
        "record_approval",
        &["method", "approver"],
        &["form", "instrument", "stage", "opinion", "code"],
    ),
    terminal("flag", &["flag"], &["value", "reason"]),
    terminal(
        "pay",
        &[],
        &[
            "form",
            "instrument",
            "amount_yuan",
            "amount_fen",
            "paid_on",
            "method",
            "receipt_no",
            "payment_note",
        ],
    ),
    terminal("check_code", &[], &["code", "unavailable", "reason"]),
    terminal("check_case", &[], &[]),
    terminal("close_case", &["reason"], &["closing_note"]),
    terminal("print", &[], &["form", "instrument", "copy"]),
    terminal("command", &["command"], &["payload"]),
    office(
        "approve",
        &[],
        &["form", "instrument", "stage", "opinion", "decision"],
    ),
    office("return", &["opinion"], &["form", "instrument", "stage"]),
    office("refuse", &["opinion"], &["form", "instrument", "stage"]),
    office(
        "review",
        &["conclusion", "reason"],
        &["form", "instrument", "items"],
    ),
    office(
        "deliberate",
        &["conclusion"],
        &[
            "form",
            "instrument",
            "held_at",
            "chair",
            "attendees",
            "opinions",
            "agreed",
        ],
    ),
    office(
        "review_disclosure",
        &[],
        &["form", "instrument", "kind", "channels", "basis"],
    ),
    office(
        "disclose",
        &[],
        &["form", "instrument", "kind", "channels", "basis"],
    ),
    office("seal", &[], &["form", "instrument"]),
    office(
        "withdraw",
        &["reason"],
        &["form", "instrument", "disclosure"],
    ),
    office(
        "revoke",
        &["cause", "reason"],
        &["form", "instrument", "organ", "decided_on"],
    ),
    office(
        "grant_code",
        &["matter"],
        &[
            "party",
            "form",
            "instrument",
            "valid_from",
            "valid_to",
            "done_elsewhere",
            "cap",
        ],
    ),
    office(
        "register_supervision",
        &["number", "reply_by"],
        &["paper", "organ", "demand", "received_on", "case_no"],
    ),
    office(
        "answer_supervision",
        &["paper"],
        &["form", "instrument", "words"],
    ),
    office("publish_codes", &[], &["stage", "count", "valid_to"]),
    office("look", &["purpose"], &[]),
    office("console", &["command"], &["payload"]),
    outside("publish_roster", &[], &["officers", "parameters"]),
    outside("publish_pack", &["version"], &["changes"]),
    outside("network", &["is"], &[]),
    outside("sync", &[], &[]),
    outside("wait", &[], &["for"]),
    outside("set_clock", &["to"], &[]),
    outside("public", &["command"], &["payload"]),
    outside("scan_badge", &[], &["later"]),
    outside("scan_paper", &[], &["form", "instrument"]),
    outside("tamper", &["with", "how"], &[]),
    outside("expect", &[], &["form", "instrument"]),
];

pub fn spec(name: &str) -> Option<&'static ActSpec> {
    ACTS.iter().find(|act| act.name == name)
}

impl ActSpec {
    pub fn takes(&self, key: &str) -> bool {
        COMMON.contains(&key) || self.required.contains(&key) || self.optional.contains(&key)
    }

    /// The keys besides the common ones, for a hint.
    pub fn keys(&self) -> String {
        let keys: Vec<&str> = self.required.iter().chain(self.optional).copied().collect();
        match keys.is_empty() {
            true => "nothing besides the common keys".to_owned(),
            false => keys.join(", "),
        }
    }
}
