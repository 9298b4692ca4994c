//! 公示前的隐去 – what a published page may not say: numbers of identity papers and telephones, addresses, accounts,
//! plates, and the names of everybody but the one who was punished; of minors the name too.

use serde_json::Value;

const HIDDEN: &str = "＊＊＊";
const SOMEBODY: &str = "某某";
const MINOR: &str = "该未成年人";
/// Shorter words occur by chance in any text.
const LITERAL_CHARS_MIN: usize = 4;
/// Numbers of identity papers and bank accounts.
const LONG_DIGITS: usize = 15;
const MOBILE_DIGITS: usize = 11;
const LANDLINE_DIGITS: std::ops::RangeInclusive<usize> = 10..=12;

/// Keys of values that name a person.
const NAME_KEYS: [&str; 12] = [
    "name",
    "witness",
    "witness_name",
    "guardian",
    "guardian_name",
    "agent",
    "agent_name",
    "legal_representative",
    "representative",
    "driver",
    "driver_name",
    "inspector",
];
/// Parts of keys of values that are nobody's business.
const PRIVATE_KEYS: [&str; 14] = [
    "id_no",
    "phone",
    "address",
    "account",
    "birth",
    "postcode",
    "plate",
    "vin",
    "permit_no",
    "qualification_no",
    "credential_no",
    "employer",
    "email",
    "health",
];

/// Who may be named, and how.
pub struct Shown {
    /// The name under which the party is published.
    pub party: String,
    /// Name of the party where it must not be said.
    pub hidden_party: Option<String>,
}

/// Everything of a case that must not appear, gathered before any text is written.
#[derive(Default)]
pub struct Redactor {
    /// Exact words with what stands in their place, the longest first.
    words: Vec<(String, String)>,
}

impl Redactor {
    /// `shown` is what may be said; `agency` is public itself.
    pub fn of(values: &[&Value], shown: &Shown, agency: &Value) -> Self {
        let mut redactor = Self::default();
        for value in values {
            redactor.gather(value, "", shown);
        }
        let public = public_words(agency);
        redactor
            .words
            .retain(|(word, _)| !public.contains(word) && *word != shown.party);
        redactor
            .words
            .sort_by_key(|(word, _)| std::cmp::Reverse(word.chars().count()));
        redactor.words.dedup();
        redactor
    }

    /// A name that must not be said, e.g. of a witness who signed.
    pub fn hide_name(&mut self, name: &str, shown: &Shown) {
        if name.chars().count() >= 2 && name != shown.party {
            self.words.insert(0, (name.to_owned(), masked_name(name)));
        }
    }

