use std::time::Duration;

use http::Uri;
use ipp::prelude::{DelimiterTag, IppAttributeGroup, IppOperationBuilder, IppValue};

use super::Found;
use crate::printing::{Address, ipp_question};

/// The queues of a print server.
pub(super) fn queues(server: &str, within: Duration) -> Result<Vec<Found>, String> {
    let uri: Uri = server.parse().map_err(|_| "no address".to_owned())?;
    let answer = ipp_question::ask(&uri, IppOperationBuilder::cups().get_printers(), within)?;
    if !answer.header().status_code().is_success() {
        return Err(answer.header().status_code().to_string());
    }
    let authority = uri.authority().map(ToString::to_string).unwrap_or_default();
    let queues = answer
        .attributes()
        .groups_of(DelimiterTag::PrinterAttributes)
        .filter_map(|group| queue(group, &authority))
        .collect();
    Ok(queues)
}

fn queue(group: &IppAttributeGroup, authority: &str) -> Option<Found> {
    let text = |name: &str| {
        let value = group.get(name)?.value();
        let first = match value {
            IppValue::Array(values) => values.first()?,
            other => other,
        };
        Some(first.to_string()).filter(|text| !text.is_empty())
    };
    let queue = text("printer-name")?;
    let path: String = queue
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    Some(Found {
        name: text("printer-info").unwrap_or(queue),
        // The server's own idea of its name may not resolve; where it answered is certain.
        address: Address::Ipp(format!("ipp://{authority}/printers/{path}")),
        model: text("printer-make-and-model"),
    })
}
