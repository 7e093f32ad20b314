//! The OpenAPI document is the service's own, is committed, and its examples are true.
//! `UPDATE_OPENAPI=1 cargo test --test it openapi` writes it anew.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};

use crate::door::Door;

const COMMITTED: &str = "docs/openapi.json";
const EXAMPLES: [(&str, &str); 2] = [("/v1/suggest", "src/api/examples/suggest.json"), ("/v1/suggest/batch", "src/api/examples/batch.json")];
const EXAMPLE_ID: &str = "0b6b3c9e-7f7e-4d0c-9f63-3a8f1f7c2a11";

fn updating() -> bool {
    std::env::var_os("UPDATE_OPENAPI").is_some()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

/// The document with its examples as the service answers them now.
async fn document() -> Value {
    let mut document = casecoder::api::openapi();
    if updating() {
        for (path, file) in EXAMPLES {
            let pair = example(path, file).await;
            let place = format!("/paths/{}/post/responses/200/content/application~1json/example", path.replace('/', "~1"));
            *document.pointer_mut(&place).unwrap() = pair["answer"].clone();
            std::fs::write(file, pretty(&pair)).unwrap();
        }
    }
    document
}

/// The request of an example, with the answer that it gets.
async fn example(path: &str, file: &str) -> Value {
    let pair: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let request = Request::post(path).header("content-type", "application/json").header("x-request-id", EXAMPLE_ID);
    let answer = Door::new().send(request.body(Body::from(pair["request"].to_string())).unwrap()).await;
    assert_eq!(answer.status, 200, "{path}");
    json!({"request": pair["request"], "answer": answer.json()})
}

/// Leaves out what changes with every edit of the lists and every calibration.
fn steady(mut value: Value) -> Value {
    match &mut value {
        Value::Object(object) => {
            for name in ["versions", "confidence", "margin", "score", "band"] {
                object.remove(name);
            }
            for inner in object.values_mut() {
                *inner = steady(inner.take());
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| *inner = steady(inner.take())),
        _ => {}
    }
    value
}

#[tokio::test]
async fn the_committed_document_is_the_generated_one() {
    let generated = pretty(&document().await);
    if updating() {
        std::fs::write(COMMITTED, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(COMMITTED).unwrap_or_default();
    assert!(committed == generated, "{COMMITTED} is not what the handlers say: run UPDATE_OPENAPI=1 cargo test --test it openapi");
}

#[tokio::test]
async fn the_examples_are_true() {
    if updating() {
        return;
    }
    for (path, file) in EXAMPLES {
        let written: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let now = example(path, file).await;
        assert_eq!(steady(written), steady(now), "{file} is out of date: run UPDATE_OPENAPI=1 cargo test --test it openapi");
    }
}

fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, methods)| methods.as_object().unwrap().iter().map(move |(method, o)| (method.clone(), path.clone(), o.clone()))).collect()
}

#[tokio::test]
async fn every_operation_is_described_in_full() {
    let document = casecoder::api::openapi();
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["info"]["version"], env!("CARGO_PKG_VERSION"));
    let operations = operations(&document);
    assert_eq!(operations.len(), 11);
    let mut ids = std::collections::BTreeSet::new();
    for (method, path, o) in &operations {
        assert!(ids.insert(o["operationId"].as_str().unwrap().to_owned()), "{path}");
        assert!(o["summary"].as_str().is_some_and(|s| !s.is_empty()) && o["tags"].as_array().is_some_and(|t| t.len() == 1), "{path}");
        for status in ["500", "503"].iter().chain(if method == "post" { ["400", "413", "415", "422"].iter() } else { [].iter() }) {
            let content = &o["responses"][status]["content"]["application/problem+json"];
            assert_eq!(content["schema"]["$ref"], "#/components/schemas/Problem", "{method} {path} {status}");
            for (code, example) in content["examples"].as_object().unwrap() {
                assert_eq!(example["value"]["code"], *code);
                assert_eq!(example["value"]["status"].to_string(), **status);
            }
        }
        for parameter in o["parameters"].as_array().into_iter().flatten() {
            assert!(parameter["description"].as_str().is_some_and(|d| !d.is_empty()), "{path} {parameter}");
        }
    }
    // Every reference leads somewhere.
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(document["components"]["schemas"][reference].is_object(), "{reference}");
    }
}

#[tokio::test]
async fn the_examples_of_parameters_lead_to_answers() {
    let door = Door::new();
    for (method, path, o) in operations(&casecoder::api::openapi()) {
        if method != "get" {
            continue;
        }
        let mut path = path;
        let mut query = Vec::new();
        for p in o["parameters"].as_array().into_iter().flatten() {
            let example =
                [&p["example"], &p["schema"]["example"]].into_iter().find(|e| !e.is_null()).unwrap_or_else(|| panic!("{path}: {} has no example", p["name"]));
            let value = example.as_str().map_or_else(|| example.to_string(), str::to_owned).replace(' ', "+");
            let name = p["name"].as_str().unwrap();
            if p["in"] == "path" { path = path.replace(&format!("{{{name}}}"), &value) } else { query.push(format!("{name}={value}")) }
        }
        for query in query.iter().map(String::as_str).chain([""]) {
            assert_eq!(door.get(&format!("{path}?{query}")).await.status, 200, "{path}?{query}");
        }
    }
}
