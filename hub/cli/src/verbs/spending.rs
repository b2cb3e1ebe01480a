//! `xswarm spending`: what language models cost, by person, channel, purpose and model, and day by day.

use xswarm_core::{
    admin::Status,
    spending::{Cap, CapState, Microdollars, Period, Spending, SpendingDay, SpendingRow},
};

use crate::{
    arguments::SpendingArguments,
    client::{Client, Request},
    failure::Exit,
    household::Household,
    screen::{Screen, Tone},
    table::{Cell, Table, pairs},
};

use super::answer;

/// The longest bar, in characters.
const BAR: i64 = 40;

pub(super) async fn spending(
    hub: &Client,
    options: &SpendingArguments,
    screen: &mut Screen<'_>,
) -> anyhow::Result<Exit> {
    let request = Request::get("/api/spending");
    let request = match options.since {
        // Days of money are those of UTC.
        Some(since) => {
            let status: Status = hub.get("/api/status").await?;
            request.query("from", Some(since.first_day(status.now.date_naive())))
        }
        None => request.query("period", Some(if options.day { Period::Day } else { Period::Month })),
    };
    let Some(document) = answer(hub, request, screen).await? else { return Ok(Exit::Done) };
    let report: Spending = document.read()?;
    let span =
        if report.from == report.to { report.to.to_string() } else { format!("{} to {}", report.from, report.to) };
    let caps = report.caps.iter().map(|state| (state.cap.as_str(), cap(state)));
    pairs(screen, std::iter::once(("spent", Cell::from(format!("{}, {span} (UTC)", report.total)))).chain(caps))?;
    if report.rows.is_empty() {
        return Ok(screen.line("No language model was asked.").map(|()| Exit::Done)?);
    }
    let household = Household::fetch(hub).await?;
    screen.line("")?;
    let mut table = Table::new(&["COST", "CALLS", "READ", "CACHED", "WRITTEN", "WHO", "WHERE", "WHAT FOR", "MODEL"]);
    for row in &report.rows {
        table.row(cells(row, &household));
    }
    table.write(screen)?;
    screen.line("")?;
    let most = report.days.iter().map(|day| day.cost).max().unwrap_or_default();
    for day in &report.days {
        screen.line(&line(day, most))?;
    }
    Ok(Exit::Done)
}

fn cells(row: &SpendingRow, household: &Household) -> [Cell; 9] {
    let tokens = &row.tokens;
    [
        row.cost.to_string().into(),
        row.calls.to_string().into(),
        (tokens.input + tokens.cache_write).to_string().into(),
        tokens.cache_read.to_string().into(),
        tokens.output.to_string().into(),
        household.name_of(row.user_id).into(),
        row.channel.as_str().into(),
        row.purpose.as_str().into(),
        Cell::from(&row.model),
    ]
}

fn cap(state: &CapState) -> Cell {
    let percent = state.spent.percent_of(state.limit);
    let period = match state.cap {
        Cap::Daily => "today",
        Cap::Monthly => "this month",
    };
    let text = format!("{} of {} {period} ({percent} %)", state.spent, state.limit);
    match percent {
        ..80 => Cell::from(text),
        80..100 => Cell::toned(text, Tone::Warning),
        100.. => Cell::toned(format!("{text}: no model is asked until {}", state.until.format("%F %R UTC")), Tone::Bad),
    }
}

/// A day and its bar; the dearest day's is the longest.
fn line(day: &SpendingDay, most: Microdollars) -> String {
    let share = day.cost.percent_of(most).clamp(0, 100);
    let bar = usize::try_from((share * BAR).div_euclid(100).max(1)).unwrap_or(1);
    format!("{}  {:>10}  {}", day.day, day.cost, "█".repeat(bar))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    #[test]
    fn the_dearest_day_has_the_longest_bar_and_every_day_has_one() {
        let day = |cost| SpendingDay { day: NaiveDate::default(), cost: Microdollars(cost) };
        let bar = |cost| line(&day(cost), Microdollars(1_000_000)).matches('█').count();
        assert_eq!((bar(1_000_000), bar(500_000), bar(1)), (40, 20, 1));
        assert_eq!(line(&day(500_000), Microdollars(1_000_000)).split("  ").next(), Some("1970-01-01"));
    }
}
