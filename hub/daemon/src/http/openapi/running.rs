//! Running the box.

use xswarm_core::{
    admin::{AuditReport, Status},
    job::JobState,
    schema::PartialSchema,
};

use super::{
    answers::{Checks, Description, Events, Health, Jobs, OneJob},
    operation::{Family, Operation, number},
};

const ANY: (i64, i64) = (0, 4_294_967_295);

pub(super) fn operations() -> Vec<Operation> {
    let running = Family("Running");
    let (least, most) = ANY;
    vec![
        running.get("/health", "Whether the hub works.").open().answers::<Health>(200).answers::<Health>(503),
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
        running.post("/api/audit/verify", "Check the record of what happened.").answers::<AuditReport>(200),
        running.get("/api/doctor", "Check that everything works.").answers::<Checks>(200),
    ]
}
