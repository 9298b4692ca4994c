//! One roadside inspection, as far as any journey needs it: an oversize lorry, four instruments.

use casebook::Terminal;
use serde_json::{Value, json};

use crate::{Failed, Officer, said_no};

/// What a journey leaves behind.
#[derive(Debug, Clone)]
pub struct Inspection {
    pub case_id: String,
    /// `(form, instrument id, number)` in the order of issue.
    pub issued: Vec<(String, String, Option<String>)>,
}

pub fn party() -> Value {
    json!({
        "kind": "sole_trader", "name": "王样二", "sex": "female", "age": 35, "id_type": "resident_id",
        "id_no": "990000199108170029", "address": "示例市示例区样板路 8 号", "phone": "13800000000",
        "org_name": "示例区王样二货运部", "uscc": "91990000MA007E5707", "legal_representative": "王样二",
        "org_address": "示例市示例区样板路 8 号", "org_phone": "13800000000",
    })
}

pub fn vehicle() -> Value {
    json!({ "plate": "示A0002", "plate_colour": "yellow", "type": "重型半挂牵引车" })
}

pub fn place() -> Value {
    json!({ "text": "G999 示例线检查点", "road_no": "G999", "stake_km": 12, "stake_m": 300, "direction": "上行",
            "latitude_e7": null, "longitude_e7": null, "division": "示例市示例区" })
}

/// Opens the inspection; the same request id opens it once.
pub fn open(terminal: &Terminal, request_id: &str) -> Result<String, Failed> {
    let case = terminal
        .ask(
            "open_inspection",
            json!({ "reason": "special", "reason_note": "治超专项检查", "place": place(), "party": party(),
                    "vehicle": vehicle(), "request_id": request_id }),
        )
        .map_err(said_no("open_inspection"))?;
    text(&case, "case_id")
}

/// A text field of an answer.
pub fn text(value: &Value, key: &str) -> Result<String, Failed> {
    value
        .get(key)
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| format!("no {key} in {value}").into())
}

pub fn tell(
    terminal: &Terminal,
    case_id: &str,
    notice: &str,
    response: &str,
) -> Result<(), Failed> {
    terminal
        .ask(
            "tell_notice",
            json!({ "case_id": case_id, "notice": notice, "response": response }),
        )
        .map_err(said_no("tell_notice"))?;
    Ok(())
}

/// Starts a form and merges `fields` into what the system filled in already. Answers `(instrument id, view)`.
pub fn fill(
    terminal: &Terminal,
    case_id: &str,
    form: &str,
    fields: &Value,
) -> Result<(String, Value), Failed> {
    let started = terminal
        .ask(
            "start_instrument",
            json!({ "case_id": case_id, "form": form, "request_id": format!("{case_id}-{form}") }),
        )
        .map_err(said_no("start_instrument"))?;
    let instrument_id = text(&started, "instrument_id")?;
    let mut value = started.get("value").cloned().unwrap_or_default();
    merge(&mut value, fields);
    if let Some(code) = fields.get("violation_code").and_then(Value::as_str) {
        pick_violation(terminal, code, &mut value)?;
    }
    let revision = started.get("revision").cloned().unwrap_or_default();
    let saved = terminal
        .ask(
            "save_draft",
            json!({ "instrument_id": instrument_id, "value": value, "revision": revision }),
        )
        .map_err(said_no("save_draft"))?;
    Ok((instrument_id, saved))
}

/// Picks a violation from the powers list, as the screen does: its articles go into the form.
pub fn pick_violation(terminal: &Terminal, code: &str, value: &mut Value) -> Result<(), Failed> {
    let rows = terminal
        .ask("violations", json!({ "text": code, "limit": 5 }))
        .map_err(said_no("violations"))?;
    let row = rows
        .get("violations")
        .and_then(Value::as_array)
        .and_then(|rows| rows.iter().find(|row| row["code"] == code));
    let row = row.ok_or_else(|| format!("no violation {code}"))?;
    merge(
        value,
        &json!({ "law": row["violated"], "violated": row["violated"], "basis": row["basis"] }),
    );
    Ok(())
}

/// Objects are merged key by key, everything else is replaced.
pub fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, field) in from {
                merge(into.entry(key.clone()).or_insert(Value::Null), field);
            }
        }
        (into, from) => *into = from.clone(),
    }
}

/// Strokes somebody might draw: a few waves, different for each name; the last with a pen that tells its pressure.
pub fn strokes(name: &str) -> Value {
    let seed: i32 = name
        .chars()
        .map(|character| i32::try_from(u32::from(character) % 97).unwrap_or(0))
        .sum();
    let stroke = |row: i32| {
        let points: Vec<Value> = (0..24)
            .map(|step| {
                let x = 80 + step * 34;
                let y = 260 + row * 200 + ((step * (seed % 7 + 3) + row * 11) % 9) * 22;
                let mut point = vec![x.min(960), y.min(960), step * 16 + row * 500];
                if row == 2 {
                    point.push(300 + step * 20);
                }
                json!(point)
            })
            .collect();
        json!({ "points": points })
    };
    json!([stroke(0), stroke(1), stroke(2)])
}

