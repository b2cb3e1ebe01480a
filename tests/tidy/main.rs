//! The shape of the source, as rules that a machine can check: sizes, names, layers, and who may do what.
//!
//! Each rule is a pure function over the text of a file, with a test that shows it finds what it forbids.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed expectation is a failed test"
)]

mod layers;
mod map;
mod rules;
mod source;

use source::{Source, sources};

/// Applies a rule to every Rust file that `concerns` says; fails with all that it finds.
fn check(rule: &str, concerns: impl Fn(&str) -> bool, find: impl Fn(&Source) -> Vec<String>) {
    let all = sources();
    assert!(all.len() > 50, "only {} files were found", all.len());
    let concerned: Vec<_> = all.iter().filter(|source| concerns(&source.path)).collect();
    assert!(!concerned.is_empty(), "{rule}: no file is concerned");
    let found: Vec<_> = concerned
        .into_iter()
        .flat_map(|source| find(source).into_iter().map(|what| format!("{}: {what}", source.path)))
        .collect();
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

/// What is shipped, as opposed to the tests.
fn shipped(path: &str) -> bool {
    (path.starts_with("hub/") || path.starts_with("device/")) && path.contains("/src/")
}

/// What tests the whole.
fn end_to_end(path: &str) -> bool {
    path.starts_with("tests/src/") || path.starts_with("tests/e2e/")
}

#[test]
fn no_file_is_too_long() {
    check("at most 600 lines before the tests", |_| true, rules::too_long);
}

#[test]
fn files_are_named_for_what_they_are_about() {
    check("no mod.rs, utils, common, helpers, manager, types, misc", |_| true, rules::bad_name);
}

#[test]
fn every_module_says_what_it_is_for() {
    check("begins with //! and words", |_| true, rules::undocumented);
}

#[test]
fn sql_is_spoken_in_the_store_only() {
    check("SQL", |path| shipped(path) && !path.starts_with("hub/store/"), rules::speaks_sql);
}

#[test]
fn the_environment_is_read_in_one_place() {
    let allowed = [
        "hub/daemon/src/config.rs",
        "hub/daemon/src/config/secrets.rs",
        "hub/cli/src/locate.rs",
        "device/room/src/config.rs",
        "tests/src/environment.rs",
    ];
    let concerns = |path: &str| (shipped(path) || end_to_end(path)) && !allowed.contains(&path);
    check("the environment", concerns, rules::reads_environment);
}

#[test]
fn only_the_clock_asks_what_time_it_is() {
    let allowed = ["hub/daemon/src/clock.rs", "device/room/src/clock.rs", "tests/src/clock.rs"];
    let concerns = |path: &str| (shipped(path) || end_to_end(path)) && !allowed.contains(&path);
    check("the time", concerns, rules::asks_the_time);
}

#[test]
fn nothing_is_left_for_later() {
    check("unfinished work", |_| true, rules::unfinished);
}

#[test]
fn no_test_is_switched_off() {
    check("#[ignore]", |_| true, rules::switched_off);
}

#[test]
fn tests_wait_for_conditions() {
    check("sleeping", |path| end_to_end(path) && path != "tests/src/wait.rs", rules::sleeps);
}

#[test]
fn the_pure_crates_touch_nothing() {
    check(
        "no async, no IO, no logging",
        |path| path.starts_with("hub/core/src") || path.starts_with("hub/language/src"),
        rules::impure,
    );
}

#[test]
fn an_exception_gives_its_reason() {
    check("#[allow] and #[expect] have a reason", |_| true, rules::unexplained_exception);
}

#[test]
fn crates_depend_downwards_only() {
    let wrong = layers::violations(&layers::manifests());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn versions_stand_in_the_workspace_only() {
    let wrong = layers::own_versions(&layers::manifests());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_dependency_is_used_by_somebody() {
    let wrong = layers::unused(&layers::manifests());
    assert!(wrong.is_empty(), "named in the workspace and used by no crate: {}", wrong.join(", "));
}

#[test]
fn the_readme_names_only_what_exists() {
    let (named, missing) = map::missing_paths();
    assert!(named >= 5, "the code map of the README names {named} paths");
    assert!(missing.is_empty(), "the README names what does not exist: {}", missing.join(", "));
}

#[test]
fn every_crate_stands_on_the_map() {
    let missing = map::crates_not_named();
    assert!(missing.is_empty(), "the README's code map leaves out: {}", missing.join(", "));
}
