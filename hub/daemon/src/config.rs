//! What the hub is told from outside: the configuration file, credentials and the environment.
//!
//! The defaults stand in one embedded file ([`DEFAULTS`]); hub.toml is read over them. An unknown section or key is an
//! error that names it. A service gets its own section, never the whole. This is the only place that reads the
//! environment. It deliberately holds no secrets: those are found by name, one at a time, through [`Secrets`].

mod llm;
mod mail;
mod secrets;
mod value;
mod voice;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use chrono_tz::Tz;
use figment::{
    Figment,
    error::Kind as FigmentKind,
    providers::{Format, Toml},
};
use serde::Deserialize;
use xswarm_core::phone::Phone;

use crate::error::{Error, Result};

pub(crate) use llm::LlmConfig;
pub(crate) use mail::{MailConfig, MailProvider, SendgridConfig, SmtpConfig, SmtpSecurity};
pub(crate) use secrets::Secrets;
#[cfg(feature = "moshi")]
pub(crate) use voice::{Device, SttModel};
pub(crate) use voice::{VoiceConfig, VoiceEngine, VoiceMode, VoiceRecord};
pub(crate) use xswarm_core::llm::LlmProvider;

/// Every setting with its default, and what it means.
pub(crate) const DEFAULTS: &str = include_str!("config/defaults.toml");

/// Where an installed hub is configured.
const INSTALLED: &str = "/etc/xswarm/hub.toml";
/// Where systemd gives an installed hub its runtime directory.
const RUNTIME_DIR: &str = "/run/xswarm";
/// The state directory of an installed hub, as in the defaults.
const INSTALLED_STATE: &str = "/var/lib/xswarm";

/// The whole configuration. Only the composition root sees it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where the hub lives and listens.
    pub(crate) server: ServerConfig,
    /// The first person.
    pub(crate) admin: AdminConfig,
    /// The database.
    pub(crate) store: StoreConfig,
    /// Text messages.
    pub(crate) twilio: TwilioConfig,
    /// Who carries mail.
    pub(crate) mail: MailConfig,
    /// Mail through SendGrid.
    pub(crate) sendgrid: SendgridConfig,
    /// Mail through a mail server.
    pub(crate) smtp: SmtpConfig,
    /// The language model.
    pub(crate) llm: LlmConfig,
    /// Calls.
    pub(crate) voice: VoiceConfig,
    /// How long things are kept.
    pub(crate) retention: RetentionConfig,
    /// Whoever listens to what happens.
    pub(crate) supervisor: SupervisorConfig,
}

/// `[server]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerConfig {
    /// Where everything the hub remembers lies.
    #[serde(deserialize_with = "value::path")]
    pub(crate) state_dir: PathBuf,
    /// Signed webhooks.
    #[serde(deserialize_with = "value::address")]
    pub(crate) public_listen: SocketAddr,
    /// Web and REST for the household.
    #[serde(deserialize_with = "value::address")]
    pub(crate) lan_listen: SocketAddr,
    /// The same by TLS.
    #[serde(deserialize_with = "value::address")]
    pub(crate) secure_listen: SocketAddr,
    /// The voice bridge: the sound of calls (WebSocket), and nothing else.
    #[serde(deserialize_with = "value::address")]
    pub(crate) voice_listen: SocketAddr,
    /// What happens, as it happens (WebSocket).
    #[serde(deserialize_with = "value::address")]
    pub(crate) supervisor_listen: SocketAddr,
    /// As written; see [`ServerConfig::admin_socket_path`].
    #[serde(deserialize_with = "value::optional_path")]
    pub(crate) admin_socket: Option<PathBuf>,
    /// How the world reaches `public_listen`; no slash at the end.
    #[serde(deserialize_with = "value::optional_url")]
    pub(crate) public_url: Option<String>,
    /// Whether other machines are told where `secure_listen` is, when they can reach it.
    pub(crate) announce: bool,
    /// Open connections per listener.
    #[serde(deserialize_with = "value::from_one")]
    pub(crate) connections_max: usize,
}

