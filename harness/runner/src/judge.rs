//! Turns findings into results: one a requirement, with its violations folded and their evidence at hand.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use hubproof_model::baseline::Baseline;
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised, Verdict, Violation};
use hubproof_model::kind::{Kind, Kinds, pattern};
use hubproof_model::record::{RequirementResult, ShortestSequence, Smallest, ViolationRecord};
use hubproof_model::repetition::Repetition;
use hubproof_model::requirement::{Requirement, RequirementId};

/// How many different violations a requirement's result shows; the rest is counted.
const SHOWN_VIOLATIONS: usize = 50;

/// The findings of a run so far, by requirement.
#[derive(Debug, Default)]
pub struct Findings {
    by_requirement: BTreeMap<RequirementId, Tally>,
    /// What it excuses is shown last.
    baseline: Option<Baseline>,
}

/// What the cases of one requirement came to.
#[derive(Debug, Default)]
struct Tally {
    held: u64,
    violated: u64,
    unexpected: Vec<FoldedViolation>,
    /// Those that the baseline excuses.
    known: Vec<FoldedViolation>,
    /// Where each (tool, summary) stands in `unexpected` or `known`: which of them, the tool decides.
    folded: HashMap<(Option<String>, String), usize>,
    tried_tools: BTreeSet<String>,
    inconclusive: Vec<String>,
    not_exercised: Vec<Unexercised>,
    /// Whether a case showed all that it was to show.
    is_whole: bool,
    /// What cases could not show that held in all else.
    not_shown: Vec<Unexercised>,
    unsent: u64,
}

/// A violation for all that are alike.
#[derive(Debug)]
pub(crate) struct FoldedViolation {
    /// The id of the case that showed it.
    pub(crate) case: String,
    /// What its judge said.
    pub(crate) violation: Violation,
    /// The smallest input that was found to show it, where one was looked for.
    pub(crate) smallest: Option<Smallest>,
    /// The shortest sequence that was found to show it, where a sequence showed it.
    pub(crate) sequence: Option<ShortestSequence>,
    alike: u64,
}

impl Findings {
    /// Nothing was found yet. What the baseline excuses is shown after all that it does not.
    pub fn new(baseline: Option<&Baseline>) -> Self {
        Self {
            by_requirement: BTreeMap::new(),
            baseline: baseline.cloned(),
        }
    }

    /// Takes in what a judge found in a case (or, with the case `log`, in the whole run).
    pub fn add(&mut self, id: RequirementId, case: &str, findings: Vec<Finding>) {
        let tally = self.by_requirement.entry(id).or_default();
        let is_known = |violation: &Violation| {
            let baseline = self.baseline.as_ref();
            baseline.is_some_and(|baseline| baseline.excuse(id, violation.tool.as_deref()).is_some())
        };
        let unexercised = findings.iter().find_map(|finding| match finding {
            Finding::NotExercised(why) => Some(why.clone()),
            _ => None,
        });
        if findings.contains(&Finding::Held) {
            tally.is_whole |= unexercised.is_none();
            tally.not_shown.extend(unexercised);
        }
        for finding in findings {
            match finding {
                Finding::Held => tally.held += 1,
                // What stands for a whole run has no slash in its name.
                Finding::Inconclusive(why) if case.contains('/') => {
                    tally.inconclusive.push(format!("{why} (case {case})"));
                }
                Finding::Inconclusive(why) => tally.inconclusive.push(why),
                Finding::NotExercised(why) => tally.not_exercised.push(why),
                Finding::Violated(violation) => {
                    let is_known = is_known(&violation);
                    tally.fold(case, violation, is_known);
                }
            }
        }
    }

