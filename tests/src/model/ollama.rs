//! Ollama's chat, streaming: one JSON object a line. Source: "Generate a chat message" of its API reference.

use serde_json::{Value, json};

use super::step::{Answer, Stop};

/// An error's body.
pub(super) fn error(status: u16) -> Value {
    json!({ "error": format!("the test wants {status}") })
}

/// The lines of an answer.
pub(super) fn frames(request: &Value, answer: &Answer) -> Vec<Vec<u8>> {
    let line = |mut data: Value| {
        data["model"] = request["model"].clone();
        data["created_at"] = "2026-11-27T08:00:00.000000Z".into();
        format!("{data}\n").into_bytes()
    };
    let message = |message: Value| line(json!({ "message": message, "done": false }));
    let mut frames: Vec<_> =
        answer.chunks.iter().map(|text| message(json!({ "role": "assistant", "content": text }))).collect();
    if !answer.calls.is_empty() {
        let calls = answer.calls.iter().map(|call| {
            // Ollama reads the model's arguments itself; what is no JSON stays text.
            let arguments =
                serde_json::from_str(&call.arguments).unwrap_or_else(|_| Value::from(call.arguments.clone()));
            json!({ "function": { "name": call.name, "arguments": arguments } })
        });
        let calls: Vec<_> = calls.collect();
        frames.push(message(json!({ "role": "assistant", "content": "", "tool_calls": calls })));
    }
    let reason = match &answer.stop {
        Stop::Done | Stop::Calls => "stop",
        Stop::Length => "length",
        Stop::Error(kind) => {
            frames.push(format!("{}\n", json!({ "error": kind })).into_bytes());
            return frames;
        }
    };
    frames.push(line(json!({
        "message": { "role": "assistant", "content": "" }, "done": true, "done_reason": reason,
        "prompt_eval_count": request.to_string().len() / 4, "eval_count": answer.tokens(),
    })));
    frames
}
