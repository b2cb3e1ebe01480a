//! The Boss's letters, as they look in a browser: light and dark, on a telephone and on a desk.

use xswarm_tests::{
    browser::{Picture, Screen, picture},
    hub::Hub,
};

const PHONE: Screen = Screen { width: 380, height: 760, dark: false };
const DESK: Screen = Screen { width: 900, height: 900, dark: true };

#[tokio::test]
async fn every_letter_can_be_looked_at_and_shows_what_it_is_about() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let api = hub.api().clone();
    for sentence in [
        "Schedule dentist tomorrow from 3pm to 4pm at Hauptstraße 1",
        "Schedule a meeting with John and Mary tomorrow at 9am",
        "Schedule lunch tomorrow at noon",
        "Remind me to check <b>the oven</b> tomorrow at 6pm",
        "Remind me to water the plants tomorrow at 7pm",
    ] {
        api.ask(sentence).await;
    }
    let today = api.status().await.now.with_timezone(&api.admin().await.timezone).date_naive();
    let tomorrow = today.succ_opt().unwrap();
    let last = tomorrow + chrono::Days::new(6);
    for (kind, query, shown) in [
        (
            "digest",
            format!("?date={tomorrow}"),
            vec!["Dentist", "Hauptstraße 1", "water the plants", "No task is due."],
        ),
        ("confirmation", String::new(), vec!["Booked", "9:00", "John, Mary"]),
        ("reminder", String::new(), vec!["Reminder", "John"]),
        ("answer", String::new(), vec!["water the plants"]),
        ("weekly-report", format!("?date={last}"), vec!["Your week", "3 appointments"]),
        ("completion", String::new(), vec!["Sample project", "finished"]),
    ] {
        let html = api.get(&format!("/api/mail/previews/{kind}{query}")).await.expect(200);
        assert_eq!(html.media_type, "text/html");
        assert!(html.text.len() <= 100_000);
        let separator = if query.is_empty() { '?' } else { '&' };
        let text = api.get(&format!("/api/mail/previews/{kind}{query}{separator}format=text")).await.expect(200);
        for part in shown {
            assert!(html.text.contains(part), "{kind} shows {part}: {}", html.text);
            if kind != "reminder" || part != "Reminder" {
                assert!(text.text.contains(part), "{kind} says {part}: {}", text.text);
            }
        }
        assert!(!html.text.contains("<b>"), "{kind}: what somebody wrote is no markup");
        let [phone, desk] = [format!("{kind}-phone"), format!("{kind}-desk")];
        let (light, dark) = tokio::join!(picture(&phone, &html.text, PHONE), picture(&desk, &html.text, DESK));
        assert_readable(&light, &dark);
    }
    hub.finish(&[]).await;
}

/// Text is to be seen in both, on a bright and on a dark ground.
fn assert_readable(light: &Picture, dark: &Picture) {
    for picture in [light, dark] {
        assert!(picture.colours() > 20, "{} has {} colours", picture.path.display(), picture.colours());
    }
    assert!(light.brightness() > 200.0, "{}: {}", light.path.display(), light.brightness());
    assert!(dark.brightness() < 70.0, "{}: {}", dark.path.display(), dark.brightness());
}

#[tokio::test]
async fn a_letter_of_nothing_says_what_to_do_and_an_unknown_one_which_there_are() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    let api = hub.api().clone();
    for kind in ["answer", "confirmation", "reminder"] {
        let problem = api.get(&format!("/api/mail/previews/{kind}")).await.problem(404);
        assert!(problem.detail.contains("to see its letter"), "{}", problem.detail);
    }
    let problem = api.get("/api/mail/previews/poem").await.problem(404);
    assert!(problem.detail.contains("digest, confirmation"), "{}", problem.detail);
    let empty = api.get("/api/mail/previews/digest?format=text").await.expect(200);
    assert!(empty.text.contains("Nothing today."), "{}", empty.text);
    hub.finish(&[]).await;
}

#[tokio::test]
async fn the_command_line_writes_a_letter_to_a_file_and_keeps_a_wish_for_digests() {
    let mut hub = Hub::builder().build();
    hub.start().await;
    hub.cli().run(&["user", "set", "Zacharias", "--email", "admin@example.com"]).await.expect(0);
    let file = hub.state_dir().join("digest.html");
    let said = hub.cli().run(&["mail", "preview", "digest", "-o", file.to_str().unwrap()]).await.expect(0);
    assert!(said.out.starts_with("Written to "), "{}", said.out);
    assert!(std::fs::read_to_string(&file).unwrap().starts_with("<!DOCTYPE html>"));
    hub.cli().run(&["mail", "preview", "poem"]).await.expect(1);
    let said = hub.cli().run(&["user", "mail", "Zacharias", "--digest", "07:00"]).await.expect(0);
    assert!(said.out.contains("07:00"), "{}", said.out);
    hub.restart().await;
    let kept = hub.cli().run(&["user", "mail", "Zacharias", "--json"]).await.expect(0).json();
    assert_eq!(kept["daily_digest"], "07:00");
    let said = hub.cli().run(&["user", "mail", "Zacharias", "--digest", "25:00"]).await.expect(1);
    assert!(said.err.contains("such as 07:00, or off"), "{}", said.err);
    hub.cli().run(&["user", "mail", "Zacharias", "--digest", "off"]).await.expect(0);
    hub.finish(&[]).await;
}