impl ServerConfig {
    /// Listeners that would be in each other's way.
    fn contradiction(&self) -> Option<&'static str> {
        let mut taken =
            [self.public_listen, self.lan_listen, self.secure_listen, self.voice_listen, self.supervisor_listen];
        taken.sort_unstable();
        // The system chooses another port for each that says 0.
        let twice = taken.iter().zip(taken.iter().skip(1)).any(|(one, next)| one == next && one.port() != 0);
        twice.then_some(
            "`public_listen`, `lan_listen`, `secure_listen`, `voice_listen` and `supervisor_listen` in [server] must be \
             different addresses",
        )
    }

    /// Where the admin socket is: as configured, else in systemd's runtime directory for a hub that keeps its state in
    /// the installed place, else beside the state.
    pub(crate) fn admin_socket_path(&self) -> PathBuf {
        let runtime_dir = Path::new(RUNTIME_DIR);
        match &self.admin_socket {
            Some(path) => path.clone(),
            None if self.state_dir == Path::new(INSTALLED_STATE) && runtime_dir.is_dir() => {
                runtime_dir.join("admin.sock")
            }
            None => self.state_dir.join("admin.sock"),
        }
    }
}

/// `[admin]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdminConfig {
    /// What the Boss calls them.
    #[serde(deserialize_with = "value::not_empty")]
    pub(crate) name: String,
    /// As written; see [`AdminConfig::zone`].
    #[serde(deserialize_with = "value::optional_zone")]
    pub(crate) timezone: Option<Tz>,
    /// Their number.
    #[serde(deserialize_with = "value::optional_phone")]
    pub(crate) phone: Option<Phone>,
    /// Their mail address.
    #[serde(deserialize_with = "value::optional_email")]
    pub(crate) email: Option<String>,
}

impl AdminConfig {
    /// The configured zone, else the system's, else UTC.
    pub(crate) fn zone(&self) -> Tz {
        self.timezone
            .or_else(|| iana_time_zone::get_timezone().ok().and_then(|name| name.parse().ok()))
            .unwrap_or(Tz::UTC)
    }
}

/// `[store]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoreConfig {
    /// Writes that share one fsync at most.
    #[serde(deserialize_with = "value::from_one")]
    pub(crate) group_commit: usize,
}

/// `[twilio]`
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TwilioConfig {
    /// The account.
    #[serde(deserialize_with = "value::optional_account_sid")]
    pub(crate) account_sid: Option<String>,
    /// The number of everybody who has no other.
    #[serde(deserialize_with = "value::optional_phone")]
    pub(crate) phone_number: Option<Phone>,
    /// Where the REST API is; no slash at the end.
    #[serde(deserialize_with = "value::api_url")]
    pub(crate) api_base_url: String,
    /// Per sending number.
    #[serde(deserialize_with = "value::rate")]
    pub(crate) sends_per_second: f64,
    /// Between two looks for texts that no webhook delivered.
    #[serde(rename = "catch_up_s", deserialize_with = "value::seconds")]
    pub(crate) catch_up: Duration,
    /// One API request.
    #[serde(rename = "timeout_s", deserialize_with = "value::seconds")]
    pub(crate) timeout: Duration,
}

/// `[retention]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RetentionConfig {
    /// Texts of messages.
    #[serde(deserialize_with = "value::days")]
    pub(crate) texts_days: u32,
    /// Finished jobs.
    #[serde(deserialize_with = "value::days")]
    pub(crate) jobs_days: u32,
    /// The sound of calls.
    #[serde(deserialize_with = "value::days")]
    pub(crate) recordings_days: u32,
}

/// `[supervisor]`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SupervisorConfig {
    /// Clients at the same time.
    #[serde(deserialize_with = "value::from_one")]
    pub(crate) clients_max: usize,
    /// Between two pings. Whoever answered nothing by the next one is dropped.
    #[serde(rename = "ping_s", deserialize_with = "value::seconds")]
    pub(crate) ping: Duration,
}

/// Which file to read: the one given, else the installed one when it exists, else none.
pub(crate) fn config_path(given: Option<&Path>) -> Option<PathBuf> {
    given.map(Path::to_owned).or_else(|| Some(PathBuf::from(INSTALLED)).filter(|path| path.exists()))
}

