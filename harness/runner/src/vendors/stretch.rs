//! What a vendor does for a stretch of a case: from one step of it to the next, or to the end of the case.

use hubproof_model::case::{Deed, Done};
use hubproof_model::upstream::{Arrival, VendorStep};
use hubproof_vendor::{Fault, Received, Script, Scripted, StandIn};

use super::program::{Begun, Program};

/// From one step of a vendor to the next.
pub(crate) enum Stretch<'v> {
    /// The run plays the vendor.
    Watched {
        stand_in: &'v StandIn,
        /// The number of the first request that belongs to it.
        from: u64,
        scripted: Option<Scripted>,
    },
    /// A program has the vendor fail, if it is to fail.
    Unwatched(Option<Begun<'v>>),
}

impl<'v> Stretch<'v> {
    /// Has a stand-in do what a step says.
    ///
    /// # Errors
    /// That nobody knows the fault.
    pub(super) async fn watched(stand_in: &'v StandIn, step: &VendorStep) -> Result<Self, String> {
        let scripted = match &step.fault {
            None => None,
            Some(fault) => {
                let fault: Fault = fault.parse().map_err(|unknown| format!("{fault}: {unknown}"))?;
                let script = Script::of(fault).echoing_credentials();
                let script = if step.changes_only {
                    script.changes_only()
                } else {
                    script
                };
                let script = match step.first {
                    Some(first) => script.first(first),
                    None => script,
                };
                Some(stand_in.script(script).await)
            }
        };
        Ok(Self::Watched {
            from: stand_in.reception().requests,
            stand_in,
            scripted,
        })
    }

    /// Has a program do what a step says; of a sound vendor it is told nothing.
    ///
    /// # Errors
    /// Why it does not, in words.
    pub(super) async fn unwatched(
        program: &'v Program,
        fault: Option<&str>,
        tool: Option<&str>,
    ) -> Result<Self, String> {
        match fault {
            None => Ok(Self::Unwatched(None)),
            Some(fault) => program.begin(fault, tool).await.map(Some).map(Self::Unwatched),
        }
    }

    /// Has the vendor be sound again, and tells what reached it.
    ///
    /// # Errors
    /// Why it may fail still, in words.
    async fn end(self) -> Result<Done, String> {
        match self {
            Self::Watched {
                stand_in,
                from,
                scripted,
            } => {
                let received = stand_in.received().into_iter();
                let own = received.filter(|received| received.number >= from);
                let reached = own.map(arrival).collect();
                drop(scripted);
                Ok(Done::Reached(reached))
            }
            Self::Unwatched(begun) => {
                if let Some(begun) = begun {
                    begun.end().await?;
                }
                Ok(Done::Unwatched)
            }
        }
    }
}

fn arrival(received: Received) -> Arrival {
    Arrival {
        method: received.method,
        path: received.path,
        changes_state: received.changes_state,
        carried_out: received.carried_out,
        idempotency_key: received.idempotency_key,
    }
}

/// What vendors do while a case is played: one stretch at a time.
#[derive(Default)]
pub(crate) struct Stretches<'v> {
    current: Option<(String, Result<Stretch<'v>, String>)>,
}

impl<'v> Stretches<'v> {
    /// The stretch of this step has begun, or could not.
    pub(crate) fn begin(&mut self, step: &VendorStep, begun: Result<Stretch<'v>, String>) {
        self.current = Some((step.label.clone(), begun));
    }

    /// Ends the current stretch: the vendor is sound again, and what reached it is told.
    pub(crate) async fn end(&mut self) -> Option<Deed> {
        let (label, stretch) = self.current.take()?;
        let outcome = match stretch {
            Ok(stretch) => stretch.end().await,
            Err(why) => Err(why),
        };
        Some(Deed { label, outcome })
    }
}
