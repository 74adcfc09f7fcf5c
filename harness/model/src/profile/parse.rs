//! Reads a profile from TOML: every table and key is known, every value checked, and every mistake has its place.

use toml::de::DeTable;

use super::error::ProfileError;
use super::node::{Section, Source};
use super::variables::Variables;
use super::{
    Profile, approvals, base_url, connections, dialect, effects, keys, safety, slo, target, tool_inputs, upstream,
};

const TABLES: [&str; 10] = [
    "target",
    "keys",
    "connections",
    "safety",
    "inputs",
    "effects",
    "approvals",
    "upstream",
    "slo",
    "dialect",
];

impl Profile {
    /// Reads a profile; `variable` looks up environment variables.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse(text: &str, variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, ProfileError> {
        Self::parse_with_url(text, None, variable)
    }

    /// Reads a profile whose URL was given elsewhere: `[target] url` may then be missing, and is not looked at.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn parse_with_url(
        text: &str,
        url: Option<&str>,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, ProfileError> {
        let document = DeTable::parse(text)?;
        let variables: Variables<'_> = variable;
        let source = Source {
            text,
            variables,
            opening: "[target]",
        };
        let root = Section::root(source, &document).only(&TABLES)?;
        let mut warnings = Vec::new();
        let target = target::read(root.get("target").as_ref(), url)?;
        let keys = root
            .read("keys", |node| keys::read(&node, &mut warnings))?
            .unwrap_or_default();
        if !keys.by_role.is_empty() && base_url::is_exposed(&target.url) {
            warnings.push("`url` in [target] is not https: keys sent there can be read on their way".to_owned());
        }
        let effects = root.read("effects", |node| effects::read(&node, &target, &mut warnings))?;
        let approvals = root.read("approvals", |node| approvals::read(&node, &keys, &mut warnings))?;
        Ok(Self {
            target,
            keys,
            connections: root
                .read("connections", |node| connections::read(&node))?
                .unwrap_or_default(),
            safety: root.read("safety", |node| safety::read(&node))?.unwrap_or_default(),
            inputs: root
                .read("inputs", |node| tool_inputs::read(&node))?
                .unwrap_or_default(),
            effects: effects.unwrap_or_default(),
            approvals: approvals.unwrap_or_default(),
            upstream: root.read("upstream", |node| upstream::read(&node))?.unwrap_or_default(),
            beside: Vec::new(),
            slo: root.read("slo", |node| slo::read(&node))?.unwrap_or_default(),
            dialect: root.read("dialect", |node| dialect::read(&node))?.unwrap_or_default(),
            warnings,
        })
    }
}
