//! While no engine listens and speaks, the provider's own voice says it, and keys answer.

use xswarm_core::{call::CallEnd, message::MessageStatus, reminder::ReminderOutcome};
use xswarm_tests::{
    callee::call_number,
    world::{ADMIN, World},
};

use super::{called, calls, message_of, reaches, reminder_is, say, texted};

#[tokio::test]
async fn keys_acknowledge_and_put_off() {
    for key in ["1", "2"] {
        let world = World::start().await;
        let (reminder, call) = called(&world).await;
        assert_eq!(call.machine_callback, None, "it is found out first who took it");
        let asked = call.taken(&world, Some("human")).await;
        assert!(asked.twiml.contains("<Gather ") && asked.twiml.contains("Reminder: call mom"), "{}", asked.twiml);
        let next = call.after_words(&world, &asked.twiml, key).await;
        assert!(next.contains("Goodbye.</Say><Hangup/>"), "{next}");
        reminder_is(&world, &reminder, ReminderOutcome::Acknowledged).await;
        assert_eq!(world.api().reminders("pending").await.len(), usize::from(key == "2"));
        assert_eq!(message_of(&world, &reminder).await.status, MessageStatus::Delivered);
        call.is(&world, "completed").await;
        let late = call.after_words(&world, &asked.twiml, "2").await;
        assert!(!late.contains("<Say>"), "{late}");
        world.hub.settle().await;
        assert_eq!(world.twilio.sent().len(), 0);
        world.finish().await;
    }
}

#[tokio::test]
async fn who_presses_nothing_hears_it_twice() {
    let world = World::start().await;
    let id = say(&world, ADMIN, "Dinner is ready").await;
    let call = call_number(&world, 1).await;
    let asked = call.taken(&world, Some("human")).await;
    let again = call.after_words(&world, &asked.twiml, "").await;
    assert!(again.contains("<Gather ") && again.contains("Dinner is ready"), "{again}");
    let last = call.after_words(&world, &again, "").await;
    assert!(last.contains("<Say>Goodbye.</Say><Hangup/>"), "{last}");
    reaches(&world, id, MessageStatus::Delivered).await;
    assert_eq!(calls(&world).await[0].ended_because, Some(CallEnd::Silence));
    world.finish().await;
}

#[tokio::test]
async fn who_may_be_a_mailbox_proves_a_person_by_a_key() {
    let world = World::start().await;
    for key in ["5", ""] {
        let id = say(&world, ADMIN, "Dinner is ready").await;
        let call = call_number(&world, 1 + usize::from(key.is_empty())).await;
        let asked = call.taken(&world, Some("unknown")).await;
        assert!(asked.twiml.contains("press any key") && !asked.twiml.contains("Dinner"), "{}", asked.twiml);
        let next = call.after_words(&world, &asked.twiml, key).await;
        assert_eq!(next.contains("Dinner is ready"), key == "5", "{next}");
        if key == "5" {
            call.after_words(&world, &next, "1").await;
            reaches(&world, id, MessageStatus::Delivered).await;
        } else {
            assert!(next.contains("I could not reach you"), "{next}");
            reaches(&world, id, MessageStatus::Failed).await;
            texted(&world, "Dinner is ready").await;
        }
    }
    world.finish().await;
}

#[tokio::test]
async fn a_mailbox_hears_nothing_private_unless_it_may() {
    for details in [false, true] {
        let world = World::start_with(|builder| builder.config("voice", "voicemail_details", details)).await;
        let (reminder, call) = called(&world).await;
        let left = call.taken(&world, Some("machine_end_silence")).await;
        assert!(left.twiml.contains("<Say>") && left.twiml.contains("<Hangup/>"), "{}", left.twiml);
        assert_eq!(left.twiml.contains("call mom"), details, "{}", left.twiml);
        texted(&world, "Reminder: call mom").await;
        call.is(&world, "completed").await;
        reminder_is(&world, &reminder, ReminderOutcome::Failed).await;
        assert_eq!(calls(&world).await[0].ended_because, Some(CallEnd::Voicemail));
        world.finish().await;
    }
}

#[tokio::test]
async fn who_hangs_up_before_the_end_is_texted() {
    let mut world = World::start().await;
    let (reminder, call) = called(&world).await;
    let asked = call.taken(&world, Some("human")).await;
    assert!(asked.twiml.contains("<Gather "), "{}", asked.twiml);
    // The call goes on without the hub, and its end is told to nobody.
    world.hub.kill();
    call.ends_unheard_of(&world, "completed");
    world.hub.start().await;
    texted(&world, "Reminder: call mom").await;
    reminder_is(&world, &reminder, ReminderOutcome::Failed).await;
    assert_eq!(world.twilio.calls().len(), 1);
    world.finish().await;
}
