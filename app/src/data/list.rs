//! The trace list as it arrives: rows by trace.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc, sync::Arc};

use crate::prelude::*;
use api::{Event, Query, TraceListQuery, TraceRow};
use model::{Moment, TraceId};

use super::stream::{self, Asked, Round, Sink};
use crate::state::Shared;

/// The list's signals.
#[derive(Clone, Copy)]
pub(crate) struct TraceListData {
    /// The rows so far, in no particular order.
    pub(crate) rows: Signal<Shared<Vec<Arc<TraceRow>>>>,
    /// Everything else.
    pub(crate) asked: Asked,
}

type Rows = BTreeMap<TraceId, Arc<TraceRow>>;

/// Asks a question whenever `key` gives a new one. When only the round beside it changes, the rows of the former answer
/// stay until the new ones have come.
pub(crate) fn trace_list(key: impl Fn() -> Option<(TraceListQuery, Round)> + Send + Sync + 'static) -> TraceListData {
    let (rows, set_rows) = signal(Shared::new(Vec::new()));
    let sink = Rc::new(RowSink { shown: RefCell::default(), fresh: RefCell::default(), set_rows });
    let key = move || key().map(|(query, round)| (Query::TraceList(query), round));
    TraceListData { rows, asked: stream::ask(key, sink) }
}

struct RowSink {
    shown: RefCell<Rows>,
    /// What came since the question was last asked.
    fresh: RefCell<Rows>,
    set_rows: RwSignal<Shared<Vec<Arc<TraceRow>>>>,
}

impl RowSink {
    fn show(&self) {
        let list = self.shown.borrow().values().cloned().collect();
        self.set_rows.set(Shared::new(list));
    }
}

impl Sink for RowSink {
    fn clear(&self) {
        self.shown.borrow_mut().clear();
        self.fresh.borrow_mut().clear();
        self.show();
    }

    fn again(&self) {
        self.fresh.borrow_mut().clear();
    }

    fn take(&self, event: Event) {
        let Event::Rows(rows) = event else { return };
        for row in rows.into_iter().map(Arc::new) {
            self.fresh.borrow_mut().insert(row.id, row.clone());
            self.shown.borrow_mut().insert(row.id, row);
        }
        self.show();
    }

    fn cut(&self, before: Moment) {
        let is_here = |row: &Arc<TraceRow>| row.start.is_none_or(|start| start >= before);
        for rows in [&self.shown, &self.fresh] {
            rows.borrow_mut().retain(|_, row| is_here(row));
        }
        self.show();
    }

    fn complete(&self) {
        // Traces that have left the range go only now, when nothing is missing.
        let fresh = std::mem::take(&mut *self.fresh.borrow_mut());
        if fresh.len() != self.shown.borrow().len() {
            self.shown.replace(fresh);
            self.show();
        }
    }
}
