//! Answers that come as a stream of events: what is under way, how far it has come, what is missing.

use std::rc::Rc;

use crate::prelude::*;
use api::{
    Done, Event, Failure, Progress, Query,
    event::{Call, FailedWindow},
    query::TimeOf,
};
use futures::{StreamExt as _, future::abortable};
use leptos::task::spawn_local;
use model::{Moment, Nanos};

use super::server;

/// Windows that are no further apart are neighbours.
const NEIGHBOURS: Nanos = Nanos(1_000_000_000);

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
    /// The calls to X-Ray so far, each with the answer that it belongs to.
    pub(crate) calls: Vec<(String, Call)>,
    /// What is being added to: the sum of what had come before. `None` for an answer by itself.
    base: Option<Done>,
    /// The addition goes on where the answer was cut, rather than filling a hole.
    goes_on: bool,
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
    pub(crate) state: Signal<StreamState>,
    /// Stops it; what has come stays.
    pub(crate) cancel: Callback<()>,
    /// Asks something more, whose answer is added: for the part of these that failed, or to go on where it was cut.
    pub(crate) add: Callback<(Query, Option<usize>)>,
}

/// How often a question was asked, and how it is asked now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Round {
    number: u32,
    /// Past everything that the server keeps.
    fresh: bool,
}

impl Round {
    /// The next time.
    pub(crate) fn next(self, fresh: bool) -> Self {
        Self { number: self.number + 1, fresh }
    }
}

/// Where the content of an answer goes.
pub(super) trait Sink {
    /// Another question begins: the content of the former answer goes.
    fn clear(&self);
    /// The same question begins again: the former content stays for now.
    fn again(&self);
    /// Takes an event with content.
    fn take(&self, event: Event);
    /// What lies before a moment was cut off.
    fn cut(&self, before: Moment);
    /// The answer has ended, and nothing of it is missing.
    fn complete(&self);
}

/// Asks a question whenever `key` gives a new one, and again when only the round beside it changes.
pub(super) fn ask(key: impl Fn() -> Option<(Query, Round)> + Send + Sync + 'static, sink: Rc<dyn Sink>) -> Asked {
    let (state, set_state) = signal(StreamState::default());
    let stop = StoredValue::new(None::<futures::future::AbortHandle>);
    let kept = StoredValue::new(sink.clone());
    let key = Signal::memo(move |_| key());
    Effect::new(move |before: Option<Option<Query>>| {
        let Some((query, round)) = key.get() else {
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
        let mut asked = query.clone();
        match &mut asked {
            Query::TraceList(list) => list.fresh = round.fresh,
            Query::ServiceMap(map) => map.fresh = round.fresh,
        }
        let (work, abort) = abortable(follow(asked, sink.clone(), state, set_state));
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
    let add = Callback::new(move |(query, part): (Query, Option<usize>)| {
        if state.with_untracked(|state| state.running) {
            return;
        }
        set_state.update(|state| {
            (state.running, state.cancelled, state.goes_on) = (true, false, part.is_none());
            state.base = Some(state.done.take().unwrap_or_default());
            if let Some(part) = part.filter(|part| *part < state.failed.len()) {
                state.failed.remove(part);
            }
        });
        let (work, abort) = abortable(follow(query, kept.get_value(), state, set_state));
        stop.set_value(Some(abort));
        spawn_local(async move {
            work.await.unwrap_or(());
        });
    });
    Asked { state, cancel, add }
}

/// Adds the sum of an addition to the one before.
fn sum(base: Option<&Done>, done: Done, goes_on: bool) -> Done {
    let Some(base) = base else { return done };
    Done {
        calls: base.calls + done.calls,
        scanned: base.scanned + done.scanned,
        retrieved: base.retrieved + done.retrieved,
        cost_nanodollars: base.cost_nanodollars + done.cost_nanodollars,
        traces: base.traces + done.traces,
        more_before: if goes_on { done.more_before } else { base.more_before },
        elapsed_ms: base.elapsed_ms + done.elapsed_ms,
    }
}

async fn follow(query: Query, sink: Rc<dyn Sink>, state: Signal<StreamState>, set_state: RwSignal<StreamState>) {
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
    let is_cut = matches!(&query, Query::TraceList(list) if list.time_of == TimeOf::Start);
    let more_before = state.try_with_untracked(|state| state.done.as_ref().and_then(|done| done.more_before)).flatten();
    if let Some(before) = more_before.filter(|_| is_cut) {
        sink.cut(before);
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
            if state.base.is_none() {
                state.range = Some((from, to));
            }
            state.answer = answer;
        }
        Event::Cached(at) => state.cached = Some(state.cached.map_or(at, |known| known.min(at))),
        Event::Call(call) => state.calls.push((state.answer.clone(), call)),
        Event::Progress(progress) => state.progress = progress,
        Event::Warning(message) => state.warnings.push(message),
        Event::Failed(failed) => fail(&mut state.failed, *failed),
        Event::Done(done) => state.done = Some(sum(state.base.as_ref(), done, state.goes_on)),
        Event::Rows(_) | Event::Map(_) => {}
    }
}

/// Notes a part that failed. Neighbours that failed for the same reason are one part: one note, and one press to retry.
fn fail(parts: &mut Vec<FailedWindow>, part: FailedWindow) {
    let aws_code = |part: &FailedWindow| part.failure.aws.as_ref().map(|aws| (aws.code.clone(), aws.message.clone()));
    let touches = |one: &FailedWindow, other: &FailedWindow| (one.from - other.to).0.abs() <= NEIGHBOURS.0;
    // What was not asked for would have failed like what was.
    let is_same = |known: &FailedWindow| {
        part.failure.code == "not_asked"
            || known.failure.code == part.failure.code && aws_code(known) == aws_code(&part)
    };
    let found = parts.iter_mut().find(|known| is_same(known) && (touches(known, &part) || touches(&part, known)));
    match found {
        Some(known) => (known.from, known.to) = (known.from.min(part.from), known.to.max(part.to)),
        None => parts.push(part),
    }
}

fn end(state: RwSignal<StreamState>, failure: Option<Failure>) {
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
