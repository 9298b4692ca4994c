//! The engine against a headquarters and a network that misbehave, in virtual time. Every run is a seed; a failing one
//! prints it. `SIMULATION_SEED` repeats one, `SIMULATION_RUNS` sets how many.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::{self, Chance};
use journal::{Hash, Tip, WriterId};
use sync::engine::{Action, Config, Event, Fault, View};
use sync::{Cause, Engine, MediaItem, Phase, State};

/// After the last fault everything must have arrived within this time: the longest wait, an hour for what is behind it.
const CONVERGES_WITHIN_MS: u64 = 3_600_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weather {
    /// Everything works.
    Fair,
    /// Requests and answers get lost, headquarters is busy, portals answer, stores fail.
    Foul,
    /// Nothing gets through.
    Dark,
}

/// What the terminal has. Hashes stand for entries; a file is its hash and length.
#[derive(Default)]
struct Terminal {
    epoch: u32,
    entries: Vec<Hash>,
    acknowledged: Option<u64>,
    media: BTreeMap<Hash, u64>,
    media_done: BTreeSet<Hash>,
    down: u64,
    objects: BTreeSet<u64>,
    forks: Vec<Tip>,
    reports: Vec<State>,
}

#[derive(Default)]
struct Headquarters {
    series: BTreeMap<u32, Vec<Hash>>,
    uploads: BTreeMap<Hash, u64>,
    media: BTreeSet<Hash>,
    news: u64,
    /// Refuses this file for ever.
    poisoned: Option<Hash>,
    /// `down` is a portal's answer for ever.
    is_down_broken: bool,
}

struct World {
    chance: Chance,
    terminal: Terminal,
    headquarters: Headquarters,
    weather: Weather,
    now_ms: u64,
    requests: u64,
    appends: u64,
    first_success_ms: Option<u64>,
}

fn tip(entries: &[Hash], idx: u64) -> Option<Tip> {
    let hash = *entries.get(usize::try_from(idx).unwrap())?;
    Some(Tip { idx, hash })
}

fn last(entries: &[Hash]) -> Option<Tip> {
    tip(entries, (entries.len() as u64).checked_sub(1)?)
}

