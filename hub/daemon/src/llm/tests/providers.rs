//! The same through each provider's protocol.

use axum::Router;
use reqwest::StatusCode;
use serde_json::json;
use tokio::{net::TcpListener, task::JoinSet};

use super::*;
use crate::llm::{Call, CallResult, check::Found};

const PROVIDERS: [&str; 3] = ["anthropic", "openai", "ollama"];

async fn desk(provider: &str) -> Desk {
    let url = if provider == "openai" { ModelServer::openai_url } else { ModelServer::url };
    Desk::with(&format!("provider = \"{provider}\""), url).await
}

#[tokio::test]
async fn each_says_words_and_calls_tools_and_is_told_what_came_of_it() {
    for provider in PROVIDERS {
        let desk = desk(provider).await;
        let two = [("agenda", json!({ "when": "today" })), ("agenda", json!({ "when": "tomorrow" }))];
        desk.server.script([Step::calls(two), Step::text("Nothing is on.")]);
        let mut request = request("What is on?");
        let reply = desk.ask_for(&request, Duration::from_secs(20)).await.unwrap();
        let whens: Vec<_> = reply.calls.iter().map(|call| call.arguments["when"].clone()).collect();
        assert_eq!(whens, ["today", "tomorrow"], "{provider}");
        let results =
            reply.calls.iter().map(|Call { id, .. }| CallResult { id: id.clone(), text: format!("free {id}") });
        let results = results.collect();
        request.turns.push(Turn::Model { text: reply.text, calls: reply.calls });
        request.turns.push(Turn::Results { results });
        let reply = desk.ask_for(&request, Duration::from_secs(20)).await.unwrap();
        assert_eq!(reply, text("Nothing is on."), "{provider}");
        let second = desk.bodies()[1].to_string();
        assert_eq!(second.matches("\"free ").count(), 2, "{provider}: {second}");
        assert!(desk.booked().await[0].tokens.input > 0, "{provider}");
    }
}

#[tokio::test]
async fn each_is_cut_stalls_breaks_off_and_refuses_alike() {
    for provider in PROVIDERS {
        let desk = desk(provider).await;
        desk.server.script([
            Step::Cut { text: "and so".into() },
            Step::malformed_json("agenda"),
            Step::StallAfter(300),
            Step::BreakOff(300),
            Step::status(400),
        ]);
        let hello = request("Hello");
        let ask = || desk.ask_for(&hello, Duration::from_secs(1));
        assert!(ask().await.unwrap().cut, "{provider}");
        assert!(ask().await.unwrap().calls[0].arguments.is_string(), "{provider}");
        assert_eq!(ask().await, Err(Failure::TooSlow), "{provider}");
        assert_eq!(ask().await, Err(Failure::Nonsense("it broke off".into())), "{provider}");
        assert!(matches!(ask().await, Err(Failure::Refused { status: 400, .. })), "{provider}");
    }
}

#[tokio::test]
async fn the_key_travels_in_its_header_and_nowhere_else() {
    for (provider, header, value) in
        [("anthropic", "x-api-key", KEY.to_owned()), ("openai", "authorization", format!("Bearer {KEY}"))]
    {
        let desk = desk(provider).await;
        desk.server.script([Step::text("Yes.")]);
        desk.ask("Hello").await.unwrap();
        let request = desk.server.requests().remove(0);
        assert_eq!(request.headers.get(header), Some(&value));
        assert!(!request.body.to_string().contains(KEY));
    }
}

#[tokio::test]
async fn the_question_for_the_model_finds_what_is_wrong_and_costs_nothing() {
    for provider in PROVIDERS {
        let good = desk(provider).await;
        assert_eq!(good.llm.check().await, Some(Found::Model), "{provider}");
        let url = if provider == "openai" { ModelServer::openai_url } else { ModelServer::url };
        let other = Desk::with(&format!("provider = \"{provider}\"\nmodel = \"nobody\""), url).await;
        assert_eq!(other.llm.check().await, Some(Found::NoSuchModel), "{provider}");
        let gone = Desk::with(&format!("provider = \"{provider}\""), |_| "http://127.0.0.1:9".to_owned()).await;
        assert!(matches!(gone.llm.check().await, Some(Found::NotThere(_))), "{provider}");
        let strange =
            Desk::with(&format!("provider = \"{provider}\""), |server| format!("{}/elsewhere", server.url())).await;
        assert!(matches!(strange.llm.check().await, Some(Found::NotThere(_))), "{provider}");
        assert!(good.bodies().is_empty());
        assert_eq!(good.spent().await, 0);
    }
}

#[tokio::test]
async fn a_provider_in_trouble_is_not_taken_for_one_that_is_not_there() {
    for status in [429, 500, 529] {
        let status = StatusCode::from_u16(status).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        let router = Router::new().fallback(move || async move { status });
        tasks.spawn(async move { axum::serve(listener, router).await });
        for provider in PROVIDERS {
            let desk = Desk::with(&format!("provider = \"{provider}\""), |_| url.clone()).await;
            assert_eq!(desk.llm.check().await, Some(Found::InTrouble(status)), "{provider}");
        }
    }
}

#[tokio::test]
async fn a_wrong_key_is_found_before_anybody_asks() {
    for provider in ["anthropic", "openai"] {
        let desk = desk(provider).await;
        let url = if provider == "openai" { desk.server.openai_url() } else { desk.server.url() };
        let text = format!("[llm]\nprovider = \"{provider}\"\nbase_url = \"{url}\"");
        let config = Config::from_toml(&text, "x").unwrap();
        let wrong = Some(SecretString::from("wrong"));
        let llm = Llm::new(Arc::clone(&desk.store), Clock::system(), &config.llm, wrong).unwrap();
        assert_eq!(llm.check().await, Some(Found::NotAccepted(401)), "{provider}");
    }
}
