//! From bytes to components: charset, folding, content lines, `BEGIN` and `END`. Forgiving where files are sloppy (line
//! ends, case, octets folded apart), strict where a file was cut short; bounded in depth and length.

use std::borrow::Cow;

use encoding_rs::{Encoding, WINDOWS_1252};

/// Longer lines are left out: pictures inside of attachments, mostly.
const LINE_BYTES: usize = 256 << 10;

/// How deep components may nest. A calendar, an event, an alarm are three.
const DEPTH: usize = 8;

/// How many properties one component may have.
const PROPERTIES: usize = 10_000;

/// The properties that mean something here; all others are passed over unread.
const READ: [&str; 24] = [
    "ACTION",
    "ATTENDEE",
    "CONTACT",
    "DESCRIPTION",
    "DTEND",
    "DTSTAMP",
    "DTSTART",
    "DURATION",
    "EXDATE",
    "EXRULE",
    "LAST-MODIFIED",
    "LOCATION",
    "METHOD",
    "ORGANIZER",
    "RDATE",
    "RECURRENCE-ID",
    "RRULE",
    "SEQUENCE",
    "STATUS",
    "SUMMARY",
    "TRIGGER",
    "TZID",
    "UID",
    "VERSION",
];

/// The same for time zones, which have their own.
const READ_OF_ZONES: [&str; 4] = ["TZOFFSETFROM", "TZOFFSETTO", "X-LIC-LOCATION", "X-WR-TIMEZONE"];

/// Why a file as a whole could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// Something else.
    #[error("this is no calendar file: it has no BEGIN:VCALENDAR")]
    NotACalendar,
    /// It ends too early.
    #[error("the calendar file is cut short: it ends inside of {0}")]
    CutShort(String),
    /// Components inside of components without end.
    #[error("the calendar file is nested more than {DEPTH} deep, which no calendar needs")]
    TooDeep,
    /// A component with more properties than anybody needs.
    #[error("the calendar file has a component with more than {PROPERTIES} properties")]
    TooManyProperties,
    /// More events than are taken in at once.
    #[error("the calendar file has more than {} events: split it, please", super::EVENTS)]
    TooManyEvents,
    /// The grammar before RFC 2445.
    #[error("the calendar file is of version 1.0 (vCalendar): export it as iCalendar 2.0, please")]
    VersionOne,
    /// More bytes than are taken in at once.
    #[error("a calendar file may have {} MiB: split it, please", super::FILE_BYTES >> 20)]
    TooLarge,
}

/// A content line (RFC 5545 §3.1); names in capital letters, the value unescaped where it is text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Property {
    /// Its name.
    pub(super) name: String,
    /// Its parameters.
    parameters: Vec<(String, String)>,
    /// Its value.
    pub(super) value: String,
}

impl Property {
    /// The value of a parameter.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn read(line: &str) -> Option<Self> {
        let end = line.find([':', ';'])?;
        let (name, rest) = line.split_at_checked(end)?;
        let name = name.trim().to_ascii_uppercase();
        // "item1.SUMMARY" is a vCard's habit.
        let name = name.rsplit('.').next().unwrap_or_default();
        if !READ.contains(&name) && !READ_OF_ZONES.contains(&name) {
            return None;
        }
        let line = format!("{name}{rest}");
        let parsed = icalendar::parser::Property::try_from(line.as_str()).ok()?;
        let parameters = parsed.params.iter().filter_map(|parameter| {
            Some((parameter.key.as_str().to_ascii_uppercase(), unquoted(parameter.val.as_ref()?.as_str())))
        });
        Some(Self { name: name.to_owned(), parameters: parameters.collect(), value: parsed.val.as_str().to_owned() })
    }
}

/// A parameter's value without quotes and with RFC 6868's circumflexes undone.
fn unquoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut rest = value.trim_matches('"').chars().peekable();
    while let Some(c) = rest.next() {
        let escaped = if c == '^' { rest.next_if(|next| matches!(next, 'n' | '\'' | '^')) } else { None };
        text.push(match escaped {
            Some('n') => '\n',
            Some('\'') => '"',
            Some(_) | None => c,
        });
    }
    text
}

