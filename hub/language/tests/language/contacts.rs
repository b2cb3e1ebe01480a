//! Sentences about contacts, and sentences that only look like it.

use xswarm_language::command::understand;

use crate::printed;

fn read(sentence: &str) -> String {
    printed::command(&understand(sentence, &printed::usual()).command)
}

#[test]
fn contacts_are_added_asked_about_and_deleted() {
    printed::check(
        r"
        Add a contact: Anna Miller, +49 151 23456789, my sister => contact add Anna Miller phone=+49 151 23456789 is=sister
        add contact John Smith, john@example.com => contact add John Smith mail=john@example.com
        new contact: Dr. Weiss, (415) 555-2671, my dentist => contact add Dr. Weiss phone=(415) 555-2671 is=dentist
        add a contact => contact add -
        add Anna, +4915123456789 to my contacts => contact add Anna phone=+4915123456789
        Anna Berg's number is +49 151 1234567 => contact add Anna Berg phone=+49 151 1234567
        John's email address is john@example.com => contact add John mail=john@example.com
        what is John's number => contact ask John
        what's my wife's phone number? => contact ask Wife
        what's mom's email address => contact ask Mom
        do I have Anna's number => contact ask Anna
        what is the number of Anna Miller => contact ask Anna Miller
        list my contacts => contacts
        delete the contact Anna => contact delete Anna
        remove John Smith from my contacts => contact delete John Smith
        ",
        read,
    );
}

#[test]
fn what_is_no_contact_stays_what_it_is() {
    for sentence in [
        "call John at 5pm tomorrow",
        "remind me to call John's number tomorrow at 5",
        "what number is the meeting in",
        "my wife's number is +49 151 1234567",
        "the order's number is 4711",
        "contact John about the invoice",
        "schedule a meeting with John tomorrow at 3pm",
        "delete the meeting with Anna",
        "what's on my calendar",
        "email John about the contact list",
        "what's the number of days until Christmas",
    ] {
        let found = read(sentence);
        assert!(!found.starts_with("contact"), "{sentence}: {found}");
    }
}
