//! Words to times. Now is Tuesday, 24 November 2026, 9:30 in Berlin.

use crate::printed;

fn check(table: &str) {
    printed::check(table, printed::times);
}

#[test]
fn relative_days() {
    check(
        r"
        today => 2026-11-24
        call the plumber tomorrow => 2026-11-25
        yesterday => 2026-11-23
        the day after tomorrow => 2026-11-26
        we met the day before yesterday => 2026-11-22
        Tomorrow! => 2026-11-25
        tmrw => 2026-11-25
        I'll do it tommorow => 2026-11-25
        2 days from now => 2026-11-26 09:30
        in three days => 2026-11-27 09:30
        five days ago => 2026-11-19 09:30
        a week ago => 2026-11-17 09:30
        in a week => 2026-12-01 09:30
        a fortnight ago => 2026-11-10 09:30
        in two weeks => 2026-12-08 09:30
        3 weeks hence => 2026-12-15 09:30
        two months ago => 2026-09-24 09:30
        in 6 months => 2027-05-24 09:30
        in a year => 2027-11-24 09:30
        ten years from now => 2036-11-24 09:30
        in a couple of days => 2026-11-26 09:30
        in a few days => 2026-11-27 09:30
        the next day => 2026-11-25
        ten days later => 2026-12-04 09:30
        3 days after tomorrow => 2026-11-28
        a week from tomorrow => 2026-12-02
        two weeks from Friday => 2026-12-11
        two days before Christmas => 2026-12-23
        a month after March 1 => 2027-04-01
        in 1 month and 3 days => 2026-12-27 09:30
        4 days from today => 2026-11-28
        two Saturdays from now => 2026-12-05
        3 Fridays ago => 2026-11-06
        ",
    );
}

#[test]
fn weekdays() {
    check(
        r"
        Monday => 2026-11-30
        friday => 2026-11-27
        on Sat => 2026-11-28
        see you thurs => 2026-11-26
        Tues. => 2026-12-01
        this Friday => 2026-11-27
        next Friday => 2026-12-04
        next Monday => 2026-11-30
        next Tuesday => 2026-12-01
        last Sunday => 2026-11-22
        last Tuesday => 2026-11-17
        past Thursday => 2026-11-19
        coming Saturday => 2026-11-28
        this coming Wednesday => 2026-11-25
        Monday of next week => 2026-11-30
        Wednesday of this week => 2026-11-25
        next week Friday => 2026-12-04
        this week Thursday => 2026-11-26
        Friday next week => 2026-12-04
        Tuesday of last week => 2026-11-17
        Saturday week => 2026-12-05
        Friday the 27th => 2026-11-27
        Tuesday the 1st => 2026-12-01
        Friday, November 27 => 2026-11-27
        Wednesday 25 => 2026-11-25
        wendsday => 2026-11-25
        satruday => 2026-11-28
        Thursday, December 3rd, 2026 => 2026-12-03
        ",
    );
}

#[test]
fn periods() {
    check(
        r"
        this week => week 2026-11-23
        next week => week 2026-11-30
        last week => week 2026-11-16
        the week after next => week 2026-12-07
        this month => month 2026-11-01
        next month => month 2026-12-01
        last month => month 2026-10-01
        this year => year 2026-01-01
        next year => year 2027-01-01
        last year => year 2025-01-01
        this quarter => quarter 2026-10-01
        next quarter => quarter 2027-01-01
        last quarter => quarter 2026-07-01
        this weekend => weekend 2026-11-28
        next weekend => weekend 2026-12-05
        last weekend => weekend 2026-11-21
        the week of December 7th => week 2026-12-07
        week 50 => week 2026-12-07
        week 2 of 2027 => week 2027-01-11
        Q1 => quarter 2026-01-01
        Q3 2027 => quarter 2027-07-01
        the third quarter of 2025 => quarter 2025-07-01
        in 2027 => year 2027-01-01
        the year 2030 => year 2030-01-01
        in March => month 2027-03-01
        in March 2027 => month 2027-03-01
        March next year => month 2027-03-01
        next March => month 2027-03-01
        last May => month 2026-05-01
        december 2026 => month 2026-12-01
        Jan '27 => month 2027-01-01
        in May => month 2027-05-01
        ",
    );
}

