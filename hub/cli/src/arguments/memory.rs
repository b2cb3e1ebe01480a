//! Options about memory: `memory`. It is private: there is no option to look at somebody else's.

use clap::{Args, Subcommand};

/// `xswarm memory …`
#[derive(Debug, Args)]
pub struct MemoryArguments {
    /// What to do; without it, what is remembered is listed.
    #[command(subcommand)]
    pub verb: Option<MemoryVerb>,
}

/// `xswarm memory …`
#[derive(Debug, Subcommand)]
pub enum MemoryVerb {
    /// List what the Boss remembers.
    #[command(after_help = "Example:\n  xswarm memory list")]
    List,
    /// Show one thing that it remembers.
    #[command(after_help = "Example:\n  xswarm memory show 019ab3f0-11c2")]
    Show {
        /// Its id, or a unique beginning.
        id: String,
    },
    /// Tell the Boss something to remember.
    #[command(after_help = "Example:\n  xswarm memory add \"Anna is allergic to nuts\"")]
    Add {
        /// What.
        #[arg(required = true)]
        text: Vec<String>,
    },
    /// Forget something for good.
    #[command(
        after_help = "Asks first. What was summed up of the conversation since it was told goes too; messages stay.\n\n\
                      Example:\n  xswarm memory forget 019ab3f0-11c2"
    )]
    Forget {
        /// Its id, or a unique beginning.
        id: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Search memories and messages by words.
    #[command(
        after_help = "Every word has to occur, or one that begins so.\n\nExample:\n  xswarm memory search boiler invoice"
    )]
    Search {
        /// What is looked for.
        #[arg(required = true)]
        words: Vec<String>,
        /// How many at most.
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
    },
    /// Print everything that is remembered, as JSON.
    #[command(after_help = "Example:\n  xswarm memory export > memory.json")]
    Export,
    /// List summaries of older conversation.
    #[command(after_help = "Example:\n  xswarm memory summaries")]
    Summaries,
    /// Put a summary in your own words, or delete it.
    #[command(after_help = "Examples:\n  xswarm memory correct 019ab3f0-11c2 \"We spoke about the roof.\"\n  \
                            xswarm memory correct 019ab3f0-11c2 --delete")]
    Correct {
        /// Its id, or a unique beginning.
        id: String,
        /// What it shall say.
        #[arg(required_unless_present = "delete", conflicts_with = "delete")]
        text: Vec<String>,
        /// Delete it.
        #[arg(long)]
        delete: bool,
    },
}
