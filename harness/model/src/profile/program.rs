//! A program of the user's and its arguments, as the profile names them.

use super::error::ProfileError;
use super::node::Node;

/// Reads a program, which cannot be empty, and its arguments, which can.
pub(super) fn read(node: &Node<'_>, such_as: &str) -> Result<Vec<String>, ProfileError> {
    let expected = format!("a program and its arguments such as [\"{such_as}\", \"--env\", \"staging\"]");
    let words = node.list(&expected)?;
    let Some((program, arguments)) = words.split_first() else {
        return Err(node.fault(format_args!("expected {expected}, found an empty list")));
    };
    let program = program.word(&format!("a program such as \"{such_as}\""))?;
    let arguments = arguments.iter().map(|argument| {
        argument
            .text("an argument such as \"--env\"")
            .map(|argument| argument.value)
    });
    std::iter::once(Ok(program)).chain(arguments).collect()
}
