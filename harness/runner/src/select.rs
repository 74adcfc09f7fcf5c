//! Which requirements and which tools a run takes in.

use std::collections::BTreeSet;

use globset::{Glob, GlobSet, GlobSetBuilder};
use hubproof_model::requirement::{Area, RequirementId};
use hubproof_model::surface::{Surface, Tool};
use hubproof_requirements::areas::{MEASURED, REGISTRY, is_measured, requirements};
use hubproof_requirements::check::Check;
use hubproof_requirements::routing::Unplaced;

/// A pattern that selects nothing, or is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// Neither an area nor a requirement.
    #[error("`{pattern}` is no requirement and no area{}", suggestion(.nearest))]
    UnknownRequirement {
        /// What was given.
        pattern: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// No requirement, where one must be named.
    #[error("`{id}` is no requirement{}", suggestion(.nearest))]
    UnknownId {
        /// What was given.
        id: String,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// A requirement, or an area, that no run exercises.
    #[error("{0} is measured by `hubproof bench`, not by a run")]
    Measured(String),
    /// An area without any requirement in this version.
    #[error("area {0} has no requirement in this version: `hubproof list` shows what there is")]
    EmptyArea(Area),
    /// `--only` and `--skip` leave nothing.
    #[error("`--only` and `--skip` together leave no requirement to prove")]
    NothingLeft,
    /// No glob.
    #[error("`{pattern}` is not a glob: {reason}")]
    InvalidGlob {
        /// What was given.
        pattern: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A glob that matches no tool.
    #[error("`{pattern}` matches none of the hub's {tools} tools{}", suggestion(.nearest))]
    NoToolMatches {
        /// What was given.
        pattern: String,
        /// How many tools there are.
        tools: usize,
        /// What may have been meant.
        nearest: Option<String>,
    },
    /// A connector whose calls would name connections that may be of another domain.
    #[error(
        "[connections.by_connector] {connector}: it has tools of {}, and nothing says which of its connections is of which: add to the \
         profile{}",
        .open.domains.join(" and "), lines_for(.open)
    )]
    UnplacedConnections {
        /// The connector.
        connector: String,
        /// What is left open.
        open: Unplaced,
    },
    /// A connector that implements no tool.
    #[error("no tool of the hub names the connector `{connector}`{}{}", suggestion(.nearest), listed(.known))]
    UnknownConnector {
        /// What was given.
        connector: String,
        /// What may have been meant.
        nearest: Option<String>,
        /// Those that tools name, sorted.
        known: Vec<String>,
    },
    /// The profile names tools that the hub does not list.
    #[error("the profile names {}", named(.0))]
    UnknownTools(Vec<UnknownTool>),
}

/// A tool that a profile names and the hub does not list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTool {
    /// The key in the profile.
    pub tool: String,
    /// Where in the profile.
    pub place: String,
    /// What may have been meant.
    pub nearest: Option<String>,
}

fn named(unknown: &[UnknownTool]) -> String {
    match unknown {
        [UnknownTool { tool, place, nearest }] => {
            let suggestion = suggestion(nearest);
            format!("the tool `{tool}` in {place}, which the hub does not list{suggestion}")
        }
        several => {
            let named = several.iter().map(|UnknownTool { tool, place, nearest }| {
                let meant = nearest.as_ref().map(|nearest| format!(" (did you mean `{nearest}`?)"));
                format!("`{tool}` in {place}{}", meant.unwrap_or_default())
            });
            let named: Vec<_> = named.collect();
            format!(
                "{} tools that the hub does not list: {}",
                several.len(),
                named.join(", ")
            )
        }
    }
}

fn suggestion(nearest: &Option<String>) -> String {
    nearest
        .as_ref()
        .map(|nearest| format!("; did you mean `{nearest}`?"))
        .unwrap_or_default()
}

/// The lines of a profile that say of which domain these connections are.
fn lines_for(open: &Unplaced) -> String {
    let lines = open.domains.iter().map(|domain| format!("\n  {domain} = [\"conn_…\"]"));
    let lines: String = lines.collect();
    let known = open.connections.join(", ");
    format!("\n  [connections.explicit]{lines}\n  where it is one of {known}")
}