#[test]
fn months_and_days() {
    check(
        r"
        December 3 => 2026-12-03
        December 3rd => 2026-12-03
        Dec. 3 => 2026-12-03
        3 December => 2026-12-03
        3rd of December => 2026-12-03
        the third of December => 2026-12-03
        on the 3rd of Dec => 2026-12-03
        January 15 2027 => 2027-01-15
        January 15th, 2027 => 2027-01-15
        15 January 2027 => 2027-01-15
        15-Jan-2027 => 2027-01-15
        15/Jan/27 => 2027-01-15
        2027/Feb/1 => 2027-02-01
        Feb 2 => 2027-02-02
        the second of february => 2027-02-02
        twenty first of May => 2027-05-21
        May the fourth => 2027-05-04
        march twenty four => 2027-03-24
        march twenty four twenty twenty seven => 2027-03-24
        november 24 => 2026-11-24
        november 23 => 2027-11-23
        february 29 => 2028-02-29
        February 29 2028 => 2028-02-29
        fifth of november 2027 => 2027-11-05
        18Dec => 2026-12-18
        the 30th => 2026-11-30
        on the 1st => 2026-12-01
        on the 24th => 2026-12-24
        by the 5th => ../2026-12-06 00:00
        the 15th of next month => 2026-12-15
        the 3rd of this month => 2026-11-03
        12th day of next month => 2026-12-12
        ",
    );
}

#[test]
fn numeric_dates() {
    check(
        r"
        2027-01-15 => 2027-01-15
        2027/1/5 => 2027-01-05
        2027.05.25 => 2027-05-25
        1/15/2027 => 2027-01-15
        15/1/2027 => 2027-01-15
        01-15-2027 => 2027-01-15
        15.01.2027 => 2027-01-15
        1/15 => 2027-01-15
        on 4/1 => 2027-04-01
        12/24 => 2026-12-24
        3/2027 => month 2027-03-01
        2026-12-24 18:30 => 2026-12-24 18:30
        2027-02-03T14:05:00 => 2027-02-03 14:05
        2027-02-03T14:05:00Z => 2027-02-03 15:05
        2027-02-03T14:05:00+05:30 => 2027-02-03 09:35
        20270203T140500 => 2027-02-03 14:05
        1/15/27 => 2027-01-15
        31.12.2026 => 2026-12-31
        ",
    );
}

#[test]
fn the_nth_of_a_period() {
    check(
        r"
        first Tuesday of December => 2026-12-01
        the first Monday in January => 2027-01-04
        third Friday of March 2027 => 2027-03-19
        last Friday of this month => 2026-11-27
        the last day of the month => 2026-11-30
        last day of February => 2027-02-28
        first day of next month => 2026-12-01
        second Tuesday of next month => 2026-12-08
        the 2nd Saturday in May 2027 => 2027-05-08
        last Sunday in March => 2027-03-28
        the first week of January => week 2026-12-28
        the last week of December => week 2026-12-28
        first weekend of June => weekend 2027-06-05
        the fourth Thursday of November 2027 => 2027-11-25
        last Monday next month => 2026-12-28
        third thursday this december => 2026-12-17
        the last weekday of the month => 2026-11-30
        first working day of next month => 2026-12-01
        end of the month => 2026-11-30
        end of next week => 2026-12-06
        beginning of next month => 2026-12-01
        start of 2028 => 2028-01-01
        end of the year => 2026-12-31
        EOM => 2026-11-30
        ",
    );
}

#[test]
fn holidays() {
    check(
        r"
        Christmas => 2026-12-25
        on Christmas Eve => 2026-12-24
        New Year's Eve => 2026-12-31
        Halloween => 2027-10-31
        Thanksgiving => 2026-11-26
        Easter => 2027-03-28
        Easter 2028 => 2028-04-16
        Good Friday => 2027-03-26
        Valentine's Day => 2027-02-14
        Labor Day => 2027-09-06
        Mother's Day 2027 => 2027-05-09
        Independence Day => 2027-07-04
        ",
    );
}

