//! How soon effects show on a target, as a run has seen it: what one has waited for in vain again and again is waited for less long.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long an effect is waited for that a sound hub shows, even if the profile says nothing of it: a listing may lag by some moments. It
/// costs nothing where the effect shows.
const PATIENCE: Duration = Duration::from_secs(2);
/// So often a read is waited for that long in vain. Where a call has no effect, each try of a shorter sequence would cost it again.
const OFTEN: u32 = 3;
/// How many times the slowest effect that showed is waited for then, and the least.
const TIMES: u32 = 4;
const LEAST: Duration = Duration::from_millis(200);

/// What observations have seen so far.
#[derive(Debug, Default)]
pub(crate) struct Sightings(Mutex<Seen>);

#[derive(Debug, Default)]
struct Seen {
    /// How long the slowest effect was waited for that showed.
    slowest: Option<Duration>,
    /// How often the effects of a tool did not show in the answers of a read.
    in_vain: HashMap<(String, String), u32>,
}

impl Sightings {
    /// How long an effect of a tool is waited for that is to show in the answers of a read.
    pub(super) fn patience(&self, (acting, read): (&str, &str)) -> Duration {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_hopeless = seen.in_vain.get(&(acting.to_owned(), read.to_owned()));
        let is_hopeless = is_hopeless.is_some_and(|times| *times >= OFTEN);
        // Where none has shown yet, nothing is known of how soon they do.
        match seen.slowest.filter(|_| is_hopeless) {
            Some(slowest) => (slowest * TIMES).clamp(LEAST, PATIENCE),
            None => PATIENCE,
        }
    }

    /// An effect was waited for.
    pub(super) fn note(&self, (acting, read): (&str, &str), waited: Duration, has_shown: bool) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if has_shown {
            seen.slowest = seen.slowest.max(Some(waited));
        } else {
            *seen.in_vain.entry((acting.to_owned(), read.to_owned())).or_default() += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn after(sights: &[((&str, &str), Duration, bool)]) -> Sightings {
        let seen = Sightings::default();
        sights
            .iter()
            .for_each(|(of, waited, shown)| seen.note(*of, *waited, *shown));
        seen
    }

    #[test]
    fn what_never_shows_is_waited_for_less_once_others_have_shown() {
        let missed = (("create", "list"), PATIENCE, false);
        assert_eq!(after(&[missed; 5]).patience(("create", "list")), PATIENCE);
        let shown = (("create", "get"), 100 * MS, true);
        assert_eq!(after(&[shown, missed, missed]).patience(("create", "list")), PATIENCE);
        let seen = after(&[missed, shown, missed, missed]);
        assert_eq!(seen.patience(("create", "list")), 400 * MS);
        assert_eq!(seen.patience(("create", "get")), PATIENCE);
        // Of what another tool does nothing is known.
        assert_eq!(seen.patience(("update", "list")), PATIENCE);
    }

    #[test]
    fn a_hub_that_lags_is_waited_for_all_the_same() {
        let missed = (("create", "list"), PATIENCE, false);
        let of = |lag| {
            after(&[
                missed,
                missed,
                missed,
                (("create", "get"), MS, true),
                (("create", "get"), lag, true),
                (("create", "get"), MS, true),
            ])
        };
        assert_eq!(of(MS).patience(("create", "list")), LEAST);
        assert_eq!(of(900 * MS).patience(("create", "list")), PATIENCE);
    }
}
