-- The tables of the house, as the databases have them. Generated from the stores' own sources; a test compares.
-- The journal is the truth; everything that can be rebuilt from it is a projection.

-- ══ Terminal, main database: casebook.db (SQLCipher) ══

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

-- ══ Terminal, evidence database: evidence.db (SQLCipher) ══

-- 三项 terminal, evidence database (SQLCipher, 64 KiB pages). Each object is sealed under its own data key.

CREATE TABLE object (
    object_id   TEXT    NOT NULL PRIMARY KEY,  -- the evidence id
    media_type  TEXT    NOT NULL,              -- e.g. video/mp4
    wrapped_key BLOB    NOT NULL,              -- data key wrapped for this terminal
    created_at  TEXT    NOT NULL,              -- RFC 3339
    sha256      TEXT,                          -- of the plain bytes, set when complete
    size_bytes  INTEGER NOT NULL DEFAULT 0,    -- plain bytes stored so far
    duration_ms INTEGER NOT NULL DEFAULT 0,    -- recorded milliseconds stored so far
    is_complete INTEGER NOT NULL DEFAULT 0     -- 1 once the hash is fixed
) STRICT;
CREATE INDEX object_by_hash ON object (sha256) WHERE sha256 IS NOT NULL;

CREATE TABLE chunk (
    object_id TEXT    NOT NULL REFERENCES object (object_id),  -- object it belongs to
    idx       INTEGER NOT NULL,                                -- order, contiguous from 0
    start     INTEGER NOT NULL,                                -- offset of the first plain byte
    size      INTEGER NOT NULL,                                -- plain bytes in this chunk
    sealed    BLOB    NOT NULL,                                -- the chunk under the object's key
    PRIMARY KEY (object_id, idx)
) STRICT;

-- ══ Headquarters: headquarters.sqlite ══

-- What is said once when headquarters is founded.
CREATE TABLE foundation (
    name TEXT NOT NULL PRIMARY KEY,  -- what it is
    value TEXT NOT NULL              -- text or JSON
) STRICT;

-- Tickets that new terminals enrol with; the ticket itself is shown once and never stored.
CREATE TABLE ticket (
    secret_hash TEXT NOT NULL PRIMARY KEY,  -- SHA-256 of the secret part, hex
    created_at TEXT NOT NULL,               -- RFC 3339
    expires_at TEXT NOT NULL,               -- not good any more after this moment
    used_at TEXT,                           -- absent while it is unused
    device_key TEXT,                        -- public key that used it, base64
    enrolment TEXT                          -- the answer given, so that a repeated request gets the same one
) STRICT;

-- Terminals of the agency.
CREATE TABLE terminal (
    writer TEXT NOT NULL PRIMARY KEY,   -- name of its series in the journal
    terminal_name TEXT NOT NULL,        -- what people call it
    device_key TEXT NOT NULL UNIQUE,    -- public key of the device, base64
    badge_key TEXT NOT NULL,            -- public key its badge codes are signed with, base64
    badge_key_id TEXT NOT NULL UNIQUE,  -- short name of the badge key inside a code
    key_class TEXT NOT NULL,            -- where the device key lives, e.g. soft
    epoch INTEGER NOT NULL,             -- epoch its series is in
    enrolled_at TEXT NOT NULL           -- RFC 3339
) STRICT;

-- 号段: numbers leased to terminals; two blocks never overlap.
CREATE TABLE number_block (
    writer TEXT NOT NULL REFERENCES terminal (writer),  -- terminal that holds the block
    series TEXT NOT NULL,                               -- number series of the agency
    year INTEGER NOT NULL,                              -- year the numbers belong to
    pattern TEXT NOT NULL,                              -- wording, e.g. 示例交罚〔{year}〕{serial:4}号
    from_no INTEGER NOT NULL CHECK (from_no > 0),       -- first number
    to_no INTEGER NOT NULL CHECK (to_no >= from_no),    -- last number
    granted_at TEXT NOT NULL,                           -- RFC 3339
    PRIMARY KEY (series, year, from_no)
) STRICT;

CREATE TRIGGER number_blocks_never_overlap BEFORE INSERT ON number_block
WHEN EXISTS (
    SELECT 1 FROM number_block AS other
    WHERE other.series = NEW.series AND other.year = NEW.year
      AND other.from_no <= NEW.to_no AND other.to_no >= NEW.from_no
)
BEGIN
    SELECT RAISE(ABORT, 'number blocks overlap');
