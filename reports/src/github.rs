//! Annotations of GitHub Actions: lines of a job's output that are commands, and that GitHub shows beside the job and in its files.

use hubproof_model::gate::FailOn;

use crate::clusters;
use crate::document::Report;
use crate::document::requirement::RequirementReport;
use crate::figures::{count, counted};
use crate::known::excuse;
use crate::printable::shortened;
use crate::standing::Standing;
use crate::{terminal, unexercised};

/// The most annotations of a kind: GitHub shows no more of a step, and drops the others without a word.
const MOST: usize = 10;
/// The most characters of a title (GitHub takes 255), and of a line of a message.
const TITLE: usize = 200;
const LINE: usize = 1_000;

/// The report as commands, a line each; the level is the one from which on a violation shows as an error.
#[must_use]
pub fn render(report: &Report, fail_on: FailOn) -> String {
    [
        lines("error", errors(report, fail_on)),
        lines("warning", warnings(report, fail_on)),
        lines("notice", notices(report, fail_on)),
    ]
    .concat()
}

/// What stands in an annotation.
#[derive(Debug)]
struct Annotation {
    title: String,
    /// The file that it is about, if one.
    file: Option<String>,
    lines: Vec<String>,
}

impl Annotation {
    fn new(title: impl Into<String>, lines: impl IntoIterator<Item = String>) -> Self {
        Self {
            title: title.into(),
            file: None,
            lines: lines.into_iter().collect(),
        }
    }

    fn in_file(self, file: Option<&String>) -> Self {
        Self {
            file: file.cloned(),
            ..self
        }
    }

    fn line(&self, command: &str) -> String {
        let file = self.file.as_ref();
        let file = file.map(|file| format!("file={},", property(&shortened(file, LINE))));
        let lines: Vec<_> = self.lines.iter().map(|line| data(&shortened(line, LINE))).collect();
        format!(
            "::{command} {}title={}::{}\n",
            file.unwrap_or_default(),
            property(&shortened(&self.title, TITLE)),
            lines.join("%0A")
        )
    }
}

/// The text of a message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property: what ends it is spelled out too.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// All annotations of a kind, or the first with one that counts the others.
fn lines(command: &str, annotations: Vec<Annotation>) -> String {
    let mut own: Vec<_> = annotations;
    if own.len() > MOST {
        let rest = own.split_off(MOST - 1);
        let titles = rest.iter().map(|annotation| shortened(&annotation.title, TITLE));
        let title = format!(
            "hubproof: and {}",
            counted(rest.len() as u64, &format!("further {command}"))
        );
        own.push(Annotation::new(title, titles.chain(["see report.json".to_owned()])));
    }
    own.iter().map(|annotation| annotation.line(command)).collect()
}

/// What makes the run fail.
fn errors(report: &Report, fail_on: FailOn) -> Vec<Annotation> {
    let mut errors = Vec::new();
    if let Some(message) = &report.end.message {
        let title = format!("hubproof ended early: {}", report.end.kind.heading());
        errors.push(Annotation::new(title, [message.clone()]));
    }
    let standing = |own: &&RequirementReport| Standing::of(own, fail_on) == Standing::Broken;
    errors.extend(report.requirements.iter().filter(standing).map(violated));
    let undecided = report.requirements.iter().filter(|own| own.is_undecided());
    errors.extend(undecided.filter(|own| fail_on.gates(own.level)).map(inconclusive));
    if let Some(baseline) = &report.baseline {
        errors.extend(baseline.stale().map(|entry| {
            let title = format!("stale in the baseline: {}", entry.name());
            Annotation::new(title, [entry.message.clone()]).in_file(Some(&baseline.path))
        }));
    }
    errors
}

fn warnings(report: &Report, fail_on: FailOn) -> Vec<Annotation> {
    let own = report.requirements.iter();
    own.filter(|own| Standing::of(own, fail_on) == Standing::Warning)
        .map(violated)
        .collect()
}

/// How the run ended, and what it leaves open.
fn notices(report: &Report, fail_on: FailOn) -> Vec<Annotation> {
    let closing = terminal::closing(report, fail_on);
    let mut notices = vec![Annotation::new("hubproof", [closing.trim_end().to_owned()])];
    let baseline = report.baseline.as_ref().map(|baseline| &baseline.path);
    let known = report.requirements.iter().filter(|own| own.is_known());
    notices.extend(known.map(|own| {
        let excuses = own.violations.iter().find_map(|violation| violation.known.as_ref());
        let lines = excuses.map(excuse).into_iter().chain(summaries(own));
        Annotation::new(format!("known: {}", name(own)), lines).in_file(baseline)
    }));
    let undecided = report.requirements.iter().filter(|own| own.is_undecided());
    notices.extend(undecided.filter(|own| !fail_on.gates(own.level)).map(inconclusive));
    notices.extend(unexercised::of(report).iter().map(|group| {
        let ids: Vec<_> = group.requirements.iter().map(|own| own.id.to_string()).collect();
        // What is no line of the profile is a flag.
        let is_of_profile = group.grants.iter().any(|grant| grant.starts_with('['));
        let grants = group.grants.iter().map(|grant| format!("set {grant}"));
        let lines = std::iter::once(group.reason.to_owned()).chain(grants);
        let own = Annotation::new(format!("not exercised: {}", ids.join(", ")), lines);
        own.in_file(report.target.profile.as_ref().filter(|_| is_of_profile))
    }));
    notices
}

