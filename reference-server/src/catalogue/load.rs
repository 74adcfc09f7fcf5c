//! Reads a catalogue's files, compiles its schemas, and refuses what contradicts itself.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jsonschema::json::{Json, SerdeJson};
use jsonschema::{Retrieve, ValidationError, ValidationOptions};
use rustc_hash::FxHashMap;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Catalogue, Domain, DomainFile, Limit, Tenancy, Tool, ToolEntry};
use crate::connectors::DataJson;

/// Why a catalogue cannot be used.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CatalogueError {
    /// A file or directory could not be read.
    #[error("cannot read {}: {fault}", path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// What the system said.
        fault: Arc<std::io::Error>,
    },
    /// A file is not what its place asks for.
    #[error("{}: {fault}", path.display())]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong, with line and column.
        fault: Arc<serde_json::Error>,
    },
    /// A schema does not compile.
    #[error("{tool}: its {side} schema is no valid JSON Schema: {fault}")]
    Schema {
        /// The tool's key.
        tool: String,
        /// `input` or `output`.
        side: &'static str,
        /// What the compiler said.
        fault: String,
    },
    /// Two parts contradict each other.
    #[error("{}: {fault}", path.display())]
    Inconsistent {
        /// The file.
        path: PathBuf,
        /// What contradicts what.
        fault: String,
    },
}

/// A file's text and where it came from.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) text: Cow<'static, str>,
}

impl Catalogue {
    /// Reads `hub.json` and `domains/*.json` from a directory.
    ///
    /// # Errors
    /// A file that is missing or not what its place asks for, a schema that does not compile, or parts that contradict each other.
    pub fn load(directory: &Path) -> Result<Arc<Self>, CatalogueError> {
        let hub = source(directory.join("hub.json"))?;
        let domains = directory.join("domains");
        let unreadable = |fault| CatalogueError::Read {
            path: domains.clone(),
            fault: Arc::new(fault),
        };
        let mut files = Vec::new();
        for entry in std::fs::read_dir(&domains).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                files.push(path);
            }
        }
        files.sort();
        let domains = files.into_iter().map(source).collect::<Result<_, _>>()?;
        read(&hub, domains).map(Arc::new)
    }
}

fn source(path: PathBuf) -> Result<Source, CatalogueError> {
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok(Source {
            path,
            text: text.into(),
        }),
        Err(fault) => Err(CatalogueError::Read {
            path,
            fault: Arc::new(fault),
        }),
    }
}

/// Makes a catalogue of its files.
pub(super) fn read(hub: &Source, domains: Vec<Source>) -> Result<Catalogue, CatalogueError> {
    let tenancy: Tenancy = parse(hub)?;
    check_tenancy(&tenancy).map_err(|fault| CatalogueError::Inconsistent {
        path: hub.path.clone(),
        fault,
    })?;
    let mut catalogue = Catalogue {
        domains: Vec::new(),
        tools: Vec::new(),
        tenancy,
        by_key: FxHashMap::default(),
    };
    for source in domains {
        let file: DomainFile = parse(&source)?;
        let inconsistent = |fault| CatalogueError::Inconsistent {
            path: source.path.clone(),
            fault,
        };
        if catalogue.domains.iter().any(|domain| domain.name == file.domain) {
            return Err(inconsistent(format!(
                "another file describes the domain {} too",
                file.domain
            )));
        }
        for entry in file.tools {
            if entry.key.split('.').next() != Some(&file.domain) {
                return Err(inconsistent(format!(
                    "{}: the key does not begin with the domain",
                    entry.key
                )));
            }
            if catalogue
                .by_key
                .insert(entry.key.clone(), catalogue.tools.len())
                .is_some()
            {
                return Err(inconsistent(format!("{}: two tools have this key", entry.key)));
            }
            catalogue
                .tools
                .push(Arc::new(tool(&file.domain, &file.connectors, entry)?));
        }
        catalogue.domains.push(Domain {
            name: file.domain,
            title: file.title,
            connectors: file.connectors,
            records: file.records,
        });
    }
    Ok(catalogue)
}

fn parse<T: DeserializeOwned>(source: &Source) -> Result<T, CatalogueError> {
    serde_json::from_str(&source.text).map_err(|fault| CatalogueError::Parse {
        path: source.path.clone(),
        fault: Arc::new(fault),
    })
}

fn tool(domain: &str, connectors: &[String], entry: ToolEntry) -> Result<Tool, CatalogueError> {
    let input = reading().build(&entry.input_schema);
    let output = reading_as::<DataJson>().build(&entry.output_schema);
    let unusable = |side| {
        let tool = entry.key.clone();
        move |fault: ValidationError<'_>| CatalogueError::Schema {
            tool,
            side,
            fault: fault.to_string(),
        }
    };
    let (input, output) = (input.map_err(unusable("input"))?, output.map_err(unusable("output"))?);
    Ok(Tool {
        key: entry.key,
        domain: domain.to_owned(),
        title: entry.title,
        description: entry.description,
        risk_level: entry.risk_level,
        connectors: entry.connectors.unwrap_or_else(|| connectors.to_vec()),
        input_schema: entry.input_schema,
        output_schema: entry.output_schema,
        behavior: Value::Object(entry.behavior),
        input,
        output,
    })
}

/// How a tool's schemas are read. EXE-02: `format` is an annotation; the contract reads a schema without `$schema` as 2020-12, the
/// crate's default.
pub(crate) fn reading() -> ValidationOptions<'static> {
    reading_as::<SerdeJson>()
}

/// The same for instances in another representation.
fn reading_as<F: Json>() -> ValidationOptions<'static, Arc<dyn Retrieve>, F> {
    jsonschema::options_for().should_validate_formats(false)
}

/// Ids are unique, what is named exists, limits are positive.
fn check_tenancy(tenancy: &Tenancy) -> Result<(), String> {
    let workspaces: HashSet<_> = tenancy
        .workspaces
        .iter()
        .map(|workspace| workspace.id.as_str())
        .collect();
    let known = |of: &str, workspace: &str| match workspaces.contains(workspace) {
        true => Ok(()),
        false => Err(format!("{of}: no workspace has the id {workspace}")),
    };
    let (mut ids, mut secrets) = (HashSet::new(), HashSet::new());
    for workspace in &tenancy.workspaces {
        unique(&mut ids, &workspace.id)?;
        positive(&workspace.id, workspace.limits)?;
    }
    for key in &tenancy.keys {
        unique(&mut ids, &key.id)?;
        known(&key.id, &key.workspace)?;
        positive(&key.id, key.limits)?;
        if !secrets.insert(key.secret.expose()) {
            return Err(format!("{}: another key has the same secret", key.id));
        }
    }
    let mut defaults = HashSet::new();
    for connection in &tenancy.connections {
        unique(&mut ids, &connection.id)?;
        known(&connection.id, &connection.workspace)?;
        if connection.default && !defaults.insert((&connection.workspace, &connection.domain)) {
            return Err(format!(
                "{}: another connection is the default of {} too",
                connection.id, connection.domain
            ));
        }
    }
    tenancy
        .policies
        .iter()
        .try_for_each(|policy| known("a policy", &policy.workspace))
}

fn unique<'a>(ids: &mut HashSet<&'a str>, id: &'a str) -> Result<(), String> {
    if ids.insert(id) {
        Ok(())
    } else {
        Err(format!("two entries have the id {id}"))
    }
}

fn positive(of: &str, limit: Limit) -> Result<(), String> {
    if limit.per_window > 0 && limit.window_ms > 0 {
        Ok(())
    } else {
        Err(format!("{of}: a limit is at least 1"))
    }
}
