//! Files of terminals by tus 1.0: durable before the offset grows, checked by their hash, receipted.

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use journal::body::HqMediaReceived;
use journal::{Hash, Hasher, Kind, MediaReceipt};
use sync::protocol::{MEDIA_PATCH_BYTES_MAX, Reason};

use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::refused::Refused;
use crate::store;
use crate::store::objects::{self, Object, Upload};
use crate::store::terminals::Terminal;

pub const FILE_BYTES_MAX: u64 = 64 * 1024 * 1024 * 1024;
const MEDIA_TYPE_CHARS_MAX: usize = 100;
const READ_BYTES: usize = 256 * 1024;

/// Uploads that a request is writing to at this moment; a second writer waits its turn by coming back.
#[derive(Default)]
pub struct Running(Mutex<HashSet<(String, Hash)>>);

struct Turn<'a> {
    running: &'a Running,
    key: (String, Hash),
}

impl Running {
    fn take(&self, writer: &str, sha256: Hash) -> Result<Turn<'_>, Refused> {
        let key = (writer.to_owned(), sha256);
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !running.insert(key.clone()) {
            return Err(Refused::new(
                Reason::Busy,
                "another request writes to this upload",
            ));
        }
        Ok(Turn { running: self, key })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.running
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.key);
    }
}

/// What a creation came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Created {
    /// Begun now or before.
    Begun,
    /// The file is here; the signed receipt.
    Here(String),
}

/// What a PATCH came to.
#[derive(Debug, PartialEq, Eq)]
pub struct Patched {
    pub offset: u64,
    /// The signed receipt, once the last byte was checked.
    pub receipt: Option<String>,
}

impl Headquarters {
    pub fn create_upload(
        &self,
        terminal: &Terminal,
        sha256: Hash,
        size_bytes: u64,
        media_type: &str,
    ) -> Result<Created, Refused> {
        if size_bytes > FILE_BYTES_MAX {
            return Err(Refused::new(Reason::TooLarge, "a file has at most 64 GiB"));
        }
        if let Some(note) = self.media_receipt(&sha256)? {
            return Ok(Created::Here(note));
        }
        let turn = self.uploads.take(&terminal.writer, sha256)?;
        let upload = self.write(|writing| {
            if let Some(upload) =
                objects::upload(writing.on, &terminal.writer, &sha256.to_string())?
            {
                return Ok(upload);
            }
            let upload = Upload {
                writer: terminal.writer.clone(),
                sha256: sha256.to_string(),
                size_bytes,
                media_type: clean_media_type(media_type),
                stored_bytes: 0,
            };
            objects::put_upload(writing.on, &upload, &writing.now_text)?;
            Ok::<_, Failure>(upload)
        })?;
        if upload.size_bytes != size_bytes {
            let detail = format!("the upload was begun with {} bytes", upload.size_bytes);
            return Err(Refused::new(Reason::Invalid, detail));
        }
        if size_bytes == 0 {
            self.open_incoming(&upload, &sha256)?;
            return Ok(Created::Here(self.complete(&upload, &sha256)?));
        }
        drop(turn);
        Ok(Created::Begun)
    }

    /// The upload under way; its offset is what is durable.
    pub fn upload(&self, terminal: &Terminal, sha256: &Hash) -> Result<Upload, Refused> {
        let sha256 = sha256.to_string();
        if let Some(upload) = self.read(|on| Ok(objects::upload(on, &terminal.writer, &sha256)?))? {
            return Ok(upload);
        }
        let object = self.read(|on| Ok(objects::object(on, &sha256)?))?;
        object
            .map(|object| Upload {
                writer: object.writer,
                sha256: object.sha256,
                size_bytes: object.size_bytes,
                media_type: object.media_type,
                stored_bytes: object.size_bytes,
            })
            .ok_or_else(|| Refused::new(Reason::NotFound, "no such upload"))
    }

