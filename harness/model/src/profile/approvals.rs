//! `[approvals]`: which tools need approval, and who decides.

use super::error::ProfileError;
use super::node::{Node, Section};
use super::suggestion::instead_of;
use super::{Keys, duration, http_driver, program};
use crate::approval::{Approvals, CommandDriver, Driver, ManualDriver};
use crate::role::Role;

const KEYS: [&str; 8] = [
    "gated", "wait", "driver", "list", "approve", "reject", "program", "place",
];

/// The drivers, each with the keys that it alone takes.
const DRIVERS: [(&str, &[&str]); 3] = [
    ("http", &["list", "approve", "reject"]),
    ("command", &["program"]),
    ("manual", &["place"]),
];

/// Reads `[approvals]`.
pub(super) fn read(node: &Node<'_>, keys: &Keys, warnings: &mut Vec<String>) -> Result<Approvals, ProfileError> {
    let section = node.section("a table")?.only(&KEYS)?;
    let name = section.read("driver", |node| driver_name(&node))?;
    refuse_keys_of_others(&section, name)?;
    let driver = match name {
        Some("http") => {
            if let (None, Some(node)) = (keys.get(Role::Approver), section.get("driver")) {
                return Err(node
                    .fault("\"http\" decides with the `approver` key, which is missing in [keys]")
                    .with_help("add to [keys]: approver = \"${HUB_KEY_APPROVER}\""));
            }
            Some(Driver::Http(http_driver::read(&section)?))
        }
        Some("command") => Some(Driver::Command(CommandDriver {
            program: section.require("program", |node| program::read(&node, "./decide"))?,
        })),
        Some("manual") => Some(Driver::Manual(ManualDriver {
            place: section.require("place", |node| {
                node.word("words or a URL such as \"https://hub.example/approvals\"")
            })?,
        })),
        _ => None,
    };
    let wait = section.read("wait", |node| duration::read_above_zero(&node))?;
    if wait.is_some() && driver.is_none() {
        warnings.push("`wait` in [approvals] says nothing without a `driver`".to_owned());
    }
    Ok(Approvals {
        gated: section.read("gated", |node| gated(&node))?.unwrap_or_default(),
        driver,
        wait: wait.unwrap_or(Approvals::default().wait),
    })
}

fn driver_name(node: &Node<'_>) -> Result<&'static str, ProfileError> {
    let text = node.text("a driver such as \"http\"")?;
    let names = DRIVERS.map(|(name, _)| name);
    let known = names.into_iter().find(|name| *name == text.value);
    known.ok_or_else(|| {
        node.fault(format_args!(
            "`{}` is not a driver; {}",
            text.raw,
            instead_of(text.raw, &names)
        ))
    })
}

fn refuse_keys_of_others(section: &Section<'_>, driver: Option<&str>) -> Result<(), ProfileError> {
    for (other, keys) in DRIVERS {
        if Some(other) == driver {
            continue;
        }
        if let Some(node) = keys.iter().find_map(|key| section.get(key)) {
            let message = format!("only the driver \"{other}\" takes it");
            return Err(match driver {
                Some(driver) => node.fault(format_args!("{message}, and `driver` is \"{driver}\"")),
                None => node.fault(format_args!("{message}, and `driver` is missing")),
            });
        }
    }
    Ok(())
}

fn gated(node: &Node<'_>) -> Result<Vec<String>, ProfileError> {
    let mut tools = Vec::new();
    for item in node.list("a list of tools' keys such as [\"identity.users.delete\"]")? {
        let tool = item.word("a tool's key such as \"identity.users.delete\"")?;
        if tools.contains(&tool) {
            return Err(item.fault("the same tool stands in the list before"));
        }
        tools.push(tool);
    }
    Ok(tools)
}
