//! Who may come in over loopback.
//!
//! Other programs and web pages on this machine can reach the port too. So: the `Host` header must name this machine
//! (a foreign name that resolves to 127.0.0.1 is refused), a page of another origin cannot post, and everything needs
//! the session cookie that the one-time token bought.

use std::net::SocketAddr;
use std::sync::Mutex;

use axum::http::header::{COOKIE, HOST, ORIGIN, REFERER};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use contract::Surface;

const PARTY_PAGE: &str = "/party.html";

pub(super) struct Door {
    port: u16,
    /// Browsers share cookies between the ports of a host, so that each terminal needs its own name.
    cookie_name: String,
    printed_token: String,
    /// Absent once used.
    token: Mutex<Option<String>>,
    session: String,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    Granted(Surface),
    /// The token was right and is spent; `cookie` opens the session.
    Token {
        cookie: String,
    },
    Refused {
        status: StatusCode,
        reason: &'static str,
    },
}

impl Door {
    pub(super) fn new(address: SocketAddr) -> Self {
        let token = secret();
        Door {
            port: address.port(),
            cookie_name: format!("sanxiang_session_{}", address.port()),
            printed_token: token.clone(),
            token: Mutex::new(Some(token)),
            session: secret(),
        }
    }

    pub(super) fn token(&self) -> &str {
        &self.printed_token
    }