    pub fn patch_upload(
        &self,
        terminal: &Terminal,
        sha256: Hash,
        offset: u64,
        bytes: &[u8],
    ) -> Result<Patched, Refused> {
        if bytes.len() > MEDIA_PATCH_BYTES_MAX {
            return Err(Refused::new(Reason::TooLarge, "a patch has at most 4 MiB"));
        }
        let _turn = self.uploads.take(&terminal.writer, sha256)?;
        let upload = self.upload(terminal, &sha256)?;
        if offset != upload.stored_bytes {
            return Err(Refused::OtherOffset(upload.stored_bytes));
        }
        if upload.stored_bytes == upload.size_bytes
            && let Some(note) = self.media_receipt(&sha256)?
        {
            return Ok(Patched {
                offset,
                receipt: Some(note),
            });
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let end = offset.saturating_add(length);
        if end > upload.size_bytes {
            return Err(Refused::new(
                Reason::TooLarge,
                "more bytes than the upload was begun with",
            ));
        }
        self.write_bytes(&upload, &sha256, bytes)?;
        self.write(|writing| {
            objects::set_stored(writing.on, &terminal.writer, &sha256.to_string(), end)
                .map_err(Failure::from)
        })?;
        let receipt = match end == upload.size_bytes {
            true => Some(self.complete(&upload, &sha256)?),
            false => None,
        };
        Ok(Patched {
            offset: end,
            receipt,
        })
    }

    /// The signed receipt of a file that is here.
    pub fn media_receipt(&self, sha256: &Hash) -> Result<Option<String>, Failure> {
        let object = self.read(|on| Ok(objects::object(on, &sha256.to_string())?))?;
        Ok(object.map(|object| object.note))
    }

    /// Bytes beyond the durable offset are left-overs of a crash and are cut off before writing on.
    fn write_bytes(&self, upload: &Upload, sha256: &Hash, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.incoming_path(&upload.writer, sha256);
        let mut file = self.open_incoming(upload, sha256)?;
        if upload.stored_bytes == 0
            && let Some(dir) = path.parent()
        {
            sync_dir(dir)?;
        }
        let written = file
            .set_len(upload.stored_bytes)
            .and_then(|()| file.seek(SeekFrom::Start(upload.stored_bytes)))
            .and_then(|_| file.write_all(bytes))
            .and_then(|()| file.sync_data());
        written.map_err(Failure::file(path))
    }

    fn open_incoming(&self, upload: &Upload, sha256: &Hash) -> Result<File, Failure> {
        let path = self.incoming_path(&upload.writer, sha256);
        OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(Failure::file(path))
    }

    /// Reads back what was stored, and takes the file in only if it has the hash it was announced with.
    fn complete(&self, upload: &Upload, sha256: &Hash) -> Result<String, Refused> {
        let incoming = self.incoming_path(&upload.writer, sha256);
        let place = self.object_path(sha256);
        // A process that was killed between moving the file and writing its row left it on the shelf.
        if !incoming.exists() && place.exists() && hash_file(&place)? == *sha256 {
            return self.take_in(upload, sha256);
        }
        if hash_file(&incoming)? != *sha256 {
            self.set_file_aside(upload, &incoming)?;
            return Err(Refused::new(
                Reason::HashMismatch,
                "the file has another hash; send it again",
            ));
        }
        if let Some(shelf) = place.parent() {
            std::fs::create_dir_all(shelf).map_err(Failure::file(shelf))?;
            std::fs::rename(&incoming, &place).map_err(Failure::file(&place))?;
            sync_dir(shelf)?;
        }
        self.take_in(upload, sha256)
    }

    fn take_in(&self, upload: &Upload, sha256: &Hash) -> Result<String, Refused> {
        let object = self.write(|writing| {
            let on = writing.on;
            objects::drop_upload(on, &upload.writer, &upload.sha256)?;
            if let Some(object) = objects::object(on, &upload.sha256)? {
                return Ok(object);
            }
            let name =
                store::foundation(on, "note_name")?.ok_or_else(|| Failure::stored("note_name"))?;
            let receipt = MediaReceipt {
                sha256: *sha256,
                size_bytes: upload.size_bytes,
                received_at: writing.now,
            };
            let object = Object {
                sha256: upload.sha256.clone(),
                size_bytes: upload.size_bytes,
                media_type: upload.media_type.clone(),
                writer: upload.writer.clone(),
                received_at: writing.now_text.clone(),
                note: receipt.sign(&self.keys.checkpoint, &name),
            };
            objects::put_object(on, &object)?;
            let body = HqMediaReceived {
                v: 1,
                writer: upload.writer.clone(),
                sha256: upload.sha256.clone(),
                size_bytes: upload.size_bytes,
            };
            writing.record(Kind::HqMediaReceived, &body)?;
            Ok::<_, Failure>(object)
        })?;
        Ok(object.note)
    }

    /// Uploads whose last byte was durable when the process ended are checked and taken in now.
    pub(crate) fn finish_uploads(&self) -> Result<(), Failure> {
        for upload in self.read(|on| Ok(objects::full_uploads(on)?))? {
            let sha256 = upload
                .sha256
                .parse()
                .map_err(|_| Failure::stored("an upload"))?;
            match self.complete(&upload, &sha256) {
                Ok(_) | Err(Refused::Rejected(_)) => {}
                Err(refused) => tracing::warn!(?refused, "an upload could not be finished"),
            }
        }
        Ok(())
    }

    fn set_file_aside(&self, upload: &Upload, incoming: &Path) -> Result<(), Failure> {
        tracing::warn!(
            writer = upload.writer,
            sha256 = upload.sha256,
            "a file has another hash"
        );
        let aside = self.aside_path(&format!("{}-{}", upload.writer, upload.sha256));
        std::fs::rename(incoming, &aside).map_err(Failure::file(aside))?;
        self.write(|writing| {
            Ok(objects::set_stored(
                writing.on,
                &upload.writer,
                &upload.sha256,
                0,
            )?)
        })
    }

    /// Puts bytes of headquarters itself on the shelf.
    pub(crate) fn keep_object(&self, bytes: &[u8]) -> Result<Hash, Failure> {
        let sha256 = Hash::of(bytes);
        let place = self.object_path(&sha256);
        if let Some(shelf) = place.parent() {
            std::fs::create_dir_all(shelf).map_err(Failure::file(shelf))?;
            let mut file = File::create(&place).map_err(Failure::file(&place))?;
            file.write_all(bytes).map_err(Failure::file(&place))?;
            file.sync_all().map_err(Failure::file(&place))?;
            sync_dir(shelf)?;
        }
        Ok(sha256)
    }

    /// A pack or portrait and its media type; nothing of any case.
    pub fn published(&self, sha256: &Hash) -> Result<Option<(String, String, Vec<u8>)>, Failure> {
        let found = self.read(|on| Ok(objects::published(on, &sha256.to_string())?))?;
        let Some((what, media_type)) = found else {
            return Ok(None);
        };
        let place = self.object_path(sha256);
        let bytes = std::fs::read(&place).map_err(Failure::file(place))?;
        Ok(Some((what, media_type, bytes)))
    }
}

fn hash_file(path: &Path) -> Result<Hash, Failure> {
    let mut file = File::open(path).map_err(Failure::file(path))?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; READ_BYTES];
    loop {
        let read = file.read(&mut buffer).map_err(Failure::file(path))?;
        match buffer.get(..read) {
            None | Some([]) => return Ok(hasher.finish()),
            Some(bytes) => hasher.update(bytes),
        }
    }
}

fn sync_dir(dir: &Path) -> Result<(), Failure> {
    File::open(dir)
        .and_then(|dir| dir.sync_all())
        .map_err(Failure::file(dir))
}

/// `type/subtype` in plain letters, or the type of unknown bytes.
fn clean_media_type(text: &str) -> String {
    let is_sound = text.len() <= MEDIA_TYPE_CHARS_MAX
        && text.split('/').count() == 2
        && text.split('/').all(|part| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        });
    match is_sound {
        true => text.to_ascii_lowercase(),
        false => "application/octet-stream".to_owned(),
    }
}
