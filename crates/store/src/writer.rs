//! The one thread that writes: it puts what waits into the log, syncs the log, brings the index up to date, and only then
//! answers. What comes while it syncs shares the next sync.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

use fjall::OwnedWriteBatch as WriteBatch;
use lru::LruCache;
use model::{Moment, TraceId};

use crate::{
    Placement, PutReport, StoreError,
    document::{Document, Entity},
    index::{Index, IndexError, Totals, TraceRow, key, row},
    log::{self, Log, Position},
    minutes::minute_of,
    record::{Added, Record},
    sealer::Sealed,
    shared::{Shared, lock},
};

/// What the thread is asked to do.
pub(crate) enum Command {
    /// Take a batch, and answer if somebody waits.
    Put { documents: Vec<Document>, now: Moment, answer: Option<mpsc::Sender<Result<PutReport, StoreError>>> },
    /// Free a log file of these traces.
    Retire { file: u32, ids: Vec<TraceId>, answer: mpsc::Sender<Result<(), StoreError>> },
    /// Write down what was found of a minute, if nothing has changed since; the answer says whether.
    Seal(Sealed, mpsc::Sender<Result<bool, StoreError>>),
    /// Answer when everything before it is on the disk.
    Sync(mpsc::Sender<Result<(), StoreError>>),
    /// Write everything out and end.
    End,
}

/// No more than so many bytes of documents go into one turn.
const TURN_BYTES: usize = 8 << 20;
/// Traces being written to are kept in memory up to so many bytes.
const RECORD_BYTES: usize = 16 << 20;
/// The index is synced so often while something is written.
const SYNC_EVERY: Duration = Duration::from_secs(1);

pub(crate) struct Writer {
    shared: Arc<Shared>,
    log: Log,
    records: LruCache<TraceId, Record>,
    record_bytes: usize,
    totals: Totals,
    /// When the index was synced last; `None` while nothing has been written since.
    unsynced_since: Option<Instant>,
}

/// A batch that waits for its turn.
struct Waiting {
    documents: Vec<Document>,
    now: Moment,
    answer: Option<mpsc::Sender<Result<PutReport, StoreError>>>,
}

impl Writer {
    /// Brings the index up to the log.
    pub(crate) fn open(shared: Arc<Shared>, log: Log) -> Result<Self, StoreError> {
        let totals = shared.index.totals()?;
        let mut writer =
            Self { shared, log, records: LruCache::unbounded(), record_bytes: 0, totals, unsynced_since: None };
        writer.catch_up()?;
        writer.shared.set_totals(&writer.totals);
        Ok(writer)
    }

    /// Applies what the log has and the index does not.
    fn catch_up(&mut self) -> Result<(), StoreError> {
        let from = self.totals.applied();
        if from == self.log.end() {
            return Ok(());
        }
        tracing::info!(file = from.file, offset = from.offset, "bringing the index up to the log");
        let (disk, mut begun, mut done) = (self.shared.disk.clone(), Instant::now(), 0_u64);
        let mut failure = None;
        log::scan(&*disk, from, |batch| {
            let batch = match batch {
                Ok(batch) => batch,
                Err(damage) => {
                    self.shared.note_damage(Some(damage));
                    return Ok(());
                }
            };
            done += batch.documents.len() as u64;
            if begun.elapsed() > Duration::from_secs(5) {
                begun = Instant::now();
                // Somebody waits for the service to start.
                tracing::warn!(documents = done, file = batch.end.file, "bringing the index up to the log");
            }
            let documents = batch.documents.into_iter().filter_map(|(position, text)| {
                // It was accepted once; should the rules have become stricter since, it stays out.
                Some((Document::read(text).ok()?, position))
            });
            let taken = self.apply(vec![(batch.received, documents.collect())], batch.end, true);
            taken.map(drop).map_err(|error| {
                let message = error.to_string();
                failure = Some(error);
                io::Error::other(message)
            })
        })
        .map_err(|error| failure.unwrap_or_else(|| error.into()))?;
        // Damaged ends are not batches: what was looked at counts as applied.
        let end = self.log.end();
        (self.totals.file, self.totals.offset) = (end.file, end.offset);
        self.totals.traces = self.shared.index.traces.len().map_err(IndexError::from)? as u64;
        let mut batch = self.shared.index.batch();
        self.shared.index.set_totals(&mut batch, &self.totals)?;
        batch.commit().map_err(IndexError::from)?;
        self.shared.index.sync()?;
        Ok(())
    }

