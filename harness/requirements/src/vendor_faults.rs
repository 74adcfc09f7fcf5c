//! Calls on a connection whose vendor the harness plays and makes fail: their plan, and what judges look at first.

use std::collections::BTreeSet;

use hubproof_model::call::Call;
use hubproof_model::case::{Case, Done, Once, Step};
use hubproof_model::exchange::Exchange;
use hubproof_model::judgment::{Finding, Unexercised};
use hubproof_model::outcome::{ErrorCode, Outcome};
use hubproof_model::surface::Tool;
use hubproof_model::upstream::{Arrival, Upstream, VendorStep};
use serde_json::{Map, Value, json};

use crate::evidence::Evidence;
use crate::judging::{observed, told, without_success};
use crate::site::Site;
use crate::traffic::{changed, with_member};

/// The call that shows that the connection leads to the vendor that is played.
pub(crate) const CONTROL: &str = "control";
/// The same call while the vendor fails.
pub(crate) const CALL: &str = "call";
/// What reached the vendor with the control.
pub(crate) const SOUND: &str = "the control at the vendor";
/// What reached the failing vendor.
pub(crate) const FAILING: &str = "the call at the vendor";
/// The fault of a vendor whose answer is one text of 32 MiB.
pub(crate) const HUGE: &str = "huge";
/// How many read tools of a connection stand for all.
pub(crate) const FEW: usize = 2;

/// A call on a connection whose vendor is played.
pub(crate) struct Subject {
    /// The connection.
    pub(crate) upstream: Upstream,
    /// The tool.
    tool: String,
    call: Call,
    /// What is to be done before, with the id and the facts that a case of it has.
    case: Case,
}

impl Subject {
    /// The call under this label, changed by `change`.
    pub(crate) fn call(&self, label: &str, change: impl FnOnce(&mut Map<String, Value>)) -> Call {
        changed(&self.on_connection(&self.call), change).labelled(label)
    }

    /// The step of a call that goes out once: what is throttled is answered.
    pub(crate) fn once(call: Call) -> Step {
        let like = Vec::new();
        Step::Once(vec![Once { call, like }])
    }

    /// The step from which on the vendor is sound.
    pub(crate) fn sound(&self, label: &str) -> Step {
        Step::Vendor(VendorStep::sound(label, &self.upstream.connection.id))
    }

    /// The step from which on the vendor fails.
    pub(crate) fn failing(&self, label: &str, fault: &str) -> Step {
        Step::Vendor(VendorStep::failing(label, &self.upstream.connection.id, fault))
    }

    /// The control, while the vendor is sound.
    pub(crate) fn controlled(&self) -> [Step; 2] {
        [self.sound(SOUND), Step::call(self.call(CONTROL, |_| {}))]
    }

    /// A case of these steps, and what is to be done before.
    pub(crate) fn case(&self, title: String, steps: impl IntoIterator<Item = Step>) -> Case {
        let mut case = self.case.clone();
        for call in case.calls_mut() {
            *call = self.on_connection(call);
        }
        case.title = title;
        case.steps.extend(steps);
        case
    }

    /// The step from which on the vendor fails where it is asked for a change.
    pub(crate) fn failing_changes(&self, label: &str, fault: &str) -> Step {
        let failing = VendorStep::failing(label, &self.upstream.connection.id, fault);
        Step::Vendor(failing.changes_only())
    }

    /// The case of a call that meets a fault, beside its control.
    fn faulted(&self, fault: &str) -> Case {
        self.faulted_by(self.failing(FAILING, fault), fault)
    }

    /// The case of a call that changes something and meets a fault with that, beside its control.
    pub(crate) fn faulted_in_change(&self, fault: &str) -> Case {
        self.faulted_by(self.failing_changes(FAILING, fault), fault)
    }

    /// The same of the first such request alone: who asks again is served.
    pub(crate) fn faulted_in_first_change(&self, fault: &str) -> Case {
        let failing = VendorStep::failing(FAILING, &self.upstream.connection.id, fault);
        self.faulted_by(Step::Vendor(failing.changes_only().first(1)), fault)
    }

    fn faulted_by(&self, failing: Step, fault: &str) -> Case {
        let title = format!("a call of {} whose vendor answers with {}", self.tool, in_words(fault));
        let call = Self::once(self.call(CALL, |_| {}));
        self.case(title, self.controlled().into_iter().chain([failing, call]))
    }

    fn on_connection(&self, call: &Call) -> Call {
        with_member(call, "connection_id", json!(self.upstream.connection.id)).labelled(call.label.clone())
    }
}

