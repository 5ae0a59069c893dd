//! The store of the real binary, over HTTP and UDP: durable ingest, and questions of a million traces.

use std::{
    net::UdpSocket,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{Limit, Measure, harness::Roentgen, load::anonymous, median};

const BATCH: usize = 50;
/// Requests on their way at once.
const CONNECTIONS: usize = 8;
const ROUNDS: usize = 5;

fn bodies(documents: &[String]) -> Vec<String> {
    documents.chunks(BATCH).map(|batch| json!({ "TraceSegmentDocuments": batch }).to_string()).collect()
}

async fn ask(client: &reqwest::Client, roentgen: &Roentgen, path: &str, body: String) -> String {
    let url = format!("http://{}{path}", roentgen.xray());
    let answer = client.post(url).body(body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    answer.text().await.unwrap()
}

/// Sends bodies over several connections and returns when all are answered.
async fn send(client: &reqwest::Client, roentgen: &Roentgen, bodies: Vec<String>) {
    let mut lanes: Vec<Vec<String>> = vec![Vec::new(); CONNECTIONS];
    for (place, body) in bodies.into_iter().enumerate() {
        lanes[place % CONNECTIONS].push(body);
    }
    let url = format!("http://{}/TraceSegments", roentgen.xray());
    let lanes = lanes.into_iter().map(|lane| {
        let (client, url) = (client.clone(), url.clone());
        tokio::spawn(async move {
            for body in lane {
                let answer = client.post(&url).body(body).send().await.unwrap();
                assert!(answer.text().await.unwrap().contains("\"UnprocessedTraceSegments\":[]"));
            }
        })
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.unwrap();
    }
}

/// Documents that are on the disk before they are answered, and datagrams.
pub(crate) async fn ingest() -> Vec<Measure> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let roentgen = Roentgen::local(&["--data-dir", folder.path().to_str().unwrap()]);
    let client = reqwest::Client::new();
    let (mut ours, mut theirs, mut size) = (Vec::new(), Vec::new(), 0);
    for round in 0..ROUNDS as u64 {
        let documents: Vec<String> = (0..80).flat_map(|seed| fixture::realistic(round * 1_000 + seed, 250)).collect();
        size = documents.iter().map(String::len).sum::<usize>() / documents.len();
        let begun = Instant::now();
        for document in &documents {
            std::hint::black_box(serde_json::from_slice::<Value>(document.as_bytes()).unwrap());
        }
        theirs.push(documents.len() as f64 / begun.elapsed().as_secs_f64());
        let bodies = bodies(&documents);
        let begun = Instant::now();
        send(&client, &roentgen, bodies).await;
        ours.push(documents.len() as f64 / begun.elapsed().as_secs_f64());
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let lost = datagrams(&client, &roentgen).await;
    vec![
        Measure::new(
            "durable ingest over HTTP, as a share of serde_json's Value",
            ours / theirs,
            "×",
            Limit::AtLeast(0.25),
        ),
        Measure::new("  documents a second", ours, "/s", Limit::AtLeast(5_000.0)),
        Measure::new("  serde_json::from_slice::<Value>, documents a second", theirs, "/s", Limit::None),
        Measure::new("  a document", size as f64, "bytes", Limit::None),
        Measure::new("datagrams lost, of 5,000 a second for 10 s", lost, "", Limit::AtMost(0.0)),
    ]
}

/// A trace of one segment for each datagram; how many of them are not there in the end.
async fn datagrams(client: &reqwest::Client, roentgen: &Roentgen) -> f64 {
    const COUNT: u64 = 50_000;
    let address = roentgen.xray();
    let sender = tokio::task::spawn_blocking(move || {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let filler = "x".repeat(1_800);
        let begun = Instant::now();
        for number in 0..COUNT {
            let due = Duration::from_micros(number * 200);
            while let Some(rest) = due.checked_sub(begun.elapsed()).filter(|rest| !rest.is_zero()) {
                std::thread::sleep(rest);
            }
            let start = 1_700_000_000.0 + number as f64 / 1_000.0;
            let datagram = format!(
                "{{\"format\":\"json\",\"version\":1}}\n{{\"trace_id\":\"1-{:08x}-{number:024x}\",\"id\":\"{:016x}\",\"name\":\"udp\",\"start_time\":{start},\"end_time\":{},\"metadata\":{{\"d\":{{\"f\":\"{filler}\"}}}}}}",
                start as u64,
                number + 1,
                start + 0.01,
            );
            socket.send_to(datagram.as_bytes(), address).unwrap();
        }
    });
    sender.await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut request =
        json!({ "StartTime": 1_700_000_000, "EndTime": 1_700_000_100, "FilterExpression": "service(\"nobody\")" });
    loop {
        let answer: Value =
            serde_json::from_str(&ask(client, roentgen, "/TraceSummaries", request.to_string()).await).unwrap();
        request["NextToken"] = answer["NextToken"].clone();
        if request["NextToken"].is_null() {
            return COUNT as f64 - answer["TracesProcessedCount"].as_f64().unwrap();
        }
    }
}

const TRACES: u64 = 1_000_000;
/// 50,000 traces an hour.
const HOURS: f64 = 20.0;
const SERVICES: u64 = 100;

/// A trace of five segments, each of a service that the one before it calls.
fn trace(number: u64, end: f64) -> Vec<String> {
    let start = end - HOURS * 3_600.0 * (TRACES - number) as f64 / TRACES as f64;
    let id = format!("1-{:08x}-{number:024x}", start as u64);
    let time = if number % 10_000 == 77 { 20.0 } else { 0.2 + (number % 97) as f64 / 100.0 };
    let status = if number.is_multiple_of(50) { 500 } else { 200 };
    let service = |hop: u64| (number * 7 + hop * (1 + number % 3)) % SERVICES;
    let segment = |hop: u64| number * 16 + hop + 1;
    let mut documents = Vec::new();
    for hop in 0..5_u64 {
        let (from, to) = (start + 0.01 * hop as f64, start + time - 0.01 * hop as f64);
        let call = if hop < 4 {
            format!(
                r#","subsegments":[{{"id":"{:016x}","name":"service-{}","namespace":"remote","start_time":{from},"end_time":{to}}}]"#,
                segment(hop) + 8,
                service(hop + 1)
            )
        } else {
            String::new()
        };
        let parent = if hop > 0 { format!(r#","parent_id":"{:016x}""#, segment(hop - 1) + 8) } else { String::new() };
        let more = if hop == 0 {
            format!(
                r#","user":"u{}","annotations":{{"customer":"c{}","tier":"gold"}},"http":{{"request":{{"method":"GET","url":"https://shop.example/item/{}"}},"response":{{"status":{status}}}}}"#,
                number % 5_000,
                number % 10_000,
                number % 300
            )
        } else {
            String::new()
        };
        documents.push(format!(
            r#"{{"trace_id":"{id}","id":"{:016x}","name":"service-{}","start_time":{from},"end_time":{to}{parent}{more}{call}}}"#,
            segment(hop),
            service(hop)
        ));
    }
    documents
}

/// Seconds of the middle one of five, each of all pages.
async fn pages(
    client: &reqwest::Client,
    roentgen: &Roentgen,
    path: &str,
    request: &Value,
    most: usize,
) -> (f64, Value) {
    let (mut times, mut last) = (Vec::new(), Value::Null);
    for _ in 0..5 {
        let begun = Instant::now();
        let (mut request, mut page, mut count) = (request.clone(), 0, 0);
        loop {
            last = serde_json::from_str(&ask(client, roentgen, path, request.to_string()).await).unwrap();
            count += last["TraceSummaries"].as_array().map_or(0, Vec::len);
            page += 1;
            if last["NextToken"].is_null() || page >= most {
                break;
            }
            request["NextToken"] = last["NextToken"].clone();
        }
        times.push(begun.elapsed().as_secs_f64());
        last["Count"] = json!(count);
    }
    (median(times), last)
}

/// Questions of a million traces in five million segments.
pub(crate) async fn million() -> Vec<Measure> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().to_str().unwrap().to_owned();
    let args = ["--data-dir", &path];
    let client = reqwest::Client::new();
    let end = (std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 60 * 60) as f64;
    let (filled, settled, peak) = fill(&client, &args, end).await;

    let begun = Instant::now();
    let roentgen = Roentgen::serve(&args);
    let ids: Vec<String> = (0..5)
        .map(|place| {
            let document: Value = serde_json::from_str(&trace(place * 199_999, end)[0]).unwrap();
            document["trace_id"].as_str().unwrap().to_owned()
        })
        .collect();
    let batch = json!({ "TraceIds": ids });
    let answer = ask(&client, &roentgen, "/Traces", batch.to_string()).await;
    let cold = begun.elapsed().as_secs_f64();
    assert_eq!(answer.matches("\"Segments\"").count(), 5);

    let span = |hours: f64| json!({ "StartTime": end - hours * 3_600.0, "EndTime": end });
    let with = |mut request: Value, key: &str, value: Value| {
        request[key] = value;
        request
    };
    let (batch, _) = pages(&client, &roentgen, "/Traces", &batch, 1).await;
    let (page, _) = pages(&client, &roentgen, "/TraceSummaries", &span(1.0), 1).await;
    let filter = |text: &str| with(span(24.0), "FilterExpression", json!(text));
    let of_customer = filter("annotation.customer = \"c1234\"");
    let (customer, found) = pages(&client, &roentgen, "/TraceSummaries", &of_customer, usize::MAX).await;
    assert_eq!((&found["Count"], &found["TracesProcessedCount"]), (&json!(100), &json!(TRACES)));
    let (slow, found) = pages(&client, &roentgen, "/TraceSummaries", &filter("responsetime > 10"), usize::MAX).await;
    assert_eq!(found["Count"], json!(100));
    let (graph, found) = pages(&client, &roentgen, "/ServiceGraph", &span(1.0), 1).await;
    // Each service, and each of those that are called from outside has a client.
    let services = found["Services"].as_array().unwrap();
    assert_eq!(services.iter().filter(|service| service["Type"] != "client").count() as u64, SERVICES);
    let (series, found) = pages(&client, &roentgen, "/TimeSeriesServiceStatistics", &span(6.0), 1).await;
    assert!(found["TimeSeriesServiceStatistics"].as_array().unwrap().len() >= 359);
    let memory = anonymous(roentgen.pid());
    let disk: u64 = sizes(folder.path());
    vec![
        Measure::new("a million traces: first page of the last hour", page * 1e3, "ms", Limit::AtMost(40.0)),
        Measure::new("  a filter that matches 1 in 10,000, over a day", customer * 1e3, "ms", Limit::AtMost(2_000.0)),
        Measure::new("  another one, of the response time", slow * 1e3, "ms", Limit::AtMost(2_000.0)),
        Measure::new("  service graph of an hour", graph * 1e3, "ms", Limit::AtMost(400.0)),
        Measure::new("  time series of 6 hours", series * 1e3, "ms", Limit::AtMost(300.0)),
        Measure::new("  BatchGetTraces of 5", batch * 1e3, "ms", Limit::AtMost(10.0)),
        Measure::new("  cold start to the first answer", cold, "s", Limit::AtMost(2.0)),
        Measure::new("  anonymous memory", memory, "MB", Limit::AtMost(300.0)),
        Measure::new("  anonymous memory while it was filled, at most", peak, "MB", Limit::AtMost(300.0)),
        Measure::new("  on the disk", disk as f64 / 1e6, "MB", Limit::None),
        Measure::new("  to fill it", filled, "s", Limit::None),
        Measure::new("  until all of it was added up", settled, "s", Limit::None),
    ]
}

/// Fills the folder; gives the seconds that this took, those until everything was added up, and the most megabytes of
/// anonymous memory meanwhile.
async fn fill(client: &reqwest::Client, args: &[&str], end: f64) -> (f64, f64, f64) {
    let mut peak = 0.0_f64;
    let roentgen = Roentgen::serve(args);
    let begun = Instant::now();
    for first in (0..TRACES).step_by(20_000) {
        let documents: Vec<String> = (first..first + 20_000).flat_map(|number| trace(number, end)).collect();
        send(client, &roentgen, bodies(&documents)).await;
        peak = peak.max(anonymous(roentgen.pid()));
        if first.is_multiple_of(200_000) {
            eprintln!(
                "{first} traces after {:.0} s, {:.0} MB",
                begun.elapsed().as_secs_f64(),
                anonymous(roentgen.pid())
            );
        }
    }
    let filled = begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let about = client.get(format!("{}/api/about", roentgen.app())).send().await.unwrap();
        let about: Value = serde_json::from_str(&about.text().await.unwrap()).unwrap();
        peak = peak.max(anonymous(roentgen.pid()));
        let open = about["local"]["open_minutes"].as_u64().expect("the count of open minutes");
        if open == 0 {
            eprintln!("added up after {:.0} s, {:.0} MB", begun.elapsed().as_secs_f64(), anonymous(roentgen.pid()));
            return (filled, begun.elapsed().as_secs_f64(), peak);
        }
    }
}

fn sizes(folder: &std::path::Path) -> u64 {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| if entry.path().is_dir() { sizes(&entry.path()) } else { entry.metadata().unwrap().len() })
        .sum()
}
