//! What each tool is at a vendor: a mapping's file, read and its filters compiled once.

use std::collections::HashSet;
use std::time::Duration;

use http::{HeaderName, HeaderValue, Method};
use rustc_hash::FxHashMap;

use super::file::{MappingFile, StepTable};
use super::filter::Filter;

/// A vendor, as a connector knows it.
pub(super) struct Mapping {
    pub(super) credentials: CredentialsForm,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
    pub(super) bounds: Bounds,
    /// What an error's body says.
    pub(super) message: Filter,
    /// What is a failure under a 2xx status.
    pub(super) failure: Option<Filter>,
    pub(super) tools: FxHashMap<String, MappedTool>,
}

/// How the vendor wants to be shown who calls.
pub(super) struct CredentialsForm {
    pub(super) header: HeaderName,
    pub(super) prefix: String,
    /// What opens a stand-in.
    pub(super) secret: String,
}

/// How long is waited, and how much is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// For a connection.
    pub(super) connect: Duration,
    /// For the whole call, all its steps, unless a link says otherwise.
    pub(super) call: Duration,
    /// The largest body of an answer.
    pub(super) answer_bytes: usize,
}

/// The requests that make up a tool, and what its output is made of.
pub(super) struct MappedTool {
    pub(super) steps: Vec<Step>,
    pub(super) output: Filter,
}

/// One request.
pub(super) struct Step {
    /// What filters find its answer by.
    pub(super) name: String,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) when: Option<Filter>,
    pub(super) parameters: Option<Filter>,
    pub(super) query: Option<Filter>,
    pub(super) body: Option<Filter>,
    pub(super) reads_headers: Vec<HeaderName>,
    pub(super) failure: Option<Filter>,
}

impl Step {
    /// Whether it asks the vendor for a change.
    pub(super) fn changes_state(&self) -> bool {
        self.method != Method::GET
    }
}

/// A mapping cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the mapping of {connector}: {place}: {fault}")]
pub struct MappingError {
    /// The vendor.
    pub connector: String,
    /// Which part of it.
    pub place: String,
    /// What is wrong with it.
    pub fault: String,
}

impl Mapping {
    /// Reads a mapping's file.
    pub(super) fn read(text: &str) -> Result<Self, MappingError> {
        let file: MappingFile = toml::from_str(text).map_err(|fault| MappingError {
            connector: "a vendor".to_owned(),
            place: "its file".to_owned(),
            fault: fault.to_string(),
        })?;
        let reader = Reader {
            connector: &file.connector,
            definitions: &file.definitions,
        };
        let mut tools = FxHashMap::default();
        for (key, tool) in &file.tools {
            let steps = tool.steps.iter().map(|step| reader.step(key, step));
            let mapped = MappedTool {
                steps: steps.collect::<Result<_, _>>()?,
                output: reader.filter(&format!("{key}: output"), &tool.output)?,
            };
            reader.check(key, &mapped.steps)?;
            tools.insert(key.clone(), mapped);
        }
        let headers = file.headers.iter().map(|(name, value)| {
            let value = HeaderValue::from_str(value).map_err(|fault| reader.fault("headers", &fault))?;
            Ok((reader.header("headers", name)?, value))
        });
        Ok(Self {
            headers: headers.collect::<Result<_, MappingError>>()?,
            credentials: CredentialsForm {
                header: reader.header("credentials", &file.credentials.header)?,
                prefix: file.credentials.prefix.clone(),
                secret: file.credentials.secret.clone(),
            },
            bounds: Bounds {
                connect: Duration::from_millis(file.bounds.connect_ms),
                call: Duration::from_millis(file.bounds.call_ms),
                answer_bytes: file.bounds.answer_bytes,
            },
            message: reader.filter("errors: message", &file.errors.message)?,
            failure: reader.optional("errors: failure", file.errors.failure.as_deref())?,
            tools,
        })
    }
}

struct Reader<'a> {
    connector: &'a str,
    definitions: &'a str,
}

