//! The steps that set a language model up: who serves it and the key; and, when the hub knows them, one question to try it.

use serde::Deserialize;
use xswarm_core::{admin::CheckOutcome, llm::LlmProvider};

use crate::{
    arguments::ModelOptions,
    client::{ClientError, Request},
    screen::one_line,
};

use super::{Walk, config_file::ModelSettings, dialogue::Dialogue, steps::keep, value, words};

const STEP: &str = "language model";

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
    let chosen = wanted.provider.as_ref().or(present.provider.as_ref());
    let provider = chosen.and_then(|provider| provider.parse().ok()).unwrap_or(LlmProvider::Off);
    let changes = wanted.provider.is_some() && wanted.provider != present.provider;
    if changes {
        // Neither address nor model of another provider is this one's.
        wanted.model.get_or_insert_default();
        wanted.base_url.get_or_insert_default();
    }
    let present = if changes { &ModelSettings::default() } else { present };
    let (name, explained) = match provider {
        LlmProvider::Off => return off(wanted, options, key.is_some(), dialogue),
        LlmProvider::Anthropic => ("anthropic_api_key", words::ANTHROPIC_KEY),
        LlmProvider::Openai => {
            address(provider, present, options, &mut wanted, dialogue)?;
            ("openai_api_key", words::OPENAI_KEY)
        }
        LlmProvider::Ollama => {
            dialogue.explain(words::OLLAMA)?;
            address(provider, present, options, &mut wanted, dialogue)?;
            model_name(provider, present, options, &mut wanted, dialogue)?;
            return Ok((wanted, false));
        }
    };
    model_name(provider, present, options, &mut wanted, dialogue)?;
    dialogue.explain(explained)?;
    let key = if key.is_some() {
        key
    } else {
        let llm = &walk.status.llm;
        let known = llm.provider.as_deref() == Some(provider.as_str()) && llm.missing.is_empty();
        let question = format!("API key (not shown)? [{}]", if known { "keep" } else { "skip" });
        dialogue.ask_hidden(&question, value::model_key)?
    };
    let news = match key {
        Some(key) => keep(walk, "model key", name, key, dialogue).await?,
        None => false,
    };
    Ok((wanted, news))
}

/// With nobody to serve it there is no use for what else was said about it, and whoever said it is told.
fn off(
    mut wanted: ModelSettings,
    options: &ModelOptions,
    has_key: bool,
    dialogue: &mut Dialogue<'_, '_>,
) -> anyhow::Result<(ModelSettings, bool)> {
    if has_key || options.llm_model.is_some() || options.llm_url.is_some() {
        let what = "nobody is to serve it, so neither its key nor its name nor its address was kept";
        let next = "say who: --llm-provider anthropic, openai or ollama";
        dialogue.did(STEP, CheckOutcome::Failed, what, Some(next))?;
    }
    for said in [&mut wanted.model, &mut wanted.base_url] {
        *said = said.take().filter(String::is_empty);
    }
    Ok((wanted, false))
}

/// Asks where the provider's API is.
fn address(
    provider: LlmProvider,
    present: &ModelSettings,
    options: &ModelOptions,
    wanted: &mut ModelSettings,
    dialogue: &mut Dialogue<'_, '_>,
) -> anyhow::Result<()> {
    if options.llm_url.is_none() {
        let current = present.base_url.as_deref().unwrap_or(provider.usual_url());
        let answer = dialogue.ask("Where is its API?", Some(current), value::model_url)?;
        wanted.base_url = answer.new_text().or(wanted.base_url.take());
    }
    Ok(())
}

/// Asks which of the provider's models it shall be.
fn model_name(
    provider: LlmProvider,
    present: &ModelSettings,
    options: &ModelOptions,
    wanted: &mut ModelSettings,
    dialogue: &mut Dialogue<'_, '_>,
) -> anyhow::Result<()> {
    if options.llm_model.is_none() {
        let current = present.model.as_deref().unwrap_or(provider.usual_model());
        let answer = dialogue.ask("Which model?", Some(current), value::model_name)?;
        wanted.model = answer.new_text().or(wanted.model.take());
    }
    Ok(())
}

#[derive(Deserialize)]
struct Answer {
    answer: String,
}

/// Asks the model for a word.
pub(super) async fn trial(walk: &Walk<'_>, dialogue: &mut Dialogue<'_, '_>) -> anyhow::Result<()> {
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
