//! The forms engine and its packs.
