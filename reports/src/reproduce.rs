//! The lines that repeat a violation.

use std::collections::{BTreeSet, HashSet};

use hubproof_model::exchange::Exchange;
use hubproof_model::record::{DEFAULT_CASES, RunRecord, ViolationRecord};
use hubproof_model::repetition::Repetition;
use hubproof_model::requirement::RequirementId;
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::curl;
use crate::document::Report;
use crate::document::reproduce::Reproduce;
use crate::document::violation::Violation;
use crate::shell::word;

/// What decides a run, as the line that repeats it says it: told by its record, and by its report.
#[derive(Debug)]
pub(crate) struct Decided<'a> {
    seed: u64,
    cases: u64,
    allow: Allow,
    connector: Option<&'a str>,
    tools: HashSet<&'a str>,
    /// Patterns of the tools that it took in, where it left some out.
    patterns: Option<String>,
    url: &'a str,
    is_bundled: bool,
    profile: Option<&'a str>,
    defects: &'a [String],
}

impl<'a> Decided<'a> {
    pub(crate) fn of_record(record: &'a RunRecord) -> Self {
        let tools: HashSet<_> = record.tools.iter().map(|tool| tool.key.as_str()).collect();
        let target = &record.target;
        Self {
            seed: record.seed,
            cases: record.cases,
            allow: record.allow,
            connector: record.connector.as_deref(),
            patterns: taken_in(&tools, &record.left_out),
            tools,
            url: &target.url,
            is_bundled: target.bundled,
            profile: target.profile.as_deref(),
            defects: &target.defects,
        }
    }

    pub(crate) fn of_report(report: &'a Report) -> Self {
        let tools: HashSet<_> = report.tools.iter().map(|tool| tool.key.as_str()).collect();
        let target = &report.target;
        Self {
            seed: report.seed,
            cases: report.cases,
            allow: report.allow,
            connector: report.connector.as_deref(),
            patterns: taken_in(&tools, &report.left_out),
            tools,
            url: &target.url,
            is_bundled: target.bundled,
            profile: target.profile.as_deref(),
            defects: &target.defects,
        }
    }

    /// Whether the lines of a violation in the report are its own, as far as the report tells. The variable of the key stands nowhere in it
    /// but in them.
    pub(crate) fn has_lines(&self, id: RequirementId, violation: &Violation) -> bool {
        let Reproduce { run, hub, calls, .. } = &violation.reproduce;
        let tool = violation.tool.as_deref().filter(|_| violation.sequence.is_none());
        let is_run = *run == self.run_line(key_of(run), id, tool);
        // The shards of a run had a hub each.
        let shards = violation.exchanges.first().map(|exchange| exchange.url.as_str());
        let mut urls = std::iter::once(self.url).chain(shards);
        is_run && urls.any(|url| *hub == self.hub_line(url).filter(|_| !calls.is_empty()))
    }

    /// The `hubproof run` that shows a violation again: on this tool alone, where it hangs on no other and the run took it in.
    fn run_line(&self, key: Option<&str>, id: RequirementId, tool: Option<&str>) -> String {
        let mut words = vec!["hubproof".to_owned(), "run".to_owned()];
        let mut option = |name: &str, value: &str| words.extend([name.to_owned(), word(value)]);
        option("--seed", &self.seed.to_string());
        option("--only", &id.to_string());
        // Which inputs are drawn, and how long sequences are, hangs on it.
        if self.cases != DEFAULT_CASES {
            option("--cases", &self.cases.to_string());
        }
        // Which connection calls name, and whose vendor is played, hangs on it.
        if let Some(connector) = self.connector {
            option("--connector", connector);
        }
        if let Some(tool) = tool.filter(|tool| self.tools.contains(tool)) {
            option("--tools", &glob(tool));
        } else if let Some(patterns) = &self.patterns {
            option("--tools", patterns);
        }
        // The bundled hub may go all the way unless it is told otherwise; another target may only read.
        if self.allow != if self.is_bundled { Allow::Admin } else { Allow::Read } || self.profile.is_some() {
            option("--allow", self.allow.name());
        }
        if let Some(profile) = self.profile {
            option("--profile", profile);
        } else if let Some(variable) = key.filter(|_| !self.is_bundled) {
            option(KEY, variable);
        }
        for defect in self.defects {
            option("--defect", defect);
        }
        if !self.is_bundled {
            words.insert(2, word(self.url));
        }
        words.join(" ")
    }

