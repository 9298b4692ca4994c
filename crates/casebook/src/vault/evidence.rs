//! Evidence objects: written chunk by chunk, hashed while written, sealed under a data key of their own.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use journal::body::ObjectBody;
use journal::{DataKey, Hash, Hasher, PublicKey};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::store::evidence_vault;

/// Size over which chunk hashes are taken, fixed at capture.
pub const HASH_CHUNK_BYTES: usize = 1 << 20;

/// The keys an object is made with.
pub struct ObjectKeys {
    data: DataKey,
    wrapped: Vec<u8>,
    /// The data key sealed to headquarters, base64: a lost PIN never destroys evidence.
    pub escrow: String,
}

impl ObjectKeys {
    pub fn generate(object_id: &str, terminal: &DataKey, escrow: &PublicKey) -> Self {
        let data = DataKey::generate();
        ObjectKeys {
            wrapped: journal::wrap(terminal, &data, object_id),
            escrow: STANDARD.encode(journal::seal_to(escrow, data.as_bytes(), object_id)),
            data,
        }
    }
}

/// Hashes of a stream: the whole, and each mebibyte.
#[derive(Clone, Default)]
pub struct StreamHash {
    whole: Hasher,
    part: Hasher,
    part_bytes: usize,
    parts: Vec<String>,
}

impl StreamHash {
    pub fn update(&mut self, mut bytes: &[u8]) {
        self.whole.update(bytes);
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(HASH_CHUNK_BYTES - self.part_bytes));
            self.part.update(now);
            self.part_bytes += now.len();
            bytes = later;
            if self.part_bytes == HASH_CHUNK_BYTES {
                self.parts
                    .push(std::mem::take(&mut self.part).finish().to_string());
                self.part_bytes = 0;
            }
        }
    }

    /// The hash of everything so far.
    pub fn so_far(&self) -> Hash {
        self.whole.clone().finish()
    }

    pub fn finish(mut self) -> (Hash, Vec<String>) {
        if self.part_bytes > 0 {
            self.parts.push(self.part.finish().to_string());
        }
        (self.whole.finish(), self.parts)
    }
}

/// An object being written.
pub struct Writer {
    object_id: String,
    keys: DataKey,
    next_idx: u32,
    size_bytes: u64,
    duration_ms: u64,
    hash: StreamHash,
}

impl Writer {
    pub fn create(
        db: &Connection,
        object_id: &str,
        media_type: &str,
        keys: ObjectKeys,
        at: &str,
    ) -> Result<Self, Failure> {
        evidence_vault::create(db, object_id, media_type, &keys.wrapped, at)?;
        Ok(Writer {
            object_id: object_id.to_owned(),
            keys: keys.data,
            next_idx: 0,
            size_bytes: 0,
            duration_ms: 0,
            hash: StreamHash::default(),
        })
    }

    /// Durable when it returns.
    pub fn append(
        &mut self,
        db: &mut Connection,
        plain: &[u8],
        duration_ms: u64,
    ) -> Result<(), Failure> {
        let sealed = journal::seal_chunk(&self.keys, &self.object_id, self.next_idx, false, plain);
        let size = u64::try_from(plain.len()).unwrap_or(u64::MAX);
        let duration_ms = self.duration_ms + duration_ms;
        evidence_vault::append(
            db,
            &self.object_id,
            self.next_idx,
            self.size_bytes,
            size,
            &sealed,
            duration_ms,
        )?;
        self.hash.update(plain);
        self.next_idx += 1;
        self.size_bytes += size;
        self.duration_ms = duration_ms;
        Ok(())
    }

    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    pub fn duration_ms(&self) -> u64 {
        self.duration_ms
    }

    pub fn fragments(&self) -> u32 {
        self.next_idx
    }

    pub fn hash_so_far(&self) -> Hash {
        self.hash.so_far()
    }

    /// Fixes the hash; the object is complete from here on.
    pub fn finish(
        self,
        db: &Connection,
        media_type: &str,
    ) -> Result<(ObjectBody, Vec<String>), Failure> {
        let (whole, parts) = self.hash.finish();
        let sha256 = whole.to_string();
        evidence_vault::complete(db, &self.object_id, &sha256)?;
        Ok((
            ObjectBody {
                sha256,
                size_bytes: self.size_bytes,
                media_type: media_type.to_owned(),
            },
            parts,
        ))
    }
}

/// Stores a whole object at once, a mebibyte a chunk.
pub fn store(
    db: &mut Connection,
    object_id: &str,
    media_type: &str,
    keys: ObjectKeys,
    at: &str,
    bytes: &[u8],
) -> Result<(ObjectBody, Vec<String>), Failure> {
    let mut writer = Writer::create(db, object_id, media_type, keys, at)?;
    for chunk in bytes.chunks(HASH_CHUNK_BYTES) {
        writer.append(db, chunk, 0)?;
    }
    writer.finish(db, media_type)
}

/// At most `max` plain bytes from `offset`; fewer only at the end.
pub fn read(
    db: &Connection,
    terminal: &DataKey,
    object: &evidence_vault::StoredObject,
    offset: u64,
    max: usize,
) -> Result<Vec<u8>, Failure> {
    let broken = |what: &str| Failure::Object(format!("{}: {what}", object.object_id));
    let data = journal::unwrap_key(terminal, &object.wrapped_key, &object.object_id)
        .map_err(|_| broken("its key does not open"))?;
    let mut plain = Vec::new();
    let mut at = offset;
    while at < object.size_bytes && plain.len() < max {
        let Some(stored) = evidence_vault::chunk_at(db, &object.object_id, at)? else {
            return Err(broken("a chunk is missing"));
        };
        if at >= stored.start + stored.size_bytes {
            return Err(broken("a chunk is missing"));
        }
        let chunk =
            journal::open_chunk(&data, &object.object_id, stored.idx, false, &stored.sealed)
                .map_err(|_| broken("a chunk does not open"))?;
        let skip = usize::try_from(at - stored.start).unwrap_or(usize::MAX);
        let fresh = chunk
            .get(skip..)
            .ok_or_else(|| broken("a chunk is short"))?;
        let take = fresh.len().min(max - plain.len());
        plain.extend_from_slice(fresh.get(..take).unwrap_or(fresh));
        at += u64::try_from(take).unwrap_or(u64::MAX);
        if take == 0 {
            return Err(broken("a chunk is short"));
        }
    }
    Ok(plain)
}

/// What an interrupted recording left.
pub struct Salvage {
    pub object: ObjectBody,
    pub chunks: Vec<String>,
    pub duration_ms: u64,
    pub fragments: u32,
}

/// Closes an object over the chunks that are there; `None` when it was never begun.
pub fn close_interrupted(
    db: &Connection,
    terminal: &DataKey,
    object_id: &str,
) -> Result<Option<Salvage>, Failure> {
    let Some(object) = evidence_vault::read(db, object_id)? else {
        return Ok(None);
    };
    let mut hash = StreamHash::default();
    let mut offset = 0;
    while offset < object.size_bytes {
        let bytes = read(db, terminal, &object, offset, HASH_CHUNK_BYTES)?;
        hash.update(&bytes);
        offset += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    }
    let (whole, chunks) = hash.finish();
    let sha256 = whole.to_string();
    evidence_vault::complete(db, object_id, &sha256)?;
    Ok(Some(Salvage {
        fragments: evidence_vault::chunk_count(db, object_id)?,
        duration_ms: object.duration_ms,
        chunks,
        object: ObjectBody {
            sha256,
            size_bytes: object.size_bytes,
            media_type: object.media_type,
        },
    }))
}
