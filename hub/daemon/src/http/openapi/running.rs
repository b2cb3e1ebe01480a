//! Running the box.

use xswarm_core::{
    admin::{AuditReport, Status},
    authority::ShownAuthority,
    capability::{Capabilities, CapabilityUses},
    job::JobState,
    schema::PartialSchema,
    spending::{Period, Spending},
};

use super::{
    answers::{Checks, Description, Events, Health, Jobs, OneJob},
    operation::{Family, Operation, day, id, number},
};
use crate::http::api::{
    calls::{Calls, OneCall, RecordingDeleted},
    receipts::{Receipts, TakenBack},
};

const ANY: (i64, i64) = (0, 4_294_967_295);

pub(super) fn operations() -> Vec<Operation> {
    let running = Family("Running");
    let (least, most) = ANY;
    vec![
        running.get("/health", "Whether the hub works.").open().answers::<Health>(200).answers::<Health>(503),
        running.get("/", "A page that says what this is.").open().answers_as(200, &["text/html"]),
        running
            .get("/authority.pem", "The certificate authority of this hub, as a file that browsers and systems take.")
            .open()
            .answers_as(200, &["application/pem-certificate-chain"]),
        running
            .get("/api/authority", "What browsers and devices know this hub by.")
            .open()
            .answers::<ShownAuthority>(200),
        running.get("/api/openapi.json", "This document.").open().answers::<Description>(200),
        running.get("/api/status", "What the hub is doing.").answers::<Status>(200),
        running
            .get("/api/jobs", "What the hub has yet to do.")
            .query("state", JobState::schema(), "Only those that stand so.")
            .query("limit", number(least, most), "At most so many, 10,000 at most; 100 when absent.")
            .answers::<Jobs>(200),
        running
            .post("/api/jobs/{id}/retry", "Try a job again that was given up.")
            .answers::<OneJob>(200)
            .refuses(409, "It was not given up."),
        running
            .get("/api/events", "What happened, the oldest first.")
            .query("after", number(i64::MIN, i64::MAX), "Only what happened after the fact with this number.")
            .query("limit", number(least, most), "At most so many, 10,000 at most; 100 when absent.")
            .answers::<Events>(200),
        running
            .get(
                "/api/receipts",
                "What was changed, in words, the oldest first; a member sees what was changed for them.",
            )
            .query("user_id", id(), "Whose; everybody's when absent, for an admin.")
            .query("from", day(), "From which day on; the last 24 hours when absent.")
            .query("to", day(), "The last day.")
            .query("limit", number(least, most), "At most so many, the latest, 1,000 at most; 100 when absent.")
            .answers::<Receipts>(200),
        running
            .post("/api/receipts/{id}/undo", "Take back what a receipt is about.")
            .answers::<TakenBack>(200)
            .refuses(409, "It was taken back already, was said, or something later changed the same."),
        running
            .get("/api/calls", "Telephone calls, the latest first; a member sees their own.")
            .query("user_id", id(), "Whose; everybody's when absent, for an admin.")
            .query("limit", number(least, most), "At most so many, 1,000 at most; 100 when absent.")
            .answers::<Calls>(200),
        running
            .get("/api/calls/{id}", "A call with what was said, and how long each step took.")
            .answers::<OneCall>(200),
        running
            .get("/api/calls/{id}/recording", "The sound of a call: left the caller, right the Boss.")
            .answers_as(200, &["audio/wav"])
            .refuses(409, "The call is still going on."),
        running
            .delete("/api/calls/{id}/recording", "Delete the sound of a call for good.")
            .answers::<RecordingDeleted>(200),
        running.post("/api/audit/verify", "Check the record of what happened.").answers::<AuditReport>(200),
        running
            .get("/api/spending", "What language models cost: an admin sees the household, a member what they spent.")
            .query("period", Period::schema(), "Today or this month (UTC); this month when absent.")
            .query("from", day(), "From which day on (UTC), instead of a period.")
            .answers::<Spending>(200),
        running
            .get("/api/capabilities", "What the Boss can do for the caller, and what not and why.")
            .answers::<Capabilities>(200),
        running
            .get(
                "/api/capabilities/usage",
                "How often each was used: an admin sees the household, a member their own use.",
            )
            .query("days", number(1, 366), "Today and the days (UTC) before it; 30 when absent.")
            .answers::<CapabilityUses>(200),
        running.get("/api/doctor", "Check that everything works.").answers::<Checks>(200),
    ]
}
