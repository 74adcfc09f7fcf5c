//! `report.tap`: the run as TAP 14 (Test Anything Protocol), a test point a requirement.

use hubproof_model::gate::FailOn;

use crate::document::Report;
use crate::document::requirement::RequirementReport;
use crate::document::violation::Violation;
use crate::known::excuse;
use crate::printable::log_line;
use crate::standing::Standing;

/// How many violations of a requirement are shown.
const SHOWN: usize = 3;

/// The report as a TAP stream; the level is the one from which on a violation is no test to do.
#[must_use]
pub fn render(report: &Report, fail_on: FailOn) -> String {
    let own = report.requirements.iter().map(|own| Point::of(own, fail_on));
    let stale = report.baseline.iter().flat_map(|baseline| baseline.stale());
    let stale = stale.map(|entry| Point::failed(&format!("baseline: {}", entry.name()), &entry.message));
    // Readers take no notice of a bail-out behind a plan of nothing.
    let end = report.end.message.iter();
    let end = end.map(|why| Point::failed("the run comes to its end", why));
    let points: Vec<_> = own.chain(stale).chain(end).collect();
    let mut stream = format!("TAP version 14\n1..{}", points.len());
    if points.is_empty() {
        stream.push_str(" # SKIP nothing was judged");
    }
    stream.push('\n');
    for (index, point) in points.iter().enumerate() {
        stream.push_str(&point.lines(index + 1));
    }
    if let Some(why) = &report.end.message {
        stream.push_str(&format!("Bail out! {}: {}\n", report.end.kind.heading(), log_line(why)));
    }
    stream
}

/// What a reader takes no notice of in the count of failures.
#[derive(Debug)]
enum Directive {
    Skip(String),
    Todo(String),
}

#[derive(Debug)]
struct Point {
    is_ok: bool,
    description: String,
    directive: Option<Directive>,
    diagnostics: Vec<Line>,
}

/// A line of YAML: what it holds is written as JSON, which YAML is a superset of.
#[derive(Debug)]
struct Line {
    indent: usize,
    text: String,
}

impl Line {
    fn new(indent: usize, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { indent, text }
    }

    fn text(indent: usize, key: &str, text: &str) -> Self {
        Self::new(indent, format!("{key}: {}", quoted(text)))
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(log_line(text)).to_string()
}

/// Text of a test point: a `#` would begin its directive.
fn escaped(text: &str) -> String {
    log_line(text).replace('\\', r"\\").replace('#', r"\#")
}

impl Point {
    fn new(is_ok: bool, description: &str) -> Self {
        Self {
            is_ok,
            description: description.to_owned(),
            directive: None,
            diagnostics: Vec::new(),
        }
    }

    /// What ends a run red beside its requirements.
    fn failed(description: &str, message: &str) -> Self {
        Self {
            diagnostics: vec![Line::text(0, "message", message)],
            ..Self::new(false, description)
        }
    }

    fn of(requirement: &RequirementReport, fail_on: FailOn) -> Self {
        let standing = Standing::of(requirement, fail_on);
        let reason = requirement.reason.clone().unwrap_or_default();
        let gates = fail_on.gates(requirement.level);
        let is_undecided = gates && requirement.is_undecided();
        let (is_ok, directive) = match standing {
            Standing::Held => (true, None),
            Standing::NotExercised => (true, Some(Directive::Skip(reason))),
            // A run ends red where a verdict is missing that decides it.
            Standing::Inconclusive if gates => (false, None),
            Standing::Inconclusive => (true, Some(Directive::Skip(format!("inconclusive: {reason}")))),
            Standing::Broken => (false, None),
            Standing::Warning => {
                let why = format!("violated, but a {} does not fail this run", requirement.level);
                (false, Some(Directive::Todo(why)))
            }
            Standing::Known if is_undecided => (false, None),
            Standing::Known => {
                let known = requirement.violations.iter().find_map(|own| own.known.as_ref());
                let why = format!("known: {}", known.map(excuse).unwrap_or_default());
                (false, Some(Directive::Todo(why)))
            }
        };
        Self {
            directive,
            diagnostics: diagnostics(requirement, standing, is_undecided),
            ..Self::new(is_ok, &format!("{} {}", requirement.id, requirement.title))
        }
    }

