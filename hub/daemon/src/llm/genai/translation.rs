//! Our requests in the crate's shapes.

use genai::chat::{self, ChatMessage, ChatRequest, ContentPart, MessageContent, ToolCall, ToolName, ToolResponse};
use serde_json::{Value, json};

use crate::{
    config::LlmProvider,
    llm::{Call, CallResult, Request, Tool, Turn},
};

/// A request. Where our words allow what a provider refuses (nothing said, arguments that are no object), it is put so that
/// none does.
pub(super) fn request(request: &Request, provider: LlmProvider) -> ChatRequest {
    let messages = request.turns.iter().flat_map(|turn| messages(turn, provider));
    let translated = ChatRequest::new(messages.collect()).with_system(request.system.clone());
    if request.tools.is_empty() {
        return translated;
    }
    translated.with_tools(request.tools.iter().map(offered))
}

/// The crate takes one named `web_search` for the provider's own.
fn offered(tool: &Tool) -> chat::Tool {
    chat::Tool::new(ToolName::Custom(tool.name.clone()))
        .with_description(tool.description.clone())
        .with_schema(tool.schema.clone())
}

fn messages(turn: &Turn, provider: LlmProvider) -> Vec<ChatMessage> {
    match turn {
        Turn::Person { text } => vec![ChatMessage::user(text.clone())],
        Turn::Model { text, calls } => {
            let said = (!text.trim().is_empty()).then(|| ContentPart::Text(text.clone()));
            let parts: Vec<_> = said.into_iter().chain(calls.iter().map(call)).collect();
            if parts.is_empty() { Vec::new() } else { vec![ChatMessage::assistant(MessageContent::from_parts(parts))] }
        }
        Turn::Results { results } => {
            let responses = results.iter().map(response);
            match provider {
                // Of several in one message the crate would tell an Ollama only the last.
                LlmProvider::Ollama => responses.map(ChatMessage::tool).collect(),
                LlmProvider::Off | LlmProvider::Anthropic | LlmProvider::Openai => {
                    vec![ChatMessage::tool(MessageContent::from(responses.collect::<Vec<_>>()))]
                }
            }
        }
    }
}

fn call(call: &Call) -> ContentPart {
    let arguments = match &call.arguments {
        Value::Object(_) => call.arguments.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            json!({ "not_an_object": call.arguments })
        }
    };
    ContentPart::ToolCall(ToolCall {
        call_id: call.id.clone(),
        fn_name: call.name.clone(),
        fn_arguments: arguments,
        thought_signatures: None,
    })
}

fn response(result: &CallResult) -> ToolResponse {
    ToolResponse::new(result.id.clone(), result.text.clone())
}
