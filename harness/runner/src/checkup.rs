//! A check-up: whether a run against the target would go well, and what to mend if not. It reads the listing with each key, the
//! definitions, and the waiting approvals, and executes a few read tools as the survey of a run does.
//!
//! What is looked at is gathered here; each group's verdicts are pure functions in a file of their own.

mod approvals;
mod certificate;
mod clock;
mod effects;
mod hub;
mod keys;
mod limits;
mod more;
mod network;
mod profile;
#[cfg(test)]
mod sample;
mod tls;
mod verdict;

use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use hubproof_model::call::{Call, Credentials};
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::profile::Profile;
use hubproof_model::rate_limit::RateLimit;
use hubproof_model::role::Role;
use hubproof_model::safety::Allow;
use hubproof_wire::{Session, SessionError, SessionOptions};

use self::network::Way;
pub use self::verdict::{Blame, Check, Group, Verdict};
use crate::discover::SURVEY;
use crate::exit::Exit;
use crate::ground::{Ground, GroundError};
use crate::options::RunOptions;
use crate::plan::{Plan, PlanFault, plan, plan_run};
use crate::wanted::Wanted;

/// Why there is no check-up.
#[derive(Debug, thiserror::Error)]
pub enum CheckUpError {
    /// The profile cannot be used for a session.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The plan is at fault.
    #[error(transparent)]
    Plan(#[from] PlanFault),
}

/// How a command that only looks ends: 2 where the profile or a flag is wrong, 3 where the target is.
#[must_use]
pub fn exit_of(checks: &[Check]) -> Exit {
    let has = |blame| checks.iter().any(|check| check.verdict == Verdict::Problem(blame));
    match (has(Blame::Profile), has(Blame::Target)) {
        (true, _) => Exit::Usage,
        (_, true) => Exit::Inconclusive,
        _ => Exit::Proved,
    }
}

/// Looks at everything, in the order in which one thing needs the other.
///
/// # Errors
/// A profile that no session can be opened with.
pub async fn check_up(
    profile: &Profile,
    options: &RunOptions,
    events: &(dyn Fn(Event) + Sync),
) -> Result<Vec<Check>, CheckUpError> {
    let mut checks = profile::checks(profile);
    let session = Session::new(profile, SessionOptions::default())?;
    let (host, port) = session.address();
    let way = Way::to(host, port, profile.target.connect_timeout).await;
    checks.extend(way.checks(host, port));
    if !way.leads_there() {
        let out_of_reach = |(group, what)| Check::not_tried(group, what, "the target cannot be reached");
        checks.extend([(Group::Hub, "listing"), (Group::Keys, "all keys")].map(out_of_reach));
        return Ok(checks);
    }
    let own = listing_with(&session, profile.keys.get(Role::Primary).map(|_| Role::Primary)).await;
    let answered = SystemTime::now();
    checks.push(tls::check(&profile.target.url, host, &own));
    let shown = session.certificate().await;
    checks.extend(shown.map(|shown| certificate::check(&shown, SystemTime::now())));
    if own.response().is_none() {
        checks.push(hub::unlisted(&own, ""));
        return Ok(checks);
    }
    let mistakes = Mutex::new(Vec::new());
    let on_event = |event| match event {
        Event::Mistaken { text } => mistakes.lock().unwrap_or_else(PoisonError::into_inner).push(text),
        other => events(other),
    };
    let ground = match Ground::discover(profile.clone(), options, &on_event).await {
        Ok(mut ground) => {
            ground.survey(options, &on_event).await;
            Some(ground)
        }
        Err(GroundError::Session(fault)) => return Err(fault.into()),
        Err(GroundError::Unusable(why)) => {
            checks.push(hub::unlisted(&own, &why.message));
            None
        }
        Err(GroundError::Select(fault)) => {
            let fix = "name tools that the hub lists, or delete the line: `hubproof plan` shows them";
            checks.push(Check::problem(
                Blame::Profile,
                Group::Profile,
                "tools",
                fault.to_string(),
                fix,
            ));
            None
        }
    };
    if let Some(ground) = &ground {
        checks.extend([
            hub::listed(&ground.surface),
            hub::reads(&ground.surface, &surveyed(ground)),
        ]);
        checks.extend(profile::domains(profile, &ground.surface));
    }
    checks.extend(of_keys(&session, profile, &own).await);
    checks.push(clock::check(&own, answered));
    checks.push(of_approvals(&session, profile).await);
    if let Some(ground) = &ground {
        let mistakes = mistakes.into_inner().unwrap_or_else(PoisonError::into_inner);
        checks.extend(hub::dialect(&ground.notes));
        let planned = plan_run(&options.requirements, &ground.site(options))?;
        checks.push(of_limits(ground, &planned));
        checks.extend(of_effects(ground, &mistakes));
        checks.extend(more::checks(&wanted(ground, options, &planned)?));
    }
    checks.sort_by_key(|check| check.group as usize);
    Ok(checks)
}

/// The listing, with the key of a role or with none. Nobody waits where a key is throttled: that is what is to be seen.
async fn listing_with(session: &Session, role: Option<Role>) -> Exchange {
    let credentials = role.map_or(Credentials::Absent, Credentials::Bearer);
    let call = Call::listing(None).with_credentials(credentials);
    session.send("checkup/listing", &call).await
}

async fn of_keys(session: &Session, profile: &Profile, own: &Exchange) -> Vec<Check> {
    let mut checks = Vec::new();
    checks.push(match profile.keys.get(Role::Primary) {
        Some(_) => keys::check(Role::Primary, own, profile),
        None => keys::without_primary(),
    });
    // An approver's key may be good for approvals alone: they show it.
    let others = profile.keys.by_role.keys().copied();
    for role in others.filter(|role| !matches!(role, Role::Primary | Role::Approver)) {
        let exchange = listing_with(session, Some(role)).await;
        checks.push(keys::check(role, &exchange, profile));
    }
    checks
}

/// What the survey sent.
fn surveyed(ground: &Ground) -> Vec<&Exchange> {
    let opening = ground.opening.iter();
    opening.filter(|exchange| exchange.case.starts_with(SURVEY)).collect()
}

fn of_limits(ground: &Ground, planned: &Plan) -> Check {
    let dialect = &ground.surface.dialect;
    let mut told = ground.opening.iter().rev().filter_map(|exchange| {
        let told = RateLimit::read(exchange.response()?, dialect);
        (!told.is_absent()).then_some(told)
    });
    limits::check(told.next().as_ref(), calls_of_primary(planned))
}

fn of_effects(ground: &Ground, mistakes: &[String]) -> Vec<Check> {
    let is_writing = |key: &&String| {
        let tool = ground.surface.tool(key);
        tool.is_some_and(|tool| tool.risk().is_state_changing())
    };
    let writing = ground.selected.iter().filter(is_writing);
    let (seen, unseen): (Vec<&String>, Vec<_>) = writing.partition(|key| ground.effects.of_tool(key).is_some());
    let unseen: Vec<_> = unseen.into_iter().map(String::as_str).collect();
    effects::checks(seen.len(), &unseen, mistakes)
}

fn calls_of_primary(plan: &Plan) -> usize {
    let calls = plan.cases.iter().flat_map(|planned| planned.case.calls());
    calls
        .filter(|call| call.credentials == Credentials::Bearer(Role::Primary))
        .count()
}

async fn of_approvals(session: &Session, profile: &Profile) -> Check {
    let listed = match approvals::listing(&profile.approvals) {
        Some(call) => Some(session.send("checkup/approvals", &call).await),
        None => None,
    };
    approvals::check(&profile.approvals, listed.as_ref())
}

/// What a run leaves out, and would leave out if it might go as far as any.
fn wanted(ground: &Ground, options: &RunOptions, planned: &Plan) -> Result<Wanted, PlanFault> {
    if options.allow == Allow::Admin {
        return Ok(Wanted::of(planned, planned));
    }
    let further = RunOptions {
        allow: Allow::Admin,
        ..options.clone()
    };
    let further = plan(&options.requirements.checks(), &ground.site(&further))?;
    Ok(Wanted::of(planned, &further))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_of_the_users_is_told_before_one_of_the_target() {
        let of = |blame| Check::problem(blame, Group::Hub, "", "", "");
        let fine = Check::warning(Group::Hub, "", "", "");
        assert_eq!(exit_of(&[fine]), Exit::Proved);
        assert_eq!(exit_of(&[of(Blame::Target)]), Exit::Inconclusive);
        assert_eq!(exit_of(&[of(Blame::Target), of(Blame::Profile)]), Exit::Usage);
    }
}
