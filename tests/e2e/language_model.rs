//! The language model of a real hub: setting it up, what doctor says, what it costs, and that it stops at its caps.

use serde_json::json;
use xswarm_core::{
    admin::{Check, CheckOutcome, CreatedKey},
    spending::{Cap, Spending},
    user::User,
};
use xswarm_tests::{
    api::Api,
    hub::{Builder, Hub},
    model::{KEY, ModelServer, Step, sdk},
    wait::wait_for,
};

/// A hub and its model.
async fn start(configure: impl FnOnce(Builder) -> Builder) -> (Hub, ModelServer) {
    let model = ModelServer::start().await;
    let mut hub = configure(Hub::builder().with_model(&model)).build();
    hub.start().await;
    (hub, model)
}

async fn finish(hub: Hub, model: &ModelServer) {
    hub.finish(&[KEY.to_owned(), "Are you there".to_owned()]).await;
    assert_eq!(model.unscripted(), 0);
}

async fn trial(api: &Api) -> xswarm_tests::api::Answer {
    api.post("/api/setup/llm", &json!({})).await
}

async fn spending(api: &Api) -> Spending {
    api.get("/api/spending").await.expect(200).into()
}

#[tokio::test]
async fn spending_is_asked_for_since_a_day_that_has_begun() {
    let (hub, model) = start(|builder| builder).await;
    let today = hub.api().status().await.now.date_naive();
    let past = today - chrono::Days::new(40);
    let report: Spending = hub.api().get(&format!("/api/spending?from={past}")).await.expect(200).into();
    assert_eq!((report.from, report.total.0), (past, 0));
    let tomorrow = today + chrono::Days::new(1);
    for query in [format!("from={}", tomorrow + chrono::Days::new(1)), format!("from={past}&period=day")] {
        hub.api().get(&format!("/api/spending?{query}")).await.problem(400);
    }
    let said = hub.cli().run(&["spending", "--since", &past.to_string()]).await.expect(0);
    assert!(said.out.contains(&past.to_string()), "{}", said.out);
    finish(hub, &model).await;
}

async fn check(hub: &Hub, name: &str) -> Check {
    let checks: Vec<Check> = hub.api().get("/api/doctor").await.expect(200).part("checks");
    let found = checks.iter().find(|check| check.name == name).cloned();
    found.unwrap_or_else(|| panic!("no check `{name}` in {checks:#?}"))
}

#[tokio::test]
async fn setup_without_questions_makes_the_model_answer() {
    let model = ModelServer::start().await;
    let mut hub = Hub::builder().build();
    hub.start().await;
    assert_eq!(check(&hub, "language model").await.outcome, CheckOutcome::Skipped);
    trial(hub.api()).await.problem(409);
    model.script([Step::text("Yes, here I am.")]);
    let url = model.url();
    let arguments = [
        "setup",
        "--non-interactive",
        "--llm-provider",
        "anthropic",
        "--llm-url",
        &url,
        "--llm-key-file",
        "-",
        "--llm-test",
    ];
    let said = hub.cli().run_with(&arguments, &format!("{KEY}\n"), &[]).await.expect(0);
    assert!(said.out.contains("claude-haiku-5-5 answers: Yes, here I am."), "{}", said.out);
    assert!(!said.out.contains(KEY));
    hub.reloaded().await;
    assert_eq!(check(&hub, "language model").await.outcome, CheckOutcome::Ok);
    let status = hub.cli().run(&["status"]).await.expect(0);
    assert!(status.out.contains("claude-haiku-5-5 of anthropic"), "{}", status.out);
    let bodies: Vec<_> = model.requests().into_iter().map(|request| request.body).collect();
    assert_eq!(sdk::faults(&bodies), Vec::<String>::new());
    finish(hub, &model).await;
}

#[tokio::test]
async fn doctor_says_what_is_wrong_with_the_model_and_what_to_do() {
    for (key, value, credential, outcome, cause) in [
        ("model", "claude-haiku-5-5", Some(KEY), CheckOutcome::Ok, "accepts us and has claude-haiku-5-5"),
        ("model", "claude-haiku-5-5", None, CheckOutcome::Failed, "the secret anthropic_api_key missing"),
        ("model", "claude-haiku-5-5", Some("sk-wrong"), CheckOutcome::Failed, "does not accept the key (401)"),
        ("model", "claude-nobody", Some(KEY), CheckOutcome::Failed, "has no model claude-nobody"),
        ("base_url", "http://127.0.0.1:9", Some(KEY), CheckOutcome::Failed, "cannot be reached"),
    ] {
        let configure =
            |builder: Builder| builder.config("llm", key, value).credential("anthropic_api_key", credential);
        let (hub, model) = start(configure).await;
        let found = check(&hub, "language model").await;
        assert_eq!(found.outcome, outcome, "{found:?}");
        assert!(found.cause.contains(cause), "{found:?}");
        assert_eq!(found.fix.is_none(), outcome == CheckOutcome::Ok, "{found:?}");
        assert!(model.requests().is_empty(), "it costs nothing");
        finish(hub, &model).await;
    }
}

