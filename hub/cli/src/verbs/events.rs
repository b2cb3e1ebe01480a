//! `xswarm events` and `xswarm audit`: what happened, and whether that record was tampered with.

use std::time::Duration;

use serde::Deserialize;
use xswarm_core::{
    admin::AuditReport,
    event::{EventRow, Severity},
};

use crate::{
    arguments::{AuditVerb, EventsArguments},
    client::{Client, Request},
    failure::Exit,
    household::Scene,
    screen::{Screen, Tone},
    table::{Cell, Table},
};

use super::{answer, status::counted};

/// A long record takes its time to recompute.
const VERIFYING: Duration = Duration::from_mins(10);

#[derive(Deserialize)]
struct Events {
    events: Vec<EventRow>,
}

pub(super) async fn events(hub: &Client, options: &EventsArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let request = Request::get("/api/events").query("limit", Some(options.limit)).query("after", options.after);
    let Some(document) = answer(hub, request, screen).await? else { return Ok(Exit::Done) };
    let Events { mut events } = document.read()?;
    if events.is_empty() {
        screen.line("Nothing happened.")?;
        return Ok(Exit::Done);
    }
    events.sort_by_key(|event| event.sequence);
    let Scene { household, view } = Scene::fetch(hub, None).await?;
    let when = view.heading("WHEN");
    let mut table = Table::new(&["NUMBER", &when, "WHAT", "WHO", "FACTS"]);
    for event in &events {
        table.row([
            event.sequence.to_string().into(),
            view.second(event.created_at).into(),
            Cell::toned(&event.event_type, tone(event.severity)),
            household.name_of(event.user_id).into(),
            event.event_data.as_ref().map_or_else(|| "(erased)".to_owned(), facts).into(),
        ]);
    }
    table.write(screen)?;
    Ok(Exit::Done)
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Info => Tone::Plain,
        Severity::Warning => Tone::Warning,
        Severity::Error => Tone::Bad,
    }
}

/// "user=019a… late=true"
fn facts(data: &serde_json::Value) -> String {
    match data.as_object() {
        Some(object) => {
            let words = object.iter().map(|(name, value)| match value.as_str() {
                Some(text) => format!("{name}={text}"),
                None => format!("{name}={value}"),
            });
            words.collect::<Vec<_>>().join(" ")
        }
        None => data.to_string(),
    }
}

pub(super) async fn audit(hub: &Client, verb: &AuditVerb, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match verb {
        AuditVerb::Verify => verify(hub, screen).await,
    }
}

async fn verify(hub: &Client, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    let document = hub.send(Request::post("/api/audit/verify").within(VERIFYING)).await?;
    let report: AuditReport = document.read()?;
    if screen.json() {
        screen.line(document.text())?;
    } else if report.intact {
        screen.toned(
            Tone::Good,
            &format!("Intact: {}, each in its place and unaltered.", counted(report.events, "fact")),
        )?;
    } else {
        let place = report.broken_at.as_deref().unwrap_or("an unknown place");
        screen.toned(Tone::Bad, &format!("Broken: {place}."))?;
        screen.line("The record was altered or damaged. Compare it with a backup.")?;
    }
    Ok(if report.intact { Exit::Done } else { Exit::Failed })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_shown_without_the_ornaments_of_json() {
        assert_eq!(facts(&serde_json::json!({ "code": 30034, "message": "019a" })), "code=30034 message=019a");
        assert_eq!(facts(&serde_json::json!({})), "");
        assert_eq!(facts(&serde_json::json!(7)), "7");
    }
}
