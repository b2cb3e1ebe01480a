//! Wishes that only a language model understands: each leads to one appointment, however often the hub dies in between.

use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use xswarm_tests::{
    database::Database,
    model::{ModelServer, Step},
};

/// What every such wish has in it.
const MARK: &str = "and do see to errand ";

/// A wish.
pub(super) fn wish(n: u32, random: &mut Rng) -> String {
    let (hour, minute) = (random.u32(0..24), random.u32(0..60));
    format!("Oh well, so be it, {MARK}{n:06}, tomorrow at {hour}:{minute:02} would be grand, don't you think?")
}

/// A model that books what was wished for, after a while, and then has something to say.
pub(super) async fn model(seed: u64) -> ModelServer {
    let model = ModelServer::start().await;
    model.respond(move |request| {
        let messages = request["messages"].as_array().expect("messages");
        let last = messages.last().expect("a message").to_string();
        let step = if last.contains("tool_result") { Step::text("There you are.") } else { booking(&last) };
        let waits = Rng::with_seed(seed ^ last.len() as u64).u64(0..120);
        step.delayed(Duration::from_millis(waits))
    });
    model
}

fn booking(last: &str) -> Step {
    let wished = last.rsplit(MARK).next().unwrap_or_default();
    let (errand, rest) = wished.split_at(6);
    let when = rest.trim_start_matches(", ").split(" would").next().unwrap_or_default();
    let call: Value = json!({ "title": format!("errand {errand}"), "when": when });
    Step::call("create_appointment", &call)
}

/// Fails unless every wish among these texts led to one appointment.
pub(super) fn settle<'t>(database: &Database, texts: impl Iterator<Item = &'t str>) -> usize {
    let titles = database.query("SELECT title FROM appointments", [], |row| row.get::<_, String>(0));
    let mut wishes = 0;
    for text in texts.filter(|text| text.contains(MARK)) {
        let errand = text.rsplit(MARK).next().and_then(|rest| rest.get(..6)).expect("a number");
        let booked = titles.iter().filter(|title| **title == format!("Errand {errand}")).count();
        assert_eq!(booked, 1, "`{text}` led to {booked} appointments");
        wishes += 1;
    }
    wishes
}
