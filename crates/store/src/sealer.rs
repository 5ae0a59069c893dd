//! Writes down, once a minute of updates is quiet, what its traces are and add up to: a digest and a sketch for each, and
//! their graph. It works behind the writer's back, so that what it found is taken only if nothing has changed meanwhile.

use std::{
    sync::{Arc, mpsc},
    time::Duration,
};

use filter::Sketch;
use model::TraceId;

use crate::{
    StoreError,
    index::{self, DigestRow, IndexError},
    minutes::{Adder, minute_of, span_of},
    reader::Reader,
    shared::{Shared, lock},
    writer::Command,
};

/// How often it looks for work.
const EVERY: Duration = Duration::from_millis(500);
/// A minute is quiet when nothing has happened in it for so long.
const QUIET: Duration = Duration::from_secs(3);
/// Traces that are written down at a time.
const AT_ONCE: usize = 100;

/// What was found of a minute, or of a part of it.
pub(crate) struct Sealed {
    pub(crate) minute: i64,
    /// How often the minute had been touched when it was looked at.
    pub(crate) count: u64,
    pub(crate) traces: Vec<SealedTrace>,
    /// The row of the whole minute; with it the minute is closed.
    pub(crate) totals: Option<Vec<u8>>,
}

/// A trace's rows.
pub(crate) struct SealedTrace {
    pub(crate) id: TraceId,
    pub(crate) start: i64,
    pub(crate) digest: Vec<u8>,
    pub(crate) sketch: Vec<u8>,
}

/// Works until the other end of `stop` is gone.
pub(crate) fn run(shared: &Arc<Shared>, reader: &Reader, commands: &mpsc::Sender<Command>, stop: &mpsc::Receiver<()>) {
    let report = |result: Result<(), StoreError>| match result {
        Ok(()) | Err(StoreError::Closed) => {}
        Err(error) => shared.note_failure(&error),
    };
    report(find_open(shared));
    while stop.recv_timeout(EVERY) == Err(mpsc::RecvTimeoutError::Timeout) {
        let minutes = lock(&shared.open).quiet(QUIET);
        for minute in minutes {
            if matches!(stop.try_recv(), Err(mpsc::TryRecvError::Disconnected)) {
                return;
            }
            report(seal(shared, reader, commands, minute));
        }
    }
}

/// Finds the minutes that were open when the store was closed last.
fn find_open(shared: &Arc<Shared>) -> Result<(), StoreError> {
    let (index, at) = (&shared.index, shared.index.snapshot());
    let mut from = i64::MIN;
    while let Some((time, _)) = index.first_update(&at, from)? {
        let minute = minute_of(time);
        if !index.has_totals(&at, minute)? {
            lock(&shared.open).touch(minute);
        }
        let Some(next) = minute.checked_add(1) else { break };
        from = span_of(next).0.0;
    }
    Ok(())
}

/// Seals a minute, unless something happens in it meanwhile.
pub(crate) fn seal(
    shared: &Arc<Shared>,
    reader: &Reader,
    commands: &mpsc::Sender<Command>,
    minute: i64,
) -> Result<(), StoreError> {
    // The count comes first: what happens after it shows.
    let Some(count) = lock(&shared.open).count(minute) else { return Ok(()) };
    let (index, at) = (&shared.index, shared.index.snapshot());
    let (mut adder, mut traces) = (Adder::default(), Vec::new());
    let hand_in = |traces: Vec<SealedTrace>, totals: Option<Vec<u8>>| -> Result<bool, StoreError> {
        let (answer, is_taken) = mpsc::channel();
        let sealed = Sealed { minute, count, traces, totals };
        commands.send(Command::Seal(sealed, answer)).map_err(|_| StoreError::Closed)?;
        is_taken.recv().map_err(|_| StoreError::Closed)?
    };
    for place in index.updates_within(&at, span_of(minute)) {
        let (time, id) = place?;
        let Some(row) = index.trace(&at, id)?.filter(|row| row.updated == Some(time)) else { continue };
        let Some(digest) = reader.stored_or_made(&at, id, &row)? else { continue };
        adder.add(&digest.value);
        let Some(start) = row.start.filter(|start| digest.is_new || !index.has_sketch(&at, *start, id)) else {
            continue;
        };
        let sketch = index::row(&Sketch::of(&digest.value.facts)).map_err(IndexError::from)?;
        let digest = DigestRow { revision: row.revision, last_received: row.last_received, digest: &*digest.value };
        let digest = index::row(&digest).map_err(IndexError::from)?;
        traces.push(SealedTrace { id, start, digest, sketch });
        if traces.len() >= AT_ONCE && !hand_in(std::mem::take(&mut traces), None)? {
            return Ok(());
        }
    }
    let totals = index::row(&adder.finish()).map_err(IndexError::from)?;
    hand_in(traces, Some(totals)).map(drop)
}
