//! The lines that reports name for what a run could not exercise: each is one of the profile's language.

use hubproof_model::requirement::Need;

use super::*;

fn needs() -> Vec<Need> {
    let others = [
        Need::ForbiddenTool,
        Need::InactiveConnection,
        Need::ForeignConnection,
        Need::ExplicitConnection,
        Need::Effect,
        Need::GatedTool,
        Need::ApprovalDriver,
        Need::Objective,
        Need::Upstream,
    ];
    Role::ALL.map(Need::Key).into_iter().chain(others).collect()
}

#[test]
fn a_line_that_grants_something_stands_in_a_profile_as_it_is() {
    for need in needs() {
        let line = need.profile_line().unwrap();
        // The approvals' driver needs a key that is granted by a line of its own.
        let approver = match need {
            Need::ApprovalDriver => "[keys]\napprover = \"${HUB_KEY_APPROVER}\"\n",
            _ => "",
        };
        let lines = format!("{approver}[{}]\n{} = {}", line.table, line.key, line.value);
        parsed(&lines);
        assert_eq!(need.grant(), format!("[{}] {} = {}", line.table, line.key, line.value));
    }
}

#[test]
fn what_a_flag_grants_has_no_line() {
    let need = Need::Allow(Allow::Probe);
    assert_eq!((need.profile_line(), need.grant().as_str()), (None, "--allow probe"));
}
