//! The tools that a profile names: one that the hub does not list is a mistake of the user's, not a finding.

use hubproof_model::effect::Effect;
use hubproof_model::profile::Profile;
use hubproof_model::surface::Surface;

use crate::select::{SelectError, UnknownTool, nearest};

/// Refuses a profile that names tools which the hub does not list: all of them at once, since each costs another try.
pub(crate) fn check(profile: &Profile, surface: &Surface) -> Result<(), SelectError> {
    // A restricted key's tool may be hidden from nobody but that key, so the primary listing must have it.
    let unknown = named(profile)
        .into_iter()
        .filter(|(tool, _)| surface.tool(tool).is_none());
    let keys = surface.tools.iter().map(|known| known.key.as_str());
    let unknown: Vec<_> = unknown
        .map(|(tool, place)| UnknownTool {
            tool: tool.to_owned(),
            place,
            nearest: nearest(tool, keys.clone()),
        })
        .collect();
    match unknown.is_empty() {
        true => Ok(()),
        false => Err(SelectError::UnknownTools(unknown)),
    }
}

/// The tools, each with its place in the profile.
fn named(profile: &Profile) -> Vec<(&str, String)> {
    let mut named = Vec::new();
    for tool in profile.inputs.keys() {
        named.push((tool.as_str(), format!("[inputs.\"{tool}\"]")));
    }
    for (tool, effect) in &profile.effects {
        let place = format!("[effects.\"{tool}\"]");
        named.push((effect.read().tool.as_str(), format!("{place} read.tool")));
        match effect {
            Effect::Creates(creates) => {
                let undo = creates.undo.iter();
                named.extend(undo.map(|undo| (undo.tool.as_str(), format!("{place} undo.tool"))));
            }
            Effect::Changes(changes) => named.push((changes.object.as_str(), format!("{place} object"))),
            Effect::Fingerprint(_) => {}
        }
        named.push((tool.as_str(), place));
    }
    for tool in profile.slo.by_tool.keys() {
        named.push((tool.as_str(), format!("[slo.\"{tool}\"]")));
    }
    for tool in &profile.approvals.gated {
        named.push((tool.as_str(), "[approvals] gated".to_owned()));
    }
    if let Some(tool) = &profile.keys.restricted_tool {
        named.push((tool.as_str(), "keys.restricted_tool".to_owned()));
    }
    named
}

#[cfg(test)]
mod tests {
    use hubproof_model::surface::Tool;

    use super::*;

    const PROFILE: &str = r#"
        [target]
        url = "https://hub.example"
        [keys]
        restricted_tool = "a.restricted"
        [inputs."a.input"]
        [effects."a.create"]
        marker = "/title"
        read = { tool = "a.list" }
        id = "/id"
        undo = { tool = "a.delete", input = { id = "<id>" } }
        [effects."a.update"]
        object = "b.create"
        id_at = "/id"
        read = { tool = "a.get", input = { id = "<id>" } }
        [effects."a.configure"]
        read = { tool = "a.configuration" }
        [approvals]
        gated = ["a.publish", "a.purge"]
        [slo."a.promised"]
        p99 = "1s"
        "#;

    /// A hub that lists these tools.
    fn surface(keys: &[&str]) -> Surface {
        let tool = |key: &&str| Tool {
            key: (*key).to_owned(),
            ..Tool::default()
        };
        Surface {
            tools: keys.iter().map(tool).collect(),
            ..Surface::default()
        }
    }

    #[test]
    fn each_tool_that_the_hub_does_not_list_is_told_with_its_place() {
        let places = [
            ("a.input", "[inputs.\"a.input\"]"),
            ("a.create", "[effects.\"a.create\"]"),
            ("a.list", "[effects.\"a.create\"] read.tool"),
            ("a.delete", "[effects.\"a.create\"] undo.tool"),
            ("a.update", "[effects.\"a.update\"]"),
            ("b.create", "[effects.\"a.update\"] object"),
            ("a.get", "[effects.\"a.update\"] read.tool"),
            ("a.configure", "[effects.\"a.configure\"]"),
            ("a.configuration", "[effects.\"a.configure\"] read.tool"),
            ("a.publish", "[approvals] gated"),
            ("a.purge", "[approvals] gated"),
            ("a.promised", "[slo.\"a.promised\"]"),
            ("a.restricted", "keys.restricted_tool"),
        ];
        let profile = Profile::parse(PROFILE, &|_| None).unwrap();
        let all = places.map(|(tool, _)| tool);
        assert_eq!(check(&profile, &surface(&all)), Ok(()));
        for (missing, at) in places {
            let others: Vec<_> = all.into_iter().filter(|tool| *tool != missing).collect();
            match check(&profile, &surface(&others)) {
                Err(SelectError::UnknownTools(unknown)) => {
                    let told: Vec<_> = unknown
                        .iter()
                        .map(|own| (own.tool.as_str(), own.place.as_str()))
                        .collect();
                    assert_eq!(told, [(missing, at)]);
                }
                other => panic!("{missing}: {other:?}"),
            }
        }
    }

    #[test]
    fn the_nearest_tool_is_meant() {
        let text = "[target]\nurl = \"https://hub.example\"\n[approvals]\ngated = [\"itsm.ticket.delete\"]";
        let profile = Profile::parse(text, &|_| None).unwrap();
        let fault = check(&profile, &surface(&["itsm.tickets.delete"])).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "the profile names the tool `itsm.ticket.delete` in [approvals] gated, which the hub does not list; \
             did you mean `itsm.tickets.delete`?"
        );
    }

    #[test]
    fn all_of_them_are_told_at_once() {
        let text = "[target]\nurl = \"https://hub.example\"\n[approvals]\ngated = [\"itsm.ticket.delete\", \"zzz\"]";
        let profile = Profile::parse(text, &|_| None).unwrap();
        let fault = check(&profile, &surface(&["itsm.tickets.delete"])).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "the profile names 2 tools that the hub does not list: `itsm.ticket.delete` in [approvals] gated (did you mean \
             `itsm.tickets.delete`?), `zzz` in [approvals] gated"
        );
    }
}