    /// Works until it is told to end.
    pub(crate) fn run(mut self, commands: &mpsc::Receiver<Command>) {
        loop {
            let command = match commands.recv_timeout(SYNC_EVERY / 4) {
                Ok(command) => Some(command),
                Err(mpsc::RecvTimeoutError::Timeout) => None,
                Err(mpsc::RecvTimeoutError::Disconnected) => break,
            };
            let (mut waiting, mut syncs, mut bytes, mut is_over) = (Vec::new(), Vec::new(), 0, false);
            let mut next = command;
            while let Some(command) = next.take() {
                match command {
                    Command::Put { documents, now, answer } => {
                        bytes += documents.iter().map(|document| document.text.len()).sum::<usize>();
                        waiting.push(Waiting { documents, now, answer });
                    }
                    Command::Sync(answer) => syncs.push(answer),
                    Command::Retire { file, ids, answer } => drop(answer.send(self.retire(file, &ids))),
                    Command::Seal(sealed, answer) => drop(answer.send(self.seal(sealed))),
                    Command::End => is_over = true,
                }
                if bytes < TURN_BYTES && !is_over {
                    next = commands.try_recv().ok();
                }
            }
            if !waiting.is_empty() {
                self.turn(waiting, bytes);
            }
            if is_over || !syncs.is_empty() || self.unsynced_since.is_some_and(|since| since.elapsed() > SYNC_EVERY) {
                let synced = self.sync();
                for answer in syncs {
                    drop(answer.send(synced.clone()));
                }
            }
            if is_over {
                break;
            }
        }
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        self.unsynced_since = None;
        self.shared.index.sync()?;
        Ok(())
    }

    /// Takes what waits.
    fn turn(&mut self, waiting: Vec<Waiting>, bytes: usize) {
        let mut answers = Vec::with_capacity(waiting.len());
        let mut batches = Vec::with_capacity(waiting.len());
        for Waiting { documents, now, answer } in waiting {
            answers.push(answer);
            batches.push((now, documents));
        }
        let reports = self.take(batches);
        self.shared.done_waiting(bytes);
        if let Err(error) = &reports {
            self.shared.note_failure(error);
        }
        for (place, answer) in answers.into_iter().enumerate() {
            let Some(answer) = answer else { continue };
            let report = match &reports {
                Ok(reports) => reports.get(place).copied().ok_or(StoreError::Closed),
                Err(error) => Err(error.clone()),
            };
            // Who asked may have gone.
            drop(answer.send(report));
        }
    }

    fn take(&mut self, batches: Vec<(Moment, Vec<Document>)>) -> Result<Vec<PutReport>, StoreError> {
        self.shared.check_writable()?;
        let (before, mut placed) = (self.log.end(), Vec::with_capacity(batches.len()));
        for (now, documents) in batches {
            let texts: Vec<Arc<str>> = documents.iter().map(|document| document.text.clone()).collect();
            let positions = if texts.is_empty() { Ok(Vec::new()) } else { self.log.append(now, &texts) };
            // Whoever waits is told that nothing of this was stored.
            let positions = positions.inspect_err(|_| self.log.go_back(before))?;
            placed.push((now, documents.into_iter().zip(positions).collect()));
        }
        if let Err(error) = self.log.sync() {
            // What the disk has of it nobody knows: a second try that succeeds would say nothing.
            let error = StoreError::from(error);
            self.shared.stop(&error);
            return Err(error);
        }
        self.apply(placed, self.log.end(), false)
    }

