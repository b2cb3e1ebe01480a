//! The specification's JSON of a rule, `recurring_rule`: its seven fields, with the whole rule beside them.
//!
//! `{"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "frequency": "weekly", "interval": 2, "end_date": null,
//! "occurrence_count": null, "days_of_week": ["FR"], "day_of_month": null}` is what is written. Read is that, or only
//! `rrule`, or only the fields (`frequency` at least), or the rule as a plain string. The fields cannot say every rule;
//! `rrule` can, and fields that contradict it are refused rather than ignored.

use std::{borrow::Cow, fmt, str::FromStr};

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};
use utoipa::openapi::schema::OneOfBuilder;

use super::{ByDay, Frequency, Recurrence, RecurrenceEnd, RecurrenceError, grammar::check};
use crate::{
    schema::{self, PartialSchema, RefOr, Schema, ToSchema},
    time::resolve_local,
};

/// A rule whose JSON is the specification's.
///
/// A rule of ours ends by the local clock of its appointment. RFC 5545 §3.3.10 has the end of a rule that belongs to a zone
/// in UTC, marked with a Z: so it is shown to others, and so it is read. Without the Z it is local.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(into = "Fields")]
pub struct Specified {
    rule: Recurrence,
    end: End,
}

/// How the end of a rule is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum End {
    /// It is local and written so.
    Local,
    /// It was read in UTC.
    Utc,
    /// It is local to this zone and written in UTC.
    Shown(Tz),
}

impl Specified {
    /// A rule with a local end, to be written so.
    pub const fn new(rule: Recurrence) -> Self {
        Self { rule, end: End::Local }
    }

    /// A rule with an end that is local to `zone`, to be written in UTC.
    pub const fn shown(rule: Recurrence, zone: Tz) -> Self {
        Self { rule, end: End::Shown(zone) }
    }

    /// The rule with an end by the local clock of `zone`.
    pub fn local(self, zone: Tz) -> Recurrence {
        match (self.rule.end, self.end) {
            (RecurrenceEnd::Until(until), End::Utc) => {
                let end = RecurrenceEnd::Until(until.and_utc().with_timezone(&zone).naive_local());
                Recurrence { end, ..self.rule }
            }
            (
                RecurrenceEnd::Until(_) | RecurrenceEnd::Never | RecurrenceEnd::Count(_),
                End::Local | End::Utc | End::Shown(_),
            ) => self.rule,
        }
    }

    /// The text of the rule.
    fn rrule(&self) -> String {
        match (self.rule.end, self.end) {
            (RecurrenceEnd::Until(until), End::Shown(zone)) => {
                let end = RecurrenceEnd::Until(resolve_local(until, zone).naive_utc());
                Recurrence { end, ..self.rule.clone() }.to_string()
            }
            (RecurrenceEnd::Until(_), End::Local) => self.rule.to_string().trim_end_matches('Z').to_owned(),
            (RecurrenceEnd::Until(_), End::Utc)
            | (RecurrenceEnd::Never | RecurrenceEnd::Count(_), End::Local | End::Utc | End::Shown(_)) => {
                self.rule.to_string()
            }
        }
    }
}

/// The text of the rule.
impl fmt::Display for Specified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rrule())
    }
}

impl FromStr for Specified {
    type Err = RecurrenceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rule = text.parse()?;
        let in_utc = |part: &str| {
            let (name, value) = part.split_once('=').unwrap_or_default();
            name.trim().eq_ignore_ascii_case("UNTIL") && value.trim().ends_with(['Z', 'z'])
        };
        let end = if text.split(';').any(in_utc) { End::Utc } else { End::Local };
        Ok(Self { rule, end })
    }
}

