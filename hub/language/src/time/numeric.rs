//! Family: dates in digits. 2024-01-15, 1/15/2024, 15.01.2024, 2/15, 3/2015.
//!
//! The order of day and month follows the locale, unless a field above 12 decides; with full stops the day comes
//! first everywhere; a first field of four digits is the year.

use chrono::NaiveDate;

use super::{
    chart::{Chart, Item, Need},
    expression::{Anchor, Date, Relation},
    value::Locale,
};
use crate::lexer::phrases::any;

impl Chart<'_> {
    pub(super) fn numeric_dates(&self, i: usize, found: &mut Vec<Item<Date>>) {
        let read = self.read;
        let Some((first, first_digits)) = read.digits(i) else { return };
        // 20260115T…: basic ISO 8601
        if first_digits == 8 && read.is(i + 1, "t") {
            if let (Ok(year), month, day) = (i32::try_from(first / 10_000), first / 100 % 100, first % 100)
                && let Some(date) = NaiveDate::from_ymd_opt(year, month, day)
            {
                found.push(Item::sure(i + 1, Date { exact: Some(date), ..Date::default() }));
            }
            return;
        }
        self.iso_dates(i, first, first_digits, found);
        let Some(separator) = ['/', '-', '.'].into_iter().find(|symbol| read.tight_symbol(i + 1, *symbol)) else {
            return;
        };
        let Some((second, second_digits)) = read.digits(i + 2) else { return };
        // A digit group glued in front makes it something else, such as a telephone number.
        let glued_before = i >= 2
            && read.glued(i)
            && read.any_symbol(i - 1)
            && read.glued(i - 1)
            && read.digits(i - 2).is_some()
            && !read.iso_interval(i - 1);
        if read.tight_symbol(i + 3, separator)
            && let Some((third, third_digits)) = read.digits(i + 4)
        {
            let more = read.tight_symbol(i + 5, separator)
                && read.digits(i + 6).is_some_and(|(_, digits)| digits != 4 && (third_digits != 4));
            let range = separator == '-' && third_digits == 4;
            if (glued_before && !range && !self.numeric_range_before(i)) || (more && !range) {
                return;
            }
            let fields = [(first, first_digits), (second, second_digits), (third, third_digits)];
            if let Some((year, month, day)) = self.order(fields, separator) {
                if let Some(date) = NaiveDate::from_ymd_opt(year, month, day) {
                    // With full stops and with the year in front everybody means the same.
                    let open = separator != '.' && first_digits <= 2 && month != day;
                    let otherwise = if open { NaiveDate::from_ymd_opt(year, day, month) } else { None };
                    found.push(Item::sure(i + 5, Date { exact: Some(date), otherwise, ..Date::default() }));
                } else {
                    // Kept, so that the resolution can say that there is no such date.
                    found.push(Item::sure(
                        i + 5,
                        Date {
                            day: Some(day),
                            month: Some((month, Relation::Bare)),
                            year: Some(year),
                            ..Date::default()
                        },
                    ));
                }
            }
            return;
        }
        if glued_before && !self.numeric_range_before(i) {
            return;
        }
        // 09/2012
        if first_digits <= 2
            && second_digits == 4
            && separator != '.'
            && (1..=12).contains(&first)
            && (1900..=2200).contains(&second)
        {
            let year = i32::try_from(second).ok();
            found.push(Item::sure(i + 3, Date { month: Some((first, Relation::Bare)), year, ..Date::default() }));
        }
        // 2012-09
        if first_digits == 4
            && second_digits == 2
            && separator == '-'
            && (1..=12).contains(&second)
            && (1900..=2200).contains(&first)
        {
            let year = i32::try_from(first).ok();
            found.push(Item::latent(
                i + 3,
                Date { month: Some((second, Relation::Bare)), year, ..Date::default() },
                Need::Month,
            ));
        }
        // 2/15
        if first_digits <= 2 && second_digits <= 2 {
            let day_first = self.context.locale == Locale::International;
            let (month, day) =
                if first > 12 || (day_first && second <= 12) { (second, first) } else { (first, second) };
            if (1..=12).contains(&month) && (1..=31).contains(&day) {
                // "24/7" is always, not in July.
                let always = (first, second) == (24, 7);
                let need = match separator {
                    '/' if !self.fraction(i) && !always => None,
                    _ => Some(Need::Numeric),
                };
                found.push(Item::with_need(
                    i + 3,
                    Date { day: Some(day), month: Some((month, Relation::Bare)), ..Date::default() },
                    need,
                ));
            }
        }
    }

    /// ISO 8601 beyond year, month and day: "2026-W50", "2026-W50-3", "2026-335", "20270504".
    fn iso_dates(&self, i: usize, first: u32, digits: usize, found: &mut Vec<Item<Date>>) {
        let read = self.read;
        let exact = |date: NaiveDate| Date { exact: Some(date), ..Date::default() };
        if digits == 8 && read.closes(i + 1) {
            let date = i32::try_from(first / 10_000)
                .ok()
                .filter(|year| (1900..2200).contains(year))
                .and_then(|year| NaiveDate::from_ymd_opt(year, first / 100 % 100, first % 100));
            found.extend(date.map(|date| Item::latent(i + 1, exact(date), Need::Numeric)));
        }
        let Some(year) = i32::try_from(first).ok().filter(|year| digits == 4 && (1900..2200).contains(year)) else {
            return;
        };
        if !read.tight_symbol(i + 1, '-') {
            return;
        }
        if read.is(i + 2, "w")
            && read.glued(i + 3)
            && let Some((week, 2)) = read.digits(i + 3)
        {
            if let (true, Some((day @ 1..=7, 1))) = (read.tight_symbol(i + 4, '-'), read.digits(i + 5)) {
                let weekday = (1..day).fold(chrono::Weekday::Mon, |weekday, _| weekday.succ());
                let date = NaiveDate::from_isoywd_opt(year, week, weekday);
                found.extend(date.map(|date| Item::sure(i + 6, exact(date))));
            }
            let of = Date { year: Some(year), ..Date::anchored(Anchor::WeekNumber(week)) };
            found.push(Item::sure(i + 4, of));
        }
        if let Some((day, 3)) = read.digits(i + 2)
            && read.ends(i + 3)
        {
            let date = NaiveDate::from_yo_opt(year, day);
            found.extend(date.map(|date| Item::latent(i + 3, exact(date), Need::Numeric)));
        }
    }

    /// "1/2 cup", "3/4 of": rather a fraction.
    fn fraction(&self, i: usize) -> bool {
        let read = self.read;
        let (Some((over, _)), Some((under, _))) = (read.digits(i), read.digits(i + 2)) else { return false };
        let small = over < under && under <= 10 && over < 4;
        small && !read.closes(i + 3) || read.one_of(i + 3, any!("of|cup|cups"))
    }

    /// Whether a date with a year stands directly before, parted by a dash: "3/2/2027-3/9/2027".
    fn numeric_range_before(&self, i: usize) -> bool {
        let read = self.read;
        read.dash(i.wrapping_sub(1))
            && i.checked_sub(2).is_some_and(|before| read.digits(before).is_some())
            && i.checked_sub(3).is_some_and(|before| read.symbol(before, '/') || read.dash(before))
    }

    fn order(&self, fields: [(u32, usize); 3], separator: char) -> Option<(i32, u32, u32)> {
        let [(a, a_digits), (b, b_digits), (c, c_digits)] = fields;
        if a_digits == 4 && b_digits <= 2 && c_digits <= 2 {
            let year = i32::try_from(a).ok().filter(|year| (1000..=3000).contains(year))?;
            // 2024/13/1 can only be year, day, month.
            let (month, day) = if b > 12 && c <= 12 { (c, b) } else { (b, c) };
            return Some((year, month, day));
        }
        if a_digits > 2 || b_digits > 2 {
            return None;
        }
        let year = match c_digits {
            4 => i32::try_from(c).ok().filter(|year| (1000..=3000).contains(year))?,
            2 => self.century(c),
            _ => return None,
        };
        // "1.10.30" is a version or an address before it is a date.
        if separator == '.' && c_digits != 4 {
            return None;
        }
        let day_first = separator == '.' || self.context.locale == Locale::International;
        let (month, day) = match (a > 12, b > 12) {
            (true, false) => (b, a),
            (false, false) if day_first => (b, a),
            (false, true | false) => (a, b),
            (true, true) => return if a > 31 { None } else { Some((year, 13, a)) },
        };
        Some((year, month, day))
    }
}
