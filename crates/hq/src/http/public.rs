//! What anyone may ask: badges, papers, portraits, the checkpoint.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use contract::{BoundaryError, Code, Surface};
use journal::Hash;
use serde::Deserialize;

use super::{Site, boundary, crashed, failure, json, off_thread, whole};
use crate::contract::public::{CheckDocument, Handlers, route};
use crate::failure::Failure;
use crate::public::PublicCall;

const RPC_BYTES_MAX: usize = 8 * 1024;

pub fn routes() -> Router<Site> {
    Router::new()
        .route("/public/rpc/{name}", post(rpc))
        .route("/public/badge", post(badge))
        .route("/public/document/{id}", get(document))
        .route("/public/portrait/{sha256}", get(portrait))
        .route("/log/checkpoint", get(checkpoint))
        .route("/log/inclusion/{n}", get(inclusion))
        .route("/log/consistency/{old}", get(consistency))
}

async fn rpc(site: State<Site>, Path(name): Path<String>, request: Request<Body>) -> Response {
    call(site, name, request).await
}

async fn badge(site: State<Site>, request: Request<Body>) -> Response {
    call(site, "badge".to_owned(), request).await
}

async fn call(State(site): State<Site>, name: String, request: Request<Body>) -> Response {
    let Some(payload) = whole(request.into_body(), RPC_BYTES_MAX).await else {
        return boundary(&BoundaryError::new(Code::TooLarge));
    };
    let answered =
        off_thread(move || route(&PublicCall(&site.hq), Surface::Public, &name, &payload)).await;
    match answered {
        Ok(Ok(bytes)) => json(bytes),
        Ok(Err(error)) => boundary(&error),
        Err(error) => crashed(&error),
    }
}

#[derive(Deserialize)]
struct Content {
    sha: Option<String>,
}

async fn document(
    State(site): State<Site>,
    Path(id): Path<String>,
    Query(content): Query<Content>,
) -> Response {
    let asked = CheckDocument {
        id,
        sha256: content.sha,
    };
    match off_thread(move || PublicCall(&site.hq).document(asked)).await {
        Ok(Ok(answer)) => axum::Json(answer).into_response(),
        Ok(Err(error)) => boundary(&error),
        Err(error) => crashed(&error),
    }
}

async fn portrait(State(site): State<Site>, Path(sha256): Path<String>) -> Response {
    let missing = || boundary(&BoundaryError::new(Code::NotFound).with("what", "portrait"));
    let Ok(sha256) = sha256.parse::<Hash>() else {
        return missing();
    };
    match off_thread(move || site.hq.published(&sha256)).await {
        Ok(Ok(Some((what, media_type, bytes)))) if what == "portrait" => {
            let headers = [
                (header::CONTENT_TYPE, media_type),
                (
                    header::CACHE_CONTROL,
                    "public, max-age=86400, immutable".to_owned(),
                ),
            ];
            (headers, bytes).into_response()
        }
        Ok(Ok(_)) => missing(),
        Ok(Err(error)) => failure(error),
        Err(error) => crashed(&error),
    }
}

async fn checkpoint(State(site): State<Site>) -> Response {
    text(off_thread(move || site.hq.checkpoint().map(Some)).await)
}

async fn inclusion(State(site): State<Site>, Path(n): Path<u64>) -> Response {
    let proof = off_thread(move || {
        let found = site.hq.inclusion(n)?;
        Ok(found.map(|(leaf, path)| format!("{leaf}\n{}", lines(&path))))
    });
    text(proof.await)
}

async fn consistency(State(site): State<Site>, Path(old): Path<u64>) -> Response {
    text(off_thread(move || Ok(site.hq.consistency(old)?.map(|path| lines(&path)))).await)
}

fn lines(path: &[Hash]) -> String {
    path.iter().map(|hash| format!("{hash}\n")).collect()
}

fn text(answered: Result<Result<Option<String>, Failure>, tokio::task::JoinError>) -> Response {
    match answered {
        Ok(Ok(Some(text))) => {
            ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
        }
        Ok(Ok(None)) => boundary(&BoundaryError::new(Code::NotFound)),
        Ok(Err(error)) => failure(error),
        Err(error) => crashed(&error),
    }
}