    /// Notes which tools the judged cases of the requirement called.
    pub fn tried<'t>(&mut self, id: RequirementId, tools: impl IntoIterator<Item = &'t str>) {
        let tally = self.by_requirement.entry(id).or_default();
        for tool in tools {
            if !tally.tried_tools.contains(tool) {
                tally.tried_tools.insert(tool.to_owned());
            }
        }
    }

    /// Notes that the requirement is not exercised, and why.
    pub fn not_exercised(&mut self, id: RequirementId, why: Unexercised) {
        self.by_requirement.entry(id).or_default().not_exercised.push(why);
    }

    /// Notes that a planned case of the requirement was not sent.
    pub fn unsent(&mut self, id: RequirementId) {
        self.by_requirement.entry(id).or_default().unsent += 1;
    }

    /// The violations of a requirement that its result will show.
    pub(crate) fn shown_violations(&mut self, id: RequirementId) -> impl Iterator<Item = &mut FoldedViolation> {
        let tallies = self.by_requirement.get_mut(&id).into_iter();
        tallies.flat_map(|tally| {
            let kept = tally.kept();
            let violations = tally.unexpected.iter_mut().chain(&mut tally.known);
            violations
                .zip(kept)
                .filter(|(_, is_kept)| *is_kept)
                .map(|(folded, _)| folded)
        })
    }

    /// The result of a requirement. `log` holds the run's exchanges by number.
    pub fn result(&self, requirement: &Requirement, log: &BTreeMap<u64, Exchange>) -> RequirementResult {
        let nothing = Tally::default();
        let tally = self.by_requirement.get(&requirement.id).unwrap_or(&nothing);
        let verdict = tally.verdict();
        RequirementResult {
            id: requirement.id,
            level: requirement.level,
            basis: requirement.basis,
            source: requirement.source.to_owned(),
            title: requirement.title.to_owned(),
            statement: requirement.statement.to_owned(),
            why: requirement.rationale.to_owned(),
            verdict,
            reason: tally.reason(verdict),
            undecided: tally.undecided(),
            grants: tally.grants(verdict),
            cases: tally.held + tally.violated,
            violation_count: tally.violated,
            known_count: 0,
            kinds: tally.kinds(),
            violations: {
                let kept = tally.kept();
                let violations = tally.violations().zip(kept).filter(|(_, is_kept)| *is_kept);
                violations.map(|(folded, _)| folded.record(log)).collect()
            },
            violated_tools: tally.violated_tools(),
            tried_tools: tally.tried_tools.clone(),
        }
    }
}

impl Tally {
    fn fold(&mut self, case: &str, violation: Violation, is_known: bool) {
        self.violated += 1;
        let violations = if is_known {
            &mut self.known
        } else {
            &mut self.unexpected
        };
        let key = (violation.tool.clone(), violation.summary.clone());
        if let Some(&index) = self.folded.get(&key) {
            violations[index].alike += 1;
        } else {
            self.folded.insert(key, violations.len());
            violations.push(FoldedViolation {
                case: case.to_owned(),
                violation,
                smallest: None,
                sequence: None,
                alike: 0,
            });
        }
    }

    /// The folded violations, in the order in which they are shown.
    fn violations(&self) -> impl Iterator<Item = &FoldedViolation> {
        self.unexpected.iter().chain(&self.known)
    }

    /// Which of them are kept: the first of each kind, and then as they come.
    fn kept(&self) -> Vec<bool> {
        let mut seen = HashSet::new();
        let is_first: Vec<_> = self.violations().map(|folded| seen.insert(folded.pattern())).collect();
        let mut left = SHOWN_VIOLATIONS;
        let mut take = |wanted: bool| {
            let is_taken = wanted && left > 0;
            left -= usize::from(is_taken);
            is_taken
        };
        let mut kept: Vec<_> = is_first.iter().map(|is_first| take(*is_first)).collect();
        for (own, is_first) in kept.iter_mut().zip(is_first) {
            *own |= take(!is_first);
        }
        kept
    }

    fn kinds(&self) -> Vec<Kind> {
        let mut kinds = Kinds::default();
        for folded in self.violations() {
            let violation = &folded.violation;
            kinds.add(
                folded.pattern(),
                &violation.summary,
                1 + folded.alike,
                violation.tool.clone(),
            );
        }
        kinds.finish()
    }

    fn violated_tools(&self) -> BTreeMap<Option<String>, u64> {
        let mut tools = BTreeMap::new();
        for folded in self.violations() {
            *tools.entry(folded.violation.tool.clone()).or_default() += 1 + folded.alike;
        }
        tools
    }

    fn verdict(&self) -> Verdict {
        if self.violated > 0 {
            Verdict::Violated
        } else if !self.inconclusive.is_empty() || self.unsent > 0 {
            Verdict::Inconclusive
        } else if self.held > 0 {
            Verdict::Held
        } else {
            Verdict::NotExercised
        }
    }

    fn reason(&self, verdict: Verdict) -> Option<String> {
        match verdict {
            Verdict::Held if self.is_whole => None,
            Verdict::Held => self
                .not_shown
                .first()
                .map(|why| format!("not all of it was shown: {why}")),
            Verdict::Violated => self.violations().next().map(|folded| folded.violation.summary.clone()),
            Verdict::NotExercised => Some(
                self.not_exercised
                    .first()
                    .map_or_else(|| "nothing in the run exercised it".to_owned(), ToString::to_string),
            ),
            Verdict::Inconclusive => self.undecided(),
        }
    }

