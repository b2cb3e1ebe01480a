//! Options about contacts: `contact`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `xswarm contact …`
#[derive(Debug, Args)]
pub struct ContactArguments {
    /// What to do; without it all contacts are listed.
    #[command(subcommand)]
    pub verb: Option<ContactVerb>,
    /// Whose contacts: an id, a name, or a unique beginning. The admin's by default.
    #[arg(long, global = true, value_name = "WHO")]
    pub user: Option<String>,
}

/// `xswarm contact …`
#[derive(Debug, Subcommand)]
pub enum ContactVerb {
    /// Add a contact.
    #[command(
        after_help = "Example:\n  xswarm contact add \"Anna Miller\" --phone \"+49 151 23456789\" --relation sister"
    )]
    Add {
        /// The name in full.
        name: String,
        /// What is known.
        #[command(flatten)]
        details: ContactFields,
    },
    /// List contacts.
    #[command(after_help = "Examples:\n  xswarm contact list\n  xswarm contact list anna")]
    List {
        /// Only those who are called so: by name, nickname or relation.
        called: Option<String>,
    },
    /// Show a contact.
    #[command(after_help = "Example:\n  xswarm contact show anna")]
    Show {
        /// An id, a name, or a unique beginning.
        who: String,
    },
    /// Change a contact; what is not named stays.
    #[command(
        after_help = "An empty value removes: --relation \"\". Numbers, addresses and nicknames replace all there are.

Example:
  xswarm contact edit anna --phone \"+49 151 23456789\" --phone \"+49 30 901820\""
    )]
    Edit {
        /// An id, a name, or a unique beginning.
        who: String,
        /// The name in full.
        #[arg(long)]
        name: Option<String>,
        /// What changes.
        #[command(flatten)]
        details: ContactFields,
    },
    /// Delete a contact.
    #[command(after_help = "Asks first.\n\nExample:\n  xswarm contact remove anna")]
    Remove {
        /// An id, a name, or a unique beginning.
        who: String,
        /// Do not ask.
        #[arg(long)]
        yes: bool,
    },
    /// Take vCards in.
    #[command(after_help = "Example:\n  xswarm contact import contacts.vcf")]
    Import {
        /// The file (.vcf); "-" reads it from standard input.
        file: PathBuf,
    },
    /// Write contacts as vCards.
    #[command(after_help = "Examples:
  xswarm contact export > contacts.vcf
  xswarm contact export --format 3.0 --output contacts.vcf")]
    Export {
        /// The version of vCard: 3.0 or 4.0.
        #[arg(long, default_value = "4.0", value_parser = ["3.0", "4.0"])]
        format: String,
        /// Write the file here instead of to standard output.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// What is known about a contact beside the name.
#[derive(Debug, Args)]
pub struct ContactFields {
    /// A telephone number; may be given again.
    #[arg(long, value_name = "NUMBER")]
    pub phone: Vec<String>,
    /// A mail address; may be given again.
    #[arg(long, value_name = "ADDRESS", visible_alias = "email")]
    pub mail: Vec<String>,
    /// What else they are called; may be given again.
    #[arg(long, value_name = "NAME")]
    pub nickname: Vec<String>,
    /// What they are to the person, such as sister or dentist.
    #[arg(long)]
    pub relation: Option<String>,
    /// Anything else.
    #[arg(long)]
    pub notes: Option<String>,
}
