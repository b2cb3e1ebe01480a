//! How single values on the command line are read, with errors that say what is allowed.

use std::str::FromStr;

use chrono::{Duration, NaiveDate};
use chrono_tz::{TZ_VARIANTS, Tz};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use xswarm_core::{
    job::JobState,
    message::{Channel, MessageStatus},
    series::Scope,
};

/// Which days an agenda is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days {
    /// Today.
    Today,
    /// The day after.
    Tomorrow,
    /// Seven days from today.
    Week,
    /// From this day.
    From(NaiveDate),
    /// A month: that of this day, or the one in which it is now.
    Month(Option<NaiveDate>),
}

impl FromStr for Days {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.to_lowercase().as_str() {
            "today" | "day" => Ok(Self::Today),
            "tomorrow" => Ok(Self::Tomorrow),
            "week" => Ok(Self::Week),
            "month" => Ok(Self::Month(None)),
            date => {
                let day = |date: &str| NaiveDate::parse_from_str(date, "%Y-%m-%d").ok();
                let month = || day(&format!("{date}-01")).map(|first| Self::Month(Some(first)));
                day(date).map(Self::From).or_else(month).ok_or_else(|| {
                    "say day, today, tomorrow, week, month, a month such as 2026-12, or a date that exists, such as \
                     2026-12-24"
                        .to_owned()
                })
            }
        }
    }
}

/// A zone by its name; case and the part before the city may be left out: "berlin" is Europe/Berlin.
pub fn zone(text: &str) -> Result<Tz, String> {
    let wanted = text.trim().replace(' ', "_").to_lowercase();
    let named = |tz: &&Tz| tz.name().to_lowercase() == wanted;
    if let Some(zone) = TZ_VARIANTS.iter().find(named) {
        return Ok(*zone);
    }
    let in_city = |tz: &&Tz| tz.name().rsplit('/').next().is_some_and(|city| city.to_lowercase() == wanted);
    let cities: Vec<&Tz> = TZ_VARIANTS.iter().filter(in_city).collect();
    match cities.as_slice() {
        [] => Err(format!("`{text}` is not a time zone such as Europe/Berlin or America/New_York")),
        [zone] => Ok(**zone),
        several => {
            let names: Vec<_> = several.iter().map(|zone| zone.name()).collect();
            Err(format!("`{text}` may be {}", names.join(" or ")))
        }
    }
}

/// A name and its new value: "evening=17-23".
pub(super) fn assignment(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("`{text}` lacks its value: write {text}=VALUE"))?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// "on" or "off".
pub(super) fn on_or_off(text: &str) -> Result<bool, String> {
    match text.trim().to_lowercase().as_str() {
        "on" | "yes" => Ok(true),
        "off" | "no" => Ok(false),
        _ => Err(format!("`{text}` is neither on nor off")),
    }
}

/// A length of time: "45m", "1h30m", "2h", "90" (minutes).
pub(super) fn length(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a length: write it like 45m, 1h30m or 2h");
    let (mut minutes, mut number) = (0_i64, String::new());
    for c in text.trim().to_lowercase().chars().filter(|c| !c.is_whitespace()) {
        let unit = match c {
            '0'..='9' => {
                number.push(c);
                continue;
            }
            'm' => 1,
            'h' => 60,
            'd' => 24 * 60,
            _ => return Err(wrong()),
        };
        let count: i64 = number.parse().map_err(|_error| wrong())?;
        minutes = count.checked_mul(unit).and_then(|more| minutes.checked_add(more)).ok_or_else(wrong)?;
        number.clear();
    }
    if !number.is_empty() {
        let rest: i64 = number.parse().map_err(|_error| wrong())?;
        minutes = minutes.checked_add(rest).ok_or_else(wrong)?;
    }
    if (1..=366 * 24 * 60).contains(&minutes) { Ok(Duration::minutes(minutes)) } else { Err(wrong()) }
}

pub(super) fn scope() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.iter().map(|scope| scope.as_str())).try_map(|text| text.parse::<Scope>())
}

pub(super) fn message_status() -> impl TypedValueParser<Value = MessageStatus> {
    PossibleValuesParser::new(MessageStatus::ALL.iter().map(|status| status.as_str()))
        .try_map(|text| text.parse::<MessageStatus>())
}

pub(super) fn channel() -> impl TypedValueParser<Value = Channel> {
    PossibleValuesParser::new(Channel::ALL.iter().map(|channel| channel.as_str()))
        .try_map(|text| text.parse::<Channel>())
}

pub(super) fn job_state() -> impl TypedValueParser<Value = JobState> {
    PossibleValuesParser::new(JobState::ALL.iter().map(|state| state.as_str())).try_map(|text| text.parse::<JobState>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_words_or_dates_that_exist() {
        assert_eq!("Week".parse(), Ok(Days::Week));
        assert_eq!("2024-02-29".parse(), Ok(Days::From(NaiveDate::from_ymd_opt(2024, 2, 29).unwrap())));
        assert_eq!("2026-12".parse(), Ok(Days::Month(NaiveDate::from_ymd_opt(2026, 12, 1))));
        for bad in ["2026-02-30", "yesterday", "tomorow", "2026-13", "24.12.2026", ""] {
            let why = bad.parse::<Days>().unwrap_err();
            assert!(why.contains("2026-12-24") && why.contains("tomorrow, week, month"), "{bad}: {why}");
        }
    }

    #[test]
    fn lengths_have_units_and_bounds() {
        for (text, minutes) in [("45m", 45), ("1h30m", 90), ("2H", 120), ("1h 5", 65), ("90", 90), ("1d", 1_440)] {
            assert_eq!(length(text), Ok(Duration::minutes(minutes)), "{text}");
        }
        for bad in ["", "0m", "h", "-5m", "1y", "99999999999999999999h", "400d"] {
            assert!(length(bad).unwrap_err().contains("1h30m"), "{bad}");
        }
    }

    #[test]
    fn zones_are_found_by_their_city_when_there_is_one() {
        assert_eq!(zone("europe/berlin"), Ok(Tz::Europe__Berlin));
        assert_eq!(zone("Berlin"), Ok(Tz::Europe__Berlin));
        assert_eq!(zone(" new york "), Ok(Tz::America__New_York));
        assert_eq!(zone("UTC"), Ok(Tz::UTC));
        assert!(zone("Louisville").unwrap_err().contains("America/Kentucky/Louisville"));
        assert!(zone("Atlantis").unwrap_err().contains("Europe/Berlin"));
        assert!(zone("").is_err());
    }
}
