//! "What did you do today": told from the receipts, in the words of each effect; and one change taken back by its receipt.

use chrono::{DateTime, Duration};
use xswarm_core::{message::Channel::Sms, receipt::AskedBy};

use super::talk::Talk;
use crate::{
    assistant::{
        effect::{self, Effect},
        undo,
    },
    error::{Error, Kind},
};

impl Talk {
    fn receipts(&self) -> Vec<xswarm_store::Receipt<Effect>> {
        let (user, until) = (self.user.id, self.now + Duration::seconds(1));
        self.write(move |tx| Ok(tx.receipts_between(Some(user), DateTime::UNIX_EPOCH, until, 100)?))
    }

    /// Takes back the change with this number.
    fn take_back(&self, number: usize) -> Result<String, Error> {
        let (receipt, now, zone) = (self.receipts().swap_remove(number), self.now, self.user.timezone);
        self.write(move |tx| {
            let taken = undo::one(tx, &receipt, zone, now);
            if let Ok((effects, _)) = &taken {
                for effect in effects {
                    effect.apply(tx, now)?;
                }
            }
            Ok(taken.map(|(_, words)| words))
        })
    }
}

#[test]
fn what_was_done_is_told_in_words_with_what_was_taken_back() {
    let mut talk = Talk::new();
    assert_eq!(talk.say("what did you do today?"), "Nothing was changed on Tuesday, 24 November 2026.");
    talk.say("Dinner with Anna on Friday at 7pm");
    talk.later(Duration::minutes(5));
    talk.say_by(Sms, "remind me to call mom tomorrow at 5pm");
    talk.later(Duration::minutes(5));
    talk.say("add milk to the shopping list");
    talk.say("take that back");
    assert_eq!(
        talk.say("what did you do today?"),
        "Changed on Tuesday, 24 November 2026:\n\
         Tuesday, 24 November 2026 (CET):\n\
         – 10:00 AM on the console: Booked: Dinner with Anna, Friday, 27 November 2026, 7:00–8:00 PM CET\n\
         – 10:05 AM by text: Reminder set: call mom, Wednesday, 25 November 2026 at 5:00 PM CET on the console\n\
         – 10:10 AM on the console: List made: shopping (the household's), with milk (taken back)"
    );
    talk.later(Duration::days(1));
    assert!(talk.say("what did I book yesterday?").contains("Booked: Dinner with Anna"));
    assert_eq!(talk.say("what have you changed today?"), "Nothing was changed on Wednesday, 25 November 2026.");
    assert!(
        talk.say("what have you changed this week?").starts_with("Changed from Monday, 23 November 2026 to Sunday")
    );
}

#[test]
fn a_receipt_tells_who_asked_and_by_which_way() {
    let talk = Talk::new();
    talk.say_by(Sms, "Dentist tomorrow at 3pm");
    let (user, now) = (talk.user.id, talk.now);
    let booked = talk.receipts().remove(0);
    assert_eq!((booked.origin.asked_by, booked.origin.channel), (AskedBy::Words, Some(Sms)));
    assert_eq!(booked.effect.subject().unwrap().table, "appointments");
    let Effect::Book { appointment, channel, .. } = booked.effect else { panic!("no booking") };
    talk.write(move |tx| {
        let later = xswarm_core::appointment::Appointment { title: "Doctor".into(), ..*appointment.clone() };
        effect::commit(tx, user, &[effect::change(&appointment, effect::revised(&later, now), channel)], now)
    });
    let changed = talk.receipts().remove(1);
    assert_eq!((changed.origin.asked_by, changed.origin.channel), (AskedBy::Api, None));
    let told = talk.say("show me what you did");
    assert!(told.contains("by a program: Changed: Dentist, Wednesday") && told.contains("to \"Doctor\""), "{told}");
}

#[test]
fn one_change_is_taken_back_by_its_receipt_but_not_under_a_later_one() {
    let talk = Talk::new();
    talk.say("Dentist tomorrow at 3pm");
    talk.say("Dinner with Anna on Friday at 7pm");
    assert!(talk.take_back(0).unwrap().starts_with("Dentist"));
    assert_eq!(talk.calendar(), ["11-27 18:00 Dinner with Anna"]);
    assert_eq!(talk.take_back(0).unwrap_err().kind, Kind::Conflict, "once");
    talk.say("move it to Saturday");
    let refused = talk.take_back(1).unwrap_err();
    assert_eq!(refused.kind, Kind::Conflict);
    assert!(refused.context.contains("changed again since"), "{}", refused.context);
    talk.take_back(2).unwrap();
    talk.take_back(1).unwrap();
    assert!(talk.calendar().is_empty());
    let told = talk.say("what did you do today?");
    assert_eq!(told.matches("(taken back)").count(), 3, "{told}");
}

#[test]
fn what_would_be_done_is_named_when_it_is_asked_again() {
    let talk = Talk::new();
    talk.say("add milk to the shopping list");
    talk.say("clear the shopping list");
    assert_eq!(talk.say("hmm"), "Please answer yes or no. Clear the shopping list (1 thing on it)? (yes or no)");
}

#[test]
fn that_something_was_remembered_is_told_without_its_words() {
    let talk = Talk::new();
    talk.say("remember that Anna is allergic to nuts");
    let told = talk.say("what did you do today?");
    assert!(told.contains("Remembered: something you told me") && !told.contains("nuts"), "{told}");
}
