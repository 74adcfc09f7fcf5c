//! `[keys]`: the API keys by role.

use super::error::ProfileError;
use super::node::Node;
use super::target::check_header_value;
use super::variables::sole_variable;
use super::{Key, Keys};
use crate::role::Role;
use crate::secret::Secret;

/// Reads `[keys]`. No message holds a key.
pub(super) fn read(node: &Node<'_>, warnings: &mut Vec<String>) -> Result<Keys, ProfileError> {
    let roles = Role::ALL.into_iter().map(Role::name);
    let names: Vec<_> = roles.chain(["restricted_tool", "shared_limit", "disposable"]).collect();
    let section = node.section("a table")?.only(&names)?;
    let mut keys = Keys {
        restricted_tool: section.read("restricted_tool", |node| {
            node.word("a tool's key such as \"itsm.tickets.delete\"")
        })?,
        shared_limit: section.read("shared_limit", |node| node.number_of("calls", 600))?,
        disposable: section.read("disposable", |node| node.boolean())?.unwrap_or_default(),
        ..Keys::default()
    };
    for role in Role::ALL {
        let Some(node) = section.get(role.name()) else {
            continue;
        };
        let (key, is_plain) = key(role, &node)?;
        if let Some((other, _)) = keys.by_role.iter().find(|(_, known)| known.secret == key.secret) {
            return Err(node
                .fault(format_args!("it is the same key as `{other}`"))
                .with_help("give each role a key of its own, and leave out the roles for which there is none"));
        }
        if is_plain {
            let variable = variable_for(role);
            warnings.push(format!(
                "`{role}` in [keys] is written in plain text; \"${{{variable}}}\" would take it from the environment"
            ));
        }
        keys.by_role.insert(role, key);
    }
    if keys.restricted_tool.is_some() && keys.get(Role::Restricted).is_none() {
        warnings.push("`restricted_tool` in [keys] says nothing without a `restricted` key".to_owned());
    }
    let shared = [Role::SharedA, Role::SharedB];
    if keys.shared_limit.is_some() && shared.iter().all(|role| keys.get(*role).is_none()) {
        warnings.push("`shared_limit` in [keys] says nothing without `shared_a` and `shared_b`".to_owned());
    }
    if let [Some(_), None] | [None, Some(_)] = shared.map(|role| keys.get(role)) {
        warnings.push("`shared_a` and `shared_b` in [keys] serve only together, and one is missing".to_owned());
    }
    Ok(keys)
}

/// A role's key, and whether it is written in plain text.
fn key(role: Role, node: &Node<'_>) -> Result<(Key, bool), ProfileError> {
    let variable = variable_for(role);
    let text = node.text(&format!("a string such as \"${{{variable}}}\""))?;
    // What reads a key from a file often leaves the end of the line on it.
    let value = text.value.trim();
    let variable = sole_variable(text.raw);
    if value.is_empty() {
        return Err(match variable {
            Some(variable) => node
                .fault(format_args!("the environment variable {variable} is empty"))
                .with_help(format!("export {variable}=…")),
            None => node
                .fault("the key is empty")
                .with_help("leave out the roles for which there is no key"),
        });
    }
    check_header_value(value).map_err(|fault| node.fault(fault))?;
    let key = Key {
        secret: Secret::new(value),
        variable: variable.map(str::to_owned),
    };
    Ok((key, !text.has_variables))
}

fn variable_for(role: Role) -> String {
    format!("HUB_KEY_{}", role.name().to_uppercase())
}
