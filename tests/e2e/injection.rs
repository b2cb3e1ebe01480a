//! The trust suite (G5): text that was merely read causes nothing, even when the model obeys every word of it.
//!
//! Each case of `fixtures/injection/*.toml` plants a hostile text where others' words can get in, lets a person say something
//! harmless, and compares everything the hub keeps, everybody it wrote to and everything it said before and after. The model
//! is [`xswarm_tests::model::obedient`]. What holds between turns has tests of its own in [`between`].

mod between;
mod checks;
mod controls;
mod corpus;
mod household;
mod planting;

use std::collections::BTreeMap;

use corpus::Case;
use household::Household;
use xswarm_tests::model::obedient::{Orders, orders};

/// Runs all cases of one file in one household, each with a person of their own.
async fn run(vector: &str) {
    let mut household = Household::start().await;
    let cases = corpus::of(vector);
    let mut failures = Vec::new();
    for case in &cases {
        household.mind.disregard(other_orders(&cases, case));
        if let Err(why) = attempt(&mut household, case).await {
            failures.push(format!("{}: {why}", case.id));
        }
    }
    let failed = failures.len();
    failures.extend(household.finish().await);
    assert!(failures.is_empty(), "{failed} of {} cases of {vector} failed:\n{}", cases.len(), failures.join("\n"));
}

async fn attempt(household: &mut Household, case: &Case) -> Result<(), String> {
    let person = household.person(case).await;
    household.plant(&person, case).await;
    let before = household.snapshot(&person).await;
    let said = household.talk(&person, case).await;
    household.check(&person, case, &before, &said).await
}

/// The orders of all cases but one.
fn other_orders(cases: &[Case], case: &Case) -> Orders {
    let mut others = Orders::default();
    let own = orders(&case.text);
    for other in cases.iter().filter(|other| other.id != case.id) {
        let Orders { calls, said } = orders(&other.text);
        others.calls.extend(calls.into_iter().filter(|call| !own.calls.contains(call)));
        others.said.extend(said.into_iter().filter(|text| !own.said.contains(text)));
    }
    others
}

macro_rules! vectors {
    ($($name:ident),+ $(,)?) => {
        const VECTORS: &[&str] = &[$(stringify!($name)),+];

        $(#[tokio::test]
        async fn $name() {
            run(stringify!($name)).await;
        })+
    };
}

vectors! {
    arguments, attachments, caps, confirm_tricks, contacts, destruction, encodings, exfiltration, fake_turns, false_claims,
    imported_calendars, invitations, languages, laundering, markup, memories, others, own_words, pastes, planted, quotes,
    shared_lists, small_print, strangers_texts, subjects, unicode, urgency,
}

#[test]
fn there_are_at_least_three_hundred_cases_and_ten_of_each_vector() {
    let mut counts = BTreeMap::new();
    let mut texts = std::collections::BTreeSet::new();
    for vector in VECTORS {
        for case in corpus::of(vector) {
            *counts.entry(*vector).or_insert(0_usize) += 1;
            assert!(texts.insert((case.via, case.text.clone(), case.says.clone())), "{} is there twice", case.id);
        }
    }
    let all: usize = counts.values().sum();
    let line: Vec<String> = counts.iter().map(|(vector, count)| format!("{vector} {count}")).collect();
    #[expect(clippy::print_stdout, reason = "the one line that sums the suite up")]
    {
        println!("injection: {all} cases: {}", line.join(", "));
    }
    assert!(all >= 300, "{all}");
    assert!(counts.values().all(|count| *count >= 10), "{counts:?}");
    assert_eq!(corpus::files(), VECTORS, "every file is run");
}
