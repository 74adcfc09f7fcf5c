//! Latencies as people write them: `fixed:5ms`, `log-normal:5ms,0.5`, `stall:200ms/2s`, each perhaps for some tools alone.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::Latency;
use crate::catalogue::ToolPattern;

/// The largest spread that is taken: beyond it one call in six takes 148 times the median or more.
const LARGEST_SIGMA: f64 = 5.0;

/// A latency, and the tools that it is for. Written like the latency alone, or with a tool's key or a glob before it:
/// `itsm.tickets.list=fixed:20ms`, `crm.*=stall:1s/10s`.
#[derive(Debug, Clone)]
pub struct LatencyRule {
    /// The tools; all where there is none.
    pub tools: Option<ToolPattern>,
    /// How long their calls take.
    pub latency: Latency,
}

impl From<Latency> for LatencyRule {
    fn from(latency: Latency) -> Self {
        Self { tools: None, latency }
    }
}

/// Why a text is no latency.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum InvalidLatency {
    /// It names none of the kinds.
    #[error("`{0}` is no latency: write `fixed:5ms`, `log-normal:5ms,0.5` or `stall:200ms/2s`")]
    Kind(String),
    /// A part of it is no duration.
    #[error("`{text}` is no duration ({fault}): write `5ms`, `250us` or `2s`")]
    Duration {
        /// The part.
        text: String,
        /// What is wrong with it.
        fault: humantime::DurationError,
    },
    /// The spread of a log-normal is none.
    #[error("`{0}` is no sigma: write a number from 0 to {LARGEST_SIGMA} after the median, as in `log-normal:5ms,0.5`")]
    Sigma(String),
    /// A stall that never begins, or never ends.
    #[error("a stall lasts some time, and less than its period: write `stall:200ms/2s` for 200 ms in every 2 s")]
    Stall,
    /// What stands before `=` is no pattern.
    #[error("`{pattern}` names no tools: {fault}")]
    Tools {
        /// What stands there.
        pattern: String,
        /// What is wrong with it.
        fault: String,
    },
}

impl FromStr for Latency {
    type Err = InvalidLatency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unknown = || InvalidLatency::Kind(text.to_owned());
        let (kind, how) = text.split_once(':').ok_or_else(unknown)?;
        match kind {
            "fixed" => duration(how).map(Self::Fixed),
            "log-normal" => log_normal(how),
            "stall" => stall(how),
            _ => Err(unknown()),
        }
    }
}

fn log_normal(how: &str) -> Result<Latency, InvalidLatency> {
    let (median, spread) = how.split_once(',').unwrap_or((how, ""));
    let median = duration(median)?;
    let sigma = spread.trim().parse().ok();
    let sigma = sigma.filter(|sigma| (0.0..=LARGEST_SIGMA).contains(sigma));
    let sigma = sigma.ok_or_else(|| InvalidLatency::Sigma(spread.to_owned()))?;
    Ok(Latency::LogNormal { median, sigma })
}

fn stall(how: &str) -> Result<Latency, InvalidLatency> {
    let (lasting, every) = how.split_once('/').ok_or(InvalidLatency::Stall)?;
    let (lasting, every) = (duration(lasting)?, duration(every)?);
    if lasting.is_zero() || lasting >= every {
        return Err(InvalidLatency::Stall);
    }
    Ok(Latency::Stall { lasting, every })
}

fn duration(text: &str) -> Result<Duration, InvalidLatency> {
    humantime::parse_duration(text.trim()).map_err(|fault| InvalidLatency::Duration {
        text: text.to_owned(),
        fault,
    })
}

impl fmt::Display for Latency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = humantime::format_duration;
        match self {
            Self::Fixed(delay) => write!(f, "fixed:{}", text(*delay)),
            Self::LogNormal { median, sigma } => write!(f, "log-normal:{},{sigma}", text(*median)),
            Self::Stall { lasting, every } => write!(f, "stall:{}/{}", text(*lasting), text(*every)),
        }
    }
}

impl FromStr for LatencyRule {
    type Err = InvalidLatency;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some((pattern, latency)) = text.split_once('=') else {
            return Ok(Self::from(text.parse::<Latency>()?));
        };
        let tools = ToolPattern::try_from(pattern.to_owned()).map_err(|fault| InvalidLatency::Tools {
            pattern: pattern.to_owned(),
            fault: fault.kind().to_string(),
        })?;
        Ok(Self {
            tools: Some(tools),
            latency: latency.parse()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_written_again() {
        for text in [
            "fixed:5ms",
            "log-normal:5ms,0.5",
            "log-normal:1s 500ms,0",
            "stall:200ms/2s",
            "fixed:0s",
        ] {
            assert_eq!(text.parse::<Latency>().unwrap().to_string(), text);
        }
        assert_eq!("fixed:250us".parse(), Ok(Latency::Fixed(Duration::from_micros(250))));
    }

    #[test]
    fn what_is_no_latency_is_told_what_is_wrong() {
        let why = |text: &str| text.parse::<LatencyRule>().unwrap_err().to_string();
        for (text, told) in [
            ("", "`` is no latency"),
            ("5ms", "`5ms` is no latency"),
            ("constant:5ms", "`constant:5ms` is no latency"),
            ("fixed:", "`` is no duration"),
            ("fixed:5", "`5` is no duration"),
            ("fixed:-5ms", "`-5ms` is no duration"),
            ("log-normal:5ms", "`` is no sigma"),
            ("log-normal:5ms,-1", "`-1` is no sigma"),
            ("log-normal:5ms,NaN", "`NaN` is no sigma"),
            ("log-normal:5ms,5.1", "`5.1` is no sigma"),
            ("stall:200ms", "a stall lasts some time"),
            ("stall:0s/2s", "a stall lasts some time"),
            ("stall:2s/2s", "a stall lasts some time"),
            ("stall:2s/0s", "a stall lasts some time"),
            ("crm.[=fixed:5ms", "`crm.[` names no tools"),
            ("crm.*=fixed", "`fixed` is no latency"),
        ] {
            assert!(why(text).starts_with(told), "{text}: {}", why(text));
        }
    }

    #[test]
    fn a_rule_is_for_all_tools_or_for_those_it_names() {
        let everywhere: LatencyRule = "fixed:5ms".parse().unwrap();
        assert!(everywhere.tools.is_none());
        let crm: LatencyRule = "crm.*=fixed:5ms".parse().unwrap();
        let tools = crm.tools.unwrap();
        assert!(tools.matches("crm.deals.get") && !tools.matches("itsm.tickets.get"));
    }
}