#[test]
fn times_of_day() {
    check(
        r"
        3pm => 2026-11-24 15:00
        at 3 pm => 2026-11-24 15:00
        3 p.m. => 2026-11-24 15:00
        3:30pm => 2026-11-24 15:30
        3:30 PM => 2026-11-24 15:30
        3:30 => 2026-11-24 15:30
        15:30 => 2026-11-24 15:30
        at 15 => 2026-11-24 15:00
        8am => 2026-11-25 08:00
        at 8 => 2026-11-24 20:00
        at 10 => 2026-11-24 10:00
        at 7 => 2026-11-24 19:00
        at 12 => 2026-11-24 12:00
        at noon => 2026-11-24 12:00
        noon => 2026-11-24 12:00
        midnight => 2026-11-25 00:00
        at midnight => 2026-11-25 00:00
        midday => 2026-11-24 12:00
        11:45 => 2026-11-24 11:45
        9:05 => 2026-11-24 21:05
        half past three => 2026-11-24 15:30
        quarter past eight => 2026-11-24 20:15
        quarter to four => 2026-11-24 15:45
        a quarter to seven => 2026-11-24 18:45
        ten past three => 2026-11-24 15:10
        ten to four => 2026-11-24 15:50
        20 past 8 => 2026-11-24 20:20
        five minutes to six => 2026-11-24 17:55
        twenty minutes after 5 => 2026-11-24 17:20
        3 o'clock => 2026-11-24 15:00
        three o'clock => 2026-11-24 15:00
        eleven o'clock => 2026-11-24 11:00
        at seven thirty => 2026-11-24 19:30
        seven thirty pm => 2026-11-24 19:30
        seven thirty am => 2026-11-25 07:30
        six fifteen pm => 2026-11-24 18:15
        nine oh five am => 2026-11-25 09:05
        at 15h30 => 2026-11-24 15:30
        1530h => 2026-11-24 15:30
        1530 hours => 2026-11-24 15:30
        at 1730 => 2026-11-24 17:30
        330pm => 2026-11-24 15:30
        1045 pm => 2026-11-24 22:45
        7p => 2026-11-24 19:00
        12:15a => 2026-11-25 00:15
        at 6.45 => 2026-11-24 18:45
        8.30pm => 2026-11-24 20:30
        17:45:30 => 2026-11-24 17:45:30
        3:15:20 pm => 2026-11-24 15:15:20
        12am => 2026-11-25 00:00
        12pm => 2026-11-24 12:00
        11ish => 2026-11-24 11:00
        around 4 => 2026-11-24 16:00
        about 5pm => 2026-11-24 17:00
        at about 6 => 2026-11-24 18:00
        by 5 => ../2026-11-24 17:00
        circa 2pm => 2026-11-24 14:00
        noonish => 2026-11-24 12:00
        ",
    );
}

#[test]
fn days_with_times() {
    check(
        r"
        tomorrow at 3pm => 2026-11-25 15:00
        tomorrow 3pm => 2026-11-25 15:00
        3pm tomorrow => 2026-11-25 15:00
        at 3 tomorrow => 2026-11-25 15:00
        tomorrow at 3 => 2026-11-25 15:00
        10 tomorrow => 2026-11-25 10:00
        Friday at 9 => 2026-11-27 09:00
        Friday 9am => 2026-11-27 09:00
        9am on Friday => 2026-11-27 09:00
        on Friday, at 9:30 => 2026-11-27 09:30
        next Monday at noon => 2026-11-30 12:00
        next tuesday 14:00 => 2026-12-01 14:00
        December 3 at 10:15 => 2026-12-03 10:15
        December 3rd, 2026 at 10:15 am => 2026-12-03 10:15
        10:15 on December 3 => 2026-12-03 10:15
        10am on the 3rd of December => 2026-12-03 10:00
        1/15/2027 8pm => 2027-01-15 20:00
        8pm, 15 January 2027 => 2027-01-15 20:00
        the 30th at 5pm => 2026-11-30 17:00
        Dec 3, 9:00 => 2026-12-03 09:00
        Wed Dec 2 11:40:09 2026 => 2026-12-02 11:40:09
        today at 5 => 2026-11-24 17:00
        today at 8 => 2026-11-24 20:00
        today at 5pm => 2026-11-24 17:00
        tonight at 8 => 2026-11-24 20:00
        tonight at 11 => 2026-11-24 23:00
        8 tonight => 2026-11-24 20:00
        tonight at 1am => 2026-11-25 01:00
        this morning at 8 => 2026-11-24 08:00
        this afternoon at 3 => 2026-11-24 15:00
        this evening at 7:30 => 2026-11-24 19:30
        tomorrow morning at 7 => 2026-11-25 07:00
        tomorrow evening at 7 => 2026-11-25 19:00
        tomorrow at 7 in the evening => 2026-11-25 19:00
        7 in the morning => 2026-11-25 07:00
        8 in the evening => 2026-11-24 20:00
        at 5 in the afternoon => 2026-11-24 17:00
        3 in the morning => 2026-11-25 03:00
        Friday morning at 10 => 2026-11-27 10:00
        Friday night at 9 => 2026-11-27 21:00
        half past seven tomorrow => 2026-11-25 07:30
        quarter to nine on Monday => 2026-11-30 08:45
        Friday at midnight => 2026-11-28 00:00
        Monday @ 4 => 2026-11-30 16:00
        Monday @4:30pm => 2026-11-30 16:30
        tomorrow at noon => 2026-11-25 12:00
        noon on Friday => 2026-11-27 12:00
        @noon => 2026-11-24 12:00
        two weeks from Friday at 3pm => 2026-12-11 15:00
        in 3 days at 5pm => 2026-11-27 17:00
        first Tuesday of December at 6pm => 2026-12-01 18:00
        the last day of the month at noon => 2026-11-30 12:00
        Christmas Eve at 6pm => 2026-12-24 18:00
        ",
    );
}

