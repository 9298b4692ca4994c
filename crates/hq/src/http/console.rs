//! The console on the wire: `POST /rpc/{name}` and the files of cases.

use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use contract::{BoundaryError, Code, Surface};
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use super::{Site, boundary, crashed, json, off_thread, text_of, whole};
use crate::console::{ConsoleCall, Cookie, OpenedFile};
use crate::contract::console::route;
use crate::headquarters::Headquarters;

const RPC_BYTES_MAX: usize = 64 * 1024;
const COOKIE: &str = "sanxiang_console";
const COOKIE_RULES: &str = "Path=/; HttpOnly; SameSite=Strict";
/// Types a browser shows or plays without running anything.
const SHOWN: [&str; 9] = [
    "application/pdf",
    "image/png",
    "image/jpeg",
    "image/webp",
    "video/mp4",
    "audio/mp4",
    "audio/wav",
    "audio/ogg",
    "audio/mpeg",
];

pub fn routes() -> Router<Site> {
    Router::new()
        .route("/rpc/{name}", post(rpc))
        .route("/stream/object/{sha256}", get(stream))
        .route(
            "/stream/dossier/{case_id}",
            get(|site, id, asked, headers| pages(Headquarters::dossier, site, id, asked, headers)),
        )
        .route(
            "/stream/copy/{instrument_id}",
            get(|site, id, asked, headers| {
                pages(Headquarters::office_copy, site, id, asked, headers)
            }),
        )
}

async fn rpc(
    State(site): State<Site>,
    Path(name): Path<String>,
    request: Request<Body>,
) -> Response {
    let (parts, body) = request.into_parts();
    if !is_same_origin(&parts.headers) {
        return boundary(&BoundaryError::new(Code::NotAllowed).with("reason", "origin"));
    }
    let Some(payload) = whole(body, RPC_BYTES_MAX).await else {
        return boundary(&BoundaryError::new(Code::TooLarge));
    };
    let token = token(&parts.headers);
    let address = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|address| address.0.ip().to_string())
        .unwrap_or_default();
    let answered = off_thread(move || {
        let call = ConsoleCall::new(&site.hq, token, address);
        (
            route(&call, Surface::Console, &name, &payload),
            call.cookie(),
        )
    })
    .await;
    let (answer, cookie) = match answered {
        Ok(answered) => answered,
        Err(error) => return crashed(&error),
    };
    let mut response = match answer {
        Ok(bytes) => json(bytes),
        Err(error) => boundary(&error),
    };
    let cookie = cookie.map(|cookie| match cookie {
        Cookie::Set(token) => format!("{COOKIE}={token}; {COOKIE_RULES}"),
        Cookie::Clear => format!("{COOKIE}=; Max-Age=0; {COOKIE_RULES}"),
    });
    if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// A page of another site cannot act here, even with a cookie a browser might add.
fn is_same_origin(headers: &HeaderMap) -> bool {
    let Some(origin) = text_of(headers, header::ORIGIN) else {
        return true;
    };
    let host = text_of(headers, header::HOST).unwrap_or_default();
    origin
        .split_once("://")
        .is_some_and(|(_, authority)| authority == host)
}

fn token(headers: &HeaderMap) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.to_owned())
}

#[derive(Deserialize)]
struct Asked {
    case: String,
    purpose: Option<String>,
}

async fn stream(
    State(site): State<Site>,
    Path(sha256): Path<String>,
    query: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let (Ok(Query(asked)), Ok(sha256)) = (query, sha256.parse()) else {
        return boundary(&BoundaryError::new(Code::BadRequest).with("reason", "object or case"));
    };
    let token = token(&headers);
    let opened = off_thread(move || {
        site.hq.open_file(
            token.as_deref(),
            &sha256,
            &asked.case,
            asked.purpose.as_deref(),
        )
    })
    .await;
    match opened {
        Ok(Ok(file)) => send(file, text_of(&headers, header::RANGE)).await,
        Ok(Err(error)) => boundary(&error),
        Err(error) => crashed(&error),
    }
}

#[derive(Deserialize)]
struct AskedPages {
    purpose: Option<String>,
}

/// What makes a PDF for one look: of a session's token, an id and a purpose.
type Make = fn(&Headquarters, Option<&str>, &str, Option<&str>) -> Result<Vec<u8>, BoundaryError>;

