//! How many calls go on at once in one account and region. X-Ray does not say what it allows: the number grows while all
//! goes well and halves when it throttles. What somebody waits for goes before what nobody does.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

/// Calls at once to begin with, and at most.
const BEGIN: f64 = 6.0;
const MOST: f64 = 10.0;
/// Throttled calls that were under way together count as one warning.
const ONE_WARNING: Duration = Duration::from_secs(1);

/// Who waits for a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Priority {
    /// Somebody looks at the page.
    #[default]
    Interactive,
    /// Nobody does.
    #[cfg_attr(not(test), expect(dead_code, reason = "alerts will ask so"))]
    Background,
}

/// One account and region. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Lane(Arc<Mutex<State>>);

struct State {
    limit: f64,
    running: usize,
    /// Interactive ones, and the others.
    waiting: [VecDeque<oneshot::Sender<Permit>>; 2],
    slowed: Option<Instant>,
}

/// The right to make a call; ends when it is dropped.
pub(crate) struct Permit(Lane);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
        self.0.admit();
    }
}

impl Lane {
    fn new() -> Self {
        Self(Arc::new(Mutex::new(State { limit: BEGIN, running: 0, waiting: Default::default(), slowed: None })))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the right to make a call.
    pub(crate) async fn enter(&self, priority: Priority) -> Permit {
        loop {
            let (turn, mine) = oneshot::channel();
            self.lock().waiting[priority as usize].push_back(turn);
            self.admit();
            // The other end cannot go before the permit comes; should it, we stand in line again.
            if let Ok(permit) = mine.await {
                return permit;
            }
        }
    }

    /// Lets in whoever is next while there is room.
    fn admit(&self) {
        loop {
            let mut state = self.lock();
            if state.running >= state.limit as usize {
                return;
            }
            let [first, second] = &mut state.waiting;
            let Some(next) = first.pop_front().or_else(|| second.pop_front()) else { return };
            if next.is_closed() {
                continue;
            }
            state.running += 1;
            drop(state);
            // One who has gone meanwhile gives the permit back by dropping it.
            drop(next.send(Permit(self.clone())));
        }
    }

    /// X-Ray throttled a call.
    pub(crate) fn slow(&self) {
        let mut state = self.lock();
        let now = Instant::now();
        if state.slowed.is_none_or(|slowed| now - slowed >= ONE_WARNING) {
            state.limit = (state.limit / 2.0).max(1.0);
            state.slowed = Some(now);
        }
    }

    /// A call went well.
    pub(crate) fn recover(&self) {
        let mut state = self.lock();
        state.limit = (state.limit + 0.5 / state.limit).min(MOST);
        drop(state);
        self.admit();
    }
}

/// All lanes.
#[derive(Default)]
pub(crate) struct Lanes(Mutex<BTreeMap<(String, String), Lane>>);

impl Lanes {
    /// The lane of an account and region.
    pub(crate) fn of(&self, account: &str, region: &str) -> Lane {
        let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lanes.entry((account.to_owned(), region.to_owned())).or_insert_with(Lane::new).clone()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn so_many_at_once_and_whoever_is_looked_at_first() {
        let lane = Lane::new();
        let mut running = Vec::new();
        for _ in 0..BEGIN as usize {
            running.push(lane.enter(Priority::Interactive).now_or_never().expect("there is room"));
        }
        let mut background = Box::pin(lane.enter(Priority::Background));
        let mut gone = Box::pin(lane.enter(Priority::Interactive));
        let mut interactive = Box::pin(lane.enter(Priority::Interactive));
        for waiting in [&mut background, &mut gone, &mut interactive] {
            assert!(waiting.now_or_never().is_none());
        }
        drop(gone);
        running.pop();
        assert!(background.as_mut().now_or_never().is_none());
        let permit = interactive.as_mut().now_or_never().expect("its turn");
        drop(permit);
        assert!(background.as_mut().now_or_never().is_some());
    }

    #[tokio::test]
    async fn throttling_halves_once_and_success_recovers() {
        let lane = Lane::new();
        lane.slow();
        lane.slow();
        let limit = || lane.lock().limit;
        assert!((limit() - BEGIN / 2.0).abs() < 1e-9);
        for _ in 0..1_000 {
            lane.recover();
        }
        assert!((limit() - MOST).abs() < 1e-9);
        // Even one that was halved often lets one through.
        for _ in 0..20 {
            let mut state = lane.lock();
            (state.limit, state.slowed) = ((state.limit / 2.0).max(1.0), None);
        }
        assert!(lane.enter(Priority::Background).now_or_never().is_some());
    }
}
