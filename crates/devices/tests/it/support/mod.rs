//! What several parts print, and who answers them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

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

/// Reads a question without document to its end, in one piece or in chunks. A connection closed before that would be one
/// that broke.
fn read_question(stream: &mut TcpStream) -> bool {
    let mut request = Vec::new();
    let mut bytes = [0; 4_096];
    while request.last() != Some(&3) && !request.ends_with(b"\r\n0\r\n\r\n") {
        match stream.read(&mut bytes) {
            Ok(0) | Err(_) => return false,
            Ok(length) => request.extend_from_slice(&bytes[..length]),
        }
    }
    true
}

/// Answers this many questions over IPP with these bytes, whatever was asked. Where it listens.
pub fn answering(times: usize, content_type: &'static str, body: Vec<u8>) -> String {
    answering_in_turn(content_type, vec![body; times])
}

/// Answers one question over IPP after the other. Where it listens.
pub fn answering_in_turn(content_type: &'static str, bodies: Vec<Vec<u8>>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for body in bodies {
            let (mut stream, _) = listener.accept().unwrap();
            if !read_question(&mut stream) {
                return;
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

/// Answers one question over IPP with attributes that go on for up to this many bytes, then ends them properly. Where it
/// listens, and how many bytes it got rid of.
pub fn answering_at_length(most: usize) -> (String, std::sync::mpsc::Receiver<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(read_question(&mut stream));
        // Version 2.0, successful, request 1, printer attributes; then one text of 1,000 letters after the other.
        let mut piece = vec![0x41, 0, 1, b'a', 0x03, 0xe8];
        piece.resize(piece.len() + 1_000, b'x');
        let piece = piece.repeat(16);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nConnection: close\r\n\r\n";
        let begun = [head.as_bytes(), &[2, 0, 0, 0, 0, 0, 0, 1, 4]].concat();
        let mut written = 0;
        let mut is_taken = stream.write_all(&begun).is_ok();
        while is_taken && written < most {
            is_taken = stream.write_all(&piece).is_ok();
            written += piece.len();
        }
        let _ = stream.write_all(&[3]);
        let _ = tell.send(written);
    });
    (at.to_string(), told)
}

/// Answers one question by sending who asks to another address.
pub fn sending_on(to: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let to = to.to_owned();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(read_question(&mut stream));
        let head = format!(
            "HTTP/1.1 302 Found\r\nLocation: http://{to}/ipp/print\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).unwrap();
    });
    at.to_string()
}
