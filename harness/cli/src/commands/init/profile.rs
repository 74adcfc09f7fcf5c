//! The profile that `init` writes: what was found of the hub as entries, and what would prove more switched off beside what it
//! exercises. A pure function of what was found and planned.

use std::collections::{BTreeMap, BTreeSet};

use hubproof_model::profile::Profile;
use hubproof_model::requirement::{Need, ProfileLine};
use hubproof_model::role::Role;
use hubproof_model::safety::{Allow, Risk};
use hubproof_model::surface::Tool;
use hubproof_reports::toml_text::quoted;
use hubproof_requirements::check::Check;
use hubproof_requirements::site::Site;
use hubproof_runner::ground::Ground;
use hubproof_runner::options::RunOptions;
use hubproof_runner::plan::Plan;
use hubproof_runner::wanted::Wanted;
use serde_json::Value;

use super::document::Document;
use super::values::{table, text, texts, variable};
use super::{effects, inputs};

/// What a profile is drafted from.
pub(super) struct Draft<'a> {
    ground: &'a Ground,
    site: Site<'a>,
    tried: usize,
    checks: Vec<&'static dyn Check>,
    wanted: Wanted,
}

impl<'a> Draft<'a> {
    /// The draft for surveyed ground. `plan` is of a run with the profile as it will stand, `further` of one that may go as far as any.
    pub(super) fn new(ground: &'a Ground, options: &RunOptions, plan: &Plan, further: &Plan) -> Self {
        let tried: BTreeSet<_> = plan.cases.iter().flat_map(|planned| &planned.requirements).collect();
        Self {
            ground,
            site: ground.site(options),
            tried: tried.len(),
            checks: options.requirements.checks(),
            wanted: Wanted::of(plan, further),
        }
    }

    /// What was found, and what a run with the profile as it stands tries.
    pub(super) fn summary(&self) -> String {
        format!(
            "{} tools in {} domains; as it stands, a run only reads, and tries {} of {} requirements",
            self.ground.surface.tools.len(),
            self.ground.surface.domains().len(),
            self.tried,
            self.checks.len()
        )
    }

    /// The text of `hub.toml`.
    pub(super) fn render(&self) -> String {
        let mut document = Document::default();
        document.prose(&format!("A hub as `hubproof init` found it: {}.", self.summary()));
        document.paragraph();
        document.command("hubproof run --profile FILE");
        document.paragraph();
        document.prose(
            "A line that begins with `#` and no space is switched off. Above it stands what it is and which requirements it exercises: give \
             it the values of your hub, and take the `#` away. docs/profile.md explains every key. \"${NAME}\" is the value of an \
             environment variable.",
        );
        self.target(&mut document);
        self.keys(&mut document);
        self.connections(&mut document);
        self.safety(&mut document);
        self.approvals(&mut document);
        self.upstream(&mut document);
        self.dialect(&mut document);
        inputs::write(&mut document, &self.site);
        effects::write(&mut document, self.ground, &self.wanted);
        slo(&mut document);
        self.remainder(&mut document);
        document.finish()
    }

    fn target(&self, document: &mut Document) {
        document.table(&["target"]);
        document.entry("url", &text(&self.ground.profile.target.url));
        document.prose("The longest that an effect may take to show, where the hub is eventually consistent.");
        document.entry_off(&["settle"], "\"2s\"");
        document
            .prose("Whether nobody else uses the hub while it is tested, so that whatever changes is the run's doing.");
        document.entry_off(&["exclusive"], "true");
    }

    fn keys(&self, document: &mut Document) {
        document.table(&["keys"]);
        for role in Role::ALL {
            if role == Role::Primary {
                document.prose("Full rights in the workspace under test.");
                let key = self.ground.profile.keys.get(role);
                let named = key.and_then(|key| key.variable.as_deref());
                document.entry(role.name(), &variable(named.unwrap_or("HUB_KEY")));
                continue;
            }
            self.wanted_line(document, Need::Key(role), what(role), None);
            if role == Role::Restricted {
                let said = "A tool that it may not call; one of risk `write` shows most.";
                let tool = self.tool_of_risk(&[Risk::Write, Risk::Destructive, Risk::Admin]);
                let tool = tool.map(|tool| text(&tool.key));
                self.wanted_line(document, Need::ForbiddenTool, said, tool);
            }
            if role == Role::SharedB {
                document.prose(
                    "How many calls with both of the two together a window takes: fewer than with either alone, were it not for the other.",
                );
                document.entry_off(&["shared_limit"], "600");
            }
        }
        document.prose(
            "Whether the primary key may be shown where it ends up in logs, such as a query string: it is withdrawn after the run. \
             AUTH-03 shows more then.",
        );
        document.entry_off(&["disposable"], "true");
    }

