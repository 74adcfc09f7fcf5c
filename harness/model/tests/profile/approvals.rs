//! `[approvals]` as users write it: what each driver becomes, and every mistake with its place and words.

use std::time::Duration;

use hubproof_model::approval::{ApprovalRequest, Approvals, CommandDriver, Driver, HttpDriver, ManualDriver};
use hubproof_model::profile::Profile;
use serde_json::json;

use crate::{EXAMPLE, assert_mistakes, parse, parsed, with};

const APPROVER: &str = "[keys]\napprover = \"${HUB_KEY_APPROVER}\"\n[approvals]\ndriver = \"http\"";

/// The lines after `[target]`, the text that the error points at, and its message.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "[approvals]\ngates = []",
        "gates",
        "unknown key `gates` in [approvals]; did you mean `gated`?",
    ),
    (
        "[approvals]\ngated = \"a.b\"",
        "\"a.b\"",
        "`gated` in [approvals]: expected a list of tools' keys such as [\"identity.users.delete\"], found a string",
    ),
    (
        "[approvals]\ngated = [\"\"]",
        "\"\"",
        "`gated` in [approvals]: expected a tool's key such as \"identity.users.delete\", found an empty one",
    ),
    (
        "[approvals]\ngated = [\"a.b\", \"c.d\", 'a.b']",
        "'a.b'",
        "`gated` in [approvals]: the same tool stands in the list before",
    ),
    (
        "[approvals]\nwait = \"0s\"",
        "\"0s\"",
        "`wait` in [approvals]: expected a duration above zero",
    ),
    // Drivers.
    (
        "[approvals]\ndriver = \"htpp\"",
        "\"htpp\"",
        "`driver` in [approvals]: `htpp` is not a driver; did you mean `http`?",
    ),
    (
        "[approvals]\ndriver = \"${SECRET}\"",
        "\"${SECRET}\"",
        "`driver` in [approvals]: `${SECRET}` is not a driver; those that exist are http, command, manual",
    ),
    (
        "[approvals]\ndriver = true",
        "true",
        "`driver` in [approvals]: expected a driver such as \"http\", found a boolean",
    ),
    (
        "[approvals]\ndriver = \"http\"",
        "\"http\"",
        "`driver` in [approvals]: \"http\" decides with the `approver` key, which is missing in [keys]",
    ),
    (
        "[approvals]\nprogram = [\"./decide\"]",
        "[\"./decide\"]",
        "`program` in [approvals]: only the driver \"command\" takes it, and `driver` is missing",
    ),
    (
        "[approvals]\ndriver = \"http\"\nplace = \"there\"",
        "\"there\"",
        "`place` in [approvals]: only the driver \"manual\" takes it, and `driver` is \"http\"",
    ),
    (
        "[approvals]\ndriver = \"manual\"\nplace = \"there\"\nreject = { path = \"/<id>\" }",
        "{ path = \"/<id>\" }",
        "`reject` in [approvals]: only the driver \"http\" takes it, and `driver` is \"manual\"",
    ),
    // The program, and the place.
    (
        "[approvals]\ndriver = \"command\"",
        "[approvals]",
        "`program` is missing in [approvals]",
    ),
    (
        "[approvals]\ndriver = \"command\"\nprogram = \"./decide\"",
        "\"./decide\"",
        "`program` in [approvals]: expected a program and its arguments such as [\"./decide\", \"--env\", \"staging\"], \
         found a string",
    ),
    (
        "[approvals]\ndriver = \"command\"\nprogram = []",
        "[]",
        "`program` in [approvals]: expected a program and its arguments such as [\"./decide\", \"--env\", \"staging\"], \
         found an empty list",
    ),
    (
        "[approvals]\ndriver = \"command\"\nprogram = [\"\"]",
        "\"\"",
        "`program` in [approvals]: expected a program such as \"./decide\", found an empty one",
    ),
    (
        "[approvals]\ndriver = \"command\"\nprogram = [\"./decide\", 5]",
        "5",
        "`program` in [approvals]: expected an argument such as \"--env\", found an integer",
    ),
    (
        "[approvals]\ndriver = \"manual\"",
        "[approvals]",
        "`place` is missing in [approvals]",
    ),
    (
        "[approvals]\ndriver = \"manual\"\nplace = \" \"",
        "\" \"",
        "`place` in [approvals]: expected words or a URL such as \"https://hub.example/approvals\", found an empty one",
    ),
];

