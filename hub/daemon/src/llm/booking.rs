//! What a request may cost, what it cost, and keeping both.
//!
//! Nothing is known of a provider's way of counting: a token is taken for three bytes, which is more tokens than any of
//! them counts in English.

use xswarm_core::{
    id::ModelCallId,
    spending::{CallState, Cap, Microdollars, Usage, cost},
};
use xswarm_store::{ModelCallEnd, NewModelCall};

use super::{Failure, Llm, Payer, Request, Turn, attempt::Outcome};
use crate::error::Error;

/// Bytes that are taken for a token.
const TOKEN_BYTES: usize = 3;

/// What every message and tool costs beyond its words.
const FRAME_BYTES: usize = 24;

/// Tokens that so many bytes of text come to.
pub(super) fn tokens(bytes: usize) -> u64 {
    u64::try_from(bytes.div_ceil(TOKEN_BYTES)).unwrap_or(u64::MAX)
}

/// Tokens that a request comes to.
pub(super) fn estimated_tokens(request: &Request) -> u64 {
    let turns = request.turns.iter().map(|turn| match turn {
        Turn::Person { text } => text.len(),
        Turn::Model { text, calls } => {
            let calls =
                calls.iter().map(|call| FRAME_BYTES + call.id.len() + call.name.len() + json_bytes(&call.arguments));
            text.len() + calls.sum::<usize>()
        }
        Turn::Results { results } => results.iter().map(|one| FRAME_BYTES + one.id.len() + one.text.len()).sum(),
    });
    let turns: usize = turns.map(|bytes| FRAME_BYTES + bytes).sum();
    let tools = request
        .tools
        .iter()
        .map(|tool| FRAME_BYTES + tool.name.len() + tool.description.len() + json_bytes(&tool.schema));
    tokens(FRAME_BYTES + request.system.len() + turns + tools.sum::<usize>())
}

fn json_bytes(value: &serde_json::Value) -> usize {
    value.to_string().len()
}

/// A request that was booked.
pub(super) struct Booking<'a> {
    llm: &'a Llm,
    id: ModelCallId,
    input_tokens: u64,
}

impl<'a> Booking<'a> {
    /// Books a request, unless a cap is reached.
    pub(super) async fn begin(
        llm: &'a Llm,
        payer: &Payer,
        input_tokens: u64,
        output_tokens: u32,
    ) -> Result<Self, Failure> {
        let settings = &llm.settings;
        let now = llm.clock.now();
        let call = NewModelCall {
            id: ModelCallId::new(now),
            user: payer.user,
            channel: payer.channel,
            purpose: payer.purpose,
            message: payer.message,
            provider: settings.provider.to_owned(),
            model: settings.model.clone(),
            reserved: reserved(llm, input_tokens, output_tokens),
        };
        let (id, caps) = (call.id, settings.caps);
        let refused: Result<Option<Cap>, Error> =
            llm.store.write(move |tx| Ok(tx.model_call_begin(&call, caps, now)?)).await;
        match refused {
            Ok(None) => Ok(Self { llm, id, input_tokens }),
            Ok(Some(cap)) => Err(Failure::CapReached { cap, limit: caps.limit(cap) }),
            Err(error) => {
                log::error!("a request to the language model cannot be booked: {}", error.chain());
                Err(Failure::Unreachable("what it costs cannot be booked; see the hub's log".to_owned()))
            }
        }
    }

    /// Books what became of it. When that fails, it stays open and counts as what was reserved.
    pub(super) async fn end(self, outcome: &Outcome) {
        let Self { llm, id, input_tokens } = self;
        let (state, usage, cost) = match outcome {
            Outcome::Answered { usage, reply } => {
                let usage = usage.unwrap_or_else(|| {
                    let calls = reply.calls.iter().map(|call| call.name.len() + json_bytes(&call.arguments));
                    let output = tokens(reply.text.len() + calls.sum::<usize>());
                    Usage { input: input_tokens, output, ..Usage::default() }
                });
                (CallState::Done, usage, Some(cost(&usage, &llm.settings.known.price)))
            }
            Outcome::Failed(_) => (CallState::Failed, Usage::default(), Some(Microdollars::ZERO)),
            Outcome::Unclear { .. } => (CallState::Unknown, Usage { input: input_tokens, ..Usage::default() }, None),
        };
        let end = ModelCallEnd { state, usage, cost, error: outcome.failure().map(|failure| kind(failure).to_owned()) };
        let (caps, now) = (llm.settings.caps, llm.clock.now());
        let noted: Result<(), Error> = llm.store.write(move |tx| Ok(tx.model_call_end(id, &end, caps, now)?)).await;
        if let Err(error) = noted {
            log::error!(call:% = id; "what a request to the language model cost cannot be booked: {}", error.chain());
        }
    }
}

/// What a request may cost at most. Whatever is read might be written into the provider's cache.
fn reserved(llm: &Llm, input_tokens: u64, output_tokens: u32) -> Microdollars {
    let price = &llm.settings.known.price;
    let written = if price.cache_write > price.input { input_tokens } else { 0 };
    let usage =
        Usage { input: input_tokens - written, cache_write: written, output: output_tokens.into(), ..Usage::default() };
    cost(&usage, price)
}

/// A failure in a word, for the row.
const fn kind(failure: &Failure) -> &'static str {
    match failure {
        Failure::NotConfigured => "not configured",
        Failure::CapReached { .. } => "cap reached",
        Failure::Unreachable(_) => "unreachable",
        Failure::Overloaded(_) => "overloaded",
        Failure::Refused { .. } => "refused",
        Failure::Nonsense(_) => "nonsense",
        Failure::TooSlow => "too slow",
        Failure::TooLong => "too long",
        Failure::Cancelled => "cancelled",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_three_bytes_and_begun_ones_count() {
        assert_eq!((tokens(0), tokens(1), tokens(3), tokens(4)), (0, 1, 1, 2));
    }

    #[test]
    fn all_that_is_sent_is_estimated() {
        let mut request = Request { system: "s".repeat(300), turns: Vec::new(), tools: Vec::new() };
        let mut last = estimated_tokens(&request);
        assert!(last >= 100);
        let turns = [
            Turn::Person { text: "p".repeat(300) },
            Turn::Model {
                text: "m".repeat(300),
                calls: vec![super::super::Call {
                    id: "1".into(),
                    name: "n".repeat(30),
                    arguments: "a".repeat(270).into(),
                }],
            },
            Turn::Results { results: vec![super::super::CallResult { id: "1".into(), text: "r".repeat(300) }] },
        ];
        for turn in turns {
            request.turns.push(turn);
            let more = estimated_tokens(&request);
            assert!(more >= last + 100, "{more} after {last}");
            last = more;
        }
    }
}
