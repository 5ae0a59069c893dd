//! The routes in front of a real local X-Ray over HTTP, and of X-Rays that misbehave.

mod data_sources;
mod groups;

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use api::{Event, TraceColumns};
use axum::{body::Body, http::Request};
use futures::StreamExt as _;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::*;
use crate::data_source::DataSources;

/// A server over one X-Ray.
struct Server(Router);

async fn over(address: SocketAddr) -> Server {
    let sources = DataSources::only_local(address).await.unwrap();
    let state = AppState::new(sources, Vec::new(), None, None, false);
    Server(router(state, Guard { own_page: true, ..Guard::default() }))
}

/// A server over a real local X-Ray that holds these documents.
async fn holding(documents: &[String]) -> Server {
    let bound = local_xray::bind(local_xray::Config { listen: free(), ..Default::default() }).await.unwrap();
    let address = bound.address();
    tokio::spawn(bound.run(std::future::pending()));
    for batch in documents.chunks(500) {
        let body = json!({ "TraceSegmentDocuments": batch });
        let answer = reqwest::Client::new().post(format!("http://{address}/TraceSegments")).json(&body).send().await;
        assert!(answer.unwrap().status().is_success());
    }
    over(address).await
}

fn free() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

/// An X-Ray that answers every call in its own way, and counts the calls.
async fn fake(
    answer: impl Fn(usize) -> Response<Body> + Clone + Send + Sync + 'static,
    delay: Duration,
) -> (SocketAddr, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = calls.clone();
    let router = Router::new().fallback(move || {
        let (number, answer) = (counted.fetch_add(1, Ordering::SeqCst), answer.clone());
        async move {
            tokio::time::sleep(delay).await;
            answer(number)
        }
    });
    let listener = tokio::net::TcpListener::bind(free()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, calls)
}

fn page_of(number: usize, last: usize) -> Response<Body> {
    let summary = json!({"Id": format!("1-00000000-{number:024x}"), "StartTime": 1.5, "Revision": 1});
    let next = (number < last).then(|| number.to_string());
    Response::new(Body::from(
        json!({"TraceSummaries": [summary], "TracesProcessedCount": number + 1, "NextToken": next}).to_string(),
    ))
}

impl Server {
    async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.0.clone().oneshot(request).await.unwrap()
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        let request = Request::get(path).header("host", "localhost").body(Body::empty()).unwrap();
        let response = self.send(request).await;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }

    async fn ask(&self, query: Value) -> Response<Body> {
        let request =
            Request::post("/api/query").header("host", "localhost").header("content-type", "application/json");
        self.send(request.body(Body::from(query.to_string())).unwrap()).await
    }

    async fn events(&self, query: Value) -> Vec<Event> {
        let response = self.ask(query).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "application/x-ndjson");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        body.split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }
}

fn last_hour() -> Value {
    json!({"type": "trace_list", "range": {"from": "now-1h", "to": "now"}})
}

fn done(events: &[Event]) -> &api::Done {
    match events.last() {
        Some(Event::Done(done)) => done,
        other => panic!("the last line is not done: {other:?}"),
    }
}

#[tokio::test]
async fn a_list_streams_pages_and_ends_with_a_sum() {
    let documents: Vec<String> = (1..=250).flat_map(|seed| fixture::realistic(seed, 3)).collect();
    let server = holding(&documents).await;
    let events = server.events(last_hour()).await;
    let rows: usize = events.iter().map(|event| if let Event::Rows(rows) = event { rows.len() } else { 0 }).sum();
    let sum = done(&events);
    assert_eq!((rows, sum.traces, sum.scanned, sum.more_before), (250, 250, 250, None));
    assert!(sum.calls <= 16, "{}", sum.calls);
    assert_eq!(sum.cost_nanodollars, 0, "the local X-Ray costs nothing");
    let calls: Vec<_> =
        events.iter().filter_map(|event| if let Event::Call(call) = event { Some(call) } else { None }).collect();
    assert_eq!(calls.len(), sum.calls as usize);
    assert_eq!(calls.iter().map(|call| call.rows).sum::<u64>(), 250);
    let Event::Started { answer, .. } = &events[0] else { panic!("{:?}", events[0]) };
    let (status, said) = server.get(&api::path::call(answer, calls[0].number)).await;
    assert_eq!(status, 200);
    assert!(said["request"].as_str().unwrap().contains("StartTime"), "{said}");
    assert!(said["answer"].as_str().unwrap().contains("TraceSummaries"));
    assert!(
        said["command"]
            .as_str()
            .unwrap()
            .starts_with("aws xray get-trace-summaries --region local --endpoint-url http://")
    );
    assert_eq!(server.get(&api::path::call(answer, 999)).await.0, 404);
    assert!(matches!(&events[0], Event::Started { source, region, .. } if source == "local" && region == "local"));
    let events =
        server.events(json!({"type": "trace_list", "range": {"from": "now-14h", "to": "now"}, "limit": 120})).await;
    let cut = done(&events).more_before.unwrap();
    let newer = events
        .iter()
        .flat_map(|event| if let Event::Rows(rows) = event { rows.clone() } else { Vec::new() })
        .filter(|row| row.start >= Some(cut));
    // Traces of one moment stay together.
    assert!((120..=250).contains(&done(&events).traces), "{}", done(&events).traces);
    assert_eq!(newer.count() as u64, done(&events).traces);
}

