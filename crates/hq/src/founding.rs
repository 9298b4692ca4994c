//! 建立总部 – everything headquarters starts with: keys, agency, roster, pack, users.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use forms::{Agency, Pack};
use journal::body::RosterOfficer;
use journal::{Hash, PinParams};
use serde_json::Value;

use crate::clock::Clock;
use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::login::NewUser;
use crate::portraits;
use crate::seals::SealImage;

/// What has to be known to found a headquarters.
pub struct Founding {
    /// Where phones reach the public page, without a trailing slash.
    pub public_url: String,
    /// The agency as instruments print it.
    pub agency: Value,
    pub numbers: Vec<NumberPattern>,
    pub officers: Vec<RosterOfficer>,
    /// Portraits of the officers, PNG, found again by their hash.
    pub portraits: Vec<Vec<u8>>,
    /// 印章, which stays at headquarters.
    pub seal: Option<SealImage>,
    /// Folder of the pack's sources and the version to publish them under.
    pub pack: PackSource,
    pub users: Vec<NewUser>,
    pub password_cost: PinParams,
    /// Whether officers and agency are made up.
    pub example: bool,
}

/// 文号系列 – how numbers of a series look, and the first one nobody used before.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
pub struct NumberPattern {
    pub series: String,
    pub pattern: String,
    pub first: u64,
}

pub struct PackSource {
    pub dir: PathBuf,
    pub version: String,
}

const PORTRAITS: [&[u8]; 4] = [
    include_bytes!("../assets/portrait-1.png"),
    include_bytes!("../assets/portrait-2.png"),
    include_bytes!("../assets/portrait-3.png"),
    include_bytes!("../assets/portrait-4.png"),
];

impl Founding {
    /// A founding for the agency in a file, without users.
    pub fn of_agency(file: &Path, pack: &Path, public_url: &str) -> Result<Self, Failure> {
        let AgencyFile {
            agency,
            officers,
            portraits,
            seal,
        } = AgencyFile::read(file)?;
        let rules = Pack::load(pack)?;
        Ok(Self {
            public_url: public_url.trim_end_matches('/').to_owned(),
            numbers: number_patterns(&agency),
            officers,
            portraits,
            seal,
            agency: rules.agency_value(&agency),
            pack: PackSource {
                dir: pack.to_owned(),
                version: rules.version().to_owned(),
            },
            users: Vec::new(),
            password_cost: PinParams::default(),
            example: false,
        })
    }

    /// The invented agency of a pack, with drawn portraits and console users for every function.
    pub fn example(pack: &Path, public_url: &str) -> Result<Self, Failure> {
        let agency = pack.join("agencies").join("example.toml");
        let mut founding = Self::of_agency(&agency, pack, public_url)?;
        for (officer, portrait) in founding.officers.iter_mut().zip(PORTRAITS.iter().cycle()) {
            officer.photo_sha256 = Some(Hash::of(portrait).to_string());
        }
        founding.portraits = PORTRAITS.iter().map(|portrait| portrait.to_vec()).collect();
        founding.seal = Some(SealImage {
            bytes: include_bytes!("../assets/example-seal.png").to_vec(),
            width_mm: 42,
        });
        founding.users = NewUser::example();
        founding.example = true;
        Ok(founding)
    }

    /// Founds headquarters in an empty or absent folder.
    pub fn found(self, dir: &Path, clock: Arc<dyn Clock>) -> Result<Headquarters, Failure> {
        Headquarters::found(dir, clock, self)
    }
}

/// The number series of an agency file.
pub fn number_patterns(agency: &Agency) -> Vec<NumberPattern> {
    agency
        .number_series
        .iter()
        .map(|series| NumberPattern {
            series: series.series.clone(),
            pattern: series.pattern.clone(),
            first: series.first.max(1),
        })
        .collect()
}

/// 机关文件 – an agency with its roster and the portraits its file names.
pub(crate) struct AgencyFile {
    pub agency: Agency,
    pub officers: Vec<RosterOfficer>,
    /// PNG, found again by their hash.
    pub portraits: Vec<Vec<u8>>,
    pub seal: Option<SealImage>,
}

impl AgencyFile {
    pub fn read(file: &Path) -> Result<Self, Failure> {
        let agency = Agency::load(file)?;
        let mut officers = roster(&agency)?;
        let folder = file.parent().unwrap_or(Path::new(""));
        let portraits = portraits::read(&agency, folder, &mut officers)?;
        let seal = SealImage::read(&agency, folder)?;
        Ok(Self {
            agency,
            officers,
            portraits,
            seal,
        })
    }
}

/// The officers of an agency file as the roster carries them.
fn roster(agency: &Agency) -> Result<Vec<RosterOfficer>, Failure> {
    agency
        .officers
        .iter()
        .map(|officer| {
            let status = serde_json::to_value(officer.status)?;
            Ok(RosterOfficer {
                officer_id: officer.officer_id.clone(),
                name: officer.name.clone(),
                unit: officer.unit.clone(),
                post: officer.post.clone(),
                credential_no: officer.credential_no.clone(),
                category: officer.category.clone(),
                area: officer.area.clone(),
                valid_from: officer.valid_from.to_string(),
                valid_to: officer.valid_to.to_string(),
                status: status.as_str().unwrap_or_default().to_owned(),
                is_officer: officer.is_officer,
                photo_sha256: None,
            })
        })
        .collect()
}
