//! Everything under the store's lock: the traces, where they stand in time, and which listings are open.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use model::{Moment, Nanos, TraceId, time::SECOND};

use crate::{
    Digest, Options, Placement, StoreError,
    document::Document,
    index::{ENTRY_BYTES, Key, TimeIndex, Version},
    listing::{Cursor, Found, FoundTrace, ListQuery, Place, Selection, is_in_share},
    record::{Added, Record, StoredTrace},
};

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PutReport {
    /// Documents that said something new.
    pub accepted: u64,
    /// Documents that were there already, to the letter.
    pub copies: u64,
    /// Documents that said something else of (sub)segments that were complete already; the first completion counts.
    pub too_late: u64,
    /// Traces that had to go to keep memory bounded.
    pub evicted: u64,
}

/// How much is there, and how much was dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Traces held.
    pub traces: u64,
    /// The bytes that everything takes, as far as they are counted.
    pub bytes: usize,
    /// Traces that had to go since the start to keep memory bounded.
    pub evicted: u64,
}

/// A listing that nobody continues for so long is closed.
const OPEN_FOR: Nanos = Nanos::seconds(15 * 60);

/// So many versions can have open listings; beyond them the one that waited longest is closed.
const OPEN_LISTINGS: usize = 256;

/// A page looks at no more entries than this, so that nobody waits long for the lock.
const STEPS_OF_A_PAGE: usize = 20_000;

/// A page reads no more documents than this for digests that are not at hand (a trace is never split).
const BYTES_OF_A_PAGE: usize = 64 << 20;

/// Digests may take the memory divided by this; the rest is for traces.
const DIGESTS_SHARE: usize = 8;

#[derive(Debug)]
pub(crate) struct State {
    options: Options,
    traces: HashMap<TraceId, Record>,
    /// Traces by the version of their latest change: the first one goes first when memory runs out.
    by_change: BTreeSet<(Version, TraceId)>,
    starts: TimeIndex,
    updates: TimeIndex,
    /// By whole seconds.
    segment_ends: TimeIndex,
    version: Version,
    /// The versions that open listings see, with the moment at which the latest page was asked for.
    pins: BTreeMap<Version, Moment>,
    /// Bytes of all records, without their digests.
    bytes: usize,
    /// The traces whose digests are kept, those that changed longest ago first.
    digests: BTreeSet<(Version, TraceId)>,
    /// Bytes of all kept digests.
    digest_bytes: usize,
    evicted: u64,
}