/// What is written, and read where a field says something.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Fields {
    /// RFC 5545 `RRULE`; says everything by itself.
    #[schema(example = "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR")]
    rrule: Option<String>,
    /// `daily`, `weekly`, `monthly` or `yearly` (or `hourly`, `minutely`, `secondly`).
    #[schema(example = "weekly")]
    frequency: Option<String>,
    /// Every so many periods; 1 when absent.
    #[schema(minimum = 1)]
    interval: Option<u32>,
    /// The last day on which it may occur.
    #[schema(example = "2026-12-31")]
    end_date: Option<String>,
    /// After so many occurrences it ends; not together with `end_date`.
    #[schema(minimum = 1)]
    occurrence_count: Option<u32>,
    /// `MO`, `monday`, or counted within the month `2MO`, `-1FR`.
    #[schema(example = json!(["MO", "WE"]))]
    days_of_week: Option<Vec<String>>,
    /// 1 to 31, or -1 to -31 from the end of the month.
    #[schema(minimum = -31, maximum = 31)]
    day_of_month: Option<i8>,
}

impl From<Specified> for Fields {
    fn from(specified: Specified) -> Self {
        let rrule = specified.rrule();
        let rule = specified.rule;
        let (count, until) = match rule.end {
            RecurrenceEnd::Never => (None, None),
            RecurrenceEnd::Count(count) => (Some(count), None),
            RecurrenceEnd::Until(until) => (None, Some(until.date().to_string())),
        };
        let day_of_month = match rule.by_month_day.as_slice() {
            [day] => Some(*day),
            [] | [_, _, ..] => None,
        };
        Self {
            rrule: Some(rrule),
            frequency: Some(name(rule.frequency).to_owned()),
            interval: Some(rule.interval),
            end_date: until,
            occurrence_count: count,
            days_of_week: Some(rule.by_day.iter().map(ToString::to_string).collect()),
            day_of_month,
        }
    }
}

impl TryFrom<Fields> for Specified {
    type Error = RecurrenceError;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let said = Said::read(&fields)?;
        match &fields.rrule {
            Some(rrule) => rrule.parse().and_then(|rule| said.agrees(rule)),
            None => said.rule().map(Self::new),
        }
    }
}

impl<'de> Deserialize<'de> for Specified {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Specified;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a recurring rule: an object with `frequency` or `rrule`, or the text of an RRULE")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Specified, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Specified, A::Error> {
                let fields = Fields::deserialize(MapAccessDeserializer::new(map))?;
                fields.try_into().map_err(de::Error::custom)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

impl PartialSchema for Specified {
    fn schema() -> RefOr<Schema> {
        OneOfBuilder::new().item(Fields::schema()).item(schema::text("rrule", "FREQ=WEEKLY;BYDAY=FR")).into()
    }
}

impl ToSchema for Specified {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed("RecurringRule")
    }
}

const NAMES: [(&str, Frequency); 7] = [
    ("secondly", Frequency::Secondly),
    ("minutely", Frequency::Minutely),
    ("hourly", Frequency::Hourly),
    ("daily", Frequency::Daily),
    ("weekly", Frequency::Weekly),
    ("monthly", Frequency::Monthly),
    ("yearly", Frequency::Yearly),
];

fn name(frequency: Frequency) -> &'static str {
    NAMES.iter().find(|(_, one)| *one == frequency).map_or("", |(name, _)| name)
}

fn wrong(field: &'static str, reason: impl Into<String>) -> RecurrenceError {
    RecurrenceError::Field { field, reason: reason.into() }
}

/// The fields, each understood by itself.
struct Said {
    frequency: Option<Frequency>,
    interval: Option<u32>,
    end_date: Option<NaiveDate>,
    occurrence_count: Option<u32>,
    days_of_week: Option<Vec<ByDay>>,
    day_of_month: Option<i8>,
}

