//! 审批意见与审核意见 – what was decided about an issued instrument, for the copy of the office. The instrument itself, its
//! hash and its bytes stay as they were issued.

use forms::Pack;
use journal::Kind;
use serde_json::{Map, Value, json};

use crate::desk::Desk;
use crate::failure::No;
use crate::store::case_act::{self, CaseAct};
use crate::store::instrument::Instrument;

/// Lists of the pack in which the items of a review have their names.
const ITEM_LISTS: [&str; 2] = ["review_items", "review_extra_items"];

/// `approvals.{stage}.{opinion,name,at}` and `review.…`, as papers name them; an empty object before anybody decided.
/// What was decided about another content does not count.
pub fn about(desk: &Desk, instrument: &Instrument) -> Result<Value, No> {
    let mut acts = case_act::of_case(&desk.db, &instrument.case_id)?;
    acts.extend(case_act::of_headquarters(&desk.db, &instrument.case_id)?);
    acts.sort_by(|one, other| one.at.cmp(&other.at));
    let is_mine = |act: &&CaseAct| {
        let content = act.text("content_sha256");
        act.text("instrument_id") == instrument.instrument_id
            && (content.is_empty() || Some(content) == instrument.content_sha256)
    };
    let mut approvals = Map::new();
    let mut decided = Map::new();
    for act in acts.iter().filter(is_mine) {
        match Kind::parse(&act.kind) {
            Ok(Kind::ApprovalRecorded) => {
                let given = json!({
                    "opinion": act.text("opinion"), "name": act.text("approver"), "at": act.at,
                });
                approvals.insert(act.text("stage"), given);
            }
            Ok(Kind::HqApprovalGiven) => {
                let given = json!({
                    "opinion": act.text("opinion"), "name": act.text("user_name"), "at": act.at,
                });
                approvals.insert(act.text("stage"), given);
            }
            Ok(Kind::HqReviewGiven) => {
                let review = json!({
                    "conclusion": act.text("conclusion"), "reason": act.text("reason"),
                    "received_at": instrument.issued_at, "done_at": act.at,
                    "reviewer": act.text("user_name"), "credential_no": act.text("qualification_no"),
                    "items": items(&desk.pack, act),
                });
                decided.insert("review".to_owned(), review);
            }
            _ => {}
        }
    }
    if !approvals.is_empty() {
        decided.insert("approvals".to_owned(), Value::Object(approvals));
    }
    Ok(Value::Object(decided))
}

pub fn is_decided(desk: &Desk, instrument: &Instrument) -> Result<bool, No> {
    let decided = about(desk, instrument)?;
    Ok(instrument.issued_at.is_some() && decided.as_object().is_some_and(|all| !all.is_empty()))
}

/// The frozen value with what was decided since.
pub fn with_decisions(desk: &Desk, instrument: &Instrument) -> Result<Value, No> {
    let mut value = instrument.value.clone();
    if let (Value::Object(fields), Value::Object(decided)) = (&mut value, about(desk, instrument)?)
    {
        fields.extend(decided);
    }
    Ok(value)
}

/// The answers of a review by the keys of the pack, which alone a paper can name.
fn items(pack: &Pack, act: &CaseAct) -> Value {
    let known = |item: &str| {
        let lists = pack
            .parameters()
            .filter(|list| ITEM_LISTS.contains(&list.key.as_str()));
        let mut options = lists.flat_map(|list| &list.options);
        options
            .find(|(key, label)| key == item || label == item)
            .map(|(key, _)| key.clone())
    };
    let answered = act.body.get("items").and_then(Value::as_array);
    let named = answered.into_iter().flatten().filter_map(|answer| {
        let key = known(answer.get("item")?.as_str()?)?;
        Some((key, answer.clone()))
    });
    Value::Object(named.collect())
}
