//! 待办 – what waits for the one who asks, the most urgent first.

use chrono::{DateTime, FixedOffset};
use contract::BoundaryError;
use rusqlite::Connection;
use serde_json::Value;

use super::clocks::urgency;
use super::{Denied, Rules, STAGES, citations};
use crate::console::object_row;
use crate::contract::office::{Queue, QueueItem};
use crate::failure::Failure;
use crate::headquarters::Headquarters;
use crate::store::clocks::{self, Clock};
use crate::store::instruments::{self, Instrument};
use crate::store::people::Session;
use crate::store::{acts, cases, disclosures, seals};

/// Of each kind of task at most so many are shown.
const TASKS_MAX: u32 = 200;

impl Headquarters {
    pub(crate) fn queue(&self, session: &Session) -> Result<Queue, BoundaryError> {
        let foundation = self.foundation().map_err(Denied::from)?;
        let rules = Rules::in_force(self, &foundation).map_err(Denied::from)?;
        let now = self.clock.now();
        let items = self.read(|on| {
            let mut gathering = Gathering {
                on,
                rules: &rules,
                session,
                now,
                items: Vec::new(),
            };
            gathering.approvals()?;
            gathering.confirmations()?;
            gathering.reviews()?;
            gathering.seals()?;
            gathering.disclosures()?;
            gathering.releases()?;
            gathering.withdrawals()?;
            Ok(gathering.items)
        });
        let mut items = items.map_err(Denied::from)?;
        items.sort_by(|one, other| place(one).cmp(&place(other)));
        Ok(Queue {
            items,
            now: crate::clock::time_text(&now),
        })
    }
}

/// By what is due first; without a limit by how long it has waited.
fn place(item: &QueueItem) -> (bool, &str, &str) {
    let due_on = item.due_on.as_deref().unwrap_or_default();
    (item.due_on.is_none(), due_on, &item.waiting_since)
}

struct Gathering<'a> {
    on: &'a Connection,
    rules: &'a Rules,
    session: &'a Session,
    now: DateTime<FixedOffset>,
    items: Vec<QueueItem>,
}

