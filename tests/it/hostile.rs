//! Ten thousand malformed and mutated requests: no defect, no panic, nothing hangs.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Method, Request};

use crate::door::Door;

const REQUESTS: u64 = 10_000;

/// SplitMix64: small, seeded, the same everywhere.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

const BODIES: &[&str] = &[
    r#"{"id":"n","text":"Neighbour alleges Mr K kicked the door in. Mum denies any drug use.","kind":"case_note","schemes":["need","incident","intervention"],"limit":20,"min_confidence":0.2,"offset_unit":"utf16","include":["suppressed"],"deadline_ms":250}"#,
    r#"{"fields":{"summary":"Mum is in rent arrears.","detail":"Tyler 😀 is missing school – again."},"include":["suppressed"]}"#,
    r#"{"notes":[{"id":"a","text":"Mum is in rent arrears."},{"text":"Dad used to drink heavily."}]}"#,
    r#"{"text":"&amp;&#x41;<br/><p>Mum&rsquo;s\u00a0flat</p>\r\n- item\r\n* DV: yes \u0000\ufeff"}"#,
    "note=Mum+is+in+rent+arrears.%0D%0AShe%20%E2%80%99s",
    "",
    "{}",
    "null",
];

/// Pieces that break parsers.
const NASTY: &[&str] = &[
    "\\ud800",
    "\\udfff\\ud800",
    "1e999",
    "-0",
    "18446744073709551616",
    "-1",
    "0.1e-400",
    "null",
    "true",
    "[]",
    "{}",
    "\"",
    "\\",
    "\\u",
    "\\x",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "\u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467}",
    ",",
    ":",
    "}",
    "{",
    "]",
    "[",
    "\"text\":",
    "\"fields\":{\"\":\"\"},",
    "\"unknown\":1,",
    "\"text\":null,",
    "NaN",
    "Infinity",
    "//",
    "/*",
    "'",
    "%",
    "%%",
    "%zz",
    "%C0%AF",
    "+",
    "&",
    "=",
    "note=",
    "\r\n",
    "\t",
    "<",
    "&#",
    "&#xFFFFFFFF;",
    "<a ",
    "e\u{301}\u{301}\u{301}",
    "ﬀ",
    "İ",
    "ß",
];

const PATHS: &[&str] = &[
    "/v1/suggest",
    "/v1/suggest",
    "/v1/suggest",
    "/v1/suggest/batch",
    "/v1/suggest/batch",
    "/",
    "/v1/suggest/",
    "//v1/suggest",
    "/v1/%73uggest",
    "/v1/suggest%00",
    "/v1/suggest?text=a",
    "/v1/schemes",
    "/v1/schemes/need",
    "/v1/schemes/%FF%FE",
    "/v1/schemes/..%2f..%2fetc%2fpasswd",
    "/v1/schemes/need/concepts?q=%FF",
    "/v1/schemes/need/concepts?q=%00&limit=1",
    "/v1/schemes/need/concepts?limit=99999999999999999999",
    "/v1/schemes/need/concepts?offset=18446744073709551615&limit=1000",
    "/v1/schemes/need/concepts?q=a&q=b",
    "/v1/schemes/need/concepts?broader=ND01&q=a",
    "/v1/schemes/need/concepts/%F0%9F%98%80",
    "/v1/info",
    "/livez",
    "/readyz",
    "/metrics",
    "/openapi.json",
    "/docs",
    "/accessibility",
    "/assets/casecoder.css",
    "/assets/../Cargo.toml",
    "/favicon.ico",
    "/%2e%2e/%2e%2e",
    "/v1/schemes/{scheme}",
    "*",
];

const HEADERS: &[(&str, &[u8])] = &[
    ("content-type", b"application/json"),
    ("content-type", b"application/json; charset=UTF-8"),
    ("content-type", b"APPLICATION/PROBLEM+JSON"),
    ("content-type", b"application/x-www-form-urlencoded"),
    ("content-type", b"multipart/form-data; boundary="),
    ("content-type", b"\xff\xfe"),
    ("content-type", b";;;=;charset="),
    ("content-encoding", b"gzip, br"),
    ("content-length", b"18446744073709551616"),
    ("content-length", b"0"),
    ("content-length", b"abc"),
    ("accept", b"text/html"),
    ("accept", b"\x80"),
    ("x-request-id", b"../../etc"),
    ("x-request-id", b"\xff"),
    ("expect", b"100-continue"),
    ("range", b"bytes=0-1"),
    ("host", b""),
    ("cookie", b"a=b"),
    ("transfer-encoding", b"chunked, chunked"),
];