    /// Brings the index up to batches that are in the log. What is applied `again`, after a crash, may be in some of the
    /// index's tables already: then all rows of a trace are written.
    fn apply(
        &mut self,
        batches: Vec<(Moment, Vec<(Document, Position)>)>,
        end: log::Mark,
        again: bool,
    ) -> Result<Vec<PutReport>, StoreError> {
        let mut touched: BTreeMap<TraceId, Record> = BTreeMap::new();
        let mut reports = Vec::with_capacity(batches.len());
        for (now, documents) in batches {
            let mut report = PutReport::default();
            let mut with_news = BTreeSet::new();
            for (document, position) in documents {
                let id = document.trace;
                if let std::collections::btree_map::Entry::Vacant(e) = touched.entry(id) {
                    let record = self.record(id, now)?;
                    e.insert(record);
                }
                let Some(record) = touched.get_mut(&id) else { continue };
                let disk = &*self.shared.disk;
                let is_same = |other: &Position| {
                    *other == position || log::read(disk, other).is_ok_and(|text| text == document.text)
                };
                match record.add(&document.entities, position, is_same) {
                    Added::News => report.accepted += 1,
                    Added::Copy => {
                        report.copies += 1;
                        continue;
                    }
                    Added::TooLate => {
                        report.too_late += 1;
                        continue;
                    }
                }
                if with_news.insert(id) {
                    record.revision = record.revision.saturating_add(1);
                    record.last_received = now;
                }
            }
            reports.push(report);
        }
        let mut batch = self.shared.index.batch();
        let mut minutes = BTreeSet::new();
        for record in touched.values_mut() {
            if again {
                record.renew();
            }
            minutes.extend(record.update_key);
            self.totals.traces += u64::from(write_rows(&mut batch, &self.shared.index, record, self.shared.placement)?);
            minutes.extend(record.update_key);
        }
        (self.totals.file, self.totals.offset) = (end.file, end.offset);
        self.commit(batch, minutes)?;
        for record in touched.into_values() {
            self.keep(record);
        }
        Ok(reports)
    }

    /// Lets go of traces that have nothing after a log file; of the others, writes what is in it again at the end.
    fn retire(&mut self, file: u32, ids: &[TraceId]) -> Result<(), StoreError> {
        self.shared.check_running()?;
        let mut batch = self.shared.index.batch();
        let (mut kept, mut retired, mut minutes) = (Vec::new(), 0, BTreeSet::new());
        for id in ids {
            let mut record = self.record(*id, Moment(0))?;
            if !record.is_known {
                continue;
            }
            minutes.extend(record.update_key);
            let (old, new): (Vec<_>, Vec<_>) = record.positions().partition(|(_, position)| position.file <= file);
            if new.is_empty() {
                remove_rows(&mut batch, &self.shared.index, &record);
                retired += 1;
                continue;
            }
            let mut texts = Vec::new();
            for (number, position) in old {
                match log::read(&*self.shared.disk, &position) {
                    Ok(text) => texts.push((number, text)),
                    Err(error) => self.shared.note_unreadable(*id, &position, &error),
                }
            }
            let written: Vec<Arc<str>> = texts.iter().map(|(_, text)| text.clone()).collect();
            if !written.is_empty() {
                let positions = self.log.append(record.last_received, &written)?;
                texts.iter().zip(positions).for_each(|((number, _), position)| record.lies_at(*number, position));
            }
            write_rows(&mut batch, &self.shared.index, &mut record, self.shared.placement)?;
            kept.push(record);
        }
        self.log.sync()?;
        self.totals.traces = self.totals.traces.saturating_sub(retired);
        let end = self.log.end();
        (self.totals.file, self.totals.offset) = (end.file, end.offset);
        self.commit(batch, minutes)?;
        self.shared.note_retired(retired);
        for record in kept {
            self.keep(record);
        }
        Ok(())
    }

    /// Writes down what was found of a minute, if nothing has changed since.
    fn seal(&mut self, sealed: Sealed) -> Result<bool, StoreError> {
        self.shared.check_running()?;
        if lock(&self.shared.open).count(sealed.minute) != Some(sealed.count) {
            return Ok(false);
        }
        let index = &self.shared.index;
        let mut batch = index.batch();
        for trace in sealed.traces {
            let key = key::place(trace.start, trace.id);
            batch.insert(&index.digests, key, trace.digest);
            batch.insert(&index.starts, key, trace.sketch);
        }
        let is_whole = sealed.totals.is_some();
        if let Some(totals) = sealed.totals {
            batch.insert(&index.totals, key::minute(sealed.minute), totals);
        }
        self.commit(batch, BTreeSet::new())?;
        if is_whole {
            lock(&self.shared.open).close(sealed.minute);
        }
        Ok(true)
    }

    /// Brings rows and totals into the index; traces that were updated at these `moments` have changed.
    fn commit(&mut self, mut batch: WriteBatch, moments: BTreeSet<i64>) -> Result<(), StoreError> {
        self.shared.index.set_totals(&mut batch, &self.totals)?;
        let minutes: BTreeSet<i64> = moments.into_iter().map(minute_of).collect();
        for minute in &minutes {
            if !lock(&self.shared.open).has(*minute) {
                batch.remove(&self.shared.index.totals, key::minute(*minute));
            }
        }
        if let Err(error) = batch.commit() {
            let error = StoreError::from(IndexError::from(error));
            // The log is ahead of the index now; only opening the store again brings them together.
            self.shared.stop(&error);
            return Err(error);
        }
        // Only now: who reads how often a minute was touched must see what happened in it.
        for minute in minutes {
            lock(&self.shared.open).touch(minute);
        }
        self.unsynced_since.get_or_insert_with(Instant::now);
        self.shared.set_totals(&self.totals);
        Ok(())
    }

