//! The documents are current, and the schema and the reader agree on what a profile is.

use hubproof_model::profile::Profile;
use jsonschema::Validator;
use toml::Value as Toml;

use super::*;

const EXAMPLE: &str = include_str!("../../../fixtures/profiles/example.toml");
const BUNDLED: &str = include_str!("../../../fixtures/profiles/bundled.toml");

fn validator() -> Validator {
    let schema = written::schema();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// A TOML document as editors validate it: date-times are texts.
fn as_json(text: &str) -> Value {
    fn value(toml: Toml) -> Value {
        match toml {
            Toml::Datetime(at) => at.to_string().into(),
            Toml::Array(items) => items.into_iter().map(value).collect(),
            Toml::Table(members) => members.into_iter().map(|(key, member)| (key, value(member))).collect(),
            other => serde_json::to_value(other).unwrap(),
        }
    }
    value(Toml::Table(toml::from_str(text).unwrap()))
}

fn read(text: &str) -> Result<Profile, String> {
    let variable = |name: &str| match name.split_once("_VENDOR") {
        None if name.ends_with("_URL") => Some("https://hub.example".to_owned()),
        None => Some(name.to_lowercase()),
        // A vendor each.
        Some((_, of)) => Some(format!("127.0.0.1:{}", 9911 + of.len())),
    };
    Profile::parse(text, &variable).map_err(|fault| fault.message)
}

#[test]
fn the_schema_and_the_tables_of_the_page_are_current() {
    let root = crate::root();
    let at = |name: &str| std::fs::read_to_string(root.join(name)).unwrap_or_default();
    assert!(
        at(SCHEMA) == schema().unwrap(),
        "{SCHEMA} is stale: run `cargo xtask codegen`"
    );
    assert!(
        at(PAGE) == page(&root).unwrap(),
        "{PAGE} is stale: run `cargo xtask codegen`"
    );
}

#[test]
fn profiles_that_are_read_are_valid() {
    let validator = validator();
    for text in [EXAMPLE, BUNDLED] {
        read(text).unwrap();
        let faults: Vec<_> = validator
            .iter_errors(&as_json(text))
            .map(|fault| fault.to_string())
            .collect();
        assert_eq!(faults, [""; 0]);
    }
}

#[test]
fn a_typo_in_any_key_is_refused_by_the_schema_and_the_reader_alike() {
    let validator = validator();
    let mut typos = 0;
    for (at, line) in EXAMPLE.lines().enumerate() {
        let Some((key, value)) = line.split_once(" = ") else {
            continue;
        };
        // What stands in a table by domain, or by connector, is the user's own.
        if line.starts_with('#') || ["itsm", "servicenow"].contains(&key) {
            continue;
        }
        let typo = format!("{}z", key.trim_matches('"'));
        let lines = EXAMPLE.lines().enumerate();
        let text: Vec<_> = lines
            .map(|(other, line)| match other == at {
                true => format!("\"{typo}\" = {value}"),
                false => line.to_owned(),
            })
            .collect();
        let text = text.join("\n");
        let fault = read(&text).expect_err(&typo);
        let is_told = ["key", "table"].map(|what| fault.contains(&format!("unknown {what} `{typo}`")));
        assert!(is_told.contains(&true), "{typo}: {fault}");
        assert!(!validator.is_valid(&as_json(&text)), "{typo}");
        typos += 1;
    }
    assert!(typos > 50, "the example has a line for every key");
}

/// The tables with the definition that says their keys, and what makes the rest of such a table sound.
const TABLES: [(&str, &str); 11] = [
    ("target", "[target]"),
    ("keys", "[keys]"),
    ("connections", "[connections]"),
    ("connection", "[connections.inactive]"),
    ("safety", "[safety]"),
    ("inputs", "[inputs.\"a.b.c\"]"),
    ("effect", "[effects.\"a.b.c\"]"),
    ("approvals", "[approvals]"),
    ("upstream", "[upstream.conn_1]"),
    ("objectives", "[slo.read]"),
    ("dialect", "[dialect]"),
];

/// Tables within others, with what must stand before them.
const INNER: [(&str, &str); 5] = [
    ("read call", "[effects.\"a.b.c\"]\n[effects.\"a.b.c\".read]"),
    (
        "call",
        "[effects.\"a.b.c\"]\nmarker = \"/a\"\nid = \"\"\nread = { tool = \"a.b.d\" }\n[effects.\"a.b.c\".undo]",
    ),
    (
        "list request",
        "[keys]\napprover = \"a\"\n[approvals]\ndriver = \"http\"\n[approvals.list]",
    ),
    (
        "decision request",
        "[keys]\napprover = \"a\"\n[approvals]\ndriver = \"http\"\n[approvals.approve]",
    ),
    (
        "decision request",
        "[keys]\napprover = \"a\"\n[approvals]\ndriver = \"http\"\n[approvals.reject]",
    ),
];

#[test]
fn the_reader_knows_the_keys_of_the_schema_and_no_others() {
    let schema = written::schema();
    for (name, heading) in TABLES.into_iter().chain(INNER) {
        let target = if name == "target" {
            ""
        } else {
            "[target]\nurl = \"https://hub.example\"\n"
        };
        let fault = read(&format!("{target}{heading}\nzebra_crossing_of_the_road = 1\n")).expect_err(name);
        let (_, known) = fault.split_once("those that exist are ").expect(&fault);
        let mut known: Vec<_> = known.split(", ").collect();
        let properties = schema["$defs"][name]["properties"].as_object().expect(name);
        let mut declared: Vec<_> = properties.keys().map(String::as_str).collect();
        known.sort_unstable();
        declared.sort_unstable();
        assert_eq!(known, declared, "{name}");
    }
    let definitions = schema["$defs"].as_object().unwrap();
    for (name, definition) in definitions {
        let is_looked_at = TABLES.iter().chain(&INNER).any(|(looked_at, _)| looked_at == name);
        let is_by_name = matches!(name.as_str(), "slo");
        assert!(
            is_looked_at || is_by_name || table::is_said_in_words(definition),
            "{name}"
        );
    }
}

#[test]
fn the_defaults_that_are_told_are_those_that_are_taken() {
    let schema = written::schema();
    let bare = "[target]\nurl = \"https://hub.example\"\n";
    let driver = "[keys]\nprimary = \"${A}\"\napprover = \"${B}\"\n[approvals]\ndriver = \"http\"\n";
    let mut told = String::new();
    for (table, name) in [("target", "target"), ("keys", "keys"), ("approvals", "approvals")] {
        let keys = match table {
            "target" => bare.to_owned(),
            "keys" => "[keys]\nprimary = \"${A}\"\napprover = \"${B}\"\n".to_owned(),
            _ => "[approvals]\ndriver = \"http\"\n".to_owned(),
        };
        told.push_str(&keys);
        for (key, property) in schema["$defs"][name]["properties"].as_object().unwrap() {
            let said = property["x-default"]
                .as_str()
                .and_then(|words| words.strip_prefix("`{"));
            if let Some(value) = property.get("default") {
                told.push_str(&format!("{key} = {value}\n"));
            } else if let Some(rest) = said {
                told.push_str(&format!("{key} = {{{}\n", rest.trim_end_matches('`')));
            }
        }
    }
    assert!(
        told.contains("settle = \"0s\"") && told.contains("reject = {"),
        "{told}"
    );
    let taken = read(&format!("{bare}{driver}")).unwrap();
    assert_eq!(format!("{:?}", read(&told).unwrap()), format!("{taken:?}"));
    // Unsaid until a flag, or the kind of target, says something else.
    assert_eq!(schema["$defs"]["safety"]["properties"]["allow"]["default"], "read");
}

#[test]
fn values_that_the_reader_refuses_are_refused_by_the_schema_too() {
    let validator = validator();
    for lines in [
        "[target]\ntimeout = 30",
        "[target]\ntimeout = \"30\"",
        "[target]\ntimeout = \"\"",
        "[target]\ntimeout = \"1s1m\"",
        "[target]\nexclusive = \"yes\"",
        "[keys]\nshared_limit = 0",
        "[connections]\ninactive = \"conn_1\"",
        "[connections]\ninactive = { domain = \"itsm\" }",
        "[safety]\nallow = \"everything\"",
        "[safety]\nrate = 0",
        "[safety]\nrate = \"50\"",
        "[inputs.\"a.b.c\"]\nleave = [\"title\"]",
        "[inputs.\"a.b.c\"]\nvalues = { title = 1 }",
        "[effects.\"a.b.c\"]\nmarker = \"/title\"",
        "[effects.\"a.b.c\"]\nmarker = \"/a\"\nobject = \"a.b.d\"\nid_at = \"/b\"\nread = { tool = \"a.b.e\", input = { id = \"<id>\" } }",
        "[effects.\"a.b.c\"]\nmarker = \"/a\"\nread = { tool = \"a.b.e\", cursor = \"/b\" }",
        "[approvals]\ndriver = \"somebody\"",
        "[approvals]\nplace = \"here\"",
        "[slo.reading]\np99 = \"1s\"",
        "[slo.read]",
        "[slo.read]\nerror_rate = 1.5",
        "[dialect]\nreset_unit = \"minutes\"",
    ] {
        let url = "url = \"https://hub.example\"\n";
        let text = match lines.strip_prefix("[target]\n") {
            Some(rest) => format!("[target]\n{url}{rest}"),
            None => format!("[target]\n{url}{lines}"),
        };
        assert!(read(&text).is_err(), "the reader takes {lines}");
        assert!(!validator.is_valid(&as_json(&text)), "the schema takes {lines}");
    }
}

#[test]
fn values_from_the_environment_are_valid() {
    let text = "[target]\nurl = \"${HUB_URL}\"\ntimeout = \"${T}\"\n[safety]\nallow = \"${ALLOW}\"\nrate = \"${RATE}\"\n\
                [dialect]\nreset_unit = \"${UNIT}\"\ntools_at = \"${AT}\"\n[approvals]\ndriver = \"${DRIVER}\"\n\
                [slo.read]\nerror_rate = \"${RATE}\"\n";
    assert!(validator().is_valid(&as_json(text)));
}

#[test]
fn a_page_says_which_of_its_tables_is_wrong() {
    let schema = written::schema();
    let fault = |text: &str| renewed(text, &schema).unwrap_err();
    assert_eq!(
        fault("<!-- table of keys -->\n| key |\n"),
        "the table of keys does not end"
    );
    let unknown = "<!-- table of kez -->\n<!-- end of table -->\n";
    assert_eq!(fault(unknown), "`kez` is no definition of docs/profile.schema.json");
    assert!(fault("no table at all").starts_with("it lacks <!-- table of "));
}
