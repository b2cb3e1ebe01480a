//! Whole conversations, as what comes in and what is done about it.

use proptest::prelude::*;

use super::*;

fn manner() -> Manner {
    Manner {
        greeting: Some("Hello.".to_owned()),
        longest_ms: 600_000,
        turns_most: 50,
        other: Other::Person,
        is_recorded: true,
        errand: None,
        room: None,
    }
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

fn quiet() -> Input {
    Input::Activity(Activity { speech_ms: 0, silence_ms: 200 })
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

fn asks_pin() -> Input {
    Input::Answer(Answer { text: "Your PIN, please.".to_owned(), is_aside: false, asks: true, asks_pin: true })
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
    assert_eq!(dialog.on(quiet(), at + 2_500), []);
    assert_eq!(dialog.on(speech(160), at + 3_000), [Output::Pause]);
    assert_eq!(dialog.on(partial("no, tomorrow's"), at + 3_400), [Output::Clear]);
    assert_eq!(dialog.on(heard("no, tomorrow's"), at + 4_400), [Output::Ask("no, tomorrow's".to_owned())]);
}

#[test]
fn a_sound_that_goes_on_pauses_the_boss_once_and_words_stop_it_even_so() {
    let (mut dialog, at) = begun();
    dialog.on(heard("read me the news"), at);
    dialog.on(answer("First, the weather."), at + 100);
    let mut said = Vec::new();
    for ms in (0..8_000).step_by(20) {
        said.extend(dialog.on(speech(ms), at + 1_000 + ms));
        said.extend(dialog.on(Input::Tick, at + 1_000 + ms));
    }
    assert_eq!(said, [Output::Pause, Output::Resume]);
    assert_eq!(dialog.on(partial("stop it"), at + 9_000), [Output::Clear]);
}

#[test]
fn a_pin_that_is_said_is_nobodys_words() {
    let (mut dialog, at) = begun();
    for (asked, spoken, words) in [
        (false, "my pin is 4711", KEEP_IT),
        (false, "the PIN is four seven double one", KEEP_IT),
        (true, "double four double one", TYPE_IT),
        (true, "four four", TYPE_IT),
    ] {
        if asked {
            dialog.on(asks_pin(), at);
            dialog.on(Input::Said, at);
        }
        assert_eq!(dialog.on(heard(spoken), at), says(words), "{spoken}");
        dialog.on(Input::Said, at);
    }
    let (mut dialog, at) = begun();
    let talk = "what is a pin good for";
    assert_eq!(dialog.on(heard(talk), at), [Output::Ask(talk.to_owned())]);
}

#[test]
fn a_request_without_its_pin_is_left_for_good() {
    let (mut dialog, at) = begun();
    dialog.on(asks_pin(), at);
    dialog.on(Input::Said, at);
    let keys = "9#9#".chars().flat_map(|key| dialog.on(Input::Key(key), at)).collect::<Vec<_>>();
    let pauses = |output: &&Output| **output != Output::Clear;
    let told: Vec<_> = keys.iter().filter(pauses).cloned().collect();
    assert_eq!(told, [Output::Say(PIN_AGAIN.into()), Output::PinLeft, Output::Say(NO_PIN.into())]);
    assert_eq!(dialog.on(Input::Key('*'), at), [Output::Clear, Output::Say(NO_PIN.into())], "not the question again");
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
    let asked = "This is the Boss, who works for the household. Please tell me your message.";
    assert_eq!(dialog.on(heard("Hello? Who is this?"), 4_000), says(asked), "a greeting is no message");
    dialog.on(Input::Said, 5_000);
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
        1 => Just(asks_pin()),
        1 => Just(Input::PinChecked(PinVerdict::Wrong)),
        3 => Just(Input::Said),
        1 => proptest::char::range('0', '9').prop_map(Input::Key),
        1 => Just(Input::Woken("hey boss".to_owned())),
        1 => Just(Input::PartnerJoined),
        2 => Just(Input::PartnerSpeaks),
        1 => Just(Input::PartnerAnswers),
        1 => Just(Input::PartnerLeft),
        1 => Just(Input::Answer(Answer { text: "Which one?".to_owned(), asks: true, ..Answer::default() })),
        1 => prop::sample::select(AnsweredBy::ALL).prop_map(Input::Verdict),
    ]
}

proptest! {
    /// Whatever comes in: the call ends by itself, pauses and resumes take turns, and nothing is said after the end.
    #[test]
    fn every_call_ends(ours in any::<bool>(), in_room in any::<bool>(), steps in prop::collection::vec((inputs(), 1_u64..4_000), 1..200)) {
        let words = || "Call mom.".to_owned();
        let errand = Errand { words: words(), hint: words(), voicemail: words(), can_wait: true };
        let ours = ours && !in_room;
        let room = in_room.then(|| InRoom::woken_by(Some("hello".to_owned())));
        let greeting = manner().greeting.filter(|_| !in_room);
        let (mut dialog, _) = Dialog::begin(Manner { errand: ours.then_some(errand), greeting, room, ..manner() });
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
                    Output::Say(_)
                    | Output::Tell(_)
                    | Output::Ask(_)
                    | Output::Consider(_)
                    | Output::CancelAnswer
                    | Output::Pin(_)
                    | Output::PinGivenUp
                    | Output::PinLeft
                    | Output::StopRecording => {}
                    Output::NotMeant => prop_assert!(in_room),
                    Output::Acknowledge | Output::Snooze => prop_assert!(ours),
                }
            }
        }
        prop_assert!(ended, "still going on after {now} ms");
    }
}

