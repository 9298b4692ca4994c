//! What several parts print, and who answers them.

use std::io::{Read, Write};
use std::net::TcpListener;

use devices::printing::Raster;

/// Text-like rows with blank rows between them, and bytes that look like commands; 80 mm wide.
pub fn ticket(height: usize) -> Raster {
    let width = 576;
    let stride = width / 8;
    let rows = (0..stride * height)
        .map(|at| match (at / stride % 30, at % stride) {
            (0..=6, _) => 0,
            (7, 0) => 0x10,
            (7, 1) => 0x0c,
            (7, 2) => 0x02,
            (row, column) => (row * 37 + column * 11) as u8 | 0x40,
        })
        .collect();
    Raster {
        width: width as u32,
        height: height as u32,
        rows,
    }
}

/// Answers this many questions over IPP with these bytes, whatever was asked. Where it listens.
pub fn answering(times: usize, content_type: &'static str, body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for _ in 0..times {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let mut bytes = [0; 4_096];
            // The end of the attributes is the end of a request without document, sent in one piece or in chunks. A
            // connection closed before that would be one that broke.
            while request.last() != Some(&3) && !request.ends_with(b"\r\n0\r\n\r\n") {
                match stream.read(&mut bytes) {
                    Ok(0) | Err(_) => return,
                    Ok(length) => request.extend_from_slice(&bytes[..length]),
                }
            }
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            stream.write_all(head.as_bytes()).unwrap();
            stream.write_all(&body).unwrap();
        }
    });
    at.to_string()
}
