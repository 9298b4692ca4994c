use std::{
    fs,
    io::{BufRead, BufReader, Error},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::Place;
use crate::printing::{Address, is_cancelled};

const READY_WITHIN: Duration = Duration::from_secs(15);
const LOOK_EVERY: Duration = Duration::from_millis(20);
const SYSTEM_BUS: &str = "DBUS_SYSTEM_BUS_ADDRESS";
const SYSTEM_BUS_SOCKET: &str = "/run/dbus/system_bus_socket";

/// Debian's `ippeveprinter` (package `cups-ipp-utils`) on a free port, with its own folder and, where the system has
/// none, its own message bus. Both processes end when this is dropped.
pub struct IppPrinter {
    place: Place,
    printer: Child,
    bus: Option<Child>,
    folder: TempDir,
}

impl IppPrinter {
    /// # Errors
    /// When the program is missing or does not come up.
    pub fn start() -> std::io::Result<Self> {
        Self::start_taking("application/pdf,image/pwg-raster")
    }

    /// A printer that takes only these media types, separated by commas.
    ///
    /// # Errors
    /// When the program is missing or does not come up.
    pub fn start_taking(formats: &str) -> std::io::Result<Self> {
        let folder = tempfile::tempdir()?;
        fs::create_dir(folder.path().join("received"))?;
        fs::create_dir(folder.path().join("spool"))?;
        let command = folder.path().join("print");
        fs::write(&command, script(folder.path()))?;
        fs::set_permissions(&command, fs::Permissions::from_mode(0o755))?;
        let (mut bus, bus_address) = bus(folder.path())?;

        let place = Place::keep()?;
        let port = place.address().port().to_string();
        let mut program = Command::new("ippeveprinter");
        program
            .args(["-r", "off", "-p", &port, "-f", formats, "-c"])
            .arg(&command);
        program
            .arg("-d")
            .arg(folder.path().join("spool"))
            .arg("Sanxiang test printer");
        if let Some(address) = bus_address {
            program.env(SYSTEM_BUS, address);
        }
        let printer = program
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let printer = printer.inspect_err(|_| end(bus.as_mut()))?;
        let mut started = Self {
            place,
            printer,
            bus,
            folder,
        };
        started.wait_until_it_listens()?;
        Ok(started)
    }

    #[must_use]
    pub fn address(&self) -> Address {
        Address::Ipp(format!("ipp://{}/ipp/print", self.place.address()))
    }

    /// The next job stops for paper.
    ///
    /// # Errors
    /// When the printer's folder is gone.
    pub fn take_paper_out(&self) -> std::io::Result<()> {
        fs::write(self.folder.path().join("paper-out"), "")
    }

    /// # Errors
    /// When there was paper already.
    pub fn load_paper(&self) -> std::io::Result<()> {
        fs::remove_file(self.folder.path().join("paper-out"))
    }

    /// Every further job breaks off.
    ///
    /// # Errors
    /// When the printer's folder is gone.
    pub fn break_down(&self) -> std::io::Result<()> {
        fs::write(self.folder.path().join("broken"), "")
    }

    /// The documents that reached paper, in order.
    ///
    /// # Errors
    /// When the printer's folder is gone.
    pub fn documents(&self) -> std::io::Result<Vec<Vec<u8>>> {
        let mut numbered = Vec::new();
        for entry in fs::read_dir(self.folder.path().join("received"))? {
            let path = entry?.path();
            let number: Option<u32> = path
                .file_name()
                .and_then(|name| name.to_str()?.parse().ok());
            numbered.push((number.unwrap_or(u32::MAX), path));
        }
        numbered.sort();
        numbered
            .into_iter()
            .map(|(_, path)| fs::read(path))
            .collect()
    }

    /// Whether the printer took this job, counted from 1, as cancelled.
    ///
    /// # Errors
    /// When the printer does not answer.
    pub fn is_cancelled(&self, job: i32) -> std::io::Result<bool> {
        let Address::Ipp(uri) = self.address() else {
            return Ok(false);
        };
        is_cancelled(&uri, job).map_err(Error::other)
    }

    fn wait_until_it_listens(&mut self) -> std::io::Result<()> {
        let give_up_at = Instant::now() + READY_WITHIN;
        while TcpStream::connect(self.place.address()).is_err() {
            if let Some(status) = self.printer.try_wait()? {
                return Err(Error::other(format!("ippeveprinter ended: {status}")));
            }
            if Instant::now() > give_up_at {
                return Err(Error::other("ippeveprinter does not listen"));
            }
            std::thread::sleep(LOOK_EVERY);
        }
        Ok(())
    }
}

impl Drop for IppPrinter {
    fn drop(&mut self) {
        end(Some(&mut self.printer));
        end(self.bus.as_mut());
    }
}

fn end(child: Option<&mut Child>) {
    if let Some(child) = child {
        // It may have ended by itself.
        child.kill().ok();
        child.wait().ok();
    }
}

/// The document is copied last, so that whatever stands in `received` is "on paper".
fn script(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        r#"#!/bin/sh
for file; do :; done
if [ -e '{folder}/paper-out' ]; then
    echo 'STATE: +media-empty-error,media-needed-error' >&2
    while [ -e '{folder}/paper-out' ]; do sleep 0.05; done
    echo 'STATE: -media-empty-error,media-needed-error' >&2
fi
[ -e '{folder}/broken' ] && exit 1
cp "$file" "{folder}/copy-$IPP_JOB_ID" && mv "{folder}/copy-$IPP_JOB_ID" "{folder}/received/$IPP_JOB_ID"
echo 'ATTR: job-impressions-completed=1' >&2
"#
    )
}

/// `ippeveprinter` asks for a system bus even when it announces nothing.
fn bus(folder: &Path) -> std::io::Result<(Option<Child>, Option<String>)> {
    let is_there = std::env::var_os(SYSTEM_BUS).is_some()
        || std::os::unix::net::UnixStream::connect(SYSTEM_BUS_SOCKET).is_ok();
    if is_there {
        return Ok((None, None));
    }
    let socket = folder.join("bus");
    let config = folder.join("bus.conf");
    fs::write(&config, bus_config(&socket))?;
    let mut bus = Command::new("dbus-daemon")
        .args([
            "--nofork",
            "--nopidfile",
            "--print-address",
            "--config-file",
        ])
        .arg(&config)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut address = String::new();
    if let Some(output) = bus.stdout.take() {
        // The line comes when the bus listens.
        BufReader::new(output).read_line(&mut address)?;
    }
    if address.is_empty() {
        end(Some(&mut bus));
        return Err(Error::other("dbus-daemon does not come up"));
    }
    Ok((Some(bus), Some(format!("unix:path={}", socket.display()))))
}

fn bus_config(socket: &Path) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path={}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
"#,
        socket.display()
    )
}
