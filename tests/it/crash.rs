//! The process is killed at random moments while it takes documents, again and again in one folder; nothing that it
//! acknowledged is lost, nothing is there twice, and the graph's totals are those of a recount.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use aws_sdk_xray::{Client, config::retry::RetryConfig, primitives::DateTime, types::TimeRangeType};

use crate::harness::Roentgen;

/// Clients that write at once.
const WRITERS: usize = 4;
/// The second at which the first trace begins; each begins 50 ms after the one before it.
const EPOCH: f64 = 1_800_000_000.0;
const APART: f64 = 0.05;
/// Steps of a trace: its root in progress, three segments, its root complete.
const STEPS: u64 = 5;
/// A writer's pause between two batches: everything is looked at after each crash, so that not too much may come.
const PAUSE: Duration = Duration::from_millis(15);
/// Crashes that one folder lives through before the next round begins with an empty one.
const LIVES: u64 = 50;
/// How long writers are left alone at most.
const LONGEST: Duration = Duration::from_millis(400);

/// What happened to the steps that were sent, by their numbers.
#[derive(Default)]
struct Sent {
    acknowledged: BTreeSet<u64>,
    /// Sent in the round, and perhaps there.
    perhaps: BTreeSet<u64>,
}

/// A step's document.
fn document(step: u64) -> String {
    let (trace, part) = (step / STEPS, step % STEPS);
    let start = EPOCH + trace as f64 * APART;
    let id = trace_id(trace);
    match part {
        0 => format!(
            r#"{{"trace_id":"{id}","id":"{:016x}","name":"root","start_time":{start},"in_progress":true}}"#,
            segment(trace, 0)
        ),
        4 => format!(
            r#"{{"trace_id":"{id}","id":"{:016x}","name":"root","start_time":{start},"end_time":{},"metadata":{{"n":{{"p":"{}"}}}}}}"#,
            segment(trace, 0),
            start + 1.0,
            "x".repeat((step % 3_000) as usize)
        ),
        part => format!(
            r#"{{"trace_id":"{id}","id":"{:016x}","parent_id":"{:016x}","name":"part{part}","start_time":{start},"end_time":{}}}"#,
            segment(trace, part),
            segment(trace, 0),
            start + 0.1 * part as f64
        ),
    }
}

fn trace_id(trace: u64) -> String {
    let second = (EPOCH + trace as f64 * APART) as u64;
    format!("1-{second:08x}-{trace:024x}")
}

fn segment(trace: u64, part: u64) -> u64 {
    trace * 8 + part + 1
}

/// Kills the process so many times, and looks at everything after each.
pub(crate) async fn rounds(count: u64) {
    let mut left = count;
    let (mut acknowledged, mut slowest) = (0, Duration::ZERO);
    while left > 0 {
        let lives = left.min(LIVES);
        let (documents, start) = one_folder(lives).await;
        (acknowledged, slowest) = (acknowledged + documents, slowest.max(start));
        left -= lives;
        println!("{} crashes, {acknowledged} acknowledged documents, slowest start {slowest:?}", count - left);
    }
    assert!(acknowledged > 10 * count, "hardly anything was written: {acknowledged}");
}

/// Kills the process so many times in one folder; gives the acknowledged documents and the slowest start.
async fn one_folder(lives: u64) -> (u64, Duration) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().to_str().expect("a plain path").to_owned();
    let (sent, next) = (Arc::<Mutex<Sent>>::default(), Arc::new(AtomicU64::new(0)));
    let mut slowest = Duration::ZERO;
    for _ in 0..lives {
        let started = Instant::now();
        let roentgen = Roentgen::local(&["--data-dir", &path]);
        slowest = slowest.max(started.elapsed());
        // Who asks again after the crash would only wait.
        let config = roentgen.sdk().config().to_builder().retry_config(RetryConfig::disabled()).build();
        let client = Client::from_conf(config);
        check(&client, &sent, &next).await;
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| tokio::spawn(write(client.clone(), sent.clone(), next.clone(), writer)))
            .collect();
        tokio::time::sleep(LONGEST.mul_f64(fastrand::f64())).await;
        drop(roentgen);
        for writer in writers {
            writer.await.expect("a writer ends");
        }
    }
    let roentgen = Roentgen::local(&["--data-dir", &path]);
    check(&roentgen.sdk(), &sent, &next).await;
    (lock(&sent).acknowledged.len() as u64, slowest)
}

fn lock(sent: &Mutex<Sent>) -> std::sync::MutexGuard<'_, Sent> {
    sent.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends batches until nobody answers any more.
async fn write(client: Client, sent: Arc<Mutex<Sent>>, next: Arc<AtomicU64>, writer: usize) {
    loop {
        let length = 1 + (writer as u64 * 17 + next.load(Ordering::Relaxed)) % 60;
        let first = next.fetch_add(length, Ordering::Relaxed);
        let steps = first..first + length;
        lock(&sent).perhaps.extend(steps.clone());
        let documents = steps.clone().map(document).collect();
        let request = client.put_trace_segments().set_trace_segment_documents(Some(documents));
        match tokio::time::timeout(Duration::from_secs(5), request.send()).await {
            Ok(Ok(answer)) => {
                assert!(answer.unprocessed_trace_segments().is_empty());
                acknowledge(&sent, steps);
                tokio::time::sleep(PAUSE).await;
            }
            _ => return,
        }
    }
}

