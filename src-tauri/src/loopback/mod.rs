//! The same screens and commands for a browser on this machine: development, tests, and systems whose web view is too
//! old. Bound to loopback, opened with a one-time token; left out of field builds.

mod door;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RANGE,
    REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{Method, Response, StatusCode, Uri};
use axum::middleware::{self, Next};
use axum::routing::{get, post};
use axum::{Extension, Router};
use casebook::Terminal;
use contract::{BoundaryError, Code, Surface};
use tauri::{Context, Wry};

use crate::bridge::{aside, refusal};
use crate::stop::told_to_stop;
use crate::{ShellFailure, range, window};
use door::{Door, Entry};

/// A form with a 10 MB paste, or a photo.
const LARGEST_BODY_BYTES: usize = 64 * 1024 * 1024;

/// A browser that keeps a stream open does not keep the terminal from ending.
const STOP_PATIENCE: Duration = Duration::from_secs(3);

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; \
    font-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; frame-src 'self' blob:; connect-src 'self'; \
    object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

struct House {
    terminal: Arc<Terminal>,
    door: Door,
    screens: Context<Wry>,
}

/// Serves until Ctrl-C or SIGTERM. Prints the address with the token on standard output.
pub(crate) fn serve(terminal: Arc<Terminal>, address: SocketAddr) -> Result<(), ShellFailure> {
    if !address.ip().is_loopback() {
        return Err(ShellFailure::NotLoopback(address));
    }
    let listening = |source| ShellFailure::Listen { address, source };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(listening)?;
    let outcome = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(address)
            .await
            .map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let door = Door::new(address);
        println!("http://{address}/?token={}", door.token());
        let house = Arc::new(House {
            terminal: Arc::clone(&terminal),
            door,
            screens: window::context(),
        });
        let (stopping, stopped) = tokio::sync::oneshot::channel();
        let serving = axum::serve(listener, router(house)).with_graceful_shutdown(async move {
            told_to_stop().await;
            let _ = stopping.send(());
        });
        let patience = async {
            let _ = stopped.await;
            tokio::time::sleep(STOP_PATIENCE).await;
        };
        tokio::select! {
            served = serving.into_future() => served.map_err(listening),
            () = patience => Ok(()),
        }
    });
    terminal.shut_down();
    outcome
}

fn router(house: Arc<House>) -> Router {
    Router::new()
        .route("/rpc/{name}", post(rpc))
        .route("/stream/{*path}", get(stream))
        .route("/upload/{*path}", post(upload))
        .fallback(get(screen))
        .layer(DefaultBodyLimit::max(LARGEST_BODY_BYTES))
        .layer(middleware::from_fn_with_state(
            Arc::clone(&house),
            through_the_door,
        ))
        .with_state(house)
}

/// Lets a request in with the surface it may use, takes the one-time token, or refuses.
async fn through_the_door(
    State(house): State<Arc<House>>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let mut response = match house
        .door
        .admit(request.method(), request.uri(), request.headers())
    {
        Entry::Granted(surface) => {
            request.extensions_mut().insert(surface);
            next.run(request).await
        }
        Entry::Token { cookie } => welcome(request.uri(), &cookie),
        Entry::Refused { status, reason } => {
            let mut response = bytes(refusal(
                &BoundaryError::new(Code::NotAllowed).with("reason", reason),
            ));
            *response.status_mut() = status;
            response
        }
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(
        "cross-origin-resource-policy",
        HeaderValue::from_static("same-origin"),
    );
    response
}

/// Answers the token with the session cookie and sends the browser to the same page without it.
fn welcome(uri: &Uri, cookie: &str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    headers.insert(
        LOCATION,
        HeaderValue::from_str(uri.path()).unwrap_or(HeaderValue::from_static("/")),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        headers.insert(SET_COOKIE, cookie);
    }
    response
}

async fn rpc(
    State(house): State<Arc<House>>,
    Extension(surface): Extension<Surface>,
    Path(name): Path<String>,
    payload: Result<Bytes, BytesRejection>,
) -> Response<Body> {
    let payload = match payload {
        Ok(payload) => payload,
        Err(rejection) => return bytes(refusal(&unread(&rejection))),
    };
    let terminal = Arc::clone(&house.terminal);
    json(aside(move || terminal.call(surface, &name, &payload)).await)
}

async fn upload(
    State(house): State<Arc<House>>,
    Extension(surface): Extension<Surface>,
    uri: Uri,
    body: Result<Bytes, BytesRejection>,
) -> Response<Body> {
    let body = match body {
        Ok(body) => body,
        Err(rejection) => return bytes(refusal(&unread(&rejection))),
    };
    let terminal = Arc::clone(&house.terminal);
    json(aside(move || terminal.upload(surface, &path_of(&uri), &body)).await)
}

async fn stream(
    State(house): State<Arc<House>>,
    Extension(surface): Extension<Surface>,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    let asked = range::parse(headers.get(RANGE));
    let terminal = Arc::clone(&house.terminal);
    let answer = aside(move || range::read(&terminal, surface, &path_of(&uri), asked)).await;
    bytes(answer.unwrap_or_else(|error| refusal(&error)))
}

/// A built screen or one of its files.
async fn screen(State(house): State<Arc<House>>, method: Method, uri: Uri) -> Response<Body> {
    let path = match uri.path() {
        "/" => "/index.html",
        path => path,
    };
    let media_type = tauri::utils::mime_type::MimeType::parse_from_uri(path).to_string();
    let page = match path {
        // Headquarters' pages are built with ours and are not part of a terminal.
        "/console.html" | "/public.html" => None,
        path => house.screens.assets().get(&path.into()),
    };
    let Some(page) = page.filter(|_| method == Method::GET) else {
        return bytes(refusal(
            &BoundaryError::new(Code::NotFound).with("path", path),
        ));
    };
    let mut response = Response::new(Body::from(page.into_owned()));
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(media_type) = HeaderValue::from_str(&media_type) {
        headers.insert(CONTENT_TYPE, media_type);
    }
    response
}

fn unread(rejection: &BytesRejection) -> BoundaryError {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return BoundaryError::new(Code::TooLarge).with("limit_bytes", LARGEST_BODY_BYTES);
    }
    BoundaryError::new(Code::BadRequest).with("reason", rejection.body_text())
}

fn path_of(uri: &Uri) -> String {
    uri.path_and_query()
        .map_or("", |path| path.as_str())
        .trim_start_matches('/')
        .to_owned()
}

fn json(answer: Result<Vec<u8>, BoundaryError>) -> Response<Body> {
    match answer {
        Ok(text) => {
            let mut response = Response::new(Body::from(text));
            response
                .headers_mut()
                .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            response
                .headers_mut()
                .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(error) => bytes(refusal(&error)),
    }
}

fn bytes(response: Response<Vec<u8>>) -> Response<Body> {
    response.map(Body::from)
}
