//! Appointments page by page, and requests that carry a key.

use chrono::Duration;
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus},
    id::UserId,
};
use xswarm_store::{AppointmentPage, KnownRequest, StoreError, Tx};

use crate::scratch::{Scratch, appointment, at};

fn titles(tx: &Tx<'_>, page: &AppointmentPage) -> Result<Vec<String>, StoreError> {
    Ok(tx.appointments_page(page)?.into_iter().map(|one| one.title).collect())
}

fn whole(user_id: UserId) -> AppointmentPage {
    AppointmentPage { user_id, status: None, within: None, after: None, limit: 100 }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let scratch = Scratch::new();
    let user = scratch.person("Ada").await;
    scratch
        .write(move |tx| {
            for n in 0..10 {
                // Several begin at once.
                tx.appointment_insert(&appointment(user, &n.to_string(), at(n / 3), at(100)))?;
            }
            let (mut page, mut seen) = (AppointmentPage { limit: 3, ..whole(user) }, Vec::new());
            loop {
                let rows = tx.appointments_page(&page)?;
                page.after = rows.last().map(|one| (one.start, one.id));
                seen.extend(rows.into_iter().map(|one| one.title));
                if seen.len() == 10 || page.after.is_none() {
                    break;
                }
            }
            seen.sort();
            assert_eq!(seen, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]);
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_page_has_what_reaches_into_its_time_and_is_of_its_status() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    scratch
        .write(move |tx| {
            let day = 86_400;
            let inside = appointment(ada, "inside", at(50), at(60));
            let weekly: Option<_> = "FREQ=WEEKLY".parse().ok();
            let series =
                Appointment { recurrence: weekly, ..appointment(ada, "series", at(-30 * day), at(-30 * day + 9)) };
            let gone = Appointment { status: AppointmentStatus::Cancelled, ..appointment(ada, "gone", at(50), at(60)) };
            let maybe =
                Appointment { status: AppointmentStatus::Tentative, ..appointment(ada, "maybe", at(50), at(60)) };
            let long = appointment(ada, "long", at(-5 * day), at(5 * day));
            for one in [&inside, &series, &gone, &maybe, &long, &appointment(ada, "before", at(-50), at(0))] {
                tx.appointment_insert(one)?;
            }
            tx.appointment_insert(&appointment(bob, "his", at(50), at(60)))?;
            let within = Some((at(0), at(100)));
            let page = AppointmentPage { within, ..whole(ada) };
            let mut standing = titles(tx, &page)?;
            standing.sort();
            assert_eq!(standing, ["inside", "long", "maybe", "series"]);
            let of = |status| AppointmentPage { status: Some(status), ..page };
            assert_eq!(titles(tx, &of(AppointmentStatus::Tentative))?, ["maybe"]);
            assert_eq!(titles(tx, &of(AppointmentStatus::Cancelled))?, ["gone"]);
            let later = AppointmentPage { within: Some((at(200), at(300))), ..of(AppointmentStatus::Cancelled) };
            assert_eq!(titles(tx, &later)?, Vec::<String>::new());
            Ok(())
        })
        .await;
}

#[tokio::test]
async fn a_request_is_known_by_its_key_until_it_is_old() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    scratch
        .write(move |tx| {
            tx.request_insert(ada, ("key", "body"), "subject", at(0))?;
            let known = |same| Some(KnownRequest { subject: "subject".into(), same });
            assert_eq!(tx.request(ada, "key", "body")?, known(true));
            assert_eq!(tx.request(ada, "key", "other")?, known(false));
            assert_eq!((tx.request(bob, "key", "body")?, tx.request(ada, "other", "body")?), (None, None));
            tx.jobs_expire(at(0))?;
            assert_eq!(tx.request(ada, "key", "body")?, known(true));
            tx.jobs_expire(at(0) + Duration::seconds(1))?;
            assert_eq!(tx.request(ada, "key", "body")?, None);
            Ok(())
        })
        .await;
}
