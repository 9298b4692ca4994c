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
