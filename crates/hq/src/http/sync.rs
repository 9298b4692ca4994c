//! The sync protocol, version 1; see `sync/PROTOCOL.md`.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use journal::Hash;
use serde::Deserialize;
use sync::protocol::header as names;
use sync::protocol::{
    APPEND_BYTES_MAX, EnrolRequest, FRAMES_TYPE, MEDIA_PATCH_BYTES_MAX, MEDIA_PATCH_TYPE,
    NOTE_TYPE, Reason, Rejection, TUS_VERSION, path,
};

use super::{Site, off_thread, text_of, whole};
use crate::failure::causes;
use crate::intake::SignedRequest;
use crate::media::{Created, Patched};
use crate::refused::Refused;
use crate::store::terminals::Terminal;

const ENROL_BYTES_MAX: usize = 16 * 1024;
const BUSY_RETRY_S: &str = "2";

pub fn routes() -> Router<Site> {
    Router::new()
        .route(path::ENROL, post(enrol))
        .route("/sync/v1/journal/{writer}/{epoch}/head", get(head))
        .route("/sync/v1/journal/{writer}/{epoch}/append", post(append))
        .route(path::MEDIA, post(create).options(options))
        .route(
            "/sync/v1/media/{sha256}",
            axum::routing::head(offset).patch(patch).options(options),
        )
        .route("/sync/v1/media/{sha256}/receipt", get(media_receipt))
        .route("/sync/v1/down", get(down))
        .route("/sync/v1/object/{sha256}", get(object))
}

type Answer = Result<Response, Refused>;

/// A request whose body arrived whole, not yet known to come from a terminal of ours.
struct Arrived {
    method: String,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Arrived {
    async fn read(request: Request<Body>, limit: usize) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let path = parts
            .uri
            .path_and_query()
            .map(ToString::to_string)
            .unwrap_or_default();
        let body = whole(body, limit)
            .await
            .ok_or_else(|| Refused::new(Reason::TooLarge, "the body is too long or broke off"))?;
        Ok(Self {
            method: parts.method.to_string(),
            path,
            headers: parts.headers,
            body,
        })
    }

    fn header(&self, name: &str) -> Option<&str> {
        text_of(&self.headers, name)
    }

    fn number(&self, name: &str) -> Result<u64, Refused> {
        self.header(name)
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| {
                Refused::new(Reason::Malformed, format!("{name} is missing or no number"))
            })
    }

    fn terminal(&self, site: &Site) -> Result<Terminal, Refused> {
        let authorization = self
            .header("authorization")
            .ok_or_else(|| Refused::new(Reason::Malformed, "the request is not signed"))?;
        site.hq.authenticate(&SignedRequest {
            authorization,
            method: &self.method,
            path: &self.path,
            body_hash: Hash::of(&self.body),
        })
    }
}

/// Reads the body, finds out whose request it is, and does the work off the network's threads.
async fn signed(
    site: Site,
    request: Request<Body>,
    limit: usize,
    work: impl FnOnce(&Site, &Terminal, &Arrived) -> Answer + Send + 'static,
) -> Response {
    let arrived = match Arrived::read(request, limit).await {
        Ok(arrived) => arrived,
        Err(refused) => return refusal(refused),
    };
    let answered = off_thread(move || {
        let terminal = arrived.terminal(&site)?;
        work(&site, &terminal, &arrived)
    })
    .await;
    match answered {
        Ok(Ok(response)) => response,
        Ok(Err(refused)) => refusal(refused),
        Err(error) => {
            tracing::error!(%error, "a request ended in a panic");
            rejection(&Rejection::new(Reason::Internal, "headquarters failed"))
        }
    }
}

fn refusal(refused: Refused) -> Response {
    match refused {
        Refused::Rejected(rejected) => rejection(&rejected),
        Refused::OtherHead(head) => (StatusCode::CONFLICT, axum::Json(head)).into_response(),
        Refused::OtherOffset(offset) => {
            let mut response = rejection(&Rejection::new(Reason::Offset, "the offset is another"));
            response
                .headers_mut()
                .insert(names::UPLOAD_OFFSET, HeaderValue::from(offset));
            response
        }
        Refused::Failed(failure) => {
            tracing::error!(causes = causes(&failure), "a sync request failed");
            rejection(&Rejection::new(Reason::Internal, "headquarters failed"))
        }
    }
}