#[tokio::test]
async fn doctor_tells_of_a_price_that_is_not_known() {
    let (hub, model) = start(|builder| builder.config("llm", "model", "claude-next")).await;
    model.has_model("claude-next");
    assert_eq!(check(&hub, "language model").await.outcome, CheckOutcome::Ok);
    assert_eq!(check(&hub, "language model price").await.outcome, CheckOutcome::Warning);
    finish(hub, &model).await;
}

#[tokio::test]
async fn spending_stops_at_the_cap_and_everybody_can_see_it() {
    // A trial costs some 60 millionths.
    let (hub, model) = start(|builder| builder.config("llm", "daily_cap_usd", 0.0001)).await;
    model.respond(|_| Step::text("x".repeat(400)));
    let mut answered = 0;
    while trial(hub.api()).await.status.is_success() {
        answered += 1;
        assert!(answered < 10, "it never stops");
    }
    let problem = trial(hub.api()).await.problem(409);
    assert!(problem.detail.contains("daily cap of $0.0001"), "{}", problem.detail);
    assert_eq!(model.requests().len(), answered, "what is refused is not sent");

    let report = spending(hub.api()).await;
    let daily = report.caps.iter().find(|state| state.cap == Cap::Daily).unwrap();
    assert!(daily.spent >= daily.limit, "{daily:?}");
    assert_eq!((report.total, report.days.len(), report.rows[0].calls), (daily.spent, 1, answered as u64));
    let kinds: Vec<_> = hub.api().events().await.into_iter().map(|row| row.event_type).collect();
    assert_eq!(kinds.iter().filter(|kind| *kind == "spending_cap_reached").count(), 1, "{kinds:?}");
    let found = check(&hub, "language model spending").await;
    assert_eq!(found.outcome, CheckOutcome::Warning);
    assert!(found.cause.contains("a cap is reached"), "{found:?}");

    for verb in [&["spending"][..], &["spending", "--day"]] {
        let said = hub.cli().run(verb).await.expect(0);
        for part in ["of $0.0001 today", "claude-haiku-5-5", "console", "turn", "█"] {
            assert!(said.out.contains(part), "`{part}` is not in {}", said.out);
        }
    }
    let json = hub.cli().run(&["spending", "--month", "--json"]).await.json();
    assert_eq!(json["total"], report.total.0);
    finish(hub, &model).await;
}

#[tokio::test]
async fn a_member_sees_what_they_spent_and_no_more() {
    let (hub, model) = start(|builder| builder).await;
    model.script([Step::text("Yes.")]);
    trial(hub.api()).await.expect(200);
    let mia: User = hub.api().post("/api/users", &json!({ "name": "Mia" })).await.expect(201).part("user");
    let key: CreatedKey =
        hub.api().post("/api/keys", &json!({ "user_id": mia.id, "name": "phone" })).await.expect(201).into();
    let hers = spending(&hub.lan(Some(&key.key))).await;
    assert!(hers.rows.is_empty() && hers.days.is_empty() && hers.caps.is_empty(), "{hers:?}");
    assert_eq!(spending(hub.api()).await.rows.len(), 1);
    hub.lan(Some(&key.key)).get("/api/spending?period=year").await.problem(400);
    finish(hub, &model).await;
}

#[tokio::test]
async fn what_a_crash_interrupts_counts_as_what_was_reserved() {
    let (mut hub, model) = start(|builder| builder).await;
    model.script([Step::StallAfter(500)]);
    let (api, nothing) = (Api::socket(&hub.socket()), json!({}));
    let asking = tokio::select! {
        answer = api.request(reqwest::Method::POST, "/api/setup/llm", Some(&nothing)) => Some(answer),
        () = wait_for("the request", async || (!model.requests().is_empty()).then_some(())) => None,
    };
    assert!(asking.is_none(), "it stalls");
    hub.kill();
    hub.start().await;
    let report = spending(hub.api()).await;
    assert_eq!(report.rows.len(), 1);
    assert!(report.total.0 >= 25, "50 tokens at half a dollar a million: {report:?}");
    finish(hub, &model).await;
}
