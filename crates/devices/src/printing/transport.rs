//! How bytes reach a ticket printer: a network socket, or a device file of the system.
//!
//! Serial cables, Bluetooth serial ports (`/dev/rfcomm*`) and USB printers (`/dev/usb/lp*`) are all device files; only
//! a terminal among them has a speed.

#[cfg(unix)]
mod device_file;
mod tcp;

use std::{fmt, io, time::Duration};

#[cfg(unix)]
pub(crate) use device_file::DeviceFile;

use super::Until;
use crate::DeviceFailure;

/// Speed of a serial cable when nobody chose one, bits a second. Bluetooth and USB ignore it.
const USUAL_BAUD: u32 = 9_600;
const BAUDS: [u32; 8] = [1_200, 2_400, 4_800, 9_600, 19_200, 38_400, 57_600, 115_200];
/// What a printer can hang on; anything else below `/dev` is none.
const DEVICE_NAMES: [&str; 6] = [
    "/dev/usb/lp",
    "/dev/rfcomm",
    "/dev/ttyUSB",
    "/dev/ttyACM",
    "/dev/ttyS",
    "/dev/pts/",
];
const MAX_HOST: usize = 200;

/// Where a ticket printer hangs. As text `host:9100`, `/dev/usb/lp0` or `/dev/ttyUSB0@115200`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// `host:port`
    Tcp(String),
    Device {
        path: String,
        baud: u32,
    },
}

impl Port {
    /// `None` when this is no place where a printer can hang.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.starts_with('/') {
            return Self::device(text);
        }
        let (host, port) = text.rsplit_once(':')?;
        let is_host = !host.is_empty()
            && host.len() <= MAX_HOST
            && host.chars().all(|letter| {
                letter.is_ascii_alphanumeric()
                    || matches!(letter, '.' | '-' | '_' | ':' | '[' | ']')
            });
        let is_port = port.parse::<u16>().is_ok_and(|port| port > 0);
        (is_host && is_port).then(|| Self::Tcp(text.to_owned()))
    }

    fn device(text: &str) -> Option<Self> {
        let (path, baud) = match text.split_once('@') {
            Some((path, baud)) => (path, baud.parse().ok()?),
            None => (text, USUAL_BAUD),
        };
        let number = DEVICE_NAMES
            .iter()
            .find_map(|name| path.strip_prefix(name))?;
        let is_number =
            (1..=4).contains(&number.len()) && number.chars().all(|digit| digit.is_ascii_digit());
        (is_number && BAUDS.contains(&baud)).then(|| Self::Device {
            path: path.to_owned(),
            baud,
        })
    }
}

impl fmt::Display for Port {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(host) => formatter.write_str(host),
            Self::Device { path, baud } if *baud == USUAL_BAUD => formatter.write_str(path),
            Self::Device { path, baud } => write!(formatter, "{path}@{baud}"),
        }
    }
}

/// A line to a printer. Neither call blocks longer than `pause`.
pub(crate) trait Transport: Send {
    /// The bytes that the other side took, 0 when it takes none now.
    fn write(&mut self, bytes: &[u8], pause: Duration) -> io::Result<usize>;
    /// What came, empty when nothing came in time. An error when the other side is gone.
    fn read(&mut self, pause: Duration) -> io::Result<Vec<u8>>;
}

/// How a printer on a serial cable says that its buffer is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    /// Its answers may contain the bytes of XON and XOFF, so these mean nothing.
    None,
    XonXoff,
}

pub(super) fn open(
    port: &Port,
    flow: Flow,
    until: Until,
) -> Result<Box<dyn Transport>, DeviceFailure> {
    match port {
        Port::Tcp(host) => tcp::open(host, until),
        #[cfg(unix)]
        Port::Device { path, baud } => Ok(Box::new(DeviceFile::open(path, *baud, flow)?)),
        #[cfg(not(unix))]
        Port::Device { .. } => Err(DeviceFailure::NotAvailable {
            what: "printers on a serial or USB port",
        }),
    }
}

fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "closed by the printer")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_read_as_it_is_written() {
        for text in [
            "127.0.0.1:9100",
            "printer-3.local:9100",
            "[fe80::1]:9100",
            "/dev/usb/lp0",
            "/dev/rfcomm12",
            "/dev/ttyUSB0@115200",
            "/dev/pts/7",
        ] {
            assert_eq!(Port::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(
            Port::parse("/dev/ttyS1@9600").unwrap().to_string(),
            "/dev/ttyS1"
        );
    }

    #[test]
    fn no_other_file_is_taken_for_a_printer() {
        for text in [
            "",
            ":9100",
            "host",
            "host:0",
            "host:99999",
            "a b:9100",
            "/etc/passwd",
            "/dev/sda",
            "/dev/mem",
            "/dev/usb/lp",
            "/dev/usb/lp0/../../sda",
            "/dev/ttyS1@1",
            "/dev/ttyS1@",
            "/dev/ttyS99999",
            "/dev/pts/ptmx",
        ] {
            assert_eq!(Port::parse(text), None, "{text}");
        }
    }
}
