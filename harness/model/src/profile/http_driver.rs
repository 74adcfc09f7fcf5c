//! The requests with which approvals are listed and decided, where `[approvals] driver` is `"http"`.

use serde_json::Value;

use super::error::ProfileError;
use super::node::{Node, Section};
use super::suggestion::instead_of;
use super::{json, placeholders, pointer};
use crate::approval::{ApprovalRequest, HttpDriver};
use crate::effect::ID;

/// Small, so that a misspelled one finds its like.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// A request as it is where the profile does not say otherwise.
struct Preset {
    method: &'static str,
    path: &'static str,
    /// The placeholders that are filled in.
    filled: &'static [&'static str],
}

const LIST: Preset = Preset {
    method: "GET",
    path: "/approvals?status=pending",
    filled: &[],
};
const APPROVE: Preset = Preset {
    method: "POST",
    path: "/approvals/<id>/approve",
    filled: &[ID],
};
const REJECT: Preset = Preset {
    method: "POST",
    path: "/approvals/<id>/reject",
    filled: &[ID],
};

/// Reads the keys of `[approvals]` that belong to this driver.
pub(super) fn read(section: &Section<'_>) -> Result<HttpDriver, ProfileError> {
    let list = section.read("list", |node| {
        node.section(
            "a table such as { path = \"/approvals?status=pending\", entries = \"/approvals\", id = \"/id\" }",
        )?
        .only(&["path", "entries", "id", "method", "body"])
    })?;
    let place = |key, expected, preset: &str| match &list {
        Some(list) => list
            .read(key, |node| pointer::read(&node, expected))
            .map(|place| place.unwrap_or_else(|| preset.to_owned())),
        None => Ok(preset.to_owned()),
    };
    let driver = HttpDriver {
        entries: place("entries", "a JSON Pointer such as \"/approvals\"", "/approvals")?,
        id: place("id", "a JSON Pointer such as \"/id\"", "/id")?,
        list: request(list.as_ref(), &LIST)?,
        approve: decision(section.get("approve"), &APPROVE)?,
        reject: decision(section.get("reject"), &REJECT)?,
    };
    if driver.approve == driver.reject {
        let (said, other) = match (section.get("reject"), section.get("approve")) {
            (Some(reject), _) => (Some(reject), "approve"),
            (None, approve) => (approve, "reject"),
        };
        if let Some(said) = said {
            return Err(said.fault(format_args!("it is the same request as `{other}`")));
        }
    }
    Ok(driver)
}

/// A request that decides on an entry, which it must name.
fn decision(node: Option<Node<'_>>, preset: &Preset) -> Result<ApprovalRequest, ProfileError> {
    let Some(node) = node else {
        return request(None, preset);
    };
    let section = node
        .section(&format!("a table such as {{ path = \"{}\" }}", preset.path))?
        .only(&["path", "method", "body"])?;
    let decision = request(Some(&section), preset)?;
    let names_entry = match (section.get("path"), section.get("body")) {
        (None, _) => true,
        (Some(path), body) => {
            placeholders::holds(path.value(), ID) || body.is_some_and(|body| placeholders::holds(body.value(), ID))
        }
    };
    match names_entry {
        true => Ok(decision),
        false => Err(node.fault(format_args!(
            "it needs `{ID}`, in its `path` or `body`, where the entry's id goes"
        ))),
    }
}

fn request(section: Option<&Section<'_>>, preset: &Preset) -> Result<ApprovalRequest, ProfileError> {
    let mut request = ApprovalRequest {
        method: preset.method.to_owned(),
        path: preset.path.to_owned(),
        body: None,
    };
    let Some(section) = section else {
        return Ok(request);
    };
    if let Some(method) = section.read("method", |node| method(&node))? {
        request.method = method;
    }
    if let Some(path) = section.read("path", |node| path(&node, preset))? {
        request.path = path;
    }
    request.body = section.read("body", |node| body(&node, preset))?;
    match section.get("body") {
        Some(body) if request.method == "GET" => Err(body.fault("a GET has no body")),
        _ => Ok(request),
    }
}

fn method(node: &Node<'_>) -> Result<String, ProfileError> {
    let text = node.text("a method such as \"POST\"")?;
    if METHODS.iter().any(|method| text.value.eq_ignore_ascii_case(method)) {
        return Ok(text.value.to_ascii_uppercase());
    }
    let instead = instead_of(text.raw, &METHODS);
    Err(node.fault(format_args!("`{}` is not a method; {instead}", text.raw)))
}

fn path(node: &Node<'_>, preset: &Preset) -> Result<String, ProfileError> {
    let path = node.text(&format!("a path such as \"{}\"", preset.path))?.value;
    if !path.starts_with('/') {
        return Err(node.fault("a path begins with `/`: it stands below the base URL"));
    }
    if path.contains('#') || path.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(node.fault("`#` and white space cannot stand in a path"));
    }
    placeholders::check(node, preset.filled)?;
    Ok(path)
}

fn body(node: &Node<'_>, preset: &Preset) -> Result<Value, ProfileError> {
    placeholders::check(node, preset.filled)?;
    json::read(node)
}
