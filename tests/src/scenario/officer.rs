//! What happens on a terminal: each act is one command of the screens, or the few that a screen sends together.

use serde_json::{Value, json};

use super::cast;
use super::filling;
use super::read::{Fields, list, text_of};
use super::time::{moment, time_text};
use super::world::{Made, Outcome, Stop, World};
use crate::roadside::strokes;

fn text(fields: &Fields, key: &str) -> Option<String> {
    fields.get(key).map(text_of)
}

fn text_or(fields: &Fields, key: &str, default: &str) -> String {
    text(fields, key).unwrap_or_else(|| default.to_owned())
}

pub fn act(world: &mut World<'_>, act: &str, fields: &Fields) -> Result<Outcome, Stop> {
    match act {
        "sign_in" => sign_in(world, fields, false).map(Outcome::of),
        "lock" => {
            world.unit_mut()?.officers.clear();
            world.ask("lock", json!({})).map(Outcome::of)
        }
        "restart" => restart(world).map(Outcome::of),
        "present" => present(world, fields).map(Outcome::of),
        "begin" => {
            sign_in(world, fields, true)?;
            present(world, &Fields::new())?;
            open_case(world, fields).map(Outcome::of)
        }
        "open_case" => open_case(world, fields).map(Outcome::of),
        "amend_case" => amend_case(world, fields).map(Outcome::of),
        "check_party" => {
            let today = world.now().date_naive().to_string();
            let party = named(world, fields, "party").map(|party| cast::party(&party, &today));
            let vehicle = named(world, fields, "vehicle").map(|vehicle| cast::vehicle(&vehicle));
            let answer = world.ask("check_party", json!({ "party": party, "vehicle": vehicle }))?;
            Ok(Outcome {
                findings: rows(&answer, "findings"),
                ..Outcome::of(answer)
            })
        }
        "tell" => {
            let case_id = world.case_id(fields)?;
            let payload = json!({
                "case_id": case_id, "notice": text(fields, "notice"), "response": text_or(fields, "response", "知道了，没有意见"),
            });
            world.ask("tell_notice", payload).map(Outcome::of)
        }
        "start" => {
            let made = start(world, fields)?;
            instrument(world, &made)
        }
        "fill" => {
            let made = made_or_started(world, fields)?;
            let filled = filling::fill(world, &made, fields)?;
            let mut outcome = instrument(world, &made)?;
            outcome.findings = filled.findings;
            outcome.notes = filled.notes;
            Ok(outcome)
        }
        "sign" => {
            let made = world.made(fields)?;
            sign(world, &made, fields)?;
            instrument(world, &made)
        }
        "issue" => issue(world, fields),
        "void" => {
            let made = world.made(fields)?;
            let payload =
                json!({ "instrument_id": made.instrument_id, "reason": text(fields, "reason") });
            world.ask("void_instrument", payload)?;
            instrument(world, &made)
        }
        "deliver" => deliver(world, fields),
        "photo" => {
            let case_id = world.case_id(fields)?;
            world
                .ask(
                    "take_photo",
                    json!({ "case_id": case_id, "step": text_or(fields, "about", "现场") }),
                )
                .map(Outcome::of)
        }
        "record_start" => {
            let case_id = world.case_id(fields)?;
            let payload = json!({
                "case_id": case_id, "kind": text_or(fields, "kind", "video"), "step": text_or(fields, "about", "现场"),
            });
            world.ask("start_recording", payload).map(Outcome::of)
        }
        "record_mark" => world
            .ask("mark_recording", json!({ "text": text(fields, "text") }))
            .map(Outcome::of),
        "record_stop" => world
            .ask(
                "stop_recording",
                json!({ "reason": text_or(fields, "reason", "") }),
            )
            .map(Outcome::of),
        "record_approval" => {
            let made = world.made(fields)?;
            let payload = json!({
                "instrument_id": made.instrument_id, "stage": text_or(fields, "stage", "head"),
                "method": text(fields, "method"), "approver": text(fields, "approver"),
                "opinion": text_or(fields, "opinion", "同意"), "code": text(fields, "code"),
            });
            world.ask("record_approval", payload).map(Outcome::of)
        }
        "flag" => {
            let case_id = world.case_id(fields)?;
            let payload = json!({
                "case_id": case_id, "flag": text(fields, "flag"),
                "value": fields.get("value").cloned().unwrap_or(json!(true)), "reason": text_or(fields, "reason", ""),
            });
            world.ask("flag_case", payload).map(Outcome::of)
        }
        "pay" => pay(world, fields),
        "check_code" => {
            let case_id = world.case_id(fields)?;
            let payload = json!({
                "case_id": case_id, "code": text_or(fields, "code", ""),
                "is_unavailable": fields.get("unavailable").cloned().unwrap_or(json!(false)),
                "note": text_or(fields, "reason", ""),
            });
            world.ask("check_inspection_code", payload).map(Outcome::of)
        }
        "check_case" => {
            let case_id = world.case_id(fields)?;
            let answer = world.ask("check_case", json!({ "case_id": case_id }))?;
            let items = rows(&answer, "items").into_iter().map(|mut item| {
                item["severity"] = item["level"].clone();
                item
            });
            Ok(Outcome {
                findings: items.collect(),
                ..Outcome::of(answer)
            })
        }
        "close_case" => {
            let case_id = world.case_id(fields)?;
            let payload = json!({
                "case_id": case_id, "reason": text(fields, "reason"), "note": text_or(fields, "closing_note", ""),
            });
            world.ask("close_case", payload).map(Outcome::of)
        }
        "print" => print(world, fields),
        "command" => {
            let command = text_or(fields, "command", "");
            let payload = fields.get("payload").cloned().unwrap_or(json!({}));
            let answer = world.ask(&command, payload)?;
            Ok(Outcome {
                findings: rows(&answer, "findings"),
                ..Outcome::of(answer)
            })
        }
        other => Err(Stop::Broken(format!("a terminal has no act `{other}`"))),
    }
}

