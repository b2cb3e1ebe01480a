//! Every example of RFC 5545 §3.8.5.3. Dates are written `year: month/day month/day-day`; all are at 9:00 in New York
//! unless a time says otherwise. `…` stands where the RFC's list goes on.

use chrono::{NaiveDate, NaiveDateTime, Utc};
use chrono_tz::America::New_York;
use xswarm_core::{recurrence::Recurrence, time::resolve_local};

const NINE: (u32, u32) = (9, 0);

fn read(dates: &str) -> Vec<NaiveDateTime> {
    let mut found = Vec::new();
    let mut year = 0;
    for word in dates.split_whitespace().filter(|word| *word != "…") {
        if let Some(number) = word.strip_suffix(':') {
            year = number.parse().unwrap();
            continue;
        }
        let (date, time) = word.split_once('T').map_or((word, NINE), |(date, time)| {
            let (hour, minute) = time.split_once('.').unwrap();
            (date, (hour.parse().unwrap(), minute.parse().unwrap()))
        });
        let (month, days) = date.split_once('/').unwrap();
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        for day in first.parse().unwrap()..=last.parse().unwrap() {
            let date = NaiveDate::from_ymd_opt(year, month.parse().unwrap(), day).unwrap();
            found.push(date.and_hms_opt(time.0, time.1, 0).unwrap());
        }
    }
    found
}

