//! One trace as its writer knows it. Taking a document costs as much as the document is large, never as the trace is.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, btree_map, hash_map},
    sync::Arc,
};

use model::{Moment, SpanId, TraceId, time::SECOND};

use crate::{document::Entity, index::EndRow, log::Position};

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

/// A trace that is being written to.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) id: TraceId,
    /// Documents by their numbers; those that have nothing left to say are gone.
    documents: BTreeMap<u32, Slot>,
    next: u32,
    /// Which document speaks for which id.
    entities: HashMap<SpanId, Holder>,
    bounds: Bounds,
    /// The ends of its segments by the second, for [`crate::Place::SegmentEnd`].
    ends: BTreeMap<i64, (Moment, Moment)>,
    pub(crate) document_bytes: u64,
    pub(crate) revision: i32,
    pub(crate) first_received: Moment,
    pub(crate) last_received: Moment,
    /// Where it stands in the indexes of starts and of updates.
    pub(crate) start_key: Option<i64>,
    pub(crate) update_key: Option<i64>,
    /// What the index does not know yet.
    pub(crate) news: News,
    /// The index has rows of it.
    pub(crate) is_known: bool,
}

/// What of a trace has changed since its rows were written.
#[derive(Debug, Default)]
pub(crate) struct News {
    pub(crate) written: BTreeSet<u32>,
    pub(crate) gone: BTreeSet<u32>,
    pub(crate) seconds: BTreeSet<i64>,
}

#[derive(Debug)]
struct Slot {
    position: Position,
    /// The ids for which this document speaks; it goes when there are none left.
    speaks_for: u32,
}

#[derive(Clone, Copy, Debug)]
struct Holder {
    document: u32,
    start: Moment,
    is_complete: bool,
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

impl Record {
    pub(crate) fn new(id: TraceId, now: Moment) -> Self {
        Self {
            id,
            documents: BTreeMap::new(),
            next: 0,
            entities: HashMap::new(),
            bounds: Bounds::default(),
            ends: BTreeMap::new(),
            document_bytes: 0,
            revision: 0,
            first_received: now,
            last_received: now,
            start_key: None,
            update_key: None,
            news: News::default(),
            is_known: false,
        }
    }

    /// Joins a document to the trace. `is_same` tells whether the text at another position is the same.
    pub(crate) fn add(
        &mut self,
        entities: &[Entity],
        position: Position,
        is_same: impl FnOnce(&Position) -> bool,
    ) -> Added {
        let own = entities.first().and_then(|entity| self.entities.get(&entity.id)).copied();
        let own = own.and_then(|own| self.documents.get(&own.document)).map(|slot| slot.position);
        if own.is_some_and(|own| (own.length, own.sum) == (position.length, position.sum) && is_same(&own)) {
            return Added::Copy;
        }
        self.join(self.next, entities, position)
    }

    /// Joins a document under its number.
    pub(crate) fn join(&mut self, number: u32, entities: &[Entity], position: Position) -> Added {
        self.next = number + 1;
        self.documents.insert(number, Slot { position, speaks_for: 0 });
        self.document_bytes += u64::from(position.length);
        self.news.written.insert(number);
        for entity in entities {
            self.hear(entity, number);
        }
        if self.documents.get(&number).is_some_and(|slot| slot.speaks_for > 0) {
            return Added::News;
        }
        self.forget(number);
        Added::TooLate
    }

