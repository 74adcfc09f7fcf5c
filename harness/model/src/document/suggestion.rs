//! What a user may have meant by a name that does not exist.

/// The end of a message about a name that does not exist: the nearest of those that do, or all of them.
pub(crate) fn instead_of(name: &str, known: &[&str]) -> String {
    let wanted = name.to_lowercase().replace('-', "_");
    let distance = |known: &&str| strsim::osa_distance(&wanted, known);
    let tolerance = |known: &str| (known.len().max(wanted.len()) / 3).max(1);
    let nearest = known.iter().map(distance).min();
    let meant: Vec<_> = known
        .iter()
        .filter(|known| Some(distance(known)) == nearest && distance(known) <= tolerance(known))
        .map(|known| format!("`{known}`"))
        .collect();
    if meant.is_empty() {
        format!("those that exist are {}", known.join(", "))
    } else {
        format!("did you mean {}?", meant.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_names_are_meant_and_else_all_are_told() {
        let known = ["primary", "shared_a", "shared_b", "id"];
        for (name, end) in [
            ("primry", "did you mean `primary`?"),
            ("Primary", "did you mean `primary`?"),
            ("shared-a", "did you mean `shared_a`?"),
            ("shared_", "did you mean `shared_a` or `shared_b`?"),
            ("di", "did you mean `id`?"),
            ("zebra", "those that exist are primary, shared_a, shared_b, id"),
            ("", "those that exist are primary, shared_a, shared_b, id"),
        ] {
            assert_eq!(instead_of(name, &known), end, "{name}");
        }
    }
}
