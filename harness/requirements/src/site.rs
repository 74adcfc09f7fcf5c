//! The site on which checks plan: what is known of the target, and how far the run may go.

use std::sync::Arc;

use hubproof_model::call::{Call, ExecuteBody};
use hubproof_model::judgment::Unexercised;
use hubproof_model::profile::Profile;
use hubproof_model::safety::Allow;
use hubproof_model::surface::{Surface, Surveyed, Tool};
use schema_gen::Generator;
use serde_json::{Value, json};

use crate::effects::{Effects, Inputs};
use crate::inputs::{Generators, fitted};

/// How many generated inputs are tried for one that the profile's values fit into.
const FURTHER_INPUTS: usize = 16;

/// What a plan rests on.
#[derive(Clone, Copy)]
pub struct Site<'a> {
    /// What discovery found.
    pub surface: &'a Surface,
    /// What the user says.
    pub profile: &'a Profile,
    /// How far the run may go.
    pub allow: Allow,
    /// How many generated inputs a tool gets, on each of the valid and the invalid side.
    pub cases: usize,
    /// Decides every generated input and every choice.
    pub seed: u64,
    /// The keys of the tools that the run takes in (`--tools`, `safety.allow_tools`, `safety.deny_tools`), sorted.
    pub selected: &'a [String],
    /// The generators of the run.
    pub generators: &'a Generators,
    /// How the tools' effects show.
    pub effects: &'a Effects,
    /// Tells the run from all others: part of every marker and idempotency key.
    pub run: &'a str,
    /// Tells this plan from the run's other ones on the same target: markers and idempotency keys are its own. Empty where there is one.
    pub part: &'a str,
}

impl<'a> Site<'a> {
    /// The tools that the run takes in, sorted by key.
    pub fn tools(&self) -> impl Iterator<Item = &'a Tool> + '_ {
        self.surface
            .tools
            .iter()
            .filter(|tool| self.selected.binary_search(&tool.key).is_ok())
    }

    /// The tools that may get calls which a sound hub refuses, or answers as dry runs.
    pub fn probeable_tools(&self) -> impl Iterator<Item = &'a Tool> + '_ {
        self.tools()
            .filter(|tool| !tool.risk().is_state_changing() || self.allow >= Allow::Probe)
    }

    /// The tools that may be executed for real.
    pub fn executable_tools(&self) -> impl Iterator<Item = &'a Tool> + '_ {
        self.tools().filter(|tool| self.allow >= tool.risk().required_allow())
    }

    /// Whether a domain is known to have no active connection, from the profile or the survey. Where another of its tools
    /// succeeded it has one, whose vendor need not implement each tool.
    pub fn lacks_connection(&self, domain: &str) -> bool {
        // The survey is short, and the tools may be many.
        let mut surveyed = self.surface.survey.iter().filter(|(key, _)| {
            let tool = self.surface.tool(key);
            tool.is_some_and(|tool| tool.domain == domain)
        });
        let found_none = |seen: &Surveyed| seen.error_code.as_deref() == Some("CONNECTION_NOT_FOUND");
        self.profile.connections.none.iter().any(|none| none == domain)
            || (surveyed.clone().any(|(_, seen)| found_none(seen))
                && !surveyed.any(|(_, seen)| seen.error_code.is_none()))
    }

    /// What the survey says for a tool as ground for probes: its success, its vendor's error, or anything else.
    fn rank(&self, tool: &Tool) -> u8 {
        match self.surface.survey.get(&tool.key) {
            Some(seen) if seen.error_code.is_none() => 0,
            Some(seen) if seen.error_code.as_deref() == Some("UPSTREAM_ERROR") => 1,
            _ => 2,
        }
    }

