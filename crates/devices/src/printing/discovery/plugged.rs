//! What is plugged into this machine: USB printers, Bluetooth serial ports, serial cables by USB.

use std::path::Path;

use super::{Found, language_in};
use crate::printing::{Address, Language, Port};

/// Serial ports of the machine itself are not listed: they are always there, printer or not.
const FOLDERS: [(&str, &[&str]); 2] = [
    ("dev/usb", &["lp"]),
    ("dev", &["rfcomm", "ttyUSB", "ttyACM"]),
];

pub(super) fn devices(root: &Path) -> Vec<Found> {
    let mut found = Vec::new();
    for (folder, prefixes) in FOLDERS {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else {
            continue;
        };
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .filter(|name| prefixes.iter().any(|prefix| name.starts_with(prefix)))
            .collect();
        names.sort();
        found.extend(
            names
                .iter()
                .filter_map(|name| device(root, &format!("/{folder}/{name}"), name)),
        );
    }
    found
}

fn device(root: &Path, path: &str, name: &str) -> Option<Found> {
    let port = Port::parse(path)?;
    let about = root
        .join("sys/class/usbmisc")
        .join(name)
        .join("device/ieee1284_id");
    // Only USB printers say what they are.
    let about = std::fs::read_to_string(about).unwrap_or_default();
    let model = model(&about);
    Some(Found {
        name: model.clone().unwrap_or_else(|| name.to_owned()),
        address: Address::Slip {
            language: language_in(&about).unwrap_or(Language::EscPos),
            port,
        },
        model,
    })
}

/// `MFG:Maker;CMD:ESC/POS;MDL:Model;` gives "Maker Model".
fn model(about: &str) -> Option<String> {
    let value = |keys: [&str; 2]| {
        about.split(';').find_map(|part| {
            let (key, value) = part.trim().split_once(':')?;
            let value = value.trim();
            (keys.contains(&key) && !value.is_empty()).then(|| value.to_owned())
        })
    };
    let words: Vec<String> = [["MFG", "MANUFACTURER"], ["MDL", "MODEL"]]
        .into_iter()
        .filter_map(value)
        .collect();
    (!words.is_empty()).then(|| words.join(" "))
}