impl Config {
    /// Reads the defaults, then `file`; `state_dir` (from the command line) beats both.
    ///
    /// A missing or unreadable file, an unknown key and a value out of bounds are [`crate::error::Kind::Invalid`], with
    /// file, key and what is allowed in the context.
    pub(crate) fn load(file: Option<&Path>, state_dir: Option<&Path>) -> Result<Self> {
        let text = match file {
            Some(path) => std::fs::read_to_string(path).map_err(|error| {
                Error::invalid(format!("cannot read the configuration {}", path.display())).with_source(error)
            })?,
            None => String::new(),
        };
        let name = file.map_or_else(|| "built-in defaults".to_owned(), |path| path.display().to_string());
        let mut config = Self::from_toml(&text, &name)?;
        if let Some(dir) = state_dir {
            dir.clone_into(&mut config.server.state_dir);
        }
        Ok(config)
    }

    pub(crate) fn from_toml(text: &str, name: &str) -> Result<Self> {
        Figment::from(Toml::string(DEFAULTS))
            .merge(Toml::string(text))
            .extract()
            .map_err(|error| Error::invalid(format!("{name}: {}", explain(&error))))
            .and_then(|config: Self| match config.contradiction() {
                Some(words) => Err(Error::invalid(format!("{name}: {words}"))),
                None => Ok(config),
            })
    }

    /// What of it does not go together.
    fn contradiction(&self) -> Option<&'static str> {
        self.server
            .contradiction()
            .or_else(|| self.smtp.exposed())
            .or_else(|| self.llm.contradiction())
            .or_else(|| self.voice.contradiction())
    }
}

/// What is wrong, on one line.
fn explain(error: &figment::Error) -> String {
    if let FigmentKind::UnknownField(field, known) = &error.kind {
        // The path ends with the unknown field itself.
        return match error.path.as_slice() {
            [sections @ .., _] if !sections.is_empty() => {
                format!("unknown key `{field}` in [{}]; known are {}", sections.join("."), known.join(", "))
            }
            [..] => format!("unknown section `{field}`; known are {}", known.join(", ")),
        };
    }
    let text = error.kind.to_string();
    if !error.path.is_empty() {
        return format!("`{}`: {text}", error.path.join("."));
    }
    // A syntax error: the parser draws the line and an arrow below it. Keep the place and the reason.
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let place = lines.next().unwrap_or_default();
    lines.next_back().map_or_else(|| place.to_owned(), |reason| format!("{place}: {reason}"))
}

