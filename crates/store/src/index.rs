//! Where everything lies: traces, their documents, and their places in time, in an LSM tree.
//!
//! Nothing in it is the only copy of anything: an index that is missing, damaged or of another schema is made anew from
//! the log. It is never synced for a client's sake; after a crash the log's end is applied again from the place that the
//! index knows. The tree's tables may then be ahead of one another. So a row of the time indexes counts only where the
//! trace's own row says the same.

use std::path::Path;

use fjall::{
    Database, Keyspace, KeyspaceCreateOptions, OwnedWriteBatch as WriteBatch, PersistMode, Readable as _, Slice,
    Snapshot,
};
use model::{Moment, TraceId};
use serde::{Deserialize, Serialize};

use crate::{
    Digest, MinuteTotals, Placement,
    log::{self, Position},
};

/// Raised whenever a key or a row changes its form.
const SCHEMA: u32 = 2;

/// The bytes of blocks that are kept in memory.
const CACHE_BYTES: u64 = 24 << 20;
/// A table in memory is written out when it has grown so large, in bytes.
const TABLE_BYTES: u64 = 2 << 20;

/// What the index cannot do.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// The engine says so.
    #[error("the index of traces: {0}")]
    Engine(#[from] fjall::Error),
    /// A row is not what was written.
    #[error("a row of the index cannot be read: {0}")]
    Row(#[from] postcard::Error),
}

/// A trace as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct TraceRow {
    pub(crate) revision: i32,
    pub(crate) first_received: i64,
    pub(crate) last_received: i64,
    /// Where it stands in the index of starts.
    pub(crate) start: Option<i64>,
    /// Where it stands in the index of updates.
    pub(crate) updated: Option<i64>,
    /// The number that its next document gets.
    pub(crate) next: u32,
}

/// What segments ended within one second of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EndRow {
    /// The first end, in nanoseconds since 1970.
    pub(crate) first: i64,
    /// The last end.
    pub(crate) last: i64,
    /// The next second in which one of its segments ended.
    pub(crate) next: Option<i64>,
}

/// What is known of the whole store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Totals {
    /// Everything in the log before this place is in the index.
    pub(crate) file: u32,
    pub(crate) offset: u64,
    pub(crate) traces: u64,
}

impl Totals {
    pub(crate) fn applied(&self) -> log::Mark {
        log::Mark { file: self.file, offset: self.offset }
    }
}

#[derive(Clone)]
pub(crate) struct Index {
    db: Database,
    meta: Keyspace,
    pub(crate) traces: Keyspace,
    pub(crate) documents: Keyspace,
    pub(crate) starts: Keyspace,
    pub(crate) updates: Keyspace,
    pub(crate) ends: Keyspace,
    /// Digests of sealed traces, by their places in `starts`, whose values are their sketches.
    pub(crate) digests: Keyspace,
    /// What sealed minutes add up to.
    pub(crate) totals: Keyspace,
}

/// A digest, good for as long as the trace is what it was.
#[derive(Serialize, Deserialize)]
pub(crate) struct DigestRow<D> {
    pub(crate) revision: i32,
    pub(crate) last_received: i64,
    pub(crate) digest: D,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Index")
    }
}

/// Rows by their keys: bytes of a time and a trace, in the order of the numbers.
pub(crate) mod key {
    use model::TraceId;

    const TRACE: usize = 20;
    pub(crate) const PLACE: usize = 8 + TRACE;

    /// The order of bytes is that of the moments.
    fn time(at: i64) -> [u8; 8] {
        (at.cast_unsigned() ^ (1 << 63)).to_be_bytes()
    }

    /// The bits of an id, and which of its digits are upper case: ids are kept as they came.
    pub(crate) fn trace(id: TraceId) -> [u8; TRACE] {
        let (mut bits, mut upper) = (0_u128, 0_u32);
        for digit in id.w3c().bytes() {
            bits = (bits << 4) | u128::from(char::from(digit).to_digit(16).unwrap_or(0));
            upper = (upper << 1) | u32::from(digit.is_ascii_uppercase());
        }
        let mut key = [0; TRACE];
        key[..16].copy_from_slice(&bits.to_be_bytes());
        key[16..].copy_from_slice(&upper.to_be_bytes());
        key
    }

