//! The lines that repeat a violation.

use std::collections::BTreeSet;

use hubproof_model::record::{DEFAULT_CASES, RequirementResult, RunRecord, Target, ToolSummary, ViolationRecord};
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;

use crate::curl;
use crate::shell::word;

/// The `hubproof run` that shows the violation again, then one `curl` an exchange; before these the hub that they are for, where it
/// ran in the process and is gone.
pub(crate) fn lines(record: &RunRecord, result: &RequirementResult, violation: &ViolationRecord) -> Vec<String> {
    let calls = violation
        .exchanges
        .iter()
        .map(|exchange| curl::line(exchange, &record.target));
    std::iter::once(run_line(record, result, violation))
        .chain(hub_line(&record.target))
        .chain(calls)
        .collect()
}

/// The same bundled hub as a process of its own.
fn hub_line(target: &Target) -> Option<String> {
    let (_, after) = target.url.split_once("://").filter(|_| target.bundled)?;
    let address = after.split('/').next()?;
    let defects = target
        .defects
        .iter()
        .map(|defect| format!(" --defect {}", word(defect)));
    let defects: String = defects.collect();
    Some(format!(
        "reference-hub --listen {address}{defects} &  # prints the keys for the variables below"
    ))
}

/// The `hubproof run` that shows the violation again.
pub(crate) fn run_line(record: &RunRecord, result: &RequirementResult, violation: &ViolationRecord) -> String {
    let target = &record.target;
    let mut words = vec!["hubproof".to_owned(), "run".to_owned()];
    let mut option = |name: &str, value: &str| words.extend([name.to_owned(), word(value)]);
    option("--seed", &record.seed.to_string());
    option("--only", &result.id.to_string());
    // Which inputs are drawn, and how long sequences are, hangs on it.
    if record.cases != DEFAULT_CASES {
        option("--cases", &record.cases.to_string());
    }
    // What a sequence is about depends on all tools of the run.
    if let Some(tool) = &violation.tool
        && violation.sequence.is_none()
        && record.tools.iter().any(|listed| listed.key == *tool)
    {
        option("--tools", &glob(tool));
    } else if let Some(connector) = &record.connector {
        option("--connector", connector);
    } else if let Some(patterns) = taken_in(record) {
        option("--tools", &patterns);
    }
    // The bundled hub may go all the way unless it is told otherwise; another target may only read.
    if record.allow != if target.bundled { Allow::Admin } else { Allow::Read } || target.profile.is_some() {
        option("--allow", record.allow.name());
    }
    if let Some(profile) = &target.profile {
        option("--profile", profile);
    } else if let Some(variable) = target.key_variables.get(&Role::Primary).filter(|_| !target.bundled) {
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

/// The longest list of patterns that a line is made longer by.
const LONGEST_PATTERNS: usize = 2048;

/// Patterns of the tools that the run took in, and of no other: a domain where it took in all of one. `None` where it took in all there
/// are.
fn taken_in(record: &RunRecord) -> Option<String> {
    if record.left_out.is_empty() || record.tools.is_empty() {
        return None;
    }
    let domain = |key: &str| key.split_once('.').map(|(domain, _)| domain.to_owned());
    let cut: BTreeSet<_> = record.left_out.iter().map(|key| domain(key)).collect();
    let pattern = |tool: &ToolSummary| match domain(&tool.key) {
        Some(domain) if !cut.contains(&Some(domain.clone())) => format!("{}.*", glob(&domain)),
        _ => glob(&tool.key),
    };
    let patterns: BTreeSet<_> = record.tools.iter().map(pattern).collect();
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
mod tests {
    use hubproof_model::judgment::Verdict;

    use super::*;
    use crate::canned;

    fn run_line_of(record: &RunRecord) -> String {
        let result = record
            .results
            .iter()
            .find(|result| result.verdict == Verdict::Violated)
            .unwrap();
        run_line(record, result, &result.violations[0])
    }

    #[test]
    fn a_run_is_repeated_with_what_decided_it() {
        let mut record = canned::complete();
        record.target.profile = None;
        assert_eq!(
            run_line_of(&record),
            "hubproof run https://hub.example/api/v1 --seed 7 --only EXE-02 --tools itsm.tickets.create --allow probe \
             --key-env ACME_KEY"
        );
        assert_eq!(
            run_line_of(&canned::bundled()),
            "hubproof run --seed 7 --only EXE-02 --tools itsm.tickets.create --defect accepts-any-key"
        );
    }

    #[test]
    fn as_many_inputs_are_drawn_again() {
        let record = RunRecord {
            cases: 200,
            ..canned::complete()
        };
        assert!(run_line_of(&record).contains(" --only EXE-02 --cases 200 --tools "));
    }

    #[test]
    fn a_sequence_is_drawn_again_from_all_tools() {
        let record = RunRecord {
            left_out: Vec::new(),
            ..canned::complete()
        };
        let mut violations = record
            .results
            .iter()
            .flat_map(|result| result.violations.iter().map(move |own| (result, own)));
        let (result, violation) = violations.find(|(_, violation)| violation.sequence.is_some()).unwrap();
        assert!(!run_line(&record, result, violation).contains("--tools"));
        let summary = |key: &str| ToolSummary {
            key: key.to_owned(),
            ..record.tools[0].clone()
        };
        let of_some = RunRecord {
            tools: ["crm.contacts.get", "crm.deals.get", "itsm.tickets.get"]
                .map(summary)
                .to_vec(),
            left_out: vec!["itsm.tickets.create".to_owned()],
            ..record.clone()
        };
        assert!(run_line(&of_some, result, violation).contains(" --tools 'crm.*,itsm.tickets.get' "));
        // Which are those of its connector, where it was one's.
        let of_connector = RunRecord {
            connector: Some("servicenow".to_owned()),
            ..record.clone()
        };
        assert!(run_line(&of_connector, result, violation).contains(" --connector servicenow "));
    }

    #[test]
    fn a_bundled_hub_is_started_again_before_it_is_called() {
        let record = canned::bundled();
        let result = record
            .results
            .iter()
            .find(|result| result.verdict == Verdict::Violated)
            .unwrap();
        let lines = lines(&record, result, &result.violations[0]);
        let address = record.target.url.split('/').nth(2).unwrap();
        assert!(
            lines[1].starts_with(&format!("reference-hub --listen {address} --defect accepts-any-key &")),
            "{lines:?}"
        );
        assert!(lines[2..].iter().all(|line| line.starts_with("curl ")), "{lines:?}");
        assert_eq!(hub_line(&canned::complete().target), None);
    }

    #[test]
    fn a_tool_that_the_run_did_not_take_in_is_no_pattern() {
        let mut record = canned::bundled();
        record.tools.clear();
        assert!(!run_line_of(&record).contains("--tools"));
        assert_eq!(glob("-a.b-c,{*}"), "?a.b-c????");
    }
}
