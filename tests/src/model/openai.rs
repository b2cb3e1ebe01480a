//! OpenAI's Chat Completions, streaming. Source: "Chat Completions streaming events" and "Error codes" of its API reference.

use serde_json::{Value, json};

use super::{
    State,
    step::{Answer, Stop, chunks},
};

/// An error's body.
pub(super) fn error(status: u16) -> Value {
    json!({ "error": { "message": format!("the test wants {status}"), "type": "invalid_request_error", "param": null, "code": null } })
}

/// The chunks of an answer.
pub(super) fn frames(state: &mut State, request: &Value, answer: &Answer) -> Vec<Vec<u8>> {
    let id = state.next_id("chatcmpl");
    let chunk = |choices: Value, usage: Value| {
        let data = json!({
            "id": id, "object": "chat.completion.chunk", "created": 1_795_000_000, "model": request["model"],
            "choices": choices, "usage": usage,
        });
        format!("data: {data}\n\n").into_bytes()
    };
    let delta = |delta: Value, finish: Value| {
        chunk(json!([{ "index": 0, "delta": delta, "finish_reason": finish, "logprobs": null }]), Value::Null)
    };
    let mut frames = vec![delta(json!({ "role": "assistant", "content": "" }), Value::Null)];
    frames.extend(answer.chunks.iter().map(|text| delta(json!({ "content": text }), Value::Null)));
    for (index, call) in answer.calls.iter().enumerate() {
        let id = if call.id.is_empty() { state.next_id("call") } else { call.id.clone() };
        let first =
            json!({ "index": index, "id": id, "type": "function", "function": { "name": call.name, "arguments": "" } });
        frames.push(delta(json!({ "tool_calls": [first] }), Value::Null));
        for part in chunks(&call.arguments, 1 << 10) {
            let more = json!({ "index": index, "function": { "arguments": part } });
            frames.push(delta(json!({ "tool_calls": [more] }), Value::Null));
        }
    }
    let finish = match &answer.stop {
        Stop::Done => "stop",
        Stop::Calls => "tool_calls",
        Stop::Length => "length",
        Stop::Error(kind) => {
            let data = json!({ "error": { "message": "the test wants an error", "type": kind } });
            frames.push(format!("data: {data}\n\n").into_bytes());
            return frames;
        }
    };
    frames.push(delta(json!({}), finish.into()));
    if request["stream_options"]["include_usage"] == true {
        let (prompt, completion) = (request.to_string().len() / 4, answer.tokens());
        let usage = json!({
            "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion,
            "prompt_tokens_details": { "cached_tokens": 0 },
        });
        frames.push(chunk(json!([]), usage));
    }
    frames.push(b"data: [DONE]\n\n".to_vec());
    frames
}
