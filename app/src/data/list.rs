//! The trace list as it arrives: rows by trace, progress, and everything that was missing.

use std::{collections::BTreeMap, sync::Arc};

use api::{Done, Event, Failure, Progress, Query, TraceListQuery, TraceRow, event::FailedWindow};
use futures::{StreamExt as _, future::abortable};
use leptos::{prelude::*, task::spawn_local};
use model::{Moment, TraceId};

use super::server;
use crate::state::Shared;

/// What is known of the answer so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ListState {
    /// The answer has not ended yet.
    pub(crate) running: bool,
    /// It is being asked again; the rows of the former answer are still shown.
    pub(crate) refreshing: bool,
    /// The range that is asked, start and end.
    pub(crate) range: Option<(Moment, Moment)>,
    /// How far the scan has come.
    pub(crate) progress: Progress,
    /// What the user should know.
    pub(crate) warnings: Vec<String>,
    /// Parts that could not be had.
    pub(crate) failed: Vec<FailedWindow>,
    /// The whole question failed.
    pub(crate) failure: Option<Failure>,
    /// The sum, at the end.
    pub(crate) done: Option<Done>,
    /// The user stopped it.
    pub(crate) cancelled: bool,
}

/// The list's signals.
#[derive(Clone, Copy)]
pub(crate) struct TraceListData {
    /// The rows so far, in no particular order.
    pub(crate) rows: ReadSignal<Shared<Vec<Arc<TraceRow>>>>,
    /// Everything else.
    pub(crate) state: ReadSignal<ListState>,
    /// Stops the answer that is under way; what has come stays.
    pub(crate) cancel: Callback<()>,
}

type Rows = BTreeMap<TraceId, Arc<TraceRow>>;

/// Asks a question whenever `key` gives a new one. When only the number beside it changes, the rows of the former answer
/// stay until the new ones have come.
pub(crate) fn trace_list(key: impl Fn() -> Option<(TraceListQuery, u32)> + Send + Sync + 'static) -> TraceListData {
    let (rows, set_rows) = signal(Shared::new(Vec::<Arc<TraceRow>>::new()));
    let (state, set_state) = signal(ListState::default());
    let stop = StoredValue::new(None::<futures::future::AbortHandle>);
    let kept = StoredValue::new(Rows::new());
    let show = move || {
        let list = kept.with_value(|kept| kept.values().cloned().collect());
        drop(set_rows.try_set(Shared::new(list)));
    };
    let key = Memo::new(move |_| key());
    Effect::new(move |before: Option<Option<TraceListQuery>>| {
        let Some((query, _)) = key.get() else {
            kept.update_value(Rows::clear);
            show();
            set_state.set(ListState::default());
            return None;
        };
        let again = before.flatten().as_ref() == Some(&query);
        if !again {
            kept.update_value(Rows::clear);
            show();
        }
        let begin = ListState { running: true, refreshing: again, ..ListState::default() };
        set_state.set(begin);
        let asked = Query::TraceList(query.clone());
        let (work, abort) = abortable(async move {
            let mut fresh = Rows::new();
            let mut events = match server::query(&asked).await {
                Ok(events) => Box::pin(events),
                Err(failure) => {
                    end(set_state, Some(failure));
                    return;
                }
            };
            while let Some(event) = events.next().await {
                match event {
                    Ok(Event::Rows { rows }) => {
                        for row in rows.into_iter().map(Arc::new) {
                            fresh.insert(row.id, row.clone());
                            kept.try_update_value(|kept| kept.insert(row.id, row));
                        }
                        show();
                    }
                    Ok(event) => {
                        set_state.try_update(|state| note(state, event));
                    }
                    Err(failure) => {
                        end(set_state, Some(failure));
                        return;
                    }
                }
            }
            let whole = state.try_with_untracked(|state| state.failed.is_empty() && state.done.is_some()) == Some(true);
            if again && whole {
                // Traces that have left the range go only now, when nothing is missing.
                kept.try_update_value(|kept| *kept = fresh);
                show();
            }
            let broke = (!whole && state.try_with_untracked(|state| state.done.is_none()) == Some(true)).then(cut_off);
            end(set_state, broke);
        });
        stop.set_value(Some(abort.clone()));
        on_cleanup(move || abort.abort());
        spawn_local(async move {
            // Aborted or done: either way there is nothing left to do.
            work.await.unwrap_or(());
        });
        Some(query)
    });
    let cancel = Callback::new(move |()| {
        stop.with_value(|stop| stop.iter().for_each(futures::future::AbortHandle::abort));
        set_state.update(|state| {
            state.cancelled = state.running;
            state.running = false;
        });
    });
    TraceListData { rows, state, cancel }
}

fn note(state: &mut ListState, event: Event) {
    match event {
        Event::Started { from, to, .. } => state.range = Some((from, to)),
        Event::Progress(progress) => state.progress = progress,
        Event::Warning { message } => state.warnings.push(message),
        Event::Failed(failed) => state.failed.push(*failed),
        Event::Done(done) => state.done = Some(done),
        Event::Rows { .. } => {}
    }
}

fn end(state: WriteSignal<ListState>, failure: Option<Failure>) {
    state.try_update(|state| {
        state.running = false;
        state.refreshing = false;
        state.failure = failure;
    });
}

fn cut_off() -> Failure {
    let message = "the answer ended too early; what had come until then is shown";
    Failure { code: "broken".to_owned(), message: message.to_owned(), ..Failure::default() }
}