    /// The same bundled hub as a process of its own, at the address of a URL.
    fn hub_line(&self, url: &str) -> Option<String> {
        let (_, after) = url.split_once("://").filter(|_| self.is_bundled)?;
        let address = after.split('/').next()?;
        let defects = self.defects.iter().map(|defect| format!(" --defect {}", word(defect)));
        let defects: String = defects.collect();
        Some(format!(
            "reference-hub --listen {}{defects} &  # prints the keys for the variables below",
            word(address)
        ))
    }
}

const KEY: &str = "--key-env";

/// The variable of the primary key in a line.
fn key_of(line: &str) -> Option<&str> {
    let mut words = line.split(' ').skip_while(|word| *word != KEY);
    let name = words.nth(1)?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (!name.is_empty() && name.bytes().all(is_name)).then_some(name)
}

/// The lines that show a violation of a requirement again.
pub(crate) fn of(
    record: &RunRecord,
    decided: &Decided<'_>,
    id: RequirementId,
    violation: &ViolationRecord,
) -> Reproduce {
    // What a sequence is about depends on all tools of the run.
    let tool = violation.tool.as_deref().filter(|_| violation.sequence.is_none());
    let key = record.target.key_variables.get(&Role::Primary).map(String::as_str);
    let (calls, run_alone) = match &violation.repetition {
        Repetition::Rounds(rounds) => (calls(record, rounds), None),
        Repetition::Run(why) => (Vec::new(), Some(*why)),
    };
    Reproduce {
        run: decided.run_line(key, id, tool),
        hub: decided.hub_line(decided.url).filter(|_| !calls.is_empty()),
        calls,
        run_alone,
    }
}

/// A line a round, and before them one that names a new run, where they have its name in them.
fn calls(record: &RunRecord, rounds: &[Vec<Exchange>]) -> Vec<String> {
    let line = |exchange: &Exchange| curl::line(exchange, &record.target, Some(&record.run));
    let of_round = |round: &Vec<Exchange>| match round.as_slice() {
        [only] => line(only),
        several => {
            several
                .iter()
                .map(|exchange| format!("{} & ", line(exchange)))
                .collect::<String>()
                + "wait"
        }
    };
    let lines: Vec<_> = rounds.iter().map(of_round).collect();
    let variable = format!("\"${}\"", curl::RUN);
    let is_named = lines.iter().any(|line| line.contains(&variable));
    let naming = is_named.then(|| format!("{}=$(date +%s)", curl::RUN));
    naming.into_iter().chain(lines).collect()
}

/// The longest list of patterns that a line is made longer by.
const LONGEST_PATTERNS: usize = 2048;

/// Patterns of the tools that the run took in, and of no other: a domain where it took in all of one. `None` where it took in all there
/// are.
fn taken_in(tools: &HashSet<&str>, left_out: &[String]) -> Option<String> {
    if left_out.is_empty() || tools.is_empty() {
        return None;
    }
    let domain = |key: &str| key.split_once('.').map(|(domain, _)| domain.to_owned());
    let cut: BTreeSet<_> = left_out.iter().map(|key| domain(key)).collect();
    let pattern = |tool: &&str| match domain(tool) {
        Some(domain) if !cut.contains(&Some(domain.clone())) => format!("{}.*", glob(&domain)),
        _ => glob(tool),
    };
    let patterns: BTreeSet<_> = tools.iter().map(pattern).collect();
    let patterns = patterns.into_iter().collect::<Vec<_>>().join(",");
    Some(patterns).filter(|patterns| patterns.len() <= LONGEST_PATTERNS)
}

/// A pattern that matches the key: what a pattern, a list of patterns or an option could mean otherwise becomes `?`.
fn glob(tool: &str) -> String {
    let is_plain = |(index, character): (usize, char)| {
        let is_plain = character.is_alphanumeric() || matches!(character, '.' | '_') || (character == '-' && index > 0);
        if is_plain { character } else { '?' }
    };
    tool.chars().enumerate().map(is_plain).collect()
}

#[cfg(test)]
mod tests;
