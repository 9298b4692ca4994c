use std::{
    ffi::OsStr,
    io,
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use rustix::{
    fs::{Mode, OFlags},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{OptionalActions, tcgetattr, tcsetattr},
};

use super::decoding::{Command, Paper, next_command};
use crate::printing::{Address, DeviceFile, Language, Port, Raster, Transport};

const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A ticket printer on `127.0.0.1` or at the end of a pseudo-terminal that keeps what it "prints".
///
/// It behaves like a strict real one: real-time questions are answered at once and found everywhere, even inside a
/// picture; everything else waits in the buffer while there is no paper; the question for the end is answered in its
/// turn.
pub struct SlipPrinter {
    language: Language,
    port: Port,
    shared: Arc<Shared>,
    serving: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    has_no_paper: bool,
    is_cover_open: bool,
    is_paper_low: bool,
    is_battery_low: bool,
    is_mute: bool,
    is_hasty: bool,
    is_over: bool,
    nonsense: Option<Vec<u8>>,
    bands_left: Option<u32>,
    close_after_bytes: Option<usize>,
    hang_after_bytes: Option<usize>,
    bytes_taken: usize,
    tickets: Vec<Raster>,
    unfinished: Paper,
    complaint: Option<String>,
    open: Vec<TcpStream>,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SlipPrinter {
    /// An ESC/POS printer on a network socket.
    ///
    /// # Errors
    /// When loopback gives no free port.
    pub fn start() -> io::Result<Self> {
        Self::start_speaking(Language::EscPos)
    }

    /// # Errors
    /// When loopback gives no free port.
    pub fn start_speaking(language: Language) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let at = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let for_thread = shared.clone();
        Ok(Self {
            language,
            port: Port::Tcp(at.to_string()),
            shared,
            serving: Some(std::thread::spawn(move || {
                accept(&listener, language, &for_thread);
            })),
        })
    }

    /// A printer on a serial line.
    ///
    /// # Errors
    /// When the system gives no pseudo-terminal.
    pub fn start_serial(language: Language) -> io::Result<Self> {
        let end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        grantpt(&end)?;
        unlockpt(&end)?;
        let name = ptsname(&end, Vec::new())?;
        let path = OsStr::from_bytes(name.to_bytes());
        // A serial line is there whether or not somebody has opened it.
        let line: OwnedFd = rustix::fs::open(path, OFlags::RDWR | OFlags::NOCTTY, Mode::empty())?;
        let mut mode = tcgetattr(&line)?;
        mode.make_raw();
        tcsetattr(&line, OptionalActions::Now, &mode)?;
        let path = path.to_string_lossy().into_owned();
        let shared = Arc::new(Shared::default());
        let transport = DeviceFile::from_end(end)?;
        let connection = Connection::new(Box::new(transport), language, shared.clone());
        Ok(Self {
            language,
            port: Port::Device {
                path,
                baud: 115_200,
            },
            shared,
            serving: Some(std::thread::spawn(move || {
                connection.serve();
                drop(line);
            })),
        })
    }

    #[must_use]
    pub fn address(&self) -> Address {
        Address::Slip {
            language: self.language,
            port: self.port.clone(),
        }
    }

    /// `host:port` or the path of the line.
    #[must_use]
    pub fn host(&self) -> String {
        self.port.to_string()
    }

    pub fn take_paper_out(&self) {
        self.shared.state().has_no_paper = true;
    }

    pub fn load_paper(&self) {
        self.shared.state().has_no_paper = false;
    }

    /// The roll ends when so many more bands are on paper.
    pub fn run_out_after_bands(&self, bands: u32) {
        self.shared.state().bands_left = Some(bands);
    }

    pub fn set_paper_low(&self, is_low: bool) {
        self.shared.state().is_paper_low = is_low;
    }

    pub fn set_battery_low(&self, is_low: bool) {
        self.shared.state().is_battery_low = is_low;
    }

    pub fn set_cover_open(&self, is_open: bool) {
        self.shared.state().is_cover_open = is_open;
    }

    /// Breaks the connection when so many bytes of a connection, questions included, have come.
    pub fn close_after_bytes(&self, bytes: usize) {
        self.shared.state().close_after_bytes = Some(bytes);
    }

    /// Neither reads nor answers any more after so many bytes of a connection.
    pub fn hang_after_bytes(&self, bytes: usize) {
        self.shared.state().hang_after_bytes = Some(bytes);
    }

    /// Behaves again.
    pub fn recover(&self) {
        let mut state = self.shared.state();
        state.hang_after_bytes = None;
        state.close_after_bytes = None;
        state.nonsense = None;
        state.is_mute = false;
        drop(state);
        self.shared.changed.notify_all();
    }

    /// Prints, but answers no question, as many cheap printers do.
    pub fn fall_mute(&self) {
        self.shared.state().is_mute = true;
    }

    /// Says that it is done as soon as the first band is there, and not when it is asked.
    pub fn confirm_too_early(&self) {
        self.shared.state().is_hasty = true;
    }

    /// Says these bytes instead of every answer.
    pub fn talk_nonsense(&self, bytes: &[u8]) {
        self.shared.state().nonsense = Some(bytes.to_vec());
    }

    /// Bytes of all connections, questions included.
    #[must_use]
    pub fn bytes_taken(&self) -> usize {
        self.shared.state().bytes_taken
    }

    /// Whole tickets, cut off.
    #[must_use]
    pub fn tickets(&self) -> Vec<Raster> {
        self.shared.state().tickets.clone()
    }

    /// Waits for a ticket that nobody confirms.
    #[must_use]
    pub fn wait_for_tickets(&self, count: usize, within: Duration) -> Vec<Raster> {
        let state = self.shared.state();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(state, within, |state| state.tickets.len() < count);
        waited
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .tickets
            .clone()
    }

    /// Rows on the paper that still hangs in the printer.
    #[must_use]
    pub fn unfinished_rows(&self) -> u32 {
        self.shared.state().unfinished.height()
    }

    /// The first command the printer did not understand.
    #[must_use]
    pub fn complaint(&self) -> Option<String> {
        self.shared.state().complaint.clone()
    }
}

impl Drop for SlipPrinter {
    fn drop(&mut self) {
        let open = {
            let mut state = self.shared.state();
            state.is_over = true;
            std::mem::take(&mut state.open)
        };
        self.shared.changed.notify_all();
        for stream in open {
            // Already closed by the other side is as good.
            stream.shutdown(Shutdown::Both).ok();
        }
        if let Port::Tcp(host) = &self.port
            && let Ok(at) = host.parse::<SocketAddr>()
        {
            // Wakes the accepting thread.
            TcpStream::connect(at).ok();
        }
        if let Some(serving) = self.serving.take() {
            serving.join().ok();
        }
    }
}

fn accept(listener: &TcpListener, language: Language, shared: &Arc<Shared>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { continue };
        let mut state = shared.state();
        if state.is_over {
            return;
        }
        let Ok(for_drop) = stream.try_clone() else {
            continue;
        };
        state.open.push(for_drop);
        drop(state);
        let Ok(for_end) = stream.try_clone() else {
            continue;
        };
        let connection = Connection::new(Box::new(stream), language, shared.clone());
        std::thread::spawn(move || {
            connection.serve();
            // The other side may have closed it already.
            for_end.shutdown(Shutdown::Both).ok();
        });
    }
}

