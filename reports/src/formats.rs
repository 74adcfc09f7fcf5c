//! The formats of a run's report: one row each, which every command reads.

use hubproof_model::gate::FailOn;

use crate::document::Report;
use crate::terminal::TerminalOptions;
use crate::{ctrf, github, har, hlog, html, json, junit, markdown, sarif, tap, terminal};

/// A format that a report can be written in.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Its name, for `--format`.
    pub name: &'static str,
    /// The file that it is written to, in the directory of the reports.
    pub file: &'static str,
    /// What it is for, in a line.
    pub about: &'static str,
    /// Whether a run prints it too, since what it is for reads the output of the run.
    pub is_printed: bool,
    /// Writes a report; the level is the one from which on a violation shows as a failure.
    pub render: fn(&Report, FailOn) -> String,
}

/// All formats.
pub const FORMATS: [Format; 11] = [
    Format {
        name: "json",
        file: "report.json",
        about: "all of it, for programs and for `hubproof report`",
        is_printed: false,
        render: |report, _| json::render(report),
    },
    Format {
        name: "html",
        file: "report.html",
        about: "a page that opens offline, for people",
        is_printed: false,
        render: html::render,
    },
    Format {
        name: "junit",
        file: "junit.xml",
        about: "for the test displays of CI servers",
        is_printed: false,
        render: junit::render,
    },
    Format {
        name: "markdown",
        file: "report.md",
        about: "for the summary of a CI job, or a comment on a pull request",
        is_printed: false,
        render: markdown::render,
    },
    Format {
        name: "github",
        file: "annotations.txt",
        about: "annotations of GitHub Actions, which a run prints too",
        is_printed: true,
        render: github::render,
    },
    Format {
        name: "sarif",
        file: "report.sarif",
        about: "SARIF 2.1.0, for code scanning",
        is_printed: false,
        render: sarif::render,
    },
    Format {
        name: "ctrf",
        file: "ctrf-report.json",
        about: "Common Test Report Format, for the tools that read it",
        is_printed: false,
        render: ctrf::render,
    },
    Format {
        name: "tap",
        file: "report.tap",
        about: "TAP 14, the Test Anything Protocol",
        is_printed: false,
        render: tap::render,
    },
    Format {
        name: "har",
        file: "report.har",
        about: "the exchanges of all violations, for what opens recorded traffic",
        is_printed: false,
        render: |report, _| har::render(report),
    },
    Format {
        name: "hlog",
        file: "latency.hlog",
        about: "all latencies, for the tools of HdrHistogram",
        is_printed: false,
        render: |report, _| hlog::render(report),
    },
    Format {
        name: "terminal",
        file: "report.txt",
        about: "the text that a run prints",
        is_printed: false,
        render: |report, fail_on| {
            let options = TerminalOptions {
                fail_on,
                ..TerminalOptions::PLAIN
            };
            terminal::render(report, &options) + &terminal::closing(report, fail_on)
        },
    },
];

/// The format of a name.
#[must_use]
pub fn of_name(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::canned;
    use crate::printable::brackets_spelled;

    #[test]
    fn names_and_files_are_not_shared() {
        let names: BTreeSet<_> = FORMATS.iter().map(|format| format.name).collect();
        let files: BTreeSet<_> = FORMATS.iter().map(|format| format.file).collect();
        assert_eq!((names.len(), files.len()), (FORMATS.len(), FORMATS.len()));
        assert!(FORMATS.iter().all(|format| of_name(format.name).is_some()));
        assert!(of_name("html5").is_none());
    }

    /// What CI servers read as commands, where a hub's own texts stand; and a terminal's own command beside them.
    const COMMANDS: [&str; 5] = [
        "##vso[task.complete]x",
        "##teamcity[message]x",
        "##[error]x",
        "::error::x",
        "::add-mask::x",
    ];

    /// The report with this text in the place of each hostile one.
    fn saying(report: &Report, text: &str) -> Report {
        fn replaced(value: Value, text: &str) -> Value {
            match value {
                Value::String(own) => own.replace(canned::HOSTILE, text).into(),
                Value::Array(own) => own.into_iter().map(|own| replaced(own, text)).collect(),
                Value::Object(own) => {
                    let own = own.into_iter();
                    own.map(|(name, own)| (name.replace(canned::HOSTILE, text), replaced(own, text)))
                        .collect()
                }
                other => other,
            }
        }
        serde_json::from_value(replaced(serde_json::to_value(report).unwrap(), text)).unwrap()
    }

    #[test]
    fn no_format_lets_a_hub_command_a_ci_server() {
        let ours = [
            "::error title=",
            "::error file=",
            "::warning title=",
            "::notice title=",
            "::notice file=",
        ];
        for (format, text) in FORMATS.iter().flat_map(|format| COMMANDS.map(|text| (format, text))) {
            let written: String = canned::all_reports()
                .iter()
                .map(|report| (format.render)(&saying(report, text), FailOn::Must))
                .collect();
            // Spelled so that it is none, not left out.
            assert!(
                format.name == "hlog"
                    || written.contains(text.trim_start_matches([':', '#']).split('[').next_back().unwrap()),
                "{}: {text}",
                format.name
            );
            for line in written.lines() {
                let line = line.trim_start();
                let is_ours = format.is_printed && ours.iter().any(|own| line.starts_with(own));
                assert!(is_ours || !line.starts_with("::"), "{}: {line}", format.name);
                assert_eq!(brackets_spelled(line, ""), line, "{}", format.name);
            }
        }
    }

    #[test]
    fn every_format_writes_every_report() {
        for report in canned::all_reports() {
            for format in &FORMATS {
                let text = (format.render)(&report, FailOn::Must);
                assert!(text.ends_with('\n'), "{}", format.name);
            }
        }
    }
}
