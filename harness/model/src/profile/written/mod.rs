//! A profile as it is written: the tables and keys of `hub.toml`, for people and editors.
//!
//! `docs/profile.schema.json` and the tables of `docs/profile.md` are generated from these types, their comments included. Nothing is read
//! into them: the readers beside this module keep the place of every value, so that they can say where a mistake is. A test holds the
//! readers' keys and defaults against these.
//!
//! What JSON Schema has no word for stands in annotations: `x-type` (a type in words), `x-default` (a default in words), `x-only-with` (what
//! a key stands beside) and `x-exercises` (the requirements that it lets a run exercise).

mod approvals;
mod connections;
mod dialect;
mod effects;
mod inputs;
mod keys;
mod safety;
mod slo;
mod target;
mod upstream;
mod words;

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::Value;

pub use approvals::{Approvals, DecisionRequest, ListRequest};
pub use connections::{Connection, Connections};
pub use dialect::Dialect;
pub use effects::{Call, Effect, ReadCall};
pub use inputs::Inputs;
pub use keys::Keys;
pub use safety::Safety;
pub use slo::{Objectives, Slo};
pub use target::Target;
pub use upstream::Upstream;
pub use words::{Allow, DriverName, Duration, Glob, Method, Pointer, Rate, ResetUnit, Share};

/// What is said of a hub under test (`hub.toml`). Only the URL is needed.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "profile", deny_unknown_fields)]
pub struct Profile {
    /// Where the target is, and how to talk to it.
    pub target: Option<Target>,
    /// API keys by role. Write each as a variable: `"${HUB_KEY}"`.
    pub keys: Option<Keys>,
    /// The connections that you vouch for.
    pub connections: Option<Connections>,
    /// How far a run may go. Flags win over the profile.
    pub safety: Option<Safety>,
    /// What is known of tools' inputs, by tool key.
    pub inputs: Option<BTreeMap<String, Inputs>>,
    /// How the effects of state-changing tools show, by tool key. What is not said here is inferred.
    pub effects: Option<BTreeMap<String, Effect>>,
    /// Which tools need approval by policy, and who decides on the entries.
    pub approvals: Option<Approvals>,
    /// Connections whose vendor a run plays, by connection id.
    pub upstream: Option<BTreeMap<String, Upstream>>,
    /// What you promise of the hub's latency, by risk level and by tool key.
    pub slo: Option<Slo>,
    /// How the hub spells what the reference leaves open.
    pub dialect: Option<Dialect>,
}

/// The JSON Schema of a profile.
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12().with_transform(Tidy);
    settings.into_generator().into_root_schema_for::<Profile>().to_value()
}

/// Leaves out what TOML has not (`null`) and what only Rust has (`uint64`), and puts each paragraph of a comment on one line.
#[derive(Debug, Clone)]
struct Tidy;

impl Transform for Tidy {
    fn transform(&mut self, schema: &mut Schema) {
        transform_subschemas(self, schema);
        schema.remove("format");
        if let Some(Value::Array(types)) = schema.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                schema.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(choice)) = schema.get_mut("anyOf") {
            choice.retain(|one| one.get("type").is_none_or(|name| name != "null"));
            if let [Value::Object(only)] = choice.as_slice() {
                let only = only.clone();
                schema.remove("anyOf");
                for (keyword, value) in only {
                    schema.insert(keyword, value);
                }
            }
        }
        if let Some(Value::String(description)) = schema.get_mut("description") {
            let paragraphs = description.split("\n\n").map(|lines| lines.replace('\n', " "));
            *description = paragraphs.collect::<Vec<_>>().join("\n\n");
        }
    }
}
