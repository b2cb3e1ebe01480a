//! Options of the conversation: `ask` and `chat`.

use clap::Args;

/// `xswarm ask`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  xswarm ask \"Schedule meeting with John tomorrow at 3pm\"
  xswarm ask --user anna \"what's on today?\"
  echo \"remind me to call mom in 20 minutes\" | xswarm ask -")]
pub struct AskArguments {
    /// What to say; `-` reads it from standard input.
    #[arg(required = true, num_args = 1.., value_name = "TEXT")]
    pub text: Vec<String>,
    /// Speak as this person: an id, a name, or a unique beginning. The admin by default.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
}

/// `xswarm chat`
#[derive(Debug, Args)]
#[command(
    after_help = "On a terminal: arrow keys recall what you said before, Ctrl-C clears the line, Ctrl-D ends; reminders appear
above the prompt. Otherwise every line of standard input is one turn, and only the answers are printed.

Examples:
  xswarm chat
  xswarm chat --user anna
  printf 'what time is it?\\nwhat is on today?\\n' | xswarm chat"
)]
pub struct ChatArguments {
    /// Speak as this person: an id, a name, or a unique beginning. The admin by default.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
}