const METHODS: &[&str] = &["POST", "GET", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "BREW", "post"];

fn body(dice: &mut Dice) -> Vec<u8> {
    let mut body = match dice.below(12) {
        0 => "[".repeat(1 + dice.below(20_000)).into_bytes(),
        1 => "{\"text\":".repeat(1 + dice.below(2_000)).into_bytes(),
        2 => format!("{{\"notes\":{}{}}}", "[".repeat(500), "]".repeat(500)).into_bytes(),
        3 => note_of_anything(dice).into_bytes(),
        4 => (0..dice.below(300)).map(|_| dice.next() as u8).collect(),
        _ => dice.pick(BODIES).as_bytes().to_vec(),
    };
    for _ in 0..dice.below(5) {
        let at = dice.below(body.len() + 1);
        match dice.below(5) {
            0 => body.truncate(at),
            1 if at < body.len() => body[at] = dice.next() as u8,
            2 if at < body.len() => drop(body.remove(at)),
            3 => {
                let again: Vec<u8> = body[at..].iter().take(40).copied().collect();
                body.splice(at..at, again);
            }
            _ => drop(body.splice(at..at, dice.pick(NASTY).bytes())),
        }
    }
    body
}

/// A well-formed request whose note is made of odd characters.
fn note_of_anything(dice: &mut Dice) -> String {
    let mut note = String::new();
    for _ in 0..dice.below(200) {
        match dice.below(4) {
            0 => note.push_str(dice.pick(NASTY)),
            1 => note.push_str(dice.pick(&["mum ", "denies ", "no ", "rent arrears ", "was ", "kicked ", "CAMHS", ". ", "\n", "if ", "drug use "])),
            _ => note.push(char::from_u32(dice.next() as u32 % 0x11_0000).unwrap_or('\u{fffd}')),
        }
    }
    serde_json::json!({"text": note, "include": ["suppressed"], "offset_unit": dice.pick(&["utf16", "code_point", "utf8_byte"])}).to_string()
}

fn request(dice: &mut Dice) -> Option<Request<Body>> {
    // Most go where bodies are read.
    let (method, path) = if dice.below(10) < 6 {
        (Method::POST, dice.pick(&["/v1/suggest", "/v1/suggest/batch"]))
    } else {
        (Method::from_bytes(dice.pick(METHODS).as_bytes()).ok()?, dice.pick(PATHS))
    };
    let mut request = Request::builder().method(method).uri(path).body(Body::from(body(dice))).ok()?;
    if dice.below(8) > 0 {
        request.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    }
    for _ in 0..dice.below(3) {
        let (name, value) = dice.pick(HEADERS);
        request.headers_mut().append(HeaderName::from_static(name), HeaderValue::from_bytes(value).ok()?);
    }
    Some(request)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_sent_is_ever_a_defect() {
    let door = Door::new();
    let (mut sent, mut answered, mut slowest) = (0, std::collections::BTreeMap::new(), Duration::ZERO);
    for seed in 0.. {
        let Some(request) = request(&mut Dice(seed)) else { continue };
        let what = format!("seed {seed}: {} {}", request.method(), request.uri());
        let began = Instant::now();
        let answer = tokio::time::timeout(Duration::from_secs(5), door.send(request)).await.unwrap_or_else(|_| panic!("{what} hangs"));
        slowest = slowest.max(began.elapsed());
        assert!(answer.status < 500, "{what}: {}", answer.status);
        assert!(!answer.header("x-request-id").is_empty(), "{what}");
        if answer.status >= 400 && answer.header("content-type") == "application/problem+json" && !answer.body.is_empty() {
            let problem = answer.json();
            assert_eq!(problem["status"], answer.status, "{what}");
            assert!(problem["code"].is_string(), "{what}");
        }
        *answered.entry(answer.status).or_insert(0) += 1;
        sent += 1;
        if sent == REQUESTS {
            break;
        }
    }
    // The mix has to reach the engine and the problems, or the test proves nothing.
    assert!(answered[&200] > 500 && answered[&400] > 500 && answered[&422] > 200 && answered[&415] > 100, "{answered:?}");
    assert!(slowest < Duration::from_secs(2), "{slowest:?}");
}
