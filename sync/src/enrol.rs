//! A terminal asks to belong to headquarters.

use reqwest::Method;

use crate::exchange::refusal;
use crate::failure::SyncFailure;
use crate::protocol::{EnrolRequest, Enrolment, EnrolmentFault, JSON_TYPE, Ticket, path};
use crate::wire::{Http, Request, call_once};

const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Enrols at `url` with the ticket in the request. What comes back is signed by the headquarters the ticket names and is
/// meant for the device key of the request.
pub fn enrol(url: &str, request: &EnrolRequest) -> Result<Enrolment, SyncFailure> {
    enrol_with(&Http::default(), url, request)
}

pub fn enrol_with(
    http: &Http,
    url: &str,
    request: &EnrolRequest,
) -> Result<Enrolment, SyncFailure> {
    let ticket: Ticket = request.ticket.parse().map_err(SyncFailure::Ticket)?;
    let body = serde_json::to_vec(&EnrolRequest {
        ticket: ticket.to_string(),
        ..request.clone()
    })
    .map_err(|fault| SyncFailure::Enrolment(EnrolmentFault::Write(fault)))?;
    let answer = call_once(
        url,
        http,
        Request {
            method: Method::POST,
            path: path::ENROL.to_owned(),
            headers: vec![("content-type", JSON_TYPE.to_owned())],
            body,
            answer_bytes_max: ANSWER_BYTES_MAX,
        },
    )?;
    if answer.status != 200 {
        return Err(refusal(&answer));
    }
    let note = answer
        .text()
        .ok_or_else(|| SyncFailure::NotHeadquarters("an answer that is not text".to_owned()))?;
    Enrolment::open(note, &ticket, &request.device_key).map_err(SyncFailure::Enrolment)
}
