//! Requests to language models: booked before they are sent, and what they came to (table `model_calls`).
//!
//! What is spent on a day or in a month is what its requests cost, and of those whose cost is not known what was reserved
//! for them. Looking at the caps and booking are one transaction, so however many ask at once, at most the last one that
//! is let through goes over. Days and months are those of UTC: a cap is the household's, and its people may live in
//! several zones. What a request may cost is the caller's to say.

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc};
use rusqlite::{Row, params};
use xswarm_core::{
    event::Event,
    id::{MessageId, ModelCallId, UserId},
    message::Channel,
    spending::{CallState, Cap, CapState, Caps, Microdollars, Purpose, SpendingDay, SpendingRow, Usage},
    time::to_text,
};

use super::{Rows, Tx};
use crate::{
    StoreError,
    row::{parsed, parsed_or_null},
};

/// Of a cap, when a warning is due, in hundredths.
const NEAR_PERCENT: i64 = 80;

/// What an amount of a request is: its cost, or what was reserved for it.
const AMOUNT: &str = "coalesce(cost_microdollars, reserved_microdollars)";

/// A request that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewModelCall {
    /// Its id.
    pub id: ModelCallId,
    /// For whom.
    pub user: UserId,
    /// Where they asked.
    pub channel: Channel,
    /// What for.
    pub purpose: Purpose,
    /// The message it is about.
    pub message: Option<MessageId>,
    /// Who serves the model.
    pub provider: String,
    /// Which model.
    pub model: String,
    /// What it may cost at most.
    pub reserved: Microdollars,
}

/// What a request came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelCallEnd {
    /// Anything but open.
    pub state: CallState,
    /// What it used, as far as it is known.
    pub usage: Usage,
    /// What it cost; `None` when nobody can tell.
    pub cost: Option<Microdollars>,
    /// How it failed, in a word of ours.
    pub error: Option<String>,
}

/// The UTC day or month of an instant: its first moment, and that of the next.
fn bounds(cap: Cap, now: DateTime<Utc>) -> (DateTime<Utc>, DateTime<Utc>) {
    let today = now.date_naive();
    let (first, next) = match cap {
        Cap::Daily => (today, today.checked_add_days(Days::new(1))),
        Cap::Monthly => {
            let first = today.with_day(1).unwrap_or(today);
            (first, first.checked_add_months(Months::new(1)))
        }
    };
    let midnight = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    (midnight(first), midnight(next.unwrap_or(NaiveDate::MAX)))
}

fn count(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    row.get(column).map(|count: i64| u64::try_from(count).unwrap_or(0))
}

