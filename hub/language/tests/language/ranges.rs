//! Words to intervals and lengths of time. Now is Tuesday, 24 November 2026, 9:30 in Berlin.

use crate::printed;

fn check(table: &str) {
    printed::check(table, printed::times);
}

#[test]
fn ranges_of_time() {
    check(
        r"
        3pm to 5pm => 2026-11-24 15:00/2026-11-24 17:00
        from 3 to 5pm => 2026-11-24 15:00/2026-11-24 17:00
        from 3 to 5 => 2026-11-24 15:00/2026-11-24 17:00
        3-5pm => 2026-11-24 15:00/2026-11-24 17:00
        3 - 5 pm => 2026-11-24 15:00/2026-11-24 17:00
        11 to 3pm => 2026-11-24 11:00/2026-11-24 15:00
        11am-1pm => 2026-11-24 11:00/2026-11-24 13:00
        from 9:30 to 11 => 2026-11-24 09:30/2026-11-24 11:00
        between 9 and 11:30 => 2026-11-24 09:00/2026-11-24 11:30
        from noon to 2 => 2026-11-24 12:00/2026-11-24 14:00
        10pm to 2am => 2026-11-24 22:00/2026-11-25 02:00
        8pm - 11 => 2026-11-24 20:00/2026-11-24 23:00
        12-3pm => 2026-11-24 12:00/2026-11-24 15:00
        9-11am => 2026-11-24 09:00/2026-11-24 11:00
        from 2:15 until 3:45 => 2026-11-24 14:15/2026-11-24 15:45
        9:30-10:00 => 2026-11-24 09:30/2026-11-24 10:00
        1pm till 2pm => 2026-11-24 13:00/2026-11-24 14:00
        tomorrow from 3 to 5 => 2026-11-25 15:00/2026-11-25 17:00
        tomorrow 3-5pm => 2026-11-25 15:00/2026-11-25 17:00
        from 3 to 5 tomorrow => 2026-11-25 15:00/2026-11-25 17:00
        3pm to 5pm on Friday => 2026-11-27 15:00/2026-11-27 17:00
        Friday between 10 and noon => 2026-11-27 10:00/2026-11-27 12:00
        December 3rd from 9am to 11am => 2026-12-03 09:00/2026-12-03 11:00
        between 2 and 4 on December 3 => 2026-12-03 14:00/2026-12-03 16:00
        Monday 10-11 => 2026-11-30 10:00/2026-11-30 11:00
        on Monday at 4 - 6:30 pm => 2026-11-30 16:00/2026-11-30 18:30
        tonight from 7 to 9 => 2026-11-24 19:00/2026-11-24 21:00
        from 4pm today to 5pm tomorrow => 2026-11-24 16:00/2026-11-25 17:00
        tomorrow morning from 8 to 10 => 2026-11-25 08:00/2026-11-25 10:00
        from 3 in the afternoon until 6pm => 2026-11-24 15:00/2026-11-24 18:00
        from 9am to 5pm ET => 2026-11-24 15:00/2026-11-24 23:00
        ",
    );
}

#[test]
fn ranges_of_days() {
    check(
        r"
        from Monday to Wednesday => 2026-11-30 00:00/2026-12-03 00:00
        from Friday to Tuesday => 2026-11-27 00:00/2026-12-02 00:00
        Monday through Friday => 2026-11-30 00:00/2026-12-05 00:00
        December 3 to December 7 => 2026-12-03 00:00/2026-12-08 00:00
        December 3-7 => 2026-12-03 00:00/2026-12-08 00:00
        Dec 3 - 7, 2026 => 2026-12-03 00:00/2026-12-08 00:00
        from 3 to 7 December => 2026-12-03 00:00/2026-12-08 00:00
        from the 3rd to the 7th of December => 2026-12-03 00:00/2026-12-08 00:00
        3rd-7th December => 2026-12-03 00:00/2026-12-08 00:00
        Dec 28 to Jan 3 => 2026-12-28 00:00/2027-01-04 00:00
        12/28 - 1/3 => 2026-12-28 00:00/2027-01-04 00:00
        from December to February => 2026-12-01 00:00/2027-03-01 00:00
        January to April 2027 => 2027-01-01 00:00/2027-05-01 00:00
        from 2027 to 2029 => 2027-01-01 00:00/2030-01-01 00:00
        nov 18-dec 19, 2027 => 2027-11-18 00:00/2027-12-20 00:00
        2027-01-05 to 2027-01-09 => 2027-01-05 00:00/2027-01-10 00:00
        next Monday to Friday => 2026-11-30 00:00/2026-12-05 00:00
        from tomorrow to Friday => 2026-11-25 00:00/2026-11-28 00:00
        between Christmas and New Year's Eve => 2026-12-25 00:00/2027-01-01 00:00
        ",
    );
}

