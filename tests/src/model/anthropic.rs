//! Anthropic's Messages API, streaming. Source: "Streaming Messages" and "Errors" of its API reference.

use serde_json::{Value, json};

use super::{
    State,
    step::{Answer, Stop, chunks},
};

/// An event as it stands on the wire.
fn event(kind: &str, mut data: Value) -> Vec<u8> {
    data["type"] = kind.into();
    format!("event: {kind}\ndata: {data}\n\n").into_bytes()
}

/// An error's body.
pub(super) fn error(status: u16) -> Value {
    let kind = match status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    json!({ "type": "error", "error": { "type": kind, "message": format!("the test wants {status}") } })
}

/// The events of an answer.
pub(super) fn frames(state: &mut State, request: &Value, answer: &Answer) -> Vec<Vec<u8>> {
    let usage = usage(state, request);
    let mut frames = vec![event(
        "message_start",
        json!({ "message": {
            "id": state.next_id("msg"), "type": "message", "role": "assistant", "model": request["model"], "content": [],
            "stop_reason": null, "stop_sequence": null, "usage": usage,
        } }),
    )];
    frames.push(event("ping", json!({})));
    let mut index = 0;
    if !answer.chunks.is_empty() {
        frames.push(event(
            "content_block_start",
            json!({ "index": index, "content_block": { "type": "text", "text": "" } }),
        ));
        for text in &answer.chunks {
            frames.push(event(
                "content_block_delta",
                json!({ "index": index, "delta": { "type": "text_delta", "text": text } }),
            ));
        }
        frames.push(event("content_block_stop", json!({ "index": index })));
        index += 1;
    }
    for call in &answer.calls {
        let id = if call.id.is_empty() { state.next_id("toolu") } else { call.id.clone() };
        let block = json!({ "type": "tool_use", "id": id, "name": call.name, "input": {} });
        frames.push(event("content_block_start", json!({ "index": index, "content_block": block })));
        for part in std::iter::once(String::new()).chain(chunks(&call.arguments, 1 << 10)) {
            let delta = json!({ "type": "input_json_delta", "partial_json": part });
            frames.push(event("content_block_delta", json!({ "index": index, "delta": delta })));
        }
        frames.push(event("content_block_stop", json!({ "index": index })));
        index += 1;
    }
    let stop = match &answer.stop {
        Stop::Done => "end_turn",
        Stop::Calls => "tool_use",
        Stop::Length => "max_tokens",
        Stop::Error(kind) => {
            frames.push(event("error", json!({ "error": { "type": kind, "message": "the test wants an error" } })));
            return frames;
        }
    };
    let usage = json!({ "output_tokens": answer.tokens() });
    frames.push(event(
        "message_delta",
        json!({ "delta": { "stop_reason": stop, "stop_sequence": null }, "usage": usage }),
    ));
    frames.push(event("message_stop", json!({})));
    frames
}

/// What a request uses: what is marked for the cache is written there once and read from then on.
fn usage(state: &mut State, request: &Value) -> Value {
    let all = request.to_string().len() / 4;
    let prefix = json!([request["tools"], request["system"]]).to_string();
    let marked = prefix.contains("cache_control");
    let prefix_tokens = if marked { prefix.len() / 4 } else { 0 };
    let seen = marked && !state.cached.insert(prefix);
    json!({
        "input_tokens": all - prefix_tokens,
        "cache_creation_input_tokens": if seen { 0 } else { prefix_tokens },
        "cache_read_input_tokens": if seen { prefix_tokens } else { 0 },
        "output_tokens": 1,
    })
}
