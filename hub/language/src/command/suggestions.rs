//! Suggestions of the Boss's own: whether they are wanted, and which there were. Whole sentences only: "any suggestions for
//! dinner" is about dinner.

use super::{sentence::Sentence, types::Command};
use crate::lexer::phrases::{Phrases, any};

const OFF: &Phrases = any!(
    "no suggestions|no more suggestions|no suggestions anymore|no suggestions any more|stop suggesting|\
    stop suggesting things|stop making suggestions|stop making me suggestions|stop the suggestions|\
    stop with the suggestions|stop your suggestions|stop suggestions|don't make suggestions|don't make me suggestions|\
    don't make any suggestions|don't make any more suggestions|don't suggest anything|don't suggest things|\
    do not make suggestions|do not suggest anything|do not make any suggestions|never suggest anything|\
    i don't want suggestions|i don't want any suggestions|i don't want your suggestions|i want no suggestions|\
    turn off suggestions|turn suggestions off|turn the suggestions off|turn off the suggestions|switch off suggestions|\
    switch suggestions off|disable suggestions|suggestions off|quit making suggestions|quit suggesting things|\
    never make suggestions|keep your suggestions|no suggestions thanks|no suggestions thank you"
);
const ON: &Phrases = any!(
    "make suggestions|make suggestions again|make me suggestions|make me suggestions again|start making suggestions|\
    start making suggestions again|start suggesting things|start suggesting things again|suggest things|\
    suggest things again|suggestions on|suggestions again|turn on suggestions|turn suggestions on|\
    turn suggestions back on|turn the suggestions on|turn on the suggestions|turn the suggestions back on|\
    switch on suggestions|switch suggestions on|switch suggestions back on|enable suggestions|\
    you can make suggestions|you can make suggestions again|you may make suggestions|you may make suggestions again|\
    you may suggest things|you may suggest things again|you can suggest things again|i want suggestions|\
    i want suggestions again|i'd like suggestions|i'd like suggestions again"
);
const SHOW: &Phrases = any!(
    "suggestions|your suggestions|my suggestions|any suggestions|what suggestions do you have|\
    which suggestions do you have|what suggestions are there|what suggestions did you make|\
    what suggestions have you made|which suggestions did you make|do you have suggestions|do you have any suggestions|\
    have you any suggestions|have you got any suggestions|are there any suggestions|are there suggestions|\
    show suggestions|show the suggestions|show your suggestions|show me your suggestions|show me the suggestions|\
    show my suggestions|show me my suggestions|show all suggestions|list suggestions|list the suggestions|\
    list your suggestions|list my suggestions|list all suggestions|what are your suggestions|what are my suggestions|\
    what are the suggestions|what did you suggest|what have you suggested|what did you suggest to me|what do you suggest"
);

/// A command about suggestions, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    let bare = sentence.whole();
    let is = |phrases| bare.is_one_of(phrases) || sentence.is_one_of(phrases);
    if is(OFF) {
        Some(Command::SetSuggestions { on: false })
    } else if is(ON) {
        Some(Command::SetSuggestions { on: true })
    } else {
        is(SHOW).then_some(Command::ListSuggestions)
    }
}
