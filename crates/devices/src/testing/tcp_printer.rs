use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

use crate::{
    escpos::{self, Command, Paper, Raster},
    printing::Address,
};

const LOOK_EVERY: Duration = Duration::from_millis(10);

/// An ESC/POS ticket printer on `127.0.0.1` that keeps what it "prints".
///
/// It behaves like a strict real one: real-time questions are answered at once and found everywhere, even inside a
/// picture; everything else waits in the buffer while there is no paper; the fence is answered in its turn.
pub struct TcpPrinter {
    at: SocketAddr,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
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
    is_mute: bool,
    is_over: bool,
    bands_left: Option<u32>,
    close_after_bytes: Option<usize>,
    hang_after_bytes: Option<usize>,
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

impl TcpPrinter {
    /// # Errors
    /// When loopback gives no free port.
    pub fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let at = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let for_thread = shared.clone();
        let accepting = std::thread::spawn(move || accept(&listener, &for_thread));
        Ok(Self {
            at,
            shared,
            accepting: Some(accepting),
        })
    }

    #[must_use]
    pub fn address(&self) -> Address {
        Address::EscPosTcp(self.at.to_string())
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

    /// Prints, but answers no question, as many cheap printers do.
    pub fn fall_mute(&self) {
        self.shared.state().is_mute = true;
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

impl Drop for TcpPrinter {
    fn drop(&mut self) {
        let open = {
            let mut state = self.shared.state();
            state.is_over = true;
            std::mem::take(&mut state.open)
        };
        for stream in open {
            // Already closed by the other side is as good.
            stream.shutdown(Shutdown::Both).ok();
        }
        // Wakes the accepting thread.
        TcpStream::connect(self.at).ok();
        if let Some(accepting) = self.accepting.take() {
            accepting.join().ok();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
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
        let shared = shared.clone();
        std::thread::spawn(move || {
            Connection {
                stream,
                shared,
                buffer: Vec::new(),
                tail: Vec::new(),
                seen: 0,
            }
            .serve()
        });
    }
}

struct Connection {
    stream: TcpStream,
    shared: Arc<Shared>,
    /// What has come and is not worked off.
    buffer: Vec<u8>,
    /// The last two bytes, because a real-time question may be cut by the network.
    tail: Vec<u8>,
    seen: usize,
}

impl Connection {
    /// Ends when the other side is gone or the printer is switched off.
    fn serve(mut self) {
        self.stream.set_read_timeout(Some(LOOK_EVERY)).ok();
        let mut bytes = [0; 4_096];
        loop {
            let (hang_after, close_after, is_over) = {
                let state = self.shared.state();
                (
                    state.hang_after_bytes,
                    state.close_after_bytes,
                    state.is_over,
                )
            };
            if is_over {
                return;
            }
            if hang_after.is_some_and(|limit| self.seen >= limit) {
                self.hang();
                return;
            }
            let most = [hang_after, close_after]
                .into_iter()
                .flatten()
                .map(|limit| limit.saturating_sub(self.seen))
                .min();
            let room = bytes.len().min(most.unwrap_or(usize::MAX));
            match self.stream.read(bytes.get_mut(..room).unwrap_or_default()) {
                Ok(0) if room == 0 => {}
                Ok(0) => return,
                Ok(length) => {
                    let new = bytes.get(..length).unwrap_or_default().to_vec();
                    self.take(&new);
                }
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(_) => return,
            }
            if close_after.is_some_and(|limit| self.seen >= limit) {
                self.stream.shutdown(Shutdown::Both).ok();
                return;
            }
            self.work();
        }
    }

    fn hang(&self) {
        let state = self.shared.state();
        drop(
            self.shared
                .changed
                .wait_while(state, |state| !state.is_over),
        );
    }

    fn take(&mut self, new: &[u8]) {
        self.seen += new.len();
        self.buffer.extend_from_slice(new);
        self.tail.extend_from_slice(new);
        let mut answers = Vec::new();
        for three in self.tail.windows(3) {
            if let [0x10, 0x04, question @ 1..=4] = three {
                answers.push(self.shared.state().answer(*question));
            }
        }
        self.tail.drain(..self.tail.len().saturating_sub(2));
        self.answer(&answers);
    }

    fn work(&mut self) {
        loop {
            let mut state = self.shared.state();
            if state.is_stopped() {
                return;
            }
            let (command, length) = match escpos::next_command(&self.buffer) {
                Ok(Some(found)) => found,
                Ok(None) => return,
                Err(fault) => {
                    let shown: Vec<u8> = self.buffer.iter().take(8).copied().collect();
                    state
                        .complaint
                        .get_or_insert(format!("{fault}: {shown:02x?}"));
                    return;
                }
            };
            let mut fence = None;
            match command {
                Command::Band { stride, data } => state.print(stride, data),
                Command::Cut => {
                    state.cut();
                    self.shared.changed.notify_all();
                }
                Command::Fence => fence = Some(state.fence_answer()),
                Command::Reset | Command::Setting | Command::Feed | Command::RealTime { .. } => {}
            }
            drop(state);
            self.buffer.drain(..length);
            if let Some(fence) = fence {
                self.answer(&[fence]);
            }
        }
    }

    fn answer(&mut self, bytes: &[u8]) {
        if !self.shared.state().is_mute {
            // The asking side may be gone, as with a real printer.
            self.stream.write_all(bytes).ok();
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

    fn answer(&self, question: u8) -> u8 {
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

    fn fence_answer(&self) -> u8 {
        let low = if self.is_paper_low { 0x03 } else { 0 };
        let out = if self.has_no_paper { 0x0c } else { 0 };
        low | out
    }
}