    /// Keeps a record in memory, while there is room.
    fn keep(&mut self, record: Record) {
        self.record_bytes += record.weight();
        self.records.put(record.id, record);
        while self.record_bytes > RECORD_BYTES {
            let Some((_, record)) = self.records.pop_lru() else { break };
            self.record_bytes -= record.weight();
        }
    }

    /// The record of a trace: from memory, from the index, or a new one.
    fn record(&mut self, id: TraceId, now: Moment) -> Result<Record, StoreError> {
        if let Some(record) = self.records.pop(&id) {
            self.record_bytes -= record.weight();
            return Ok(record);
        }
        let index = &self.shared.index;
        let at = index.snapshot();
        let mut record = Record::new(id, now);
        let Some(row) = index.trace(&at, id)? else { return Ok(record) };
        let mut gone = BTreeSet::new();
        for (number, position) in index.documents(&at, id)? {
            let text = match log::read(&*self.shared.disk, &position) {
                Ok(text) => text,
                Err(error) => {
                    self.shared.note_unreadable(id, &position, &error);
                    gone.insert(number);
                    continue;
                }
            };
            let entities: Vec<Entity> = Document::read(text).map(|document| document.entities).unwrap_or_default();
            if record.join(number, &entities, position) != Added::News {
                gone.insert(number);
            }
        }
        record.settle(row.next, gone);
        record.revision = row.revision;
        (record.first_received, record.last_received) = (Moment(row.first_received), Moment(row.last_received));
        (record.start_key, record.update_key) = (row.start, row.updated);
        Ok(record)
    }
}

/// Writes what is new of a trace; whether the trace itself is.
fn write_rows(
    batch: &mut WriteBatch,
    index: &Index,
    record: &mut Record,
    placement: Placement,
) -> Result<bool, IndexError> {
    let id = record.id;
    let news = std::mem::take(&mut record.news);
    for number in news.written {
        if let Some(position) = record.position(number) {
            batch.insert(&index.documents, key::document(id, number), row(&position)?);
        }
    }
    for number in news.gone {
        batch.remove(&index.documents, key::document(id, number));
    }
    for second in news.seconds {
        if let Some(ends) = record.end_row(second) {
            batch.insert(&index.ends, key::place(second, id), row(&ends)?);
        }
    }
    let updated = match placement {
        Placement::ByEnd => record.end(),
        Placement::ByReceipt => Some(record.last_received),
    };
    let start = record.start();
    if let Some(old) = record.start_key.filter(|old| Some(*old) != start.map(|start| start.0)) {
        batch.remove(&index.digests, key::place(old, id));
    }
    for (table, known, at) in
        [(&index.starts, &mut record.start_key, start), (&index.updates, &mut record.update_key, updated)]
    {
        let at = at.map(|at| at.0);
        if let Some(old) = known.filter(|old| Some(*old) != at) {
            batch.remove(table, key::place(old, id));
        }
        if let Some(at) = at {
            // What was sketched of it counts no more.
            batch.insert(table, key::place(at, id), []);
        }
        *known = at;
    }
    let whole = TraceRow {
        revision: record.revision,
        first_received: record.first_received.0,
        last_received: record.last_received.0,
        start: record.start_key,
        updated: record.update_key,
        next: record.next(),
    };
    batch.insert(&index.traces, key::trace(id), row(&whole)?);
    Ok(!std::mem::replace(&mut record.is_known, true))
}

/// Takes all rows of a trace away.
fn remove_rows(batch: &mut WriteBatch, index: &Index, record: &Record) {
    let id = record.id;
    let numbers = record.positions().map(|(number, _)| number).chain(record.news.gone.iter().copied());
    numbers.for_each(|number| batch.remove(&index.documents, key::document(id, number)));
    record.seconds().for_each(|second| batch.remove(&index.ends, key::place(second, id)));
    for (table, at) in [(&index.starts, record.start_key), (&index.updates, record.update_key)] {
        if let Some(at) = at {
            batch.remove(table, key::place(at, id));
        }
    }
    if let Some(start) = record.start_key {
        batch.remove(&index.digests, key::place(start, id));
    }
    batch.remove(&index.traces, key::trace(id));
}
