//! Environment variables in the profile's strings: `${NAME}`, and `$${` for a literal `${`.

/// Where strings get the values of variables from.
pub(crate) type Variables<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a string came to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    pub(crate) value: String,
    /// How many variables it names.
    pub(crate) variables: usize,
}

/// Why a string cannot be filled, with the byte at which the variable begins.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unfilled {
    /// `${` without its `}`.
    Open { at: usize },
    /// Something between the braces that is no name; `len` is the length with the braces.
    BadName { at: usize, len: usize },
    /// A variable that is not set.
    Unset { at: usize, name: String },
}

/// The string with the values of its variables. A value is taken as it is: what looks like a variable in it is none.
pub(crate) fn fill(text: &str, variables: Variables<'_>) -> Result<Filled, Unfilled> {
    let mut filled = Filled {
        value: String::with_capacity(text.len()),
        variables: 0,
    };
    let mut rest = text;
    while let Some(dollar) = rest.find('$') {
        filled.value.push_str(&rest[..dollar]);
        rest = &rest[dollar..];
        if let Some(after) = rest.strip_prefix("$${") {
            filled.value.push_str("${");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("${") {
            let at = text.len() - rest.len();
            let (name, after) = after.split_once('}').ok_or(Unfilled::Open { at })?;
            if !is_name(name) {
                let len = name.len() + "${}".len();
                return Err(Unfilled::BadName { at, len });
            }
            let value = variables(name).ok_or_else(|| Unfilled::Unset {
                at,
                name: name.to_owned(),
            })?;
            filled.value.push_str(&value);
            filled.variables += 1;
            rest = after;
        } else {
            filled.value.push('$');
            rest = &rest[1..];
        }
    }
    filled.value.push_str(rest);
    Ok(filled)
}

/// The name of the variable that the string is, if it is nothing else.
pub(crate) fn sole_variable(text: &str) -> Option<&str> {
    text.strip_prefix("${")?.strip_suffix('}').filter(|name| is_name(name))
}

fn is_name(text: &str) -> bool {
    let start = |c: char| c.is_ascii_alphabetic() || c == '_';
    text.starts_with(start) && text.chars().all(|c| start(c) || c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(name: &str) -> Option<String> {
        match name {
            "A" => Some("one".to_owned()),
            "B_2" => Some("${A}".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn variables_are_filled_in_once() {
        for (text, value, count) in [
            ("", "", 0),
            ("plain", "plain", 0),
            ("${A}", "one", 1),
            ("<${A}${A}>", "<oneone>", 2),
            ("${B_2}", "${A}", 1),
            ("$${A}", "${A}", 0),
            ("$$${A}", "$${A}", 0),
            ("5 $ and $A", "5 $ and $A", 0),
            ("é${A}$", "éone$", 1),
        ] {
            let filled = fill(text, &variables).unwrap();
            assert_eq!((filled.value.as_str(), filled.variables), (value, count), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_filled_says_where() {
        let unset = |at, name: &str| Unfilled::Unset {
            at,
            name: name.to_owned(),
        };
        for (text, fault) in [
            ("a ${A", Unfilled::Open { at: 2 }),
            ("${}", Unfilled::BadName { at: 0, len: 3 }),
            ("x${A:-y}", Unfilled::BadName { at: 1, len: 7 }),
            ("${2}", Unfilled::BadName { at: 0, len: 4 }),
            ("${A} ${C}", unset(5, "C")),
        ] {
            assert_eq!(fill(text, &variables), Err(fault), "{text}");
        }
    }

    #[test]
    fn a_string_is_a_variable_only_as_a_whole() {
        assert_eq!(sole_variable("${A}"), Some("A"));
        for text in ["${A} ", "$${A}", "${A}${A}", "A", "${}"] {
            assert_eq!(sole_variable(text), None, "{text}");
        }
    }
}