fn rows(value: &Value, key: &str) -> Vec<Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// Whoever is there already need not sign in again to begin another case.
fn sign_in(world: &mut World<'_>, fields: &Fields, is_beginning: bool) -> Result<Value, Stop> {
    let called = match fields.get("by") {
        Some(by) => list(by),
        None => world.scenario.duty.clone(),
    };
    let mut answer = Value::Null;
    for called in called {
        let officer = world
            .ground
            .officers
            .iter()
            .find(|officer| cast::is_called(officer, &called))
            .cloned();
        let (credential_no, pin, known) = match officer {
            Some(officer) => (officer.credential_no, officer.pin, officer.called),
            // Somebody who is on no roster tries the door too.
            None => (called.clone(), "000000".to_owned(), called.clone()),
        };
        if is_beginning && world.unit()?.officers.contains(&known) {
            continue;
        }
        let pin = text(fields, "pin").unwrap_or(pin);
        answer = world.ask(
            "sign_in",
            json!({ "credential_no": credential_no, "pin": pin }),
        )?;
        world.unit_mut()?.officers.push(known);
    }
    Ok(answer)
}

/// The terminal ends and starts anew, as after a reboot; nobody is signed in.
fn restart(world: &mut World<'_>) -> Result<Value, Stop> {
    let index = world.current;
    let unit = world.unit_mut()?;
    unit.officers.clear();
    if let Some(terminal) = unit.terminal.take() {
        terminal.shut_down();
    }
    reopen(world, index)?;
    Ok(Value::Null)
}

pub fn reopen(world: &mut World<'_>, index: usize) -> Result<(), Stop> {
    let World { ground, units, .. } = world;
    match units.get_mut(index) {
        Some(unit) => ground
            .open(unit)
            .map_err(|failed| Stop::Broken(format!("the terminal does not start: {failed}"))),
        None => Ok(()),
    }
}

