//! The hub's configuration file: reading the few settings the setup cares about, and changing them without touching
//! anything else in it. Comments, order and formatting stay; the file is replaced whole or not at all.

use std::{
    fs, io,
    io::Write,
    os::unix::fs::{MetadataExt, fchown},
    path::Path,
};

use toml_edit::{DocumentMut, Item, Table, TableLike, TomlError, Value};
use xswarm_core::phone::Phone;

use super::value;

/// The one key whose value is a number.
const PORT: &str = "port";

/// Settings that the setup changes. What is absent stays; empty text means "not set", as in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Settings {
    /// `twilio.account_sid`
    pub(super) account_sid: Option<String>,
    /// `twilio.phone_number`
    pub(super) phone_number: Option<String>,
    /// `server.public_url`
    pub(super) public_url: Option<String>,
    /// Who carries mail, and how.
    pub(super) mail: MailSettings,
    /// The language model.
    pub(super) model: ModelSettings,
}

/// The same for the language model.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ModelSettings {
    /// `llm.provider`
    pub(super) provider: Option<String>,
    /// `llm.model`
    pub(super) model: Option<String>,
    /// `llm.base_url`
    pub(super) base_url: Option<String>,
}

/// The same for mail.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MailSettings {
    /// `mail.provider`
    pub(super) provider: Option<String>,
    /// `mail.from`
    pub(super) from: Option<String>,
    /// `sendgrid.webhook_public_key`
    pub(super) webhook_public_key: Option<String>,
    /// `sendgrid.inbound_public_key`
    pub(super) inbound_public_key: Option<String>,
    /// `smtp.host`
    pub(super) host: Option<String>,
    /// `smtp.port`, a number in the file.
    pub(super) port: Option<String>,
    /// `smtp.security`
    pub(super) security: Option<String>,
    /// `smtp.username`
    pub(super) username: Option<String>,
}

