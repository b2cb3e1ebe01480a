//! Sentences to commands. Now is Tuesday, 24 November 2026, 9:30 in Berlin.

use xswarm_language::command::understand;

use crate::printed;

fn check(table: &str) {
    printed::check(table, |sentence| printed::command(&understand(sentence, &printed::usual()).command));
}

#[test]
fn appointments_are_created() {
    check(
        r#"
        Schedule meeting with John tomorrow at 3pm => create title=Meeting with John when=2026-11-25 15:00 with=John
        Schedule review on Thursday at 3pm every week => create title=Review when=FREQ=WEEKLY;BYDAY=TH 15:00 from 2026-11-26
        Yoga with Sue on Tuesday at noon every week until March => create title=Yoga with Sue when=FREQ=WEEKLY;BYDAY=TU;UNTIL=20270301T000000Z 12:00 from 2026-12-01 with=Sue
        Schedule review on Thursday from 3 to 4pm every week => create title=Review when=FREQ=WEEKLY;BYDAY=TH 15:00-16:00 from 2026-11-26
        Lunch with Anna Friday noon at Luigi's => create title=Lunch with Anna when=2026-11-27 12:00 with=Anna at=Luigi's
        Schedule a meeting => create title=Meeting
        book "Q3 review" Monday 10-11 => create title=Q3 review when=2026-11-30 10:00/2026-11-30 11:00
        schedule a call with john smith and anna next tuesday from 2 to 3pm => create title=Call with john smith and anna when=2026-12-01 14:00/2026-12-01 15:00 with=John Smith+Anna
        Please book a dentist appointment on December 3rd at 10:30 => create title=Dentist appointment when=2026-12-03 10:30
        Add team standup every weekday at 9:15am => create title=Team standup when=FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 09:15
        put dinner with Sam on my calendar for Friday at 7pm => create title=Dinner with Sam when=2026-11-27 19:00 with=Sam
        can you set up a 30 minute sync with Priya tomorrow at 11 => create title=Sync with Priya when=2026-11-25 11:00 for=30m with=Priya
        Schedule a review tomorrow 2pm for 90 minutes, remind me 15 minutes before by email => create title=Review when=2026-11-25 14:00 for=1h 30m lead=15m by=email
        create an event called Kickoff on Monday at 9 in Room 5 => create title=Kickoff when=2026-11-30 09:00 at=Room 5
        "#,
    );
}

#[test]
fn appointments_are_moved_and_cancelled() {
    check(
        r"
        Move my meeting with John to 4pm => move with=John to=2026-11-24 16:00
        reschedule the dentist from Friday to Monday at 10am => move title=Dentist when=2026-11-27 to=2026-11-30 10:00
        push the standup back by 30 minutes => move title=Standup by=30m
        move it to tomorrow => move it to=2026-11-25
        move my 3pm to 4pm => move when=2026-11-24 15:00 to=2026-11-24 16:00
        Cancel the dentist on Friday => cancel title=Dentist when=2026-11-27
        cancel my meeting with John tomorrow => cancel with=John when=2026-11-25
        delete the second one => cancel nth=2
        cancel all meetings tomorrow => cancel when=2026-11-25 all
        cancel that => no
        ",
    );
}

#[test]
fn the_agenda_is_asked_for() {
    check(
        r"
        What's on my calendar today? => agenda day 2026-11-24
        what do I have this week => agenda week 2026-11-23
        show my agenda for tomorrow => agenda day 2026-11-25
        am I free tomorrow afternoon => free 2026-11-25 12:00/2026-11-25 18:00
        what's next => agenda next
        agenda => agenda day 2026-11-24
        do I have any meetings on Friday? => agenda day 2026-11-27
        when is my dentist appointment => agenda any title=Dentist
        ",
    );
}

