//! Headquarters on the wire: sync for terminals, the console after login, the public page.

mod console;
mod public;
mod sync;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use contract::{BoundaryError, Code};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::console::failed;
use crate::failure::Failure;
use crate::headquarters::Headquarters;

const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; media-src 'self' blob:; object-src 'self'; frame-src 'self'; base-uri 'none'; \
    form-action 'self'; frame-ancestors 'self'";

#[derive(Clone)]
struct Site {
    hq: Arc<Headquarters>,
    ui: PathBuf,
}

impl Headquarters {
    /// Everything headquarters serves; `ui` is the folder of the built screens.
    pub fn router(self: &Arc<Self>, ui: &Path) -> Router {
        let site = Site {
            hq: Arc::clone(self),
            ui: ui.to_owned(),
        };
        let pages = Router::new()
            .route("/", get(console_page))
            .route("/console", get(console_page))
            .route("/console/{*rest}", get(console_page))
            .route("/v", get(public_page))
            .route("/public", get(public_page))
            .route("/d", get(public_page));
        Router::new()
            .merge(sync::routes())
            .merge(console::routes())
            .merge(public::routes())
            .merge(pages)
            .fallback_service(ServeDir::new(ui).append_index_html_on_directories(false))
            .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .layer(fixed(header::REFERRER_POLICY, "no-referrer"))
            .layer(fixed(
                header::CONTENT_SECURITY_POLICY,
                CONTENT_SECURITY_POLICY,
            ))
            .with_state(site)
    }
}

fn fixed(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

async fn console_page(State(site): State<Site>) -> Response {
    page(&site, "console.html").await
}

async fn public_page(State(site): State<Site>) -> Response {
    page(&site, "public.html").await
}

async fn page(site: &Site, name: &str) -> Response {
    match tokio::fs::read(site.ui.join(name)).await {
        Ok(html) => {
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CACHE_CONTROL, "no-cache"),
            ];
            (headers, html).into_response()
        }
        Err(_) => (
            StatusCode::NOT_FOUND,
            "the screens of this headquarters are not built\n",
        )
            .into_response(),
    }
}

/// Runs database and file work off the threads that answer the network.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, tokio::task::JoinError> {
    tokio::task::spawn_blocking(work).await
}

/// A boundary error under the status that tells machines the same.
fn boundary(error: &BoundaryError) -> Response {
    let status = match error.code {
        Code::Locked | Code::WrongSecret => StatusCode::UNAUTHORIZED,
        Code::Delayed => StatusCode::TOO_MANY_REQUESTS,
        Code::NotAllowed | Code::Forbidden => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::Failure => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    };
    (status, axum::Json(error)).into_response()
}

fn crashed(error: &tokio::task::JoinError) -> Response {
    tracing::error!(%error, "a request ended in a panic");
    boundary(&BoundaryError::new(Code::Failure))
}

fn failure(error: Failure) -> Response {
    boundary(&failed(error))
}

fn json(bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (headers, bytes).into_response()
}

fn text_of(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The whole body, or nothing when it is longer than `limit` or broke off.
async fn whole(body: Body, limit: usize) -> Option<Vec<u8>> {
    axum::body::to_bytes(body, limit)
        .await
        .ok()
        .map(|bytes| bytes.to_vec())
}
