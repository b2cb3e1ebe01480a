//! Calls that the Boss makes, as what comes in and what is done about it.

use xswarm_voice::{Heard, audio::Activity};

use super::{super::*, *};

fn called(other: Other, can_wait: bool) -> Dialog {
    let errand = Errand {
        words: "Reminder: call mom.".to_owned(),
        hint: "Press 1.".to_owned(),
        voicemail: "I could not reach you.".to_owned(),
        can_wait,
    };
    let manner = Manner {
        greeting: Some("Hello Anna.".to_owned()),
        longest_ms: 600_000,
        turns_most: 50,
        other,
        is_recorded: false,
        room: None,
        errand: Some(errand),
    };
    let (mut dialog, first) = Dialog::begin(manner);
    assert_eq!(first, says("Hello Anna."));
    assert_eq!(dialog.on(Input::Said, 1_000), []);
    dialog
}

fn says(words: &str) -> Vec<Output> {
    vec![Output::Say(words.to_owned())]
}

fn tells() -> Vec<Output> {
    vec![Output::Tell("Reminder: call mom.".to_owned()), Output::Say("Press 1.".to_owned())]
}

fn parts(words: &str, before: &[Output]) -> Vec<Output> {
    let mut all = before.to_vec();
    all.push(Output::Say(words.to_owned()));
    all
}

fn heard(text: &str) -> Input {
    Input::Heard(Heard::Final { text: text.to_owned() })
}

fn speech() -> Input {
    Input::Activity(Activity { speech_ms: 300, silence_ms: 0 })
}

/// What comes out between two instants, with everything heard 500 ms after it was said.
fn quiet(dialog: &mut Dialog, from_ms: u64, to_ms: u64) -> Vec<(u64, Output)> {
    let (mut all, mut said) = (Vec::new(), None);
    for now in (from_ms..to_ms).step_by(20) {
        let mut out = dialog.on(Input::Tick, now);
        if said.is_some_and(|at| now >= at + 500) {
            said = None;
            out.extend(dialog.on(Input::Said, now));
        }
        if out.iter().any(|one| matches!(one, Output::Say(_) | Output::Tell(_))) {
            said = Some(now);
        }
        all.extend(out.into_iter().map(|one| (now, one)));
    }
    all
}

#[test]
fn a_person_is_told_and_answers_by_key() {
    for (key, deed, words) in [
        ('1', Output::Acknowledge, "Good. Goodbye."),
        ('2', Output::Snooze, "I'll remind you again in ten minutes. Goodbye."),
    ] {
        let mut dialog = called(Other::Person, true);
        assert_eq!(dialog.on(Input::Verdict(AnsweredBy::Person), 2_000), tells());
        dialog.errand_heard();
        assert_eq!(dialog.on(Input::Said, 4_000), []);
        assert_eq!(dialog.on(Input::Key(key), 5_000), parts(words, &[deed]));
        assert_eq!(dialog.on(Input::Key(key), 5_100), [], "once");
        assert_eq!(dialog.on(Input::Said, 6_000), [Output::End(CallEnd::Finished)]);
    }
}

#[test]
fn what_cannot_wait_is_not_put_off() {
    let mut dialog = called(Other::Person, false);
    dialog.on(Input::Verdict(AnsweredBy::Person), 2_000);
    dialog.on(Input::Said, 4_000);
    assert_eq!(dialog.on(Input::Key('2'), 5_000), []);
    assert_eq!(dialog.on(Input::Key('*'), 5_100), tells(), "the star says it again");
}

#[test]
fn a_key_before_the_provider_has_decided_proves_a_person() {
    let mut dialog = called(Other::Person, true);
    assert_eq!(dialog.on(speech(), 1_500), [], "nothing pauses the greeting");
    assert_eq!(dialog.on(heard("Hi, this is the mailbox of Anna"), 2_000), []);
    assert_eq!(dialog.on(Input::Key('5'), 2_500), tells());
    assert_eq!(dialog.on(Input::Verdict(AnsweredBy::Machine), 3_000), [], "it was wrong");
}