    fn connections(&self, document: &mut Document) {
        let defaults = self.defaults();
        document.table(&["connections"]);
        let domains = self.ground.surface.domains();
        let domain = defaults.keys().copied().chain(domains.iter().copied()).next();
        let connection = || Some(table([("domain", text(domain?)), ("id", "\"conn_123\"".to_owned())]));
        let said = "A connection that exists and is inactive.";
        self.wanted_line(document, Need::InactiveConnection, said, connection());
        let without: Vec<_> = domains
            .iter()
            .copied()
            .filter(|domain| self.site.lacks_connection(domain))
            .collect();
        if !without.is_empty() {
            document.prose(&format!(
                "Domains without an active connection, as calls to them were answered: it shows something once you vouch for it.{}",
                self.wanted.sentence(&[Need::InactiveConnection])
            ));
            document.entry_off(&["none"], &texts(without));
        }
        let said = "A connection of the foreign key's workspace.";
        self.wanted_line(document, Need::ForeignConnection, said, connection());
        document.table(&["connections", "default"]);
        document.prose("A domain's default connection, which answered calls that named none.");
        for (domain, id) in &defaults {
            document.entry(domain, &text(id));
        }
        document.table(&["connections", "explicit"]);
        document.prose(&format!(
            "Connections that work when they are named, best other ones than the default.{}",
            self.wanted.sentence(&[Need::ExplicitConnection])
        ));
        for (domain, id) in &defaults {
            document.entry_off(&[domain], &texts([*id]));
        }
        if let (true, Some(domain)) = (defaults.is_empty(), domain) {
            document.entry_off(&[domain], "[\"conn_123\"]");
        }
    }

    fn safety(&self, document: &mut Document) {
        document.table(&["safety"]);
        document
            .prose("How far a run may go: no further than reading, unless this line or the flag of its name says so.");
        for (level, said) in [
            (
                Allow::Probe,
                "state-changing tools also get calls that a sound hub refuses, and dry runs",
            ),
            (Allow::Write, "tools of risk write are executed"),
            (
                Allow::Destructive,
                "those of risk destructive, and of unknown risk, too",
            ),
            (Allow::Admin, "those of risk admin too"),
        ] {
            let need = Need::Allow(level);
            let reach_it = self.checks.iter().filter(|check| check.requirement().reach >= level);
            let more = match reach_it.count() {
                0 => String::new(),
                some => format!(" {some} requirements show more then."),
            };
            document.prose(&format!(
                "{}: {said}.{more}{}",
                need.grant(),
                self.wanted.sentence(&[need])
            ));
        }
        document.entry_off(&["allow"], &text(Allow::Probe.name()));
    }

    fn approvals(&self, document: &mut Document) {
        document.table(&["approvals"]);
        let tool = self.tool_of_risk(&[Risk::Admin, Risk::Destructive, Risk::Write]);
        let gated = tool.map(|tool| texts([tool.key.as_str()]));
        let said = "The tools whose calls need approval by policy.";
        self.wanted_line(document, Need::GatedTool, said, gated);
        let said = "Who decides: \"http\" does by requests with the `approver` key, \"command\" by a program, \"manual\" asks a person.";
        self.wanted_line(document, Need::ApprovalDriver, said, None);
    }

    fn upstream(&self, document: &mut Document) {
        document.table(&["upstream"]);
        let said = "A connection that nothing else uses, and whose vendor the hub expects at this address: the run plays it there, and has \
                    it fail (docs/vendors.md).";
        self.wanted_line(document, Need::Upstream, said, None);
    }

    /// What was found of the dialect, ready to be pinned.
    fn dialect(&self, document: &mut Document) {
        document.table(&["dialect"]);
        document.prose("How the hub spells what the reference leaves open, as it was found; what is switched on is no longer looked for.");
        let found = serde_json::to_value(&self.ground.surface.dialect).unwrap_or_default();
        for (name, value) in found.as_object().into_iter().flatten() {
            if let Value::String(value) = value {
                document.entry_off(&[name], &text(value));
            }
        }
    }

    /// What no line of a profile exercises on this hub.
    fn remainder(&self, document: &mut Document) {
        if self.wanted.ungrantable.is_empty() {
            return;
        }
        document.gap();
        document.prose("Not exercised by a run that reads, for want of something that no line above is:");
        for (id, why) in &self.wanted.ungrantable {
            document.prose(&format!("{id}: {why}"));
        }
    }

    /// The line that grants a need, switched off, with what it is and exercises; `value` stands for the sample, where the hub tells one.
    fn wanted_line(&self, document: &mut Document, need: Need, said: &str, value: Option<String>) {
        document.prose(&format!("{said}{}", self.wanted.sentence(&[need])));
        if let Some(ProfileLine { key, value: sample, .. }) = need.profile_line() {
            document.entry_off(&[&key], &value.unwrap_or(sample));
        }
    }

