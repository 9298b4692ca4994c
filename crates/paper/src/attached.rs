//! 机器可读数据 – the values of an instrument travel inside its PDF (PDF/A-3): paper and data are one thing.

use lopdf::{Dictionary, Object, ObjectId, Stream};
use serde_json::Value;

use crate::conformance::{name, utf16};
use crate::figures;

/// The name of the values inside.
pub(crate) const VALUES: &str = "values.json";
/// The name of an issued PDF inside another.
const ISSUED: &str = "issued.pdf";
/// A file inside another PDF is read up to this size.
const MAX_BYTES: usize = 16 << 20;

/// A file inside the PDF, related to it as the data it was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Attached {
    /// Unique in the PDF; ASCII, so that every reader can save it.
    pub name: String,
    pub description: String,
    pub bytes: Vec<u8>,
}

impl Attached {
    /// The values as the bytes whose SHA-256 the QR code of the instrument names: JSON without spaces, keys in order.
    pub(crate) fn values(values: &Value, title: &str) -> Attached {
        let mut json = String::new();
        canonical(values, &mut json);
        Attached {
            name: VALUES.to_owned(),
            description: format!("{title}的数据"),
            bytes: json.into_bytes(),
        }
    }

    /// 出具件 – the PDF as it was issued.
    pub(crate) fn issued(pdf: &[u8], title: &str) -> Attached {
        Attached {
            name: ISSUED.to_owned(),
            description: format!("{title}的出具件"),
            bytes: pdf.to_vec(),
        }
    }

    fn media_type(&self) -> &'static str {
        match self.name.ends_with(".pdf") {
            true => "application/pdf",
            false => "application/json",
        }
    }

    /// Values are what the pages were made from, an issued PDF is what they go back to.
    fn relationship(&self) -> &'static str {
        match self.name.ends_with(".pdf") {
            true => "Source",
            false => "Data",
        }
    }
}

fn canonical(value: &Value, json: &mut String) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| key.as_str());
            json.push('{');
            for (index, (key, field)) in fields.into_iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                json.push_str(&Value::from(key.as_str()).to_string());
                json.push(':');
                canonical(field, json);
            }
            json.push('}');
        }
        Value::Array(items) => {
            json.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                canonical(item, json);
            }
            json.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            json.push_str(&value.to_string());
        }
    }
}

/// Puts the files into the PDF: the entries for the catalog, its name tree and its associated files.
pub(crate) fn embed(
    pdf: &mut lopdf::Document,
    files: &[Attached],
    created_at: &str,
) -> Option<(Object, Object)> {
    if files.is_empty() {
        return None;
    }
    let mut files: Vec<&Attached> = files.iter().collect();
    files.sort_by(|left, right| left.name.cmp(&right.name));
    let mut names = Vec::new();
    let mut associated = Vec::new();
    for file in files {
        let id = specification(pdf, file, created_at);
        names.push(Object::string_literal(file.name.as_str()));
        names.push(Object::Reference(id));
        associated.push(Object::Reference(id));
    }
    let tree = Dictionary::from_iter([("Names", Object::Array(names))]);
    let tree = Dictionary::from_iter([("EmbeddedFiles", Object::Dictionary(tree))]);
    Some((Object::Dictionary(tree), Object::Array(associated)))
}

fn specification(pdf: &mut lopdf::Document, file: &Attached, created_at: &str) -> ObjectId {
    let size = i64::try_from(file.bytes.len()).unwrap_or(i64::MAX);
    let mut parameters = Dictionary::from_iter([("Size", Object::Integer(size))]);
    let date = figures::pdf_date(created_at).unwrap_or_else(|| "D:19700101000000Z".to_owned());
    parameters.set("ModDate", Object::string_literal(date));
    let stream = Stream::new(
        Dictionary::from_iter([
            ("Type", name("EmbeddedFile")),
            ("Subtype", name(file.media_type())),
            ("Params", Object::Dictionary(parameters)),
        ]),
        file.bytes.clone(),
    );
    let stream = Object::Reference(pdf.add_object(stream));
    let embedded = Dictionary::from_iter([("F", stream.clone()), ("UF", stream)]);
    pdf.add_object(Dictionary::from_iter([
        ("Type", name("Filespec")),
        ("F", Object::string_literal(file.name.as_str())),
        ("UF", utf16(&file.name)),
        ("Desc", utf16(&file.description)),
        ("AFRelationship", name(file.relationship())),
        ("EF", Object::Dictionary(embedded)),
    ]))
}

/// The files inside, read leniently: what cannot be read is not carried on.
pub(crate) fn files(pdf: &lopdf::Document) -> Vec<Attached> {
    let associated = pdf
        .catalog()
        .and_then(|catalog| catalog.get_deref(b"AF", pdf))
        .and_then(Object::as_array);
    let Ok(associated) = associated else {
        return Vec::new();
    };
    let file = |reference: &Object| -> lopdf::Result<Attached> {
        let (_, specification) = pdf.dereference(reference)?;
        let specification = specification.as_dict()?;
        let embedded = specification.get_deref(b"EF", pdf)?.as_dict()?;
        let stream = embedded.get_deref(b"F", pdf)?.as_stream()?;
        let bytes = match stream.dict.has(b"Filter") {
            true => stream.decompressed_content_with_limit(MAX_BYTES)?,
            false => stream.content.clone(),
        };
        let text = |key: &[u8]| specification.get(key).and_then(lopdf::decode_text_string);
        Ok(Attached {
            name: text(b"F")?,
            description: text(b"Desc").unwrap_or_default(),
            bytes,
        })
    };
    let files = associated.iter().filter_map(|entry| file(entry).ok());
    files.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_in_order_and_nothing_is_added() {
        let values = json!({ "乙": [1, { "z": null, "a": "引\"号" }], "b": true, "A": -0.5 });
        let attached = Attached::values(&values, "决定书");
        let json = String::from_utf8(attached.bytes).unwrap();
        assert_eq!(
            json,
            r#"{"A":-0.5,"b":true,"乙":[1,{"a":"引\"号","z":null}]}"#
        );
    }
}
