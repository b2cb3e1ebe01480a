//! Values and commands in one line, and the check of a table of them.

use std::fmt::Write as _;

use chrono::{DateTime, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use xswarm_language::{
    command::{AgendaRange, Command, ContactCommand, ListCommand, NewLength, When, Which},
    policy,
    time::{Confidence, Context, Exception, Grain, Locale, Repeat, Span, Value, parse_all},
};

/// A context at a local time, e.g. `2026-11-24 09:00` in Berlin.
pub(crate) fn at(local: &str, zone: Tz) -> Context<'static> {
    let local = NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap();
    Context { now: zone.from_local_datetime(&local).unwrap(), locale: Locale::UnitedStates, policy: &policy::DEFAULT }
}

/// Tuesday, 24 November 2026, 9:30 in Berlin.
pub(crate) fn usual() -> Context<'static> {
    at("2026-11-24 09:30", chrono_tz::Europe::Berlin)
}

fn instant(at: &DateTime<Tz>) -> String {
    let format = if at.format("%S").to_string() == "00" { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
    at.format(format).to_string()
}

pub(crate) fn span(span: Span) -> String {
    let mut words = Vec::new();
    for (count, unit) in [
        (i64::from(span.months), "mo"),
        (i64::from(span.days), "d"),
        (span.seconds / 3600, "h"),
        (span.seconds / 60 % 60, "m"),
        (span.seconds % 60, "s"),
    ] {
        if count != 0 {
            words.push(format!("{count}{unit}"));
        }
    }
    words.join(" ")
}

fn grain(grain: Grain) -> &'static str {
    match grain {
        Grain::Second => "second",
        Grain::Minute => "minute",
        Grain::Hour => "hour",
        Grain::PartOfDay => "part",
        Grain::Day => "day",
        Grain::Weekend => "weekend",
        Grain::Week => "week",
        Grain::Month => "month",
        Grain::Quarter => "quarter",
        Grain::Year => "year",
    }
}

fn repeat(repeat: &Repeat) -> String {
    let mut text = repeat.rule.to_string();
    for time in &repeat.times {
        write!(text, " {}", time.format("%H:%M")).unwrap();
    }
    if let Some(end) = repeat.until_time {
        write!(text, "-{}", end.format("%H:%M")).unwrap();
    }
    if let Some(start) = repeat.start {
        write!(text, " from {start}").unwrap();
    }
    for exception in &repeat.exceptions {
        match exception {
            Exception::Day(day) => write!(text, " except {day}"),
            Exception::Days(from, to) => write!(text, " except {from}/{to}"),
            Exception::Weekday(weekday) => write!(text, " except {weekday}"),
            Exception::Month(month) => write!(text, " except month {month}"),
            Exception::Holidays => write!(text, " except holidays"),
        }
        .unwrap();
    }
    text
}

/// `2026-11-25 15:00`, `2026-11-25` (a day), `week 2026-11-30`, `2026-11-25 15:00/2026-11-25 17:00`, `1h 30m`, `FREQ=…`.
pub(crate) fn value(value: &Value) -> String {
    let side = |at: &Option<DateTime<Tz>>| at.as_ref().map_or_else(|| "..".to_owned(), instant);
    match value {
        Value::Instant { at, .. } => instant(at),
        Value::Date { start, grain: Grain::Day } => start.to_string(),
        Value::Date { start, grain: of } => format!("{} {start}", grain(*of)),
        Value::Interval { start, end, .. } => format!("{}/{}", side(start), side(end)),
        Value::Duration(length) => span(*length),
        Value::Recurrence(rule) => repeat(rule),
    }
}

fn when(when: &When) -> String {
    value(&when.value)
}