fn object_hash(number: u64) -> Hash {
    Hash::of(format!("object {number}").as_bytes())
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            chance: Chance::new(seed),
            terminal: Terminal::default(),
            headquarters: Headquarters::default(),
            weather: Weather::Foul,
            now_ms: 1_000,
            requests: 0,
            appends: 0,
            first_success_ms: None,
        }
    }

    fn append_entry(&mut self) {
        let salt = self.chance.next();
        let entry = Hash::of(&salt.to_le_bytes());
        self.terminal.entries.push(entry);
    }

    fn add_media(&mut self) {
        let salt = self.chance.next();
        let size = match self.chance.below(5) {
            0 => 0,
            1 => 1,
            _ => self.chance.below(5_000_000),
        };
        self.terminal
            .media
            .insert(Hash::of(&salt.to_le_bytes()), size);
    }

    fn their_series(&mut self) -> &mut Vec<Hash> {
        self.headquarters
            .series
            .entry(self.terminal.epoch)
            .or_default()
    }

    /// What happens to a request: before it arrives, or after it was done and before the answer arrives.
    fn mishap(&mut self) -> Option<(bool, Cause)> {
        match self.weather {
            Weather::Fair => None,
            Weather::Dark => Some((false, Cause::HeadquartersUnreachable)),
            Weather::Foul => match self.chance.below(12) {
                0 => Some((false, Cause::HeadquartersUnreachable)),
                1 | 2 => Some((true, Cause::HeadquartersUnreachable)),
                3 => Some((false, Cause::NotHeadquarters)),
                4 => Some((false, Cause::ServerBusy)),
                5 => Some((false, Cause::LocalFailure)),
                6 => Some((true, Cause::LocalFailure)),
                7 => Some((false, Cause::ClockSkew)),
                _ => None,
            },
        }
    }

    fn answer(&mut self, question: &Action) -> Event {
        if matches!(question, Action::Look { .. }) {
            return self.look(question);
        }
        self.requests += 1;
        self.now_ms += 20 + self.chance.below(3_000);
        match self.mishap() {
            None => {
                self.first_success_ms.get_or_insert(self.now_ms);
                self.serve(question, true)
            }
            Some((is_done, cause)) => {
                if is_done {
                    self.serve(question, false);
                }
                let retry_after_ms =
                    (cause == Cause::ServerBusy).then(|| self.chance.below(30_000));
                Event::Failed(Fault {
                    cause,
                    retry_after_ms,
                })
            }
        }
    }

    fn look(&mut self, question: &Action) -> Event {
        let Action::Look { media_limit } = question else {
            unreachable!();
        };
        if self.weather == Weather::Foul && self.chance.below(40) == 0 {
            return Event::Failed(Fault::of(Cause::LocalFailure));
        }
        let terminal = &self.terminal;
        let media = terminal
            .media
            .iter()
            .filter(|(sha256, _)| !terminal.media_done.contains(sha256))
            .take(*media_limit)
            .map(|(sha256, size_bytes)| MediaItem {
                sha256: *sha256,
                size_bytes: *size_bytes,
                media_type: "video/mp4".to_owned(),
            })
            .collect();
        Event::Looked(View {
            writer: WriterId::new("dev-1").unwrap(),
            epoch: terminal.epoch,
            tip: last(&terminal.entries),
            acknowledged: terminal.acknowledged,
            media,
            down_next: terminal.down,
        })
    }

    /// Does what headquarters and, if the answer arrives, the terminal's store do.
    fn serve(&mut self, question: &Action, arrives: bool) -> Event {
        match question {
            Action::AskHead => self.tell_head(arrives),
            Action::Append {
                from_idx,
                max_bytes,
            } => self.append(*from_idx, *max_bytes, arrives),
            Action::CreateMedia(item) => self.create(item),
            Action::AskMediaOffset { sha256 } => match self.headquarters.uploads.get(sha256) {
                Some(offset) => Event::MediaOffset(*offset),
                None => Event::MediaGone,
            },
            Action::SendMedia {
                sha256,
                offset,
                size_bytes,
                max_bytes,
            } => self.patch(sha256, *offset, *size_bytes, *max_bytes, arrives),
            Action::AskMediaReceipt(item) => {
                if !self.headquarters.media.contains(&item.sha256) {
                    return Event::MediaGone;
                }
                self.media_done(&item.sha256, arrives);
                Event::MediaReceived
            }
            Action::AskDown { from_idx } => self.down(*from_idx, arrives),
            Action::FetchObject { sha256 } => {
                let number = (0..self.headquarters.news)
                    .find(|number| object_hash(*number) == *sha256)
                    .unwrap();
                if arrives {
                    self.terminal.objects.insert(number);
                }
                Event::ObjectStored
            }
            Action::Look { .. }
            | Action::KeepFork { .. }
            | Action::Report(_)
            | Action::WakeAt(_) => unreachable!(),
        }
    }

    fn tell_head(&mut self, arrives: bool) -> Event {
        let theirs = last(self.their_series());
        let ours_there = theirs.and_then(|theirs| tip(&self.terminal.entries, theirs.idx));
        // A headquarters that has no receipt at hand.
        let is_proved = theirs.is_some() && self.chance.below(3) > 0;
        if let Some(ours) = ours_there
            && is_proved
            && arrives
            && theirs == ours_there
        {
            self.acknowledge(ours.idx);
        }
        Event::HeadTold {
            theirs,
            ours_there,
            is_proved,
        }
    }

    fn append(&mut self, from_idx: u64, max_bytes: usize, arrives: bool) -> Event {
        self.appends += 1;
        let from = usize::try_from(from_idx).unwrap();
        // An entry of the simulation weighs 40 KiB.
        let count = (max_bytes / 40_960).max(1);
        let frames: Vec<Hash> = self.terminal.entries[from..]
            .iter()
            .take(count)
            .copied()
            .collect();
        assert!(!frames.is_empty(), "an append of nothing");
        let base = self.terminal.entries[..from].to_vec();
        let theirs = self.their_series();
        let is_their_base = theirs.get(..from) == Some(base.as_slice());
        let overlap = theirs.get(from..).unwrap_or_default();
        let is_same = overlap.iter().zip(&frames).all(|(a, b)| a == b);
        if !is_their_base || !is_same {
            return self.tell_head(arrives);
        }
        for (entry, idx) in frames.iter().zip(from..) {
            if idx == theirs.len() {
                theirs.push(*entry);
            }
        }
        let sent = from + frames.len() - 1;
        let receipt = Tip {
            idx: sent as u64,
            hash: *frames.last().unwrap(),
        };
        if arrives {
            self.acknowledge(receipt.idx);
        }
        Event::Appended(receipt)
    }

    fn acknowledge(&mut self, idx: u64) {
        let stored = self.their_series().len() as u64;
        assert!(idx < stored, "acknowledged {idx} of {stored}");
        self.terminal.acknowledged = self.terminal.acknowledged.max(Some(idx));
    }

    fn create(&mut self, item: &MediaItem) -> Event {
        if self.headquarters.poisoned == Some(item.sha256) {
            return Event::Failed(Fault::of(Cause::Refused));
        }
        if item.size_bytes == 0 {
            self.headquarters.media.insert(item.sha256);
        }
        if self.headquarters.media.contains(&item.sha256) {
            return Event::MediaComplete;
        }
        self.headquarters.uploads.entry(item.sha256).or_insert(0);
        Event::MediaCreated
    }

    fn patch(&mut self, sha256: &Hash, offset: u64, size: u64, max: usize, arrives: bool) -> Event {
        let Some(stored) = self.headquarters.uploads.get_mut(sha256) else {
            return Event::MediaGone;
        };
        if self.weather == Weather::Foul && self.chance.below(8) == 0 {
            // Bytes of an earlier request, believed lost, arrive now.
            *stored += self.chance.below(size - *stored);
        }
        if *stored != offset {
            return Event::MediaOffsetConflict;
        }
        let piece = (size - offset).min(max as u64);
        // Of a request that breaks off only a part may have arrived.
        *stored += if arrives {
            piece
        } else {
            self.chance.below(piece + 1)
        };
        if *stored < size {
            return Event::MediaOffset(*stored);
        }
        self.headquarters.uploads.remove(sha256);
        self.headquarters.media.insert(*sha256);
        self.media_done(sha256, arrives);
        Event::MediaReceived
    }

    fn media_done(&mut self, sha256: &Hash, arrives: bool) {
        assert!(self.headquarters.media.contains(sha256));
        if arrives {
            self.terminal.media_done.insert(*sha256);
        }
    }

    fn down(&mut self, from: u64, arrives: bool) -> Event {
        if self.headquarters.is_down_broken {
            return Event::Failed(Fault::of(Cause::NotHeadquarters));
        }
        let until = self.headquarters.news.min(from + 3);
        if arrives {
            self.terminal.down = until.max(self.terminal.down);
        }
        let missing = (0..self.terminal.down)
            .filter(|number| !self.terminal.objects.contains(number))
            .map(object_hash)
            .collect();
        Event::DownStored {
            next_idx: self.terminal.down,
            head: self.headquarters.news.checked_sub(1),
            missing,
        }
    }

    fn is_converged(&mut self) -> bool {
        let theirs = self.their_series().clone();
        let acknowledged = self.terminal.acknowledged;
        let is_journal_up =
            theirs == self.terminal.entries && acknowledged == last(&theirs).map(|tip| tip.idx);
        self.is_rest_converged() && is_journal_up
    }

    fn is_rest_converged(&self) -> bool {
        let terminal = &self.terminal;
        let headquarters = &self.headquarters;
        let is_media_up = terminal
            .media
            .keys()
            .all(|sha256| terminal.media_done.contains(sha256));
        let is_news_here = headquarters.is_down_broken
            || (terminal.down == headquarters.news
                && terminal.objects.len() as u64 == headquarters.news);
        is_media_up && is_news_here
    }
}

