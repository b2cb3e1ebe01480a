//! Options of `calls`.

use std::path::PathBuf;

use clap::Args;

/// `xswarm calls`
#[derive(Debug, Args)]
#[command(
    after_help = "Of a call, the steps are told in milliseconds from the end of what was said: to the end of the turn, to the
answer, and to its first sound; the picture shows the same. Calls are recorded where `[voice] record` in hub.toml says so:
left the caller, right the Boss.

Examples:
  xswarm calls
  xswarm calls --user anna --limit 10
  xswarm calls 019ab3f0
  xswarm calls 019ab3f0 --json
  xswarm calls 019ab3f0 --recording call.wav
  xswarm calls 019ab3f0 --delete-recording"
)]
pub struct CallsArguments {
    /// The call to show with what was said: its id, or a unique beginning. Without it the calls are listed.
    pub id: Option<String>,
    /// Save the sound of the call as a WAV file that is not there yet; - is standard output.
    #[arg(long, value_name = "FILE", requires = "id")]
    pub recording: Option<PathBuf>,
    /// Delete the sound of the call for good.
    #[arg(long, requires = "id", conflicts_with = "recording")]
    pub delete_recording: bool,
    /// Whose: an id, a name, or a unique beginning. Everybody's by default.
    #[arg(long, value_name = "WHO")]
    pub user: Option<String>,
    /// At most so many, the latest.
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub limit: u32,
}
