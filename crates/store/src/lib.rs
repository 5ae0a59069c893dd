//! The embedded trace store: takes segment documents, keeps them, finds traces by time, answers with plain values.
//!
//! A [`Document`] is read and judged before it comes here ([`Document::read`], outside every lock). [`Store::put`] joins
//! a batch of them to their traces by X-Ray's rule (the first completion of an id wins) and moves each trace in the time
//! indexes. [`Store::list`] walks one index, newest first, a page at a time, and [`Store::traces`] hands out documents.
//!
//! This store lives in memory and drops the traces that have waited longest for news when its bytes run out. Its
//! interface knows nothing of that: values go in and out, failures are values, the present moment is passed in. So a
//! store on disk can take its place.

mod digest;
mod document;
mod index;
mod listing;
mod record;
mod state;

use std::sync::{Mutex, MutexGuard, PoisonError};

use model::{Moment, TraceId};

pub use self::{
    digest::Digest,
    document::{Document, Entity},
    listing::{Cursor, ListQuery, Page, Place, Row},
    record::StoredTrace,
    state::{Counts, PutReport},
};
use self::{listing::Found, state::State};

/// How a store is to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The bytes that documents, indexes and summaries may take, as far as they can be counted.
    pub memory_bytes: usize,
    /// What "updated at" means.
    pub placement: Placement,
}

/// Where a trace stands in the index of updates ([`Place::Updated`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Where its latest (sub)segment ends. Traces of yesterday that are loaded today are found under yesterday.
    ByEnd,
    /// When its latest accepted update came, as in AWS.
    ByReceipt,
}

/// What a store cannot do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The cursor is none of this store's, or the listing was left alone for too long.
    #[error("the listing is not open (any more)")]
    UnknownCursor,
}

/// A store of traces. Every method may be called from any thread.
#[derive(Debug)]
pub struct Store {
    // A plain mutex: what is done under it is short (digests are computed outside), and every read moves something.
    state: Mutex<State>,
}

impl Store {
    /// An empty store.
    pub fn new(options: Options) -> Self {
        Self { state: Mutex::new(State::new(options)) }
    }

    /// Takes a batch of documents, received at `now`. A trace that the batch touches counts one update, however many
    /// of the documents are its. Afterwards everything in the batch can be found.
    pub fn put(&self, documents: Vec<Document>, now: Moment) -> Result<PutReport, StoreError> {
        let mut report = PutReport::default();
        let evicted = self.lock().put(documents, now, &mut report);
        // Freeing a trace of a hundred thousand documents takes a while; nobody else has to wait for that.
        drop(evicted);
        Ok(report)
    }

    /// The traces with these ids, in the order asked; those that are not there are left out.
    pub fn traces(&self, ids: &[TraceId]) -> Result<Vec<StoredTrace>, StoreError> {
        let state = self.lock();
        Ok(ids.iter().filter_map(|id| state.trace(*id)).collect())
    }

    /// A page of the traces that stand in a span of time, newest first.
    ///
    /// All pages of one listing together show what was there when it began: each trace once, although traces arrive
    /// and move in the meantime (their summaries are as fresh as the page). A page can be short, or empty, and still
    /// have a next one.
    pub fn list(&self, query: &ListQuery, from: Option<&Cursor>, now: Moment) -> Result<Page, StoreError> {
        let selection = self.lock().select(query, from, now)?;
        let mut rows = Vec::with_capacity(selection.found.len());
        let mut fresh = Vec::new();
        for found in selection.found {
            let digest = match found.digest {
                Found::Cached(digest) => digest,
                Found::Documents { documents, revision, version } => {
                    let trace = model::Trace::assemble(found.id, documents);
                    let digest = std::sync::Arc::new(Digest::of(&trace, revision));
                    fresh.push((found.id, version, digest.clone()));
                    digest
                }
            };
            rows.push(Row { at: found.at, digest });
        }
        if !fresh.is_empty() {
            self.lock().keep_digests(fresh);
        }
        Ok(Page { rows, scanned: selection.scanned, next: selection.next })
    }

    /// How much is there, and how much was dropped.
    pub fn counts(&self) -> Counts {
        self.lock().counts()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock calls foreign code; should it panic all the same, what is stored is still worth showing.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
