//! A person decides on the reference hub's own page, and the run that waits for it goes on.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;

use crate::Test;
use crate::looks::{assert_legible, assert_narrow};
use crate::picture;
use crate::reference_hub::Hub;
use crate::stage::{Stage, hubproof};

pub(crate) const TESTS: &[Test] = &[("an_approval_by_hand_lets_a_run_go_on", approved_by_hand)];

/// The profile of a hub whose refunds wait for a person, without any key: they come by variables.
fn profile(hub: &Hub, place: &str) -> String {
    format!(
        "[target]\nurl = \"{}\"\n[keys]\nprimary = \"${{HUB_KEY}}\"\n[approvals]\ngated = [\"ecommerce.refunds.create\"]\n\
         driver = \"manual\"\nplace = \"{place}\"\nwait = \"2m\"\n",
        hub.url()
    )
}

fn approved_by_hand(stage: &Stage) {
    let hub = Hub::start();
    let (origin, _) = hub.url().split_once("/api/").unwrap();
    let place = format!("{origin}/approvals");
    let out = TempDir::new().unwrap();
    let file = out.path().join("hub.toml");
    std::fs::write(&file, profile(&hub, &place)).unwrap();
    let mut run = hubproof(&[
        "run",
        "--only",
        "APR-03",
        "--require",
        "APR-03",
        "--allow",
        "admin",
        "--profile",
    ])
    .arg(&file)
    .arg("--out")
    .arg(out.path().join("reports"))
    .env("HUB_KEY", hub.key("primary"))
    .stdout(Stdio::null())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();

    let page = stage.session();
    page.open(&place);
    page.type_into("#key", hub.key("primary"));
    page.click("form.sign-in button");
    page.until("document.querySelector('.refusal')");
    assert_legible(&page);
    assert_narrow(&page);
    page.emulate(1280, 900, "light");
    page.type_into("#key", hub.key("approver"));
    page.click("form.sign-in button");
    page.until("document.querySelector('form.sign-out')");

    // The run says what it waits for, and where; its end closes the pipe.
    let mut decisions = 0;
    let mut said = String::new();
    for line in BufReader::new(run.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        said += &format!("{line}\n");
        let Some((_, key)) = line.split_once("idempotency key ") else {
            continue;
        };
        let Some(decision) = ["approve", "reject"]
            .into_iter()
            .find(|own| line.contains(&format!("{own} the call of")))
        else {
            continue;
        };
        assert!(line.contains(&place), "{line}");
        let key = key.split(' ').next().unwrap();
        page.open(&place);
        let entry =
            format!("[...document.querySelectorAll('article')].find((own) => own.textContent.includes('{key}'))");
        page.until(&entry);
        if decisions == 0 {
            assert_legible(&page);
            assert_narrow(&page);
            for (name, width, scheme) in [
                ("light", 1280, "light"),
                ("dark", 1280, "dark"),
                ("narrow", 375, "light"),
            ] {
                page.emulate(width, 900, scheme);
                picture::leave(&page, &format!("approvals-{name}"));
            }
            page.emulate(1280, 900, "light");
        }
        page.eval(&format!("{entry}.querySelector('button.{decision}').id = 'wanted'"));
        page.click("#wanted");
        let decided = if decision == "approve" { "approved" } else { "rejected" };
        page.until(&format!("{entry}.querySelector('.status.{decided}')"));
        decisions += 1;
    }
    let ended = run.wait().unwrap();
    assert!(decisions >= 1, "{said}");
    assert_eq!(ended.code(), Some(0), "{said}");
    let report: Value =
        serde_json::from_slice(&std::fs::read(out.path().join("reports/report.json")).unwrap()).unwrap();
    let own = report["requirements"]
        .as_array()
        .unwrap()
        .iter()
        .find(|own| own["id"] == "APR-03")
        .unwrap();
    assert_eq!(own["verdict"], "held", "{own}");
    page.click("form.sign-out button");
    page.until("document.querySelector('form.sign-in')");
}
