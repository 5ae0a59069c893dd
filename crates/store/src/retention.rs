//! What is too old or too much goes: whole log files, the oldest first, with the traces that have nothing newer. Of a
//! trace that goes on in newer files the old documents are written again at the log's end.

use std::{
    collections::BTreeSet,
    sync::{Arc, mpsc},
    time::Duration,
};

use model::{Moment, Nanos, TraceId};

use crate::{Document, StoreError, log, shared::Shared, writer::Command};

/// What is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Traces that have had no update for so long may go.
    pub age: Nanos,
    /// The bytes on disk that everything may take.
    pub bytes: u64,
}

impl Default for Retention {
    /// Seven days, ten gigabytes.
    fn default() -> Self {
        Self { age: Nanos::seconds(7 * 24 * 3600), bytes: 10_000_000_000 }
    }
}

/// How often it is looked after.
const EVERY: Duration = Duration::from_secs(5);
/// Traces that go at a time, so that writers need not wait long.
const AT_ONCE: usize = 200;

/// Works until the other end of `stop` is gone.
pub(crate) fn run(
    shared: &Arc<Shared>,
    retention: &Retention,
    commands: &mpsc::Sender<Command>,
    stop: &mpsc::Receiver<()>,
) {
    while stop.recv_timeout(EVERY) == Err(mpsc::RecvTimeoutError::Timeout) {
        let now = chrono::Utc::now().timestamp_nanos_opt().map_or(Moment(i64::MAX), Moment);
        match pass(shared, retention, now, commands, stop) {
            Ok(()) | Err(StoreError::Closed) => {}
            Err(error) => shared.note_failure(&error),
        }
    }
}

/// Retires files until the rest may stay.
pub(crate) fn pass(
    shared: &Arc<Shared>,
    retention: &Retention,
    now: Moment,
    commands: &mpsc::Sender<Command>,
    stop: &mpsc::Receiver<()>,
) -> Result<(), StoreError> {
    loop {
        let files = shared.disk.files()?;
        let bytes = files.values().sum::<u64>() + shared.index.bytes();
        let mut numbers = files.keys();
        // The one that is written to stays.
        let (Some(oldest), Some(after)) = (numbers.next(), numbers.next()) else { return Ok(()) };
        // Everything in a file came before everything in the next one.
        let newest = log::begun(&*shared.disk, *after)?;
        let is_old = newest.is_some_and(|newest| now - newest > retention.age);
        let is_over = matches!(stop.try_recv(), Err(mpsc::TryRecvError::Disconnected));
        if is_over || !(is_old || bytes > retention.bytes) {
            return Ok(());
        }
        retire(shared, *oldest, commands)?;
    }
}

/// Takes a file away, and what stands in it alone.
fn retire(shared: &Arc<Shared>, file: u32, commands: &mpsc::Sender<Command>) -> Result<(), StoreError> {
    let mut ids = BTreeSet::new();
    log::scan_file(&*shared.disk, file, |batch| {
        // What is damaged is known by nobody.
        for (_, text) in batch.into_iter().flat_map(|batch| batch.documents) {
            ids.extend(Document::read(text).map(|document| document.trace));
        }
        Ok(())
    })?;
    let ids: Vec<TraceId> = ids.into_iter().collect();
    for ids in ids.chunks(AT_ONCE) {
        let (answer, done) = mpsc::channel();
        let command = Command::Retire { file, ids: ids.to_vec(), answer };
        commands.send(command).map_err(|_| StoreError::Closed)?;
        done.recv().map_err(|_| StoreError::Closed)??;
    }
    // The index must not come back to what is gone.
    let (answer, done) = mpsc::channel();
    commands.send(Command::Sync(answer)).map_err(|_| StoreError::Closed)?;
    done.recv().map_err(|_| StoreError::Closed)??;
    shared.disk.remove(file)?;
    tracing::info!(file, traces = ids.len(), "a log file was retired");
    Ok(())
}
