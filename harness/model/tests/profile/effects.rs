//! `[effects]` as users write it: what each kind becomes, and every mistake with its place and words.

use hubproof_model::effect::{Changes, Creates, Effect, Pages, Read, Undo};
use serde_json::{Value, json};

use crate::{assert_mistakes, parsed};

/// The lines after `[target]`, the text that the error points at, and its message.
const MISTAKES: &[(&str, &str, &str)] = &[
    // Tables and keys.
    (
        "[effects]\n\"a.b\" = \"c.d\"",
        "\"c.d\"",
        "`a.b` in [effects]: expected a table with read, and marker or object, found a string",
    ),
    (
        "[effects.itsm.tickets.create]",
        "itsm",
        "`itsm` in [effects] is only a part of a tool's key: `tickets` is no key of it",
    ),
    (
        "[effects.\"a.b\"]\nmaker = \"/title\"",
        "maker",
        "unknown key `maker` in [effects.\"a.b\"]; did you mean `marker`?",
    ),
    (
        "[effects.\"a.b\"]\nread = { tool = \"a.list\", ofset = \"/offset\" }",
        "ofset",
        "unknown key `ofset` in [effects.\"a.b\".read]; did you mean `offset`?",
    ),
    (
        "[effects.\"a.b\"]\nmarker = \"/t\"\nid = \"/id\"\nread = { tool = \"a.list\" }\n\
         undo = { tool = \"a.delete\", inputs = {} }",
        "inputs",
        "unknown table `inputs` in [effects.\"a.b\".undo]; did you mean `input`?",
    ),
    (
        "[effects.\"a.b\"]",
        "[effects.\"a.b\"]",
        "`read` is missing in [effects.\"a.b\"]",
    ),
    (
        "[effects.\"a.b\"]\nread = \"a.list\"",
        "\"a.list\"",
        "`read` in [effects.\"a.b\"]: expected a table such as { tool = \"itsm.tickets.list\", input = { limit = 100 } }, \
         found a string",
    ),
    (
        "[effects.\"a.b\"]\nread = { input = {} }",
        "{ input = {} }",
        "`tool` is missing in [effects.\"a.b\".read]",
    ),
    (
        "[effects.\"a.b\"]\nread = { tool = \"\" }",
        "\"\"",
        "`tool` in [effects.\"a.b\".read]: expected a tool's key such as \"itsm.tickets.get\", found an empty one",
    ),
    (
        "[effects.\"a.b\"]\nread = { tool = \"a.list\", input = [] }",
        "[]",
        "`input` in [effects.\"a.b\".read]: expected an input such as { ticket_id = \"<id>\" }, found a list",
    ),
    // The three kinds mixed.
    (
        "[effects.\"a.b\"]\nmarker = \"/title\"\nobject = \"a.create\"",
        "\"a.create\"",
        "`object` in [effects.\"a.b\"]: a tool with a `marker` makes records, one with an `object` changes them: \
         leave one out",
    ),
    (
        "[effects.\"a.b\"]\nmarker = \"/title\"\nid_at = \"/ticket_id\"",
        "\"/ticket_id\"",
        "`id_at` in [effects.\"a.b\"]: it stands only beside `object`",
    ),
    (
        "[effects.\"a.b\"]\nobject = \"a.create\"\nid_at = \"/ticket_id\"\nid = \"/id\"",
        "\"/id\"",
        "`id` in [effects.\"a.b\"]: it stands only beside `marker`",
    ),
    (
        "[effects.\"a.b\"]\nobject = \"a.create\"\nundo = {}",
        "{}",
        "`undo` in [effects.\"a.b\"]: it stands only beside `marker`",
    ),
    (
        "[effects.\"a.b\"]\nid = \"/id\"\nread = { tool = \"a.list\" }",
        "\"/id\"",
        "`id` in [effects.\"a.b\"]: it stands only beside `marker`",
    ),
    (
        "[effects.\"a.b\"]\nundo = {}\nread = { tool = \"a.list\" }",
        "{}",
        "`undo` in [effects.\"a.b\"]: it stands only beside `marker`",
    ),
    (
        "[effects.\"a.b\"]\nid_at = \"/id\"\nread = { tool = \"a.list\" }",
        "\"/id\"",
        "`id_at` in [effects.\"a.b\"]: it stands only beside `object`",
    ),
    (
        "[effects.\"a.b\"]\nobject = \"a.create\"\nread = { tool = \"a.get\", input = { i = \"<id>\" } }",
        "[effects.\"a.b\"]",
        "`id_at` is missing in [effects.\"a.b\"]",
    ),
    // A tool that serves itself.
    (
        "[effects.\"a.b\"]\nread = { tool = \"a.b\" }",
        "\"a.b\"",
        "`tool` in [effects.\"a.b\".read]: expected another tool than `a.b` itself: it shows the effect",
    ),
    (
        "[effects.\"a.b\"]\nobject = 'a.b'",
        "'a.b'",
        "`object` in [effects.\"a.b\"]: expected another tool than `a.b` itself: it makes the record that the tool changes",
    ),
    (
        "[effects.\"a.b\"]\nmarker = \"/t\"\nid = \"/id\"\nread = { tool = \"a.list\" }\nundo = { tool = 'a.b' }",
        "'a.b'",
        "`tool` in [effects.\"a.b\".undo]: expected another tool than `a.b` itself: it takes back what the tool does",
    ),
    // Pointers.
    (
        "[effects.\"a.b\"]\nmarker = \"title\"",
        "\"title\"",
        "`marker` in [effects.\"a.b\"]: a JSON Pointer begins with `/`",
    ),
    (
        "[effects.\"a.b\"]\nmarker = \"\"",
        "\"\"",
        "`marker` in [effects.\"a.b\"]: expected a JSON Pointer into the input such as \"/title\", found an empty one",
    ),
    (
        "[effects.\"a.b\"]\nmarker = 1",
        "1",
        "`marker` in [effects.\"a.b\"]: expected a JSON Pointer into the input such as \"/title\", found an integer",
    ),
    (
        "[effects.\"a.b\"]\nobject = \"a.create\"\nid_at = \"/a~2\"",
        "\"/a~2\"",
        "`id_at` in [effects.\"a.b\"]: in a JSON Pointer, `~` stands only in `~0` (for `~`) and `~1` (for `/`)",
    ),
    (
        "[effects.\"a.b\"]\nmarker = \"/title\"\nread = { tool = \"a.list\" }\nid = \"id\"",
        "\"id\"",
        "`id` in [effects.\"a.b\"]: a JSON Pointer begins with `/`",
    ),
    // Pages.
    (
        "[effects.\"a.b\"]\nread = { tool = \"a.list\", offset = \"/offset\", next = \"/next\" }",
        "\"/offset\"",
        "`offset` in [effects.\"a.b\".read]: pages go by `offset`, or by `cursor` and `next`: leave one out",
    ),
    (
        "[effects.\"a.b\"]\nread = { tool = \"a.list\", cursor = \"/cursor\" }",
        "\"/cursor\"",
        "`cursor` in [effects.\"a.b\".read]: it needs `next`, which says where the data has the cursor",
    ),
    (
        "[effects.\"a.b\"]\nread = { tool = \"a.list\", next = \"/next\" }",
        "\"/next\"",
        "`next` in [effects.\"a.b\".read]: it stands only beside `cursor`",
    ),
    (
        "[effects.\"a.b\"]\nread = { tool = \"a.list\", cursor = \"/cursor\", next = \"\" }",
        "\"\"",
        "`next` in [effects.\"a.b\".read]: expected a JSON Pointer into the data such as \"/next_cursor\", \
         found an empty one",
    ),
    (
        "[effects.\"a.b\"]\nread = { tool = \"a.list\", offset = \"offset\" }",
        "\"offset\"",
        "`offset` in [effects.\"a.b\".read]: a JSON Pointer begins with `/`",
    ),
    // Placeholders.
    (
        "[effects.\"a.b\"]\nmarker = \"/t\"\nread = { tool = \"a.list\", input = { q = [{ text = \"is <markr>\" }] } }",
        "\"is <markr>\"",
        "`input` in [effects.\"a.b\".read]: `<markr>` is not filled in here; did you mean `<marker>`?",
    ),
    (
        "[effects.\"a.b\"]\nmarker = \"/t\"\nread = { tool = \"a.get\", input = { q = \"<marker>\", i = \"<id>\" } }",
        "\"<id>\"",
        "`input` in [effects.\"a.b\".read]: `<id>` is not filled in here; those that exist are <marker>",
    ),
    (
        "[effects.\"a.b\"]\nobject = \"a.create\"\nid_at = \"/i\"\nread = { tool = \"a.get\", input = { i = \"<ID>\" } }",
        "\"<ID>\"",
        "`input` in [effects.\"a.b\".read]: `<ID>` is not filled in here; did you mean `<id>`?",
    ),
    (
        "[effects.\"a.b\"]\nobject = \"a.create\"\nid_at = \"/i\"\nread = { tool = \"a.get\", input = { i = \"INC1\" } }",
        "{ i = \"INC1\" }",
        "`input` in [effects.\"a.b\".read]: expected `<id>` where the record's id goes",
    ),
    (
        "[effects.\"a.b\"]\nobject = \"a.create\"\nid_at = \"/i\"\nread = { tool = \"a.get\" }",
        "{ tool = \"a.get\" }",
        "`input` is missing in [effects.\"a.b\".read]",
    ),
    (
        "[effects.\"a.b\"]\nread = { tool = \"a.get\", input = { i = \"<id>\" } }",
        "\"<id>\"",
        "`input` in [effects.\"a.b\".read]: `<id>` stands where no placeholder is filled in",
    ),
    (
        "[effects.\"a.b\"]\nmarker = \"/t\"\nid = \"/id\"\nread = { tool = \"a.list\" }\n\
         undo = { tool = \"a.delete\", input = { q = \"<marker>\" } }",
        "\"<marker>\"",
        "`input` in [effects.\"a.b\".undo]: `<marker>` is not filled in here; those that exist are <id>",
    ),
    (
        "[effects.\"a.b\"]\nmarker = \"/t\"\nid = \"/id\"\nread = { tool = \"a.list\" }\n\
         undo = { tool = \"a.delete\", input = {} }",
        "{}",
        "`input` in [effects.\"a.b\".undo]: expected `<id>` where the record's id goes",
    ),
    (
        "[effects.\"a.b\"]\nmarker = \"/t\"\nread = { tool = \"a.list\" }\n\
         undo = { tool = \"a.delete\", input = { i = \"<id>\" } }",
        "{ tool = \"a.delete\", input = { i = \"<id>\" } }",
        "`undo` in [effects.\"a.b\"]: it needs `id`, which says where the record's id stands in the data",
    ),
    // What the profile says of the tool that makes the record.
    (
        "[effects.\"a.b\"]\nobject = \"a.c\"\nid_at = \"/i\"\nread = { tool = \"a.get\", input = { i = \"<id>\" } }\n\
         [effects.\"a.c\"]\nmarker = \"/t\"\nread = { tool = \"a.list\" }",
        "\"a.c\"",
        "`object` in [effects.\"a.b\"]: [effects.\"a.c\"] has no `id`, so that nothing is known of the record but its marker",
    ),
    (
        "[effects.\"a.b\"]\nobject = \"a.c\"\nid_at = \"/i\"\nread = { tool = \"a.get\", input = { i = \"<id>\" } }\n\
         [effects.\"a.c\"]\nread = { tool = \"a.list\" }",
        "\"a.c\"",
        "`object` in [effects.\"a.b\"]: [effects.\"a.c\"] has no `marker`, so that it makes no record",
    ),
];