    /// Each domain's default connection, as the survey saw it: those that a profile can name, where all answers agree.
    fn defaults(&self) -> BTreeMap<&'a str, &'a str> {
        let surface = &self.ground.surface;
        let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (key, surveyed) in &surface.survey {
            if let (Some(tool), Some(id)) = (surface.tool(key), surveyed.connection_id.as_deref()) {
                seen.entry(&tool.domain).or_default().insert(id);
            }
        }
        let sole = seen.into_iter().filter(|(_, ids)| ids.len() == 1);
        sole.filter_map(|(domain, ids)| Some((domain, ids.into_iter().next()?)))
            .filter(|(domain, id)| reads(&format!("[connections.default]\n{} = {}", quoted(domain), text(id))))
            .collect()
    }

    /// The first tool of the first of these risks that the hub has, rather one whose effect shows.
    fn tool_of_risk(&self, risks: &[Risk]) -> Option<&'a Tool> {
        let tools = &self.ground.surface.tools;
        let shows = |tool: &&Tool| self.ground.effects.of_tool(&tool.key).is_some();
        risks.iter().find_map(|risk| {
            let of_risk = || tools.iter().filter(|tool| tool.risk() == *risk);
            of_risk().find(shows).or_else(|| of_risk().next())
        })
    }
}

/// Whether a profile with these lines can be read.
pub(super) fn reads(lines: &str) -> bool {
    let text = format!("[target]\nurl = \"http://localhost\"\nexclusive = true\n{lines}\n");
    Profile::parse(&text, &|_| None).is_ok()
}

/// What the key of a role is for.
fn what(role: Role) -> &'static str {
    match role {
        Role::Primary => "Full rights in the workspace under test.",
        Role::Secondary => "A second key of that workspace.",
        Role::Restricted => "A key of that workspace that may not call `restricted_tool`.",
        Role::Foreign => "A key of another workspace.",
        Role::Revoked => "A key that was valid once.",
        Role::Throttled => "A key whose limit may be exhausted, used by nobody else.",
        Role::SharedA => {
            "Two keys of one workspace whose common limit may be exhausted: best a workspace that nobody else uses."
        }
        Role::SharedB => "The second of the two.",
        Role::Approver => "A key that may decide on approvals.",
    }
}

/// What `hubproof bench` holds the hub to.
fn slo(document: &mut Document) {
    document.gap();
    document
        .prose("What the hub promises of its latency, by risk level or tool: `hubproof bench` measures it (LAT-01).");
    document.table_off(&["slo", "read"]);
    document.entry_off(&["p99"], &text("300ms"));
    document.entry_off(&["error_rate"], &text("0.1%"));
}

#[cfg(test)]
mod tests {
    use hubproof_model::profile::Key;
    use hubproof_model::secret::Secret;
    use hubproof_runner::plan::plan;
    use hubproof_runner::select::Selection;

    use super::*;
    use crate::bundled::Bundled;

    fn options(allow: Allow) -> RunOptions {
        RunOptions {
            cases: 20,
            jobs: 1,
            ..RunOptions::new(Selection::all(), allow)
        }
    }

    /// The draft for the bundled hub, of which nothing but its URL and one key is known.
    async fn drafted() -> String {
        let bundled = Bundled::try_start(&[], None, None).await.unwrap();
        let mut profile = Profile::of_url(bundled.profile.target.url.clone());
        let key = Key {
            secret: Secret::new(bundled.profile.keys.get(Role::Primary).unwrap().secret.expose()),
            variable: Some("HUB_KEY".to_owned()),
        };
        profile.keys.by_role.insert(Role::Primary, key);
        let options = [Allow::Read, Allow::Admin].map(options);
        let mut ground = Ground::discover(profile, &options[0], &|_| {}).await.unwrap();
        ground.survey(&options[0], &|_| {}).await;
        let [reading, further] = options
            .each_ref()
            .map(|options| plan(&options.requirements.checks(), &ground.site(options)).unwrap());
        let text = Draft::new(&ground, &options[0], &reading, &further).render();
        let text = text.replace(&bundled.profile.target.url, "http://127.0.0.1:8700/api/v1");
        bundled.shutdown().await;
        text
    }

    #[tokio::test]
    async fn the_profile_of_the_bundled_hub() {
        let text = drafted().await;
        let profile = Profile::parse(&text, &|name| Some(name.to_lowercase())).unwrap();
        assert_eq!(profile.warnings, [] as [&str; 0]);
        assert_eq!(profile.connections.default["itsm"], "conn_itsm_servicenow");
        insta::assert_snapshot!("bundled", text);
    }
}