    fn read_trace(key: &[u8]) -> Option<TraceId> {
        let (bits, upper) = key.split_first_chunk::<16>()?;
        let (id, upper) = (TraceId::from_bits(u128::from_be_bytes(*bits)), u32::from_be_bytes(upper.try_into().ok()?));
        if upper == 0 {
            return Some(id);
        }
        let digits = id.w3c().chars().enumerate();
        let case = |(place, digit): (usize, char)| {
            if upper >> (31 - place) & 1 == 1 { digit.to_ascii_uppercase() } else { digit }
        };
        TraceId::from_w3c(&digits.map(case).collect::<String>()).ok()
    }

    /// The key of a minute.
    pub(crate) fn minute(minute: i64) -> [u8; 8] {
        time(minute)
    }

    pub(crate) fn document(id: TraceId, number: u32) -> [u8; TRACE + 4] {
        let mut key = [0; TRACE + 4];
        key[..TRACE].copy_from_slice(&trace(id));
        key[TRACE..].copy_from_slice(&number.to_be_bytes());
        key
    }

    pub(crate) fn place(at: i64, id: TraceId) -> [u8; PLACE] {
        let mut key = [0; PLACE];
        key[..8].copy_from_slice(&time(at));
        key[8..].copy_from_slice(&trace(id));
        key
    }

    /// The time and the trace of a key.
    pub(crate) fn read_place(key: &[u8]) -> Option<(i64, TraceId)> {
        let (time, id) = key.split_first_chunk::<8>()?;
        Some(((u64::from_be_bytes(*time) ^ (1 << 63)).cast_signed(), read_trace(id)?))
    }

    /// The number of a document's key.
    pub(crate) fn number(key: &[u8]) -> Option<u32> {
        Some(u32::from_be_bytes(*key.last_chunk::<4>()?))
    }

    /// The keys of both ends of a span of time, both included.
    pub(crate) fn span(from: i64, to: i64) -> ([u8; PLACE], [u8; PLACE]) {
        let (mut first, mut last) = ([0; PLACE], [0xff; PLACE]);
        first[..8].copy_from_slice(&time(from));
        last[..8].copy_from_slice(&time(to));
        (first, last)
    }
}

impl Index {
    /// Opens the index in a folder; `None` where it is of another schema, or places traces otherwise.
    pub(crate) fn open(folder: &Path, placement: Placement) -> Result<Option<Self>, IndexError> {
        let schema = [SCHEMA, placement as u32].map(u32::to_le_bytes).concat();
        let db = Database::builder(folder).cache_size(CACHE_BYTES).worker_threads(2).open()?;
        let open = |name| db.keyspace(name, || KeyspaceCreateOptions::default().max_memtable_size(TABLE_BYTES));
        let index = Self {
            meta: open("meta")?,
            traces: open("traces")?,
            documents: open("documents")?,
            starts: open("starts")?,
            updates: open("updates")?,
            ends: open("ends")?,
            digests: open("digests")?,
            totals: open("totals")?,
            db: db.clone(),
        };
        if let Some(known) = index.meta.get("schema")? {
            Ok((*known == *schema).then_some(index))
        } else {
            index.meta.insert("schema", schema)?;
            Ok(Some(index))
        }
    }

    pub(crate) fn batch(&self) -> WriteBatch {
        self.db.batch()
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.db.snapshot()
    }

    /// The bytes that it takes on the disk.
    pub(crate) fn bytes(&self) -> u64 {
        // What cannot be measured cannot be told either.
        self.db.disk_space().unwrap_or(0)
    }

    /// Returns once everything in it is on the disk.
    pub(crate) fn sync(&self) -> Result<(), IndexError> {
        Ok(self.db.persist(PersistMode::SyncAll)?)
    }

    pub(crate) fn totals(&self) -> Result<Totals, IndexError> {
        let row = self.meta.get("totals")?;
        Ok(row.map(|row| postcard::from_bytes(&row)).transpose()?.unwrap_or_default())
    }

