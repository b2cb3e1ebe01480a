//! Each letter, word for word and tag for tag.

use chrono::{DateTime, Utc};
use xswarm_core::{
    appointment::{Appointment, AppointmentSource, AppointmentStatus, Exceptions, Occurrence},
    id::{AppointmentId, UserId},
    task::DueTask,
};

use super::*;
use crate::letters::{Mark, html_of};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn dentist() -> Appointment {
    let now = at("2026-11-24T09:00:00Z");
    Appointment {
        id: AppointmentId::new(now),
        user_id: UserId::new(now),
        title: "Dentist <Dr. No>".into(),
        description: Some("Bring the card.".into()),
        start: at("2026-11-27T14:00:00Z"),
        end: at("2026-11-27T14:45:00Z"),
        timezone: chrono_tz::Europe::Berlin,
        location: Some("Hauptstraße 1".into()),
        participants: vec!["Anna".into()],
        recurrence: Some("FREQ=WEEKLY;BYDAY=FR;COUNT=4".parse().unwrap()),
        additional: Vec::new(),
        exceptions: Exceptions::default(),
        all_day: false,
        source: AppointmentSource::BOSS,
        reminder_minutes: Some(15),
        status: AppointmentStatus::Confirmed,
        generation: 0,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

fn occurrence(title: &str, start: &str, end: &str, all_day: bool) -> Occurrence {
    Occurrence {
        appointment: AppointmentId::new(at(start)),
        title: title.into(),
        location: Some("Hauptstraße 1".into()),
        participants: vec!["Anna".into()],
        recurrence_id: at(start),
        start: at(start),
        end: at(end),
        all_day,
        recurring: false,
    }
}

fn seen(name: &str, letter: &Letter) {
    insta::assert_snapshot!(format!("{name}_text"), format!("Subject: {}\n\n{}", letter.subject, letter.text));
    insta::assert_snapshot!(format!("{name}_html"), letter.html);
}

#[test]
fn the_day() {
    let day = Day {
        date: "2026-11-27".parse().unwrap(),
        zone: chrono_tz::Europe::Berlin,
        occurrences: vec![
            occurrence("Fair", "2026-11-25T23:00:00Z", "2026-11-28T23:00:00Z", true),
            occurrence("Dentist", "2026-11-27T14:00:00Z", "2026-11-27T14:45:00Z", false),
            occurrence("Night train", "2026-11-27T21:00:00Z", "2026-11-28T07:00:00Z", false),
        ],
        reminders: Vec::new(),
        tasks: vec![DueTask { title: "Sign-in".into(), project: "Boss".into(), due: "2026-11-25".parse().unwrap() }],
    };
    seen("digest", &digest(&day).unwrap());
}

#[test]
fn a_booking() {
    seen("confirmation", &confirmation(&dentist()).unwrap());
}

#[test]
fn the_week_and_a_finished_project() {
    let row = |when: &str, what: &str| Row { when: when.into(), what: what.into(), detail: None };
    let held = Section::new("Appointments", vec![row("Fri 3:00 PM", "Dentist")], "None in these days.");
    let week = weekly_report("2026-11-21".parse().unwrap(), "2026-11-27".parse().unwrap(), vec![held]);
    seen("weekly_report", &week.unwrap());
    let done = Section::new("Tasks", vec![row("done", "Sign-in by telephone number")], "None.");
    seen("completion", &completion("Boss", vec![done]).unwrap());
}

#[test]
fn a_reminder_and_an_answer() {
    insta::assert_snapshot!("reminder_html", html_of("Reminder: call mum", Mark::Reminder).unwrap());
    insta::assert_snapshot!("answer_html", html_of("Booked: Dentist.\n\nAnything else?", Mark::None).unwrap());
}
