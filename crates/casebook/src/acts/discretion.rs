//! 裁量辅助 – what the assistant puts before the officer, from the case, the pack and this terminal's own decisions.
//!
//! Everything it shows becomes an entry; the officer decides.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate};
use contract::{BoundaryError, Code};
use forms::{Advice, AdviceQuestion, Dossier};
use journal::Kind;
use journal::body::DiscretionShown;
use law::Finding;
use serde_json::{Value, json};

use crate::acts::dossier::gather;
use crate::acts::drafting::read_instrument;
use crate::contract::{DiscretionView, ProposeDiscretion, SimilarCase};
use crate::desk::{Act, Desk};
use crate::failure::{Failure, No};
use crate::phrase;
use crate::store::instrument::{self, Decided};
use crate::terminal::Terminal;

/// Largest facts an officer enters, bytes of JSON.
const FACTS_BYTES_MAX: usize = 16 << 10;
/// Decisions that are compared, newest first.
const COMPARED_MAX: u32 = 500;
const SHOWN_MAX: usize = 5;

pub fn propose(
    terminal: &Terminal,
    desk: &mut Desk,
    request: &ProposeDiscretion,
) -> Result<DiscretionView, No> {
    desk.session()?;
    let host = terminal.host.as_ref();
    if request.facts.to_string().len() > FACTS_BYTES_MAX {
        return Err(BoundaryError::new(Code::TooLarge)
            .with("limit_bytes", FACTS_BYTES_MAX as u64)
            .into());
    }
    let instrument = read_instrument(desk, &request.instrument_id)?;
    let dossier = gather(desk, &instrument.case_id)?;
    let facts = known_facts(desk, &dossier, &instrument.value, &request.facts)?;
    let violation = text(&facts, "violation_code").to_owned();
    let party = of_instrument(&instrument.value, &dossier, "party");
    let today = host.now().date_naive();
    let on = day(text(&instrument.value, "happened_at"))
        .or_else(|| day(dossier.opened_at.as_deref()?))
        .unwrap_or(today);
    let asked = AdviceQuestion {
        violation: &violation,
        party,
        facts: &facts,
        history: &dossier.history,
        agency: &desk.agency,
        on,
        today,
    };
    let Some(advice) = desk.pack.advise(&asked) else {
        return Err(No::Found(vec![Finding::block(
            "party.kind",
            "required",
            "还没有当事人的类别，或者违法行为不在清单内。",
            "先填写当事人，选择违法行为，再使用裁量辅助。",
        )]));
    };
    let here = Compared {
        violation: &violation,
        band: advice.benchmark.as_ref().map(|shown| shown.band.as_str()),
        circumstances: advice
            .circumstances
            .iter()
            .map(|one| one.key.as_str())
            .collect(),
        party_kind: text(party, "kind"),
        plate: text(
            of_instrument(&instrument.value, &dossier, "vehicle"),
            "plate",
        ),
        place: of_instrument(&instrument.value, &dossier, "place"),
        facts_text: text(&instrument.value, "facts"),
        measure: measure(desk, &violation),
        told: &facts,
        middle_fen: advice
            .proposed
            .map(|band| band.min_fen + (band.max_fen - band.min_fen) / 2),
        today,
    };
    let similar = similar(desk, &instrument.case_id, &here)?;
    let view = DiscretionView {
        instrument_id: instrument.instrument_id.clone(),
        shown_at: crate::text::time(host.now()),
        advice,
        similar,
    };
    let body = DiscretionShown {
        v: 1,
        instrument_id: instrument.instrument_id,
        facts,
        proposal: serde_json::to_value(&view)?,
    };
    let act = Act {
        kind: Kind::DiscretionShown,
        case_id: Some(&instrument.case_id),
        event_at: host.now(),
        body: &body,
        blobs: Vec::new(),
    };
    desk.commit(host, act, |_, _| Ok(()))?;
    Ok(view)
}