#[test]
fn every_mistake_has_its_place_and_its_words() {
    assert_mistakes(MISTAKES);
}

fn effect(lines: &str) -> Effect {
    let mut profile = parsed(&format!("exclusive = true\n[effects.\"a.b\"]\n{lines}"));
    assert_eq!(profile.warnings, Vec::<String>::new(), "{lines}");
    profile.effects.remove("a.b").unwrap()
}

fn read(tool: &str, input: Value, pages: Option<Pages>) -> Read {
    Read {
        tool: tool.to_owned(),
        input,
        pages,
    }
}

#[test]
fn a_marker_is_looked_for_among_the_records() {
    let searched =
        effect("marker = \"/title\"\nread = { tool = \"a.search\", input = { query = \"title:<marker>\" } }");
    let bare = Creates {
        marker: "/title".to_owned(),
        read: read("a.search", json!({"query": "title:<marker>"}), None),
        id: None,
        undo: None,
    };
    assert_eq!(searched, Effect::Creates(bare));
    let listed = effect(
        r#"
        marker = "/fields/title"
        read = { tool = "a.list", input = { limit = 100 }, offset = "/offset" }
        id = ""
        undo = { tool = "a.delete", input = { ids = ["<id>"] } }
        "#,
    );
    let offset = Pages::Offset {
        at: "/offset".to_owned(),
    };
    let undone = Creates {
        marker: "/fields/title".to_owned(),
        read: read("a.list", json!({"limit": 100}), Some(offset)),
        id: Some(String::new()),
        undo: Some(Undo {
            tool: "a.delete".to_owned(),
            input: json!({"ids": ["<id>"]}),
            pinned: true,
        }),
    };
    assert_eq!(listed, Effect::Creates(undone));
}

