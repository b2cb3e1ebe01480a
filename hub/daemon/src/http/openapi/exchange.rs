//! Calendar files, feeds, invitations.

use xswarm_core::exchange::{CreatedFeed, ImportReport, NewFeed};

use super::{
    answers::{Decided, Feeds, Invitations, Success},
    operation::{Family, Operation, day, text, yes_or_no},
};

const CALENDAR: &[&str] = &["text/calendar"];
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
            .body_as("text/calendar")
            .answers::<ImportReport>(200),
        calendar
            .get("/api/calendar/feeds", "A person's feeds, without their addresses.")
            .of_person()
            .answers::<Feeds>(200),
        calendar
            .post("/api/calendar/feeds", "Make a secret address at which a calendar may be read.")
            .body::<NewFeed>()
            .answers::<CreatedFeed>(201),
        calendar.delete("/api/calendar/feeds/{id}", "Revoke a feed.").answers::<Success>(200),
        calendar
            .get("/calendar/{file}", "A calendar at its secret address.")
            .path_of(text())
            .header("if-none-match", "The ETag that is known.")
            .open()
            .answers_as(200, CALENDAR)
            .answers_as(304, &[])
            .refuses(404, "There is no such calendar, or its address was revoked."),
        calendar
            .get("/api/invitations", "What others propose and the person has not decided.")
            .of_person()
            .query("all", yes_or_no(), "What is settled as well.")
            .answers::<Invitations>(200),
        calendar
            .post("/api/invitations/{id}/accept", "Do what an invitation proposes.")
            .answers::<Decided>(200)
            .refuses(409, DECIDED),
        calendar
            .post("/api/invitations/{id}/decline", "Leave the calendar as it is.")
            .answers::<Decided>(200)
            .refuses(409, DECIDED),
    ]
}
