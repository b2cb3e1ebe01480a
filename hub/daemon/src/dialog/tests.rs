//! Whole conversations, as what comes in and what is done about it.

use proptest::prelude::*;

use super::*;

fn manner() -> Manner {
    Manner { greeting: "Hello.".to_owned(), longest_ms: 600_000, turns_most: 50, other: Other::Person, errand: None }
}

/// A conversation whose greeting was heard, at a time.
fn begun() -> (Dialog, u64) {
    let (mut dialog, first) = Dialog::begin(manner());
    assert_eq!(first, [Output::Say("Hello.".to_owned())]);
    assert_eq!(dialog.on(Input::Said, 1_000), []);
    (dialog, 1_000)
}

fn speech(ms: u64) -> Input {
    Input::Activity(Activity { speech_ms: ms, silence_ms: 0 })
}

fn partial(text: &str) -> Input {
    Input::Heard(Heard::Partial { text: text.to_owned() })
}

fn heard(text: &str) -> Input {
    Input::Heard(Heard::Final { text: text.to_owned() })
}

fn answer(text: &str) -> Input {
    Input::Answer(Answer { text: text.to_owned(), ..Answer::default() })
}

fn says(text: &str) -> Vec<Output> {
    vec![Output::Say(text.to_owned())]
}

#[test]
fn a_question_is_asked_and_its_answer_said() {
    let (mut dialog, at) = begun();
    assert_eq!(dialog.on(speech(400), at + 500), []);
    assert_eq!(dialog.on(heard("what's on today"), at + 1_500), [Output::Ask("what's on today".to_owned())]);
    assert_eq!(dialog.on(answer("Nothing today."), at + 1_600), says("Nothing today."));
    assert_eq!(dialog.on(Input::Said, at + 3_000), []);
}

#[test]
fn nobody_who_waits_for_an_answer_hears_three_seconds_of_nothing() {
    let (mut dialog, at) = begun();
    dialog.on(speech(400), at + 500);
    dialog.on(heard("tell me a story"), at + 1_500);
    let mut quiet_since = at + 1_500;
    let mut fillers = 0;
    for now in (at + 1_500..at + 30_000).step_by(20) {
        let out = dialog.on(Input::Tick, now);
        if let [Output::Say(_)] = out.as_slice() {
            fillers += 1;
            assert!(now - quiet_since < 2_500, "{} ms of nothing", now - quiet_since);
            quiet_since = now + 700;
            dialog.on(Input::Said, quiet_since);
        } else {
            assert_eq!(out, []);
        }
    }
    assert!(fillers >= 8, "{fillers}");
    assert_eq!(dialog.on(answer("Once upon a time."), at + 30_000), says("Once upon a time."));
}

#[test]
fn words_stop_the_boss_and_a_cough_does_not() {
    let (mut dialog, at) = begun();
    dialog.on(heard("read me the news"), at);
    dialog.on(answer("First, the weather."), at + 100);
    assert_eq!(dialog.on(speech(96), at + 1_000), [], "too short to be anything");
    assert_eq!(dialog.on(speech(160), at + 1_064), [Output::Pause]);
    assert_eq!(dialog.on(partial("uh-huh"), at + 1_500), []);
    assert_eq!(dialog.on(Input::Tick, at + 1_800), []);
    assert_eq!(dialog.on(Input::Tick, at + 1_864), [Output::Resume]);
    assert_eq!(dialog.on(heard("uh-huh"), at + 2_000), [], "somebody only listens");
    assert_eq!(dialog.on(speech(160), at + 3_000), [Output::Pause]);
    assert_eq!(dialog.on(partial("no, tomorrow's"), at + 3_400), [Output::Clear]);
    assert_eq!(dialog.on(heard("no, tomorrow's"), at + 4_400), [Output::Ask("no, tomorrow's".to_owned())]);
}

#[test]
fn words_without_speech_are_the_boss_own_echo() {
    let (mut dialog, at) = begun();
    dialog.on(heard("read me the news"), at);
    dialog.on(answer("First, the weather."), at + 100);
    assert_eq!(dialog.on(partial("first the weather"), at + 1_000), []);
    assert_eq!(dialog.on(heard("first the weather"), at + 2_000), []);
}

#[test]
fn an_interruption_cancels_what_is_being_thought_about() {
    let (mut dialog, at) = begun();
    dialog.on(heard("plan my week"), at);
    let filler = dialog.on(Input::Tick, at + 2_300);
    assert_eq!(filler, says("One moment."));
    assert_eq!(dialog.on(speech(160), at + 2_500), [Output::Pause]);
    assert_eq!(dialog.on(partial("never mind"), at + 2_900), [Output::Clear, Output::CancelAnswer]);
}

#[test]
fn who_says_nothing_is_asked_twice_and_then_hung_up_on() {
    let (mut dialog, mut at) = begun();
    for words in ["Are you still there?", "I can't hear you. Are you there?", "I'll hang up now. Goodbye."] {
        assert_eq!(dialog.on(Input::Tick, at + SILENCE_MS - 1), []);
        at += SILENCE_MS;
        assert_eq!(dialog.on(Input::Tick, at), says(words));
        if words.ends_with("Goodbye.") {
            break;
        }
        assert_eq!(dialog.on(Input::Said, at), []);
    }
    assert_eq!(dialog.on(Input::Said, at + 10), [Output::End(CallEnd::Silence)]);
    assert_eq!(dialog.on(Input::Tick, at + 20), [], "it is over");
}

