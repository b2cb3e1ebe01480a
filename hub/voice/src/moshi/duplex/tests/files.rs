//! Files as they are published, and as they are not.

use std::fs;

use super::*;

const MENDS: &str = "`xswarm model pull moshi` mends it";

fn refusal(files: &Files) -> String {
    let EngineError::Unavailable(error) = files.start(1).unwrap_err() else { panic!("another error") };
    error
}

#[test]
fn a_missing_file_is_named_with_the_command_that_mends_it() {
    // Without any weights it is the file that the command brings.
    for (name, named) in [(TOKENIZER, TOKENIZER), (CODEC, CODEC), ("model.safetensors", "model.q8.gguf")] {
        let files = Files::new();
        fs::remove_file(files.file(name)).unwrap();
        assert_eq!(refusal(&files), format!("{} is missing; {MENDS}", files.file(named).display()));
    }
    let nowhere = DuplexSettings { directory: PathBuf::from("/nowhere"), seed: 1 };
    let error = Duplex::start(&nowhere, Processor::Cpu, CodecSize::Published).unwrap_err();
    assert_eq!(error, EngineError::Unavailable(format!("/nowhere/{TOKENIZER} is missing; {MENDS}")));
}

#[test]
fn the_files_that_the_command_brings_are_those_that_are_read() {
    let brings: Vec<_> = catalogue::Model::Moshi.files().iter().map(|file| file.name.as_ref()).collect();
    assert_eq!(brings, [TOKENIZER, CODEC, WEIGHTS[0]]);
}

#[test]
fn a_truncated_file_is_named() {
    let cases = [(false, TOKENIZER), (false, CODEC), (false, "model.safetensors"), (true, "model.q8.gguf")];
    for (quantized, name) in cases {
        let files = if quantized { Files::quantized() } else { Files::new() };
        let bytes = fs::read(files.file(name)).unwrap();
        for keep in [0, 4, 100, bytes.len() / 2, bytes.len() - 1] {
            fs::write(files.file(name), &bytes[..keep]).unwrap();
            let error = refusal(&files);
            assert!(error.starts_with(&*files.file(name).to_string_lossy()), "{name}, {keep} bytes: {error}");
            assert!(error.ends_with(MENDS), "{error}");
            let says = if quantized { "is no whole GGUF file" } else { "is truncated" };
            assert!(name == TOKENIZER || error.contains(says), "{name}, {keep} bytes: {error}");
        }
    }
}

#[test]
fn something_else_under_the_name_of_a_file_is_named() {
    for name in [TOKENIZER, CODEC, "model.safetensors"] {
        let files = Files::new();
        fs::write(files.file(name), "<!DOCTYPE html><title>404</title>").unwrap();
        let error = refusal(&files);
        assert!(error.contains(name) && error.ends_with(MENDS), "{error}");
    }
    // The codec's file in the place of the model's, and a model that only listens.
    let files = Files::new();
    fs::copy(files.file(CODEC), files.file("model.safetensors")).unwrap();
    let error = refusal(&files);
    assert!(error.contains("model.safetensors does not fit") && error.contains("depformer"), "{error}");
    let listens = lm::Config { depformer: None, ..tiny::duplex_config() };
    tiny::write_language_model(&files.file("model.safetensors"), &listens);
    let error = refusal(&files);
    assert!(error.contains("model.safetensors does not fit") && error.contains("depformer"), "{error}");
}

#[test]
fn a_tokenizer_of_another_model_is_named() {
    let files = Files::new();
    let directory = files.directory.path().to_owned();
    let mut build = CodecSize::Tiny.talking();
    build.0.text_out_vocab_size = 8;
    let started = Duplex::start_with(1, move || load(&directory, build, &tiny::device()));
    let error = started.unwrap_err().to_string();
    assert!(
        error.contains("is for another model: it has 12 pieces, this one 8") && error.contains(TOKENIZER),
        "{error}"
    );
}
