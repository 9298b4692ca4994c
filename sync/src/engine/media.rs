//! The files on their way up: one at a time, the least troubled first.

use std::collections::HashMap;

use journal::Hash;

use super::wait::{Jitter, Wait};
use super::{Action, Config, Fault};
use crate::local::MediaItem;
use crate::state::Cause;

/// How often an upload may begin again or lose its offset before it counts as a failure.
const DETOURS_MAX: u32 = 3;

#[derive(Debug, Default)]
pub struct MediaFlow {
    /// The network as this flow met it last.
    pub wait: Wait,
    /// Files that failed; a file that is no longer pending is forgotten.
    held: HashMap<Hash, Wait>,
    current: Option<Upload>,
}

#[derive(Debug)]
struct Upload {
    item: MediaItem,
    step: Step,
    detours: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Create,
    AskOffset,
    Send { offset: u64 },
    AskReceipt,
}

impl MediaFlow {
    pub fn held_count(&self) -> usize {
        self.held.len()
    }

    pub fn looked(&mut self, pending: &[MediaItem]) {
        self.held
            .retain(|sha256, _| pending.iter().any(|item| item.sha256 == *sha256));
        let is_pending = |upload: &Upload| pending.contains(&upload.item);
        if !self.current.as_ref().is_some_and(is_pending) {
            self.current = None;
        }
    }

    pub fn next(
        &mut self,
        pending: &[MediaItem],
        now_ms: u64,
        piece_bytes: usize,
    ) -> Option<Action> {
        if !self.wait.is_over(now_ms) {
            return None;
        }
        if self.current.is_none() {
            let item = pending
                .iter()
                .filter(|item| self.hold_of(item).is_over(now_ms))
                .min_by_key(|item| self.hold_of(item).failures)?;
            self.current = Some(Upload {
                item: item.clone(),
                step: Step::Create,
                detours: 0,
            });
        }
        let upload = self.current.as_ref()?;
        let sha256 = upload.item.sha256;
        Some(match upload.step {
            Step::Create => Action::CreateMedia(upload.item.clone()),
            Step::AskOffset => Action::AskMediaOffset { sha256 },
            Step::Send { offset } => Action::SendMedia {
                sha256,
                offset,
                size_bytes: upload.item.size_bytes,
                max_bytes: piece_bytes,
            },
            Step::AskReceipt => Action::AskMediaReceipt(upload.item.clone()),
        })
    }

    /// When something can be done next; `None` when nothing is pending.
    pub fn next_at_ms(&self, pending: &[MediaItem]) -> Option<u64> {
        pending
            .iter()
            .map(|item| self.hold_of(item).until_ms.max(self.wait.until_ms))
            .min()
    }

    pub fn cause(&self, pending: &[MediaItem]) -> Option<Cause> {
        let of_files = || pending.iter().find_map(|item| self.hold_of(item).cause);
        self.wait.cause.or_else(of_files)
    }

    pub fn created(&mut self) {
        self.step(Step::AskOffset);
    }

    pub fn complete(&mut self) {
        self.step(Step::AskReceipt);
    }

    /// An offset headquarters told or reached. What makes no sense is a fault.
    pub fn offset(&mut self, offset: u64) -> Result<(), Fault> {
        let Some(upload) = &mut self.current else {
            return Ok(());
        };
        let is_stuck = matches!(upload.step, Step::Send { offset: before } if offset <= before);
        if is_stuck || offset > upload.item.size_bytes {
            return Err(Fault::of(Cause::NotHeadquarters));
        }
        upload.step = if offset == upload.item.size_bytes {
            Step::AskReceipt
        } else {
            Step::Send { offset }
        };
        Ok(())
    }

    /// There is no such upload at headquarters any more.
    pub fn gone(&mut self) -> Result<(), Fault> {
        self.detour(Step::Create)
    }

    /// The offset was not the one headquarters has.
    pub fn lost_offset(&mut self) -> Result<(), Fault> {
        self.detour(Step::AskOffset)
    }

    /// The receipt is stored. Should the file still be pending at the next look, it waits like one that failed.
    pub fn received(&mut self, now_ms: u64, config: &Config, jitter: &mut Jitter) {
        self.wait.succeed();
        if let Some(upload) = self.current.take() {
            let hold = self.held.entry(upload.item.sha256).or_default();
            hold.fail(Fault::of(Cause::LocalFailure), now_ms, config, jitter);
        }
    }

    /// The file steps back behind the others. Whatever is not about this file alone also stops the flow.
    pub fn fail(&mut self, fault: Fault, now_ms: u64, config: &Config, jitter: &mut Jitter) {
        if let Some(upload) = self.current.take() {
            let hold = self.held.entry(upload.item.sha256).or_default();
            hold.fail(fault, now_ms, config, jitter);
        }
        match fault.cause {
            Cause::Refused | Cause::LocalFailure => {}
            Cause::HeadquartersUnreachable
            | Cause::NotHeadquarters
            | Cause::ServerBusy
            | Cause::ClockSkew => self.wait.fail(fault, now_ms, config, jitter),
        }
    }

    pub fn shorten(&mut self, config: &Config) {
        self.wait.shorten(config);
        for hold in self.held.values_mut() {
            hold.shorten(config);
        }
    }

    pub fn drop_delays(&mut self) {
        self.wait.drop_delay();
        for hold in self.held.values_mut() {
            hold.drop_delay();
        }
    }

    fn hold_of(&self, item: &MediaItem) -> Wait {
        self.held.get(&item.sha256).copied().unwrap_or_default()
    }

    fn step(&mut self, step: Step) {
        if let Some(upload) = &mut self.current {
            upload.step = step;
        }
    }

    fn detour(&mut self, step: Step) -> Result<(), Fault> {
        let Some(upload) = &mut self.current else {
            return Ok(());
        };
        upload.detours += 1;
        if upload.detours > DETOURS_MAX {
            return Err(Fault::of(Cause::Refused));
        }
        upload.step = step;
        Ok(())
    }
}