END;

-- Where the series of each terminal stands; verification goes on from here.
CREATE TABLE series (
    writer TEXT NOT NULL,            -- terminal, or headquarters itself
    epoch INTEGER NOT NULL,          -- epoch of the series
    head_idx INTEGER NOT NULL,       -- index of the newest entry
    head_hash TEXT NOT NULL,         -- its hash, hex
    session INTEGER NOT NULL,        -- newest session
    verifier TEXT NOT NULL,          -- JSON, state of the verification
    last_received_at TEXT NOT NULL,  -- RFC 3339
    PRIMARY KEY (writer, epoch)
) STRICT;

-- Every entry as received, in the order of arrival. Raw bytes first, meaning later.
CREATE TABLE entry (
    arrival INTEGER PRIMARY KEY,  -- order of arrival
    writer TEXT NOT NULL,         -- terminal, or headquarters itself
    epoch INTEGER NOT NULL,       -- epoch of the series
    idx INTEGER NOT NULL,         -- position in the series
    hash TEXT NOT NULL,           -- SHA-256 of the header bytes, hex
    kind TEXT NOT NULL,           -- vocabulary of the journal; unknown words are kept
    case_id TEXT,                 -- case the entry belongs to
    case_idx INTEGER,             -- position in the case
    event_at TEXT NOT NULL,       -- when it happened, the writer's clock
    entered_at TEXT NOT NULL,     -- when it was entered, the writer's clock
    received_at TEXT NOT NULL,    -- headquarters' clock
    officers TEXT NOT NULL,       -- JSON array of officer ids
    frame BLOB NOT NULL,          -- header, salt, body, signature
    not_understood TEXT,          -- why it could not be interpreted
    subject TEXT NOT NULL,        -- what it was about, without personal data
    UNIQUE (writer, epoch, idx)
) STRICT;
CREATE INDEX entry_by_case ON entry (case_id, arrival) WHERE case_id IS NOT NULL;
CREATE INDEX entry_not_understood ON entry (kind) WHERE not_understood IS NOT NULL;

-- Signed receipts given for a series.
CREATE TABLE receipt (
    writer TEXT NOT NULL,       -- terminal
    epoch INTEGER NOT NULL,     -- epoch of the series
    idx INTEGER NOT NULL,       -- newest entry it covers
    hash TEXT NOT NULL,         -- its hash, hex
    received_at TEXT NOT NULL,  -- RFC 3339
    note TEXT NOT NULL,         -- the signed note
    PRIMARY KEY (writer, epoch, idx)
) STRICT;

-- Another continuation of a series: kept as evidence.
CREATE TABLE fork (
    writer TEXT NOT NULL,       -- terminal
    epoch INTEGER NOT NULL,     -- epoch of the series
    idx INTEGER NOT NULL,       -- where the two part
    kept_hash TEXT NOT NULL,    -- entry that was there first
    other_hash TEXT NOT NULL,   -- entry that came later
    received_at TEXT NOT NULL,  -- RFC 3339
    frames BLOB NOT NULL,       -- the bytes of the other continuation
    PRIMARY KEY (writer, epoch, idx, other_hash)
) STRICT;

-- Bytes that could not be placed in a series: kept, and shown.
CREATE TABLE set_aside (
    bytes_hash TEXT NOT NULL PRIMARY KEY,  -- SHA-256 of the bytes, hex
    writer TEXT NOT NULL,                  -- terminal that sent them
    epoch INTEGER NOT NULL,                -- epoch they claim
    received_at TEXT NOT NULL,             -- RFC 3339
    reason TEXT NOT NULL,                  -- why they could not be placed
    frames BLOB NOT NULL                   -- the bytes as received
) STRICT;

-- The Merkle log of heads and publications.
CREATE TABLE log_leaf (
    n INTEGER PRIMARY KEY,  -- position, contiguous from 0
    leaf TEXT NOT NULL      -- what was logged, one line
) STRICT;

-- Files on their way: how much of each is durable.
CREATE TABLE upload (
    writer TEXT NOT NULL,           -- terminal that sends it
    sha256 TEXT NOT NULL,           -- of the whole file, hex
    size_bytes INTEGER NOT NULL,    -- size announced
    media_type TEXT NOT NULL,       -- type announced
    stored_bytes INTEGER NOT NULL,  -- bytes that are durable
    created_at TEXT NOT NULL,       -- RFC 3339
    PRIMARY KEY (writer, sha256)
) STRICT;

