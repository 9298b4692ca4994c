-- 三项 terminal, main database (SQLCipher). The journal is the truth; tables marked "projection" are rebuilt from it.

-- Facts of this terminal as text: writer, epoch, session, identity of headquarters. One row a fact.
CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,  -- name of the fact
    value TEXT NOT NULL               -- its text
) STRICT;

-- The journal: signed bytes as they are sent. Never updated, never deleted.
CREATE TABLE entry (
    place    INTEGER NOT NULL PRIMARY KEY,  -- epoch and index in one number, so that a new entry is always the last row
    epoch    INTEGER NOT NULL,              -- epoch of the series, grows when the device was restored or cloned
    idx      INTEGER NOT NULL,              -- position in the series, contiguous from 0
    hash     TEXT    NOT NULL,              -- SHA-256 of the header bytes, hex; position, not hash, is the key
    kind     TEXT    NOT NULL,              -- closed vocabulary of the journal
    case_id  TEXT,                          -- case the entry belongs to
    case_idx INTEGER,                       -- position in the case, contiguous from 0
    event_at TEXT    NOT NULL,              -- when it happened, RFC 3339
    frame    BLOB    NOT NULL,              -- header, salt, body, signature
    CHECK (place = (epoch << 40) | idx AND idx < 1 << 40)
) STRICT;
CREATE INDEX entry_by_case ON entry (case_id, epoch, case_idx) WHERE case_id IS NOT NULL;
CREATE TRIGGER entry_is_never_changed BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER entry_is_never_deleted BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

-- 案件 (projection): one inspection and what grows out of it.
CREATE TABLE inspection (
    case_id      TEXT NOT NULL PRIMARY KEY,     -- given by this terminal
    request_id   TEXT NOT NULL UNIQUE,          -- chosen by the screen, makes opening idempotent
    opened_at    TEXT NOT NULL,                 -- RFC 3339
    reason       TEXT NOT NULL,                 -- daily, special, complaint, double_random, transferred
    reason_note  TEXT NOT NULL DEFAULT '',      -- free text
    place        TEXT NOT NULL,                 -- JSON
    party        TEXT NOT NULL,                 -- JSON, the party block of the forms
    vehicle      TEXT,                          -- JSON, the vehicle block
    officers     TEXT NOT NULL,                 -- JSON array
    presented_at TEXT NOT NULL,                 -- when the officers showed who they are
    party_name   TEXT NOT NULL DEFAULT '',      -- name of person or firm, for the list
    plate        TEXT NOT NULL DEFAULT '',      -- plate, for the list
    place_text   TEXT NOT NULL DEFAULT '',      -- the place in words, for the list
    state        TEXT NOT NULL DEFAULT 'open',  -- open, closed
    last_idx     INTEGER NOT NULL DEFAULT 0     -- newest entry of the case, tells whether all of it is at headquarters
) STRICT;
CREATE INDEX inspection_by_time ON inspection (opened_at DESC, case_id DESC);

-- 亮证记录 (projection).
CREATE TABLE presentation (
    place           INTEGER NOT NULL PRIMARY KEY,  -- of the entry that holds everything about it
    presentation_id TEXT    NOT NULL,              -- named in badge codes
    presented_at    TEXT    NOT NULL               -- RFC 3339
) STRICT;

-- 告知 (projection).
CREATE TABLE told (
    case_id  TEXT NOT NULL REFERENCES inspection (case_id),  -- case it was told in
    idx      INTEGER NOT NULL,                               -- entry that tells it
    notice   TEXT NOT NULL,                                  -- id of the notice in the pack
    told_at  TEXT NOT NULL,                                  -- RFC 3339
    response TEXT NOT NULL,                                  -- what the party answered
    PRIMARY KEY (case_id, idx)
) STRICT;

