//! Exhausts a limit on purpose, with a key that is there for it.

use futures::future::join_all;
use hubproof_model::call::Credentials;
use hubproof_model::case::{Case, Deed, Done, Exhaustion, Manner};
use hubproof_model::exchange::Exchange;
use hubproof_requirements::judging::is_throttled;

use super::answers::numbered;
use super::{Played, Stage};

/// Limits above this are not exhausted: it would be a load test.
const HIGHEST_LIMIT: u64 = 2_000;
/// How many throttled answers end calls that go out one by one.
const ENOUGH_THROTTLED: usize = 2;

impl Stage<'_> {
    /// Sends copies of a call until the target throttles them.
    pub(super) async fn exhaust(&self, case: &Case, exhaustion: &Exhaustion, played: &mut Played) {
        let outcome = self.until_throttled(case, exhaustion, played).await;
        played.deeds.push(Deed {
            label: exhaustion.label.clone(),
            outcome,
        });
    }

    async fn until_throttled(&self, case: &Case, exhaustion: &Exhaustion, played: &mut Played) -> Result<Done, String> {
        let Credentials::Bearer(role) = exhaustion.call.credentials else {
            return Err("only a key's limit can be exhausted".to_owned());
        };
        let limit = played.last_answer_to(role).and_then(told_limit);
        let limit_of = limit.ok_or_else(|| {
            format!("no answer to the {role} key tells its limit: nothing says how many calls would exhaust it")
        })?;
        if limit_of > HIGHEST_LIMIT {
            return Err(format!(
                "the {role} key's limit is {limit_of} calls, and none above {HIGHEST_LIMIT} is exhausted: name a key with a smaller one"
            ));
        }
        let most = usize::try_from(limit_of + (limit_of / 4).max(5)).unwrap_or(usize::MAX);
        let call =
            |number: usize| numbered(&exhaustion.call, number).labelled(format!("{}/{number}", exhaustion.label));
        let before = played.exchanges.len();
        match exhaustion.manner {
            Manner::AtOnce => {
                let calls: Vec<_> = (1..=most).map(call).collect();
                let sent = join_all(calls.iter().map(|call| self.call(case, call, played))).await;
                sent.into_iter().for_each(|sent| played.take(sent));
            }
            Manner::OneByOne => {
                let mut throttled = 0;
                for number in 1..=most {
                    let sent = self.call(case, &call(number), played).await;
                    throttled += usize::from(is_throttled(&sent.exchange));
                    let is_over = sent.exchange.response().is_none();
                    played.take(sent);
                    if is_over || throttled >= ENOUGH_THROTTLED {
                        break;
                    }
                }
            }
        }
        Ok(Done::Exhausted {
            sent: (played.exchanges.len() - before) as u64,
            limit,
        })
    }
}

fn told_limit(exchange: &Exchange) -> Option<u64> {
    exchange.response()?.header("x-ratelimit-limit")?.trim().parse().ok()
}
