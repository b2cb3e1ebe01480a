//! Texts as language models write them, cut into sentences.

use proptest::{collection::vec, prelude::*};

use super::*;

/// The sentences of a text that comes at once and is over.
fn cut(text: &str) -> Vec<String> {
    let mut sentences = Sentences::default();
    sentences.push(text);
    sentences.end();
    std::iter::from_fn(|| sentences.next(false)).collect()
}

#[test]
fn text_is_cut_into_sentences() {
    let cases: [(&str, &[&str]); 17] = [
        ("Hello. How are you?", &["Hello.", "How are you?"]),
        ("One line\nanother line", &["One line", "another line"]),
        ("Mr. Smith is at St. Mary's.", &["Mr. Smith is at St. Mary's."]),
        ("Ask J. Smith. He knows.", &["Ask J. Smith.", "He knows."]),
        ("It costs 3.50 now. Yes.", &["It costs 3.50 now.", "Yes."]),
        ("At 2 p.m. tomorrow. Good?", &["At 2 p.m. tomorrow.", "Good?"]),
        ("It is at 2 p.m. Shall I go on?", &["It is at 2 p.m.", "Shall I go on?"]),
        ("Fruit, e.g. apples. Done.", &["Fruit, e.g. apples.", "Done."]),
        ("He said \"Stop.\" Then he left.", &["He said \"Stop.\"", "Then he left."]),
        ("Really?! Yes… well (no.) So.", &["Really?!", "Yes…", "well (no.)", "So."]),
        ("No. I said room No. 5.", &["No.", "I said room No. 5."]),
        ("So do I. Fine.", &["So do I.", "Fine."]),
        ("See example.com for it.", &["See example.com for it."]),
        ("你好。再见！", &["你好。", "再见！"]),
        ("... 🙂 — \n\n", &[]),
        ("", &[]),
        ("no end", &["no end"]),
    ];
    for (text, expected) in cases {
        assert_eq!(cut(text), expected, "{text}");
    }
}

#[test]
fn the_first_piece_may_be_a_clause_and_later_ones_are_not() {
    let text = "Tomorrow you have a meeting with John at two, and then nothing. After that comes an evening with no plans, I think.";
    let expected = [
        "Tomorrow you have a meeting with John at two,",
        "and then nothing.",
        "After that comes an evening with no plans, I think.",
    ];
    assert_eq!(cut(text), expected);
    assert_eq!(cut("Well, no."), ["Well, no."]);
}

#[test]
fn a_sentence_is_given_as_soon_as_it_is_whole() {
    let mut sentences = Sentences::default();
    let mut push = |text: &str| {
        sentences.push(text);
        (sentences.may_be_whole(), sentences.next(false))
    };
    assert_eq!(push("Good"), (false, None));
    assert_eq!(push(" day."), (true, None));
    assert_eq!(push(" "), (true, Some("Good day.".to_owned())));
    assert_eq!(push("It is 3."), (false, None), "`3.5` may follow");
    assert_eq!(push("5 degrees at 2 p.m."), (true, None));
    assert_eq!(push(" in Dr."), (false, None));
    assert_eq!(push(" Who's house!"), (true, None));
    assert_eq!(sentences.next(true).as_deref(), Some("It is 3.5 degrees at 2 p.m. in Dr. Who's house!"));
    assert!(!sentences.is_over());
    sentences.end();
    assert!(sentences.is_over());
}

proptest! {
    #[test]
    fn no_letter_is_lost_and_no_sentence_is_long(text in "[a-zA-Zé0-9 .,!?\n'\"-]{0,900}", cuts in vec(1_usize..40, 1..20)) {
        let mut sentences = Sentences::default();
        let mut all = Vec::new();
        let mut rest = text.as_str();
        let mut cuts = cuts.iter().cycle();
        while !rest.is_empty() {
            let at = rest.char_indices().nth(*cuts.next().unwrap()).map_or(rest.len(), |(at, _)| at);
            let (now, later) = rest.split_at(at);
            rest = later;
            sentences.push(now);
            all.extend(std::iter::from_fn(|| sentences.next(false)));
        }
        sentences.end();
        all.extend(std::iter::from_fn(|| sentences.next(false)));
        prop_assert!(sentences.is_over());
        prop_assert!(all.iter().all(|one| one.len() <= LONGEST + 4 && one.trim() == one && !one.is_empty()));
        let letters = |text: &str| text.chars().filter(|one| one.is_alphanumeric()).collect::<String>();
        prop_assert_eq!(letters(&all.concat()), letters(&text));
    }
}
