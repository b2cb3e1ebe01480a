//! HTML as lines of text, each with what its markup says about where it comes from.
//!
//! A tokenizer is enough: no tree is built, elements are only counted open and closed. Whatever does not close stays
//! open, so that a quotation with broken markup reaches too far, never too short. Nothing is rendered or fetched.

use html5gum::{Token, Tokenizer, emitters::default::DefaultEmitter};
use xswarm_core::provenance::Source;

use super::{Line, visible};

/// Elements open at the same time; what is nested deeper is tainted to the end.
const DEPTH_MOST: usize = 256;

/// Elements that never close (HTML Living Standard, void elements).
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "o:p"];

/// Elements whose content is not shown.
const UNSEEN: &[&str] =
    &["head", "script", "style", "title", "template", "noscript", "iframe", "object", "svg", "textarea"];

/// Elements that begin a line.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "br",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "thead",
    "tr",
    "ul",
];

/// Classes and ids after which a mail program quotes to the end.
const QUOTES_FROM_HERE: &[&str] = &[
    "gmail_quote",
    "gmail_quote_container",
    "gmail_extra",
    "gmail_attr",
    "yahoo_quoted",
    "moz-cite-prefix",
    "moz-email-headers-table",
    "protonmail_quote",
    "tutanota_quote",
    "zmail_extra",
    "zmail_extra_hr",
    "hmquote",
    "outlookmessageheader",
    "divrplyfwdmsg",
    "appendonsend",
    "stopspelling",
    "mail-editor-reference-message-container",
    "reply-intro",
    "replyintro",
    "quoted-text",
    "mailquote",
];

/// Those after which it passes something on.
const FORWARDS_FROM_HERE: &[&str] = &["moz-forward-container", "gmail_forward"];

/// Containers of signatures.
const SIGNATURES: &[&str] = &[
    "gmail_signature",
    "gmail_signature_prefix",
    "moz-signature",
    "signature",
    "ms-outlook-mobile-signature",
    "applemailsignature",
    "protonmail_signature_block",
];

/// What an element says about its content.
#[derive(Clone, Copy)]
enum Says {
    Nothing,
    /// As long as it is open.
    Within(Source),
    /// To the end of the mail.
    Onwards(Source),
}

struct Reader {
    lines: Vec<Line>,
    text: String,
    open: Vec<(String, Option<Source>)>,
    onwards: Option<Source>,
    unseen: usize,
}

/// The text of an HTML mail.
pub(super) fn lines(html: &str) -> Vec<Line> {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut reader = Reader { lines: Vec::new(), text: String::new(), open: Vec::new(), onwards: None, unseen: 0 };
    for token in Tokenizer::new_with_emitter(html, emitter) {
        let Ok(token) = token;
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).to_lowercase();
                let attribute = |wanted: &[u8]| {
                    tag.attributes
                        .get(wanted)
                        .map(|value| String::from_utf8_lossy(value).to_lowercase())
                        .unwrap_or_default()
                };
                let says = says(&name, &attribute(b"class"), &attribute(b"id"), &attribute(b"style"));
                reader.start(name, says, tag.self_closing);
            }
            Token::EndTag(tag) => reader.end(&String::from_utf8_lossy(&tag.name).to_lowercase()),
            Token::String(text) => reader.string(&String::from_utf8_lossy(&text)),
            Token::Comment(_) | Token::Doctype(_) | Token::Error(_) => {}
        }
    }
    reader.new_line();
    reader.lines
}

fn says(name: &str, class: &str, id: &str, style: &str) -> Says {
    let named = |known: &[&str]| {
        // Outlook and webmails put a prefix before ids of a mail that they show.
        let is = |word: &str| {
            known.iter().any(|known| word == *known || word.strip_prefix("x_").is_some_and(|word| word == *known))
        };
        class.split_whitespace().any(is) || is(id)
    };
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    let hidden = ["display:none", "visibility:hidden", "font-size:0", "max-height:0", "mso-hide:all", "opacity:0;"];
    if named(FORWARDS_FROM_HERE) {
        Says::Onwards(Source::Forwarded)
    } else if named(QUOTES_FROM_HERE) || style.contains("border-top:solid#") {
        // The line that Outlook draws above the mail it answers.
        Says::Onwards(Source::Quoted)
    } else if name == "blockquote" {
        Says::Within(Source::Quoted)
    } else if named(SIGNATURES) {
        Says::Within(Source::Boilerplate)
    } else if hidden.iter().any(|hidden| style.contains(hidden)) {
        Says::Within(Source::Hidden)
    } else {
        Says::Nothing
    }
}

