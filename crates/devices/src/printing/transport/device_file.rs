//! Device files without blocking: opened so, and waited for with `poll`.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Write},
    os::{
        fd::AsFd,
        unix::fs::{FileTypeExt, OpenOptionsExt},
    },
    time::Duration,
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
    io::Errno,
    termios::{
        ControlModes, InputModes, OptionalActions, QueueSelector, isatty, tcflush, tcgetattr,
        tcsetattr,
    },
};

use super::{Flow, Transport, gone};
use crate::DeviceFailure;

/// A USB printer may answer a read with nothing at all.
const EMPTY_READ_PAUSE: Duration = Duration::from_millis(20);

pub(crate) struct DeviceFile {
    file: File,
    is_terminal: bool,
}

impl DeviceFile {
    pub(super) fn open(path: &str, baud: u32, flow: Flow) -> Result<Self, DeviceFailure> {
        let not_reached = |detail: String| DeviceFailure::ReachPrinter { detail };
        let flags = OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(flags.bits() as i32)
            .open(path)
            .map_err(|error| match error.raw_os_error() {
                Some(code) if code == Errno::BUSY.raw_os_error() => DeviceFailure::DeviceBusy {
                    wanted: path.to_owned(),
                },
                _ => not_reached(error.to_string()),
            })?;
        let is_device = file
            .metadata()
            .is_ok_and(|about| about.file_type().is_char_device());
        if !is_device {
            return Err(DeviceFailure::PrinterAddress {
                address: path.to_owned(),
            });
        }
        let is_terminal = isatty(&file);
        if is_terminal {
            set_line(&file, baud, flow).map_err(|error| not_reached(error.to_string()))?;
        }
        Ok(Self { file, is_terminal })
    }

    /// Takes over an open end, for stand-ins of printers.
    #[cfg(feature = "testing")]
    pub(crate) fn from_end(end: std::os::fd::OwnedFd) -> io::Result<Self> {
        rustix::io::ioctl_fionbio(&end, true)?;
        Ok(Self {
            file: end.into(),
            is_terminal: true,
        })
    }

    fn wait(&self, wanted: PollFlags, pause: Duration) -> io::Result<PollFlags> {
        let pause = Timespec {
            tv_sec: i64::try_from(pause.as_secs()).unwrap_or(i64::MAX),
            tv_nsec: pause.subsec_nanos().into(),
        };
        let mut ends = [PollFd::from_borrowed_fd(self.file.as_fd(), wanted)];
        match poll(&mut ends, Some(&pause)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let [end] = ends;
        Ok(end.revents())
    }
}

/// Eight bits, no parity, no echo, nothing translated.
fn set_line(file: &File, baud: u32, flow: Flow) -> rustix::io::Result<()> {
    let mut line = tcgetattr(file)?;
    line.make_raw();
    line.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
    if flow == Flow::XonXoff {
        line.input_modes |= InputModes::IXON;
    }
    line.set_speed(baud)?;
    tcsetattr(file, OptionalActions::Now, &line)?;
    // What an earlier job left unread is no answer to ours.
    tcflush(file, QueueSelector::IOFlush)
}

impl Transport for DeviceFile {
    fn write(&mut self, bytes: &[u8], pause: Duration) -> io::Result<usize> {
        let ready = self.wait(PollFlags::OUT, pause)?;
        if !ready.contains(PollFlags::OUT) {
            return match ready.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
                true => Err(gone()),
                false => Ok(0),
            };
        }
        match (&self.file).write(bytes) {
            Err(error) if is_pause(&error) => Ok(0),
            written => written,
        }
    }

    fn read(&mut self, pause: Duration) -> io::Result<Vec<u8>> {
        let ready = self.wait(PollFlags::IN, pause)?;
        if ready.is_empty() {
            return Ok(Vec::new());
        }
        let mut bytes = [0; 4_096];
        match (&self.file).read(&mut bytes) {
            Ok(0) if self.is_terminal => Err(gone()),
            Ok(0) => {
                std::thread::sleep(pause.min(EMPTY_READ_PAUSE));
                Ok(Vec::new())
            }
            Ok(length) => Ok(bytes.get(..length).unwrap_or_default().to_vec()),
            Err(error) if is_pause(&error) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }
}

fn is_pause(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}
