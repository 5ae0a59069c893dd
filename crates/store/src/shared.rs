//! What the writing thread and the readers have in common.

use std::{
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use model::TraceId;

use crate::{
    Placement, StoreError,
    index::{Index, Totals},
    log::{Damage, Disk, Position},
    minutes::Open,
};

/// So many bytes of documents may wait for the disk; who brings more has to wait too.
const WAITING_BYTES: usize = 32 << 20;
/// So much of the disk stays free: the index needs room to tidy up.
const RESERVE_BYTES: u64 = 64 << 20;

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) index: Index,
    pub(crate) placement: Placement,
    waiting: Mutex<usize>,
    room: Condvar,
    health: Mutex<Health>,
    totals: Mutex<Totals>,
    /// The minutes that are not sealed.
    pub(crate) open: Mutex<Open>,
    /// Traces that had to go since the start.
    retired: AtomicU64,
}

/// How the store is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Parts of the log and documents that could not be read, since the start.
    pub damaged: u64,
    /// The last one of them, in words.
    pub last_damage: Option<String>,
    /// Documents or batches that nobody waited for and that could not be stored, since the start.
    pub failed: u64,
    /// Why the last one could not.
    pub last_failure: Option<String>,
    /// Nothing can be stored any more until the program starts again, and why.
    pub stopped: Option<String>,
}

impl Shared {
    pub(crate) fn new(disk: Arc<dyn Disk>, index: Index, placement: Placement) -> Self {
        Self {
            disk,
            index,
            placement,
            waiting: Mutex::new(0),
            room: Condvar::new(),
            health: Mutex::default(),
            totals: Mutex::default(),
            open: Mutex::default(),
            retired: AtomicU64::new(0),
        }
    }

    /// Returns once there is room for so many bytes to wait for the disk.
    pub(crate) fn wait_for_room(&self, bytes: usize) {
        let deadline = Instant::now() + Duration::from_mins(1);
        let mut waiting = lock(&self.waiting);
        while *waiting > 0 && *waiting + bytes > WAITING_BYTES && Instant::now() < deadline {
            let (guard, _) =
                self.room.wait_timeout(waiting, Duration::from_secs(1)).unwrap_or_else(PoisonError::into_inner);
            waiting = guard;
        }
        *waiting += bytes;
    }

    /// So many bytes do not wait any more.
    pub(crate) fn done_waiting(&self, bytes: usize) {
        let mut waiting = lock(&self.waiting);
        *waiting = waiting.saturating_sub(bytes);
        self.room.notify_all();
    }

    pub(crate) fn check_running(&self) -> Result<(), StoreError> {
        lock(&self.health).stopped.clone().map_or(Ok(()), |reason| Err(StoreError::Stopped(reason)))
    }

    pub(crate) fn check_writable(&self) -> Result<(), StoreError> {
        self.check_running()?;
        let free = self.disk.free()?;
        if free < RESERVE_BYTES { Err(StoreError::Full { free }) } else { Ok(()) }
    }

    pub(crate) fn stop(&self, error: &StoreError) {
        tracing::error!(%error, "nothing can be stored any more");
        lock(&self.health).stopped = Some(error.to_string());
    }

    pub(crate) fn note_damage(&self, damage: Option<Damage>) {
        let Some(damage) = damage else { return };
        tracing::warn!(%damage, "the store is damaged");
        let mut health = lock(&self.health);
        health.damaged += 1;
        health.last_damage = Some(damage.to_string());
    }

    /// A document that the index knows cannot be read.
    pub(crate) fn note_unreadable(&self, trace: TraceId, position: &Position, error: &std::io::Error) {
        let text = format!(
            "a document of trace {trace} cannot be read (log file {}, byte {}): {error}",
            position.file, position.offset
        );
        tracing::warn!(text, "the store is damaged");
        let mut health = lock(&self.health);
        health.damaged += 1;
        health.last_damage = Some(text);
    }

    /// The index cannot be read.
    pub(crate) fn note_bad_index(&self, reason: &str) {
        let text = format!("{reason}; the index is made anew at the next start, nothing is lost");
        tracing::warn!(text, "the store is damaged");
        let mut health = lock(&self.health);
        health.damaged += 1;
        health.last_damage = Some(text);
    }

    pub(crate) fn note_failure(&self, error: &StoreError) {
        let mut health = lock(&self.health);
        health.failed += 1;
        health.last_failure = Some(error.to_string());
    }

    pub(crate) fn health(&self) -> Health {
        lock(&self.health).clone()
    }

    pub(crate) fn set_totals(&self, totals: &Totals) {
        *lock(&self.totals) = *totals;
    }

    pub(crate) fn note_retired(&self, traces: u64) {
        self.retired.fetch_add(traces, Ordering::Relaxed);
    }

    pub(crate) fn retired(&self) -> u64 {
        self.retired.load(Ordering::Relaxed)
    }

    pub(crate) fn totals(&self) -> Totals {
        *lock(&self.totals)
    }
}

/// What is behind a lock; nothing under ours calls foreign code.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
