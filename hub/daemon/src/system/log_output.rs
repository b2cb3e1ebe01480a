//! Where log records go: to the systemd journal when stderr leads there, otherwise to stderr as text.
//!
//! Records carry ids as key-values (`log::info!(message:% = id; "sent")`), which become fields of the journal's entries.
//! They never contain message text, names, numbers or secrets.

use std::io;

use env_filter::FilteredLog;
use systemd_journal_logger::{JournalLog, connected_to_journal};

use crate::{
    config::log_filter,
    error::{Error, Result},
};

/// Begins to log. Call it once.
pub(crate) fn start_logging() -> Result<()> {
    let failed = |error: io::Error| Error::internal("cannot begin to log").with_source(error);
    let filter = log_filter();
    let installed = if connected_to_journal() {
        let journal = JournalLog::new().map_err(failed)?;
        let filter = env_filter::Builder::new().parse(&filter).build();
        log::set_max_level(filter.filter());
        log::set_boxed_logger(Box::new(FilteredLog::new(journal, filter)))
    } else {
        env_logger::Builder::new().parse_filters(&filter).try_init()
    };
    installed.map_err(|error| Error::internal("something else logs already").with_source(error))
}
