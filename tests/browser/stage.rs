//! What the tests share: the driver, and a run whose report they read.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use serde_json::Value;
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

/// Writes the page of a report that was made up, and gives its file.
pub(crate) fn page_of(report: &Value, directory: &Path) -> PathBuf {
    let file = directory.join("report.json");
    std::fs::write(&file, report.to_string()).unwrap();
    let render: [&OsStr; 5] = [
        "report".as_ref(),
        "render".as_ref(),
        file.as_ref(),
        "--format".as_ref(),
        "html".as_ref(),
    ];
    let ended: Output = hubproof(&render).output().unwrap();
    assert_eq!(
        ended.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let page = directory.join("report.html");
    std::fs::write(&page, ended.stdout).unwrap();
    page
}
