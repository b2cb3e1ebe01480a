//! Links as text: words of others and of models are shown so that no program takes anything in them for a link.
//!
//! Nothing is fetched or checked here; what looks like a link is one.

/// What links begin with, besides "scheme://".
const SCHEMES: [&str; 8] = ["javascript:", "data:", "mailto:", "tel:", "sms:", "file:", "ftp:", "//"];

/// What is taken for the dot of a host's name: RFC 3490 §3.1.
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

/// The text without anything that could be followed. `hosts_only`: of a link no more than its host is left, since the rest
/// could carry things out.
pub(super) fn dead(text: &str, hosts_only: bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut word = String::new();
    for c in text.chars() {
        if c.is_whitespace() || matches!(c, '(' | ')' | '[' | ']' | '<' | '>' | '"' | '|' | '{' | '}') {
            shown.push_str(&unlinked(&word, hosts_only));
            word.clear();
            shown.push(c);
        } else {
            word.push(c);
        }
    }
    shown.push_str(&unlinked(&word, hosts_only));
    shown
}

/// A word as it is, unless it is a link: then its host, and its path, in a form that no program takes for a link.
fn unlinked(word: &str, hosts_only: bool) -> String {
    let lower = word.to_lowercase();
    let scheme = lower
        .find("://")
        .map(|at| at + 3)
        .or_else(|| SCHEMES.iter().find(|scheme| lower.starts_with(**scheme)).map(|scheme| scheme.len()));
    let rest = word.get(scheme.unwrap_or(0)..).unwrap_or_default();
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    let is_link = scheme.is_some() || looks_like_a_host(host) && (authority == host || !path.is_empty());
    if !is_link {
        return if hides_a_host(word) { dotless(word) } else { word.to_owned() };
    }
    let path = path.split(['?', '#']).next().unwrap_or_default().trim_end_matches(['.', ',', '!', '/', ';', ':']);
    let (host, tail) = match host.strip_suffix(['.', ',', '!', ';', ':', '?']) {
        Some(host) => (host, "."),
        None => (host, ""),
    };
    let path = if hosts_only { "" } else { path };
    format!("{}{path}{tail}", dotless(host))
}

fn dotless(text: &str) -> String {
    text.replace(DOTS, "[.]")
}

/// Whether a host stands in a word among other things: "see:evil.example,now". The host of a mail address does not count.
fn hides_a_host(word: &str) -> bool {
    let in_host = |c: char| c.is_alphanumeric() || c == '-' || DOTS.contains(&c);
    let mut before = None;
    word.split_inclusive(|c: char| !in_host(c)).any(|piece| {
        let host = piece.trim_end_matches(|c: char| !in_host(c));
        let found = before != Some('@') && !piece.ends_with('@') && looks_like_a_host(host);
        before = piece.chars().next_back();
        found
    })
}

/// "evil.example", "www.example.com:8080"; neither "e.g." nor "3.5" nor "Luigi's".
fn looks_like_a_host(text: &str) -> bool {
    let text = text.trim_end_matches(['.', ',', '!', ';', ':', '?']);
    let name = text.split(':').next().unwrap_or_default().replace(DOTS, ".");
    let labels: Vec<&str> = name.split('.').collect();
    let top = labels.last().copied().unwrap_or_default();
    labels.len() >= 2
        && labels.iter().all(|label| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-'))
        && (top.chars().count() >= 2 && top.chars().all(char::is_alphabetic)
            || labels.len() == 4 && name.parse::<std::net::Ipv4Addr>().is_ok())
        && !matches!(name.to_lowercase().as_str(), "a.m" | "p.m" | "e.g" | "i.e")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_is_left_that_could_be_followed() {
        for (text, left) in [
            ("https://evil.example/a/b?q=4711", "evil[.]example"),
            ("go to evil.example/x.", "go to evil[.]example"),
            ("see:evil.example,now", "see:evil[.]example,now"),
            ("see-https://evil.example/4711", "evil[.]example"),
            ("evil\u{3002}example", "evil[.]example"),
            ("javascript:alert(1)", "alert(1)"),
            ("[4711.evil.example](//evil.example)", "[4711[.]evil[.]example](evil[.]example)"),
            ("user@evil.example/x", "evil[.]example"),
        ] {
            assert_eq!(dead(text, true), left, "{text}");
        }
        assert_eq!(dead("https://zoom.example/j/123?pwd=1", false), "zoom[.]example/j/123");
    }

    #[test]
    fn what_is_no_link_stays() {
        for text in
            ["at 7:30 p.m. at Luigi's.", "3.5 kg", "e.g. milk", "mail anna@example.com, please", "7:00–8:00 PM CET."]
        {
            assert_eq!(dead(text, true), text);
        }
    }

    proptest! {
        #[test]
        fn hosts_are_found_among_anything(before in "[a-z,;:'!-]{0,6}", after in "[,;:'!/?a-z]{0,6}") {
            let text = dead(&format!("{before}evil.example{after}"), true);
            prop_assert!(!text.contains("evil.example"), "{}", text);
        }
    }
}
