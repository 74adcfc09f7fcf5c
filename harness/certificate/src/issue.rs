//! From a report to a certificate, or to what keeps it from being one.

use std::collections::{BTreeMap, BTreeSet};

use hubproof_model::judgment::Verdict;
use hubproof_model::requirement::{Level, Need, RequirementId};
use hubproof_reports::document::Report;
use hubproof_reports::document::end::EndKind;
use hubproof_reports::document::requirement::RequirementReport;
use hubproof_reports::document::target::Tool;

use crate::certificate::{Bundled, Certificate, Connector, Run, Scope, SetDescriptor, Target};
use crate::digest::Sha256;
use crate::played::TriedWith;
use crate::set::{Asked, RequirementSet};
use crate::shortfall::{Refusal, Shortfall, Why, WhyTool};
use crate::subject::Subject;
use crate::test_name::OwnTest;

/// The exit code of a command that issues no certificate, since too little was shown.
pub const REFUSED: u8 = 7;

/// Why the results of a tool were not compared of which the report says nothing.
const UNCALLED: &str = "the run made no calls to compare";

/// What is claimed of a report.
#[derive(Debug, Clone)]
pub struct Claim<'c> {
    /// The set that it shows all of.
    pub set: &'c RequirementSet,
    /// What the operator says was tested.
    pub subjects: Vec<Subject>,
    /// Where the evidence can be had.
    pub url: Option<String>,
    /// The connector and its connections, where the set is of one.
    pub connector: Option<Connector>,
}

/// Issues the certificate of a report whose text has this digest.
///
/// # Errors
/// All that keeps it from being one.
pub fn issue(report: &Report, digest: Sha256, claim: Claim<'_>) -> Result<Certificate, Refusal> {
    let run = run(report, &claim);
    let scope = run.scope();
    let mut shortfalls = of_run(report, &claim);
    shortfalls.extend(of_requirements(report, &claim, &scope));
    if let Some(connector) = &claim.connector {
        shortfalls.extend(of_tools(report, connector, &scope));
        shortfalls.extend(of_domains(report, connector, claim.set, &scope));
    }
    if claim.set.tests.contains(&OwnTest::EqualResults) {
        shortfalls.extend(of_results(report));
    }
    let catalogue = report.catalogue.as_ref().and_then(|seen| seen.sha256.parse().ok());
    let (Some(catalogue), true) = (catalogue, shortfalls.is_empty()) else {
        if catalogue.is_none() {
            shortfalls.push(Shortfall::NoCatalogue);
        }
        return Err(Refusal(shortfalls));
    };
    let of = |verdict| {
        let own = report.requirements.iter().filter(move |own| own.verdict == verdict);
        own.map(|own| own.id).collect()
    };
    Ok(Certificate {
        subjects: claim.subjects,
        catalogue,
        suite: report.tool.version.clone(),
        set: SetDescriptor {
            revision: claim.set.revision.clone(),
            set: claim.set.name,
        },
        set_digest: claim.set.digest,
        target: Target {
            url: report.target.url.clone(),
            bundled: Bundled {
                bundled: report.target.bundled,
                defects: report.target.defects.clone(),
            },
        },
        profile: report
            .target
            .profile_sha256
            .as_ref()
            .and_then(|digest| digest.parse().ok()),
        connector: claim.connector.map(|own| Connector {
            equal: equal_results(report),
            uncompared: uncompared(report, &scope),
            ..own
        }),
        run,
        report: digest,
        url: claim.url,
        passed: of(Verdict::Held),
        // Violated MUSTs of the set have been refused: what is left is its SHOULDs, and what is beyond it.
        warned: of(Verdict::Violated),
    })
}

