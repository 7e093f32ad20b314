//! The JSON API: what each route answers, every problem, and the limits.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use std::sync::mpsc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use casecoder::api::Code;
use serde_json::{Value, json};

use crate::door::Door;

/// Invented, with characters of one to four bytes before and between the evidence.
const NOTE: &str = "🙂 Mum’s café closed – she is in rent arrears. 👩‍👧 Tyler is missing school 😀 and the neighbour alleges that he kicked the door in.";

#[tokio::test]
async fn a_note_gets_suggestions_with_their_words() {
    let answer = Door::new().suggest(&json!({"id": "note-81", "text": "Mum is in rent arrears.", "min_confidence": 0.0})).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("server-timing").contains("read;dur="));
    let json = answer.json();
    assert_eq!((&json["id"], &json["outcome"]), (&json!("note-81"), &json!("suggested")));
    let words: Vec<&str> = json["suggestions"].as_array().unwrap().iter().map(|s| s["evidence"][0]["text"].as_str().unwrap()).collect();
    assert!(words.iter().any(|w| w.contains("rent arrears")), "{words:?}");
}

#[tokio::test]
async fn offsets_slice_to_the_quoted_words_in_every_unit() {
    let door = Door::new();
    for (unit, slice) in [
        ("code_point", (|s: usize, e: usize| NOTE.chars().skip(s).take(e - s).collect()) as fn(usize, usize) -> String),
        ("utf16", |s, e| String::from_utf16(&NOTE.encode_utf16().collect::<Vec<_>>()[s..e]).unwrap()),
        ("utf8_byte", |s, e| NOTE[s..e].to_owned()),
    ] {
        let json = door.suggest(&json!({"text": NOTE, "offset_unit": unit, "min_confidence": 0.0, "include": ["suppressed"]})).await.json();
        assert_eq!(json["offset_unit"], unit);
        let proposals = json["suggestions"].as_array().unwrap().iter().chain(json["suppressed"].as_array().unwrap());
        let quotes: Vec<&Value> = proposals.flat_map(|s| s["evidence"].as_array().unwrap().iter().chain(s["assertion"]["cues"].as_array().unwrap())).collect();
        assert!(quotes.len() > 3, "{json}");
        for quote in quotes {
            let at = |end: &str| quote[end].as_u64().unwrap() as usize;
            assert_eq!(slice(at("start"), at("end")), quote["text"].as_str().unwrap(), "{unit}");
        }
    }
}

#[tokio::test]
async fn fields_carry_their_names() {
    let json = Door::new().suggest(&json!({"fields": {"summary": "Home visit.", "detail": "😀 Mum is in rent arrears."}, "min_confidence": 0.0})).await.json();
    let evidence = &json["suggestions"][0]["evidence"][0];
    assert_eq!(evidence["field"], "detail");
    let at = |end: &str| evidence[end].as_u64().unwrap() as usize;
    let words: String = "😀 Mum is in rent arrears.".chars().skip(at("start")).take(at("end") - at("start")).collect();
    assert!(words.contains("rent arrears") && evidence["text"] == words, "{evidence}");
}

#[tokio::test]
async fn the_same_note_gets_the_same_bytes() {
    let (a, b) = (Door::new(), Door::new());
    let request = json!({"text": NOTE, "include": ["suppressed"]});
    assert_eq!(a.suggest(&request).await.body, b.suggest(&request).await.body);
}

#[tokio::test]
async fn notes_without_words_are_no_errors() {
    let door = Door::new();
    for text in ["", " \n\t ", "…", "\u{0}\u{feff}\u{200b}", "<p></p>"] {
        let answer = door.suggest(&json!({ "text": text })).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["suggestions"], json!([]));
    }
}

