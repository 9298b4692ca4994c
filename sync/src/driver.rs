//! A thread that does what the engine decides.

use std::error::Error;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::engine::{Action, Config, Engine, Event, Fault};
use crate::exchange::{End, Exchange};
use crate::failure::SyncFailure;
use crate::local::Local;
use crate::state::{Cause, Phase};
use crate::wire::{Answer, Caller, Http, Request};

pub struct Driver;

/// What happened since a run was asked for, and how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    pub phase: Phase,
    pub cause: Option<Cause>,
    pub requests: u32,
    /// Appends that brought a receipt.
    pub receipts: u32,
    pub media_received: u32,
    pub objects_stored: u32,
}

impl Default for Summary {
    fn default() -> Self {
        Self {
            phase: Phase::Idle,
            cause: None,
            requests: 0,
            receipts: 0,
            media_received: 0,
            objects_stored: 0,
        }
    }
}

impl Driver {
    /// Begins at once and goes on by itself until it is stopped.
    pub fn start(local: Arc<dyn Local>, http: Http) -> Result<DriverHandle, SyncFailure> {
        Self::spawn(local, http, Config::default(), false)
    }

    /// Does nothing by itself: it works only inside [`DriverHandle::run_until_quiet`].
    pub fn on_demand(local: Arc<dyn Local>, http: Http) -> Result<DriverHandle, SyncFailure> {
        Self::spawn(local, http, Config::default(), true)
    }

    /// [`Driver::start`] or [`Driver::on_demand`] with other waits than the usual ones.
    pub fn spawn(
        local: Arc<dyn Local>,
        http: Http,
        config: Config,
        is_on_demand: bool,
    ) -> Result<DriverHandle, SyncFailure> {
        let (messages, inbox) = channel();
        let caller = Caller::start(http, messages.clone(), Message::Answered)?;
        let seed = u64::from_le_bytes(journal::random());
        let work = Work {
            local,
            caller,
            inbox,
            engine: Engine::new(config, seed),
            begun: Instant::now(),
            question: None,
            wake_at_ms: None,
            postponed: Vec::new(),
            waiting: Vec::new(),
            summary: Summary::default(),
            is_on_demand,
        };
        let thread = thread::Builder::new()
            .name("sync".to_owned())
            .spawn(move || work.run())
            .map_err(SyncFailure::Thread)?;
        Ok(DriverHandle {
            messages,
            thread: Some(thread),
        })
    }
}

/// Dropping it stops the driver as [`DriverHandle::stop`] does.
pub struct DriverHandle {
    messages: Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

impl DriverHandle {
    /// Something new stands in the store. Cheap; does not cut a wait short.
    pub fn wake(&self) {
        self.tell(Command::Wake);
    }

    /// Somebody wants it now, or the network came back.
    pub fn retry_now(&self) {
        self.tell(Command::Ask);
    }

    pub fn pause(&self) {
        self.tell(Command::Pause);
    }

    pub fn resume(&self) {
        self.tell(Command::Resume);
    }

    /// Tries everything once without waiting, and returns when nothing is left to do or what is left has to wait.
    pub fn run_until_quiet(&self) -> Summary {
        let (reply, done) = channel();
        self.tell(Command::RunUntilQuiet(reply));
        done.recv().unwrap_or_else(|_| Summary {
            phase: Phase::Waiting,
            cause: Some(Cause::LocalFailure),
            ..Summary::default()
        })
    }

    /// Returns when the store is no longer used. A request under way is abandoned; its bytes may still arrive at
    /// headquarters, which does no harm.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.tell(Command::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the sync thread ended in a panic");
        }
    }

    fn tell(&self, command: Command) {
        if self.messages.send(Message::Command(command)).is_err() {
            tracing::error!("the sync thread is gone");
        }
    }
}

impl Drop for DriverHandle {
    fn drop(&mut self) {
        if self.thread.is_some() {
            self.end();
        }
    }
}

enum Message {
    Command(Command),
    Answered(Result<Answer, SyncFailure>),
}

enum Command {
    Wake,
    Ask,
    Pause,
    Resume,
    RunUntilQuiet(Sender<Summary>),
    Stop,
}

struct Work {
    local: Arc<dyn Local>,
    caller: Caller<Message>,
    inbox: Receiver<Message>,
    engine: Engine,
    begun: Instant,
    question: Option<Action>,
    wake_at_ms: Option<u64>,
    /// Commands that came while a request was under way.
    postponed: Vec<Command>,
    waiting: Vec<Sender<Summary>>,
    summary: Summary,
    is_on_demand: bool,
}

