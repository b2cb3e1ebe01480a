//! Calendar files, and the feed of a calendar: read and written by other people's libraries as well as by ours.

use chrono::NaiveDate;
use reqwest::{StatusCode, header};
use serde_json::{Value, json};
use xswarm_core::{
    admin::Agenda,
    exchange::{CreatedFeed, ImportReport},
    time::to_text,
};
use xswarm_tests::{api::Answer, calendars, environment, hub::Hub};

async fn started() -> Hub {
    let mut hub = Hub::builder().build();
    hub.start().await;
    hub
}

async fn imported(hub: &Hub, file: impl Into<Vec<u8>>) -> Answer {
    let client = xswarm_tests::web::builder().unix_socket(hub.socket()).build().unwrap();
    let request = client.post("http://localhost/api/calendar/import").header(header::CONTENT_TYPE, "text/calendar");
    Answer::read(request.body(file.into()).send().await.unwrap()).await.unwrap()
}

fn counts(report: &ImportReport) -> (usize, usize, usize, usize) {
    (report.imported, report.updated, report.unchanged, report.skipped.len())
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Starts and titles of what is on the calendar.
async fn on_calendar(hub: &Hub, from: &str, days: u32) -> Vec<String> {
    let agenda: Agenda = hub.api().agenda(day(from), days).await;
    agenda.occurrences.iter().map(|one| format!("{} {}", &to_text(one.start)[..16], one.title)).collect()
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(environment::repository().join("tests/fixtures/calendars").join(name)).unwrap()
}

#[tokio::test]
async fn files_of_other_calendars_are_taken_in_once() {
    let hub = started().await;
    for (name, expected) in [("google.ics", (2, 0, 0, 0)), ("apple.ics", (2, 0, 0, 1)), ("outlook.ics", (2, 0, 0, 0))] {
        let report: ImportReport = imported(&hub, sample(name)).await.expect(200).into();
        assert_eq!(counts(&report), expected, "{name}: {report:?}");
        let again: ImportReport = imported(&hub, sample(name)).await.expect(200).into();
        assert_eq!(counts(&again), (0, 0, expected.0, expected.3), "{name}: {again:?}");
    }
    assert_eq!(
        on_calendar(&hub, "2027-01-04", 30).await,
        [
            "2027-01-04T09:00 Budget",
            "2027-01-04T17:30 Choir",
            "2027-01-05T09:00 Budget",
            "2027-01-05T14:00 Breakfast",
            "2027-01-05T15:00 Call with New York",
            "2027-01-05T23:00 Epiphany",
            "2027-01-06T09:00 Budget",
            "2027-01-07T07:00 Wherever I am",
            "2027-01-19T18:00 Choir (moved)",
            "2027-01-25T17:30 Choir",
        ]
    );
    let newer = String::from_utf8(sample("google.ics")).unwrap();
    let newer = newer.replace("SUMMARY:Epiphany", "SEQUENCE:5\r\nSUMMARY:Twelfth Night");
    let report: ImportReport = imported(&hub, newer).await.expect(200).into();
    assert_eq!(counts(&report), (0, 1, 1, 0), "{report:?}");
    hub.finish(&[]).await;
}

#[tokio::test]
async fn what_is_exported_is_the_same_to_other_libraries_and_to_us() {
    let hub = started().await;
    for name in ["google.ics", "apple.ics", "outlook.ics"] {
        imported(&hub, sample(name)).await.expect(200);
    }
    hub.api().ask("Lunch with Zoë every weekday at noon starting January 4").await;
    let file = hub.api().get("/api/calendar/export").await.expect(200);
    assert_eq!(file.media_type, "text/calendar");
    let until = "2027-04-15T00:00:00+00:00";
    let agenda: Agenda = hub.api().agenda(day("2026-11-01"), 366).await;
    let mut ours: Vec<_> =
        agenda.occurrences.iter().map(|one| (to_text(one.start)[..19].to_owned() + "Z", one.title.clone())).collect();
    ours.retain(|(start, _)| start.as_str() < "2027-04-15");
    ours.sort();
    assert!(ours.len() > 70, "{ours:?}");
    let request =
        |library: &str| json!({ "expand": file.text, "with": library, "zone": "Europe/Berlin", "until": until });
    for (library, found) in
        ["icalendar", "vobject"].iter().zip(calendars::asked(&[request("icalendar"), request("vobject")]))
    {
        let mut theirs: Vec<(String, String)> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (one[1].as_str().unwrap().to_owned(), one[2].as_str().unwrap().to_owned()))
            .collect();
        theirs.sort();
        assert_eq!(theirs, ours, "{library}");
    }
    let back: ImportReport = imported(&hub, file.text.clone()).await.expect(200).into();
    assert_eq!((back.imported, back.updated, back.skipped.len()), (0, 0, 0), "{back:?}");
    hub.finish(&[]).await;
}

