//! The steps that cases of gated calls are made of. A judge finds what it looks at by the labels.

use hubproof_model::approval::Driver;
use hubproof_model::call::{Call, ExecuteBody, Intent};
use hubproof_model::case::{ApprovalVerdict, Case, Decide, EntryCount, EntryLook, Step};
use serde_json::Value;

use super::elsewhere::{Variation, control, other_input, own_connection};
use super::evidence::UNAPPROVED;
use crate::effects::scene::Scene;
use crate::site::Site;

/// A case in the making.
pub(super) struct Script<'a, 's> {
    scene: &'a Scene<'s>,
    site: &'a Site<'s>,
    id: String,
    steps: Vec<Step>,
}

impl<'a, 's> Script<'a, 's> {
    /// What the tool takes before it is called.
    pub(super) fn begin(scene: &'a Scene<'s>, site: &'a Site<'s>, id: &str) -> Self {
        Self {
            scene,
            site,
            id: id.to_owned(),
            steps: scene.set_up(),
        }
    }

    pub(super) fn case(self, title: impl Into<String>) -> Case {
        self.scene.case(self.id, title, self.steps)
    }

    /// The call, whose entry is looked for, and its replays while it waits.
    pub(super) fn asks(&mut self) {
        self.asks_once();
        self.steps.push(self.scene.shows_no_more("after asking", 0));
        self.counts("entries", "asked", 1);
        self.steps.push(Step::ShowEntry(EntryLook {
            label: "entry".to_owned(),
            of: "asked".to_owned(),
        }));
        self.replays_as(&["waiting replay", "second waiting replay"]);
        self.counts("entries while waiting", "asked", 1);
        self.steps.push(self.scene.shows_no_more("while waiting", 0));
    }

    /// The call alone.
    pub(super) fn asks_once(&mut self) {
        self.replays_as(&["asked"]);
    }

    pub(super) fn asks_at_once(&mut self, duplicates: usize) {
        let call = |number| self.refused(&format!("asked/{number}"), "key");
        self.steps.push(Step::AtOnce((1..=duplicates).map(call).collect()));
        self.counts("entries while waiting", "asked/*", 1);
        self.steps.push(self.scene.shows_no_more("while waiting", 0));
    }

    pub(super) fn decides(&mut self, label: &str, verdict: ApprovalVerdict, of: &str) {
        self.steps.push(Step::Decide(Decide {
            label: label.to_owned(),
            verdict,
            of: of.to_owned(),
        }));
    }

    /// The approved call executes, and its effect shows.
    pub(super) fn replays_once(&mut self) {
        let replay = self.executed("replay");
        self.steps
            .extend([Step::call(replay), self.scene.shows("after the replay", 1)]);
    }

    /// The approved call executes, and is replayed twice more.
    pub(super) fn replays(&mut self) {
        self.replays_once();
        self.replays_as(&["second replay", "third replay"]);
        self.steps.push(self.scene.shows_no_more("after the replays", 1));
    }

    pub(super) fn replays_at_once(&mut self, duplicates: usize) {
        let others = (2..=duplicates).map(|number| self.refused(&format!("replay/{number}"), "key"));
        let calls = std::iter::once(self.executed("replay/1")).chain(others).collect();
        self.steps.push(Step::AtOnce(calls));
    }

    /// One of the duplicates that were sent at once has executed: a later one is answered with its success.
    pub(super) fn replays_later(&mut self) {
        self.replays_as(&["replay"]);
        self.steps.push(self.scene.shows("after the replay", 1));
        self.steps.push(self.scene.shows_no_more("after the replays", 1));
    }

    /// Another call of the same input is rejected, and replayed.
    pub(super) fn is_rejected(&mut self) {
        let declined = |label: &str| Step::call(self.refused(label, "rejected"));
        let replays = ["declined replay", "second declined replay"].map(declined);
        let asked = declined("declined");
        self.steps.push(asked);
        self.decides("rejection", ApprovalVerdict::Reject, "declined");
        if self.lists_entries() {
            self.decides("second rejection", ApprovalVerdict::Reject, "declined");
        }
        self.steps.extend(replays);
        self.steps.push(self.scene.shows_no_more("after the rejection", 0));
    }

    /// What a variation takes before it is called.
    pub(super) fn sets_up(&mut self, variation: &Variation) {
        self.steps.extend(variation.set_up.iter().cloned());
    }

    /// Variations of the approved call, each under a key of its own and under the approved call's.
    pub(super) fn tries_otherwise(&mut self, variations: &[Variation], effects: u64) {
        let own = |variation: &Variation| self.key(&control(variation.name));
        let controls = variations
            .iter()
            .map(|variation| variation.call(control(variation.name), &own(variation)));
        let probes = variations
            .iter()
            .map(|variation| variation.call(variation.name, &self.key("key")));
        let steps: Vec<_> = controls.chain(probes).map(Step::call).collect();
        self.steps.push(self.scene.shows_no_more("before the others", effects));
        self.steps.extend(steps);
        self.steps.push(self.scene.shows_no_more("after the others", effects));
    }

