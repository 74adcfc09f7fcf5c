//! The registry: every requirement that the suite judges, sorted by area (in the contract's order) and number.

use crate::check::Check;

/// Declares each file's module and lists its `CHECK`. Nothing else.
macro_rules! registry {
    ($($area:ident { $($file:ident,)* })*) => {
        $(#[doc = concat!("The checks of area `", stringify!($area), "`.")]
        pub mod $area { $(pub(crate) mod $file;)* })*

        /// Every check, in the contract's order.
        pub const REGISTRY: &[&dyn Check] = &[$($(&$area::$file::CHECK,)*)*];

        /// The file of each check, in the same order: area and stem.
        pub const FILES: &[(&str, &str)] = &[$($((stringify!($area), stringify!($file)),)*)*];
    };
}

registry! {
    auth {
        auth_01_missing_authorization,
    }
    env {
        env_01_success_envelope,
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
}
