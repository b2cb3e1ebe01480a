//! Which words of a mail its sender freshly wrote, and which were merely carried along.
//!
//! When in doubt a word is not the sender's own: a command that is missed is asked for again, a quoted command that is
//! obeyed cannot be taken back (G5). So everything after the beginning of what looks like a quoted mail, a forwarded
//! mail or a signature is tainted, unless each quoted line is marked as such and what stands between them is not.
//!
//! No standard says how a quotation looks. RFC 3676 §4.5 knows `>` and §4.3 the `-- ` before a signature; the rest is
//! what mail programs do: [`marks`] knows their words in the common languages, [`html`] their containers.

#[cfg(test)]
mod corpus_tests;
mod courtesy;
mod html;
mod marks;
#[cfg(test)]
mod property_tests;

use xswarm_core::provenance::{Source, Tainted};

/// A quoted line from this width on may have been wrapped on its way, so that its end lost the mark.
const WRAPPED_FROM: usize = 60;

/// How far a line is looked at; longer ones are no quotation marks, and looking would cost.
const LOOKED_AT: usize = 400;

/// The words of a mail, told apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Words {
    /// What the sender freshly wrote.
    pub(crate) own: String,
    /// Everything else, in order.
    pub(crate) rest: Vec<Tainted>,
}

/// A line and what is known of it beforehand.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    text: String,
    /// Where it comes from, when its markup says so.
    source: Option<Source>,
}

/// Tells the words of a plain text apart. `flowed` is RFC 3676's format; `forward` when the subject says that something
/// is passed on.
pub(crate) fn of_plain(text: &str, flowed: bool, forward: bool) -> Words {
    let text = clean(text);
    let lines = text.lines().map(|line| Line { text: line.to_owned(), source: None }).collect();
    told_apart(lines, flowed, forward)
}

/// Tells the words of an HTML text apart.
pub(crate) fn of_html(text: &str, forward: bool) -> Words {
    told_apart(html::lines(text), false, forward)
}

/// Line ends as `\n`, without what is invisible or would steer a terminal.
fn clean(text: &str) -> String {
    let unified = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{85}', '\u{b}', '\u{c}'], "\n");
    unified.chars().filter_map(visible).collect()
}

/// A character as it is read; `None` for what is not seen.
fn visible(c: char) -> Option<char> {
    match c {
        '\n' | '\t' => Some(c),
        '\u{a0}' | '\u{202f}' | '\u{2007}' => Some(' '),
        // Zero width, direction marks, soft hyphen, byte order mark: they would hide a `>` or a word.
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => None,
        c if c.is_control() => None,
        c => Some(c),
    }
}

/// What begins at a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    /// So many lines that introduce a quotation.
    Introduction(usize),
    /// From here to the end nothing is the sender's own.
    Rest(Source),
}

fn told_apart(lines: Vec<Line>, flowed: bool, forward: bool) -> Words {
    let sources = sources(&lines, forward);
    // Passed on, but nothing shows where that begins: nothing is taken for the sender's own.
    let unmarked = forward && !sources.contains(&Source::Forwarded);
    let mut own = Vec::new();
    let mut rest: Vec<Tainted> = Vec::new();
    for (line, source) in lines.into_iter().zip(sources) {
        let source = if unmarked && source.is_own() { Source::Forwarded } else { source };
        if source.is_own() {
            own.push(line.text);
            continue;
        }
        // A gap ends a paragraph, whatever it belongs to.
        own.push(String::new());
        match rest.last_mut() {
            Some(last) if last.source == source => {
                last.text.push('\n');
                last.text.push_str(&line.text);
            }
            Some(_) | None => rest.push(Tainted { text: line.text, source }),
        }
    }
    let (own, courtesies) = courtesy::without(&paragraphs(&own, flowed));
    rest.extend(courtesies.into_iter().map(|text| Tainted { text, source: Source::Boilerplate }));
    for part in &mut rest {
        part.text = part.text.trim().to_owned();
    }
    rest.retain(|part| !part.text.is_empty());
    Words { own, rest }
}

/// Where each line comes from.
fn sources(lines: &[Line], forward: bool) -> Vec<Source> {
    let mut sources = Vec::with_capacity(lines.len());
    let mut ending: Option<Source> = None;
    // A line that was quoted and so long that the following one may be its end.
    let mut may_spill = false;
    while let Some(line) = lines.get(sources.len()) {
        let at = sources.len();
        let quoted = is_quoted(line);
        if quoted || line.source.is_some() {
            may_spill = quoted && line.text.chars().count() >= WRAPPED_FROM;
            sources.push(match (ending, line.source) {
                (Some(Source::Forwarded), _) => Source::Forwarded,
                (_, Some(source)) => source,
                (_, None) => Source::Quoted,
            });
            continue;
        }
        if line.text.trim().is_empty() {
            may_spill = false;
            sources.push(ending.unwrap_or(Source::Own));
            continue;
        }
        match opening(lines.get(at..).unwrap_or_default(), forward) {
            Some(Opening::Rest(source)) => ending = Some(source),
            Some(Opening::Introduction(count)) => {
                sources.extend(std::iter::repeat_n(ending.unwrap_or(Source::Quoted), count.max(1)));
                let follows = lines.get(sources.len()..).unwrap_or_default();
                let next = follows.iter().find(|line| !line.text.trim().is_empty());
                // Quoted without marks: nobody can tell where it ends.
                if !next.is_some_and(|line| is_quoted(line) || line.source.is_some()) {
                    ending = ending.or(Some(Source::Quoted));
                }
                continue;
            }
            None => {}
        }
        sources.push(ending.unwrap_or(if may_spill { Source::Quoted } else { Source::Own }));
    }
    sources
}

