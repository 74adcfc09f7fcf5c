//! How the writes of a hub's tools show: as the profile says, else as their names and schemas tell.

mod infer;
mod mistakes;
mod names;
pub mod scene;
pub mod seen;

use std::collections::BTreeMap;

use hubproof_model::effect::Effect;
use hubproof_model::profile::Profile;
use hubproof_model::surface::Surface;

pub use self::infer::Inputs;
pub use self::mistakes::mistakes;

/// The effects of a hub's state-changing tools, by tool key.
#[derive(Debug, Clone, Default)]
pub struct Effects {
    by_tool: BTreeMap<String, KnownEffect>,
}

/// An effect and where it is known from.
#[derive(Debug, Clone, PartialEq)]
pub struct KnownEffect {
    /// How it shows.
    pub effect: Effect,
    /// Whether the profile says so; else it is inferred.
    pub pinned: bool,
}

impl Effects {
    /// Those that the profile pins, and those that can be inferred.
    pub fn of(surface: &Surface, profile: &Profile, inputs: &dyn Inputs) -> Self {
        let mut by_tool = infer::infer(surface, profile, inputs);
        let pinned = profile.effects.iter().map(|(key, effect)| {
            let mut effect = effect.clone();
            let read = effect.read_mut();
            if read.pages.is_none() {
                // A user who names a listing need not know that a run can make more than a page of it.
                read.pages = surface.tool(&read.tool).and_then(infer::pages_of);
            }
            (key.clone(), KnownEffect { effect, pinned: true })
        });
        by_tool.extend(pinned);
        Self { by_tool }
    }

    /// How the tool's effect shows.
    pub fn of_tool(&self, key: &str) -> Option<&Effect> {
        self.by_tool.get(key).map(|known| &known.effect)
    }

    /// Whether the profile says how the tool's effect shows.
    pub fn is_pinned(&self, key: &str) -> bool {
        self.by_tool.get(key).is_some_and(|known| known.pinned)
    }

    /// All of them, sorted by tool.
    pub fn all(&self) -> impl Iterator<Item = (&str, &KnownEffect)> {
        self.by_tool.iter().map(|(key, known)| (key.as_str(), known))
    }
}

#[cfg(test)]
mod tests {
    use hubproof_model::effect::{Creates, Pages, Read};
    use hubproof_model::safety::Risk;
    use serde_json::json;

    use super::*;
    use crate::exchanges::{Hub, tool};

    #[test]
    fn further_pages_of_what_the_profile_names_are_inferred() {
        let listing =
            json!({"type": "object", "properties": {"offset": {"type": "integer"}, "limit": {"type": "integer"}}});
        let mut hub = Hub::of(vec![
            tool("a.things.make", Risk::Write, json!({"type": "object"})),
            tool("a.things.find", Risk::Read, listing),
        ]);
        let pinned = Effect::Creates(Creates {
            marker: "/title".to_owned(),
            read: Read {
                tool: "a.things.find".to_owned(),
                input: json!({}),
                pages: None,
            },
            id: None,
            undo: None,
        });
        hub.profile.effects.insert("a.things.make".to_owned(), pinned);
        let site = hub.site();
        let effects = Effects::of(site.surface, site.profile, &NoInputs);
        let pages = effects.of_tool("a.things.make").unwrap().read().pages.clone();
        let offset = "/offset".to_owned();
        assert_eq!(pages, Some(Pages::Offset { at: offset }));
    }

    struct NoInputs;

    impl Inputs for NoInputs {
        fn good(&self, _: &hubproof_model::surface::Tool) -> Option<serde_json::Value> {
            None
        }

        fn accepts(&self, _: &hubproof_model::surface::Tool, _: &serde_json::Value) -> bool {
            false
        }
    }
}
