//! Options about suggestions: `suggestions`.

use clap::{Args, Subcommand};

/// `xswarm suggestions …`
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "The Boss suggests what it noticed by counting, once, and changes nothing unless somebody says yes.
`xswarm user suggestions WHO off` ends all of them.

Examples:
  xswarm suggestions
  xswarm suggestions accept 019ab3f0
  xswarm suggestions decline 019ab3f0"
)]
pub struct SuggestionsArguments {
    /// What to do; without it all suggestions are listed.
    #[command(subcommand)]
    pub verb: Option<SuggestionVerb>,
    /// Whose: an id, a name, or a unique beginning. The admin's by default.
    #[arg(long, global = true, value_name = "WHO")]
    pub user: Option<String>,
}

/// `xswarm suggestions …`
#[derive(Debug, Subcommand)]
pub enum SuggestionVerb {
    /// List all that were made, with what became of them.
    #[command(after_help = "Example:\n  xswarm suggestions list --user anna")]
    List,
    /// Say yes to one: it is done at once, and \"undo\" takes it back.
    #[command(after_help = "Example:\n  xswarm suggestions accept 019ab3f0")]
    Accept {
        /// Its id, or a unique beginning.
        id: String,
    },
    /// Say no to one: it is not made again.
    #[command(after_help = "Example:\n  xswarm suggestions decline 019ab3f0")]
    Decline {
        /// Its id, or a unique beginning.
        id: String,
    },
}
