//! The defects: each a mistake that real hubs make, at the step of the flow where they make it. They prove that every check can
//! fail.

use crate::flow::Flow;

/// A mistake that can be switched on.
#[derive(Debug, Clone, Copy)]
pub struct Defect {
    /// Its name on the command line.
    pub name: &'static str,
    /// The requirement that it breaks, or the test of a certificate that is none; others may break with it.
    pub requirement: &'static str,
    /// What a hub with it does, in a sentence.
    pub summary: &'static str,
    pub(crate) plant: fn(&mut Flow),
}

/// There is no defect of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no defect `{name}`; {}",
    .near.map_or("`reference-hub --list-defects` names all".to_owned(), |near| format!("did you mean `{near}`?"))
)]
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
    approvals_for_any_connection,
    approvals_for_any_input,
    approvals_for_any_tool,
    approvals_for_any_workspace,
    approved_calls_act_each_time,
    approved_calls_keep_waiting,
    approved_replays_race,
    approved_tools_stay_open,
    asking_makes_no_entry,
    audit_awaited,
    bare_framework_errors,
    bounds_unchecked,
    bursts_race,
    calls_counted_twice,
    codes_of_its_own,
    conditions_unchecked,
    connection_domain_ignored,
    connectors_not_named,
    contains_unchecked,
    control_characters_crash,
    dangling_references,
    data_beside_error,
    decisions_execute,
    default_account_acts,
    default_alternates,
    default_connection_named,
    defaults_of_the_wrong_type,
    definition_belittles_risk,
    definitions_tell_no_quota,
    dependencies_unchecked,
    dependent_schemas_unchecked,
    details_null,
    discriminators_unchecked,
    draft_4_bounds_inclusive,
    dropped_calls_are_retried,
    dry_run_false_is_true,
    dry_run_false_refused,
    dry_run_text_ignored,
    dry_runs_ask_approval,
    dry_runs_check_names_only,
    dry_runs_claim_keys,
    dry_runs_execute,
    dry_runs_execute_under_load,
    dry_runs_fail_precondition,
    dry_runs_leave_entries,
    dry_runs_left_to_the_vendor,
    dry_runs_of_deletes_execute,
    dry_runs_reach_the_vendor,
    dry_runs_skip_connection,
    dry_runs_skip_key,
    dry_runs_skip_permission,
    dry_runs_skip_tool,
    dry_runs_skip_validation,
    dry_runs_spend_keys,
    duplicate_objects_accepted,
    duplicates_accepted,
    duplicates_in_flight_get_nothing,
    duplicates_race,
    duplicates_spoil_the_key,
    duration_in_microseconds,
    duration_inflated,
    duration_missing,
    duration_zero,
    else_unchecked,
    empty_text_accepted,
    endless_keys_crash,
    entries_made_on_replay,
    entries_named_by_request,
    entries_not_named,
    enums_case_insensitive,
    enums_unchecked,
    equal_inputs_deduplicated,
    equal_inputs_share_approvals,
    executes_tell_no_quota,
    exhausted_for_good,
    exhausted_keys_block_their_address,
    exhausted_keys_block_their_workspace,
    exhausted_workspaces_block_others,
    failed_calls_count_as_done,
    faults_not_located,
    filter_hides_admin_tools,
    first_account_sticks,
    first_branch_only,
    forbidden_calls_act,
    foreign_connections_route,
    foreign_keys_conflict,
    fractions_are_integers,
    gated_calls_act,
    gated_calls_execute,
    gets_touch_records,
    hostile_keys_crash,
    inactive_connections_route,
    input_schema_takes_anything,
    integral_floats_refused,
    invalid_calls_act,
    invalid_calls_ask_approval,
    invalid_calls_leave_entries,
    item_counts_unchecked,
    json_as_text,
    key_in_query,
    keyless_calls_deduplicated,
    keyless_calls_need_no_approval,
    keys_beyond_64_refused,
    keys_case_folded,
    keys_cut_at_128,
    keys_cut_at_32,
    keys_forgotten_once_replayed,
    keys_of_letters_only,
    keys_shared_by_workspaces,
    keys_spent_by_invalid_input,
    keys_spent_by_lost_connections,
    keys_spent_by_throttling,
    keys_trimmed,
    lengths_in_bytes,
    lengths_in_utf16,
    lengths_unchecked,
    limit_doubles_when_half_used,
    limit_is_what_is_left,
    limit_with_policy,
    limits_not_enforced,
    listing_comes_and_goes,
    listings_slower,
    listings_tell_no_quota,
    lost_connections_act,
    max_contains_unchecked,
    maximum_off_by_one,
    maximum_refused,
    media_type_ignored,
    member_counts_unchecked,
    member_names_unchecked,
    member_order_matters,
    missing_connection_is_upstream,
    missing_input_is_empty,
    multiples_by_remainder,
    multiples_unchecked,
    named_connections_need_no_approval,
    negations_unchecked,
    nested_members_optional,
    nested_objects_unchecked,
    nested_unknown_members_accepted,
    no_challenge,
    nulls_are_absent,
    nulls_refused,
    one_beyond_the_limit,
    one_call_at_a_time,
    one_of_takes_several,
    one_status_for_errors,
    one_tool_slow,
    other_inputs_are_replayed,
    other_inputs_execute,
    other_tools_are_replayed,
    output_schema_missing,
    overhead_untold,
    pattern_members_refused,
    pattern_members_unchecked,
    patterns_anchored,
    patterns_from_the_start,
    patterns_unchecked,
    permissions_ignored,
    priorities_shift_at_one_vendor,
    quota_untold_in_refusals,
    quota_untold_when_throttled,
    raw_vendor_data,
    reads_beside_gated_tools_gated,
    recursion_unchecked,
    reference_siblings_ignored,
    rejected_calls_execute,
    rejected_replays_act,
    rejections_approve,
    rejections_wear_off,
    remaining_above_limit,
    remaining_falls_in_steps,
    remaining_negative,
    remaining_never_falls,
    replays_act_again,
    replays_are_empty,
    replays_are_marked,
    request_headers_echoed,
    request_ids_repeat,
    required_first_only,
    reset_a_week_away,
    reset_in_the_past,
    reset_jitters,
    retry_after_fixed,
    retry_after_in_milliseconds,
    retry_after_missing,
    revoked_keys_act,
    revoked_keys_work,
    risk_in_other_words,
    scheme_case_sensitive,
    searches_gated,
    searches_touch_records,
    shut_beyond_reset,
    single_values_are_lists,
    stack_traces,
    stands_still,
    text_is_coerced,
    throttled_as_forbidden,
    throttled_as_unavailable,
    throttled_calls_act,
    throttled_calls_are_queued,
    throttled_with_all_left,
    throttled_with_one_left,
    throttled_without_envelope,
    tool_listed_twice,
    tuples_unchecked,
    unauthorized_calls_act,
    unevaluated_members_accepted,
    unknown_connections_fall_back,
    unknown_definitions_forbidden,
    unknown_domain_lists_all,
    unknown_members_accepted,
    unknown_tools_first,
    unknown_tools_invalid,
    unreadable_answers_crash,
    unreadable_bodies_are_empty,
    unreadable_numbers_crash,
    upstream_errors_spend_keys,
    upstream_errors_without_details,
    vendor_401_is_the_clients,
    vendor_403_is_the_clients,
    vendor_data_unchecked,
    vendor_errors_are_retried,
    vendor_headers_passed_on,
    vendor_messages_passed_on,
    vendor_reads_unchecked,
    vendor_refusals_blame_the_input,
    vendor_status_always_502,
    vendor_status_untold,
    vendor_throttles_are_failures,
    vendor_throttles_are_waited_out,
    vendors_awaited_without_end,
    waiting_duplicates_race,
    waiting_replays_conflict,
    waiting_replays_make_entries,
    white_space_matters,
    workspace_limit_for_each_key,
    workspace_limit_not_enforced,
    writes_reach_every_account,
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
