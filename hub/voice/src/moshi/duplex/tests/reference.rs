//! The step against the moshi crate's own, which is made for a program that talks once: the same tokens, the same sound.

use candle_core::{IndexOp as _, Tensor};
use candle_transformers::generation::{LogitsProcessor, Sampling};
use moshi::{StreamMask, lm_generate_multistream as theirs};

use super::*;

#[test]
fn a_step_gives_what_kyutais_own_code_gives() {
    for files in [Files::new(), Files::quantized()] {
        let language = || {
            let weights = weights::open(&weights_file(files.directory.path()), DType::F32, &tiny::device()).unwrap();
            lm::LmModel::new(&tiny::duplex_config(), weights).unwrap()
        };
        let codec = || {
            let weights = weights::open_safetensors(&files.file(CODEC), DType::F32, &tiny::device()).unwrap();
            mimi::Mimi::new(tiny::codec(CODEBOOKS), weights).unwrap()
        };
        let mut ours = Model::new(language(), codec()).unwrap().begin(5);

        let dice = |seed, k| LogitsProcessor::from_sampling(seed, Sampling::TopK { k, temperature: 0.8 });
        let start = u32::try_from(tiny::PIECES).unwrap();
        let config = theirs::Config {
            generated_audio_codebooks: CODEBOOKS,
            input_audio_codebooks: CODEBOOKS,
            audio_vocab_size: tiny::BINS + 1,
            acoustic_delay: 2,
            text_pad_token: 3,
            text_eop_token: 0,
            text_start_token: start,
        };
        let mut state = theirs::State::new(language(), 100, dice(6, 250), dice(5, 25), None, None, None, config);
        let mut codec = codec();
        let mut text = start;
        let (mut pieces, mut frames) = (std::collections::BTreeSet::new(), 0);
        for (step, frame) in sound(3, 80).iter().enumerate() {
            let samples = Tensor::from_slice(&**frame, (1, 1, FRAME_SAMPLES), &tiny::device()).unwrap();
            let encoded = codec.encode_step(&samples.into(), &StreamMask::empty()).unwrap();
            let heard: Vec<u32> = encoded.as_option().unwrap().i((0, .., 0)).unwrap().to_vec1().unwrap();
            text = state.step(text, &heard, None, None).unwrap();
            let sound = state.last_audio_tokens().map(|tokens| {
                let tokens = Tensor::from_slice(&tokens[..CODEBOOKS], (1, CODEBOOKS, 1), &tiny::device()).unwrap();
                let decoded = codec.decode_step(&tokens.into(), &StreamMask::empty()).unwrap();
                decoded.as_option().unwrap().i((0, 0)).unwrap().to_vec1::<f32>().unwrap()
            });

            let uttered = ours.step(frame).unwrap();
            assert_eq!(uttered.piece, (text != 0 && text != 3).then_some(text), "step {step}");
            assert_eq!(uttered.sound, sound, "step {step}");
            pieces.extend(uttered.piece);
            frames += usize::from(sound.is_some());
        }
        assert_eq!(frames, 78);
        assert!(pieces.len() > 3, "only the pieces {pieces:?} came");
    }
}
