//! Sentences about lists, and sentences that only look like it.

use xswarm_language::command::understand;

use crate::printed;

fn read(sentence: &str) -> String {
    printed::command(&understand(sentence, &printed::usual()).command)
}

fn check(table: &str) {
    printed::check(table, read);
}

#[test]
fn things_are_put_on_lists() {
    check(
        r"
        add milk and eggs to the shopping list => list shopping: add milk | eggs
        add milk to my shopping list => list shopping: add milk
        Please add oat milk, bread and 2 lemons to the shopping list => list shopping: add oat milk | bread | 2 lemons
        put toilet paper on the grocery list => list grocery: add toilet paper
        add some apples to my list => list the list: add apples
        can you put bananas on our shopping list please => list shopping: add bananas
        add mac and cheese to the shopping list => list shopping: add mac and cheese
        add a lamp to the wish list => list wish: add lamp
        add a dozen eggs to the shopping list => list shopping: add a dozen eggs
        add buy stamps to my to-do list => list to-do: add buy stamps
        add call mom and dad to my to do list => list to-do: add call mom and dad
        add fix the bike to my todo list => list to-do: add fix the bike
        add sun cream to the packing list => list packing: add sun cream
        shopping list: milk, eggs => list shopping: add milk | eggs
        add to my shopping list: rice and beans => list shopping: add rice | beans
        write flour on the shopping list => list shopping: add flour
        add socks to the list called summer trip => list summer trip: add socks
        ",
    );
}

#[test]
fn lists_are_read() {
    check(
        r"
        what's on my shopping list => list shopping: show
        what is on the shopping list? => list shopping: show
        show me my to-do list => list to-do: show
        read the packing list => list packing: show
        my shopping list => list shopping: show
        what's on the list? => list the list: show
        what lists do I have => lists
        show my lists => lists
        ",
    );
}

#[test]
fn things_are_taken_off_and_checked_off() {
    check(
        r"
        take milk off the list => list the list: remove milk
        take milk off my shopping list => list shopping: remove milk
        remove milk and eggs from the shopping list => list shopping: remove milk | eggs
        delete bread from the grocery list => list grocery: remove bread
        check off eggs => list the list: check off eggs
        check eggs off the list => list the list: check off eggs
        cross off the oat milk on my shopping list => list shopping: check off oat milk
        tick buy stamps off my to-do list => list to-do: check off buy stamps
        mark milk as bought on the shopping list => list shopping: check off milk
        ",
    );
}

#[test]
fn lists_are_made_cleared_and_deleted() {
    check(
        r"
        create a list called packing => list packing: create
        create a packing list => list packing: create
        make a shared list called camping => list camping: create shared
        start a new list for me called gifts => list gifts: create
        clear the shopping list => list shopping: clear
        empty my to-do list => list to-do: clear
        remove everything from the shopping list => list shopping: clear
        delete the packing list => list packing: delete
        ",
    );
}

#[test]
fn what_is_no_list_stays_what_it_is() {
    for sentence in [
        "add a meeting with John to my calendar tomorrow at 3pm",
        "add a meeting tomorrow at 3pm",
        "put dinner with Anna on the calendar for Friday at 7pm",
        "list my reminders",
        "list my appointments this week",
        "show me the list of meetings tomorrow",
        "what's on my list of appointments",
        "add John to the guest list",
        "what's on my calendar today",
        "add a task to Atlas: fix the login",
        "what's on my task list",
        "play my summer playlist",
        "read me my email",
        "check my calendar",
        "check if I'm free tomorrow",
        "remove the dentist on Friday",
        "take the kids to school at 8 tomorrow",
        "mark my calendar for Friday at noon",
        "create an event called list review tomorrow at 3pm",
        "remind me to make a list tomorrow at 9",
        "delete my reminder list",
        "clear my schedule tomorrow",
        "list all the things you can do",
    ] {
        let found = read(sentence);
        assert!(!found.starts_with("list"), "{sentence}: {found}");
    }
}
