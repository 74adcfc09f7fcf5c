//! Traces of a hub's insides in text that its clients read.

use std::net::Ipv4Addr;

/// Text that says something of a hub's insides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Internal<'t> {
    /// What it is, in words.
    pub(crate) kind: &'static str,
    /// The text.
    pub(crate) text: &'t str,
}

/// What runtimes write before or into a stack trace.
const TRACE_MARKS: [&str; 6] = [
    "Traceback (most recent call last)",
    "stack backtrace:",
    "Exception in thread \"",
    "' panicked at ",
    " [running]:\n",
    "[stacktrace]",
];

/// Statements, by the words that open them and words that follow. In capitals: prose selects from lists, too.
const STATEMENTS: [(&str, &str); 5] = [
    ("SELECT ", " FROM "),
    ("INSERT INTO ", " VALUES"),
    ("UPDATE ", " SET "),
    ("DELETE FROM ", ""),
    ("select * from ", ""),
];

/// What databases write into their errors.
const DATABASE_MARKS: [&str; 6] = [
    "SQLSTATE",
    "SQLITE_",
    "syntax error at or near \"",
    "error in your SQL syntax",
    "violates unique constraint",
    "violates foreign key constraint",
];

const SOURCE_EXTENSIONS: [&str; 16] = [
    "cpp", "cs", "ex", "exs", "go", "java", "js", "jsx", "kt", "mjs", "php", "py", "rb", "rs", "scala", "ts",
];

/// Where programs live: a path below one of these is no URL's.
const SOURCE_ROOTS: [&str; 11] = [
    "/app/",
    "/build/",
    "/home/",
    "/opt/",
    "/root/",
    "/srv/",
    "/usr/",
    "/var/",
    "/Users/",
    "/node_modules/",
    "/site-packages/",
];

/// The traces in a text: stack traces, source paths, SQL, private addresses.
pub(crate) fn internals(text: &str) -> Vec<Internal<'_>> {
    let of = |kind| move |text| Internal { kind, text };
    let mut found: Vec<_> = marks(text, &TRACE_MARKS)
        .chain(text.lines().map(str::trim).filter(|line| is_frame(line)))
        .map(of("a stack trace"))
        .collect();
    found.extend(words(text).filter(|word| is_source_path(word)).map(of("a source path")));
    let statements = STATEMENTS.iter().filter_map(|words| statement(text, *words));
    found.extend(statements.chain(marks(text, &DATABASE_MARKS)).map(of("SQL")));
    found.extend(private_addresses(text).map(of("a private address")));
    found
}

fn marks<'t>(text: &'t str, marks: &'static [&str]) -> impl Iterator<Item = &'t str> {
    marks
        .iter()
        .filter_map(|mark| text.find(mark).map(|at| &text[at..at + mark.len()]))
}

/// Whether a line is a frame as of the JVM, JavaScript or .NET: `at` a place with a line number.
fn is_frame(line: &str) -> bool {
    let Some(place) = line.strip_prefix("at ") else {
        return false;
    };
    let numbered = place.strip_suffix(')').and_then(|place| place.rsplit_once(':'));
    numbered.is_some_and(|(before, number)| before.contains('(') && is_number(number)) || place.contains(":line ")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What stands between white space, quotes and brackets.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let ends = |character: char| character.is_whitespace() || "\"'`()[]{}<>,;=|".contains(character);
    text.split(ends).map(|word| word.trim_end_matches(['.', ':']))
}

/// Whether a word is the path of a source file: with a line number, or below a directory where programs live.
fn is_source_path(word: &str) -> bool {
    let word = word.strip_prefix("file://").unwrap_or(word);
    let mut path = word;
    while let Some((before, _)) = path.rsplit_once(':').filter(|(_, number)| is_number(number)) {
        path = before;
    }
    let Some((directory, name)) = path.rsplit_once(['/', '\\']) else {
        return false;
    };
    let is_source = name
        .rsplit_once('.')
        .is_some_and(|(stem, extension)| !stem.is_empty() && SOURCE_EXTENSIONS.contains(&extension));
    let on_drive = directory.as_bytes().get(1..3) == Some(b":\\");
    let rooted = SOURCE_ROOTS.iter().any(|root| path.contains(root)) || on_drive;
    is_source && !path.contains("://") && (path.len() < word.len() || rooted)
}

