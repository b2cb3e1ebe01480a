//! Alarms, what is answered to reminders, moving them, and several of them before an appointment.

use xswarm_language::command::{Command, understand};

use crate::printed;

fn check(table: &str) {
    printed::check(table, |sentence| printed::command(&understand(sentence, &printed::usual()).command));
}

#[test]
fn a_reminder_is_answered_in_many_words() {
    for (settled, sentences) in [
        (true, "done|Done!|I did it|thanks, did it|ok, done|I'm up|mark call mom as done|done with call mom|did it"),
        (false, "got it|Got it!|ack|noted"),
    ] {
        for sentence in sentences.split('|') {
            let command = understand(sentence, &printed::usual()).command;
            let is = matches!(&command, Command::AcknowledgeReminder { settled: said, .. } if *said == settled);
            assert!(is, "{sentence}: {command:?}");
        }
    }
    check(
        r"
        mark call mom as done => done title=call mom
        done with the laundry => done title=laundry
        stop => no
        snooze => snooze
        ",
    );
}

#[test]
fn a_reminder_is_moved() {
    check(
        r"
        move the reminder to call mom to 6 => move reminder title=call mom to=2026-11-24 18:00
        move my call mom reminder to tomorrow at 5pm => move reminder title=call mom to=2026-11-25 17:00
        change my alarm to 7:30 => move reminder to=2026-11-24 19:30
        push the reminder to water the plants back by an hour => move reminder title=water the plants by=1h
        ",
    );
    for sentence in ["set a reminder to call mom at 6", "set an alarm for 7", "change the meeting to 4pm"] {
        let command = understand(sentence, &printed::usual()).command;
        assert!(!matches!(command, Command::MoveReminder { .. }), "{sentence}: {command:?}");
    }
}

#[test]
fn several_lead_times_are_told_from_one_long_one() {
    check(
        r"
        remind me 24 hours, 1 hour and 15 minutes before => remind before leads=24h, 1h, 15m
        remind me 24 hours, 1 hour, and 15 minutes before the dentist => remind before title=dentist leads=24h, 1h, 15m
        remind me 1 day and 1 hour before the dentist => remind before title=dentist leads=1d, 1h
        remind me about the dentist a day, an hour and ten minutes before => remind before title=dentist leads=1d, 1h, 10m
        remind me 24 hours and 1 hour before the dentist => remind before title=dentist leads=24h, 1h
        remind me 30 minutes and 10 minutes before the dentist => remind before title=dentist leads=30m, 10m
        remind me 1 hour and 15 minutes before the dentist => remind text=dentist lead=1h 15m
        remind me an hour before the dentist => remind text=dentist lead=1h
        ",
    );
}

#[test]
fn an_alarm_rings_in_the_morning_and_a_reminder_may_be_urgent() {
    for (sentence, alarm, urgent, hour) in [
        ("wake me up at 6:30 every weekday", true, false, "06:30"),
        ("set an alarm for 6:30 on weekdays", true, false, "06:30"),
        ("set an alarm for 6:30pm every day", true, false, "18:30"),
        ("remind me to stretch every day at 9", false, false, ""),
        ("wake me at 7", true, false, "07:00"),
        ("urgent reminder to take my pills at 8pm", false, true, "20:00"),
        ("remind me urgently to call mom at 5", false, true, "17:00"),
    ] {
        let command = understand(sentence, &printed::usual()).command;
        let Command::SetReminder { text, when, nature, .. } = &command else { panic!("{sentence}: {command:?}") };
        assert_eq!((nature.alarm, nature.urgent), (alarm, urgent), "{sentence}");
        assert!(!text.as_deref().unwrap_or_default().contains("urgent"), "{sentence}: {text:?}");
        let value = format!("{:?}", when.as_ref().unwrap().value);
        assert!(value.contains(hour), "{sentence}: {value}");
    }
}
