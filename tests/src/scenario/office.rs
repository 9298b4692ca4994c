//! What headquarters' people do at the console, and what the public asks.

use std::path::Path;

use serde_json::{Value, json};

use super::cast;
use super::found::agency_of;
use super::read::{Fields, list, text_of};
use super::time::{moment, span_of, time_text};
use super::world::{Made, Outcome, Stop, World};
use crate::pack_dir;

fn text(fields: &Fields, key: &str) -> Option<String> {
    fields.get(key).map(text_of)
}

/// Who does what, where the step does not say `by`.
fn default_user(act: &str) -> &'static str {
    match act {
        "review" => "legal",
        "review_disclosure" | "withdraw" => "discloser",
        "register_supervision" | "answer_supervision" => "clerk",
        "disclose" => "releaser",
        "look" => "supervisor",
        "seal" => "seal_keeper",
        _ => "head",
    }
}

fn user_of(act: &str, fields: &Fields) -> String {
    match text(fields, "by") {
        Some(by) => cast::user(&by).to_owned(),
        None => default_user(act).to_owned(),
    }
}

/// 审批层级 of a user who does not say it.
fn stage_of(user: &str, fields: &Fields) -> String {
    text(fields, "stage").unwrap_or_else(|| {
        match user {
            "unit_head" => "section",
            "legal" => "legal",
            _ => "head",
        }
        .to_owned()
    })
}

pub fn act(world: &mut World<'_>, act: &str, fields: &Fields) -> Result<Outcome, Stop> {
    let user = user_of(act, fields);
    let answer = match act {
        "approve" => {
            let decision = text(fields, "decision").unwrap_or_else(|| "approved".to_owned());
            decide(world, &user, &decision, fields)?
        }
        "return" => decide(world, &user, "returned", fields)?,
        "refuse" => decide(world, &user, "refused", fields)?,
        "review" => {
            let made = world.made(fields)?;
            let payload = json!({
                "instrument_id": made.instrument_id, "conclusion": text(fields, "conclusion"),
                "items": fields.get("items").cloned().unwrap_or(json!([])), "reason": text(fields, "reason"),
            });
            world.console(&user, "review", payload)?
        }
        "deliberate" => deliberate(world, &user, fields)?,
        "seal" => {
            let made = world.made(fields)?;
            let asked = json!({ "instrument_id": made.instrument_id });
            let content = world.ask("instrument", asked)?["content_sha256"].clone();
            let payload = json!({ "instrument_id": made.instrument_id, "content_sha256": content });
            world.console(&user, "seal_instrument", payload)?
        }
        "review_disclosure" => publish(world, &user, "review_disclosure", fields)?,
        "disclose" => {
            let made = world.made(fields)?;
            let answer = publish(world, &user, "disclose", fields)?;
            world.disclosed.insert(made.instrument_id, answer.clone());
            answer
        }
        "register_supervision" => {
            let received_on = day(
                world,
                &text(fields, "received_on").unwrap_or_else(|| "today".to_owned()),
            )?;
            let payload = json!({
                "paper": text(fields, "paper").unwrap_or_else(|| "notice".to_owned()),
                "number": text(fields, "number"), "organ": text(fields, "organ").unwrap_or_else(|| "示例市司法局".to_owned()),
                "demand": text(fields, "demand").unwrap_or_else(|| "说明情况，并书面回复。".to_owned()),
                "received_on": received_on, "reply_by": day(world, &text(fields, "reply_by").unwrap_or_default())?,
                "case_no": text(fields, "case_no").unwrap_or_default(),
            });
            world.console(&user, "register_supervision", payload)?
        }
        "answer_supervision" => {
            let instrument_id =
                match fields.contains_key("form") || fields.contains_key("instrument") {
                    true => json!(world.made(fields)?.instrument_id),
                    false => Value::Null,
                };
            let payload = json!({
                "paper_id": text(fields, "paper"), "instrument_id": instrument_id,
                "note": text(fields, "words").unwrap_or_default(),
            });
            world.console(&user, "answer_supervision", payload)?
        }
        "withdraw" => {
            let disclosure_id = match text(fields, "disclosure") {
                Some(id) => id,
                None => disclosure_of(world, &world.made(fields)?)?,
            };
            let payload =
                json!({ "disclosure_id": disclosure_id, "reason": text(fields, "reason") });
            world.console(&user, "withdraw_disclosure", payload)?
        }
        "revoke" => {
            let made = world.made(fields)?;
            let decided_on = text(fields, "decided_on").unwrap_or_else(|| "now".to_owned());
            let decided_on = day(world, &decided_on)?;
            let payload = json!({
                "instrument_id": made.instrument_id, "cause": text(fields, "cause"),
                "organ": text(fields, "organ").unwrap_or_else(|| "示例市人民政府".to_owned()),
                "decided_on": decided_on, "reason": text(fields, "reason"),
            });
            world.console(&user, "revoke_decision", payload)?
        }
        "grant_code" => grant_code(world, &user, fields)?,
        "publish_codes" => {
            let valid_to = day(
                world,
                &text(fields, "valid_to").unwrap_or_else(|| "+30d".to_owned()),
            )?;
            let payload = json!({
                "stage": stage_of(&user, fields), "count": fields.get("count").cloned().unwrap_or(json!(5)),
                "valid_to": valid_to,
            });
            world.console(&user, "publish_approval_codes", payload)?
        }
        "look" => {
            let case_id = world.case_id(fields)?;
            world.console(
                &user,
                "case",
                json!({ "case_id": case_id, "purpose": text(fields, "purpose") }),
            )?
        }
        "console" => {
            let command = text(fields, "command").unwrap_or_default();
            let payload = fields.get("payload").cloned().unwrap_or(json!({}));
            world.console(&user, &command, payload)?
        }
        other => return Err(Stop::Broken(format!("headquarters has no act `{other}`"))),
    };
    Ok(Outcome::of(answer))
}