struct Run {
    world: World,
    is_paused: bool,
    engine: Engine,
    question: Option<Action>,
    wake_at_ms: Option<u64>,
}

impl Run {
    fn new(seed: u64) -> Self {
        let mut run = Self {
            world: World::new(seed),
            is_paused: false,
            engine: Engine::new(Config::default(), seed),
            question: None,
            wake_at_ms: None,
        };
        run.feed(Event::Woken);
        run
    }

    fn feed(&mut self, event: Event) {
        match event {
            Event::Paused => self.is_paused = true,
            Event::Resumed => self.is_paused = false,
            _ => {}
        }
        let actions = self.engine.handle(event, self.world.now_ms);
        let questions = actions.iter().filter(|action| action.is_question()).count();
        let open = usize::from(self.question.is_some());
        assert!(questions + open <= 1, "two questions at once: {actions:?}");
        for action in actions {
            match action {
                Action::KeepFork { theirs } => self.world.terminal.forks.push(theirs),
                Action::Report(state) => self.world.terminal.reports.push(state),
                Action::WakeAt(at_ms) => {
                    assert!(at_ms >= self.world.now_ms, "a wake-up in the past");
                    self.wake_at_ms = Some(at_ms);
                }
                question => self.question = Some(question),
            }
        }
        // Whatever happens, either somebody is asked or a time is set: it can never just stop.
        assert!(self.is_paused || self.question.is_some() || self.wake_at_ms.is_some());
    }

