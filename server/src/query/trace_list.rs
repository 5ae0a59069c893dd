//! The traces of a time range, sent on as each page arrives: newest first, and no more scanned than the limit needs.

use std::collections::{BTreeMap, HashMap};

use api::{
    Done, Event, Progress, TraceListQuery, TraceRow,
    query::{DEFAULT_TRACES, MOST_TRACES, TimeOf},
};
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream::FuturesUnordered};
use model::{Moment, TraceId};

use super::{
    cache::Key,
    context::{Context, now},
    failed::{Record, failed, is_hopeless, is_refused_token, not_asked},
    plan::Plan,
    shared::{Piece, written},
    windows::Window,
};
use crate::{
    error::Error,
    source::{GET_TRACE_SUMMARIES, Summaries, SummaryPage},
};

/// A window under way.
struct Open {
    number: usize,
    asked: Summaries,
    /// All its rows so far, for those who ask for it later.
    events: Vec<Bytes>,
    /// The earliest start among them.
    oldest: Option<Moment>,
    /// Traces scanned for it so far.
    scanned: u64,
    /// Some of its traces came by another window before.
    is_shared: bool,
    /// Its pages could not be continued once; a second time it is given up.
    begun_again: bool,
}

/// What came of one call.
struct Answer {
    open: Open,
    had_token: bool,
    page: Result<SummaryPage, Error>,
}

/// The events of a question whose range is `from` to `to`.
pub(crate) fn trace_list(
    context: Context,
    query: TraceListQuery,
    range: Window,
) -> impl Stream<Item = Piece> + Send + 'static {
    async_stream::stream! {
        let limit = query.limit.unwrap_or(DEFAULT_TRACES).clamp(1, MOST_TRACES);
        yield context.started(range).into();
        let filter = with_account(&query.filter, query.account.as_deref());
        let longest = GET_TRACE_SUMMARIES.longest.unwrap_or(range.1 - range.0);
        let mut plan = Plan::new(range, u64::from(limit), longest);
        let mut list = List::until((query.time_of == TimeOf::Start).then_some(range.1));
        let mut progress = Progress::default();
        let mut scanned: BTreeMap<usize, u64> = BTreeMap::new();
        let mut calls = FuturesUnordered::new();
        let key = |window: Window| Key {
            source: context.xray.source.clone(),
            revision: context.xray.revision,
            region: context.xray.region.clone(),
            of: filter.clone(),
            time_of: query.time_of,
            window,
        };
        let mut record = Record::default();
        yield Event::Progress(progress.clone()).into();
        'windows: loop {
            while let Some((number, window)) = plan.next(|window| !context.fresh && context.cache.has_rows(&key(window))) {
                let known = if context.fresh { None } else { context.cache.rows(&key(window)) };
                if let Some((rows, fetched)) = known.and_then(|known| Some((known.read()?, known.fetched))) {
                    yield Event::Cached(fetched).into();
                    let mut count = 0;
                    for (event, rows) in rows {
                        count += rows.len() as u64;
                        let all = rows.len();
                        let fresh = list.take(rows);
                        if fresh.len() == all {
                            yield Piece::Written(event);
                        } else if !fresh.is_empty() {
                            yield Event::Rows(fresh).into();
                        }
                    }
                    plan.page(number, count, None, true);
                    progress.windows_cached += 1;
                    continue;
                }
                let asked = Summaries { window, time_of: query.time_of, filter: filter.clone() };
                let open = Open { number, asked, events: Vec::new(), oldest: None, scanned: 0, is_shared: false, begun_again: false };
                calls.push(call(&context, open, None));
            }
            if plan.is_enough() {
                break;
            }
            let Some(Answer { mut open, had_token, page }) = calls.next().await else { break };
            for event in context.calls() {
                yield event.into();
            }
            match page {
                Ok(page) => {
                    record.went_well = true;
                    open.scanned = page.scanned;
                    *scanned.entry(open.number).or_default() = page.scanned;
                    let reached = reached(&page, &open);
                    let rows: Vec<TraceRow> = page.summaries.into_iter().map(TraceRow::from).collect();
                    open.oldest = rows.iter().filter_map(|row| row.start).chain(open.oldest).min();
                    plan.page(open.number, rows.len() as u64, reached, page.next.is_none());
                    let all = rows.len();
                    let fresh = list.take(rows);
                    // What is kept must be whole; a window that shares traces with another one is not.
                    open.is_shared |= fresh.len() < all;
                    if !fresh.is_empty() {
                        let event = written(&Event::Rows(fresh));
                        open.events.push(event.clone());
                        yield Piece::Written(event);
                    }
                    match page.next {
                        Some(token) => calls.push(call(&context, open, Some(token))),
                        None if !open.begun_again && !open.is_shared => {
                            context.cache.keep_rows(key(open.asked.window), open.events, now());
                        }
                        None => {}
                    }
                }
                Err(error) if had_token && is_refused_token(&error) && !open.begun_again => {
                    let end = open.oldest.map_or(open.asked.window.1, |oldest| Moment(oldest.0.saturating_add(1)));
                    open.asked.window.1 = end.clamp(open.asked.window.0, open.asked.window.1);
                    (open.begun_again, open.scanned) = (true, 0);
                    calls.push(call(&context, open, None));
                }
                Err(error) => {
                    let missing = plan.fail(open.number).unwrap_or(open.asked.window);
                    yield failed(missing, &error, context.request_id.as_deref()).into();
                    record.failures += 1;
                    if is_hopeless(&error, record) {
                        for part in plan.missing() {
                            yield not_asked(part).into();
                        }
                        break 'windows;
                    }
                }
            }
            let covered = plan.covered();
            progress.scanned = scanned.values().sum();
            progress.calls = context.job.calls();
            (progress.windows_done, progress.windows) = plan.windows();
            progress.estimated = (covered > 0.0).then(|| (progress.scanned as f64 / covered).round() as u64);
            yield Event::Progress(progress.clone()).into();
        }
        // Calls that nobody waits for any more stop here; those that ended are told.
        drop(calls);
        for event in context.calls() {
            yield event.into();
        }
        let more_before = plan.is_cut().then(|| list.cut(limit as usize, plan.reached(), query.time_of)).filter(|_| plan.is_enough());
        let scanned = context.job.scanned().max(scanned.values().sum());
        yield Event::Done(Done {
            calls: context.job.calls(),
            scanned,
            retrieved: 0,
            cost_nanodollars: context.cost(scanned),
            traces: list.count_from(more_before) as u64,
            more_before,
            elapsed_ms: context.job.elapsed_ms(),
        }).into();
    }
}