struct Connection {
    transport: Box<dyn Transport>,
    language: Language,
    shared: Arc<Shared>,
    /// What has come and is not worked off.
    buffer: Vec<u8>,
    /// The last two bytes, because a real-time question may be cut by the network.
    tail: Vec<u8>,
    seen: usize,
}

impl Connection {
    fn new(transport: Box<dyn Transport>, language: Language, shared: Arc<Shared>) -> Self {
        Self {
            transport,
            language,
            shared,
            buffer: Vec::new(),
            tail: Vec::new(),
            seen: 0,
        }
    }

    /// Ends when the other side is gone or the printer is switched off.
    fn serve(mut self) {
        loop {
            let (hang_after, close_after, is_over) = {
                let state = self.shared.state();
                (
                    state.hang_after_bytes,
                    state.close_after_bytes,
                    state.is_over,
                )
            };
            if is_over || close_after.is_some_and(|limit| self.seen >= limit) {
                return;
            }
            if hang_after.is_some_and(|limit| self.seen >= limit) {
                self.hang();
                continue;
            }
            let Ok(mut new) = self.transport.read(LOOK_EVERY) else {
                return;
            };
            let most = [hang_after, close_after]
                .into_iter()
                .flatten()
                .map(|limit| limit.saturating_sub(self.seen))
                .min();
            // What comes beyond the limit is lost, as in a printer that is switched off.
            new.truncate(most.unwrap_or(usize::MAX));
            self.take(&new);
            self.work();
        }
    }

