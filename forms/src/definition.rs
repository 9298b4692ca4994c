//! What a screen needs to show a form: sections and fields, in order, with labels and choices.
//!
//! The TypeScript of these types is written with the contract that uses them. Exported from here as well, this crate's
//! tests would write `law.ts` with [`Citation`] alone.

use law::Citation;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// 正卷、副卷 – where a document lies in the dossier of its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DossierPlace {
    /// What the party may see.
    #[default]
    Main,
    /// Approval, review and deliberation, and who reported the case.
    Secondary,
    /// 卷宗封面: says what the cover of the dossier says, and is no document of its own.
    Cover,
}

/// 文书式样 – one form of the pack as the screen sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "forms.ts")]
pub struct FormDefinition {
    /// Catalogue code, e.g. `F21`.
    pub code: String,
    pub title: String,
    /// One line for the officer: when this form is used.
    pub purpose: String,
    pub sections: Vec<Section>,
    /// Who signs, in order. In the view of an instrument with a place for each row of people.
    pub signers: Vec<Signer>,
    /// Rights notices printed on the form, by id, e.g. `RN-5S`.
    pub rights: Vec<String>,
    /// Copies by name, e.g. 当事人, 存卷.
    pub copies: Vec<String>,
    /// Number series, absent when the form takes no number of its own.
    pub number_series: Option<String>,
    /// The party gets a copy, so that handing it over has to be proved.
    pub is_served: bool,
    /// False for what is written at the office: credentials are shown at the scene.
    pub is_at_scene: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "forms.ts")]
pub struct Section {
    pub key: String,
    pub title: String,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[ts(export_to = "forms.ts")]
pub struct Field {
    /// Dotted path inside the value, e.g. `party.id_no`.
    pub path: String,
    pub label: String,
    pub kind: FieldKind,
    pub required: bool,
    /// Shown only while the condition holds.
    pub when: Option<Condition>,
    pub hint: Option<String>,
    /// Longest text in characters; absent means the engine's bound.
    #[ts(type = "number | null")]
    pub max_chars: Option<u32>,
    pub basis: Vec<Citation>,
}

/// How a field is entered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[ts(export_to = "forms.ts")]
pub enum FieldKind {
    Text,
    LongText,
    /// `YYYY-MM-DD`.
    Date,
    /// RFC 3339 with offset.
    DateTime,
    Integer {
        unit: Option<String>,
        min: Option<i32>,
        max: Option<i32>,
    },
    /// Integer 分 in the value, shown and typed in 元.
    Money,
    Choice {
        options: Vec<Choice>,
    },
    Flag,
    /// Keyboard for plates.
    Plate,
    /// Resident id number, 18 characters with check digit.
    ResidentId,
    /// Unified social credit code, 18 characters with check character.
    CreditCode,
    Phone,
    /// Violation picked from the powers list; picking fills facts, law and range.
    Violation,
    /// List of citations.
    Citations,
    /// Pieces of evidence of the case: an id, or `{id, caption}`; with `many` a list of them.
    Evidence {
        /// `photo`, `video`, `audio`, `file`; empty for all of them.
        media: Vec<String>,
        many: bool,
    },
    /// Repeatable rows with their own fields (paths relative to the row).
    Rows {
        fields: Vec<Field>,
        min: u32,
        max: u32,
    },
    /// Filled by the system and only shown, e.g. officers.
    Shown,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "forms.ts")]
pub struct Choice {
    pub value: String,
    pub label: String,
}

/// True while the value at `path` is one of `is`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "forms.ts")]
pub struct Condition {
    pub path: String,
    pub is: Vec<String>,
}

/// A signature place of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "forms.ts")]
pub struct Signer {
    /// `party`, `officer_1`, `officer_2`, `witness`, or a name of the form's own such as `guardian`.
    pub slot: String,
    pub label: String,
    pub required: bool,
    /// A refusal with reason and witness may stand in its place.
    pub may_refuse: bool,
    /// The name the value gives the one who signs; the signer may correct it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
}