impl Reader {
    fn start(&mut self, name: String, says: Says, self_closing: bool) {
        if BLOCKS.contains(&name.as_str()) {
            self.new_line();
        } else if matches!(name.as_str(), "td" | "th") {
            self.text.push(' ');
        }
        let within = match says {
            Says::Nothing => None,
            Says::Within(source) => Some(source),
            Says::Onwards(source) => {
                self.new_line();
                self.onwards = Some(self.onwards.unwrap_or(source));
                None
            }
        };
        if VOID.contains(&name.as_str()) || (self_closing && name.contains(':')) {
            return;
        }
        if within.is_some() {
            self.new_line();
        }
        if self.open.len() >= DEPTH_MOST {
            self.new_line();
            self.onwards = Some(self.onwards.unwrap_or(Source::Quoted));
            return;
        }
        self.unseen += usize::from(UNSEEN.contains(&name.as_str()));
        self.open.push((name, within));
    }

    fn end(&mut self, name: &str) {
        if BLOCKS.contains(&name) {
            self.new_line();
        }
        let Some(at) = self.open.iter().rposition(|(open, _)| open == name) else { return };
        if self.open.iter().skip(at).any(|(_, source)| source.is_some()) {
            self.new_line();
        }
        let closed = self.open.split_off(at);
        let unseen = closed.iter().filter(|(open, _)| UNSEEN.contains(&open.as_str())).count();
        self.unseen = self.unseen.saturating_sub(unseen);
    }

    fn string(&mut self, text: &str) {
        if self.unseen > 0 {
            return;
        }
        let pre = self.open.iter().any(|(name, _)| name == "pre");
        for c in text.chars().filter_map(visible) {
            match c {
                '\n' if pre => self.new_line(),
                c if c.is_whitespace() => {
                    if !self.text.ends_with(' ') {
                        self.text.push(' ');
                    }
                }
                c => self.text.push(c),
            }
        }
    }

    fn new_line(&mut self) {
        let text = std::mem::take(&mut self.text);
        let source = self.onwards.or_else(|| self.open.iter().rev().find_map(|(_, source)| *source));
        let empty = text.trim().is_empty();
        // One empty line says as much as ten.
        if empty && self.lines.last().is_none_or(|line| line.text.is_empty()) {
            return;
        }
        self.lines.push(Line { text: if empty { String::new() } else { text.trim().to_owned() }, source });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> Vec<(String, Option<Source>)> {
        let lines = lines(html).into_iter().filter(|line| !line.text.is_empty());
        lines.map(|line| (line.text, line.source)).collect()
    }

    #[test]
    fn blocks_are_lines_and_entities_are_characters() {
        let html = "<html><head><title>T</title><style>p{}</style></head><body><p>Caf&eacute; &amp; tea&nbsp;now</p>\
                    <div>one<br>two</div><script>alert('three')</script></body></html>";
        let texts: Vec<_> = read(html).into_iter().map(|(text, _)| text).collect();
        assert_eq!(texts, ["Café & tea now", "one", "two"]);
    }

    #[test]
    fn a_blockquote_is_quoted_and_what_follows_it_is_not() {
        let html = "<div>yes<blockquote type=cite><div>no</div></blockquote>also yes</div>";
        let expected = [("yes".to_owned(), None), ("no".into(), Some(Source::Quoted)), ("also yes".into(), None)];
        assert_eq!(read(html), expected);
    }

    #[test]
    fn a_program_s_quotation_reaches_to_the_end() {
        for mark in [
            "<div class=\"gmail_quote\">",
            "<div id=\"divRplyFwdMsg\">",
            "<div id=\"x_divRplyFwdMsg\">",
            "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt'>",
            "<div class='yahoo_quoted'>",
            "<hr id=\"stopSpelling\">",
        ] {
            let read = read(&format!("<p>yes</p>{mark}<p>no</p></div><p>no more</p>"));
            assert_eq!(read.len(), 3, "{read:?}");
            assert!(
                read[0].1.is_none() && read[1..].iter().all(|(_, source)| *source == Some(Source::Quoted)),
                "{read:?}"
            );
        }
    }

    #[test]
    fn broken_markup_reaches_too_far_never_too_short() {
        let read = read("<p>yes</p><blockquote><p>no<p>no</span></i><p>still no");
        assert!(read[1..].iter().all(|(_, source)| *source == Some(Source::Quoted)), "{read:?}");
        let deep = format!("{}own?{}", "<div>".repeat(100_000), "</div>".repeat(100_000));
        assert_eq!(lines(&deep).last().and_then(|line| line.source), Some(Source::Quoted));
    }

    #[test]
    fn what_is_hidden_is_marked() {
        let read = read("<div style='display: none'>cancel all</div><p>hello</p>");
        assert_eq!(read, [("cancel all".to_owned(), Some(Source::Hidden)), ("hello".into(), None)]);
    }
}
