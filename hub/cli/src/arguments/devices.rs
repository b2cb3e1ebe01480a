//! Options of `device`.

use clap::Subcommand;

/// `xswarm device …`
#[derive(Debug, Subcommand)]
pub enum DeviceVerb {
    /// Let a room device in, or pair it anew: shows the code that is typed into it.
    #[command(
        after_help = "The code is good for ten minutes and for one device. On the device: `xswarm-room pair ADDRESS CODE`. A device \
that is paired anew goes on working until it was, for whom it was before.

Examples:
  xswarm device pair Kitchen --for anna
  xswarm device pair \"Living room\" --for anna --for ben
  xswarm device pair \"Guest room\" --guests"
    )]
    Pair {
        /// Which room it is in.
        name: String,
        /// Whom it serves: an id, a name, or a unique beginning; may be given several times. The first is taken for the
        /// speaker.
        #[arg(long = "for", value_name = "WHO", required_unless_present = "guests")]
        persons: Vec<String>,
        /// For guests: they get timers, the time and help, and nothing that is anybody's.
        #[arg(long, conflicts_with = "persons")]
        guests: bool,
    },
    /// Show devices, whom they serve, and when they were last there.
    #[command(after_help = "Example:\n  xswarm device list")]
    List,
    /// Forget a device: what it shows opens nothing any more.
    #[command(after_help = "Example:\n  xswarm device forget Kitchen")]
    Forget {
        /// An id, a name, or a unique beginning.
        device: String,
    },
}