#[test]
fn reminders_are_understood() {
    check(
        r"
        Remind me to call mom in 20 minutes => remind text=call mom when=2026-11-24 09:50
        Remind me to pay rent every month on the 1st => remind text=pay rent when=FREQ=MONTHLY;BYMONTHDAY=1
        remind me tomorrow at 8am to take out the trash => remind text=take out the trash when=2026-11-25 08:00
        set a reminder for 5pm to feed the cat => remind text=feed the cat when=2026-11-24 17:00
        remind me to water the plants => remind text=water the plants
        Remind Anna to feed the cat at 6pm => message to=Anna text=To feed the cat at 6pm
        remind my wife to call the dentist tomorrow => message to=Wife text=To call the dentist tomorrow
        remind John Smith that the rent is due => message to=John Smith text=The rent is due
        remind me to remind Anna at 5pm => remind text=remind Anna when=2026-11-24 17:00
        remind us to go at 5pm => remind text=go when=2026-11-24 17:00
        remind to buy milk at 5pm => remind text=buy milk when=2026-11-24 17:00
        remind about the rent tomorrow => remind text=rent when=2026-11-25
        remind dentist tomorrow at 9 => remind text=dentist when=2026-11-25 09:00
        wake me up at 7 => remind when=2026-11-25 07:00
        what reminders do I have => reminders any
        list my reminders => reminders any
        cancel the reminder to call mom => cancel reminder title=call mom
        delete all my reminders => cancel reminder all
        snooze for 10 minutes => snooze for=10m
        snooze => snooze
        ",
    );
}

#[test]
fn timers_are_understood() {
    check(
        r"
        Set a pasta timer for 9 minutes => timer for=9m name=pasta
        set a timer for 1 hour and 30 minutes => timer for=1h 30m
        timer 10 min => timer for=10m
        start a 5 minute timer => timer for=5m
        cancel the pasta timer => cancel timer title=pasta
        stop all timers => cancel timer all
        pause the timer => pause timer
        resume the egg timer => resume timer title=egg
        how much time is left on the pasta timer? => timer status title=pasta
        how much time is left => timer status
        add 5 minutes to the pasta timer => change timer title=pasta by=5m
        take 2 minutes off the timer => change timer by=-2m
        ",
    );
}

#[test]
fn small_commands_are_understood() {
    check(
        r"
        what time is it => time
        What's the date? => date
        help => help
        yes => yes
        Yes please! => yes
        no => no
        never mind => no
        undo that => undo
        more => more
        thanks! => thanks
        ",
    );
}

#[test]
fn nonsense_is_unknown() {
    check(
        r"
        asdf qwer zxcv => unknown
        play some jazz => unknown
        what's the weather tomorrow => unknown
        how tall is the Eiffel tower => unknown
        ??? !!! ... => unknown
        cancel my credit card => unknown
        order a pizza for tonight => unknown
        ",
    );
}

