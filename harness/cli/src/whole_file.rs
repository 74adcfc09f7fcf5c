//! Writing a file whole or not at all.

use std::path::Path;

/// Writes a file beside its place and moves it there, so that a reader never sees half of one.
pub(crate) fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let draft = path.with_extension("partial");
    std::fs::write(&draft, text)?;
    std::fs::rename(&draft, path)
}
