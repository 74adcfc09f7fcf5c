//! The pool: for each tool of the mix the calls that it gets, drawn and written out before the clock starts.
//!
//! A valid input is not yet a fair one: an id that nobody has is valid, and its refusal says nothing of how long the tool takes. So each
//! input that the pool takes of a read tool was tried once, and succeeded. State-changing tools are not tried: their inputs are the likely
//! one, each with a marker of its own.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use hubproof_model::call::{Call, ExecuteBody};
use hubproof_model::exchange::{Exchange, Fault};
use hubproof_model::outcome::Outcome;
use hubproof_model::surface::Tool;
use hubproof_requirements::drawing::Drawing;
use hubproof_requirements::judging::{is_throttled, observed};
use hubproof_requirements::lone::VALID;
use hubproof_requirements::ordinary::Asked;
use hubproof_requirements::site::Site;
use hubproof_runner::throttle::{Sent, ThrottledSession};
use hubproof_wire::{LoadTarget, Prepared};
use serde_json::Value;

/// How many inputs a tool gets at most.
const INPUTS: usize = 8;
/// How many are drawn for them: the smallest and the largest come first, and are often unlikely ones.
const DRAWN: usize = 24;
/// The longest input that is drawn, in bytes: what people send is no megabyte.
const LONGEST: usize = 4096;
/// How many calls are tried at once.
const AT_ONCE: usize = 8;

/// The calls of each tool of the mix, in the order of the keys.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) tools: Vec<PooledTool>,
}

/// The calls of a tool.
#[derive(Debug)]
pub(crate) struct PooledTool {
    pub(crate) key: String,
    /// Never empty.
    pub(crate) calls: Vec<PooledCall>,
    pub(crate) asked: Asked,
    /// How further inputs are drawn, where those that were drawn and tried all succeeded.
    pub(crate) drawing: Option<Drawing>,
}

/// A call, and the request that it is.
#[derive(Debug)]
pub(crate) struct PooledCall {
    pub(crate) call: Call,
    pub(crate) prepared: Prepared,
}

/// How many calls are tried at most, of so many tools.
pub(crate) fn most_trials(tools: usize) -> u64 {
    (tools as u64).saturating_mul(INPUTS as u64)
}

/// Whether people would send it.
pub(crate) fn is_short(input: &Value) -> bool {
    input.to_string().len() <= LONGEST
}

/// What filling a pool came to.
#[derive(Debug)]
pub(crate) struct Filled {
    pub(crate) pool: Pool,
    /// The tools that were left out, and why.
    pub(crate) left_out: BTreeMap<String, String>,
    /// All that was tried, for its answers to be judged like those of the load.
    pub(crate) tried: Vec<Exchange>,
}

/// Fills the pool of these tools.
///
/// # Errors
/// A call that the harness may not send, or cannot: a fault of its own.
pub(crate) async fn fill(
    session: &ThrottledSession<'_>,
    target: &LoadTarget,
    site: &Site<'_>,
    tools: &[&Tool],
) -> Result<Filled, Fault> {
    let (reads, writes): (Vec<&Tool>, Vec<&Tool>) = tools.iter().partition(|tool| !tool.risk().is_state_changing());
    let mut left_out = BTreeMap::new();
    let mut chosen: BTreeMap<&str, (Vec<Call>, Option<Drawing>)> = BTreeMap::new();
    let mut all_tried = Vec::new();
    for (tool, exchanges) in tried(session, site, &reads).await {
        all_tried.extend(
            exchanges
                .likely
                .iter()
                .chain(&exchanges.drawn)
                .map(|sent| sent.exchange.clone()),
        );
        match choose(site, tool, exchanges) {
            Ok(calls) => drop(chosen.insert(&tool.key, calls)),
            Err(why) => drop(left_out.insert(tool.key.clone(), why)),
        }
    }
    for tool in writes {
        let calls = marked(site, tool);
        match calls.is_empty() {
            true => drop(left_out.insert(tool.key.clone(), NO_INPUT.to_owned())),
            false => drop(chosen.insert(&tool.key, (calls, None))),
        }
    }
    let pooled = chosen.into_iter().filter_map(|(key, (calls, further))| {
        let asked = calls.first().and_then(Asked::of)?;
        Some((key.to_owned(), calls, asked, further))
    });
    let prepare = |call: Call| {
        Ok(PooledCall {
            prepared: target.prepare(&call)?,
            call,
        })
    };
    let pooled = pooled.map(|(key, calls, asked, further)| {
        let calls = calls.into_iter().map(prepare).collect::<Result<_, Fault>>()?;
        Ok(PooledTool {
            key,
            calls,
            asked,
            drawing: further,
        })
    });
    Ok(Filled {
        pool: Pool {
            tools: pooled.collect::<Result<_, Fault>>()?,
        },
        left_out,
        tried: all_tried,
    })
}

