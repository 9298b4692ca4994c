//! Who may look: users of the console, their passwords and sessions.

use std::sync::PoisonError;

use chrono::TimeDelta;
use journal::body::HqSignIn;
use journal::{DataKey, Hash, Kind, PinParams, stretch};

use crate::clock::{time_from, time_text};
use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::store;
use crate::store::people::{self, Session, User};

const SESSION_HOURS: i64 = 8;
/// The first wrong passwords cost nothing but the stretching.
const FREE_FAILURES: u32 = 3;
const DELAY_MAX_S: i64 = 900;
const USER_CHARS_MAX: usize = 64;
const PASSWORD_BYTES_MAX: usize = 1024;
/// All names nobody has share one count, so that guessing names cannot fill the journal.
const NOBODY: &str = "?";

enum Attempt {
    Counted { retry_after_s: i64 },
    TooEarly { retry_after_s: i64 },
}

/// What console users may do.
pub const FUNCTIONS: [&str; 8] = [
    "unit_head",
    "head",
    "legal",
    "discloser",
    "archivist",
    "clerk",
    "seal_keeper",
    "supervisor",
];

/// A console user as an administrator names them.
#[derive(Debug, Clone, Default)]
pub struct NewUser {
    pub user: String,
    pub name: String,
    /// Some of [`FUNCTIONS`].
    pub functions: Vec<String>,
    pub password: String,
    /// 执法证号 of a user who is an officer too; empty for others.
    pub credential_no: String,
    /// 法律职业资格证号; empty for those who have none.
    pub qualification_no: String,
}

impl NewUser {
    /// Invented users for every function, for a headquarters with example data only. Disclosing takes two.
    pub fn example() -> Vec<Self> {
        [
            ("legal", "孙法制", "legal", "A99009901020001"),
            ("clerk", "李内勤", "clerk", ""),
            ("seal_keeper", "钱掌印", "seal_keeper", ""),
            ("supervisor", "周监督", "supervisor", ""),
            ("unit_head", "郑承办", "unit_head", ""),
            ("head", "王负责", "head", ""),
            ("discloser", "吴公示", "discloser", ""),
            ("releaser", "冯发布", "discloser", ""),
            ("archivist", "陈档案", "archivist", ""),
            ("legal_new", "褚见习", "legal", ""),
        ]
        .into_iter()
        .map(|(user, name, function, qualification_no)| Self {
            user: user.to_owned(),
            name: name.to_owned(),
            functions: vec![function.to_owned()],
            password: format!("example-{user}"),
            credential_no: String::new(),
            qualification_no: qualification_no.to_owned(),
        })
        .collect()
    }

    pub(crate) fn sealed(&self, pepper: &DataKey, cost: &PinParams) -> Result<User, Failure> {
        let salt = journal::random();
        let unknown = |function: &&String| !FUNCTIONS.contains(&function.as_str());
        if let Some(function) = self.functions.iter().find(unknown) {
            return Err(Failure::UnknownFunction(function.clone()));
        }
        Ok(User {
            user: self.user.clone(),
            name: self.name.clone(),
            functions: self.functions.clone(),
            credential_no: self.credential_no.clone(),
            qualification_no: self.qualification_no.clone(),
            salt,
            cost: serde_json::to_string(cost)?,
            verifier: verifier(&self.password, &salt, pepper, cost),
        })
    }
}

/// What came of an attempt to sign in.
#[derive(Debug)]
pub enum Login {
    /// The token for the cookie; only its hash is stored.
    SignedIn {
        token: String,
        session: Session,
    },
    Wrong {
        retry_after_s: i64,
    },
    /// Too early after failures; the password was not even looked at.
    Delayed {
        retry_after_s: i64,
    },
}

impl Headquarters {
    /// Adds a console user or gives an existing one another password.
    pub fn put_user(&self, user: &NewUser) -> Result<(), Failure> {
        let cost = self.password_cost()?;
        let user = user.sealed(&self.keys.pepper, &cost)?;
        self.write(|writing| Ok(people::put_user(writing.on, &user)?))
    }

    pub fn login(&self, user: &str, password: &str, address: &str) -> Result<Login, Failure> {
        let known = match user.chars().count() {
            0..=USER_CHARS_MAX => self.read(|on| Ok(people::user(on, user)?))?,
            _ => None,
        };
        let name = known.as_ref().map_or(NOBODY, |known| known.user.as_str());
        let retry_after_s = match self.begin_attempt(name)? {
            Attempt::TooEarly { retry_after_s } => return Ok(Login::Delayed { retry_after_s }),
            Attempt::Counted { retry_after_s } => retry_after_s,
        };
        let is_right = self.is_password(known.as_ref(), password)?;
        let body = HqSignIn {
            v: 1,
            user: name.to_owned(),
            address: address.to_owned(),
        };
        let Some(known) = known.as_ref().filter(|_| is_right) else {
            self.write(|writing| writing.record(Kind::HqSignInFailed, &body))?;
            return Ok(Login::Wrong { retry_after_s });
        };
        self.open_session(known, &body)
    }

