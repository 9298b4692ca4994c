//! Who the act is directed at: resident id numbers, credit codes and ages.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

/// 当事人类别.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartyKind {
    /// 公民.
    Person,
    /// 法人或者其他组织.
    Organisation,
    /// 个体工商户.
    SoleTrader,
}

impl PartyKind {
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "person" => Some(Self::Person),
            "organisation" => Some(Self::Organisation),
            "sole_trader" => Some(Self::SoleTrader),
            _ => None,
        }
    }
}

/// 性别.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sex {
    Male,
    Female,
}

/// 公民身份号码 – GB 11643: 18 characters with birth date, sex and check digit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ResidentId {
    text: String,
    birth_date: NaiveDate,
    sex: Sex,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResidentIdFault {
    #[error("a resident id number has 18 characters, not {found}")]
    Length { found: usize },
    #[error("character {position} is {found:?}; only digits stand there, X only at the end")]
    Character { position: usize, found: char },
    #[error("the check character x is written as a capital X")]
    LowerCaseX,
    #[error("there is no such birth date: {digits}")]
    BirthDate { digits: String },
    #[error("the check character should be {expected}, not {found}")]
    CheckDigit { expected: char, found: char },
}

impl ResidentId {
    /// Every character counts: nothing is trimmed, folded or repaired.
    pub fn parse(text: &str) -> Result<Self, ResidentIdFault> {
        const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

        let found = text.chars().count();
        if found != 18 {
            return Err(ResidentIdFault::Length { found });
        }
        let mut digits = Vec::with_capacity(17);
        let mut last = ' ';
        for (at, character) in text.chars().enumerate() {
            match character {
                _ if at == 17 => last = character,
                '0'..='9' => digits.push(u32::from(character) - u32::from('0')),
                found => {
                    let position = at + 1;
                    return Err(ResidentIdFault::Character { position, found });
                }
            }
        }
        match last {
            '0'..='9' | 'X' => {}
            'x' => return Err(ResidentIdFault::LowerCaseX),
            found => {
                return Err(ResidentIdFault::Character {
                    position: 18,
                    found,
                });
            }
        }
        let sum: u32 = digits
            .iter()
            .zip(WEIGHTS)
            .map(|(digit, weight)| digit * weight)
            .sum();
        let birth: u32 = digits
            .iter()
            .skip(6)
            .take(8)
            .fold(0, |sum, digit| sum * 10 + digit);
        let birth_date = i32::try_from(birth / 10_000)
            .ok()
            .and_then(|year| NaiveDate::from_ymd_opt(year, birth / 100 % 100, birth % 100))
            .ok_or_else(|| ResidentIdFault::BirthDate {
                digits: format!("{birth:08}"),
            })?;
        let expected = CHECKS
            .into_iter()
            .nth(usize::try_from(sum % 11).unwrap_or(0))
            .unwrap_or('1');
        if expected != last {
            return Err(ResidentIdFault::CheckDigit {
                expected,
                found: last,
            });
        }
        let is_odd = digits.last().is_some_and(|digit| digit % 2 == 1);
        Ok(Self {
            text: text.to_owned(),
            birth_date,
            sex: if is_odd { Sex::Male } else { Sex::Female },
        })
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub fn birth_date(&self) -> NaiveDate {
        self.birth_date
    }

    pub fn sex(&self) -> Sex {
        self.sex
    }

    /// Absent when `on` lies before the birth.
    pub fn age_on(&self, on: NaiveDate) -> Option<u32> {
        age_on(self.birth_date, on)
    }
}

/// 周岁 – full years on a day; a person born on 29 February is a year older on 1 March of common years.
pub fn age_on(birth_date: NaiveDate, on: NaiveDate) -> Option<u32> {
    if on < birth_date {
        return None;
    }
    let years = on.year() - birth_date.year();
    let has_had_birthday = (on.month(), on.day()) >= (birth_date.month(), birth_date.day());
    u32::try_from(if has_had_birthday { years } else { years - 1 }).ok()
}

/// 统一社会信用代码 – GB 32100-2015: 18 characters without I, O, S, V, Z, the last one a check character.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CreditCode(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreditCodeFault {
    #[error("a credit code has 18 characters, not {found}")]
    Length { found: usize },
    #[error("character {position} is {found:?}, which credit codes do not use")]
    Character { position: usize, found: char },
    #[error("the check character should be {expected}, not {found}")]
    CheckCharacter { expected: char, found: char },
}

impl CreditCode {
    pub fn parse(text: &str) -> Result<Self, CreditCodeFault> {
        const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
        let found = text.chars().count();
        if found != 18 {
            return Err(CreditCodeFault::Length { found });
        }
        let (mut sum, mut weight, mut last) = (0, 1, ' ');
        for (at, character) in text.chars().enumerate() {
            let value = ALPHABET.find(character).ok_or(CreditCodeFault::Character {
                position: at + 1,
                found: character,
            })?;
            if at < 17 {
                sum += value * weight;
                weight = weight * 3 % 31;
            }
            last = character;
        }
        let expected = ALPHABET.chars().nth((31 - sum % 31) % 31).unwrap_or('0');
        if expected != last {
            return Err(CreditCodeFault::CheckCharacter {
                expected,
                found: last,
            });
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}
