//! The forms engine and its packs.

pub mod definition;

pub use definition::{Choice, Condition, Field, FieldKind, FormDefinition, Section, Signer};