/// The lines after `driver = "http"`, the text that the error points at, and its message.
const MISTAKES_OF_HTTP: &[(&str, &str, &str)] = &[
    (
        "list = \"/approvals\"",
        "\"/approvals\"",
        "`list` in [approvals]: expected a table such as { path = \"/approvals?status=pending\", \
         entries = \"/approvals\", id = \"/id\" }, found a string",
    ),
    (
        "list = { entrys = \"/data\" }",
        "entrys",
        "unknown key `entrys` in [approvals.list]; did you mean `entries`?",
    ),
    (
        "list = { entries = \"data\" }",
        "\"data\"",
        "`entries` in [approvals.list]: a JSON Pointer begins with `/`",
    ),
    (
        "list = { id = 1 }",
        "1",
        "`id` in [approvals.list]: expected a JSON Pointer such as \"/id\", found an integer",
    ),
    (
        "list = { path = \"/approvals/<id>\" }",
        "\"/approvals/<id>\"",
        "`path` in [approvals.list]: `<id>` stands where no placeholder is filled in",
    ),
    (
        "list = { body = { status = \"pending\" } }",
        "{ status = \"pending\" }",
        "`body` in [approvals.list]: a GET has no body",
    ),
    (
        "approve = true",
        "true",
        "`approve` in [approvals]: expected a table such as { path = \"/approvals/<id>/approve\" }, found a boolean",
    ),
    (
        "approve = { entries = \"/data\" }",
        "entries",
        "unknown key `entries` in [approvals.approve]; those that exist are path, method, body",
    ),
    (
        "approve = { path = \"https://hub.example/<id>\" }",
        "\"https://hub.example/<id>\"",
        "`path` in [approvals.approve]: a path begins with `/`: it stands below the base URL",
    ),
    (
        "approve = { path = \"/<id> \" }",
        "\"/<id> \"",
        "`path` in [approvals.approve]: `#` and white space cannot stand in a path",
    ),
    (
        "approve = { path = \"/<id>#yes\" }",
        "\"/<id>#yes\"",
        "`path` in [approvals.approve]: `#` and white space cannot stand in a path",
    ),
    (
        "approve = { path = \"/<di>/approve\" }",
        "\"/<di>/approve\"",
        "`path` in [approvals.approve]: `<di>` is not filled in here; did you mean `<id>`?",
    ),
    (
        "approve = { path = \"/approve\" }",
        "{ path = \"/approve\" }",
        "`approve` in [approvals]: it needs `<id>`, in its `path` or `body`, where the entry's id goes",
    ),
    (
        "reject = { path = \"/reject\", body = { why = \"${SECRET}\" } }",
        "{ path = \"/reject\", body = { why = \"${SECRET}\" } }",
        "`reject` in [approvals]: it needs `<id>`, in its `path` or `body`, where the entry's id goes",
    ),
    (
        "reject = { body = { entry = [\"<marker>\"] } }",
        "\"<marker>\"",
        "`body` in [approvals.reject]: `<marker>` is not filled in here; those that exist are <id>",
    ),
    (
        "reject = { method = \"PSOT\" }",
        "\"PSOT\"",
        "`method` in [approvals.reject]: `PSOT` is not a method; did you mean `post`?",
    ),
    (
        "approve = { path = \"/decide/<id>\" }\nreject = { path = '/decide/<id>' }",
        "{ path = '/decide/<id>' }",
        "`reject` in [approvals]: it is the same request as `approve`",
    ),
    (
        "approve = { path = '/approvals/<id>/reject' }",
        "{ path = '/approvals/<id>/reject' }",
        "`approve` in [approvals]: it is the same request as `reject`",
    ),
];

#[test]
fn every_mistake_has_its_place_and_its_words() {
    assert_mistakes(MISTAKES);
}

#[test]
fn every_mistake_in_a_request_has_its_place_and_its_words() {
    let whole: Vec<_> = MISTAKES_OF_HTTP
        .iter()
        .map(|(lines, place, message)| (format!("{APPROVER}\n{lines}"), *place, *message))
        .collect();
    let mistakes: Vec<_> = whole
        .iter()
        .map(|(lines, place, message)| (lines.as_str(), *place, *message))
        .collect();
    assert_mistakes(&mistakes);
}

#[test]
fn a_missing_approver_can_be_helped() {
    let fault = parse(&with("[approvals]\ndriver = \"http\"")).unwrap_err();
    assert_eq!(
        fault.help.as_deref(),
        Some("add to [keys]: approver = \"${HUB_KEY_APPROVER}\"")
    );
}

fn approvals(lines: &str) -> Approvals {
    let profile = parsed(lines);
    assert_eq!(profile.warnings, Vec::<String>::new(), "{lines}");
    profile.approvals
}

