//! What comes back when all goes well, and what is sent for it.

use serde_json::json;
use xswarm_tests::model::sdk;

use super::*;
use crate::llm::{Call, CallResult};

#[tokio::test]
async fn words_come_together_whatever_the_pieces_were() {
    let desk = Desk::new().await;
    let said = "Grüße! It is 🦀 o'clock.";
    desk.server.script([1, 3, 1_000].map(|chunk_bytes| Step::Text { text: said.into(), chunk_bytes }));
    for _ in 0..3 {
        assert_eq!(desk.ask("Hello").await, Ok(text(said)));
    }
}

#[tokio::test]
async fn several_calls_in_one_answer_keep_order_ids_and_arguments() {
    let desk = Desk::new().await;
    desk.server
        .script([Step::calls([("agenda", json!({ "when": "today" })), ("agenda", json!({ "when": "tomorrow" }))])]);
    let reply = desk.ask("What is on?").await.unwrap();
    let calls: Vec<_> = reply.calls.iter().map(|call| (call.name.as_str(), call.arguments["when"].as_str())).collect();
    assert_eq!(calls, [("agenda", Some("today")), ("agenda", Some("tomorrow"))]);
    assert_ne!(reply.calls[0].id, reply.calls[1].id);
    assert!(!reply.cut);
}

#[tokio::test]
async fn arguments_that_are_no_json_come_as_text_and_others_as_they_are() {
    let desk = Desk::new().await;
    desk.server.script([
        Step::malformed_json("agenda"),
        Step::wrong_schema("agenda"),
        Step::call("agenda", &json!({})),
    ]);
    assert_eq!(desk.ask("a").await.unwrap().calls[0].arguments, json!("{\"when\": tomorr"));
    assert_eq!(desk.ask("b").await.unwrap().calls[0].arguments, json!({ "no_such_argument": [1, 2, 3] }));
    assert_eq!(desk.ask("c").await.unwrap().calls[0].arguments, json!({}));
}

#[tokio::test]
async fn an_answer_that_reached_its_limit_says_that_it_is_cut() {
    let desk = Desk::new().await;
    desk.server.script([Step::Cut { text: "It goes on and".into() }]);
    assert_eq!(desk.ask("Hello").await, Ok(Reply { cut: true, ..text("It goes on and") }));
}

#[tokio::test]
async fn far_too_much_text_is_cut_and_far_too_long_arguments_are_refused() {
    let desk = Desk::new().await;
    desk.server.script([Step::HugeAnswer(2 << 20), Step::HugeArguments(2 << 20), Step::text("fine")]);
    let reply = desk.ask("a").await.unwrap();
    assert_eq!((reply.text.len(), reply.cut), (64 << 10, true));
    assert_eq!(desk.ask("b").await, Err(Failure::TooLong));
    assert_eq!(desk.ask("c").await, Ok(text("fine")));
}

#[tokio::test]
async fn a_request_that_is_far_too_long_is_not_sent() {
    let desk = Desk::new().await;
    assert_eq!(desk.ask(&"x".repeat(200_000)).await, Err(Failure::TooLong));
    assert!(desk.bodies().is_empty());
    assert_eq!(desk.spent().await, 0);
}

/// A conversation with everything in it, and with what providers refuse when it is sent as it is.
fn long_conversation() -> Request {
    let call = |id: &str, arguments| Call { id: id.into(), name: "agenda".into(), arguments };
    let result = |id: &str, text: &str| CallResult { id: id.into(), text: text.into() };
    Request {
        turns: vec![
            Turn::Person { text: "What is on?".into() },
            Turn::Model {
                text: "Let me see.".into(),
                calls: vec![call("t1", json!({ "when": "today" })), call("t2", json!({}))],
            },
            Turn::Results { results: vec![result("t1", "nothing"), result("t2", "\"when\" is missing")] },
            Turn::Model { text: " ".into(), calls: vec![call("t3", json!("{\"when\": tomorr"))] },
            Turn::Results { results: vec![result("t3", "")] },
            Turn::Model { text: "Nothing is on.".into(), calls: Vec::new() },
            Turn::Person { text: "And then?".into() },
            Turn::Model { text: String::new(), calls: Vec::new() },
            Turn::Person { text: "Hello?".into() },
        ],
        ..request("")
    }
}

#[tokio::test]
async fn what_is_sent_is_what_the_official_library_would_send() {
    let desk = Desk::new().await;
    desk.server.respond(|_| Step::text("Yes."));
    for request in [request("Hello"), long_conversation(), Request { tools: Vec::new(), ..request("Hi") }] {
        desk.ask_for(&request, Duration::from_secs(20)).await.unwrap();
    }
    let bodies = desk.bodies();
    assert_eq!(bodies.len(), 3);
    assert_eq!(sdk::faults(&bodies), Vec::<String>::new());
}

#[tokio::test]
async fn the_beginning_of_a_prompt_is_marked_for_the_cache_and_pays_less_the_second_time() {
    let desk = Desk::new().await;
    desk.server.respond(|_| Step::text("Yes."));
    desk.ask("Hello").await.unwrap();
    let first = desk.spent().await;
    desk.ask("Hello").await.unwrap();
    assert!(desk.spent().await - first <= first);
    let body = &desk.bodies()[0];
    assert_eq!(body["system"][0]["cache_control"]["type"], "ephemeral");
    assert_eq!((&body["thinking"]["type"], &body["max_tokens"]), (&json!("disabled"), &json!(500)));
    let tokens = desk.booked().await[0].tokens;
    assert!(tokens.cache_write > 0 && tokens.cache_read == tokens.cache_write, "{tokens:?}");
}

#[tokio::test]
async fn results_of_one_answer_go_back_in_one_message() {
    let desk = Desk::new().await;
    desk.server.script([Step::text("Yes.")]);
    desk.ask_for(&long_conversation(), Duration::from_secs(20)).await.unwrap();
    let messages = desk.bodies()[0]["messages"].as_array().unwrap().clone();
    assert_eq!(messages[2]["content"].as_array().unwrap().len(), 2);
    assert_eq!(messages[3]["content"][0]["input"], json!({ "not_an_object": "{\"when\": tomorr" }));
}
