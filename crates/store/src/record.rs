//! One trace as the store keeps it. Taking a document costs as much as the document is large, never as the trace is.

use std::{
    collections::{BTreeMap, HashMap, btree_map, hash_map},
    sync::Arc,
};

use model::{Moment, SpanId, TraceId, time::SECOND};

use crate::{
    Digest,
    document::{Document, Entity},
    index::{ENTRY_BYTES, Key, Version},
};

/// A trace, handed out.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredTrace {
    /// Its id.
    pub id: TraceId,
    /// Its documents, as they came, in the order in which they came. Those that say nothing more (an in-progress
    /// document that was completed since, a copy) are not among them.
    pub documents: Vec<Arc<str>>,
    /// The bytes of all documents together.
    pub document_bytes: usize,
    /// The number of accepted updates.
    pub revision: i32,
    /// When its first document came.
    pub first_received: Moment,
    /// When its latest accepted document came.
    pub last_received: Moment,
}

/// A trace in the store.
#[derive(Debug)]
pub(crate) struct Record {
    id: TraceId,
    /// `None` where a document has nothing left to say.
    documents: Vec<Option<Slot>>,
    /// Which document speaks for which id.
    entities: HashMap<SpanId, Holder>,
    bounds: Bounds,
    /// The ends of its segments by the second, for [`crate::Place::SegmentEnd`].
    ends: BTreeMap<i64, Ends>,
    document_bytes: usize,
    /// Bytes of everything but the digest, roughly; what the store subtracts when the trace goes.
    pub(crate) bytes: usize,
    pub(crate) revision: i32,
    pub(crate) first_received: Moment,
    pub(crate) last_received: Moment,
    /// The version of its latest change; 0 before the first one.
    pub(crate) changed: Version,
    /// Where it stands in the indexes of starts and of updates.
    pub(crate) start_key: Option<Key>,
    pub(crate) update_key: Option<Key>,
    /// Its digest and the bytes counted for that; none after a change.
    pub(crate) digest: Option<(Arc<Digest>, usize)>,
}

#[derive(Debug)]
struct Slot {
    text: Arc<str>,
    /// The ids for which this document speaks; it goes when there are none left.
    speaks_for: u32,
}

#[derive(Clone, Copy, Debug)]
struct Holder {
    document: u32,
    start: Moment,
    is_complete: bool,
}

/// The ends of a trace's segments within one second.
///
/// A listing that began before must not see that a second has come to reach into its span: each end that moved the
/// second's bounds stays known, with the version that brought it.
#[derive(Clone, Debug)]
pub(crate) struct Ends {
    /// The first end, and what it was: ever earlier ones, in the order of their versions.
    first: Vec<(Moment, Version)>,
    /// The last end, and what it was: ever later ones, in the order of their versions.
    last: Vec<(Moment, Version)>,
}

impl Ends {
    fn new(end: Moment, version: Version) -> Self {
        Self { first: vec![(end, version)], last: vec![(end, version)] }
    }

    /// The version at which this second came to be.
    pub(crate) fn since(&self) -> Version {
        self.first.first().map_or(Version::MAX, |(_, since)| *since)
    }

    fn see(&mut self, end: Moment, version: Version) {
        if self.first.last().is_none_or(|(first, _)| end < *first) {
            self.first.push((end, version));
        }
        if self.last.last().is_none_or(|(last, _)| end > *last) {
            self.last.push((end, version));
        }
    }

    /// The latest end up to `to` as of a version, if the ends reach into the span.
    fn within(&self, from: Moment, to: Moment, version: Version) -> Option<Moment> {
        let known = |bounds: &[(Moment, Version)]| {
            let count = bounds.partition_point(|(_, since)| *since <= version);
            bounds[..count].last().map(|(end, _)| *end)
        };
        let (first, last) = (known(&self.first)?, known(&self.last)?);
        (first <= to && last >= from).then(|| last.min(to))
    }
}

/// What became of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Added {
    /// It says something new.
    News,
    /// It was there already.
    Copy,
    /// All of it was complete already, and said differently.
    TooLate,
}

const RECORD_BYTES: usize = 640 + 3 * ENTRY_BYTES;
const DOCUMENT_BYTES: usize = 48;
const ENTITY_BYTES: usize = 64;
const SECOND_BYTES: usize = 192 + ENTRY_BYTES;

impl Record {
    pub(crate) fn new(id: TraceId, now: Moment) -> Self {
        Self {
            id,
            documents: Vec::new(),
            entities: HashMap::new(),
            bounds: Bounds::default(),
            ends: BTreeMap::new(),
            document_bytes: 0,
            bytes: RECORD_BYTES,
            revision: 0,
            first_received: now,
            last_received: now,
            changed: 0,
            start_key: None,
            update_key: None,
            digest: None,
        }
    }

    /// Joins a document to the trace. The seconds in which its segments end for the first time go to `new_ends`.
    pub(crate) fn add(&mut self, document: Document, version: Version, new_ends: &mut Vec<i64>) -> Added {
        let own = document.entities.first().and_then(|entity| self.entities.get(&entity.id)).copied();
        if own.is_some_and(|own| self.text(own.document) == Some(&*document.text)) {
            return Added::Copy;
        }
        let slot = self.documents.len() as u32;
        let text_bytes = document.text.len();
        self.documents.push(Some(Slot { text: document.text, speaks_for: 0 }));
        self.document_bytes += text_bytes;
        self.bytes += text_bytes + DOCUMENT_BYTES;
        for entity in &document.entities {
            self.hear(entity, slot, version, new_ends);
        }
        let is_heard = self.documents[slot as usize].as_ref().is_some_and(|slot| slot.speaks_for > 0);
        if is_heard {
            return Added::News;
        }
        self.forget(slot);
        self.documents.truncate(slot as usize);
        Added::TooLate
    }

