//! The letter that confirms a booking, as it leaves: once for each appointment, with a file that other calendars read.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;
use xswarm_tests::{calendars, sendgrid::Accepted, wait::wait_for};

use super::Post;

/// The letter about what is called `title`.
async fn confirmed(post: &Post, title: &str) -> Accepted {
    let subject = format!("Booked: {title}");
    let left = async || post.sendgrid.sent().into_iter().find(|one| one.subject().starts_with(&subject));
    wait_for(&format!("the confirmation of {title}"), left).await
}

#[tokio::test]
async fn whoever_wants_confirmations_gets_one_for_each_booking_with_a_calendar_file() {
    let mut post = Post::start().await;
    let admin = post.hub.api().admin().await;
    post.hub.api().ask("schedule haircut on march 11 2031 at 9am").await;
    let said = post.hub.cli().run(&["user", "mail", &admin.name, "--confirmations", "on"]).await.expect(0);
    assert!(said.out.contains("is confirmed by mail"), "{}", said.out);

    post.hub.api().ask("schedule dentist on march 12 2031 at 3pm for 45 minutes").await;
    let mail = confirmed(&post, "Dentist").await;
    assert!(mail.content("text/plain").contains("Dentist"), "{}", mail.content("text/plain"));
    assert!(mail.content("text/html").starts_with("<!DOCTYPE html>"));
    let file = &mail.request["attachments"][0];
    assert_eq!((file["filename"].as_str(), file["type"].as_str()), (Some("appointment.ics"), Some("text/calendar")));
    let ics = STANDARD.decode(file["content"].as_str().expect("base64")).expect("base64");
    let ics = String::from_utf8(ics).expect("UTF-8");
    for library in ["icalendar", "vobject"] {
        let request =
            json!({ "expand": ics, "with": library, "zone": "Europe/Berlin", "until": "2031-12-31T00:00:00+00:00" });
        let read = calendars::asked(&[request]);
        assert_eq!(read[0].as_array().map(Vec::len), Some(1), "{library}: {}", read[0]);
        assert_eq!(read[0][0][2], "Dentist", "{library}");
    }

    // A series that is parted books nothing new.
    post.hub.api().ask("schedule choir every wednesday at 7pm starting march 5 2031").await;
    confirmed(&post, "Choir").await;
    let moved = post.hub.api().ask("move the choir on march 19 2031 and all following to 8pm").await;
    assert!(moved.starts_with("Moved: Choir"), "{moved}");

    // Booked over REST, and over a restart.
    let body = json!({ "title": "Concert", "start_time": "2031-03-13T19:00:00", "end_time": "2031-03-13T22:00:00" });
    post.hub.api().post("/api/calendar/appointments", &body).await.expect(201);
    confirmed(&post, "Concert").await;
    post.hub.restart().await;
    post.hub.api().ask("schedule tennis on march 14 2031 at 10am").await;
    confirmed(&post, "Tennis").await;
    post.hub.settle().await;
    let mut subjects: Vec<_> = post.sendgrid.sent().iter().map(|one| one.subject().to_owned()).collect();
    subjects.sort();
    assert_eq!(subjects.len(), 4, "{subjects:?}");

    post.hub.cli().run(&["user", "mail", &admin.name, "--confirmations", "off"]).await.expect(0);
    post.hub.api().ask("schedule golf on march 15 2031 at 10am").await;
    wait_for("it to be booked", async || (post.hub.api().status().await.counts.appointments == 7).then_some(())).await;
    post.hub.settle().await;
    assert_eq!(post.sendgrid.sent().len(), 4);
    post.finish().await;
}
