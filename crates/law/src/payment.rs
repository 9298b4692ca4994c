//! 罚款收缴 – when officers may take the money themselves (R-M2).

use crate::{Citation, Finding, Severity};

/// 当场收缴限额 – up to `limit_fen` 分 without a further reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionLimit {
    pub limit_fen: i64,
    pub basis: Vec<Citation>,
}

/// A fine above the limit needs a written reason: hard to execute later, or a remote place and the party asks for it.
/// `field` is where the reason belongs.
pub fn on_the_spot_collection(
    fine_fen: i64,
    reason: &str,
    limit: &CollectionLimit,
    field: &str,
) -> Option<Finding> {
    if fine_fen <= limit.limit_fen || !reason.trim().is_empty() {
        return None;
    }
    Some(Finding {
        field: field.to_owned(),
        rule: "R-M2".to_owned(),
        severity: Severity::Block,
        text: format!(
            "罚款 {} 超过当场收缴限额 {}，且未写明当场收缴的理由。",
            yuan(fine_fen),
            yuan(limit.limit_fen)
        ),
        hint: "改为到银行缴纳或者电子支付；确属事后难以执行，或者在边远、水上、交通不便地区由当事人提出的，写明理由。".to_owned(),
        basis: limit.basis.clone(),
    })
}

/// 元 with 角分 only where there are any: `150元`, `200.01元`.
pub fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let (whole, rest) = (fen.unsigned_abs() / 100, fen.unsigned_abs() % 100);
    if rest == 0 {
        format!("{sign}{whole}元")
    } else {
        format!("{sign}{whole}.{rest:02}元")
    }
}

/// 加处罚款 – R-M4: so many thousandths of the fine for each day late, at most the fine itself. In 分, parts of a 分 left
/// out. Days of suspension are not days late.
pub fn surcharge(fine_fen: i64, late_days: i64, permille_per_day: u32) -> i64 {
    let fine_fen = fine_fen.max(0);
    let reckoned = i128::from(fine_fen)
        .saturating_mul(i128::from(late_days.max(0)))
        .saturating_mul(i128::from(permille_per_day))
        / 1000;
    i64::try_from(reckoned).unwrap_or(i64::MAX).min(fine_fen)
}
