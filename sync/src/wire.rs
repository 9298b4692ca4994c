//! Requests and answers as bytes. The only file that names the HTTP client.

use std::io::{self, Read};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use reqwest::Url;
use reqwest::blocking::Client;
use reqwest::header::HeaderMap;
use reqwest::{Certificate, Method, redirect};

use crate::failure::SyncFailure;

/// How the network is used.
#[derive(Debug, Clone)]
pub struct Http {
    pub connect_timeout: Duration,
    /// For the head of the answer, and for every further piece of its body.
    pub answer_timeout: Duration,
    /// What is sent or received slower than this counts as a dead line.
    pub slowest_bytes_per_s: u64,
    /// Further certificate authorities, PEM, besides those of the operating system.
    pub trusted_roots_pem: Vec<Vec<u8>>,
    /// Whether `http://` may leave this machine. Receipts would still be signed, but records would travel readable.
    pub allows_plain: bool,
}

impl Default for Http {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            answer_timeout: Duration::from_secs(30),
            slowest_bytes_per_s: 8 * 1024,
            trusted_roots_pem: Vec::new(),
            allows_plain: false,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Request {
    pub method: Method,
    /// As it stands in the protocol, query included.
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    pub answer_bytes_max: usize,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body).ok()
    }
}

/// One headquarters address and the client for it.
#[derive(Debug)]
struct Wire {
    base: String,
    client: Client,
    http: Http,
}

impl Wire {
    fn open(address: &str, http: &Http) -> Result<Self, SyncFailure> {
        let url = Url::parse(address).map_err(|_| SyncFailure::Address(address.to_owned()))?;
        let is_encrypted = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(SyncFailure::Address(address.to_owned())),
        };
        let host = url
            .host_str()
            .ok_or_else(|| SyncFailure::Address(address.to_owned()))?;
        if !is_encrypted && !http.allows_plain && !is_this_machine(host) {
            return Err(SyncFailure::Plain(address.to_owned()));
        }
        Ok(Self {
            base: url.as_str().trim_end_matches('/').to_owned(),
            client: client(http, is_encrypted)?,
            http: http.clone(),
        })
    }

    fn call(&self, request: Request) -> Result<Answer, SyncFailure> {
        let url = format!("{}{}", self.base, request.path);
        let url = Url::parse(&url).map_err(|_| SyncFailure::Address(url))?;
        let sent_bytes = request.body.len() as u64;
        let mut call = self.client.request(request.method, url).body(request.body);
        for (name, value) in request.headers {
            call = call.header(name, value);
        }
        if sent_bytes > self.http.slowest_bytes_per_s {
            call = call.timeout(self.patience(sent_bytes));
        }
        let mut response = call
            .send()
            .map_err(|fault| SyncFailure::Unreachable(io::Error::other(fault)))?;
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let body = self.read(&mut response, request.answer_bytes_max)?;
        Ok(Answer {
            status,
            headers,
            body,
        })
    }

    fn read(&self, from: &mut impl Read, bytes_max: usize) -> Result<Vec<u8>, SyncFailure> {
        let begun = Instant::now();
        let mut body = Vec::new();
        let mut piece = vec![0; 64 * 1024];
        loop {
            let count = from.read(&mut piece).map_err(SyncFailure::Unreachable)?;
            let read = piece.get(..count).unwrap_or_default();
            if read.is_empty() {
                return Ok(body);
            }
            if body.len() + read.len() > bytes_max {
                let told = format!("an answer of more than {bytes_max} bytes");
                return Err(SyncFailure::NotHeadquarters(told));
            }
            body.extend_from_slice(read);
            if begun.elapsed() > self.patience(body.len() as u64) {
                return Err(SyncFailure::Unreachable(io::ErrorKind::TimedOut.into()));
            }
        }
    }

    fn patience(&self, bytes: u64) -> Duration {
        let of_bytes = Duration::from_secs(bytes / self.http.slowest_bytes_per_s.max(1));
        self.http.answer_timeout + of_bytes
    }
}

fn is_this_machine(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn client(http: &Http, is_encrypted: bool) -> Result<Client, SyncFailure> {
    // Fails when a provider is installed already; then that one is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = Client::builder()
        .connect_timeout(http.connect_timeout)
        .timeout(http.answer_timeout)
        .redirect(redirect::Policy::none())
        .referer(false)
        .user_agent(concat!("sanxiang/", env!("CARGO_PKG_VERSION")));
    if is_encrypted {
        for pem in &http.trusted_roots_pem {
            let roots = Certificate::from_pem_bundle(pem).map_err(SyncFailure::Client)?;
            builder = builder.tls_certs_merge(roots);
        }
    } else {
        // A machine without any certificate authority can still talk to itself.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(SyncFailure::Client)
}

/// A thread that makes the calls, so that nobody who stops has to wait for a silent network: a call under way is left to
/// run into its timeout, and its answer goes nowhere.
#[derive(Debug)]
pub struct Caller<Outcome> {
    calls: Sender<(String, Request)>,
    outcome: std::marker::PhantomData<fn() -> Outcome>,
}

impl<Outcome: Send + 'static> Caller<Outcome> {
    /// `outcome` wraps what came back for the receiver of `answers`.
    pub fn start(
        http: Http,
        answers: Sender<Outcome>,
        outcome: fn(Result<Answer, SyncFailure>) -> Outcome,
    ) -> Result<Self, SyncFailure> {
        let (calls, to_do) = channel::<(String, Request)>();
        let work = move || {
            let mut wire: Option<(String, Wire)> = None;
            for (address, request) in to_do {
                let is_other = wire.as_ref().is_none_or(|(open, _)| *open != address);
                if is_other {
                    wire = None;
                    match Wire::open(&address, &http) {
                        Ok(opened) => wire = Some((address, opened)),
                        Err(failure) => {
                            if answers.send(outcome(Err(failure))).is_err() {
                                return;
                            }
                            continue;
                        }
                    }
                }
                if let Some((_, wire)) = &wire
                    && answers.send(outcome(wire.call(request))).is_err()
                {
                    return;
                }
            }
        };
        thread::Builder::new()
            .name("sync-http".to_owned())
            .spawn(work)
            .map_err(SyncFailure::Thread)?;
        Ok(Self {
            calls,
            outcome: std::marker::PhantomData,
        })
    }

    /// False when the thread is gone.
    pub fn call(&self, address: String, request: Request) -> bool {
        self.calls.send((address, request)).is_ok()
    }
}

/// One call, waited for. The client lives and dies on a thread of its own, so that this may be called from anywhere.
pub fn call_once(address: &str, http: &Http, request: Request) -> Result<Answer, SyncFailure> {
    let (answers, came) = channel();
    let caller = Caller::start(http.clone(), answers, |outcome| outcome)?;
    caller.call(address.to_owned(), request);
    came.recv().unwrap_or_else(|_| {
        let gone = io::Error::other("the calling thread ended");
        Err(SyncFailure::Thread(gone))
    })
}
