//! The acts of an officer, one file for each family of use cases.

pub mod casework;
pub mod checking;
pub mod decisions;
pub mod delivery;
pub mod discretion;
pub mod dossier;
pub mod drafting;
pub mod evidence;
pub mod inspection;
pub mod issuing;
pub mod overview;
pub mod pictures;
pub mod presentation;
pub mod printers;
pub mod printing;
pub mod recording;
pub mod sealing;
pub mod search;
pub mod spooling;
pub mod steps;
