//! Who takes a call of the Boss's, what they hear and what they answer.

use xswarm_core::{
    call::{AnsweredBy, CallEnd, CallState},
    message::{Channel, Direction, MessageStatus},
    reminder::ReminderOutcome,
};
use xswarm_tests::{
    callee::call_number,
    clock,
    wait::wait_for,
    world::{ADMIN, STRANGER, World},
};

use super::{answered, called, calls, hearing, message_of, reaches, reminder_is, say, texted};

#[tokio::test]
async fn a_reminder_is_heard_and_acknowledged_by_a_key() {
    let world = hearing(&[]).await;
    let (reminder, call, caller, greeted) = answered(&world).await;
    assert_eq!(call.to, ADMIN);
    call.found_out(&world, "human").await;
    caller.listens(greeted + 500).await;
    caller.presses('1');
    caller.is_over().await;
    call.is(&world, "completed").await;
    reminder_is(&world, &reminder, ReminderOutcome::Acknowledged).await;
    assert!(world.api().reminders("pending").await.is_empty(), "the ladder ends");
    assert_eq!(message_of(&world, &reminder).await.status, MessageStatus::Delivered);
    let one = wait_for("the call to be over", async || {
        calls(&world).await.pop().filter(|call| call.state == CallState::Ended)
    })
    .await;
    assert_eq!((one.direction, one.ended_because), (Direction::Outbound, Some(CallEnd::Finished)));
    assert_eq!((one.answered_by, one.provider_id.as_deref()), (Some(AnsweredBy::Person), Some(call.sid.as_str())));
    let shown = world.hub.cli().run(&["calls", &one.id.to_string()]).await.expect(0);
    assert!(shown.out.contains("Reminder: call mom"), "{}", shown.out);
    world.hub.settle().await;
    assert_eq!((world.twilio.calls().len(), world.twilio.sent().len()), (1, 0));
    world.finish().await;
}

#[tokio::test]
async fn a_reminder_is_acknowledged_in_words() {
    let world = hearing(&["got it", "okay, bye"]).await;
    let (reminder, call, caller, greeted) = answered(&world).await;
    call.found_out(&world, "human").await;
    let told = caller.listens(greeted + 500).await;
    caller.says_ah(700).await;
    reminder_is(&world, &reminder, ReminderOutcome::Acknowledged).await;
    caller.listens(told + 500).await;
    caller.says_ah(700).await;
    caller.is_over().await;
    assert!(world.api().reminders("pending").await.is_empty());
    assert_eq!(message_of(&world, &reminder).await.status, MessageStatus::Delivered);
    world.finish().await;
}

#[tokio::test]
async fn a_reminder_is_put_off_by_key_and_in_words() {
    for words in [None, Some("snooze ten minutes")] {
        let world = hearing(words.as_slice()).await;
        let (reminder, call, caller, greeted) = answered(&world).await;
        // A key proves a person, whatever the provider says.
        caller.presses('5');
        caller.listens(greeted + 500).await;
        match words {
            Some(_) => caller.says_ah(700).await,
            None => caller.presses('2'),
        }
        reminder_is(&world, &reminder, ReminderOutcome::Acknowledged).await;
        let pending = world.api().reminders("pending").await;
        let minutes = (pending[0].due - clock::now()).num_minutes();
        assert!(pending.len() == 1 && (8..=10).contains(&minutes), "{words:?}: {pending:#?}");
        caller.hangs_up();
        caller.is_over().await;
        call.is(&world, "completed").await;
        world.finish().await;
    }
}