/// A component with what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Component {
    /// `VEVENT`, `VALARM` and so on.
    pub(super) name: String,
    /// Its properties that mean something here.
    pub(super) properties: Vec<Property>,
    /// Components inside of it.
    pub(super) children: Vec<Component>,
}

impl Component {
    /// The first property of a name.
    pub(super) fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// All properties of a name.
    pub(super) fn all(&self, name: &'static str) -> impl Iterator<Item = &Property> {
        self.properties.iter().filter(move |property| property.name == name)
    }

    /// The value of the first property of a name, without white space around it; `None` when there is nothing in it.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.property(name).map(|property| property.value.trim()).filter(|value| !value.is_empty())
    }
}

/// The calendars of a file, and whether its charset had to be guessed.
pub(super) fn calendars(bytes: &[u8]) -> Result<(Vec<Component>, bool), Unreadable> {
    if bytes.len() > super::FILE_BYTES {
        return Err(Unreadable::TooLarge);
    }
    let (text, guessed) = decoded(bytes);
    let calendars = framed(&text)?;
    if calendars.is_empty() {
        return Err(Unreadable::NotACalendar);
    }
    if calendars.iter().any(|calendar| calendar.value("VERSION") == Some("1.0")) {
        return Err(Unreadable::VersionOne);
    }
    Ok((calendars, guessed))
}

/// The unfolded text. RFC 5545 §3.1.4 says UTF-8; what is not is taken for the western charset that such files have when
/// they say nothing. Folds are undone in octets, before anything is decoded: old programs fold inside of a character.
fn decoded(bytes: &[u8]) -> (String, bool) {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_with_bom_removal(bytes);
        return (unfolded(text.as_bytes(), String::from_utf8_lossy), false);
    }
    let whole = std::str::from_utf8(bytes).is_ok() || String::from_utf8(joined(bytes)).is_ok();
    if whole {
        (unfolded(bytes, String::from_utf8_lossy), false)
    } else {
        (unfolded(bytes, |octets| WINDOWS_1252.decode_without_bom_handling(octets).0), true)
    }
}

fn unfolded(bytes: &[u8], decode: impl Fn(&[u8]) -> Cow<'_, str>) -> String {
    decode(&joined(bytes)).into_owned()
}

/// The octets with every fold undone and every line ending in a line feed.
fn joined(bytes: &[u8]) -> Vec<u8> {
    let mut text: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        let ends = match byte {
            b'\r' => {
                rest.next_if_eq(&b'\n');
                true
            }
            b'\n' => true,
            _ => false,
        };
        if !ends {
            text.push(byte);
        } else if rest.next_if(|next| matches!(next, b' ' | b'\t')).is_none() {
            text.push(b'\n');
        }
    }
    text
}

/// The components named `VCALENDAR`, wherever they begin. An `END` that ends nothing is passed over.
fn framed(text: &str) -> Result<Vec<Component>, Unreadable> {
    let mut open: Vec<Component> = Vec::new();
    let mut calendars = Vec::new();
    let mut events = 0;
    for line in text.lines().filter(|line| line.len() <= LINE_BYTES) {
        if let Some(name) = keyword(line, "BEGIN:") {
            if open.len() == DEPTH {
                return Err(Unreadable::TooDeep);
            }
            events += usize::from(name == "VEVENT");
            if events > super::EVENTS {
                return Err(Unreadable::TooManyEvents);
            }
            open.push(Component { name, ..Component::default() });
        } else if let Some(name) = keyword(line, "END:") {
            if !open.iter().any(|component| component.name == name) {
                continue;
            }
            while let Some(closed) = open.pop() {
                let found = closed.name == name;
                match open.last_mut() {
                    Some(parent) => parent.children.push(closed),
                    None if closed.name == "VCALENDAR" => calendars.push(closed),
                    None => {}
                }
                if found {
                    break;
                }
            }
        } else if let Some(component) = open.last_mut()
            && let Some(property) = Property::read(line)
        {
            if component.properties.len() == PROPERTIES {
                return Err(Unreadable::TooManyProperties);
            }
            component.properties.push(property);
        }
    }
    match open.first() {
        Some(unfinished) => Err(Unreadable::CutShort(unfinished.name.clone())),
        None => Ok(calendars),
    }
}

