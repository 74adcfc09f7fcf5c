//! Baselines as users write them: what an entry says, and every mistake with its place and words.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use chrono::NaiveDate;
use hubproof_model::baseline::{Baseline, KnownFailure, ToolGlob};
use hubproof_model::document::DocumentError;
use hubproof_model::requirement::RequirementId;

const SOUND: &str = "[[known]]\nrequirement = \"EXE-02\"\ntool = \"itsm.*\"\nreason = \"costs ${X}\"\nowner = \"itsm\"\n\
                     expires = 2027-01-31\n";

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 1, 1).unwrap()
}

fn parse(text: &str) -> Result<Baseline, DocumentError> {
    Baseline::parse(text, "known.toml", today(), &|id| {
        let parsed = id.parse::<RequirementId>().ok().filter(|id| id.number < 20);
        parsed.ok_or_else(|| format!("`{id}` is no requirement"))
    })
}

#[test]
fn an_entry_says_what_is_known_why_whose_and_until_when() {
    let baseline = parse(SOUND).unwrap();
    let entry = KnownFailure {
        requirement: "EXE-02".parse().unwrap(),
        tool: Some(ToolGlob::new("itsm.*").unwrap()),
        reason: "costs ${X}".to_owned(),
        owner: "itsm".to_owned(),
        expires: NaiveDate::from_ymd_opt(2027, 1, 31).unwrap(),
    };
    let whole = Baseline {
        path: "known.toml".to_owned(),
        today: today(),
        entries: vec![entry],
    };
    assert_eq!(baseline, whole);
}

#[test]
fn entries_keep_their_order_and_may_be_about_no_tool() {
    let second = SOUND.replace("tool = \"itsm.*\"\n", "").replace("EXE-02", "auth-01");
    let entries = parse(&format!("# why not\n{SOUND}{second}")).unwrap().entries;
    let told: Vec<_> = entries
        .iter()
        .map(|entry| (entry.requirement.to_string(), entry.tool.is_some()))
        .collect();
    assert_eq!(told, [("EXE-02".to_owned(), true), ("AUTH-01".to_owned(), false)]);
}

#[test]
fn a_baseline_without_entries_is_sound() {
    assert_eq!(parse("# nothing is known\n").unwrap().entries, []);
}

#[test]
fn the_reference_shows_a_sound_entry_and_explains_each_key() {
    let reference = include_str!("../../../docs/baseline.md");
    let (_, after) = reference.split_once("```toml\n").unwrap();
    let (example, _) = after.split_once("```").unwrap();
    assert_eq!(parse(example).unwrap().entries.len(), 1);
    for key in ["requirement", "tool", "reason", "owner", "expires"] {
        assert!(example.contains(&format!("\n{key} = ")), "{key}");
        assert!(reference.contains(&format!("\n| `{key}` | ")), "{key}");
    }
}

/// What stands in a sound baseline, what stands there instead, the text that the error points at, and its message.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    (
        "[[known]]",
        "[[knwon]]",
        "knwon",
        "unknown key `knwon`; did you mean `known`?",
    ),
    (
        "[[known]]",
        "[known]",
        "[known]",
        "[known]: expected a list of tables, found a table",
    ),
    (
        "[[known]]",
        "",
        "expires",
        "unknown key `expires`; those that exist are known",
    ),
    (
        "owner",
        "ownr",
        "ownr",
        "unknown key `ownr` in [known]; did you mean `owner`?",
    ),
    (
        "owner",
        "until",
        "until",
        "unknown key `until` in [known]; those that exist are requirement, tool, reason, owner, expires",
    ),
    (
        "\"EXE-02\"",
        "\"EXE-92\"",
        "\"EXE-92\"",
        "`requirement` in [known]: `EXE-92` is no requirement",
    ),
    (
        "\"EXE-02\"",
        "2",
        "2",
        "`requirement` in [known]: expected a requirement's id such as \"IDM-02\", found an integer",
    ),
    (
        "\"itsm.*\"",
        "[\"itsm.*\"]",
        "[\"itsm.*\"]",
        "`tool` in [known]: expected a glob such as \"itsm.*\", found a list",
    ),
    (
        "\"itsm.*\"",
        "\"itsm.{a\"",
        "\"itsm.{a\"",
        "`tool` in [known]: `itsm.{a` is not a glob: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)",
    ),
    (
        "\"itsm.*\"",
        "\"\"",
        "\"\"",
        "`tool` in [known]: expected a glob such as \"itsm.*\", found an empty string",
    ),
    (
        "\"costs ${X}\"",
        "\" \"",
        "\" \"",
        "`reason` in [known]: expected the reason why the failure is lived with, found an empty string",
    ),
    (
        "\"itsm\"\n",
        "true\n",
        "true",
        "`owner` in [known]: expected a person or a team that sees to the failure, found a boolean",
    ),
    (
        "2027-01-31",
        "\"2027-01-31\"",
        "\"2027-01-31\"",
        "`expires` in [known]: expected a date such as 2027-01-31, found a string",
    ),
    (
        "2027-01-31",
        "2027-01-31T10:00:00Z",
        "2027-01-31T10:00:00Z",
        "`expires` in [known]: expected a date such as 2027-01-31, without a time of day",
    ),
    (
        "2027-01-31",
        "10:00:00",
        "10:00:00",
        "`expires` in [known]: expected a date such as 2027-01-31, without a time of day",
    ),
    (
        "2027-01-31",
        "20270131",
        "20270131",
        "`expires` in [known]: expected a date such as 2027-01-31, found an integer",
    ),
];

#[test]
fn every_mistake_is_told_at_its_place() {
    for (sound, wrong, at, message) in MISTAKES {
        let text = SOUND.replacen(sound, wrong, 1);
        let fault = parse(&text).expect_err(wrong);
        assert_eq!(
            (&fault.message, fault.span.map(|span| &text[span])),
            (&(*message).to_owned(), Some(*at))
        );
    }
}

#[test]
fn what_is_missing_is_told_at_its_entry() {
    for key in ["requirement", "reason", "owner", "expires"] {
        let lines = SOUND.lines().filter(|line| !line.starts_with(key));
        let text = lines.collect::<Vec<_>>().join("\n");
        let fault = parse(&text).unwrap_err();
        assert_eq!(fault.message, format!("`{key}` is missing in [known]"));
        assert_eq!(&text[fault.span.unwrap()], "[[known]]");
    }
}

#[test]
fn help_says_how_to_write_it() {
    let help = |sound: &str, wrong: &str| parse(&SOUND.replacen(sound, wrong, 1)).unwrap_err().help;
    let quoted = help("2027-01-31", "\"2027-01-31\"");
    assert_eq!(quoted.as_deref(), Some("write the date without quotes"));
    let single = help("[[known]]", "[known]");
    assert_eq!(single.as_deref(), Some("begin each known failure with [[known]]"));
    let loose = help("[[known]]", "");
    assert_eq!(
        loose.as_deref(),
        Some("every key stands in a table: begin with [[known]]")
    );
}

#[test]
fn text_that_is_no_toml_is_told_at_its_place() {
    for wrong in ["2027-02-30", "2027-1-31", "tomorrow"] {
        let text = SOUND.replace("2027-01-31", wrong);
        let fault = parse(&text).unwrap_err();
        assert!(fault.message.starts_with("not valid TOML: "), "{}", fault.message);
        assert!(fault.span.is_some());
    }
}