#[test]
fn open_sides() {
    check(
        r"
        before Friday => ../2026-11-27 00:00
        after Friday => 2026-11-27 00:00/..
        until Friday => ../2026-11-28 00:00
        by Friday => ../2026-11-28 00:00
        since Monday => 2026-11-23 00:00/..
        after 5pm => 2026-11-24 17:00/..
        before noon => ../2026-11-24 12:00
        until 6 => ../2026-11-24 18:00
        by 5pm tomorrow => ../2026-11-25 17:00
        before 9am on Monday => ../2026-11-30 09:00
        after December 3 => 2026-12-03 00:00/..
        since 2020 => 2020-01-01 00:00/..
        until the 5th => ../2026-12-06 00:00
        tomorrow after 4pm => 2026-11-25 16:00/..
        Friday before noon => ../2026-11-27 12:00
        from Monday on => 2026-11-30 00:00/..
        starting January 5 => 2027-01-05 00:00/..
        as of tomorrow => 2026-11-25 00:00/..
        until next week => ../2026-12-07 00:00
        ",
    );
}

#[test]
fn counted_units() {
    check(
        r"
        the last two weeks => 2026-11-09 00:00/2026-11-23 00:00
        last 3 days => 2026-11-21 00:00/2026-11-24 00:00
        past 2 months => 2026-09-01 00:00/2026-11-01 00:00
        next 3 days => 2026-11-25 00:00/2026-11-28 00:00
        the next two weeks => 2026-11-30 00:00/2026-12-14 00:00
        next 4 hours => 2026-11-24 09:30/2026-11-24 13:30
        last 30 minutes => 2026-11-24 09:00/2026-11-24 09:30
        over the next few days => 2026-11-25 00:00/2026-11-28 00:00
        the rest of the week => 2026-11-24 09:30/2026-11-30 00:00
        rest of the day => 2026-11-24 09:30/2026-11-25 00:00
        later this month => 2026-11-24 09:30/2026-12-01 00:00
        ",
    );
}

#[test]
fn lengths_of_time() {
    check(
        r"
        45 minutes => 45m
        for 2 hours => 2h
        an hour and a half => 1h 30m
        1 hour 30 minutes => 1h 30m
        half an hour => 30m
        2 weeks => 14d
        3 days => 3d
        for 90 seconds => 1m 30s
        a 30-minute break => 30m
        two and a half hours => 2h 30m
        1.5 hours => 1h 30m
        3 months => 3mo
        2 years 21 days => 24mo 21d
        20min => 20m
        a quarter of an hour => 15m
        for an hour => 1h
        ten minutes => 10m
        1 year and 2 months => 14mo
        ",
    );
}

#[test]
fn dates_that_do_not_exist() {
    check(
        r"
        February 30 => there is no such date: February 30
        June 31, 2027 => there is no such date: June 31, 2027
        13/32/2027 => there is no such date: 13/32/2027
        2027-02-29 => there is no such date: 2027-02-29
        30.2.2027 => there is no such date: 30.2.2027
        from May 5 2027 to May 3 2027 => the end is before the start: from May 5 2027 to May 3 2027
        ",
    );
}

#[test]
fn ends_are_counted_from_where_the_words_say() {
    check(
        r"
        mon to thu next week => 2026-11-30 00:00/2026-12-04 00:00
        from Tuesday to next Thursday => 2026-12-01 00:00/2026-12-04 00:00
        next week Monday to Wednesday => 2026-11-30 00:00/2026-12-03 00:00
        9-5 on Monday => 2026-11-30 09:00/2026-11-30 17:00
        the first 3 days of March => 2027-03-01 00:00/2027-03-04 00:00
        the last two weeks of August => 2027-08-18 00:00/2027-09-01 00:00
        the last 3 days of the month => 2026-11-28 00:00/2026-12-01 00:00
        the first 10 days of next month => 2026-12-01 00:00/2026-12-11 00:00
        no earlier than 9am => 2026-11-25 09:00/..
        not before noon => 2026-11-24 12:00/..
        we are there 24/7 => nothing
        ",
    );
}
