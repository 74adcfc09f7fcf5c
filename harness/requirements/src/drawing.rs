//! Draws inputs of a tool as the profile wants them, as many as are asked for.

use std::fmt;
use std::sync::Arc;

use hubproof_model::profile::ToolInputs;
use hubproof_model::surface::Tool;
use schema_gen::Generator;
use serde_json::Value;

use crate::inputs::fitted;
use crate::site::Site;

/// Draws valid inputs of a tool.
#[derive(Clone)]
pub struct Drawing {
    generator: Arc<Generator>,
    known: Option<ToolInputs>,
}

impl fmt::Debug for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drawing").finish_non_exhaustive()
    }
}

impl Drawing {
    /// For a tool of the site. `None` where no input can be made for it.
    #[must_use]
    pub fn of(site: &Site<'_>, tool: &Tool) -> Option<Self> {
        Some(Self {
            generator: site.generator(tool).ok()?,
            known: site.profile.inputs.get(&tool.key).cloned(),
        })
    }

    /// The inputs that the profile names, as they stand.
    pub fn named(&self) -> impl Iterator<Item = &Value> {
        self.known.iter().flat_map(|known| &known.examples)
    }

    /// Distinct inputs, at most so many, and others for each seed: the smallest and the largest first, random ones last.
    #[must_use]
    pub fn draw(&self, seed: u64, count: usize) -> Vec<Value> {
        let valid = self.generator.valid(seed, count).into_iter().enumerate();
        let fitting =
            valid.filter_map(|(pick, valid)| fitted(&self.generator, valid.instance, self.known.as_ref(), pick));
        fitting.collect()
    }
}