#[tokio::test]
async fn a_list_of_ids_finds_those_traces_whatever_their_time() {
    let documents: Vec<String> = (1..=20).flat_map(|seed| fixture::realistic(seed, 3)).collect();
    let server = holding(&documents).await;
    let rows = |events: &[Event]| -> Vec<api::TraceRow> {
        events
            .iter()
            .filter_map(|event| if let Event::Rows(rows) = event { Some(rows.clone()) } else { None })
            .flatten()
            .collect()
    };
    let listed = rows(&server.events(last_hour()).await);
    let mut wanted: Vec<String> = listed.iter().take(12).map(|row| row.id.to_string()).collect();
    wanted.push("1-5759e988-bd862e3fe1be46a994272793".to_owned());
    let long_ago = json!({"from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z"});
    let question = json!({"type": "trace_list", "range": long_ago, "filter": wanted.join(", ")});
    let events = server.events(question).await;
    let mut found = rows(&events);
    found.sort_by_key(|row| listed.iter().position(|other| other.id == row.id));
    for (found, listed) in found.iter().zip(&listed) {
        // A count of updates belongs to the list alone.
        assert_eq!(found, &api::TraceRow { revision: 0, ..listed.clone() });
    }
    assert_eq!((found.len(), done(&events).traces, done(&events).calls), (12, 12, 3));
    let warned = |event: &Event| matches!(event, Event::Warning(it) if it == "X-Ray does not have 1-5759e988-bd862e3fe1be46a994272793.");
    assert!(events.iter().any(warned), "{events:?}");
}

#[tokio::test]
async fn events_say_the_same_in_both_forms() {
    let documents: Vec<String> = (1..=120).flat_map(|seed| fixture::realistic(seed, 3)).collect();
    let server = holding(&documents).await;
    let range = json!({"from": "2020-01-01T00:00:00Z", "to": "2020-01-02T00:00:00Z"});
    for question in [
        last_hour(),
        json!({"type": "service_map", "range": {"from": "now-1h", "to": "now"}}),
        json!({"type": "trace_list", "range": range}),
    ] {
        let request =
            Request::post("/api/query").header("host", "127.0.0.1").header("content-type", "application/json");
        let request = request.header("accept", api::path::EVENTS).body(Body::from(question.to_string())).unwrap();
        let response = server.send(request).await;
        assert_eq!(response.headers()["content-type"], api::path::EVENTS);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let (mut rest, mut framed) = (&body[..], Vec::<Event>::new());
        while let Some((count, after)) = rest.split_first_chunk::<4>() {
            let (event, after) = after.split_at(u32::from_le_bytes(*count) as usize);
            framed.push(postcard::from_bytes(event).unwrap());
            rest = after;
        }
        assert!(rest.is_empty());
        // Clocks and the order of arrival aside.
        let content = |events: Vec<Event>| -> Vec<Event> {
            let (mut rows, mut map) = (Vec::new(), None);
            for event in events {
                match event {
                    Event::Rows(more) => rows.extend(more),
                    // Each one is the sum so far, in whatever order the windows came.
                    Event::Map(_) => map = Some(event),
                    _ => {}
                }
            }
            rows.sort_by_key(|row| row.id);
            map.into_iter().chain([Event::Rows(rows)]).collect()
        };
        assert_eq!(content(framed), content(server.events(question).await));
    }
}