impl Reader<'_> {
    fn fault(&self, place: &str, fault: &dyn std::fmt::Display) -> MappingError {
        MappingError {
            connector: self.connector.to_owned(),
            place: place.to_owned(),
            fault: fault.to_string(),
        }
    }

    fn filter(&self, place: &str, code: &str) -> Result<Filter, MappingError> {
        Filter::compile(self.definitions, code).map_err(|fault| self.fault(place, &fault))
    }

    fn optional(&self, place: &str, code: Option<&str>) -> Result<Option<Filter>, MappingError> {
        code.map(|code| self.filter(place, code)).transpose()
    }

    fn header(&self, place: &str, name: &str) -> Result<HeaderName, MappingError> {
        name.parse()
            .map_err(|_| self.fault(place, &format!("`{name}` is no header's name")))
    }

    fn step(&self, tool: &str, table: &StepTable) -> Result<Step, MappingError> {
        let place = |part: &str| format!("{tool}: step {}: {part}", table.name);
        let method = table.method.parse();
        if !table.path.starts_with('/') {
            return Err(self.fault(&place("path"), &"it begins with `/`"));
        }
        let headers = table.reads_headers.iter();
        Ok(Step {
            name: table.name.clone(),
            method: method.map_err(|_| self.fault(&place("method"), &"no method"))?,
            path: table.path.clone(),
            when: self.optional(&place("when"), table.when.as_deref())?,
            parameters: self.optional(&place("parameters"), table.parameters.as_deref())?,
            query: self.optional(&place("query"), table.query.as_deref())?,
            body: self.optional(&place("body"), table.body.as_deref())?,
            reads_headers: headers
                .map(|name| self.header(&place("reads_headers"), name))
                .collect::<Result<_, _>>()?,
            failure: self.optional(&place("failure"), table.failure.as_deref())?,
        })
    }

    fn check(&self, tool: &str, steps: &[Step]) -> Result<(), MappingError> {
        let mut names = HashSet::new();
        if let Some(again) = steps.iter().find(|step| !names.insert(&step.name)) {
            return Err(self.fault(tool, &format!("two steps are called `{}`", again.name)));
        }
        // One call is one change (UPS-06): of several that are written down, conditions choose.
        let changes: Vec<_> = steps.iter().filter(|step| step.changes_state()).collect();
        if changes.len() > 1 && changes.iter().any(|step| step.when.is_none()) {
            return Err(self.fault(tool, &"more than one step changes something; each then needs a `when`"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        connector = "notes"
        credentials = { header = "x-key", secret = "s" }
        bounds = { connect_ms = 1, call_ms = 1, answer_bytes = 1 }
        errors = { message = ".error" }
        [tools."notes.create"]
        output = ".answers.made.body"
        [[tools."notes.create".steps]]
        name = "made"
        method = "POST"
        path = "/notes"
        body = ".input"
    "#;

    #[test]
    fn a_mistake_names_its_place() {
        assert!(Mapping::read(FILE).is_ok());
        let again = "[[tools.\"notes.create\".steps]]\nname = \"again\"\nmethod = \"PUT\"\npath = \"/notes\"\n";
        for (text, said) in [
            (
                FILE.replace("body = \".input\"", "body = \".input |\""),
                "notes.create: step made: body: not a jq filter",
            ),
            (
                FILE.replace("path = \"/notes\"", "path = \"notes\""),
                "notes.create: step made: path",
            ),
            (
                FILE.replace("x-key", "x key"),
                "credentials: `x key` is no header's name",
            ),
            (FILE.replace("body =", "boy ="), "unknown field"),
            (format!("{FILE}\n{again}"), "more than one step changes something"),
            (
                format!("{FILE}\n{}", again.replace("again", "made")),
                "two steps are called `made`",
            ),
        ] {
            let fault = Mapping::read(&text).err().unwrap().to_string();
            assert!(fault.contains(said), "{said}: {fault}");
        }
    }
}