impl Site<'_> {
    /// A case for each fault and each of a few tools of each connection whose vendor the harness plays: `reads` that read, and one that
    /// makes records where the run may execute it.
    ///
    /// # Errors
    /// That there is no such tool.
    pub(crate) fn faulted(&self, requirement: &str, faults: &[&str], reads: usize) -> Result<Vec<Case>, Unexercised> {
        self.faulted_on(self.profile.upstream.iter(), requirement, faults, reads)
    }

    /// The same on connections of which it is known what reaches their vendors.
    ///
    /// # Errors
    /// That there is no such tool, or no such connection.
    pub(crate) fn faulted_where_watched(
        &self,
        requirement: &str,
        faults: &[&str],
        reads: usize,
    ) -> Result<Vec<Case>, Unexercised> {
        self.faulted_on(self.watched()?, requirement, faults, reads)
    }

    /// The same with one tool of each connection: one that makes records, or, where there is none, one that reads.
    ///
    /// # Errors
    /// That there is no such tool.
    pub(crate) fn faulted_with_one(&self, requirement: &str, faults: &[&str]) -> Result<Vec<Case>, Unexercised> {
        self.faulted_with(self.profile.upstream.iter(), requirement, faults, |upstream, name| {
            let reading = || self.reads_on(upstream, name).into_iter().next();
            self.write_on(upstream, name).or_else(reading).into_iter().collect()
        })
    }

    fn faulted_on<'u>(
        &self,
        upstream: impl Iterator<Item = &'u Upstream>,
        requirement: &str,
        faults: &[&str],
        reads: usize,
    ) -> Result<Vec<Case>, Unexercised> {
        self.faulted_with(upstream, requirement, faults, |upstream, name| {
            let reading = self.reads_on(upstream, name).into_iter().take(reads);
            reading.chain(self.write_on(upstream, name)).collect()
        })
    }

    fn faulted_with<'u>(
        &self,
        upstream: impl Iterator<Item = &'u Upstream>,
        requirement: &str,
        faults: &[&str],
        subjects: impl Fn(&Upstream, &str) -> Vec<Subject>,
    ) -> Result<Vec<Case>, Unexercised> {
        let of_upstream = |upstream: &Upstream, fault: &str| {
            let name = format!("{requirement}/{}/{fault}", upstream.connection.id);
            let subjects = subjects(upstream, &name).into_iter();
            subjects.map(|subject| subject.faulted(fault)).collect::<Vec<_>>()
        };
        let of_upstream = &of_upstream;
        let cases: Vec<_> = upstream
            .flat_map(|upstream| faults.iter().flat_map(move |fault| of_upstream(upstream, fault)))
            .collect();
        match cases.is_empty() {
            true => Err(Unexercised::NotApplicable(
                "no selected tool of the domains in [upstream] has an input that can be made".to_owned(),
            )),
            false => Ok(cases),
        }
    }

    /// The connections whose vendors the run plays itself, so that it knows what reaches them.
    ///
    /// # Errors
    /// That there is none.
    fn watched(&self) -> Result<impl Iterator<Item = &Upstream>, Unexercised> {
        let watched = || self.profile.upstream.iter().filter(|upstream| upstream.is_watched());
        match watched().next() {
            Some(_) => Ok(watched()),
            None => Err(Unexercised::NotApplicable(
                "a program has the vendor fail, and does not tell what reaches it: give `vendor` and `listen` in [upstream] instead of \
                 `command`"
                    .to_owned(),
            )),
        }
    }

    /// A tool that makes records on each connection whose vendor the run plays itself; `name` tells what it makes from all else.
    ///
    /// # Errors
    /// That there is none.
    pub(crate) fn writes_on_played(&self, name: &str) -> Result<Vec<Subject>, Unexercised> {
        let on = |upstream: &Upstream| self.write_on(upstream, &format!("{name}/{}", upstream.connection.id));
        let subjects: Vec<_> = self.watched()?.filter_map(on).collect();
        match subjects.is_empty() {
            true => Err(Unexercised::NotApplicable(
                "no selected tool of the domains in [upstream] makes records that show, and may be executed".to_owned(),
            )),
            false => Ok(subjects),
        }
    }

    fn reads_on(&self, upstream: &Upstream, name: &str) -> Vec<Subject> {
        let tools = self.read_tools().into_iter();
        let of_domain = tools.filter(|tool| tool.domain == upstream.connection.domain);
        let subject = |tool: &Tool| {
            Some(Subject {
                upstream: upstream.clone(),
                tool: tool.key.clone(),
                call: self.control(tool)?,
                case: Case::of_steps(format!("{name}/{}", tool.key), String::new(), Vec::new()).about(&tool.key),
            })
        };
        of_domain.filter_map(subject).collect()
    }

    fn write_on(&self, upstream: &Upstream, name: &str) -> Option<Subject> {
        let mut scenes = self.counting_scenes(name).ok()?;
        scenes.retain(|scene| scene.tool.domain == upstream.connection.domain);
        scenes.sort_by_key(|scene| (scene.tool.risk(), !self.can_be_undone(&scene.tool.key)));
        let scene = scenes.into_iter().next()?;
        Some(Subject {
            upstream: upstream.clone(),
            tool: scene.tool.key.clone(),
            call: scene.call(CALL, |body| body),
            case: scene.case(format!("{name}/{}", scene.tool.key), String::new(), scene.set_up()),
        })
    }
}

