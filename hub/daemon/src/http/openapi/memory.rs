//! What is remembered of a person, summaries of older conversation, and search.

use xswarm_core::memory::MemoryExport;

use super::{
    answers::{Memories, OneMemory, OneSummary, SearchHits, Success, Summaries},
    operation::{Family, Operation, number, text},
};
use crate::http::api::memory::{CorrectedSummary, NewMemory};

const PRIVATE: &str = "Always the caller's own: memory is private to a person, and no admin reads another's.";

pub(super) fn operations() -> Vec<Operation> {
    let memory = Family("Memory");
    vec![
        memory
            .get("/api/memory", "What the caller told the Boss to remember, oldest first.")
            .more(PRIVATE)
            .answers::<Memories>(200),
        memory
            .post("/api/memory", "Tell the Boss something to remember.")
            .body::<NewMemory>()
            .answers::<OneMemory>(201)
            .refuses(409, "It is remembered already, or too much is."),
        memory
            .get("/api/memory/search", "Search memories and messages of the caller by words, newest first.")
            .more("Every word has to occur, or one that begins so. `source` says whose words were found.")
            .query("q", text(), "What is looked for.")
            .query("limit", number(1, 100), "How many hits at most; 20 when absent.")
            .answers::<SearchHits>(200),
        memory
            .get("/api/memory/export", "Everything that is remembered of the caller.")
            .more(PRIVATE)
            .answers::<MemoryExport>(200),
        memory.get("/api/memory/{id}", "Show something that is remembered.").answers::<OneMemory>(200),
        memory
            .delete("/api/memory/{id}", "Forget something for good.")
            .more(
                "Summaries that reach to when it was told or beyond go with it, and the messages in which all its \
                 telling words stand lose their text.",
            )
            .answers::<Success>(200),
        memory
            .get("/api/summaries", "What older stretches of the caller's conversation were about, oldest first.")
            .more(PRIVATE)
            .answers::<Summaries>(200),
        memory
            .put("/api/summaries/{id}", "Put a summary in one's own words.")
            .body::<CorrectedSummary>()
            .answers::<OneSummary>(200),
        memory.delete("/api/summaries/{id}", "Delete a summary.").answers::<Success>(200),
    ]
}
