-- 三项 terminal, main database (SQLCipher). The journal is the truth; tables marked "projection" are rebuilt from it.

-- Facts of this terminal as text: writer, epoch, session, identity of headquarters. One row a fact.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- The journal: signed bytes as they are sent. Never updated, never deleted.
CREATE TABLE entry (
    epoch    INTEGER NOT NULL,          -- epoch of the series, grows when the device was restored or cloned
    idx      INTEGER NOT NULL,          -- position in the series, contiguous from 0
    hash     TEXT    NOT NULL,          -- SHA-256 of the header bytes, hex; position, not hash, is the key
    kind     TEXT    NOT NULL,          -- closed vocabulary of the journal
    case_id  TEXT,                      -- case the entry belongs to
    case_idx INTEGER,                   -- position in the case, contiguous from 0
    event_at TEXT    NOT NULL,          -- when it happened, RFC 3339
    frame    BLOB    NOT NULL,          -- header, salt, body, signature
    PRIMARY KEY (epoch, idx)
) STRICT;
CREATE INDEX entry_by_case ON entry (case_id, epoch, case_idx) WHERE case_id IS NOT NULL;
CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- 案件 (projection): one inspection and what grows out of it.
CREATE TABLE inspection (
    case_id      TEXT NOT NULL PRIMARY KEY,
    request_id   TEXT NOT NULL UNIQUE,      -- chosen by the screen, makes opening idempotent
    opened_at    TEXT NOT NULL,
    reason       TEXT NOT NULL,
    reason_note  TEXT NOT NULL DEFAULT '',
    place        TEXT NOT NULL,             -- JSON
    party        TEXT NOT NULL,             -- JSON, the party block of the forms
    vehicle      TEXT,                      -- JSON, the vehicle block
    officers     TEXT NOT NULL,             -- JSON array
    presented_at TEXT NOT NULL,
    party_name   TEXT NOT NULL DEFAULT '',
    plate        TEXT NOT NULL DEFAULT '',
    place_text   TEXT NOT NULL DEFAULT '',
    state        TEXT NOT NULL DEFAULT 'open',
    last_idx     INTEGER NOT NULL DEFAULT 0 -- newest entry of the case, tells whether all of it is at headquarters
) STRICT;
CREATE INDEX inspection_by_time ON inspection (opened_at DESC, case_id DESC);

