//! Contacts: who somebody is and how they are reached.

use super::{
    sentence::Sentence,
    slots,
    types::{Command, ContactCommand},
};
use crate::lexer::phrases::any;

/// A command about contacts, if it is one.
pub(super) fn read(sentence: &Sentence<'_, '_>) -> Option<Command> {
    add(sentence)
        .or_else(|| told(sentence))
        .or_else(|| listed(sentence))
        .or_else(|| delete(sentence))
        .or_else(|| ask(sentence))
        .map(Command::Contact)
}

/// "Add a contact: Anna, +49 151 23456789, my sister".
fn add(sentence: &Sentence<'_, '_>) -> Option<ContactCommand> {
    let at = sentence.opens(any!(
        "add a new contact|add a contact|add new contact|add contact|new contact|create a contact|create a new contact|\
        create contact|save a contact|save contact|save a new contact|add to my contacts|contact"
    ));
    let contact = sentence.opens(any!("contact")) == at;
    let (from, to) = match at {
        // "Contact: Anna, …" tells; "contact Anna" asks for something else.
        Some(at) if contact && !sentence.token(at).is_some_and(|token| token.is_symbol(':')) => return None,
        Some(at) => (at, sentence.end),
        // "Add Anna, +49 …, to my contacts"
        None => {
            let at = sentence.opens(any!("add|save|put"))?;
            let to = sentence.find(any!("to my contacts|in my contacts|to the contacts|as a contact|to contacts"))?;
            (at, to.start)
        }
    };
    let from = from + sentence.any_at(from, any!("called|named|for|:")).unwrap_or(0);
    // Everything to the end of the text as written: closing punctuation may be part of a number or an address.
    let mut parts = sentence.written(from..to).split([',', ';', '\n']).map(str::trim).filter(|part| !part.is_empty());
    let name = slots::title(parts.next().unwrap_or_default().trim_start_matches(':'));
    let mut contact =
        ContactCommand::Add { name, phones: Vec::new(), mails: Vec::new(), relation: None, more: Vec::new() };
    for part in parts {
        if let ContactCommand::Add { phones, mails, relation, more, .. } = &mut contact {
            let said = labelled(
                part,
                &[
                    "phone",
                    "number",
                    "mobile",
                    "cell",
                    "tel",
                    "telephone",
                    "her number is",
                    "his number is",
                    "mail",
                    "email",
                    "e-mail",
                ],
            );
            let lower = part.to_lowercase();
            let family = ["my ", "our "].iter().find_map(|word| lower.strip_prefix(word).map(|_| &part[word.len()..]));
            if said.contains('@') {
                mails.push(said.to_owned());
            } else if is_phone(said) {
                phones.push(said.to_owned());
            } else if let (Some(of), None) = (family, &relation) {
                *relation = Some(of.trim().to_lowercase());
            } else {
                more.push(part.to_owned());
            }
        }
    }
    Some(contact)
}

/// "Anna Berg's number is +49 151 1234567": what is also known of somebody, or somebody new.
fn told(sentence: &Sentence<'_, '_>) -> Option<ContactCommand> {
    let detail = sentence.find(any!(
        "phone number is|telephone number is|mobile number is|cell number is|number is|email address is|mail address is|\
        email is"
    ))?;
    let written = sentence.written(sentence.start..detail.start).trim_end();
    let name = ["'s", "’s", "'", "’"].iter().find_map(|end| written.strip_suffix(end))?;
    // "My wife's" is no name to keep somebody under.
    let named = known_person(name) && !matches!(sentence.word(sentence.start), "my" | "our" | "the");
    let said = sentence.written(detail.end..sentence.end).trim();
    let mail = said.contains('@') && !said.contains(char::is_whitespace);
    let phone = is_phone(said);
    let kept = |wanted: bool| if wanted { vec![said.to_owned()] } else { Vec::new() };
    (named && (mail || phone)).then(|| ContactCommand::Add {
        name: slots::title(name),
        phones: kept(phone),
        mails: kept(mail),
        relation: None,
        more: Vec::new(),
    })
}