impl Gathering<'_> {
    fn holds(&self, function: &str) -> bool {
        self.session.functions.iter().any(|held| held == function)
    }

    /// Applications that a gate wants approved: for whoever has to decide, and for the head of the unit, whose opinion
    /// comes before it.
    fn approvals(&mut self) -> Result<(), Failure> {
        for form in self.rules.approved_forms() {
            let asked = self.rules.stages(&form);
            for stage in STAGES {
                let is_waited_for = asked.contains(&stage) || stage == "unit_head";
                if !is_waited_for || !self.holds(stage) {
                    continue;
                }
                for instrument in instruments::undecided(self.on, &form, stage, TASKS_MAX)? {
                    self.approval(instrument, &asked, stage)?;
                }
            }
        }
        Ok(())
    }

    fn approval(
        &mut self,
        instrument: Instrument,
        asked: &[&str],
        stage: &str,
    ) -> Result<(), Failure> {
        let id = &instrument.instrument_id;
        let given = acts::of_instrument(self.on, id, "hq.approval_given")?;
        let recorded = acts::of_instrument(self.on, id, "approval.recorded")?;
        let is_given = |stage: &str| given.iter().any(|act| act.about == stage);
        let is_next = asked
            .iter()
            .take_while(|earlier| **earlier != stage)
            .all(|earlier| is_given(earlier));
        let is_over = STAGES.last().is_some_and(|last| is_given(last));
        let is_recorded = recorded.iter().any(|act| act.about == stage);
        let is_next = is_next || !asked.contains(&stage);
        if !is_next
            || is_over
            || is_recorded
            || acts::has(self.on, &instrument.case_id, "case.closed")?
        {
            return Ok(());
        }
        let since = given
            .last()
            .map(|act| act.acted_at.clone())
            .or_else(|| instrument.issued_at.clone());
        self.add(
            "approve",
            instrument,
            stage,
            since,
            "approved",
            String::new(),
        )
    }

    fn seals(&mut self) -> Result<(), Failure> {
        if !self.holds("seal_keeper") {
            return Ok(());
        }
        for id in seals::waiting(self.on, TASKS_MAX)? {
            if let Some(instrument) = instruments::by_id(self.on, &id)? {
                let since = instrument.issued_at.clone();
                self.add("seal", instrument, "", since, "sealed", String::new())?;
            }
        }
        Ok(())
    }

    fn confirmations(&mut self) -> Result<(), Failure> {
        for act in acts::unanswered_approvals(self.on, TASKS_MAX)? {
            let Some(id) = act
                .instrument_id
                .as_deref()
                .filter(|_| self.holds(&act.about))
            else {
                continue;
            };
            let Some(instrument) = instruments::by_id(self.on, id)? else {
                continue;
            };
            if instrument.state != "issued" {
                continue;
            }
            let body: Value = serde_json::from_str(&act.body).unwrap_or_default();
            let word = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
            let note = format!("{} {}", word("approver"), word("opinion"));
            let since = Some(act.acted_at.clone());
            let note = note.trim().to_owned();
            self.add("confirm", instrument, &act.about, since, "confirmed", note)?;
        }
        Ok(())
    }

    fn reviews(&mut self) -> Result<(), Failure> {
        if !self.holds("legal") {
            return Ok(());
        }
        for form in self.rules.submissions() {
            for instrument in instruments::unreviewed(self.on, &form, TASKS_MAX)? {
                let since = instrument.issued_at.clone();
                self.add("review", instrument, "", since, "reviewed", String::new())?;
            }
        }
        Ok(())
    }

    /// Pages that nobody has looked at yet.
    fn disclosures(&mut self) -> Result<(), Failure> {
        if !self.holds("discloser") {
            return Ok(());
        }
        let names: Vec<String> = clocks::names(self.on)?
            .into_iter()
            .filter(|name| self.rules.is_ended_by(name, "disclosed"))
            .collect();
        for name in names {
            for clock in clocks::undisclosed(self.on, &name, TASKS_MAX)? {
                let Some(id) = clock.instrument_id.as_deref() else {
                    continue;
                };
                if disclosures::review(self.on, id)?.is_some() {
                    continue;
                }
                if let Some(instrument) = instruments::by_id(self.on, id)? {
                    let since = instrument.issued_at.clone();
                    self.add(
                        "disclose",
                        instrument,
                        "",
                        since,
                        "disclosed",
                        String::new(),
                    )?;
                }
            }
        }
        Ok(())
    }

    /// Pages that a colleague has looked at.
    fn releases(&mut self) -> Result<(), Failure> {
        if !self.holds("discloser") {
            return Ok(());
        }
        for waiting in disclosures::reviews(self.on, TASKS_MAX)? {
            if waiting.user == self.session.user {
                continue;
            }
            if let Some(instrument) = instruments::by_id(self.on, &waiting.instrument_id)? {
                let since = Some(waiting.reviewed_at);
                self.add(
                    "release",
                    instrument,
                    "",
                    since,
                    "disclosed",
                    waiting.user_name,
                )?;
            }
        }
        Ok(())
    }

    fn withdrawals(&mut self) -> Result<(), Failure> {
        if !self.holds("discloser") && !self.holds("head") {
            return Ok(());
        }
        for disclosure in disclosures::to_withdraw(self.on, TASKS_MAX)? {
            let Some(instrument) = instruments::by_id(self.on, &disclosure.instrument_id)? else {
                continue;
            };
            let id = disclosure.instrument_id.clone();
            let revoked = acts::of_instrument(self.on, &id, "hq.decision_revoked")?;
            let since = revoked.first().map(|act| act.acted_at.clone());
            self.add(
                "withdraw",
                instrument,
                "",
                since,
                "withdrawn",
                String::new(),
            )?;
            if let Some(item) = self.items.last_mut() {
                item.disclosure_id = Some(disclosure.disclosure_id);
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        task: &str,
        instrument: Instrument,
        stage: &str,
        since: Option<String>,
        ended_by: &str,
        note: String,
    ) -> Result<(), Failure> {
        let Some(case) = cases::case(self.on, &instrument.case_id)? else {
            return Ok(());
        };
        let clock = self.running(&instrument, ended_by)?;
        let due_on = clock.as_ref().map(|clock| clock.end().to_owned());
        self.items.push(QueueItem {
            task: task.to_owned(),
            urgency: due_on
                .as_deref()
                .map_or("none", |due_on| urgency(due_on, self.now))
                .to_owned(),
            due_on,
            basis: clock
                .map(|clock| citations(&clock.basis))
                .unwrap_or_default(),
            pdf: object_row(self.on, &instrument.case_id, instrument.pdf.as_deref())?,
            case_id: instrument.case_id,
            instrument_id: instrument.instrument_id,
            content_sha256: instrument.content_sha256,
            form: instrument.form,
            title: instrument.title,
            number: instrument.number,
            party_name: case.party_name,
            stage: stage.to_owned(),
            waiting_since: since.unwrap_or_default(),
            disclosure_id: None,
            note,
        });
        Ok(())
    }

    /// The clock of the instrument that this task ends, the earliest.
    fn running(&self, instrument: &Instrument, ended_by: &str) -> Result<Option<Clock>, Failure> {
        let started = clocks::of_case(self.on, &instrument.case_id)?;
        let id = Some(&instrument.instrument_id);
        Ok(started
            .into_iter()
            .filter(|clock| clock.instrument_id.as_ref() == id)
            .find(|clock| self.rules.is_ended_by(&clock.name, ended_by)))
    }
}
