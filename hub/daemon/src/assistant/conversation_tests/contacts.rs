//! Contacts in conversation, and who the people in a booking are.

use super::talk::Talk;

#[test]
fn a_contact_is_added_asked_about_and_deleted() {
    let talk = Talk::new();
    assert_eq!(
        talk.say("Add a contact: Anna Miller, +49 151 23456789, my sister"),
        "Contact added: Anna Miller, your sister, +4915123456789."
    );
    for question in ["What is Anna's number?", "what's my sister's phone number", "do I have Anna Miller's number"] {
        assert_eq!(talk.say(question), "Anna Miller, your sister, +4915123456789", "{question}");
    }
    assert_eq!(
        talk.say("add contact Anna Miller, anna@example.com"),
        "Added to what I know: Anna Miller, your sister, +4915123456789, anna@example.com."
    );
    assert!(talk.say("add contact Anna Miller, anna@example.com").starts_with("I know that already"));
    assert!(talk.say("list my contacts").contains("– Anna Miller"));
    assert!(talk.say("what is Bob's number").contains("Nobody among your contacts is called Bob"));
    assert!(talk.say("delete the contact Anna").starts_with("Delete the contact Anna Miller"));
    assert_eq!(talk.say("yes"), "Deleted: Anna Miller. Say \"undo\" to take it back.");
    assert!(talk.say("list my contacts").starts_with("You have no contacts yet."));
    assert_eq!(talk.say("undo"), "Undone: Anna Miller is a contact again.");
    assert_eq!(talk.say("undo"), "Undone: I know of Anna Miller what I knew before.");
    assert_eq!(talk.say("undo"), "Undone: Anna Miller is no longer a contact.");
}

#[test]
fn what_is_no_number_is_told_and_nothing_changes() {
    let talk = Talk::new();
    assert!(talk.say("add a contact").starts_with("Who is it?"));
    let wrong = talk.say("add a contact: Anna, 123");
    assert!(wrong.starts_with("That does not work: ") && wrong.ends_with("Nothing was changed."), "{wrong}");
    assert!(talk.say("list my contacts").starts_with("You have no contacts yet."));
}

#[test]
fn a_name_in_a_booking_is_found_among_the_contacts() {
    let talk = Talk::new();
    talk.say("add a contact: Anna Miller, my wife");
    let booked = talk.say("Schedule dinner with my wife tomorrow at 7pm");
    assert!(booked.starts_with("Booked: ") && booked.contains("is Anna Miller.)"), "{booked}");
    let user = talk.user.id;
    let named = talk.write(move |tx| {
        let mut named = Vec::new();
        for one in tx.appointments_from(user, chrono::DateTime::UNIX_EPOCH, 10)? {
            for (_, contact) in tx.appointment_contacts(one.id)? {
                named.extend(tx.contact(contact)?.map(|contact| contact.details.name));
            }
        }
        Ok(named)
    });
    assert_eq!(named, ["Anna Miller"]);
    // Nobody of that name: it stays a name.
    let booked = talk.say("Schedule meeting with John on Friday at 3pm");
    assert!(booked.starts_with("Booked: Meeting with John,") && !booked.contains(" is "), "{booked}");
}

#[test]
fn several_of_a_name_are_asked_about_before_anything_is_booked() {
    let talk = Talk::new();
    talk.say("add a contact: John Smith, +49 151 23456701");
    talk.say("add a contact: John Miller, +49 151 23456702");
    let asked = talk.say("Schedule meeting with John tomorrow at 3pm");
    assert_eq!(asked, "Which John?\n1. John Miller\n2. John Smith");
    assert!(talk.calendar().is_empty());
    assert!(talk.say("what time is it?").starts_with("It is "));
    talk.say("Schedule meeting with John tomorrow at 3pm");
    let booked = talk.say("the second one");
    assert!(
        booked.starts_with("Booked: Meeting with John Smith, Wednesday, 25 November 2026, 3:00–4:00 PM"),
        "{booked}"
    );
    talk.say("Schedule lunch with John on Friday at noon");
    let booked = talk.say("Miller");
    assert!(booked.starts_with("Booked: Lunch with John Miller,"), "{booked}");
    talk.say("Schedule lunch with John on Sunday at noon");
    assert!(talk.say("never mind").contains("Nothing was changed."));
    assert_eq!(talk.calendar().len(), 2);
}