-- Files that are here whole, by content.
CREATE TABLE object (
    sha256 TEXT NOT NULL PRIMARY KEY,  -- of the file, hex
    size_bytes INTEGER NOT NULL,       -- its size
    media_type TEXT NOT NULL,          -- its type
    writer TEXT NOT NULL,              -- terminal that sent it first
    received_at TEXT NOT NULL,         -- RFC 3339
    note TEXT NOT NULL                 -- the signed receipt
) STRICT;

-- What headquarters publishes to terminals: packs and portraits.
CREATE TABLE published (
    sha256 TEXT NOT NULL PRIMARY KEY,  -- of the file, hex
    what TEXT NOT NULL,                -- pack or portrait
    media_type TEXT NOT NULL,          -- its type
    size_bytes INTEGER NOT NULL        -- its size
) STRICT;

-- Users of the console.
CREATE TABLE user (
    user TEXT NOT NULL PRIMARY KEY,               -- name to sign in with
    name TEXT NOT NULL,                           -- name of the person
    salt BLOB NOT NULL CHECK (length(salt) = 16), -- for the password
    cost TEXT NOT NULL,                           -- JSON, cost of stretching the password
    verifier TEXT NOT NULL,                       -- keyed hash of the stretched password
    credential_no TEXT NOT NULL DEFAULT '',       -- 执法证号 of a user who is an officer too
    qualification_no TEXT NOT NULL DEFAULT ''     -- 法律职业资格证号 of a legal reviewer
) STRICT;

-- Wrong passwords in a row, and until when the next try waits.
CREATE TABLE failed_login (
    user TEXT NOT NULL PRIMARY KEY,  -- name that was tried
    failures INTEGER NOT NULL,       -- consecutive failures
    retry_at TEXT NOT NULL           -- RFC 3339
) STRICT;

-- Sessions of the console; the token itself is only in the browser.
CREATE TABLE session (
    token_hash TEXT NOT NULL PRIMARY KEY,       -- SHA-256 of the token, hex
    user TEXT NOT NULL REFERENCES user (user),  -- who is signed in
    signed_in_at TEXT NOT NULL,                 -- RFC 3339
    expires_at TEXT NOT NULL                    -- RFC 3339
) STRICT;

-- 执法人员: the roster that is published.
CREATE TABLE officer (
    credential_no TEXT NOT NULL PRIMARY KEY,  -- number of the certificate
    place INTEGER NOT NULL,                   -- order on the roster
    roster TEXT NOT NULL                      -- JSON, the line of the roster
) STRICT;

-- 案件 (projection): what a terminal opened, as last amended.
CREATE TABLE case_file (
    case_id TEXT NOT NULL PRIMARY KEY,  -- given by the terminal
    writer TEXT NOT NULL,               -- terminal it comes from
    epoch INTEGER NOT NULL,             -- epoch of its first entry
    opened_at TEXT NOT NULL,            -- RFC 3339, the terminal's clock
    received_at TEXT NOT NULL,          -- RFC 3339, headquarters' clock
    presented_at TEXT NOT NULL,         -- when the officers showed who they are
    reason TEXT NOT NULL,               -- daily, special, complaint, double_random, transferred
    reason_note TEXT NOT NULL,          -- free text
    place TEXT NOT NULL,                -- JSON
    place_text TEXT NOT NULL,           -- the place in words
    party TEXT NOT NULL,                -- JSON, the party block of the forms
    party_name TEXT NOT NULL,           -- name of person or firm, for the list
    vehicle TEXT,                       -- JSON, absent when no vehicle is concerned
    plate TEXT,                         -- plate, for the list
    officers TEXT NOT NULL              -- JSON array
) STRICT;
CREATE INDEX case_file_by_time ON case_file (opened_at, case_id);

-- 告知 (projection).
CREATE TABLE notice_told (
    case_id TEXT NOT NULL REFERENCES case_file (case_id),  -- case it was told in
    notice TEXT NOT NULL,                                  -- id of the notice in the pack
    title TEXT NOT NULL,                                   -- its title
    told_at TEXT NOT NULL,                                 -- RFC 3339
    response TEXT NOT NULL                                 -- what the party answered
) STRICT;
CREATE INDEX notice_told_by_case ON notice_told (case_id, told_at);