fn name(requirement: &RequirementReport) -> String {
    format!("{} {} {}", requirement.id, requirement.level, requirement.title)
}

fn violated(requirement: &RequirementReport) -> Annotation {
    let mut lines = summaries(requirement);
    if let Some(first) = requirement.violations.first() {
        lines.push(format!("expected: {}", first.expected));
        lines.push(format!("observed: {}", first.observed));
        let line = first.reproduce.run.as_str();
        // Half a command is worse than none.
        if line.chars().count() <= LINE {
            lines.push(line.to_owned());
        }
    }
    Annotation::new(name(requirement), lines)
}

/// The kinds of its violations, a line each.
fn summaries(requirement: &RequirementReport) -> Vec<String> {
    let clusters = clusters::of(requirement);
    let mut lines = Vec::new();
    for cluster in clusters.iter().take(3) {
        let tools: Vec<_> = cluster.kind.tools.iter().take(3).map(String::as_str).collect();
        let on = match cluster.kind.tools.len() {
            0 => String::new(),
            all if all > tools.len() => {
                format!(" ({} and {} more)", tools.join(", "), count((all - tools.len()) as u64))
            }
            _ => format!(" ({})", tools.join(", ")),
        };
        lines.push(format!("{} × {}{on}", count(cluster.kind.count), cluster.kind.summary));
    }
    if clusters.len() > 3 {
        lines.push(format!("… and {} of other kinds", count(clusters.len() as u64 - 3)));
    }
    lines
}

fn inconclusive(requirement: &RequirementReport) -> Annotation {
    let why = requirement.undecided.as_ref().or(requirement.reason.as_ref());
    let why = why.cloned().unwrap_or_else(|| "no reason given".to_owned());
    let beside = if requirement.is_known() {
        "beside what is known: "
    } else {
        ""
    };
    Annotation::new(
        format!("inconclusive: {}", name(requirement)),
        [format!("{beside}{why}")],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned;
    use crate::printable::is_hidden;

    fn rendered(report: &Report) -> String {
        render(report, FailOn::Must)
    }

    /// The command of a line, its properties and its message, as GitHub's runner takes them apart.
    fn parsed(line: &str) -> (String, Vec<(String, String)>, String) {
        let spelled = |text: &str| {
            let text = text.replace("%0A", "\n").replace("%0D", "\r");
            text.replace("%3A", ":").replace("%2C", ",").replace("%25", "%")
        };
        let (head, message) = line.strip_prefix("::").unwrap().split_once("::").unwrap();
        let (command, properties) = head.split_once(' ').unwrap();
        let properties = properties.split(',').map(|property| {
            let (name, value) = property.split_once('=').unwrap();
            (name.to_owned(), spelled(value))
        });
        (command.to_owned(), properties.collect(), spelled(message))
    }

    #[test]
    fn the_report_of_a_run() {
        insta::assert_snapshot!(rendered(&canned::report(&canned::complete())));
    }

    #[test]
    fn what_the_baseline_is_about_is_shown_in_it() {
        insta::assert_snapshot!("baseline", rendered(&canned::report(&canned::with_baseline())));
    }

    #[test]
    fn a_run_that_ended_early_is_an_error() {
        insta::assert_snapshot!("unusable", rendered(&canned::report(&canned::unusable())));
    }

    #[test]
    fn a_should_is_an_error_where_it_gates() {
        let report = canned::report(&canned::complete());
        let of = |fail_on| {
            let text = render(&report, fail_on);
            ["::error ", "::warning "].map(|command| text.matches(command).count())
        };
        assert_eq!((of(FailOn::Must), of(FailOn::Should)), ([3, 1], [4, 0]));
    }

    #[test]
    fn nothing_of_a_target_is_a_command() {
        for mut report in canned::all_reports() {
            let ill = "100%0A,file=x::\n::add-mask::x\r##[error]";
            for requirement in &mut report.requirements {
                requirement.title = ill.to_owned();
                for violation in &mut requirement.violations {
                    violation.summary = ill.to_owned();
                    violation.tool = Some(ill.to_owned());
                }
            }
            report.target.profile = report.target.profile.map(|_| ill.to_owned());
            let text = rendered(&report);
            assert!(!text.contains(|character| is_hidden(character) && character != '\n'));
            for line in text.lines() {
                let (command, properties, message) = parsed(line);
                assert!(["error", "warning", "notice"].contains(&command.as_str()), "{line}");
                let names: Vec<_> = properties.iter().map(|(name, _)| name.as_str()).collect();
                assert!(names == ["title"] || names == ["file", "title"], "{line}");
                let is_ill = |text: &str| {
                    text.contains("100%") && !text.contains(r"100%0A,file=x::\n::add-mask::x\r##\u{5b}error]")
                };
                assert!(
                    !is_ill(&message) && properties.iter().all(|(_, value)| !is_ill(value)),
                    "{line}"
                );
            }
        }
    }

    #[test]
    fn the_last_of_ten_counts_the_rest() {
        let mut report = canned::report(&canned::complete());
        let broken = report.requirements[1].clone();
        report.requirements = vec![broken; 25];
        let text = rendered(&report);
        let errors: Vec<_> = text.lines().filter(|line| line.starts_with("::error ")).collect();
        assert_eq!(errors.len(), MOST);
        assert!(
            errors[9].starts_with("::error title=hubproof%3A and 16 further errors::EXE-02"),
            "{}",
            errors[9]
        );
        report.requirements.truncate(10);
        assert!(!rendered(&report).contains("further"));
    }
}
