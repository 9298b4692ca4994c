//! 印章与印模 – the agency's seal image stays in headquarters' folder; what leaves it are numbered impressions, each sealed to
//! the terminal that may use it once.

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use forms::{Agency, SealMode};
use journal::body::{HqSealInstalled, HqSealsGranted, ObjectBody};
use journal::{Hash, Kind, PublicKey};
use paper::Impression;
use rusqlite::Connection;
use sync::protocol::SealLot;

use crate::failure::Failure;
use crate::headquarters::{Headquarters, Writing};
use crate::store::seals::{self, Grant};
use crate::store::{self, objects};

/// Impressions leased to a terminal at once.
pub const LOT_IMPRESSIONS: u64 = 50;
const DIGITS: u8 = 8;
const FOLDER: &str = "seals";
/// What a lot is called among published objects.
const LOT: &str = "seal_lot";
const FOUNDATION_SHA256: &str = "seal_sha256";
const FOUNDATION_WIDTH: &str = "seal_width_mm";

/// 印章 – an image as the agency's file names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealImage {
    pub bytes: Vec<u8>,
    pub width_mm: u16,
}

impl SealImage {
    /// The seal an agency's file names, whose path starts in `folder`.
    pub(crate) fn read(agency: &Agency, folder: &Path) -> Result<Option<Self>, Failure> {
        let Some(seal) = &agency.seal else {
            return Ok(None);
        };
        let path = folder.join(&seal.image);
        let bytes = std::fs::read(&path).map_err(Failure::file(path))?;
        Ok(Some(Self {
            bytes,
            width_mm: seal.width_mm,
        }))
    }
}

/// Impressions that were made, with serials that follow each other, and the seal they were made from.
pub(crate) struct Made {
    serials: RangeInclusive<u64>,
    impressions: Vec<(String, Vec<u8>)>,
    pub seal_sha256: String,
    width_mm: u16,
}

impl Made {
    /// The impressions in the ledger: leased to a terminal, or put on one instrument by somebody.
    pub fn grant(
        &self,
        writer: &str,
        instrument_id: Option<&str>,
        (user_name, granted_at): (&str, &str),
    ) -> Grant {
        Grant {
            what: seals::IMPRESSION.to_owned(),
            prefix: String::new(),
            digits: DIGITS,
            from: *self.serials.start(),
            to: *self.serials.end(),
            writer: writer.to_owned(),
            instrument_id: instrument_id.map(str::to_owned),
            seal_sha256: Some(self.seal_sha256.clone()),
            width_mm: Some(self.width_mm),
            user_name: user_name.to_owned(),
            granted_at: granted_at.to_owned(),
        }
    }
}

impl Headquarters {
    /// Keeps a seal image for the owner of the folder alone and puts it in force. An image nothing can be made of is refused.
    pub(crate) fn install_seal(&self, seal: &SealImage) -> Result<(), Failure> {
        self.impression(seal, &number(0))?;
        let sha256 = Hash::of(&seal.bytes).to_string();
        let in_force = self.seal_in_force()?;
        let width_mm = seal.width_mm;
        if in_force.is_some_and(|(known, width)| known == sha256 && width == width_mm) {
            return Ok(());
        }
        self.keep_seal(&sha256, &seal.bytes)?;
        self.write(|writing| {
            store::put_foundation(writing.on, FOUNDATION_SHA256, &sha256)?;
            store::put_foundation(writing.on, FOUNDATION_WIDTH, &width_mm.to_string())?;
            let body = HqSealInstalled {
                v: 1,
                sha256: sha256.clone(),
                width_mm,
            };
            writing.record(Kind::HqSealInstalled, &body)?;
            Ok(())
        })
    }

    fn keep_seal(&self, sha256: &str, bytes: &[u8]) -> Result<(), Failure> {
        let place = self.seal_path(sha256);
        if place.is_file() {
            return Ok(());
        }
        if let Some(folder) = place.parent() {
            std::fs::create_dir_all(folder).map_err(Failure::file(folder))?;
            crate::keys::only_for_owner(folder)?;
        }
        let part = place.with_extension("part");
        crate::keys::write(&part, bytes)?;
        std::fs::rename(&part, &place).map_err(Failure::file(&place))
    }

    fn seal_path(&self, sha256: &str) -> PathBuf {
        self.folder().join(FOLDER).join(sha256)
    }

    /// Hash and width of the seal that impressions are made from.
    pub(crate) fn seal_in_force(&self) -> Result<Option<(String, u16)>, Failure> {
        self.read(|on| {
            let sha256 = store::foundation(on, FOUNDATION_SHA256)?;
            let width = store::foundation(on, FOUNDATION_WIDTH)?;
            Ok(sha256.zip(width.and_then(|width| width.parse().ok())))
        })
    }

    fn impression(&self, seal: &SealImage, number: &str) -> Result<Impression, Failure> {
        let made = Impression::make(&seal.bytes, seal.width_mm, number, self.fonts.fonts()?);
        made.map_err(|fault| Failure::Seal(crate::causes(&fault)))
    }

