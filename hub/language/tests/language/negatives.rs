//! Sentences without any time, however much they look like it.

use crate::printed;

#[test]
fn no_time_is_found_where_there_is_none() {
    let sentences = r"
        there are thirty-two chairs in the hall
        May I come in?
        you may be right
        the second half was better
        march on, soldiers
        she sat down
        the sun is out
        release 2.14.11
        call 555-1212
        +49 170 2010-2015
        the score was 3:2
        a 16:9 screen
        we are number 1
        at home
        at least a few
        see you later
        have a nice day
        Have a lovely month!
        sleep well
        I bought 12 eggs
        room 101
        chapter 7
        it costs 6.45
        6.5 kg of flour
        12.5%
        the 1st prize
        for the first time
        a second opinion
        one may object
        kindness is power
        nowhere to go
        out of date
        end of the rope
        in the middle of nowhere
        Dec is short for decimal
        my daughter is in fall mode
        B5 paper
        7a
        R2-D2
        10 percent
        half of it
        quarter pounder
        day by day
        the day I left
        long time no see
        at any time
        a few good friends
        41-77-60-12
        the value went from 8.1 - 8.15
        $DEC token
        2031-17
        the odds are 10 to 1
        ratio 4:3
        palm tree
        I am here
        cheese sandwich
        one day you will see
        decaffeinated
    ";
    for sentence in sentences.lines().map(str::trim).filter(|sentence| !sentence.is_empty()) {
        assert_eq!(printed::times(sentence), "nothing", "{sentence}");
    }
}
