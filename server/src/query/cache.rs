//! Answers for windows that are over: X-Ray hardly changes what ended some minutes ago.

use std::{sync::Arc, time::Duration};

use api::{Event, TraceRow, query::TimeOf};
use bytes::Bytes;
use model::{Moment, Nanos, ServiceGraph};
use moka::sync::Cache;

use super::windows::Window;

/// A window that ended so long ago is over: X-Ray takes in late segments for a moment.
pub(super) const OVER: Nanos = Nanos::seconds(300);
/// Bytes kept, and for how long.
const LIST_BYTES: u64 = 64 << 20;
const GRAPH_BYTES: u64 = 32 << 20;
const KEPT_FOR: Duration = Duration::from_hours(1);

/// Which traces, or which graph, of which window.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) source: Arc<str>,
    /// Of the source's definition: under the same name there may have been another account.
    pub(super) revision: u64,
    pub(super) region: Arc<str>,
    /// The filter of a list, the group of a graph.
    pub(super) of: String,
    pub(super) time_of: TimeOf,
    pub(super) window: Window,
}

/// All rows of a window, as the events in which they went out: who reads an answer and who keeps it share the bytes.
#[derive(Clone)]
pub(super) struct Rows {
    events: Arc<[Bytes]>,
    pub(super) fetched: Moment,
}

impl Rows {
    /// The events with their rows; `None` where they cannot be read.
    pub(super) fn read(&self) -> Option<Vec<(Bytes, Vec<TraceRow>)>> {
        let read = |event: &Bytes| match postcard::from_bytes(event) {
            Ok(Event::Rows(rows)) => Some((event.clone(), rows)),
            _ => None,
        };
        self.events.iter().map(read).collect()
    }
}

/// What is kept.
pub(crate) struct WindowCache {
    lists: Cache<Key, Rows>,
    graphs: Cache<Key, (Arc<ServiceGraph>, Moment)>,
}

impl WindowCache {
    pub(crate) fn new() -> Self {
        let of_rows = |key: &Key, rows: &Rows| {
            let bytes: usize = rows.events.iter().map(Bytes::len).sum();
            u32::try_from(bytes + key.of.len() + 200).unwrap_or(u32::MAX)
        };
        let of_graph = |key: &Key, (graph, _): &(Arc<ServiceGraph>, Moment)| {
            // Histograms are most of it.
            let bytes = graph.nodes.len() * 2_500 + graph.edges.len() * 2_500 + key.of.len() + 200;
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self {
            lists: Cache::builder().max_capacity(LIST_BYTES).weigher(of_rows).time_to_live(KEPT_FOR).build(),
            graphs: Cache::builder().max_capacity(GRAPH_BYTES).weigher(of_graph).time_to_live(KEPT_FOR).build(),
        }
    }

    pub(super) fn has_rows(&self, key: &Key) -> bool {
        self.lists.contains_key(key)
    }

    pub(super) fn rows(&self, key: &Key) -> Option<Rows> {
        self.lists.get(key)
    }

    /// Keeps the rows of a window, if it is over.
    pub(super) fn keep_rows(&self, key: Key, events: Vec<Bytes>, now: Moment) {
        if key.window.1 + OVER <= now {
            self.lists.insert(key, Rows { events: events.into(), fetched: now });
        }
    }

    pub(super) fn graph(&self, key: &Key) -> Option<(Arc<ServiceGraph>, Moment)> {
        self.graphs.get(key)
    }

    /// Keeps the graph of a window, if it is over.
    pub(super) fn keep_graph(&self, key: Key, graph: Arc<ServiceGraph>, now: Moment) {
        if key.window.1 + OVER <= now {
            self.graphs.insert(key, (graph, now));
        }
    }
}
