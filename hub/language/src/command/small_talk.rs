//! Talk for its own sake: jokes, names, "no idea", good-bye. Recognised so that it is answered as talk, and so that a
//! word in it ("cancel that", "what's up today") starts nothing.

use super::{sentence::Sentence, types::Command};
use crate::lexer::phrases::{Phrases, any};

/// Whole sentences, or their beginnings.
const GREETINGS: &Phrases = any!(
    "what's up|whats up|what is up|wassup|sup|how are you|how is it going|how's it going|hows it going|how do you do|how have you been|what's new|\
    whats new|how was your day|how's your day|how are things|how are you doing|howdy|salutations|greetings|\
    nice to meet you|pleased to meet you|long time no see"
);
const FAREWELLS: &Phrases = any!(
    "bye|goodbye|good bye|bye bye|see you|see ya|cya|later gator|farewell|good night|goodnight|until next time|\
    so long|take care|i'm outta here|i have to go|i have to get going|i need to go|i gotta go|gotta go|i've got to go|\
    i must go|i'll be leaving|i'm leaving|i am leaving|talk to you later|talk to you soon|catch you later|\
    it was nice|nice talking|good talking|have a good|have a nice|have a great"
);
/// No answer to a question, in as many words.
const UNDECIDED: &Phrases = any!(
    "no idea|i have no idea|have no idea|not sure|i'm not sure|im not sure|i am not sure|i'm really not sure|\
    i don't know|i dont know|i do not know|i really don't know|idk|i don't have a clue|i have no clue|no clue|\
    i haven't a clue|couldn't tell you|i couldn't tell you|i can't say|it depends|that depends|who knows|\
    i don't care|i dont care|i do not care|doesn't matter|it doesn't matter|does not matter|whatever|up to you|\
    it's up to you|either is fine|any is fine|i don't mind|maybe|perhaps|possibly|could be|it could be|\
    i'm undecided|beats me|your choice|you choose|you decide"
);
const LAUGHS: &Phrases = any!(
    "joke|jokes|funny|funnier|hilarious|humorous|humor|make me laugh|make me giggle|make me smile|cheer me up|pun|\
    puns|one liner|one liners|fun fact|fun facts|tidbit|tidbits|interesting fact|interesting facts|random fact|\
    cool fact|neat fact|amuse me|entertain me|riddle|knock knock"
);
/// The assistant's own name, age and nature.
const YOURSELF: &Phrases = any!(
    "your name|your age|your birthday|old are you|are you a robot|are you a bot|are you a human|are you human|\
    are you real|are you a real|are you a machine|are you a computer|are you a person|are you an ai|are you alive|\
    are you artificial|you a bot|you a robot|you human|you a human|you a computer|you real|talking to a human|\
    talking to a robot|talking to a bot|talking to a computer|talking to a machine|talking to a real|\
    talking with a real|speaking with a human|speaking to a human|speaking to a real|speaking with a real|\
    speaking to a robot|speaking to a computer|when were you born|were you born|when were you made|\
    when were you created|what are you called|who are you|what should i call you|what can i call you|\
    what do i call you|refer to you|name do you|name should i|name can i|what do people call you|what do they call you|how long have you existed"
);
/// Giving a name is not asking for it.
const RENAMING: &Phrases = any!(
    "change|your name is|your name will|name you|rename|new name|your name to be|your name should|make your name|\
    call you something|another name|other names|better name|from now on"
);

/// Small talk, if it is that.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let words = sentence.end - sentence.start;
    let whole = sentence.whole();
    let opens = |phrases: &Phrases| sentence.opens(phrases).is_some() || whole.opens(phrases).is_some();
    let short = words <= 10 && !sentence.has_time();
    let greets = opens(GREETINGS) && words <= 7;
    let leaves = opens(FAREWELLS) && short && !sentence.has(any!("if|when|what|where|book|schedule|meeting"));
    let undecided = opens(UNDECIDED) && words <= 9 && sentence.find(any!("if|when|where|how")).is_none();
    let laughs = sentence.has(LAUGHS)
        && sentence.opens(any!("what|why|play|rename|change|add|schedule|put|remind|email|text|send")).is_none();
    let yourself = sentence.has(YOURSELF) && !sentence.has(RENAMING);
    (greets || leaves || undecided || laughs || yourself).then_some(Command::SmallTalk)
}
