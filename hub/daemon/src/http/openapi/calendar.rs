//! Appointments, occurrences, conflicts, free time.

use xswarm_core::{
    admin::{
        Agenda,
        calendar::{
            AppointmentAnswer, AppointmentChange, AppointmentsAnswer, ConflictSearch, ConflictsAnswer, FreeAnswer,
            FreeSearch, Moment, NewAppointment,
        },
    },
    appointment::AppointmentStatus,
    schema::{self, PartialSchema},
    series::Scope,
};

use super::{
    answers::Success,
    operation::{ETAG, Family, LINK, Operation, day, number, text, yes_or_no},
};

pub(super) fn operations() -> Vec<Operation> {
    let calendar = Family("Calendar");
    let scoped = |operation: Operation| {
        operation
            .query("scope", Scope::schema(), "How much of a series. `this` with `recurrence_id`, else `all`.")
            .query("recurrence_id", schema::text("date-time", "2026-12-01T14:00:00Z"), "Which: its original start.")
            .if_match()
            .refuses(409, "It was called off.")
    };
    vec![
        calendar
            .get("/api/calendar/appointments", "List appointments, or their occurrences.")
            .more(
                "In order of their start; a series has that of its first occurrence. `next_cursor` and `Link` lead on.",
            )
            .of_person()
            .query("from", Moment::schema(), "Only what ends after this.")
            .query("to", Moment::schema(), "Only what begins before this.")
            .query("start_date", day(), "Instead of `from`: the first day.")
            .query("end_date", day(), "Instead of `to`: the last day.")
            .query("timezone", text(), "The zone of days and local times; the person's when absent.")
            .query(
                "expand",
                yes_or_no(),
                "Occurrences instead of appointments; needs both ends, 366 days apart at most.",
            )
            .query("status", AppointmentStatus::schema(), "Only those of this status; what stands when absent.")
            .page("At most so many on a page; 100 when absent.")
            .answers::<AppointmentsAnswer>(200)
            .with(&[LINK]),
        calendar
            .post("/api/calendar/appointments", "Book an appointment.")
            .more(
                "With `client_id` or `Idempotency-Key` the same request again books nothing and answers 200 with what \
                 was booked; another body with the same key is 409. What is in its way is told, and does not keep it \
                 from being booked.",
            )
            .header("Idempotency-Key", "An id that the client made up; the same as `client_id`.")
            .body::<NewAppointment>()
            .answers::<AppointmentAnswer>(201)
            .with(&[ETAG, ("Location", "Where it is.")])
            .answers::<AppointmentAnswer>(200)
            .with(&[ETAG, ("Location", "Where it is.")]),
        calendar
            .get("/api/calendar/appointments/{id}", "Show an appointment.")
            .answers::<AppointmentAnswer>(200)
            .with(&[ETAG])
            .if_none_match(),
        scoped(calendar.put("/api/calendar/appointments/{id}", "Change an appointment, or part of a series."))
            .more(
                "What is absent stays, null takes away. Without `If-Match` the fields given replace those there, \
                 whatever else has changed since. When `following` makes two series of one, `following` is the second.",
            )
            .body::<AppointmentChange>()
            .answers::<AppointmentAnswer>(200)
            .with(&[ETAG]),
        scoped(calendar.delete("/api/calendar/appointments/{id}", "Call an appointment off, or part of a series."))
            .more("The row stays: \"undo\" within a day, or PUT with `status` `confirmed`, takes it back.")
            .answers::<Success>(200)
            .with(&[ETAG]),
        calendar
            .get("/api/calendar/appointments/{id}/occurrences", "The occurrences of one appointment, in order.")
            .query("from", Moment::schema(), "Only those that end after this; now when absent.")
            .query("limit", number(1, 1_000), "At most so many; 10 when absent.")
            .answers::<AppointmentsAnswer>(200),
        calendar
            .get("/api/calendar/today", "What is on today, in the person's zone: occurrences.")
            .of_person()
            .answers::<AppointmentsAnswer>(200),
        calendar
            .get("/api/calendar/week", "What is on within seven days, in the person's zone: occurrences.")
            .of_person()
            .query("start_date", day(), "The first of the days; today when absent.")
            .answers::<AppointmentsAnswer>(200),
        calendar
            .post("/api/calendar/conflicts", "Ask what would be in the way, without booking it.")
            .more("Of a series the next 100 occurrences within a year are checked.")
            .body::<ConflictSearch>()
            .answers::<ConflictsAnswer>(200),
        calendar
            .post("/api/calendar/free-slots", "Find free time, and the best times in it.")
            .more("Within the working hours unless `any_hour`, with the room the person wants between appointments.")
            .body::<FreeSearch>()
            .answers::<FreeAnswer>(200),
        calendar
            .get("/api/agenda", "What is on within some days, in the Boss's words too.")
            .of_person()
            .query("from", day(), "The first day; today when absent.")
            .query("days", number(1, 366), "How many; one when absent.")
            .answers::<Agenda>(200),
    ]
}
