//! 核对纸面 – issued instruments set again from what the journals say, and compared with the files that claim to be them.

mod again;
mod check;
mod office_copy;
mod record;
mod report;

pub(crate) use again::{object_of, photo_name};
pub use check::{Claim, Difference, Found, Known, PaperReport, SetAgain};
pub(crate) use office_copy::{OFFICE_COPY, OfficeCopy, has_later};
pub use record::{Copy, EntryPlace};