/// What there is, where that is a line's worth.
fn listed(known: &[String]) -> String {
    match known.len() {
        0 => "; its definitions name none".to_owned(),
        1..=40 => format!(" (it has {})", known.join(", ")),
        _ => String::new(),
    }
}

/// The closest of some names to a text, if one is close.
pub fn nearest<'n>(text: &str, names: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let scored = names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&text.to_lowercase(), &name.to_lowercase()), name));
    scored
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name.to_owned())
}

/// The requirements that a run takes in, as `--only` and `--skip` say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    ids: Vec<RequirementId>,
}

impl Selection {
    /// Every requirement of the registry.
    pub fn all() -> Self {
        Self {
            ids: REGISTRY.iter().map(|check| check.requirement().id).collect(),
        }
    }

    /// What the patterns (`IDM-02`, `idm`) leave of the registry. An empty `only` selects all.
    ///
    /// # Errors
    /// A pattern that names nothing, or patterns that leave nothing.
    pub fn new(only: &[String], skip: &[String]) -> Result<Self, SelectError> {
        let mut ids = if only.is_empty() {
            Self::all().ids
        } else {
            ids_of(only)?
        };
        let skipped = ids_of(skip)?;
        ids.retain(|id| !skipped.contains(id));
        if ids.is_empty() {
            Err(SelectError::NothingLeft)
        } else {
            Ok(Self { ids })
        }
    }

    /// Whether it leaves out no requirement.
    pub fn is_all(&self) -> bool {
        *self == Self::all()
    }

    /// The selected checks, in the registry's order.
    pub fn checks(&self) -> Vec<&'static dyn Check> {
        REGISTRY
            .iter()
            .copied()
            .filter(|check| self.ids.contains(&check.requirement().id))
            .collect()
    }
}

/// The requirements of a run that some patterns name, sorted, each once.
///
/// # Errors
/// A pattern that names nothing, or what no run exercises.
pub fn ids_of(patterns: &[String]) -> Result<Vec<RequirementId>, SelectError> {
    for pattern in patterns.iter().map(|pattern| pattern.trim()) {
        if let Some(area) = pattern.parse::<Area>().ok().filter(|area| is_measured_area(*area)) {
            return Err(SelectError::Measured(format!("area {area}")));
        }
        if let Some(id) = pattern.parse().ok().filter(|id| is_measured(*id)) {
            return Err(SelectError::Measured(id.to_string()));
        }
    }
    named_among(&Selection::all().ids, patterns)
}

/// The requirements that some patterns name, those that a bench measures among them, sorted, each once.
///
/// # Errors
/// A pattern that names nothing.
pub fn all_ids_of(patterns: &[String]) -> Result<Vec<RequirementId>, SelectError> {
    let known: Vec<_> = requirements().map(|requirement| requirement.id).collect();
    named_among(&known, patterns)
}

fn is_measured_area(area: Area) -> bool {
    MEASURED.iter().any(|measured| measured.requirement().id.area == area)
}

