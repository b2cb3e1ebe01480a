//! Whether a webhook comes from Twilio: `X-Twilio-Signature`.
//!
//! Source: Twilio, "Webhooks security: validate that webhook requests are coming from Twilio": HMAC-SHA1, keyed with the
//! account's auth token, over the URL followed by each form field's name and value in order of name, in base64. As the
//! official helper libraries do, repeated fields count once per different value in order of value, and the URL is tried
//! with and without its port, since Twilio is not consistent about that. Signatures over JSON bodies (`bodySHA256`) and
//! the opt-in HMAC-SHA256 with a shared key are deliberately not accepted: no webhook we ask for uses them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha1::Sha1;
use url::{Position, Url};

use super::form::Form;

/// An auth token, prepared for signing. Never printed.
#[derive(Clone)]
pub(crate) struct SigningKey(Hmac<Sha1>);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

impl SigningKey {
    /// The key of an auth token. HMAC takes keys of any length; `None` never happens.
    pub(crate) fn new(token: &SecretString) -> Option<Self> {
        Hmac::new_from_slice(token.expose_secret().as_bytes()).ok().map(Self)
    }
}

/// Checks the signatures of one public URL under one or several auth tokens (several during a rotation).
#[derive(Debug, Clone)]
pub(crate) struct Verifier {
    /// What Twilio may have put before the path, the likeliest first.
    prefixes: Vec<String>,
    keys: Vec<SigningKey>,
}

impl Verifier {
    /// A verifier for webhooks at `public_url` (no slash at the end). Without keys it accepts nothing.
    pub(crate) fn new(public_url: &str, keys: Vec<SigningKey>) -> Self {
        let mut prefixes = vec![public_url.to_owned()];
        if let Ok(url) = Url::parse(public_url) {
            let (scheme, host) = (&url[..Position::BeforeUsername], url.host_str().unwrap_or_default());
            // `url` writes the root as "/", the configured text has none.
            let path = url.path().trim_end_matches('/');
            let port = url.port_or_known_default().unwrap_or(443);
            for variant in [format!("{scheme}{host}{path}"), format!("{scheme}{host}:{port}{path}")] {
                if !prefixes.contains(&variant) {
                    prefixes.push(variant);
                }
            }
        }
        Self { prefixes, keys }
    }

    /// Whether `signature` (the header's value) is that of `form` posted to `path_and_query`, under any of the keys.
    ///
    /// The comparison takes the same time wherever the first difference is.
    pub(crate) fn verify(&self, path_and_query: &str, form: &Form, signature: &[u8]) -> bool {
        let mut given = [0_u8; 24];
        let Ok(20) = STANDARD.decode_slice(signature, &mut given) else { return false };
        let (given, _) = given.split_at(20);
        self.keys.iter().any(|key| {
            self.prefixes.iter().any(|prefix| sign(key, prefix, path_and_query, form).verify_slice(given).is_ok())
        })
    }
}