#[test]
fn appointments_are_created_in_many_words() {
    check(
        r#"
        Schedule meeting with John tomorrow at 3pm => create title=Meeting with John when=2026-11-25 15:00 with=John
        schedule a meeting => create title=Meeting
        Schedule lunch with Maria on Friday at 12:30 => create title=Lunch with Maria when=2026-11-27 12:30 with=Maria
        book a haircut for Saturday at 11am => create title=Haircut when=2026-11-28 11:00
        Add dentist appointment on December 3 at 10 => create title=Dentist appointment when=2026-12-03 10:00
        add a meeting with the design team on Monday at 2pm to my calendar => create title=Meeting with the design team when=2026-11-30 14:00 with=Design Team
        create an event called Board games on Saturday evening => create title=Board games when=2026-11-28 18:00/2026-11-28 22:00
        Set up a call with Dr. Miller next Tuesday at 9:15 => create title=Call with Dr. Miller when=2026-12-01 09:15 with=Dr. Miller
        put yoga class on my calendar every Wednesday at 6pm => create title=Yoga class when=FREQ=WEEKLY;BYDAY=WE 18:00
        Plan a barbecue on Sunday at 4 at Tom's place => create title=Barbecue when=2026-11-29 16:00 at=Tom's place
        arrange a meeting with Priya and Chen tomorrow from 10 to 11 => create title=Meeting with Priya and Chen when=2026-11-25 10:00/2026-11-25 11:00 with=Priya+Chen
        please schedule an interview with Sam Lee on Thursday 2-3pm => create title=Interview with Sam Lee when=2026-11-26 14:00/2026-11-26 15:00 with=Sam Lee
        can you book me an appointment with the vet on Monday morning => create title=Appointment with the vet when=2026-11-30 06:00/2026-11-30 12:00 with=Vet
        i need to schedule a parent teacher conference for December 9 at 5:30pm => create title=Parent teacher conference when=2026-12-09 17:30
        New appointment: car inspection, 7 December 8am => create title=Car inspection when=2026-12-07 08:00
        meeting with Lena tomorrow 9am => create title=Meeting with Lena when=2026-11-25 09:00 with=Lena
        Dinner with Paul tonight at 7 at Chez Marie => create title=Dinner with Paul when=2026-11-24 19:00 with=Paul at=Chez Marie
        coffee with Ben on Thursday at 4 => create title=Coffee with Ben when=2026-11-26 16:00 with=Ben
        Standup every weekday at 9:15 => create title=Standup when=FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 09:15
        Meeting tomorrow at 3pm in New York time => create title=Meeting when=2026-11-25 21:00
        Schedule a call tomorrow 3pm New York time => create title=Call when=2026-11-25 21:00
        dinner in New York tomorrow at 7pm => create title=Dinner when=2026-11-25 19:00 at=New York
        Schedule story time tomorrow at 3pm => create title=Story time when=2026-11-25 15:00
        Call with Tokyo office Friday 8am Tokyo time => create title=Call with Tokyo office when=2026-11-27 00:00 with=Tokyo office
        team sync mondays at 10 => create title=Team sync when=FREQ=WEEKLY;BYDAY=MO 10:00
        Doctor appointment next Thursday at 8:45am => create title=Doctor appointment when=2026-12-03 08:45
        birthday party saturday 3pm at grandma's => create title=Birthday party when=2026-11-28 15:00 at=grandma's
        tomorrow at 3pm meeting with John => create title=Meeting with John when=2026-11-25 15:00 with=John
        Block Friday afternoon for taxes => create title=Taxes when=2026-11-27 12:00/2026-11-27 18:00
        Schedule a 45 minute review with Kim tomorrow at 2 => create title=Review with Kim when=2026-11-25 14:00 for=45m with=Kim
        Schedule a workshop on December 4 from 9am to 5pm in Room 12 => create title=Workshop when=2026-12-04 09:00/2026-12-04 17:00 at=Room 12
        book "Budget: final round" for Thursday at 1pm => create title=Budget: final round when=2026-11-26 13:00
        schedule the quarterly planning every 3 months on the 1st at 10am => create title=Quarterly planning when=FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=1 10:00
        make an appointment with the bank on Tuesday at 3 => create title=Appointment with the bank when=2026-12-01 15:00 with=Bank
        Lunch w/ Zoë tmrw 12:30 => create title=Lunch w/ Zoë when=2026-11-25 12:30 with=Zoë
        SCHEDULE A MEETING WITH BOB TOMORROW AT 4PM => create title=MEETING WITH BOB when=2026-11-25 16:00 with=BOB
        schedule dinner with mom and dad on sunday at 6pm at home => create title=Dinner with mom and dad when=2026-11-29 18:00 with=Mom+Dad at=home
        Add "Buy tickets" to my calendar tomorrow at 10 => create title=Buy tickets when=2026-11-25 10:00
        set up a one on one with Nina every other Thursday at 11 => create title=One on one with Nina when=FREQ=WEEKLY;INTERVAL=2;BYDAY=TH 11:00 with=Nina
        Schedule a demo next Wednesday at 3pm, remind me 1 hour before => create title=Demo when=2026-12-02 15:00 lead=1h
        Put a hold on my calendar for December 24 to 26 => create title=Hold when=2026-12-24 00:00/2026-12-27 00:00
        hey boss, schedule a call with Anna at 5 today please => create title=Call with Anna when=2026-11-24 17:00 with=Anna
        Schedule meeting with Lee for 30 minutes on Friday at 10 => create title=Meeting with Lee when=2026-11-27 10:00 for=30m with=Lee
        "#,
    );
}