#[test]
fn an_object_is_read_by_its_id() {
    let lines = r#"
        object = "a.create"
        id_at = "/ticket/id"
        read = { tool = "a.history", input = { path = "/<marker>/<id>" }, cursor = "/cursor", next = "/page/next" }
        "#;
    let cursor = Pages::Cursor {
        at: "/cursor".to_owned(),
        next: "/page/next".to_owned(),
    };
    let changes = Changes {
        object: "a.create".to_owned(),
        id_at: "/ticket/id".to_owned(),
        read: read("a.history", json!({"path": "/<marker>/<id>"}), Some(cursor)),
    };
    assert_eq!(effect(lines), Effect::Changes(changes));
}

#[test]
fn a_tool_without_marker_or_object_has_a_fingerprint() {
    let listing = effect("read = { tool = \"a.list\" }");
    assert_eq!(listing, Effect::Fingerprint(read("a.list", json!({}), None)));
}

#[test]
fn a_fingerprint_proves_nothing_where_others_use_the_hub() {
    let profile = parsed("[effects.\"a.b\"]\nread = { tool = \"a.list\" }");
    assert_eq!(
        profile.warnings,
        [
            "[effects.\"a.b\"] proves nothing without `exclusive = true` in [target]: a change that has neither `marker` \
             nor `object` may be anyone's"
        ]
    );
}

#[test]
fn what_comes_from_a_variable_is_no_placeholder() {
    let variable = |name: &str| (name == "TEXT").then(|| "<b>".to_owned());
    let text = r#"
        [target]
        url = "https://hub.example"
        [effects."a.b"]
        marker = "/title"
        read = { tool = "a.list", input = { query = "${TEXT} <marker> 1 < 2 > 0" } }
        "#;
    let profile = hubproof_model::profile::Profile::parse(text, &variable).unwrap();
    assert_eq!(
        profile.effects["a.b"].read().input,
        json!({"query": "<b> <marker> 1 < 2 > 0"})
    );
}
