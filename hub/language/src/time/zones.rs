//! Family: zones. PST, ET, UTC+2, Europe/Berlin, "Tokyo time".
//!
//! "PST" is an offset the whole year, as its users wrote it; "PT", "CET" and places follow daylight saving.

use super::{
    chart::{Chart, Item},
    expression::Zone,
};
use crate::lexer::phrases::{Phrases, any};

const ZONES: &[(&str, Zone)] = &[
    ("utc", Zone::Fixed(0)),
    ("gmt", Zone::Fixed(0)),
    ("z", Zone::Fixed(0)),
    ("pst", Zone::Fixed(-8 * 3600)),
    ("pdt", Zone::Fixed(-7 * 3600)),
    ("mst", Zone::Fixed(-7 * 3600)),
    ("mdt", Zone::Fixed(-6 * 3600)),
    ("cst", Zone::Fixed(-6 * 3600)),
    ("cdt", Zone::Fixed(-5 * 3600)),
    ("est", Zone::Fixed(-5 * 3600)),
    ("edt", Zone::Fixed(-4 * 3600)),
    ("akst", Zone::Fixed(-9 * 3600)),
    ("akdt", Zone::Fixed(-8 * 3600)),
    ("hst", Zone::Fixed(-10 * 3600)),
    ("wet", Zone::Fixed(0)),
    ("west", Zone::Fixed(3600)),
    ("bst", Zone::Fixed(3600)),
    ("cet", Zone::Named(chrono_tz::Europe::Paris)),
    ("cest", Zone::Fixed(2 * 3600)),
    ("eet", Zone::Named(chrono_tz::Europe::Helsinki)),
    ("eest", Zone::Fixed(3 * 3600)),
    ("msk", Zone::Fixed(3 * 3600)),
    ("ist", Zone::Fixed(5 * 3600 + 1800)),
    ("jst", Zone::Fixed(9 * 3600)),
    ("kst", Zone::Fixed(9 * 3600)),
    ("aest", Zone::Fixed(10 * 3600)),
    ("aedt", Zone::Fixed(11 * 3600)),
    ("nzst", Zone::Fixed(12 * 3600)),
    ("nzdt", Zone::Fixed(13 * 3600)),
    ("pt", Zone::Named(chrono_tz::America::Los_Angeles)),
    ("mt", Zone::Named(chrono_tz::America::Denver)),
    ("ct", Zone::Named(chrono_tz::America::Chicago)),
    ("et", Zone::Named(chrono_tz::America::New_York)),
    ("pacific", Zone::Named(chrono_tz::America::Los_Angeles)),
    ("mountain", Zone::Named(chrono_tz::America::Denver)),
    ("central", Zone::Named(chrono_tz::America::Chicago)),
    ("eastern", Zone::Named(chrono_tz::America::New_York)),
    ("beijing", Zone::Named(chrono_tz::Asia::Shanghai)),
    ("london", Zone::Named(chrono_tz::Europe::London)),
    ("paris", Zone::Named(chrono_tz::Europe::Paris)),
    ("berlin", Zone::Named(chrono_tz::Europe::Berlin)),
    ("tokyo", Zone::Named(chrono_tz::Asia::Tokyo)),
    ("sydney", Zone::Named(chrono_tz::Australia::Sydney)),
    ("india", Zone::Named(chrono_tz::Asia::Kolkata)),
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
        if let Some((name, zone)) = named {
            let time = read.is(at + 1, "time")
                || (read.is(at + 1, "standard") || read.is(at + 1, "daylight")) && read.is(at + 2, "time");
            let words = if read.is(at + 1, "time") {
                2
            } else if time {
                3
            } else {
                1
            };
            if !PLACES.has(name) || time {
                found.push(Item::sure(close(at + words), *zone));
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
