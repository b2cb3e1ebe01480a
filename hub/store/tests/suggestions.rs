//! Suggestions, and what habits are counted from.

use chrono::{Duration, NaiveDate};
use xswarm_core::{
    appointment::{Appointment, AppointmentStatus},
    habit::{Asked, Glance, HabitKind},
    id::{SuggestionId, UserId},
    message::{Channel, Direction},
    suggestion::{Suggestion, SuggestionState},
};
use xswarm_store::{NewMessage, StoreError};

use crate::scratch::{Scratch, appointment, at, message};

fn suggestion(user: UserId, minutes: u32) -> Suggestion {
    Suggestion {
        id: SuggestionId::new(at(0)),
        user_id: user,
        habit: HabitKind::MeetingLength { minutes },
        evidence: "9 of your last 12 appointments took 45 minutes.".into(),
        proposal: "Shall I make that the usual length?".into(),
        state: SuggestionState::Offered,
        offered_at: at(0),
        decided_at: None,
    }
}

#[tokio::test]
async fn a_suggestion_is_made_once_decided_once_and_goes_with_the_person() {
    let scratch = Scratch::new();
    let ada = scratch.person("Ada").await;
    let one = suggestion(ada, 45);
    let made = one.clone();
    scratch.write(move |tx| tx.suggestion_insert(&made)).await;
    let again = suggestion(ada, 45);
    let refused = scratch.store.write(move |tx| tx.suggestion_insert(&again)).await;
    assert!(matches!(refused, Err(StoreError::Exists(_))), "{refused:?}");
    assert_eq!(scratch.read(move |rows| rows.suggestions(ada)).await, std::slice::from_ref(&one));
    assert_eq!(scratch.read(move |rows| rows.suggestion_last(ada)).await, Some(at(0)));
    let known = |minutes| scratch.read(move |rows| rows.suggestion_known(ada, &HabitKind::MeetingLength { minutes }));
    assert!(known(45).await && !known(30).await);

    let id = one.id;
    scratch.write(move |tx| tx.suggestion_decide(id, SuggestionState::Offered, SuggestionState::Declined, at(9))).await;
    let stale = scratch
        .store
        .write(move |tx| tx.suggestion_decide(id, SuggestionState::Offered, SuggestionState::Accepted, at(9)))
        .await;
    assert!(matches!(stale, Err(StoreError::Stale(_))), "{stale:?}");
    let read = scratch.read(move |rows| rows.suggestion(id)).await.unwrap();
    assert_eq!((read.state, read.decided_at), (SuggestionState::Declined, Some(at(9))));
    scratch.write(move |tx| tx.user_delete(ada, at(9))).await;
    assert_eq!(scratch.read(move |rows| rows.suggestion(id)).await, None);
}

#[tokio::test]
async fn what_nobody_answered_expires_and_what_was_decided_stays() {
    let scratch = Scratch::new();
    let ada = scratch.person("Ada").await;
    let (old, fresh) = (suggestion(ada, 45), Suggestion { offered_at: at(100), ..suggestion(ada, 30) });
    let (old_id, fresh_id) = (old.id, fresh.id);
    scratch
        .write(move |tx| {
            tx.suggestion_insert(&old)?;
            tx.suggestion_insert(&fresh)?;
            tx.suggestions_expire(at(50), at(200))
        })
        .await;
    let state = |id| scratch.read(move |rows| rows.suggestion(id));
    assert_eq!(state(old_id).await.unwrap().state, SuggestionState::Expired);
    assert_eq!(state(fresh_id).await.unwrap().state, SuggestionState::Offered);
}

#[tokio::test]
async fn habits_are_counted_from_what_was_booked_written_and_asked_lately() {
    let scratch = Scratch::new();
    let (ada, bob) = (scratch.person("Ada").await, scratch.person("Bob").await);
    let minutes = |length| at(0) + Duration::minutes(length);
    let booked =
        |user, length, made| Appointment { created_at: at(made), ..appointment(user, "Lunch", at(0), minutes(length)) };
    let all = [
        booked(ada, 45, 1),
        booked(ada, 30, 2),
        booked(bob, 20, 3),
        Appointment { status: AppointmentStatus::Cancelled, ..booked(ada, 90, 4) },
        Appointment { all_day: true, ..booked(ada, 1_440, 5) },
    ];
    let written = |user, channel, provider: &str| NewMessage {
        user_id: Some(user),
        channel,
        provider_id: Some(provider.to_owned()),
        ..message(Direction::Inbound, "hello")
    };
    let messages = [
        (written(ada, Channel::Sms, "1"), 1),
        (written(ada, Channel::Email, "2"), 2),
        (written(bob, Channel::Console, "3"), 3),
        (NewMessage { direction: Direction::Outbound, ..written(ada, Channel::Sms, "4") }, 4),
        (written(ada, Channel::Sms, "5"), -100),
    ];
    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
    scratch
        .write(move |tx| {
            for one in &all {
                tx.appointment_insert(one)?;
            }
            for (one, seconds) in &messages {
                tx.message_insert(one, at(*seconds))?;
            }
            tx.glanced(ada, Glance::Week, day(2), 8)?;
            tx.glanced(ada, Glance::Week, day(2), 9)?;
            tx.glanced(ada, Glance::Day, day(1), 7)?;
            tx.glanced(bob, Glance::Day, day(2), 7)
        })
        .await;
    let lately = scratch.read(move |rows| rows.booked_lately(ada)).await;
    assert_eq!(lately, [at(0)..minutes(30), at(0)..minutes(45)]);
    assert_eq!(scratch.read(move |rows| rows.wrote_lately(ada, at(0))).await, [Channel::Email, Channel::Sms]);
    let asked = scratch.read(move |rows| rows.glances(ada, day(1))).await;
    let week = Asked { glance: Glance::Week, day: day(2), hour: 8 };
    assert_eq!(asked, [Asked { glance: Glance::Day, day: day(1), hour: 7 }, week]);
    scratch.write(move |tx| tx.glances_expire(day(2))).await;
    assert_eq!(scratch.read(move |rows| rows.glances(ada, day(1))).await, [week]);
}
