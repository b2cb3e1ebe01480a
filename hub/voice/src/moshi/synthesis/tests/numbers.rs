//! Every number on the way against Kyutai's Python.

use candle_core::{D, DType, Device, Result, Tensor};

use super::{Golden, apart, codec, files, folder, golden, settings};
use crate::moshi::{
    synthesis::{
        backbone::Row,
        config::Config,
        depth::Choose,
        embedding::TextToken,
        network::{Model, Network},
        pacing::Item,
        script::{Piece, Script},
        utterance::Utterance,
    },
    tiny,
    weights::open_safetensors,
};

/// Logits go up to some 30; both sides compute in 32 bits, in another order.
const LOGITS_TOLERANCE: f32 = 1e-4;

/// Of 1, the loudest sound.
const SOUND_TOLERANCE: f32 = 2e-5;

/// The likeliest token, and a copy of the logits.
#[derive(Default)]
struct Recorder(Vec<Tensor>);

impl Choose for Recorder {
    fn codes(&mut self, logits: &Tensor) -> Result<Tensor> {
        self.0.push(logits.clone());
        logits.argmax(D::Minus1)
    }
}

fn model(codebooks: usize, slots: usize) -> Model {
    Model::open(&files(), &settings(codebooks, slots), codec(codebooks), &tiny::device()).unwrap()
}

/// One of the texts on its way.
struct Speaking {
    utterance: Utterance,
    voice: usize,
    given: Vec<(u32, u32)>,
    begun: Vec<(String, usize)>,
    frames: Vec<Vec<u32>>,
}

fn begin(model: &Model, golden: &Golden) -> Vec<Speaking> {
    let one = |said: &super::Said| {
        let mut utterance = Utterance::new(model.network.streams.clone());
        for item in items(model, &said.text) {
            utterance.pacing.push(item);
        }
        utterance.pacing.complete();
        let voice = usize::from(said.voice == "b");
        Speaking { utterance, voice, given: Vec::new(), begun: Vec::new(), frames: Vec::new() }
    };
    golden.said.iter().map(one).collect()
}

fn items(model: &Model, text: &str) -> Vec<Item> {
    let mut script = Script::default();
    script.push(text);
    script.complete();
    let mut items = Vec::new();
    while let Some(piece) = script.next() {
        items.push(match piece {
            Piece::Pause(steps) => Item::Break { steps },
            Piece::Word { spoken, .. } => {
                let mut tokens = model.tokenizer.encode(&spoken);
                if items.is_empty() {
                    tokens.insert(0, 1);
                }
                Item::Word { text: spoken, tokens }
            }
        });
    }
    items
}

#[test]
fn words_and_their_tokens_are_those_of_sentencepiece() {
    let (golden, _) = golden();
    let model = model(golden.codebooks, 1);
    for said in &golden.said {
        let ours: Vec<(String, Vec<u32>)> = items(&model, &said.text)
            .into_iter()
            .map(|item| match item {
                Item::Word { text, tokens } => (text, tokens),
                Item::Break { .. } => (String::new(), Vec::new()),
            })
            .collect();
        assert_eq!(ours, said.entries);
    }
}