/// What the officer entered, the violation of the draft, and what the bands need from the draft or an issued paper.
fn known_facts(
    desk: &Desk,
    dossier: &Dossier,
    draft: &Value,
    entered: &Value,
) -> Result<Value, No> {
    let mut facts = match entered {
        Value::Object(fields) => fields.clone(),
        Value::Null => serde_json::Map::new(),
        _ => return Err(Code::BadRequest.into()),
    };
    if facts
        .get("violation_code")
        .and_then(Value::as_str)
        .is_none()
    {
        facts.insert(
            "violation_code".to_owned(),
            json!(text(draft, "violation_code")),
        );
    }
    let violation = facts.get("violation_code").and_then(Value::as_str);
    let violation = violation.unwrap_or_default();
    if violation.is_empty() {
        return Err(No::Found(vec![Finding::block(
            "violation_code",
            "required",
            "还没有选择违法行为。",
            "先在文书中选择违法行为，再使用裁量辅助。",
        )]));
    }
    let needed = desk.pack.facts_needed(violation);
    let mut facts = Value::Object(facts);
    let issued = dossier.instruments.iter().rev();
    let issued = issued.filter(|item| item.issued_at.is_some() && !item.is_voided);
    let sources: Vec<&Value> = std::iter::once(draft)
        .chain(issued.map(|item| &item.value))
        .collect();
    for path in needed {
        let pointer = format!("/{}", path.replace('.', "/"));
        if facts.pointer(&pointer).is_some_and(|fact| !fact.is_null()) {
            continue;
        }
        let mut found = sources.iter().filter_map(|source| source.pointer(&pointer));
        if let Some(found) = found.find(|found| !found.is_null()) {
            set(&mut facts, &path, found.clone());
        }
    }
    Ok(facts)
}

fn set(facts: &mut Value, path: &str, new: Value) {
    let mut at = facts;
    for key in path.split('.') {
        if !at.is_object() {
            *at = json!({});
        }
        let Value::Object(fields) = at else { return };
        at = fields.entry(key.to_owned()).or_insert(Value::Null);
    }
    *at = new;
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn day(at: &str) -> Option<NaiveDate> {
    let time = DateTime::parse_from_rfc3339(at).ok()?;
    Some(time.with_timezone(&crate::domain_offset()).date_naive())
}

/// A block of the draft, else of the case.
fn of_instrument<'a>(draft: &'a Value, dossier: &'a Dossier, block: &str) -> &'a Value {
    let of_case = match block {
        "party" => &dossier.party,
        "vehicle" => &dossier.vehicle,
        _ => &dossier.place,
    };
    draft
        .get(block)
        .filter(|block| block.is_object())
        .unwrap_or(of_case)
}

/// Where the number stands that the amount of a violation is reckoned from.
fn measure(desk: &Desk, violation: &str) -> Option<String> {
    let formula = desk.pack.violation(violation)?.formula.as_ref()?;
    Some(format!("/{}", formula.path.replace('.', "/")))
}

/// What two cases are compared by.
struct Compared<'a> {
    violation: &'a str,
    band: Option<&'a str>,
    circumstances: BTreeSet<&'a str>,
    party_kind: &'a str,
    plate: &'a str,
    place: &'a Value,
    facts_text: &'a str,
    measure: Option<String>,
    told: &'a Value,
    middle_fen: Option<i64>,
    today: NaiveDate,
}

/// 类案 – decisions of this terminal on the same violation, the most alike first, each with what it has in common.
fn similar(desk: &Desk, case_id: &str, here: &Compared) -> Result<Vec<SimilarCase>, Failure> {
    let decided = instrument::decided(&desk.db, case_id, here.violation, COMPARED_MAX)?;
    let mut ranked: Vec<(u32, SimilarCase)> =
        decided.into_iter().map(|other| here.rank(other)).collect();
    ranked.sort_by_key(|(score, case)| Reverse((*score, case.issued_at.clone())));
    ranked.truncate(SHOWN_MAX);
    Ok(ranked.into_iter().map(|(_, case)| case).collect())
}