impl State {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            traces: HashMap::new(),
            by_change: BTreeSet::new(),
            starts: TimeIndex::default(),
            updates: TimeIndex::default(),
            segment_ends: TimeIndex::default(),
            version: 0,
            pins: BTreeMap::new(),
            bytes: 0,
            digests: BTreeSet::new(),
            digest_bytes: 0,
            evicted: 0,
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        Counts {
            traces: self.traces.len() as u64,
            bytes: self.bytes + self.bytes_behind() + self.digest_bytes,
            evicted: self.evicted,
        }
    }

    pub(crate) fn trace(&self, id: TraceId) -> Option<StoredTrace> {
        self.traces.get(&id).map(Record::handed_out)
    }

    /// Takes a batch; gives back what had to go, for the caller to free.
    pub(crate) fn put(&mut self, documents: Vec<Document>, now: Moment, report: &mut PutReport) -> Vec<Record> {
        self.version += 1;
        self.close_listings(now);
        let mut touched: Vec<(TraceId, Version)> = Vec::new();
        let mut new_ends = Vec::new();
        for document in documents {
            let id = document.trace;
            let record = self.traces.entry(id).or_insert_with(|| Record::new(id, now));
            let (bytes, first_time) = (record.bytes, record.changed == 0);
            let added = record.add(document, self.version, &mut new_ends);
            match added {
                Added::News => report.accepted += 1,
                Added::Copy => report.copies += 1,
                Added::TooLate => report.too_late += 1,
            }
            if added == Added::News && record.changed != self.version {
                touched.push((id, record.changed));
                record.changed = self.version;
                record.revision = record.revision.saturating_add(1);
                record.last_received = now;
                if let Some((_, weight)) = record.digest.take() {
                    self.digest_bytes -= weight;
                }
            }
            self.bytes = self.bytes + record.bytes - if first_time { 0 } else { bytes };
            for second in new_ends.drain(..) {
                let at = Moment(second.saturating_mul(SECOND));
                self.segment_ends.enter(Key { at, trace: id, since: self.version });
            }
        }
        for (id, changed_before) in touched {
            self.by_change.remove(&(changed_before, id));
            self.digests.remove(&(changed_before, id));
            self.by_change.insert((self.version, id));
            self.place(id);
        }
        let evicted = self.evict();
        report.evicted = evicted.len() as u64;
        evicted
    }

    /// Moves a trace to where it stands in time now.
    fn place(&mut self, id: TraceId) {
        let Some(record) = self.traces.get_mut(&id) else { return };
        let updated = match self.options.placement {
            Placement::ByEnd => record.end(),
            Placement::ByReceipt => Some(record.last_received),
        };
        let newest_pin = self.pins.last_key_value().map(|(version, _)| *version);
        let version = self.version;
        let start = record.start();
        for (index, place, at) in
            [(&mut self.starts, &mut record.start_key, start), (&mut self.updates, &mut record.update_key, updated)]
        {
            let Some(at) = at else { continue };
            if let Some(old) = *place {
                if old.at == at {
                    continue;
                }
                index.leave(&old, version, newest_pin);
            }
            let key = Key { at, trace: id, since: version };
            index.enter(key);
            *place = Some(key);
        }
    }

    /// Drops the traces that have waited longest for news until the rest fits.
    fn evict(&mut self) -> Vec<Record> {
        let mut evicted = Vec::new();
        // What digests may take is set aside: looking at traces must not drive others out.
        let for_records = self.options.memory_bytes - self.options.memory_bytes / DIGESTS_SHARE;
        while self.bytes + self.bytes_behind() > for_records {
            let Some((changed, id)) = self.by_change.pop_first() else { break };
            let Some(record) = self.traces.remove(&id) else { continue };
            self.bytes -= record.bytes;
            self.digest_bytes -= record.digest.as_ref().map_or(0, |(_, weight)| *weight);
            self.digests.remove(&(changed, id));
            self.evicted += 1;
            for (index, key) in [(&mut self.starts, record.start_key), (&mut self.updates, record.update_key)] {
                if let Some(key) = key {
                    index.remove(&key);
                }
            }
            for (second, ends) in record.ends() {
                let at = Moment(second.saturating_mul(SECOND));
                self.segment_ends.remove(&Key { at, trace: id, since: ends.since() });
            }
            evicted.push(record);
        }
        evicted
    }

    /// Bytes of index entries that stayed behind for open listings.
    fn bytes_behind(&self) -> usize {
        let behind = self.starts.behind() + self.updates.behind() + self.segment_ends.behind();
        behind * ENTRY_BYTES
    }

    /// Keeps digests for the traces that have not changed since; the oldest ones go when there are too many.
    pub(crate) fn keep_digests(&mut self, fresh: Vec<(TraceId, Version, Arc<Digest>)>) {
        for (id, version, digest) in fresh {
            let Some(record) = self.traces.get_mut(&id) else { continue };
            if record.changed == version && record.digest.is_none() {
                let weight = digest.weight();
                self.digest_bytes += weight;
                self.digests.insert((version, id));
                record.digest = Some((digest, weight));
            }
        }
        while self.digest_bytes > self.options.memory_bytes / DIGESTS_SHARE {
            let Some((_, id)) = self.digests.pop_first() else { break };
            let dropped = self.traces.get_mut(&id).and_then(|record| record.digest.take());
            self.digest_bytes -= dropped.map_or(0, |(_, weight)| weight);
        }
    }

    /// Finds the traces of a page.
    pub(crate) fn select(
        &mut self,
        query: &ListQuery,
        from: Option<&Cursor>,
        now: Moment,
    ) -> Result<Selection, StoreError> {
        self.close_listings(now);
        let version = from.map_or(self.version, |cursor| cursor.version);
        if from.is_some() {
            *self.pins.get_mut(&version).ok_or(StoreError::UnknownCursor)? = now;
        }
        let (index, earliest) = match query.place {
            Place::Start => (&self.starts, query.from),
            Place::Updated => (&self.updates, query.from),
            Place::SegmentEnd => (&self.segment_ends, query.from.floor_second()),
        };
        let (mut found, mut scanned) = (Vec::new(), from.map_or(0, |cursor| cursor.scanned));
        let (mut last, mut bytes, mut is_cut) = (None, 0, false);
        let entries = index.newest_first(earliest, query.to, from.map(Cursor::key), version);
        for (step, (key, is_there)) in entries.enumerate() {
            let record = self.traces.get(&key.trace).filter(|_| is_there);
            let at = record.and_then(|record| match query.place {
                Place::SegmentEnd => {
                    // A trace has an entry for every second in which a segment ends; the latest one shows it.
                    let (second, end) = record.latest_end(query.from, query.to, version)?;
                    (key.at.0 == second.saturating_mul(SECOND)).then_some(end)
                }
                Place::Start | Place::Updated => Some(key.at),
            });
            let (Some(record), Some(at)) = (record, at) else {
                if step >= STEPS_OF_A_PAGE {
                    is_cut = true;
                    break;
                }
                last = Some(key);
                continue;
            };
            if found.len() >= query.limit.max(1) || bytes > BYTES_OF_A_PAGE || step >= STEPS_OF_A_PAGE {
                is_cut = true;
                break;
            }
            last = Some(key);
            scanned += 1;
            if !is_in_share(key.trace, query.share) {
                continue;
            }
            let digest = if let Some((digest, _)) = &record.digest {
                Found::Cached(digest.clone())
            } else {
                bytes += record.document_bytes();
                let (documents, revision) = (record.documents(), record.revision);
                Found::Documents { documents, revision, version: record.changed }
            };
            found.push(FoundTrace { id: key.trace, at, digest });
        }
        let next = last.filter(|_| is_cut).map(|key| Cursor::after(key, version, scanned));
        if next.is_some() {
            self.pins.insert(version, now);
        }
        Ok(Selection { found, scanned, next })
    }

    /// Closes the listings that nobody continues, and forgets what only they could see.
    fn close_listings(&mut self, now: Moment) {
        if self.pins.is_empty() {
            return;
        }
        self.pins.retain(|_, asked| now - *asked <= OPEN_FOR);
        while self.pins.len() > OPEN_LISTINGS {
            let oldest = self.pins.iter().min_by_key(|(_, asked)| **asked).map(|(version, _)| *version);
            oldest.map(|version| self.pins.remove(&version));
        }
        let oldest_pin = self.pins.first_key_value().map(|(version, _)| *version);
        for index in [&mut self.starts, &mut self.updates, &mut self.segment_ends] {
            index.sweep(oldest_pin);
        }
    }
}
