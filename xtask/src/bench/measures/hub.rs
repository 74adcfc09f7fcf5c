//! The reference hub against what axum can do: both driven by oha with the same body, both answering the same bytes.

use super::{Figure, Measure, pair};
use crate::bench::goal::{Goal, Unit};
use crate::bench::load::{each, ratio};
use crate::bench::process::Running;
use crate::bench::scene::{CONNECTIONS, Scene, TOOL};

pub(super) struct AgainstAxum;

impl Measure for AgainstAxum {
    fn name(&self) -> &'static str {
        "hub"
    }

    fn figures(&self) -> &'static [Figure] {
        &[
            Figure {
                what: "reference hub, validated POST: req/s ÷ static axum",
                unit: Unit::Times,
                goal: Goal::AtLeast(0.50),
            },
            Figure {
                what: "the same: CPU per request ÷ static axum",
                unit: Unit::Times,
                goal: Goal::AtMost(2.3),
            },
        ]
    }

    fn measure(&self, scene: &Scene, round: u32) -> Result<Vec<f64>, String> {
        let serve = |process: &Running, url: &str| {
            let before = process.cpu()?;
            let oha = scene.oha()?;
            let load = oha.post(url, &scene.hub.key, &scene.fixed, CONNECTIONS, scene.extent.load)?;
            Ok((load.rate, each(process.cpu()? - before, load.calls)))
        };
        let (hub, plain) = pair(
            round,
            || serve(&scene.hub.process, &scene.hub.execute_url(TOOL)),
            || serve(&scene.plain.process, &scene.plain.url),
        )?;
        Ok(vec![hub.0 / plain.0, ratio(hub.1, plain.1)])
    }
}