async fn call(context: &Context, open: Open, token: Option<String>) -> Answer {
    let had_token = token.is_some();
    let page = context.xray.summaries(&context.job, &open.asked, token, open.scanned).await;
    Answer { open, had_token, page }
}

/// How far down a page leads. X-Ray says when its page begins; where it does not, the oldest trace tells.
fn reached(page: &SummaryPage, open: &Open) -> Option<Moment> {
    let time = |summary: &model::TraceSummary| match open.asked.time_of {
        TimeOf::Start => summary.start,
        TimeOf::Event | TimeOf::Service => summary.matched_event_time,
    };
    page.summaries.iter().filter_map(time).min().or(page.reached)
}

/// The expression with the condition on the account.
fn with_account(filter: &str, account: Option<&str>) -> String {
    let Some(account) = account.filter(|account| !account.is_empty()) else { return filter.to_owned() };
    // An account is a number, so that nothing can be smuggled in.
    let digits: String = account.chars().filter(char::is_ascii_digit).collect();
    let of_account = format!("service(id(account.id: \"{digits}\"))");
    if filter.trim().is_empty() { of_account } else { format!("({}) AND {of_account}", filter.trim()) }
}

/// What has been sent.
struct List {
    /// The newest revision of each trace, and its start.
    sent: HashMap<TraceId, (i32, Moment)>,
    /// How many traces began at a moment.
    starts: BTreeMap<Moment, usize>,
    /// The end of the range, exclusive, where it is about starts. X-Ray's own ends are inclusive and rounded: the trace
    /// at which one list was cut would stand in the next one again.
    until: Option<Moment>,
}

impl List {
    fn until(until: Option<Moment>) -> Self {
        Self { sent: HashMap::new(), starts: BTreeMap::new(), until }
    }

    /// The rows that are new, or newer.
    fn take(&mut self, rows: Vec<TraceRow>) -> Vec<TraceRow> {
        let mut fresh = Vec::with_capacity(rows.len());
        for row in rows {
            let start = row.start.unwrap_or_default();
            if self.until.is_some_and(|until| start >= until) {
                continue;
            }
            let former = self.sent.get(&row.id).copied();
            if former.is_some_and(|(revision, _)| revision >= row.revision) {
                continue;
            }
            if let Some((_, former)) = former {
                self.forget(former);
            }
            self.sent.insert(row.id, (row.revision, start));
            *self.starts.entry(start).or_default() += 1;
            fresh.push(row);
        }
        fresh
    }

    fn forget(&mut self, start: Moment) {
        if let Some(count) = self.starts.get_mut(&start) {
            *count -= 1;
            if *count == 0 {
                self.starts.remove(&start);
            }
        }
    }

    /// Where a list of the newest so many traces ends; everything down to `reached` is here.
    fn cut(&self, limit: usize, reached: Moment, time_of: TimeOf) -> Moment {
        if time_of != TimeOf::Start {
            return reached;
        }
        let mut left = limit;
        for (start, count) in self.starts.iter().rev() {
            left = left.saturating_sub(*count);
            if left == 0 {
                return (*start).max(reached);
            }
        }
        reached
    }

    /// How many are at least as new.
    fn count_from(&self, moment: Option<Moment>) -> usize {
        moment.map_or(self.sent.len(), |moment| self.starts.range(moment..).map(|(_, count)| count).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_at_the_end_of_the_range_belongs_to_the_next_one() {
        let row = |number: u128, start: i64| TraceRow {
            id: TraceId::from_bits(number),
            start: Some(Moment(start)),
            ..serde_json::from_str(r#"{"id":"1-6b49d200-000000000000000000000001","outcome":"ok","revision":1}"#)
                .unwrap()
        };
        let mut list = List::until(Some(Moment(10)));
        let fresh = list.take(vec![row(1, 9), row(2, 10), row(3, 11)]);
        assert_eq!((fresh.len(), list.count_from(None)), (1, 1));
        assert_eq!(List::until(None).take(vec![row(2, 10)]).len(), 1);
    }

    #[test]
    fn an_account_is_joined_to_the_filter() {
        assert_eq!(with_account("error", None), "error");
        assert_eq!(with_account(" ", Some("123456789012")), r#"service(id(account.id: "123456789012"))"#);
        assert_eq!(with_account("a OR b", Some("1\") OR (\"2")), r#"(a OR b) AND service(id(account.id: "12"))"#);
    }
}
