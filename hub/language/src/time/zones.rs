//! Family: zones. PST, ET, UTC+2, Europe/Berlin, "Tokyo time", "in New York time".
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

/// Cities that give their name to no zone of the tz database, and the zone of their clocks.
const CITIES: &[(&str, chrono_tz::Tz)] = &[
    ("san francisco", chrono_tz::America::Los_Angeles),
    ("seattle", chrono_tz::America::Los_Angeles),
    ("las vegas", chrono_tz::America::Los_Angeles),
    ("california", chrono_tz::America::Los_Angeles),
    ("salt lake city", chrono_tz::America::Denver),
    ("dallas", chrono_tz::America::Chicago),
    ("houston", chrono_tz::America::Chicago),
    ("austin", chrono_tz::America::Chicago),
    ("texas", chrono_tz::America::Chicago),
    ("boston", chrono_tz::America::New_York),
    ("miami", chrono_tz::America::New_York),
    ("atlanta", chrono_tz::America::New_York),
    ("washington", chrono_tz::America::New_York),
    ("philadelphia", chrono_tz::America::New_York),
    ("montreal", chrono_tz::America::Toronto),
    ("ottawa", chrono_tz::America::Toronto),
    ("rio de janeiro", chrono_tz::America::Sao_Paulo),
    ("edinburgh", chrono_tz::Europe::London),
    ("manchester", chrono_tz::Europe::London),
    ("germany", chrono_tz::Europe::Berlin),
    ("munich", chrono_tz::Europe::Berlin),
    ("frankfurt", chrono_tz::Europe::Berlin),
    ("hamburg", chrono_tz::Europe::Berlin),
    ("geneva", chrono_tz::Europe::Zurich),
    ("barcelona", chrono_tz::Europe::Madrid),
    ("milan", chrono_tz::Europe::Rome),
    ("cape town", chrono_tz::Africa::Johannesburg),
    ("abu dhabi", chrono_tz::Asia::Dubai),
    ("tel aviv", chrono_tz::Asia::Tel_Aviv),
    ("delhi", chrono_tz::Asia::Kolkata),
    ("new delhi", chrono_tz::Asia::Kolkata),
    ("mumbai", chrono_tz::Asia::Kolkata),
    ("bangalore", chrono_tz::Asia::Kolkata),
    ("china", chrono_tz::Asia::Shanghai),
    ("osaka", chrono_tz::Asia::Tokyo),
];

/// Last parts of names of the tz database that say no place.
const NO_PLACES: &Phrases = any!("north|south|east|west|general|center|local|factory|zulu|universal");

/// The zone that a place gives its name to: "new york" is America/New_York.
fn zone_of(place: &str) -> Option<chrono_tz::Tz> {
    if NO_PLACES.has(place) {
        return None;
    }
    if let Some((_, zone)) = CITIES.iter().find(|(city, _)| *city == place) {
        return Some(*zone);
    }
    let same = |name: &str| {
        let city = name.rsplit('/').next().unwrap_or(name);
        city.len() == place.len()
            && city.chars().zip(place.chars()).all(|(a, b)| a.eq_ignore_ascii_case(&b) || a == '_' && b == ' ')
    };
    chrono_tz::TZ_VARIANTS.iter().find(|zone| same(zone.name())).copied()
}

impl Chart<'_> {
    /// "New York time", "in Hong Kong time": a place of one to three words with "time" behind it.
    fn place_time_at(&self, i: usize) -> Option<Item<Zone>> {
        let read = self.read;
        let at = i + usize::from(read.is(i, "in"));
        let end =
            (at + 1..=at + 3).find(|end| read.is(*end, "time")).filter(|end| (at..*end).all(|i| read.is_word(i)))?;
        let words: Vec<&str> = (at..end).filter_map(|i| read.at(i)).map(|token| token.word.as_str()).collect();
        zone_of(&words.join(" ")).map(|zone| Item::sure(end + 1, Zone::Named(zone)))
    }

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
        // "3pm in EST"
        if read.is(i, "in")
            && read.one_of(i + 1, any!("utc|gmt|pst|pdt|mst|mdt|cst|cdt|est|edt|bst|cet|cest|eet|jst|aest|aedt"))
        {
            found.extend_from_slice(self.zones(i + 1));
        }
        if named.is_none() {
            found.extend(self.place_time_at(at).map(|item| Item { end: close(item.end), ..item }));
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
