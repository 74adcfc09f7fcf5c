//! The canonical catalogue of a hub's tools: one text for what a hub tells of its tools, in whichever order and spelling it tells it.

use hubproof_model::catalogue::CatalogueSeen;
use hubproof_model::safety::Risk;
use hubproof_model::surface::{Surface, Tool};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// What is told of the catalogue of a discovered hub; `None` where it holds what RFC 8785 has no text for.
pub fn seen(surface: &Surface) -> Option<CatalogueSeen> {
    let text = canonical(surface)?;
    let digest = Sha256::digest(&text);
    Some(CatalogueSeen {
        sha256: digest.iter().map(|byte| format!("{byte:02x}")).collect(),
        tools: surface.tools.len() as u64,
    })
}

/// The canonical catalogue, as RFC 8785 writes it.
fn canonical(surface: &Surface) -> Option<Vec<u8>> {
    let mut tools: Vec<_> = surface.tools.iter().collect();
    tools.sort_by(|one, other| one.key.cmp(&other.key));
    let tools: Vec<_> = tools.into_iter().map(entry).collect();
    serde_json_canonicalizer::to_vec(&tools).ok()
}

/// What the dialect is free to spell in its own way, spelled in one.
fn entry(tool: &Tool) -> Value {
    let mut connectors = tool.connectors.clone();
    connectors.sort_unstable();
    json!({
        "key": tool.key,
        "domain": tool.domain,
        "risk": tool.risk.as_ref().map(spelled),
        "connectors": connectors,
        "input_schema": tool.input_schema,
        "output_schema": tool.output_schema,
    })
}

/// A risk level in the hub's own word.
fn spelled(risk: &Risk) -> String {
    match risk {
        Risk::Unknown(text) => text.clone(),
        known => known.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(key: &str) -> Tool {
        Tool {
            key: key.to_owned(),
            domain: "itsm".to_owned(),
            risk: Some(Risk::Read),
            input_schema: Some(json!({"type": "object", "minProperties": 1.0})),
            connectors: vec!["servicenow".to_owned(), "jira".to_owned()],
            ..Tool::default()
        }
    }

    fn surface(tools: Vec<Tool>) -> Surface {
        Surface {
            tools,
            ..Surface::default()
        }
    }

    #[test]
    fn the_text_is_that_of_rfc_8785() {
        let text = canonical(&surface(vec![tool("itsm.tickets.get")])).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "[{\"connectors\":[\"jira\",\"servicenow\"],\"domain\":\"itsm\",\"input_schema\":{\"minProperties\":1,\"type\":\"object\"},\
             \"key\":\"itsm.tickets.get\",\"output_schema\":null,\"risk\":\"read\"}]"
        );
    }

    #[test]
    fn neither_order_nor_spelling_makes_another_catalogue_and_all_else_does() {
        let (first, second) = (tool("itsm.tickets.get"), tool("itsm.tickets.list"));
        let told = seen(&surface(vec![first.clone(), second.clone()])).unwrap();
        assert_eq!(told.tools, 2);
        let mut alike = second.clone();
        alike.connectors.reverse();
        alike.input_schema = Some(json!({"minProperties": 1, "type": "object"}));
        alike.listed = json!({"title": "told, and no part of the contract"});
        assert_eq!(seen(&surface(vec![alike, first.clone()])), Some(told.clone()));
        let others = [
            Tool {
                risk: Some(Risk::Write),
                ..second.clone()
            },
            Tool {
                risk: Some(Risk::Unknown("READ".to_owned())),
                ..second.clone()
            },
            Tool {
                connectors: vec!["jira".to_owned()],
                ..second.clone()
            },
            Tool {
                output_schema: Some(json!(true)),
                ..second.clone()
            },
            Tool {
                domain: "crm".to_owned(),
                ..second.clone()
            },
            tool("itsm.tickets.lists"),
        ];
        for other in others {
            let changed = seen(&surface(vec![first.clone(), other])).unwrap();
            assert_ne!(changed.sha256, told.sha256);
        }
    }
}
