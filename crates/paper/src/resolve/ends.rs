//! 签名与落款 – who signs, who refused, and how the sheet is sealed.

use super::parts::{Paragraph, SealMark, SignBox};
use super::{Resolver, present};
use crate::layout::{Align, Condition, Field, Piece, SignNode, SlotNode, Style, Test};
use crate::sheet::StampKind;
use crate::value::Scope;
use crate::{ComposeFault, Seal, figures};

impl Resolver<'_, '_> {
    pub(super) fn sign_boxes(
        &mut self,
        nodes: &[SignNode],
        scope: Scope<'_>,
        boxes: &mut Vec<SignBox>,
    ) -> Result<(), ComposeFault> {
        for node in nodes {
            match node {
                SignNode::Place(slot) => boxes.push(self.sign_box(slot, scope)?),
                SignNode::When { condition, yes, no } => {
                    let chosen = if scope.holds(condition) { yes } else { no };
                    self.sign_boxes(chosen, scope, boxes)?;
                }
                SignNode::Each { path, places } => {
                    for (index, item) in scope.list(path).iter().enumerate() {
                        let path = scope.absolute(&format!("{path}.{index}"));
                        let scope = scope.with_item(item, &path, index + 1);
                        self.sign_boxes(places, scope, boxes)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn sign_box(&mut self, slot: &SlotNode, scope: Scope<'_>) -> Result<SignBox, ComposeFault> {
        let name = slot.slot.replacen("{#}", &scope.index.to_string(), 1);
        let signature = self.signatures.iter().find(|placed| placed.slot == name);
        let origin = format!("signatures.{name}");
        let size = self.page.size;
        let mut label = self.plain(size, Align::Left);
        label.atoms = self.atoms(self.page.role, &slot.label, scope)?;
        let mut date = self.plain(size - 1.5, Align::Right);
        let mut strokes = Vec::new();
        let mut remark = None;
        if let Some(signature) = signature {
            strokes.clone_from(&signature.strokes);
            if strokes.iter().all(Vec::is_empty) && !signature.name.is_empty() {
                let mut name = self.plain(size, Align::Left);
                name.atoms = self.text(self.page.role, &signature.name, &origin, false)?;
                remark = Some(name);
            }
            let signed_on = figures::date(&signature.signed_on);
            date.atoms = self.text(self.page.role, &signed_on, &origin, false)?;
        } else if has_refused(&name, scope) {
            remark = Some(self.refusal(&name, scope)?);
        }
        if date.atoms.is_empty() && remark.is_none() {
            date.atoms = self.text(self.page.role, "　　年　　月　　日", &origin, false)?;
        }
        let mut thumb = None;
        // Who refused to sign gives no print either.
        if slot.has_thumb && (signature.is_some() || !has_refused(&name, scope)) {
            let mut words = self.plain((size - 4.0).max(5.0), Align::Center);
            words.atoms = self.text(self.page.role, "捺印处", "layout", false)?;
            thumb = Some(words);
        }
        Ok(SignBox {
            label,
            strokes,
            remark,
            date,
            thumb,
        })
    }

    /// 逐页签名 – the places at the foot of a page: the same strokes again, without the date.
    pub(crate) fn foot(
        &mut self,
        slots: &[SlotNode],
        scope: Scope<'_>,
    ) -> Result<Vec<SignBox>, ComposeFault> {
        let mut boxes = Vec::new();
        for slot in slots {
            let mut sign_box = self.sign_box(slot, scope)?;
            sign_box.date.atoms.clear();
            if has_refused(&slot.slot, scope) && sign_box.strokes.is_empty() {
                let mut remark = self.plain(self.page.size, Align::Left);
                remark.atoms = self.text(self.page.role, "未签名", "layout", false)?;
                sign_box.remark = Some(remark);
            }
            boxes.push(sign_box);
        }
        Ok(boxes)
    }

    /// 拒绝签名 – what stands in the place of somebody who did not sign.
    fn refusal(&mut self, slot: &str, scope: Scope<'_>) -> Result<Paragraph, ComposeFault> {
        let field = |path: &str| {
            Piece::Field(Field {
                path: path.to_owned(),
                filters: Vec::new(),
            })
        };
        let begins = match slot {
            "party" => "当事人未签名，原因：",
            _ => "未签名，原因：",
        };
        let mut pieces = vec![Piece::Text(begins.to_owned())];
        pieces.push(field("refusal.reason"));
        if scope.holds(&present("refusal.witness_name")) {
            pieces.push(Piece::Text("；见证人：".to_owned()));
            pieces.push(field("refusal.witness_name"));
        }
        if scope.holds(&present("refusal.witness_phone")) {
            pieces.push(Piece::Text("，电话：".to_owned()));
            pieces.push(field("refusal.witness_phone"));
        }
        pieces.push(Piece::Text("。".to_owned()));
        let mut remark = self.plain(self.page.size - 1.5, Align::Left);
        remark.atoms = self.atoms(self.page.role, &pieces, scope)?;
        Ok(remark)
    }

    pub(super) fn seal_mark(&mut self, scope: Scope<'_>) -> Result<SealMark, ComposeFault> {
        let is_shown = scope.stamp.kind != StampKind::Draft;
        let is_endless = self.page.height.is_none();
        Ok(match &scope.stamp.seal {
            Seal::ByHand => SealMark::Free,
            // Tickets are printed on a roll.
            Seal::PreSealed { .. } if is_endless => SealMark::Free,
            Seal::PreSealed { x_mm, y_mm } => SealMark::Fixed {
                at: [*x_mm, *y_mm].map(|mm| f32::from(mm) * 72.0 / 25.4),
                alone: {
                    let words = Piece::Text("（此页无正文）".to_owned());
                    self.styled(Style::Body, &[words], scope)?
                },
            },
            Seal::Impression(impression) => SealMark::Impression {
                impression: impression.clone(),
                is_shown,
            },
            Seal::Follows(words) => {
                let mut line = self.plain((self.page.size - 2.5).max(6.0), Align::Center);
                line.atoms = self.text(self.page.role, words, "seal", false)?;
                SealMark::Words {
                    words: line,
                    is_shown,
                }
            }
        })
    }
}

/// A refusal is the party's unless it says whose it is.
fn has_refused(slot: &str, scope: Scope<'_>) -> bool {
    let theirs = Test::Is("refusal.slot".to_owned(), vec![slot.to_owned()]);
    let is_theirs = Condition { all: vec![theirs] };
    let is_unnamed = slot == "party" && !scope.holds(&present("refusal.slot"));
    (is_unnamed || scope.holds(&is_theirs))
        && (scope.holds(&present("refusal.reason"))
            || scope.holds(&present("refusal.witness_name")))
}

pub(super) fn in_rows(boxes: Vec<SignBox>, columns: usize) -> Vec<Vec<SignBox>> {
    let mut rows: Vec<Vec<SignBox>> = Vec::new();
    for sign_box in boxes {
        match rows.last_mut() {
            Some(row) if row.len() < columns => row.push(sign_box),
            _ => rows.push(vec![sign_box]),
        }
    }
    rows
}
