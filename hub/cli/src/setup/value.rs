//! Values that the setup writes into the hub's configuration. The hub refuses to start with a wrong one, so they are read
//! here by the same rules.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use url::Url;
use xswarm_core::{mail::MailAddress, phone::Phone};

use crate::{arguments::SetupArguments, failure::Failure};

/// The longest secret that is read, in bytes.
const SECRET_BYTES: u64 = 4_096;

/// The shortest key that is taken for one, in characters.
const KEY_LEAST: usize = 8;

/// Twilio's account identifier: AC and 32 hexadecimal digits.
pub(super) fn account_sid(text: &str) -> Result<String, String> {
    let text = text.trim();
    let digits = text.strip_prefix("AC").unwrap_or_default();
    if digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        Ok(text.to_owned())
    } else {
        Err("An account SID is AC and 32 hexadecimal digits, as on the first page of the Twilio console.".to_owned())
    }
}

/// A telephone number in international form; spaces and the like may separate its digits.
pub(super) fn phone(text: &str) -> Result<String, String> {
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '.' | '(' | ')')).collect();
    match digits.parse::<Phone>() {
        Ok(phone) => Ok(phone.to_string()),
        Err(error) => Err(format!("{error}.")),
    }
}

/// An address that the Internet can reach: https, a host, no query.
pub(super) fn public_url(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    let url = Url::parse(text)
        .map_err(|error| format!("`{text}` is not an address such as https://boss.example.com ({error})."))?;
    if url.scheme() != "https" || url.host().is_none() {
        return Err("It must begin with https:// and a host: texts must not travel unencrypted.".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err("It consists of https://, a host, and perhaps a port and a path; nothing else.".to_owned());
    }
    Ok(text.to_owned())
}

/// Who may carry mail.
pub(super) fn mail_provider(text: &str) -> Result<String, String> {
    one_of(text, &["sendgrid", "smtp", "off"])
}

/// Who may serve a language model.
pub(super) fn model_provider(text: &str) -> Result<String, String> {
    one_of(text, &["anthropic", "openai", "ollama", "off"])
}

/// Where a language model is: an address without a slash at the end.
pub(super) fn model_url(text: &str) -> Result<String, String> {
    let text = text.trim().trim_end_matches('/');
    match Url::parse(text) {
        Ok(url) if ["http", "https"].contains(&url.scheme()) && url.host().is_some() && url.query().is_none() => {
            Ok(text.to_owned())
        }
        Ok(_) | Err(_) => {
            Err("It is an address such as https://api.openai.com/v1 or http://kitchen.lan:11434.".to_owned())
        }
    }
}

/// The name of a language model, as its provider writes it.
pub(super) fn model_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    if !text.is_empty() && text.chars().all(|c| !c.is_whitespace() && !c.is_control()) {
        Ok(text.to_owned())
    } else {
        Err("A model is one word, as its provider writes it, such as claude-haiku-5-5.".to_owned())
    }
}

/// A key of a provider of language models. Whether it is right, the provider knows.
pub(super) fn model_key(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.len() >= KEY_LEAST && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err(format!(
            "An API key is one word of at least {KEY_LEAST} letters, digits and signs (ASCII), without a blank in it."
        ))
    }
}

/// How the connection to a mail server is protected.
pub(super) fn security(text: &str) -> Result<String, String> {
    one_of(text, &["tls", "starttls", "none"])
}

fn one_of(text: &str, known: &[&str]) -> Result<String, String> {
    let text = text.trim().to_lowercase();
    if known.contains(&text.as_str()) { Ok(text) } else { Err(format!("It is one of {}.", known.join(", "))) }
}

/// A mail address.
pub(super) fn mail_address(text: &str) -> Result<String, String> {
    let address: Result<MailAddress, _> = text.trim().parse();
    address.map(String::from).map_err(|error| format!("{error}."))
}

/// The name or address of a mail server.
pub(super) fn host(text: &str) -> Result<String, String> {
    let text = text.trim();
    let well_formed =
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:".contains(&byte));
    if well_formed { Ok(text.to_owned()) } else { Err("A mail server is a name such as mail.example.com.".to_owned()) }
}

/// A port.
pub(super) fn port(text: &str) -> Result<String, String> {
    match text.trim().parse::<u16>() {
        Ok(port) if port > 0 => Ok(port.to_string()),
        Ok(_) | Err(_) => Err("A port is a number such as 465 or 587.".to_owned()),
    }
}

/// The verification key of SendGrid's signed webhooks: a P-256 key, of which the beginning is always the same.
pub(super) fn webhook_key(text: &str) -> Result<String, String> {
    let text: String = text.split_whitespace().collect();
    if text.starts_with("MFkwEwYHKoZIzj0CAQYI") && text.len() == 124 {
        Ok(text)
    } else {
        Err("It is the Verification Key as SendGrid shows it: 124 characters that begin with MFkwEwYHKoZIzj0CAQYI."
            .to_owned())
    }
}

/// SendGrid's key.
pub(super) fn sendgrid_key(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.starts_with("SG.") && text.len() >= 20 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err("An API key of SendGrid begins with SG. and is shown once, when it is made.".to_owned())
    }
}

/// A password of a mail server.
pub(super) fn password(text: &str) -> Result<String, String> {
    let text = text.trim_end_matches(['\n', '\r']);
    if text.is_empty() || text.chars().any(char::is_control) {
        Err("A password is one line.".to_owned())
    } else {
        Ok(text.to_owned())
    }
}

/// An auth token as the provider shows it.
pub(super) fn auth_token(text: &str) -> Result<String, String> {
    let text = text.trim();
    let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
    if text.len() >= 16 && printable {
        Ok(text.to_owned())
    } else {
        Err("An auth token is some 32 letters and digits; this is something else.".to_owned())
    }
}

