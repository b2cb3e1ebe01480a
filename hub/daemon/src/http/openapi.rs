//! The description of the REST interface: OpenAPI 3.1, served at `/api/openapi.json` without a key, for it holds no secret.
//!
//! Routes are described in tables, a file for each family, from the same types that handlers read and answer with. A test
//! compares the tables with the router, so that neither has what the other lacks; the real hub is checked against the
//! document from outside. Routes of the admin socket alone are not described: only our own command line has them.

mod answers;
mod calendar;
mod contacts;
mod exchange;
mod household;
mod lists;
mod memory;
mod operation;
mod reminders;
mod running;

use axum::{Json, Router, routing::get};
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, Paths, SecurityRequirement,
    security::{Http, HttpAuthScheme, SecurityScheme},
    tag::Tag,
};

use super::App;
use operation::Operation;

/// The scheme's name in the document.
const BEARER: &str = "bearer";

/// The route, for whoever can reach the listener.
pub(crate) fn routes() -> Router<App> {
    Router::new().route("/api/openapi.json", get(|| async { Json(document()) }))
}

/// All there is.
fn operations() -> Vec<Operation> {
    let all = [
        calendar::operations(),
        exchange::operations(),
        reminders::operations(),
        contacts::operations(),
        lists::operations(),
        memory::operations(),
        household::operations(),
        running::operations(),
    ];
    all.into_iter().flatten().collect()
}

/// The document.
pub(crate) fn document() -> OpenApi {
    let mut schemas = Vec::new();
    let mut paths = Paths::new();
    for operation in operations() {
        let (path, method, described) = operation.described(&mut schemas);
        let item = PathItem::new(method, described);
        match paths.paths.get_mut(&path) {
            Some(known) => known.merge_operations(item),
            None => {
                paths.paths.insert(path, item);
            }
        }
    }
    let info = InfoBuilder::new()
        .title("Boss AI")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "One box at home: calendar, reminders, messages, and its own administration. An admin's key reads and \
             changes the household's things, a member's key their own; what a key may not see is 404. Errors are problem \
             details (RFC 9457) whose `errors` name the parts of a body that are wrong (RFC 6901).",
        ))
        .build();
    let key = Http::builder().scheme(HttpAuthScheme::Bearer).description(Some("An API key: `xswarm key create`."));
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme(BEARER, SecurityScheme::Http(key.build()))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .paths(paths)
        .components(Some(components))
        .security(Some([SecurityRequirement::new(BEARER, Vec::<String>::new())]))
        .tags(Some(
            ["Calendar", "Reminders", "Contacts", "Lists", "Memory", "Household", "Messages", "Running"].map(Tag::new),
        ))
        .build()
}

#[cfg(test)]
mod tests;
