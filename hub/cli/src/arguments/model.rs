//! Options of `model`.

use std::path::PathBuf;

use clap::{
    Args, Subcommand,
    builder::{PossibleValuesParser, TypedValueParser},
};
use xswarm_voice::catalogue::{ENDPOINT, Model};

/// `xswarm model`
#[derive(Debug, Subcommand)]
pub enum ModelVerb {
    /// Get models from Hugging Face, or go on where it broke off. What is here whole is not fetched again.
    Pull(PullArguments),
    /// Show which models there are, and which of them are here.
    #[command(after_help = "Examples:\n  xswarm model list\n  xswarm model list --directory /srv/models --json")]
    List(ModelPlace),
}

/// Where models are.
#[derive(Debug, Args)]
pub struct ModelPlace {
    /// Where models are; where the hub looks for them by default.
    #[arg(long, value_name = "DIR")]
    pub directory: Option<PathBuf>,
}

/// `xswarm model pull`
#[derive(Debug, Args)]
#[command(
    after_help = "To be run on the hub's own machine, by whoever may write there: root, or the hub's user. Every file is compared with
the checksum that is published. Ctrl-C loses nothing: run again, it goes on.

Examples:
  xswarm model pull
  xswarm model pull stt-2.6b
  xswarm model pull tts --voice vctk/p225_023.wav
  xswarm model pull --yes --json
  xswarm model pull stt tts --directory /srv/models"
)]
pub struct PullArguments {
    /// Which: stt and tts, which a call needs, unless said otherwise.
    #[arg(value_name = "MODEL", value_parser = models(), default_values = ["stt", "tts"])]
    pub models: Vec<Model>,
    /// A further voice for tts, by its file's name in kyutai/tts-voices; may be given several times.
    #[arg(long = "voice", value_name = "NAME")]
    pub voices: Vec<String>,
    /// Where to.
    #[command(flatten)]
    pub place: ModelPlace,
    /// Where from: Hugging Face, or a mirror of it.
    #[arg(long, value_name = "URL", env = "HF_ENDPOINT", default_value = ENDPOINT)]
    pub endpoint: String,
    /// Ask nothing: the licence is accepted.
    #[arg(long)]
    pub yes: bool,
}

fn models() -> impl TypedValueParser<Value = Model> {
    let names = PossibleValuesParser::new(Model::ALL.map(Model::name));
    names.try_map(|name| Model::named(&name).ok_or("there is no such model"))
}
