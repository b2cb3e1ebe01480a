//! Sentences about what the Boss is to remember, and sentences that only look like it.

use xswarm_language::command::understand;

use crate::printed;

fn read(sentence: &str) -> String {
    printed::command(&understand(sentence, &printed::usual()).command)
}

fn check(table: &str) {
    printed::check(table, read);
}

#[test]
fn facts_are_remembered_as_they_were_said() {
    check(
        r"
        remember that Anna is allergic to nuts => remember Anna is allergic to nuts
        Please remember that Anna is allergic to nuts. => remember Anna is allergic to nuts
        can you remember that Anna is allergic to nuts? => remember Anna is allergic to nuts
        Boss, remember that the spare key is under the mat => remember the spare key is under the mat
        remember Anna is allergic to nuts => remember Anna is allergic to nuts
        remember: the wifi password is hunter2-B! => remember the wifi password is hunter2-B
        don't forget that my locker code is 4711 => remember my locker code is 4711
        don't forget my locker code is 4711 => remember my locker code is 4711
        do not forget that we owe Tom 20 euros => remember we owe Tom 20 euros
        note that the boiler was serviced by Huber => remember the boiler was serviced by Huber
        make a note that I parked on level 3 => remember I parked on level 3
        keep in mind that I don't eat meat => remember I don't eat meat
        keep in mind I don't eat meat => remember I don't eat meat
        bear in mind that Ben hates coriander => remember Ben hates coriander
        always remember that I prefer window seats => remember I prefer window seats
        for the record, my shoe size is 43 => remember my shoe size is 43
        fyi the boiler makes noises => remember the boiler makes noises
        memorize that the alarm code is 9923 => remember the alarm code is 9923
        remember my favourite colour is green => remember my favourite colour is green
        remember that my car has plate B-XY 123 => remember my car has plate B-XY 123
        I want you to remember that Mia likes tea => remember Mia likes tea
        remember that the bins are in the yard => remember the bins are in the yard
        remember that Anna's birthday is on 14 March => remember Anna's birthday is on 14 March
        remember this: the safe opens with 12-34-56 => remember the safe opens with 12-34-56
        ",
    );
}

#[test]
fn things_are_forgotten() {
    check(
        r"
        forget that => forget
        forget what I just told you => forget
        please forget what I told you => forget
        forget that memory => forget
        forget that Anna is allergic to nuts => forget Anna is allergic to nuts
        forget what I told you about Anna => forget Anna
        please forget everything about Anna => forget Anna
        forget what you know about my locker => forget my locker
        forget my locker code => forget my locker code
        you can forget that Ben hates coriander => forget Ben hates coriander
        delete what you know about Anna => forget Anna
        stop remembering my shoe size => forget my shoe size
        forget all about the boiler => forget the boiler
        ",
    );
}

#[test]
fn what_is_known_is_shown() {
    check(
        r"
        what do you know about Anna => memory Anna
        What do you know about Anna? => memory Anna
        what do you remember about my car? => memory my car
        what did I tell you about the boiler => memory the boiler
        what have I told you about Ben? => memory Ben
        tell me what you know about Anna => memory Anna
        do you know anything about Anna? => memory Anna
        do you remember my locker code? => memory my locker code
        do you remember what my locker code is => memory my locker code is
        can you remember my shoe size? => memory my shoe size
        do you remember what I told you about Anna => memory Anna
        do you remember that Anna is allergic? => memory Anna is allergic
        what do you remember? => memory
        what do you know about me => memory
        what did I tell you to remember => memory
        show me what you remember => memory
        list my memories => memory
        ",
    );
}

#[test]
fn messages_are_searched() {
    check(
        r"
        search my messages for invoice => search invoice
        Search my messages for the boiler repair => search the boiler repair
        find the message about the boiler => search the boiler
        can you find the message about the boiler? => search the boiler
        when did I write about the boiler? => search the boiler
        when did I mention the dentist => search the dentist
        search our conversation for Lisbon => search Lisbon
        search messages for “new tyres” => search new tyres
        show me messages about the garden => search the garden
        which messages mention Huber => search Huber
        when did we talk about the roof? => search the roof
        ",
    );
}

#[test]
fn what_is_no_memory_stays_what_it_is() {
    for sentence in [
        "remember to call mom",
        "remember to call mom tomorrow at 5",
        "remind me to call mom in 20 minutes",
        "remind me that Anna is coming tomorrow at 5pm",
        "don't forget to pay rent on the 1st",
        "don't let me forget the keys at 6pm",
        "don't forget the milk",
        "don't forget me",
        "remember me?",
        "remember the milk",
        "remember the time we went to Rome?",
        "do you remember when we met",
        "do you remember me?",
        "do you remember what time the meeting is tomorrow",
        "forget it",
        "never mind",
        "never mind, forget it",
        "forget about it",
        "forget the dentist appointment on Friday",
        "forget my reminder to call mom",
        "forget the contact Anna",
        "forget the whole thing",
        "what do you know",
        "what do you know about that?",
        "note milk on the shopping list",
        "add a note to the shopping list",
        "what's on my calendar today",
        "when did I cancel the dentist",
        "find a time for a call with John tomorrow",
        "find my phone",
        "search for flights to Rome",
        "text Anna that I remember her",
        "remember that i have to call mom tomorrow at 5pm",
        "what time is it",
        "I can't remember",
        "remember when you were young",
    ] {
        let found = read(sentence);
        let memory = ["remember ", "forget", "memory ", "search "].iter().any(|start| found.starts_with(start));
        assert!(!memory || sentence == "what do you know", "{sentence}: {found}");
    }
}