-- 文书 (projection): drafts and issued instruments.
CREATE TABLE instrument (
    instrument_id     TEXT NOT NULL PRIMARY KEY,                      -- given by this terminal
    request_id        TEXT NOT NULL UNIQUE,                           -- chosen by the screen, makes starting idempotent
    case_id           TEXT NOT NULL REFERENCES inspection (case_id),  -- case it belongs to
    form              TEXT NOT NULL,                                  -- code of the form, e.g. F21
    title             TEXT NOT NULL,                                  -- title of the form
    state             TEXT NOT NULL,                                  -- draft, issued, voided
    revision          INTEGER NOT NULL DEFAULT 0,                     -- grows by one with every saved draft
    value             TEXT NOT NULL,                                  -- JSON, frozen once issued
    blocking_findings INTEGER NOT NULL DEFAULT 0,                     -- findings that stand before issuing, at the last save
    started_at        TEXT NOT NULL,                                  -- RFC 3339
    number            TEXT UNIQUE,                                    -- 文号, absent before issuing or without a series
    issued_at         TEXT,                                           -- RFC 3339
    content_sha256    TEXT,                                           -- of the frozen value, hex
    pdf_sha256        TEXT,                                           -- of the issued PDF, hex
    ticket_sha256     TEXT,                                           -- of the issued ticket image, hex
    qr                TEXT,                                           -- address a phone reads from the paper
    void_reason       TEXT,                                           -- why it was voided
    seal_mode         TEXT,                                           -- by_hand, pre_sealed, token, headquarters; absent where nothing is sealed
    seal_no           TEXT UNIQUE,                                    -- number of the impression on it
    delivery          TEXT,                                           -- JSON of the last delivery
    last_idx          INTEGER NOT NULL DEFAULT 0                      -- newest entry about this instrument
) STRICT;
CREATE INDEX instrument_by_case ON instrument (case_id, started_at);

-- 签名 (projection): the newest signature of each slot.
CREATE TABLE signature (
    instrument_id TEXT NOT NULL REFERENCES instrument (instrument_id),  -- what was signed
    slot          TEXT NOT NULL,                                        -- place on the paper, e.g. party
    name          TEXT NOT NULL,                                        -- name of who signed or refused
    signed_at     TEXT NOT NULL,                                        -- RFC 3339
    value_sha256  TEXT NOT NULL,                                        -- hash of the value that was signed
    strokes       TEXT NOT NULL,                                        -- JSON
    refusal       TEXT,                                                 -- JSON
    PRIMARY KEY (instrument_id, slot)
) STRICT;

-- 期限 (projection): clocks started by issuing or delivering.
CREATE TABLE clock (
    case_id        TEXT NOT NULL REFERENCES inspection (case_id),  -- case it runs in
    instrument_id  TEXT NOT NULL,                                  -- instrument that started it, empty where the case did
    name           TEXT NOT NULL,                                  -- name of the limit in the pack
    text           TEXT NOT NULL,                                  -- what has to be done
    started_at     TEXT NOT NULL,                                  -- RFC 3339, the act that started it
    due_on         TEXT NOT NULL,                                  -- last day, YYYY-MM-DD
    due_at         TEXT,                                           -- last minute, RFC 3339, where hours are counted
    safe_due       TEXT,                                           -- last working day that keeps it for certain
    is_provisional INTEGER NOT NULL,                               -- 1 when reckoned beyond the published calendar
    basis          TEXT NOT NULL,                                  -- JSON array of citations
    PRIMARY KEY (case_id, instrument_id, name)
) STRICT;

-- 案情 (projection): acts about a case that are no instruments.
CREATE TABLE case_act (
    place   INTEGER NOT NULL PRIMARY KEY,                   -- of its entry
    case_id TEXT    NOT NULL REFERENCES inspection (case_id),  -- case it is about
    kind    TEXT    NOT NULL,                               -- vocabulary of the journal
    at      TEXT    NOT NULL,                               -- RFC 3339
    body    TEXT    NOT NULL                                -- JSON of the entry
) STRICT;
CREATE INDEX case_act_by_case ON case_act (case_id, place);

-- What headquarters did to a case of this terminal, from its series.
CREATE TABLE hq_act (
    idx           INTEGER NOT NULL PRIMARY KEY,  -- position in headquarters' series
    case_id       TEXT,                          -- case it is about
    kind          TEXT    NOT NULL,              -- vocabulary of the journal
    at            TEXT    NOT NULL,              -- RFC 3339
    body          TEXT    NOT NULL               -- JSON of the entry
) STRICT;
CREATE INDEX hq_act_by_case ON hq_act (case_id, idx);

-- 号段 (projection): leased numbers and how far they are used.
CREATE TABLE lease (
    hq_idx   INTEGER NOT NULL PRIMARY KEY,  -- entry of headquarters that granted it
    series   TEXT    NOT NULL,              -- number series of the agency
    year     INTEGER NOT NULL,              -- year the numbers belong to
    pattern  TEXT    NOT NULL,              -- {year}, {serial:4}
    from_no  INTEGER NOT NULL,              -- first number
    to_no    INTEGER NOT NULL               -- last number
) STRICT;
-- 文号台账 (projection): every number once, used or voided.
CREATE TABLE number_use (
    series        TEXT    NOT NULL,  -- number series of the agency
    year          INTEGER NOT NULL,  -- year of the number
    serial        INTEGER NOT NULL,  -- number within series and year
    number        TEXT    NOT NULL,  -- the number in words
    instrument_id TEXT    NOT NULL,  -- instrument that has it
    void_reason   TEXT,              -- why it was voided
    PRIMARY KEY (series, year, serial)
) STRICT;