-- Files that entries of a case name; tells whether a case is complete.
CREATE TABLE named_object (
    case_id TEXT NOT NULL REFERENCES case_file (case_id),  -- case that names it
    sha256 TEXT NOT NULL,                                  -- of the whole file, hex
    writer TEXT NOT NULL,                                  -- terminal that has it
    size_bytes INTEGER NOT NULL,                           -- size the entry states
    media_type TEXT NOT NULL,                              -- type the entry states
    PRIMARY KEY (case_id, sha256)
) STRICT;
CREATE INDEX named_object_by_writer ON named_object (writer, sha256);

-- 文书 (projection): drafts and issued instruments.
CREATE TABLE instrument (
    instrument_id TEXT NOT NULL PRIMARY KEY,                             -- given by the terminal
    case_id TEXT NOT NULL REFERENCES case_file (case_id),                -- case it belongs to
    place INTEGER NOT NULL,                                              -- order in the case
    form TEXT NOT NULL,                                                  -- code of the form, e.g. F21
    title TEXT NOT NULL,                                                 -- title of the form
    state TEXT NOT NULL CHECK (state IN ('draft', 'issued', 'voided')),  -- draft, issued, voided
    number TEXT,                                                         -- 文号, absent without a series
    series TEXT,                                                         -- number series
    serial INTEGER,                                                      -- number within series and year
    year INTEGER,                                                        -- year of the number
    issued_at TEXT,                                                      -- RFC 3339
    content_sha256 TEXT,                                                 -- of the frozen value, hex
    value TEXT NOT NULL,                                                 -- JSON, frozen once issued
    pdf TEXT,                                                            -- JSON: hash, size, type
    ticket TEXT,                                                         -- JSON likewise
    clocks TEXT NOT NULL DEFAULT '[]',                                   -- JSON array of the time limits it started
    delivery TEXT,                                                       -- JSON of the last delivery
    voided_reason TEXT                                                   -- why it was voided
) STRICT;
CREATE INDEX instrument_by_case ON instrument (case_id, place);
CREATE INDEX instrument_by_number ON instrument (number) WHERE number IS NOT NULL;
CREATE INDEX instrument_by_serial ON instrument (series, year, serial) WHERE serial IS NOT NULL;

-- 签名 (projection): the newest signature of each slot.
CREATE TABLE signature (
    instrument_id TEXT NOT NULL REFERENCES instrument (instrument_id),  -- what was signed
    slot TEXT NOT NULL,                                                 -- place on the paper, e.g. party
    name TEXT NOT NULL,                                                 -- name of who signed or refused
    signed_at TEXT NOT NULL,                                            -- RFC 3339
    refusal TEXT,                                                       -- reason of a refusal
    witness_name TEXT,                                                  -- witness of a refusal
    PRIMARY KEY (instrument_id, slot)
) STRICT;

-- 打印副本 (projection): one row a copy, with its last known outcome.
CREATE TABLE paper_copy (
    job_id TEXT NOT NULL PRIMARY KEY,                                   -- print job of the terminal
    instrument_id TEXT NOT NULL REFERENCES instrument (instrument_id),  -- what was printed
    copy_no INTEGER NOT NULL,                                           -- contiguous from 1 for each instrument
    copy_name TEXT NOT NULL,                                            -- for whom, e.g. 当事人
    is_reprint INTEGER NOT NULL,                                        -- 1 when marked 补打
    state TEXT NOT NULL,                                                -- last outcome that was journaled
    changed_at TEXT NOT NULL                                            -- RFC 3339
) STRICT;
CREATE INDEX paper_copy_by_instrument ON paper_copy (instrument_id);

-- 证据 (projection): photos and recordings.
CREATE TABLE evidence (
    evidence_id TEXT NOT NULL PRIMARY KEY,                                -- given by the terminal
    case_id TEXT NOT NULL REFERENCES case_file (case_id),                 -- case it belongs to
    place INTEGER NOT NULL,                                               -- order in the case
    kind TEXT NOT NULL,                                                   -- photo, imported_photo, video, audio
    captured_at TEXT NOT NULL,                                            -- RFC 3339
    step TEXT NOT NULL,                                                   -- form step or note it was taken at
    state TEXT NOT NULL CHECK (state IN ('recording', 'complete', 'interrupted')),  -- recording, complete, interrupted
    duration_ms INTEGER,                                                  -- of a recording
    object TEXT,                                                          -- JSON: hash, size, type; absent while recording
    thumbnail TEXT                                                        -- hash of a small picture, hex
) STRICT;
CREATE INDEX evidence_by_case ON evidence (case_id, place);