fn sign(key: &SigningKey, prefix: &str, path_and_query: &str, form: &Form) -> Hmac<Sha1> {
    let mut mac = key.0.clone();
    mac.update(prefix.as_bytes());
    mac.update(path_and_query.as_bytes());
    for (name, value) in form.pairs() {
        mac.update(name);
        mac.update(value);
    }
    mac
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "12345";

    fn verifier(url: &str, tokens: &[&str]) -> Verifier {
        Verifier::new(url, tokens.iter().map(|token| SigningKey::new(&SecretString::from(*token)).unwrap()).collect())
    }

    fn accepts(url: &str, path: &str, body: &str, signature: &str) -> bool {
        verifier(url, &[TOKEN]).verify(path, &Form::parse(body.as_bytes()).unwrap(), signature.as_bytes())
    }

    /// The example of Twilio's documentation.
    const DOCUMENTED: (&str, &str, &str) = (
        "/myapp.php?foo=1&bar=2",
        "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212",
        "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
    );

    #[test]
    fn the_documented_example_is_accepted() {
        let (path, body, signature) = DOCUMENTED;
        assert!(accepts("https://mycompany.com", path, body, signature));
    }

    /// Signatures made by the `twilio` package for Python, version 9.13.0.
    #[test]
    fn signatures_of_the_official_library_are_accepted() {
        let cases = [
            (
                "https://boss.example.com",
                "/sms/inbound",
                "MessageSid=SM1&From=%2B14155550100&To=%2B14155550199&Body=Schedule+meeting+with+John+tomorrow+at+3pm",
                "RgjOjSwRD7/hT7PO2aphn50fKGs=",
            ),
            ("https://boss.example.com", "/sms/inbound", "a=2&a=1&a=2&B=x&b=", "NOl4WBtnpouBo46mcUUMoNOyzQs="),
            (
                "https://boss.example.com",
                "/sms/inbound",
                "Body=%F0%9F%98%80+Gr%C3%BC%C3%9Fe+%26+1%2B1%3D2+%2541%0A&FromCity=&%C3%A9=%EF%BC%A1",
                "mAOnEkBdxCQP7VSCWOJLRd8HsEM=",
            ),
            ("https://boss.example.com", "/sms/inbound", "", "7FrI33Z6zK3PcMV1KnlWOewlrHU="),
            (
                "https://boss.example.com",
                "/sms/status?m=0195&x=a%20b",
                "MessageStatus=sent",
                "a6Deh0yIdk0FXh8mYn8QKpwmbhc=",
            ),
            ("https://boss.example.com:8443", "/sms/status", "MessageStatus=sent", "PpeiHOiEG58qBTTekumoe70twtc="),
            ("https://boss.example.com:443", "/sms/status", "MessageStatus=sent", "PpeiHOiEG58qBTTekumoe70twtc="),
            ("http://boss.example.com/hook", "/sms/status", "MessageStatus=sent", "yNzx5fVQKJvsvINa/yYdGu5hxK8="),
        ];
        for (url, path, body, signature) in cases {
            assert!(accepts(url, path, body, signature), "{url}{path} {body}");
        }
    }

    #[test]
    fn anything_altered_is_refused() {
        let (path, body, signature) = DOCUMENTED;
        let url = "https://mycompany.com";
        assert!(!accepts("http://mycompany.com", path, body, signature), "scheme");
        assert!(!accepts("https://mycompany.org", path, body, signature), "host");
        assert!(!accepts(url, "/myapp.php?foo=1&bar=3", body, signature), "query");
        assert!(!accepts(url, path, &body.replace("1234&", "1235&"), signature), "value");
        assert!(!accepts(url, path, &format!("{body}&More="), signature), "field");
        assert!(!accepts(url, path, body, "RSOYDt4T1cUTdK1PDd93/VVr8B9="), "last bit");
        for broken in ["", "RSOYDt4T1cUTdK1PDd93", "not base64 at all!!!!!!!!!!!=", "RSOYDt4T1cUTdK1PDd93/VVr8B8=AAAA"]
        {
            assert!(!accepts(url, path, body, broken), "{broken}");
        }
        assert!(!verifier(url, &["54321"]).verify(path, &Form::parse(body.as_bytes()).unwrap(), signature.as_bytes()));
        assert!(!verifier(url, &[]).verify(path, &Form::parse(body.as_bytes()).unwrap(), signature.as_bytes()));
    }

    #[test]
    fn both_tokens_of_a_rotation_are_accepted() {
        let (path, body, signature) = DOCUMENTED;
        let form = Form::parse(body.as_bytes()).unwrap();
        for tokens in [["12345", "new"], ["new", "12345"]] {
            assert!(verifier("https://mycompany.com", &tokens).verify(path, &form, signature.as_bytes()));
        }
    }

    #[test]
    fn keys_are_not_printed() {
        assert!(!format!("{:?}", verifier("https://a.example", &[TOKEN])).contains(TOKEN));
    }
}