-- 印 (projection): numbered impressions of the seal and sheets of pre-sealed paper that belong to this terminal.
CREATE TABLE seal_grant (
    hq_idx     INTEGER NOT NULL PRIMARY KEY,  -- entry of headquarters that granted them
    what       TEXT    NOT NULL,              -- impression, sheet
    prefix     TEXT    NOT NULL,              -- what numbers begin with
    digits     INTEGER NOT NULL,              -- digits after it
    from_no    INTEGER NOT NULL,              -- first number
    to_no      INTEGER NOT NULL,              -- last number
    lot_sha256 TEXT                           -- object with the impressions
) STRICT;
-- 作废纸张 (projection): pre-sealed sheets that nobody will use.
CREATE TABLE spoiled_sheet (
    sheet_no   TEXT NOT NULL PRIMARY KEY,  -- number printed on the sheet
    reason     TEXT NOT NULL,              -- why
    spoiled_at TEXT NOT NULL               -- RFC 3339
) STRICT;

-- 证据 (projection): photos and recordings; their bytes stand in the evidence database.
CREATE TABLE evidence (
    evidence_id TEXT NOT NULL PRIMARY KEY,                      -- names the object in the evidence database
    case_id     TEXT NOT NULL REFERENCES inspection (case_id),  -- case it belongs to
    kind        TEXT NOT NULL,                                  -- photo, imported_photo, video, audio
    state       TEXT NOT NULL,                                  -- recording, complete, interrupted
    captured_at TEXT NOT NULL,                                  -- RFC 3339
    step        TEXT NOT NULL,                                  -- form step or note it was taken at
    media_type  TEXT NOT NULL,                                  -- e.g. image/jpeg, video/mp4
    sha256      TEXT,                                           -- of the plain bytes, absent while recording
    size_bytes  INTEGER NOT NULL DEFAULT 0,                     -- plain bytes
    duration_ms INTEGER                                         -- of a recording
) STRICT;
CREATE INDEX evidence_by_case ON evidence (case_id, captured_at);

-- 打印副本 (projection): one row a copy, with its last known outcome.
CREATE TABLE print_copy (
    job_id        TEXT    NOT NULL PRIMARY KEY,  -- print job
    instrument_id TEXT    NOT NULL,              -- what is printed
    copy_no       INTEGER NOT NULL,              -- contiguous from 1 for each instrument
    copy_name     TEXT    NOT NULL,              -- for whom, e.g. 当事人
    is_reprint    INTEGER NOT NULL,              -- 1 when marked 补打
    printer       TEXT    NOT NULL,              -- name of the printer
    sheet_no      TEXT,                          -- number of the pre-sealed sheet it is printed on
    state         TEXT    NOT NULL,              -- last outcome that was journaled
    queued_at     TEXT    NOT NULL,              -- RFC 3339
    UNIQUE (instrument_id, copy_no)
) STRICT;
CREATE INDEX print_copy_by_sheet ON print_copy (sheet_no) WHERE sheet_no IS NOT NULL;

-- What was adopted from headquarters (projection): roster and pack versions, newest last.
CREATE TABLE adoption (
    hq_idx  INTEGER NOT NULL PRIMARY KEY,  -- entry of headquarters that published it
    what    TEXT    NOT NULL,              -- roster or pack
    version TEXT    NOT NULL               -- its version
) STRICT;

-- Bytes of issued documents (PDF, ticket image) and of published objects (pack, portraits), by SHA-256 hex.
CREATE TABLE document (
    sha256     TEXT NOT NULL PRIMARY KEY,  -- of the bytes, hex
    media_type TEXT NOT NULL,              -- application/pdf, image/png, …
    bytes      BLOB NOT NULL               -- the document
) STRICT;

