//! The service map as it arrives: each graph replaces the one before.

use std::rc::Rc;

use crate::prelude::*;
use api::{Event, Query, ServiceMapQuery};
use model::{Moment, ServiceGraph};

use super::stream::{self, Asked, Round, Sink};
use crate::state::Shared;

/// The map's signals.
#[derive(Clone, Copy)]
pub(crate) struct MapData {
    /// The graph so far; `None` before any has come.
    pub(crate) graph: Signal<Option<Shared<ServiceGraph>>>,
    /// Everything else.
    pub(crate) asked: Asked,
}

/// Asks a question whenever `key` gives a new one. When only the round beside it changes, the former graph stays until
/// the new one has come.
pub(crate) fn service_map(key: impl Fn() -> Option<(ServiceMapQuery, Round)> + Send + Sync + 'static) -> MapData {
    let (graph, set_graph) = signal(None);
    let key = move || key().map(|(query, round)| (Query::ServiceMap(query), round));
    MapData { graph, asked: stream::ask(key, Rc::new(GraphSink { set_graph })) }
}

struct GraphSink {
    set_graph: RwSignal<Option<Shared<ServiceGraph>>>,
}

impl Sink for GraphSink {
    fn clear(&self) {
        self.set_graph.set(None);
    }

    fn again(&self) {}

    fn take(&self, event: Event) {
        if let Event::Map(graph) = event {
            self.set_graph.set(Some(Shared::new(graph)));
        }
    }

    fn cut(&self, _: Moment) {}

    fn complete(&self) {}
}