/// From the words that open a statement to those that follow.
fn statement<'t>(text: &'t str, (opening, following): (&str, &str)) -> Option<&'t str> {
    let start = text.find(opening)?;
    // The blank before the following words may be the one after the opening words.
    let after = start + opening.len() - usize::from(!following.is_empty());
    let end = after + text[after..].find(following)? + following.len();
    let begins_a_word = !text[..start].ends_with(char::is_alphanumeric);
    begins_a_word.then(|| &text[start..end.max(start + opening.len())])
}

/// Addresses of RFC 1918 that stand by themselves: no part of a version or an identifier.
fn private_addresses(text: &str) -> impl Iterator<Item = &str> {
    let apart = |character: char| !(character.is_alphanumeric() || "._-".contains(character));
    text.split(apart)
        .map(|word| word.trim_end_matches('.'))
        .filter(|word| word.parse::<Ipv4Addr>().is_ok_and(|address| address.is_private()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<&'static str> {
        let mut kinds: Vec<_> = internals(text).into_iter().map(|internal| internal.kind).collect();
        kinds.dedup();
        kinds
    }

    #[test]
    fn stack_traces_of_the_usual_runtimes_are_found() {
        for text in [
            "Traceback (most recent call last):\n  File \"x\", line 3",
            "boom\n\tat com.hub.Router.route(Router.java:41)",
            "Error: boom\n    at Router.route (router:41:7)",
            "   at Hub.Router.Route(String key) in Router.cs:line 41",
            "thread 'main' panicked at router",
            "goroutine 1 [running]:\nmain.main()",
        ] {
            assert_eq!(kinds(text), ["a stack trace"], "{text}");
        }
    }

    #[test]
    fn source_paths_are_found() {
        for text in [
            "failed in src/router.rs:41:7",
            "failed (/app/dist/router.js)",
            "in file:///srv/hub/router.mjs",
            r"in C:\hub\Router.cs",
            "File \"/usr/lib/python3/site-packages/hub/router.py\"",
        ] {
            assert_eq!(kinds(text), ["a source path"], "{text}");
        }
    }

    #[test]
    fn sql_is_found() {
        for text in [
            "near: SELECT id FROM tools WHERE key = ?",
            "SELECT * FROM tools",
            "DELETE FROM approvals",
            "UPDATE keys SET used = 1",
            "SQLSTATE[23505]",
            "duplicate key value violates unique constraint \"keys_pkey\"",
        ] {
            assert_eq!(kinds(text), ["SQL"], "{text}");
        }
    }

    #[test]
    fn private_addresses_are_found_and_others_are_not() {
        for text in [
            "connect to 10.0.3.7:5432",
            "host=172.16.0.1",
            "(192.168.1.20).",
            "/10.1.2.3:80",
        ] {
            assert_eq!(kinds(text), ["a private address"], "{text}");
        }
        for text in [
            "8.8.8.8",
            "172.32.0.1",
            "127.0.0.1",
            "v10.0.0.1",
            "10.0.0.1-beta",
            "1.10.0.0.1",
            "10.0.1",
        ] {
            assert!(kinds(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn plain_words_are_no_internals() {
        for text in [
            "Please select a value from the list, at least one (see the docs)",
            "at most 5 (of 10)",
            "UPDATED SETTINGS",
            "write to https://docs.hub.test/app/errors.php for more",
            "POST /rest/index.php was refused",
            "/properties/title is required",
            "No active connection for domain 'itsm'",
            "Unknown tool hubproof.no_such.tool",
            "node.js:18",
        ] {
            assert!(kinds(text).is_empty(), "{text}");
        }
    }
}