fn http(lines: &str) -> HttpDriver {
    match approvals(&format!("{APPROVER}\n{lines}")).driver {
        Some(Driver::Http(driver)) => driver,
        other => panic!("{lines}: {other:?}"),
    }
}

fn request(method: &str, path: &str) -> ApprovalRequest {
    ApprovalRequest {
        method: method.to_owned(),
        path: path.to_owned(),
        body: None,
    }
}

#[test]
fn without_a_driver_nobody_decides() {
    let gated = approvals("[approvals]\ngated = [\"a.b\", \"c.d\"]");
    assert_eq!(gated.gated, ["a.b", "c.d"]);
    assert_eq!((gated.driver, gated.wait), (None, Duration::from_secs(30)));
    let profile = parsed("[approvals]\nwait = \"10m\"");
    assert_eq!(profile.approvals.wait, Duration::from_secs(600));
    assert_eq!(
        profile.warnings,
        ["`wait` in [approvals] says nothing without a `driver`"]
    );
}

#[test]
fn requests_are_those_of_the_reference_hub_unless_the_profile_says_otherwise() {
    let preset = HttpDriver {
        list: request("GET", "/approvals?status=pending"),
        entries: "/approvals".to_owned(),
        id: "/id".to_owned(),
        approve: request("POST", "/approvals/<id>/approve"),
        reject: request("POST", "/approvals/<id>/reject"),
    };
    assert_eq!(http(""), preset);
    assert_eq!(http("list = {}\napprove = {}\nreject = {}"), preset);
    let listed = HttpDriver {
        list: request("GET", "/requests"),
        entries: String::new(),
        ..preset.clone()
    };
    assert_eq!(http("list = { path = \"/requests\", entries = \"\" }"), listed);
    let rejected = HttpDriver {
        reject: request("DELETE", "/requests/<id>"),
        ..preset
    };
    assert_eq!(
        http("reject = { method = \"delete\", path = \"/requests/<id>\" }"),
        rejected
    );
}

#[test]
fn an_entry_may_be_named_in_the_body() {
    let driver = http(
        r#"
        list = { method = "POST", path = "/search", body = { state = "open" }, id = "/entry/id" }
        approve = { method = "PUT", path = "/decisions", body = { entries = ["<id>"], by = "${SECRET}", yes = true } }
        reject = { method = "PUT", path = "/decisions", body = { entries = ["<id>"], yes = false } }
        "#,
    );
    assert_eq!(
        (driver.list.method.as_str(), driver.list.body),
        ("POST", Some(json!({"state": "open"})))
    );
    assert_eq!(driver.id, "/entry/id");
    assert_eq!(driver.approve.method, "PUT");
    assert_eq!(
        driver.approve.body,
        Some(json!({"entries": ["<id>"], "by": "hub_sk_secret", "yes": true}))
    );
    assert_eq!(driver.reject.body, Some(json!({"entries": ["<id>"], "yes": false})));
}

#[test]
fn a_program_or_a_person_may_decide() {
    let program =
        approvals("[approvals]\ndriver = \"command\"\nprogram = [\"./decide\", \"--env\", \"\"]\nwait = \"1m\"");
    assert_eq!(program.wait, Duration::from_secs(60));
    let words = ["./decide", "--env", ""].map(str::to_owned).to_vec();
    assert_eq!(program.driver, Some(Driver::Command(CommandDriver { program: words })));
    let person = approvals("[approvals]\ndriver = \"manual\"\nplace = \"https://hub.example/approvals\"");
    let place = "https://hub.example/approvals".to_owned();
    assert_eq!(person.driver, Some(Driver::Manual(ManualDriver { place })));
}

#[test]
fn the_example_shows_the_other_drivers_too() {
    for (driver, key) in [("command", "program"), ("manual", "place")] {
        let is_of_http = |line: &&str| {
            ["list = ", "approve = ", "reject = "]
                .iter()
                .any(|key| line.starts_with(key))
        };
        let lines: Vec<_> = EXAMPLE.lines().filter(|line| !is_of_http(line)).collect();
        let text = lines
            .join("\n")
            .replace("driver = \"http\"", &format!("driver = \"{driver}\""))
            .replace(&format!("# {key} = "), &format!("{key} = "));
        let profile = parse(&text).unwrap();
        assert!(profile.approvals.driver.is_some(), "{driver}");
    }
}

#[test]
fn what_is_not_said_is_the_default() {
    for lines in ["", "[approvals]"] {
        assert_eq!(approvals(lines), Profile::of_url("https://hub.example").approvals);
    }
}
