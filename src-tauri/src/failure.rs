use std::error::Error;
use std::net::SocketAddr;
use std::path::PathBuf;

use thiserror::Error;

/// What keeps the shell from running. Everything after that is the casebook's to tell.
#[derive(Debug, Error)]
pub enum ShellFailure {
    #[error("no folder for the terminal's data: give --data DIR")]
    DataFolder,
    #[error("the terminal in {} could not be opened: {reason}", .data.display())]
    Open { data: PathBuf, reason: String },
    #[error("the terminal could not be enrolled: {reason}")]
    Enrol { reason: String },
    #[error("the window could not be opened")]
    Window(#[source] tauri::Error),
    #[error("{0} is not a loopback address; --serve answers this machine only")]
    NotLoopback(SocketAddr),
    #[error("could not listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
}

/// An error with its causes in one line.
pub fn in_full(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text.push_str(": ");
        text.push_str(&source.to_string());
        cause = source.source();
    }
    text
}