    fn gather(&mut self, value: &Value, key: &str, shown: &Shown) {
        match value {
            Value::Object(members) => {
                for (key, member) in members {
                    self.gather(member, key, shown);
                }
            }
            Value::Array(rows) => {
                for row in rows {
                    self.gather(row, key, shown);
                }
            }
            Value::String(text) => self.gather_text(text.trim(), key, shown),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn gather_text(&mut self, text: &str, key: &str, shown: &Shown) {
        let chars = text.chars().count();
        if NAME_KEYS.contains(&key) {
            if shown.hidden_party.as_deref() == Some(text) {
                self.words.push((text.to_owned(), MINOR.to_owned()));
            } else if chars >= 2 && text != shown.party {
                self.words.push((text.to_owned(), masked_name(text)));
            }
        } else if is_private(key) && chars >= LITERAL_CHARS_MIN {
            self.words.push((text.to_owned(), HIDDEN.to_owned()));
        }
    }

    /// The text as everybody may read it.
    pub fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (word, instead) in &self.words {
            if text.contains(word.as_str()) {
                text = text.replace(word.as_str(), instead);
            }
        }
        without_plates(&without_numbers(&text))
    }
}

/// Whether a value under this key is left out altogether.
pub fn is_private(key: &str) -> bool {
    PRIVATE_KEYS.iter().any(|part| key.contains(part))
}

pub fn is_name(key: &str) -> bool {
    NAME_KEYS.contains(&key)
}

/// 陈某某: the family name alone.
fn masked_name(name: &str) -> String {
    let family: String = name.chars().take(1).collect();
    match name.chars().count() {
        // A firm is not a person; nothing of its name is kept.
        8.. => HIDDEN.to_owned(),
        _ => format!("{family}{SOMEBODY}"),
    }
}

fn public_words(agency: &Value) -> Vec<String> {
    let members = agency.as_object();
    members
        .into_iter()
        .flat_map(|members| members.values())
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// Runs of digits that are long enough to be an identity number, an account or a telephone.
fn without_numbers(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut kept = String::new();
    let mut at = 0;
    while let Some(first) = chars.get(at) {
        if !is_digit(*first) {
            kept.push(*first);
            at += 1;
            continue;
        }
        let run = run_length(chars.get(at..).unwrap_or_default());
        let found = chars.get(at..at + run).unwrap_or_default();
        match is_hidden_number(found, chars.get(at + run)) {
            true => kept.push_str(HIDDEN),
            false => kept.extend(found),
        }
        at += run;
    }
    kept
}

/// Digits with single blanks or hyphens between them, and a check letter at the end.
fn run_length(chars: &[char]) -> usize {
    let mut length = 0;
    while let Some(next) = chars.get(length) {
        let is_joint = matches!(next, ' ' | '-' | '－')
            && chars.get(length + 1).is_some_and(|after| is_digit(*after));
        let is_check = matches!(next, 'X' | 'x')
            && length + 1 >= LONG_DIGITS
            && chars
                .get(length + 1)
                .is_none_or(|after| !after.is_ascii_alphanumeric());
        if !(is_digit(*next) || is_joint || is_check) {
            break;
        }
        length += 1;
    }
    length
}

fn is_hidden_number(run: &[char], after: Option<&char>) -> bool {
    let digits: Vec<char> = run.iter().copied().filter(|next| is_digit(*next)).collect();
    let has_joint = run.iter().any(|next| matches!(next, '-' | '－' | ' '));
    let is_mobile = digits.len() == MOBILE_DIGITS && matches!(digits.first(), Some('1' | '１'));
    let is_landline = has_joint
        && LANDLINE_DIGITS.contains(&digits.len())
        && matches!(digits.first(), Some('0' | '０'));
    // A credit code of an organisation goes on with letters; it is public.
    let is_part = after.is_some_and(char::is_ascii_alphabetic);
    !is_part && (digits.len() >= LONG_DIGITS || is_mobile || is_landline)
}

fn is_digit(char: char) -> bool {
    char.is_ascii_digit() || ('０'..='９').contains(&char)
}

/// Plates: a Chinese character, a capital letter, five or six signs.
fn without_plates(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut kept = String::new();
    let mut at = 0;
    while let Some(first) = chars.get(at) {
        let length = plate_length(chars.get(at..).unwrap_or_default());
        kept.push(*first);
        at += 1;
        if length > 0 {
            kept.extend(chars.get(at));
            kept.push_str(HIDDEN);
            at += length - 1;
        }
    }
    kept
}

fn plate_length(chars: &[char]) -> usize {
    let is_sign = |char: &char| char.is_ascii_uppercase() || char.is_ascii_digit();
    let (Some(province), Some(letter)) = (chars.first(), chars.get(1)) else {
        return 0;
    };
    if province.is_ascii()
        || !('\u{4e00}'..='\u{9fff}').contains(province)
        || !letter.is_ascii_uppercase()
    {
        return 0;
    }
    let joint = usize::from(matches!(chars.get(2), Some('·' | '•' | '・' | '.')));
    let rest = chars.get(2 + joint..).unwrap_or_default();
    let signs = rest.iter().take_while(|char| is_sign(char)).count();
    let digits = rest
        .iter()
        .take(signs)
        .filter(|char| char.is_ascii_digit())
        .count();
    match (signs, digits) {
        (5 | 6, 2..) => 2 + joint + signs,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Redactor, Shown};

    fn check(text: &str, expected: &str) {
        let value = json!({
            "party": {"name": "冯试例", "id_no": "990000198803050016", "address": "示例市示范路 8 号院", "phone": "13900000001"},
            "people": [{"name": "陈见证"}],
        });
        let shown = Shown {
            party: "冯试例".to_owned(),
            hidden_party: None,
        };
        let agency = json!({"phone": "0990-8000001", "name": "示例支队"});
        let redactor = Redactor::of(&[&value], &shown, &agency);
        assert_eq!(redactor.text(text), expected, "{text}");
    }

    #[test]
    fn what_identifies_is_hidden_and_what_decides_stays() {
        for (text, expected) in [
            ("冯试例驾驶车辆超限", "冯试例驾驶车辆超限"),
            ("陈见证在场", "陈某某在场"),
            ("身份证 990000198803050016。", "身份证 ＊＊＊。"),
            ("身份证 99000019880305001X", "身份证 ＊＊＊"),
            (
                "电话13812345678，家住示例市示范路 8 号院",
                "电话＊＊＊，家住＊＊＊",
            ),
            ("座机 0990-8123456", "座机 ＊＊＊"),
            ("账号 9900 0000 0000 0000 002", "账号 ＊＊＊"),
            ("示A·T0001 与豫A12345", "示A＊＊＊ 与豫A＊＊＊"),
            (
                "车货总质量 62.4 t，罚款 6500 元，2026-03-10",
                "车货总质量 62.4 t，罚款 6500 元，2026-03-10",
            ),
            (
                "示例交罚〔2026〕0001号，G999 线 K312+300",
                "示例交罚〔2026〕0001号，G999 线 K312+300",
            ),
            ("91990000MA007E5707", "91990000MA007E5707"),
            ("１３８１２３４５６７８", "＊＊＊"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn a_minor_is_not_named_anywhere() {
        let value = json!({"party": {"name": "李小试"}});
        let shown = Shown {
            party: "未成年人".to_owned(),
            hidden_party: Some("李小试".to_owned()),
        };
        let redactor = Redactor::of(&[&value], &shown, &json!({}));
        assert_eq!(redactor.text("李小试骑行"), "该未成年人骑行");
    }
}