#[test]
fn parts_of_the_day() {
    check(
        r"
        tomorrow morning => 2026-11-25 06:00/2026-11-25 12:00
        tomorrow afternoon => 2026-11-25 12:00/2026-11-25 18:00
        Friday evening => 2026-11-27 18:00/2026-11-27 22:00
        Friday night => 2026-11-27 20:00/2026-11-28 00:00
        tonight => 2026-11-24 18:00/2026-11-24 22:00
        this morning => 2026-11-24 06:00/2026-11-24 12:00
        this afternoon => 2026-11-24 12:00/2026-11-24 18:00
        this evening => 2026-11-24 18:00/2026-11-24 22:00
        last night => 2026-11-23 20:00/2026-11-24 00:00
        in the morning => 2026-11-25 06:00/2026-11-25 12:00
        in the afternoon => 2026-11-24 12:00/2026-11-24 18:00
        in the evening => 2026-11-24 18:00/2026-11-24 22:00
        at night => 2026-11-24 20:00/2026-11-25 00:00
        Sunday early in the morning => 2026-11-29 05:00/2026-11-29 09:00
        tomorrow lunchtime => 2026-11-25 12:00/2026-11-25 14:00
        end of the day => 2026-11-24 17:00
        by end of day => ../2026-11-24 17:00
        EOD => 2026-11-24 17:00
        tomorrow EOD => 2026-11-25 17:00
        ",
    );
}

#[test]
fn distances_from_now() {
    check(
        r"
        now => 2026-11-24 09:30
        right now => 2026-11-24 09:30
        in 20 minutes => 2026-11-24 09:50
        in 5 min => 2026-11-24 09:35
        in an hour => 2026-11-24 10:30
        in half an hour => 2026-11-24 10:00
        in 2 hours => 2026-11-24 11:30
        in 2.5 hours => 2026-11-24 12:00
        in an hour and a half => 2026-11-24 11:00
        in 1 hour 30 minutes => 2026-11-24 11:00
        in 1h30 => 2026-11-24 11:00
        in 90 sec => 2026-11-24 09:31:30
        in two and a half hours => 2026-11-24 12:00
        in a minute => 2026-11-24 09:31
        in 45 mins => 2026-11-24 10:15
        10 minutes ago => 2026-11-24 09:20
        an hour ago => 2026-11-24 08:30
        2 hours later => 2026-11-24 11:30
        an hour from now => 2026-11-24 10:30
        half an hour from now => 2026-11-24 10:00
        30 min from now => 2026-11-24 10:00
        within 2 hours => ../2026-11-24 11:30
        in about 3 hours => 2026-11-24 12:30
        in 1d 2h => 2026-11-25 11:30
        1 hour 5 minutes ago => 2026-11-24 08:25
        in 3/4 hour => 2026-11-24 10:15
        three quarters of an hour from now => 2026-11-24 10:15
        5 minutes before noon => 2026-11-24 11:55
        2 hours after 3pm => 2026-11-24 17:00
        1 hour before midnight => 2026-11-24 23:00
        an hour before 5pm tomorrow => 2026-11-25 16:00
        +15min => 2026-11-24 09:45
        40 seconds from now => 2026-11-24 09:30:40
        next hour => 2026-11-24 10:30
        ",
    );
}

