//! Files as they are published, and as they are not.

use std::fs;

use super::*;

fn refusal(files: &Files) -> String {
    let EngineError::Unavailable(error) = files.start(1).unwrap_err() else { panic!("another error") };
    error
}

#[tokio::test]
async fn gguf_is_read_as_well() {
    let files = Files::new(true);
    let safetensors = files.directory.path().join("model.safetensors");
    tiny::to_gguf(&safetensors, &files.directory.path().join("model.gguf"));
    fs::remove_file(safetensors).unwrap();
    let heard = alone(&files.start(2).unwrap(), 1, 100).await;
    assert!(heard.iter().any(|heard| matches!(heard, Heard::Word { .. })), "{heard:?}");
}

#[tokio::test]
async fn a_model_without_heads_that_lags_and_wants_silence_first_listens_too() {
    // As stt-2.6b is published.
    let files = Files::new(false);
    tiny::write_stt(files.directory.path(), false, 2.5, 1.0);
    let heard = alone(&files.start(1).unwrap(), 1, 100).await;
    let words =
        heard.iter().filter_map(|heard| if let Heard::Word { end_ms, .. } = heard { Some(*end_ms) } else { None });
    let words: Vec<u64> = words.collect();
    assert!(words.len() >= 3 && words.is_sorted(), "{heard:?}");
    assert!(*words.last().unwrap() <= 8_000, "the silence before and after is no time of the session's: {heard:?}");
}

#[test]
fn a_missing_file_is_named_with_the_command_that_mends_it() {
    for name in ["config.json", "tokenizer.model", "mimi.safetensors", "model.safetensors"] {
        let files = Files::new(true);
        let file = files.directory.path().join(name);
        fs::remove_file(&file).unwrap();
        let expected = format!("{} is missing; `xswarm model pull stt` mends it", file.display());
        assert_eq!(refusal(&files), expected);
    }
}

#[test]
fn a_truncated_file_is_named() {
    for name in ["config.json", "tokenizer.model", "mimi.safetensors", "model.safetensors"] {
        let bytes = fs::read(Files::new(true).directory.path().join(name)).unwrap();
        for keep in [0, 4, 100, bytes.len() / 2, bytes.len() - 1] {
            let files = Files::new(true);
            let file = files.directory.path().join(name);
            fs::write(&file, &bytes[..keep]).unwrap();
            let error = refusal(&files);
            assert!(error.starts_with(&*file.to_string_lossy()), "{name}, {keep} bytes: {error}");
            assert!(error.ends_with("`xswarm model pull stt` mends it"), "{error}");
            assert!(!name.ends_with("safetensors") || error.contains("is truncated"), "{name}, {keep} bytes: {error}");
        }
    }
    let files = Files::new(true);
    let (safetensors, gguf) =
        (files.directory.path().join("model.safetensors"), files.directory.path().join("model.gguf"));
    tiny::to_gguf(&safetensors, &gguf);
    fs::remove_file(safetensors).unwrap();
    let bytes = fs::read(&gguf).unwrap();
    for keep in [0, 100, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&gguf, &bytes[..keep]).unwrap();
        let error = refusal(&files);
        assert!(error.contains("model.gguf is no whole GGUF file"), "{keep} bytes: {error}");
    }
}

#[test]
fn something_else_under_the_name_of_a_model_is_named() {
    for name in ["config.json", "tokenizer.model", "mimi.safetensors", "model.safetensors"] {
        let files = Files::new(true);
        fs::write(files.directory.path().join(name), "<!DOCTYPE html><title>404</title>").unwrap();
        let error = refusal(&files);
        assert!(error.contains(name) && error.ends_with("mends it"), "{error}");
    }
}

#[test]
fn a_tensor_of_another_shape_or_none_is_named() {
    for (change, tensor) in [
        (("dim", 128), "emb"),
        (("num_layers", 3), "transformer.layers.2"),
        (("card", 32), "emb.0.weight"),
        (("text_card", 20), "text_emb.weight"),
    ] {
        let files = Files::new(true);
        let mut config = tiny::config_json(0.5, 0.0);
        config[change.0] = change.1.into();
        fs::write(files.directory.path().join("config.json"), config.to_string()).unwrap();
        let error = refusal(&files);
        assert!(error.contains("model.safetensors does not fit") && error.contains(tensor), "{change:?}: {error}");
    }
    // The codec's file in the place of the model's.
    let files = Files::new(true);
    let at = |name| files.directory.path().join(name);
    fs::copy(at("mimi.safetensors"), at("model.safetensors")).unwrap();
    let error = refusal(&files);
    assert!(error.contains("model.safetensors does not fit") && error.contains("text_emb.weight"), "{error}");
}

#[test]
fn a_tokenizer_of_another_model_is_named() {
    let files = Files::new(true);
    let mut config = tiny::config_json(0.5, 0.0);
    config["text_card"] = 8.into();
    fs::write(files.directory.path().join("config.json"), config.to_string()).unwrap();
    assert!(refusal(&files).contains("tokenizer.model is for another model: it has 12 pieces, this one 8"));
}

#[test]
fn no_sessions_and_too_many_are_refused() {
    for sessions in [0, SESSIONS_MOST + 1] {
        let settings = Files::new(true).settings(sessions);
        let error = Transcription::start(&settings, Processor::Cpu, CodecSize::Published).unwrap_err();
        assert!(error.to_string().contains("1 to 512 sessions"), "{error}");
    }
}