fn acknowledge(sent: &Mutex<Sent>, steps: std::ops::Range<u64>) {
    let mut sent = lock(sent);
    for step in steps {
        sent.perhaps.remove(&step);
        sent.acknowledged.insert(step);
    }
}

/// Whether what is there is what was acknowledged, and nothing that was not sent.
async fn check(client: &Client, sent: &Mutex<Sent>, next: &AtomicU64) {
    let traces = next.load(Ordering::Relaxed) / STEPS + 1;
    let (acknowledged, perhaps) = {
        let mut sent = lock(sent);
        let perhaps = sent.perhaps.clone();
        // What was perhaps there is still so in the rounds to come.
        sent.perhaps.retain(|step| step / STEPS < traces);
        (sent.acknowledged.clone(), perhaps)
    };
    let touched: BTreeSet<u64> = acknowledged.iter().chain(&perhaps).map(|step| step / STEPS).collect();
    let mut roots = 0;
    let mut there = BTreeSet::new();
    for part in touched.iter().copied().collect::<Vec<_>>().chunks(100) {
        let ids = part.iter().map(|trace| trace_id(*trace)).collect();
        let answer = client.batch_get_traces().set_trace_ids(Some(ids)).send().await.expect("traces");
        let mut found: BTreeMap<String, BTreeMap<String, serde_json::Value>> = BTreeMap::new();
        for trace in answer.traces() {
            let of_trace = found.entry(trace.id().unwrap_or_default().to_owned()).or_default();
            for segment in trace.segments() {
                let document =
                    serde_json::from_str(segment.document().unwrap_or_default()).expect("a document is JSON");
                let id = segment.id().unwrap_or_default().to_owned();
                assert!(of_trace.insert(id.clone(), document).is_none(), "segment {id} is there twice");
            }
        }
        for trace in part {
            let of_trace = found.remove(&trace_id(*trace)).unwrap_or_default();
            roots += u64::from(judge(*trace, &of_trace, &acknowledged, &perhaps));
            if !of_trace.is_empty() {
                there.insert(trace_id(*trace));
            }
        }
    }
    totals(client, traces, &there, roots).await;
}

/// Whether a trace is as it should be; gives whether its root is complete.
fn judge(
    trace: u64,
    found: &BTreeMap<String, serde_json::Value>,
    acknowledged: &BTreeSet<u64>,
    perhaps: &BTreeSet<u64>,
) -> bool {
    let step = |part: u64| trace * STEPS + part;
    let is = |part: u64| acknowledged.contains(&step(part));
    let may_be = |part: u64| is(part) || perhaps.contains(&step(part));
    for part in 1..4 {
        let id = format!("{:016x}", segment(trace, part));
        assert!(!is(part) || found.contains_key(&id), "part {part} of trace {trace} is lost");
        assert!(may_be(part) || !found.contains_key(&id), "part {part} of trace {trace} was never sent");
    }
    let root = found.get(&format!("{:016x}", segment(trace, 0)));
    assert!(!(is(0) || is(4)) || root.is_some(), "the root of trace {trace} is lost");
    let is_complete = root.is_some_and(|root| root.get("end_time").is_some());
    assert!(!is(4) || is_complete, "the end of trace {trace} is lost");
    let filler = root.and_then(|root| root["metadata"]["n"]["p"].as_str()).map_or(0, str::len);
    assert!(!is_complete || filler as u64 == step(4) % 3_000, "the root of trace {trace} is torn");
    is_complete
}

/// Whether lists have every trace once, and the graph every root.
async fn totals(client: &Client, traces: u64, there: &BTreeSet<String>, roots: u64) {
    let time = |second: f64| DateTime::from_secs_f64(second);
    let end = EPOCH + traces as f64 * APART + 60.0;
    for kind in [TimeRangeType::TraceId, TimeRangeType::Event] {
        let pages = client.get_trace_summaries().time_range_type(kind.clone());
        let pages = pages.start_time(time(EPOCH - 60.0)).end_time(time(end)).into_paginator().send();
        let pages = pages.try_collect().await.expect("a list");
        let ids: Vec<String> = pages
            .iter()
            .flat_map(aws_sdk_xray::operation::get_trace_summaries::GetTraceSummariesOutput::trace_summaries)
            .filter_map(|it| it.id())
            .map(str::to_owned)
            .collect();
        assert_eq!(ids.len(), there.len(), "by {kind:?}");
        assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), *there, "by {kind:?}");
    }
    let mut total = 0;
    let mut from = EPOCH - 60.0;
    while from < end {
        let to = (from + 6.0 * 3_600.0).min(end);
        // Both ends are included.
        let graph = client.get_service_graph().start_time(time(from)).end_time(time(to - 0.001)).send().await;
        let graph = graph.expect("a graph");
        let root =
            graph.services().iter().find(|service| service.name() == Some("root") && service.root() == Some(true));
        total += root.and_then(|root| root.summary_statistics()?.total_count()).unwrap_or(0);
        from = to;
    }
    assert_eq!(total as u64, roots, "the graph counts every root once");
}

#[cfg(test)]
#[tokio::test]
async fn twenty_crashes_lose_nothing() {
    rounds(20).await;
}