const NO_INPUT: &str = "no input can be made for it";

/// What was tried on a tool: the answers to its likely input and to those that were drawn.
struct Trials {
    likely: Option<Sent>,
    drawn: Vec<Sent>,
}

/// Tries the likely input of each tool and, where it succeeds, drawn ones.
async fn tried<'t>(session: &ThrottledSession<'_>, site: &Site<'_>, tools: &[&'t Tool]) -> Vec<(&'t Tool, Trials)> {
    let send = async |call: Option<Call>| match call {
        Some(call) => Some(session.send("bench/pool", &call).await),
        None => None,
    };
    let likely = |tool: &&'t Tool| {
        site.good_input(tool)
            .map(|input| Call::execute(tool, ExecuteBody::new(input)))
    };
    let calls: Vec<_> = tools.iter().map(likely).collect();
    let likely: Vec<_> = stream::iter(calls).map(send).buffered(AT_ONCE).collect().await;
    let mut trials: Vec<_> = tools
        .iter()
        .zip(likely)
        .map(|(tool, likely)| {
            (
                *tool,
                Trials {
                    likely,
                    drawn: Vec::new(),
                },
            )
        })
        .collect();
    let mut calls = Vec::new();
    for (place, (tool, trials)) in trials.iter().enumerate() {
        if trials.likely.as_ref().is_some_and(succeeds) {
            calls.extend(drawn(site, tool).into_iter().map(|call| (place, call)));
        }
    }
    let send = async |(place, call): (usize, Call)| (place, session.send("bench/pool", &call).await);
    let mut answers = stream::iter(calls).map(send).buffered(AT_ONCE);
    while let Some((place, sent)) = answers.next().await {
        if let Some((_, trials)) = trials.get_mut(place) {
            trials.drawn.push(sent);
        }
    }
    trials
}

fn succeeds(sent: &Sent) -> bool {
    Outcome::of(&sent.exchange) == Outcome::Success
}

/// Calls with inputs that the profile names, and with drawn ones: all but the likely one.
fn drawn(site: &Site<'_>, tool: &Tool) -> Vec<Call> {
    let Some(drawing) = Drawing::of(site, tool) else {
        return Vec::new();
    };
    let drawn = drawing.draw(site.seed, DRAWN).into_iter().filter(is_short).rev();
    let likely = site.good_input(tool);
    let mut inputs: Vec<Value> = Vec::new();
    // The last of those that are drawn are the likeliest: they are random.
    for input in drawing.named().cloned().chain(drawn) {
        if Some(&input) != likely.as_ref() && !inputs.contains(&input) && inputs.len() + 1 < INPUTS {
            inputs.push(input);
        }
    }
    let call = |input| Call::execute(tool, ExecuteBody::new(input));
    inputs.into_iter().map(call).collect()
}

/// The calls that succeeded, and how further ones are drawn.
///
/// # Errors
/// Why there are none.
fn choose(site: &Site<'_>, tool: &Tool, trials: Trials) -> Result<(Vec<Call>, Option<Drawing>), String> {
    let likely = trials.likely.ok_or(NO_INPUT)?;
    if is_throttled(&likely.exchange) {
        return Err("the hub's rate limit let no call of it through: give a key with a higher limit".to_owned());
    }
    if !succeeds(&likely) {
        return Err(format!(
            "its likely input does not succeed ({}); name one that does in [inputs.\"{}\"] examples",
            observed(&likely.exchange),
            tool.key
        ));
    }
    // One that the limit let through at no time says nothing of its input.
    let told = trials.drawn.into_iter().filter(|sent| !is_throttled(&sent.exchange));
    let drawn: Vec<_> = told.collect();
    let all_succeed = !drawn.is_empty() && drawn.iter().all(succeeds);
    let succeeding = drawn.into_iter().filter(succeeds);
    let calls = std::iter::once(likely).chain(succeeding);
    let calls = calls.map(|sent| sent.exchange.call.labelled(VALID));
    Ok((calls.collect(), Drawing::of(site, tool).filter(|_| all_succeed)))
}

/// Calls of a state-changing tool, each with a marker of its own where the tool has a place for one.
fn marked(site: &Site<'_>, tool: &Tool) -> Vec<Call> {
    let Some(input) = site.good_input(tool) else {
        return Vec::new();
    };
    let mut calls: Vec<Call> = Vec::new();
    for number in 0..INPUTS {
        let name = format!("bench/{}/{number}", tool.key);
        let call = Call::execute(tool, ExecuteBody::new(site.marked(tool, input.clone(), &name))).labelled(VALID);
        if !calls.contains(&call) {
            calls.push(call);
        }
    }
    calls
}