#[tokio::test]
async fn a_map_is_the_sum_of_its_windows() {
    let documents: Vec<String> = (1..=120).flat_map(|seed| fixture::realistic(seed, 30)).collect();
    let server = holding(&documents).await;
    let map = |range: &str| json!({"type": "service_map", "range": {"from": range, "to": "now"}});
    let last = |events: &[Event]| {
        let mut graphs =
            events.iter().filter_map(|event| if let Event::Map(graph) = event { Some(graph) } else { None });
        graphs.next_back().unwrap().clone()
    };
    let events = server.events(map("now-1h")).await;
    // One more where the hour has one of the places in it at which ranges are cut.
    assert!((1..=2).contains(&done(&events).calls));
    let one = last(&events);
    let storefront = one.nodes.iter().find(|node| node.is_root && node.id.name == "storefront").unwrap();
    assert_eq!(storefront.load.as_ref().unwrap().total(), 120);
    assert!(storefront.load.as_ref().unwrap().times.percentile(0.5).is_some() && storefront.seen.is_some());
    assert!(one.edges.iter().all(|edge| (edge.target as usize) < one.nodes.len()));
    let events = server.events(map("now-14h")).await;
    assert!((3..=4).contains(&done(&events).calls));
    assert_eq!(last(&events), one);
}

#[tokio::test]
async fn a_map_that_fails_says_which_call_did() {
    let answer = |_| {
        Response::builder()
            .status(403)
            .header("x-amzn-errortype", "AccessDeniedException")
            .body(Body::from("{}"))
            .unwrap()
    };
    let server = over(fake(answer, Duration::ZERO).await.0).await;
    let events = server.events(json!({"type": "service_map", "range": {"from": "now-18h", "to": "now"}})).await;
    let failed: Vec<_> =
        events.iter().filter_map(|event| if let Event::Failed(failed) = event { Some(failed) } else { None }).collect();
    assert_eq!(failed[0].failure.aws.as_ref().unwrap().operation, "GetServiceGraph");
    done(&events);
}

#[tokio::test]
async fn a_trace_comes_as_columns_and_its_spans_one_by_one() {
    let server =
        holding(&fixture::documents("front 0..90 GET / 200\n  DynamoDB 10..20 aws op=GetItem table=carts fault")).await;
    let id = fixture::trace_id();
    let (status, body) = server.get(&format!("/api/traces/{id}")).await;
    assert_eq!((status, &body["source"], &body["texts"][1]), (200, &json!("local"), &json!("front")));
    let request = Request::get(format!("/api/traces/{}", id.w3c())).header("host", "localhost");
    let request = request.header("accept", api::path::VALUE).body(Body::empty()).unwrap();
    let bytes = server.send(request).await.into_body().collect().await.unwrap().to_bytes();
    let columns: TraceColumns = postcard::from_bytes(&bytes).unwrap();
    assert!(columns.is_consistent());
    assert_eq!(columns.span.len(), 3, "the inferred table stands below its call");
    assert_eq!(columns.text(columns.operation[1]), "GetItem carts");
    let (status, body) = server.get(&format!("/api/traces/{id}/spans/{}", columns.span_id(1).unwrap())).await;
    assert_eq!((status, body["subsegments"].as_u64()), (200, Some(0)));
    assert!(body["document"].as_str().unwrap().contains("carts"));
}

#[tokio::test]
async fn documents_at_hand_come_together_and_xray_is_not_asked_for_others() {
    let server =
        holding(&fixture::documents("front 0..90 GET / 200\n  DynamoDB 10..20 aws op=GetItem table=carts fault")).await;
    let trace = format!("/api/traces/{}", fixture::trace_id());
    let wanted = |spans: &str| format!("{trace}/documents?spans={spans}");
    let (status, body) = server.get(&wanted("00000000000000ff")).await;
    assert_eq!((status, &body), (200, &json!([])), "nobody has asked for the trace yet");
    let (_, columns) = server.get(&trace).await;
    let ids = [0, 1].map(|place: usize| columns["span"][place].as_str().unwrap());
    let (status, body) = server.get(&wanted(&format!("{},00000000000000ff,{}", ids[1], ids[0]))).await;
    assert_eq!((status, body.as_array().unwrap().len()), (200, 2), "{body}");
    assert_eq!((&body[0][0], &body[1][0]), (&json!(ids[1]), &json!(ids[0])));
    assert!(body[0][1]["document"].as_str().unwrap().contains("carts"));
    for (spans, words) in [("zz", "16 hex digits"), (&*[ids[0]; 101].join(","), "100 can be asked for at once")] {
        let (status, body) = server.get(&wanted(spans)).await;
        assert_eq!(status, 400);
        assert!(body["message"].as_str().unwrap().contains(words), "{body}");
    }
    let (status, body) = server.get(&format!("{trace}/documents")).await;
    assert_eq!(status, 400, "{body}");
}