fn named_among(known: &[RequirementId], patterns: &[String]) -> Result<Vec<RequirementId>, SelectError> {
    let mut ids = Vec::new();
    for pattern in patterns.iter().map(|pattern| pattern.trim()) {
        if pattern.eq_ignore_ascii_case("all") {
            ids.extend(known);
        } else if let Ok(area) = pattern.parse::<Area>() {
            let before = ids.len();
            ids.extend(known.iter().filter(|id| id.area == area));
            if ids.len() == before {
                return Err(SelectError::EmptyArea(area));
            }
        } else {
            let id = pattern.parse().ok().filter(|id| known.contains(id)).ok_or_else(|| {
                let names: Vec<_> = known.iter().map(ToString::to_string).collect();
                let areas = Area::ALL.iter().map(|area| area.code());
                SelectError::UnknownRequirement {
                    pattern: pattern.to_owned(),
                    nearest: nearest(pattern, names.iter().map(String::as_str).chain(areas)),
                }
            })?;
            ids.push(id);
        }
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// The requirement that an id names.
///
/// # Errors
/// An id that names none.
pub fn id_of(text: &str) -> Result<RequirementId, SelectError> {
    let known = Selection::all().ids;
    text.parse().ok().filter(|id| known.contains(id)).ok_or_else(|| {
        let names: Vec<_> = known.iter().map(ToString::to_string).collect();
        SelectError::UnknownId {
            id: text.to_owned(),
            nearest: nearest(text, names.iter().map(String::as_str)),
        }
    })
}

/// The tools that a run takes in, as `--tools`, `--connector` and the profile's safety section say.
#[derive(Debug, Clone, Default)]
pub struct ToolGlobs {
    /// Globs of `--tools`; empty for all.
    pub only: Vec<String>,
    /// Globs of `safety.allow_tools`; empty for all.
    pub allowed: Vec<String>,
    /// Globs of `safety.deny_tools`.
    pub denied: Vec<String>,
    /// The connector of `--connector` that implements them; none for all.
    pub connector: Option<String>,
}

impl ToolGlobs {
    /// The keys of the selected tools, sorted.
    ///
    /// # Errors
    /// A glob that is none, or matches no tool, or globs that leave none.
    pub fn select(&self, surface: &Surface) -> Result<Vec<String>, SelectError> {
        let [only, allowed, denied] = [&self.only, &self.allowed, &self.denied].map(|globs| compile(globs, surface));
        let (only, allowed, denied) = (only?, allowed?, denied?);
        let of_connector = self.of_connector(surface)?;
        let takes = |tool: &&Tool| {
            (self.only.is_empty() || only.is_match(&tool.key))
                && (self.allowed.is_empty() || allowed.is_match(&tool.key))
                && !denied.is_match(&tool.key)
                && of_connector.is_none_or(|connector| tool.connectors.iter().any(|own| own == connector))
        };
        let taken = surface.tools.iter().filter(takes);
        let mut keys: Vec<_> = taken.map(|tool| tool.key.clone()).collect();
        keys.sort_unstable();
        if keys.is_empty() {
            let pattern = self
                .only
                .iter()
                .chain(&self.allowed)
                .cloned()
                .collect::<Vec<_>>()
                .join(",");
            return Err(SelectError::NoToolMatches {
                pattern,
                tools: surface.tools.len(),
                nearest: None,
            });
        }
        Ok(keys)
    }

    /// The connector, once it is known that a tool names it.
    fn of_connector(&self, surface: &Surface) -> Result<Option<&str>, SelectError> {
        let Some(connector) = self.connector.as_deref() else {
            return Ok(None);
        };
        let known: BTreeSet<_> = surface.tools.iter().flat_map(|tool| &tool.connectors).collect();
        if known.iter().any(|own| *own == connector) {
            return Ok(Some(connector));
        }
        Err(SelectError::UnknownConnector {
            connector: connector.to_owned(),
            nearest: nearest(connector, known.iter().map(|own| own.as_str())),
            known: known.into_iter().cloned().collect(),
        })
    }

    /// The keys of the tools that a run would take in, were it not for `--tools` and `--connector`: of `selected` it takes in, sorted.
    ///
    /// # Errors
    /// As of `select`.
    pub fn left_out(&self, surface: &Surface, selected: &[String]) -> Result<Vec<String>, SelectError> {
        let everything = Self {
            only: Vec::new(),
            connector: None,
            ..self.clone()
        };
        let mut keys = everything.select(surface)?;
        keys.retain(|key| selected.binary_search(key).is_err());
        Ok(keys)
    }

    /// The keys of the tools that a run would take in, were it not for the profile's safety section: of `selected` it takes in, sorted.
    ///
    /// # Errors
    /// As of `select`.
    pub fn kept_out(&self, surface: &Surface, selected: &[String]) -> Result<Vec<String>, SelectError> {
        let everything = Self {
            allowed: Vec::new(),
            denied: Vec::new(),
            ..self.clone()
        };
        let mut keys = everything.select(surface)?;
        keys.retain(|key| selected.binary_search(key).is_err());
        Ok(keys)
    }
}

fn compile(globs: &[String], surface: &Surface) -> Result<GlobSet, SelectError> {
    let invalid = |pattern: &str, fault: &globset::Error| SelectError::InvalidGlob {
        pattern: pattern.to_owned(),
        reason: fault.kind().to_string(),
    };
    let mut set = GlobSetBuilder::new();
    for pattern in globs {
        let glob = Glob::new(pattern).map_err(|fault| invalid(pattern, &fault))?;
        let matcher = glob.compile_matcher();
        if !surface.tools.iter().any(|tool| matcher.is_match(&tool.key)) {
            return Err(SelectError::NoToolMatches {
                pattern: pattern.clone(),
                tools: surface.tools.len(),
                nearest: nearest_glob(pattern, surface),
            });
        }
        set.add(glob);
    }
    set.build().map_err(|fault| invalid(&globs.join(","), &fault))
}

/// The closest of the tools' keys and of the globs that users write: of a domain, of a resource, of an action.
fn nearest_glob(pattern: &str, surface: &Surface) -> Option<String> {
    let mut likely = BTreeSet::new();
    for tool in &surface.tools {
        likely.insert(tool.key.clone());
        let parts: Vec<_> = tool.key.split('.').collect();
        likely.extend((1..parts.len()).map(|depth| format!("{}.*", parts[..depth].join("."))));
        likely.extend(parts.last().map(|action| format!("*.{action}")));
    }
    nearest(pattern, likely.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn patterns_take_ids_and_areas_in_any_case() {
        let ids = ids_of(&strings(&["auth-01", "ENV"])).unwrap();
        assert!(ids.contains(&RequirementId::new(Area::Auth, 1)));
        assert!(ids.contains(&RequirementId::new(Area::Env, 1)));
        assert!(ids.iter().all(|id| matches!(id.area, Area::Auth | Area::Env)));
    }

    #[test]
    fn an_unknown_id_is_told_with_its_nearest() {
        let error = ids_of(&strings(&["AUHT-01"])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`AUHT-01` is no requirement and no area; did you mean `AUTH-01`?"
        );
    }

    #[test]
    fn what_a_bench_measures_is_told_from_what_does_not_exist() {
        for (pattern, what) in [("LAT-01", "LAT-01"), ("lat-03", "LAT-03"), ("LAT", "area LAT")] {
            let error = ids_of(&strings(&[pattern])).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("{what} is measured by `hubproof bench`, not by a run")
            );
        }
        assert!(matches!(ids_of(&strings(&["MCP"])), Err(SelectError::EmptyArea(_))));
    }

    #[test]
    fn what_a_bench_measures_is_named_where_runs_do_not_matter() {
        let ids = all_ids_of(&strings(&["lat", "LAT-01", "AUTH-01"])).unwrap();
        let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
        assert_eq!(ids, ["AUTH-01", "LAT-01", "LAT-02", "LAT-03"]);
        assert!(matches!(all_ids_of(&strings(&["MCP"])), Err(SelectError::EmptyArea(_))));
    }

    #[test]
    fn all_is_all_however_it_is_said() {
        let is_all = |only: &[&str], skip: &[&str]| Selection::new(&strings(only), &strings(skip)).unwrap().is_all();
        assert!(is_all(&[], &[]) && is_all(&["all"], &[]));
        assert!(!is_all(&["EXE"], &[]) && !is_all(&[], &["EXE-01"]));
    }

    #[test]
    fn skipping_everything_is_an_error() {
        assert_eq!(
            Selection::new(&strings(&["AUTH-01"]), &strings(&["auth"])),
            Err(SelectError::NothingLeft)
        );
    }

    #[test]
    fn deny_wins_over_only() {
        let surface = surface(&["crm.deals.list", "itsm.tickets.delete", "itsm.tickets.list"]);
        let globs = ToolGlobs {
            only: strings(&["itsm.*"]),
            allowed: vec![],
            denied: strings(&["*.delete"]),
            connector: None,
        };
        assert_eq!(globs.select(&surface).unwrap(), ["itsm.tickets.list"]);
    }

    #[test]
    fn what_tools_leaves_out_is_not_what_the_profile_leaves_out() {
        let surface = surface(&["crm.deals.list", "crm.deals.delete", "itsm.tickets.list"]);
        let globs = ToolGlobs {
            only: strings(&["itsm.*"]),
            allowed: vec![],
            denied: strings(&["*.delete"]),
            connector: None,
        };
        let selected = globs.select(&surface).unwrap();
        assert_eq!(globs.left_out(&surface, &selected).unwrap(), ["crm.deals.list"]);
    }

    /// Tools of two connectors, one of them of both.
    fn of_connectors() -> Surface {
        let mut surface = surface(&["itsm.tickets.delete", "itsm.tickets.get", "itsm.tickets.list"]);
        for (tool, connectors) in
            surface
                .tools
                .iter_mut()
                .zip([&["servicenow"][..], &["servicenow", "jira"], &["jira"]])
        {
            tool.connectors = strings(connectors);
        }
        surface
    }

    #[test]
    fn a_connector_takes_in_the_tools_that_name_it() {
        let globs = ToolGlobs {
            denied: strings(&["*.delete"]),
            connector: Some("servicenow".to_owned()),
            ..ToolGlobs::default()
        };
        let selected = globs.select(&of_connectors()).unwrap();
        assert_eq!(selected, ["itsm.tickets.get"]);
        assert_eq!(
            globs.left_out(&of_connectors(), &selected).unwrap(),
            ["itsm.tickets.list"]
        );
        assert_eq!(
            globs.kept_out(&of_connectors(), &selected).unwrap(),
            ["itsm.tickets.delete"]
        );
    }

    #[test]
    fn a_connector_that_no_tool_names_is_told_with_those_that_are_there() {
        let select = |surface: &Surface| {
            let globs = ToolGlobs {
                connector: Some("servicenov".to_owned()),
                ..ToolGlobs::default()
            };
            globs.select(surface).unwrap_err().to_string()
        };
        assert_eq!(
            select(&of_connectors()),
            "no tool of the hub names the connector `servicenov`; did you mean `servicenow`? (it has jira, servicenow)"
        );
        assert_eq!(
            select(&surface(&["crm.deals.list"])),
            "no tool of the hub names the connector `servicenov`; its definitions name none"
        );
    }

    #[test]
    fn one_requirement_is_named_by_its_id_alone() {
        assert_eq!(id_of("auth-01"), Ok(RequirementId::new(Area::Auth, 1)));
        assert_eq!(
            id_of("AUHT-01").unwrap_err().to_string(),
            "`AUHT-01` is no requirement; did you mean `AUTH-01`?"
        );
        assert!(id_of("AUTH").is_err() && id_of("all").is_err());
    }

    #[test]
    fn a_glob_that_matches_nothing_is_told_with_the_nearest_key() {
        let globs = ToolGlobs {
            only: strings(&["itsm.ticket.list"]),
            ..ToolGlobs::default()
        };
        let error = globs.select(&surface(&["itsm.tickets.list"])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`itsm.ticket.list` matches none of the hub's 1 tools; did you mean `itsm.tickets.list`?"
        );
    }

    #[test]
    fn a_glob_with_a_slip_in_it_meets_one_that_matches() {
        let surface = surface(&["crm.deals.list", "itsm.tickets.delete", "itsm.tickets.list"]);
        for (given, meant) in [
            ("itms.*", Some("itsm.*")),
            ("itsm", Some("itsm.*")),
            ("itsm.ticket.*", Some("itsm.tickets.*")),
            ("*.delet", Some("*.delete")),
            ("itsm.tickets.lists", Some("itsm.tickets.list")),
            ("zzz", None),
        ] {
            assert_eq!(nearest_glob(given, &surface).as_deref(), meant, "{given}");
        }
    }
}
