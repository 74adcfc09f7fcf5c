//! The part of `bench.json` that is needed (docs/bench.schema.json).

use serde::Deserialize;

/// A bench, as it was stored.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    /// Requests sent, those of discovery and of the warm-up with them.
    pub(super) requests: u64,
    measurement: Option<Measurement>,
}

#[derive(Debug, Deserialize)]
struct Measurement {
    measured_ms: f64,
    successes: u64,
    unsent: u64,
    response: Vec<Series>,
    service: Vec<Series>,
}

/// The latencies of one tool and outcome, in milliseconds.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Series {
    outcome: String,
    /// The median.
    pub(super) p50: f64,
    /// What one call in a hundred exceeds.
    pub(super) p99: f64,
    /// What one call in a thousand exceeds.
    #[serde(rename = "p99_9")]
    pub(super) p999: f64,
}

impl Report {
    /// What was measured of a hub that answered every call with success.
    fn whole(&self) -> Result<&Measurement, String> {
        let measurement = self.measurement.as_ref();
        let measurement = measurement.ok_or("`hubproof bench` measured nothing")?;
        let other = measurement.response.iter().find(|series| series.outcome != "success");
        match other {
            Some(series) => Err(format!(
                "`hubproof bench` got answers that are no success: {}",
                series.outcome
            )),
            None if measurement.unsent > 0 => Err(format!("`hubproof bench` left {} calls unsent", measurement.unsent)),
            None => Ok(measurement),
        }
    }

    /// Successes a second, over the measured time.
    pub(super) fn rate(&self) -> Result<f64, String> {
        let measurement = self.whole()?;
        Ok(measurement.successes as f64 / (measurement.measured_ms / 1000.0))
    }

    /// From the moment at which calls were meant to be sent, of a bench of one tool.
    pub(super) fn response(&self) -> Result<&Series, String> {
        only(&self.whole()?.response)
    }

    /// From the sending, of a bench of one tool.
    pub(super) fn service(&self) -> Result<&Series, String> {
        only(&self.whole()?.service)
    }
}

fn only(series: &[Series]) -> Result<&Series, String> {
    match series {
        [only] => Ok(only),
        _ => Err(format!("`hubproof bench` told {} series of one tool", series.len())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn series(outcome: &str, p50: f64) -> Value {
        json!({"place": "execute", "tool": "a.b.list", "outcome": outcome, "count": 9, "p50": p50, "p99": 2.0, "p99_9": 3.0})
    }

    fn report(response: &[Value], unsent: u64) -> Report {
        let measurement = json!({
            "measured_ms": 500.0, "calls": 100, "successes": 100, "unsent": unsent,
            "response": response, "service": [series("success", 0.5)],
        });
        serde_json::from_value(json!({"requests": 130, "measurement": measurement})).unwrap()
    }

    #[test]
    fn rate_and_percentiles_are_those_of_the_successes() {
        let told = report(&[series("success", 1.0)], 0);
        assert_eq!(told.rate(), Ok(200.0));
        assert_eq!(told.response().map(|series| series.p50), Ok(1.0));
        assert_eq!(told.service().map(|series| series.p50), Ok(0.5));
        assert_eq!(told.response().map(|series| series.p999), Ok(3.0));
    }

    #[test]
    fn refusals_and_calls_left_unsent_spoil_the_measurement() {
        assert!(
            report(&[series("success", 1.0), series("throttled", 1.0)], 0)
                .rate()
                .is_err()
        );
        assert!(report(&[series("success", 1.0)], 1).response().is_err());
        assert!(report(&[], 0).response().is_err());
    }

    #[test]
    fn a_bench_that_measured_nothing_is_no_figure() {
        let told: Report = serde_json::from_value(json!({"requests": 3, "measurement": null})).unwrap();
        assert!(told.rate().is_err());
    }
}