fn present(world: &World<'_>, fields: &Fields) -> Result<Value, Stop> {
    world.ask(
        "present",
        json!({
            "method": text_or(fields, "method", "show"), "acknowledgement": text_or(fields, "acknowledgement", "seen"),
            "uniform_worn": fields.get("uniform").cloned().unwrap_or(json!(true)), "place": null,
        }),
    )
}

/// A party, vehicle or place written in the step, or by its name in the file.
fn named(world: &World<'_>, fields: &Fields, key: &str) -> Option<Value> {
    let of_file = match key {
        "party" => &world.scenario.parties,
        "vehicle" => &world.scenario.vehicles,
        _ => &world.scenario.places,
    };
    match fields.get(key)? {
        Value::String(name) => of_file
            .get(name)
            .cloned()
            .or_else(|| (key == "place").then(|| json!(name))),
        other => Some(other.clone()),
    }
}

fn unknown_name(world: &World<'_>, fields: &Fields) -> Result<(), Stop> {
    for (key, of_file) in [
        ("party", &world.scenario.parties),
        ("vehicle", &world.scenario.vehicles),
    ] {
        if let Some(Value::String(name)) = fields.get(key)
            && name != "none"
            && !of_file.contains_key(name)
        {
            return Err(Stop::Broken(format!("there is no [{key}.{name}]")));
        }
    }
    Ok(())
}

/// The only one of its kind in the file needs no naming.
fn chosen(world: &World<'_>, fields: &Fields, key: &str) -> Option<Value> {
    let of_file = match key {
        "party" => &world.scenario.parties,
        "vehicle" => &world.scenario.vehicles,
        _ => &world.scenario.places,
    };
    if fields.get(key) == Some(&json!("none")) {
        return None;
    }
    let only = || match of_file.len() {
        1 => of_file.values().next().cloned(),
        _ => None,
    };
    named(world, fields, key).or_else(only)
}

fn open_case(world: &mut World<'_>, fields: &Fields) -> Result<Value, Stop> {
    unknown_name(world, fields)?;
    let today = world.now().date_naive().to_string();
    let Some(party) = chosen(world, fields, "party") else {
        return Err(Stop::Broken(
            "the case needs a party: write [party.NAME] and party = \"NAME\"".to_owned(),
        ));
    };
    let vehicle = chosen(world, fields, "vehicle").map(|vehicle| cast::vehicle(&vehicle));
    let place = chosen(world, fields, "place").unwrap_or_else(|| json!({}));
    world.requests += 1;
    let payload = json!({
        "reason": text_or(fields, "reason", "daily"), "reason_note": text_or(fields, "reason_note", ""),
        "place": cast::place(&place), "party": cast::party(&party, &today), "vehicle": vehicle,
        "request_id": format!("case-{}", world.requests), "is_planned": fields.get("planned") == Some(&json!(true)),
    });
    let case = world.ask("open_inspection", payload)?;
    let case_id = case
        .get("case_id")
        .and_then(Value::as_str)
        .map(str::to_owned);
    world.unit_mut()?.case_id = case_id;
    Ok(case)
}

fn amend_case(world: &mut World<'_>, fields: &Fields) -> Result<Value, Stop> {
    unknown_name(world, fields)?;
    let today = world.now().date_naive().to_string();
    let payload = json!({
        "case_id": world.case_id(fields)?,
        "place": named(world, fields, "place").map(|place| cast::place(&place)),
        "party": named(world, fields, "party").map(|party| cast::party(&party, &today)),
        "vehicle": named(world, fields, "vehicle").map(|vehicle| cast::vehicle(&vehicle)),
    });
    world.ask("amend_case", payload)
}

fn start(world: &mut World<'_>, fields: &Fields) -> Result<Made, Stop> {
    let case_id = world.case_id(fields)?;
    let form =
        text(fields, "form").ok_or_else(|| Stop::Broken("the step needs `form`".to_owned()))?;
    world.requests += 1;
    let payload = json!({ "case_id": case_id, "form": form, "request_id": format!("form-{}", world.requests) });
    let started = world.ask("start_instrument", payload)?;
    let made = Made {
        unit: world.current,
        case_id,
        form,
        instrument_id: started
            .get("instrument_id")
            .map(text_of)
            .unwrap_or_default(),
    };
    world.made.push(made.clone());
    Ok(made)
}