    fn step(&mut self) {
        if let Some(question) = self.question.take() {
            let event = self.world.answer(&question);
            self.feed(event);
            return;
        }
        let at_ms = self.wake_at_ms.take().unwrap();
        self.world.now_ms = self.world.now_ms.max(at_ms);
        self.feed(Event::Due);
    }

    /// A new process over the same store: whatever was under way is forgotten, its request may have arrived or not.
    fn crash(&mut self, seed: u64) {
        if let Some(question) = self.question.take()
            && !matches!(question, Action::Look { .. })
            && self.world.chance.below(2) == 0
        {
            self.world.serve(&question, false);
        }
        self.engine = Engine::new(Config::default(), seed);
        self.wake_at_ms = None;
        self.feed(Event::Woken);
    }

    fn live(&mut self, steps: u64) {
        for _ in 0..steps {
            match self.world.chance.below(30) {
                0 | 1 => {
                    self.world.append_entry();
                    self.feed(Event::Woken);
                }
                2 => {
                    // Stored, but the wake-up is lost.
                    self.world.append_entry();
                }
                3 => self.world.add_media(),
                4 => self.world.headquarters.news += 1,
                5 => {
                    let seed = self.world.chance.next();
                    self.crash(seed);
                }
                6 => self.feed(Event::Asked),
                7 => {
                    self.world.weather = match self.world.chance.below(3) {
                        0 => Weather::Fair,
                        1 => Weather::Foul,
                        _ => Weather::Dark,
                    };
                }
                _ => self.step(),
            }
        }
    }

    /// Virtual milliseconds and requests until `is_done`.
    fn settle(&mut self, is_done: impl Fn(&mut World) -> bool) -> (u64, u64) {
        self.world.weather = Weather::Fair;
        let (begun_ms, begun_requests) = (self.world.now_ms, self.world.requests);
        while !is_done(&mut self.world) {
            let took_ms = self.world.now_ms - begun_ms;
            assert!(
                took_ms < CONVERGES_WITHIN_MS,
                "not converged after {took_ms} ms of fair weather: question {:?}, reports {:?}",
                self.question,
                self.world.terminal.reports.last(),
            );
            self.step();
        }
        (
            self.world.now_ms - begun_ms,
            self.world.requests - begun_requests,
        )
    }

    /// Goes on for a day of fair weather and counts the requests.
    fn idle_day(&mut self) -> u64 {
        let until_ms = self.world.now_ms + 86_400_000;
        let before = self.world.requests;
        while self.world.now_ms < until_ms {
            self.step();
        }
        self.world.requests - before
    }
}

fn for_every_seed(name: &str, check: impl Fn(u64) + std::panic::RefUnwindSafe) {
    support::for_every_seed(name, 60, check);
}

#[test]
fn everything_arrives_after_the_last_fault_and_then_it_is_quiet() {
    for_every_seed("faults", |seed| {
        let mut run = Run::new(seed);
        run.live(600);
        run.settle(World::is_converged);
        let requests = run.idle_day();
        // One poll a minute and one comparison in ten minutes.
        assert!(
            requests <= 1_440 + 144 + 2,
            "{requests} requests in an idle day"
        );
        let last = *run.world.terminal.reports.last().unwrap();
        assert!(
            matches!(last.phase, Phase::Idle | Phase::Working),
            "{last:?}"
        );
        assert_eq!(last.cause, None);
        assert!(run.world.terminal.forks.is_empty(), "a fork from nothing");
    });
}

