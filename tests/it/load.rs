//! Many clients at once, reading and writing.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::harness::Roentgen;

const CLIENTS: u64 = 200;
/// The most anonymous memory that the process may take meanwhile, in megabytes.
const MOST_MEGABYTES: f64 = 600.0;

/// What went on.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub(crate) reads: u64,
    pub(crate) writes: u64,
    /// The most anonymous memory of the process, in megabytes.
    pub(crate) megabytes: f64,
    /// The longest that somebody waited.
    pub(crate) longest: Duration,
}

/// Lets the clients work for a while. Panics at any answer that is an error, and when memory grows too large.
pub(crate) async fn load(time: Duration) -> Told {
    let folder = tempfile::tempdir().expect("a folder");
    let roentgen = Arc::new(Roentgen::local(&["--data-dir", folder.path().to_str().expect("a plain path")]));
    let end = Instant::now() + time;
    let http = reqwest::Client::new();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (http, roentgen) = (http.clone(), roentgen.clone());
            tokio::spawn(async move { work(&http, &roentgen, client, end).await })
        })
        .collect();
    let mut told = Told::default();
    while Instant::now() < end {
        told.megabytes = told.megabytes.max(anonymous(roentgen.pid()));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    for client in clients {
        let one = client.await.expect("a client ends well");
        told.reads += one.reads;
        told.writes += one.writes;
        told.longest = told.longest.max(one.longest);
    }
    assert!(told.megabytes < MOST_MEGABYTES, "{told:?}");
    assert!(told.reads > 100 && told.writes > 100, "{told:?}");
    told
}

async fn work(http: &reqwest::Client, roentgen: &Roentgen, client: u64, end: Instant) -> Told {
    let mut told = Told::default();
    let mut round = 0_u64;
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_secs();
    let mut known = Vec::new();
    while Instant::now() < end {
        round += 1;
        let is_write = (client + round).is_multiple_of(2);
        let (path, body) = if is_write {
            let documents = fixture::realistic(client * 1_000_003 + round, 20);
            if let Some(Ok(document)) = documents.first().map(|text| serde_json::from_str::<Value>(text)) {
                known = vec![document["trace_id"].clone()];
            }
            ("/TraceSegments", json!({ "TraceSegmentDocuments": documents }))
        } else {
            let range = json!({ "StartTime": now - 3_600, "EndTime": now + 3_600 });
            let mut filtered = range.clone();
            filtered["FilterExpression"] = json!("annotation.tier = \"gold\" AND responsetime > 0.5");
            match u64::midpoint(client, round) % 5 {
                0 => ("/TraceSummaries", range),
                1 => ("/TraceSummaries", filtered),
                2 => ("/ServiceGraph", range),
                3 => ("/TimeSeriesServiceStatistics", range),
                _ => ("/Traces", json!({ "TraceIds": known })),
            }
        };
        let begun = Instant::now();
        let answer = http.post(format!("http://{}{path}", roentgen.xray())).body(body.to_string()).send().await;
        let answer = answer.expect("an answer");
        let (status, text) = (answer.status(), answer.text().await.expect("a body"));
        told.longest = told.longest.max(begun.elapsed());
        assert!(status.is_success() || text.contains("ThrottledException"), "{path}: {status} {text}");
        if is_write {
            assert!(text.contains("\"UnprocessedTraceSegments\":[]"), "{text}");
            told.writes += 1;
        } else {
            told.reads += 1;
        }
    }
    told
}

/// The megabytes of anonymous memory of a process; 0 where the system does not tell.
pub(crate) fn anonymous(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok()).unwrap_or(0.0) / 1e3
}

#[cfg(test)]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_clients_get_what_they_ask_for() {
    let told = load(Duration::from_secs(6)).await;
    println!("{told:?}");
}
