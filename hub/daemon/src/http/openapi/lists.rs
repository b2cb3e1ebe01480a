//! Lists.

use super::{
    answers::{AddedItems, Lists, OneItem, OneList, Success, WholeList},
    operation::{Family, Operation},
};
use crate::http::api::lists::{ItemChange, NewItems, NewList, Rename};

const TAKEN: &str = "There is one of this name already, or there are too many.";

pub(super) fn operations() -> Vec<Operation> {
    let lists = Family("Lists");
    vec![
        lists
            .get("/api/lists", "A person's lists and the household's, with what is on them.")
            .of_person()
            .answers::<Lists>(200),
        lists.post("/api/lists", "Begin a list.").body::<NewList>().answers::<WholeList>(201).refuses(409, TAKEN),
        lists.get("/api/lists/{id}", "Show a list.").answers::<WholeList>(200),
        lists.put("/api/lists/{id}", "Rename a list.").body::<Rename>().answers::<OneList>(200).refuses(409, TAKEN),
        lists.delete("/api/lists/{id}", "Remove a list and what is on it.").answers::<Success>(200),
        lists.post("/api/lists/{id}/items", "Put things on a list.").body::<NewItems>().answers::<AddedItems>(201),
        lists
            .put("/api/lists/{id}/items/{item}", "Change something on a list; what is absent stays.")
            .body::<ItemChange>()
            .answers::<OneItem>(200),
        lists.delete("/api/lists/{id}/items/{item}", "Take something off a list.").answers::<Success>(200),
    ]
}
