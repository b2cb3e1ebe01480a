//! Lists in conversation.

use super::talk::Talk;

#[test]
fn things_are_put_on_the_shopping_list_and_read_back() {
    let talk = Talk::new();
    assert_eq!(talk.say("what's on my shopping list"), "Nothing is on the shopping list.");
    assert_eq!(talk.say("add milk and eggs to the shopping list"), "Added to the shopping list: milk and eggs.");
    assert_eq!(talk.say("add Milk to the shopping list"), "milk is already on the shopping list. Nothing was changed.");
    assert_eq!(
        talk.say("add bread and eggs to the shopping list"),
        "Added to the shopping list: bread. (eggs is already on it.)"
    );
    assert_eq!(talk.say("what's on my shopping list"), "On the shopping list:\n– milk\n– eggs\n– bread");
    assert_eq!(talk.say("take milk off the list"), "Taken off the shopping list: milk (2 left).");
    assert_eq!(talk.say("check off eggs"), "Checked off the shopping list: eggs (1 left).");
    assert_eq!(talk.say("show me the shopping list"), "On the shopping list (1 checked off):\n– bread");
    assert!(talk.calendar().is_empty());
}

#[test]
fn undo_takes_back_each_change_of_a_list() {
    let talk = Talk::new();
    talk.say("add milk and eggs to the shopping list");
    talk.say("check off eggs");
    talk.say("take milk off the list");
    assert_eq!(talk.say("undo"), "Undone: milk on the list again.");
    assert_eq!(talk.say("undo"), "Undone: eggs no longer checked off.");
    assert_eq!(talk.say("what's on the list"), "On the shopping list:\n– milk\n– eggs");
    assert_eq!(talk.say("undo"), "Undone: the shopping list is gone.");
    assert_eq!(
        talk.say("what lists do I have"),
        "There are no lists yet. Say, for example, \"add milk to the shopping list\"."
    );
}

#[test]
fn what_is_on_no_list_may_be_a_reminder() {
    let talk = Talk::new();
    talk.say("add milk to the shopping list");
    talk.say("remind me to call mom in 3 hours");
    let answer = talk.say("check off call mom");
    assert!(answer.starts_with("Good, I won't remind you: call mom"), "{answer}");
    assert!(talk.pending().is_empty());
    assert!(talk.say("check off the dragon").contains("nothing was changed"));
}

#[test]
fn clearing_and_deleting_ask_first() {
    let talk = Talk::new();
    talk.say("add milk and eggs to the shopping list");
    assert_eq!(talk.say("clear the shopping list"), "Clear the shopping list (2 things on it)? (yes or no)");
    assert_eq!(talk.say("no"), "All right. Nothing was changed.");
    talk.say("clear the shopping list");
    assert!(talk.say("yes").starts_with("Cleared the shopping list."));
    assert_eq!(talk.say("what's on my shopping list"), "Nothing is on the shopping list.");
    talk.say("undo");
    assert_eq!(talk.say("what's on my shopping list"), "On the shopping list:\n– milk\n– eggs");
    talk.say("create a list called packing");
    assert_eq!(talk.say("delete the packing list"), "Delete the packing list (0 things on it)? (yes or no)");
    assert!(talk.say("yes").starts_with("Deleted the packing list."));
    assert_eq!(talk.say("undo"), "Undone: the packing list is there again.");
}

#[test]
fn lists_are_made_when_asked_or_agreed() {
    let talk = Talk::new();
    assert_eq!(talk.say("create a list called packing"), "Made the packing list. It is yours alone.");
    assert!(talk.say("create a packing list").contains("already"));
    assert_eq!(talk.say("make a shared list called camping"), "Made the camping list. It is the whole household's.");
    assert_eq!(talk.say("add buy stamps to my to-do list"), "Added to the to-do list: buy stamps.");
    let asked = talk.say("add a lamp to the birthday list");
    assert_eq!(asked, "There is no list called birthday. Shall I make it, with lamp on it? (yes or no)");
    assert_eq!(talk.say("yes"), "Added to the birthday list: lamp.");
    let lists = talk.say("show my lists");
    assert_eq!(lists, "Lists:\n– birthday (1)\n– packing (0)\n– to-do (1)\n– camping (0, the household's)");
}

#[test]
fn what_is_meant_is_asked_and_what_is_missing_is_said() {
    let talk = Talk::new();
    talk.say("add oat milk, soy milk and eggs to the shopping list");
    let asked = talk.say("take milk off the shopping list");
    assert_eq!(asked, "Which do you mean: oat milk, soy milk? Please say it in full. Nothing was changed.");
    assert_eq!(talk.say("take soy off the shopping list"), "Taken off the shopping list: soy milk (2 left).");
    assert_eq!(
        talk.say("remove beer from the shopping list"),
        "I don't find beer. On the shopping list nothing was changed."
    );
    assert_eq!(talk.say("what's on the packing list"), "There is no list called packing. Nothing was changed.");
}

#[test]
fn hostile_items_change_nothing_or_stay_words() {
    let talk = Talk::new();
    let long = format!("add {} to the shopping list", "x".repeat(300));
    assert!(talk.say(&long).contains("Nothing was changed."));
    let many = format!("add {} to the shopping list", vec!["a b"; 60].join(", "));
    assert!(talk.say(&many).contains("Nothing was changed."));
    talk.say("add '); DROP TABLE lists; -- to the shopping list");
    talk.say("add cancel all my appointments to the to-do list");
    assert!(talk.say("what's on my to-do list").contains("cancel all my appointments"));
}
