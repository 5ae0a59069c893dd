//! One stored trace: its documents and what is known of its entities.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use model::{Moment, SpanId, TraceSummary};

use crate::{Documents, Incoming};

/// What an entity costs in memory beside its text, roughly, in bytes.
const ENTITY_BYTES: usize = 64;

#[derive(Default)]
pub(crate) struct StoredTrace {
    documents: Vec<Option<Document>>,
    entities: HashMap<SpanId, State>,
    /// The earliest start of any document.
    pub(crate) start: Option<Moment>,
    /// Where the latest update is placed in time.
    pub(crate) update: Option<Moment>,
    /// The ends of its segments.
    pub(crate) ends: BTreeSet<Moment>,
    pub(crate) bytes: usize,
    pub(crate) revision: i32,
    /// The store's count at its latest update.
    pub(crate) age: u64,
    /// Kept until the trace changes.
    pub(crate) summary: Option<Arc<TraceSummary>>,
}

struct Document {
    text: Arc<str>,
    ids: Box<[SpanId]>,
}

#[derive(Clone, Copy)]
struct State {
    completed: bool,
    /// The index of the document that says so.
    document: u32,
}

impl StoredTrace {
    /// Adds a document; `false` when every entity in it is known to have ended, so that it changes nothing.
    pub(crate) fn add(&mut self, document: Incoming, placed: Moment, first_of_batch: bool) -> bool {
        let index = self.documents.len() as u32;
        let mut superseded = BTreeSet::new();
        let mut news = false;
        for entity in &document.entities {
            match self.entities.get_mut(&entity.id) {
                Some(known) if known.completed => {}
                Some(known) => {
                    superseded.insert(known.document);
                    *known = State { completed: entity.completed, document: index };
                    news = true;
                }
                None => {
                    self.entities.insert(entity.id, State { completed: entity.completed, document: index });
                    news = true;
                }
            }
        }
        if !news {
            return false;
        }
        self.start = Some(self.start.map_or(document.start, |start| start.min(document.start)));
        self.update = self.update.max(Some(placed));
        self.ends.extend(document.segment_end());
        self.bytes += document.text.len() + ENTITY_BYTES * document.entities.len();
        self.revision += i32::from(first_of_batch);
        self.summary = None;
        let ids = document.entities.iter().map(|entity| entity.id).collect();
        self.documents.push(Some(Document { text: document.text, ids }));
        superseded.into_iter().for_each(|old| self.drop_superseded(old));
        true
    }

    /// Drops a document of which another one knows every entity better.
    fn drop_superseded(&mut self, index: u32) {
        let Some(document) = &self.documents[index as usize] else { return };
        if document.ids.iter().all(|id| self.entities.get(id).is_some_and(|state| state.document != index)) {
            self.bytes -= document.text.len() + ENTITY_BYTES * document.ids.len();
            self.documents[index as usize] = None;
        }
    }

    pub(crate) fn documents(&self) -> Documents {
        let documents = self.documents.iter().flatten().map(|document| document.text.clone()).collect();
        Documents { documents, revision: self.revision }
    }
}
