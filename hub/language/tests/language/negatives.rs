//! Sentences without any time, however much they look like it.

use crate::printed;

#[test]
fn no_time_is_found_where_there_is_none() {
    let sentences = r"
        I have twenty-one coins in my pocket
        May I ask a question?
        you may be right
        the second half was better
        march on, soldiers
        she sat down
        the sun is out
        version 1.10.30
        call 555-1212
        +49 170 2010-2015
        the score was 3:2
        a 16:9 screen
        we are number 1
        at home
        at least a few
        see you later
        have a nice day
        Have a great week!
        good night
        I bought 12 eggs
        room 101
        chapter 7
        it costs 6.45
        6.5 kg of flour
        12.5%
        the 1st prize
        for the first time
        a second opinion
        one may wonder
        knowledge is power
        nowhere to go
        up to date
        end of the line
        in the middle of nowhere
        Dec is short for decimal
        my daughter is in fall mode
        A4 paper
        4a
        R2-D2
        10 percent
        half of it
        quarter pounder
        day by day
        the day I left
        long time no see
        at any time
        a few good friends
        80-32-89-89
        I'm at 10.1 - 10.12
        $DEC token
        2012-14
        the odds are 10 to 1
        ratio 4:3
        palm tree
        I am here
        ham sandwich
        one day you will see
        martini
    ";
    for sentence in sentences.lines().map(str::trim).filter(|sentence| !sentence.is_empty()) {
        assert_eq!(printed::times(sentence), "nothing", "{sentence}");
    }
}
