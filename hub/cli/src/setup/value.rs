//! Values that the setup writes into the hub's configuration. The hub refuses to start with a wrong one, so they are read
//! here by the same rules.

use std::{
    fs,
    io::{self, Read},
    path::Path,
};

use url::Url;
use xswarm_core::phone::Phone;

use crate::{arguments::SetupArguments, failure::Failure};

/// The longest secret that is read, in bytes.
const SECRET_BYTES: u64 = 4_096;

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
    let text = if path == Path::new("-") {
        io::read_to_string(io::stdin().lock().take(SECRET_BYTES))
    } else {
        fs::File::open(path).and_then(|file| io::read_to_string(file.take(SECRET_BYTES)))
    };
    let text = text.map_err(|error| {
        Failure::failed(format!("The auth token cannot be read from {}: {error}.", path.display()), "Is it readable?")
    })?;
    Ok(auth_token(&text).map_err(|why| Failure::failed(why, format!("Look into {}.", path.display())))?)
}

/// Whether every option can be read, before anything is done.
pub(super) fn check(options: &SetupArguments) -> Result<(), Failure> {
    let readable = [
        options.account_sid.as_deref().map(|text| account_sid(text).map(drop)),
        options.phone_number.as_deref().map(|text| phone(text).map(drop)),
        options.test_to.as_deref().map(|text| phone(text).map(drop)),
        options.public_url.as_deref().map(|text| public_url(text).map(drop)),
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
    fn a_token_file_is_read_without_its_newline() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("token");
        fs::write(&file, "0123456789abcdef0123456789abcdef\n").unwrap();
        assert_eq!(token_from(&file).unwrap(), "0123456789abcdef0123456789abcdef");
        assert!(token_from(&dir.path().join("absent")).unwrap_err().to_string().contains("absent"));
    }
}
