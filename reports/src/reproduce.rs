//! The lines that repeat a violation. They follow from the report alone: whoever edits one of them, or writes them otherwise with another
//! version, changes nothing of what is shown.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use hubproof_model::record::DEFAULT_CASES;
use hubproof_model::requirement::RequirementId;
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::curl::{self, Names};
use crate::document::Report;
use crate::document::request::{Repeated, Request};
use crate::document::target::Target;
use crate::document::violation::Violation;
use crate::shell::word;

/// The lines of a violation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    run: String,
    hub: Option<String>,
    calls: Vec<String>,
}

impl Lines {
    /// Whether they stand in the violation.
    pub(crate) fn are_of(&self, violation: &Violation) -> bool {
        let own = &violation.reproduce;
        (&self.run, &self.hub, &self.calls) == (&own.run, &own.hub, &own.calls)
    }
}

/// The report with the lines of each violation made anew.
pub(crate) fn with_lines(mut report: Report) -> Report {
    let mut requirements = std::mem::take(&mut report.requirements);
    let decided = Decided::of(&report);
    for requirement in &mut requirements {
        for violation in &mut requirement.violations {
            let Lines { run, hub, calls } = decided.lines(requirement.id, violation);
            let own = &mut violation.reproduce;
            (own.run, own.hub, own.calls) = (run, hub, calls);
        }
    }
    report.requirements = requirements;
    report
}

/// What decides a run, as the lines that repeat it say it.
#[derive(Debug)]
pub(crate) struct Decided<'a> {
    seed: u64,
    cases: u64,
    allow: Allow,
    connector: Option<&'a str>,
    tools: HashSet<&'a str>,
    /// Patterns of the tools that it took in, where it left some out.
    patterns: Option<String>,
    target: &'a Target,
    keys: &'a BTreeMap<Role, String>,
    key_env: Option<&'a str>,
    /// Its name, or those of its shards.
    runs: Vec<&'a str>,
}

impl<'a> Decided<'a> {
    pub(crate) fn of(report: &'a Report) -> Self {
        let tools: HashSet<_> = report.tools.iter().map(|tool| tool.key.as_str()).collect();
        Self {
            seed: report.seed,
            cases: report.cases,
            allow: report.allow,
            connector: report.connector.as_deref(),
            patterns: taken_in(&tools, &report.left_out),
            tools,
            target: &report.target,
            keys: &report.key_variables,
            key_env: report.key_env.as_deref(),
            runs: report.run.split('+').collect(),
        }
    }

    /// The lines that show a violation of a requirement again.
    pub(crate) fn lines(&self, id: RequirementId, violation: &Violation) -> Lines {
        // What a sequence is about depends on all tools of the run.
        let tool = violation.tool.as_deref().filter(|_| violation.sequence.is_none());
        let rounds = violation.reproduce.rounds.iter();
        let of_round = |round: &Vec<_>| {
            let requests = round
                .iter()
                .filter_map(|own: &Repeated| own.request(&violation.exchanges));
            requests.collect::<Vec<_>>()
        };
        let rounds: Vec<_> = rounds.map(of_round).filter(|round| !round.is_empty()).collect();
        // The shards of a run on the bundled hub had a hub each.
        let first = rounds.first().and_then(|round| round.first());
        Lines {
            run: self.run_line(id, tool),
            hub: first.and_then(|first| self.hub_line(&first.url)),
            calls: self.calls(&rounds),
        }
    }

    /// A line a round, and before them one that names a new run, where they have its name in them.
    fn calls(&self, rounds: &[Vec<Request>]) -> Vec<String> {
        let names = Names {
            keys: self.keys,
            runs: &self.runs,
        };
        let line = |request: &Request| curl::line(request, names);
        let of_round = |round: &Vec<Request>| match round.as_slice() {
            [only] => line(only),
            several => {
                several
                    .iter()
                    .map(|own| format!("{} & ", line(own)))
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

    /// The `hubproof run` that shows a violation again: on this tool alone, where it hangs on no other and the run took it in.
    fn run_line(&self, id: RequirementId, tool: Option<&str>) -> String {
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
        let target = self.target;
        if self.allow != if target.bundled { Allow::Admin } else { Allow::Read } || target.profile.is_some() {
            option("--allow", self.allow.name());
        }
        if let Some(profile) = &target.profile {
            option("--profile", profile);
        }
        if let Some(variable) = self.key_env {
            option("--key-env", variable);
        }
        for defect in &target.defects {
            option("--defect", defect);
        }
        if !target.bundled {
            words.insert(2, word(&target.url));
        }
        words.join(" ")
    }

    /// The same bundled hub as a process of its own, at the address of a URL.
    fn hub_line(&self, url: &str) -> Option<String> {
        let (_, after) = url.split_once("://").filter(|_| self.target.bundled)?;
        let address = after.split('/').next()?;
        let defects = self
            .target
            .defects
            .iter()
            .map(|defect| format!(" --defect {}", word(defect)));
        let defects: String = defects.collect();
        Some(format!(
            "reference-hub --listen {}{defects} &  # prints the keys for the variables below",
            word(address)
        ))
    }
}

/// Patterns of the tools that the run took in, and of no other: a domain where it took in all of one. `None` where it took in all there
/// are. However many they are: without one, a run would take in tools that this one had to leave alone.
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
    Some(patterns.into_iter().collect::<Vec<_>>().join(","))
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