/// Rule, start, and its occurrences: all of them unless the list goes on.
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("FREQ=DAILY;COUNT=10", "1997: 9/2", "1997: 9/2-11"),
    ("FREQ=DAILY;UNTIL=19971224T000000Z", "1997: 9/2", "1997: 9/2-30 10/1-31 11/1-30 12/1-23"),
    (
        "FREQ=DAILY;INTERVAL=2",
        "1997: 9/2",
        "1997: 9/2 9/4 9/6 9/8 9/10 9/12 9/14 9/16 9/18 9/20 9/22 9/24 9/26 9/28 9/30 10/2 10/4 10/6 10/8 10/10 10/12 \
         10/14 10/16 10/18 10/20 10/22 10/24 10/26 10/28 10/30 11/1 11/3 …",
    ),
    ("FREQ=DAILY;INTERVAL=10;COUNT=5", "1997: 9/2", "1997: 9/2 9/12 9/22 10/2 10/12"),
    (
        "FREQ=YEARLY;UNTIL=20000131T090000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
        "1998: 1/1",
        "1998: 1/1-31 1999: 1/1-31 2000: 1/1-31",
    ),
    ("FREQ=DAILY;UNTIL=20000131T090000Z;BYMONTH=1", "1998: 1/1", "1998: 1/1-31 1999: 1/1-31 2000: 1/1-31"),
    ("FREQ=WEEKLY;COUNT=10", "1997: 9/2", "1997: 9/2 9/9 9/16 9/23 9/30 10/7 10/14 10/21 10/28 11/4"),
    (
        "FREQ=WEEKLY;UNTIL=19971224T000000Z",
        "1997: 9/2",
        "1997: 9/2 9/9 9/16 9/23 9/30 10/7 10/14 10/21 10/28 11/4 11/11 11/18 11/25 12/2 12/9 12/16 12/23",
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        "1997: 9/2",
        "1997: 9/2 9/16 9/30 10/14 10/28 11/11 11/25 12/9 12/23 1998: 1/6 1/20 2/3 2/17 …",
    ),
    (
        "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH",
        "1997: 9/2",
        "1997: 9/2 9/4 9/9 9/11 9/16 9/18 9/23 9/25 9/30 10/2",
    ),
    ("FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", "1997: 9/2", "1997: 9/2 9/4 9/9 9/11 9/16 9/18 9/23 9/25 9/30 10/2"),
    (
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        "1997: 9/1",
        "1997: 9/1 9/3 9/5 9/15 9/17 9/19 9/29 10/1 10/3 10/13 10/15 10/17 10/27 10/29 10/31 11/10 11/12 11/14 11/24 \
         11/26 11/28 12/8 12/10 12/12 12/22",
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        "1997: 9/2",
        "1997: 9/2 9/4 9/16 9/18 9/30 10/2 10/14 10/16",
    ),
    ("FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "1997: 9/5", "1997: 9/5 10/3 11/7 12/5 1998: 1/2 2/6 3/6 4/3 5/1 6/5"),
    ("FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR", "1997: 9/5", "1997: 9/5 10/3 11/7 12/5"),
    (
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "1997: 9/7",
        "1997: 9/7 9/28 11/2 11/30 1998: 1/4 1/25 3/1 3/29 5/3 5/31",
    ),
    ("FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", "1997: 9/22", "1997: 9/22 10/20 11/17 12/22 1998: 1/19 2/16"),
    ("FREQ=MONTHLY;BYMONTHDAY=-3", "1997: 9/28", "1997: 9/28 10/29 11/28 12/29 1998: 1/29 2/26 …"),
    (
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        "1997: 9/2",
        "1997: 9/2 9/15 10/2 10/15 11/2 11/15 12/2 12/15 1998: 1/2 1/15",
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        "1997: 9/30",
        "1997: 9/30 10/1 10/31 11/1 11/30 12/1 12/31 1998: 1/1 1/31 2/1",
    ),
    ("FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", "1997: 9/10", "1997: 9/10-15 1999: 3/10-13"),
    (
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        "1997: 9/2",
        "1997: 9/2 9/9 9/16 9/23 9/30 11/4 11/11 11/18 11/25 1998: 1/6 1/13 1/20 1/27 3/3 3/10 3/17 3/24 3/31 …",
    ),
    (
        "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        "1997: 6/10",
        "1997: 6/10 7/10 1998: 6/10 7/10 1999: 6/10 7/10 2000: 6/10 7/10 2001: 6/10 7/10",
    ),
    (
        "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        "1997: 3/10",
        "1997: 3/10 1999: 1/10 2/10 3/10 2001: 1/10 2/10 3/10 2003: 1/10 2/10 3/10",
    ),
    (
        "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
        "1997: 1/1",
        "1997: 1/1 4/10 7/19 2000: 1/1 4/9 7/18 2003: 1/1 4/10 7/19 2006: 1/1",
    ),
    ("FREQ=YEARLY;BYDAY=20MO", "1997: 5/19", "1997: 5/19 1998: 5/18 1999: 5/17 …"),
    ("FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "1997: 5/12", "1997: 5/12 1998: 5/11 1999: 5/17 …"),
    (
        "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "1997: 3/13",
        "1997: 3/13 3/20 3/27 1998: 3/5 3/12 3/19 3/26 1999: 3/4 3/11 3/18 3/25 …",
    ),
    (
        "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
        "1997: 6/5",
        "1997: 6/5 6/12 6/19 6/26 7/3 7/10 7/17 7/24 7/31 8/7 8/14 8/21 8/28 1998: 6/4 6/11 6/18 6/25 7/2 7/9 7/16 \
         7/23 7/30 8/6 8/13 8/20 8/27 1999: 6/3 6/10 6/17 6/24 7/1 7/8 7/15 7/22 7/29 8/5 8/12 8/19 8/26 …",
    ),
    // The RFC takes the start away with an EXDATE; the rule alone does not have it.
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "1997: 9/2", "1998: 2/13 3/13 11/13 1999: 8/13 2000: 10/13 …"),
    (
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "1997: 9/13",
        "1997: 9/13 10/11 11/8 12/13 1998: 1/10 2/7 3/7 4/11 5/9 6/13 …",
    ),
    (
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "1996: 11/5",
        "1996: 11/5 2000: 11/7 2004: 11/2 …",
    ),
    ("FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "1997: 9/4", "1997: 9/4 10/7 11/6"),
    (
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
        "1997: 9/29",
        "1997: 9/29 10/30 11/27 12/30 1998: 1/29 2/26 3/30 …",
    ),
    // Erratum 3883: UNTIL is meant as 17:00 local time.
    ("FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z", "1997: 9/2", "1997: 9/2T9.00 9/2T12.00 9/2T15.00"),
    ("FREQ=MINUTELY;INTERVAL=15;COUNT=6", "1997: 9/2", "1997: 9/2T9.00 9/2T9.15 9/2T9.30 9/2T9.45 9/2T10.00 9/2T10.15"),
    ("FREQ=MINUTELY;INTERVAL=90;COUNT=4", "1997: 9/2", "1997: 9/2T9.00 9/2T10.30 9/2T12.00 9/2T13.30"),
    ("FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40", "1997: 9/2", TWENTY_MINUTES),
    ("FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16", "1997: 9/2", TWENTY_MINUTES),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997: 8/5", "1997: 8/5 8/10 8/19 8/24"),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997: 8/5", "1997: 8/5 8/17 8/19 8/31"),
    ("FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "2007: 1/15", "2007: 1/15 1/30 2/15 3/15 3/30"),
];

const TWENTY_MINUTES: &str = "1997: 9/2T9.00 9/2T9.20 9/2T9.40 9/2T10.00 9/2T10.20 9/2T10.40 9/2T11.00 9/2T11.20 \
    9/2T11.40 9/2T12.00 9/2T12.20 9/2T12.40 9/2T13.00 9/2T13.20 9/2T13.40 9/2T14.00 9/2T14.20 9/2T14.40 9/2T15.00 \
    9/2T15.20 9/2T15.40 9/2T16.00 9/2T16.20 9/2T16.40 9/3T9.00 9/3T9.20 …";

#[test]
fn the_examples_of_the_rfc_come_out_as_printed() {
    for (text, start, dates) in EXAMPLES {
        let rule: Recurrence = text.parse().unwrap();
        let (start, expected) = (read(start)[0], read(dates));
        let most = expected.len() + usize::from(!dates.ends_with('…'));
        let found: Vec<_> = rule.local_occurrences(start).unwrap().take(most).collect();
        assert_eq!(found, expected, "{text}");
        let instants = rule.occurrences(resolve_local(start, New_York), New_York).unwrap().take(most);
        let walls: Vec<_> = instants.map(|at| at.with_timezone(&New_York).naive_local()).collect();
        assert_eq!(walls, expected, "{text}");
        // Asked from any of them on, the rest follows.
        for (n, from) in expected.iter().enumerate().step_by(7) {
            let from = resolve_local(*from, New_York).with_timezone(&Utc);
            let rest = rule.occurrences_from(resolve_local(start, New_York), New_York, from).unwrap();
            let walls: Vec<_> = rest.take(most - n).map(|at| at.with_timezone(&New_York).naive_local()).collect();
            assert_eq!(walls, expected[n..], "{text} from {from}");
        }
    }
}
