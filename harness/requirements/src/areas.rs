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
}
