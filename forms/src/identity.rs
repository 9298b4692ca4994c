//! Telling what is wrong with an identity number.

use law::{CreditCode, CreditCodeFault, ResidentId, ResidentIdFault};

use crate::check::Checker;
use crate::texts::shown;

impl Checker<'_> {
    pub(crate) fn resident_id(&mut self, path: &str, text: &str) {
        let Err(fault) = ResidentId::parse(text) else {
            return;
        };
        let (rule, text, hint) = match fault {
            ResidentIdFault::Length { found } => (
                "id_length",
                format!("居民身份证号应为 18 位，现为 {found} 位。"),
                "对照证件逐位核对；不是居民身份证的，先改证件类型。".to_owned(),
            ),
            ResidentIdFault::Character { position, found } => (
                "id_character",
                format!("居民身份证号第 {position} 位“{}”不是数字。", shown(found)),
                "前 17 位只能是半角数字，末位是数字或者大写 X。".to_owned(),
            ),
            ResidentIdFault::LowerCaseX => (
                "id_character",
                "居民身份证号末位是小写 x。".to_owned(),
                "改为大写 X。".to_owned(),
            ),
            ResidentIdFault::BirthDate { digits } => (
                "id_birth_date",
                format!("居民身份证号中的出生日期 {digits} 不存在。"),
                "对照证件核对第 7 至 14 位。".to_owned(),
            ),
            ResidentIdFault::CheckDigit { expected, found } => (
                "id_check_digit",
                format!("居民身份证号校验位不符：按前 17 位算应为 {expected}，现为 {found}。"),
                "对照证件逐位核对，很可能有一位写错或者两位写反。".to_owned(),
            ),
        };
        self.block(path, rule, &text, &hint, &[]);
    }

    pub(crate) fn credit_code(&mut self, path: &str, text: &str) {
        let Err(fault) = CreditCode::parse(text) else {
            return;
        };
        let (text, hint) = match fault {
            CreditCodeFault::Length { found } => (
                format!("统一社会信用代码应为 18 位，现为 {found} 位。"),
                "对照营业执照逐位核对。",
            ),
            CreditCodeFault::Character { position, found } => (
                format!(
                    "统一社会信用代码第 {position} 位“{}”不会出现在代码中。",
                    shown(found)
                ),
                "只用半角数字和大写字母，不用 I、O、S、V、Z。",
            ),
            CreditCodeFault::CheckCharacter { expected, found } => (
                format!("统一社会信用代码校验位不符：应为 {expected}，现为 {found}。"),
                "对照营业执照逐位核对，很可能有一位写错。",
            ),
        };
        self.block(path, "credit_code", &text, hint, &[]);
    }
}