#[test]
fn appointments_are_moved() {
    check(
        r"
        move the review to Thursday => move title=Review to=2026-11-26
        Move lunch with Maria to 1pm => move title=Lunch with=Maria to=2026-11-24 13:00
        reschedule my call with Priya to next Monday at 9 => move title=Call with=Priya to=2026-11-30 09:00
        push my 3pm back an hour => move when=2026-11-24 15:00 by=1h
        push back the standup by 15 minutes => move title=Standup by=15m
        postpone the demo by two days => move title=Demo by=2d
        delay my meeting with Kim by 30 minutes => move with=Kim by=30m
        bring the review forward by an hour => move title=Review by=-1h
        move it to 5 => move it to=2026-11-24 17:00
        change the time of the workshop to 10am => move title=Workshop to=2026-11-24 10:00
        shift the haircut from Saturday to Sunday => move title=Haircut when=2026-11-28 to=2026-11-29
        make it 4pm instead => move it to=2026-11-24 16:00
        reschedule tomorrow's meeting to Friday => move when=2026-11-25 to=2026-11-27
        Move Friday's dinner to Saturday at 8 => move title=Dinner when=2026-11-27 to=2026-11-28 08:00
        can you move my appointment with the vet to the afternoon => move with=Vet to=2026-11-24 12:00/2026-11-24 18:00
        ",
    );
}

#[test]
fn appointments_are_cancelled() {
    check(
        r#"
        Cancel my meeting with Priya => cancel with=Priya
        cancel tomorrow's standup => cancel title=Standup when=2026-11-25
        cancel the dentist => cancel title=Dentist
        Delete the meeting on Friday at 3 => cancel when=2026-11-27 15:00
        remove lunch with Maria from my calendar => cancel title=Lunch with=Maria
        call off the barbecue => cancel title=Barbecue
        cancel all my meetings on Friday => cancel when=2026-11-27 all
        clear my calendar for Thursday => cancel when=2026-11-26
        cancel it => no
        cancel the last one => cancel nth=-1
        cancel my 3pm => cancel when=2026-11-24 15:00
        drop the yoga class on Wednesday => cancel title=Yoga class when=2026-11-25
        cancel my next meeting => cancel nth=1
        please delete the event "Board games" => cancel title=Board games
        "#,
    );
}

#[test]
fn the_agenda_is_asked_for_in_many_words() {
    check(
        r"
        what's on my calendar => agenda day 2026-11-24
        What's on my agenda tomorrow? => agenda day 2026-11-25
        what do I have on Friday => agenda day 2026-11-27
        What's my schedule for next week => agenda week 2026-11-30
        show me my calendar for December 3 => agenda day 2026-12-03
        do I have anything tomorrow afternoon => agenda 2026-11-25 12:00/2026-11-25 18:00
        am I free on Friday at 3? => free 2026-11-27 15:00/2026-11-27 16:00
        am i busy tomorrow => free day 2026-11-25
        what's next => agenda next
        what is my next meeting => agenda next
        when is my next appointment => agenda next
        when's lunch with Maria => agenda any title=Lunch with=Maria
        when do I meet Priya => agenda any title=Priya
        what time is my dentist appointment => agenda any title=Dentist
        any meetings today? => agenda day 2026-11-24
        list my appointments this week => agenda week 2026-11-23
        agenda => agenda day 2026-11-24
        today => agenda day 2026-11-24
        my schedule tomorrow => agenda day 2026-11-25
        today's agenda => agenda day 2026-11-24
        how does my day look => agenda day 2026-11-24
        what does tomorrow look like => agenda day 2026-11-25
        what am i doing this weekend => agenda 2026-11-28 00:00/2026-11-30 00:00
        do I have a meeting with Kim this week? => agenda week 2026-11-23 with=Kim
        read me my calendar for today => agenda day 2026-11-24
        show appointments between Monday and Wednesday => agenda 2026-11-30 00:00/2026-12-03 00:00
        what's happening on Friday => agenda day 2026-11-27
        how many meetings do I have tomorrow => agenda day 2026-11-25
        who am I meeting tomorrow => agenda day 2026-11-25
        is there anything on my calendar next month => agenda month 2026-12-01
        what's coming up => agenda next
        meetings today => agenda day 2026-11-24
        do you know if I have any meetings today => agenda day 2026-11-24
        ",
    );
}