/// The open draft of the form, or a new one.
fn made_or_started(world: &mut World<'_>, fields: &Fields) -> Result<Made, Stop> {
    if fields.contains_key("instrument") {
        return world.made(fields);
    }
    let form = text_or(fields, "form", "");
    let case_id = world.case_id(fields)?;
    if fields.get("again") != Some(&json!(true))
        && let Some(made) = world.newest(&form, &case_id)
        && made.unit == world.current
    {
        let view = world.ask("instrument", json!({ "instrument_id": made.instrument_id }))?;
        if view.get("state") == Some(&json!("draft")) {
            return Ok(made);
        }
    }
    start(world, fields)
}

fn instrument(world: &World<'_>, made: &Made) -> Result<Outcome, Stop> {
    let view = world.ask("instrument", json!({ "instrument_id": made.instrument_id }))?;
    Ok(Outcome {
        findings: rows(&view, "findings"),
        instrument_id: Some(made.instrument_id.clone()),
        ..Outcome::of(view)
    })
}

/// Start (or the open draft), fill, sign with everybody who has to, issue.
fn issue(world: &mut World<'_>, fields: &Fields) -> Result<Outcome, Stop> {
    let made = made_or_started(world, fields)?;
    let filled = filling::fill(world, &made, fields)?;
    let with_findings = |stop: Stop| match stop {
        Stop::No {
            command,
            error,
            findings,
        } => Stop::No {
            command,
            error,
            findings: findings
                .into_iter()
                .chain(filled.findings.clone())
                .collect(),
        },
        broken => broken,
    };
    sign(world, &made, fields).map_err(with_findings)?;
    world
        .ask(
            "issue_instrument",
            json!({ "instrument_id": made.instrument_id }),
        )
        .map_err(with_findings)?;
    let mut outcome = instrument(world, &made)?;
    outcome.findings.extend(filled.findings);
    outcome.notes = filled.notes;
    Ok(outcome)
}

/// The name somebody signs with in a slot.
fn signer_name(world: &World<'_>, view: &Value, slot: &str, fields: &Fields) -> String {
    if let Some(name) = fields.get("names").and_then(|names| names.get(slot)) {
        return text_of(name);
    }
    let officer = |index: usize| -> Option<String> {
        let called = world.unit().ok()?.officers.get(index)?;
        let officer = world
            .ground
            .officers
            .iter()
            .find(|officer| &officer.called == called)?;
        Some(officer.name.clone())
    };
    let of_party = || {
        view.get("value")
            .and_then(|value| value.get("party"))
            .map(cast::party_name)
    };
    let name = match slot {
        "officer_1" => officer(0),
        "officer_2" => officer(1),
        "party" => of_party(),
        "witness" => Some("周见证".to_owned()),
        _ => None,
    };
    name.unwrap_or_else(|| "签名人".to_owned())
}

fn sign(world: &mut World<'_>, made: &Made, fields: &Fields) -> Result<(), Stop> {
    let view = world.ask("instrument", json!({ "instrument_id": made.instrument_id }))?;
    let refusal = fields.get("refusal").cloned();
    let refusing = refusal.as_ref().map(|refusal| {
        refusal
            .get("slot")
            .map_or_else(|| "party".to_owned(), text_of)
    });
    let slots: Vec<String> = match fields.get("signers") {
        Some(signers) => list(signers),
        None => rows(&view["definition"], "signers")
            .iter()
            .filter(|signer| {
                signer["required"] == json!(true) || refusing.as_deref() == signer["slot"].as_str()
            })
            .map(|signer| text_of(&signer["slot"]))
            .collect(),
    };
    let is_signed = |slot: &str| {
        rows(&view, "signatures")
            .iter()
            .any(|signature| signature["slot"] == slot && signature["is_current"] == json!(true))
    };
    for slot in slots.iter().filter(|slot| !is_signed(slot)) {
        let name = signer_name(world, &view, slot, fields);
        let refuses = refusing.as_ref() == Some(slot);
        let refusal = refusal.as_ref().filter(|_| refuses).map(|refusal| {
            let of = |key: &str| refusal.get(key).map(text_of).unwrap_or_default();
            json!({ "reason": of("reason"), "witness_name": of("witness"), "witness_phone": of("phone") })
        });
        let drawn = match refuses {
            true => json!([]),
            false => strokes(&name),
        };
        let payload = json!({
            "instrument_id": made.instrument_id, "slot": slot, "name": name, "strokes": drawn, "refusal": refusal,
        });
        world.ask("sign_instrument", payload)?;
    }
    Ok(())
}

