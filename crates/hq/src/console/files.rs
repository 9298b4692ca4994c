//! Documents and media at the console: each opening is recorded, before the first byte leaves.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chrono::TimeDelta;
use contract::{BoundaryError, Code};
use journal::Hash;

use super::{OpenedFile, failed, not_found, purpose};
use crate::clock::time_text;
use crate::headquarters::Headquarters;
use crate::store::people::Session;
use crate::store::{cases, objects, views};

/// A player asks for one file in many ranges; within this time they are one opening.
const ONE_OPENING_MINUTES: i64 = 10;
/// A case that was opened within this time lends its purpose to the files in it.
const PURPOSE_HOURS: i64 = 8;
const REMEMBERED_MAX: usize = 10_000;

/// Who opened which file of which case, and until when (Unix seconds) that opening lasts.
#[derive(Default)]
pub struct StreamViews(Mutex<HashMap<(String, String, Hash), i64>>);

impl StreamViews {
    fn is_open(&self, key: &(String, String, Hash), now: i64) -> bool {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.get(key).is_some_and(|until| *until > now)
    }

    fn open(&self, key: (String, String, Hash), now: i64) {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if open.len() >= REMEMBERED_MAX {
            open.retain(|_, until| *until > now);
        }
        if open.len() < REMEMBERED_MAX {
            open.insert(
                key,
                now + TimeDelta::minutes(ONE_OPENING_MINUTES).num_seconds(),
            );
        }
    }
}

impl Headquarters {
    /// Why somebody looks into a case: what they say, or what they said when they opened it.
    pub(crate) fn purpose_of(
        &self,
        user: &str,
        case_id: &str,
        asked: Option<&str>,
    ) -> Result<String, BoundaryError> {
        if let Some(text) = asked {
            return purpose(text);
        }
        let since = time_text(&(self.clock.now() - TimeDelta::hours(PURPOSE_HOURS)));
        self.read(|on| Ok(views::last_purpose(on, user, case_id, &since)?))
            .map_err(failed)?
            .ok_or_else(|| BoundaryError::new(Code::Forbidden).with("reason", "purpose"))
    }

    /// The session behind a cookie's token.
    pub(crate) fn signed_in(&self, token: Option<&str>) -> Result<Session, BoundaryError> {
        let session = match token {
            Some(token) => self.session(token).map_err(failed)?,
            None => None,
        };
        session.ok_or_else(|| BoundaryError::new(Code::Locked))
    }

    /// Opens a file of a case for a signed-in user. `asked_purpose` may be left out when the user opened the case itself
    /// before: then that purpose stands.
    pub fn open_file(
        &self,
        token: Option<&str>,
        sha256: &Hash,
        case_id: &str,
        asked_purpose: Option<&str>,
    ) -> Result<OpenedFile, BoundaryError> {
        let session = self.signed_in(token)?;
        let name = sha256.to_string();
        let (named, object) = self
            .read(|on| {
                Ok((
                    cases::named_object(on, case_id, &name)?,
                    objects::object(on, &name)?,
                ))
            })
            .map_err(failed)?;
        let (Some(named), Some(object)) = (named, object) else {
            return Err(not_found("object", &name));
        };
        let now = self.clock.now();
        let key = (
            token.unwrap_or_default().to_owned(),
            case_id.to_owned(),
            *sha256,
        );
        if !self.streams.is_open(&key, now.timestamp()) {
            let purpose = self.purpose_of(&session.user, case_id, asked_purpose)?;
            self.record_view(&session, ("object", &name), Some(case_id), &purpose)
                .map_err(failed)?;
            self.streams.open(key, now.timestamp());
        }
        let media_type = match named.media_type.is_empty() {
            true => object.media_type,
            false => named.media_type,
        };
        Ok(OpenedFile {
            path: self.object_path(sha256),
            size_bytes: object.size_bytes,
            media_type,
            sha256: *sha256,
        })
    }
}
