//! The services of a time range: a graph a window, merged as the windows are answered.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use analysis::graph::Merger;
use api::{Done, Event, Progress, ServiceMapQuery, query::TimeOf};
use futures::{Stream, StreamExt as _, stream::FuturesUnordered};
use model::{ServiceGraph, graph::NodeIx};

use super::{
    cache::Key,
    context::{Context, now},
    failed::{Record, failed, is_hopeless, not_asked},
    shared::Piece,
    windows::{Window, windows},
};
use crate::{error::Error, source::GET_SERVICE_GRAPH};

/// Windows asked at the same time.
const PARALLEL: usize = 6;
/// What has come is shown again at most this often, until the end.
const SHOW_EVERY: Duration = Duration::from_millis(400);

/// What came of one window.
struct Answer {
    window: Window,
    graph: Result<ServiceGraph, Error>,
}

/// The events of a question whose range is `from` to `to`.
pub(crate) fn service_map(
    context: Context,
    query: ServiceMapQuery,
    range: Window,
) -> impl Stream<Item = Piece> + Send + 'static {
    async_stream::stream! {
        yield context.started(range).into();
        let longest = GET_SERVICE_GRAPH.longest.unwrap_or(range.1 - range.0);
        let all = windows(range.0, range.1, longest);
        let mut progress = Progress { windows: all.len() as u32, ..Progress::default() };
        let mut waiting: VecDeque<Window> = all.into();
        let key = |window: Window| Key {
            source: context.xray.source.clone(),
            revision: context.xray.revision,
            region: context.xray.region.clone(),
            of: query.group.clone().unwrap_or_default(),
            time_of: TimeOf::Service,
            window,
        };
        let mut calls = FuturesUnordered::new();
        let mut under_way: BTreeSet<Window> = BTreeSet::new();
        let mut so_far = Merger::default();
        let mut shown: Option<Instant> = None;
        let (mut is_new, mut record) = (true, Record::default());
        yield Event::Progress(progress.clone()).into();
        loop {
            while calls.len() < PARALLEL && let Some(window) = waiting.pop_front() {
                let known = if context.fresh { None } else { context.cache.graph(&key(window)) };
                if let Some((graph, fetched)) = known {
                    yield Event::Cached(fetched).into();
                    so_far.add(&graph);
                    is_new = true;
                    progress.windows_done += 1;
                    progress.windows_cached += 1;
                    continue;
                }
                under_way.insert(window);
                calls.push(call(&context, window, query.group.as_deref()));
            }
            let Some(Answer { window, graph }) = calls.next().await else { break };
            for event in context.calls() {
                yield event.into();
            }
            under_way.remove(&window);
            progress.windows_done += 1;
            progress.calls = context.job.calls();
            match graph {
                Ok(graph) => {
                    record.went_well = true;
                    so_far.add(&graph);
                    context.cache.keep_graph(key(window), Arc::new(graph), now());
                    is_new = true;
                }
                Err(error) => {
                    yield failed(window, &error, context.request_id.as_deref()).into();
                    record.failures += 1;
                    if is_hopeless(&error, record) {
                        for part in under_way.iter().chain(&waiting) {
                            yield not_asked(*part).into();
                        }
                        break;
                    }
                }
            }
            if is_new && shown.is_none_or(|shown| shown.elapsed() >= SHOW_EVERY) {
                yield Event::Map(of_account(so_far.clone().finish(), query.account.as_deref())).into();
                (shown, is_new) = (Some(Instant::now()), false);
            }
            yield Event::Progress(progress.clone()).into();
        }
        drop(calls);
        if is_new {
            yield Event::Map(of_account(so_far.finish(), query.account.as_deref())).into();
        }
        yield Event::Progress(progress.clone()).into();
        yield Event::Done(Done {
            calls: context.job.calls(),
            elapsed_ms: context.job.elapsed_ms(),
            ..Done::default()
        }).into();
    }
}

async fn call(context: &Context, window: Window, group: Option<&str>) -> Answer {
    Answer { window, graph: context.xray.service_graph(&context.job, window, group).await }
}

/// The services of an account, those that they call and those that call them.
fn of_account(graph: ServiceGraph, account: Option<&str>) -> ServiceGraph {
    let Some(account) = account.filter(|account| !account.is_empty()) else { return graph };
    let is_its = |place: NodeIx| {
        graph.nodes.get(place as usize).is_some_and(|node| node.id.account_id.as_deref() == Some(account))
    };
    let mut kept: BTreeSet<NodeIx> = (0..graph.nodes.len() as NodeIx).filter(|place| is_its(*place)).collect();
    let edges: Vec<_> = graph.edges.iter().filter(|edge| is_its(edge.source) || is_its(edge.target)).collect();
    kept.extend(edges.iter().flat_map(|edge| [edge.source, edge.target]));
    let places: Vec<NodeIx> = kept.iter().copied().collect();
    let place = |old: NodeIx| places.binary_search(&old).unwrap_or_default() as NodeIx;
    ServiceGraph {
        edges: edges
            .into_iter()
            .map(|edge| {
                let mut edge = edge.clone();
                (edge.source, edge.target) = (place(edge.source), place(edge.target));
                edge
            })
            .collect(),
        nodes: kept.iter().filter_map(|place| graph.nodes.get(*place as usize).cloned()).collect(),
    }
}