/// A fault as people say it.
pub(crate) fn in_words(fault: &str) -> String {
    match fault.split_once(':') {
        Some(("status", status)) => status.to_owned(),
        Some(("throttle", _)) => "429".to_owned(),
        _ => fault.replace('-', " "),
    }
}

/// The fault that the vendor of a case has.
pub(crate) fn fault_of<'e>(evidence: &Evidence<'e>) -> &'e str {
    let steps = evidence.case.into_iter().flat_map(|case| &case.steps);
    let fault = |step: &'e Step| match step {
        Step::Vendor(VendorStep { fault: Some(fault), .. }) => Some(fault.as_str()),
        _ => None,
    };
    steps.filter_map(fault).next().unwrap_or_default()
}

/// That the control succeeded, and was the vendor's that is played.
///
/// # Errors
/// Why nothing more shows anything.
pub(crate) fn controlled(evidence: &Evidence<'_>) -> Result<(), Finding> {
    let control = told(evidence, CONTROL)?;
    if Outcome::of(control).is(&ErrorCode::ConnectionNotFound) {
        let why = format!(
            "the hub knows no connection of the domain of {} by the name in [upstream]",
            control.call.tool().unwrap_or_default()
        );
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why)));
    }
    if Outcome::of(control) != Outcome::Success {
        return Err(without_success(control));
    }
    if is_unasked(evidence, SOUND)? {
        let why = "the control succeeded, and nothing reached the vendor that is played: have the hub expect the vendor of the \
                   connection at the address in [upstream]";
        return Err(Finding::NotExercised(Unexercised::NotApplicable(why.to_owned())));
    }
    Ok(())
}

/// The answer to the call that met the fault.
///
/// # Errors
/// Why it shows nothing: the control did not succeed, or did not reach the vendor that is played, or the call did not.
pub(crate) fn met<'e>(evidence: &Evidence<'e>) -> Result<&'e Exchange, Finding> {
    controlled(evidence)?;
    let call = evidence.answered(CALL)?;
    met_by(evidence, call)?;
    Ok(call)
}

/// That a call met the fault, as far as anybody can tell.
///
/// # Errors
/// Why it shows nothing.
pub(crate) fn met_by(evidence: &Evidence<'_>, call: &Exchange) -> Result<(), Finding> {
    let why = if is_unasked(evidence, FAILING)? {
        format!("the call was answered and the vendor was not asked: {}", observed(call))
    } else if is_untouched(evidence, call)? {
        "the call succeeded as if the vendor were sound: whether it was asked, and failed, nobody tells".to_owned()
    } else {
        return Ok(());
    };
    Err(Finding::NotExercised(Unexercised::NotApplicable(why)))
}

/// Whether a success shows nothing, since nobody watched whether the vendor failed. What has wrong data shows by its success alone.
fn is_untouched(evidence: &Evidence<'_>, call: &Exchange) -> Result<bool, Finding> {
    let is_unwatched = !is_watched(evidence)?;
    let fault = fault_of(evidence);
    let has_wrong_data = fault == HUGE || fault.starts_with("wrong-type");
    Ok(is_unwatched && !has_wrong_data && Outcome::of(call) == Outcome::Success)
}

/// Whether it is known what reached the failing vendor.
///
/// # Errors
/// That nobody had it fail.
pub(crate) fn is_watched(evidence: &Evidence<'_>) -> Result<bool, Finding> {
    Ok(!matches!(evidence.done(FAILING)?, Done::Unwatched))
}

