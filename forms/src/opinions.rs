//! 审批意见与审核意见 – what was decided about an issued instrument since, for the copy of the office. The instrument
//! itself, its hash and its bytes stay as they were issued.

use journal::Kind;
use serde_json::{Map, Value, json};

use crate::Pack;

/// Lists of a pack in which the items of a review have their names.
const ITEM_LISTS: [&str; 2] = ["review_items", "review_extra_items"];

/// The issued instrument that decisions are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Decided<'a> {
    pub instrument_id: &'a str,
    pub content_sha256: &'a str,
    /// RFC 3339.
    pub issued_at: &'a str,
}

/// An act of a case as it stands in its entry.
#[derive(Debug, Clone)]
pub struct Decision {
    pub kind: Kind,
    /// RFC 3339.
    pub at: String,
    pub body: Value,
}

impl Decision {
    fn text(&self, key: &str) -> &str {
        self.body.get(key).and_then(Value::as_str).unwrap_or("")
    }

    /// What was decided about another instrument, or another content, does not count.
    fn is_about(&self, decided: Decided<'_>) -> bool {
        let content = self.text("content_sha256");
        self.text("instrument_id") == decided.instrument_id
            && (content.is_empty() || content == decided.content_sha256)
    }
}

impl Pack {
    /// `approvals.{stage}.{opinion,name,at}` and `review.…`, as papers name them; empty before anybody decided. Of several
    /// opinions at one stage the newest stands; at the same moment headquarters answers what was approved from afar.
    pub fn opinions(
        &self,
        about: Decided<'_>,
        acts: impl IntoIterator<Item = Decision>,
    ) -> Map<String, Value> {
        let acts = acts.into_iter();
        let mut acts: Vec<Decision> = acts.filter(|act| act.is_about(about)).collect();
        let is_headquarters = |act: &Decision| act.kind != Kind::ApprovalRecorded;
        acts.sort_by(|one, other| {
            let place = |act: &Decision| is_headquarters(act);
            (&one.at, place(one)).cmp(&(&other.at, place(other)))
        });
        let mut approvals = Map::new();
        let mut opinions = Map::new();
        for act in &acts {
            let by = match act.kind {
                Kind::ApprovalRecorded => "approver",
                Kind::HqApprovalGiven => "user_name",
                Kind::HqReviewGiven => {
                    opinions.insert("review".to_owned(), self.review(about, act));
                    continue;
                }
                _ => continue,
            };
            let given =
                json!({ "opinion": act.text("opinion"), "name": act.text(by), "at": act.at });
            approvals.insert(act.text("stage").to_owned(), given);
        }
        if !approvals.is_empty() {
            opinions.insert("approvals".to_owned(), Value::Object(approvals));
        }
        opinions
    }

    fn review(&self, about: Decided<'_>, act: &Decision) -> Value {
        json!({
            "conclusion": act.text("conclusion"), "reason": act.text("reason"),
            "received_at": about.issued_at, "done_at": act.at,
            "reviewer": act.text("user_name"), "credential_no": act.text("qualification_no"),
            "items": self.answers(act),
        })
    }

    /// The answers of a review by the keys of the pack, which alone a paper can name.
    fn answers(&self, act: &Decision) -> Value {
        let known = |item: &str| {
            let lists = self
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
}