fn which(which: &Which) -> String {
    let mut words = Vec::new();
    if let Some(title) = &which.title {
        words.push(format!("title={title}"));
    }
    if !which.participants.is_empty() {
        words.push(format!("with={}", which.participants.join("+")));
    }
    if let Some(found) = &which.when {
        words.push(format!("when={}", when(found)));
    }
    if let Some(nth) = which.nth {
        words.push(format!("nth={nth}"));
    }
    if let Some(several) = which.several {
        words.push(format!("several={several}"));
    }
    if which.all {
        words.push("all".to_owned());
    }
    if which.pronoun {
        words.push("it".to_owned());
    }
    if let Some(scope) = which.scope {
        words.push(format!("scope={scope}"));
    }
    words.join(" ")
}

fn range(range: &AgendaRange) -> String {
    match range {
        AgendaRange::Day(day) => format!("day {day}"),
        AgendaRange::Week(monday) => format!("week {monday}"),
        AgendaRange::Month(first) => format!("month {first}"),
        AgendaRange::Interval { start, end } => {
            let side = |at: &Option<DateTime<Tz>>| at.as_ref().map_or_else(|| "..".to_owned(), instant);
            format!("{}/{}", side(start), side(end))
        }
        AgendaRange::Next => "next".to_owned(),
        AgendaRange::Any => "any".to_owned(),
    }
}

fn slots(name: &str, slots: &[(&str, Option<String>)]) -> String {
    let mut line = name.to_owned();
    for (slot, text) in slots {
        if let Some(text) = text.as_ref().filter(|text| !text.is_empty()) {
            let separator = if slot.is_empty() { "" } else { "=" };
            write!(line, " {slot}{separator}{text}").unwrap();
        }
    }
    line
}