/// Whether it is known that nothing reached the vendor in the stretch of this label.
///
/// # Errors
/// That nobody played it.
pub(crate) fn is_unasked(evidence: &Evidence<'_>, label: &str) -> Result<bool, Finding> {
    match evidence.done(label)? {
        Done::Unwatched => Ok(false),
        _ => reached(evidence, label).map(<[Arrival]>::is_empty),
    }
}

/// How many requests that ask for a change reached the vendor in the stretch of this label: those that it takes for one, by its own
/// idempotency key, count as one.
///
/// # Errors
/// That nobody played it.
pub(crate) fn changes(evidence: &Evidence<'_>, label: &str) -> Result<usize, Finding> {
    let arrivals = reached(evidence, label)?.iter().filter(|arrival| arrival.changes_state);
    let (mut keys, mut count) = (BTreeSet::new(), 0);
    for arrival in arrivals {
        count += usize::from(arrival.idempotency_key.as_ref().is_none_or(|key| keys.insert(key)));
    }
    Ok(count)
}

/// What reached the vendor in the stretch of this label.
///
/// # Errors
/// That nobody played it.
pub(crate) fn reached<'e>(evidence: &Evidence<'e>, label: &str) -> Result<&'e [Arrival], Finding> {
    match evidence.done(label)? {
        Done::Reached(arrivals) => Ok(arrivals),
        other => Err(Finding::Inconclusive(format!("{label}: {other:?}"))),
    }
}

/// The connections of a plan's vendor steps.
pub fn connections_of<'c>(cases: impl IntoIterator<Item = &'c Case>) -> BTreeSet<&'c str> {
    let steps = cases.into_iter().flat_map(|case| &case.steps);
    let connection = |step: &'c Step| match step {
        Step::Vendor(step) => Some(step.connection.as_str()),
        _ => None,
    };
    steps.filter_map(connection).collect()
}

/// What a judge finds of a vendor that is played in a test.
#[cfg(test)]
pub(crate) mod played {
    use std::net::{Ipv4Addr, SocketAddr};
    use std::time::Duration;

    use hubproof_model::case::Deed;
    use hubproof_model::profile::DomainConnection;
    use hubproof_model::upstream::Player;

    use super::*;
    use crate::acting_hub::acting_hub;
    use crate::check::Check;
    use crate::exchanges::{Hub, succeeded};
    use crate::schemas::Schemas;

