//! Servers that answer every request by a function of the test, for what no Confluence would answer.

use std::io::{Read, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

/// A server on a loopback port, and the heads of the requests it got.
pub struct Canned {
    pub url: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Canned {
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    pub fn asked(&self) -> usize {
        self.heads.lock().unwrap().len()
    }
}

/// Answers with the bytes that `answer` makes of the number of a request, from 0, and of its head.
pub fn canned(answer: impl Fn(usize, &str) -> String + Send + 'static) -> Canned {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let heads = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&heads);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let head = head_of(&mut stream);
            if head.is_empty() {
                continue;
            }
            let number = kept.lock().unwrap().len();
            kept.lock().unwrap().push(head.clone());
            let _ = stream.write_all(answer(number, &head).as_bytes());
        }
    });
    Canned { url, heads }
}

pub fn head_of(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// An answer; `more` are further headers, each with its line end.
pub fn http(status: &str, kind: &str, more: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n{more}\r\n{body}",
        body.len()
    )
}

pub fn json(body: &str) -> String {
    http("200 OK", "application/json", "", body)
}