fn day(world: &World<'_>, text: &str) -> Result<String, Stop> {
    let text = if text == "today" { "now" } else { text };
    moment(text, Some(world.now()))
        .map(|at| at.date_naive().to_string())
        .ok_or_else(|| Stop::Broken(format!("`{text}` is no day")))
}

fn decide(
    world: &mut World<'_>,
    user: &str,
    decision: &str,
    fields: &Fields,
) -> Result<Value, Stop> {
    let made = world.made(fields)?;
    let payload = json!({
        "instrument_id": made.instrument_id, "stage": stage_of(user, fields), "decision": decision,
        "opinion": text(fields, "opinion").unwrap_or_else(|| "同意".to_owned()),
    });
    world.console(user, "approve", payload)
}

fn deliberate(world: &mut World<'_>, user: &str, fields: &Fields) -> Result<Value, Stop> {
    let made = world.made(fields)?;
    let attendees = match fields.get("attendees") {
        Some(attendees) => list(attendees),
        None => ["王负责", "郑承办", "孙法制"].map(str::to_owned).to_vec(),
    };
    let chair = text(fields, "chair").or_else(|| attendees.first().cloned());
    let opinions = fields.get("opinions").cloned().unwrap_or_else(|| {
        attendees
            .iter()
            .map(|name| json!({ "name": name, "opinion": "同意" }))
            .collect()
    });
    let held_at = text(fields, "held_at").unwrap_or_else(|| "now".to_owned());
    let held_at = moment(&held_at, Some(world.now()))
        .ok_or_else(|| Stop::Broken("`held_at` is no moment".to_owned()))?;
    let payload = json!({
        "case_id": made.case_id, "instrument_id": made.instrument_id, "held_at": time_text(held_at), "chair": chair,
        "attendees": attendees, "opinions": opinions, "conclusion": text(fields, "conclusion"),
        "is_agreed": fields.get("agreed").cloned().unwrap_or(json!(true)),
    });
    world.console(user, "deliberate", payload)
}

/// Channels and basis as the preview proposes them, unless the step says others.
fn publish(
    world: &mut World<'_>,
    user: &str,
    command: &str,
    fields: &Fields,
) -> Result<Value, Stop> {
    let made = world.made(fields)?;
    let kind = text(fields, "kind").unwrap_or_else(|| {
        match made.form.as_str() {
            "F21" | "F32" => "penalty",
            "F01" | "F20" => "inspection",
            _ => "result",
        }
        .to_owned()
    });
    let asked = json!({ "instrument_id": made.instrument_id, "kind": kind });
    let preview = world.console(user, "disclosure_preview", asked)?;
    let basis = match fields.get("basis") {
        Some(basis) => list(basis)
            .iter()
            .map(|text| {
                let (law, article) = text.rsplit_once(' ').unwrap_or((text, ""));
                json!({ "law": law, "article": article })
            })
            .collect(),
        None => preview["basis"].clone(),
    };
    let channels = fields
        .get("channels")
        .cloned()
        .unwrap_or_else(|| preview["channels"].clone());
    let payload = json!({ "instrument_id": made.instrument_id, "kind": kind, "channels": channels, "basis": basis });
    let mut answer = world.console(user, command, payload)?;
    if answer.get("cautions").is_none() {
        answer["cautions"] = preview["cautions"].clone();
    }
    Ok(answer)
}

pub fn disclosure_of(world: &World<'_>, made: &Made) -> Result<String, Stop> {
    world
        .disclosed
        .get(&made.instrument_id)
        .map(|answer| text_of(&answer["disclosure_id"]))
        .ok_or_else(|| Stop::Broken(format!("{} was not disclosed", made.form)))
}

