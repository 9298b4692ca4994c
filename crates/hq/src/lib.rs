//! Headquarters: intake of journals and media, projections, the console and the public page.
//!
//! One folder holds everything: a SQLite database, the keys, the objects. What arrives is verified and kept byte for byte
//! first; what is shown are projections of it that can be rebuilt. Every look at a record is an entry of headquarters' own
//! series.

// The boundary error is large because it carries findings and articles; it is made once per refused request.
#![allow(clippy::result_large_err)]

mod clock;
pub mod console;
pub mod contract;
mod down;
mod enrol;
mod failure;
mod founding;
mod headquarters;
mod http;
mod intake;
mod keys;
mod lease;
mod log;
mod login;
mod media;
mod office;
mod own;
mod packs;
mod papers;
mod portraits;
mod projection;
mod public;
mod refused;
mod request_guard;
mod running;
mod seals;
mod store;

#[cfg(test)]
mod bindings;

pub use clock::{Clock, ManualClock, SystemClock};
pub use down::Down;
pub use failure::{Failure, causes};
pub use founding::{Founding, NumberPattern, PackSource};
pub use headquarters::{Foundation, Headquarters};
pub use intake::SignedRequest;
pub use lease::BLOCK_NUMBERS;
pub use login::{FUNCTIONS, Login, NewUser};
pub use media::{Created, Patched};
pub use papers::{Claim, Copy, Difference, EntryPlace, Found, Known, PaperReport, SetAgain};
pub use public::PublicCall;
pub use refused::Refused;
pub use running::Running;
pub use store::people::Session;
pub use store::terminals::{NumberBlock, Terminal};