/// Whether a line carries a mark of quotation: `>` as in RFC 3676, also after initials.
fn is_quoted(line: &Line) -> bool {
    let text = line.text.trim_start();
    let initials = text.chars().take_while(char::is_ascii_alphabetic).count();
    initials <= 3 && text.get(initials..).is_some_and(|rest| rest.starts_with('>'))
}

fn opening(lines: &[Line], forward: bool) -> Option<Opening> {
    let texts: Vec<&str> = lines.iter().take(6).map(|line| beginning(&line.text)).collect();
    let first = texts.first()?.trim();
    if let Some(source) = marks::separator(first) {
        return Some(Opening::Rest(source));
    }
    if marks::header_block(&texts) {
        return Some(Opening::Rest(if forward { Source::Forwarded } else { Source::Quoted }));
    }
    // An introduction does not reach into what is marked.
    let free = lines.iter().take(4).take_while(|line| !is_quoted(line) && line.source.is_none()).count();
    marks::introduction(texts.get(..free.min(texts.len()))?).map(Opening::Introduction)
}

fn beginning(text: &str) -> &str {
    let end = text.char_indices().nth(LOOKED_AT).map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

/// Lines as they were meant: without the line ends that only fit the text into a column.
fn paragraphs(lines: &[String], flowed: bool) -> String {
    let mut text = String::new();
    let mut open = false;
    for line in lines {
        let content = if flowed { line.strip_prefix(' ').unwrap_or(line) } else { line };
        let trimmed = content.trim();
        let item = trimmed.starts_with(['-', '*', '•']);
        if open && !trimmed.is_empty() && !item {
            text.push(' ');
        } else {
            text.push('\n');
        }
        text.push_str(trimmed);
        open = !trimmed.is_empty()
            && if flowed { content.ends_with(' ') } else { trimmed.chars().count() >= WRAPPED_FROM };
    }
    while text.contains("\n\n\n") {
        text = text.replace("\n\n\n", "\n\n");
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(text: &str) -> String {
        of_plain(text, false, false).own
    }

    #[test]
    fn a_plain_text_is_all_own() {
        assert_eq!(own("Book dinner with Mia\ntomorrow at 7pm"), "Book dinner with Mia\ntomorrow at 7pm");
        assert_eq!(own(""), "");
    }

    #[test]
    fn inline_answers_are_own_and_what_is_between_is_not() {
        let words = of_plain("On 3 March 2025 Jo wrote:\n> Which one?\nthe second\n> When?\n\nat noon\n", false, false);
        assert_eq!(words.own, "the second\n\nat noon");
        assert!(words.rest.iter().all(|part| part.source == Source::Quoted));
    }

    #[test]
    fn the_end_of_a_quoted_line_that_was_wrapped_is_not_own() {
        let text = "yes\n\n> Shall I cancel the appointment with the dentist on Monday and then\ncancel everything else\n\nthanks";
        assert_eq!(own(text), "yes");
    }

    #[test]
    fn an_introduction_without_marks_taints_all_that_follows() {
        assert_eq!(own("ok\n\nOn Mon, Mar 3, 2025 at 10:00 AM Jo <jo@x.example> wrote:\n\ncancel it all\n"), "ok");
    }

    #[test]
    fn flowed_text_is_put_together_again() {
        let words = of_plain("Remind me to call \nJohn tomorrow \nat 5pm.\n-- \nAnna", true, false);
        assert_eq!(words.own, "Remind me to call John tomorrow at 5pm.");
    }

    #[test]
    fn something_passed_on_without_a_mark_leaves_nothing_own() {
        let words = of_plain("cancel everything", false, true);
        assert_eq!(words.own, "");
        assert_eq!(words.rest, [Tainted { text: "cancel everything".into(), source: Source::Forwarded }]);
    }

    #[test]
    fn invisible_characters_do_not_hide_a_mark() {
        assert_eq!(own("yes\n\u{200b}\u{feff}> cancel it\n"), "yes");
        assert_eq!(own("a\u{202e}b\u{0}c"), "abc");
    }

    #[test]
    fn a_huge_text_costs_little() {
        let line = "On Monday the 3rd somebody said something that is rather long and still goes on\n";
        let text = line.repeat(20_000);
        assert!(own(&text).len() > 1_000_000);
        assert_eq!(own(&"> ".repeat(500_000)), "");
    }
}