    /// Lets a document speak for an entity, unless another one has completed it.
    fn hear(&mut self, entity: &Entity, number: u32) {
        let holder = Holder { document: number, start: entity.start, is_complete: entity.end.is_some() };
        match self.entities.entry(entity.id) {
            hash_map::Entry::Vacant(free) => {
                free.insert(holder);
            }
            hash_map::Entry::Occupied(taken) if taken.get().is_complete => return,
            hash_map::Entry::Occupied(mut taken) => {
                let old = taken.insert(holder);
                self.bounds.unsee_open(old.start);
                self.silence(old.document, number);
            }
        }
        if let Some(slot) = self.documents.get_mut(&number) {
            slot.speaks_for += 1;
        }
        match entity.end {
            Some(end) => self.bounds.see(entity.start, end),
            None => self.bounds.see_open(entity.start),
        }
        if let Some(end) = entity.end.filter(|_| entity.is_segment) {
            self.end_in(end.0.div_euclid(SECOND), end);
        }
    }

    /// A segment ended in a second.
    fn end_in(&mut self, second: i64, end: Moment) {
        match self.ends.entry(second) {
            btree_map::Entry::Occupied(mut ends) => {
                let (first, last) = *ends.get();
                ends.insert((first.min(end), last.max(end)));
            }
            btree_map::Entry::Vacant(free) => {
                free.insert((end, end));
                // The second before it names the one that follows.
                let before = self.ends.range(..second).next_back();
                self.news.seconds.extend(before.map(|(second, _)| *second));
            }
        }
        self.news.seconds.insert(second);
    }

    /// A document speaks for one id less, because `newest` does.
    fn silence(&mut self, number: u32, newest: u32) {
        let Some(document) = self.documents.get_mut(&number) else { return };
        document.speaks_for -= 1;
        // The newest one is being heard just now and may speak for more.
        if document.speaks_for == 0 && number != newest {
            self.forget(number);
        }
    }

    fn forget(&mut self, number: u32) {
        if let Some(document) = self.documents.remove(&number) {
            self.document_bytes -= u64::from(document.position.length);
            if !self.news.written.remove(&number) {
                self.news.gone.insert(number);
            }
        }
    }

    /// The earliest start of all its (sub)segments.
    pub(crate) fn start(&self) -> Option<Moment> {
        self.bounds.first()
    }

    /// The latest end of all its (sub)segments.
    pub(crate) fn end(&self) -> Option<Moment> {
        self.bounds.last()
    }

    /// The number that the next document gets.
    pub(crate) fn next(&self) -> u32 {
        self.next
    }

    pub(crate) fn position(&self, number: u32) -> Option<Position> {
        self.documents.get(&number).map(|slot| slot.position)
    }

    /// The row of a second in which segments ended.
    pub(crate) fn end_row(&self, second: i64) -> Option<EndRow> {
        let (first, last) = self.ends.get(&second)?;
        let next = self.ends.range(second + 1..).next().map(|(second, _)| *second);
        Some(EndRow { first: first.0, last: last.0, next })
    }

    /// The seconds in which its segments end.
    pub(crate) fn seconds(&self) -> impl Iterator<Item = i64> {
        self.ends.keys().copied()
    }

    /// The numbers and positions of its documents.
    pub(crate) fn positions(&self) -> impl Iterator<Item = (u32, Position)> {
        self.documents.iter().map(|(number, slot)| (*number, slot.position))
    }

    /// A document lies elsewhere now.
    pub(crate) fn lies_at(&mut self, number: u32, position: Position) {
        if let Some(slot) = self.documents.get_mut(&number) {
            slot.position = position;
            self.news.written.insert(number);
        }
    }

    /// The trace is as the index has it, but for documents that are gone.
    pub(crate) fn settle(&mut self, next: u32, gone: BTreeSet<u32>) {
        self.next = self.next.max(next);
        self.news = News { gone, ..News::default() };
        self.is_known = true;
    }

    /// Everything is news: all rows will be written again.
    pub(crate) fn renew(&mut self) {
        self.news.written = self.documents.keys().copied().collect();
        self.news.seconds = self.ends.keys().copied().collect();
    }

    /// The bytes that it takes in memory, roughly.
    pub(crate) fn weight(&self) -> usize {
        512 + self.documents.len() * 48 + self.entities.len() * 56 + self.ends.len() * 64
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
