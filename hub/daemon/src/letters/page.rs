//! A letter of headings and rows, with the same in plain text.

use askama::Template;

use super::{LARGEST_BYTES, cut};
use crate::error::Error;

/// Rows that a section shows; the rest is counted. The first number that keeps the letter small enough is taken.
const ROWS_SHOWN: [usize; 4] = [40, 20, 10, 3];

/// Sections that a page shows.
const SECTIONS_MOST: usize = 4;

/// Characters of a row's parts.
const WHAT_CHARS: usize = 160;

/// One line of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// A time of day, a day, a number: what stands at the left.
    pub(crate) when: String,
    /// What it is about.
    pub(crate) what: String,
    /// More about it, in smaller letters.
    pub(crate) detail: Option<String>,
}

/// Some rows under a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Section {
    heading: String,
    rows: Vec<Row>,
    empty: String,
    more: usize,
}

impl Section {
    /// A section; `empty` is said when there are no rows.
    pub(crate) fn new(heading: &str, rows: Vec<Row>, empty: &str) -> Self {
        let short = |row: Row| Row {
            when: cut(&row.when, 40),
            what: cut(&row.what, WHAT_CHARS),
            detail: row.detail.map(|detail| cut(&detail, WHAT_CHARS)),
        };
        let rows = rows.into_iter().map(short).collect();
        Self { heading: cut(heading, WHAT_CHARS), rows, empty: cut(empty, WHAT_CHARS), more: 0 }
    }

    fn showing(&self, most: usize) -> Self {
        let rows: Vec<_> = self.rows.iter().take(most).cloned().collect();
        let more = self.rows.len() - rows.len();
        Self { rows, more, ..self.clone() }
    }
}

/// What a letter shows.
#[derive(Debug, Clone, PartialEq, Eq, Template)]
#[template(path = "letters/page.html")]
pub(crate) struct Page {
    heading: String,
    lead: String,
    sections: Vec<Section>,
}

#[derive(Template)]
#[template(path = "letters/page.txt")]
struct PlainPage<'a> {
    heading: &'a str,
    lead: &'a str,
    sections: &'a [Section],
}

/// A letter, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    /// Its subject.
    pub(crate) subject: String,
    /// Its words for programs that show no HTML.
    pub(crate) text: String,
    /// Its HTML.
    pub(crate) html: String,
}

impl Page {
    /// A page; `lead` is a line below the heading.
    pub(crate) fn new(heading: &str, lead: &str, mut sections: Vec<Section>) -> Self {
        sections.truncate(SECTIONS_MOST);
        Self { heading: cut(heading, WHAT_CHARS), lead: cut(lead, 2 * WHAT_CHARS), sections }
    }

    /// The letter.
    pub(crate) fn letter(&self, subject: &str) -> Result<Letter, Error> {
        let failed = |error| Error::internal("a letter could not be laid out").with_source(error);
        for most in ROWS_SHOWN {
            let sections = self.sections.iter().map(|section| section.showing(most)).collect();
            let page = Self { sections, ..self.clone() };
            let html = page.render().map_err(failed)?;
            if html.len() <= LARGEST_BYTES {
                let plain = PlainPage { heading: &page.heading, lead: &page.lead, sections: &page.sections };
                return Ok(Letter { subject: cut(subject, 120), text: plain.render().map_err(failed)?, html });
            }
        }
        Err(Error::internal("a letter is too large however little it shows"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(when: &str, what: &str, detail: Option<&str>) -> Row {
        Row { when: when.into(), what: what.into(), detail: detail.map(str::to_owned) }
    }

    fn day() -> Page {
        let appointments =
            vec![row("9:00–9:15 AM", "Stand-up", None), row("3:00–4:00 PM", "Dentist", Some("Hauptstraße 1"))];
        let sections = vec![
            Section::new("On your calendar", appointments, "Nothing today."),
            Section::new("Due tasks", Vec::new(), "No task is due."),
        ];
        Page::new("Friday, 27 November 2026", "Two appointments, times in CET.", sections)
    }

    #[test]
    fn html_and_plain_text_say_the_same() {
        let letter = day().letter("Your Friday").unwrap();
        insta::assert_snapshot!("page_html", letter.html);
        insta::assert_snapshot!("page_text", letter.text);
    }

    #[test]
    fn titles_are_text_and_never_markup() {
        let hostile = "<b onclick=x>\"'&</b>";
        let section = Section::new(hostile, vec![row(hostile, hostile, Some(hostile))], "");
        let html = Page::new(hostile, hostile, vec![section]).letter("x").unwrap().html;
        assert!(!html.contains("<b "), "{html}");
        assert_eq!(html.matches("&#60;b onclick=x&#62;").count(), 8, "title, preview, heading, lead, section, row");
    }

    proptest! {
        #[test]
        fn no_day_makes_a_letter_too_large(title in "(?s)[<>&\"'é😀]{0,300}", rows in 0_usize..300) {
            let many = vec![row(&title, &title, Some(&title)); rows];
            let sections = vec![Section::new(&title, many, &title); 9];
            let letter = Page::new(&title, &title, sections).letter(&title).unwrap();
            prop_assert!(letter.html.len() <= LARGEST_BYTES, "{} bytes", letter.html.len());
            let shown = letter.html.matches("<tr>\n<td class").count() / SECTIONS_MOST;
            prop_assert!(shown == rows || letter.text.contains(&format!("and {} more", rows - shown)), "{shown}");
        }
    }
}
