//! Salutation and good-bye: they surround what is said, and are not part of it.

/// How a mail begins, before a name: whole first words.
const HELLO: &[&str] = &[
    "hi",
    "hello",
    "hey",
    "dear",
    "good morning",
    "good afternoon",
    "good evening",
    "greetings",
    "hallo",
    "liebe",
    "lieber",
    "guten morgen",
    "guten tag",
    "moin",
    "bonjour",
    "salut",
    "cher",
    "chère",
    "hola",
    "ciao",
    "olá",
];

/// How a mail ends: the line before the name, in lower case and without punctuation.
const GOODBYE: &[&str] = &[
    "thanks",
    "thank you",
    "thanks a lot",
    "many thanks",
    "thanks so much",
    "thank you very much",
    "thx",
    "cheers",
    "best",
    "best regards",
    "kind regards",
    "regards",
    "warm regards",
    "best wishes",
    "all the best",
    "sincerely",
    "yours sincerely",
    "yours",
    "love",
    "xo",
    "xoxo",
    "take care",
    "talk soon",
    "danke",
    "vielen dank",
    "viele grüße",
    "liebe grüße",
    "lg",
    "vg",
    "mfg",
    "mit freundlichen grüßen",
    "beste grüße",
    "grüße",
    "gruß",
    "merci",
    "cordialement",
    "bien cordialement",
    "bisous",
    "gracias",
    "saludos",
    "un saludo",
    "grazie",
    "saluti",
    "cordiali saluti",
    "obrigado",
    "obrigada",
    "groeten",
    "met vriendelijke groet",
    "tack",
    "hälsningar",
];

/// How many lines a name and what belongs to it may take after the good-bye.
const NAME_LINES: usize = 5;

/// The text without its courtesies, and those. A text that is nothing but courtesy ("thanks") stays.
pub(super) fn without(text: &str) -> (String, Vec<String>) {
    let mut lines: Vec<&str> = text.lines().collect();
    let mut taken = Vec::new();
    let said = |lines: &[&str]| lines.iter().any(|line| !line.trim().is_empty());
    if let Some(start) = goodbye(&lines)
        && said(lines.get(..start).unwrap_or_default())
    {
        taken.push(lines.split_off(start).join("\n"));
    }
    if let Some(first) = lines.first()
        && greets(first)
        && said(lines.get(1..).unwrap_or_default())
    {
        taken.insert(0, lines.remove(0).to_owned());
    }
    (lines.join("\n").trim().to_owned(), taken)
}

fn bare(line: &str) -> String {
    line.trim().trim_end_matches(|c: char| c.is_ascii_punctuation() || c.is_whitespace()).to_lowercase()
}

/// "Hi Boss," alone on its line.
fn greets(line: &str) -> bool {
    let line = line.trim();
    let closed = line.ends_with([',', '!', ':', '.', '-', '–', '，']);
    let bare = bare(line);
    let words = bare.split_whitespace().count();
    let hello = HELLO
        .iter()
        .any(|hello| bare.strip_prefix(hello).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ','])));
    // "Boss," is a salutation too; without a comma it may be the beginning of the sentence.
    (hello && words <= 4 && (closed || words <= 2)) || (closed && words == 1 && bare == "boss")
}

/// Where the good-bye begins.
fn goodbye(lines: &[&str]) -> Option<usize> {
    let last = lines.len().saturating_sub(NAME_LINES + 1);
    let from = lines.iter().enumerate().skip(last).find(|(_, line)| GOODBYE.contains(&bare(line).as_str()));
    let (at, _) = from?;
    let names = lines.get(at + 1..).unwrap_or_default();
    // A name is short and asks for nothing; a sentence after "Thanks!" is one.
    names
        .iter()
        .all(|line| line.split_whitespace().count() <= 4 && !line.trim_end().ends_with(['.', '?', '!']))
        .then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> String {
        without(text).0
    }

    #[test]
    fn what_is_said_remains() {
        assert_eq!(own("Hi Boss,\n\nremind me at 5\n\nThanks,\nAnna"), "remind me at 5");
        assert_eq!(own("Boss,\nremind me at 5\n\nBest regards\n\nAnna Muster\nTel. 030"), "remind me at 5");
        assert_eq!(own("Hallo Boss!\nErinnere mich\nLiebe Grüße\nAnna"), "Erinnere mich");
    }

    #[test]
    fn a_mail_that_is_only_courteous_stays_as_it_is() {
        assert_eq!(own("Thanks"), "Thanks");
        assert_eq!(own("Hello"), "Hello");
        assert_eq!(own("Thank you!\n\nAnna"), "Thank you!\n\nAnna");
    }

    #[test]
    fn a_sentence_is_no_courtesy() {
        for text in [
            "Hi, remind me to call John",
            "Thanks\nPlease also cancel the dentist.",
            "Hello Kitty party tomorrow at 5 pm",
        ] {
            assert_eq!(own(text), text);
        }
    }
}