-- Outbox of media: everything named by an entry that headquarters has to hold.
CREATE TABLE outbox_media (
    sha256     TEXT    NOT NULL PRIMARY KEY,  -- of the plain bytes, hex
    size_bytes INTEGER NOT NULL,              -- plain bytes
    media_type TEXT    NOT NULL,              -- type the entry states
    idx        INTEGER NOT NULL,              -- entry that names it
    uploaded   INTEGER NOT NULL DEFAULT 0,    -- bytes headquarters acknowledged
    receipt    TEXT                           -- signed note once complete
) STRICT;
CREATE INDEX outbox_media_pending ON outbox_media (idx) WHERE receipt IS NULL;

-- Signed receipts of headquarters for the journal; the newest is what "at headquarters" means.
CREATE TABLE receipt (
    epoch       INTEGER NOT NULL,  -- epoch of the series
    idx         INTEGER NOT NULL,  -- newest entry it covers
    hash        TEXT    NOT NULL,  -- its hash, hex
    received_at TEXT    NOT NULL,  -- RFC 3339, headquarters' clock
    note        TEXT    NOT NULL,  -- the signed note
    PRIMARY KEY (epoch, idx)
) STRICT;
-- A head at headquarters that is not ours: kept as evidence.
CREATE TABLE fork (
    epoch    INTEGER NOT NULL,  -- epoch of the series
    idx      INTEGER NOT NULL,  -- index of the other head
    hash     TEXT    NOT NULL,  -- hash of the other head
    found_at TEXT    NOT NULL,  -- RFC 3339
    PRIMARY KEY (epoch, idx, hash)
) STRICT;
-- Headquarters' own series as received, raw.
CREATE TABLE down_entry (
    idx   INTEGER NOT NULL PRIMARY KEY,  -- position in headquarters' series
    kind  TEXT    NOT NULL,              -- vocabulary of the journal
    frame BLOB    NOT NULL               -- header, salt, body, signature
) STRICT;
-- Published objects named by headquarters that are still to be fetched.
CREATE TABLE wanted_object (
    sha256 TEXT NOT NULL PRIMARY KEY  -- of the object, hex
) STRICT;

-- 法条检索: what the active pack says, for searching. Made anew when the pack changes; meta search_index names the pack.
CREATE TABLE law_line (
    id         INTEGER NOT NULL PRIMARY KEY,  -- of the line in law_word
    kind       TEXT    NOT NULL,              -- article, violation
    name       TEXT    NOT NULL,              -- short title of the law, or code of the violation
    article    TEXT    NOT NULL DEFAULT '',   -- article of the law
    title      TEXT    NOT NULL,              -- full title of the law or of the violation
    gist       TEXT    NOT NULL,              -- what it is about
    valid_from TEXT,                          -- first day in force, YYYY-MM-DD
    valid_to   TEXT                           -- last day in force, YYYY-MM-DD
) STRICT;
-- Pairs of neighbouring characters, and of first letters, as words; see store/search.rs.
CREATE VIRTUAL TABLE law_word USING fts5 (words, initials, content='', tokenize='unicode61', prefix='1 2');

-- Printers set up on this terminal.
CREATE TABLE printer (
    printer_id TEXT    NOT NULL PRIMARY KEY,  -- given by this terminal
    name       TEXT    NOT NULL,              -- what the officers call it
    language   TEXT    NOT NULL,              -- ipp, escpos, cpcl, tspl
    address    TEXT    NOT NULL UNIQUE,       -- ipp://…, host:port or /dev/… with @speed
    width_dots INTEGER NOT NULL,              -- dots across the paper of a ticket printer
    darkness   INTEGER NOT NULL DEFAULT 0,    -- -2 (light) to 2 (dark), 0 as the printer is set
    offset_dots INTEGER NOT NULL DEFAULT 0    -- moves the picture to the right, or to the left when negative
) STRICT;
-- 打印队列: what has still to reach paper. The outcome is an entry, this table is how to get there.
CREATE TABLE spool (
    job_id          TEXT    NOT NULL PRIMARY KEY,  -- print job, see print_copy
    printer_id      TEXT    NOT NULL,              -- printer it goes to
    payload_sha256  TEXT    NOT NULL,              -- document to send
    state           TEXT    NOT NULL,              -- queued, sending, waiting, confirmed, failed, spoiled, unknown, cancelled
    cause           TEXT,                          -- why it waits or failed, e.g. paper_out
    attempts        INTEGER NOT NULL DEFAULT 0,    -- tries so far
    next_attempt_at TEXT                           -- RFC 3339, when it waits
) STRICT;
CREATE INDEX spool_open ON spool (state) WHERE state IN ('queued', 'sending', 'waiting', 'unknown');