fn run(report: &Report, claim: &Claim<'_>) -> Run {
    let tools: BTreeMap<_, _> = report
        .tools
        .iter()
        .map(|tool| (tool.key.clone(), tool.risk.clone().unwrap_or_default()))
        .collect();
    let started = report.started_at.system_time();
    let own = report.requirements.iter().filter(|own| claim.set.has(own.id));
    Run {
        seed: report.seed,
        cases: report.cases,
        allow: report.allow,
        started_at: report.started_at,
        finished_at: started
            .checked_add(report.duration.duration())
            .unwrap_or(started)
            .into(),
        requests: report.summary.requests,
        findings: own.fold(0, |sum, own| sum.saturating_add(own.cases)),
        catalogue_tools: report.catalogue.as_ref().map_or(0, |seen| seen.tools),
        tools,
    }
}

fn of_run(report: &Report, claim: &Claim<'_>) -> Vec<Shortfall> {
    let mut shortfalls = Vec::new();
    if report.end.kind != EndKind::Complete {
        let why = report.end.message.clone().unwrap_or_else(|| report.end.kind.heading());
        shortfalls.push(Shortfall::Unfinished(why));
    }
    shortfalls.extend(report.shard.map(Shortfall::Part));
    // A run of a connector leaves out the tools of others, and has no other flag to do so by.
    let is_of_connector =
        claim.connector.is_some() && report.connector == claim.connector.as_ref().map(|own| own.connector.clone());
    if !report.left_out.is_empty() && !is_of_connector {
        shortfalls.push(Shortfall::LeftOut(report.left_out.clone()));
    }
    shortfalls
}

fn of_requirements(report: &Report, claim: &Claim<'_>, scope: &Scope) -> Vec<Shortfall> {
    let (mut shortfalls, mut unplayed) = (Vec::new(), Vec::new());
    for asked in claim.set.asks(scope) {
        let own = report.requirements.iter().find(|own| own.id == asked.id);
        let why = match own {
            None => Some(Why::LeftOut),
            Some(own) => why(own, asked, report, scope),
        };
        match why {
            Some(Why::NotExercised { grants, .. }) if grants == [Need::Upstream.grant()] => unplayed.push(asked.id),
            why => shortfalls.extend(why.map(|why| Shortfall::Requirement(asked.id, why))),
        }
    }
    // One thing that is missing, and told once.
    if !unplayed.is_empty() {
        shortfalls.push(Shortfall::Unplayed {
            requirements: unplayed,
            connector: claim.connector.as_ref().map(|own| own.connector.clone()),
        });
    }
    shortfalls
}

fn why(own: &RequirementReport, asked: &Asked, report: &Report, scope: &Scope) -> Option<Why> {
    let reason = || {
        own.reason
            .clone()
            .unwrap_or_else(|| "no case gave a verdict".to_owned())
    };
    match own.verdict {
        Verdict::NotExercised => Some(Why::NotExercised {
            reason: reason(),
            grants: own.grants.clone(),
        }),
        Verdict::Inconclusive => Some(Why::Inconclusive(reason())),
        Verdict::Violated if own.known_count > 0 => Some(Why::Excused),
        Verdict::Violated if asked.level == Level::Must || report.gate.fail_on.gates(asked.level) => {
            Some(Why::Violated(own.violation_count))
        }
        Verdict::Violated => own.undecided.clone().map(Why::Inconclusive),
        Verdict::Held if asked.each_tool => {
            let untried = scope.permitted().filter(|tool| !own.tried_tools.contains(*tool));
            let untried: Vec<_> = untried.map(str::to_owned).collect();
            (!untried.is_empty()).then_some(Why::Untried(untried))
        }
        Verdict::Held => None,
    }
}

fn of_tools(report: &Report, connector: &Connector, scope: &Scope) -> Vec<Shortfall> {
    let denied = report
        .denied
        .iter()
        .map(|tool| Shortfall::Tool(tool.clone(), WhyTool::Denied));
    let permitted: Vec<_> = scope.permitted().collect();
    let tools = report
        .tools
        .iter()
        .filter(|tool| permitted.contains(&tool.key.as_str()));
    let answered = tools.filter_map(|tool| {
        let why = why_tool(tool, connector)?;
        Some(Shortfall::Tool(tool.key.clone(), why))
    });
    denied.chain(answered).collect()
}