async fn pages(
    make: Make,
    State(site): State<Site>,
    Path(id): Path<String>,
    Query(asked): Query<AskedPages>,
    headers: HeaderMap,
) -> Response {
    let token = token(&headers);
    let made =
        off_thread(move || make(&site.hq, token.as_deref(), &id, asked.purpose.as_deref())).await;
    let headers = [
        (header::CONTENT_TYPE, "application/pdf"),
        (header::CONTENT_DISPOSITION, "inline"),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    match made {
        Ok(Ok(pdf)) => (StatusCode::OK, headers, pdf).into_response(),
        Ok(Err(error)) => boundary(&error),
        Err(error) => crashed(&error),
    }
}

async fn send(opened: OpenedFile, range: Option<&str>) -> Response {
    let total = opened.size_bytes;
    let wanted = match range.map(|range| parse_range(range, total)) {
        Some(Wanted::Outside) => {
            let headers = [(header::CONTENT_RANGE, format!("bytes */{total}"))];
            return (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response();
        }
        Some(Wanted::Part { first, last }) => Some((first, last)),
        Some(Wanted::Everything) | None => None,
    };
    let (first, length) = match wanted {
        Some((first, last)) => (first, last - first + 1),
        None => (0, total),
    };
    let file = match tokio::fs::File::open(&opened.path).await {
        Ok(mut file) => file
            .seek(std::io::SeekFrom::Start(first))
            .await
            .map(|_| file),
        Err(error) => Err(error),
    };
    let file = match file {
        Ok(file) => file,
        Err(source) => {
            return super::failure(crate::Failure::File {
                path: opened.path,
                source,
            });
        }
    };
    let body = Body::from_stream(ReaderStream::new(file.take(length)));
    let is_shown = SHOWN.contains(&opened.media_type.as_str());
    let media_type = if is_shown {
        opened.media_type.as_str()
    } else {
        "application/octet-stream"
    };
    let disposition = match is_shown {
        true => "inline".to_owned(),
        false => format!("attachment; filename=\"{}\"", opened.sha256),
    };
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_LENGTH, length.to_string()),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    match wanted {
        Some((first, last)) => {
            let part = [(
                header::CONTENT_RANGE,
                format!("bytes {first}-{last}/{total}"),
            )];
            (StatusCode::PARTIAL_CONTENT, headers, part, body).into_response()
        }
        None => (StatusCode::OK, headers, body).into_response(),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    Everything,
    Part { first: u64, last: u64 },
    Outside,
}

/// One range; several at once or nonsense ask for everything, as RFC 9110 allows.
fn parse_range(text: &str, total: u64) -> Wanted {
    let Some((first, last)) = text
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
    else {
        return Wanted::Everything;
    };
    let (first, last) = match (first.trim(), last.trim()) {
        ("", suffix) => match suffix.parse::<u64>() {
            Ok(0) => return Wanted::Outside,
            Ok(suffix) => (total.saturating_sub(suffix), total.saturating_sub(1)),
            Err(_) => return Wanted::Everything,
        },
        (first, last) => match (first.parse::<u64>(), last.parse::<u64>()) {
            (Ok(first), Ok(last)) if first <= last => (first, last.min(total.saturating_sub(1))),
            (Ok(first), Err(_)) if last.is_empty() => (first, total.saturating_sub(1)),
            _ => return Wanted::Everything,
        },
    };
    if first >= total {
        Wanted::Outside
    } else {
        Wanted::Part { first, last }
    }
}

#[cfg(test)]
mod tests {
    use super::{Wanted, parse_range};

    #[test]
    fn ranges_are_read_as_browsers_send_them() {
        let part = |first, last| Wanted::Part { first, last };
        for (text, wanted) in [
            ("bytes=0-", part(0, 99)),
            ("bytes=0-0", part(0, 0)),
            ("bytes=10-19", part(10, 19)),
            ("bytes=90-500", part(90, 99)),
            ("bytes=-5", part(95, 99)),
            ("bytes=-500", part(0, 99)),
            ("bytes=100-", Wanted::Outside),
            ("bytes=-0", Wanted::Outside),
            ("bytes=5-4", Wanted::Everything),
            ("bytes=0-1,5-6", Wanted::Everything),
            ("lines=1-2", Wanted::Everything),
            ("bytes=a-b", Wanted::Everything),
        ] {
            assert_eq!(parse_range(text, 100), wanted, "{text}");
        }
        assert_eq!(parse_range("bytes=0-", 0), Wanted::Outside);
    }
}