/// The auth token in a file; `-` is standard input.
pub(super) fn token_from(path: &Path) -> anyhow::Result<String> {
    secret_from(path, "auth token", auth_token)
}

/// A secret in a file; `-` is standard input.
pub(super) fn secret_from(
    path: &Path,
    what: &str,
    read: impl Fn(&str) -> Result<String, String>,
) -> anyhow::Result<String> {
    let text = if path == Path::new("-") {
        io::read_to_string(io::stdin().lock().take(SECRET_BYTES))
    } else {
        fs::File::open(path).and_then(|file| io::read_to_string(file.take(SECRET_BYTES)))
    };
    let text = text.map_err(|error| {
        Failure::failed(format!("The {what} cannot be read from {}: {error}.", path.display()), "Is it readable?")
    })?;
    Ok(read(&text).map_err(|why| Failure::failed(why, format!("Look into {}.", path.display())))?)
}

/// Whether every option can be read, before anything is done.
pub(super) fn check(options: &SetupArguments) -> Result<(), Failure> {
    let readable = [
        options.account_sid.as_deref().map(|text| account_sid(text).map(drop)),
        options.phone_number.as_deref().map(|text| phone(text).map(drop)),
        options.test_to.as_deref().map(|text| phone(text).map(drop)),
        options.public_url.as_deref().map(|text| public_url(text).map(drop)),
        options.mail.mail_provider.as_deref().map(|text| mail_provider(text).map(drop)),
        options.mail.mail_from.as_deref().map(|text| mail_address(text).map(drop)),
        options.mail.sendgrid_webhook_key.as_deref().map(|text| webhook_key(text).map(drop)),
        options.mail.sendgrid_inbound_key.as_deref().map(|text| webhook_key(text).map(drop)),
        options.mail.smtp_host.as_deref().map(|text| host(text).map(drop)),
        options.mail.smtp_security.as_deref().map(|text| security(text).map(drop)),
        options.model.llm_provider.as_deref().map(|text| model_provider(text).map(drop)),
        options.model.llm_model.as_deref().map(|text| model_name(text).map(drop)),
        options.model.llm_url.as_deref().map(|text| model_url(text).map(drop)),
    ];
    match readable.into_iter().flatten().find_map(Result::err) {
        Some(why) => Err(Failure::usage(why, "See `xswarm setup --help`.")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_may_be_written_with_spaces() {
        assert_eq!(phone(" +1 (415) 555-0100 "), Ok("+14155550100".to_owned()));
        for bad in ["0151 2345678", "415-555-0100", "+1415abc", ""] {
            assert!(phone(bad).unwrap_err().contains("international"), "{bad}");
        }
    }

    #[test]
    fn an_address_is_encrypted_and_plain() {
        assert_eq!(public_url("https://boss.example.com/"), Ok("https://boss.example.com".to_owned()));
        assert_eq!(public_url("https://example.com:8443/boss"), Ok("https://example.com:8443/boss".to_owned()));
        for bad in [
            "boss.example.com",
            "http://boss.example.com",
            "https://",
            "https://a.example?x=1",
            "https://u:p@a.example",
        ] {
            assert!(public_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn account_and_token_look_like_themselves() {
        let sid = format!("AC{}", "0a".repeat(16));
        assert_eq!(account_sid(&format!(" {sid} ")), Ok(sid.clone()));
        assert!(account_sid(&sid[..33]).is_err());
        assert!(account_sid(&sid.replace("AC", "SK")).is_err());
        assert_eq!(auth_token("0123456789abcdef0123456789abcdef\n"), Ok("0123456789abcdef0123456789abcdef".to_owned()));
        assert!(auth_token("my token with blanks").is_err());
        assert!(auth_token("short").is_err());
    }

    #[test]
    fn what_mail_needs_looks_like_itself() {
        assert_eq!(mail_provider(" SMTP "), Ok("smtp".to_owned()));
        assert!(mail_provider("pigeon").unwrap_err().contains("sendgrid, smtp, off"));
        assert_eq!(mail_address("Boss@Example.com"), Ok("boss@example.com".to_owned()));
        assert!(mail_address("Boss <boss@example.com>").is_err());
        assert!(host("mail.example.com").is_ok() && host("mail example").is_err());
        assert!(port("587").is_ok() && port("0").is_err() && port("70000").is_err());
        assert!(sendgrid_key("SG.0123456789.0123456789").is_ok() && sendgrid_key("0123456789abcdef0123").is_err());
        assert!(webhook_key("MFkwEwYHKoZIzj0CAQYI").is_err());
        assert!(password("one line\n").is_ok() && password("two\nlines").is_err());
    }

    #[test]
    fn a_key_is_a_word_and_the_provider_judges_it() {
        assert_eq!(model_key(" sk-good-123\n"), Ok("sk-good-123".to_owned()));
        for bad in ["", "sk-1234", "sk good 12345", "schlüssel-123"] {
            let why = model_key(bad).unwrap_err();
            assert!(why.contains("one word of at least 8") && why.contains("without a blank"), "{why}");
        }
        assert!(model_name("gpt-6-luna").is_ok() && model_name("two words").is_err() && model_name(" ").is_err());
    }

    #[test]
    fn a_token_file_is_read_without_its_newline() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("token");
        fs::write(&file, "0123456789abcdef0123456789abcdef\n").unwrap();
        assert_eq!(token_from(&file).unwrap(), "0123456789abcdef0123456789abcdef");
        assert!(token_from(&dir.path().join("absent")).unwrap_err().to_string().contains("absent"));
    }
}
