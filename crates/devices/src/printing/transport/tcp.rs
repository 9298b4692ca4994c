use std::{
    io::{self, ErrorKind, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::Duration,
};

use super::{Transport, Until, gone};
use crate::DeviceFailure;

const CONNECT_WITHIN: Duration = Duration::from_secs(5);

pub(super) fn open(host: &str, until: Until) -> Result<Box<dyn Transport>, DeviceFailure> {
    let candidates = host
        .to_socket_addrs()
        .map_err(|_| DeviceFailure::PrinterAddress {
            address: host.to_owned(),
        })?;
    let mut detail = "the name has no address".to_owned();
    for candidate in candidates {
        let Some(timeout) = until.left_at_most(CONNECT_WITHIN) else {
            break;
        };
        match TcpStream::connect_timeout(&candidate, timeout) {
            Ok(stream) => {
                // Failing to switch the delay off only makes status answers slower.
                stream.set_nodelay(true).ok();
                return Ok(Box::new(stream));
            }
            Err(error) => detail = error.to_string(),
        }
    }
    Err(DeviceFailure::ReachPrinter { detail })
}

impl Transport for TcpStream {
    fn write(&mut self, bytes: &[u8], pause: Duration) -> io::Result<usize> {
        self.set_write_timeout(Some(pause))?;
        match Write::write(self, bytes) {
            Err(error) if is_pause(error.kind()) => Ok(0),
            written => written,
        }
    }

    fn read(&mut self, pause: Duration) -> io::Result<Vec<u8>> {
        self.set_read_timeout(Some(pause))?;
        let mut bytes = [0; 4_096];
        match Read::read(self, &mut bytes) {
            Ok(0) => Err(gone()),
            Ok(length) => Ok(bytes.get(..length).unwrap_or_default().to_vec()),
            Err(error) if is_pause(error.kind()) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

fn is_pause(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}
