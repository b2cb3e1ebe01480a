//! The REST interface, a file for each family of routes.

mod attachments;
pub(crate) mod calendar;
mod calendar_preferences;
pub(crate) mod calls;
mod capabilities;
pub(crate) mod contacts;
pub(crate) mod devices;
mod exchange;
pub(crate) mod letters;
pub(crate) mod lists;
pub(crate) mod memory;
pub(crate) mod messages;
mod operations;
mod people;
mod pins;
pub(crate) mod receipts;
mod reminders;
mod schedule;
mod spending;
mod suggestions;
mod times;

use axum::Router;

use super::App;

/// Routes under `/api` for the LAN and the socket.
pub(crate) fn routes() -> Router<App> {
    people::routes()
        .merge(calendar::routes())
        .merge(letters::routes())
        .merge(calendar_preferences::routes())
        .merge(exchange::routes())
        .merge(schedule::routes())
        .merge(reminders::routes())
        .merge(messages::routes())
        .merge(attachments::routes())
        .merge(operations::routes())
        .merge(calls::routes())
        .merge(pins::routes())
        .merge(devices::routes())
        .merge(receipts::routes())
        .merge(spending::routes())
        .merge(capabilities::routes())
        .merge(suggestions::routes())
        .merge(lists::routes())
        .merge(memory::routes())
        .merge(contacts::routes())
}

/// Routes under `/api` for the socket alone.
pub(crate) fn socket_routes() -> Router<App> {
    messages::console_routes()
        .merge(operations::socket_routes())
        .merge(times::socket_routes())
        .merge(spending::socket_routes())
}
