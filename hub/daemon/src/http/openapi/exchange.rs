//! Calendar files, feeds, invitations.

use super::operation::{Family, Operation, day, text, yes_or_no};
use xswarm_core::exchange::NewFeed;

const JSON: Option<&str> = Some("application/json");
const CALENDAR: Option<&str> = Some("text/calendar");
const DECIDED: &str = "It is settled already.";

pub(super) fn operations() -> Vec<Operation> {
    let calendar = Family("Calendar");
    vec![
        calendar
            .get("/api/calendar/export", "A calendar, or what lies between two days, as a file (RFC 5545).")
            .of_person()
            .query("from", day(), "The first day.")
            .query("to", day(), "The last day.")
            .answers_as(200, CALENDAR),
        calendar
            .post("/api/calendar/import", "Take a calendar file in (RFC 5545), which is the body.")
            .more(
                "An event is known by its UID; only a newer revision changes anything. The answer counts what was new.",
            )
            .of_person()
            .answers_as(200, JSON)
            .refuses(413, "The file is too large."),
        calendar
            .get("/api/calendar/feeds", "A person's feeds, without their addresses.")
            .of_person()
            .answers_as(200, JSON),
        calendar
            .post("/api/calendar/feeds", "Make a secret address at which a calendar may be read.")
            .body::<NewFeed>()
            .answers_as(201, JSON),
        calendar.delete("/api/calendar/feeds/{id}", "Revoke a feed.").answers_as(200, JSON),
        calendar
            .get("/calendar/{file}", "A calendar at its secret address.")
            .path_of(text())
            .header("if-none-match", "The ETag that is known.")
            .open()
            .answers_as(200, CALENDAR)
            .answers_as(304, None),
        calendar
            .get("/api/invitations", "What others propose and the person has not decided.")
            .of_person()
            .query("all", yes_or_no(), "What is settled as well.")
            .answers_as(200, JSON),
        calendar
            .post("/api/invitations/{id}/accept", "Do what an invitation proposes.")
            .answers_as(200, JSON)
            .refuses(409, DECIDED),
        calendar
            .post("/api/invitations/{id}/decline", "Leave the calendar as it is.")
            .answers_as(200, JSON)
            .refuses(409, DECIDED),
    ]
}
