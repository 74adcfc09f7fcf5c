//! `hubproof bench` against oha: the same tool of the same hub over as many connections, ours with every answer checked.

use super::{Figure, Measure, pair};
use crate::bench::goal::{Goal, Unit};
use crate::bench::load::{Load, ratio};
use crate::bench::own::{Own, Pace};
use crate::bench::scene::{CONNECTIONS, Scene, TOOL};

/// Inputs drawn before the clock starts.
pub(super) const POOLED: AgainstOha = AgainstOha {
    name: "closed",
    live: false,
    figures: &[
        Figure {
            what: "`bench`, every answer checked, pooled inputs: req/s ÷ oha",
            unit: Unit::Times,
            goal: Goal::AtLeast(0.80),
        },
        Figure {
            what: "the same: client CPU per request ÷ oha",
            unit: Unit::Times,
            goal: Goal::AtMost(1.6),
        },
    ],
};

/// Inputs drawn as it goes.
pub(super) const LIVE: AgainstOha = AgainstOha {
    name: "live",
    live: true,
    figures: &[
        Figure {
            what: "`bench --live`: req/s ÷ oha",
            unit: Unit::Times,
            goal: Goal::AtLeast(0.60),
        },
        Figure {
            what: "the same: client CPU per request ÷ oha",
            unit: Unit::Times,
            goal: Goal::AtMost(2.5),
        },
    ],
};

pub(super) struct AgainstOha {
    name: &'static str,
    live: bool,
    figures: &'static [Figure],
}

impl Measure for AgainstOha {
    fn name(&self) -> &'static str {
        self.name
    }

    fn figures(&self) -> &'static [Figure] {
        self.figures
    }

    fn measure(&self, scene: &Scene, round: u32) -> Result<Vec<f64>, String> {
        let (hub, time) = (&scene.hub, scene.extent.load);
        let oha = || {
            let url = hub.execute_url(TOOL);
            scene.oha()?.post(&url, &hub.key, &scene.pool, CONNECTIONS, time)
        };
        let own = || {
            let benched = Own::new(scene, hub)
                .live(self.live)
                .run(Pace::Closed(CONNECTIONS), time)?;
            let told = &benched.report;
            // Discovery and the warm-up cost too, and are calls like the others.
            Ok(Load::new(told.rate()?, told.requests as f64, benched.cpu))
        };
        let (ours, theirs) = pair(round, own, oha)?;
        Ok(vec![ours.rate / theirs.rate, ratio(ours.cost, theirs.cost)])
    }
}
