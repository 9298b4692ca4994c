use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

use crate::ShellFailure;

/// 三项 – the field enforcement terminal.
#[derive(Debug, Parser)]
#[command(name = "sanxiang-terminal", version)]
pub struct Arguments {
    /// Folder of this terminal's data
    #[arg(long, env = "SANXIANG_DATA", global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Folder of the bundled fonts
    #[arg(long, env = "SANXIANG_FONTS", global = true, value_name = "DIR")]
    pub fonts: Option<PathBuf>,
    /// Record and photograph a moving test picture and a tone, shown as such, where no device is plugged in
    #[arg(long)]
    pub test_sources: bool,
    /// Serve a browser on this machine in place of opening the window
    #[cfg(feature = "serve")]
    #[arg(long, value_name = "127.0.0.1:PORT")]
    pub serve: Option<std::net::SocketAddr>,
    #[command(subcommand)]
    pub action: Option<Action>,
}

#[derive(Debug, Subcommand)]
pub enum Action {
    /// Make this terminal known to its headquarters, once
    Enrol(Enrol),
}

#[derive(Debug, Args)]
pub struct Enrol {
    /// Address of headquarters
    #[arg(long, value_name = "URL")]
    pub headquarters: String,
    /// The enrolment ticket headquarters printed
    #[arg(long, value_name = "TICKET")]
    pub ticket: String,
    /// What headquarters calls this terminal
    #[arg(long, default_value = "执法终端", value_name = "NAME")]
    pub name: String,
    /// An officer's first PIN, once for each officer of this terminal
    #[arg(long = "pin", value_name = "CREDENTIAL=PIN", value_parser = credential_and_pin, required = true)]
    pub pins: Vec<(String, String)>,
}

fn credential_and_pin(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((credential, pin)) if !credential.is_empty() && !pin.is_empty() => {
            Ok((credential.to_owned(), pin.to_owned()))
        }
        _ => Err("expected CREDENTIAL=PIN"),
    }
}

impl Arguments {
    /// The folder asked for, else the user's data folder.
    pub(crate) fn data_dir(&self) -> Result<PathBuf, ShellFailure> {
        if let Some(dir) = &self.data {
            return Ok(dir.clone());
        }
        let base = std::env::var_os("XDG_DATA_HOME")
            .or_else(|| std::env::var_os("LOCALAPPDATA"))
            .map(PathBuf::from)
            .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/share")));
        base.map(|base| base.join("cn.sanxiang.terminal"))
            .ok_or(ShellFailure::DataFolder)
    }

    /// The fonts asked for, else those beside the program, else those of the source tree it was built from.
    pub(crate) fn fonts_dir(&self) -> PathBuf {
        if let Some(dir) = &self.fonts {
            return dir.clone();
        }
        let installed = std::env::current_exe()
            .ok()
            .and_then(|program| program.parent().map(|dir| dir.join("fonts")))
            .filter(|dir| dir.join("fonts.lock").exists());
        installed
            .unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/paper/fonts"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_enrolment_takes_one_pin_for_each_officer() {
        let arguments = Arguments::try_parse_from([
            "sanxiang-terminal",
            "enrol",
            "--data",
            "d",
            "--headquarters",
            "http://h",
            "--ticket",
            "SX1-t",
            "--pin",
            "410001=123456",
            "--pin",
            "410002=a=b",
        ])
        .unwrap();
        let Some(Action::Enrol(enrol)) = arguments.action else {
            panic!("no enrolment")
        };
        let expected =
            [("410001", "123456"), ("410002", "a=b")].map(|(c, p)| (c.to_owned(), p.to_owned()));
        assert_eq!(enrol.pins, expected);
        assert_eq!(arguments.data, Some("d".into()));
    }

    #[test]
    fn a_pin_without_its_officer_is_refused() {
        for text in ["123456", "=123456", "410001="] {
            assert!(credential_and_pin(text).is_err(), "{text}");
        }
    }
}
