//! Family: zones. PST, ET, UTC+2, Europe/Berlin, "Tokyo time".
//!
//! "PST" is an offset the whole year, as its users wrote it; "PT", "CET" and places follow daylight saving.

use super::{
    chart::{Chart, Item},
    expression::{Offset, Zone},
};
use crate::lexer::phrases::{Phrases, any};

const ZONES: &[(&str, Offset)] = &[
    ("utc", Offset::Fixed(0)),
    ("gmt", Offset::Fixed(0)),
    ("z", Offset::Fixed(0)),
    ("pst", Offset::Fixed(-8 * 3600)),
    ("pdt", Offset::Fixed(-7 * 3600)),
    ("mst", Offset::Fixed(-7 * 3600)),
    ("mdt", Offset::Fixed(-6 * 3600)),
    ("cst", Offset::Fixed(-6 * 3600)),
    ("cdt", Offset::Fixed(-5 * 3600)),
    ("est", Offset::Fixed(-5 * 3600)),
    ("edt", Offset::Fixed(-4 * 3600)),
    ("akst", Offset::Fixed(-9 * 3600)),
    ("akdt", Offset::Fixed(-8 * 3600)),
    ("hst", Offset::Fixed(-10 * 3600)),
    ("wet", Offset::Fixed(0)),
    ("west", Offset::Fixed(3600)),
    ("bst", Offset::Fixed(3600)),
    ("cet", Offset::Named(chrono_tz::Europe::Paris)),
    ("cest", Offset::Fixed(2 * 3600)),
    ("eet", Offset::Named(chrono_tz::Europe::Helsinki)),
    ("eest", Offset::Fixed(3 * 3600)),
    ("msk", Offset::Fixed(3 * 3600)),
    ("ist", Offset::Fixed(5 * 3600 + 1800)),
    ("jst", Offset::Fixed(9 * 3600)),
    ("kst", Offset::Fixed(9 * 3600)),
    ("aest", Offset::Fixed(10 * 3600)),
    ("aedt", Offset::Fixed(11 * 3600)),
    ("nzst", Offset::Fixed(12 * 3600)),
    ("nzdt", Offset::Fixed(13 * 3600)),
    ("pt", Offset::Named(chrono_tz::America::Los_Angeles)),
    ("mt", Offset::Named(chrono_tz::America::Denver)),
    ("ct", Offset::Named(chrono_tz::America::Chicago)),
    ("et", Offset::Named(chrono_tz::America::New_York)),
    ("pacific", Offset::Named(chrono_tz::America::Los_Angeles)),
    ("mountain", Offset::Named(chrono_tz::America::Denver)),
    ("central", Offset::Named(chrono_tz::America::Chicago)),
    ("eastern", Offset::Named(chrono_tz::America::New_York)),
    ("beijing", Offset::Named(chrono_tz::Asia::Shanghai)),
    ("london", Offset::Named(chrono_tz::Europe::London)),
    ("paris", Offset::Named(chrono_tz::Europe::Paris)),
    ("berlin", Offset::Named(chrono_tz::Europe::Berlin)),
    ("tokyo", Offset::Named(chrono_tz::Asia::Tokyo)),
    ("sydney", Offset::Named(chrono_tz::Australia::Sydney)),
    ("india", Offset::Named(chrono_tz::Asia::Kolkata)),
];

/// Names that are zones only with "time" behind them.
const PLACES: &Phrases = any!("pacific|mountain|central|eastern|beijing|london|paris|berlin|tokyo|sydney|india");

impl Chart<'_> {
    /// Zones that begin at `i`.
    pub(super) fn zones_at(&self, i: usize) -> Vec<Item<Zone>> {
        let read = self.read;
        let mut found = Vec::new();
        let bracket = usize::from(read.symbol(i, '('));
        let at = i + bracket;
        let Some(token) = read.at(at) else { return found };
        let close = |end: usize| if bracket == 1 && read.symbol(end, ')') { end + 1 } else { end };
        // +02:00, UTC+2
        let named = ZONES.iter().find(|(name, _)| token.is(name));
        let sign_at = if token.is("utc") || token.is("gmt") { at + 1 } else { at };
        let sign = if read.symbol(sign_at, '+') {
            Some(1)
        } else if read.dash(sign_at)
            && (sign_at > at && (read.glued(sign_at) || read.tight_symbol(sign_at + 2, ':')) || token.glued)
        {
            Some(-1)
        } else {
            None
        };
        if let Some(sign) = sign
            && read.glued(sign_at + 1)
            && let Some((value, digits)) = read.digits(sign_at + 1)
            && (sign_at > at || digits == 4 || (digits == 2 && read.tight_symbol(sign_at + 2, ':')))
        {
            let (seconds, end) = if digits == 4 {
                ((value / 100) * 3600 + (value % 100) * 60, sign_at + 2)
            } else if let Some((minutes, 2)) =
                read.tight_symbol(sign_at + 2, ':').then(|| read.digits(sign_at + 3)).flatten()
            {
                (value.min(99) * 3600 + minutes * 60, sign_at + 4)
            } else {
                (value.min(99) * 3600, sign_at + 2)
            };
            if seconds <= 14 * 3600 {
                found.push(Item::sure(close(end), Zone::Fixed(sign * i32::try_from(seconds).unwrap_or(0))));
            }
        }
        if let Some((name, usual)) = named {
            let time = read.is(at + 1, "time")
                || (read.is(at + 1, "standard") || read.is(at + 1, "daylight")) && read.is(at + 2, "time");
            let words = if read.is(at + 1, "time") {
                2
            } else if time {
                3
            } else {
                1
            };
            // "3pm Pacific" needs no "time"; "3pm London" may be a place to be.
            let region = any!("pacific|mountain|central|eastern").has(name) && read.closes(at + 1);
            if !PLACES.has(name) || time || region {
                found.push(Item::sure(close(at + words), Zone::Called { name, usual: *usual }));
            }
        }
        // Europe/Berlin
        if token.meaning.weekday.is_none()
            && matches!(
                token.word.as_str(),
                "europe" | "america" | "asia" | "africa" | "australia" | "pacific" | "atlantic" | "indian"
            )
            && read.tight_symbol(at + 1, '/')
            && let Some(city) = read.at(at + 2)
        {
            let name = |word: &str| -> String {
                let mut letters = word.chars();
                letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
            };
            let mut full = format!("{}/{}", name(&token.word), name(&city.word));
            let mut end = at + 3;
            while read.tight_symbol(end, '_')
                && let Some(next) = read.at(end + 1)
            {
                full.push('_');
                full.push_str(&name(&next.word));
                end += 2;
            }
            if let Ok(zone) = full.parse::<chrono_tz::Tz>() {
                found.push(Item::sure(close(end), Zone::Named(zone)));
            }
        }
        found
    }
}
