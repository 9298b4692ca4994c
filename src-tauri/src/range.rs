//! One byte range of a stream, as RFC 9110 writes it.

use casebook::{Range, StreamAnswer, Terminal};
use contract::{BoundaryError, Code, Surface};
use tauri::http::header::{ACCEPT_RANGES, CACHE_CONTROL, CONTENT_RANGE, CONTENT_TYPE, HeaderValue};
use tauri::http::{Response, StatusCode};

/// The most that is gathered for a reader who does not ask in ranges.
const LARGEST_WHOLE_BYTES: u64 = 256 << 20;

/// Reads `bytes=first-` or `bytes=first-last`. Anything else, several ranges and suffixes among it, is answered with
/// the whole stream, which the standard allows.
pub(crate) fn parse(header: Option<&HeaderValue>) -> Range {
    let (first, last) = header?
        .to_str()
        .ok()?
        .strip_prefix("bytes=")?
        .split_once('-')?;
    let first = first.trim().parse().ok()?;
    let last = match last.trim() {
        "" => None,
        last => Some(last.parse().ok().filter(|last| *last >= first)?),
    };
    Some((first, last))
}

/// A stream by its path: the piece that was asked for, or the whole of it.
pub(crate) fn read(
    terminal: &Terminal,
    surface: Surface,
    path: &str,
    asked: Range,
) -> Result<Response<Vec<u8>>, BoundaryError> {
    let mut answer = terminal.stream(surface, path, asked)?;
    if asked.is_none() {
        if answer.total > LARGEST_WHOLE_BYTES {
            return Err(BoundaryError::new(Code::TooLarge).with("limit_bytes", LARGEST_WHOLE_BYTES));
        }
        // The core answers in pieces of bounded size.
        while (answer.bytes.len() as u64) < answer.total {
            let next = terminal.stream(surface, path, Some((answer.bytes.len() as u64, None)))?;
            if next.bytes.is_empty() {
                return Err(
                    BoundaryError::new(Code::Failure).with("reason", "the stream ended early")
                );
            }
            answer.bytes.extend_from_slice(&next.bytes);
        }
    }
    Ok(respond(answer, asked))
}

/// Partial when a range was asked for.
fn respond(answer: StreamAnswer, asked: Range) -> Response<Vec<u8>> {
    let StreamAnswer {
        media_type,
        total,
        start,
        bytes,
    } = answer;
    let mut response = Response::new(Vec::new());
    let headers = response.headers_mut();
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        "x-content-type-options",
        HeaderValue::from_static("nosniff"),
    );
    if let Ok(media_type) = HeaderValue::from_str(&media_type) {
        headers.insert(CONTENT_TYPE, media_type);
    }
    if asked.is_none() {
        *response.body_mut() = bytes;
        return response;
    }
    let sent = bytes.len() as u64;
    let content_range = if sent == 0 {
        format!("bytes */{total}")
    } else {
        format!("bytes {start}-{}/{total}", start.saturating_add(sent) - 1)
    };
    if let Ok(content_range) = HeaderValue::from_str(&content_range) {
        headers.insert(CONTENT_RANGE, content_range);
    }
    *response.status_mut() = if sent == 0 {
        StatusCode::RANGE_NOT_SATISFIABLE
    } else {
        StatusCode::PARTIAL_CONTENT
    };
    *response.body_mut() = bytes;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_single_plain_range_is_taken() {
        let check = |text: &'static str, expected| {
            assert_eq!(
                parse(Some(&HeaderValue::from_static(text))),
                expected,
                "{text}"
            );
        };
        check("bytes=0-", Some((0, None)));
        check("bytes=10-19", Some((10, Some(19))));
        check("bytes=5-5", Some((5, Some(5))));
        check("bytes=19-10", None);
        check("bytes=-500", None);
        check("bytes=0-1,5-6", None);
        check("items=0-1", None);
        check("bytes=99999999999999999999-", None);
        assert_eq!(parse(None), None);
    }

    #[test]
    fn a_part_says_where_it_stands_in_the_whole() {
        let part = |start, bytes: &[u8]| {
            let answer = StreamAnswer {
                media_type: "video/mp4".into(),
                total: 10,
                start,
                bytes: bytes.to_vec(),
            };
            respond(answer, Some((start, None)))
        };
        let response = part(7, b"hij");
        assert_eq!(response.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(
            response.headers().get(CONTENT_RANGE).unwrap(),
            "bytes 7-9/10"
        );

        let past_the_end = part(10, b"");
        assert_eq!(past_the_end.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(
            past_the_end.headers().get(CONTENT_RANGE).unwrap(),
            "bytes */10"
        );
    }
}
