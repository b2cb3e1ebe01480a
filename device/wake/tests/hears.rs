//! The head for "hey boss", with voices of espeak-ng that it was not trained on.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failed expectation is a failed test")]

use xswarm_wake::{
    Detector, Head, Sensitivity, Wake,
    acoustics::{Background, Scene, noise::Talks},
    speech::{Manner, Voice},
};

fn head() -> Head {
    Head::from_bytes(include_bytes!("../heads/hey-boss.head")).unwrap()
}

fn detector() -> Detector {
    Detector::new([(head(), Sensitivity::default())]).unwrap()
}

/// Two seconds of quiet, the text, another second and a half.
fn said(voice: Voice, text: &str, background: Option<(Background, f32)>) -> Vec<f32> {
    let speech = voice.say(text, Manner { pace: 1.0, pitch: 1.0 }).unwrap();
    let sound = [vec![0.0; 32_000], speech, vec![0.0; 24_000]].concat();
    Scene { background, ..Scene::clean(1) }.render(&sound, &Talks::default())
}

fn wakes(detector: &mut Detector, sound: &[f32], frame: usize) -> Vec<Wake> {
    sound.chunks(frame).filter_map(|frame| detector.push(frame).unwrap()).collect()
}

fn voices() -> Vec<Voice> {
    Voice::held_out().into_iter().filter(|voice| matches!(voice, Voice::Espeak { .. })).take(12).collect()
}

/// In how many voices a text wakes it.
fn woken_by(text: &str, background: Option<(Background, f32)>) -> usize {
    let mut detector = detector();
    let woken = |voice: &Voice| {
        detector.reset().unwrap();
        !wakes(&mut detector, &said(*voice, text, background), 320).is_empty()
    };
    voices().iter().map(woken).filter(|woken| *woken).count()
}

#[test]
fn new_voices_are_heard_in_quiet_and_in_noise() {
    assert!(woken_by("hey boss", None) >= 11);
    assert!(woken_by("hey boss", Some((Background::Pink, 10.0))) >= 10);
}

#[test]
fn what_is_not_the_phrase_is_let_pass() {
    // What sounds like it ("hey boston") is let through, and told apart by the words on the hub.
    assert!(woken_by("okay computer", None) <= 1);
    assert!(woken_by("good morning everybody", None) <= 1);
    assert_eq!(woken_by("could you close the window before it rains", None), 0);
    let mut detector = detector();
    for kind in [Background::Pink, Background::Music] {
        let noise =
            Scene { background: Some((kind, 0.0)), ..Scene::clean(2) }.render(&vec![0.0; 160_000], &Talks::default());
        assert_eq!(wakes(&mut detector, &noise, 320), []);
    }
    assert_eq!(wakes(&mut detector, &vec![0.0; 80_000], 320), []);
}

#[test]
fn the_same_sound_is_the_same_wake_word_however_it_is_cut() {
    let sound = said(voices()[0], "hey boss", None);
    let whole = wakes(&mut detector(), &sound, sound.len());
    assert_eq!(whole.len(), 1);
    assert_eq!(&*whole[0].phrase, "hey boss");
    for frame in [1, 160, 320, 512, 1_280, 4_801] {
        assert_eq!(wakes(&mut detector(), &sound, frame), whole, "frames of {frame}");
    }
}

#[test]
fn after_a_reset_half_a_phrase_is_forgotten() {
    let sound = said(voices()[0], "hey boss", None);
    let (first, second) = sound.split_at(32_000 + 4_800);
    let mut detector = detector();
    assert_eq!(wakes(&mut detector, first, 320), []);
    detector.reset().unwrap();
    assert_eq!(wakes(&mut detector, second, 320), []);
    assert_eq!(wakes(&mut detector, &sound, 320).len(), 1);
}