/// Whether it has the letters of a telephone number.
fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits >= 3 && text.chars().all(|c| c.is_ascii_digit() || "+()-./ ".contains(c))
}

/// The rest after one of these labels.
fn labelled<'t>(text: &'t str, labels: &[&str]) -> &'t str {
    for label in labels {
        let head = text.get(..label.len()).filter(|head| head.eq_ignore_ascii_case(label));
        if let (Some(_), Some(rest)) = (head, text.get(label.len()..))
            && rest.starts_with([':', ' '])
        {
            return rest.trim_start_matches([':', ' ']);
        }
    }
    text
}

/// "List my contacts", "who are my contacts".
fn listed(sentence: &Sentence<'_, '_>) -> Option<ContactCommand> {
    let whole = sentence.is_one_of(any!(
        "list contacts|list my contacts|list all contacts|list all my contacts|show contacts|show my contacts|\
        show me my contacts|show all contacts|show all my contacts|my contacts|contacts|who are my contacts|\
        what contacts do i have|which contacts do i have|who is in my contacts|who's in my contacts|read my contacts"
    ));
    whole.then_some(ContactCommand::List)
}

/// "Delete the contact Anna", "remove Anna from my contacts".
fn delete(sentence: &Sentence<'_, '_>) -> Option<ContactCommand> {
    let at = sentence.opens(any!("delete|remove|erase|forget|take"))?;
    let direct = sentence.any_at(at, any!("contact|the contact|my contact|the contact for|the contact of"));
    let range = if let Some(count) = direct {
        at + count..sentence.end
    } else {
        let whose = any!("from my contacts|from the contacts|from contacts|out of my contacts|off my contacts");
        at..sentence.find(whose)?.start
    };
    Some(ContactCommand::Delete { name: slots::title(sentence.written(range))? })
}

/// "What is John's number", "what's mom's email address", "do I have Anna's number".
fn ask(sentence: &Sentence<'_, '_>) -> Option<ContactCommand> {
    let detail = sentence.find(any!(
        "phone number|telephone number|mobile number|cell number|number|phone|email address|e - mail address|mail address|\
        email|contact details|contact information|contact info|contact"
    ))?;
    if detail.end != sentence.end {
        // "the number of Anna", "the number for my dentist"
        let count = sentence.any_at(detail.end, any!("of|for"))?;
        let asked = sentence.opens(any!("what's the|what is the|whats the|tell me the|give me the|show me the|do i have the|do i have a|do you have a|do you have the"))?;
        if asked != detail.start {
            return None;
        }
        let name = slots::title(sentence.written(detail.end + count..sentence.end))?;
        return known_person(&name).then_some(ContactCommand::Ask { name });
    }
    let at = sentence
        .opens(any!("what's|what is|whats|tell me|give me|show me|do i have|do you have|do you know|look up|find"))
        .or_else(|| sentence.asks().then_some(sentence.start))?;
    let written = sentence.written(at..detail.start);
    // Somebody's: "John's", "my wife's", "James'".
    let name = ["'s", "’s", "'", "’"].iter().find_map(|end| written.trim_end().strip_suffix(end))?;
    let name = slots::title(name)?;
    (at < detail.start && known_person(&name)).then_some(ContactCommand::Ask { name })
}

/// Not a thing that has a number of its own, nor things that are counted.
fn known_person(name: &str) -> bool {
    let name = name.to_lowercase();
    let counted = any!("days|weeks|months|years|hours|minutes|people|guests|things|appointments|meetings|until|per|in");
    name.split_whitespace().count() <= 4
        && !any!("it|that|this|project|boss|room|order|flight").has(&name)
        && !name.split_whitespace().any(|word| counted.has(word))
}