    /// Lets a document speak for an entity, unless another one has completed it.
    fn hear(&mut self, entity: &Entity, slot: u32, version: Version, new_ends: &mut Vec<i64>) {
        let holder = Holder { document: slot, start: entity.start, is_complete: entity.end.is_some() };
        match self.entities.entry(entity.id) {
            hash_map::Entry::Vacant(free) => {
                free.insert(holder);
                self.bytes += ENTITY_BYTES;
            }
            hash_map::Entry::Occupied(taken) if taken.get().is_complete => return,
            hash_map::Entry::Occupied(mut taken) => {
                let old = taken.insert(holder);
                self.bounds.unsee_open(old.start);
                self.silence(old.document);
            }
        }
        if let Some(Some(slot)) = self.documents.get_mut(slot as usize) {
            slot.speaks_for += 1;
        }
        match entity.end {
            Some(end) => self.bounds.see(entity.start, end),
            None => self.bounds.see_open(entity.start),
        }
        if let Some(end) = entity.end.filter(|_| entity.is_segment) {
            let second = end.0.div_euclid(SECOND);
            match self.ends.entry(second) {
                btree_map::Entry::Occupied(mut ends) => ends.get_mut().see(end, version),
                btree_map::Entry::Vacant(free) => {
                    free.insert(Ends::new(end, version));
                    new_ends.push(second);
                    self.bytes += SECOND_BYTES;
                }
            }
        }
    }

    /// A document speaks for one id less.
    fn silence(&mut self, slot: u32) {
        let Some(Some(document)) = self.documents.get_mut(slot as usize) else { return };
        document.speaks_for -= 1;
        // The newest one is being heard just now and may speak for more.
        if document.speaks_for == 0 && slot as usize + 1 < self.documents.len() {
            self.forget(slot);
        }
    }

    fn forget(&mut self, slot: u32) {
        if let Some(document) = self.documents.get_mut(slot as usize).and_then(Option::take) {
            self.document_bytes -= document.text.len();
            self.bytes -= document.text.len() + DOCUMENT_BYTES;
        }
    }

    fn text(&self, slot: u32) -> Option<&str> {
        self.documents.get(slot as usize)?.as_ref().map(|slot| &*slot.text)
    }

    /// The earliest start of all its (sub)segments.
    pub(crate) fn start(&self) -> Option<Moment> {
        self.bounds.first()
    }

    /// The latest end of all its (sub)segments; those in progress count with their start.
    pub(crate) fn end(&self) -> Option<Moment> {
        self.bounds.last()
    }

    /// The seconds in which its segments end.
    pub(crate) fn ends(&self) -> impl DoubleEndedIterator<Item = (i64, &Ends)> {
        self.ends.iter().map(|(second, ends)| (*second, ends))
    }

    /// The latest second from `from` to `to` in which a segment had ended at `version`, looking back from `to`.
    pub(crate) fn latest_end(&self, from: Moment, to: Moment, version: Version) -> Option<(i64, Moment)> {
        let seconds = from.0.div_euclid(SECOND)..=to.0.div_euclid(SECOND);
        let mut ends = self.ends.range(seconds).rev();
        ends.find_map(|(second, ends)| Some((*second, ends.within(from, to, version)?)))
    }

    pub(crate) fn documents(&self) -> Vec<Arc<str>> {
        self.documents.iter().flatten().map(|slot| slot.text.clone()).collect()
    }

    pub(crate) fn document_bytes(&self) -> usize {
        self.document_bytes
    }

    pub(crate) fn handed_out(&self) -> StoredTrace {
        StoredTrace {
            id: self.id,
            documents: self.documents(),
            document_bytes: self.document_bytes,
            revision: self.revision,
            first_received: self.first_received,
            last_received: self.last_received,
        }
    }
}

/// The earliest start and the latest end, kept while in-progress documents come and go.
#[derive(Debug, Default)]
struct Bounds {
    /// Of completed (sub)segments, which stay.
    completed: Option<(Moment, Moment)>,
    /// The starts of those in progress, counted: completion takes them away, perhaps to start elsewhere.
    open: BTreeMap<Moment, u32>,
}

impl Bounds {
    fn see(&mut self, start: Moment, end: Moment) {
        let (first, last) = self.completed.unwrap_or((start, end));
        self.completed = Some((first.min(start), last.max(end)));
    }

    fn see_open(&mut self, start: Moment) {
        *self.open.entry(start).or_insert(0) += 1;
    }

    fn unsee_open(&mut self, start: Moment) {
        if let Some(count) = self.open.get_mut(&start) {
            *count -= 1;
            if *count == 0 {
                self.open.remove(&start);
            }
        }
    }

    fn first(&self) -> Option<Moment> {
        let open = self.open.first_key_value().map(|(start, _)| *start);
        self.completed.map(|(first, _)| first).into_iter().chain(open).min()
    }

    fn last(&self) -> Option<Moment> {
        let open = self.open.last_key_value().map(|(start, _)| *start);
        self.completed.map(|(_, last)| last).into_iter().chain(open).max()
    }
}