/// The domains in which nobody saw what the connector makes of a vendor that fails, though it was seen in another one: each has calls of its
/// own to the vendor.
fn of_domains(report: &Report, connector: &Connector, set: &RequirementSet, scope: &Scope) -> Vec<Shortfall> {
    let domains: BTreeMap<_, _> = report
        .tools
        .iter()
        .map(|tool| (tool.key.as_str(), &tool.domain))
        .collect();
    let mut unplayed: BTreeMap<(TriedWith, Vec<String>), Vec<RequirementId>> = BTreeMap::new();
    for asked in set.asks(scope) {
        let own = report.requirements.iter().find(|own| own.id == asked.id);
        // What was not exercised at all is told of the requirement.
        let own = own.filter(|own| own.verdict != Verdict::NotExercised);
        let (Some(own), Some(with)) = (own, TriedWith::of(asked.id)) else {
            continue;
        };
        let tried: BTreeSet<_> = own
            .tried_tools
            .iter()
            .filter_map(|tool| domains.get(tool.as_str()))
            .collect();
        let permitted = scope
            .permitted()
            .filter(|tool| scope.tools.get(*tool).is_some_and(|risk| with.takes(risk)));
        let asked_of: BTreeSet<_> = permitted.filter_map(|tool| domains.get(tool)).collect();
        let missing: Vec<_> = asked_of.difference(&tried).map(|domain| (**domain).clone()).collect();
        if !missing.is_empty() {
            unplayed.entry((with, missing)).or_default().push(asked.id);
        }
    }
    let shortfall = |((with, domains), requirements)| Shortfall::UnplayedDomains {
        connector: connector.connector.clone(),
        requirements,
        with,
        domains,
    };
    unplayed.into_iter().map(shortfall).collect()
}

fn why_tool(tool: &Tool, connector: &Connector) -> Option<WhyTool> {
    let mut answered = tool.answered_by.keys();
    match answered.find(|connection| !connector.connections.contains(connection)) {
        Some(other) => Some(WhyTool::Elsewhere(other.clone())),
        None if tool.answered_by.is_empty() => Some(WhyTool::NoSuccess),
        None => None,
    }
}

/// What keeps the results of tools from being those of another connector. Where no tool could be called for that, nothing does: a certificate
/// tells of which tools they were compared, and why not of the others.
fn of_results(report: &Report) -> Vec<Shortfall> {
    let compared = &report.observations.equal_results;
    let unequal = compared.iter().filter(|compared| compared.equal == Some(false));
    let unequal = unequal.map(|compared| {
        let why = WhyTool::Unequal {
            with: compared.with.clone(),
            differences: compared.notes.clone(),
        };
        Shortfall::Tool(compared.tool.clone(), why)
    });
    let is_decided = compared.is_empty() || compared.iter().any(|compared| compared.equal.is_some());
    let undecided = (!is_decided).then(|| {
        let why = compared.iter().map(|own| (own.tool.clone(), own.told()));
        Shortfall::NotCompared(why.collect())
    });
    unequal.chain(undecided).collect()
}

/// The tools whose results are equal to another connector's, and which that is.
fn equal_results(report: &Report) -> BTreeMap<String, String> {
    let equal = report.observations.equal_results.iter();
    let equal = equal.filter(|compared| compared.equal == Some(true));
    equal.map(|own| (own.tool.clone(), own.with.clone())).collect()
}

/// The other tools that the run might execute, and why they were not compared.
fn uncompared(report: &Report, scope: &Scope) -> BTreeMap<String, String> {
    let observations = &report.observations;
    let of_tool = |tool: &str| match observations.equal_results.iter().find(|own| own.tool == tool) {
        Some(own) if own.equal.is_some() => None,
        Some(own) => Some((tool.to_owned(), own.told())),
        None => {
            let why = observations.uncompared.get(tool).map(String::as_str);
            Some((tool.to_owned(), why.unwrap_or(UNCALLED).to_owned()))
        }
    };
    scope.permitted().filter_map(of_tool).collect()
}

#[cfg(test)]
mod tests;