/// Why a file was not changed.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfigFileError {
    /// It is not TOML.
    #[error("it is not in order: {0}")]
    Syntax(#[from] TomlError),
    /// A section is something else.
    #[error("`{0}` in it is not a section")]
    NotASection(&'static str),
    /// It cannot be read or replaced.
    #[error("{0}")]
    Io(#[from] io::Error),
}

impl Settings {
    const fn parts(&self) -> [(&'static str, &'static str, &Option<String>); 14] {
        let (mail, model) = (&self.mail, &self.model);
        [
            ("twilio", "account_sid", &self.account_sid),
            ("twilio", "phone_number", &self.phone_number),
            ("server", "public_url", &self.public_url),
            ("mail", "provider", &mail.provider),
            ("mail", "from", &mail.from),
            ("sendgrid", "webhook_public_key", &mail.webhook_public_key),
            ("sendgrid", "inbound_public_key", &mail.inbound_public_key),
            ("smtp", "host", &mail.host),
            ("smtp", "port", &mail.port),
            ("smtp", "security", &mail.security),
            ("smtp", "username", &mail.username),
            ("llm", "provider", &model.provider),
            ("llm", "model", &model.model),
            ("llm", "base_url", &model.base_url),
        ]
    }

    /// What of this differs from what is present already.
    pub(super) fn beyond(self, present: &Self) -> Self {
        let new = |wanted: Option<String>, present: &Option<String>| {
            wanted.filter(|wanted| wanted != present.as_deref().unwrap_or_default())
        };
        Self {
            account_sid: new(self.account_sid, &present.account_sid),
            phone_number: new(self.phone_number, &present.phone_number),
            public_url: new(self.public_url, &present.public_url),
            mail: MailSettings {
                provider: new(self.mail.provider, &present.mail.provider),
                from: new(self.mail.from, &present.mail.from),
                webhook_public_key: new(self.mail.webhook_public_key, &present.mail.webhook_public_key),
                inbound_public_key: new(self.mail.inbound_public_key, &present.mail.inbound_public_key),
                host: new(self.mail.host, &present.mail.host),
                port: new(self.mail.port, &present.mail.port),
                security: new(self.mail.security, &present.mail.security),
                username: new(self.mail.username, &present.mail.username),
            },
            model: ModelSettings {
                provider: new(self.model.provider, &present.model.provider),
                model: new(self.model.model, &present.model.model),
                base_url: new(self.model.base_url, &present.model.base_url),
            },
        }
    }

    /// The settings that are named here, as `[twilio].account_sid`.
    pub(super) fn names(&self) -> Vec<String> {
        let named = self.parts().into_iter().filter(|(_, _, value)| value.is_some());
        named.map(|(section, key, _)| format!("[{section}].{key}")).collect()
    }

    /// The same as TOML to paste.
    pub(super) fn to_toml(&self) -> Result<String, ConfigFileError> {
        edited("", self)
    }
}

/// What the file says now; nothing when it cannot be read. Values the hub would not accept count as absent.
pub(super) fn present(path: Option<&str>) -> Settings {
    let text = path.and_then(|path| fs::read_to_string(path).ok()).unwrap_or_default();
    let document = text.parse::<DocumentMut>().unwrap_or_default();
    let get = |section: &str, key: &str| {
        let value = document.get(section)?.as_table_like()?.get(key)?;
        let number = value.as_integer().map(|number| number.to_string());
        value.as_str().map(str::to_owned).or(number).filter(|text| !text.is_empty())
    };
    Settings {
        account_sid: get("twilio", "account_sid").filter(|text| value::account_sid(text).is_ok()),
        phone_number: get("twilio", "phone_number").filter(|text| text.parse::<Phone>().is_ok()),
        public_url: get("server", "public_url"),
        mail: MailSettings {
            provider: get("mail", "provider").filter(|text| value::mail_provider(text).is_ok()),
            from: get("mail", "from").filter(|text| value::mail_address(text).is_ok()),
            webhook_public_key: get("sendgrid", "webhook_public_key"),
            inbound_public_key: get("sendgrid", "inbound_public_key"),
            host: get("smtp", "host"),
            port: get("smtp", "port").filter(|text| value::port(text).is_ok()),
            security: get("smtp", "security").filter(|text| value::security(text).is_ok()),
            username: get("smtp", "username"),
        },
        model: ModelSettings {
            provider: get("llm", "provider").filter(|text| value::model_provider(text).is_ok()),
            model: get("llm", "model"),
            base_url: get("llm", "base_url"),
        },
    }
}

/// The text with the settings changed. What is emptied is taken out, unless a comment stands with it.
pub(super) fn edited(text: &str, settings: &Settings) -> Result<String, ConfigFileError> {
    let mut document: DocumentMut = text.parse()?;
    for (section, key, value) in settings.parts() {
        let Some(value) = value else { continue };
        let table = document
            .entry(section)
            .or_insert_with(|| Item::Table(Table::new()))
            .as_table_like_mut()
            .ok_or(ConfigFileError::NotASection(section))?;
        if value.is_empty() && table.get(key).is_some() && !is_commented(table, key) {
            table.remove(key);
            continue;
        }
        let number = (key == PORT).then(|| value.parse::<i64>().ok()).flatten();
        let mut value = number.map_or_else(|| Value::from(value.as_str()), Value::from);
        if let Some(before) = table.get(key).and_then(Item::as_value) {
            // The blanks before it and the comment after it.
            *value.decor_mut() = before.decor().clone();
        }
        match table.get_mut(key) {
            // Not inserted anew: what stands above it stays.
            Some(item) => *item = Item::Value(value),
            None => drop(table.insert(key, Item::Value(value))),
        }
    }
    Ok(document.to_string())
}

/// Whether a comment of the file's goes with a setting: above it, or at the end of its line.
fn is_commented(table: &dyn TableLike, key: &str) -> bool {
    let above = table.key(key).and_then(|key| key.leaf_decor().prefix()?.as_str()).unwrap_or_default();
    let behind = table.get(key).and_then(|item| item.as_value()?.decor().suffix()?.as_str()).unwrap_or_default();
    above.contains('#') || behind.contains('#')
}

/// Changes the settings in a file. Links are followed; mode and owner stay.
pub(super) fn change(path: &Path, settings: &Settings) -> Result<(), ConfigFileError> {
    let path = fs::canonicalize(path)?;
    let text = edited(&fs::read_to_string(&path)?, settings)?;
    let dir = path.parent().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    let before = fs::metadata(&path)?;
    let mut file = tempfile::Builder::new().prefix(".hub.toml.").tempfile_in(dir)?;
    file.write_all(text.as_bytes())?;
    let own = file.as_file().metadata()?;
    if (own.uid(), own.gid()) != (before.uid(), before.gid()) {
        fchown(file.as_file(), Some(before.uid()), Some(before.gid()))?;
    }
    file.as_file().set_permissions(before.permissions())?;
    file.as_file().sync_all()?;
    file.persist(&path).map_err(|error| error.error)?;
    // The new name is on disk when its directory is.
    fs::File::open(dir)?.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    const FILE: &str = "# Our hub.\n\n[twilio] # texting\nphone_number = \"\"   # not yet\nsends_per_second = 2.0\n\n\
        [server]\nlan_listen = \"0.0.0.0:9997\"\n# end\n";

    fn wanted() -> Settings {
        Settings {
            account_sid: Some("AC00".into()),
            phone_number: Some("+14155550100".into()),
            public_url: Some("https://boss.example.com".into()),
            mail: MailSettings::default(),
            model: ModelSettings::default(),
        }
    }

    #[test]
    fn a_port_is_a_number_in_the_file_and_read_back() {
        let mail =
            MailSettings { port: Some("587".into()), host: Some("mail.example.com".into()), ..MailSettings::default() };
        let settings = Settings { mail, ..Settings::default() };
        let text = edited("", &settings).unwrap();
        assert_eq!(text, "[smtp]\nhost = \"mail.example.com\"\nport = 587\n");
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), text).unwrap();
        assert_eq!(present(file.path().to_str()), settings);
    }

    #[test]
    fn only_the_values_change() {
        assert_eq!(
            edited(FILE, &wanted()).unwrap(),
            "# Our hub.\n\n[twilio] # texting\nphone_number = \"+14155550100\"   # not yet\nsends_per_second = 2.0\n\
             account_sid = \"AC00\"\n\n[server]\nlan_listen = \"0.0.0.0:9997\"\npublic_url = \"https://boss.example.com\"\n# end\n"
        );
        assert_eq!(edited(FILE, &Settings::default()).unwrap(), FILE);
    }

    #[test]
    fn missing_sections_are_added_and_other_notations_work() {
        let text = wanted().to_toml().unwrap();
        assert_eq!(
            text,
            "[twilio]\naccount_sid = \"AC00\"\nphone_number = \"+14155550100\"\n\n[server]\npublic_url = \"https://boss.example.com\"\n"
        );
        let settings = Settings { account_sid: Some("AC00".into()), ..Settings::default() };
        assert_eq!(
            edited("twilio.timeout_s = 5\n", &settings).unwrap(),
            "twilio.timeout_s = 5\ntwilio.account_sid = \"AC00\"\n"
        );
        assert_eq!(
            edited("twilio = { timeout_s = 5 }\n", &settings).unwrap(),
            "twilio = { timeout_s = 5 , account_sid = \"AC00\" }\n"
        );
    }

    #[test]
    fn what_is_emptied_leaves_no_empty_setting_but_its_comment() {
        let model =
            ModelSettings { provider: Some("off".into()), model: Some(String::new()), base_url: Some(String::new()) };
        let settings = Settings { model, ..Settings::default() };
        let file = "[llm]\nprovider = \"openai\"\nmodel = \"m\"\n# Ours.\nbase_url = \"https://x\" # soon another\n";
        assert_eq!(
            edited(file, &settings).unwrap(),
            "[llm]\nprovider = \"off\"\n# Ours.\nbase_url = \"\" # soon another\n"
        );
    }

    #[test]
    fn what_is_not_a_section_or_not_toml_is_left_alone() {
        assert!(matches!(edited("twilio = 5", &wanted()), Err(ConfigFileError::NotASection("twilio"))));
        assert!(matches!(edited("[twilio", &wanted()), Err(ConfigFileError::Syntax(_))));
    }

    #[test]
    fn settings_that_stand_already_are_not_news() {
        let present = Settings { phone_number: Some("+14155550100".into()), ..Settings::default() };
        let news = wanted().beyond(&present);
        assert_eq!(news.names(), ["[twilio].account_sid", "[server].public_url"]);
        let removed =
            Settings { phone_number: Some(String::new()), public_url: Some(String::new()), ..Settings::default() };
        assert_eq!(removed.beyond(&present).names(), ["[twilio].phone_number"]);
    }

    #[test]
    fn a_file_is_replaced_in_place_with_its_mode_and_through_links() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("hub.toml");
        let link = dir.path().join("link.toml");
        fs::write(&file, FILE).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        change(&link, &wanted()).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(fs::read_to_string(&file).unwrap(), edited(FILE, &wanted()).unwrap());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing is left lying about");
    }

    #[test]
    fn what_the_file_says_is_read_and_nonsense_counts_as_absent() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("hub.toml");
        fs::write(&file, "[twilio]\nphone_number = \"+14155550100\"\naccount_sid = \"nonsense\"\n").unwrap();
        let present = present(file.to_str());
        assert_eq!(present, Settings { phone_number: Some("+14155550100".into()), ..Settings::default() });
        assert_eq!(super::present(None), Settings::default());
        assert_eq!(super::present(Some("/nonexistent/hub.toml")), Settings::default());
    }
}
