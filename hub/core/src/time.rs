//! Instants, zones and their one textual form.
//!
//! An instant is `DateTime<Utc>`; on disk it is text of fixed width (ISO 8601, milliseconds, `Z`), so that order by
//! text is order by time. Wall-clock times become instants only through [`resolve_local`], which states the rule for
//! the hours that daylight saving skips or repeats. Nothing here asks what time it is.

use chrono::{DateTime, Duration, LocalResult, NaiveDateTime, SecondsFormat, TimeZone, Utc};
use chrono_tz::Tz;

/// The instant as fixed-width text, e.g. `2026-11-24T15:00:00.000Z`.
pub fn to_text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Reads what [`to_text`] wrote, or any RFC 3339 instant.
pub fn from_text(text: &str) -> Result<DateTime<Utc>, chrono::ParseError> {
    DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc))
}

/// The instant at which the clocks of `zone` show `local`.
///
/// A time that daylight saving skips (gap) moves forward by the length of the gap: 02:30 becomes 03:30.
/// A time that occurs twice (fold) is the first of the two. RFC 5545 §3.3.5 asks for the same.
pub fn resolve_local(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => at.with_timezone(&Utc),
        LocalResult::None => {
            // Inside a gap the offset before the change still gives the instant that RFC 5545 means.
            // No zone ever skipped more than a day.
            let day_before = local - Duration::days(1);
            let offset = match zone.from_local_datetime(&day_before) {
                LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => day_before - at.naive_utc(),
                LocalResult::None => Duration::zero(),
            };
            Utc.from_utc_datetime(&(local - offset))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::NaiveDate;

    fn local(y: i32, m: u32, d: u32, h: u32, min: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(y, m, d).unwrap().and_hms_opt(h, min, 0).unwrap()
    }

    #[test]
    fn text_has_fixed_width_and_reads_back() {
        let at = Utc.with_ymd_and_hms(2026, 1, 2, 3, 4, 5).unwrap();
        assert_eq!(to_text(at), "2026-01-02T03:04:05.000Z");
        assert_eq!(from_text(&to_text(at)), Ok(at));
    }

    #[test]
    fn a_gap_moves_forward_and_a_fold_takes_the_first() {
        let berlin = chrono_tz::Europe::Berlin;
        let gap = resolve_local(local(2026, 3, 29, 2, 30), berlin);
        assert_eq!(to_text(gap), "2026-03-29T01:30:00.000Z");
        assert_eq!(gap.with_timezone(&berlin).naive_local(), local(2026, 3, 29, 3, 30));
        let fold = resolve_local(local(2026, 10, 25, 2, 30), berlin);
        assert_eq!(to_text(fold), "2026-10-25T00:30:00.000Z");
    }

    #[test]
    fn a_skipped_day_moves_forward_too() {
        let apia = chrono_tz::Pacific::Apia;
        let at = resolve_local(local(2011, 12, 30, 12, 0), apia);
        assert_eq!(at.with_timezone(&apia).naive_local(), local(2011, 12, 31, 12, 0));
    }
}