fn deliver(world: &mut World<'_>, fields: &Fields) -> Result<Outcome, Stop> {
    let made = world.made(fields)?;
    let case = world.ask("case", json!({ "case_id": made.case_id }))?;
    let payload = json!({
        "instrument_id": made.instrument_id, "method": text_or(fields, "method", "direct"),
        "recipient": text(fields, "recipient").unwrap_or_else(|| cast::party_name(&case["party"])),
        "note": text_or(fields, "delivery_note", ""), "witness_name": text(fields, "witness"),
    });
    let answer = world.ask("deliver_instrument", payload)?;
    Ok(Outcome {
        instrument_id: Some(made.instrument_id),
        ..Outcome::of(answer)
    })
}

fn pay(world: &mut World<'_>, fields: &Fields) -> Result<Outcome, Stop> {
    let made = world.made(fields)?;
    let fen = match (fields.get("amount_fen"), fields.get("amount_yuan")) {
        (Some(fen), _) => fen.as_i64(),
        (None, Some(yuan)) => filling::fen(yuan),
        (None, None) => None,
    };
    let fen =
        fen.ok_or_else(|| Stop::Broken("`pay` needs `amount_yuan` or `amount_fen`".to_owned()))?;
    let paid_on = match text(fields, "paid_on") {
        Some(text) => moment(&text, Some(world.now())).map(|at| at.date_naive()),
        None => Some(world.now().date_naive()),
    };
    let paid_on = paid_on.ok_or_else(|| Stop::Broken("`paid_on` is no day".to_owned()))?;
    let payload = json!({
        "instrument_id": made.instrument_id, "amount_fen": fen, "paid_on": paid_on.to_string(),
        "method": text_or(fields, "method", "bank"), "receipt_no": text_or(fields, "receipt_no", "示例票 0001"),
        "note": text_or(fields, "payment_note", ""),
    });
    let case = world.ask("record_payment", payload)?;
    let paid = rows(&case, "payments")
        .into_iter()
        .rev()
        .find(|row| row["instrument_id"] == made.instrument_id.as_str());
    let mut answer = case;
    answer["payment"] = paid.unwrap_or_default();
    Ok(Outcome::of(answer))
}

/// Prints on a ticket printer that really speaks ESC/POS over TCP.
fn print(world: &mut World<'_>, fields: &Fields) -> Result<Outcome, Stop> {
    let made = world.made(fields)?;
    let printer = devices::testing::SlipPrinter::start().map_err(|error| error.to_string())?;
    let address = printer.host();
    let printers = world.ask(
        "add_printer",
        json!({ "name": format!("小票打印机 {}", time_text(world.now())), "language": "escpos", "address": address, "width_dots": 576 }),
    )?;
    let printer_id = rows(&printers, "printers")
        .iter()
        .find(|row| row["address"] == json!(address))
        .map(|row| row["printer_id"].clone());
    let payload = json!({
        "instrument_id": made.instrument_id, "printer_id": printer_id, "copy_name": text_or(fields, "copy", "当事人"),
    });
    world.ask("print_instrument", payload)?;
    world.terminal()?.print_until_quiet();
    let queue = world.ask("print_queue", json!({}))?;
    Ok(Outcome::of(queue))
}
