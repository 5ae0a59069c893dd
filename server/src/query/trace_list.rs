//! The traces of a time range, sent on as each page arrives.
//!
//! Everything happens inside the stream that becomes the response's body: when the client goes, the stream is dropped,
//! and with it the calls under way.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Instant,
};

use api::{Done, Event, Progress, TraceListQuery};
use futures::{
    Stream, StreamExt as _,
    stream::{FuturesUnordered, empty},
};
use model::{Moment, TraceId};

use super::{
    failed::{failed, is_hopeless, rest_unasked},
    row,
    windows::windows,
};
use crate::{
    error::Error,
    source::{SummaryPage, XRay},
};

/// Windows asked at the same time. X-Ray throttles beyond a few calls at once.
const PARALLEL: usize = 4;
/// Traces sent for one question unless it asks for less.
pub(crate) const MOST_TRACES: u64 = 10_000;

/// What came of one call.
struct Answer {
    window: (Moment, Moment),
    page: Result<SummaryPage, Error>,
}

/// The events of a question whose range is `from` to `to`.
pub(crate) fn trace_list(
    xray: XRay,
    query: TraceListQuery,
    (from, to): (Moment, Moment),
    request_id: Option<String>,
) -> impl Stream<Item = Event> + Send {
    let begun = Instant::now();
    let most = query.limit.map_or(MOST_TRACES, |limit| u64::from(limit).min(MOST_TRACES));
    async_stream::stream! {
        yield Event::Started { from, to, source: xray.source.to_string(), region: xray.region.to_string() };
        let all = windows(from, to);
        let mut progress = Progress { windows: all.len() as u32, ..Progress::default() };
        let mut waiting: VecDeque<_> = all.into();
        let mut calls = FuturesUnordered::new();
        let mut sent: BTreeMap<TraceId, i32> = BTreeMap::new();
        let mut scanned: BTreeMap<Moment, u64> = BTreeMap::new();
        let mut truncated = false;
        yield Event::Progress(progress.clone());
        loop {
            while calls.len() < PARALLEL && let Some(window) = waiting.pop_front() {
                calls.push(call(&xray, window, &query.filter, None));
            }
            let Some(Answer { window, page }) = calls.next().await else { break };
            progress.calls += 1;
            match page {
                Ok(page) => {
                    scanned.insert(window.0, page.scanned);
                    progress.scanned = scanned.values().sum();
                    let mut fresh: Vec<_> = page.summaries.into_iter().filter(|summary| {
                        sent.get(&summary.id).is_none_or(|revision| *revision < summary.revision)
                    }).collect();
                    let room = (most as usize).saturating_sub(sent.len());
                    if fresh.iter().filter(|summary| !sent.contains_key(&summary.id)).count() > room {
                        truncated = true;
                        fresh.truncate(room);
                    }
                    sent.extend(fresh.iter().map(|summary| (summary.id, summary.revision)));
                    if !fresh.is_empty() {
                        yield Event::Rows(fresh.into_iter().map(row).collect());
                    }
                    match page.next {
                        Some(_) if truncated => {}
                        Some(token) => calls.push(call(&xray, window, &query.filter, Some(token))),
                        None => progress.windows_done += 1,
                    }
                }
                Err(error) => {
                    progress.windows_done += 1;
                    yield failed(window, &error, request_id.as_deref());
                    if is_hopeless(&error) {
                        if progress.windows_done < progress.windows {
                            yield rest_unasked();
                        }
                        break;
                    }
                }
            }
            yield Event::Progress(progress.clone());
            if truncated {
                yield Event::Warning(format!("Only the first {most} traces are shown. A shorter range or a filter shows the others."));
                break;
            }
        }
        yield Event::Done(Done {
            calls: progress.calls,
            scanned: progress.scanned,
            traces: sent.len() as u64,
            truncated,
            elapsed_ms: begun.elapsed().as_millis() as u64,
        });
    }
    .chain(empty())
}

async fn call(xray: &XRay, window: (Moment, Moment), filter: &str, token: Option<String>) -> Answer {
    // X-Ray's ranges are closed; a nanosecond less keeps windows from sharing traces.
    let to = Moment(window.1.0 - 1);
    Answer { window, page: xray.summaries(window.0, to, filter, token).await }
}
