//! The registry: every requirement that the suite judges, sorted by area (in the contract's order) and number.

use hubproof_model::requirement::{Requirement, RequirementId};

use crate::check::Check;
use crate::measured::Measured;
use crate::sequences::Sequenced;

/// What people read of every requirement, in the contract's order: of those that a run exercises, and of those that a bench does.
pub fn requirements() -> impl Iterator<Item = &'static Requirement> {
    let of_runs = REGISTRY.iter().map(|check| check.requirement());
    of_runs.chain(MEASURED.iter().map(|measured| measured.requirement()))
}

/// Whether a requirement is exercised by `hubproof bench`, and by no run.
pub fn is_measured(id: RequirementId) -> bool {
    MEASURED.iter().any(|measured| measured.requirement().id == id)
}

/// Declares each file's module and lists its `CHECK`. Nothing else.
macro_rules! registry {
    ($($area:ident { $($file:ident,)* })*) => {
        $(#[doc = concat!("The checks of area `", stringify!($area), "`.")]
        pub mod $area { $(pub(crate) mod $file;)* })*

        /// Every check, in the contract's order. Those whose requirements sequences can violate have them beside their own cases.
        pub const REGISTRY: &[&dyn Check] = &[$($(&Sequenced(&$area::$file::CHECK),)*)*];

        /// The file of each check, in the same order: area and stem.
        pub const FILES: &[(&str, &str)] = &[$($((stringify!($area), stringify!($file)),)*)*];
    };
}

/// Declares the module of each file of `lat`, whose requirements a bench exercises and no case of a run, and lists its `MEASURED`.
macro_rules! measured {
    ($($file:ident,)*) => {
        /// What is judged of a measurement.
        pub mod lat { $(pub(crate) mod $file;)* }

        /// Every requirement that is judged of a measurement, in the contract's order.
        pub const MEASURED: &[&dyn Measured] = &[$(&lat::$file::MEASURED,)*];
    };
}

measured! {
    lat_01_objectives,
    lat_02_baseline,
    lat_03_overhead,
}

registry! {
    auth {
        auth_01_missing_authorization,
        auth_02_invalid_key,
        auth_03_malformed_credentials,
        auth_04_challenge,
        auth_05_permission,
        auth_06_scheme_case,
        auth_07_refusals_have_no_effect,
        auth_08_unknown_tools_alike,
        auth_09_workspaces,
        auth_10_no_key_in_answers,
    }
    env {
        env_01_success_envelope,
        env_02_error_envelope,
        env_03_never_mixed,
        env_04_json_bodies,
        env_05_unique_request_ids,
        env_06_documented_codes,
        env_07_duration,
        env_08_named_connection,
        env_09_output_schema,
        env_10_success_and_throttle_statuses,
        env_11_code_statuses,
        env_12_framework_errors,
        env_13_no_internals,
        env_14_stable_default,
    }
    cat {
        cat_01_listing,
        cat_02_domain_filter,
        cat_03_unknown_domain,
        cat_04_definition,
        cat_05_unknown_definition,
        cat_06_schemas,
        cat_07_risk_levels,
        cat_08_consistency,
        cat_09_object_inputs,
        cat_10_stable_listing,
        cat_11_hostile_keys,
        cat_12_annotated_values,
        cat_13_connectors,
    }
    exe {
        exe_01_valid_inputs,
        exe_02_broken_inputs,
        exe_03_unknown_tool,
        exe_04_unknown_connection,
        exe_05_no_active_connection,
        exe_06_input_object,
        exe_07_body_types,
        exe_08_no_object,
        exe_09_content_type,
        exe_10_client_mistakes,
        exe_11_refusals_have_no_effect,
        exe_12_routing,
        exe_13_error_details,
        exe_14_wrong_method,
        exe_15_concurrency,
        exe_16_reads_have_no_effect,
        exe_17_foreign_domain,
        exe_18_integral_floats,
    }
    idm {
        idm_01_replay,
        idm_02_duplicates,
        idm_03_other_input,
        idm_04_each_by_itself,
        idm_05_workspaces,
        idm_06_tools,
        idm_07_refusals_spend_nothing,
        idm_08_dry_runs_spend_nothing,
        idm_09_upstream_errors,
        idm_10_any_key,
        idm_11_equal_json,
    }
    dry {
        dry_01_no_effect,
        dry_02_invalid_input,
        dry_03_false,
        dry_04_same_checks,
        dry_05_no_entry,
        dry_06_vendor,
    }
    apr {
        apr_01_gated_calls_wait,
        apr_02_entries,
        apr_03_approved_calls_execute_once,
        apr_04_waiting_replays,
        apr_05_rejected_calls,
        apr_06_approvals_are_bound,
        apr_07_unapproved_calls,
        apr_08_invalid_inputs,
        apr_09_entries_are_named,
        apr_10_reads_are_not_gated,
    }
    rtl {
        rtl_01_headers,
        rtl_02_numbers,
        rtl_03_counted,
        rtl_04_throttled,
        rtl_05_no_effect,
        rtl_06_retry_after,
        rtl_07_accepted_again,
        rtl_08_each_key,
        rtl_09_each_workspace,
        rtl_10_nothing_left,
        rtl_11_reset,
        rtl_12_no_more_than_limit,
        rtl_13_catalogue_headers,
        rtl_14_stable_limit,
    }
    ups {
        ups_01_vendor_errors,
        ups_02_vendor_throttles,
        ups_03_vendor_credentials_refused,
        ups_04_vendor_without_answer,
        ups_05_vendor_data,
        ups_06_one_request,
        ups_07_vendor_secrets,
        ups_08_vendor_status,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What fits a few lines of a terminal, and of an editor.
    const LONGEST: usize = 300;

    #[test]
    fn how_each_is_probed_and_mended_is_told_in_a_sentence_or_two() {
        for requirement in requirements() {
            for text in [requirement.method, requirement.mend] {
                let length = text.chars().count();
                assert!(
                    text.ends_with('.') && length <= LONGEST,
                    "{}: {length} characters: {text}",
                    requirement.id
                );
            }
        }
    }
}