impl Compared<'_> {
    /// Each thing in common has a weight and says itself in words; the sum orders the list.
    fn rank(&self, other: Decided) -> (u32, SimilarCase) {
        let mut score = 0;
        let mut why = vec!["违法行为相同".to_owned()];
        let mut say = |weight: u32, text: String| {
            score += weight;
            why.push(text);
        };
        let advice = other.shown.as_ref().and_then(|shown| shown.get("advice"));
        let advice: Option<Advice> =
            advice.and_then(|advice| serde_json::from_value(advice.clone()).ok());
        if let Some(advice) = &advice {
            let band = advice.benchmark.as_ref().map(|shown| shown.band.as_str());
            if let Some(band) = band.filter(|band| Some(*band) == self.band) {
                say(6, format!("裁量档次都是“{band}”"));
            }
            let shared = advice.circumstances.iter();
            let shared: Vec<&str> = shared
                .filter(|one| self.circumstances.contains(one.key.as_str()))
                .map(|one| one.title.as_str())
                .collect();
            if !shared.is_empty() {
                let count = u32::try_from(shared.len()).unwrap_or(u32::MAX);
                say(3 * count.min(4), format!("都有情节：{}", shared.join("、")));
            }
        }
        if !self.party_kind.is_empty() && self.party_kind == text(&other.party, "kind") {
            say(2, "当事人类别相同".to_owned());
        }
        if !self.plate.is_empty() && self.plate == other.plate {
            say(4, "同一车辆".to_owned());
        }
        self.compare_places(&other, &mut say);
        if let Some(fine_fen) = other.fine_fen
            && let Some(middle) = self.middle_fen
            && (fine_fen - middle).abs() * 10 <= middle * 2
        {
            let fine = law::payment::yuan(fine_fen);
            say(2, format!("罚款数额相近（{fine}）"));
        }
        let amounts = self.measure.as_ref().and_then(|pointer| {
            let here = self.told.pointer(pointer)?.as_i64()?;
            Some((here, other.told.as_ref()?.pointer(pointer)?.as_i64()?))
        });
        if let Some((here, there)) = amounts
            && (here - there).abs() * 10 <= here.max(there) * 2
        {
            say(4, format!("数量相近（{there}）"));
        }
        let alike = likeness(self.facts_text, &other.facts_text);
        if alike >= 40 {
            say(alike / 20, format!("事实的文字有 {alike}% 相同"));
        }
        if let Some(days) = day(&other.issued_at).map(|then| (self.today - then).num_days()) {
            match days {
                0..=92 => say(3, "三个月以内".to_owned()),
                93..=366 => say(1, "一年以内".to_owned()),
                _ => {}
            }
        }
        let case = SimilarCase {
            case_id: other.case_id,
            instrument_id: other.instrument_id,
            number: other.number,
            issued_at: other.issued_at,
            party_name: other.party_name,
            plate: Some(other.plate).filter(|plate| !plate.is_empty()),
            place_text: other.place_text,
            penalty_kind: other.penalty_kind,
            fine_fen: other.fine_fen,
            why,
            score,
        };
        (score, case)
    }

    fn compare_places(&self, other: &Decided, say: &mut impl FnMut(u32, String)) {
        let (road, here) = (text(self.place, "road_no"), text(self.place, "text"));
        if !here.is_empty() && here == other.place_text {
            say(4, format!("同一地点（{here}）"));
        } else if !road.is_empty() && road == text(&other.place, "road_no") {
            say(2, format!("同一条路（{road}）"));
        }
    }
}

/// Pairs of neighbouring characters two texts share, per cent of those of the shorter.
fn likeness(one: &str, other: &str) -> u32 {
    let pairs = |text: &str| -> BTreeSet<String> {
        let words = phrase::words(text);
        let pairs = words.split(' ').filter(|word| word.chars().count() == 2);
        pairs.map(str::to_owned).collect()
    };
    let (one, other) = (pairs(one), pairs(other));
    let shorter = one.len().min(other.len());
    if shorter < 8 {
        return 0;
    }
    let shared = one.intersection(&other).count();
    u32::try_from(shared * 100 / shorter).unwrap_or(0)
}
