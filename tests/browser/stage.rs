//! What the tests share: the driver, and a run whose report they read.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use hubproof_model::gate::FailOn;
use hubproof_model::kind::pattern;
use hubproof_reports::document::Report;
use hubproof_reports::html;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::session::Session;
use crate::web_driver::Driver;

/// A run with three defects: a violation of a single exchange, one of several with its smallest input, and a race.
const RED: [&str; 15] = [
    "run",
    "--defect",
    "any-scheme",
    "--defect",
    "lengths-unchecked",
    "--defect",
    "duplicates-race",
    "--only",
    "AUTH,CAT,EXE-01,EXE-02,IDM-01,IDM-02",
    "--tools",
    "itsm.tickets.*",
    "--cases",
    "3",
    "--format",
    "html,json",
];

/// Made when the first test asks for it: listing the tests starts nothing.
pub(crate) struct Stage {
    chromium: PathBuf,
    chromedriver: PathBuf,
    driver: OnceLock<Driver>,
    red: OnceLock<TempDir>,
}

impl Stage {
    /// With these programs.
    pub(crate) fn new(chromium: PathBuf, chromedriver: PathBuf) -> Self {
        Self {
            chromium,
            chromedriver,
            driver: OnceLock::new(),
            red: OnceLock::new(),
        }
    }

    /// A Chromium for a test.
    pub(crate) fn session(&self) -> Session<'_> {
        Session::start(
            self.driver.get_or_init(|| Driver::start(&self.chromedriver)),
            &self.chromium,
        )
    }

    /// One that shows the report of the run with defects.
    pub(crate) fn report_page(&self) -> Session<'_> {
        let session = self.session();
        session.open_file(&self.report_html());
        session
    }

    /// The directory with the reports of the run with defects.
    fn red(&self) -> &Path {
        let made = self.red.get_or_init(|| {
            let out = TempDir::new().unwrap();
            let ended = hubproof(&RED).arg("--out").arg(out.path()).output().unwrap();
            assert_eq!(ended.status.code(), Some(1), "{ended:?}");
            out
        });
        made.path()
    }

    /// The page.
    pub(crate) fn report_html(&self) -> PathBuf {
        self.red().join("report.html")
    }

    /// The report as data.
    pub(crate) fn report(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.red().join("report.json")).unwrap()).unwrap()
    }
}

/// The program with arguments.
pub(crate) fn hubproof(arguments: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hubproof"));
    command.args(arguments).env("NO_COLOR", "1");
    command
}

/// Counts the violations of a report that was made up by kind: each is one of its own.
pub(crate) fn count_kinds(report: &mut Value) {
    for requirement in report["requirements"].as_array_mut().unwrap() {
        let mut kinds: BTreeMap<String, Value> = BTreeMap::new();
        for own in requirement["violations"].as_array().unwrap() {
            let (tool, summary) = (own["tool"].as_str(), own["summary"].as_str().unwrap());
            let pattern = pattern(tool, summary);
            let kind = kinds
                .entry(pattern.clone())
                .or_insert_with(|| json!({"pattern": pattern, "summary": summary, "count": 0, "tools": []}));
            kind["count"] = json!(kind["count"].as_u64().unwrap() + 1);
            let tools = kind["tools"].as_array_mut().unwrap();
            tools.extend(tool.map(Value::from));
        }
        requirement["kinds"] = kinds.into_values().collect();
    }
}

/// Writes the page of a report that was made up, and gives its file. No report that could be read says such things.
pub(crate) fn page_of(report: &Value, directory: &Path) -> PathBuf {
    let report: Report = serde_json::from_value(report.clone()).unwrap();
    let page = directory.join("report.html");
    std::fs::write(&page, html::render(&report, FailOn::Must)).unwrap();
    page
}
