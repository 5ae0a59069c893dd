//! The query pipeline before an X-Ray that takes 100 ms for a call: against one window after the other by the SDK.

use std::time::{Duration, Instant};

use aws_sdk_xray::{Client, primitives::DateTime};
use serde_json::{Value, json};

use crate::{
    Limit, Measure,
    fault_proxy::{Fault, FaultProxy},
    harness::{self, Roentgen},
    load::anonymous,
    median,
};

/// What a call takes.
const CALL: Duration = Duration::from_millis(100);
const HOUR: f64 = 3_600.0;
const ROUNDS: usize = 3;

fn now() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs_f64()
}

/// A moment as questions write it.
fn moment(seconds: f64) -> String {
    chrono::DateTime::from_timestamp_nanos((seconds * 1e9) as i64).to_rfc3339_opts(chrono::SecondsFormat::Nanos, true)
}

/// A local X-Ray with traces, the proxy before it, and a server that takes the proxy for AWS.
struct Setting {
    local: Roentgen,
    proxy: FaultProxy,
    server: Roentgen,
    direct: Client,
}

impl Setting {
    /// With so many traces evenly over the seconds before `end`.
    async fn with(count: usize, end: f64, seconds: f64) -> Self {
        let local = Roentgen::local(&[]);
        let document = |place: usize| {
            let start = end - (place as f64 + 0.5) * seconds / count as f64;
            let id = format!("1-{:08x}-{:024x}", start as u64, place + 1);
            json!({"trace_id": id, "id": format!("{:016x}", place + 1), "name": format!("service{}", place % 20),
                "start_time": start, "end_time": start + 0.2, "annotations": {"place": place, "text": "x".repeat(40)}})
            .to_string()
        };
        let documents: Vec<String> = (0..count).map(document).collect();
        for batch in documents.chunks(500) {
            let request = local.sdk().put_trace_segments().set_trace_segment_documents(Some(batch.to_vec()));
            request.send().await.unwrap();
        }
        let proxy = FaultProxy::start(local.xray()).await;
        let server = Roentgen::serve_aws_at(&proxy.endpoint());
        let direct = harness::sdk(&proxy.endpoint());
        Self { local, proxy, server, direct }
    }

    fn slow(&self) {
        for path in ["/TraceSummaries", "/ServiceGraph"] {
            self.proxy.set(path, Fault::Delay(CALL));
        }
    }

    /// The list by our server: seconds, traces.
    async fn list(&self, from: f64, to: f64, limit: u32) -> (f64, usize) {
        let range = json!({"from": moment(from), "to": moment(to)});
        let question = json!({"type": "trace_list", "range": range, "limit": limit, "fresh": true});
        let begun = Instant::now();
        let done = ask(&self.server, &question).await;
        (begun.elapsed().as_secs_f64(), done["traces"].as_u64().unwrap() as usize)
    }

    /// The list by the SDK, one page after the other: seconds, traces.
    async fn sequence(&self, from: f64, to: f64) -> (f64, usize) {
        let begun = Instant::now();
        let time = DateTime::from_secs_f64;
        let pages = self.direct.get_trace_summaries().start_time(time(from)).end_time(time(to));
        let pages = pages.into_paginator().send().try_collect().await.unwrap();
        (begun.elapsed().as_secs_f64(), pages.iter().map(|page| page.trace_summaries().len()).sum())
    }

    fn calls(&self) -> f64 {
        self.proxy.take_calls().len() as f64
    }
}

/// Asks our server; gives the sum of the answer.
async fn ask(server: &Roentgen, question: &Value) -> Value {
    let client = reqwest::Client::new();
    let answer = client.post(format!("{}/api/query", server.app())).json(question).send().await.unwrap();
    let text = answer.text().await.unwrap();
    let last: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    assert!(!text.contains("\"failed\""), "{text}");
    last["done"].clone()
}

pub(crate) async fn measure() -> Vec<Measure> {
    let mut all = even_day().await;
    all.extend(dense_hour().await);
    all.extend(overhead().await);
    all.extend(memory().await);
    all
}

