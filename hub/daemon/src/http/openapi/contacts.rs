//! Contacts.

use xswarm_core::exchange::ImportReport;

use super::{
    answers::{Contacts, OneContact, Success},
    operation::{ETAG, Family, LINK, Operation, text},
};
use crate::{contacts::Typed, http::api::contacts::NewContact};

const FULL: &str = "A person has as many contacts as there may be.";

pub(super) fn operations() -> Vec<Operation> {
    let contacts = Family("Contacts");
    vec![
        contacts
            .get("/api/contacts", "A person's contacts, by name.")
            .of_person()
            .query("q", text(), "Only those who are called so: by name, nickname or relation.")
            .page("At most so many on a page; all when absent.")
            .answers::<Contacts>(200)
            .with(&[LINK]),
        contacts
            .post("/api/contacts", "Add a contact.")
            .body::<NewContact>()
            .answers::<OneContact>(201)
            .refuses(409, FULL),
        contacts.get("/api/contacts/{id}", "Show a contact.").answers::<OneContact>(200).with(&[ETAG]).if_none_match(),
        contacts
            .put("/api/contacts/{id}", "Replace what is known of a contact.")
            .if_match()
            .body::<Typed>()
            .answers::<OneContact>(200)
            .with(&[ETAG]),
        contacts.delete("/api/contacts/{id}", "Delete a contact.").if_match().answers::<Success>(200),
        contacts
            .get("/api/contacts/export", "A person's contacts as vCards (RFC 6350).")
            .of_person()
            .query("version", text(), "3.0 or 4.0; 4.0 when absent.")
            .answers_as(200, &["text/vcard"]),
        contacts
            .post("/api/contacts/import", "Take vCards in (RFC 6350), which are the body.")
            .more("A card is known by its UID, else by its name; it adds to what is known and takes nothing away.")
            .of_person()
            .body_as("text/vcard")
            .answers::<ImportReport>(200)
            .refuses(409, FULL)
            .refuses(413, "The file is too large."),
    ]
}