#[tokio::test]
async fn wrong_requests_say_what_is_wrong() {
    let server = holding(&[]).await;
    for (path, status, code, words) in [
        ("/api/traces/xyz", 400, "bad_request", "8 hex digits"),
        ("/api/traces/1-00000000-000000000000000000000001", 404, "not_found", "The local X-Ray has no trace"),
        ("/api/traces/1-00000000-000000000000000000000001/spans/zz", 400, "bad_request", "16 hex digits"),
        ("/api/traces/1-00000000-000000000000000000000001?source=mars", 400, "bad_request", "there is no source mars"),
        ("/api/nothing", 404, "not_found", "there is no /api/nothing"),
        ("/api/query", 405, "method_not_allowed", "GET /api/query"),
    ] {
        let (found, body) = server.get(path).await;
        assert_eq!((found, body["code"].as_str()), (status, Some(code)), "{path} {body}");
        assert!(body["message"].as_str().unwrap().contains(words), "{path} {body}");
    }
    for (query, words) in [
        (json!({"type": "nothing"}), "unknown variant"),
        (json!({"type": "trace_list", "range": {"from": "now", "to": "now-1h"}}), "ends before it starts"),
        (json!({"type": "trace_list", "range": {"from": "yesterday", "to": "now"}}), "not one: yesterday"),
        (json!({"type": "trace_list", "source": "mars"}), "there is no source mars"),
    ] {
        let response = server.ask(query).await;
        assert_eq!(response.status(), 400);
        assert!(response.headers().contains_key("x-request-id"));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert!(body["message"].as_str().unwrap().contains(words), "{body}");
        assert!(body["request_id"].is_string());
    }
}

#[tokio::test]
async fn the_local_x_rays_refusal_of_filters_reaches_the_page() {
    let server = holding(&[]).await;
    let events = server.events(json!({"type": "trace_list", "filter": "fault AND"})).await;
    let failed =
        events.iter().find_map(|event| if let Event::Failed(failed) = event { Some(failed) } else { None }).unwrap();
    let aws = failed.failure.aws.as_ref().unwrap();
    assert_eq!((aws.operation.as_str(), aws.code.as_deref()), ("GetTraceSummaries", Some("InvalidRequestException")));
    assert!(aws.request_id.is_some() && aws.message.as_ref().unwrap().contains("Invalid filter expression"));
}

