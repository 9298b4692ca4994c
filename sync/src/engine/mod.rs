//! Decides what comes next. It knows no clock, no network and no store: events go in with the time, actions come out, at
//! most one of them a question that somebody must answer.
//!
//! Nothing is remembered that the terminal's store and headquarters' head do not say themselves: before every step it
//! looks at what is pending, so a lost answer, a crash or a missed wake-up costs time and nothing else.

mod media;
mod terms;
mod wait;

use std::collections::VecDeque;

use journal::{Hash, Tip, WriterId};

use crate::local::MediaItem;
use crate::state::{Cause, Phase, State};
use media::MediaFlow;
pub use terms::{Action, Config, Event, Fault, View};
use wait::{Jitter, Wait};

/// How often an append may find another head than the one just told before it counts as a failure.
const CONFLICTS_MAX: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Doing {
    Look,
    Head,
    Append,
    Media { is_piece: bool },
    Down,
    Object,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TheirHead {
    Unknown,
    Known(Option<Tip>),
}

#[derive(Debug)]
pub struct Engine {
    config: Config,
    jitter: Jitter,
    series: Option<(WriterId, u32)>,
    view: Option<View>,
    doing: Option<(Doing, u64)>,
    is_paused: bool,

    look_wait: Wait,

    journal_wait: Wait,
    head: TheirHead,
    head_checked_at_ms: u64,
    fork: Option<Tip>,
    conflicts: u32,
    receipted_idx: Option<u64>,

    media: MediaFlow,

    down_wait: Wait,
    down_due_at_ms: u64,

    object_wait: Wait,
    missing: VecDeque<Hash>,

    piece_bytes: usize,
    reported: Option<(Phase, Option<Cause>, Option<u64>)>,
}

impl Engine {
    /// `seed` is the only chance in it: it spreads the waits of many terminals.
    pub fn new(config: Config, seed: u64) -> Self {
        Self {
            jitter: Jitter::new(seed),
            series: None,
            view: None,
            doing: None,
            is_paused: false,
            look_wait: Wait::default(),
            journal_wait: Wait::default(),
            head: TheirHead::Unknown,
            head_checked_at_ms: 0,
            fork: None,
            conflicts: 0,
            receipted_idx: None,
            media: MediaFlow::default(),
            down_wait: Wait::default(),
            down_due_at_ms: 0,
            object_wait: Wait::default(),
            missing: VecDeque::new(),
            piece_bytes: config.piece_first_bytes,
            reported: None,
            config,
        }
    }

    /// `now_ms` never goes back; where it begins does not matter.
    pub fn handle(&mut self, event: Event, now_ms: u64) -> Vec<Action> {
        let mut actions = Vec::new();
        match event {
            Event::Woken | Event::Due => {}
            Event::Asked => self.drop_delays(now_ms),
            Event::Paused => self.is_paused = true,
            Event::Resumed => self.is_paused = false,
            answer => {
                let Some((doing, since_ms)) = self.doing.take() else {
                    return actions;
                };
                let took_ms = now_ms.saturating_sub(since_ms);
                self.answered(doing, answer, took_ms, now_ms, &mut actions);
            }
        }
        self.go_on(now_ms, &mut actions);
        self.report(now_ms, &mut actions);
        actions
    }

    fn answered(
        &mut self,
        doing: Doing,
        answer: Event,
        took_ms: u64,
        now_ms: u64,
        actions: &mut Vec<Action>,
    ) {
        let outcome = match (doing, answer) {
            (_, Event::Failed(fault)) => Err(fault),
            (_, Event::Superseded) => {
                self.view = None;
                return;
            }
            (Doing::Look, Event::Looked(view)) => {
                self.looked(view);
                return;
            }
            (
                Doing::Head | Doing::Append,
                Event::HeadTold {
                    theirs,
                    ours_there,
                    is_proved,
                },
            ) => self
                .head_told(doing, theirs, ours_there, is_proved, now_ms)
                .map(|fork| actions.extend(fork.map(|theirs| Action::KeepFork { theirs }))),
            (Doing::Append, Event::Appended(tip)) => self.appended(tip),
            (Doing::Media { .. }, answer) => self.media_answered(answer, now_ms),
            (
                Doing::Down,
                Event::DownStored {
                    next_idx,
                    head,
                    missing,
                },
            ) => self.down_stored(next_idx, head, missing, now_ms),
            (Doing::Object, Event::ObjectStored) => {
                self.missing.pop_front();
                self.object_wait.succeed();
                Ok(())
            }
            // An answer to another question than the one asked is the driver's mistake; asking again mends it.
            (_, _) => Err(Fault::of(Cause::LocalFailure)),
        };
        // Every look is taken anew: what was pending has changed by the answer.
        self.view = None;
        match outcome {
            Ok(()) => self.succeeded(doing, took_ms),
            Err(fault) => self.failed(doing, fault, now_ms),
        }
    }

    fn looked(&mut self, view: View) {
        self.look_wait.succeed();
        let series = Some((view.writer.clone(), view.epoch));
        if self.series != series {
            self.series = series;
            self.journal_wait.succeed();
            self.head = TheirHead::Unknown;
            self.fork = None;
            self.conflicts = 0;
            self.receipted_idx = None;
        }
        self.media.looked(&view.media);
        self.view = Some(view);
    }

    fn head_told(
        &mut self,
        doing: Doing,
        theirs: Option<Tip>,
        ours_there: Option<Tip>,
        is_proved: bool,
        now_ms: u64,
    ) -> Result<Option<Tip>, Fault> {
        let is_ours = theirs.is_none() || theirs == ours_there;
        if !is_ours && !is_proved {
            return Err(Fault::of(Cause::NotHeadquarters));
        }
        if doing == Doing::Append {
            self.conflicts += 1;
            if self.conflicts > CONFLICTS_MAX {
                return Err(Fault::of(Cause::Refused));
            }
        } else {
            self.conflicts = 0;
        }
        self.journal_wait.succeed();
        self.head = TheirHead::Known(theirs);
        self.head_checked_at_ms = now_ms;
        if is_proved && is_ours {
            self.receipted_idx = theirs.map(|tip| tip.idx);
        }
        self.fork = theirs.filter(|_| !is_ours);
        Ok(self.fork)
    }

    fn appended(&mut self, tip: Tip) -> Result<(), Fault> {
        let is_news = match self.head {
            TheirHead::Known(Some(head)) => {
                head.idx < tip.idx || self.receipted_idx < Some(tip.idx)
            }
            TheirHead::Known(None) | TheirHead::Unknown => true,
        };
        if !is_news {
            // A true receipt, but an old one: it says nothing about what was sent now.
            return Err(Fault::of(Cause::NotHeadquarters));
        }
        self.journal_wait.succeed();
        self.conflicts = 0;
        self.head = TheirHead::Known(Some(tip));
        self.receipted_idx = Some(tip.idx);
        Ok(())
    }

    fn media_answered(&mut self, answer: Event, now_ms: u64) -> Result<(), Fault> {
        match answer {
            Event::MediaCreated => self.media.created(),
            Event::MediaComplete => self.media.complete(),
            Event::MediaOffset(offset) => self.media.offset(offset)?,
            Event::MediaGone => self.media.gone()?,
            Event::MediaOffsetConflict => self.media.lost_offset()?,
            Event::MediaReceived => {
                self.media.received(now_ms, &self.config, &mut self.jitter);
            }
            _ => return Err(Fault::of(Cause::LocalFailure)),
        }
        self.media.wait.succeed();
        Ok(())
    }

    fn down_stored(
        &mut self,
        next_idx: u64,
        head: Option<u64>,
        missing: Vec<Hash>,
        now_ms: u64,
    ) -> Result<(), Fault> {
        let is_caught_up = head.is_none_or(|head| next_idx > head);
        let asked_from = self.view.as_ref().map_or(0, |view| view.down_next);
        if !is_caught_up && next_idx <= asked_from {
            return Err(Fault::of(Cause::NotHeadquarters));
        }
        self.down_wait.succeed();
        if is_caught_up {
            self.down_due_at_ms = now_ms.saturating_add(self.config.poll_ms);
        }
        self.missing.retain(|sha256| missing.contains(sha256));
        for sha256 in missing {
            if !self.missing.contains(&sha256) {
                self.missing.push_back(sha256);
            }
        }
        Ok(())
    }

    fn succeeded(&mut self, doing: Doing, took_ms: u64) {
        if is_piece(doing) {
            if took_ms < self.config.piece_quick_ms {
                self.piece_bytes = (self.piece_bytes * 2).min(self.config.piece_max_bytes);
            } else if took_ms > self.config.piece_slow_ms {
                self.piece_bytes = (self.piece_bytes / 2).max(self.config.piece_min_bytes);
            }
        }
        self.journal_wait.shorten(&self.config);
        self.down_wait.shorten(&self.config);
        self.object_wait.shorten(&self.config);
        self.media.shorten(&self.config);
    }

    fn failed(&mut self, doing: Doing, fault: Fault, now_ms: u64) {
        if is_piece(doing) && fault.cause == Cause::HeadquartersUnreachable {
            self.piece_bytes = (self.piece_bytes / 2).max(self.config.piece_min_bytes);
        }
        let wait = match doing {
            Doing::Look => &mut self.look_wait,
            Doing::Head | Doing::Append => {
                self.head = TheirHead::Unknown;
                &mut self.journal_wait
            }
            Doing::Down => &mut self.down_wait,
            Doing::Object => {
                self.missing.rotate_left(1.min(self.missing.len()));
                &mut self.object_wait
            }
            Doing::Media { .. } => {
                self.media
                    .fail(fault, now_ms, &self.config, &mut self.jitter);
                return;
            }
        };
        wait.fail(fault, now_ms, &self.config, &mut self.jitter);
    }

    fn drop_delays(&mut self, now_ms: u64) {
        self.look_wait.drop_delay();
        self.journal_wait.drop_delay();
        self.down_wait.drop_delay();
        self.object_wait.drop_delay();
        self.media.drop_delays();
        self.head = TheirHead::Unknown;
        self.down_due_at_ms = now_ms;
    }

    fn go_on(&mut self, now_ms: u64, actions: &mut Vec<Action>) {
        if self.is_paused || self.doing.is_some() {
            return;
        }
        if !self.look_wait.is_over(now_ms) {
            actions.push(Action::WakeAt(self.look_wait.until_ms));
            return;
        }
        let Some(view) = self.view.take() else {
            self.doing = Some((Doing::Look, now_ms));
            actions.push(Action::Look {
                media_limit: self.config.media_limit + self.media.held_count(),
            });
            return;
        };
        if let Some((doing, action)) = self.question(&view, now_ms) {
            self.view = Some(view);
            self.doing = Some((doing, now_ms));
            actions.push(action);
            return;
        }
        // The view is spent: whatever wakes the engine next looks again.
        let next_at_ms = self.next_at_ms(&view, now_ms);
        self.rest(&view, next_at_ms, actions, now_ms);
    }

    /// The record before the news, the news before the files.
    fn question(&mut self, view: &View, now_ms: u64) -> Option<(Doing, Action)> {
        if let Some(question) = self.journal_question(view, now_ms) {
            return Some(question);
        }
        if self.down_wait.is_over(now_ms) && self.down_due_at_ms <= now_ms {
            let from_idx = view.down_next;
            return Some((Doing::Down, Action::AskDown { from_idx }));
        }
        if self.object_wait.is_over(now_ms)
            && let Some(sha256) = self.missing.front().copied()
        {
            return Some((Doing::Object, Action::FetchObject { sha256 }));
        }
        let action = self.media.next(&view.media, now_ms, self.piece_bytes)?;
        let is_piece = matches!(action, Action::SendMedia { .. });
        Some((Doing::Media { is_piece }, action))
    }

    fn journal_question(&self, view: &View, now_ms: u64) -> Option<(Doing, Action)> {
        if !self.journal_wait.is_over(now_ms) {
            return None;
        }
        if self.is_head_check_due(now_ms) {
            return Some((Doing::Head, Action::AskHead));
        }
        let from_idx = self.append_from(view)?;
        let max_bytes = self.piece_bytes;
        let append = Action::Append {
            from_idx,
            max_bytes,
        };
        Some((Doing::Append, append))
    }

    fn is_head_check_due(&self, now_ms: u64) -> bool {
        match self.head {
            TheirHead::Unknown => true,
            TheirHead::Known(_) => {
                self.head_checked_at_ms
                    .saturating_add(self.config.head_check_ms)
                    <= now_ms
            }
        }
    }

    /// What headquarters lacks, by its own head and not by old receipts: it may have been restored from a backup.
    fn append_from(&self, view: &View) -> Option<u64> {
        let TheirHead::Known(head) = self.head else {
            return None;
        };
        if self.fork.is_some() {
            return None;
        }
        let tip = view.tip?;
        let Some(head) = head else {
            return Some(0);
        };
        if head.idx < tip.idx {
            return Some(head.idx + 1);
        }
        // In step, but the receipt was lost on the way: the last entry again brings it.
        let known = view.acknowledged.max(self.receipted_idx);
        (known < Some(tip.idx)).then_some(tip.idx)
    }

    fn next_at_ms(&self, view: &View, now_ms: u64) -> u64 {
        let journal_at_ms = match self.head {
            TheirHead::Known(_) if self.append_from(view).is_none() => self
                .head_checked_at_ms
                .saturating_add(self.config.head_check_ms)
                .max(self.journal_wait.until_ms),
            TheirHead::Known(_) | TheirHead::Unknown => self.journal_wait.until_ms,
        };
        let down_at_ms = self.down_due_at_ms.max(self.down_wait.until_ms);
        let object_at_ms = (!self.missing.is_empty()).then_some(self.object_wait.until_ms);
        let media_at_ms = self.media.next_at_ms(&view.media);
        [
            Some(journal_at_ms),
            Some(down_at_ms),
            object_at_ms,
            media_at_ms,
        ]
        .into_iter()
        .flatten()
        .min()
        .unwrap_or(down_at_ms)
        .max(now_ms)
    }

    fn rest(&mut self, view: &View, next_at_ms: u64, actions: &mut Vec<Action>, now_ms: u64) {
        actions.push(Action::WakeAt(next_at_ms));
        let cause = self.cause(&view.media);
        let phase = match cause {
            _ if self.fork.is_some() => Phase::Fork,
            Some(_) => Phase::Waiting,
            None => Phase::Idle,
        };
        self.tell(phase, cause, Some(next_at_ms), now_ms, actions);
    }

    fn report(&mut self, now_ms: u64, actions: &mut Vec<Action>) {
        let cause = self.cause(&[]);
        if self.is_paused {
            self.tell(Phase::Paused, cause, None, now_ms, actions);
            return;
        }
        match self.doing {
            Some((Doing::Look, _)) => {}
            Some(_) if self.fork.is_some() => self.tell(Phase::Fork, cause, None, now_ms, actions),
            Some(_) => self.tell(Phase::Working, cause, None, now_ms, actions),
            None if !self.look_wait.is_over(now_ms) => {
                let at_ms = Some(self.look_wait.until_ms);
                self.tell(Phase::Waiting, cause, at_ms, now_ms, actions);
            }
            None => {}
        }
    }

    fn cause(&self, pending_media: &[MediaItem]) -> Option<Cause> {
        self.look_wait
            .cause
            .or(self.journal_wait.cause)
            .or(self.down_wait.cause)
            .or(self.object_wait.cause)
            .or_else(|| self.media.cause(pending_media))
    }

    fn tell(
        &mut self,
        phase: Phase,
        cause: Option<Cause>,
        at_ms: Option<u64>,
        now_ms: u64,
        actions: &mut Vec<Action>,
    ) {
        let told = Some((phase, cause, at_ms));
        if self.reported == told {
            return;
        }
        self.reported = told;
        actions.push(Action::Report(State {
            phase,
            cause,
            next_attempt_in_ms: at_ms.map(|at_ms| at_ms.saturating_sub(now_ms)),
        }));
    }
}

const fn is_piece(doing: Doing) -> bool {
    match doing {
        Doing::Append | Doing::Media { is_piece: true } => true,
        Doing::Look
        | Doing::Head
        | Doing::Media { is_piece: false }
        | Doing::Down
        | Doing::Object => false,
    }
}
