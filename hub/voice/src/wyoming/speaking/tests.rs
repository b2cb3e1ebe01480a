//! Which part of the sound of a sentence is which word.

use super::*;

#[test]
fn the_silence_around_a_sentence_belongs_to_its_first_and_last_word() {
    let mut sound = vec![0.0; 1_000];
    sound.extend([0.5; 600]);
    sound.extend([0.0; 2_000]);
    let words = words_of("ab ab ab", &sound);
    let lengths: Vec<_> = words.iter().map(|(word, part)| (*word, part.len())).collect();
    assert_eq!(lengths, [("ab", 1_200), ("ab", 200), ("ab", 2_200)]);
}

#[test]
fn sound_that_is_shorter_than_its_words_is_still_all_of_it() {
    for samples in 0..20 {
        let sound = vec![0.5; samples];
        let words = words_of("a much longer text than that", &sound);
        assert_eq!(words.iter().map(|(_, part)| part.len()).sum::<usize>(), samples);
    }
}