    /// Read tools in the order in which they serve as ground for probes: those whose survey succeeded, those whose survey ended
    /// with the vendor's error, the rest. Tools of a domain without a connection are left out.
    pub fn read_tools(&self) -> Vec<&'a Tool> {
        let mut tools: Vec<_> = self
            .tools()
            .filter(|tool| !tool.risk().is_state_changing() && !self.lacks_connection(&tool.domain))
            .collect();
        tools.sort_by_key(|tool| self.rank(tool));
        tools
    }

    /// The best read tool to try calls on.
    ///
    /// # Errors
    /// That the site has none.
    pub fn read_tool(&self) -> Result<&'a Tool, Unexercised> {
        let none = || Unexercised::NotApplicable("no read tool among the selected tools has a connection".to_owned());
        self.read_tools().first().copied().ok_or_else(none)
    }

    /// The best read tool that an input can be made for, with its control.
    ///
    /// # Errors
    /// That the site has none.
    pub fn read_control(&self) -> Result<(&'a Tool, Call), Unexercised> {
        self.read_tool()?;
        let none = || Unexercised::NotApplicable("no input can be made for any read tool".to_owned());
        let mut tools = self.read_tools().into_iter();
        tools
            .find_map(|tool| Some((tool, self.control(tool)?)))
            .ok_or_else(none)
    }

    /// The least risky state-changing tool that an input can be made for, with its control: to try refused calls and dry runs on.
    /// `None` where the run may not probe such tools, or the site has none with a connection.
    fn write_control(&self) -> Option<(&'a Tool, Call)> {
        let connected = |tool: &&Tool| tool.risk().is_state_changing() && !self.lacks_connection(&tool.domain);
        let mut tools: Vec<_> = self.probeable_tools().filter(connected).collect();
        tools.sort_by_key(|tool| tool.risk());
        tools.into_iter().find_map(|tool| Some((tool, self.control(tool)?)))
    }

    /// The best read tool with its control, else the least risky state-changing one.
    ///
    /// # Errors
    /// That the site has neither.
    pub fn any_control(&self) -> Result<(&'a Tool, Call), Unexercised> {
        self.read_control().or_else(|none| self.write_control().ok_or(none))
    }

    /// An input that the tool's schema accepts and that is likely to succeed: the profile's example, else the schema's own, else
    /// a generated one with the profile's values. `None` where none can be made.
    pub fn good_input(&self, tool: &Tool) -> Option<Value> {
        self.generators.good_input(tool, || self.draw_good_input(tool))
    }

    fn draw_good_input(&self, tool: &Tool) -> Option<Value> {
        let known = self.profile.inputs.get(&tool.key);
        if let Some(example) = known.and_then(|known| known.examples.first()) {
            return Some(example.clone());
        }
        let generator = self.generator(tool).ok()?;
        let own = tool
            .input_schema
            .as_ref()?
            .get("examples")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let own = own.into_iter().find(|example| generator.is_valid(example)).cloned();
        let usable = |input| fitted(&generator, input, known, 0);
        let generated = |count| {
            generator
                .valid(self.seed, count)
                .into_iter()
                .map(|valid| valid.instance)
        };
        // Only where the first is not usable is there need to look further.
        own.and_then(usable)
            .or_else(|| generated(1).find_map(usable))
            .or_else(|| generated(FURTHER_INPUTS).find_map(usable))
    }

    /// A text that nothing but the scene of this name holds, in this run or any other: letters and digits alone, so that no vendor's
    /// search takes it apart.
    pub fn marker(&self, name: &str) -> String {
        format!(
            "{}{}",
            run_marker(self.run),
            base36(&format!("{}/{}/{name}", self.seed, self.part))
        )
    }

    /// An idempotency key that nothing but the thing of this name has, in this run or any other.
    pub fn idempotency_key(&self, name: &str) -> String {
        format!(
            "{}{}",
            run_idempotency_key(self.run),
            base36(&format!("{}/{}/{name}", self.seed, self.part))
        )
    }

    /// Whether the profile says that the tool's calls need approval.
    pub fn is_gated(&self, tool: &str) -> bool {
        self.profile.approvals.gated.iter().any(|gated| gated == tool)
    }

    /// The generator of a tool's inputs.
    ///
    /// # Errors
    /// Why inputs cannot be generated, in words.
    pub fn generator(&self, tool: &Tool) -> Result<Arc<Generator>, String> {
        self.generators.of(tool)
    }

    /// A call that a sound hub accepts without an effect: an execute of a read tool, a dry run of any other. The control beside
    /// a negative case. `None` where no input can be made.
    pub fn control(&self, tool: &Tool) -> Option<Call> {
        let body = ExecuteBody::new(self.good_input(tool)?);
        let body = if tool.risk().is_state_changing() {
            body.dry()
        } else {
            body
        };
        Some(Call::execute(tool, body).labelled("control"))
    }

    /// The best read tool and, where the run may probe them, the best state-changing one, each with its control: what to try
    /// malformed calls on that no tool's own schema has a say in.
    ///
    /// # Errors
    /// That the site has none.
    pub fn samples(&self) -> Result<Vec<(&'a Tool, Call)>, Unexercised> {
        let with_control = |tool: &'a Tool| Some((tool, self.control(tool)?));
        // Of tools that do equally well, one that takes an empty input too shows a hub that makes one of what it cannot read.
        let takes_nothing = |tool: &Tool| self.generator(tool).is_ok_and(|own| own.is_valid(&json!({})));
        let mut reading = self.read_tools();
        reading.sort_by_cached_key(|tool| (self.rank(tool), !takes_nothing(tool)));
        let read = reading.into_iter().find_map(with_control);
        let samples: Vec<_> = read.into_iter().chain(self.write_control()).collect();
        if samples.is_empty() {
            let why = "no selected tool has a connection and an input that can be made".to_owned();
            return Err(Unexercised::NotApplicable(why));
        }
        Ok(samples)
    }
}

