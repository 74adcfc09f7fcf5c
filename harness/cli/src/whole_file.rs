//! Writing a file whole or not at all.

use std::path::Path;

/// Writes a file beside its place and moves it there, so that a reader never sees half of one.
pub(crate) fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let draft = path.with_extension("partial");
    let written = std::fs::write(&draft, text).and_then(|()| std::fs::rename(&draft, path));
    if written.is_err() {
        let _ = std::fs::remove_file(&draft);
    }
    written
}
