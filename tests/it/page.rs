//! The page for people.
#![allow(clippy::unwrap_used, reason = "a test stops where something is wrong")]

use axum::body::Body;
use axum::http::Request;

use crate::door::Door;

#[tokio::test]
async fn the_form_has_a_label_and_can_be_skipped_to() {
    let answer = Door::new().get("/").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/html; charset=utf-8"));
    for part in ["<html lang=\"en-GB\">", "<label for=\"note\">", "href=\"#main\"", "<main id=\"main\"", "action=\"/\" method=\"post\""] {
        assert!(answer.text().contains(part), "{part}");
    }
    assert!(!answer.text().contains("<script") && !answer.text().contains("style="), "the content security policy would refuse it");
}

#[tokio::test]
async fn a_note_comes_back_marked_and_nothing_of_it_is_kept() {
    let note = "Mum is in rent arrears & <b>worried</b>.\r\nTyler (14) has been missing school since January. He was referred to CAMHS and arrested for shoplifting.\r\nMum denies any drug use.";
    let answer = Door::new().form(note).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let page = answer.text();
    assert!(
        page.contains("<mark>") && page.contains("<a class=\"tag\" href=\"#suggestion-1\">") && page.contains("id=\"suggestion-1\""),
        "words are marked with their code"
    );
    assert!(page.contains("&amp;") || page.contains("&#38;"), "text is escaped");
    assert!(!page.contains("<b>worried"), "markup of a note is text");
    assert!(page.contains("Found and not suggested") && page.contains("The note says that it is not so."));
}

#[tokio::test]
async fn a_form_that_cannot_be_read_comes_back_with_its_errors() {
    let door = Door::with(|s| (s.max_body_bytes, s.max_note_bytes) = (3000, 1000));
    for (note, status, words) in
        [("", 422, "Enter a note"), ("  \r\n", 422, "Enter a note"), (&"a ".repeat(501), 413, "up to 1,000 characters"), (&"a ".repeat(2000), 413, "too long")]
    {
        let answer = door.form(note).await;
        assert_eq!(answer.status, status);
        let page = answer.text();
        assert!(
            page.contains("<title>Error: ") && page.contains("role=\"alert\"") && page.contains("href=\"#note\"") && page.contains("aria-invalid=\"true\"")
        );
        assert!(page.contains(words), "{words}");
    }
}

#[tokio::test]
async fn a_browser_gets_a_page_for_a_problem_and_a_program_gets_json() {
    let door = Door::new();
    let ask = |path: &str| Request::get(path).header("accept", "text/html").body(Body::empty()).unwrap();
    let page = door.send(ask("/nothing")).await;
    assert_eq!((page.status, page.header("content-type")), (404, "text/html; charset=utf-8"));
    assert!(page.text().contains(page.header("x-request-id")));
    door.send(ask("/v1/nothing")).await.problem(404, "not_found");
    door.get("/nothing").await.problem(404, "not_found");
    door.post("/", "{}").await.problem(415, "unsupported_media_type");
}

#[tokio::test]
async fn the_page_about_the_api_leads_everywhere() {
    let door = Door::new();
    let answer = door.get("/docs").await;
    let page = answer.text();
    for (place, _) in page.match_indices("href=\"#") {
        let anchor = page[place + 7..].split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
    }
    for code in casecoder::api::Code::ALL {
        assert!(page.contains(&format!("id=\"{}\"", code.as_str())));
    }
    for path in ["/accessibility", "/assets/casecoder.css", "/assets/casecoder.svg", "/openapi.json"] {
        assert_eq!(door.get(path).await.status, 200);
    }
}