#[test]
fn a_rolled_back_headquarters_gets_everything_again() {
    for_every_seed("rollback", |seed| {
        let mut run = Run::new(seed);
        run.live(300);
        run.settle(World::is_converged);
        let stored = run.world.their_series().len() as u64;
        let kept = run.world.chance.below(stored + 1);
        run.world
            .their_series()
            .truncate(usize::try_from(kept).unwrap());
        run.live(200);
        run.world.append_entry();
        run.settle(World::is_converged);
        assert!(run.world.terminal.forks.is_empty(), "a rollback is no fork");
    });
}

#[test]
fn a_fork_is_kept_and_stops_the_series_only() {
    for_every_seed("fork", |seed| {
        let mut run = Run::new(seed);
        run.live(200);
        run.world.append_entry();
        run.settle(World::is_converged);
        // A copy of this terminal went on elsewhere, and this one went on too.
        let elsewhere = Hash::of(b"elsewhere");
        let theirs = run.world.their_series();
        theirs.push(elsewhere);
        let branch = theirs.clone();
        if seed.is_multiple_of(2) {
            run.world.append_entry();
        }
        run.world.add_media();
        run.world.headquarters.news += 1;
        run.feed(Event::Asked);
        run.settle(|world| world.is_rest_converged() && !world.terminal.forks.is_empty());
        let appends = run.world.appends;
        run.idle_day();
        assert_eq!(run.world.appends, appends, "the lost branch was sent");
        let last = *run.world.terminal.reports.last().unwrap();
        assert_eq!(last.phase, Phase::Fork);
        assert_eq!(*run.world.their_series(), branch, "nothing is overwritten");
        assert_eq!(run.world.terminal.forks[0].hash, elsewhere);
        // A new epoch goes its own way.
        run.world.terminal.epoch += 1;
        run.world.terminal.entries.clear();
        run.world.terminal.acknowledged = None;
        run.world.append_entry();
        run.feed(Event::Woken);
        let (took_ms, _) = run.settle(World::is_converged);
        assert!(took_ms < 60_000, "{took_ms} ms for a new epoch");
        let forks = run.world.terminal.forks.len();
        run.idle_day();
        assert_eq!(run.world.terminal.forks.len(), forks);
        assert_eq!(run.world.headquarters.series[&0], branch);
    });
}

#[test]
fn a_refused_file_does_not_hold_up_the_others() {
    for_every_seed("poison", |seed| {
        let mut run = Run::new(seed);
        for _ in 0..30 {
            run.world.add_media();
        }
        let poisoned = *run.world.terminal.media.keys().next().unwrap();
        run.world.headquarters.poisoned = Some(poisoned);
        run.live(100);
        run.settle(|world| {
            let pending = |sha256: &&Hash| !world.terminal.media_done.contains(*sha256);
            let left: Vec<_> = world.terminal.media.keys().filter(pending).collect();
            left == vec![&poisoned]
        });
        run.idle_day();
        let last = run
            .world
            .terminal
            .reports
            .iter()
            .rev()
            .find(|state| state.phase != Phase::Working)
            .unwrap();
        assert_eq!(
            (last.phase, last.cause),
            (Phase::Waiting, Some(Cause::Refused))
        );
        assert!(last.next_attempt_in_ms.is_some());
    });
}

#[test]
fn broken_news_do_not_hold_up_the_record_or_the_files() {
    for_every_seed("broken news", |seed| {
        let mut run = Run::new(seed);
        run.world.headquarters.is_down_broken = true;
        run.live(400);
        run.settle(World::is_converged);
        let requests = run.idle_day();
        // Backing off to five minutes, half of it at least.
        assert!(requests <= 86_400 / 150 + 144 + 20, "{requests} requests");
    });
}

