//! Who and what a scenario is about: officers, parties, vehicles, places. What is left out gets an invented, neutral value;
//! what the law looks at (kind, name, numbers, plate) never does.

use serde_json::{Value, json};

use super::read::{Fields, Scenario, text_of};

/// 执法人员 of a scenario.
#[derive(Debug, Clone)]
pub struct Officer {
    /// What steps call the officer, e.g. 甲.
    pub called: String,
    pub name: String,
    pub credential_no: String,
    pub pin: String,
    /// Changes to the officer's row of the roster.
    pub row: Fields,
}

const EXAMPLES: [(&str, &str, &str, &str); 4] = [
    ("甲", "赵明甲", "99010001", "246810"),
    ("乙", "钱思乙", "99010002", "135791"),
    ("丙", "孙未丙", "99010003", "112358"),
    ("丁", "李助丁", "99010004", "141421"),
];

/// Console users of the example by what people call them.
const USERS: [(&str, &str); 10] = [
    ("负责人", "head"),
    ("承办机构", "unit_head"),
    ("法制", "legal"),
    ("见习法制", "legal_new"),
    ("公示", "discloser"),
    ("发布", "releaser"),
    ("档案", "archivist"),
    ("内勤", "clerk"),
    ("印章", "seal_keeper"),
    ("监督", "supervisor"),
];

pub fn user(called: &str) -> &str {
    USERS
        .iter()
        .find(|(name, _)| *name == called)
        .map_or(called, |(_, user)| user)
}

/// The example officers with the scenario's changes, and those it adds.
pub fn officers(scenario: &Scenario) -> Vec<Officer> {
    let mut officers: Vec<Officer> = EXAMPLES
        .iter()
        .map(|(called, name, credential_no, pin)| Officer {
            called: (*called).to_owned(),
            name: (*name).to_owned(),
            credential_no: (*credential_no).to_owned(),
            pin: (*pin).to_owned(),
            row: Fields::new(),
        })
        .collect();
    for changes in &scenario.officers {
        change(&mut officers, changes);
    }
    officers
}

pub fn change(officers: &mut Vec<Officer>, changes: &Fields) {
    let text = |key: &str| changes.get(key).map(text_of);
    let called = text("is").or_else(|| text("name")).unwrap_or_default();
    let index = officers
        .iter()
        .position(|officer| is_called(officer, &called));
    let mut row = changes.clone();
    row.remove("is");
    row.remove("pin");
    match index.and_then(|index| officers.get_mut(index)) {
        Some(officer) => {
            if let Some(name) = text("name") {
                officer.name = name;
            }
            if let Some(pin) = text("pin") {
                officer.pin = pin;
            }
            if let Some(credential_no) = text("credential_no") {
                officer.credential_no = credential_no;
            }
            officer.row.extend(row);
        }
        None => {
            let name = text("name").unwrap_or_else(|| called.clone());
            officers.push(Officer {
                called,
                name,
                credential_no: text("credential_no").unwrap_or_default(),
                pin: text("pin").unwrap_or_else(|| "314159".to_owned()),
                row,
            });
        }
    }
}

pub fn is_called(officer: &Officer, called: &str) -> bool {
    officer.called == called || officer.credential_no == called || officer.name == called
}

/// An officer's row for the agency's file.
pub fn roster_row(officer: &Officer, base: Option<&toml::Table>) -> toml::Table {
    let mut row = base.cloned().unwrap_or_else(|| {
        let text = format!(
            "officer_id = \"officer-{no}\"\nname = \"{name}\"\nunit = \"示例市交通运输综合行政执法支队一大队\"\n\
             post = \"执法员\"\ncredential_no = \"{no}\"\ncategory = \"交通运输\"\narea = \"示例市\"\n\
             valid_from = \"2024-01-01\"\nvalid_to = \"2027-12-31\"\nstatus = \"valid\"\nis_officer = true\n",
            no = officer.credential_no,
            name = officer.name
        );
        text.parse().unwrap_or_default()
    });
    for (key, value) in &officer.row {
        if let Ok(value) = toml::Value::try_from(value) {
            row.insert(key.clone(), value);
        }
    }
    row
}

fn fill(fields: &mut Fields, key: &str, value: Value) {
    fields.entry(key.to_owned()).or_insert(value);
}

/// `party` block of a case. Name and numbers are the author's.
pub fn party(given: &Value, today: &str) -> Value {
    let mut fields = given.as_object().cloned().unwrap_or_default();
    fill(&mut fields, "kind", json!("person"));
    let kind = fields.get("kind").map(text_of).unwrap_or_default();
    if matches!(kind.as_str(), "person" | "sole_trader") {
        fill(&mut fields, "id_type", json!("resident_id"));
        if let Some(id) = fields
            .get("id_no")
            .and_then(Value::as_str)
            .map(str::to_owned)
            && let Some(born) = birth_date(&id)
        {
            fill(&mut fields, "birth_date", json!(born));
            if let Some(age) = age(&born, today) {
                fill(&mut fields, "age", json!(age));
            }
            let is_male = id
                .chars()
                .nth(16)
                .and_then(|digit| digit.to_digit(10))
                .unwrap_or(1)
                % 2
                == 1;
            fill(
                &mut fields,
                "sex",
                json!(if is_male { "male" } else { "female" }),
            );
        }
        fill(&mut fields, "address", json!("示例市示例区示范路 2 号"));
        fill(&mut fields, "phone", json!("13800000001"));
    }
    if matches!(kind.as_str(), "organisation" | "sole_trader") {
        let name = fields
            .get("name")
            .map(text_of)
            .unwrap_or_else(|| "张示例".to_owned());
        fill(&mut fields, "legal_representative", json!(name));
        fill(&mut fields, "org_address", json!("示例市示例区样板路 8 号"));
        fill(&mut fields, "org_phone", json!("13800000009"));
    }
    if kind == "organisation" {
        fields.remove("name");
    }
    Value::Object(fields)
}

fn birth_date(id: &str) -> Option<String> {
    let (year, month, day) = (id.get(6..10)?, id.get(10..12)?, id.get(12..14)?);
    Some(format!("{year}-{month}-{day}"))
}

fn age(born: &str, today: &str) -> Option<i64> {
    let born: chrono::NaiveDate = born.parse().ok()?;
    let today: chrono::NaiveDate = today.parse().ok()?;
    today.years_since(born).map(i64::from)
}

/// The name people sign with, or the firm's.
pub fn party_name(party: &Value) -> String {
    let text = |key: &str| {
        party
            .get(key)
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    };
    text("name")
        .or_else(|| text("org_name"))
        .unwrap_or("当事人")
        .to_owned()
}

pub fn vehicle(given: &Value) -> Value {
    let mut fields = given.as_object().cloned().unwrap_or_default();
    fill(&mut fields, "plate_colour", json!("yellow"));
    fill(&mut fields, "type", json!("重型半挂牵引车"));
    Value::Object(fields)
}

pub fn place(given: &Value) -> Value {
    let mut fields = match given {
        Value::String(text) => Fields::from_iter([("text".to_owned(), json!(text))]),
        other => other.as_object().cloned().unwrap_or_default(),
    };
    fill(
        &mut fields,
        "text",
        json!("G999 示例线 K12+300 示例超限检测站"),
    );
    for key in [
        "road_no",
        "stake_km",
        "stake_m",
        "direction",
        "latitude_e7",
        "longitude_e7",
        "division",
    ] {
        fill(&mut fields, key, Value::Null);
    }
    Value::Object(fields)
}