#[tokio::test]
async fn a_batch_keeps_its_order_and_its_good_notes() {
    let door = Door::with(|s| s.max_note_bytes = 200);
    let long = "a".repeat(201);
    let body = json!({"notes": [
        {"id": "a", "text": "Mum is in rent arrears."},
        {"id": "b", "text": 7},
        {"id": "c", "text": long},
        {"id": "d", "text": "x", "schemes": ["nothing"]},
        ["no object"],
        {"id": "e", "text": "Mum is in rent arrears."},
    ]});
    let text = body.to_string().replace("\"no object\"", "\"\\ud800\"");
    let answer = door.post("/v1/suggest/batch", text).await;
    assert_eq!(answer.status, 200);
    let json = answer.json();
    let answers = json["answers"].as_array().unwrap();
    let codes: Vec<(&str, &str)> = answers.iter().map(|a| (a["id"].as_str().unwrap_or("-"), a["problem"]["code"].as_str().unwrap_or("answer"))).collect();
    assert_eq!(codes, [("a", "answer"), ("b", "invalid_value"), ("c", "too_large"), ("d", "invalid_value"), ("-", "malformed_json"), ("e", "answer")]);
    assert_eq!(answers[2]["problem"]["status"], 413);
    assert_eq!(answers[3]["problem"]["errors"][0]["pointer"], "/schemes/0");
    assert_eq!(answers[1]["problem"]["request_id"], answer.header("x-request-id"));
    let alone = door.suggest(&json!({"id": "e", "text": "Mum is in rent arrears."})).await.json();
    assert_eq!(answers[5], alone);
}

