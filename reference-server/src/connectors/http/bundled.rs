//! The mappings that come along.

use std::sync::{Arc, OnceLock};

use super::link::VendorLinkError;
use super::mapping::{Mapping, MappingError};

/// Each connector's mapping.
const MAPPINGS: [(&str, &str); 3] = [
    (
        "servicenow",
        include_str!("../../../../fixtures/connectors/servicenow.toml"),
    ),
    ("jira", include_str!("../../../../fixtures/connectors/jira.toml")),
    ("slack", include_str!("../../../../fixtures/connectors/slack.toml")),
];

/// The mapping of a connector: read once, its filters are many.
pub(super) fn mapping(connector: &str) -> Result<Arc<Mapping>, VendorLinkError> {
    static READ: [OnceLock<Result<Arc<Mapping>, MappingError>>; MAPPINGS.len()] =
        [const { OnceLock::new() }; MAPPINGS.len()];
    let Some(place) = MAPPINGS.iter().position(|(own, _)| *own == connector) else {
        return Err(VendorLinkError::NoMapping {
            connector: connector.to_owned(),
            mapped: MAPPINGS.map(|(own, _)| own).join(", "),
        });
    };
    let read = READ[place].get_or_init(|| Mapping::read(MAPPINGS[place].1).map(Arc::new));
    Ok(read.clone()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Catalogue;

    #[test]
    fn every_mapping_can_be_read_and_is_for_tools_that_its_connector_has() {
        let catalogue = Catalogue::bundled().unwrap();
        for (connector, _) in MAPPINGS {
            let mapping = mapping(connector).unwrap_or_else(|fault| panic!("{fault}"));
            assert!(!mapping.tools.is_empty());
            for (key, tool) in &mapping.tools {
                let known = catalogue
                    .tool(key)
                    .unwrap_or_else(|| panic!("{connector}: there is no tool {key}"));
                assert!(
                    known.connectors.iter().any(|own| own == connector),
                    "{connector}: {key}"
                );
                let changes = tool.steps.iter().any(|step| step.changes_state());
                assert_eq!(changes, known.risk_level.changes_state(), "{connector}: {key}");
            }
        }
    }

    #[test]
    fn the_two_itsm_vendors_have_every_tool_of_their_domain() {
        let catalogue = Catalogue::bundled().unwrap();
        for connector in ["servicenow", "jira"] {
            let mapping = mapping(connector).unwrap();
            let tools = catalogue.tools.iter().filter(|tool| tool.domain == "itsm");
            let unmapped: Vec<_> = tools
                .filter(|tool| !mapping.tools.contains_key(&tool.key))
                .map(|tool| &tool.key)
                .collect();
            assert!(unmapped.is_empty(), "{connector}: {unmapped:?}");
        }
    }
}
