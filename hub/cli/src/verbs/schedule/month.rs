//! A month as a picture: weeks below each other, days beside each other, what is on in each.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use chrono_tz::Tz;
use unicode_width::UnicodeWidthStr;
use xswarm_core::appointment::Occurrence;

use crate::{
    screen::{Screen, Tone, one_line},
    table::shortened,
    when::View,
};

/// Columns of a picture that is not for a terminal.
const USUAL_WIDTH: usize = 112;

/// A day gets at least so many columns; narrower and only numbers are shown.
const NARROWEST: usize = 9;

/// How many appointments of a day are shown; of more it says how many.
const SHOWN: usize = 4;

/// The picture of the month that begins on `first`.
pub(super) fn write(
    first: NaiveDate,
    occurrences: &[Occurrence],
    view: View,
    screen: &mut Screen<'_>,
) -> anyhow::Result<()> {
    let width = screen.abilities().width.unwrap_or(USUAL_WIDTH).saturating_sub(6) / 7;
    let days = by_day(occurrences, view.zone, first);
    screen.toned(Tone::Strong, &format!("{} ({})", first.format("%B %Y"), view.zone))?;
    let heading: Vec<_> =
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map(|day| (Tone::Faint, day.to_owned())).into();
    row(&heading, width.max(5), screen)?;
    let before = u64::from(first.weekday().num_days_from_monday());
    let mut monday = first.checked_sub_days(Days::new(before)).unwrap_or(first);
    while monday <= first || monday.month() == first.month() {
        let week: Vec<NaiveDate> = monday.iter_days().take(7).collect();
        let cells: Vec<Vec<(Tone, String)>> = week
            .iter()
            .map(|day| if day.month() == first.month() { cell(*day, days.get(day), width, view) } else { Vec::new() })
            .collect();
        for line in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let parts: Vec<_> = cells.iter().map(|cell| cell.get(line).cloned().unwrap_or_default()).collect();
            row(&parts, width.max(5), screen)?;
        }
        match monday.checked_add_days(Days::new(7)) {
            Some(next) => monday = next,
            None => break,
        }
    }
    Ok(())
}

/// What is on on each day from `first`; what lasts several days is on on each of them.
pub(super) fn by_day(occurrences: &[Occurrence], zone: Tz, first: NaiveDate) -> BTreeMap<NaiveDate, Vec<&Occurrence>> {
    let mut days: BTreeMap<NaiveDate, Vec<&Occurrence>> = BTreeMap::new();
    let day = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    for one in occurrences {
        let last = day(one.end - chrono::Duration::milliseconds(1));
        for date in day(one.start).max(first).iter_days().take_while(|date| *date <= last).take(62) {
            days.entry(date).or_default().push(one);
        }
    }
    days
}

fn cell(day: NaiveDate, all: Option<&Vec<&Occurrence>>, width: usize, view: View) -> Vec<(Tone, String)> {
    let tone = if day == view.today() { Tone::Good } else { Tone::Strong };
    let all = all.map_or(&[][..], Vec::as_slice);
    if width < NARROWEST {
        let count = if all.is_empty() { String::new() } else { format!("·{}", all.len()) };
        return vec![(tone, format!("{}{count}", day.day()))];
    }
    let mut lines = vec![(tone, day.day().to_string())];
    let shown = if all.len() > SHOWN { SHOWN - 1 } else { all.len() };
    for one in all.iter().take(shown) {
        let start = one.start.with_timezone(&view.zone);
        let time = if one.all_day || start.date_naive() != day {
            String::new()
        } else {
            format!("{} ", start.format("%H:%M"))
        };
        lines.push((Tone::Plain, shortened(&format!("{time}{}", one_line(&one.title)), width)));
    }
    if all.len() > shown {
        lines.push((Tone::Faint, format!("+{} more", all.len() - shown)));
    }
    lines.push((Tone::Plain, String::new()));
    lines
}

fn row(cells: &[(Tone, String)], width: usize, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let mut line = String::new();
    for (n, (tone, text)) in cells.iter().enumerate() {
        line.push_str(&screen.paint(*tone, text));
        if n + 1 < cells.len() {
            line.extend(std::iter::repeat_n(' ', (width + 1).saturating_sub(text.width())));
        }
    }
    Ok(screen.line(line.trim_end())?)
}
