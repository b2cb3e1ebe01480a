//! The description against the routes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::http;

/// Every path and method of a router, read from what it says of itself: axum tells them in no other way.
fn routed(router: &Router<App>) -> BTreeSet<String> {
    let text = format!("{router:?}");
    let paths: Vec<(&str, &str)> = parts(&text, "RouteId(").filter_map(|part| part.split_once("): \"")).collect();
    let path = |id: &str| {
        let named = paths.iter().find(|(known, _)| *known == id);
        named.and_then(|(_, rest)| rest.split('"').next()).unwrap_or_else(|| panic!("route {id} has no path"))
    };
    let mut found = BTreeSet::new();
    for (id, methods) in parts(&text, "RouteId(").filter_map(|part| part.split_once("): MethodRouter(")) {
        for method in ["get", "post", "put", "delete", "patch"] {
            let answered =
                methods.split_once(&format!(" {method}: ")).is_some_and(|(_, rest)| !rest.starts_with("None"));
            if answered {
                found.insert(format!("{method} {}", path(id)));
            }
        }
    }
    assert!(found.len() > 20, "the router is not understood: {text}");
    found
}

fn parts<'a>(text: &'a str, separator: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(separator).skip(1)
}

fn documented() -> BTreeSet<String> {
    let document = serde_json::to_value(document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let methods = |(path, item): (&String, &Value)| -> Vec<String> {
        item.as_object().unwrap().keys().map(|method| format!("{method} {path}")).collect()
    };
    paths.iter().flat_map(methods).collect()
}

#[test]
fn every_route_of_the_lan_is_described_and_nothing_else_is() {
    let routed = routed(&http::lan_routes());
    let documented = documented();
    let undescribed: Vec<_> = routed.difference(&documented).collect();
    let imagined: Vec<_> = documented.difference(&routed).collect();
    assert!(undescribed.is_empty(), "describe these in http/openapi: {undescribed:#?}");
    assert!(imagined.is_empty(), "these are described but not served: {imagined:#?}");
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_is_named_once() {
    let document = serde_json::to_value(document()).unwrap();
    let text = document.to_string();
    for name in parts(&text, "\"#/components/schemas/").filter_map(|rest| rest.split('"').next()) {
        assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
    }
    let ids: Vec<_> = parts(&text, "\"operationId\":\"").filter_map(|rest| rest.split('"').next()).collect();
    let distinct: BTreeSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), distinct.len()), (documented().len(), documented().len()));
}
