//! The time between a look-up and the record of it, in which a defect lets other calls in.

use std::time::Duration;

use tokio::time::sleep;

/// How often the way is gone, and how long each takes: 30 ms in all on an idle machine, whose timer rounds up to the next millisecond.
const TURNS: u32 = 10;
const TURN: Duration = Duration::from_millis(2);

/// A way to a database or to a vendor and back, long enough that calls sent at once come meanwhile.
///
/// Many short rests, not a long one: where the machine has too much to do they last as much longer as the calls that are to come, while
/// a single one would be over before those were read.
pub(crate) async fn race_window() {
    for _ in 0..TURNS {
        sleep(TURN).await;
    }
}