#[test]
fn speech_that_nobody_understood_is_not_passed_over_in_silence() {
    let (mut dialog, at) = begun();
    dialog.on(speech(320), at + 100);
    assert_eq!(dialog.on(Input::Tick, at + 2_299), []);
    assert_eq!(dialog.on(Input::Tick, at + 2_300), says("Sorry, I didn't catch that."));
}

#[test]
fn a_farewell_ends_the_call_once_it_was_returned() {
    let (mut dialog, at) = begun();
    assert_eq!(dialog.on(heard("okay, thanks, bye"), at), says("Goodbye."));
    assert_eq!(dialog.on(speech(200), at + 100), [], "nothing interrupts it");
    assert_eq!(dialog.on(Input::Said, at + 900), [Output::End(CallEnd::Finished)]);
}

#[test]
fn a_stranger_leaves_one_message() {
    let (mut dialog, _) = Dialog::begin(Manner { other: Other::Stranger, ..manner() });
    dialog.on(Input::Said, 3_000);
    let out = dialog.on(heard("it's Bob, call me back"), 6_000);
    let thanks = "Thank you. I'll pass that on. Goodbye.".to_owned();
    assert_eq!(out, [Output::Ask("it's Bob, call me back".to_owned()), Output::Say(thanks)]);
    assert_eq!(dialog.on(Input::Said, 8_000), [Output::End(CallEnd::Finished)]);
}

#[test]
fn a_key_stops_the_boss_and_the_star_says_it_again() {
    let (mut dialog, at) = begun();
    dialog.on(heard("read me the news"), at);
    dialog.on(answer("First, the weather."), at + 100);
    assert_eq!(dialog.on(Input::Key('#'), at + 500), [Output::Clear]);
    assert_eq!(dialog.on(Input::Key('*'), at + 600), says("First, the weather."));
    assert_eq!(dialog.on(Input::Said, at + 2_000), []);
    assert_eq!(dialog.on(Input::Key('5'), at + 2_500), []);
}

#[test]
fn two_machines_that_talk_to_each_other_come_to_an_end() {
    let (mut dialog, mut at) = begun();
    let mut turns = 0;
    loop {
        at += 2_000;
        turns += 1;
        let out = dialog.on(heard("please say or press one"), at);
        if out == says("I don't think we are getting anywhere. Goodbye.") {
            break;
        }
        dialog.on(answer("I did not understand."), at + 10);
        dialog.on(Input::Said, at + 1_500);
    }
    assert_eq!(turns, SAME_WORDS_MOST + 1);
    assert_eq!(dialog.on(Input::Said, at + 1_000), [Output::End(CallEnd::Loop)]);
}

fn inputs() -> impl Strategy<Value = Input> {
    prop_oneof![
        4 => Just(Input::Tick),
        2 => (0_u64..500).prop_map(speech),
        2 => "[a-z ]{0,12}".prop_map(|text| partial(&text)),
        2 => "[a-z ]{0,12}".prop_map(|text| heard(&text)),
        1 => Just(answer("Yes.")),
        3 => Just(Input::Said),
        1 => proptest::char::range('0', '9').prop_map(Input::Key),
        1 => prop::sample::select(AnsweredBy::ALL).prop_map(Input::Verdict),
    ]
}

proptest! {
    /// Whatever comes in: the call ends by itself, pauses and resumes take turns, and nothing is said after the end.
    #[test]
    fn every_call_ends(ours in any::<bool>(), steps in prop::collection::vec((inputs(), 1_u64..4_000), 1..200)) {
        let words = || "Call mom.".to_owned();
        let errand = Errand { words: words(), hint: words(), voicemail: words(), can_wait: true };
        let (mut dialog, _) = Dialog::begin(Manner { errand: ours.then_some(errand), ..manner() });
        let (mut now, mut ended, mut paused) = (0, false, false);
        let silence = (0..400).map(|_| (Input::Tick, 2_500)).chain((0..4).map(|_| (Input::Said, 10)));
        for (input, step) in steps.into_iter().chain(silence.flat_map(|one| [one, (Input::Said, 5)])) {
            now += step;
            for output in dialog.on(input, now) {
                prop_assert!(!ended, "{output:?} after the end");
                match output {
                    Output::Pause => {
                        prop_assert!(!paused);
                        paused = true;
                    }
                    Output::Resume => {
                        prop_assert!(paused);
                        paused = false;
                    }
                    Output::Clear => paused = false,
                    Output::End(_) => ended = true,
                    Output::Say(_) | Output::Tell(_) | Output::Ask(_) | Output::CancelAnswer => {}
                    Output::Acknowledge | Output::Snooze => prop_assert!(ours),
                }
            }
        }
        prop_assert!(ended, "still going on after {now} ms");
    }
}