fn grant_code(world: &mut World<'_>, user: &str, fields: &Fields) -> Result<Value, Stop> {
    let party = match fields.get("party") {
        Some(Value::String(name)) => world
            .scenario
            .parties
            .get(name)
            .cloned()
            .ok_or_else(|| Stop::Broken(format!("there is no [party.{name}]")))?,
        Some(party) => party.clone(),
        None => world
            .scenario
            .parties
            .values()
            .next()
            .cloned()
            .unwrap_or_default(),
    };
    let instrument_id = match fields.contains_key("form") || fields.contains_key("instrument") {
        true => Some(world.made(fields)?.instrument_id),
        false => None,
    };
    let valid_from = day(
        world,
        &text(fields, "valid_from").unwrap_or_else(|| "now".to_owned()),
    )?;
    let valid_to = day(
        world,
        &text(fields, "valid_to").unwrap_or_else(|| "+30d".to_owned()),
    )?;
    let payload = json!({
        "party_uscc": party["uscc"], "party_name": cast::party_name(&party), "matter": text(fields, "matter"),
        "instrument_id": instrument_id, "valid_from": valid_from, "valid_to": valid_to,
        "done_elsewhere": fields.get("done_elsewhere").cloned().unwrap_or(json!(0)),
        "cap_per_year": fields.get("cap").cloned().unwrap_or(Value::Null),
    });
    world.console(user, "grant_inspection_code", payload)
}

/// The party scans the badge; `later` lets time pass between showing and scanning.
pub fn scan_badge(world: &mut World<'_>, later: &str) -> Result<Value, Stop> {
    let badge = world.ask("badge", json!({}))?;
    let url = text_of(&badge["url"]);
    let token = url
        .split_once('#')
        .map_or(url.as_str(), |(_, token)| token)
        .to_owned();
    if !later.is_empty() {
        let span =
            span_of(later).ok_or_else(|| Stop::Broken("`later` is no span of time".to_owned()))?;
        world.ground.clock.advance(span);
    }
    world.public("badge", &json!({ "token": token }))
}

/// Somebody scans the code on a paper.
pub fn scan_paper(world: &mut World<'_>, fields: &Fields) -> Result<Value, Stop> {
    let made = world.made(fields)?;
    let view = world.ask("instrument", json!({ "instrument_id": made.instrument_id }))?;
    let id = view["number"]
        .as_str()
        .map_or(made.instrument_id, str::to_owned);
    world.public(
        "document",
        &json!({ "id": id, "sha256": view["content_sha256"] }),
    )
}

/// Another roster and other parameters are put in force.
pub fn publish_roster(world: &mut World<'_>, fields: &Fields) -> Result<Value, Stop> {
    for row in fields
        .get("officers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let row = row
            .as_object()
            .ok_or_else(|| Stop::Broken("`officers` is made of tables".to_owned()))?;
        cast::change(&mut world.ground.officers, row);
    }
    let parameters = fields
        .get("parameters")
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default();
    let into = world.ground.dir.join("agency.toml");
    let publish = || -> Result<(), crate::Failed> {
        let file = agency_of(world.scenario, &world.ground.officers, &parameters, &into)?;
        world.ground.hq.publish_agency(&file)?;
        Ok(())
    };
    publish().map_err(|failed| failed.to_string())?;
    world
        .units
        .iter_mut()
        .for_each(|unit| unit.is_behind = true);
    Ok(Value::Null)
}

/// A newer pack: the one at hand with changes of its text, if any.
pub fn publish_pack(world: &mut World<'_>, fields: &Fields) -> Result<Value, Stop> {
    let version = text(fields, "version").unwrap_or_default();
    let folder = world.ground.dir.join(format!("pack-{version}"));
    let made = || -> Result<(String, String), crate::Failed> {
        copy(&pack_dir(), &folder)?;
        for change in fields
            .get("changes")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let of = |key: &str| change.get(key).map(text_of).unwrap_or_default();
            let file = folder.join(of("file"));
            let before = std::fs::read_to_string(&file)?;
            if !before.contains(&of("find")) {
                return Err(format!("{} does not contain {}", of("file"), of("find")).into());
            }
            std::fs::write(&file, before.replace(&of("find"), &of("replace")))?;
        }
        Ok(world.ground.hq.publish_pack(&folder, Some(&version))?)
    };
    let (version, sha256) = made().map_err(|failed| failed.to_string())?;
    world
        .units
        .iter_mut()
        .for_each(|unit| unit.is_behind = true);
    Ok(json!({ "version": version, "sha256": sha256 }))
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        match entry.file_type()?.is_dir() {
            true => copy(&entry.path(), &target)?,
            false => {
                std::fs::copy(entry.path(), target)?;
            }
        }
    }
    Ok(())
}