    fn lines(&self, number: usize) -> String {
        let result = if self.is_ok { "ok" } else { "not ok" };
        let mut lines = format!("{result} {number} - {}", escaped(&self.description));
        let directive = self.directive.as_ref().map(|directive| match directive {
            Directive::Skip(reason) => format!(" # SKIP {}", escaped(reason)),
            Directive::Todo(reason) => format!(" # TODO {}", escaped(reason)),
        });
        lines.push_str(directive.as_deref().unwrap_or_default().trim_end());
        lines.push('\n');
        if !self.diagnostics.is_empty() {
            lines.push_str("  ---\n");
            for Line { indent, text } in &self.diagnostics {
                lines.push_str(&format!("{:width$}{text}\n", "", width = indent + 2));
            }
            lines.push_str("  ...\n");
        }
        lines
    }
}

fn diagnostics(requirement: &RequirementReport, standing: Standing, is_undecided: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    match standing {
        Standing::Held => return lines,
        Standing::NotExercised => {
            if !requirement.grants.is_empty() {
                lines.push(Line::new(0, "set:"));
                lines.extend(
                    requirement
                        .grants
                        .iter()
                        .map(|grant| Line::new(2, format!("- {}", quoted(grant)))),
                );
            }
            return lines;
        }
        Standing::Inconclusive | Standing::Broken | Standing::Warning | Standing::Known => {}
    }
    if is_undecided {
        let why = requirement.undecided.as_ref().or(requirement.reason.as_ref());
        lines.push(Line::text(0, "inconclusive", why.map_or("", String::as_str)));
    }
    lines.push(Line::text(0, "level", &requirement.level.to_string()));
    lines.push(Line::text(0, "statement", &requirement.statement));
    lines.push(Line::text(
        0,
        "source",
        &format!("{} ({})", requirement.source, requirement.basis),
    ));
    if requirement.violations.is_empty() {
        return lines;
    }
    lines.push(Line::new(
        0,
        format!("violation_count: {}", requirement.violation_count),
    ));
    lines.push(Line::new(0, "violations:"));
    for violation in requirement.violations.iter().take(SHOWN) {
        lines.extend(of_violation(violation));
    }
    if let Some(beyond) = requirement.beyond(SHOWN) {
        lines.push(Line::text(0, "more", &beyond));
    }
    lines
}

fn of_violation(violation: &Violation) -> Vec<Line> {
    // The first member of an item stands beside its dash.
    let mut lines = vec![Line::text(2, "- summary", &violation.summary)];
    let mut member = |key: &str, text: &str| lines.push(Line::text(4, key, text));
    if let Some(tool) = &violation.tool {
        member("tool", tool);
    }
    member("case", &violation.case);
    member("expected", &violation.expected);
    member("observed", &violation.observed);
    if let Some(smallest) = &violation.smallest {
        let (input, is_cut) = smallest.input.line();
        member("input", &if is_cut { format!("{input} …") } else { input });
    }
    if let Some(known) = &violation.known {
        member("known", &excuse(known));
    }
    if let Some(sequence) = &violation.sequence {
        lines.push(Line::new(4, "sequence:"));
        let operations = sequence.operations.iter();
        lines.extend(operations.map(|operation| Line::new(6, format!("- {}", quoted(operation)))));
    }
    if violation.alike > 0 {
        lines.push(Line::new(4, format!("alike: {}", violation.alike)));
    }
    lines.push(Line::text(4, "reproduce", &violation.reproduce.run));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canned;
    use crate::document::end::Exit;
    use crate::printable::is_hidden;

    fn rendered(report: &Report) -> String {
        render(report, FailOn::Must)
    }

    /// A test point as a reader sees it.
    struct Seen {
        is_ok: bool,
        is_excused: bool,
    }

    /// Reads a stream as strictly as TAP 14 is written, and gives its points and whether it bails out.
    fn read(stream: &str) -> (Vec<Seen>, bool) {
        let mut lines = stream.lines().peekable();
        assert_eq!(lines.next(), Some("TAP version 14"));
        let plan = lines.next().unwrap().strip_prefix("1..").unwrap();
        let plan: usize = plan.split(' ').next().unwrap().parse().unwrap();
        let (mut points, mut bails_out) = (Vec::new(), false);
        while let Some(line) = lines.next() {
            if line.starts_with("Bail out! ") {
                bails_out = true;
                assert_eq!(lines.next(), None, "nothing follows");
                break;
            }
            let (is_ok, rest) = match line.strip_prefix("not ok ") {
                Some(rest) => (false, rest),
                None => (true, line.strip_prefix("ok ").unwrap()),
            };
            let (number, rest) = rest.split_once(" - ").unwrap();
            assert_eq!(number.parse(), Ok(points.len() + 1));
            let plain = rest.replace(r"\\", "").replace(r"\#", "");
            let mut parts = plain.split('#');
            parts.next();
            let directive = parts.next();
            assert_eq!(parts.next(), None, "{line}");
            let word = |directive: &str| ["SKIP", "TODO"].contains(&directive.trim_start().split(' ').next().unwrap());
            assert!(directive.is_none_or(word), "{line}");
            points.push(Seen {
                is_ok,
                is_excused: directive.is_some(),
            });
            if lines.next_if_eq(&"  ---").is_some() {
                loop {
                    let line = lines.next().expect("the diagnostics are closed");
                    if line == "  ..." {
                        break;
                    }
                    diagnostic(line.strip_prefix("  ").unwrap());
                }
            }
        }
        assert_eq!(points.len(), plan);
        (points, bails_out)
    }

    /// A key, a text in quotes, or both; nothing else is YAML that we write.
    fn diagnostic(line: &str) {
        let line = line.trim_start();
        let item = line.strip_prefix("- ").unwrap_or(line);
        let value = match item.strip_prefix('"') {
            Some(_) => item,
            None => {
                let (key, value) = item.split_once(':').unwrap();
                assert!(key.chars().all(|own| own.is_ascii_lowercase() || own == '_'), "{line}");
                value.trim_start()
            }
        };
        assert!(
            value.is_empty() || serde_json::from_str::<serde_json::Value>(value).is_ok(),
            "{line}"
        );
    }

    #[test]
    fn the_report_of_a_run() {
        insta::assert_snapshot!(rendered(&canned::report(&canned::complete())));
    }

    #[test]
    fn what_is_known_is_to_do_and_what_is_stale_fails() {
        insta::assert_snapshot!("baseline", rendered(&canned::report(&canned::with_baseline())));
    }

    #[test]
    fn an_unusable_target_bails_out() {
        insta::assert_snapshot!("unusable", rendered(&canned::report(&canned::unusable())));
    }

    #[test]
    fn streams_are_sound_and_red_where_the_run_is() {
        for report in canned::all_reports() {
            for fail_on in FailOn::ALL {
                let stream = render(&report, fail_on);
                assert!(!stream.contains(|character| is_hidden(character) && character != '\n'));
                let (points, bails_out) = read(&stream);
                let is_red = bails_out || points.iter().any(|point| !point.is_ok && !point.is_excused);
                assert!(is_red || report.exit.code == Exit::PROVED);
                assert_eq!(bails_out, report.end.message.is_some());
            }
        }
    }

    #[test]
    fn nothing_of_a_target_is_a_directive() {
        for mut report in canned::all_reports() {
            let ill = "x # SKIP y\nok 99 - z\n  ...\nBail out! \\# TODO";
            for requirement in &mut report.requirements {
                requirement.title = ill.to_owned();
                requirement.reason = requirement.reason.as_ref().map(|_| ill.to_owned());
                for violation in &mut requirement.violations {
                    violation.summary = ill.to_owned();
                    violation.tool = Some(ill.to_owned());
                }
            }
            let excused = |report: &Report| {
                let (points, _) = read(&rendered(report));
                points.iter().filter(|point| point.is_excused).count()
            };
            let own = report.requirements.iter();
            let quiet = own.filter(|own| match Standing::of(own, FailOn::Must) {
                Standing::Held | Standing::Broken => false,
                Standing::NotExercised | Standing::Warning => true,
                Standing::Known | Standing::Inconclusive => !FailOn::Must.gates(own.level) || !own.is_undecided(),
            });
            assert_eq!(excused(&report), quiet.count());
        }
    }
}
