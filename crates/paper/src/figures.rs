//! Numbers, money, dates and citations as an official document writes them.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Timelike};
use serde_json::Value;

const PLAIN: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
const CAPITAL: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];

/// 一 to 九十九, then 一百 and so on up to 9999.
pub(crate) fn chinese_number(number: u64) -> String {
    let text = spelled(
        number,
        &PLAIN,
        &['十', '百', '千'],
        &['万', '亿', '兆', '京'],
    );
    match text.strip_prefix("一十") {
        Some(rest) => format!("十{rest}"),
        None => text,
    }
}

/// 大写金额 – 分 as 贰佰元整, so that no digit can be added.
pub(crate) fn capital_money(fen: i64) -> String {
    let magnitude = fen.unsigned_abs();
    let (yuan, jiao, fen_digit) = (magnitude / 100, magnitude / 10 % 10, magnitude % 10);
    let digit = |value: u64| digit_of(value, &CAPITAL);
    let mut text = String::new();
    if fen < 0 {
        text.push('负');
    }
    if yuan > 0 || magnitude == 0 {
        text.push_str(&spelled(
            yuan,
            &CAPITAL,
            &['拾', '佰', '仟'],
            &['万', '亿', '兆', '京'],
        ));
        text.push('元');
    }
    match (jiao, fen_digit) {
        (0, 0) => text.push('整'),
        (0, fen_digit) => {
            if yuan > 0 {
                text.push('零');
            }
            text.extend([digit(fen_digit), '分']);
        }
        (jiao, 0) => text.extend([digit(jiao), '角', '整']),
        (jiao, fen_digit) => text.extend([digit(jiao), '角', digit(fen_digit), '分']),
    }
    text
}

/// 分 as 200.00
pub(crate) fn plain_money(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let magnitude = fen.unsigned_abs();
    format!("{sign}{}.{:02}", magnitude / 100, magnitude % 100)
}

/// 125 of one place as 12.5, 1810 of two as 18.10: as exact as it was measured.
pub(crate) fn decimal(number: i64, places: u32) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let unit = 10_u64.pow(places);
    let magnitude = number.unsigned_abs();
    let (whole, rest) = (magnitude / unit, magnitude % unit);
    format!("{sign}{whole}.{rest:0width$}", width = places as usize)
}

fn digit_of(value: u64, digits: &[char; 10]) -> char {
    usize::try_from(value % 10)
        .ok()
        .and_then(|index| digits.get(index))
        .copied()
        .unwrap_or('零')
}

fn spelled(number: u64, digits: &[char; 10], units: &[char; 3], groups: &[char; 4]) -> String {
    if number == 0 {
        return digit_of(0, digits).to_string();
    }
    let mut quads = Vec::new();
    let mut rest = number;
    while rest > 0 {
        quads.push(rest % 10_000);
        rest /= 10_000;
    }
    let mut text = String::new();
    let mut owes_zero = false;
    for (position, quad) in quads.iter().enumerate().rev() {
        if *quad == 0 {
            owes_zero = !text.is_empty();
            continue;
        }
        for place in (0..4_u32).rev() {
            let digit = quad / 10_u64.pow(place) % 10;
            if digit == 0 {
                owes_zero |= !text.is_empty();
                continue;
            }
            if owes_zero {
                text.push(digit_of(0, digits));
                owes_zero = false;
            }
            text.push(digit_of(digit, digits));
            let unit = usize::try_from(place)
                .ok()
                .and_then(|place| place.checked_sub(1));
            text.extend(unit.and_then(|index| units.get(index)));
        }
        text.extend(position.checked_sub(1).and_then(|index| groups.get(index)));
        owes_zero = false;
    }
    text
}

/// 2026年3月10日; text that is no date stays as it is.
pub(crate) fn date(text: &str) -> String {
    match (instant(text), day(text)) {
        (Some(at), _) => written_day(at.date_naive()),
        (None, Some(day)) => written_day(day),
        (None, None) => text.to_owned(),
    }
}

/// 14时05分
pub(crate) fn time(text: &str) -> String {
    instant(text).map_or_else(
        || text.to_owned(),
        |at| format!("{}时{:02}分", at.hour(), at.minute()),
    )
}

/// 2026年3月10日14时05分
pub(crate) fn date_time(text: &str) -> String {
    instant(text).map_or_else(
        || date(text),
        |at| {
            let day = written_day(at.date_naive());
            format!("{day}{}时{:02}分", at.hour(), at.minute())
        },
    )
}

