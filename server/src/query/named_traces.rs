//! The traces of a list of ids, whatever their time.

use std::sync::Arc;

use api::{Done, Event, Progress};
use futures::{Stream, StreamExt as _, stream};
use model::{Moment, TraceId};

use super::{context::Context, failed::failed, shared::Piece};
use crate::{
    error::Error,
    source::{FoundTrace, TRACES_AT_ONCE},
};

/// Calls at the same time.
const PARALLEL: usize = 4;
/// Traces fetched for one question.
const MOST_TRACES: usize = 500;
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
        if !absent.is_empty() {
            let named: Vec<String> = absent.iter().take(MOST_NAMED).map(TraceId::to_string).collect();
            let more = absent.len() - named.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            yield Event::Warning(format!("X-Ray does not have {}{more}.", named.join(", "))).into();
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

async fn summarised(found: Vec<FoundTrace>) -> Result<Vec<TraceRow>, Error> {
    let work = tokio::task::spawn_blocking(move || {
        let traces: Vec<Arc<model::Trace>> = found.into_iter().map(|found| Arc::new(found.trace)).collect();
        traces.iter().map(|trace| TraceRow::from(analysis::summary::summarize(trace, 0))).collect()
    });
    work.await.map_err(|error| Error::Internal(error.to_string()))
}
