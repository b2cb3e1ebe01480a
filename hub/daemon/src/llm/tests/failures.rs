//! What each way of not answering means to the caller, and what is tried again.

use std::time::Instant;

use xswarm_core::spending::CallState;

use super::*;

const SHORT: Duration = Duration::from_secs(2);

#[tokio::test]
async fn what_passes_is_tried_again_not_before_the_provider_wishes() {
    let desk = Desk::new().await;
    desk.server.script([Step::status(529), Step::status_retry_after(429, 1), Step::text("at last")]);
    let begin = Instant::now();
    assert_eq!(desk.ask("Hello").await, Ok(text("at last")));
    assert!(begin.elapsed() >= Duration::from_millis(1_500), "half a second, then one");
    assert_eq!(desk.bodies().len(), 3);
    let booked = desk.booked().await;
    assert_eq!((booked.len(), booked[0].calls), (1, 1), "it is booked once");
}

#[tokio::test]
async fn a_provider_that_stays_busy_is_asked_four_times_and_costs_nothing() {
    let desk = Desk::new().await;
    desk.server.respond(|_| Step::status(500));
    assert!(matches!(desk.ask("Hello").await, Err(Failure::Overloaded(_))));
    assert_eq!(desk.bodies().len(), 4);
    assert_eq!(desk.spent().await, 0);
}

#[tokio::test]
async fn whoever_asks_to_come_again_after_the_time_is_up_is_not_waited_for() {
    let desk = Desk::new().await;
    desk.server.script([Step::status_retry_after(429, 60)]);
    let begin = Instant::now();
    assert!(matches!(desk.ask("Hello").await, Err(Failure::Overloaded(_))));
    assert!(begin.elapsed() < SHORT);
}

#[tokio::test]
async fn a_refusal_is_final_and_never_repeats_the_key() {
    let desk = Desk::new().await;
    desk.server.script([Step::status(401), Step::status(400)]);
    let not_accepted = desk.ask("Hello").await.unwrap_err();
    assert_eq!(not_accepted, Failure::Refused { status: 401, words: "the key is not accepted".into() });
    let refused = desk.ask("Hello").await.unwrap_err();
    assert!(matches!(refused, Failure::Refused { status: 400, .. }), "{refused:?}");
    assert_eq!(desk.bodies().len(), 2);
    assert_eq!(desk.spent().await, 0);
    assert!(!refused.to_string().contains(KEY));
}

#[tokio::test]
async fn words_of_a_provider_lose_the_key_and_what_is_too_long() {
    let desk = Desk::new().await;
    let service = desk.llm.service.as_ref().unwrap();
    let words = super::super::genai::scrubbed(&format!("Your key {KEY}\n is {}", "x".repeat(1_000)), service);
    assert!(words.starts_with("Your key … is xxx"), "{words}");
    assert_eq!(words.chars().count(), 200);
}

#[tokio::test]
async fn whoever_falls_silent_is_too_slow_and_whoever_breaks_off_is_not_understood() {
    let desk = Desk::new().await;
    desk.server.script([Step::StallAfter(700), Step::BreakOff(700), Step::BreakOff(0), Step::StallAfter(0)]);
    let hello = request("Hello");
    assert_eq!(desk.ask_for(&hello, SHORT).await, Err(Failure::TooSlow));
    for _ in 0..2 {
        assert_eq!(desk.ask_for(&hello, SHORT).await, Err(Failure::Nonsense("it broke off".into())));
    }
    assert_eq!(desk.ask_for(&hello, SHORT).await, Err(Failure::TooSlow));
    assert_eq!(desk.bodies().len(), 4, "what may have cost something is not repeated");
    assert!(desk.spent().await > 0, "it counts with what was reserved");
}

#[tokio::test]
async fn an_answer_that_ends_without_its_end_is_no_answer() {
    let desk = Desk::new().await;
    desk.server.script([Step::WithoutEnd]);
    assert_eq!(desk.ask_for(&request("Hello"), SHORT).await, Err(Failure::Nonsense("it broke off".into())));
}

#[tokio::test]
async fn an_error_in_the_middle_is_the_providers_and_not_repeated() {
    let desk = Desk::new().await;
    desk.server.script([
        Step::Error { kind: "overloaded_error".into() },
        Step::Error { kind: "invalid_request_error".into() },
    ]);
    assert!(matches!(desk.ask("Hello").await, Err(Failure::Overloaded(_))));
    assert!(matches!(desk.ask("Hello").await, Err(Failure::Nonsense(_))));
    assert_eq!(desk.bodies().len(), 2);
}

#[tokio::test]
async fn what_takes_too_long_from_the_start_is_too_slow() {
    let desk = Desk::new().await;
    desk.server.script([Step::text("late").delayed(Duration::from_secs(10))]);
    let begin = Instant::now();
    assert_eq!(desk.ask_for(&request("Hello"), Duration::from_millis(300)).await, Err(Failure::TooSlow));
    assert!(begin.elapsed() < SHORT);
}

#[tokio::test]
async fn what_is_given_up_ends_at_once_and_counts_with_what_was_reserved() {
    let desk = Desk::new().await;
    desk.server.script([Step::StallAfter(700)]);
    let (hello, cancel) = (request("Hello"), CancellationToken::new());
    let limits = Limits { output_tokens: 500, time: Duration::from_secs(20) };
    let asking = desk.llm.ask(&hello, &desk.payer, &limits, &cancel);
    let giving_up = async {
        xswarm_tests::wait::wait_for("the request", async || (!desk.bodies().is_empty()).then_some(())).await;
        cancel.cancel();
    };
    let (asked, ()) = tokio::join!(asking, giving_up);
    assert_eq!(asked, Err(Failure::Cancelled));
    assert!(desk.spent().await >= 250, "500 tokens at half a dollar a million");
    let open = desk.store.write(|tx| tx.model_calls_recover(Clock::system().now()).map_err(Error::from)).await.unwrap();
    assert_eq!(open, 0, "none is left {}", CallState::Open);
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_costs_nothing() {
    let desk = Desk::with("provider = \"anthropic\"", |_| "http://127.0.0.1:9".to_owned()).await;
    let failure = desk.ask("Hello").await.unwrap_err();
    assert!(matches!(failure, Failure::Unreachable(_)), "{failure:?}");
    assert!(!failure.to_string().contains("127.0.0.1"), "{failure}");
    assert_eq!(desk.spent().await, 0);
}