#[tokio::test]
async fn a_batch_is_limited() {
    let door = Door::with(|s| s.max_batch = 2);
    let notes = |n: usize| json!({"notes": vec![json!({"text": "x"}); n]}).to_string();
    assert_eq!(door.post("/v1/suggest/batch", notes(2)).await.json()["answers"].as_array().unwrap().len(), 2);
    let problem = door.post("/v1/suggest/batch", notes(3)).await.problem(422, "invalid_value");
    assert_eq!(problem["errors"][0], json!({"pointer": "/notes", "detail": "must hold at most 2 notes"}));
    assert_eq!(door.post("/v1/suggest/batch", notes(0)).await.json(), json!({"answers": []}));
    for wrong in ["[]", "{}", r#"{"notes":5}"#, r#"{"notes":[],"more":1}"#, "null"] {
        door.post("/v1/suggest/batch", wrong).await.problem(422, "invalid_value");
    }
    door.post("/v1/suggest/batch", r#"{"notes":["#).await.problem(400, "malformed_json");
}

#[tokio::test]
async fn every_problem_has_its_status() {
    let door = Door::with(|s| (s.max_body_bytes, s.max_note_bytes) = (4096, 1024));
    door.post("/v1/suggest", "{\"text\":").await.problem(400, "malformed_json");
    door.post("/v1/suggest", r#"{"text":"\ud83d"}"#).await.problem(400, "malformed_json");
    door.post("/v1/suggest", "[".repeat(4000)).await.problem(400, "malformed_json");
    door.post("/v1/suggest", &b"{\"text\":\"\xe9t\xe9\"}"[..]).await.problem(400, "invalid_utf8");
    door.get("/v1/nothing").await.problem(404, "not_found");
    door.get("/v1/schemes/nothing").await.problem(404, "not_found");
    door.get("/v1/schemes/need/concepts/nothing").await.problem(404, "not_found");
    door.get("/v1/schemes/%FF").await.problem(404, "not_found");
    let answer = door.get("/v1/suggest").await;
    answer.problem(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST");
    // Both limits, at the limit and one byte over it.
    let note = |bytes: usize| json!({"text": "a".repeat(bytes)});
    assert_eq!(door.suggest(&note(1024)).await.status, 200);
    door.suggest(&note(1025)).await.problem(413, "too_large");
    let body = |bytes: usize| format!("{{\"text\":\"a\"{}}}", " ".repeat(bytes - 12));
    assert_eq!(door.post("/v1/suggest", body(4096)).await.status, 200);
    door.post("/v1/suggest", body(4097)).await.problem(413, "too_large");
    let unannounced = Request::post("/v1/suggest")
        .header("content-type", "application/json")
        .body(Body::new(http_body_util::Full::<axum::body::Bytes>::from(body(4097))))
        .unwrap();
    door.send(unannounced).await.problem(413, "too_large");
    for (name, value) in [("content-type", "text/plain"), ("content-type", "application/json; charset=utf-16"), ("content-encoding", "gzip")] {
        let mut request = Request::post("/v1/suggest").body(Body::from("{\"text\":\"a\"}")).unwrap();
        request.headers_mut().insert("content-type", "application/json".parse().unwrap());
        request.headers_mut().insert(name, value.parse().unwrap());
        door.send(request).await.problem(415, "unsupported_media_type");
    }
}

#[tokio::test]
async fn values_that_are_not_allowed_are_pointed_at() {
    let door = Door::new();
    for (body, pointer) in [
        (json!({}), "/text"),
        (json!({"text": "a", "fields": {"a": "b"}}), "/fields"),
        (json!({"text": "a", "limit": 0}), "/limit"),
        (json!({"text": "a", "limit": 1.5}), "/limit"),
        (json!({"text": "a", "min_confidence": 1.01}), "/min_confidence"),
        (json!({"text": "a", "min_confidence": 1e300}), "/min_confidence"),
        (json!({"text": "a", "deadline_ms": 0}), "/deadline_ms"),
        (json!({"text": "a", "schemes": []}), "/schemes"),
        (json!({"text": "a", "schemes": ["need", "x"]}), "/schemes/1"),
        (json!({"text": "a", "offset_unit": "byte"}), "/offset_unit"),
        (json!({"text": "a", "offset_unit": 5}), "/offset_unit"),
        (json!({"text": "a", "offset_unit": null}), "/offset_unit"),
        (json!({"text": "a", "include": ["all"]}), "/include/0"),
        (json!({"text": "a", "id": "a".repeat(201)}), "/id"),
        (json!({"fields": {"a": 5}}), "/fields"),
        (json!({"text": "a", "texts": "b"}), ""),
        (json!("text"), ""),
    ] {
        let problem = door.suggest(&body).await.problem(422, "invalid_value");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
    }
}

#[tokio::test]
async fn the_lists_can_be_browsed() {
    let door = Door::new();
    let ids: Vec<Value> = door.get("/v1/schemes").await.json()["schemes"].as_array().unwrap().iter().map(|s| s["id"].clone()).collect();
    assert_eq!(ids, [json!("incident"), json!("intervention"), json!("need")]);
    let need = door.get("/v1/schemes/need").await.json();
    assert!(need["top"].as_array().unwrap().len() > 3 && need["targets"].as_array().unwrap().iter().all(|t| t["title"].is_string()));
    let damage = door.get("/v1/schemes/incident/concepts/IN1001").await.json();
    assert_eq!(damage["label"], "Damage to a home or other building");
    assert_eq!(damage["broader"][0]["notation"], "IN10");
    assert!(damage["thresholds"]["review"].is_number() && damage["mappings"].as_array().unwrap().iter().any(|m| m["title"].is_string()));
    let group = door.get("/v1/schemes/incident/concepts/IN10").await.json();
    assert!(group["narrower"].as_array().unwrap().iter().any(|c| c["notation"] == "IN1001"));
}

#[tokio::test]
async fn typing_ahead_finds_names_codes_and_synonyms() {
    let door = Door::new();
    let find = async |query: &str| {
        let json = door.get(&format!("/v1/schemes/incident/concepts?{query}")).await.json();
        json["concepts"].as_array().unwrap().iter().map(|c| c["notation"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(find("q=damage+to+a+home").await[0], "IN1001");
    assert_eq!(find("q=BUILD+dam").await, find("q=build+dam").await);
    assert!(find("q=d%C3%A1mage").await.contains(&"IN1001".to_owned()), "accents do not count");
    assert_eq!(find("q=in1001").await, ["IN1001"]);
    assert!(find("broader=IN10").await.contains(&"IN1001".to_owned()));
    assert!(find("q=zzzz").await.is_empty());
    let all = door.get("/v1/schemes/incident/concepts?limit=1000").await.json();
    let second = door.get("/v1/schemes/incident/concepts?limit=1&offset=1").await.json();
    assert_eq!((&second["concepts"][0], &second["total"]), (&all["concepts"][1], &all["total"]));
    door.get("/v1/schemes/incident/concepts?broader=nothing").await.problem(404, "not_found");
    for (query, pointer) in [("limit=0", "/limit"), ("limit=x", ""), ("limit=1001", "/limit"), ("offset=-1", ""), ("other=1", "")] {
        let problem = door.get(&format!("/v1/schemes/incident/concepts?{query}")).await.problem(422, "invalid_value");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{query}");
    }
}

#[tokio::test]
async fn hidden_labels_and_patterns_are_never_shown() {
    let door = Door::new();
    let lexicon = crate::extractor().lexicon();
    let hidden: Vec<&str> = lexicon.labels.iter().filter(|l| l.kind == casecoder::lexicon::LabelKind::Hidden).map(|l| l.text.as_str()).collect();
    assert!(!hidden.is_empty());
    for concept in &lexicon.concepts {
        let scheme = &lexicon.scheme_of(concept.id).id;
        let shown = door.get(&format!("/v1/schemes/{scheme}/concepts/{}", concept.notation)).await.json()["alt_labels"].clone();
        for label in shown.as_array().unwrap().iter().map(|l| l.as_str().unwrap()) {
            assert!(concept.alt_labels.iter().any(|l| l == label) && !label.contains(['(', '|', '#', '@', '…']), "{label}");
        }
    }
}

#[tokio::test]
async fn the_service_tells_about_itself() {
    let door = Door::new();
    let info = door.get("/v1/info").await.json();
    assert_eq!(info["limits"]["max_batch"], 100);
    assert_eq!(info["versions"]["engine"], env!("CARGO_PKG_VERSION"));
    assert_eq!(info["attributes"]["presence"], json!(["affirmed", "alleged", "possible", "denied"]));
    assert_eq!(door.get("/livez").await.text(), "ok");
    assert_eq!(door.get("/readyz").await.json(), json!({"status": "ready"}));
    door.suggest(&json!({"text": "Mum is in rent arrears."})).await;
    let metrics = door.get("/metrics").await;
    for part in ["casecoder_http_requests_total{", "route=\"/v1/suggest\"", "casecoder_read_seconds_bucket{", "casecoder_notes_total{outcome="] {
        assert!(metrics.text().contains(part), "{part}");
    }
    assert_eq!(door.get("/openapi.json").await.json()["openapi"], "3.1.0");
}

#[tokio::test]
async fn every_answer_carries_its_identifier_and_the_headers_of_security() {
    let door = Door::new();
    for path in ["/", "/v1/info", "/v1/nothing", "/assets/casecoder.css", "/docs"] {
        let answer = door.get(path).await;
        assert_eq!(answer.header("content-security-policy"), "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
        assert_eq!((answer.header("x-content-type-options"), answer.header("referrer-policy")), ("nosniff", "no-referrer"));
        assert!(uuid::Uuid::parse_str(answer.header("x-request-id")).is_ok(), "{path}");
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    for (given, kept) in [("Case-7_a.b", true), ("", false), ("has space", false), ("<script>", false), (&"a".repeat(64), true), (&"a".repeat(65), false)] {
        let answer = door.send(Request::get("/livez").header("x-request-id", given).body(Body::empty()).unwrap()).await;
        assert_eq!(answer.header("x-request-id") == given, kept, "{given}");
    }
}

#[tokio::test]
async fn a_head_request_has_no_body() {
    let answer = Door::new().send(Request::head("/v1/info").body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
}

/// Keeps the engine busy until told otherwise.
fn occupy(door: &Door) -> (mpsc::Sender<()>, tokio::task::JoinHandle<()>) {
    let (free, wait) = mpsc::channel::<()>();
    let (began, begun) = mpsc::channel::<()>();
    let state = door.state.clone();
    let task = tokio::spawn(async move {
        let work = move |_: &casecoder::api::Watch| {
            began.send(()).unwrap();
            let _ = wait.recv();
        };
        state.gate().run(work).await.unwrap();
    });
    tokio::task::block_in_place(|| begun.recv().unwrap());
    (free, task)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_limit_is_one_for_the_whole_service() {
    let door = Door::with(|s| (s.concurrency, s.queue) = (1, 1));
    let (free, task) = occupy(&door);
    // A second router, as each connection gets one, shares the gate of the first.
    let other = std::sync::Arc::new(Door { state: door.state.clone(), router: casecoder::api::router(door.state.clone()) });
    let waiting = tokio::spawn({
        let other = other.clone();
        async move { other.suggest(&json!({"text": "Mum is in rent arrears."})).await.status }
    });
    // One place at work, one in the queue: a third is refused, whichever way it comes.
    while door.state.gate().check().is_ok() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let refused = door.suggest(&json!({"text": "a"})).await;
    refused.problem(503, "overloaded");
    assert_eq!(refused.header("retry-after"), "1");
    assert_eq!(other.post("/v1/suggest/batch", r#"{"notes":[]}"#).await.status, 503);
    assert_eq!(other.form("a note").await.status, 503);
    assert_eq!(door.get("/livez").await.status, 200, "what needs no engine goes on");
    free.send(()).unwrap();
    assert_eq!(waiting.await.unwrap(), 200);
    task.await.unwrap();
    assert_eq!(door.suggest(&json!({"text": "a"})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waits_too_long_is_given_up() {
    let door = Door::with(|s| (s.concurrency, s.queue, s.request_timeout_ms) = (1, 8, 50));
    let (free, task) = occupy(&door);
    door.suggest(&json!({"text": "a"})).await.problem(503, "timeout");
    free.send(()).unwrap();
    task.await.unwrap();
    assert_eq!(door.suggest(&json!({"text": "a"})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_learns_that_nobody_waits_and_keeps_its_place_until_it_ends() {
    let door = Door::with(|s| (s.concurrency, s.queue) = (1, 0));
    let (tell, told) = mpsc::channel();
    let state = door.state.clone();
    let request = tokio::spawn(async move {
        let work = move |watch: &casecoder::api::Watch| {
            tell.send("began").unwrap();
            while !watch.gone() {
                std::thread::sleep(Duration::from_millis(1));
            }
            std::thread::sleep(Duration::from_millis(50));
            tell.send("ended").unwrap();
        };
        state.gate().run(work).await.unwrap();
    });
    tokio::task::block_in_place(|| assert_eq!(told.recv().unwrap(), "began"));
    request.abort();
    door.suggest(&json!({"text": "a"})).await.problem(503, "overloaded");
    tokio::task::block_in_place(|| assert_eq!(told.recv().unwrap(), "ended"));
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(door.suggest(&json!({"text": "a"})).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_under_way_are_finished_before_the_service_stops() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let door = Door::with(|s| (s.concurrency, s.queue) = (1, 8));
    let (free, task) = occupy(&door);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let service = tokio::spawn(casecoder::api::run(listener, door.state.clone(), async { drop(stopped.await) }));
    let mut client = tokio::net::TcpStream::connect(address).await.unwrap();
    let body = r#"{"text":"Mum is in rent arrears."}"#;
    client
        .write_all(format!("POST /v1/suggest HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes())
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(door.state.draining());
    assert_eq!(door.get("/readyz").await.status, 503);
    free.send(()).unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    service.await.unwrap();
    task.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[test]
fn codes_and_statuses_are_pinned() {
    let pinned: Vec<(&str, u16)> = Code::ALL.iter().map(|code| (code.as_str(), code.status().as_u16())).collect();
    assert_eq!(
        pinned,
        [
            ("malformed_json", 400),
            ("invalid_utf8", 400),
            ("not_found", 404),
            ("method_not_allowed", 405),
            ("too_large", 413),
            ("unsupported_media_type", 415),
            ("invalid_value", 422),
            ("overloaded", 503),
            ("timeout", 503),
            ("internal", 500),
        ]
    );
    for code in Code::ALL {
        assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
    }
}
