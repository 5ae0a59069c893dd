//! Answers that come as a stream of events: what is under way, how far it has come, what is missing.

use std::rc::Rc;

use api::{
    Done, Event, Failure, Progress, Query,
    event::{Call, FailedWindow},
};
use futures::{StreamExt as _, future::abortable};
use leptos::{prelude::*, task::spawn_local};
use model::Moment;

use super::server;

/// What is known of an answer so far, beside its content.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct StreamState {
    /// The answer has not ended yet.
    pub(crate) running: bool,
    /// It is being asked again; the content of the former answer is still shown.
    pub(crate) refreshing: bool,
    /// The range that is asked, start and end.
    pub(crate) range: Option<(Moment, Moment)>,
    /// The answer's id, under which the server keeps what was said in its calls.
    pub(crate) answer: String,
    /// The oldest part of the answer that was known before, is as old as this.
    pub(crate) cached: Option<Moment>,
    /// The calls to X-Ray so far.
    pub(crate) calls: Vec<Call>,
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

/// An answer under way.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    /// What is known of it.
    pub(crate) state: ReadSignal<StreamState>,
    /// Stops it; what has come stays.
    pub(crate) cancel: Callback<()>,
}

/// Where the content of an answer goes.
pub(super) trait Sink {
    /// Another question begins: the content of the former answer goes.
    fn clear(&self);
    /// The same question begins again: the former content stays for now.
    fn again(&self);
    /// Takes an event with content.
    fn take(&self, event: Event);
    /// The answer has ended, and nothing of it is missing.
    fn complete(&self);
}

/// Asks a question whenever `key` gives a new one, and again when only the number beside it changes.
pub(super) fn ask(key: impl Fn() -> Option<(Query, u32)> + Send + Sync + 'static, sink: Rc<dyn Sink>) -> Asked {
    let (state, set_state) = signal(StreamState::default());
    let stop = StoredValue::new(None::<futures::future::AbortHandle>);
    let key = Memo::new(move |_| key());
    Effect::new(move |before: Option<Option<Query>>| {
        let Some((query, _)) = key.get() else {
            sink.clear();
            set_state.set(StreamState::default());
            return None;
        };
        let again = before.flatten().as_ref() == Some(&query);
        if again {
            sink.again();
        } else {
            sink.clear();
        }
        set_state.set(StreamState { running: true, refreshing: again, ..StreamState::default() });
        let (work, abort) = abortable(follow(query.clone(), sink.clone(), state, set_state));
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
    Asked { state, cancel }
}

async fn follow(query: Query, sink: Rc<dyn Sink>, state: ReadSignal<StreamState>, set_state: WriteSignal<StreamState>) {
    let mut events = match server::query(&query).await {
        Ok(events) => Box::pin(events),
        Err(failure) => return end(set_state, Some(failure)),
    };
    while let Some(event) = events.next().await {
        match event {
            Ok(event @ (Event::Rows(_) | Event::Map(_))) => sink.take(event),
            Ok(event) => {
                set_state.try_update(|state| note(state, event));
            }
            Err(failure) => return end(set_state, Some(failure)),
        }
    }
    let ended = state.try_with_untracked(|state| (state.done.is_some(), state.failed.is_empty()));
    let (done, whole) = ended.unwrap_or((true, false));
    if done && whole {
        sink.complete();
    }
    end(set_state, (!done).then(cut_off));
}

fn note(state: &mut StreamState, event: Event) {
    match event {
        Event::Started { from, to, answer, .. } => {
            state.range = Some((from, to));
            state.answer = answer;
        }
        Event::Cached(at) => state.cached = Some(state.cached.map_or(at, |known| known.min(at))),
        Event::Call(call) => state.calls.push(call),
        Event::Progress(progress) => state.progress = progress,
        Event::Warning(message) => state.warnings.push(message),
        Event::Failed(failed) => state.failed.push(*failed),
        Event::Done(done) => state.done = Some(done),
        Event::Rows(_) | Event::Map(_) => {}
    }
}

fn end(state: WriteSignal<StreamState>, failure: Option<Failure>) {
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