#[tokio::test]
async fn a_mailbox_hears_a_few_words_once_and_the_text_comes() {
    let world = hearing(&[]).await;
    let (reminder, call, caller, greeted) = answered(&world).await;
    call.found_out(&world, "machine_end_beep").await;
    call.found_out(&world, "machine_end_beep").await;
    wait_for("a few words", async || caller.sound_after(greeted + 200)).await;
    caller.is_over().await;
    texted(&world, "Reminder: call mom").await;
    let failed = message_of(&world, &reminder).await;
    assert_eq!((failed.channel, failed.status), (Channel::Voice, MessageStatus::Failed));
    assert!(failed.error_message.is_some_and(|words| words.contains("mailbox")));
    let one = calls(&world).await.remove(0);
    assert_eq!((one.ended_because, one.answered_by), (Some(CallEnd::Voicemail), Some(AnsweredBy::Machine)));
    // What comes late changes nothing, and what comes again leaves no second word.
    call.is(&world, "completed").await;
    let again = call.taken(&world, None).await;
    assert!(again.twiml.contains("<Hangup/>") && !again.twiml.contains("<S"), "{}", again.twiml);
    reminder_is(&world, &reminder, ReminderOutcome::Failed).await;
    world.hub.settle().await;
    assert_eq!((world.twilio.calls().len(), world.twilio.sent().len()), (1, 1));
    world.finish().await;
}

#[tokio::test]
async fn who_hangs_up_before_it_was_heard_is_texted() {
    let world = hearing(&[]).await;
    let (reminder, call, caller, greeted) = answered(&world).await;
    call.found_out(&world, "human").await;
    wait_for("the reminder to begin", async || caller.sound_after(greeted + 200)).await;
    caller.hangs_up();
    caller.is_over().await;
    texted(&world, "Reminder: call mom").await;
    reminder_is(&world, &reminder, ReminderOutcome::Failed).await;
    world.finish().await;
}

#[tokio::test]
async fn what_was_not_heard_comes_in_writing_to_the_person_themself() {
    let world = hearing(&[]).await;
    world.reminded_by(&["voice", "sms"]).await;
    let id = say(&world, ADMIN, "Dinner is ready").await;
    call_number(&world, 1).await.is(&world, "no-answer").await;
    reaches(&world, id, MessageStatus::Failed).await;
    texted(&world, "(I could not tell you this on the telephone: nobody took the call.) Dinner is ready").await;
    world.hub.settle().await;
    assert_eq!(world.twilio.calls().len(), 1, "what is to be read is not called about again");
    world.finish().await;
}

#[tokio::test]
async fn somebody_else_is_told_and_their_answer_comes_back() {
    let world = hearing(&["Tell her that I will be late"]).await;
    let id = say(&world, STRANGER, "Are you coming?").await;
    let call = call_number(&world, 1).await;
    assert_eq!(call.to, STRANGER);
    let caller = call.taken(&world, None).await.connect(&world).await;
    let greeted = caller.listens(0).await;
    call.found_out(&world, "human").await;
    caller.listens(greeted + 500).await;
    caller.says_ah(700).await;
    caller.is_over().await;
    texted(&world, "They answered your call: Tell her that I will be late").await;
    reaches(&world, id, MessageStatus::Delivered).await;
    world.finish().await;
}

#[tokio::test]
async fn a_call_that_nobody_takes_goes_on_to_the_text() {
    for (status, words) in
        [("busy", "busy"), ("no-answer", "nobody"), ("failed", "put through"), ("canceled", "nobody")]
    {
        let world = World::start_with(super::scripted).await;
        let (reminder, call) = called(&world).await;
        call.is(&world, "initiated").await;
        call.is(&world, status).await;
        texted(&world, "Reminder: call mom").await;
        let failed = message_of(&world, &reminder).await;
        assert!(failed.error_message.as_deref().is_some_and(|why| why.contains(words)), "{status}: {failed:?}");
        // Again, and out of order.
        for late in [status, "ringing", "completed", "initiated"] {
            call.is(&world, late).await;
        }
        world.hub.settle().await;
        assert_eq!((world.twilio.calls().len(), world.twilio.sent().len()), (1, 1), "{status}");
        assert_eq!(message_of(&world, &reminder).await.status, MessageStatus::Failed, "{status}");
        world.finish().await;
    }
}