-- 亮证记录 (projection).
CREATE TABLE presentation (
    presentation_id TEXT NOT NULL PRIMARY KEY,
    presented_at    TEXT NOT NULL,
    body            TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- 告知 (projection).
CREATE TABLE told (
    case_id  TEXT NOT NULL REFERENCES inspection (case_id),
    idx      INTEGER NOT NULL,
    notice   TEXT NOT NULL,
    told_at  TEXT NOT NULL,
    response TEXT NOT NULL,
    PRIMARY KEY (case_id, idx)
) STRICT;

-- 文书 (projection): drafts and issued instruments.
CREATE TABLE instrument (
    instrument_id     TEXT NOT NULL PRIMARY KEY,
    request_id        TEXT NOT NULL UNIQUE,
    case_id           TEXT NOT NULL REFERENCES inspection (case_id),
    form              TEXT NOT NULL,
    title             TEXT NOT NULL,
    state             TEXT NOT NULL,                 -- draft, issued, voided
    revision          INTEGER NOT NULL DEFAULT 0,
    value             TEXT NOT NULL,                 -- JSON, frozen once issued
    blocking_findings INTEGER NOT NULL DEFAULT 0,
    started_at        TEXT NOT NULL,
    number            TEXT UNIQUE,
    issued_at         TEXT,
    content_sha256    TEXT,
    pdf_sha256        TEXT,
    ticket_sha256     TEXT,
    qr                TEXT,
    void_reason       TEXT,
    delivery          TEXT,                          -- JSON of the last delivery
    last_idx          INTEGER NOT NULL DEFAULT 0     -- newest entry about this instrument
) STRICT;
CREATE INDEX instrument_by_case ON instrument (case_id, started_at);

-- 签名 (projection): the newest signature of each slot.
CREATE TABLE signature (
    instrument_id TEXT NOT NULL REFERENCES instrument (instrument_id),
    slot          TEXT NOT NULL,
    name          TEXT NOT NULL,
    signed_at     TEXT NOT NULL,
    value_sha256  TEXT NOT NULL,   -- hash of the value that was signed
    strokes       TEXT NOT NULL,   -- JSON
    refusal       TEXT,            -- JSON
    PRIMARY KEY (instrument_id, slot)
) STRICT;

-- 期限 (projection): clocks started by issuing or delivering.
CREATE TABLE clock (
    case_id        TEXT NOT NULL REFERENCES inspection (case_id),
    instrument_id  TEXT NOT NULL,
    name           TEXT NOT NULL,
    text           TEXT NOT NULL,
    due_on         TEXT NOT NULL,
    is_provisional INTEGER NOT NULL,
    basis          TEXT NOT NULL,
    PRIMARY KEY (instrument_id, name)
) STRICT;

-- 号段 (projection): leased numbers and how far they are used.
CREATE TABLE lease (
    hq_idx   INTEGER NOT NULL PRIMARY KEY,  -- entry of headquarters that granted it
    series   TEXT    NOT NULL,
    year     INTEGER NOT NULL,
    pattern  TEXT    NOT NULL,              -- {year}, {serial:4}
    from_no  INTEGER NOT NULL,
    to_no    INTEGER NOT NULL
) STRICT;
-- 文号台账 (projection): every number once, used or voided.
CREATE TABLE number_use (
    series        TEXT    NOT NULL,
    year          INTEGER NOT NULL,
    serial        INTEGER NOT NULL,
    number        TEXT    NOT NULL,
    instrument_id TEXT    NOT NULL,
    void_reason   TEXT,
    PRIMARY KEY (series, year, serial)
) STRICT;

-- 证据 (projection): photos and recordings; their bytes stand in the evidence database.
CREATE TABLE evidence (
    evidence_id TEXT NOT NULL PRIMARY KEY,
    case_id     TEXT NOT NULL REFERENCES inspection (case_id),
    kind        TEXT NOT NULL,
    state       TEXT NOT NULL,              -- recording, complete, interrupted
    captured_at TEXT NOT NULL,
    step        TEXT NOT NULL,
    media_type  TEXT NOT NULL,
    sha256      TEXT,
    size_bytes  INTEGER NOT NULL DEFAULT 0,
    duration_ms INTEGER
) STRICT;
CREATE INDEX evidence_by_case ON evidence (case_id, captured_at);

-- 打印副本 (projection): one row a copy, with its last known outcome.
CREATE TABLE print_copy (
    job_id        TEXT    NOT NULL PRIMARY KEY,
    instrument_id TEXT    NOT NULL,
    copy_no       INTEGER NOT NULL,
    copy_name     TEXT    NOT NULL,
    is_reprint    INTEGER NOT NULL,
    printer       TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    queued_at     TEXT    NOT NULL,
    UNIQUE (instrument_id, copy_no)
) STRICT;

-- What was adopted from headquarters (projection): roster and pack versions, newest last.
CREATE TABLE adoption (
    hq_idx  INTEGER NOT NULL PRIMARY KEY,
    what    TEXT    NOT NULL,
    version TEXT    NOT NULL
) STRICT;

-- Bytes of issued documents (PDF, ticket image) and of published objects (pack, portraits), by SHA-256 hex.
CREATE TABLE document (
    sha256     TEXT NOT NULL PRIMARY KEY,
    media_type TEXT NOT NULL,
    bytes      BLOB NOT NULL
) STRICT;

-- Outbox of media: everything named by an entry that headquarters has to hold.
CREATE TABLE outbox_media (
    sha256     TEXT    NOT NULL PRIMARY KEY,
    size_bytes INTEGER NOT NULL,
    media_type TEXT    NOT NULL,
    idx        INTEGER NOT NULL,            -- entry that names it
    uploaded   INTEGER NOT NULL DEFAULT 0,  -- bytes headquarters acknowledged
    receipt    TEXT                         -- signed note once complete
) STRICT;
CREATE INDEX outbox_media_pending ON outbox_media (idx) WHERE receipt IS NULL;

-- Signed receipts of headquarters for the journal; the newest is what "at headquarters" means.
CREATE TABLE receipt (
    epoch       INTEGER NOT NULL,
    idx         INTEGER NOT NULL,
    hash        TEXT    NOT NULL,
    received_at TEXT    NOT NULL,
    note        TEXT    NOT NULL,
    PRIMARY KEY (epoch, idx)
) STRICT;
-- A head at headquarters that is not ours: kept as evidence.
CREATE TABLE fork (
    epoch    INTEGER NOT NULL,
    idx      INTEGER NOT NULL,
    hash     TEXT    NOT NULL,
    found_at TEXT    NOT NULL,
    PRIMARY KEY (epoch, idx, hash)
) STRICT;
-- Headquarters' own series as received, raw.
CREATE TABLE down_entry (
    idx   INTEGER NOT NULL PRIMARY KEY,
    kind  TEXT    NOT NULL,
    frame BLOB    NOT NULL
) STRICT;
-- Published objects named by headquarters that are still to be fetched.
CREATE TABLE wanted_object (
    sha256 TEXT NOT NULL PRIMARY KEY
) STRICT;

-- Printers set up on this terminal.
CREATE TABLE printer (
    printer_id TEXT    NOT NULL PRIMARY KEY,
    name       TEXT    NOT NULL,
    language   TEXT    NOT NULL,   -- ipp, escpos
    address    TEXT    NOT NULL UNIQUE,
    width_dots INTEGER NOT NULL
) STRICT;
-- 打印队列: what has still to reach paper. The outcome is an entry, this table is how to get there.
CREATE TABLE spool (
    job_id          TEXT    NOT NULL PRIMARY KEY,
    printer_id      TEXT    NOT NULL,
    payload_sha256  TEXT    NOT NULL,          -- document to send
    state           TEXT    NOT NULL,          -- queued, sending, waiting, confirmed, failed, unknown, cancelled
    cause           TEXT,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT
) STRICT;
CREATE INDEX spool_open ON spool (state) WHERE state IN ('queued', 'sending', 'waiting', 'unknown');
