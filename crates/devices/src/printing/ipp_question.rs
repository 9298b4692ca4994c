//! A question to a printer or a print server over HTTP, with an end to what it may answer.

use std::time::Duration;

use http::Uri;
use ipp::parser::{IppParseError, IppParser};
use ipp::prelude::IppRequestResponse;
use ipp::reader::IppReader;
use ureq::{Agent, SendBody};

/// Room for every attribute of a large printer or some hundred queues of a print server.
const MAX_ANSWER_BYTES: u64 = 2 << 20;
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// RFC 8010 §3.6.
const IPP_PORT: u16 = 631;

pub(super) enum NoAnswer {
    Silence(String),
    /// Something answers that is no printer, or not under this address.
    Nonsense(String),
}

impl From<NoAnswer> for String {
    fn from(no_answer: NoAnswer) -> Self {
        match no_answer {
            NoAnswer::Silence(detail) | NoAnswer::Nonsense(detail) => detail,
        }
    }
}

pub(super) fn ask(
    uri: &Uri,
    request: impl Into<IppRequestResponse>,
    timeout: Duration,
) -> Result<IppRequestResponse, NoAnswer> {
    let agent: Agent = Agent::config_builder()
        .timeout_connect(Some(CONNECT_WITHIN))
        .timeout_global(Some(timeout))
        // A printer that sends on to somebody else would have the document go there.
        .max_redirects(0)
        .http_status_as_error(false)
        .build()
        .into();
    let answer = agent
        .post(over_http(uri))
        .header("content-type", "application/ipp")
        .send(SendBody::from_reader(&mut request.into().into_read()))
        .map_err(|error| NoAnswer::Silence(error.to_string()))?;
    let status = answer.status();
    if status.is_server_error() {
        return Err(NoAnswer::Silence(status.to_string()));
    }
    if !status.is_success() {
        return Err(NoAnswer::Nonsense(status.to_string()));
    }
    let body = answer.into_body().into_with_config();
    let body = body.limit(MAX_ANSWER_BYTES).reader();
    IppParser::new(IppReader::new(body))
        .parse()
        .map_err(|error| match &error {
            IppParseError::IoError(broken) if !is_endless(broken) => {
                NoAnswer::Silence(error.to_string())
            }
            _ => NoAnswer::Nonsense(error.to_string()),
        })
}

fn is_endless(error: &std::io::Error) -> bool {
    let cause = error.get_ref().and_then(|inner| inner.downcast_ref());
    matches!(cause, Some(ureq::Error::BodyExceedsLimit(_)))
}

fn over_http(uri: &Uri) -> String {
    let host = uri.authority().map(ToString::to_string).unwrap_or_default();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    match uri.port() {
        Some(_) => format!("http://{host}{path}"),
        None => format!("http://{host}:{IPP_PORT}{path}"),
    }
}
