//! Tables that have a table for each tool, such as `[inputs."domain.resource.action"]`.

use std::collections::BTreeMap;

use super::error::ProfileError;
use super::node::{Node, Section};

/// What such a table is, for its messages.
pub(super) struct ByTool<'a> {
    /// Its own name.
    pub(super) name: &'a str,
    /// The keys that a tool's table may have.
    pub(super) keys: &'a [&'a str],
    /// A tool's table in words.
    pub(super) members: &'a str,
}

impl ByTool<'_> {
    /// What a reader makes of each tool's table, whose keys are known by then.
    pub(super) fn read<T>(
        &self,
        node: &Node<'_>,
        mut read: impl FnMut(&str, Section<'_>) -> Result<T, ProfileError>,
    ) -> Result<BTreeMap<String, T>, ProfileError> {
        let name = self.name;
        let tools = node.section(&format!("a table such as [{name}.\"domain.resource.action\"]"))?;
        let mut read_by_tool = BTreeMap::new();
        for (tool, span, of_tool) in tools.entries() {
            if tool.is_empty() {
                return Err(node.fault_at(span, "a tool's key cannot be empty"));
            }
            let section = of_tool.section(self.members)?;
            // `[inputs.itsm.tickets.get]` is a table in a table in a table.
            if let Some(part) = section.has_table(self.keys)
                && !tool.contains('.')
            {
                return Err(ProfileError {
                    message: format!("`{tool}` in [{name}] is only a part of a tool's key: `{part}` is no key of it"),
                    span: Some(span),
                    help: Some(format!(
                        "put the tool's whole key into quotes: [{name}.\"domain.resource.action\"]"
                    )),
                });
            }
            read_by_tool.insert(tool.to_owned(), read(tool, section.only(self.keys)?)?);
        }
        Ok(read_by_tool)
    }
}