#[test]
fn logits_tokens_and_sound_are_those_of_kyutai() {
    let (golden, tensors) = golden();
    let mut model = model(golden.codebooks, golden.said.len());
    let mut speaking = begin(&model, &golden);
    let (mut text_apart, mut audio_apart) = (0_f32, 0_f32);
    let (mut compared_text, mut compared_audio) = (0, 0);
    for step in 0.. {
        if speaking.iter().all(|one| one.utterance.finished()) {
            break;
        }
        let rows: Vec<Row> = speaking.iter().map(row).collect();
        let heard = model.network.backbone.step(&rows).unwrap();
        let logits: Vec<Vec<f32>> = heard.text_logits.to_vec2().unwrap();
        // Kyutai's texts are all computed until the last has ended; ours are compared as far as they are spoken.
        for (number, one) in speaking.iter_mut().enumerate().filter(|(_, one)| !one.utterance.finished()) {
            if step % 2 == 0 {
                let theirs = numbers(&tensors["text_logits"].get(step / 2).unwrap().get(number).unwrap());
                text_apart = text_apart.max(apart(&logits[number], &theirs));
                compared_text += 1;
            }
            let asked = (0..).zip(&logits[number]).max_by(|one, other| one.1.total_cmp(other.1)).unwrap().0;
            let (text, begun) = one.utterance.hear_text(asked);
            one.given.push((asked, text.ahead.map_or(0, |ahead| ahead + 1) * 49 + text.now));
            one.begun.extend(begun.map(|begun| (begun.text, begun.step)));
        }
        let mut codes = vec![Vec::new(); speaking.len()];
        if step >= 16 {
            let texts: Vec<_> = speaking.iter().map(|one| one.utterance.input().0).collect();
            let mut recorder = Recorder::default();
            codes = model.network.depth.step(&heard.hidden, &texts, golden.codebooks, &mut recorder).unwrap();
            if step % 2 == 0 {
                let theirs = tensors["audio_logits"].get((step - 16) / 2).unwrap();
                for (codebook, ours) in recorder.0.iter().enumerate() {
                    for (number, _) in speaking.iter().enumerate().filter(|(_, one)| !one.utterance.finished()) {
                        let theirs = numbers(&theirs.get(codebook).unwrap().get(number).unwrap());
                        audio_apart = audio_apart.max(apart(&numbers(&ours.get(number).unwrap()), &theirs));
                        compared_audio += 1;
                    }
                }
            }
        }
        for (one, codes) in speaking.iter_mut().zip(&codes).filter(|(one, _)| !one.utterance.finished()) {
            one.frames.extend(one.utterance.hear_audio(codes).map(|frame| frame.codes));
        }
    }
    assert!(text_apart < LOGITS_TOLERANCE, "text logits are {text_apart} apart");
    assert!(audio_apart < LOGITS_TOLERANCE, "audio logits are {audio_apart} apart");
    assert!(compared_text > 80 && compared_audio > 300, "{compared_text} and {compared_audio} were compared");

    let codes = tensors["codes"].to_dtype(DType::U32).unwrap();
    for ((number, one), said) in speaking.iter().enumerate().zip(&golden.said) {
        assert_eq!(one.utterance.pacing.ended_at(), Some(said.end_step));
        assert_eq!(one.given, said.asked_and_given[..one.given.len()]);
        assert_eq!(one.begun, said.begun);
        // Frames before the audio has begun are not made.
        let theirs = codes.get(number).unwrap().narrow(1, 16, one.frames.len()).unwrap().t().unwrap();
        assert_eq!(one.frames, theirs.to_vec2::<u32>().unwrap());
        assert_eq!(one.frames.len(), said.end_step + 2);

        let sound = model.codec.clone().decode(&one.frames).unwrap();
        let heard: Vec<f32> = sound[2 * 1_920..].iter().copied().step_by(golden.stride).collect();
        let sound_apart = apart(&heard, &numbers(&tensors[&format!("sound.{number}")]));
        assert!(sound_apart < SOUND_TOLERANCE, "sound is {sound_apart} apart");
    }
}