    /// A hub with a played vendor behind one connection of its tickets.
    pub(crate) fn hub() -> Hub {
        let mut hub = acting_hub();
        hub.profile.upstream.push(Upstream {
            connection: DomainConnection {
                domain: "itsm".to_owned(),
                id: "conn_played".to_owned(),
            },
            player: Player::StandIn {
                listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 9911)),
                vendor: "servicenow".to_owned(),
            },
            limit: Duration::from_secs(5),
            secrets: Vec::new(),
        });
        hub
    }

    /// A request that reached the vendor.
    pub(crate) fn arrival(changes_state: bool) -> Arrival {
        Arrival {
            method: if changes_state { "POST" } else { "GET" }.to_owned(),
            path: "/api/now/table/incident".to_owned(),
            changes_state,
            carried_out: true,
            idempotency_key: None,
        }
    }

    /// What is found in each case of the check: `answer` gives the answer to each call, by the fault that it meets, and how many requests
    /// reach the vendor with it.
    pub(crate) fn found(check: &dyn Check, answer: impl Fn(Option<&str>, Call) -> (Exchange, usize)) -> Vec<Finding> {
        let hub = hub();
        let cases = hub.plan(check).expect("the hub has a played vendor");
        cases
            .iter()
            .flat_map(|case| judged(&hub, check, case, &answer))
            .collect()
    }

    /// The same where the control succeeds, and is one request.
    pub(crate) fn found_failing(check: &dyn Check, answer: impl Fn(&str, Call) -> (Exchange, usize)) -> Vec<Finding> {
        found(check, |fault, call| match fault {
            Some(fault) => answer(fault, call),
            None => (succeeded(call, json!({"id": "1"})), 1),
        })
    }

    /// The same of a check whose cases begin with a control that is one request.
    pub(crate) fn found_changing(
        check: &dyn Check,
        answer: impl Fn(Option<&str>, Call) -> (Exchange, usize),
    ) -> Vec<Finding> {
        found_changing_beside(check, 1, answer)
    }

    /// The same where the control is so many requests.
    pub(crate) fn found_changing_beside(
        check: &dyn Check,
        requests: usize,
        answer: impl Fn(Option<&str>, Call) -> (Exchange, usize),
    ) -> Vec<Finding> {
        found(check, |fault, call| match call.label.as_str() {
            CONTROL => (succeeded(call, json!({"id": "1"})), requests),
            _ => answer(fault, call),
        })
    }

    /// The same where each tool has this output schema.
    pub(crate) fn found_with_outputs(
        check: &dyn Check,
        output: &Value,
        answer: impl Fn(&str, Call) -> (Exchange, usize),
    ) -> Vec<Finding> {
        let hub = hub_with_outputs(output);
        let cases = hub.plan(check).expect("the hub has a played vendor");
        let answer = |fault: Option<&str>, call| match fault {
            Some(fault) => answer(fault, call),
            None => (succeeded(call, json!({"id": "1"})), 1),
        };
        cases
            .iter()
            .flat_map(|case| judged(&hub, check, case, answer))
            .collect()
    }

    /// The same where a program has the vendor fail, so that nobody knows what reaches it: beside each finding the fault.
    pub(crate) fn found_unwatched(
        check: &dyn Check,
        output: &Value,
        answer: impl Fn(Call) -> Exchange,
    ) -> Vec<(String, Finding)> {
        let hub = hub_with_outputs(output);
        let cases = hub.plan(check).expect("the hub has a played vendor");
        let found = |case: &Case| {
            let (exchanges, mut deeds) = played(case, |fault, call| match fault {
                Some(_) => (answer(call), 1),
                None => (succeeded(call, json!({"id": "1"})), 1),
            });
            for deed in &mut deeds {
                deed.outcome = Ok(Done::Unwatched);
            }
            let schemas = Schemas::of(&hub.surface);
            let evidence = evidence(&hub, &schemas, case, &exchanges, &deeds);
            let fault = fault_of(&evidence).to_owned();
            let findings = check.judge(&evidence).into_iter();
            findings.map(|finding| (fault.clone(), finding)).collect::<Vec<_>>()
        };
        cases.iter().flat_map(found).collect()
    }

    fn hub_with_outputs(output: &Value) -> Hub {
        let mut hub = hub();
        for tool in &mut hub.surface.tools {
            tool.output_schema = Some(output.clone()).filter(|output| !output.is_null());
        }
        hub
    }

    fn judged(
        hub: &Hub,
        check: &dyn Check,
        case: &Case,
        answer: impl Fn(Option<&str>, Call) -> (Exchange, usize),
    ) -> Vec<Finding> {
        let (exchanges, deeds) = played(case, answer);
        check.judge(&evidence(hub, &Schemas::of(&hub.surface), case, &exchanges, &deeds))
    }

    fn evidence<'e>(
        hub: &'e Hub,
        schemas: &'e Schemas,
        case: &'e Case,
        exchanges: &'e [Exchange],
        deeds: &'e [Deed],
    ) -> Evidence<'e> {
        Evidence {
            surface: &hub.surface,
            schemas,
            case: Some(case),
            exchanges: exchanges.iter().collect(),
            deeds,
        }
    }

    fn played(case: &Case, answer: impl Fn(Option<&str>, Call) -> (Exchange, usize)) -> (Vec<Exchange>, Vec<Deed>) {
        let (mut exchanges, mut deeds): (Vec<Exchange>, Vec<Deed>) = (Vec::new(), Vec::new());
        let mut fault = None;
        for step in &case.steps {
            if let Step::Vendor(begins) = step {
                fault = begins.fault.as_deref();
                deeds.push(Deed {
                    label: begins.label.clone(),
                    outcome: Ok(Done::Reached(Vec::new())),
                });
            }
            for call in step.calls() {
                assert_eq!(call.json().expect("a body")["connection_id"], "conn_played");
                let changes = call.tool().is_some_and(|tool| tool.ends_with(".create"));
                let (exchange, requests) = answer(fault, call.clone());
                exchanges.push(Exchange {
                    number: exchanges.len() as u64 + 1,
                    ..exchange
                });
                if let Some(Ok(Done::Reached(arrivals))) = deeds.last_mut().map(|deed| &mut deed.outcome) {
                    arrivals.extend(vec![arrival(changes); requests]);
                }
            }
        }
        (exchanges, deeds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_in_words() {
        let told = ["status:503", "throttle:7", "reset-in-body", "stall"].map(in_words);
        assert_eq!(told, ["503", "429", "reset in body", "stall"]);
    }
}
