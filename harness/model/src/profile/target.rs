//! `[target]`: where the target is, and how to talk to it.

use std::path::PathBuf;

use super::error::ProfileError;
use super::node::{Node, Section};
use super::{Profile, Target, base_url, duration};
use crate::secret::Secret;

const KEYS: [&str; 7] = [
    "url",
    "timeout",
    "connect_timeout",
    "ca_file",
    "headers",
    "settle",
    "exclusive",
];

/// Reads `[target]`; `given` stands for its URL.
pub(super) fn read(node: Option<&Node<'_>>, given: Option<&str>) -> Result<Target, ProfileError> {
    let section = node.map(|node| node.section("a table")?.only(&KEYS)).transpose()?;
    let url = match (given, section.as_ref()) {
        (Some(given), _) => base_url::checked(given).map_err(|message| ProfileError {
            message,
            span: None,
            help: None,
        })?,
        (None, Some(section)) => section.read("url", url)?.ok_or_else(|| missing(Some(section)))?,
        (None, None) => return Err(missing(None)),
    };
    let mut target = Profile::of_url(url).target;
    if let Some(section) = section {
        let above_zero = |key| section.read(key, |node| duration::read_above_zero(&node));
        target.timeout = above_zero("timeout")?.unwrap_or(target.timeout);
        target.connect_timeout = above_zero("connect_timeout")?.unwrap_or(target.connect_timeout);
        target.ca_file = section.read("ca_file", ca_file)?;
        target.headers = section.read("headers", headers)?.unwrap_or_default();
        target.settle = section
            .read("settle", |node| duration::read(&node))?
            .unwrap_or(target.settle);
        target.exclusive = section
            .read("exclusive", |node| node.boolean())?
            .unwrap_or(target.exclusive);
    }
    Ok(target)
}

fn missing(section: Option<&Section<'_>>) -> ProfileError {
    ProfileError {
        message: "`url` is missing in [target]".to_owned(),
        span: section.map(|section| section.span.clone()),
        help: Some("say where the hub is: [target] url = \"https://hub.example/api/v1\"".to_owned()),
    }
}

fn url(node: Node<'_>) -> Result<String, ProfileError> {
    let url = node.word("a URL such as \"https://hub.example/api/v1\"")?;
    base_url::checked(&url).map_err(|reason| node.fault(reason))
}

fn ca_file(node: Node<'_>) -> Result<PathBuf, ProfileError> {
    node.word("a file's path such as \"company-ca.pem\"").map(PathBuf::from)
}

fn headers(node: Node<'_>) -> Result<Vec<(String, Secret)>, ProfileError> {
    let section = node.section("a table such as { X-Tenant = \"${HUB_TENANT}\" }")?;
    let mut headers = Vec::new();
    for (name, span, value) in section.entries() {
        if !is_header_name(name) {
            return Err(node.fault_at(span, format_args!("`{name}` is no header's name (RFC 9110 §5.6.2)")));
        }
        let text = value.text("a string such as \"${HUB_TENANT}\"")?.value;
        check_header_value(&text).map_err(|fault| value.fault(fault))?;
        headers.push((name.to_owned(), Secret::new(text)));
    }
    Ok(headers)
}

fn is_header_name(name: &str) -> bool {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(is_token)
}

/// Whether a text can be sent in a header, in words that do not repeat it.
pub(super) fn check_header_value(text: &str) -> Result<(), &'static str> {
    if text.chars().all(|c| c == ' ' || c.is_ascii_graphic()) {
        Ok(())
    } else {
        Err("it has a character that cannot be sent in a header")
    }
}
