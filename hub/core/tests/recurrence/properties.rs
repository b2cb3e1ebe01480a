//! What holds for any rule.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, Utc, Weekday};
use chrono_tz::Tz;
use proptest::{collection::vec, prelude::*, sample::select};
use xswarm_core::{
    recurrence::{ByDay, Frequency, Recurrence, RecurrenceEnd},
    time::resolve_local,
};

const DAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

/// Mostly absent.
fn seldom<T: std::fmt::Debug + Clone + 'static>(one: impl Strategy<Value = T> + 'static) -> BoxedStrategy<Vec<T>> {
    prop_oneof![4 => Just(Vec::new()), 1 => vec(one, 1..4)].boxed()
}

fn signed(most: i16) -> impl Strategy<Value = i16> {
    (1..=most, any::<bool>()).prop_map(|(nth, back)| if back { -nth } else { nth })
}

fn small(most: i16) -> impl Strategy<Value = i8> {
    signed(most).prop_map(|nth| i8::try_from(nth).unwrap())
}

fn frequency() -> impl Strategy<Value = Frequency> {
    use Frequency::{Daily, Hourly, Minutely, Monthly, Secondly, Weekly, Yearly};
    select(vec![Secondly, Minutely, Hourly, Daily, Weekly, Monthly, Yearly])
}

fn rules() -> impl Strategy<Value = Recurrence> {
    let by_day = (prop::option::weighted(0.3, small(5)), select(DAYS.to_vec()))
        .prop_map(|(nth, weekday)| ByDay { nth, weekday });
    let end = prop_oneof![
        Just(RecurrenceEnd::Never),
        (1_u32..200).prop_map(RecurrenceEnd::Count),
        starts().prop_map(|start| RecurrenceEnd::Until(start + Duration::days(400))),
    ];
    let days = (seldom(1_u8..=12), seldom(small(53)), seldom(signed(366)), seldom(small(31)), seldom(by_day));
    let times = (seldom(0_u8..24), seldom(0_u8..60), seldom(0_u8..60), seldom(signed(20)));
    (frequency(), 1_u32..20, days, times, (select(DAYS.to_vec()), end))
        .prop_map(|(frequency, interval, days, times, (week_start, end))| Recurrence {
            frequency,
            interval,
            by_month: days.0,
            by_week_number: days.1,
            by_year_day: days.2,
            by_month_day: days.3,
            by_day: days.4,
            by_hour: times.0,
            by_minute: times.1,
            by_second: times.2,
            by_set_position: times.3.into_iter().map(i32::from).collect(),
            week_start,
            end,
        })
        .prop_filter("the RFC forbids it", |rule| rule.to_string().parse::<Recurrence>().is_ok())
}

fn starts() -> impl Strategy<Value = NaiveDateTime> {
    let second = prop_oneof![Just(9 * 3600), Just(2 * 3600 + 1800), 0_i64..86_400];
    (0_i64..36_500, second).prop_map(|(day, second)| {
        let epoch = NaiveDate::from_ymd_opt(1950, 1, 1).unwrap().and_hms_opt(0, 0, 0).unwrap();
        epoch + Duration::days(day) + Duration::seconds(second)
    })
}

fn zones() -> impl Strategy<Value = Tz> {
    use chrono_tz::{America, Asia, Australia, Europe, Pacific};
    select(vec![
        Europe::Berlin,
        America::New_York,
        Australia::Lord_Howe,
        Pacific::Apia,
        America::Sao_Paulo,
        Asia::Kathmandu,
        chrono_tz::UTC,
    ])
}

/// The instants of the first `most` occurrences, found without the code under test for zones.
fn instants(rule: &Recurrence, start: DateTime<Utc>, zone: Tz, most: usize) -> Vec<DateTime<Utc>> {
    let local = start.with_timezone(&zone).naive_local();
    let mut found: Vec<_> =
        rule.local_occurrences(local).unwrap().take(most).map(|at| resolve_local(at, zone)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_rule_reads_back_as_it_was(rule in rules()) {
        prop_assert_eq!(rule.to_string().parse::<Recurrence>(), Ok(rule));
    }

    #[test]
    fn occurrences_ascend_from_the_start(rule in rules(), start in starts()) {
        let found: Vec<_> = rule.local_occurrences(start).unwrap().take(60).collect();
        prop_assert!(found.first().is_none_or(|first| *first >= start));
        prop_assert!(found.is_sorted_by(|one, next| one < next), "{}", rule);
        if let RecurrenceEnd::Until(until) = rule.end {
            prop_assert!(found.last().is_none_or(|last| *last <= until));
        }
    }

    #[test]
    fn a_count_is_kept(rule in rules(), start in starts(), count in 1_u32..50) {
        let endless = Recurrence { end: RecurrenceEnd::Never, ..rule.clone() };
        let counted = Recurrence { end: RecurrenceEnd::Count(count), ..rule };
        let expected: Vec<_> = endless.local_occurrences(start).unwrap().take(count as usize).collect();
        prop_assert_eq!(counted.local_occurrences(start).unwrap().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn instants_are_the_local_times_in_order_and_once(rule in rules(), start in starts(), zone in zones()) {
        let start = resolve_local(start, zone);
        let rule = Recurrence { end: RecurrenceEnd::Count(150), ..rule };
        let found: Vec<_> = rule.occurrences(start, zone).unwrap().collect();
        prop_assert_eq!(found, instants(&rule, start, zone, 150));
    }

    #[test]
    fn from_any_instant_on_are_those_not_before_it(
        rule in rules(), start in starts(), zone in zones(), place in 0_usize..300, seconds in -100_000_i64..100_000,
    ) {
        let start = resolve_local(start, zone);
        let all: Vec<_> = rule.occurrences(start, zone).unwrap().take(400).collect();
        let near = all.get(place).or(all.last()).copied().unwrap_or(start);
        for from in [near, near + Duration::milliseconds(1), near + Duration::seconds(seconds)] {
            let expected: Vec<_> = all.iter().copied().filter(|at| *at >= from).take(20).collect();
            if expected.len() == 20 || all.len() < 400 {
                let found: Vec<_> = rule.occurrences_from(start, zone, from).unwrap().take(20).collect();
                prop_assert_eq!(&found, &expected, "{} from {}", rule, from);
            }
        }
    }
}