/// The command's name and its filled slots.
pub(crate) fn command(command: &Command) -> String {
    let time = |slot: &Option<When>| slot.as_ref().map(when);
    let length = |slot: &Option<Span>| slot.map(span);
    match command {
        Command::CreateAppointment(draft) => slots(
            "create",
            &[
                ("title", draft.title.clone()),
                ("when", time(&draft.when)),
                ("for", length(&draft.duration)),
                ("with", Some(draft.participants.join("+"))),
                ("at", draft.place.clone()),
                ("note", draft.description.clone()),
                ("lead", length(&draft.lead_time)),
                ("by", draft.channel.map(|channel| format!("{channel:?}").to_lowercase())),
                ("silent", draft.silent.then(|| "yes".to_owned())),
                ("all_day", draft.all_day.then(|| "yes".to_owned())),
                ("busy", draft.skip_conflicts.then(|| "skip".to_owned())),
            ],
        ),
        Command::MoveAppointment { which: of, to, by, length: new } => {
            let new = new.map(|new| match new {
                NewLength::Exactly(exactly) => span(exactly),
                NewLength::By(by) => format!("by {}", span(by)),
                NewLength::Longer => "longer".to_owned(),
                NewLength::Shorter => "shorter".to_owned(),
            });
            slots("move", &[("", Some(which(of))), ("to", time(to)), ("by", length(by)), ("length", new)])
        }
        Command::EditAppointment { which: of, title, place } => {
            slots("edit", &[("", Some(which(of))), ("name", title.clone()), ("at", place.clone())])
        }
        Command::CancelAppointment { which: of } => slots("cancel", &[("", Some(which(of)))]),
        Command::ShowAgenda { range: of, which: what, free } => {
            let what = Which { when: None, ..what.clone() };
            slots(if *free { "free" } else { "agenda" }, &[("", Some(range(of))), ("", Some(which(&what)))])
        }
        Command::FindTime { range: of, draft } => slots(
            "find time",
            &[
                ("", Some(range(of))),
                ("title", draft.title.clone()),
                ("for", length(&draft.duration)),
                ("with", Some(draft.participants.join("+"))),
                ("at", draft.place.clone()),
            ],
        ),
        Command::ListCancelled => "cancelled".to_owned(),
        Command::ListChanges { range: found } => format!("changes {}", range(found)),
        Command::TellAbout { which: found, asked } => format!("tell {asked:?} {}", which(found)),
        Command::SetReminder { text, when, channel, lead_time, nature: _ } => slots(
            "remind",
            &[
                ("text", text.clone()),
                ("when", time(when)),
                ("lead", length(lead_time)),
                ("by", channel.map(|channel| format!("{channel:?}").to_lowercase())),
            ],
        ),
        Command::ListReminders { range: of, which: what } => {
            slots("reminders", &[("", Some(range(of))), ("", Some(which(what)))])
        }
        Command::CancelReminder { which: of } => slots("cancel reminder", &[("", Some(which(of)))]),
        Command::SnoozeReminder { which: of, for_, until } => {
            slots("snooze", &[("", Some(which(of))), ("for", length(for_)), ("until", time(until))])
        }
        Command::AcknowledgeReminder { which: of, .. } => slots("done", &[("", Some(which(of)))]),
        Command::RemindBefore { which: of, leads } => {
            let leads = leads.iter().map(|lead| span(*lead)).collect::<Vec<_>>().join(", ");
            slots("remind before", &[("", Some(which(of))), ("leads", Some(leads))])
        }
        Command::MoveReminder { which: of, to, by } => {
            slots("move reminder", &[("", Some(which(of))), ("to", time(to)), ("by", length(by))])
        }
        Command::SetTimer { duration, name } => slots("timer", &[("for", length(duration)), ("name", name.clone())]),
        Command::CancelTimer { which: of } => slots("cancel timer", &[("", Some(which(of)))]),
        Command::TimerStatus { which: of } => slots("timer status", &[("", Some(which(of)))]),
        Command::PauseTimer { which: of } => slots("pause timer", &[("", Some(which(of)))]),
        Command::ResumeTimer { which: of } => slots("resume timer", &[("", Some(which(of)))]),
        Command::ChangeTimer { which: of, by, to } => {
            slots("change timer", &[("", Some(which(of))), ("by", length(by)), ("to", length(to))])
        }
        Command::SetTimers { timers } => {
            let one = |(duration, name): &(Option<Span>, Option<String>)| {
                format!("{} {}", length(duration).unwrap_or_default(), name.as_deref().unwrap_or("-"))
            };
            format!("timers {}", timers.iter().map(one).collect::<Vec<_>>().join(" | "))
        }
        Command::TellTime { place } => slots("time", &[("in", place.clone())]),
        Command::TellDate { when } => slots("date", &[("of", time(when))]),
        Command::Help { topic } => slots("help", &[("with", topic.clone())]),
        Command::ProjectStatus { name } => slots("project", &[("", name.clone())]),
        Command::CreateProject { name } => slots("create project", &[("", name.clone())]),
        Command::ListTasks { project } => slots("tasks", &[("of", project.clone())]),
        Command::CreateTask { title, project, due } => {
            slots("create task", &[("title", title.clone()), ("in", project.clone()), ("due", time(due))])
        }
        Command::AgentsStatus { name } => slots("agents", &[("", name.clone())]),
        Command::SendMessage { to, text, channel } => slots(
            "message",
            &[
                ("to", Some(to.join("+"))),
                ("text", text.clone()),
                ("by", channel.map(|channel| format!("{channel:?}").to_lowercase())),
            ],
        ),
        Command::SendMail { to, subject, text } => {
            slots("mail", &[("to", Some(to.join("+"))), ("about", subject.clone()), ("text", text.clone())])
        }
        Command::Yes => "yes".to_owned(),
        Command::No => "no".to_owned(),
        Command::Undo => "undo".to_owned(),
        Command::More => "more".to_owned(),
        Command::Repeat => "repeat".to_owned(),
        Command::Thanks => "thanks".to_owned(),
        Command::Greeting => "greeting".to_owned(),
        Command::Contact(about) => contacts(about),
        Command::List(about) => lists(about),
        Command::ListProjects => "projects".to_owned(),
        Command::ReadMail => "read mail".to_owned(),
        Command::ListInvitations => "invitations".to_owned(),
        Command::AnswerInvitation { accept, which: one } => {
            let verb = if *accept { "accept invitation" } else { "decline invitation" };
            format!("{verb}{}", which(one))
        }
        Command::Remember { text } => format!("remember {text}"),
        Command::ForgetAll => "forget all".to_owned(),
        Command::Forget { what } => slots("forget", &[("", what.clone())]),
        Command::ShowMemory { about } => slots("memory", &[("", about.clone())]),
        Command::SearchMessages { words } => format!("search {words}"),
        Command::SetSuggestions { on } => format!("suggestions {}", if *on { "on" } else { "off" }),
        Command::ListSuggestions => "suggestions".to_owned(),
        Command::SmallTalk => "small talk".to_owned(),
        Command::Unknown => "unknown".to_owned(),
    }
}

