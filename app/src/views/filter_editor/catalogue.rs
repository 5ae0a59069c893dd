//! What the editor proposes: values of the traces in the list, services and calls of the range.

use std::sync::Arc;

use api::TraceRow;
use filter::assist::Catalogue;
use leptos::prelude::*;
use model::ServiceGraph;

use crate::state::Shared;

/// So many traces of the list are looked at, the first ones.
const MOST_ROWS: usize = 2_000;

/// The catalogue of a list and a graph. It is made anew when one of them has changed and the list is complete.
pub(crate) fn catalogue(
    rows: ReadSignal<Shared<Vec<Arc<TraceRow>>>>,
    is_running: Memo<bool>,
    graph: ReadSignal<Option<Shared<ServiceGraph>>>,
) -> Signal<Shared<Catalogue>> {
    let (catalogue, set_catalogue) = signal(Shared::new(Catalogue::default()));
    Effect::new(move |_| {
        if is_running.get() {
            return;
        }
        let mut next = Catalogue::default();
        graph.with(|graph| graph.iter().for_each(|graph| next.see_graph(graph)));
        rows.with(|rows| rows.iter().take(MOST_ROWS).for_each(|row| see(&mut next, row)));
        set_catalogue.set(Shared::new(next));
    });
    catalogue.into()
}

fn see(catalogue: &mut Catalogue, row: &TraceRow) {
    catalogue.see_http(&row.http);
    for user in &row.users {
        catalogue.users.add(user, 1);
    }
    for (key, values) in &row.annotations {
        for value in values {
            catalogue.see_annotation(key, value);
        }
    }
    if let Some(entry) = &row.entry_point {
        catalogue.see_service(entry, 1);
    }
}