#[test]
fn it_computes_in_half_precision_too() {
    // As on a GPU, though there with 16 bits of another kind; what is 32 bits wide in the wrong place would be an error.
    let config = Config::parse(&std::fs::read_to_string(files().config).unwrap()).unwrap();
    let logits = |dtype| {
        let weights = open_safetensors(&files().weights, dtype, &tiny::device()).unwrap();
        let mut network = Network::load(&config, &settings(6, 3), &weights).unwrap();
        let voice = candle_core::safetensors::load(folder().join("voice-a.safetensors"), &tiny::device()).unwrap();
        network.backbone.learn_voice(&voice["speaker_wavs"]).unwrap();
        network.backbone.learn_voice(&(&voice["speaker_wavs"] * 0.5).unwrap()).unwrap();
        let mut all = Vec::new();
        for step in 0..3 {
            // Sessions of different ages and voices, and the text with and without a second stream.
            if step == 2 {
                network.backbone.reset(1);
            }
            let text = TextToken { now: 7 + step, ahead: (step > 0).then_some(9) };
            let row = |voice| Row { taking_part: true, text, audio: vec![Some(step); 6], voice };
            let heard = network.backbone.step(&[row(0), row(1), row(0)]).unwrap();
            let mut recorder = Recorder::default();
            network.depth.step(&heard.hidden, &[text; 3], 1, &mut recorder).unwrap();
            all.extend(numbers(&heard.text_logits));
            all.extend(recorder.0.iter().flat_map(numbers));
        }
        all
    };
    let (whole, half) = (logits(DType::F32), logits(DType::F16));
    assert!(apart(&whole, &half) < 0.1, "{} apart", apart(&whole, &half));
    assert!(apart(&whole, &half) > 0.0);
}

#[test]
fn frames_can_be_decoded_together_or_one_by_one() {
    let model = model(6, 1);
    let frames: Vec<Vec<u32>> =
        (0..11_u32).map(|frame| (0..6).map(|code| (7 * frame + 5 * code) % 16).collect()).collect();
    let together = model.codec.clone().decode(&frames).unwrap();
    for pieces in [1, 3] {
        let mut codec = model.codec.clone();
        let apart_made: Vec<f32> = frames.chunks(pieces).flat_map(|some| codec.decode(some).unwrap()).collect();
        assert_eq!(apart_made.len(), 11 * 1_920);
        assert!(apart(&apart_made, &together) < SOUND_TOLERANCE);
    }
}

#[test]
fn projections_in_one_tensor_are_the_same_model() {
    let whole = tempfile::tempdir().unwrap();
    let mut tensors = candle_core::safetensors::load(folder().join("model.safetensors"), &Device::Cpu).unwrap();
    let attentions: Vec<String> =
        tensors.keys().filter_map(|name| Some(name.strip_suffix("in_projs.0.weight")?.to_owned())).collect();
    assert_eq!(attentions.len(), 6, "two layers with two attentions, and two with one");
    for prefix in attentions {
        for (sets, one) in [("in_projs", "in_proj_weight"), ("out_projs", "out_proj.weight")] {
            let parts: Vec<Tensor> =
                (0..).map_while(|set| tensors.remove(&format!("{prefix}{sets}.{set}.weight"))).collect();
            tensors.insert(format!("{prefix}{one}"), Tensor::cat(&parts, 0).unwrap());
        }
    }
    let file = whole.path().join("model.safetensors");
    candle_core::safetensors::save(&tensors, &file).unwrap();
    let files = super::Files { weights: file, ..files() };
    let mut other = Model::open(&files, &settings(6, 1), codec(6), &tiny::device()).unwrap();
    let mut usual = model(6, 1);

    let hear = |model: &mut Model| {
        let utterance = Utterance::new(model.network.streams.clone());
        let (text, audio) = utterance.input();
        let heard = model.network.backbone.step(&[Row { taking_part: true, text, audio, voice: 0 }]).unwrap();
        let mut recorder = Recorder::default();
        model.network.depth.step(&heard.hidden, &[text], 6, &mut recorder).unwrap();
        let mut all = numbers(&heard.text_logits);
        all.extend(recorder.0.iter().flat_map(numbers));
        all
    };
    assert_eq!(hear(&mut usual), hear(&mut other));
}

fn row(one: &Speaking) -> Row {
    let (text, audio) = one.utterance.input();
    Row { taking_part: !one.utterance.finished(), text, audio, voice: one.voice }
}

fn numbers(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}
