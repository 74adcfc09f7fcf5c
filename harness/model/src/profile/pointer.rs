//! JSON Pointers (RFC 6901) in a profile.

use super::error::ProfileError;
use super::node::Node;

/// A pointer into some JSON; an empty one is the whole of it.
pub(super) fn read(node: &Node<'_>, expected: &str) -> Result<String, ProfileError> {
    let pointer = node.text(expected)?.value;
    check(&pointer).map_err(|fault| node.fault(fault))?;
    Ok(pointer)
}

/// A pointer to a place within some JSON, and not to the whole of it.
pub(super) fn read_place(node: &Node<'_>, expected: &str) -> Result<String, ProfileError> {
    let pointer = read(node, expected)?;
    if pointer.is_empty() {
        return Err(node.fault(format_args!("expected {expected}, found an empty one")));
    }
    Ok(pointer)
}

/// Whether a text is a JSON Pointer.
pub(super) fn check(text: &str) -> Result<(), &'static str> {
    if !text.is_empty() && !text.starts_with('/') {
        return Err("a JSON Pointer begins with `/`");
    }
    let is_escape = |after: &str| after.starts_with(['0', '1']);
    if !text.split('~').skip(1).all(is_escape) {
        return Err("in a JSON Pointer, `~` stands only in `~0` (for `~`) and `~1` (for `/`)");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_those_of_rfc_6901() {
        for pointer in ["", "/", "/a/0", "/a~1b~0c", "//"] {
            assert_eq!(check(pointer), Ok(()), "{pointer}");
        }
        for no_pointer in ["a", "a/b", "/a~", "/~2", "#/a"] {
            assert!(check(no_pointer).is_err(), "{no_pointer}");
        }
    }
}
