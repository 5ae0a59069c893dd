//! What the editor proposes: values of the traces that were listed so far, services and calls of the range.

use std::sync::Arc;

use crate::prelude::*;
use api::{Group, TraceRow};
use filter::assist::{Catalogue, Counted, MOST_VALUES};
use model::ServiceGraph;

use crate::state::{Load, Shared};

/// So many traces of an answer are looked at, the first ones.
const MOST_ROWS: usize = 2_000;

/// The values of all traces seen so far: a filter must not take away what else could be asked for.
#[derive(Default)]
struct Seen {
    ids: Counted,
    values: Catalogue,
}

impl Seen {
    fn add(&mut self, rows: &[Arc<TraceRow>]) {
        // What is known begins anew with the list at hand when there is no room for more ids.
        if self.ids.iter().count() + MOST_ROWS > MOST_VALUES {
            *self = Self::default();
        }
        for row in rows.iter().take(MOST_ROWS) {
            let id = row.id.to_string();
            if !self.ids.has(&id) {
                self.ids.add(&id, 1);
                see(&mut self.values, row);
            }
        }
    }
}

/// The catalogue of a list and a graph. It is made anew when one of them has changed and the list is complete.
pub(crate) fn catalogue(
    rows: Signal<Shared<Vec<Arc<TraceRow>>>>,
    is_running: Signal<bool>,
    graph: Signal<Option<Shared<ServiceGraph>>>,
    groups: Signal<Load<Shared<Vec<Group>>>>,
) -> Signal<Shared<Catalogue>> {
    let (catalogue, set_catalogue) = signal(Shared::new(Catalogue::default()));
    let seen = StoredValue::new(Seen::default());
    Effect::new(move |_| {
        if is_running.get() {
            return;
        }
        rows.with(|rows| seen.update_value(|seen| seen.add(rows)));
        let mut next = seen.with_value(|seen| seen.values.clone());
        graph.with(|graph| graph.iter().for_each(|graph| next.see_graph(graph)));
        groups.with(|groups| {
            groups
                .value()
                .into_iter()
                .flat_map(|groups| groups.iter())
                .for_each(|group| next.groups.add(&group.name, 0));
        });
        set_catalogue.set(Shared::new(next));
    });
    catalogue
}

fn see(catalogue: &mut Catalogue, row: &TraceRow) {
    catalogue.see_http(&row.http);
    for (values, known) in [
        (&row.users, &mut catalogue.users),
        (&row.zones, &mut catalogue.zones),
        (&row.instances, &mut catalogue.instances),
        (&row.arns, &mut catalogue.arns),
    ] {
        for value in values {
            known.add(value, 1);
        }
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