fn rejection(rejection: &Rejection) -> Response {
    let status = StatusCode::from_u16(rejection.reason.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = (status, axum::Json(rejection)).into_response();
    let headers = response.headers_mut();
    headers.insert(names::TUS_RESUMABLE, HeaderValue::from_static(TUS_VERSION));
    if rejection.reason == Reason::Busy {
        headers.insert(names::RETRY_AFTER, HeaderValue::from_static(BUSY_RETRY_S));
    }
    response
}

fn note(text: String) -> Response {
    ([(header::CONTENT_TYPE, NOTE_TYPE)], text).into_response()
}

async fn enrol(State(site): State<Site>, request: Request<Body>) -> Response {
    let arrived = match Arrived::read(request, ENROL_BYTES_MAX).await {
        Ok(arrived) => arrived,
        Err(refused) => return refusal(refused),
    };
    let answered = off_thread(move || {
        let request: EnrolRequest = serde_json::from_slice(&arrived.body)
            .map_err(|error| Refused::new(Reason::Malformed, error.to_string()))?;
        site.hq.enrol(&request)
    })
    .await;
    match answered {
        Ok(Ok(text)) => note(text),
        Ok(Err(refused)) => refusal(refused),
        Err(_) => rejection(&Rejection::new(Reason::Internal, "headquarters failed")),
    }
}

async fn head(
    State(site): State<Site>,
    Path((writer, epoch)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    signed(site, request, 0, move |site, terminal, _| {
        let answer = site.hq.head(terminal, &writer, epoch_of(&epoch)?)?;
        Ok(axum::Json(answer).into_response())
    })
    .await
}

async fn append(
    State(site): State<Site>,
    Path((writer, epoch)): Path<(String, String)>,
    request: Request<Body>,
) -> Response {
    signed(
        site,
        request,
        APPEND_BYTES_MAX,
        move |site, terminal, arrived| {
            let base = arrived
                .header(names::BASE_IDX)
                .zip(arrived.header(names::BASE_HASH))
                .and_then(|(idx, hash)| names::read_base(idx, hash))
                .ok_or_else(|| Refused::new(Reason::Malformed, "the base is missing"))?;
            let series = (writer.as_str(), epoch_of(&epoch)?);
            site.hq
                .append(terminal, series, base, &arrived.body)
                .map(note)
        },
    )
    .await
}

fn epoch_of(text: &str) -> Result<u32, Refused> {
    text.parse()
        .map_err(|_| Refused::new(Reason::NotFound, "no such epoch"))
}

fn hash_of(text: &str) -> Result<Hash, Refused> {
    text.parse()
        .map_err(|_| Refused::new(Reason::NotFound, "no such file"))
}

fn tus(status: StatusCode) -> Response {
    let mut response = status.into_response();
    let headers = response.headers_mut();
    headers.insert(names::TUS_RESUMABLE, HeaderValue::from_static(TUS_VERSION));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn options() -> Response {
    let mut response = tus(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert("tus-version", HeaderValue::from_static(TUS_VERSION));
    headers.insert("tus-extension", HeaderValue::from_static("creation"));
    headers.insert(
        "tus-max-size",
        HeaderValue::from(crate::media::FILE_BYTES_MAX),
    );
    response
}

async fn create(State(site): State<Site>, request: Request<Body>) -> Response {
    signed(site, request, 0, |site, terminal, arrived| {
        check_tus(arrived)?;
        let size_bytes = arrived.number(names::UPLOAD_LENGTH)?;
        let (sha256, media_type) = arrived
            .header(names::UPLOAD_METADATA)
            .and_then(names::read_metadata)
            .ok_or_else(|| Refused::new(Reason::Malformed, "the metadata name no hash"))?;
        let media_type = media_type.unwrap_or_default();
        let created = site
            .hq
            .create_upload(terminal, sha256, size_bytes, &media_type)?;
        let mut response = match &created {
            Created::Begun => tus(StatusCode::CREATED),
            Created::Here(_) => tus(StatusCode::OK),
        };
        let headers = response.headers_mut();
        if let Ok(place) = HeaderValue::from_str(&path::media(&sha256)) {
            headers.insert(header::LOCATION, place);
        }
        if let Created::Here(receipt) = &created {
            headers.insert(names::COMPLETE, HeaderValue::from_static("1"));
            put_receipt(headers, receipt);
        }
        Ok(response)
    })
    .await
}

fn check_tus(arrived: &Arrived) -> Result<(), Refused> {
    if arrived.header(names::TUS_RESUMABLE) == Some(TUS_VERSION) {
        return Ok(());
    }
    Err(Refused::new(
        Reason::Malformed,
        "only tus 1.0.0 is spoken here",
    ))
}

fn put_receipt(headers: &mut HeaderMap, receipt: &str) {
    if let Ok(value) = HeaderValue::from_str(&names::write_note(receipt)) {
        headers.insert(names::RECEIPT, value);
    }
}

async fn offset(
    State(site): State<Site>,
    Path(sha256): Path<String>,
    request: Request<Body>,
) -> Response {
    signed(site, request, 0, move |site, terminal, _| {
        let upload = site.hq.upload(terminal, &hash_of(&sha256)?)?;
        let mut response = tus(StatusCode::OK);
        let headers = response.headers_mut();
        headers.insert(names::UPLOAD_OFFSET, HeaderValue::from(upload.stored_bytes));
        headers.insert(names::UPLOAD_LENGTH, HeaderValue::from(upload.size_bytes));
        Ok(response)
    })
    .await
}

async fn patch(
    State(site): State<Site>,
    Path(sha256): Path<String>,
    request: Request<Body>,
) -> Response {
    signed(
        site,
        request,
        MEDIA_PATCH_BYTES_MAX,
        move |site, terminal, arrived| {
            check_tus(arrived)?;
            if arrived.header("content-type") != Some(MEDIA_PATCH_TYPE) {
                return Err(Refused::new(
                    Reason::Malformed,
                    "a patch is application/offset+octet-stream",
                ));
            }
            let offset = arrived.number(names::UPLOAD_OFFSET)?;
            let Patched { offset, receipt } =
                site.hq
                    .patch_upload(terminal, hash_of(&sha256)?, offset, &arrived.body)?;
            let mut response = tus(StatusCode::NO_CONTENT);
            let headers = response.headers_mut();
            headers.insert(names::UPLOAD_OFFSET, HeaderValue::from(offset));
            if let Some(receipt) = receipt {
                put_receipt(headers, &receipt);
            }
            Ok(response)
        },
    )
    .await
}

async fn media_receipt(
    State(site): State<Site>,
    Path(sha256): Path<String>,
    request: Request<Body>,
) -> Response {
    signed(site, request, 0, move |site, _, _| {
        let receipt = site.hq.media_receipt(&hash_of(&sha256)?)?;
        receipt
            .map(note)
            .ok_or_else(|| Refused::new(Reason::NotFound, "the file is not here yet"))
    })
    .await
}

#[derive(Deserialize)]
struct From {
    from: u64,
}

async fn down(
    State(site): State<Site>,
    query: Result<Query<From>, axum::extract::rejection::QueryRejection>,
    request: Request<Body>,
) -> Response {
    signed(site, request, 0, move |site, terminal, _| {
        let Query(From { from }) =
            query.map_err(|_| Refused::new(Reason::Malformed, "from is missing"))?;
        let down = site.hq.down(terminal, from)?;
        let headers = [
            (header::CONTENT_TYPE.as_str(), FRAMES_TYPE.to_owned()),
            (names::HEAD, names::write_head(down.head)),
        ];
        Ok((headers, down.frames).into_response())
    })
    .await
}

async fn object(
    State(site): State<Site>,
    Path(sha256): Path<String>,
    request: Request<Body>,
) -> Response {
    signed(site, request, 0, move |site, _, _| {
        let (_, media_type, bytes) = site
            .hq
            .published(&hash_of(&sha256)?)?
            .ok_or_else(|| Refused::new(Reason::NotFound, "no such published object"))?;
        Ok(([(header::CONTENT_TYPE, media_type)], bytes).into_response())
    })
    .await
}