    /// Why cases allowed no verdict, where some did.
    fn undecided(&self) -> Option<String> {
        let mut reasons = Vec::new();
        if let Some(first) = self.inconclusive.first() {
            reasons.push(match self.inconclusive.len() {
                1 => first.clone(),
                more => format!("{first} and {} more", more - 1),
            });
        }
        if self.unsent > 0 {
            reasons.push(format!("{} of its cases were not sent", self.unsent));
        }
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }

    fn grants(&self, verdict: Verdict) -> Vec<String> {
        let needs = self.not_exercised.iter().flat_map(|why| match why {
            Unexercised::Missing(needs) => needs.as_slice(),
            Unexercised::NotApplicable(_) => &[],
        });
        if verdict == Verdict::NotExercised {
            needs.map(|need| need.grant()).collect()
        } else {
            Vec::new()
        }
    }
}

impl FoldedViolation {
    /// What its kind has in common.
    fn pattern(&self) -> String {
        pattern(self.violation.tool.as_deref(), &self.violation.summary)
    }

    fn record(&self, log: &BTreeMap<u64, Exchange>) -> ViolationRecord {
        let violation = &self.violation;
        let numbers = violation.exchanges.iter();
        let exchanges: Vec<_> = numbers.filter_map(|number| log.get(number)).cloned().collect();
        ViolationRecord {
            case: self.case.clone(),
            tool: violation.tool.clone(),
            known: None,
            summary: violation.summary.clone(),
            expected: violation.expected.clone(),
            observed: violation.observed.clone(),
            assertion: violation.assertion.clone(),
            repetition: Repetition::in_order(&exchanges),
            exchanges,
            alike: self.alike,
            smallest: self.smallest.clone(),
            sequence: self.sequence.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use hubproof_model::baseline::{KnownFailure, ToolGlob};
    use hubproof_model::requirement::{Area, Basis, Level, Need};
    use hubproof_model::role::Role;
    use hubproof_model::safety::Allow;

    use super::*;

    const REQUIREMENT: Requirement = Requirement {
        id: RequirementId::new(Area::Exe, 2),
        level: Level::Must,
        basis: Basis::Ref,
        source: "",
        title: "",
        statement: "",
        rationale: "",
        method: "",
        mend: "",
        needs: &[],
        reach: Allow::Read,
        since: "",
    };

    fn violation(tool: &str, summary: &str) -> Finding {
        Finding::Violated(Violation {
            tool: Some(tool.to_owned()),
            summary: summary.to_owned(),
            expected: String::new(),
            observed: String::new(),
            exchanges: vec![7],
            assertion: None,
        })
    }

    fn result(findings: Vec<Finding>) -> RequirementResult {
        let mut all = Findings::default();
        all.add(REQUIREMENT.id, "EXE-02/1", findings);
        all.result(&REQUIREMENT, &BTreeMap::new())
    }

    #[test]
    fn alike_violations_are_folded_and_counted() {
        let result = result(vec![
            violation("a", "x"),
            Finding::Held,
            violation("a", "x"),
            violation("a", "y"),
            violation("b", "x"),
        ]);
        assert_eq!(result.verdict, Verdict::Violated);
        assert_eq!((result.cases, result.violation_count), (5, 4));
        let folded: Vec<_> = result
            .violations
            .iter()
            .map(|folded| (folded.tool.as_deref(), folded.summary.as_str(), folded.alike))
            .collect();
        assert_eq!(folded, [(Some("a"), "x", 1), (Some("a"), "y", 0), (Some("b"), "x", 0)]);
    }

    #[test]
    fn kinds_are_counted_whole_and_some_of_each_are_kept() {
        let many = SHOWN_VIOLATIONS + 20;
        let mut findings: Vec<_> = (0..many)
            .map(|number| violation("a", &format!("took {number} ms")))
            .collect();
        findings.push(violation("x.b", "took 1 ms"));
        findings.extend(["x.b", "x.c", "x.c"].map(|tool| violation(tool, &format!("{tool} is executed"))));
        let result = result(findings);
        let told: Vec<_> = result
            .kinds
            .iter()
            .map(|kind| (kind.summary.as_str(), kind.count, kind.tools.len()))
            .collect();
        assert_eq!(told, [("took … ms", many as u64 + 1, 2), ("… is executed", 3, 2)]);
        assert_eq!(result.violations.len(), SHOWN_VIOLATIONS);
        let last = result.violations.last().unwrap();
        assert_eq!((last.summary.as_str(), last.alike), ("x.b is executed", 0));
        assert_eq!(result.violations[0].summary, "took 0 ms");
    }

    #[test]
    fn what_the_baseline_excuses_never_hides_what_it_does_not() {
        let known = KnownFailure {
            requirement: REQUIREMENT.id,
            tool: Some(ToolGlob::new("itsm.*").unwrap()),
            reason: String::new(),
            owner: String::new(),
            expires: NaiveDate::MAX,
        };
        let baseline = Baseline {
            path: String::new(),
            today: NaiveDate::default(),
            entries: vec![known],
        };
        let mut all = Findings::new(Some(&baseline));
        let many = (0..SHOWN_VIOLATIONS + 1).map(|number| violation("itsm.tickets.get", &number.to_string()));
        all.add(REQUIREMENT.id, "EXE-02/1", many.collect());
        let last = [violation("itsm.tickets.get", "0"), violation("crm.deals.get", "last")];
        all.add(REQUIREMENT.id, "EXE-02/2", last.into());
        let first = all.shown_violations(REQUIREMENT.id).next().unwrap();
        assert_eq!(first.violation.summary, "last");
        let result = all.result(&REQUIREMENT, &BTreeMap::new());
        assert_eq!(result.violations.len(), SHOWN_VIOLATIONS);
        assert_eq!(
            (result.violations[0].summary.as_str(), result.violations[1].alike),
            ("last", 1)
        );
        assert_eq!(result.reason.as_deref(), Some("last"));
        let counted = [("crm.deals.get", 1), ("itsm.tickets.get", SHOWN_VIOLATIONS as u64 + 2)];
        let counted = counted.map(|(tool, count)| (Some(tool.to_owned()), count));
        assert_eq!(result.violated_tools, counted.into());
    }

    #[test]
    fn a_violation_does_not_hide_that_a_case_allowed_no_verdict() {
        let result = result(vec![
            violation("a", "x"),
            Finding::Inconclusive("no answer".to_owned()),
            Finding::Inconclusive("no answer either".to_owned()),
        ]);
        assert_eq!(
            (result.verdict, result.reason.as_deref()),
            (Verdict::Violated, Some("x"))
        );
        assert_eq!(
            result.undecided.as_deref(),
            Some("no answer (case EXE-02/1) and 1 more")
        );
    }

    #[test]
    fn one_inconclusive_case_keeps_a_requirement_from_being_held() {
        let result = result(vec![Finding::Held, Finding::Inconclusive("no answer".to_owned())]);
        assert_eq!(
            (result.verdict, result.reason.as_deref()),
            (Verdict::Inconclusive, Some("no answer (case EXE-02/1)"))
        );
    }

    #[test]
    fn what_held_says_what_no_case_could_show() {
        let not_counted = || Finding::NotExercised(Unexercised::NotApplicable("entries are not counted".to_owned()));
        let mut all = Findings::default();
        all.add(REQUIREMENT.id, "EXE-02/1", vec![Finding::Held, not_counted()]);
        all.add(REQUIREMENT.id, "EXE-02/2", vec![not_counted()]);
        let partly = all.result(&REQUIREMENT, &BTreeMap::new());
        let why = Some("not all of it was shown: entries are not counted");
        assert_eq!((partly.verdict, partly.reason.as_deref()), (Verdict::Held, why));
        all.add(REQUIREMENT.id, "EXE-02/3", vec![Finding::Held]);
        assert_eq!(all.result(&REQUIREMENT, &BTreeMap::new()).reason, None);
    }

    #[test]
    fn no_finding_is_not_held() {
        assert_eq!(result(Vec::new()).verdict, Verdict::NotExercised);
    }

    #[test]
    fn a_missing_grant_is_named_with_its_profile_line() {
        let mut all = Findings::default();
        all.not_exercised(REQUIREMENT.id, Unexercised::Missing(vec![Need::Key(Role::Foreign)]));
        let result = all.result(&REQUIREMENT, &BTreeMap::new());
        assert_eq!(result.verdict, Verdict::NotExercised);
        assert_eq!(result.grants, ["[keys] foreign = \"${HUB_KEY_FOREIGN}\""]);
    }

    #[test]
    fn an_unsent_case_keeps_a_requirement_from_being_held() {
        let mut all = Findings::default();
        all.add(REQUIREMENT.id, "EXE-02/1", vec![Finding::Held]);
        all.unsent(REQUIREMENT.id);
        assert_eq!(
            all.result(&REQUIREMENT, &BTreeMap::new()).verdict,
            Verdict::Inconclusive
        );
    }
}
