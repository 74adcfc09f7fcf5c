//! A connector whose vendors take the time that latency profiles give them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::{Instant, sleep};

use super::{Draws, Latency, LatencyRule, total};
use crate::catalogue::Catalogue;
use crate::connectors::{BoxFuture, Connector, Data, VendorCall, VendorError};

/// A latency is for tools that the catalogue does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a latency is for `{pattern}`, and no tool is called so{}", .near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
pub struct UnknownTools {
    /// What was to name tools.
    pub pattern: String,
    /// The tool whose key comes closest.
    pub near: Option<String>,
}

/// Vendors that take their time, and then do what those behind them do.
pub(crate) struct Slowed {
    vendors: Arc<dyn Connector>,
    began: Instant,
    tools: HashMap<String, Pace>,
}

/// How long the calls of one tool take.
struct Pace {
    latencies: Vec<Latency>,
    draws: Mutex<Draws>,
}

impl Slowed {
    /// Vendors slowed by these rules from now on; stalls are counted from here.
    pub(crate) fn new(
        vendors: Arc<dyn Connector>,
        catalogue: &Catalogue,
        rules: &[LatencyRule],
        seed: u64,
    ) -> Result<Self, UnknownTools> {
        if let Some(unknown) = rules.iter().find_map(|rule| unknown(rule, catalogue)) {
            return Err(unknown);
        }
        let pace = |tool: &str| Pace {
            latencies: rules
                .iter()
                .filter(|rule| rule.tools.as_ref().is_none_or(|tools| tools.matches(tool)))
                .map(|rule| rule.latency)
                .collect(),
            draws: Mutex::new(Draws::of_tool(seed, tool)),
        };
        let tools = catalogue.tools.iter();
        Ok(Self {
            vendors,
            began: Instant::now(),
            tools: tools.map(|tool| (tool.key.clone(), pace(&tool.key))).collect(),
        })
    }
}

impl Connector for Slowed {
    fn execute<'a>(&'a self, call: VendorCall<'a>) -> BoxFuture<'a, Result<Data, VendorError>> {
        let Some(pace) = self.tools.get(&call.tool.key).filter(|pace| !pace.latencies.is_empty()) else {
            return self.vendors.execute(call);
        };
        // Drawn before anything is awaited: in the order in which calls arrive.
        let delay = {
            let mut draws = pace.draws.lock().unwrap_or_else(PoisonError::into_inner);
            total(&pace.latencies, self.began.elapsed(), &mut draws)
        };
        // tokio's timer counts whole milliseconds and rounds up: sleeping for nothing would take one.
        if delay.is_zero() {
            return self.vendors.execute(call);
        }
        Box::pin(async move {
            sleep(delay).await;
            self.vendors.execute(call).await
        })
    }
}

fn unknown(rule: &LatencyRule, catalogue: &Catalogue) -> Option<UnknownTools> {
    let tools = rule.tools.as_ref()?;
    if catalogue.tools.iter().any(|tool| tools.matches(&tool.key)) {
        return None;
    }
    let likeness = |key: &str| strsim::jaro_winkler(tools.as_str(), key);
    let nearest = catalogue
        .tools
        .iter()
        .map(|tool| (likeness(&tool.key), &tool.key))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|one, other| one.0.total_cmp(&other.0));
    Some(UnknownTools {
        pattern: tools.as_str().to_owned(),
        near: nearest.map(|(_, key)| key.clone()),
    })
}
