//! Defects at the level of the hub: each shows in a short exchange, which a sound hub goes through without it.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::sync::Arc;

use futures::future::LocalBoxFuture;
use reference_server::{Hub, defects};

use crate::client::TestHub;
use crate::clock::Still;

/// A hub whose clock stands still, with a defect or without.
pub(crate) struct Tried {
    hub: TestHub,
    pub(crate) clock: Arc<Still>,
}

impl Deref for Tried {
    type Target = TestHub;

    fn deref(&self) -> &TestHub {
        &self.hub
    }
}

impl Tried {
    async fn of(hub: Hub) -> Self {
        let clock = Arc::new(Still::default());
        Self {
            hub: TestHub::of(hub.clock(clock.clone())).await,
            clock,
        }
    }
}

/// A defect's name, and an exchange that is true where the hub goes wrong.
pub(crate) type Row = (&'static str, for<'a> fn(&'a Tried) -> LocalBoxFuture<'a, bool>);

/// Each defect shows in its exchange, and the sound hub shows nothing of it.
pub(crate) async fn prove(rows: &[Row], hub: impl Fn() -> Hub) {
    for (defect, goes_wrong) in rows {
        let broken = Tried::of(hub().defect(defect).unwrap()).await;
        assert!(goes_wrong(&broken).await, "{defect} does not show");
        let sound = Tried::of(hub()).await;
        assert!(!goes_wrong(&sound).await, "a sound hub seems to have {defect}");
    }
}

/// The rows are about every defect of these requirements: ids, or the beginnings of ids.
pub(crate) fn assert_complete(rows: &[&[Row]], requirements: &[&str]) {
    let proved: BTreeSet<_> = rows.iter().copied().flatten().map(|(defect, _)| *defect).collect();
    let of_requirements = defects::all().iter().filter(|defect| {
        requirements
            .iter()
            .any(|requirement| defect.requirement.starts_with(requirement))
    });
    assert_eq!(proved, of_requirements.map(|defect| defect.name).collect());
}
