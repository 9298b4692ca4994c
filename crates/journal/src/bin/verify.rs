//! `sanxiang-verify FILE [--device KEY] [--receipt NOTE --headquarters KEY] [--json]`: checks an exported journal with
//! nothing but this crate. Exit 0: everything fits. 1: something does not. 2: it could not be asked.

use std::fs;
use std::process::ExitCode;

use journal::{Export, HqPublicKey, PublicKey, Receipt, Report, note_signers};
use serde_json::{Value, json};

const USAGE: &str =
    "usage: sanxiang-verify FILE [--device KEY] [--receipt NOTE --headquarters KEY] [--json]

FILE                 an exported journal
--device KEY         base64 of the device's public key (SPKI), when it is known from elsewhere
--receipt NOTE       file with a receipt signed by headquarters
--headquarters KEY   base64 of headquarters' public key (SPKI)
--json               one JSON object instead of lines";

fn main() -> ExitCode {
    let checked = Args::read(std::env::args().skip(1)).and_then(|args| {
        let outcome = Outcome::of(&args)?;
        if args.is_json {
            println!("{}", outcome.to_json());
        } else {
            outcome.print();
        }
        Ok(outcome.is_sound())
    });
    match checked {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

#[derive(Default)]
struct Args {
    file: String,
    device: Option<String>,
    receipt: Option<String>,
    headquarters: Option<String>,
    is_json: bool,
}

impl Args {
    fn read(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut args = Self::default();
        let mut words = words;
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| USAGE.to_owned());
            match word.as_str() {
                "--json" => args.is_json = true,
                "--device" => args.device = Some(value()?),
                "--receipt" => args.receipt = Some(value()?),
                "--headquarters" => args.headquarters = Some(value()?),
                file if !file.starts_with("--") && args.file.is_empty() => {
                    word.clone_into(&mut args.file)
                }
                _ => return Err(USAGE.to_owned()),
            }
        }
        if args.file.is_empty() || args.receipt.is_some() != args.headquarters.is_some() {
            return Err(USAGE.to_owned());
        }
        Ok(args)
    }
}

struct Outcome {
    export: Export,
    report: Report,
    receipt: Option<Receipt>,
    faults: Vec<String>,
}

impl Outcome {
    fn of(args: &Args) -> Result<Self, String> {
        let bytes = fs::read(&args.file).map_err(|fault| format!("{}: {fault}", args.file))?;
        let export = Export::read(&bytes).map_err(|fault| format!("{}: {fault}", args.file))?;
        let report = export.verify();
        let mut faults: Vec<String> = report.fault.iter().map(ToString::to_string).collect();
        if let Some(key) = &args.device {
            let key = PublicKey::from_base64(key).map_err(|fault| format!("--device: {fault}"))?;
            if key != export.manifest.device_key {
                faults.push("the file names another device key than the one given".to_owned());
            }
        }
        let receipt = match (&args.receipt, &args.headquarters) {
            (Some(note), Some(key)) => match covering_receipt(&export, note, key)? {
                Ok(receipt) => Some(receipt),
                Err(fault) => {
                    faults.push(fault);
                    None
                }
            },
            _ => None,
        };
        Ok(Self {
            export,
            report,
            receipt,
            faults,
        })
    }

    fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    fn print(&self) {
        let Self { export, report, .. } = self;
        let manifest = &export.manifest;
        let key = manifest.device_key.key_id();
        println!(
            "series {} epoch {} device key {key}",
            manifest.writer, manifest.epoch
        );
        for session in &report.sessions {
            let state = if session.is_closed {
                "closed"
            } else {
                "not closed"
            };
            println!(
                "session {} from entry {}: {} entries, {state}",
                session.session, session.opened_idx, session.entries
            );
        }
        for case in &report.cases {
            println!(
                "case {}: {} entries ({} to {}), {} withheld",
                case.case, case.entries, case.first_idx, case.last_idx, case.withheld
            );
        }
        if let Some(receipt) = &self.receipt {
            println!(
                "receipt: headquarters held entries 0 to {} at {}",
                receipt.idx,
                receipt.received_at.to_rfc3339()
            );
        }
        for fault in &self.faults {
            println!("FAULT {fault}");
        }
        let verdict = if self.is_sound() { "OK" } else { "NOT OK" };
        println!(
            "{verdict}: {} entries verified, {} bodies withheld, {} of unknown kind",
            report.entries, report.withheld, report.unknown_kinds
        );
    }

    fn to_json(&self) -> Value {
        let manifest = &self.export.manifest;
        json!({
            "ok": self.is_sound(),
            "writer": manifest.writer,
            "epoch": manifest.epoch,
            "device_key_id": manifest.device_key.key_id(),
            "report": self.report,
            "receipt": self.receipt,
            "faults": self.faults,
        })
    }
}

/// The outer fault is one of asking, the inner one of what was asked.
fn covering_receipt(
    export: &Export,
    note: &str,
    key: &str,
) -> Result<Result<Receipt, String>, String> {
    let key = HqPublicKey::from_base64(key).map_err(|fault| format!("--headquarters: {fault}"))?;
    let note = fs::read_to_string(note).map_err(|fault| format!("{note}: {fault}"))?;
    let opened = note_signers(&note)
        .iter()
        .find_map(|name| Receipt::open(&note, name, &key).ok());
    let Some(receipt) = opened else {
        return Ok(Err(
            "the receipt is not signed by this headquarters".to_owned()
        ));
    };
    Ok(match export.check_covered(&receipt) {
        Ok(()) => Ok(receipt),
        Err(fault) => Err(fault.to_string()),
    })
}
