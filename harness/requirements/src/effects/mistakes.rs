//! What a profile says of effects and a hub's schemas contradict. Each is told, however many other tools show their effects.

use hubproof_model::effect::Effect;
use hubproof_model::safety::Allow;
use hubproof_model::surface::Tool;
use serde_json::Value;

use super::scene::Scene;
use crate::site::Site;

/// The mistakes, each with its place in the profile.
pub fn mistakes(site: &Site<'_>) -> Vec<String> {
    // What the run may not do is no mistake.
    let site = Site {
        allow: Allow::Admin,
        ..*site
    };
    let pinned = site.profile.effects.iter();
    let tools = pinned.filter_map(|(key, effect)| Some((site.surface.tool(key)?, effect)));
    tools
        .flat_map(|(tool, effect)| {
            let told = of_tool(&site, tool, effect);
            told.into_iter().map(|why| format!("[effects.\"{}\"] {why}", tool.key))
        })
        .collect()
}

fn of_tool(site: &Site<'_>, tool: &Tool, effect: &Effect) -> Vec<String> {
    if !tool.risk().is_state_changing() {
        return vec!["is not used: the tool only reads".to_owned()];
    }
    let mut told = Vec::new();
    if let Err(why) = Scene::of(site, tool, "mistakes") {
        told.push(format!("is not used: {why}"));
    }
    if let Effect::Creates(creates) = effect {
        let promised = tool.output_schema.as_ref();
        let id = creates.id.as_ref();
        told.extend(id.zip(promised).filter(|(at, schema)| lacks(schema, at)).map(|(at, _)| {
            format!("id: the output schema of the tool has nothing at `{at}`, so that what it makes may not be removed")
        }));
    }
    told
}

/// Whether a schema that names its members names none on this way. A reference or an alternative may name it.
fn lacks(schema: &Value, at: &str) -> bool {
    let mut schema = schema;
    for name in at.split('/').skip(1) {
        let Some(members) = schema.get("properties").and_then(Value::as_object) else {
            return false;
        };
        match members.get(name) {
            Some(member) => schema = member,
            None => {
                return !["$ref", "allOf", "anyOf", "oneOf"]
                    .iter()
                    .any(|word| schema.get(word).is_some());
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use hubproof_model::profile::Profile;
    use hubproof_model::safety::Risk;
    use serde_json::json;

    use super::*;
    use crate::effects::Effects;
    use crate::exchanges::{Hub, tool};

    /// The mistakes of a profile with these effects.
    fn told(effects: &str) -> Vec<String> {
        let titled = json!({
            "type": "object",
            "required": ["title"],
            "properties": {"title": {"type": "string"}, "rank": {"type": "integer"}},
        });
        let identified = json!({
            "type": "object",
            "required": ["id"],
            "properties": {"id": {"type": "string"}},
        });
        let record = json!({"type": "object", "properties": {"id": {"type": "string"}}});
        let mut makes = tool("a.things.make", Risk::Write, titled);
        makes.output_schema = Some(record);
        let mut hub = Hub::of(vec![
            makes,
            tool("a.things.find", Risk::Read, json!({"type": "object"})),
            tool("a.things.show", Risk::Read, json!({"type": "object"})),
            tool("a.things.retitle", Risk::Write, identified),
            tool("a.things.touch", Risk::Write, json!({"type": "object"})),
        ]);
        let profile = format!("[target]\nurl = \"http://127.0.0.1:1\"\n{effects}");
        hub.profile.effects = Profile::parse(&profile, &|_| None).unwrap().effects;
        let site = hub.site();
        let effects = Effects::of(site.surface, site.profile, &site);
        mistakes(&Site {
            effects: &effects,
            allow: Allow::Read,
            ..site
        })
    }

    #[test]
    fn what_fits_the_schemas_is_no_mistake_whatever_the_run_may_do() {
        let makes =
            "[effects.\"a.things.make\"]\nmarker = \"/title\"\nread = { tool = \"a.things.find\" }\nid = \"/id\"";
        let changes = "[effects.\"a.things.retitle\"]\nobject = \"a.things.make\"\nid_at = \"/id\"\n\
                       read = { tool = \"a.things.find\", input = { id = \"<id>\" } }";
        assert_eq!(told(&format!("{makes}\n{changes}")), Vec::<String>::new());
    }

    #[test]
    fn a_marker_or_an_id_that_the_schemas_do_not_know_is_told_with_its_place() {
        let effects =
            "[effects.\"a.things.make\"]\nmarker = \"/rank\"\nread = { tool = \"a.things.find\" }\nid = \"/number\"";
        let told = told(effects);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(
            told[0].starts_with("[effects.\"a.things.make\"] is not used: "),
            "{told:?}"
        );
        assert!(told[0].contains("at `/rank`"), "{told:?}");
        assert!(told[1].contains("nothing at `/number`"), "{told:?}");
    }

    #[test]
    fn effects_of_tools_that_only_read_and_reads_by_tools_that_write_are_told() {
        let effects = "[effects.\"a.things.find\"]\nread = { tool = \"a.things.show\" }\n\
                       [effects.\"a.things.make\"]\nread = { tool = \"a.things.touch\" }";
        let told = told(effects);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("the tool only reads"), "{told:?}");
        assert!(told[1].contains("a.things.touch is no read tool"), "{told:?}");
    }
}
