//! Whether a mail really comes from the domain in its From line: DMARC's identifier alignment (RFC 7489 §3.1, relaxed),
//! on what the provider found out about SPF and DKIM.
//!
//! The domain's own DMARC policy is deliberately not asked for: a sender who is not aligned is unknown here, whatever the
//! domain would have others do.

use std::collections::BTreeSet;

/// What the provider found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Verdicts {
    /// Whether SPF passed for the domain of the envelope's sender (RFC 7208).
    pub(crate) spf_passed: bool,
    /// Domains whose DKIM signature (RFC 6376) is valid.
    pub(crate) dkim_passed: Vec<String>,
}

impl Verdicts {
    /// Reads the fields `SPF` ("pass") and `dkim` ("{@example.com : pass, …}", "none") of the form.
    ///
    /// The domains in `dkim` are copied from the mail without escaping, so a signature with a crafted domain could fake
    /// another entry. Each entry must therefore be that of a signature that is in the mail: `signed` has the `d=` and
    /// `i=` domains of its DKIM-Signature headers, or nothing when one of them is not a plain domain.
    pub(crate) fn read(spf: &str, dkim: &str, signed: Option<&BTreeSet<String>>, signatures: usize) -> Self {
        let spf_passed = spf.trim().eq_ignore_ascii_case("pass");
        let entries: Vec<_> = entries(dkim).collect();
        let dkim_passed = match signed {
            Some(signed) if entries.len() <= signatures => entries
                .into_iter()
                .filter_map(|(domain, verdict)| (verdict == "pass").then_some(domain))
                .filter(|domain| signed.contains(domain))
                .collect(),
            Some(_) | None => Vec::new(),
        };
        Self { spf_passed, dkim_passed }
    }

    /// Whether the mail comes from `domain`, or from one that shares its organizational domain.
    pub(crate) fn align(&self, domain: &str, envelope_from: &str) -> bool {
        let by_spf = self.spf_passed
            && envelope_from
                .rsplit_once('@')
                .is_some_and(|(_, from)| same_organization(from.trim_end_matches('>'), domain));
        by_spf || self.dkim_passed.iter().any(|signer| same_organization(signer, domain))
    }
}

/// The entries of the field `dkim`: domain and verdict, in lower case.
fn entries(field: &str) -> impl Iterator<Item = (String, String)> {
    let inner = field.trim().trim_start_matches('{').trim_end_matches('}');
    // The words of a failure may hold commas, but each entry has its own `@`.
    inner.split('@').skip(1).filter_map(|entry| {
        let (domain, verdict) = entry.split_once(':')?;
        let verdict = verdict.trim().trim_end_matches(',').trim();
        Some((domain.trim().to_ascii_lowercase(), verdict.to_ascii_lowercase()))
    })
}

/// The domains that DKIM-Signature headers name in `d=` and `i=`; `None` when one of them is not a plain domain.
pub(crate) fn signed_domains<'a>(headers: impl Iterator<Item = &'a str>) -> Option<BTreeSet<String>> {
    let mut domains = BTreeSet::new();
    for header in headers {
        for tag in header.split(';') {
            let Some((name, value)) = tag.split_once('=') else { continue };
            let value: String = value.chars().filter(|c| !c.is_whitespace()).collect();
            let domain = match name.trim() {
                "d" => value.as_str(),
                "i" => value.rsplit_once('@').map_or(value.as_str(), |(_, domain)| domain),
                _ => continue,
            };
            let local_is_plain = !value.contains([':', ',', '{', '}']);
            if !(is_domain(domain) && local_is_plain) {
                return None;
            }
            domains.insert(domain.to_ascii_lowercase());
        }
    }
    Some(domains)
}

fn is_domain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'))
}

/// Whether two domains have the same organizational domain (RFC 7489 §3.2), by the Public Suffix List.
fn same_organization(one: &str, other: &str) -> bool {
    let (one, other) = (normal(one), normal(other));
    if one.is_empty() || other.is_empty() {
        return false;
    }
    // A public suffix has no organization above it; it is aligned with itself alone.
    one == other || matches!((psl::domain_str(&one), psl::domain_str(&other)), (Some(one), Some(other)) if one == other)
}

fn normal(domain: &str) -> String {
    domain.trim().trim_end_matches('.').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdicts(spf: &str, dkim: &str, headers: &[&str]) -> Verdicts {
        Verdicts::read(spf, dkim, signed_domains(headers.iter().copied()).as_ref(), headers.len())
    }

    #[test]
    fn spf_counts_for_the_envelope_s_domain() {
        let pass = verdicts("pass", "none", &[]);
        assert!(pass.align("example.com", "bounce@mail.example.com"));
        assert!(pass.align("example.com", "anna@EXAMPLE.com"));
        assert!(!pass.align("example.com", "anna@evil.example"));
        assert!(!pass.align("example.com", ""));
        for spf in ["softfail", "fail", "neutral", "none", "", "pass? no"] {
            assert!(!verdicts(spf, "none", &[]).align("example.com", "a@example.com"), "{spf}");
        }
    }

    #[test]
    fn a_dkim_signature_of_the_organization_counts() {
        let signed = ["v=1; a=rsa-sha256; d=mail.example.co.uk; s=x; b=abc"];
        let pass = verdicts("fail", "{@mail.example.co.uk : pass}", &signed);
        assert!(pass.align("example.co.uk", ""));
        assert!(!pass.align("other.co.uk", ""), "a public suffix is no organization");
        assert!(!verdicts("fail", "{@mail.example.co.uk : fail (body changed)}", &signed).align("example.co.uk", ""));
        assert!(!verdicts("fail", "none", &signed).align("example.co.uk", ""));
    }

    #[test]
    fn several_signatures_are_read() {
        let signed = ["d=example.com; i=@example.com", "d=sendgrid.net; b=x"];
        let field = "{@example.com : pass, @sendgrid.net : invalid (public key: revoked, gone)}";
        assert_eq!(verdicts("", field, &signed).dkim_passed, ["example.com"]);
    }

    #[test]
    fn a_crafted_domain_fakes_no_entry() {
        // One signature whose domain looks like an entry and a half.
        let crafted = ["d=victim.example : pass, @evil.example; b=x"];
        let field = "{@victim.example : pass, @evil.example : fail}";
        assert!(verdicts("", field, &crafted).dkim_passed.is_empty());
        // The same in i=, with a broken signature of the victim's beside it.
        let crafted = ["d=evil.example; i=a : pass, @victim.example", "d=victim.example"];
        assert!(verdicts("", "{@victim.example : pass, @evil.example : fail}", &crafted).dkim_passed.is_empty());
        // More entries than signatures.
        assert!(verdicts("", field, &["d=victim.example"]).dkim_passed.is_empty());
        // An entry that no signature is behind.
        assert!(verdicts("", "{@victim.example : pass}", &["d=evil.example"]).dkim_passed.is_empty());
    }

    #[test]
    fn any_text_is_read_without_harm() {
        for field in
            ["", "{", "}", "{@}", "@:", "{@a : pass", "@@@:::", "{@x : invalid (line\n at y.pm line 1, <> line 2)}"]
        {
            let _ = verdicts(field, field, &[field]);
        }
    }
}