    fn hang(&self) {
        let state = self.shared.state();
        drop(self.shared.changed.wait_while(state, |state| {
            !state.is_over && state.hang_after_bytes.is_some()
        }));
    }

    fn take(&mut self, new: &[u8]) {
        self.seen += new.len();
        self.shared.state().bytes_taken += new.len();
        self.buffer.extend_from_slice(new);
        self.tail.extend_from_slice(new);
        let mut answers = Vec::new();
        for three in self.tail.windows(3) {
            match (self.language, three) {
                (Language::EscPos, [0x10, 0x04, question @ 1..=4]) => {
                    answers.push(self.shared.state().escpos_answer(*question));
                }
                (Language::Tspl, [0x1b, b'!', b'?']) => {
                    answers.push(self.shared.state().tspl_answer());
                }
                _ => {}
            }
        }
        let keep = self.tail.len().saturating_sub(2);
        self.tail.drain(..keep);
        if !answers.is_empty() {
            self.answer(&answers);
        }
    }

    /// Works off what it can: nothing but questions while it is stopped.
    fn work(&mut self) {
        while !self.buffer.is_empty() {
            let next = next_command(self.language, &self.buffer);
            let mut state = self.shared.state();
            let (command, length) = match next {
                Ok(Some(next)) => next,
                Ok(None) => return,
                Err(fault) => {
                    state.complaint.get_or_insert(fault);
                    return;
                }
            };
            if state.is_stopped() && command != Command::Ask {
                return;
            }
            let answer = match command {
                Command::Band { stride, rows } => {
                    state.print(stride, &rows);
                    match state.is_hasty {
                        true => vec![state.fence_answer()],
                        false => Vec::new(),
                    }
                }
                Command::Cut => {
                    state.cut();
                    self.shared.changed.notify_all();
                    Vec::new()
                }
                Command::Ask => vec![state.cpcl_answer()],
                Command::Fence if state.is_hasty => Vec::new(),
                Command::Fence => vec![state.fence_answer()],
                Command::Say(word) => word,
                Command::Setting => Vec::new(),
            };
            drop(state);
            self.buffer.drain(..length);
            if !answer.is_empty() {
                self.answer(&answer);
            }
        }
    }

    fn answer(&mut self, bytes: &[u8]) {
        let (is_mute, nonsense) = {
            let state = self.shared.state();
            (state.is_mute, state.nonsense.clone())
        };
        if !is_mute {
            // The asking side may be gone, as with a real printer.
            self.transport
                .write(nonsense.as_deref().unwrap_or(bytes), LOOK_EVERY)
                .ok();
        }
    }
}

impl State {
    fn is_stopped(&self) -> bool {
        self.has_no_paper || self.is_cover_open
    }

    fn print(&mut self, stride: usize, data: &[u8]) {
        if !self.unfinished.add(stride, data) {
            self.complaint
                .get_or_insert("the width changes inside a ticket".into());
        }
        if let Some(bands) = &mut self.bands_left {
            *bands = bands.saturating_sub(1);
            if *bands == 0 {
                self.bands_left = None;
                self.has_no_paper = true;
            }
        }
    }

    fn cut(&mut self) {
        let ticket = std::mem::take(&mut self.unfinished).into_raster();
        self.tickets.push(ticket);
    }

    fn escpos_answer(&self, question: u8) -> u8 {
        let offline = if self.is_stopped() { 0x08 } else { 0 };
        let cover = if self.is_cover_open { 0x04 } else { 0 };
        let stopped_for_paper = if self.has_no_paper { 0x20 } else { 0 };
        let paper = if self.has_no_paper { 0x60 } else { 0 };
        let low = if self.is_paper_low { 0x0c } else { 0 };
        0x12 | match question {
            1 => offline,
            2 => cover | stopped_for_paper,
            4 => paper | low,
            _ => 0,
        }
    }

    fn cpcl_answer(&self) -> u8 {
        u8::from(self.has_no_paper) << 1
            | u8::from(self.is_cover_open) << 2
            | u8::from(self.is_battery_low) << 3
    }

    fn tspl_answer(&self) -> u8 {
        u8::from(self.is_cover_open) | u8::from(self.has_no_paper) << 2
    }

    fn fence_answer(&self) -> u8 {
        let low = if self.is_paper_low { 0x03 } else { 0 };
        let out = if self.has_no_paper { 0x0c } else { 0 };
        low | out
    }
}
