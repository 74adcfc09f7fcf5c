//! A pattern of tool keys.

use std::fmt;

use globset::{Glob, GlobMatcher};

/// A glob over tool keys, such as `itsm.*`.
#[derive(Debug, Clone)]
pub struct ToolGlob {
    text: String,
    matcher: GlobMatcher,
}

/// A text that is no glob; why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{glob}` is not a glob: {reason}")]
pub struct InvalidGlob {
    /// The text.
    pub glob: String,
    /// What is wrong with it.
    pub reason: String,
}

impl ToolGlob {
    /// Reads a glob.
    ///
    /// # Errors
    /// What keeps the text from being one.
    pub fn new(text: &str) -> Result<Self, InvalidGlob> {
        let glob = Glob::new(text).map_err(|fault| InvalidGlob {
            glob: text.to_owned(),
            reason: fault.kind().to_string(),
        })?;
        Ok(Self {
            text: text.to_owned(),
            matcher: glob.compile_matcher(),
        })
    }

    /// The glob that matches this key alone, whatever the hub put into it. `None` for a blank key, which nobody can write down.
    pub fn of_key(key: &str) -> Option<Self> {
        let mut text = String::with_capacity(key.len());
        for character in key.chars() {
            // In a class of one, each of them stands for itself; `globset::escape` forgets the backslash.
            match character {
                '?' | '*' | '[' | ']' | '{' | '}' | '\\' => text.extend(['[', character, ']']),
                plain => text.push(plain),
            }
        }
        let is_written_down = !key.trim().is_empty();
        Self::new(&text)
            .ok()
            .filter(|glob| is_written_down && glob.is_match(key))
    }

    /// Whether it matches a tool's key.
    pub fn is_match(&self, key: &str) -> bool {
        self.matcher.is_match(key)
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for ToolGlob {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for ToolGlob {}

impl fmt::Display for ToolGlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_takes_any_number_of_segments() {
        let glob = ToolGlob::new("itsm.*").unwrap();
        assert!(glob.is_match("itsm.tickets.create") && !glob.is_match("crm.deals.list"));
        assert!(ToolGlob::new("*.{get,list}").unwrap().is_match("itsm.tickets.list"));
    }

    #[test]
    fn a_key_is_matched_by_its_own_glob_alone() {
        for key in [
            "itsm.tickets.get",
            "a[b]*?{c,d}!\\e",
            "hubproof//no_such_tool",
            "../x",
            "é\n",
        ] {
            let glob = ToolGlob::of_key(key).unwrap();
            assert!(glob.is_match(key), "{key}");
            assert!(!glob.is_match(&format!("{key}x")), "{key}");
        }
        assert_eq!(
            ToolGlob::of_key("itsm.tickets.get").unwrap().as_str(),
            "itsm.tickets.get"
        );
        assert_eq!(ToolGlob::of_key(" "), None);
    }

    #[test]
    fn what_is_no_glob_says_why() {
        let fault = ToolGlob::new("itsm.[a").unwrap_err();
        assert!(fault.to_string().starts_with("`itsm.[a` is not a glob: "), "{fault}");
    }
}
