//! Secrets that were given to the process: systemd credentials, else the environment.
//!
//! Secrets that were told to the running hub lie in the encrypted database and are looked up by whoever owns the store.
//! Nothing here is ever printed or logged but names.

use std::{fs, io, path::PathBuf};

use secrecy::SecretString;

use crate::error::{Error, Result};

/// Where secrets come from.
#[derive(Debug, Clone)]
pub(crate) struct Secrets {
    credentials: Option<PathBuf>,
    environment: bool,
}

impl Secrets {
    /// `$CREDENTIALS_DIRECTORY` (systemd.exec(5)), then the environment.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub(crate) fn of_this_process() -> Self {
        Self { credentials: std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from), environment: true }
    }

    /// Only the files of one directory.
    #[cfg(test)]
    pub(crate) fn in_directory(directory: &std::path::Path) -> Self {
        Self { credentials: Some(directory.to_owned()), environment: false }
    }

    /// The secret `name` (such as `twilio_auth_token`): its credential file, else the environment variable of the same
    /// name in capitals. Empty counts as absent; a credential that is there but cannot be read is an error.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub(crate) fn find(&self, name: &str) -> Result<Option<SecretString>> {
        let given = self.credential(name)?;
        Ok(given.or_else(|| {
            let text = self.environment.then(|| std::env::var(name.to_ascii_uppercase()).ok()).flatten()?;
            secret(&text)
        }))
    }

    /// The secret `name` from its credential file only.
    pub(crate) fn credential(&self, name: &str) -> Result<Option<SecretString>> {
        let well_formed = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let Some(directory) = self.credentials.as_ref().filter(|_| well_formed) else { return Ok(None) };
        match fs::read_to_string(directory.join(name)) {
            Ok(text) => Ok(secret(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::invalid(format!("the credential {name} cannot be read")).with_source(error)),
        }
    }
}

fn secret(text: &str) -> Option<SecretString> {
    let text = text.trim_end_matches(['\n', '\r']);
    (!text.is_empty()).then(|| SecretString::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_credential_is_read_without_its_newline() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("twilio_auth_token"), "abc \n").unwrap();
        fs::write(dir.path().join("empty"), "\n").unwrap();
        let secrets = Secrets::in_directory(dir.path());
        assert_eq!(secrets.find("twilio_auth_token").unwrap().unwrap().expose_secret(), "abc ");
        assert!(secrets.find("empty").unwrap().is_none());
        assert!(secrets.find("absent").unwrap().is_none());
        assert!(secrets.find("../twilio_auth_token").unwrap().is_none());
        fs::create_dir(dir.path().join("unreadable")).unwrap();
        assert!(secrets.find("unreadable").unwrap_err().context.contains("unreadable"));
    }

    #[test]
    fn the_environment_comes_second() {
        let dir = tempfile::tempdir().unwrap();
        // HOME is always there; a test must not change the environment of the others.
        let secrets = Secrets { credentials: Some(dir.path().to_owned()), environment: true };
        assert!(secrets.find("home").unwrap().is_some());
        assert!(secrets.credential("home").unwrap().is_none());
        fs::write(dir.path().join("home"), "file").unwrap();
        assert_eq!(secrets.find("home").unwrap().unwrap().expose_secret(), "file");
    }

    #[test]
    fn secrets_are_not_printed() {
        assert!(!format!("{:?}", secret("token")).contains("token"));
    }
}
