//! Words as they are, in HTML: what the Boss answers and reminds of.

use askama::Template;

use super::cut;
use crate::error::Error;

/// What stands above the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nothing: an answer.
    None,
    /// That this is a reminder.
    Reminder,
}

/// Characters of the words that the HTML shows; each may take five bytes or more when it is escaped.
const SHOWN_CHARS: usize = 15_000;

#[derive(Template)]
#[template(path = "letters/words.html")]
struct Words<'a> {
    title: String,
    mark: Option<&'static str>,
    paragraphs: Vec<Vec<&'a str>>,
    cut: bool,
}

/// HTML that shows `text`: an empty line begins a paragraph, every line stays a line.
pub(crate) fn html_of(text: &str, mark: Mark) -> Result<String, Error> {
    let shown: String = text.chars().take(SHOWN_CHARS).collect();
    let mut paragraphs: Vec<Vec<&str>> = vec![Vec::new()];
    for line in shown.lines().map(str::trim_end) {
        match paragraphs.last_mut() {
            Some(paragraph) if !line.is_empty() => paragraph.push(line),
            Some(paragraph) if paragraph.is_empty() => {}
            Some(_) | None => paragraphs.push(Vec::new()),
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    let words = Words {
        title: cut(paragraphs.first().and_then(|paragraph| paragraph.first()).copied().unwrap_or("Boss"), 80),
        mark: match mark {
            Mark::None => None,
            Mark::Reminder => Some("Reminder"),
        },
        paragraphs,
        cut: shown.len() < text.len(),
    };
    words.render().map_err(|error| Error::internal("a letter could not be laid out").with_source(error))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::letters::LARGEST_BYTES;

    #[test]
    fn lines_stay_lines_and_empty_lines_make_paragraphs() {
        let html = html_of("Friday (CET):\n– 3:00 PM Dentist\n\n\nSay \"undo\".\n", Mark::None).unwrap();
        assert!(html.contains(">Friday (CET):<br>– 3:00 PM Dentist</p>"), "{html}");
        assert!(html.contains(">Say &#34;undo&#34;.</p>"), "{html}");
        assert_eq!(html.matches("<p class=\"ink\"").count(), 2);
    }

    #[test]
    fn what_somebody_wrote_is_text_and_never_markup() {
        let html = html_of("</p><script>alert(1)</script><img src=x onerror=y>", Mark::Reminder).unwrap();
        assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
        assert!(html.contains("&#60;script&#62;"));
    }

    proptest! {
        #[test]
        fn no_words_make_a_letter_too_large(text in "(?s).{0,400}", times in 1_usize..200) {
            let html = html_of(&text.repeat(times), Mark::None).unwrap();
            prop_assert!(html.len() <= LARGEST_BYTES, "{} bytes", html.len());
        }
    }

    #[test]
    fn a_very_long_text_says_that_there_is_more() {
        let html = html_of(&"<".repeat(1_000_000), Mark::None).unwrap();
        assert!(html.len() <= LARGEST_BYTES, "{}", html.len());
        assert!(html.contains("The rest is in the plain text"));
    }
}
