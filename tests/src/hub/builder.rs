//! How a hub is configured and started.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use toml_edit::{DocumentMut, Item, Table, Value};

use super::{Hub, PUBLIC_URL, Place, process::Process};
use crate::{
    binaries, environment,
    mail_server::MailServer,
    model::{self, ModelServer},
    sendgrid::{self, FakeSendgrid},
    twilio::{ACCOUNT, FakeTwilio, OUR_NUMBER, TOKEN},
    world::MAIL_FROM,
};

/// The admin of a hub under test. The name is one that stands in no log by accident.
pub const ADMIN_NAME: &str = "Zacharias";

/// A hub to be started.
#[derive(Default)]
pub struct Builder {
    config: DocumentMut,
    credentials: BTreeMap<String, String>,
    environment: Vec<(String, String)>,
    wrapper: Vec<String>,
    hub: Option<PathBuf>,
    pub(super) socket: Option<PathBuf>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self { environment: vec![("PATH".to_owned(), environment::path())], ..Self::default() }
            .config("server", "public_listen", "127.0.0.1:0")
            .config("server", "lan_listen", "127.0.0.1:0")
            .config("server", "secure_listen", "127.0.0.1:0")
            .config("server", "supervisor_listen", "127.0.0.1:0")
            .config("server", "voice_listen", "127.0.0.1:0")
            .config("admin", "name", ADMIN_NAME)
            .config("admin", "timezone", "Europe/Berlin")
            .environment("RUST_BACKTRACE", "1")
    }

    /// Sets a value in hub.toml.
    #[must_use]
    pub fn config(mut self, section: &str, key: &str, value: impl Into<Value>) -> Self {
        let section = self.config.entry(section).or_insert_with(|| Item::Table(Table::new()));
        section[key] = toml_edit::value(value);
        self
    }

    /// Puts the admin socket somewhere else than beside the state.
    #[must_use]
    pub fn socket(mut self, path: &Path) -> Self {
        self.socket = Some(path.to_owned());
        self.config("server", "admin_socket", path.display().to_string())
    }

    /// Gives a secret as a systemd credential, or takes it away.
    #[must_use]
    pub fn credential(mut self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.credentials.insert(name.to_owned(), value.to_owned()),
            None => self.credentials.remove(name),
        };
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn environment(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts it under another program.
    #[must_use]
    pub fn wrapper(mut self, wrapper: &[&str]) -> Self {
        self.wrapper = wrapper.iter().map(|&word| word.to_owned()).collect();
        self
    }

    /// Another file than the one that was built, such as a copy that somebody else may read.
    #[must_use]
    pub fn binary(mut self, hub: &Path) -> Self {
        self.hub = Some(hub.to_owned());
        self
    }

    /// Texting through the fake, fast, with a public address.
    #[must_use]
    pub fn twilio(self, twilio: &FakeTwilio) -> Self {
        self.config("twilio", "account_sid", ACCOUNT)
            .config("twilio", "phone_number", OUR_NUMBER)
            .config("twilio", "api_base_url", twilio.url())
            .config("twilio", "sends_per_second", 1_000.0)
            .config("server", "public_url", PUBLIC_URL)
            .credential("twilio_auth_token", Some(TOKEN))
    }

    /// Mail through the fake, fast, with signed events.
    #[must_use]
    pub fn sendgrid(self, sendgrid: &FakeSendgrid) -> Self {
        self.config("mail", "provider", "sendgrid")
            .config("mail", "from", MAIL_FROM)
            .config("sendgrid", "api_base_url", sendgrid.url())
            .config("sendgrid", "sends_per_second", 1_000.0)
            .config("sendgrid", "webhook_public_key", sendgrid.public_key())
            .config("server", "public_url", PUBLIC_URL)
            .credential("sendgrid_api_key", Some(sendgrid::KEY))
    }

    /// Mail through a mail server of this machine.
    #[must_use]
    pub fn mail_server(self, server: &MailServer) -> Self {
        self.config("mail", "provider", "smtp")
            .config("mail", "from", MAIL_FROM)
            .config("smtp", "host", "127.0.0.1")
            .config("smtp", "port", i64::from(server.port()))
            .config("smtp", "security", "none")
            .config("smtp", "sends_per_second", 1_000.0)
            .config("smtp", "timeout_s", 5)
    }

    /// A language model by Anthropic's API.
    #[must_use]
    pub fn with_model(self, model: &ModelServer) -> Self {
        self.config("llm", "provider", "anthropic")
            .config("llm", "base_url", model.url())
            .config("llm", "timeout_s", 20)
            .credential("anthropic_api_key", Some(model::KEY))
    }

    /// A hub that is not started yet, in a directory of its own.
    pub fn build(self) -> Hub {
        let owner = tempfile::Builder::new().prefix("xswarm-test-").tempdir().expect("a temporary directory");
        let root = owner.path().to_owned();
        self.build_in(Place { root, _owner: Some(owner) })
    }

    /// A second hub that shares the directory of `other`.
    pub fn build_beside(self, other: &Hub) -> Hub {
        let root = tempfile::Builder::new().prefix("second-").tempdir_in(&other.place.root).expect("a directory");
        let mut hub = self.build_in(Place { root: root.path().to_owned(), _owner: Some(root) });
        hub.configure("server", "state_dir", other.state_dir().display().to_string());
        hub
    }

    fn build_in(self, place: Place) -> Hub {
        let state_dir = place.root.join("state");
        let builder = self.config("server", "state_dir", state_dir.display().to_string());
        builder.write(&place.root);
        Hub {
            builder,
            place,
            process: None,
            status: None,
            api: None,
            runs: 0,
            finished: false,
            expected_errors: Vec::new(),
            stuck_jobs_expected: false,
        }
    }

    /// Writes hub.toml and the credentials.
    pub(super) fn write(&self, root: &Path) {
        fs::write(root.join("hub.toml"), self.config.to_string()).expect("hub.toml can be written");
        let credentials = root.join("credentials");
        if credentials.exists() {
            fs::remove_dir_all(&credentials).expect("the credentials can be replaced");
        }
        fs::create_dir(&credentials).expect("a directory");
        for (name, value) in &self.credentials {
            let file = credentials.join(name);
            fs::write(&file, value).expect("a credential can be written");
            fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).expect("its mode can be set");
        }
    }

    pub(super) fn spawn(&self, root: &Path, log: &Path) -> Process {
        let mut environment = self.environment.clone();
        environment.push(("CREDENTIALS_DIRECTORY".to_owned(), root.join("credentials").display().to_string()));
        let config = root.join("hub.toml");
        let arguments = ["--config", config.to_str().expect("a path in UTF-8")];
        let hub = self.hub.clone().unwrap_or_else(binaries::hub);
        Process::spawn(&hub, &self.wrapper, &arguments, log, &environment)
    }
}
