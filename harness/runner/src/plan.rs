//! The plan: every case that a run would send, and what cannot be exercised and why.

use std::collections::HashMap;

use hubproof_model::case::Case;
use hubproof_model::judgment::Unexercised;
use hubproof_model::profile::Profile;
use hubproof_model::requirement::{Need, RequirementId};
use hubproof_model::safety::Allow;
use hubproof_requirements::check::Check;
use hubproof_requirements::observations;
use hubproof_requirements::routing::routed;
use hubproof_requirements::site::Site;

use crate::select::Selection;

/// What a run would do.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The cases, in the order in which they go out.
    pub cases: Vec<PlannedCase>,
    /// The requirements without a case, and why.
    pub unexercised: Vec<(RequirementId, Unexercised)>,
}

/// A case and the requirements that planned it.
#[derive(Debug, Clone)]
pub struct PlannedCase {
    /// The case.
    pub case: Case,
    /// Who planned it, in the registry's order; nobody where it is sent for what it shows alone.
    pub requirements: Vec<RequirementId>,
}

/// A plan that breaks the suite's own rules: a fault of the harness, not of the hub.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanFault {
    /// A case goes further than the run may.
    #[error("case {case} needs `--allow {needs}`, but the run may go no further than `{allow}`")]
    BeyondAllow {
        /// The case's id.
        case: String,
        /// What it needs.
        needs: Allow,
        /// What the run may do.
        allow: Allow,
    },
    /// Two different cases share an id.
    #[error("two different cases are called {0}")]
    AmbiguousCase(String),
}

/// The plan of a run: the cases of its checks, and those of observations where no requirement is left out.
///
/// # Errors
/// As of `plan`.
pub fn plan_run(requirements: &Selection, site: &Site<'_>) -> Result<Plan, PlanFault> {
    let mut plan = plan(&requirements.checks(), site)?;
    if requirements.is_all() {
        for case in observations::plan(site) {
            let case = routed(case, site.profile, site.surface);
            within(site.allow, &case)?;
            plan.cases.push(PlannedCase {
                case,
                requirements: Vec::new(),
            });
        }
    }
    Ok(plan)
}

/// Asks each check for its cases. Cases of the same id are sent once.
///
/// # Errors
/// A check that plans what the run is not allowed to send.
pub fn plan(checks: &[&'static dyn Check], site: &Site<'_>) -> Result<Plan, PlanFault> {
    let mut plan = Plan::default();
    let mut index_of: HashMap<String, usize> = HashMap::new();
    for check in checks {
        let requirement = check.requirement();
        let missing = missing_needs(requirement.needs, site.profile, site.allow);
        let planned = if missing.is_empty() {
            check.plan(site)
        } else {
            Err(Unexercised::Missing(missing))
        };
        let cases = match planned {
            Ok(cases) if cases.is_empty() => {
                let why = Unexercised::NotApplicable("the selected tools offer nothing to try it on".to_owned());
                plan.unexercised.push((requirement.id, why));
                continue;
            }
            Ok(cases) => cases,
            Err(why) => {
                plan.unexercised.push((requirement.id, why));
                continue;
            }
        };
        for case in cases {
            let case = routed(case, site.profile, site.surface);
            within(site.allow, &case)?;
            match index_of.get(&case.id) {
                Some(&index) if plan.cases[index].case == case => plan.cases[index].requirements.push(requirement.id),
                Some(_) => return Err(PlanFault::AmbiguousCase(case.id)),
                None => {
                    index_of.insert(case.id.clone(), plan.cases.len());
                    plan.cases.push(PlannedCase {
                        case,
                        requirements: vec![requirement.id],
                    });
                }
            }
        }
    }
    Ok(plan)
}

/// That a case goes no further than a run may.
fn within(allow: Allow, case: &Case) -> Result<(), PlanFault> {
    let needs = case.required_allow();
    if needs > allow {
        return Err(PlanFault::BeyondAllow {
            case: case.id.clone(),
            needs,
            allow,
        });
    }
    Ok(())
}

/// The needs that profile and flags do not grant.
fn missing_needs(needs: &[Need], profile: &Profile, allow: Allow) -> Vec<Need> {
    let granted = |need: &Need| match need {
        Need::Key(role) => profile.keys.get(*role).is_some(),
        Need::ForbiddenTool => profile.keys.restricted_tool.is_some(),
        Need::InactiveConnection => profile.connections.inactive.is_some() || !profile.connections.none.is_empty(),
        Need::ForeignConnection => profile.connections.foreign.is_some(),
        Need::ExplicitConnection => !profile.connections.explicit.is_empty(),
        // Of which tools effects show, the requirement's own plan finds out.
        Need::Effect => true,
        Need::GatedTool => !profile.approvals.gated.is_empty(),
        Need::ApprovalDriver => profile.approvals.driver.is_some(),
        Need::Upstream => !profile.upstream.is_empty(),
        Need::Objective => !profile.slo.is_empty(),
        // Known by the command that compares, not by the profile.
        Need::Baseline => false,
        Need::Allow(level) => allow >= *level,
    };
    needs.iter().copied().filter(|need| !granted(need)).collect()
}
