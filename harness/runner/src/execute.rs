//! Sends a plan's cases, several at a time, and hands each on as it is answered.

use std::pin::pin;

use futures::StreamExt;
use futures::stream;
use hubproof_model::case::{Case, Deed};
use hubproof_model::event::Event;
use hubproof_model::exchange::Exchange;
use hubproof_model::profile::Profile;
use hubproof_wire::Session;

use crate::interrupt::Interrupt;
use crate::plan::Plan;
use crate::script::Stage;
use crate::vendors::PlayedVendors;

/// A case that was sent.
#[derive(Debug, Clone)]
pub struct ExecutedCase {
    /// Its place in the plan.
    pub index: usize,
    /// The exchanges that its judges see: one a call, in the order of the calls.
    pub exchanges: Vec<Exchange>,
    /// What came of its steps that are no calls.
    pub deeds: Vec<Deed>,
    /// What else was sent: answers of a throttling target to calls that were sent again, earlier rounds of an observation, an
    /// approver's requests.
    pub beside: Vec<Exchange>,
}

/// Sends the cases with `jobs` of them in flight, and at the end the exclusive ones, each by itself; `on_case` sees each as it
/// ends. Ends early when interrupted: cases that had begun are still handed on, the rest is not sent.
pub async fn execute(
    ground: (&Session, &Profile),
    vendors: &PlayedVendors,
    plan: &Plan,
    jobs: usize,
    interrupt: &Interrupt,
    events: &(dyn Fn(Event) + Sync),
    mut on_case: impl FnMut(ExecutedCase),
) {
    let (session, profile) = ground;
    let stage = Stage::new(session, profile, events).before(vendors);
    let of_kind = |exclusive: bool| {
        let cases = plan.cases.iter().enumerate();
        let cases = cases.filter(move |(_, planned)| planned.case.exclusive == exclusive);
        let begun = cases.take_while(|_| interrupt.reason().is_none());
        stream::iter(begun.map(|(index, planned)| play_case(&stage, index, &planned.case, events)))
    };
    let shared = of_kind(false).buffer_unordered(jobs.max(1));
    let mut executed = pin!(shared.chain(of_kind(true).buffer_unordered(1)));
    loop {
        tokio::select! {
            biased;
            _ = interrupt.stopped() => break,
            case = executed.next() => match case {
                Some(case) => on_case(case),
                None => return,
            },
        }
    }
    // What is in flight ends; further calls of its cases are answered by the session itself, at once.
    session.interrupt();
    events(Event::Interrupted);
    while let Some(case) = executed.next().await {
        on_case(case);
    }
}

async fn play_case(stage: &Stage<'_>, index: usize, case: &Case, events: &(dyn Fn(Event) + Sync)) -> ExecutedCase {
    events(Event::CaseStarted { case: case.id.clone() });
    let played = stage.play(case).await;
    ExecutedCase {
        index,
        exchanges: played.exchanges,
        deeds: played.deeds,
        beside: played.beside,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use hubproof_model::call::Call;
    use hubproof_wire::SessionOptions;

    use super::*;
    use crate::plan::PlannedCase;

    #[tokio::test]
    async fn an_exclusive_case_goes_out_alone_after_the_others() {
        // Nothing listens there: a case ends as soon as its connection is refused.
        let profile = Profile::of_url("http://127.0.0.1:1/api/v1");
        let session = Session::new(&profile, SessionOptions::default()).unwrap();
        let case = |id: &str| Case::new(id, "", vec![Call::listing(None)]);
        let cases = [
            case("x1").exclusively(),
            case("a"),
            case("x2").exclusively(),
            case("b"),
            case("c"),
        ];
        let planned = |case| PlannedCase {
            case,
            requirements: Vec::new(),
        };
        let plan = Plan {
            cases: cases.map(planned).to_vec(),
            unexercised: Vec::new(),
        };
        let happened = Mutex::new(Vec::new());
        let started = |event: Event| {
            if let Event::CaseStarted { case } = event {
                happened.lock().unwrap().push(format!("{case} starts"));
            }
        };
        let ended = |executed: ExecutedCase| {
            let id = &plan.cases[executed.index].case.id;
            happened.lock().unwrap().push(format!("{id} ends"));
        };
        execute(
            (&session, &profile),
            &PlayedVendors::default(),
            &plan,
            8,
            &Interrupt::default(),
            &started,
            ended,
        )
        .await;
        let happened = happened.into_inner().unwrap();
        assert_eq!(
            happened[6..],
            ["x1 starts", "x1 ends", "x2 starts", "x2 ends"],
            "{happened:?}"
        );
    }
}