    /// Rejects what waits of the variations' controls, so that nobody is left with it. Another workspace's is out of reach.
    pub(super) fn takes_back(&mut self, variations: &[Variation]) {
        for variation in variations.iter().filter(|variation| !variation.is_foreign) {
            self.takes_back_call(&control(variation.name));
        }
    }

    /// Calls of the approved call's tool that are not that call.
    pub(super) fn tries_unapproved(&mut self, effects: u64) {
        let [keyless, fresh, otherwise, named] = UNAPPROVED;
        let mut calls = vec![self.scene.call(keyless, |body| body), self.refused(fresh, fresh)];
        if let Some(input) = other_input(self.site, self.scene) {
            let body = ExecuteBody::new(input).keyed(self.key(otherwise));
            calls.push(Call::execute(self.scene.tool, body).labelled(otherwise));
        }
        if let Some(connection) = own_connection(self.site, self.scene.tool) {
            let key = self.key(named);
            calls.push(self.scene.call(named, |body| body.keyed(key).on(connection)));
        }
        let label = |when: &str| format!("{when} the unapproved");
        self.steps.push(self.scene.shows_no_more(&label("before"), effects));
        self.steps.extend(
            calls
                .into_iter()
                .map(|call| Step::call(call.with_intent(Intent::Refused))),
        );
        self.steps.push(self.scene.shows_no_more(&label("after"), effects));
    }

    /// One more of them, now that the approval is used.
    pub(super) fn tries_once_more(&mut self) {
        self.steps.push(Step::call(self.refused("afterwards", "afterwards")));
        self.steps.push(self.scene.shows_no_more("after the replays", 1));
    }

    pub(super) fn takes_back_unapproved(&mut self) {
        let labels: Vec<_> = self
            .steps
            .iter()
            .flat_map(Step::calls)
            .map(|call| call.label.clone())
            .collect();
        let [_, keyed @ ..] = UNAPPROVED;
        for label in keyed.into_iter().chain(["afterwards"]) {
            if labels.iter().any(|planned| planned == label) {
                self.takes_back_call(label);
            }
        }
    }

    /// Broken inputs, each with a key of its own, then one without, and the valid one.
    pub(super) fn tries_invalid(&mut self, broken: &[Value]) {
        let keyed = broken
            .iter()
            .enumerate()
            .map(|(at, input)| (format!("invalid/{}", at + 1), input, true));
        let keyless = broken
            .first()
            .map(|input| ("invalid without a key".to_owned(), input, false));
        for (label, input, is_keyed) in keyed.chain(keyless) {
            let body = ExecuteBody::new(input.clone());
            let body = if is_keyed { body.keyed(self.key(&label)) } else { body };
            let call = Call::execute(self.scene.tool, body).with_intent(Intent::Refused);
            self.steps.push(Step::call(call.labelled(&label)));
            self.counts(&format!("entries of {label}"), &label, 0);
        }
        self.asks_once();
        self.takes_back_call("asked");
    }

    fn takes_back_call(&mut self, label: &str) {
        if self.lists_entries() {
            self.decides(&format!("{label}, taken back"), ApprovalVerdict::Reject, label);
        }
    }

    fn counts(&mut self, label: &str, of: &str, expected: u64) {
        self.steps.push(Step::CountEntries(EntryCount {
            label: label.to_owned(),
            of: of.to_owned(),
            expected,
            least: expected,
        }));
    }

    fn replays_as(&mut self, labels: &[&str]) {
        let calls: Vec<_> = labels
            .iter()
            .map(|label| Step::call(self.refused(label, "key")))
            .collect();
        self.steps.extend(calls);
    }

    /// The call under the key of this name, which a sound hub executes.
    fn executed(&self, label: &str) -> Call {
        self.scene.call(label, |body| body.keyed(self.key("key")))
    }

    /// The call under the key of this name, which a sound hub does not execute: not yet, or not again.
    fn refused(&self, label: &str, key: &str) -> Call {
        let key = self.key(key);
        self.scene
            .call(label, |body| body.keyed(key))
            .with_intent(Intent::Refused)
    }

    fn key(&self, name: &str) -> String {
        self.site.idempotency_key(&format!("{}/{name}", self.id))
    }

    fn lists_entries(&self) -> bool {
        self.site
            .profile
            .approvals
            .driver
            .as_ref()
            .is_some_and(Driver::lists_entries)
    }
}
