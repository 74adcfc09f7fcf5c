//! The defects: each a mistake that real hubs make, at the step of the flow where they make it. They prove that every check can
//! fail.

use crate::flow::Flow;

/// A mistake that can be switched on.
#[derive(Debug, Clone, Copy)]
pub struct Defect {
    /// Its name on the command line.
    pub name: &'static str,
    /// The requirement that it breaks; others may break with it.
    pub requirement: &'static str,
    /// What a hub with it does, in a sentence.
    pub summary: &'static str,
    pub(crate) plant: fn(&mut Flow),
}

/// There is no defect of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no defect `{name}`{}", .near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
pub struct UnknownDefect {
    /// The name given.
    pub name: String,
    /// The name that comes closest.
    pub near: Option<&'static str>,
}

/// Declares each file's module and lists its `DEFECT`. Nothing else.
macro_rules! defects {
    ($($file:ident,)*) => {
        $(mod $file;)*

        /// The defect of each file, in the order of their names.
        const ALL: &[Defect] = &[$($file::DEFECT,)*];
    };
}

defects! {
    additional_members_untyped,
    all_of_unchecked,
    anonymous_definitions,
    answers_swapped,
    any_of_unchecked,
    any_scheme,
    bare_framework_errors,
    bounds_unchecked,
    codes_of_its_own,
    conditions_unchecked,
    connection_domain_ignored,
    connectors_not_named,
    contains_unchecked,
    dangling_references,
    data_beside_error,
    default_alternates,
    default_connection_named,
    defaults_of_the_wrong_type,
    definition_belittles_risk,
    dependencies_unchecked,
    dependent_schemas_unchecked,
    details_null,
    discriminators_unchecked,
    draft_4_bounds_inclusive,
    dry_run_text_ignored,
    dry_runs_fail_precondition,
    duplicate_objects_accepted,
    duplicates_accepted,
    duration_in_microseconds,
    duration_missing,
    else_unchecked,
    empty_text_accepted,
    enums_case_insensitive,
    enums_unchecked,
    faults_not_located,
    filter_hides_admin_tools,
    first_branch_only,
    foreign_connections_route,
    fractions_are_integers,
    hostile_keys_crash,
    inactive_connections_route,
    input_schema_takes_anything,
    integral_floats_refused,
    item_counts_unchecked,
    json_as_text,
    key_in_query,
    lengths_in_bytes,
    lengths_in_utf16,
    lengths_unchecked,
    listing_comes_and_goes,
    max_contains_unchecked,
    maximum_off_by_one,
    maximum_refused,
    media_type_ignored,
    member_counts_unchecked,
    member_names_unchecked,
    missing_connection_is_upstream,
    missing_input_is_empty,
    multiples_by_remainder,
    multiples_unchecked,
    negations_unchecked,
    nested_members_optional,
    nested_objects_unchecked,
    nested_unknown_members_accepted,
    no_challenge,
    nulls_are_absent,
    nulls_refused,
    one_of_takes_several,
    one_status_for_errors,
    output_schema_missing,
    pattern_members_refused,
    pattern_members_unchecked,
    patterns_anchored,
    patterns_from_the_start,
    patterns_unchecked,
    permissions_ignored,
    raw_vendor_data,
    recursion_unchecked,
    reference_siblings_ignored,
    request_headers_echoed,
    request_ids_repeat,
    required_first_only,
    revoked_keys_work,
    risk_in_other_words,
    scheme_case_sensitive,
    single_values_are_lists,
    stack_traces,
    text_is_coerced,
    tool_listed_twice,
    tuples_unchecked,
    unevaluated_members_accepted,
    unknown_connections_fall_back,
    unknown_definitions_forbidden,
    unknown_domain_lists_all,
    unknown_members_accepted,
    unknown_tools_first,
    unknown_tools_invalid,
    unreadable_bodies_are_empty,
    unreadable_numbers_crash,
    wrong_methods_not_found,
}

/// Every defect, in the order of their names.
#[must_use]
pub fn all() -> &'static [Defect] {
    ALL
}

/// The defect of this name.
///
/// # Errors
/// That there is none, and which name comes close.
pub fn find(name: &str) -> Result<&'static Defect, UnknownDefect> {
    let near = || {
        ALL.iter()
            .map(|defect| (strsim::jaro_winkler(name, defect.name), defect.name))
    };
    ALL.iter()
        .find(|defect| defect.name == name)
        .ok_or_else(|| UnknownDefect {
            name: name.to_owned(),
            near: near()
                .filter(|(likeness, _)| *likeness > 0.8)
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .map(|(_, name)| name),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed_under_its_own_name_in_order() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/src/defects");
        let mut files: Vec<_> = std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| {
                entry
                    .unwrap()
                    .path()
                    .file_stem()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('_', "-")
            })
            .filter(|stem| stem != "mod")
            .collect();
        files.sort();
        assert_eq!(all().iter().map(|defect| defect.name).collect::<Vec<_>>(), files);
    }

    #[test]
    fn a_name_that_is_not_there_meets_the_closest_one() {
        assert_eq!(find("no-chalenge").unwrap_err().near, Some("no-challenge"));
        assert_eq!(find("zzz").unwrap_err().near, None);
    }
}
