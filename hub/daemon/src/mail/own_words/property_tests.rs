//! No word that was quoted, passed on or attached is ever taken for the sender's own, and no own word is lost, in mails
//! put together at random in the ways of common mail programs.

use proptest::{prelude::*, sample::select};

use super::*;

/// Words that only the sender of these mails uses.
const OWN: &[&str] = &["apple", "banana", "cherry", "grape", "lemon", "melon", "orange", "peach", "plum", "quince"];
/// Words that only others use.
const OTHERS: &[&str] =
    &["cancel", "delete", "transfer", "invoice", "password", "everything", "tomorrow", "meeting", "urgent", "account"];

fn sentence(words: &'static [&'static str], most: usize) -> impl Strategy<Value = String> {
    proptest::collection::vec(select(words), 2..most).prop_map(|words| words.join(" "))
}

fn paragraphs_of(words: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(sentence(words, most), 1..5)
}

fn marked(lines: &[String], mark: &str) -> String {
    lines.iter().map(|line| format!("{mark}{line}")).collect::<Vec<_>>().join("\n")
}

/// Cut into columns as a program does that knows nothing of quotation marks.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut used = 0;
        for (at, word) in line.split(' ').enumerate() {
            if at > 0 {
                let breaks = used + word.len() >= width;
                out.push(if breaks { '\n' } else { ' ' });
                used = if breaks { 0 } else { used + 1 };
            }
            out.push_str(word);
            used += word.len();
        }
        out.push('\n');
    }
    out
}

const INTRODUCTIONS: &[&str] = &[
    "On Mon, Mar 3, 2025 at 10:00 AM Jo Bloggs <jo@x.example> wrote:",
    "On Mon, Mar 3, 2025 at 10:00 AM Jo Bloggs\n<jo@x.example> wrote:",
    "Am 03.03.2025 um 10:00 schrieb Jo Bloggs <jo@x.example>:",
    "Le lun. 3 mars 2025 à 10:00, Jo <jo@x.example> a écrit :",
    "El lun, 3 mar 2025 a las 10:00, Jo (<jo@x.example>) escribió:",
    "Op ma 3 mrt 2025 om 10:00 schreef Jo <jo@x.example>:",
    "2025年3月3日(月) 10:00 Jo <jo@x.example>:",
];

const SEPARATORS: &[&str] = &[
    "-----Original Message-----\nFrom: Jo\nSent: Monday",
    "-----Ursprüngliche Nachricht-----\nVon: Jo",
    "________________________________\nFrom: Jo <jo@x.example>\nSent: Monday\nTo: Anna\nSubject: Hi",
    "From: Jo <jo@x.example>\nSent: Monday\nTo: Anna\nSubject: Hi",
    "Von: Jo <jo@x.example>\nGesendet: Montag\nAn: Anna\nBetreff: Hi",
    "---------- Forwarded message ---------\nFrom: Jo <jo@x.example>\nDate: Monday\nSubject: Hi",
    "Begin forwarded message:\n\nFrom: Jo <jo@x.example>",
];

/// A plain mail: what the sender wrote, and the mail.
fn plain() -> impl Strategy<Value = (Vec<String>, String)> {
    let parts =
        (paragraphs_of(OWN, 6), paragraphs_of(OTHERS, 30), select(INTRODUCTIONS), select(SEPARATORS), 0..7_usize);
    parts.prop_map(|(own, others, introduction, separator, dialect)| {
        let top = own.join("\n\n");
        let mail = match dialect {
            0 => format!("{top}\n\n{introduction}\n\n{}\n", marked(&others, "> ")),
            1 => format!("{top}\n\n{introduction}\n{}\n", marked(&others, ">> ")),
            2 => format!("{top}\n\n{separator}\n\n{}\n", others.join("\n\n")),
            3 => format!("{top}\n\n{introduction}\n\n{}\n", others.join("\n\n")),
            4 => format!("{introduction}\n{}\n\n{top}\n", marked(&others, "> ")),
            5 => format!("{top}\n\n{introduction}\n\n{}\n", wrapped(&marked(&others, "> "), 72)),
            _ => format!("{top}\n\nSent from my iPhone\n\n{introduction}\n> {}\n", others.join("\n> ")),
        };
        (own, mail)
    })
}

/// An HTML mail.
fn html() -> impl Strategy<Value = (Vec<String>, String)> {
    let parts = (paragraphs_of(OWN, 8), paragraphs_of(OTHERS, 20), 0..6_usize);
    parts.prop_map(|(own, others, dialect)| {
        let divs = |lines: &[String]| lines.iter().map(|line| format!("<div>{line}</div>")).collect::<Vec<_>>().concat();
        let (top, below) = (divs(&own), divs(&others));
        let mail = match dialect {
            0 => format!("<div dir=ltr>{top}</div><br><div class=\"gmail_quote\"><div class=gmail_attr>On Monday Jo wrote:<br></div><blockquote>{below}</blockquote></div>"),
            1 => format!("<body>{top}<br><blockquote type=\"cite\"><div>On 3 Mar 2025, at 10:00, Jo wrote:</div>{below}</blockquote></body>"),
            2 => format!("{top}<hr><div id=\"divRplyFwdMsg\"><b>From:</b> Jo</div>{below}"),
            3 => format!("<div class=WordSection1>{top}<div style='border:none;border-top:solid #E1E1E1 1.0pt'><p><b>From:</b> Jo<br><b>Sent:</b> Monday<br><b>Subject:</b> x</p></div>{below}</div>"),
            4 => format!("<blockquote type=cite>{below}</blockquote>{top}"),
            _ => format!("{top}<br><div>-----Original Message-----</div>{below}"),
        };
        (own, format!("<html><body>{mail}</body></html>"))
    })
}

fn check(own: &[String], words: &Words) -> Result<(), TestCaseError> {
    for foreign in OTHERS {
        prop_assert!(!words.own.contains(foreign), "`{foreign}` is taken for own in:\n{}", words.own);
    }
    let expected: Vec<_> = own.iter().flat_map(|line| line.split_whitespace()).collect();
    let found: Vec<_> = words.own.split_whitespace().collect();
    prop_assert_eq!(found, expected, "own words were lost");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn no_foreign_word_is_own_in_plain_mails((own, mail) in plain()) {
        check(&own, &of_plain(&mail, false, false))?;
        check(&own, &of_plain(&mail.replace('\n', "\r\n"), false, false))?;
    }

    #[test]
    fn no_foreign_word_is_own_in_html_mails((own, mail) in html()) {
        check(&own, &of_html(&mail, false))?;
    }

    #[test]
    fn any_text_is_read(text in "(\\PC|[\r\n\t<>=&;\"' ])*") {
        let _ = of_plain(&text, true, false);
        let _ = of_html(&text, true);
    }
}