/// The time in the zone of the domain, UTC+8.
pub(crate) fn instant(text: &str) -> Option<DateTime<FixedOffset>> {
    let zone = FixedOffset::east_opt(8 * 3600)?;
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|at| at.with_timezone(&zone))
}

/// As the dates of a PDF are written.
pub(crate) fn pdf_date(text: &str) -> Option<String> {
    instant(text).map(|at| at.format("D:%Y%m%d%H%M%S+08'00'").to_string())
}

fn day(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

fn written_day(day: NaiveDate) -> String {
    format!("{}年{}月{}日", day.year(), day.month(), day.day())
}

/// 引用 – one citation as 《law》第几条第几款, with its text if wanted.
pub(crate) fn citation(value: &Value, with_text: bool) -> Option<String> {
    if let Some(text) = value.as_str() {
        return (!text.is_empty()).then(|| text.to_owned());
    }
    let law = value.get("law")?.as_str().filter(|law| !law.is_empty())?;
    let mut cited = if law.starts_with('《') {
        law.to_owned()
    } else {
        format!("《{law}》")
    };
    for (key, unit) in [("article", '条'), ("paragraph", '款'), ("item", '项')] {
        cited.push_str(&ordinal(value.get(key), unit));
    }
    if with_text {
        let text = value
            .get("text")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !text.is_empty() {
            cited.push_str("：“");
            cited.push_str(text);
            cited.push('”');
        }
    }
    Some(cited)
}

/// 20, "20" and "第二十条" all become 第二十条.
fn ordinal(value: Option<&Value>, unit: char) -> String {
    let numbered = |number: u64| match unit {
        '项' => format!("第（{}）项", chinese_number(number)),
        _ => format!("第{}{unit}", chinese_number(number)),
    };
    match value {
        Some(Value::Number(number)) => number.as_u64().map(numbered).unwrap_or_default(),
        Some(Value::String(text)) if !text.is_empty() => match text.parse::<u64>() {
            Ok(number) => numbered(number),
            Err(_) if text.starts_with('第') => text.clone(),
            Err(_) => format!("第{text}{unit}"),
        },
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_in_capitals() {
        for (fen, expected) in [
            (0, "零元整"),
            (20_000, "贰佰元整"),
            (5, "伍分"),
            (50, "伍角整"),
            (10_005, "壹佰元零伍分"),
            (1_000_050, "壹万元伍角整"),
            (30_000_107, "叁拾万零壹元零柒分"),
            (10_101_012, "壹拾万壹仟零壹拾元壹角贰分"),
            (1_000_000_000_000, "壹佰亿元整"),
            (10_000_000_001, "壹亿元零壹分"),
            (-12_345, "负壹佰贰拾叁元肆角伍分"),
            (
                i64::MAX,
                "玖京贰仟贰佰叁拾叁兆柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零柒分",
            ),
            (2_000_000_500, "贰仟万零伍元整"),
        ] {
            assert_eq!(capital_money(fen), expected, "{fen}");
        }
    }

    #[test]
    fn small_units_are_written_in_the_larger_one() {
        for (number, places, expected) in [
            (125, 1, "12.5"),
            (1810, 2, "18.10"),
            (1805, 2, "18.05"),
            (49_000, 3, "49.000"),
            (53_240, 3, "53.240"),
            (-5, 2, "-0.05"),
            (0, 3, "0.000"),
            (i64::MIN, 1, "-922337203685477580.8"),
        ] {
            assert_eq!(decimal(number, places), expected, "{number} {places}");
        }
    }

    #[test]
    fn articles_are_counted_in_chinese() {
        for (number, expected) in [
            (1, "一"),
            (10, "十"),
            (15, "十五"),
            (20, "二十"),
            (51, "五十一"),
            (100, "一百"),
            (105, "一百零五"),
            (110, "一百一十"),
        ] {
            assert_eq!(chinese_number(number), expected);
        }
    }

    #[test]
    fn times_are_told_in_the_zone_of_the_domain() {
        assert_eq!(
            date_time("2026-03-10T06:05:00.000Z"),
            "2026年3月10日14时05分"
        );
        assert_eq!(date("2026-03-10"), "2026年3月10日");
        assert_eq!(date("三月"), "三月");
    }
}