#[test]
fn reminders_in_many_words() {
    check(
        r"
        remind me to call the bank => remind text=call the bank
        Remind me to call the bank tomorrow at 10 => remind text=call the bank when=2026-11-25 10:00
        remind me at 6pm to feed the dog => remind text=feed the dog when=2026-11-24 18:00
        remind me in 45 minutes to check the oven => remind text=check the oven when=2026-11-24 10:15
        In 10 minutes remind me to turn off the stove => remind text=turn off the stove when=2026-11-24 09:40
        tomorrow at 8 remind me to take my pills => remind text=take my pills when=2026-11-25 08:00
        remind me every day at 9pm to lock the door => remind text=lock the door when=FREQ=DAILY 21:00
        remind me every Monday to put out the bins => remind text=put out the bins when=FREQ=WEEKLY;BYDAY=MO
        remind me about the meeting 15 minutes before => remind text=meeting lead=15m
        remind me of Anna's birthday on March 3 => remind text=Anna's birthday when=2027-03-03
        Set a reminder to water the plants every three days => remind text=water the plants when=FREQ=DAILY;INTERVAL=3
        set a reminder for Friday at 5: submit the report => remind text=submit the report when=2026-11-27 17:00
        create a reminder for tomorrow morning to buy bread => remind text=buy bread when=2026-11-25 06:00/2026-11-25 12:00
        reminder: dentist tomorrow 2pm => remind text=dentist when=2026-11-25 14:00
        don't let me forget to send the invoice on the 1st => remind text=send the invoice when=2026-12-01
        don't forget to pay rent on the 1st => remind text=pay rent when=2026-12-01
        wake me up at 6:30 tomorrow => remind when=2026-11-25 06:30
        set an alarm for 7am => remind when=2026-11-25 07:00
        alarm for 6:15am every weekday => remind when=FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR 06:15
        remind me by email to renew my passport in 6 months => remind text=renew my passport when=2027-05-24 09:30 by=email
        remind us to leave at 5 => remind text=leave when=2026-11-24 17:00
        can you remind me to stretch every hour => remind text=stretch when=FREQ=HOURLY
        remind me to call mom when i get home => remind text=call mom when i get home
        remind me tonight => remind when=2026-11-24 18:00/2026-11-24 22:00
        i need to be reminded to pick up Leo at 4 => remind text=pick up Leo when=2026-11-24 16:00
        what are my reminders => reminders any
        show my reminders for tomorrow => reminders day 2026-11-25
        do I have any reminders? => reminders any
        list reminders => reminders any
        what reminders do i have for friday => reminders day 2026-11-27
        cancel the reminder about the bins => cancel reminder title=bins
        delete my 9pm reminder => cancel reminder when=2026-11-24 21:00
        cancel all reminders => cancel reminder all
        turn off the alarm => cancel reminder
        snooze => snooze
        snooze for 15 minutes => snooze for=15m
        snooze until 5pm => snooze until=2026-11-24 17:00
        snooze 1 hour => snooze for=1h
        remind me again in 10 minutes => snooze until=2026-11-24 09:40
        remind me later => snooze
        done => done
        I did it => done
        mark it as done => done
        ",
    );
}

#[test]
fn timers_in_many_words() {
    check(
        r"
        set a timer for 10 minutes => timer for=10m
        set timer 5 min => timer for=5m
        timer for half an hour => timer for=30m
        start a 20 minute timer => timer for=20m
        10 minute timer => timer for=10m
        set an egg timer for 6 minutes => timer for=6m name=egg
        set a timer for 25 minutes called laundry => timer for=25m name=laundry
        set a second timer for 3 minutes => timer for=3m
        start a timer => timer
        timer => timer
        countdown 30 seconds => timer for=30s
        set a 45 minute timer for the roast => timer for=45m name=roast
        cancel the timer => cancel timer
        stop the timer => cancel timer
        cancel the laundry timer => cancel timer title=laundry
        cancel all timers => cancel timer all
        stop the 10 minute timer => cancel timer title=10 minute
        pause the timer => pause timer
        pause my laundry timer => pause timer title=laundry
        resume the timer => resume timer
        unpause the pasta timer => resume timer title=pasta
        continue the timer => resume timer
        add two minutes to the timer => change timer by=2m
        add 30 seconds to the egg timer => change timer title=egg by=30s
        take a minute off the pasta timer => change timer title=pasta by=-1m
        extend the timer by 5 minutes => change timer by=5m
        how long is left on the timer => timer status
        how much time is left on the laundry timer => timer status title=laundry
        how much time left => timer status
        what timers are running => timer status all
        timer status => timer status
        check the timer => timer status
        list my timers => timer status all
        ",
    );
}