fn contacts(about: &ContactCommand) -> String {
    match about {
        ContactCommand::Add { name, phones, mails, relation, more } => {
            let mut words = format!("contact add {}", name.as_deref().unwrap_or("-"));
            let all = [("phone", phones), ("mail", mails), ("more", more)];
            for (what, text) in all.iter().flat_map(|(what, texts)| texts.iter().map(move |text| (what, text))) {
                let _ = write!(words, " {what}={text}");
            }
            if let Some(relation) = relation {
                let _ = write!(words, " is={relation}");
            }
            words
        }
        ContactCommand::Ask { name } => format!("contact ask {name}"),
        ContactCommand::List => "contacts".to_owned(),
        ContactCommand::Delete { name } => format!("contact delete {name}"),
    }
}

fn lists(about: &ListCommand) -> String {
    let of = |list: &Option<String>| list.clone().unwrap_or_else(|| "the list".to_owned());
    match about {
        ListCommand::Add { list, items } => format!("list {}: add {}", of(list), items.join(" | ")),
        ListCommand::Show { list } => format!("list {}: show", of(list)),
        ListCommand::Overview => "lists".to_owned(),
        ListCommand::Remove { list, items } => format!("list {}: remove {}", of(list), items.join(" | ")),
        ListCommand::CheckOff { list, items } => format!("list {}: check off {}", of(list), items.join(" | ")),
        ListCommand::Clear { list } => format!("list {}: clear", of(list)),
        ListCommand::Create { name, shared } => {
            format!("list {}: create{}", of(name), if *shared { " shared" } else { "" })
        }
        ListCommand::Delete { list } => format!("list {}: delete", of(list)),
    }
}

/// The certain times of a sentence and what is wrong with the others, in one line; "nothing" when there is none.
pub(crate) fn times(sentence: &str) -> String {
    let times = parse_all(sentence, &usual());
    let certain = times.found.iter().filter(|found| found.confidence == Confidence::Certain);
    let mut words: Vec<String> = certain.map(|found| value(&found.value)).collect();
    words.extend(times.problems.iter().map(ToString::to_string));
    if words.is_empty() { "nothing".to_owned() } else { words.join(" | ") }
}

/// Checks a table of `sentence => expected` lines; empty lines and lines that begin with `#` are for the reader.
///
/// All rows are checked before it fails, so that one run shows every difference.
pub(crate) fn check(table: &str, read: impl Fn(&str) -> String) {
    let mut rows = 0;
    let mut differences = String::new();
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (sentence, expected) = line.split_once("=>").unwrap_or_else(|| panic!("no `=>` in: {line}"));
        let (sentence, expected) = (sentence.trim(), expected.trim());
        let actual = read(sentence);
        rows += 1;
        if actual != expected {
            writeln!(differences, "{sentence}\n    expected {expected}\n    actual   {actual}").unwrap();
        }
    }
    assert!(rows > 0, "an empty table proves nothing");
    assert!(differences.is_empty(), "\n{differences}");
}