    /// Counts the attempt as failed before the password is looked at, so that attempts made at the same time count too;
    /// a right password forgets the count.
    fn begin_attempt(&self, user: &str) -> Result<Attempt, Failure> {
        self.write(|writing| {
            let before = people::failed_logins(writing.on, user)?;
            if let Some(retry_after_s) = before.as_ref().and_then(|(_, at)| self.seconds_until(at))
            {
                return Ok(Attempt::TooEarly { retry_after_s });
            }
            let failures = before.map_or(0, |(failures, _)| failures).saturating_add(1);
            let retry_after_s = delay_s(failures);
            let retry_at = time_text(&(writing.now + TimeDelta::seconds(retry_after_s)));
            people::put_failed_login(writing.on, user, failures, &retry_at)?;
            Ok(Attempt::Counted { retry_after_s })
        })
    }

    fn open_session(&self, user: &User, body: &HqSignIn) -> Result<Login, Failure> {
        let token = Hash::from_bytes(journal::random()).to_string();
        let session = self.write(|writing| {
            let expires_at = time_text(&(writing.now + TimeDelta::hours(SESSION_HOURS)));
            people::forget_failed_logins(writing.on, &user.user)?;
            let hash = token_hash(&token);
            people::put_session(
                writing.on,
                &hash,
                &user.user,
                &writing.now_text,
                &expires_at,
            )?;
            writing.record(Kind::HqSignedIn, body)?;
            people::session(writing.on, &hash)?.ok_or_else(|| Failure::stored("the session"))
        })?;
        Ok(Login::SignedIn { token, session })
    }

    /// The session of a cookie, unless it ended.
    pub fn session(&self, token: &str) -> Result<Option<Session>, Failure> {
        let session = self.read(|on| Ok(people::session(on, &token_hash(token))?))?;
        Ok(session.filter(|session| self.seconds_until(&session.expires_at).is_some()))
    }

    pub fn logout(&self, token: &str) -> Result<(), Failure> {
        self.write(|writing| Ok(people::drop_session(writing.on, &token_hash(token))?))
    }

    /// An unknown user costs the same time as a known one.
    fn is_password(&self, user: Option<&User>, password: &str) -> Result<bool, Failure> {
        if password.len() > PASSWORD_BYTES_MAX {
            return Ok(false);
        }
        let (salt, cost) = match user {
            Some(user) => (
                user.salt,
                serde_json::from_str(&user.cost).map_err(|_| Failure::stored("password cost"))?,
            ),
            None => ([0; 16], self.password_cost()?),
        };
        // Stretching takes much memory on purpose: one at a time.
        let _turn = self
            .stretching
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let found = verifier(password, &salt, &self.keys.pepper, &cost);
        Ok(user.is_some_and(|user| user.verifier == found))
    }

    fn password_cost(&self) -> Result<PinParams, Failure> {
        let cost = self.read(|on| Ok(store::foundation(on, "password_cost")?))?;
        cost.and_then(|cost| serde_json::from_str(&cost).ok())
            .ok_or_else(|| Failure::stored("password cost"))
    }

    /// Whole seconds until a stored time, `None` once it has passed.
    fn seconds_until(&self, at: &str) -> Option<i64> {
        let left = time_from(at)?
            .signed_duration_since(self.clock.now())
            .num_milliseconds();
        (left > 0).then_some((left + 999) / 1000)
    }
}

/// 0, 0, 0, 2, 4, 8 … 900 seconds.
fn delay_s(failures: u32) -> i64 {
    match failures.checked_sub(FREE_FAILURES) {
        None | Some(0) => 0,
        Some(beyond) => 1_i64
            .checked_shl(beyond)
            .unwrap_or(DELAY_MAX_S)
            .clamp(2, DELAY_MAX_S),
    }
}

/// A hash of the stretched password: what is stored opens nothing.
fn verifier(password: &str, salt: &[u8; 16], pepper: &DataKey, cost: &PinParams) -> String {
    let key = stretch(password, salt, pepper, cost);
    Hash::of(key.derive("console password").as_bytes()).to_string()
}

fn token_hash(token: &str) -> String {
    Hash::of(token.as_bytes()).to_string()
}
