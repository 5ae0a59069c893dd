//! The traces of a list of ids, whatever their time.

use std::sync::Arc;

use api::{Done, Event, Progress, TraceRow};
use futures::{Stream, StreamExt as _, stream};
use model::{Moment, TraceId};

use super::{context::Context, failed::failed, shared::Piece};
use crate::{
    error::Error,
    source::{FoundTrace, Retrieved, TRACES_AT_ONCE},
};

/// Calls at the same time.
const PARALLEL: usize = 4;
/// Traces fetched for one question.
const MOST_TRACES: usize = 500;
/// So many of those that X-Ray does not have are looked for in Transaction Search: each is a search of its own, which takes
/// seconds and is charged by what it reads.
const MOST_SEARCHED: usize = 20;
/// So many ids are named where X-Ray does not have them.
const MOST_NAMED: usize = 5;

/// The events of a question for these traces. `range` is told as the one that was asked for; it takes no part.
pub(crate) fn named_traces(
    context: Context,
    mut ids: Vec<TraceId>,
    range: (Moment, Moment),
) -> impl Stream<Item = Piece> + Send + 'static {
    async_stream::stream! {
        yield context.started(range).into();
        if ids.len() > MOST_TRACES {
            yield Event::Warning(format!("Only the first {MOST_TRACES} of {} ids are looked up.", ids.len())).into();
            ids.truncate(MOST_TRACES);
        }
        let batches: Vec<Vec<TraceId>> = ids.chunks(TRACES_AT_ONCE).map(<[TraceId]>::to_vec).collect();
        let mut progress = Progress { windows: batches.len() as u32, ..Progress::default() };
        yield Event::Progress(progress.clone()).into();
        let mut answers = stream::iter(batches).map(|batch| fetched(&context, batch)).buffer_unordered(PARALLEL);
        let (mut sent, mut absent) = (0_u64, Vec::new());
        while let Some((batch, answer)) = answers.next().await {
            for event in context.calls() {
                yield event.into();
            }
            progress.calls = context.job.calls();
            progress.windows_done += 1;
            match answer {
                Ok(rows) => {
                    let is_here = |id: &TraceId| rows.iter().any(|row: &TraceRow| row.id == *id);
                    absent.extend(batch.into_iter().filter(|id| !is_here(id)));
                    sent += rows.len() as u64;
                    yield Event::Rows(rows).into();
                }
                Err(error) => yield failed(range, &error, context.request_id.as_deref()).into(),
            }
            yield Event::Progress(progress.clone()).into();
        }
        drop(answers);
        // The local X-Ray has no second place to look in.
        let wanted: Vec<TraceId> =
            if context.xray.is_local() { Vec::new() } else { absent.iter().take(MOST_SEARCHED).copied().collect() };
        let (is_searched, is_all) = (!wanted.is_empty(), absent.len() <= MOST_SEARCHED);
        progress.windows += wanted.len() as u32;
        let mut lookups = stream::iter(wanted).map(|id| retrieved(&context, id)).buffer_unordered(PARALLEL);
        let mut unknown = None;
        while let Some((id, answer)) = lookups.next().await {
            for event in context.calls() {
                yield event.into();
            }
            progress.calls = context.job.calls();
            progress.windows_done += 1;
            match answer {
                Ok(Search::Found(rows)) => {
                    absent.retain(|other| *other != id);
                    sent += rows.len() as u64;
                    yield Event::Rows(rows).into();
                }
                Ok(Search::Absent) => {}
                // It would be the same for the others.
                Ok(Search::Unknown(why)) => {
                    unknown = Some(why);
                    break;
                }
                Err(error) => {
                    unknown = Some(error.to_string());
                    break;
                }
            }
            yield Event::Progress(progress.clone()).into();
        }
        drop(lookups);
        progress.windows_done = progress.windows;
        yield Event::Progress(progress.clone()).into();
        if !absent.is_empty() {
            let named: Vec<String> = absent.iter().take(MOST_NAMED).map(TraceId::to_string).collect();
            let more = absent.len() - named.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let named = named.join(", ");
            yield Event::Warning(match unknown {
                Some(why) => format!("X-Ray does not have {named}{more}. Whether Transaction Search does is not known: {why}."),
                None if is_searched && !is_all => format!(
                    "X-Ray does not have {named}{more}. Transaction Search was asked for {MOST_SEARCHED} of those that X-Ray does not have; opening a trace asks it for that one."
                ),
                None if is_searched => format!("X-Ray does not have {named}{more}, and neither has Transaction Search."),
                None => format!("X-Ray does not have {named}{more}."),
            }).into();
        }
        yield Event::Done(Done {
            calls: context.job.calls(),
            retrieved: sent,
            cost_nanodollars: context.cost(sent),
            traces: sent,
            elapsed_ms: context.job.elapsed_ms(),
            ..Done::default()
        }).into();
    }
}

/// The rows of some traces.
async fn fetched(context: &Context, ids: Vec<TraceId>) -> (Vec<TraceId>, Result<Vec<TraceRow>, Error>) {
    let answer = match context.xray.traces(&context.job, &ids).await {
        Ok(found) => summarised(found).await,
        Err(error) => Err(error),
    };
    (ids, answer)
}

/// What Transaction Search has of a trace that X-Ray does not have.
enum Search {
    Found(Vec<TraceRow>),
    Absent,
    Unknown(String),
}

async fn retrieved(context: &Context, id: TraceId) -> (TraceId, Result<Search, Error>) {
    let answer = match context.xray.retrieved(&context.job, id).await {
        Ok(Retrieved::Found(found)) => summarised(vec![found]).await.map(Search::Found),
        Ok(Retrieved::Absent) => Ok(Search::Absent),
        Ok(Retrieved::Unknown(why)) => Ok(Search::Unknown(why)),
        Err(error) => Err(error),
    };
    (id, answer)
}

async fn summarised(found: Vec<FoundTrace>) -> Result<Vec<TraceRow>, Error> {
    let work = tokio::task::spawn_blocking(move || {
        let traces: Vec<Arc<model::Trace>> = found.into_iter().map(|found| Arc::new(found.trace)).collect();
        traces.iter().map(|trace| TraceRow::from(analysis::summary::summarize(trace, 0))).collect()
    });
    work.await.map_err(|error| Error::Internal(error.to_string()))
}
