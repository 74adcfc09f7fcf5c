//! What is refused before the first call.

use std::path::Path;

use super::*;
use crate::connectors::memory::MemoryVendorsError;
use crate::connectors::memory::behavior::Behavior;

/// A copy of the bundled catalogue that a test can spoil.
fn catalogue() -> Arc<Catalogue> {
    Catalogue::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/catalogue"))).unwrap()
}

fn with_behavior(behavior: Value) -> MemoryVendorsError {
    let mut catalogue = catalogue();
    let tools = &mut Arc::get_mut(&mut catalogue).unwrap().tools;
    Arc::get_mut(&mut tools[0]).unwrap().behavior = behavior;
    MemoryVendors::new(catalogue).unwrap_err()
}

#[test]
fn a_malformed_behavior_names_its_tool() {
    let fault = with_behavior(json!({ "operation": "get", "collection": "events", "id": "event_id" }));
    assert_eq!(
        fault.to_string(),
        r#"calendar.events.list: its behavior: "event_id" is no JSON Pointer"#
    );
    let fault = with_behavior(json!({ "operation": "get", "collection": "evnts", "id": "/event_id" }));
    assert_eq!(
        fault.to_string(),
        "calendar.events.list: its behavior: the domain's records name no collection evnts"
    );
}

#[test]
fn behaviors_are_read_strictly() {
    let paging = json!({ "limit": "/limit", "default": 5, "offset": "/offset" });
    for behavior in [
        json!({}),
        json!({ "operation": "explode", "collection": "events" }),
        json!({ "operation": "get", "collection": "events" }),
        json!({ "operation": "get", "collection": "events", "id": "/a~2" }),
        json!({ "operation": "get", "collection": "events", "id": "/id", "colour": 1 }),
        json!({ "operation": "list", "collection": "events" }),
        json!({ "operation": "list", "collection": "events", "paging": { "limit": "/limit", "default": 5 } }),
        json!({ "operation": "list", "collection": "events", "paging": paging, "text": "/query" }),
        json!({ "operation": "search", "collection": "events", "paging": paging }),
        json!({ "operation": "list", "collection": "events", "paging": paging,
                "filters": [{ "input": "/a", "field": "/a", "match": "resembles" }] }),
        json!({ "operation": "list", "collection": "events", "sort": { "by": "/by", "direction": "/direction" },
                "paging": { "limit": "/limit", "default": 5, "cursor": "/cursor" } }),
        json!({ "operation": "act", "collection": "events", "id": "/id", "set": { "at": "then" } }),
        json!({ "operation": "act", "collection": "events", "id": "/id", "set": { "a": { "const": 1, "input": "/a" } } }),
        json!({ "operation": "create", "collection": "events", "id": { "prefix": "e", "first": -1 } }),
    ] {
        assert!(Behavior::read(&behavior).is_err(), "{behavior}");
    }
}

#[test]
fn seeds_have_ids_of_their_own() {
    for (records, fault) in [
        (json!([{ "name": "x" }]), "a record has no id that is a text"),
        (json!([{ "id": 1 }]), "a record has no id that is a text"),
        (json!(["evt_1"]), "a record has no id that is a text"),
        (json!([{ "id": "evt_1" }, { "id": "evt_1" }]), "two have the id evt_1"),
    ] {
        let mut catalogue = catalogue();
        let domain = &mut Arc::get_mut(&mut catalogue).unwrap().domains[0];
        domain
            .records
            .insert("events".to_owned(), records.as_array().unwrap().clone());
        let error = MemoryVendors::new(catalogue).unwrap_err();
        assert_eq!(error.to_string(), format!("calendar: its records of events: {fault}"));
    }
}