impl Rows<'_> {
    /// What was spent in a span of time, what is reserved included.
    pub fn model_spent(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Microdollars, StoreError> {
        let sql = format!("SELECT coalesce(sum({AMOUNT}), 0) FROM model_calls WHERE began_at >= ? AND began_at < ?");
        let sum = self.one(&sql, [to_text(from), to_text(to)], |row| row.get(0))?;
        Ok(Microdollars(sum.unwrap_or(0)))
    }

    /// How near the caps are.
    pub fn model_caps(&self, caps: Caps, now: DateTime<Utc>) -> Result<Vec<CapState>, StoreError> {
        let of = |cap: &Cap| {
            let (from, until) = bounds(*cap, now);
            let spent = self.model_spent(from, until)?;
            Ok(CapState { cap: *cap, limit: caps.limit(*cap), spent, until })
        };
        Cap::ALL.iter().map(of).collect()
    }

    /// Who spent what on what, the most expensive first; one person's alone when they are named.
    pub fn model_spending(
        &self,
        user: Option<UserId>,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<SpendingRow>, StoreError> {
        let sql = format!(
            "SELECT user_id, channel, purpose, model, count(*) AS calls, sum(input_tokens) AS input, \
             sum(cache_read_tokens) AS cache_read, sum(cache_write_tokens) AS cache_write, sum(output_tokens) AS output, \
             sum({AMOUNT}) AS cost FROM model_calls WHERE began_at >= ?1 AND began_at < ?2 AND (?3 IS NULL OR user_id = ?3) \
             GROUP BY user_id, channel, purpose, model ORDER BY cost DESC, calls DESC, user_id, channel, purpose, model"
        );
        let user = user.map(|user| user.to_string());
        self.many(&sql, params![to_text(from), to_text(to), user], |row| {
            Ok(SpendingRow {
                user_id: parsed_or_null(row, "user_id")?,
                channel: parsed(row, "channel")?,
                purpose: parsed(row, "purpose")?,
                model: row.get("model")?,
                calls: count(row, "calls")?,
                tokens: Usage {
                    input: count(row, "input")?,
                    cache_read: count(row, "cache_read")?,
                    cache_write: count(row, "cache_write")?,
                    output: count(row, "output")?,
                },
                cost: Microdollars(row.get("cost")?),
            })
        })
    }

    /// What each day cost, the first first; one person's share when they are named.
    pub fn model_days(
        &self,
        user: Option<UserId>,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<SpendingDay>, StoreError> {
        let sql = format!(
            "SELECT substr(began_at, 1, 10) AS day, sum({AMOUNT}) AS cost FROM model_calls \
             WHERE began_at >= ?1 AND began_at < ?2 AND (?3 IS NULL OR user_id = ?3) GROUP BY day HAVING cost > 0 \
             ORDER BY day"
        );
        let user = user.map(|user| user.to_string());
        self.many(&sql, params![to_text(from), to_text(to), user], |row| {
            Ok(SpendingDay { day: parsed(row, "day")?, cost: Microdollars(row.get("cost")?) })
        })
    }
}

impl Tx<'_> {
    /// Books a request unless a cap is reached; then the cap that is. What costs nothing is always booked.
    pub fn model_call_begin(
        &self,
        call: &NewModelCall,
        caps: Caps,
        now: DateTime<Utc>,
    ) -> Result<Option<Cap>, StoreError> {
        if call.reserved > Microdollars::ZERO {
            let reached = self.model_caps(caps, now)?.into_iter().find(|state| state.spent >= state.limit);
            if let Some(state) = reached {
                self.spending_noted(caps, now)?;
                return Ok(Some(state.cap));
            }
        }
        let sql = "INSERT INTO model_calls (id, user_id, channel, purpose, message_id, provider, model, state, \
                   reserved_microdollars, began_at) VALUES (?, ?, ?, ?, ?, ?, ?, 'open', ?, ?)";
        self.run_one(
            "model call",
            sql,
            params![
                call.id.to_string(),
                call.user.to_string(),
                call.channel.as_str(),
                call.purpose.as_str(),
                call.message.map(|message| message.to_string()),
                call.provider,
                call.model,
                call.reserved.0,
                to_text(now)
            ],
        )?;
        Ok(None)
    }

    /// Notes what a request came to. One that has ended already stays as it is.
    pub fn model_call_end(
        &self,
        id: ModelCallId,
        end: &ModelCallEnd,
        caps: Caps,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE model_calls SET state = ?2, input_tokens = ?3, cache_read_tokens = ?4, cache_write_tokens = ?5, \
                   output_tokens = ?6, cost_microdollars = ?7, error = ?8, ended_at = ?9 WHERE id = ?1 AND state = 'open'";
        let count = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
        self.run(
            sql,
            params![
                id.to_string(),
                end.state.as_str(),
                count(end.usage.input),
                count(end.usage.cache_read),
                count(end.usage.cache_write),
                count(end.usage.output),
                end.cost.map(|cost| cost.0),
                end.error,
                to_text(now)
            ],
        )?;
        if end.state == CallState::Done {
            // It works again: what was put off need not wait any longer.
            let sql = "UPDATE jobs SET due_at = ?1 WHERE kind = 'answer_later' AND state = 'ready' AND due_at > ?1";
            self.run(sql, [to_text(now)])?;
        }
        self.spending_noted(caps, now)
    }

    /// Settles the requests that a crash left open: nobody can tell any more what they cost. How many there were.
    pub fn model_calls_recover(&self, now: DateTime<Utc>) -> Result<usize, StoreError> {
        let sql =
            "UPDATE model_calls SET state = 'unknown', error = 'the hub stopped', ended_at = ? WHERE state = 'open'";
        self.run(sql, [to_text(now)])
    }

    /// Puts on record that a cap is near or reached, each once for its day or month.
    fn spending_noted(&self, caps: Caps, now: DateTime<Utc>) -> Result<(), StoreError> {
        for CapState { cap, limit, spent, .. } in self.model_caps(caps, now)? {
            let percent = spent.percent_of(limit);
            let (name, event) = if percent >= 100 {
                ("reached", Event::SpendingCapReached { cap, spent, limit })
            } else if percent >= NEAR_PERCENT {
                ("near", Event::SpendingNearCap { cap, spent, limit })
            } else {
                continue;
            };
            let (name, period) = (format!("spending_{name}_{cap}"), to_text(bounds(cap, now).0));
            if self.meta(&name)?.as_ref() != Some(&period) {
                self.meta_set(&name, &period)?;
                self.event_append(&event, None, now)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::rows::tests::scratch;

    const CAPS: Caps = Caps { daily: Microdollars(1_000), monthly: Microdollars(2_000) };

    fn at(month: u32, day: u32, hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, month, day, hour, 0, 0).unwrap()
    }

    fn somebody(tx: &Tx<'_>) -> UserId {
        let id = UserId::new(at(1, 1, 0));
        let sql = "INSERT INTO users (id, name, timezone, role, created_at, updated_at) VALUES (?1, 'A', 'UTC', 'admin', ?2, ?2)";
        tx.connection().execute(sql, params![id.to_string(), to_text(at(1, 1, 0))]).unwrap();
        id
    }

    fn call(user: UserId, reserved: i64, now: DateTime<Utc>) -> NewModelCall {
        NewModelCall {
            id: ModelCallId::new(now),
            user,
            channel: Channel::Console,
            purpose: Purpose::Turn,
            message: None,
            provider: "anthropic".into(),
            model: "m".into(),
            reserved: Microdollars(reserved),
        }
    }

    fn done(cost: i64) -> ModelCallEnd {
        let usage = Usage { input: 10, output: 5, ..Usage::default() };
        ModelCallEnd { state: CallState::Done, usage, cost: Some(Microdollars(cost)), error: None }
    }

    fn facts(tx: &Tx<'_>) -> Vec<String> {
        let mut rows = tx.events(0, 100).unwrap();
        rows.sort_by_key(|row| row.sequence);
        rows.into_iter().map(|row| row.event_type).collect()
    }

    #[test]
    fn of_fifty_that_ask_at_once_the_last_one_let_through_is_the_only_one_that_goes_over() {
        scratch(|tx| {
            let (user, now) = (somebody(tx), at(11, 27, 8));
            let booked = (0..50).filter(|_| tx.model_call_begin(&call(user, 300, now), CAPS, now).unwrap().is_none());
            assert_eq!(booked.count(), 4, "900 is below the cap, so the fourth is let through");
            assert_eq!(tx.model_call_begin(&call(user, 1, now), CAPS, now).unwrap(), Some(Cap::Daily));
        });
    }

    #[test]
    fn what_a_request_cost_replaces_what_was_reserved() {
        scratch(|tx| {
            let (user, now) = (somebody(tx), at(11, 27, 8));
            let first = call(user, 1_500, now);
            assert_eq!(tx.model_call_begin(&first, CAPS, now).unwrap(), None);
            assert_eq!(tx.model_call_begin(&call(user, 1, now), CAPS, now).unwrap(), Some(Cap::Daily));
            tx.model_call_end(first.id, &done(200), CAPS, now).unwrap();
            tx.model_call_end(first.id, &done(999), CAPS, now).unwrap();
            assert_eq!(tx.model_caps(CAPS, now).unwrap()[0].spent, Microdollars(200), "it ended once");
            let failed = ModelCallEnd { state: CallState::Failed, cost: Some(Microdollars::ZERO), ..done(0) };
            let second = call(user, 900, now);
            assert_eq!(tx.model_call_begin(&second, CAPS, now).unwrap(), None);
            tx.model_call_end(second.id, &failed, CAPS, now).unwrap();
            assert_eq!(tx.model_spent(at(11, 1, 0), at(12, 1, 0)).unwrap(), Microdollars(200));
        });
    }

    #[test]
    fn days_and_months_begin_anew_in_utc_and_each_cap_holds_by_itself() {
        scratch(|tx| {
            let user = somebody(tx);
            for (day, refused) in [(28, None), (29, None), (30, Some(Cap::Monthly))] {
                let now = at(11, day, 23);
                assert_eq!(tx.model_call_begin(&call(user, 1_000, now), CAPS, now).unwrap(), refused, "{day}");
            }
            let now = at(12, 1, 0);
            assert_eq!(tx.model_call_begin(&call(user, 1_000, now), CAPS, now).unwrap(), None);
            assert_eq!(tx.model_call_begin(&call(user, 1, now), CAPS, now).unwrap(), Some(Cap::Daily));
            assert_eq!(
                tx.model_call_begin(&call(user, 0, now), CAPS, now).unwrap(),
                None,
                "what is free is let through"
            );
        });
    }

    #[test]
    fn nothing_is_let_through_by_a_cap_of_nothing() {
        scratch(|tx| {
            let (user, now) = (somebody(tx), at(11, 27, 8));
            let none = Caps { daily: Microdollars::ZERO, monthly: Microdollars::ZERO };
            assert_eq!(tx.model_call_begin(&call(user, 1, now), none, now).unwrap(), Some(Cap::Daily));
        });
    }

    #[test]
    fn what_a_crash_left_open_counts_as_what_was_reserved() {
        scratch(|tx| {
            let (user, now) = (somebody(tx), at(11, 27, 8));
            tx.model_call_begin(&call(user, 700, now), CAPS, now).unwrap();
            assert_eq!(tx.model_calls_recover(now).unwrap(), 1);
            assert_eq!(tx.model_calls_recover(now).unwrap(), 0);
            assert_eq!(tx.model_caps(CAPS, now).unwrap()[0].spent, Microdollars(700));
        });
    }

    #[test]
    fn a_cap_is_told_of_once_when_it_is_near_and_once_when_it_is_reached() {
        scratch(|tx| {
            let user = somebody(tx);
            let spend = |cost, now| {
                let one = call(user, 1, now);
                assert_eq!(tx.model_call_begin(&one, CAPS, now).unwrap(), None);
                tx.model_call_end(one.id, &done(cost), CAPS, now).unwrap();
            };
            let now = at(11, 27, 8);
            spend(790, now);
            assert!(facts(tx).is_empty());
            spend(20, now);
            spend(20, now);
            assert_eq!(facts(tx), ["spending_near_cap"]);
            spend(200, now);
            assert_eq!(tx.model_call_begin(&call(user, 1, now), CAPS, now).unwrap(), Some(Cap::Daily));
            assert_eq!(facts(tx), ["spending_near_cap", "spending_cap_reached"]);
            spend(900, at(11, 28, 8));
            assert_eq!(facts(tx).len(), 4, "the next day's cap and the month's are near");
        });
    }

    #[test]
    fn a_report_adds_up_by_person_channel_purpose_and_model() {
        scratch(|tx| {
            let (user, now) = (somebody(tx), at(11, 27, 8));
            for (channel, cost, now) in
                [(Channel::Console, 10, now), (Channel::Console, 15, now), (Channel::Sms, 40, at(11, 28, 1))]
            {
                let one = NewModelCall { channel, ..call(user, 100, now) };
                tx.model_call_begin(&one, CAPS, now).unwrap();
                tx.model_call_end(one.id, &done(cost), CAPS, now).unwrap();
            }
            let (from, to) = (at(11, 1, 0), at(12, 1, 0));
            let rows = tx.model_spending(None, from, to).unwrap();
            assert_eq!(
                rows.iter().map(|row| (row.channel, row.calls, row.cost.0)).collect::<Vec<_>>(),
                [(Channel::Sms, 1, 40), (Channel::Console, 2, 25)]
            );
            assert_eq!(rows[1].tokens, Usage { input: 20, output: 10, ..Usage::default() });
            let days = tx.model_days(Some(user), from, to).unwrap();
            assert_eq!(days.iter().map(|day| day.cost.0).collect::<Vec<_>>(), [25, 40]);
            let nobody = Some(UserId::new(at(1, 2, 0)));
            assert!(tx.model_spending(nobody, from, to).unwrap().is_empty());
            assert!(tx.model_days(nobody, from, to).unwrap().is_empty());
        });
    }

    #[test]
    fn the_caps_are_looked_at_by_an_index_that_holds_all_they_need() {
        scratch(|tx| {
            let sql =
                format!("SELECT coalesce(sum({AMOUNT}), 0) FROM model_calls WHERE began_at >= ? AND began_at < ?");
            let plan = tx.plan(&sql);
            assert!(plan.iter().any(|step| step.contains("COVERING INDEX model_calls_cost")), "{plan:#?}");
        });
    }
}
