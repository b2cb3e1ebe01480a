//! Reading an answer as it comes, no longer than it may be.

use std::{collections::BTreeMap, time::Duration};

use futures_util::StreamExt;
use genai::chat::{ChatStream, ChatStreamEvent, StopReason, StreamEnd, ToolCall};
use serde_json::{Map, Value};
use tokio::time::timeout;
use xswarm_core::spending::Usage;

use super::{Service, failures};
use crate::{
    config::LlmProvider,
    llm::{
        Call, Failure, Reply,
        attempt::{Attempt, Outcome},
    },
};

/// The longest text, in bytes.
const TEXT_BYTES_MAX: usize = 64 << 10;

/// The longest arguments of all calls together, in bytes.
const ARGUMENT_BYTES_MAX: usize = 64 << 10;

/// Until the first word of a provider in the Internet. A machine at home reads the whole prompt first, as long as it takes.
const FIRST_WORD: Duration = Duration::from_secs(30);

/// Between two words.
const SILENCE: Duration = Duration::from_secs(20);

/// Reads it to its end.
pub(super) async fn read(mut stream: ChatStream, service: &Service) -> Attempt {
    let mut text = String::new();
    let mut arguments = BTreeMap::new();
    let mut begun = false;
    loop {
        let patience = match service.provider {
            _ if begun => SILENCE,
            LlmProvider::Anthropic | LlmProvider::Openai => FIRST_WORD,
            LlmProvider::Ollama | LlmProvider::Off => Duration::MAX,
        };
        let event = match timeout(patience, stream.next()).await {
            Err(_elapsed) => return unclear(Failure::TooSlow),
            Ok(None) => return unclear(Failure::Nonsense("it broke off".to_owned())),
            Ok(Some(Err(error))) => return failures::attempt(error, service, begun),
            Ok(Some(Ok(event))) => event,
        };
        match event {
            // The crate says so before it has sent anything.
            ChatStreamEvent::Start => {}
            ChatStreamEvent::Heartbeat
            | ChatStreamEvent::ReasoningChunk(_)
            | ChatStreamEvent::ThoughtSignatureChunk(_) => begun = true,
            ChatStreamEvent::Chunk(chunk) => {
                begun = true;
                text.push_str(&chunk.content);
                if text.len() > TEXT_BYTES_MAX {
                    text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX));
                    let reply = Reply { text, calls: Vec::new(), cut: true };
                    return Attempt::Ended(Outcome::Unclear { end: Ok(reply) });
                }
            }
            ChatStreamEvent::ToolCallChunk(chunk) => {
                begun = true;
                let call = chunk.tool_call;
                let bytes = call.fn_arguments.as_str().map_or_else(|| call.fn_arguments.to_string().len(), str::len);
                arguments.insert(call.call_id, bytes);
                if arguments.values().sum::<usize>() > ARGUMENT_BYTES_MAX {
                    return unclear(Failure::TooLong);
                }
            }
            ChatStreamEvent::End(end) => return Attempt::Ended(ended(text, end, service.provider)),
        }
    }
}

fn unclear(failure: Failure) -> Attempt {
    Attempt::Ended(Outcome::unclear(failure))
}

fn ended(text: String, end: StreamEnd, provider: LlmProvider) -> Outcome {
    let usage = end.captured_usage.as_ref().map(usage);
    // The crate makes up an end where an Ollama's stream has none.
    if provider == LlmProvider::Ollama && usage.is_none() && end.captured_stop_reason.is_none() {
        return Outcome::unclear(Failure::Nonsense("it broke off".to_owned()));
    }
    let stop = end.captured_stop_reason.clone();
    let cut = matches!(stop, Some(StopReason::MaxTokens(_)));
    let calls: Vec<_> = end.captured_into_tool_calls().into_iter().flatten().map(|one| call(one, cut)).collect();
    if matches!(stop, Some(StopReason::ContentFilter(_))) && text.is_empty() && calls.is_empty() {
        let words = "the model declines to answer this".to_owned();
        return Outcome::Unclear { end: Err(Failure::Refused { status: 200, words }) };
    }
    Outcome::Answered { reply: Reply { text, calls, cut }, usage }
}

fn call(call: ToolCall, cut: bool) -> Call {
    // Some say nothing for "no arguments"; of what was cut, nothing is to be made.
    let none = !cut && call.fn_arguments.as_str() == Some("");
    let arguments = if none { Value::Object(Map::new()) } else { call.fn_arguments };
    Call { id: call.call_id, name: call.fn_name, arguments }
}

/// The crate counts what came from the cache and went into it among what was read.
fn usage(usage: &genai::chat::Usage) -> Usage {
    let count = |tokens: Option<i32>| tokens.and_then(|tokens| u64::try_from(tokens).ok()).unwrap_or(0);
    let details = usage.prompt_tokens_details.as_ref();
    let cache_read = count(details.and_then(|details| details.cached_tokens));
    let cache_write = count(details.and_then(|details| details.cache_creation_tokens));
    Usage {
        input: count(usage.prompt_tokens).saturating_sub(cache_read.saturating_add(cache_write)),
        cache_read,
        cache_write,
        output: count(usage.completion_tokens),
    }
}