#[test]
fn zones() {
    check(
        r"
        3pm PST => 2026-11-25 00:00
        3pm ET => 2026-11-24 21:00
        9am UTC => 2026-11-24 10:00
        9:00 GMT tomorrow => 2026-11-25 10:00
        15:00 UTC+2 => 2026-11-24 14:00
        tomorrow at 3pm EST => 2026-11-25 21:00
        Friday 10am Pacific time => 2026-11-27 19:00
        tomorrow at 3pm in EST => 2026-11-25 21:00
        tomorrow at 3pm in New York time => 2026-11-25 21:00
        tomorrow 3pm San Francisco time => 2026-11-26 00:00
        tomorrow at 15:00 Hong Kong time => 2026-11-25 08:00
        tomorrow at noon in London time => 2026-11-25 13:00
        8am Tokyo time => 2026-11-25 00:00
        July 1 at 9am ET => 2027-07-01 15:00
        July 1 at 9am EST => 2027-07-01 16:00
        10:30 Europe/London => 2026-11-24 11:30
        noon America/New_York => 2026-11-24 18:00
        at 8 in the morning London time => 2026-11-25 09:00
        ",
    );
}

#[test]
fn turns_of_phrase() {
    check(
        r"
        the Tuesday after next => 2026-12-08
        Friday after next => 2026-12-04
        Friday the eleventh => 2026-12-11
        the Sunday from last week => 2026-11-22
        dinner on the 15 => 2026-12-15
        we leave on 15 at 8 pm => 2026-12-15 20:00
        3 in the AM => 2026-11-25 03:00
        at 3 15 => 2026-11-24 15:15
        10 past 9 => 2026-11-24 21:10
        20 after 3 => 2026-11-24 15:20
        15 to noon => 2026-11-24 11:45
        from 10 to noon => 2026-11-24 10:00/2026-11-24 12:00
        1 o'clock midnight => 2026-11-25 01:00
        from 9a to 11a => 2026-11-24 09:00/2026-11-24 11:00
        5:32.19 pm => 2026-11-24 17:32:19
        in 2 more minutes => 2026-11-24 09:32
        two weeks after => 2026-12-08 09:30
        in four business days => 2026-11-30
        3 working days ago => 2026-11-19
        a business day from now => 2026-11-25
        within the next 3 days => ../2026-11-27 09:30
        from now until Friday => 2026-11-24 09:30/2026-11-28 00:00
        between 2014 and 2018 => 2014-01-01 00:00/2019-01-01 00:00
        2026-12-01 17:00/2026-12-02 21:00 => 2026-12-01 17:00/2026-12-02 21:00
        18q4 => quarter 2018-10-01
        2027 Q2 => quarter 2027-04-01
        all week => week 2026-11-23
        the month after the next => month 2027-01-01
        last Christmas => 2025-12-25
        next Thanksgiving => 2026-11-26
        10 August 88 AD => 0088-08-10
        1 August 2569 BE => 2026-08-01
        11 am GMT -08:45 => 2026-11-24 20:45
        tomorrow mornign => 2026-11-25 06:00/2026-11-25 12:00
        good mourning => nothing
        2026-W50 => week 2026-12-07
        2026-W50-3 => 2026-12-09
        on 2026-335 => 2026-12-01
        on 20270504 => 2027-05-04
        the penultimate Friday of December => 2026-12-18
        on December 32 => there is no such date: on December 32
        tonight at 2 => 2026-11-25 02:00
        tonight at 8 => 2026-11-24 20:00
        the day before Christmas => 2026-12-24
        the day after Thanksgiving => 2026-11-27
        the week after March 3 => 2027-03-10
        this time tomorrow => 2026-11-25 09:30
        same time next week => 2026-12-01 09:30
        on the 1st of the month => 2026-12-01
        the 1st of this month => 2026-11-01
        Friday fortnight => 2026-12-11
        ",
    );
}