#[test]
fn the_time_and_the_date() {
    check(
        r"
        what time is it => time
        what's the time? => time
        time => time
        do you know what time it is => time
        tell me the time please => time
        what time is it in Lisbon => time in=Lisbon
        what's the time in New York right now => time in=New York
        current time in London => time in=London
        what is today's date => date of=2026-11-24
        what day is it => date
        what's the date on Sunday => date of=2026-11-29
        what day is Christmas Eve => date of=2026-12-24
        what date is next Friday => date of=2026-12-04
        which day of the week is December 24 => date of=2026-12-24
        ",
    );
}

#[test]
fn small_words() {
    check(
        r"
        yes => yes
        Yeah => yes
        sure => yes
        ok => yes
        OK! => yes
        go ahead => yes
        sounds good => yes
        that's right => yes
        no => no
        No thanks => no
        nope => no
        cancel => no
        stop => no
        never mind => no
        nevermind => no
        forget it => no
        undo => undo
        undo that => undo
        take that back => undo
        more => more
        show me more => more
        what else => more
        go on => more
        repeat that => repeat
        say that again => repeat
        thanks => thanks
        thank you! => thanks
        hi => greeting
        hello => greeting
        good morning => greeting
        help => help
        Help! => help
        what can you do => help
        help with reminders => help with=Reminders
        what can I say? => help
        ",
    );
}

#[test]
fn projects_and_agents() {
    check(
        r"
        what projects are there => projects
        list my projects => projects
        how is project Atlas going => project Atlas
        what's the status of the Atlas project => project Atlas
        create a project called Home Server => create project Home Server
        start a new project named Atlas => create project Atlas
        what are the agents doing => agents
        agent status => agents
        are the agents busy => agents
        add a task to project Atlas: fix the login page => create task title=Fix the login page in=Atlas
        create a task called Write the docs in the Atlas project => create task title=Write the docs in=Atlas
        what tasks are open in Atlas => tasks of=Atlas
        list tasks => tasks
        ",
    );
}

#[test]
fn messages_and_mail() {
    check(
        r"
        text Anna that I'm running late => message to=Anna text=I'm running late by=sms
        send a message to John: dinner is ready => message to=John text=Dinner is ready
        tell Maria I'll be there at 6 => message to=Maria text=I'll be there at 6
        let Paul know that the package arrived => message to=Paul text=The package arrived
        send an email to Kim about the invoice => mail to=Kim about=Invoice
        email Priya about the budget saying we need five more days => mail to=Priya about=Budget text=We need five more days
        send John an email about lunch => mail to=John about=Lunch
        message Tom and Ben: see you at 8 => message to=Tom+Ben text=See you at 8
        ",
    );
}

#[test]
fn what_is_none_of_the_commands() {
    check(
        r"
        play some jazz => unknown
        what's the weather tomorrow => unknown
        how tall is the Eiffel tower => unknown
        turn on the kitchen light => unknown
        order a pizza for tonight => unknown
        cancel my credit card => unknown
        book a flight to Paris on Friday => unknown
        book a hotel in Rome for tomorrow => unknown
        what's the capital of France => unknown
        tell me a riddle => small talk
        what is the meaning of life => unknown
        who won the game last night => unknown
        how do I get to the airport => unknown
        set the thermostat to 20 degrees => unknown
        translate hello to french => unknown
        asdf qwer => unknown
        !!! => unknown
        the quick brown fox jumps over the lazy dog => unknown
        I love you => small talk
        what are you thinking => small talk
        find me a good restaurant nearby => unknown
        my card was declined yesterday => unknown
        how many grams of sugar are in a plum => unknown
        transfer 100 dollars to savings => unknown
        ",
    );
}