    pub(super) fn admit(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Entry {
        if !self.is_this_machine(headers) {
            return refused(
                StatusCode::MISDIRECTED_REQUEST,
                "the address is not this machine",
            );
        }
        let is_read = method == Method::GET || method == Method::HEAD;
        if !is_read && !self.is_our_origin(headers) {
            return refused(StatusCode::FORBIDDEN, "the request comes from another page");
        }
        if let Some(offered) = is_read.then(|| token_in(uri)).flatten() {
            return self.take_token(offered);
        }
        if !self.has_session(headers) {
            return refused(
                StatusCode::UNAUTHORIZED,
                "open the address that was printed at the start",
            );
        }
        Entry::Granted(self.surface(headers))
    }

    fn take_token(&self, offered: &str) -> Entry {
        let mut token = self
            .token
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if token
            .as_deref()
            .is_some_and(|token| is_same(token, offered))
        {
            *token = None;
            let (name, session) = (&self.cookie_name, &self.session);
            return Entry::Token {
                cookie: format!("{name}={session}; Path=/; HttpOnly; SameSite=Strict"),
            };
        }
        refused(
            StatusCode::UNAUTHORIZED,
            "the token was used before or is not ours; start the terminal again",
        )
    }

    fn has_session(&self, headers: &HeaderMap) -> bool {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .any(|(name, value)| name == self.cookie_name && is_same(value, &self.session))
    }

    fn is_this_machine(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        hosts.next().is_none() && host.is_some_and(|host| self.is_our_authority(host))
    }

    /// True without an `Origin`: then it is no browser, and the cookie alone decides.
    fn is_our_origin(&self, headers: &HeaderMap) -> bool {
        headers.get(ORIGIN).is_none_or(|origin| {
            let origin = origin
                .to_str()
                .ok()
                .and_then(|origin| origin.strip_prefix("http://"));
            origin.is_some_and(|origin| self.is_our_authority(origin))
        })
    }

    fn is_our_authority(&self, authority: &str) -> bool {
        authority.rsplit_once(':').is_some_and(|(name, port)| {
            matches!(name, "127.0.0.1" | "localhost" | "[::1]") && port.parse() == Ok(self.port)
        })
    }

    /// The officer's surface for the officer's page, the party's for all a browser does not vouch for.
    fn surface(&self, headers: &HeaderMap) -> Surface {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let page = text(REFERER.as_str())
            .and_then(|referer| referer.strip_prefix("http://"))
            .and_then(|referer| referer.split_once('/'))
            .filter(|(authority, _)| self.is_our_authority(authority))
            .map(|(_, path)| path.split(['?', '#']).next().unwrap_or_default());
        let is_page_load = text("sec-fetch-mode").is_none_or(|mode| mode == "navigate");
        match page {
            Some(path) if format!("/{path}") == PARTY_PAGE => Surface::Party,
            Some(_) => Surface::Officer,
            None if is_page_load => Surface::Officer,
            None => Surface::Party,
        }
    }
}

fn refused(status: StatusCode, reason: &'static str) -> Entry {
    Entry::Refused { status, reason }
}

fn token_in(uri: &Uri) -> Option<&str> {
    uri.query()?
        .split('&')
        .find_map(|pair| pair.strip_prefix("token="))
}

fn secret() -> String {
    journal::random::<32>()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Takes the same time wherever the first difference stands.
fn is_same(left: &str, right: &str) -> bool {
    left.len() == right.len()
        && left
            .bytes()
            .zip(right.bytes())
            .fold(0, |seen, (l, r)| seen | (l ^ r))
            == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    fn door() -> Door {
        Door::new("127.0.0.1:4001".parse().unwrap())
    }

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (HeaderName::try_from(*name).unwrap(), value.parse().unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    fn admit(door: &Door, method: Method, path: &str, pairs: &[(&str, &str)]) -> Entry {
        let session = format!("a=b; {}={}", door.cookie_name, door.session);
        let mut all = vec![("cookie", session.as_str())];
        if !pairs.iter().any(|(name, _)| *name == "host") {
            all.push(("host", "127.0.0.1:4001"));
        }
        all.extend_from_slice(pairs);
        door.admit(&method, &path.parse().unwrap(), &headers(&all))
    }

    #[test]
    fn the_token_opens_once() {
        let door = door();
        let address = format!("/?token={}", door.token());
        let here = headers(&[("host", "localhost:4001")]);
        let first = door.admit(&Method::GET, &address.parse().unwrap(), &here);
        let Entry::Token { cookie } = first else {
            panic!("{first:?}")
        };
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"));

        let second = door.admit(&Method::GET, &address.parse().unwrap(), &here);
        assert!(
            matches!(
                second,
                Entry::Refused {
                    status: StatusCode::UNAUTHORIZED,
                    ..
                }
            ),
            "{second:?}"
        );

        let session = cookie.split(';').next().unwrap().to_owned();
        let inside = headers(&[("host", "localhost:4001"), ("cookie", &session)]);
        assert_eq!(
            door.admit(&Method::GET, &"/".parse().unwrap(), &inside),
            Entry::Granted(Surface::Officer)
        );
    }

    #[test]
    fn a_wrong_token_does_not_spend_the_right_one() {
        let door = door();
        let here = headers(&[("host", "127.0.0.1:4001")]);
        let wrong = door.admit(&Method::GET, &"/?token=00".parse().unwrap(), &here);
        assert!(matches!(wrong, Entry::Refused { .. }));
        let right = format!("/?token={}", door.token());
        assert!(matches!(
            door.admit(&Method::GET, &right.parse().unwrap(), &here),
            Entry::Token { .. }
        ));
    }

    #[test]
    fn without_the_cookie_nothing_is_answered() {
        let door = door();
        for cookie in [
            "",
            "sanxiang_session_4001=",
            "sanxiang_session_4001=00",
            "other=1",
        ] {
            let entry = door.admit(
                &Method::POST,
                &"/rpc/start_state".parse().unwrap(),
                &headers(&[("host", "127.0.0.1:4001"), ("cookie", cookie)]),
            );
            assert!(
                matches!(
                    entry,
                    Entry::Refused {
                        status: StatusCode::UNAUTHORIZED,
                        ..
                    }
                ),
                "{cookie}"
            );
        }
    }

    #[test]
    fn a_foreign_name_for_this_machine_is_refused() {
        let door = door();
        for host in [
            "evil.example:4001",
            "127.0.0.1",
            "127.0.0.1:4002",
            "127.0.0.1.evil.example:4001",
            "",
        ] {
            let entry = admit(&door, Method::GET, "/", &[("host", host)]);
            assert!(
                matches!(
                    entry,
                    Entry::Refused {
                        status: StatusCode::MISDIRECTED_REQUEST,
                        ..
                    }
                ),
                "{host}"
            );
        }
    }

    #[test]
    fn a_page_of_another_origin_cannot_post() {
        let door = door();
        for origin in [
            "https://evil.example",
            "null",
            "http://127.0.0.1:9",
            "https://127.0.0.1:4001",
        ] {
            let entry = admit(&door, Method::POST, "/rpc/lock", &[("origin", origin)]);
            assert!(
                matches!(
                    entry,
                    Entry::Refused {
                        status: StatusCode::FORBIDDEN,
                        ..
                    }
                ),
                "{origin}"
            );
        }
        let ours = [
            ("origin", "http://127.0.0.1:4001"),
            ("referer", "http://127.0.0.1:4001/"),
        ];
        assert_eq!(
            admit(&door, Method::POST, "/rpc/lock", &ours),
            Entry::Granted(Surface::Officer)
        );
    }

    #[test]
    fn the_page_decides_the_surface_and_doubt_narrows_it() {
        let door = door();
        let check = |pairs: &[(&str, &str)], expected| {
            assert_eq!(
                admit(&door, Method::POST, "/rpc/badge", pairs),
                Entry::Granted(expected),
                "{pairs:?}"
            );
        };
        let cors = ("sec-fetch-mode", "cors");
        check(
            &[("referer", "http://127.0.0.1:4001/"), cors],
            Surface::Officer,
        );
        check(
            &[("referer", "http://localhost:4001/index.html#/cases"), cors],
            Surface::Officer,
        );
        check(
            &[("referer", "http://127.0.0.1:4001/party.html"), cors],
            Surface::Party,
        );
        check(
            &[("referer", "http://127.0.0.1:4001/party.html?x=1"), cors],
            Surface::Party,
        );
        check(&[("referer", "http://evil.example/"), cors], Surface::Party);
        check(&[cors], Surface::Party);
        check(&[("sec-fetch-mode", "navigate")], Surface::Officer);
        check(&[], Surface::Officer);
    }
}