#[test]
fn a_mailbox_hears_a_few_words_once_and_never_the_matter() {
    let mut dialog = called(Other::Person, true);
    let fillers = quiet(&mut dialog, 1_000, 9_000);
    assert!(
        fillers.len() >= 2
            && fillers.iter().all(|(_, out)| *out == Output::Say("To hear it, press any key.".to_owned()))
    );
    let out = dialog.on(Input::Verdict(AnsweredBy::Machine), 9_000);
    assert_eq!(out.last(), Some(&Output::Say("I could not reach you.".to_owned())));
    assert_eq!(dialog.on(Input::Verdict(AnsweredBy::Machine), 9_100), []);
    assert_eq!(dialog.on(heard("beep"), 9_200), []);
    assert_eq!(dialog.on(Input::Said, 12_000), [Output::End(CallEnd::Voicemail)]);
}

#[test]
fn a_fax_hears_nothing() {
    let mut dialog = called(Other::Person, true);
    assert_eq!(dialog.on(Input::Verdict(AnsweredBy::Fax), 4_000), [Output::End(CallEnd::NotAnswered)]);
}

#[test]
fn whoever_was_silent_proves_to_be_a_person_by_a_word_and_what_talks_on_does_not() {
    let mut silent = called(Other::Person, true);
    assert_eq!(silent.on(Input::Verdict(AnsweredBy::Unclear), 6_000), []);
    assert_eq!(silent.on(heard("Hello?"), 8_000), tells());
    let mut talking = called(Other::Person, true);
    assert_eq!(talking.on(Input::Verdict(AnsweredBy::Unclear), 31_000), []);
    assert_eq!(talking.on(heard("and for our opening hours"), 32_000), []);
    let out = quiet(&mut talking, 32_000, 60_000);
    assert_eq!(out.last().map(|(_, out)| out), Some(&Output::End(CallEnd::Voicemail)), "{out:?}");
    assert!(!out.iter().any(|(_, out)| matches!(out, Output::Tell(_))));
}

#[test]
fn without_a_word_of_the_provider_the_call_ends_and_nothing_private_is_said() {
    let mut dialog = called(Other::Person, true);
    let out = quiet(&mut dialog, 1_000, 60_000);
    assert!(!out.iter().any(|(_, out)| matches!(out, Output::Tell(_))), "{out:?}");
    assert_eq!(out.last().map(|(_, out)| out), Some(&Output::End(CallEnd::Voicemail)));
}

#[test]
fn whoever_is_silent_hears_it_twice_and_then_a_goodbye() {
    let mut dialog = called(Other::Person, true);
    dialog.on(Input::Verdict(AnsweredBy::Person), 2_000);
    dialog.errand_heard();
    dialog.on(Input::Said, 4_000);
    let out: Vec<Output> = quiet(&mut dialog, 4_000, 60_000).into_iter().map(|(_, out)| out).collect();
    let mut expected = tells();
    expected.extend([Output::Say("Goodbye.".to_owned()), Output::End(CallEnd::Silence)]);
    assert_eq!(out, expected);
}

#[test]
fn a_hello_does_not_interrupt_and_other_words_do() {
    let mut dialog = called(Other::Person, true);
    dialog.on(Input::Verdict(AnsweredBy::Person), 2_000);
    assert_eq!(dialog.on(speech(), 2_300), [Output::Pause]);
    assert_eq!(dialog.on(heard("Hello, who's this?"), 2_600), []);
    assert_eq!(dialog.on(Input::Tick, 3_200), [Output::Resume]);
    assert_eq!(dialog.on(Input::Activity(Activity { speech_ms: 0, silence_ms: 100 }), 3_300), []);
    assert_eq!(dialog.on(speech(), 3_500), [Output::Pause]);
    let words = "snooze ten minutes";
    assert_eq!(dialog.on(heard(words), 3_900), [Output::Clear, Output::Ask(words.to_owned())]);
    let answer = Answer { text: "Later, then.".to_owned(), ..Answer::default() };
    assert_eq!(dialog.on(Input::Answer(answer), 4_000), says("Later, then."));
}

#[test]
fn somebody_else_is_thanked_for_their_answer() {
    let mut dialog = called(Other::Stranger, false);
    dialog.on(Input::Verdict(AnsweredBy::Person), 2_000);
    dialog.on(Input::Said, 4_000);
    assert_eq!(dialog.on(heard("Hello?"), 4_500), tells(), "they missed it");
    dialog.on(Input::Said, 6_000);
    let words = "Tell her I'll be late";
    let expected = [Output::Ask(words.to_owned()), Output::Say("Thank you. I'll pass that on. Goodbye.".to_owned())];
    assert_eq!(dialog.on(heard(words), 7_000), expected);
}