/// A day with traces evenly spread; the map of the day; many who ask at once.
async fn even_day() -> Vec<Measure> {
    let end = now() - 600.0;
    let from = end - 24.0 * HOUR;
    let setting = Setting::with(1_000, end, 24.0 * HOUR).await;
    setting.slow();
    let (mut time, mut calls, mut map) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        setting.calls();
        let (theirs, found) = setting.sequence(from, end).await;
        let their_calls = setting.calls();
        let (ours, also) = setting.list(from, end, 100_000).await;
        assert_eq!((found, also), (1_000, 1_000));
        time.push(ours / theirs);
        calls.push(setting.calls() / their_calls);

        let begun = Instant::now();
        for part in 0..4 {
            let time = |hours: f64| DateTime::from_secs_f64(from + hours * HOUR);
            let (start, stop) = (time(f64::from(part) * 6.0), time(f64::from(part) * 6.0 + 6.0));
            setting.direct.get_service_graph().start_time(start).end_time(stop).send().await.unwrap();
        }
        let theirs = begun.elapsed().as_secs_f64();
        let range = json!({"from": moment(from), "to": moment(end)});
        let begun = Instant::now();
        ask(&setting.server, &json!({"type": "service_map", "range": range, "fresh": true})).await;
        map.push(begun.elapsed().as_secs_f64() / theirs);
    }
    setting.calls();
    let question = json!({"type": "trace_list", "range": {"from": "now-1h", "to": "now"}});
    ask(&setting.server, &question).await;
    let of_one = setting.calls();
    // Another question, that nobody has asked yet.
    let question = json!({"type": "trace_list", "range": {"from": "now-1h", "to": "now"}, "filter": "duration < 100"});
    let clients = (0..60).map(|client| {
        let (app, question) = (setting.server.app().to_owned(), question.clone());
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(5_000 / 60 * client)).await;
            let sent = reqwest::Client::new().post(format!("{app}/api/query")).json(&question).send().await;
            sent.unwrap().text().await.unwrap()
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    let of_all = setting.calls();
    vec![
        Measure::new(
            "pipeline: 1,000 traces over a day, time against one window",
            median(time),
            "×",
            Limit::AtMost(0.4),
        ),
        Measure::new("  calls against one window", median(calls), "×", Limit::AtMost(1.3)),
        Measure::new("map of a day, against four calls in sequence", median(map), "×", Limit::AtMost(1.0 / 3.0)),
        Measure::new("60 clients within 5 s, calls against one client's", of_all / of_one, "×", Limit::AtMost(1.0)),
    ]
}

/// Everything in the newest hour of a day.
async fn dense_hour() -> Vec<Measure> {
    let end = now() - 600.0;
    let from = end - 24.0 * HOUR;
    let setting = Setting::with(20_000, end, HOUR).await;
    setting.calls();
    setting.sequence(from, end).await;
    let theirs = setting.calls();
    let (_, found) = setting.list(from, end, 100_000).await;
    assert_eq!(found, 20_000);
    vec![Measure::new(
        "20,000 traces in the newest hour of a day, calls",
        setting.calls() / theirs,
        "×",
        Limit::AtMost(1.1),
    )]
}

/// What our server adds to a call, both in turn.
async fn overhead() -> Vec<Measure> {
    let end = now() - 600.0;
    let setting = Setting::with(500, end, 500.0).await;
    // One call each: a range as short as the shortest window, at a place to cut.
    let from = ((end - 300.0) / 10.0).floor() * 10.0;
    let client = reqwest::Client::new();
    let url = format!("{}/api/query", setting.server.app());
    let question =
        json!({"type": "trace_list", "range": {"from": moment(from), "to": moment(from + 10.0)}, "fresh": true});
    let mut added = Vec::new();
    for round in 0..600 {
        let begun = Instant::now();
        let (start, stop) = (DateTime::from_secs_f64(from), DateTime::from_secs_f64(from + 9.999));
        setting.direct.get_trace_summaries().start_time(start).end_time(stop).send().await.unwrap();
        let direct = begun.elapsed().as_secs_f64();
        let begun = Instant::now();
        client.post(&url).json(&question).send().await.unwrap().bytes().await.unwrap();
        if round >= 100 {
            added.push((begun.elapsed().as_secs_f64() - direct) * 1e3);
        }
    }
    assert_eq!(setting.calls() as usize, 1_200, "one call each");
    added.sort_by(f64::total_cmp);
    let tail = added[added.len() * 99 / 100];
    vec![
        Measure::new("what the server adds to a call, median", median(added), "ms", Limit::AtMost(2.0)),
        Measure::new("  99 of 100", tail, "ms", Limit::AtMost(10.0)),
    ]
}

/// Fifty lists of ten thousand at once.
async fn memory() -> Vec<Measure> {
    let end = now() - 600.0;
    let setting = Setting::with(20_000, end, 6.0 * HOUR).await;
    let lists = (0..50).map(|client| {
        let app = setting.server.app().to_owned();
        let range = json!({"from": moment(end - 6.0 * HOUR), "to": moment(end)});
        let question = json!({"type": "trace_list", "range": range, "limit": 10_000, "filter": format!("duration < {}", client + 10)});
        tokio::spawn(async move {
            let sent = reqwest::Client::new().post(format!("{app}/api/query")).json(&question).send().await;
            // Read as it comes, and not kept: this process is not what is measured.
            let mut answer = sent.unwrap();
            while let Some(part) = answer.chunk().await.unwrap() {
                drop(part);
            }
        })
    });
    let lists: Vec<_> = lists.collect();
    let begun = Instant::now();
    let mut peak = 0.0_f64;
    while !lists.iter().all(tokio::task::JoinHandle::is_finished) {
        peak = peak.max(anonymous(setting.server.pid()));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for list in lists {
        list.await.unwrap();
    }
    let _kept = setting.local.pid();
    vec![
        Measure::new("50 lists of 10,000 traces at once, anonymous memory", peak, "MB", Limit::AtMost(500.0)),
        Measure::new("  all of them took", begun.elapsed().as_secs_f64(), "s", Limit::None),
    ]
}
