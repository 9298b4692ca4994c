-- 三项 terminal, evidence database (SQLCipher, 64 KiB pages). Each object is sealed under its own data key.

CREATE TABLE object (
    object_id   TEXT    NOT NULL PRIMARY KEY,
    media_type  TEXT    NOT NULL,
    wrapped_key BLOB    NOT NULL,             -- data key wrapped for this terminal
    created_at  TEXT    NOT NULL,
    sha256      TEXT,                         -- of the plain bytes, set when complete
    size_bytes  INTEGER NOT NULL DEFAULT 0,   -- plain bytes stored so far
    duration_ms INTEGER NOT NULL DEFAULT 0,
    is_complete INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX object_by_hash ON object (sha256) WHERE sha256 IS NOT NULL;

CREATE TABLE chunk (
    object_id TEXT    NOT NULL REFERENCES object (object_id),
    idx       INTEGER NOT NULL,
    start     INTEGER NOT NULL,   -- offset of the first plain byte
    size      INTEGER NOT NULL,   -- plain bytes in this chunk
    sealed    BLOB    NOT NULL,
    PRIMARY KEY (object_id, idx)
) STRICT;
