//! The cases that exhaust a limit on purpose. Each costs a window of real time, so requirements share them: one for a key, one for a
//! workspace, and one that tries to act with an exhausted key.

#[cfg(test)]
pub(crate) mod simulated;
mod windows;

use std::collections::BTreeSet;

use hubproof_model::call::{Call, Credentials};
use hubproof_model::case::{Case, Exhaustion, Manner, Once, Step};
use hubproof_model::judgment::Unexercised;
use hubproof_model::role::Role;
use serde_json::json;

use crate::site::Site;

pub(crate) use self::windows::{Exhausted, Window, is_proper_refusal};

/// The first call with the key whose limit is exhausted.
pub(crate) const BEFORE: &str = "beforehand";
/// Calls one after the other, until the limit is reached.
pub(crate) const ONE_BY_ONE: &str = "one by one";
/// The first call after the Reset that was told.
pub(crate) const AFTER_RESET: &str = "after reset";
/// Calls that come at once, in the next window.
pub(crate) const AT_ONCE: &str = "at once";
/// The same in what may still be that window.
pub(crate) const AT_ONCE_AGAIN: &str = "at once again";

/// The bursts that exhaust a workspace's limit.
pub(crate) const BURSTS: [&str; 3] = [AT_ONCE, AT_ONCE_AGAIN, "at once once more"];

/// The label of the exhausted key's own call after those of others, at a time: where it is refused too, nothing came back meanwhile.
pub(crate) fn still(time: &str) -> String {
    format!("still {time}")
}

/// The label of a call with another key at a time: before, or after a step of this label.
pub(crate) fn other_key(role: Role, time: &str) -> String {
    format!("{role} {time}")
}

/// The keys beside the exhausted one in the primary key's workspace.
pub(crate) const OTHER_KEYS: [Role; 2] = [Role::Primary, Role::Secondary];
/// Keys of two workspaces: of whichever the shared keys are, one of these is not of it.
pub(crate) const OTHER_WORKSPACES: [Role; 2] = [Role::Primary, Role::Foreign];

/// How many calls the second key makes after each burst of the first.
pub(crate) const SHARING: usize = 3;
/// Of how many domains a tool is tried before a workspace's limit is exhausted.
const MOST_TRIED: usize = 12;

/// Exhausts the throttled key, waits for its reset, and exhausts it again with calls that come at once; other keys of the workspace call
/// in between.
///
/// # Errors
/// That the site has no read tool to call.
pub(crate) fn of_key(site: &Site<'_>) -> Result<Case, Unexercised> {
    let (tool, control) = site.read_control()?;
    let call = |role, label: &str| with_key(&control, role).labelled(label);
    let others = |time: &str| {
        let others = granted(site, &OTHER_KEYS);
        let calls = others.map(|role| once(call(role, &other_key(role, time)), &[]));
        Step::Once(calls.collect())
    };
    let throttled_still = |time: &str| Step::Once(vec![once(call(Role::Throttled, &still(time)), &[])]);
    let mut steps = vec![others(BEFORE)];
    steps.push(Step::call(call(Role::Throttled, BEFORE)));
    steps.push(exhaust(&control, Role::Throttled, ONE_BY_ONE, Manner::OneByOne));
    steps.extend([others(ONE_BY_ONE), throttled_still(ONE_BY_ONE)]);
    steps.push(Step::AfterReset(Box::new(call(Role::Throttled, AFTER_RESET))));
    steps.push(exhaust(&control, Role::Throttled, AT_ONCE, Manner::AtOnce));
    steps.extend([others(AT_ONCE), throttled_still(AT_ONCE)]);
    let case = Case::of_steps("exhaustion/key", "a key's limit, exhausted twice", steps);
    Ok(case.about(&tool.key).exclusively())
}

/// The same where the profile has a key for it: for requirements that need no exhaustion, and see more of a hub with one.
pub(crate) fn of_key_if_granted(site: &Site<'_>) -> Option<Case> {
    site.profile.keys.get(Role::Throttled)?;
    of_key(site).ok()
}

/// Exhausts the limit of a workspace with one of its keys; the other one and keys of other workspaces call then. The workspace may have
/// other connections than the primary key's, so a tool of each domain is tried first.
///
/// # Errors
/// That the site has no read tool to call.
pub(crate) fn of_workspace(site: &Site<'_>) -> Result<Case, Unexercised> {
    let (_, control) = site.read_control()?;
    let outsiders = |time: &str| {
        let roles = granted(site, &OTHER_WORKSPACES);
        let calls = roles.map(|role| once(with_key(&control, role).labelled(other_key(role, time)), &[]));
        calls.collect::<Vec<_>>()
    };
    let tried: Vec<_> = one_of_each_domain(site)
        .into_iter()
        .map(|call| with_key(&call, Role::SharedA))
        .zip(1..)
        .map(|(call, number)| call.labelled(tried(number)))
        .collect();
    let like: Vec<_> = tried.iter().map(|call| call.label.clone()).collect();
    let limit = site.profile.keys.shared_limit;
    let mut steps = vec![Step::Once(outsiders(BEFORE))];
    steps.extend(tried.into_iter().map(Step::call));
    // The end of a window may come between a burst and the calls after it.
    for burst in BURSTS {
        let call = with_key(&control, Role::SharedA).labelled(burst);
        steps.push(Step::Exhaust(Box::new(Exhaustion {
            like: like.clone(),
            limit,
            ..Exhaustion::new(burst, call, Manner::AtOnce)
        })));
        let shared = |role, label: String| once(with_key(&control, role).labelled(label), &like);
        // A bucket may give one call back meanwhile, and seldom several.
        let sharing = (1..=SHARING).map(|number| shared(Role::SharedB, sharing(burst, number)));
        steps.push(Step::Once(sharing.chain(outsiders(burst)).collect()));
        steps.push(Step::Once(vec![shared(Role::SharedA, still(burst))]));
    }
    let title = "a workspace's limit, exhausted by one of its keys";
    let case = Case::of_steps("exhaustion/workspace", title, steps).with_facts(json!({ "shared_limit": limit }));
    Ok(case.exclusively())
}

/// The label of a call of the second key after a burst, by number from 1.
pub(crate) fn sharing(burst: &str, number: usize) -> String {
    format!("{} {burst}/{number}", Role::SharedB)
}

/// The label of a call that is tried before a workspace's limit is exhausted, by number.
pub(crate) fn tried(number: usize) -> String {
    format!("{BEFORE}/{number}")
}

/// The best read tool's control of each of some domains.
fn one_of_each_domain(site: &Site<'_>) -> Vec<Call> {
    let mut domains = BTreeSet::new();
    let mut tools = site.read_tools();
    tools.retain(|tool| domains.insert(&tool.domain));
    let controls = tools.into_iter().filter_map(|tool| site.control(tool));
    controls.take(MOST_TRIED).collect()
}

/// The step that exhausts the key of a role with copies of a call.
pub(crate) fn exhaust(control: &Call, role: Role, label: &str, manner: Manner) -> Step {
    let call = with_key(control, role).labelled(label);
    Step::Exhaust(Box::new(Exhaustion::new(label, call, manner)))
}

fn once(call: Call, like: &[String]) -> Once {
    let like = like.to_vec();
    Once { call, like }
}

fn with_key(call: &Call, role: Role) -> Call {
    call.clone().with_credentials(Credentials::Bearer(role))
}

fn granted<'r>(site: &'r Site<'_>, roles: &'r [Role]) -> impl Iterator<Item = Role> + 'r {
    roles
        .iter()
        .copied()
        .filter(|role| site.profile.keys.get(*role).is_some())
}
