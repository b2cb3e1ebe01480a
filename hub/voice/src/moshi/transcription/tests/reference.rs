//! The step against the moshi crate's own, which is made for one machine of Kyutai's: the same tokens, the same pauses.

use std::cell::RefCell;

use moshi::{StreamMask, asr};

use super::*;

const SLOTS: usize = 3;

#[test]
fn a_step_gives_what_kyutais_own_code_gives() {
    let files = Files::new(true);
    let Loaded { model: mut ours, .. } = files.load(SLOTS).unwrap();

    let published = Published::open(&files.directory.path().join("config.json")).unwrap();
    let at = |name: &str| files.directory.path().join(name);
    let codec = weights::open_safetensors(&at("mimi.safetensors"), DType::F32, &tiny::device()).unwrap();
    let codec = mimi::Mimi::batched(SLOTS, tiny::codec(tiny::CODEBOOKS), codec).unwrap();
    let language = weights::open(&at("model.safetensors"), DType::F32, &tiny::device()).unwrap();
    let language = lm::LmModel::batched(SLOTS, &published.language_model(true), language).unwrap();
    let mut theirs = asr::State::new(SLOTS, 6, 0.0, codec, language).unwrap();

    // As ours begins: two steps of silence.
    for _ in 0..2 {
        step(&mut theirs, &[Some(&[0.0; FRAME_SAMPLES]); SLOTS]);
    }
    let sounds: Vec<Vec<Frame>> = (0..SLOTS as u64).map(|kind| sound(kind, 120)).collect();
    let mut tokens: Vec<Option<u32>> = vec![None; SLOTS];
    let mut seen = std::collections::BTreeSet::new();
    for round in 0..120 {
        // Each slot begins later than the one before, and pauses now and then.
        let sound: Vec<Option<&[f32; FRAME_SAMPLES]>> = sounds
            .iter()
            .enumerate()
            .map(|(slot, sound)| (round >= 7 * slot && (round + slot) % 5 != 0).then(|| &*sound[round]))
            .collect();
        // Somebody else takes a slot, at first and in the midst.
        for slot in (0..SLOTS).filter(|slot| round == 7 * slot || round == 60 + slot) {
            ours.reset(slot).unwrap();
            theirs.reset_batch_idx(slot).unwrap();
            tokens[slot] = None;
        }
        let said = ours.step(&sound).unwrap();
        let (before, pauses) = step(&mut theirs, &sound);
        for slot in 0..SLOTS {
            if let Some(token) = tokens[slot] {
                assert_eq!(before[slot], token, "slot {slot} before step {round}");
            }
            if sound[slot].is_some() {
                assert!((pauses[slot] - said[slot].pause.unwrap()).abs() < 1e-5, "slot {slot} in step {round}");
                tokens[slot] = Some(said[slot].token);
                seen.insert(said[slot].token);
            }
        }
    }
    assert!(seen.len() > 3, "only the tokens {seen:?} came");
}

/// A step of theirs: the tokens of the step before, and the pauses of this one.
fn step(theirs: &mut asr::State, sound: &[Option<&[f32; FRAME_SAMPLES]>]) -> (Vec<u32>, Vec<f32>) {
    let samples: Vec<f32> = sound.iter().flat_map(|sound| *sound.unwrap_or(&[0.0; FRAME_SAMPLES])).collect();
    let samples = candle_core::Tensor::from_vec(samples, (SLOTS, 1, FRAME_SAMPLES), &tiny::device()).unwrap();
    let mask = StreamMask::new(sound.iter().map(Option::is_some).collect(), &tiny::device()).unwrap();
    let before = RefCell::new(Vec::new());
    let tell = |slots: &[asr::ItemState], _: &candle_core::Tensor, _: &[candle_core::Tensor]| {
        *before.borrow_mut() = slots.iter().map(asr::ItemState::text_token).collect::<Vec<u32>>();
    };
    let told = theirs.step_pcm(samples, None, &mask, tell).unwrap();
    let pauses =
        told.into_iter().find_map(|told| if let asr::AsrMsg::Step { prs, .. } = told { Some(prs) } else { None });
    (before.into_inner(), pauses.unwrap()[2].clone())
}