#[test]
fn a_dark_day_costs_few_attempts_and_each_wait_is_shown() {
    for_every_seed("dark", |seed| {
        let mut run = Run::new(seed);
        run.settle(World::is_converged);
        run.world.weather = Weather::Dark;
        run.world.append_entry();
        run.world.add_media();
        run.feed(Event::Woken);
        let attempts = run.idle_day();
        // Three flows with something to do, each at most every 150 s once it has slowed down.
        assert!(attempts <= 3 * (86_400 / 150 + 20), "{attempts} attempts");
        assert!(attempts >= 3 * 86_400 / 300, "{attempts} attempts");
        let waiting = run
            .world
            .terminal
            .reports
            .iter()
            .rev()
            .find(|state| state.phase != Phase::Working)
            .unwrap();
        assert_eq!(waiting.phase, Phase::Waiting);
        assert_eq!(waiting.cause, Some(Cause::HeadquartersUnreachable));
        assert!(waiting.next_attempt_in_ms.unwrap() <= 300_000);
        run.world.first_success_ms = None;
        let (took_ms, _) = run.settle(World::is_converged);
        assert!(
            took_ms <= 330_000,
            "{took_ms} ms after the network came back"
        );
        let first_success_ms = run.world.first_success_ms.unwrap();
        let behind_ms = run.world.now_ms - first_success_ms;
        assert!(behind_ms <= 80_000, "{behind_ms} ms after the first answer");
    });
}

#[test]
fn pausing_stops_after_the_request_under_way() {
    let mut run = Run::new(7);
    run.world.weather = Weather::Fair;
    run.world.append_entry();
    run.feed(Event::Paused);
    while let Some(question) = run.question.take() {
        let event = run.world.answer(&question);
        run.feed(event);
    }
    assert!(run.world.requests <= 1);
    assert_eq!(
        run.world.terminal.reports.last().unwrap().phase,
        Phase::Paused
    );
    run.feed(Event::Woken);
    assert!(run.question.is_none());
    run.feed(Event::Resumed);
    run.settle(World::is_converged);
}

#[test]
fn a_contradiction_without_proof_is_not_headquarters() {
    let mut engine = Engine::new(Config::default(), 1);
    let ours = Tip {
        idx: 0,
        hash: Hash::of(b"ours"),
    };
    let theirs = Tip {
        idx: 0,
        hash: Hash::of(b"theirs"),
    };
    engine.handle(Event::Woken, 0);
    engine.handle(
        Event::Looked(View {
            writer: WriterId::new("dev-1").unwrap(),
            epoch: 0,
            tip: Some(ours),
            acknowledged: None,
            media: Vec::new(),
            down_next: 0,
        }),
        0,
    );
    let actions = engine.handle(
        Event::HeadTold {
            theirs: Some(theirs),
            ours_there: Some(ours),
            is_proved: false,
        },
        10,
    );
    let is_fork = |action: &Action| matches!(action, Action::KeepFork { .. });
    assert!(!actions.iter().any(is_fork), "{actions:?}");
}

#[test]
fn an_old_receipt_played_again_does_not_spin() {
    let mut engine = Engine::new(Config::default(), 1);
    let entries: Vec<Hash> = (0..5_u8).map(|byte| Hash::of(&[byte])).collect();
    let view = View {
        writer: WriterId::new("dev-1").unwrap(),
        epoch: 0,
        tip: last(&entries),
        acknowledged: Some(2),
        media: Vec::new(),
        down_next: 0,
    };
    let mut actions = engine.handle(Event::Woken, 0);
    let mut appends = 0;
    for _ in 0..200 {
        let Some(question) = actions.iter().find(|action| action.is_question()) else {
            break;
        };
        let event = match question {
            Action::Look { .. } => Event::Looked(view.clone()),
            Action::AskHead => Event::HeadTold {
                theirs: tip(&entries, 2),
                ours_there: tip(&entries, 2),
                is_proved: true,
            },
            Action::Append { .. } => {
                appends += 1;
                Event::Appended(tip(&entries, 1).unwrap())
            }
            Action::AskDown { from_idx } => Event::DownStored {
                next_idx: *from_idx,
                head: None,
                missing: Vec::new(),
            },
            other => panic!("{other:?}"),
        };
        actions = engine.handle(event, 5);
    }
    assert_eq!(appends, 1);
}
