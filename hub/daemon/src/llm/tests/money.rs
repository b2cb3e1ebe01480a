//! Caps hold, whoever asks and however many do at once.

use tokio::task::JoinSet;
use xswarm_core::spending::{Cap, Microdollars};

use super::*;

#[tokio::test]
async fn a_request_is_booked_to_who_asked_with_what_it_cost() {
    let desk = Desk::new().await;
    desk.server.script([Step::text("Yes.")]);
    desk.ask("Hello").await.unwrap();
    let booked = desk.booked().await;
    assert_eq!(booked.len(), 1);
    let row = &booked[0];
    assert_eq!((row.user_id, row.channel, row.purpose), (Some(desk.payer.user), Channel::Console, Purpose::Turn));
    assert_eq!((row.model.as_str(), row.calls, row.tokens.output), ("claude-haiku-5-5", 1, 1));
    assert!(row.cost > Microdollars::ZERO);
    assert_eq!(desk.spent().await, row.cost.0);
}

#[tokio::test]
async fn fifty_at_once_go_over_the_cap_by_no_more_than_one() {
    // A request reserves some 300 millionths; the cap is 1,000.
    let desk = Arc::new(Desk::with("provider = \"anthropic\"\ndaily_cap_usd = 0.001", ModelServer::url).await);
    desk.server.respond(|_| Step::text("Yes.").delayed(Duration::from_millis(300)));
    let mut tasks = JoinSet::new();
    for _ in 0..50 {
        let desk = Arc::clone(&desk);
        tasks.spawn(async move { desk.ask("Hello").await });
    }
    let results = tasks.join_all().await;
    let answered = results.iter().filter(|result| result.is_ok()).count();
    let refused = Failure::CapReached { cap: Cap::Daily, limit: Microdollars(1_000) };
    assert_eq!(results.iter().filter(|result| result.as_ref() == Err(&refused)).count(), 50 - answered);
    assert!((1..=4).contains(&answered), "{answered}");
    assert_eq!(desk.bodies().len(), answered, "what is refused is not sent");
}

#[tokio::test]
async fn a_free_model_is_asked_whatever_the_caps_are() {
    let desk = Desk::with("provider = \"ollama\"\ndaily_cap_usd = 0\nmonthly_cap_usd = 0", ModelServer::url).await;
    desk.server.script([Step::text("Yes.")]);
    assert_eq!(desk.ask("Hello").await, Ok(text("Yes.")));
    let none = Desk::with("provider = \"anthropic\"\ndaily_cap_usd = 0", ModelServer::url).await;
    let failure = none.ask("Hello").await.unwrap_err();
    assert_eq!(failure, Failure::CapReached { cap: Cap::Daily, limit: Microdollars::ZERO });
    assert!(none.bodies().is_empty());
}

#[tokio::test]
async fn without_a_provider_or_a_key_nobody_is_asked() {
    let desk = Desk::new().await;
    for (settings, missing) in
        [("off", ""), ("anthropic", "the secret anthropic_api_key"), ("openai", "the secret openai_api_key")]
    {
        let config = Config::from_toml(&format!("[llm]\nprovider = \"{settings}\""), "x").unwrap();
        let llm = Llm::new(Arc::clone(&desk.store), Clock::system(), &config.llm, None).unwrap();
        assert!(!llm.is_configured());
        assert_eq!(llm.missing().join(""), missing);
        let limits = llm.limits();
        let asked = llm.ask(&request("Hello"), &desk.payer, &limits, &CancellationToken::new()).await;
        assert_eq!(asked, Err(Failure::NotConfigured));
    }
    let config = Config::from_toml("[llm]\nprovider = \"ollama\"", "x").unwrap();
    assert!(Llm::new(Arc::clone(&desk.store), Clock::system(), &config.llm, None).unwrap().is_configured());
}
