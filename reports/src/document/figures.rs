//! What is told of a histogram: a few figures for people, and all of it for programs.

use hubproof_latency::Histogram;
use serde::Serialize;

use super::time::Milliseconds;

/// A histogram with the figures that are taken from it.
#[derive(Debug, Serialize)]
pub(crate) struct Figures {
    pub(crate) count: u64,
    pub(crate) mean: Milliseconds,
    pub(crate) p50: Milliseconds,
    pub(crate) p90: Milliseconds,
    pub(crate) p99: Milliseconds,
    pub(crate) p99_9: Milliseconds,
    pub(crate) max: Milliseconds,
    /// HdrHistogram's V2 compressed encoding in base64, in nanoseconds.
    pub(crate) hdr: String,
}

impl Figures {
    pub(crate) fn of(histogram: &Histogram) -> Self {
        let at = |part| histogram.quantile(part).into();
        Self {
            count: histogram.count(),
            mean: histogram.mean().into(),
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p99_9: at(0.999),
            max: histogram.max().into(),
            hdr: histogram.encode(),
        }
    }

    /// The histogram, if the figures are its own.
    pub(crate) fn histogram(&self) -> Result<Histogram, String> {
        let histogram = Histogram::decode(&self.hdr).map_err(|fault| fault.to_string())?;
        if histogram.count() != self.count {
            let (held, told) = (histogram.count(), self.count);
            return Err(format!("the histogram holds {held} latencies, and `count` says {told}"));
        }
        let own = Self::of(&histogram);
        let pairs = [
            ("mean", own.mean, self.mean),
            ("p50", own.p50, self.p50),
            ("p90", own.p90, self.p90),
            ("p99", own.p99, self.p99),
            ("p99_9", own.p99_9, self.p99_9),
            ("max", own.max, self.max),
        ];
        match pairs.into_iter().find(|(_, own, told)| own != told) {
            None => Ok(histogram),
            Some((name, own, told)) => Err(format!(
                "the histogram's `{name}` is {}, and the row says {}",
                own.number(),
                told.number()
            )),
        }
    }
}