impl Said {
    fn read(fields: &Fields) -> Result<Self, RecurrenceError> {
        let frequency = fields.frequency.as_deref().map(|text| {
            let known = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
            known.map(|(_, frequency)| *frequency).ok_or_else(|| {
                wrong("frequency", format!("is daily, weekly, monthly or yearly (or hourly, …), not `{text}`"))
            })
        });
        if fields.interval == Some(0) {
            return Err(wrong("interval", "is at least 1"));
        }
        if fields.occurrence_count == Some(0) {
            return Err(wrong("occurrence_count", "is at least 1"));
        }
        if fields.day_of_month.is_some_and(|day| day == 0 || !(-31..=31).contains(&day)) {
            return Err(wrong("day_of_month", "is 1 to 31, or -1 to -31 from the end of the month"));
        }
        let end_date = fields.end_date.as_deref().map(|text| {
            text.parse().map_err(|_error| wrong("end_date", format!("is a date like 2026-12-31, not `{text}`")))
        });
        let days = fields.days_of_week.as_ref().map(|days| days.iter().map(|day| day_of_week(day)).collect());
        Ok(Self {
            frequency: frequency.transpose()?,
            interval: fields.interval,
            end_date: end_date.transpose()?,
            occurrence_count: fields.occurrence_count,
            days_of_week: days.transpose()?,
            day_of_month: fields.day_of_month,
        })
    }

    fn rule(self) -> Result<Recurrence, RecurrenceError> {
        let frequency = self.frequency.ok_or_else(|| wrong("frequency", "is missing, and there is no `rrule`"))?;
        let mut rule = Recurrence::every(frequency);
        rule.interval = self.interval.unwrap_or(1);
        rule.by_day = self.days_of_week.unwrap_or_default();
        rule.by_month_day = self.day_of_month.into_iter().collect();
        rule.end = match (self.occurrence_count, self.end_date) {
            (Some(_), Some(_)) => return Err(wrong("occurrence_count", "does not go with `end_date`: send one")),
            (Some(count), None) => RecurrenceEnd::Count(count),
            (None, Some(date)) => RecurrenceEnd::Until(date.and_hms_opt(23, 59, 59).unwrap_or(date.into())),
            (None, None) => RecurrenceEnd::Never,
        };
        // By the letter these would mean every month's 15th and every Monday of the year.
        if frequency == Frequency::Yearly && !rule.by_month_day.is_empty() {
            return Err(wrong("day_of_month", "does not go with yearly, which takes its day from the start"));
        }
        if frequency == Frequency::Yearly && rule.by_day.iter().any(|day| day.nth.is_none()) {
            return Err(wrong("days_of_week", "does not go with yearly: say which week or month in `rrule`"));
        }
        if frequency == Frequency::Weekly && !rule.by_month_day.is_empty() {
            return Err(wrong("day_of_month", "does not go with weekly"));
        }
        if frequency != Frequency::Monthly
            && frequency != Frequency::Yearly
            && rule.by_day.iter().any(|day| day.nth.is_some())
        {
            return Err(wrong("days_of_week", "counts its days (as in 2MO) only with monthly or yearly"));
        }
        check(&rule)?;
        Ok(rule)
    }

    /// The rule, unless a field says otherwise.
    fn agrees(self, specified: Specified) -> Result<Specified, RecurrenceError> {
        let rule = &specified.rule;
        // The day of an end in UTC may be the one before or after in the zone, which is not known here.
        let distance = i64::from(specified.end == End::Utc);
        let near = |date: NaiveDate, until: NaiveDate| (date - until).num_days().abs() <= distance;
        let count = match rule.end {
            RecurrenceEnd::Count(count) => Some(count),
            RecurrenceEnd::Never | RecurrenceEnd::Until(_) => None,
        };
        let until = match rule.end {
            RecurrenceEnd::Until(until) => Some(until.date()),
            RecurrenceEnd::Never | RecurrenceEnd::Count(_) => None,
        };
        let same_days = |mut days: Vec<ByDay>| {
            let mut ours = rule.by_day.clone();
            let order = |day: &ByDay| (day.nth, day.weekday.num_days_from_monday());
            days.sort_by_key(order);
            ours.sort_by_key(order);
            days == ours
        };
        for (field, agrees) in [
            ("frequency", self.frequency.is_none_or(|frequency| frequency == rule.frequency)),
            ("interval", self.interval.is_none_or(|interval| interval == rule.interval)),
            ("end_date", self.end_date.is_none_or(|date| until.is_some_and(|until| near(date, until)))),
            ("occurrence_count", self.occurrence_count.is_none_or(|said| Some(said) == count)),
            ("days_of_week", self.days_of_week.is_none_or(same_days)),
            ("day_of_month", self.day_of_month.is_none_or(|day| rule.by_month_day.contains(&day))),
        ] {
            if !agrees {
                return Err(wrong(field, "contradicts `rrule`: send one of them"));
            }
        }
        Ok(specified)
    }
}

