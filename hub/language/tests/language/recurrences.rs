//! Words to recurrence rules. Now is Tuesday, 24 November 2026, 9:30 in Berlin.

use crate::printed;

#[test]
fn recurrences_become_rules() {
    printed::check(
        r"
        every day => FREQ=DAILY
        daily => FREQ=DAILY
        each day at 8 => FREQ=DAILY 08:00
        every day at 7:30am => FREQ=DAILY 07:30
        daily at noon => FREQ=DAILY 12:00
        every morning => FREQ=DAILY 06:00
        every evening at 8 => FREQ=DAILY 20:00
        every night at 9pm => FREQ=DAILY 21:00
        every weekday => FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
        every weekday at 9 => FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 09:00
        weekdays at 6:45 => FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 18:45
        weekends => FREQ=WEEKLY;BYDAY=SA,SU
        every weekend => FREQ=WEEKLY;BYDAY=SA,SU
        on weekdays => FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR
        every Monday => FREQ=WEEKLY;BYDAY=MO
        every Monday at 10am => FREQ=WEEKLY;BYDAY=MO 10:00
        Mondays => FREQ=WEEKLY;BYDAY=MO
        on Mondays => FREQ=WEEKLY;BYDAY=MO
        Mondays and Wednesdays => FREQ=WEEKLY;BYDAY=MO,WE
        every Tuesday and Thursday => FREQ=WEEKLY;BYDAY=TU,TH
        every Tuesday and Thursday at 6pm => FREQ=WEEKLY;BYDAY=TU,TH 18:00
        every Mon, Wed and Fri => FREQ=WEEKLY;BYDAY=MO,WE,FR
        every Mon-Wed => FREQ=WEEKLY;BYDAY=MO,TU,WE
        Tuesdays through Fridays => FREQ=WEEKLY;BYDAY=TU,WE,TH,FR
        every other day => FREQ=DAILY;INTERVAL=2
        every other Friday => FREQ=WEEKLY;INTERVAL=2;BYDAY=FR
        every other Friday until June => FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;UNTIL=20270601T000000Z
        every second Tuesday => FREQ=WEEKLY;INTERVAL=2;BYDAY=TU
        every third day => FREQ=DAILY;INTERVAL=3
        every 3 days => FREQ=DAILY;INTERVAL=3
        every 2 weeks => FREQ=WEEKLY;INTERVAL=2
        every 2 weeks on Monday => FREQ=WEEKLY;INTERVAL=2;BYDAY=MO
        every three weeks on Mon and Fri => FREQ=WEEKLY;INTERVAL=3;BYDAY=MO,FR
        biweekly => FREQ=WEEKLY;INTERVAL=2
        fortnightly => FREQ=WEEKLY;INTERVAL=2
        every fortnight => FREQ=WEEKLY;INTERVAL=2
        weekly => FREQ=WEEKLY
        weekly on Thursday => FREQ=WEEKLY;BYDAY=TH
        every week on Sunday => FREQ=WEEKLY;BYDAY=SU
        every week on Tuesday at 5 => FREQ=WEEKLY;BYDAY=TU 17:00
        every other week on Wednesday => FREQ=WEEKLY;INTERVAL=2;BYDAY=WE
        once a week => FREQ=WEEKLY
        once a month => FREQ=MONTHLY
        once a day => FREQ=DAILY
        every month => FREQ=MONTHLY
        monthly => FREQ=MONTHLY
        monthly on the 15th => FREQ=MONTHLY;BYMONTHDAY=15
        every month on the 1st => FREQ=MONTHLY;BYMONTHDAY=1
        every month on the 1st and 15th => FREQ=MONTHLY;BYMONTHDAY=1,15
        the 1st of every month => FREQ=MONTHLY;BYMONTHDAY=1
        on the 15th of each month => FREQ=MONTHLY;BYMONTHDAY=15
        the last day of every month => FREQ=MONTHLY;BYMONTHDAY=-1
        end of every month => FREQ=MONTHLY;BYMONTHDAY=-1
        beginning of each month => FREQ=MONTHLY;BYMONTHDAY=1
        every month on the last Friday => FREQ=MONTHLY;BYDAY=-1FR
        first Monday of each month => FREQ=MONTHLY;BYDAY=1MO
        the first Monday of every month at 10 => FREQ=MONTHLY;BYDAY=1MO 10:00
        the last Friday of every month => FREQ=MONTHLY;BYDAY=-1FR
        every first Friday of the month => FREQ=MONTHLY;BYDAY=1FR
        every last Sunday of the month => FREQ=MONTHLY;BYDAY=-1SU
        2nd and 4th Tuesday of every month => FREQ=MONTHLY;BYDAY=2TU,4TU
        second to last Friday of each month => FREQ=MONTHLY;BYDAY=-2FR
        the 3rd of every other month => FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=3
        every 3 months => FREQ=MONTHLY;INTERVAL=3
        every quarter => FREQ=MONTHLY;INTERVAL=3
        quarterly => FREQ=MONTHLY;INTERVAL=3
        every 6 months on the 1st => FREQ=MONTHLY;INTERVAL=6;BYMONTHDAY=1
        every year => FREQ=YEARLY
        yearly => FREQ=YEARLY
        annually => FREQ=YEARLY
        every year on December 25th => FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25
        every July 4th => FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=4
        every May 1 at 9am => FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=1 09:00
        every August => FREQ=YEARLY;BYMONTH=8
        once a year on March 3 => FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=3
        every second Sunday in May => FREQ=YEARLY;BYMONTH=5;BYDAY=2SU
        every 5 minutes => FREQ=MINUTELY;INTERVAL=5
        every 20 min => FREQ=MINUTELY;INTERVAL=20
        every hour => FREQ=HOURLY
        hourly => FREQ=HOURLY
        every 2 hours => FREQ=HOURLY;INTERVAL=2
        every half hour => FREQ=MINUTELY;INTERVAL=30
        every Friday at 5pm until December 18 => FREQ=WEEKLY;BYDAY=FR;UNTIL=20261218T235959Z 17:00
        every day until Friday => FREQ=DAILY;UNTIL=20261127T235959Z
        every Monday until June => FREQ=WEEKLY;BYDAY=MO;UNTIL=20270601T000000Z
        every day for 5 times => FREQ=DAILY;COUNT=5
        every day for 10 days => FREQ=DAILY;UNTIL=20261204T093000Z
        every week for 6 weeks => FREQ=WEEKLY;UNTIL=20270105T093000Z
        every Wednesday for the next four weeks => FREQ=WEEKLY;BYDAY=WE;UNTIL=20261222T093000Z
        every day for the next month => FREQ=DAILY;UNTIL=20261224T093000Z
        daily for 2 weeks => FREQ=DAILY;UNTIL=20261208T093000Z
        every Friday starting next week => FREQ=WEEKLY;BYDAY=FR from 2026-11-30
        every Monday from January 4 => FREQ=WEEKLY;BYDAY=MO from 2027-01-04
        daily from January 4 to January 15 => FREQ=DAILY;UNTIL=20270115T235959Z from 2027-01-04
        starting tomorrow, every day at 8 => FREQ=DAILY 08:00 from 2026-11-25
        every Saturday in December => FREQ=WEEKLY;BYDAY=SA;UNTIL=20261226T235959Z from 2026-12-01
        every day next week => FREQ=DAILY;UNTIL=20261206T235959Z from 2026-11-30
        every weekday except Friday => FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR except Fri
        every day except on weekends => FREQ=DAILY except Sat except Sun
        daily except on holidays => FREQ=DAILY except holidays
        every Monday except December 28 => FREQ=WEEKLY;BYDAY=MO except 2026-12-28
        every week except in August => FREQ=WEEKLY except month 8
        every day at 8am and 8pm => FREQ=DAILY 08:00 20:00
        every day at 8, 12 and 6pm => FREQ=DAILY 08:00 12:00 18:00
        daily from 9 to 10 => FREQ=DAILY 09:00-10:00
        every Monday from 2pm to 3pm => FREQ=WEEKLY;BYDAY=MO 14:00-15:00
        3pm every day => FREQ=DAILY 15:00
        at 9am every Sunday => FREQ=WEEKLY;BYDAY=SU 09:00
        Sundays at 9 => FREQ=WEEKLY;BYDAY=SU 09:00
        at 10 on the 15th of every month => FREQ=MONTHLY;BYMONTHDAY=15 10:00
        every Saturday morning => FREQ=WEEKLY;BYDAY=SA 06:00
        every Friday night at 10 => FREQ=WEEKLY;BYDAY=FR 22:00
        everyday at 6 => FREQ=DAILY 18:00
        evry day at 6pm => FREQ=DAILY 18:00
        each Monday and each Thursday => FREQ=WEEKLY;BYDAY=MO,TH
        every workday at 5 => FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 17:00
        every three hours => FREQ=HOURLY;INTERVAL=3
        all Mondays => FREQ=WEEKLY;BYDAY=MO
        twice a week => too vague to act on: twice a week
        three times a day => too vague to act on: three times a day
        every year in week 30 => FREQ=YEARLY;BYWEEKNO=30
        every Friday in week 7 => FREQ=YEARLY;BYWEEKNO=7;BYDAY=FR
        the last day of every year => FREQ=YEARLY;BYYEARDAY=-1
        semi-annually => FREQ=MONTHLY;INTERVAL=6
        every five minutes until noon => FREQ=MINUTELY;INTERVAL=5;UNTIL=20261124T120000Z
        daily at 9 except from July 1 to July 15 => FREQ=DAILY 09:00 except 2027-07-01/2027-07-16
        every Tuesday except the last Tuesday of the month => too vague to act on: every Tuesday except the last Tuesday of the month
        every Christmas => FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=25
        every Thanksgiving at noon => FREQ=YEARLY;BYMONTH=11;BYDAY=4TH 12:00
        every Easter => too vague to act on: every Easter
        call them every now and then => too vague to act on: every now and then
        every 90 seconds => FREQ=SECONDLY;INTERVAL=90
        on Thursday at 3pm every week => FREQ=WEEKLY;BYDAY=TH 15:00 from 2026-11-26
        on Thursday every week at 3pm => FREQ=WEEKLY;BYDAY=TH 15:00 from 2026-11-26
        Tuesday at noon every week until March => FREQ=WEEKLY;BYDAY=TU;UNTIL=20270301T000000Z 12:00 from 2026-12-01
        tomorrow at 3pm every 2 weeks => FREQ=WEEKLY;INTERVAL=2;BYDAY=WE 15:00 from 2026-11-25
        January 7 at 3pm every week for 6 weeks => FREQ=WEEKLY;BYDAY=TH;UNTIL=20270218T093000Z 15:00 from 2027-01-07
        December 3 at 5pm every month => FREQ=MONTHLY;BYMONTHDAY=3 17:00 from 2026-12-03
        December 3 at 5pm every year => FREQ=YEARLY 17:00 from 2026-12-03
        Thursday at 3pm EST every week => FREQ=WEEKLY;BYDAY=TH 21:00 from 2026-11-26
        every year on the 200th => FREQ=YEARLY;BYYEARDAY=200
        ",
        printed::times,
    );
}
