//! Options of `authority`.

use clap::Subcommand;

/// `xswarm authority …`
#[derive(Debug, Subcommand)]
pub enum AuthorityVerb {
    /// Show the hub's certificate authority: its fingerprint, and how long it is good.
    #[command(
        after_help = "A browser that trusts it opens https://xswarm.local:9443 without a warning. It can vouch only for names \
and addresses inside a house. Compare the fingerprint with the one that the browser shows before you trust it.

Examples:
  xswarm authority show
  xswarm authority show --pem > boss-ai-authority.pem"
    )]
    Show {
        /// The certificate itself, as a file that browsers and systems take.
        #[arg(long)]
        pem: bool,
    },
}