fn keyword(line: &str, keyword: &str) -> Option<String> {
    let (found, name) = line.trim().split_at_checked(keyword.len())?;
    (found.eq_ignore_ascii_case(keyword)).then(|| name.trim().to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(text: &[u8]) -> Vec<Component> {
        let (calendars, _) = calendars(text).unwrap();
        calendars.into_iter().flat_map(|calendar| calendar.children).collect()
    }

    #[test]
    fn folds_case_line_ends_and_escapes_are_undone() {
        let text = b"begin:vcalendar\rBEGIN:VEVENT\r\nsummary;x=\"a:b;c\":Tea\\, cof\r\n fee\\n\\; cake\nUID: 7 \nEND:VEVENT\nEND:VCALENDAR";
        let [event] = events(text).try_into().unwrap();
        assert_eq!(event.property("SUMMARY").unwrap().value, "Tea, coffee\n; cake");
        assert_eq!(event.property("SUMMARY").unwrap().parameter("X"), Some("a:b;c"));
        assert_eq!(event.value("UID"), Some("7"));
    }

    #[test]
    fn a_charset_is_found_out_and_a_fold_inside_of_a_character_undone() {
        let wrapped = |inner: &[u8]| [b"BEGIN:VCALENDAR\nSUMMARY:", inner, b"\nEND:VCALENDAR\n"].concat();
        let utf16: Vec<u8> = "\u{feff}BEGIN:VCALENDAR\r\nSUMMARY:Zoë\r\nEND:VCALENDAR\r\n"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        for (bytes, guessed) in [
            (wrapped("Zoë".as_bytes()), false),
            (["\u{feff}".as_bytes(), &wrapped("Zoë".as_bytes())].concat(), false),
            (wrapped(b"Zo\xc3\r\n \xab"), false),
            (wrapped(b"Zo\xeb"), true),
            (utf16, false),
        ] {
            let (calendars, found) = calendars(&bytes).unwrap();
            assert_eq!((calendars[0].value("SUMMARY"), found), (Some("Zoë"), guessed), "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_calendar_says_so() {
        let deep = "BEGIN:VCALENDAR\n".repeat(100_000);
        let many = format!("BEGIN:VCALENDAR\n{}END:VCALENDAR", "BEGIN:VEVENT\nEND:VEVENT\n".repeat(10_001));
        let wide = format!("BEGIN:VCALENDAR\n{}END:VCALENDAR", "UID:1\n".repeat(10_001));
        for (text, expected) in [
            ("", Unreadable::NotACalendar),
            ("\0\0\u{1}GIF89a", Unreadable::NotACalendar),
            ("BEGIN:VEVENT\nEND:VEVENT\n", Unreadable::NotACalendar),
            ("BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n", Unreadable::CutShort("VCALENDAR".into())),
            ("BEGIN:VCALENDAR\nVERSION:1.0\nEND:VCALENDAR\n", Unreadable::VersionOne),
            (&deep, Unreadable::TooDeep),
            (&many, Unreadable::TooManyEvents),
            (&wide, Unreadable::TooManyProperties),
            (&"x".repeat(super::super::FILE_BYTES + 1), Unreadable::TooLarge),
        ] {
            assert_eq!(calendars(text.as_bytes()), Err(expected));
        }
    }

    #[test]
    fn endless_lines_and_stray_ends_are_passed_over() {
        let long = "A".repeat(LINE_BYTES);
        let text = format!("END:VEVENT\nBEGIN:VCALENDAR\nDESCRIPTION:{long}\nUID:1\nEND:X\nEND:VCALENDAR\n");
        let (calendars, _) = calendars(text.as_bytes()).unwrap();
        assert_eq!(calendars[0].properties.len(), 1);
    }
}
