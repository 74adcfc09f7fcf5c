//! Where a result is, as code scanning wants it: in a file of the repository.
//!
//! A hub has no source here. What stands for it is the profile; without one its address, as a relative path: GitHub refuses a whole
//! log for one `https:` place.

use serde_json::{Value, json};

use crate::document::Report;
use crate::document::baseline::Baseline;
use crate::printable::visible;

/// The file of a report's results.
#[derive(Debug)]
pub(super) struct Place {
    artifact: Value,
    target: String,
}

impl Place {
    pub(super) fn of(report: &Report) -> Self {
        let target = target(report);
        let artifact = match &report.target.profile {
            Some(profile) => file(profile),
            None => json!({ "uri": target, "uriBaseId": "%SRCROOT%" }),
        };
        Self { artifact, target }
    }

    /// The hub, as a relative path.
    pub(super) fn target(&self) -> &str {
        &self.target
    }

    /// The place of what is about this tool.
    pub(super) fn location(&self, tool: Option<&str>) -> Value {
        let mut location =
            json!({ "physicalLocation": { "artifactLocation": self.artifact, "region": { "startLine": 1 } } });
        if let Some(tool) = tool {
            let tool = visible(tool);
            location["logicalLocations"] = json!([{ "name": tool, "fullyQualifiedName": tool, "kind": "function" }]);
        }
        location
    }
}

/// The place of what is about the baseline.
pub(super) fn of_baseline(baseline: &Baseline) -> Value {
    json!({ "physicalLocation": { "artifactLocation": file(&baseline.path), "region": { "startLine": 1 } } })
}

/// A path as a URI: relative to the repository, or of the machine where it is absolute.
fn file(path: &str) -> Value {
    let path = path.strip_prefix("./").unwrap_or(path);
    let uri = encoded(path);
    if path.starts_with('/') {
        json!({ "uri": format!("file://{uri}") })
    } else {
        json!({ "uri": uri, "uriBaseId": "%SRCROOT%" })
    }
}

/// The address without what may change from run to run: the bundled hub has another port each time.
fn target(report: &Report) -> String {
    if report.target.bundled {
        return "reference-hub".to_owned();
    }
    let url = &report.target.url;
    let address = url.split_once("://").map_or(url.as_str(), |(_, address)| address);
    let address = address.split(['?', '#']).next().unwrap_or_default();
    match encoded(address.trim_matches('/')) {
        empty if empty.is_empty() => "hub".to_owned(),
        path => path,
    }
}

/// A path with all that a URI may not hold spelled out.
fn encoded(path: &str) -> String {
    let mut encoded = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_to_the_repository_unless_they_are_absolute() {
        assert_eq!(file("./ci/hub é.toml")["uri"], "ci/hub%20%C3%A9.toml");
        assert_eq!(
            file("a:b.toml"),
            json!({ "uri": "a%3Ab.toml", "uriBaseId": "%SRCROOT%" })
        );
        assert_eq!(file("/ci/hub.toml"), json!({ "uri": "file:///ci/hub.toml" }));
    }
}