/// What to log, in the notation of env_logger (`XSWARM_LOG`).
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(crate) fn log_filter() -> String {
    std::env::var("XSWARM_LOG").unwrap_or_else(|_| "info".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        Config::from_toml(text, "hub.toml").unwrap_err().context
    }

    #[test]
    fn the_defaults_are_complete_and_valid() {
        let config = Config::from_toml("", "x").unwrap();
        assert_eq!(config.server.state_dir, Path::new(INSTALLED_STATE));
        assert_eq!(config.server.public_listen.to_string(), "127.0.0.1:9996");
        assert_eq!(config.server.public_url, None);
        assert_eq!(config.twilio.api_base_url, "https://api.twilio.com");
        assert_eq!(config.twilio.catch_up, Duration::from_mins(10));
        assert_eq!((config.admin.timezone, config.admin.phone), (None, None));
    }

    #[test]
    fn listeners_must_not_be_in_each_others_way() {
        let complaint = error("[server]\nvoice_listen = \"127.0.0.1:9997\"");
        assert!(complaint.contains("must be different addresses"), "{complaint}");
        let any = "[server]\nvoice_listen = \"127.0.0.1:0\"\nlan_listen = \"127.0.0.1:0\"";
        assert!(Config::from_toml(any, "x").is_ok());
    }

    #[test]
    fn a_file_need_only_name_what_differs() {
        let text = "[server]\npublic_url = \"https://boss.example.com\"\n[twilio]\nphone_number = \"+14155550100\"\nsends_per_second = 2\n[admin]\ntimezone = \"Europe/Berlin\"";
        let config = Config::from_toml(text, "x").unwrap();
        assert_eq!(config.server.public_url.as_deref(), Some("https://boss.example.com"));
        assert_eq!(config.twilio.phone_number.unwrap().as_str(), "+14155550100");
        assert!((config.twilio.sends_per_second - 2.0).abs() < f64::EPSILON);
        assert_eq!(config.admin.zone(), Tz::Europe__Berlin);
        assert_eq!(config.store.group_commit, 1000);
    }

    #[test]
    fn every_error_names_file_and_key_and_what_is_allowed() {
        let cases = [
            (
                "[servre]\nx = 1",
                "unknown section `servre`; known are server, admin, store, twilio, mail, sendgrid, smtp, llm, voice, retention",
            ),
            (
                "[twilio]\nacount_sid = \"\"",
                "unknown key `acount_sid` in [twilio]; known are account_sid, phone_number",
            ),
            ("[server]\npublic_listen = \"9996\"", "`server.public_listen`: `9996` is not an address and port"),
            ("[server]\nlan_listen = 9997", "`server.lan_listen`"),
            ("[server]\nstate_dir = \"\"", "`server.state_dir`: must not be empty"),
            ("[server]\npublic_url = \"https://a.example/\"", "`server.public_url`: leave out the slash at the end"),
            ("[server]\npublic_url = \"ftp://a.example\"", "`server.public_url`: `ftp://a.example` must begin with"),
            ("[server]\npublic_url = \"https://a.example?x=1\"", "`server.public_url`"),
            ("[server]\nconnections_max = 0", "`server.connections_max`: must be a whole number from 1"),
            ("[server]\nconnections_max = -3", "`server.connections_max`: must be a whole number from 1"),
            ("[admin]\ntimezone = \"Europe/Berln\"", "`admin.timezone`: `Europe/Berln` is not a time zone"),
            (
                "[admin]\nphone = \"0301234\"",
                "`admin.phone`: `0301234` is not a telephone number in international form",
            ),
            ("[admin]\nemail = \"anna\"", "`admin.email`"),
            ("[twilio]\nsends_per_second = 0", "`twilio.sends_per_second`: must be a number above 0"),
            ("[twilio]\nsends_per_second = nan", "`twilio.sends_per_second`: must be a number above 0"),
            ("[twilio]\ntimeout_s = 0", "`twilio.timeout_s`: must be a whole number of seconds from 1"),
            ("[twilio]\naccount_sid = \"SK00\"", "`twilio.account_sid`: must be AC and 32"),
            ("[twilio]\napi_base_url = \"http://api.twilio.com\"", "`twilio.api_base_url`: must begin with https://"),
            (
                "[mail]\nprovider = \"pigeon\"",
                "`mail.provider`: `pigeon` is not a MailProvider; it is one of off, sendgrid, smtp",
            ),
            (
                "[mail]\nfrom = \"Boss <boss@example.com>\"",
                "`mail.from`: `Boss <boss@example.com>` is not a mail address",
            ),
            ("[mail]\nfrom_name = \"a\\nBcc: b\"", "`mail.from_name`: must be one line"),
            (
                "[sendgrid]\napi_base_url = \"http://api.sendgrid.com\"",
                "`sendgrid.api_base_url`: must begin with https://",
            ),
            ("[sendgrid]\nwebhook_public_key = \"abc\"", "`sendgrid.webhook_public_key`"),
            (
                "[smtp]\nsecurity = \"ssl\"",
                "`smtp.security`: `ssl` is not a SmtpSecurity; it is one of tls, starttls, none",
            ),
            ("[smtp]\nport = 0", "`smtp.port`: must be a whole number from 1 to 65535"),
            (
                "[smtp]\nsecurity = \"none\"\nhost = \"mail.example.com\"",
                "`smtp.security`: \"none\" is for this machine only",
            ),
            ("[retention]\ntexts_days = 0", "`retention.texts_days`"),
            ("[server\n", "line 1"),
        ];
        for (text, expected) in cases {
            let words = error(text);
            assert!(words.starts_with("hub.toml: "), "{words}");
            assert!(words.contains(expected), "{words:?} should contain {expected:?}");
            assert!(!words.contains('\n'), "one line: {words:?}");
        }
    }

    #[test]
    fn a_missing_file_is_an_error_that_names_it() {
        let error = Config::load(Some(Path::new("/nonexistent/hub.toml")), None).unwrap_err();
        assert!(error.context.contains("/nonexistent/hub.toml"), "{error}");
    }

    #[test]
    fn the_command_line_beats_the_file_and_the_socket_follows_the_state() {
        let config = Config::load(None, Some(Path::new("/tmp/elsewhere"))).unwrap();
        assert_eq!(config.server.admin_socket_path(), Path::new("/tmp/elsewhere/admin.sock"));
    }
}
