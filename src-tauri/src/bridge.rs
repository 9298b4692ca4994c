//! What a window may ask of the shell. The label of the window says which surface it is; the page cannot.

use std::sync::Arc;

use casebook::Terminal;
use contract::{BoundaryError, Code, Surface};
use tauri::http::{Request, Response, StatusCode, header::RANGE};
use tauri::ipc::{self, InvokeBody};
use tauri::{Manager, State, UriSchemeContext, UriSchemeResponder, WebviewWindow, Wry};

use crate::{range, window};

/// The surface of a window; a label we did not give has none.
pub(crate) fn surface_of(label: &str) -> Result<Surface, BoundaryError> {
    match label {
        window::OFFICER => Ok(Surface::Officer),
        window::PARTY => Ok(Surface::Party),
        _ => Err(BoundaryError::new(Code::NotAllowed).with("window", label)),
    }
}

/// Any command of the list.
#[tauri::command]
pub async fn rpc(
    window: WebviewWindow,
    terminal: State<'_, Arc<Terminal>>,
    name: String,
    payload: serde_json::Value,
) -> Result<ipc::Response, BoundaryError> {
    let surface = surface_of(window.label())?;
    let terminal = Arc::clone(&terminal);
    let answer = aside(move || {
        let payload = serde_json::to_vec(&payload).map_err(|error| {
            BoundaryError::new(Code::BadRequest).with("reason", error.to_string())
        })?;
        terminal.call(surface, &name, &payload)
    })
    .await?;
    as_json(answer)
}

/// A file's bytes as they are, for the path in the header `sanxiang-path`.
#[tauri::command]
pub async fn upload(
    window: WebviewWindow,
    terminal: State<'_, Arc<Terminal>>,
    request: ipc::Request<'_>,
) -> Result<ipc::Response, BoundaryError> {
    let surface = surface_of(window.label())?;
    let path = request
        .headers()
        .get("sanxiang-path")
        .and_then(|path| path.to_str().ok());
    let (Some(path), InvokeBody::Raw(bytes)) = (path, request.body()) else {
        return Err(BoundaryError::new(Code::BadRequest)
            .with("reason", "expected raw bytes and sanxiang-path"));
    };
    let (path, bytes) = (path.to_owned(), bytes.clone());
    let terminal = Arc::clone(&terminal);
    as_json(aside(move || terminal.upload(surface, &path, &bytes)).await?)
}

/// Brings up the window that faces the person concerned.
#[tauri::command]
pub async fn show_party_window(window: WebviewWindow) -> Result<(), BoundaryError> {
    if surface_of(window.label())? != Surface::Officer {
        return Err(BoundaryError::new(Code::NotAllowed).with("window", window.label()));
    }
    window::show_party(window.app_handle()).map_err(|error| {
        tracing::error!(%error, "the party's window could not be opened");
        BoundaryError::new(Code::Failure).with("reason", error.to_string())
    })
}

/// `sanxiang://localhost/stream/…`: pictures, papers and recordings.
pub(crate) fn stream(
    context: UriSchemeContext<'_, Wry>,
    request: Request<Vec<u8>>,
    responder: UriSchemeResponder,
) {
    let surface = surface_of(context.webview_label());
    let terminal = context
        .app_handle()
        .try_state::<Arc<Terminal>>()
        .map(|state| Arc::clone(&state));
    tauri::async_runtime::spawn_blocking(move || {
        let path = request
            .uri()
            .path_and_query()
            .map_or("", |path| path.as_str())
            .trim_start_matches('/');
        let asked = range::parse(request.headers().get(RANGE));
        let answer = match (surface, terminal) {
            (Ok(surface), Some(terminal)) => range::read(&terminal, surface, path, asked),
            (Err(error), _) => Err(error),
            (_, None) => Err(BoundaryError::new(Code::NotFound)),
        };
        let mut response = answer.unwrap_or_else(|error| refusal(&error));
        // The page is of another scheme, so that fetch() needs leave to read; only our own windows know this scheme.
        response.headers_mut().insert(
            "access-control-allow-origin",
            tauri::http::HeaderValue::from_static("*"),
        );
        responder.respond(response);
    });
}

/// A refused stream: the boundary error as JSON under the nearest HTTP status.
pub(crate) fn refusal(error: &BoundaryError) -> Response<Vec<u8>> {
    let mut response = Response::new(serde_json::to_vec(error).unwrap_or_default());
    *response.status_mut() = status_of(error.code);
    response.headers_mut().insert(
        tauri::http::header::CONTENT_TYPE,
        tauri::http::HeaderValue::from_static("application/json"),
    );
    response
}

pub(crate) fn status_of(code: Code) -> StatusCode {
    match code {
        Code::NotFound | Code::FormUnknown => StatusCode::NOT_FOUND,
        Code::BadRequest | Code::NotAnImage => StatusCode::BAD_REQUEST,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::Locked | Code::WrongSecret => StatusCode::UNAUTHORIZED,
        Code::Delayed => StatusCode::TOO_MANY_REQUESTS,
        Code::NotAllowed | Code::Forbidden => StatusCode::FORBIDDEN,
        Code::DiskFull => StatusCode::INSUFFICIENT_STORAGE,
        Code::Failure
        | Code::DatabaseDamaged
        | Code::ClockImplausible
        | Code::CameraMissing
        | Code::MicrophoneMissing
        | Code::RecordingFailed
        | Code::PrinterUnreachable
        | Code::PrinterBusy
        | Code::HeadquartersUnreachable
        | Code::NotHeadquarters
        | Code::PackRefused => StatusCode::INTERNAL_SERVER_ERROR,
        Code::CredentialUnknown
        | Code::CredentialExpired
        | Code::CredentialNotYetValid
        | Code::CredentialSuspended
        | Code::NotAnOfficer
        | Code::TwoOfficersNeeded
        | Code::NotPresented
        | Code::SummaryProcedureNotAvailable
        | Code::NoticeNotTold
        | Code::RectificationMissing
        | Code::GateClosed
        | Code::CaseClosed
        | Code::NumbersUsedUp
        | Code::SealsUsedUp
        | Code::NotSealed
        | Code::InstrumentFrozen
        | Code::FindingsOpen
        | Code::SignatureMissing
        | Code::InstrumentNotIssued
        | Code::RecordingRunning
        | Code::NoRecordingRunning
        | Code::AlreadySignedIn
        | Code::Stale => StatusCode::CONFLICT,
    }
}

/// Runs work that waits for the disk or a device away from the window's threads.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BoundaryError> + Send + 'static,
) -> Result<T, BoundaryError> {
    match tauri::async_runtime::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(error) => {
            tracing::error!(%error, "a call ended without an answer");
            Err(BoundaryError::new(Code::Failure).with("reason", error.to_string()))
        }
    }
}

fn as_json(answer: Vec<u8>) -> Result<ipc::Response, BoundaryError> {
    match String::from_utf8(answer) {
        Ok(text) => Ok(ipc::Response::new(text)),
        Err(error) => Err(BoundaryError::new(Code::Failure).with("reason", error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_the_surface_its_label_says_and_no_other() {
        assert_eq!(surface_of("main").unwrap(), Surface::Officer);
        assert_eq!(surface_of("party").unwrap(), Surface::Party);
        for label in ["", "Main", "console", "failure", "main "] {
            assert_eq!(
                surface_of(label).unwrap_err().code,
                Code::NotAllowed,
                "{label}"
            );
        }
    }
}
