//! Options about lists: `list`.

use clap::{Args, Subcommand};

/// `xswarm list …`
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  xswarm list
  xswarm list shopping
  xswarm list add shopping milk \"oat flakes\"
  xswarm list check shopping milk"
)]
pub struct ListsArguments {
    /// What to do; without it all lists are shown, or the one that is named.
    #[command(subcommand)]
    pub verb: Option<ListVerb>,
    /// Show what is on this list: its name, or a unique beginning.
    pub name: Option<String>,
    /// Whose: an id, a name, or a unique beginning. The admin's by default.
    #[arg(long, global = true, value_name = "WHO")]
    pub user: Option<String>,
}

/// `xswarm list …`
#[derive(Debug, Subcommand)]
pub enum ListVerb {
    /// Show what is on a list.
    #[command(after_help = "Example:\n  xswarm list show shopping")]
    Show {
        /// Its name, or a unique beginning.
        list: String,
        /// What is checked off too.
        #[arg(long)]
        all: bool,
    },
    /// Put things on a list.
    #[command(after_help = "Example:\n  xswarm list add shopping milk \"oat flakes\"")]
    Add {
        /// Its name, or a unique beginning.
        list: String,
        /// What.
        #[arg(required = true)]
        items: Vec<String>,
    },
    /// Check things off.
    #[command(after_help = "Example:\n  xswarm list check shopping milk")]
    Check {
        /// Its name, or a unique beginning.
        list: String,
        /// What, or a unique beginning of it.
        #[arg(required = true)]
        items: Vec<String>,
    },
    /// Take things off a list.
    #[command(after_help = "Example:\n  xswarm list remove shopping milk")]
    Remove {
        /// Its name, or a unique beginning.
        list: String,
        /// What, or a unique beginning of it.
        #[arg(required = true)]
        items: Vec<String>,
    },
    /// Make a list.
    #[command(after_help = "Examples:\n  xswarm list create packing\n  xswarm list create camping --shared")]
    Create {
        /// What it is called.
        name: String,
        /// It is the household's. The shopping list always is.
        #[arg(long)]
        shared: bool,
    },
    /// Delete a list with all that is on it.
    #[command(after_help = "Asks first.\n\nExample:\n  xswarm list delete packing")]
    Delete {
        /// Its name, or a unique beginning.
        list: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
}
