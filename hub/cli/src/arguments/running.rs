//! Options of setting up and describing: `setup`, `completions` and `man`.

use std::path::PathBuf;

use chrono_tz::Tz;
use clap::Args;
use clap_complete::Shell;

use super::value::zone;

/// `xswarm setup`
#[derive(Debug, Default, Args)]
#[command(after_help = "What an option answers is not asked. Nothing is changed that is neither answered nor given.

Examples:
  xswarm setup
  xswarm setup --non-interactive --account-sid AC0123… --phone-number +14155550100 \\
      --auth-token-file token.txt --public-url https://boss.example.com --set-webhooks
  xswarm setup --non-interactive --llm-provider anthropic --llm-key-file key.txt --llm-test
  xswarm setup --non-interactive --llm-provider ollama --llm-url http://kitchen.lan:11434 --llm-model qwen3:8b")]
pub struct SetupArguments {
    /// Ask nothing: do what the options say.
    #[arg(long)]
    pub non_interactive: bool,
    /// What the Boss calls the admin.
    #[arg(long)]
    pub name: Option<String>,
    /// Where the admin lives, such as Europe/Berlin.
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    pub timezone: Option<Tz>,
    /// The admin's own number, for texts.
    #[arg(long, value_name = "NUMBER")]
    pub phone: Option<String>,
    /// The account at Twilio: AC and 32 hexadecimal digits.
    #[arg(long, value_name = "SID")]
    pub account_sid: Option<String>,
    /// A file with the account's auth token; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub auth_token_file: Option<PathBuf>,
    /// The Boss's number, in international form.
    #[arg(long, value_name = "NUMBER")]
    pub phone_number: Option<String>,
    /// The address by which the Internet reaches the hub's public listener.
    #[arg(long, value_name = "URL")]
    pub public_url: Option<String>,
    /// Set the numbers' webhook at Twilio without asking.
    #[arg(long)]
    pub set_webhooks: bool,
    /// Send a test message to this number without asking.
    #[arg(long, value_name = "NUMBER")]
    pub test_to: Option<String>,
    /// Mail.
    #[command(flatten)]
    pub mail: MailOptions,
    /// The language model.
    #[command(flatten)]
    pub model: ModelOptions,
}

/// What `xswarm setup` may be told about mail.
#[derive(Debug, Default, Args)]
pub struct MailOptions {
    /// Who carries mail: sendgrid, smtp or off.
    #[arg(long, value_name = "PROVIDER")]
    pub mail_provider: Option<String>,
    /// The Boss's mail address.
    #[arg(long, value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// A file with SendGrid's API key; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub sendgrid_key_file: Option<PathBuf>,
    /// The verification key of SendGrid's signed webhooks.
    #[arg(long, value_name = "KEY")]
    pub sendgrid_webhook_key: Option<String>,
    /// The public key of the security policy that signs what SendGrid's Inbound Parse brings.
    #[arg(long, value_name = "KEY")]
    pub sendgrid_inbound_key: Option<String>,
    /// Without such a policy: make a password for the URL that Inbound Parse brings mail to, and show that URL once.
    #[arg(long, conflicts_with = "sendgrid_inbound_key")]
    pub sendgrid_inbound_password: bool,
    /// The mail server.
    #[arg(long, value_name = "HOST")]
    pub smtp_host: Option<String>,
    /// Its port.
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub smtp_port: Option<u16>,
    /// How the connection is protected: tls, starttls, or none (to this machine only).
    #[arg(long, value_name = "HOW")]
    pub smtp_security: Option<String>,
    /// Who logs in at the mail server.
    #[arg(long, value_name = "NAME")]
    pub smtp_username: Option<String>,
    /// A file with the password for that; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub smtp_password_file: Option<PathBuf>,
}

/// What `xswarm setup` may be told about the language model.
#[derive(Debug, Default, Args)]
pub struct ModelOptions {
    /// Who serves the language model: anthropic, openai, ollama or off.
    #[arg(long, value_name = "PROVIDER")]
    pub llm_provider: Option<String>,
    /// Which model; a cheap one of the provider's otherwise.
    #[arg(long, value_name = "NAME")]
    pub llm_model: Option<String>,
    /// Where the API is; the provider's own address otherwise.
    #[arg(long, value_name = "URL")]
    pub llm_url: Option<String>,
    /// A file with the provider's API key; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub llm_key_file: Option<PathBuf>,
    /// Ask the model for a word without asking whether to.
    #[arg(long)]
    pub llm_test: bool,
}

/// `xswarm completions`
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  xswarm completions bash > /etc/bash_completion.d/xswarm
  xswarm completions zsh > ~/.zfunc/_xswarm
  xswarm completions fish > ~/.config/fish/completions/xswarm.fish")]
pub struct CompletionsArguments {
    /// Which shell.
    pub shell: Shell,
}

/// `xswarm man`
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  xswarm man | man -l -\n  xswarm man --dir /usr/local/share/man/man1")]
pub struct ManArguments {
    /// Write the pages of all verbs to this directory.
    #[arg(long, value_name = "DIR")]
    pub dir: Option<PathBuf>,
}