impl Inputs for Site<'_> {
    fn good(&self, tool: &Tool) -> Option<Value> {
        self.good_input(tool)
    }

    fn accepts(&self, tool: &Tool, input: &Value) -> bool {
        self.generator(tool).is_ok_and(|generator| generator.is_valid(input))
    }
}

/// What every marker of every run begins with.
pub(crate) const MARKERS_BEGINNING: &str = "hubproof";

/// What every marker of a run begins with.
pub fn run_marker(run: &str) -> String {
    format!("{MARKERS_BEGINNING}{run}x")
}

/// What every idempotency key of a run begins with.
pub fn run_idempotency_key(run: &str) -> String {
    format!("hubproof-{run}-")
}

/// A name's hash (FNV-1a: the same on every machine) in ten letters and digits: no marker is part of another.
fn base36(name: &str) -> String {
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let digit = |position: u32| char::from_digit((hash / 36_u64.pow(position) % 36) as u32, 36).unwrap_or('0');
    (0..10).map(digit).collect()
}

#[cfg(test)]
mod tests {
    use hubproof_model::safety::Risk;

    use super::*;
    use crate::exchanges::{Hub, listing_input, tool};

    fn seen(error_code: Option<&str>) -> Surveyed {
        Surveyed {
            error_code: error_code.map(str::to_owned),
            connection_id: None,
        }
    }

    #[test]
    fn a_domain_in_which_a_tool_succeeded_has_a_connection() {
        let mut hub = Hub::of(vec![
            tool("hr.leave.list", Risk::Read, listing_input()),
            tool("hr.people.list", Risk::Read, listing_input()),
        ]);
        let survey = |hub: &mut Hub, key: &str, code| hub.surface.survey.insert(key.to_owned(), seen(code));
        survey(&mut hub, "hr.leave.list", Some("CONNECTION_NOT_FOUND"));
        assert!(!hub.site().lacks_connection("hr"));
        survey(&mut hub, "hr.people.list", Some("UPSTREAM_ERROR"));
        assert!(hub.site().lacks_connection("hr"));
        assert!(!hub.site().lacks_connection("crm"));
    }

    #[test]
    fn a_tool_that_no_input_can_be_made_for_gives_way_to_the_next() {
        let hub = Hub::of(vec![
            tool("hr.leave.list", Risk::Read, json!({"type": "object", "not": {}})),
            tool("hr.people.list", Risk::Read, listing_input()),
        ]);
        let (chosen, control) = hub.site().read_control().unwrap();
        assert_eq!(
            (chosen.key.as_str(), control.tool()),
            ("hr.people.list", Some("hr.people.list"))
        );
    }

    #[test]
    fn of_state_changing_tools_the_least_risky_that_can_be_called_stands_in() {
        let hub = Hub::of(vec![
            tool("hr.leave.book", Risk::Write, json!({"type": "object", "not": {}})),
            tool("hr.leave.cancel", Risk::Destructive, listing_input()),
            tool("hr.leave.edit", Risk::Write, listing_input()),
        ]);
        let hub = hub.allowing(Allow::Probe);
        let (chosen, control) = hub.site().any_control().unwrap();
        assert!(chosen.key == "hr.leave.edit" && control.is_dry_run());
        assert!(hub.allowing(Allow::Read).site().any_control().is_err());
    }

    #[test]
    fn samples_prefer_tools_that_were_seen_to_work() {
        let strict = json!({"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]});
        let mut hub = Hub::of(vec![
            tool("hr.leave.list", Risk::Read, listing_input()),
            tool("hr.people.get", Risk::Read, strict),
        ]);
        let chosen = |hub: &Hub| hub.site().samples().unwrap()[0].0.key.clone();
        assert_eq!(chosen(&hub), "hr.leave.list");
        hub.surface
            .survey
            .insert("hr.leave.list".to_owned(), seen(Some("FORBIDDEN")));
        assert_eq!(chosen(&hub), "hr.people.get");
    }
}