    /// Impressions with these serials, made from the seal in force.
    pub(crate) fn make_impressions(
        &self,
        serials: RangeInclusive<u64>,
    ) -> Result<Option<Made>, Failure> {
        let Some((seal_sha256, width_mm)) = self.seal_in_force()? else {
            return Ok(None);
        };
        let seal = self.kept_seal(&seal_sha256, width_mm)?;
        let impressions = serials
            .clone()
            .map(|serial| {
                let number = number(serial);
                let bytes = self.impression(&seal, &number)?.to_bytes();
                Ok((number, bytes))
            })
            .collect::<Result<_, Failure>>()?;
        Ok(Some(Made {
            serials,
            impressions,
            seal_sha256,
            width_mm,
        }))
    }

    fn kept_seal(&self, sha256: &str, width_mm: u16) -> Result<SealImage, Failure> {
        let path = self.seal_path(sha256);
        let bytes = std::fs::read(&path).map_err(Failure::file(path))?;
        Ok(SealImage { bytes, width_mm })
    }

    /// An impression that was granted, made again: the same seal and number give the same dots. `None` for a number nobody
    /// was given, and where the image is gone from headquarters' folder.
    pub fn impression_again(&self, number: &str) -> Result<Option<Impression>, Failure> {
        let Ok(serial) = number.parse() else {
            return Ok(None);
        };
        let grant = self.read(|on| Ok(seals::grant_of_impression(on, serial)?))?;
        let made_from = grant.and_then(|grant| grant.seal_sha256.zip(grant.width_mm));
        let Some((sha256, width_mm)) = made_from else {
            return Ok(None);
        };
        if !self.seal_path(&sha256).is_file() {
            tracing::error!(sha256, "the image of a seal is gone");
            return Ok(None);
        }
        let seal = self.kept_seal(&sha256, width_mm)?;
        self.impression(&seal, number).map(Some)
    }

    pub(crate) fn seal_mode(&self) -> Result<SealMode, Failure> {
        let foundation = self.foundation()?;
        Ok(self.pack(&foundation)?.pack.seal_mode(&foundation.agency))
    }

    /// Leases impressions to a terminal that is in touch and has less than a third of a lot left, where the agency works with
    /// them.
    pub(crate) fn lease_impressions(&self, writer: &str) -> Result<(), Failure> {
        if self.seal_mode()? != SealMode::Token {
            return Ok(());
        }
        let is_enough = |on: &Connection| {
            Ok::<_, Failure>(seals::impressions_left(on, writer)? * 3 >= LOT_IMPRESSIONS)
        };
        let (from, enough) = self.read(|on| Ok((seals::next_impression(on)?, is_enough(on)?)))?;
        if enough {
            return Ok(());
        }
        let to = from.saturating_add(LOT_IMPRESSIONS - 1);
        let Some(made) = self.make_impressions(from..=to)? else {
            tracing::warn!("the agency works with impressions, but no seal is installed");
            return Ok(());
        };
        self.write(|writing| {
            // Somebody else was faster: the next time this terminal asks there are new numbers.
            if seals::next_impression(writing.on)? != from || is_enough(writing.on)? {
                return Ok(());
            }
            let lot = self.publish_lot(writing, writer, &made)?;
            let grant = made.grant(writer, None, ("", &writing.now_text));
            record_grant(writing, &grant, Some(lot), "").map(|_| ())
        })
    }

    /// Seals impressions to a terminal and makes them an object it may fetch.
    pub(crate) fn publish_lot(
        &self,
        writing: &Writing<'_>,
        writer: &str,
        made: &Made,
    ) -> Result<ObjectBody, Failure> {
        let key = seals::key(writing.on, writer)?;
        let key = key.and_then(|key| PublicKey::from_base64(&key).ok());
        let key = key.ok_or_else(|| Failure::stored("the key that impressions are sealed to"))?;
        let lot = serde_json::to_vec(&SealLot::seal(&key, &made.impressions))?;
        let sha256 = self.keep_object(&lot)?.to_string();
        let media_type = "application/json".to_owned();
        let size_bytes = u64::try_from(lot.len()).unwrap_or(u64::MAX);
        objects::publish(writing.on, &sha256, LOT, &media_type, size_bytes)?;
        Ok(ObjectBody {
            sha256,
            size_bytes,
            media_type,
        })
    }
}

fn number(serial: u64) -> String {
    let digits = usize::from(DIGITS);
    format!("{serial:0digits$}")
}

/// Books numbers and says so in headquarters' series.
pub(crate) fn record_grant(
    writing: &mut Writing<'_>,
    grant: &Grant,
    lot: Option<ObjectBody>,
    user: &str,
) -> Result<u64, Failure> {
    seals::put_grant(writing.on, grant)?;
    let body = HqSealsGranted {
        v: 1,
        writer: grant.writer.clone(),
        what: grant.what.clone(),
        prefix: grant.prefix.clone(),
        digits: grant.digits,
        from: grant.from,
        to: grant.to,
        lot,
        seal_sha256: grant.seal_sha256.clone(),
        user: user.to_owned(),
        user_name: grant.user_name.clone(),
    };
    writing.record(Kind::HqSealsGranted, &body)
}