pub fn sign(
    terminal: &Terminal,
    instrument_id: &str,
    slot: &str,
    name: &str,
) -> Result<(), Failed> {
    terminal
        .ask(
            "sign_instrument",
            json!({ "instrument_id": instrument_id, "slot": slot, "name": name, "strokes": strokes(name), "refusal": null }),
        )
        .map_err(said_no("sign_instrument"))?;
    Ok(())
}

/// The party refuses; a witness stands in.
pub fn refuse_to_sign(terminal: &Terminal, instrument_id: &str) -> Result<(), Failed> {
    terminal
        .ask(
            "sign_instrument",
            json!({ "instrument_id": instrument_id, "slot": "party", "name": "王样二", "strokes": [],
                    "refusal": { "reason": "当事人认为处罚过重，拒绝签名", "witness_name": "李见证", "witness_phone": "13900000000" } }),
        )
        .map_err(said_no("sign_instrument"))?;
    Ok(())
}

fn issue(terminal: &Terminal, instrument_id: &str) -> Result<Option<String>, Failed> {
    let issued = terminal
        .ask(
            "issue_instrument",
            json!({ "instrument_id": instrument_id }),
        )
        .map_err(said_no("issue_instrument"))?;
    Ok(issued
        .get("number")
        .and_then(Value::as_str)
        .map(str::to_owned))
}

/// Signs with both officers and the party (or its refusal) and issues.
pub fn sign_and_issue(
    terminal: &Terminal,
    instrument_id: &str,
    party_signs: bool,
) -> Result<Option<String>, Failed> {
    if party_signs {
        sign(terminal, instrument_id, "party", "王样二")?;
    } else {
        refuse_to_sign(terminal, instrument_id)?;
    }
    sign(terminal, instrument_id, "officer_1", "赵明甲")?;
    sign(terminal, instrument_id, "officer_2", "钱思乙")?;
    issue(terminal, instrument_id)
}

pub fn deliver(terminal: &Terminal, instrument_id: &str) -> Result<Value, Failed> {
    terminal
        .ask(
            "deliver_instrument",
            json!({ "instrument_id": instrument_id, "method": "direct", "recipient": "王样二", "note": "", "witness_name": null }),
        )
        .map_err(said_no("deliver_instrument"))
}

/// What the four instruments of A2 are filled with, `now` being the moment of writing.
pub fn fields(form: &str, now: &str, earlier: &str) -> Value {
    match form {
        "F01" => json!({
            "started_at": earlier, "ended_at": now, "reason": "special", "task_code": "",
            "findings_text": "经现场测量，该车车货总高度 4.15 米、总宽度 2.50 米、总长度 17.90 米，车货总高度超过 4 米的限值 0.15 米，属于违法超限运输。驾驶人现场配合检查。",
            "items": [
                { "name": "车货总高度", "standard": "不超过 4.00 米", "result": "fail", "note": "实测 4.15 米" },
                { "name": "车货总宽度", "standard": "不超过 2.55 米", "result": "pass", "note": "实测 2.50 米" },
                { "name": "车货总长度", "standard": "不超过 18.10 米", "result": "pass", "note": "实测 17.90 米" },
            ],
            "inspected_person": { "name": "王样二", "sex": "female", "age": 35, "id_no": "990000199108170029",
                                  "unit_post": "个体运输户", "phone": "13800000000" },
            "recorder": "钱思乙",
        }),
        "F02" => json!({
            "started_at": earlier, "ended_at": now, "recorder": "钱思乙",
            "person_on_site": { "name": "王样二", "sex": "female", "id_no": "990000199108170029", "relation": "party",
                                "unit_post": "个体运输户", "phone": "13800000000", "address": "示例市示例区样板路 8 号" },
            "content": "执法人员赵明甲、钱思乙向当事人出示执法证件，告知其有申请回避的权利，当事人表示不申请回避。经用激光测距仪测量，车货总高度 4.15 米。当事人对测量结果无异议。",
            "reading": "read_by_self", "remark": "",
        }),
        "F10" => json!({
            "violation_code": "T10-1",
            "facts": "2026年9月22日，当事人驾驶示A0002号车辆行驶公路，车货总高度 4.15 米，超过限值。",
            "mode": "at_once", "requirement": "就地卸载或者重新装载，使车货总高度不超过 4 米后方可继续行驶。",
        }),
        "F21" => json!({
            "violation_code": "T10-1",
            "facts": "2026年9月22日，当事人驾驶示A0002号车辆行驶公路，车货总高度 4.15 米，超过 4 米的限值。",
            "evidence_text": "现场检查记录、现场笔录、测量照片和现场录像。",
            "happened_at": earlier, "penalty_kind": "fine", "fine_fen": 15_000,
            "discretion_reason": "首次被查，超限幅度小，现场配合改正。",
            "payment": "bank", "told_at": earlier, "representations": "none", "representations_note": "",
        }),
        _ => json!({}),
    }
}