#[test]
fn messy_text_messages() {
    check(
        r"
        mtg w john tmrw 3pm => create title=Mtg w john when=2026-11-25 15:00 with=John
        can u schedule a mtg w sarah tues 4-5 => create title=Mtg w sarah when=2026-12-01 16:00/2026-12-01 17:00 with=Sarah
        meeting john tmrw at 3 => create title=Meeting john when=2026-11-25 15:00
        lunch anna fri noon => create title=Lunch anna when=2026-11-27 12:00
        dentist thurs 10am => create title=Dentist when=2026-11-26 10:00
        Dentist appointment next tuesday 2:30pm 🦷 => create title=Dentist appointment when=2026-12-01 14:30
        tomorrow 3pm dentist => create title=Dentist when=2026-11-25 15:00
        call mom tomorrow at 5 => create title=Call mom when=2026-11-25 17:00
        remind me call dentist tmrw 9 => remind text=call dentist when=2026-11-25 09:00
        rmd me to pay bill fri => remind text=pay bill when=2026-11-27
        remind me 5pm take out trash => remind text=take out trash when=2026-11-24 17:00
        timer 5 => timer for=5m
        set timer for 10 => timer for=10m
        5 min timer pls => timer for=5m
        cancel meeting w john => cancel with=John
        cancel appointment with Dr. Smith on December 4 at 10am => cancel with=Dr. Smith when=2026-12-04 10:00
        move dentist to friday => move title=Dentist to=2026-11-27
        move meeting with john to 4pm tomorrow => move with=John to=2026-11-25 16:00
        move meeting tomorrow to friday 3pm => move when=2026-11-25 to=2026-11-27 15:00
        Move meeting with John from 3pm to 4pm => move with=John when=2026-11-24 15:00 to=2026-11-24 16:00
        reschedule my meeting with John => move with=John
        Please move my meeting with John to next Friday at 10am. => move with=John to=2026-12-04 10:00
        Can you push tomorrow's call to Thursday? => move title=Call when=2026-11-25 to=2026-11-26
        whats on today => agenda day 2026-11-24
        what's on for today? => agenda day 2026-11-24
        what's today => date
        what do I have to do today => agenda day 2026-11-24
        am i free tmrw at 3 => free 2026-11-25 15:00/2026-11-25 16:00
        am I free between 2 and 4 tomorrow => free 2026-11-25 14:00/2026-11-25 16:00
        what meetings do I have with John this week => agenda week 2026-11-23 with=John
        show my week => agenda week 2026-11-23
        show today => agenda day 2026-11-24
        what does my week look like? => agenda week 2026-11-23
        what time is my meeting with John tomorrow => agenda day 2026-11-25 with=John
        Schedule a dentist appointment for January 15 2024 at 2pm => create title=Dentist appointment when=2024-01-15 14:00
        Schedule team meeting on 15/01/2027 at 15:30 => create title=Team meeting when=2027-01-15 15:30
        Book conference room from 3 to 5pm tomorrow => create title=Conference room when=2026-11-25 15:00/2026-11-25 17:00
        Schedule meeting with John and Sarah every Monday at 10am => create title=Meeting with John and Sarah when=FREQ=WEEKLY;BYDAY=MO 10:00 with=John+Sarah
        set up weekly sync with the team on Mondays at 9am => create title=Weekly sync with the team when=FREQ=WEEKLY;BYDAY=MO 09:00 with=Team
        weekly sync Monday 10am => create title=Sync when=FREQ=WEEKLY;BYDAY=MO 10:00 from 2026-11-30
        book a 2 hour workshop next wednesday at 1pm => create title=Workshop when=2026-12-02 13:00 for=2h
        schedule call with Bob in 2 hours => create title=Call with Bob when=2026-11-24 11:30 with=Bob
        Schedule a meeting with John at 3pm on the 15th => create title=Meeting with John when=2026-12-15 15:00 with=John
        Schedule haircut day after tomorrow at 5pm at Joe's Barber Shop => create title=Haircut when=2026-11-26 17:00 at=Joe's Barber Shop
        Schedule dinner at The Golden Dragon tomorrow at 7pm with Lisa => create title=Dinner with Lisa when=2026-11-25 19:00 with=Lisa at=The Golden Dragon
        Create appointment: Doctor visit, tomorrow, 10am => create title=Doctor visit when=2026-11-25 10:00
        Remind me about my dentist appointment tomorrow => remind text=dentist appointment when=2026-11-25
        remind me 15 minutes before my meeting with John => remind text=meeting with John lead=15m
        remind me to call John at 5pm by text => remind text=call John when=2026-11-24 17:00 by=sms
        remind me on Friday to submit my timesheet => remind text=submit my timesheet when=2026-11-27
        whats left on the timer => timer status
        good night => small talk
        ok thanks => thanks
        who are you => small talk
        cancel all => cancel all
        remind me => remind
        no don't => no
        delete all appointments => cancel all
        ",
    );
}