impl Work {
    fn run(mut self) {
        if !self.is_on_demand {
            self.feed(Event::Woken);
        }
        loop {
            for command in std::mem::take(&mut self.postponed) {
                if !self.obey(command) {
                    return;
                }
            }
            let Some(question) = self.question.take() else {
                if !self.wait() {
                    return;
                }
                continue;
            };
            if !self.listen() {
                return;
            }
            match self.answer(question) {
                Ok(event) => self.feed(event),
                Err(End::Fault(fault)) => self.feed(Event::Failed(fault)),
                Err(End::Stopped) => return,
            }
        }
    }

    fn feed(&mut self, event: Event) {
        match event {
            Event::Appended(_) => self.summary.receipts += 1,
            Event::MediaReceived => self.summary.media_received += 1,
            Event::ObjectStored => self.summary.objects_stored += 1,
            _ => {}
        }
        for action in self.engine.handle(event, self.now_ms()) {
            match action {
                Action::KeepFork { theirs } => {
                    // Told again at the next comparison, should it fail now.
                    if let Err(failure) = self.local.store_fork(&theirs) {
                        tracing::error!(error = &failure as &dyn Error, "a fork could not be kept");
                    }
                }
                Action::Report(state) => {
                    self.summary.phase = state.phase;
                    self.summary.cause = state.cause;
                    self.local.report(state);
                }
                Action::WakeAt(at_ms) => self.wake_at_ms = Some(at_ms),
                question => self.question = Some(question),
            }
        }
        if self.question.is_none() {
            for reply in self.waiting.drain(..) {
                // Whoever asked may have gone away.
                let _ = reply.send(self.summary);
            }
        }
    }

    /// Sleeps until there is something to do. False when it is time to end.
    fn wait(&mut self) -> bool {
        let message = match self.wake_at_ms.filter(|_| !self.is_on_demand) {
            Some(at_ms) => {
                let pause = Duration::from_millis(at_ms.saturating_sub(self.now_ms()));
                match self.inbox.recv_timeout(pause) {
                    Ok(message) => message,
                    Err(RecvTimeoutError::Timeout) => {
                        self.wake_at_ms = None;
                        self.feed(Event::Due);
                        return true;
                    }
                    Err(RecvTimeoutError::Disconnected) => return false,
                }
            }
            None => match self.inbox.recv() {
                Ok(message) => message,
                Err(_) => return false,
            },
        };
        match message {
            Message::Command(command) => self.obey(command),
            Message::Answered(_) => true,
        }
    }

    /// Takes the commands that came in meanwhile. They change what happens after the question that is already decided.
    fn listen(&mut self) -> bool {
        loop {
            match self.inbox.try_recv() {
                Ok(Message::Command(Command::Stop)) | Err(TryRecvError::Disconnected) => {
                    return false;
                }
                Ok(Message::Command(command)) => self.postponed.push(command),
                Ok(Message::Answered(_)) => {}
                Err(TryRecvError::Empty) => return true,
            }
        }
    }

    fn obey(&mut self, command: Command) -> bool {
        match command {
            Command::Wake => {
                if !self.is_on_demand {
                    self.feed(Event::Woken);
                }
            }
            Command::Ask => self.feed(Event::Asked),
            Command::Pause => self.feed(Event::Paused),
            Command::Resume => self.feed(Event::Resumed),
            Command::RunUntilQuiet(reply) => {
                self.summary = Summary {
                    phase: self.summary.phase,
                    cause: self.summary.cause,
                    ..Summary::default()
                };
                self.waiting.push(reply);
                self.feed(Event::Asked);
            }
            Command::Stop => return false,
        }
        true
    }

    fn answer(&mut self, question: Action) -> Result<Event, End> {
        let local = Arc::clone(&self.local);
        let identity = local.identity()?;
        let address = identity.headquarters_url.clone();
        let mut call = |request: Request| self.call(&address, request);
        Exchange {
            local: &*local,
            identity: &identity,
            call: &mut call,
        }
        .answer(question)
    }

    fn call(&mut self, address: &str, request: Request) -> Result<Answer, End> {
        self.summary.requests += 1;
        if !self.caller.call(address.to_owned(), request) {
            return Err(End::Fault(Fault::of(Cause::LocalFailure)));
        }
        loop {
            match self.inbox.recv() {
                Ok(Message::Answered(answer)) => return Ok(answer?),
                Ok(Message::Command(Command::Stop)) | Err(_) => return Err(End::Stopped),
                Ok(Message::Command(command)) => self.postponed.push(command),
            }
        }
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
