//! The services of a time range: a graph a window, merged as the windows are answered.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use analysis::graph::Merger;
use api::{Done, Event, Progress, ServiceMapQuery};
use futures::{Stream, StreamExt as _, stream::FuturesUnordered};
use model::{Moment, ServiceGraph};

use super::{
    failed::{failed, is_hopeless, rest_unasked},
    windows::windows,
};
use crate::{error::Error, source::XRay};

/// Windows asked at the same time.
const PARALLEL: usize = 3;
/// What has come is shown again at most this often, until the end.
const SHOW_EVERY: Duration = Duration::from_millis(400);

/// What came of one window.
struct Answer {
    window: (Moment, Moment),
    graph: Result<(ServiceGraph, u32), Error>,
}

/// The events of a question whose range is `from` to `to`.
pub(crate) fn service_map(
    xray: XRay,
    query: ServiceMapQuery,
    (from, to): (Moment, Moment),
    request_id: Option<String>,
) -> impl Stream<Item = Event> + Send {
    let begun = Instant::now();
    async_stream::stream! {
        yield Event::Started { from, to, source: xray.source.to_string(), region: xray.region.to_string() };
        let all = windows(from, to);
        let mut progress = Progress { windows: all.len() as u32, ..Progress::default() };
        let mut waiting: VecDeque<_> = all.into();
        let mut calls = FuturesUnordered::new();
        let mut so_far = ServiceGraph::default();
        let mut shown: Option<Instant> = None;
        let mut is_new = true;
        yield Event::Progress(progress.clone());
        loop {
            while calls.len() < PARALLEL && let Some(window) = waiting.pop_front() {
                calls.push(call(&xray, window, query.group.as_deref()));
            }
            let Some(Answer { window, graph }) = calls.next().await else { break };
            progress.windows_done += 1;
            match graph {
                Ok((graph, pages)) => {
                    progress.calls += pages;
                    let mut merger = Merger::default();
                    merger.add(&so_far);
                    merger.add(&graph);
                    so_far = merger.finish();
                    is_new = true;
                }
                Err(error) => {
                    progress.calls += 1;
                    yield failed(window, &error, request_id.as_deref());
                    if is_hopeless(&error) {
                        if progress.windows_done < progress.windows {
                            yield rest_unasked();
                        }
                        break;
                    }
                }
            }
            if is_new && shown.is_none_or(|shown| shown.elapsed() >= SHOW_EVERY) {
                yield Event::Map(so_far.clone());
                (shown, is_new) = (Some(Instant::now()), false);
            }
            yield Event::Progress(progress.clone());
        }
        if is_new {
            yield Event::Map(so_far);
        }
        yield Event::Done(Done {
            calls: progress.calls,
            elapsed_ms: begun.elapsed().as_millis() as u64,
            ..Done::default()
        });
    }
}

async fn call(xray: &XRay, window: (Moment, Moment), group: Option<&str>) -> Answer {
    // X-Ray's ranges are closed; a nanosecond less keeps windows from counting segments twice.
    let to = Moment(window.1.0 - 1);
    Answer { window, graph: xray.service_graph(window.0, to, group).await }
}
