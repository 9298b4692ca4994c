//! Looking for printers: what the network announces, the queues of this machine, and what is plugged in.

mod cups;
mod mdns;
mod plugged;

use std::{path::PathBuf, time::Duration};

use super::{Address, Language};

/// A printer that can be set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub name: String,
    pub address: Address,
    pub model: Option<String>,
}

/// Where to look.
#[derive(Debug, Clone)]
pub struct Places {
    /// Address of the print server of this machine.
    pub cups: Option<String>,
    /// Whether to listen on the network, and whether only on this machine's own loopback.
    pub network: Option<Network>,
    /// Folder that holds `dev` and `sys`.
    pub root: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    All,
    Loopback,
}

impl Default for Places {
    fn default() -> Self {
        Self {
            cups: Some("ipp://localhost:631/".to_owned()),
            network: Some(Network::All),
            root: Some(PathBuf::from("/")),
        }
    }
}

/// Looks everywhere at once and takes about `within`. What cannot be asked is only logged: most machines have no print
/// server, and a network may forbid announcements.
#[must_use]
pub fn discover(places: &Places, within: Duration) -> Vec<Found> {
    let cups = places
        .cups
        .clone()
        .map(|uri| std::thread::spawn(move || cups::queues(&uri, within)));
    let plugged = places.root.as_deref().map(plugged::devices);
    let network = places
        .network
        .map(|network| mdns::announced(network, within));
    let cups = cups.map(|asked| {
        asked
            .join()
            .unwrap_or_else(|_| Err("the question broke off".to_owned()))
    });
    let mut found: Vec<Found> = Vec::new();
    for answer in [plugged.map(Ok), network, cups].into_iter().flatten() {
        match answer {
            Ok(printers) => {
                for printer in printers {
                    if !found.iter().any(|known| known.address == printer.address) {
                        found.push(printer);
                    }
                }
            }
            Err(detail) => tracing::info!(detail, "could not look for printers there"),
        }
    }
    found
}

/// The ticket language among the words a printer says about itself.
fn language_in(words: &str) -> Option<Language> {
    let words = words.to_ascii_uppercase();
    let says = |word: &str| words.contains(word);
    if says("TSPL") {
        Some(Language::Tspl)
    } else if says("CPCL") {
        Some(Language::Cpcl)
    } else if says("ESC/POS") || says("ESCPOS") || says("ESC-POS") {
        Some(Language::EscPos)
    } else {
        None
    }
}