#[tokio::test]
async fn an_x_ray_that_fails_is_named_with_its_words() {
    let error = |_| {
        let body = Body::from(r#"{"message":"Rate exceeded"}"#);
        Response::builder()
            .status(429)
            .header("x-amzn-errortype", "ThrottledException")
            .header("x-amzn-requestid", "r-1")
            .body(body)
            .unwrap()
    };
    let server = over(fake(error, Duration::ZERO).await.0).await;
    let (status, body) = server.get("/api/traces/1-00000000-000000000000000000000001").await;
    assert_eq!((status, &body["code"]), (502, &json!("xray_failed")));
    assert_eq!(
        body["aws"],
        json!({"operation": "BatchGetTraces", "code": "ThrottledException", "message": "Rate exceeded", "request_id": "r-1"})
    );
    let garbage = |_| Response::new(Body::from("<html>"));
    let server = over(fake(garbage, Duration::ZERO).await.0).await;
    assert_eq!(server.get("/api/traces/1-00000000-000000000000000000000001").await.1["code"], "xray_failed");
    let closed = tokio::net::TcpListener::bind(free()).await.unwrap().local_addr().unwrap();
    let server = over(closed).await;
    let (status, body) = server.get("/api/traces/1-00000000-000000000000000000000001").await;
    assert_eq!((status, &body["code"]), (502, &json!("xray_unreachable")), "{body}");
}

#[tokio::test]
async fn a_failed_window_leaves_the_others() {
    let answer = |number| {
        if number == 1 {
            Response::builder().status(400).header("x-amzn-errortype", "SomethingOdd").body(Body::from("{}")).unwrap()
        } else {
            page_of(number, 0)
        }
    };
    let server = over(fake(answer, Duration::ZERO).await.0).await;
    let events = server.events(json!({"type": "trace_list", "range": {"from": "now-18h", "to": "now"}})).await;
    assert_eq!(events.iter().filter(|event| matches!(event, Event::Failed(_))).count(), 1);
    assert_eq!(done(&events).traces, u64::from(done(&events).calls) - 1);
    assert!(done(&events).calls > 2);
}

#[tokio::test]
async fn rows_come_before_the_last_page_even_to_a_browser_that_takes_brotli() {
    let (address, _) = fake(|number| page_of(number, 9), Duration::from_millis(200)).await;
    let router = over(address).await.0;
    let listener = tokio::net::TcpListener::bind(free()).await.unwrap();
    let page = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let request = reqwest::Client::new().post(format!("http://{page}/api/query")).header("accept-encoding", "br, gzip");
    let begun = Instant::now();
    let response = request.json(&last_hour()).send().await.unwrap();
    assert!(response.headers().get("content-encoding").is_none());
    let mut chunks = response.bytes_stream();
    let (mut text, mut first_rows) = (String::new(), None);
    while let Some(chunk) = chunks.next().await {
        text.push_str(std::str::from_utf8(&chunk.unwrap()).unwrap());
        if text.contains("\"rows\"") && first_rows.is_none() {
            first_rows = Some(begun.elapsed());
        }
    }
    let (first, all) = (first_rows.unwrap(), begun.elapsed());
    assert!(first * 3 < all, "first rows after {first:?}, all after {all:?}");
}

#[tokio::test]
async fn when_the_client_goes_the_calls_stop() {
    let (address, calls) = fake(|number| page_of(number, 1_000), Duration::from_millis(20)).await;
    let server = over(address).await;
    let mut body = server.ask(last_hour()).await.into_body().into_data_stream();
    while calls.load(Ordering::SeqCst) < 3 {
        body.next().await;
    }
    drop(body);
    tokio::time::sleep(Duration::from_millis(60)).await;
    let then = calls.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(calls.load(Ordering::SeqCst), then, "no call after the client has gone");
}

#[tokio::test]
async fn other_answers_are_compressed_and_every_answer_is_guarded() {
    let server = holding(&fixture::wide(3, 2_000)).await;
    let request = Request::get("/").header("host", "localhost").body(Body::empty()).unwrap();
    let response = server.send(request).await;
    assert_eq!((response.status().as_u16(), &response.headers()["cache-control"]), (200, &"no-cache".parse().unwrap()));
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval'") && !policy.contains("unsafe-inline"), "{policy}");
    for (path, headers, status) in [
        ("/", vec![("host", "evil.example.com")], 403),
        ("/api/about", vec![("host", "localhost"), ("origin", "http://evil.example.com")], 403),
        ("/api/about", vec![("host", "localhost"), ("sec-fetch-site", "cross-site")], 403),
        (
            "/api/about",
            vec![("host", "localhost"), ("origin", "http://localhost"), ("sec-fetch-site", "same-origin")],
            200,
        ),
        ("/assets/none-0000.js", vec![("host", "localhost")], 404),
        ("/trace/1-00000000-000000000000000000000001", vec![("host", "localhost")], 200),
    ] {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let response = server.send(request).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
        assert!(
            response.headers().contains_key("content-security-policy")
                && response.headers().contains_key("x-request-id")
        );
    }
}

#[tokio::test]
async fn a_token_keeps_others_out() {
    let folder = std::env::temp_dir().join(format!("roentgen-token-{}", std::process::id()));
    std::fs::write(&folder, "a-secret-of-sixteen\n").unwrap();
    let token = crate::security::Token::read(&folder).unwrap();
    std::fs::remove_file(&folder).unwrap();
    let sources = DataSources::only_local(None).await.unwrap();
    let state = AppState::new(sources, Vec::new(), None, Some(token), false);
    let server = Server(router(state, Guard { own_page: true, ..Guard::default() }));
    let status = async |path: &str, name: &str, value: &str| {
        let request = Request::get(path).header("host", "localhost").header(name, value).body(Body::empty()).unwrap();
        server.send(request).await.status().as_u16()
    };
    assert_eq!(status("/api/about", "x-none", "").await, 401);
    assert_eq!(status("/api/about", "authorization", "Bearer wrong").await, 401);
    assert_eq!(status("/api/about", "authorization", "Bearer a-secret-of-sixteen").await, 200);
    assert_eq!(status("/api/about", "cookie", "x=1; roentgen_access=a-secret-of-sixteen").await, 200);
    assert_eq!(status("/", "x-none", "").await, 303);
    assert_eq!(status("/login", "x-none", "").await, 200);
    assert_eq!(status("/api/health", "x-none", "").await, 200);
    for (token, expected) in [("wrong", 401), ("a-secret-of-sixteen", 303)] {
        let request = Request::post("/login")
            .header("host", "localhost")
            .header("content-type", "application/x-www-form-urlencoded");
        let response = server.send(request.body(Body::from(format!("token={token}"))).unwrap()).await;
        assert_eq!(response.status().as_u16(), expected);
        let cookie = response.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
        assert_eq!(cookie.is_some_and(|cookie| cookie.contains("HttpOnly; SameSite=Strict")), expected == 303);
    }
}