-- Marks inside a recording (projection).
CREATE TABLE recording_mark (
    evidence_id TEXT NOT NULL REFERENCES evidence (evidence_id),  -- recording it stands in
    at_ms INTEGER NOT NULL,                                       -- recorded milliseconds before it
    text TEXT NOT NULL                                            -- what was said or tapped
) STRICT;
CREATE INDEX recording_mark_by_evidence ON recording_mark (evidence_id, at_ms);

-- 调阅记录 (projection of headquarters' own series): who looked at what, when and why.
CREATE TABLE view (
    idx INTEGER PRIMARY KEY,  -- entry of headquarters' series
    viewed_at TEXT NOT NULL,  -- RFC 3339
    user TEXT NOT NULL,       -- who looked
    what TEXT NOT NULL,       -- case, entry, object
    id TEXT NOT NULL,         -- of what was looked at
    case_id TEXT,             -- case it belongs to
    purpose TEXT NOT NULL     -- reason given
) STRICT;
CREATE INDEX view_by_case ON view (case_id, idx) WHERE case_id IS NOT NULL;

-- 岗位: what a console user may do; one user may hold several.
CREATE TABLE user_function (
    user TEXT NOT NULL REFERENCES user (user),  -- who holds it
    function TEXT NOT NULL CHECK (function IN ('unit_head', 'head', 'legal', 'discloser', 'archivist', 'clerk', 'seal_keeper', 'supervisor')),  -- unit_head 承办机构负责人, head 负责人, legal 法制审核, discloser 公示, archivist 档案, clerk 内勤, seal_keeper 印章管理员, supervisor 监督
    PRIMARY KEY (user, function)
) STRICT;

CREATE INDEX instrument_by_form ON instrument (form, state, issued_at);

-- Acts in cases (projection): approvals, reviews, flags, payments, disclosures and the like, of terminals and of headquarters.
CREATE TABLE act (
    writer TEXT NOT NULL,            -- series of the entry; hq for headquarters
    epoch INTEGER NOT NULL,          -- its epoch
    idx INTEGER NOT NULL,            -- its place in the series
    kind TEXT NOT NULL,              -- kind of the entry
    case_id TEXT,                    -- case it is about
    instrument_id TEXT,              -- instrument it is about
    about TEXT NOT NULL DEFAULT '',  -- what it is found by: stage, code, credit code, hash of a code
    acted_at TEXT NOT NULL,          -- RFC 3339, the writer's clock
    body TEXT NOT NULL,              -- JSON, the body of the entry
    PRIMARY KEY (writer, epoch, idx)
) STRICT;
CREATE INDEX act_by_case ON act (case_id, acted_at) WHERE case_id IS NOT NULL;
CREATE INDEX act_by_instrument ON act (instrument_id, kind) WHERE instrument_id IS NOT NULL;
CREATE INDEX act_by_kind ON act (kind, about);

-- 期限 (projection): clocks that entries started; the same name of the same thing counts once, the newest.
CREATE TABLE clock (
    case_id TEXT NOT NULL,             -- case it runs in
    owner TEXT NOT NULL,               -- instrument that started it, or writer/epoch/idx of the act that did
    name TEXT NOT NULL,                -- name of the limit in the pack
    instrument_id TEXT,                -- instrument it is about
    text TEXT NOT NULL,                -- what has to be done
    due_on TEXT NOT NULL,              -- last lawful day
    due_at TEXT,                       -- last lawful minute, where hours are counted
    safe_due TEXT,                     -- last working day that is safe
    is_provisional INTEGER NOT NULL,   -- 1 beyond the last published calendar
    basis TEXT NOT NULL,               -- JSON array of citations
    started_at TEXT NOT NULL,          -- RFC 3339
    PRIMARY KEY (case_id, owner, name)
) STRICT;
CREATE INDEX clock_by_name ON clock (name, due_on);

-- 公示 (projection of headquarters' own series).
CREATE TABLE disclosure (
    disclosure_id TEXT NOT NULL PRIMARY KEY,  -- given by headquarters
    idx INTEGER NOT NULL,                     -- entry of headquarters' series
    case_id TEXT NOT NULL,                    -- case of the decision
    instrument_id TEXT NOT NULL,              -- instrument that was published
    kind TEXT NOT NULL,                       -- result, penalty, inspection
    channels TEXT NOT NULL,                   -- JSON array
    page TEXT NOT NULL,                       -- JSON, what everybody may read
    page_sha256 TEXT NOT NULL,                -- of the page's bytes, hex
    disclosed_at TEXT NOT NULL,               -- RFC 3339
    disclosed_by TEXT NOT NULL,               -- name of who released it
    withdrawn_at TEXT,                        -- RFC 3339
    withdrawn_reason TEXT                     -- published instead of the page
) STRICT;
CREATE INDEX disclosure_by_instrument ON disclosure (instrument_id);
CREATE INDEX disclosure_by_idx ON disclosure (idx);

-- A page that was checked and waits for a second person to release it.
CREATE TABLE disclosure_review (
    instrument_id TEXT NOT NULL PRIMARY KEY,  -- instrument to be published
    kind TEXT NOT NULL,                       -- result, penalty, inspection
    channels TEXT NOT NULL,                   -- JSON array
    basis TEXT NOT NULL,                      -- JSON array of citations
    page_sha256 TEXT NOT NULL,                -- of the page that was looked at, hex
    user TEXT NOT NULL,                       -- who checked it
    user_name TEXT NOT NULL,                  -- name of that person
    reviewed_at TEXT NOT NULL                 -- RFC 3339
) STRICT;

-- What impressions for a terminal are sealed to.
CREATE TABLE seal_key (
    writer TEXT NOT NULL PRIMARY KEY REFERENCES terminal (writer),  -- terminal that opens them
    public_key TEXT NOT NULL                                        -- base64
) STRICT;

-- 领用: numbers of impressions and of sheets that terminals got; two ranges never overlap.
CREATE TABLE seal_grant (
    what TEXT NOT NULL CHECK (what IN ('impression', 'sheet')),  -- impression, sheet
    prefix TEXT NOT NULL,                                        -- what numbers begin with
    digits INTEGER NOT NULL,                                     -- digits after it
    from_no INTEGER NOT NULL,                                    -- first number
    to_no INTEGER NOT NULL CHECK (to_no >= from_no),             -- last number
    writer TEXT NOT NULL REFERENCES terminal (writer),           -- terminal that holds them
    instrument_id TEXT,                                          -- instrument that headquarters sealed with it
    seal_sha256 TEXT,                                            -- seal image the impressions were made from
    width_mm INTEGER,                                            -- and its width
    user_name TEXT NOT NULL,                                     -- who handed them out, empty for leased ones
    granted_at TEXT NOT NULL,                                    -- RFC 3339
    PRIMARY KEY (what, prefix, digits, from_no)
) STRICT;

CREATE TRIGGER seal_grants_never_overlap BEFORE INSERT ON seal_grant
WHEN EXISTS (
    SELECT 1 FROM seal_grant AS other
    WHERE other.what = NEW.what AND other.prefix = NEW.prefix AND other.digits = NEW.digits
      AND other.from_no <= NEW.to_no AND other.to_no >= NEW.from_no
)
BEGIN
    SELECT RAISE(ABORT, 'numbers of seals overlap');
END;

-- 用印 (projection): how issued instruments are sealed, and which sheets copies were printed on.
CREATE TABLE seal_use (
    use_id TEXT NOT NULL PRIMARY KEY,  -- the instrument, or the print job of a copy
    instrument_id TEXT NOT NULL,       -- what is sealed
    writer TEXT NOT NULL,              -- terminal that did it
    mode TEXT NOT NULL,                -- by_hand, pre_sealed, token, headquarters; sheet for a copy
    number TEXT,                       -- of the impression or the sheet
    is_spent INTEGER NOT NULL          -- 0 for a sheet on which nothing was printed after all
) STRICT;
CREATE INDEX seal_use_by_number ON seal_use (number) WHERE number IS NOT NULL;
CREATE INDEX seal_use_by_mode ON seal_use (mode);

-- 作废纸张 (projection): pre-sealed sheets that nobody will use.
CREATE TABLE spoiled_sheet (
    sheet_no TEXT NOT NULL,    -- number on the sheet
    writer TEXT NOT NULL,      -- terminal that says so
    reason TEXT NOT NULL,      -- why
    spoiled_at TEXT NOT NULL,  -- RFC 3339
    PRIMARY KEY (sheet_no, writer)
) STRICT;
