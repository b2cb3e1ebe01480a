//! The steps that set a language model up: who serves it and the key; and, when the hub knows them, one question to try it.

use serde::Deserialize;
use xswarm_core::admin::CheckOutcome;

use crate::{
    arguments::ModelOptions,
    client::{ClientError, Request},
    screen::one_line,
};

use super::{Walk, config_file::ModelSettings, dialogue::Dialogue, steps::keep, value, words};

/// The key that came as a file.
pub(super) fn key_from(options: &ModelOptions) -> anyhow::Result<Option<String>> {
    let path = options.llm_key_file.as_deref();
    path.map(|path| value::secret_from(path, "API key", value::model_key)).transpose()
}

/// What the file is to say about the language model, and whether the hub keeps a new key.
pub(super) async fn model(
    walk: &Walk<'_>,
    present: &ModelSettings,
    key: Option<String>,
    dialogue: &mut Dialogue<'_, '_>,
) -> anyhow::Result<(ModelSettings, bool)> {
    dialogue.heading("4. Language model")?;
    dialogue.explain(words::MODEL)?;
    let options = &walk.options.model;
    let mut wanted = ModelSettings {
        provider: options.llm_provider.as_deref().and_then(|text| value::model_provider(text).ok()),
        model: options.llm_model.clone(),
        base_url: options.llm_url.as_deref().and_then(|text| value::model_url(text).ok()),
    };
    if wanted.provider.is_none() {
        let question = "Who serves it: anthropic, openai, ollama or off?";
        let answer = dialogue.ask(question, present.provider.as_deref(), value::model_provider)?;
        wanted.provider = answer.new_text().map(|text| if text.is_empty() { "off".to_owned() } else { text });
    }
    if wanted.provider.is_some() && wanted.provider != present.provider {
        // Neither address nor model of another provider is this one's.
        wanted.model.get_or_insert_default();
        wanted.base_url.get_or_insert_default();
    }
    let provider = wanted.provider.clone().or_else(|| present.provider.clone()).unwrap_or_default();
    let (name, explained) = match provider.as_str() {
        "anthropic" => ("anthropic_api_key", words::ANTHROPIC_KEY),
        "openai" => ("openai_api_key", words::OPENAI_KEY),
        "ollama" => {
            dialogue.explain(words::OLLAMA)?;
            if walk.options.model.llm_url.is_none() {
                let here = wanted.base_url.as_ref().or(present.base_url.as_ref()).filter(|url| !url.is_empty());
                let current = here.map_or("http://127.0.0.1:11434", String::as_str).to_owned();
                let answer = dialogue.ask("Where is it?", Some(&current), value::model_url)?;
                wanted.base_url = answer.new_value().or(wanted.base_url);
            }
            return Ok((wanted, false));
        }
        _ => return Ok((wanted, false)),
    };
    dialogue.explain(explained)?;
    let key = if key.is_some() {
        key
    } else {
        let llm = &walk.status.llm;
        let known = llm.provider.as_ref() == Some(&provider) && llm.missing.is_empty();
        let question = format!("API key (not shown)? [{}]", if known { "keep" } else { "skip" });
        dialogue.ask_hidden(&question, value::model_key)?
    };
    let news = match key {
        Some(key) => keep(walk, "model key", name, key, dialogue).await?,
        None => false,
    };
    Ok((wanted, news))
}

#[derive(Deserialize)]
struct Answer {
    answer: String,
}

/// Asks the model for a word.
pub(super) async fn trial(walk: &Walk<'_>, dialogue: &mut Dialogue<'_, '_>) -> anyhow::Result<()> {
    const STEP: &str = "language model";
    let llm = &walk.status.llm;
    let Some(model) = llm.model.as_deref().filter(|_| llm.missing.is_empty()) else { return Ok(()) };
    if !walk.options.model.llm_test
        && !dialogue.agreed(&format!("Ask {model} for a word? (it costs next to nothing)"))?
    {
        return Ok(());
    }
    let asked = walk.hub.send(Request::post("/api/setup/llm")).await.and_then(|document| document.read::<Answer>());
    match asked {
        Ok(Answer { answer }) => {
            let what = format!("{model} answers: {}", one_line(&answer));
            Ok(dialogue.did(STEP, CheckOutcome::Ok, what, None)?)
        }
        Err(ClientError::Refused { problem }) => {
            Ok(dialogue.did(STEP, CheckOutcome::Failed, problem.detail, Some("`xswarm doctor` says more"))?)
        }
        Err(error @ (ClientError::Unreachable { .. } | ClientError::Broken { .. })) => Err(error.into()),
    }
}
