//! `xswarm jobs`: what the hub has yet to do, and what it gave up.

use serde::Deserialize;
use xswarm_core::job::{JobRow, JobState};

use crate::{
    arguments::{JobVerb, JobsArguments},
    client::{Client, Request},
    failure::Exit,
    household::Scene,
    screen::{Screen, Tone},
    table::{Cell, Table},
};

use super::answer;

#[derive(Deserialize)]
struct Jobs {
    jobs: Vec<JobRow>,
}

#[derive(Deserialize)]
struct OneJob {
    job: JobRow,
}

pub(super) async fn jobs(hub: &Client, options: JobsArguments, screen: &mut Screen<'_>) -> anyhow::Result<Exit> {
    match options.verb {
        None => list(hub, &options, screen).await?,
        Some(JobVerb::Retry { id }) => retry(hub, id, screen).await?,
    }
    Ok(Exit::Done)
}

async fn list(hub: &Client, options: &JobsArguments, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let request = Request::get("/api/jobs").query("state", options.state).query("limit", Some(options.limit));
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let Jobs { jobs } = document.read()?;
    if jobs.is_empty() {
        return Ok(screen.line("There are no such jobs.")?);
    }
    let view = Scene::fetch(hub, None).await?.view;
    let due = view.heading("DUE");
    let mut table = Table::new(&["ID", "KIND", "STATE", &due, "IN", "TRIES", "LAST ERROR"]);
    for job in &jobs {
        table.row([
            job.id.to_string().into(),
            Cell::from(&job.kind),
            state(job.state),
            view.second(job.due_at).into(),
            distance(job, view.distance(job.due_at)).into(),
            job.attempts.to_string().into(),
            job.last_error.as_deref().unwrap_or("–").into(),
        ]);
    }
    table.write(screen)?;
    let dead = jobs.iter().filter(|job| job.state == JobState::Dead).count();
    if dead > 0 {
        screen.toned(Tone::Bad, "What is dead was given up. When its cause is gone: `xswarm jobs retry ID`.")?;
    }
    Ok(())
}

/// How far away a job is says something only while it has yet to run.
fn distance(job: &JobRow, words: String) -> String {
    match job.state {
        JobState::Waiting | JobState::Ready | JobState::Running => words,
        JobState::Done | JobState::Dead | JobState::Parked => "–".to_owned(),
    }
}

fn state(state: JobState) -> Cell {
    let tone = match state {
        JobState::Waiting | JobState::Ready => Tone::Plain,
        JobState::Running => Tone::Strong,
        JobState::Done => Tone::Good,
        JobState::Parked => Tone::Warning,
        JobState::Dead => Tone::Bad,
    };
    Cell::toned(state.as_str(), tone)
}

async fn retry(hub: &Client, id: i64, screen: &mut Screen<'_>) -> anyhow::Result<()> {
    let request = Request::post(format!("/api/jobs/{id}/retry"));
    let Some(document) = answer(hub, request, screen).await? else { return Ok(()) };
    let OneJob { job } = document.read()?;
    screen.line(&format!("Job {} ({}) is tried again; `xswarm jobs` says how it went.", job.id, job.kind))?;
    Ok(())
}
