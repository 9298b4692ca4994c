//! A browser as far as journeys need one: plain HTTP to headquarters, with a cookie.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::Failed;

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(found, _)| found == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Result<Value, Failed> {
        Ok(serde_json::from_slice(&self.body)?)
    }
}

/// One person in front of one browser.
pub struct Browser {
    address: String,
    cookie: Option<String>,
}

impl Browser {
    /// `address` is `host:port`.
    pub fn at(address: &str) -> Self {
        Browser {
            address: address.to_owned(),
            cookie: None,
        }
    }

    pub fn get(&mut self, path: &str) -> Result<Answer, Failed> {
        self.send("GET", path, "", &[])
    }

    pub fn get_range(&mut self, path: &str, range: &str) -> Result<Answer, Failed> {
        self.send("GET", path, &format!("Range: {range}\r\n"), &[])
    }

    pub fn post(&mut self, path: &str, payload: &Value) -> Result<Answer, Failed> {
        self.send(
            "POST",
            path,
            "Content-Type: application/json\r\n",
            payload.to_string().as_bytes(),
        )
    }

    /// A command that is expected to work.
    pub fn ask(&mut self, path: &str, payload: &Value) -> Result<Value, Failed> {
        let answer = self.post(path, payload)?;
        match answer.status {
            200 => answer.json(),
            status => {
                Err(format!("{path}: {status} {}", String::from_utf8_lossy(&answer.body)).into())
            }
        }
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        more: &str,
        body: &[u8],
    ) -> Result<Answer, Failed> {
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let cookie = self
            .cookie
            .as_ref()
            .map(|cookie| format!("Cookie: {cookie}\r\n"))
            .unwrap_or_default();
        let head = format!(
            "{method} /{} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n{more}{cookie}\r\n",
            path.trim_start_matches('/'),
            self.address,
            body.len()
        );
        // Who is refused early may find the line broken before all was sent. What was said until then counts.
        let sent = stream.write_all(&[head.as_bytes(), body].concat());
        let mut bytes = Vec::new();
        let read = stream.read_to_end(&mut bytes);
        if bytes.is_empty() {
            sent?;
            read?;
        }
        let answer = parse(&bytes)?;
        if let Some(cookie) = answer.header("set-cookie") {
            self.cookie = cookie.split(';').next().map(str::to_owned);
        }
        Ok(answer)
    }
}

fn parse(bytes: &[u8]) -> Result<Answer, Failed> {
    let end = bytes
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .ok_or("no end of the headers")?;
    let (head, rest) = bytes.split_at_checked(end).ok_or("no headers")?;
    let head = std::str::from_utf8(head)?;
    let mut lines = head.lines();
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .ok_or("no status")?
        .parse()?;
    let headers: Vec<_> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let body = rest.get(4..).unwrap_or_default().to_vec();
    if headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value == "chunked")
    {
        return Err("a chunked answer".into());
    }
    if let Some((_, length)) = headers.iter().find(|(name, _)| name == "content-length")
        && length.parse::<usize>()? != body.len()
    {
        return Err(format!("the answer broke off at {} of {length} bytes", body.len()).into());
    }
    Ok(Answer {
        status,
        headers,
        body,
    })
}
