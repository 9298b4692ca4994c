//! The terminal's shell: windows, their permissions, and the two hosts of the command contract.
//!
//! Every call ends in [`casebook::Terminal`]; nothing of the law is decided here. [`window`] opens the officer's window
//! and the party's, [`loopback`] serves the same screens and commands to a browser on this machine.

mod arguments;
mod bridge;
mod failure;
#[cfg(feature = "serve")]
mod loopback;
#[cfg(target_os = "linux")]
mod painting;
mod range;
mod stop;
mod window;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use casebook::{DeviceSetup, OpenOptions, SystemHost, Terminal};
use journal::PinParams;

pub use arguments::{Action, Arguments};
pub use failure::{ShellFailure, in_full};

/// Does what the command line asks and returns when that has ended.
pub fn run(arguments: Arguments) -> Result<(), ShellFailure> {
    #[cfg(target_os = "linux")]
    painting::prepare();
    let data = arguments.data_dir()?;
    match arguments.action {
        Some(Action::Enrol(enrol)) => {
            Terminal::enrol(
                &data,
                &enrol.headquarters,
                &enrol.ticket,
                &enrol.name,
                &enrol.pins,
                PinParams::default(),
                Arc::new(SystemHost::new()),
            )
            .map_err(|source| ShellFailure::Enrol {
                reason: in_full(&source),
            })?;
            println!("enrolled at {} in {}", enrol.headquarters, data.display());
            Ok(())
        }
        None => {
            let devices = if arguments.test_sources {
                DeviceSetup::test_sources()
            } else {
                DeviceSetup::detect()
            };
            let opened = open(&data, devices, arguments.fonts_dir());
            #[cfg(feature = "serve")]
            if let Some(address) = arguments.serve {
                return loopback::serve(opened?, address);
            }
            window::show(&data, opened)
        }
    }
}

fn open(
    data: &Path,
    devices: DeviceSetup,
    fonts_dir: PathBuf,
) -> Result<Arc<Terminal>, ShellFailure> {
    let terminal = Terminal::open(OpenOptions {
        data_dir: data.to_owned(),
        host: Arc::new(SystemHost::new()),
        devices,
        fonts_dir,
    })
    .map_err(|source| ShellFailure::Open {
        data: data.to_owned(),
        reason: in_full(&source),
    })?;
    terminal.start_background();
    Ok(terminal)
}