#[tokio::test]
async fn what_other_libraries_write_is_read_as_they_meant_it() {
    let events = |library: &str| {
        json!([
            { "uid": format!("w-{library}"), "summary": "Zoë, again; and \"again\"", "start": "2027-03-22T09:00:00",
              "end": "2027-03-22T10:00:00", "zone": "Europe/Berlin", "rule": "FREQ=WEEKLY;COUNT=3",
              "left_out": ["2027-03-29T09:00:00"] },
            { "uid": format!("n-{library}"), "summary": "New York", "start": "2027-03-15T20:00:00",
              "end": "2027-03-15T21:00:00", "zone": "America/New_York" },
            { "uid": format!("d-{library}"), "summary": "Day", "start": "2027-03-17", "end": "2027-03-18",
              "zone": "Europe/Berlin", "day": true },
        ])
    };
    for library in ["icalendar", "vobject"] {
        let hub = started().await;
        let [written] = calendars::asked(&[json!({ "write": events(library), "with": library })]).try_into().unwrap();
        let Value::String(file) = written else { panic!("no file") };
        let report: ImportReport = imported(&hub, file.clone()).await.expect(200).into();
        assert_eq!(counts(&report), (3, 0, 0, 0), "{report:?}\n{file}");
        assert_eq!(
            on_calendar(&hub, "2027-03-10", 60).await,
            [
                "2027-03-16T00:00 New York",
                "2027-03-16T23:00 Day",
                "2027-03-22T08:00 Zoë, again; and \"again\"",
                "2027-04-05T07:00 Zoë, again; and \"again\"",
            ],
            "{library}"
        );
        hub.finish(&[]).await;
    }
}

#[tokio::test]
async fn a_feed_is_read_at_its_address_until_it_is_revoked() {
    let hub = started().await;
    hub.api().ask("Schedule meeting with John tomorrow at 3pm").await;
    let new = json!({ "name": "Phone" });
    let created: CreatedFeed = hub.api().post("/api/calendar/feeds", &new).await.expect(201).into();
    let reader = xswarm_tests::web::builder().build().unwrap();
    let url = format!("http://{}{}", hub.status().listeners.lan, created.path);
    let first = reader.get(&url).send().await.unwrap();
    assert_eq!(first.status(), StatusCode::OK);
    let (tag, modified) = (first.headers()[header::ETAG].clone(), first.headers()[header::LAST_MODIFIED].clone());
    let text = first.text().await.unwrap();
    assert!(text.contains("SUMMARY:Meeting with John") && text.contains("REFRESH-INTERVAL;VALUE=DURATION:"), "{text}");
    for (name, value) in [(header::IF_NONE_MATCH, &tag), (header::IF_MODIFIED_SINCE, &modified)] {
        let known = reader.get(&url).header(name, value).send().await.unwrap();
        assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(known.text().await.unwrap(), "");
    }
    hub.api().ask("Dentist on Friday at 10am").await;
    let changed = reader.get(&url).header(header::IF_NONE_MATCH, &tag).send().await.unwrap();
    assert_eq!(changed.status(), StatusCode::OK);
    assert!(changed.text().await.unwrap().contains("SUMMARY:Dentist"));

    let public = format!("http://{}{}", hub.status().listeners.public, created.path);
    assert_eq!(reader.get(public).send().await.unwrap().status(), StatusCode::NOT_FOUND, "not from the Internet");
    assert_eq!(reader.post(&url).send().await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
    let wrong = url.replace(".ics", "x.ics");
    assert_eq!(reader.get(wrong).send().await.unwrap().status(), StatusCode::NOT_FOUND);
    let token = created.path.trim_start_matches("/calendar/").trim_end_matches(".ics");
    assert!(!hub.log().contains(token), "the address is in the log");

    hub.api().delete(&format!("/api/calendar/feeds/{}", created.feed.id)).await.expect(200);
    assert_eq!(reader.get(&url).send().await.unwrap().status(), StatusCode::NOT_FOUND);
    hub.finish(&[]).await;
}

#[tokio::test]
async fn files_that_make_no_sense_are_refused_and_change_nothing() {
    let hub = started().await;
    let five = vec![b'x'; 5_000_000];
    imported(&hub, five).await.problem(413);
    let deep = "BEGIN:VCALENDAR\r\n".repeat(100_000);
    for (file, words) in [
        (Vec::new(), "no calendar file"),
        (b"\x00\x01GIF89a".to_vec(), "no calendar file"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n".to_vec(), "cut short"),
        (deep.into_bytes(), "nested"),
    ] {
        let problem = imported(&hub, file).await.problem(400);
        assert!(problem.detail.contains(words) && problem.detail.contains("Nothing was changed"), "{problem:?}");
    }
    hub.api().get("/api/calendar/export?from=2027-01-02&to=2027-01-01").await.problem(400);
    hub.api().get("/api/calendar/export?from=soon").await.problem(400);
    assert_eq!(on_calendar(&hub, "2026-11-01", 366).await, [""; 0]);
    hub.finish(&[]).await;
}

#[tokio::test]
async fn ten_thousand_events_are_taken_in_beside_other_work() {
    let hub = started().await;
    let events = (0..10_000)
        .map(|n| {
            let at = day("2027-01-01") + chrono::Days::new(n / 30);
            format!("BEGIN:VEVENT\r\nUID:{n}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:{}T090000Z\r\nDURATION:PT1H\r\nSUMMARY:Event {n}\r\nEND:VEVENT\r\n", at.format("%Y%m%d"))
        })
        .collect::<Vec<_>>()
        .concat();
    let file = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{events}END:VCALENDAR\r\n");
    let (report, answer) =
        tokio::join!(imported(&hub, file.clone()), hub.api().ask("Remind me to drink water in 20 minutes"));
    assert!(answer.contains("drink water"), "{answer}");
    let report: ImportReport = report.expect(200).into();
    assert_eq!(counts(&report), (10_000, 0, 0, 0));
    let again: ImportReport = imported(&hub, file).await.expect(200).into();
    assert_eq!(counts(&again), (0, 0, 10_000, 0));
    hub.finish(&[]).await;
}