    pub(crate) fn set_totals(&self, batch: &mut WriteBatch, totals: &Totals) -> Result<(), IndexError> {
        batch.insert(&self.meta, "totals", row(totals)?);
        Ok(())
    }

    /// The row of a trace as of a snapshot.
    pub(crate) fn trace(&self, at: &Snapshot, id: TraceId) -> Result<Option<TraceRow>, IndexError> {
        let row = at.get(&self.traces, key::trace(id))?;
        Ok(row.map(|row| postcard::from_bytes(&row)).transpose()?)
    }

    /// The numbers and positions of a trace's documents as of a snapshot, in the order in which they came.
    pub(crate) fn documents(&self, at: &Snapshot, id: TraceId) -> Result<Vec<(u32, Position)>, IndexError> {
        let mut found = Vec::new();
        for row in at.prefix(&self.documents, key::trace(id)) {
            let (key, value) = row.into_inner()?;
            if let Some(number) = key::number(&key) {
                found.push((number, postcard::from_bytes(&value)?));
            }
        }
        Ok(found)
    }

    /// The segment ends of a trace within a second, as of a snapshot.
    pub(crate) fn ends(&self, at: &Snapshot, second: i64, id: TraceId) -> Result<Option<EndRow>, IndexError> {
        let row = at.get(&self.ends, key::place(second, id))?;
        Ok(row.map(|row| postcard::from_bytes(&row)).transpose()?)
    }
}

impl Index {
    /// The digest of a trace, if it was written down since the trace changed last.
    pub(crate) fn digest(&self, at: &Snapshot, id: TraceId, trace: &TraceRow) -> Result<Option<Digest>, IndexError> {
        let Some(start) = trace.start else { return Ok(None) };
        let Some(row) = at.get(&self.digests, key::place(start, id))? else { return Ok(None) };
        let (own, rest) = postcard::take_from_bytes::<(i32, i64)>(&row)?;
        if own != (trace.revision, trace.last_received) {
            return Ok(None);
        }
        Ok(Some(postcard::from_bytes(rest)?))
    }

    /// Whether the sketch of a trace was written down since the trace changed last.
    pub(crate) fn has_sketch(&self, at: &Snapshot, start: i64, id: TraceId) -> bool {
        self.sketch(at, start, id).is_ok_and(|sketch| sketch.is_some_and(|sketch| !sketch.is_empty()))
    }

    /// The bytes of a trace's sketch: none where there is no sketch.
    pub(crate) fn sketch(&self, at: &Snapshot, start: i64, id: TraceId) -> Result<Option<Slice>, IndexError> {
        Ok(at.get(&self.starts, key::place(start, id))?)
    }

    /// What a minute adds up to, if it is sealed.
    pub(crate) fn minute_totals(&self, at: &Snapshot, minute: i64) -> Result<Option<MinuteTotals>, IndexError> {
        let row = at.get(&self.totals, key::minute(minute))?;
        Ok(row.map(|row| postcard::from_bytes(&row)).transpose()?)
    }

    /// Whether a minute is sealed.
    pub(crate) fn has_totals(&self, at: &Snapshot, minute: i64) -> Result<bool, IndexError> {
        Ok(at.contains_key(&self.totals, key::minute(minute))?)
    }

    /// The first update at a moment or after it.
    pub(crate) fn first_update(&self, at: &Snapshot, from: i64) -> Result<Option<(i64, TraceId)>, IndexError> {
        self.updates_within(at, (Moment(from), Moment(i64::MAX))).next().transpose()
    }

    /// The updates from a moment to another one, both included.
    pub(crate) fn updates_within(
        &self,
        at: &Snapshot,
        span: (Moment, Moment),
    ) -> impl Iterator<Item = Result<(i64, TraceId), IndexError>> + use<> {
        let (first, last) = key::span(span.0.0, span.1.0);
        at.range(&self.updates, first..=last).filter_map(|entry| match entry.key() {
            Ok(key) => key::read_place(&key).map(Ok),
            Err(error) => Some(Err(error.into())),
        })
    }
}

/// A row as bytes.
pub(crate) fn row<T: Serialize>(value: &T) -> Result<Vec<u8>, postcard::Error> {
    postcard::to_allocvec(value)
}
