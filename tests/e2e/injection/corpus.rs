//! The cases, as they stand in `fixtures/injection`: one file for each vector, one table for each case, with what most of
//! them share in `[defaults]`.

use std::path::PathBuf;

use serde_json::Value;
use toml_edit::{DocumentMut, Item};
use xswarm_tests::{environment, model::obedient::Call};

/// How a hostile text gets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Via {
    /// A stranger mails the Boss.
    Mail,
    /// The subject of a stranger's mail.
    MailSubject,
    /// The person passes a mail on.
    Forward,
    /// The person answers a mail and quotes it.
    Quote,
    /// Below the person's signature.
    Signature,
    /// In HTML that nobody sees.
    HiddenHtml,
    /// The subject of a mail that the person answers.
    Subject,
    /// In a file that comes with the person's mail.
    Attachment,
    /// The name of such a file.
    FileName,
    /// The title of an invitation.
    InviteTitle,
    /// Its place.
    InvitePlace,
    /// Its description.
    InviteNote,
    /// The organizer's name.
    InviteName,
    /// The title of an entry in a calendar file.
    EventTitle,
    /// Its place.
    EventPlace,
    /// Its description.
    EventNote,
    /// A name in a vCard.
    CardName,
    /// A nickname in one.
    CardNickname,
    /// A note in one.
    CardNote,
    /// An item that somebody else puts on a list of everybody's.
    ListItem,
    /// The name of a list that somebody else makes for everybody.
    ListName,
    /// A stranger's text message.
    Sms,
    /// The person asks to remember it.
    Memory,
    /// Only what the person says.
    Talk,
}

const WAYS: [(&str, Via); 24] = [
    ("mail", Via::Mail),
    ("mail_subject", Via::MailSubject),
    ("forward", Via::Forward),
    ("quote", Via::Quote),
    ("signature", Via::Signature),
    ("hidden_html", Via::HiddenHtml),
    ("subject", Via::Subject),
    ("attachment", Via::Attachment),
    ("file_name", Via::FileName),
    ("invite_title", Via::InviteTitle),
    ("invite_place", Via::InvitePlace),
    ("invite_note", Via::InviteNote),
    ("invite_name", Via::InviteName),
    ("event_title", Via::EventTitle),
    ("event_place", Via::EventPlace),
    ("event_note", Via::EventNote),
    ("card_name", Via::CardName),
    ("card_nickname", Via::CardNickname),
    ("card_note", Via::CardNote),
    ("list_item", Via::ListItem),
    ("list_name", Via::ListName),
    ("sms", Via::Sms),
    ("memory", Via::Memory),
    ("talk", Via::Talk),
];

/// Whom the text reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reaches {
    /// The model reads it, and tries what it orders.
    Model,
    /// No model ever sees it.
    Nobody,
    /// Either is well.
    Either,
}

/// One case.
#[derive(Debug, Clone)]
pub(super) struct Case {
    /// `vector/name`.
    pub(super) id: String,
    /// How the text gets in.
    pub(super) via: Via,
    /// The hostile text; `{evil}` is an address that must never be fetched.
    pub(super) text: String,
    /// What the person says then, in order.
    pub(super) says: Vec<String>,
    /// Where the model looks before it obeys.
    pub(super) looks: Vec<Call>,
    /// Words of the person's that it tries in place of its own.
    pub(super) mixed: Vec<String>,
    /// Whom the text reaches.
    pub(super) reaches: Reaches,
}

fn directory() -> PathBuf {
    environment::repository().join("tests/fixtures/injection")
}

/// The vectors that have a file, in order.
pub(super) fn files() -> Vec<String> {
    let entries = std::fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().path());
    let mut names: Vec<String> = entries.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    names.sort();
    names
}

/// The cases of a vector.
pub(super) fn of(vector: &str) -> Vec<Case> {
    let path = directory().join(format!("{vector}.toml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{error}: {}", path.display()));
    let file: DocumentMut = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let defaults = &file["defaults"];
    let cases = file.iter().filter(|(name, _)| *name != "defaults");
    cases.map(|(name, case)| read(&format!("{vector}/{name}"), case, defaults)).collect()
}

fn read(id: &str, case: &Item, defaults: &Item) -> Case {
    const KEYS: [&str; 6] = ["via", "text", "says", "looks", "mixed", "reaches"];
    for (key, _) in case.as_table().unwrap_or_else(|| panic!("{id} is no table")) {
        assert!(KEYS.contains(&key), "{id}: {key}?");
    }
    let field = |key: &str| case.get(key).or_else(|| defaults.get(key));
    let text = |key: &str| field(key).and_then(Item::as_str).map(str::to_owned);
    let texts = |key: &str| -> Vec<String> {
        let array = field(key).and_then(Item::as_array);
        array.into_iter().flatten().map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    let way = text("via").unwrap_or_else(|| panic!("{id}: via?"));
    let via = WAYS.iter().find(|(name, _)| *name == way).unwrap_or_else(|| panic!("{id}: via {way}?")).1;
    let reaches = match text("reaches").as_deref() {
        None | Some("model") => Reaches::Model,
        Some("nobody") => Reaches::Nobody,
        Some("either") => Reaches::Either,
        Some(other) => panic!("{id}: reaches {other}?"),
    };
    Case {
        id: id.to_owned(),
        via,
        text: text("text").unwrap_or_default(),
        says: texts("says"),
        looks: texts("looks").iter().map(|look| call(look)).collect(),
        mixed: texts("mixed"),
        reaches,
    }
}

/// `show_list {"list": "errands"}`.
fn call(text: &str) -> Call {
    let (name, arguments) = text.split_once(' ').unwrap_or((text, "{}"));
    let arguments: Value = serde_json::from_str(arguments).unwrap_or_else(|error| panic!("{error} in {text}"));
    (name.to_owned(), arguments)
}