/// `MO`, `2MO`, `-1FR`, or the English name of a weekday. No numbers: some count them from Sunday, some from Monday.
fn day_of_week(text: &str) -> Result<ByDay, RecurrenceError> {
    let named = || text.parse::<Weekday>().ok().map(|weekday| ByDay { nth: None, weekday });
    text.parse()
        .ok()
        .or_else(named)
        .ok_or_else(|| wrong("days_of_week", format!("has weekdays like \"MO\", \"2MO\" or \"monday\", not `{text}`")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, from_value, json, to_value};

    use super::*;

    fn read(value: Value) -> Result<String, String> {
        from_value::<Specified>(value).map(|specified| specified.rule.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn the_fields_the_rule_and_its_text_are_read() {
        for (value, rule) in [
            (json!("FREQ=DAILY;BYHOUR=9,17"), "FREQ=DAILY;BYHOUR=9,17"),
            (json!({"rrule": "RRULE:freq=daily"}), "FREQ=DAILY"),
            (json!({"frequency": "daily"}), "FREQ=DAILY"),
            (
                json!({"frequency": "Weekly", "interval": 2, "days_of_week": ["mo", "Friday", "sun"]}),
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR,SU",
            ),
            (
                json!({"frequency": "monthly", "days_of_week": ["-1FR"], "occurrence_count": 3}),
                "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3",
            ),
            (
                json!({"frequency": "monthly", "day_of_month": 31, "end_date": "2026-12-31"}),
                "FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20261231T235959Z",
            ),
            (json!({"frequency": "yearly", "interval": null, "end_date": null, "days_of_week": []}), "FREQ=YEARLY"),
            (
                json!({"rrule": "FREQ=WEEKLY;BYDAY=MO,FR", "frequency": "weekly", "days_of_week": ["FR", "monday"]}),
                "FREQ=WEEKLY;BYDAY=MO,FR",
            ),
        ] {
            assert_eq!(read(value).as_deref(), Ok(rule));
        }
    }

    #[test]
    fn what_is_written_reads_back() {
        for rule in [
            "FREQ=SECONDLY;INTERVAL=90",
            "FREQ=MONTHLY;BYMONTHDAY=1,15",
            "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;UNTIL=20300101T120000",
            "FREQ=WEEKLY;BYDAY=MO,TU;WKST=SU;COUNT=4",
        ] {
            let written = to_value(Specified::new(rule.parse().unwrap())).unwrap();
            assert_eq!(written["rrule"], rule);
            assert_eq!(read(written).as_deref().map(|read| read.trim_end_matches('Z')), Ok(rule));
        }
        let written = to_value(Specified::new("FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20300102".parse().unwrap())).unwrap();
        let expected = json!({
            "rrule": "FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20300102T235959", "frequency": "monthly", "interval": 1,
            "end_date": "2030-01-02", "occurrence_count": null, "days_of_week": [], "day_of_month": -1,
        });
        assert_eq!(written, expected);
    }

    #[test]
    fn an_end_in_utc_is_that_of_the_zone_and_is_shown_in_utc_again() {
        let berlin = chrono_tz::Europe::Berlin;
        let read: Specified = from_value(json!("FREQ=DAILY;UNTIL=20270705T090000Z")).unwrap();
        let local = read.local(berlin);
        assert_eq!(local.end, RecurrenceEnd::Until("2027-07-05T11:00:00".parse().unwrap()));
        let shown = to_value(Specified::shown(local.clone(), berlin)).unwrap();
        assert_eq!(shown["rrule"], "FREQ=DAILY;UNTIL=20270705T090000Z");
        assert_eq!(shown["end_date"], "2027-07-05");
        let again: Specified = from_value(shown).unwrap();
        assert_eq!(again.local(berlin), local);
        // Late in the evening UTC has another day.
        let late: Specified = from_value(json!("FREQ=DAILY;UNTIL=20270706T063000Z")).unwrap();
        let late = late.local(chrono_tz::America::Los_Angeles);
        let shown = to_value(Specified::shown(late.clone(), chrono_tz::America::Los_Angeles)).unwrap();
        assert_eq!(shown["end_date"], "2027-07-05");
        assert_eq!(from_value::<Specified>(shown).unwrap().local(chrono_tz::America::Los_Angeles), late);
        let plain: Specified = from_value(json!("FREQ=DAILY;UNTIL=20270705T090000")).unwrap();
        assert_eq!(plain.local(berlin).end, RecurrenceEnd::Until("2027-07-05T09:00:00".parse().unwrap()));
    }

    #[test]
    fn contradictions_and_nonsense_are_refused_by_field() {
        for (value, words) in [
            (json!({}), "`frequency` is missing"),
            (json!({"frequency": "fortnightly"}), "not `fortnightly`"),
            (json!({"frequency": "daily", "interval": 0}), "`interval` is at least 1"),
            (json!({"frequency": "daily", "interval": -1}), "invalid value"),
            (json!({"frequency": "daily", "occurrence_count": 0}), "`occurrence_count` is at least 1"),
            (json!({"frequency": "daily", "occurrence_count": 2, "end_date": "2026-01-01"}), "send one"),
            (json!({"frequency": "daily", "end_date": "31.12.2026"}), "not `31.12.2026`"),
            (json!({"frequency": "weekly", "days_of_week": ["noday"]}), "not `noday`"),
            (json!({"frequency": "weekly", "days_of_week": [0]}), "invalid type"),
            (json!({"frequency": "weekly", "days_of_week": ["2MO"]}), "`days_of_week` counts its days"),
            (json!({"frequency": "weekly", "day_of_month": 3}), "`day_of_month` does not go with weekly"),
            (json!({"frequency": "monthly", "day_of_month": 32}), "`day_of_month` is 1 to 31"),
            (json!({"frequency": "monthly", "day_of_month": -128}), "`day_of_month` is 1 to 31"),
            (json!({"frequency": "yearly", "day_of_month": 3}), "`day_of_month` does not go with yearly"),
            (json!({"frequency": "yearly", "days_of_week": ["MO"]}), "`days_of_week` does not go with yearly"),
            (json!({"rrule": "FREQ=DAILY", "interval": 2}), "`interval` contradicts `rrule`"),
            (json!({"rrule": "FREQ=DAILY", "end_date": "2026-01-01"}), "`end_date` contradicts `rrule`"),
            (json!({"rrule": "FREQ=WEEKLY;BYDAY=MO", "days_of_week": ["TU"]}), "`days_of_week` contradicts `rrule`"),
            (json!({"frequency": "daily", "every": 2}), "unknown field `every`"),
            (json!("FREQ=DAILY;BYHOUR=24"), "`BYHOUR=24` is not understood"),
            (json!(7), "a recurring rule: an object"),
        ] {
            let refused = read(value).unwrap_err();
            assert!(refused.contains(words), "{refused}");
        }
    }
}