/// A conversation with a partner, whose greeting was heard.
fn chatting() -> (Dialog, u64) {
    let (mut dialog, at) = begun();
    assert!(!dialog.partner_may_speak());
    assert_eq!(dialog.on(Input::PartnerJoined, at), []);
    (dialog, at)
}

fn considers(text: &str) -> Vec<Output> {
    vec![Output::Consider(text.to_owned())]
}

#[test]
fn the_partner_has_the_word_whenever_the_boss_has_nothing_to_say() {
    let (mut dialog, first) = Dialog::begin(manner());
    assert_eq!(first.len(), 1);
    dialog.on(Input::PartnerJoined, 0);
    assert!(!dialog.partner_may_speak(), "the Boss greets");
    dialog.on(Input::Said, 1_000);
    assert!(dialog.partner_may_speak());
    dialog.on(speech(400), 2_000);
    assert!(dialog.partner_may_speak(), "who listens while it speaks may go on");
    // Chat is for the partner.
    assert_eq!(dialog.on(heard("I had a long day"), 3_000), considers("I had a long day"));
    assert!(!dialog.partner_may_speak(), "until it is known whose it is");
    dialog.on(Input::PartnerAnswers, 3_001);
    assert!(dialog.partner_may_speak());
    // A command is for the Boss, who answers, and then the partner goes on.
    assert_eq!(dialog.on(heard("set a timer for ten minutes"), 9_000), considers("set a timer for ten minutes"));
    assert_eq!(dialog.on(Input::Tick, 9_500), []);
    assert_eq!(dialog.on(Input::Tick, 11_300), says("One moment."));
    dialog.on(Input::Said, 12_000);
    assert!(!dialog.partner_may_speak(), "an answer is owed");
    assert_eq!(dialog.on(answer("Ten minutes."), 12_100), says("Ten minutes."));
    assert!(!dialog.partner_may_speak());
    dialog.on(Input::Said, 13_000);
    assert!(dialog.partner_may_speak());
}

#[test]
fn what_the_boss_asks_is_not_answered_to_the_partner() {
    let (mut dialog, at) = chatting();
    dialog.on(heard("cancel the dentist"), at + 1_000);
    let question = Answer { text: "Cancel Dentist? Yes or no?".to_owned(), asks: true, ..Answer::default() };
    dialog.on(Input::Answer(question), at + 1_100);
    dialog.on(Input::Said, at + 3_000);
    assert!(!dialog.partner_may_speak(), "nobody else asks anything meanwhile");
    assert_eq!(dialog.on(heard("yes"), at + 4_000), [Output::Ask("yes".to_owned())]);
    dialog.on(answer("Cancelled."), at + 4_100);
    dialog.on(Input::Said, at + 5_000);
    assert!(dialog.partner_may_speak());
    assert_eq!(dialog.on(heard("yes"), at + 6_000), considers("yes"), "that is no answer to the Boss any more");
}

#[test]
fn a_call_with_a_partner_ends_too() {
    // By a goodbye.
    let (mut dialog, at) = chatting();
    assert_eq!(dialog.on(heard("okay, bye"), at + 1_000), says("Goodbye."));
    assert!(!dialog.partner_may_speak());
    assert_eq!(dialog.on(Input::Said, at + 2_000), [Output::End(CallEnd::Finished)]);
    // When only the partner still talks.
    let (mut dialog, at) = chatting();
    dialog.on(speech(400), at);
    let mut now = at;
    let end = loop {
        now += 100;
        dialog.on(Input::PartnerSpeaks, now);
        match dialog.on(Input::Tick, now).as_slice() {
            [] => {}
            [Output::Say(_)] => {
                if let [Output::End(end)] = dialog.on(Input::Said, now).as_slice() {
                    break *end;
                }
            }
            out => panic!("{out:?}"),
        }
    };
    assert_eq!(end, CallEnd::Silence);
    assert!((60_000..120_000).contains(&(now - at)), "{now}");
}

#[test]
fn words_that_nobody_understood_are_left_to_the_partner() {
    let (mut dialog, at) = chatting();
    dialog.on(speech(400), at);
    assert_eq!(dialog.on(Input::Tick, at + 5_000), []);
    dialog.on(Input::PartnerLeft, at + 5_000);
    assert!(!dialog.partner_may_speak());
    assert_eq!(dialog.on(Input::Tick, at + 5_100), says("Sorry, I didn't catch that."));
    assert_eq!(dialog.on(heard("hello"), at + 6_000), [], "it is being said");
    dialog.on(Input::Said, at + 6_500);
    assert_eq!(dialog.on(heard("hello"), at + 7_000), [Output::Ask("hello".to_owned())]);
}
