//! The service through its own door: HTTP requests in, AWS's answers out.

use std::fmt::Write as _;

use axum::{body::Body, http::Request};
use expect_test::expect;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::{Config, Engine, bind, router};

mod control;
mod corpus;
mod filters;
mod graphs;
mod groups;
mod insights;
mod noise;
mod otlp;

const TRACE: &str = "1-581cf771-a006649127e371903a2de979";

struct Service {
    engine: Engine,
}

impl Service {
    fn lenient() -> Self {
        Self { engine: Engine::new(Config::default()).unwrap() }
    }

    fn strict() -> Self {
        Self { engine: Engine::new(Config { strict: true, ..Config::default() }).unwrap() }
    }

    /// Status, error code of the header, and body.
    async fn ask(&self, path: &str, body: &str) -> (u16, String, Value) {
        let request = Request::post(path).header("host", "127.0.0.1:2000").body(Body::from(body.to_owned())).unwrap();
        let response = router(&self.engine).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let code = response.headers().get("x-amzn-errortype").map_or("", |code| code.to_str().unwrap()).to_owned();
        assert!(response.headers().contains_key("x-amzn-requestid"));
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, code, serde_json::from_slice(&body).unwrap())
    }

    async fn ok(&self, path: &str, body: Value) -> Value {
        let (status, _, answer) = self.ask(path, &body.to_string()).await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    async fn put(&self, documents: &[String]) {
        let answer = self.ok("/TraceSegments", json!({ "TraceSegmentDocuments": documents })).await;
        assert_eq!(answer, json!({ "UnprocessedTraceSegments": [] }));
    }

    /// The documents of one trace, parsed.
    async fn documents(&self, id: &str) -> Vec<Value> {
        let answer = self.ok("/Traces", json!({ "TraceIds": [id] })).await;
        let segments = answer["Traces"][0]["Segments"].as_array().unwrap().clone();
        segments.iter().map(|segment| serde_json::from_str(segment["Document"].as_str().unwrap()).unwrap()).collect()
    }
}

fn drawn() -> String {
    fixture::trace_id().to_string()
}

#[tokio::test]
async fn good_documents_are_kept_beside_bad_ones() {
    let service = Service::lenient();
    let good = fixture::documents("front 0..90").remove(0);
    let bad = good.replace("\"name\":\"front\",", "");
    let answer = service.ok("/TraceSegments", json!({ "TraceSegmentDocuments": ["{", bad, good, "7"] })).await;
    assert_eq!(
        answer["UnprocessedTraceSegments"],
        json!([
            {"Id": null, "ErrorCode": "ParseError", "Message": "Invalid segment. ErrorCode: ParseError"},
            {"Id": "0000000000000001", "ErrorCode": "MissingName", "Message": "Invalid segment. ErrorCode: MissingName"},
            {"Id": null, "ErrorCode": "ParseError", "Message": "Invalid entity. ErrorCode: ParseError"},
        ])
    );
    assert_eq!(service.documents(&drawn()).await.len(), 1);
}

/// Path, body, and the beginning of AWS's message: lenient and strict alike.
#[tokio::test]
async fn wrong_requests_get_the_services_words() {
    let times = r#""StartTime":1,"EndTime":2"#;
    let cases = [
        (
            "/TraceSegments",
            "{}".to_owned(),
            "ValidationException",
            "1 validation error detected: Value null at 'traceSegmentDocuments'",
        ),
        (
            "/TraceSegments",
            r#"{"TraceSegmentDocuments":[]}"#.to_owned(),
            "InvalidRequestException",
            "Segments can not be empty",
        ),
        ("/TraceSegments", r#"{"TraceSegmentDocuments":{}}"#.to_owned(), "SerializationException", "invalid type: map"),
        ("/TraceSegments", "{".to_owned(), "SerializationException", "EOF while parsing"),
        ("/TraceSegments", "\u{fe}".to_owned(), "SerializationException", "expected value at line 1"),
        ("/Traces", String::new(), "ValidationException", "1 validation error detected: Value null at 'traceIds'"),
        (
            "/Traces",
            r#"{"TraceIds":["x"]}"#.to_owned(),
            "InvalidRequestException",
            "Invalid trace id x: incorrect id format",
        ),
        (
            "/Traces",
            format!(r#"{{"TraceIds":["{TRACE}","{TRACE}"]}}"#),
            "InvalidRequestException",
            "Containing duplicate trace ids",
        ),
        (
            "/Traces",
            format!(r#"{{"TraceIds":["{TRACE}"],"NextToken":"x"}}"#),
            "InvalidRequestException",
            "NextToken is currently not supported",
        ),
        (
            "/TraceSummaries",
            r#"{"StartTime":1}"#.to_owned(),
            "ValidationException",
            "1 validation error detected: Value null at 'endTime'",
        ),
        (
            "/TraceSummaries",
            r#"{"StartTime":2,"EndTime":1}"#.to_owned(),
            "InvalidRequestException",
            "End time cannot be earlier than start time",
        ),
        (
            "/TraceSummaries",
            r#"{"StartTime":"now","EndTime":1}"#.to_owned(),
            "SerializationException",
            "a time is a number",
        ),
        (
            "/TraceSummaries",
            format!(r#"{{{times},"NextToken":"zzz"}}"#),
            "InvalidRequestException",
            "Invalid token zzz",
        ),
        (
            "/TraceSummaries",
            format!(r#"{{{times},"NextToken":"ééééééééééééééééééééééé"}}"#),
            "InvalidRequestException",
            "Invalid token",
        ),
        (
            "/TraceSummaries",
            format!(r#"{{{times},"FilterExpression":"fault AND AND"}}"#),
            "InvalidRequestException",
            "Invalid filter expression: ",
        ),
        (
            "/TraceSummaries",
            format!(r#"{{{times},"TimeRangeType":"Invalid"}}"#),
            "ValidationException",
            "1 validation error detected: Value 'Invalid' at 'timeRangeType' failed to satisfy constraint: Member must satisfy enum value set: [TraceId, Service, Event]",
        ),
        (
            "/TraceSummaries",
            format!(r#"{{{times},"Sampling":true,"SamplingStrategy":{{"Name":"FixedRate"}}}}"#),
            "InvalidRequestException",
            "sampling rate must be specified and its value must be between [0, 1]",
        ),
        (
            "/TraceSummaries",
            format!(r#"{{{times},"Sampling":true,"SamplingStrategy":{{"Name":"FixedRate","Value":0.5}}}}"#),
            "InvalidRequestException",
            "Cannot use FixedRate with input time range type: TraceId. Please try using time range type: Event",
        ),
        ("/Groups", r#"{"NextToken":"x"}"#.to_owned(), "InvalidRequestException", "Next Token not supported"),
        ("/TelemetryRecords", "{}".to_owned(), "ValidationException", "1 validation error detected"),
        ("/SamplingTargets", "{}".to_owned(), "ValidationException", "1 validation error detected"),
        ("/ListResourcePolicies", "{}".to_owned(), "InvalidRequestException", "ListResourcePolicies is not supported"),
        (
            "/ServiceGraph",
            "{}".to_owned(),
            "ValidationException",
            "1 validation error detected: Value null at 'startTime'",
        ),
        (
            "/ServiceGraph",
            r#"{"StartTime":1,"EndTime":21602}"#.to_owned(),
            "InvalidRequestException",
            "Time range cannot be longer than 6 hours",
        ),
        ("/ServiceGraph", format!(r#"{{{times},"GroupName":"x"}}"#), "InvalidRequestException", "Group not found."),
        (
            "/TraceGraph",
            "{}".to_owned(),
            "ValidationException",
            "1 validation error detected: Value null at 'traceIds'",
        ),
        ("/TraceGraph", r#"{"TraceIds":[]}"#.to_owned(), "InvalidRequestException", "Zero trace ids provided"),
        (
            "/TraceGraph",
            r#"{"TraceIds":["x"]}"#.to_owned(),
            "InvalidRequestException",
            "Invalid traceId. ErrorCode: InvalidId",
        ),
        ("/TraceGraph", format!(r#"{{"TraceIds":["{TRACE}"]}}"#), "InvalidRequestException", "Trace id not found"),
    ];
    for service in [Service::lenient(), Service::strict()] {
        for (path, body, code, message) in &cases {
            let (status, found, answer) = service.ask(path, body).await;
            assert_eq!((status, found.as_str()), (400, *code), "{path} {body} {answer}");
            assert_eq!(answer["__type"], *code);
            let text = answer["Message"].as_str().or(answer["message"].as_str()).unwrap();
            assert!(text.starts_with(message), "{path} {body}: {text}");
        }
    }
    let (status, code, _) = Service::lenient().ask("/GetGroups", "{}").await;
    assert_eq!((status, code.as_str()), (404, "UnknownOperationException"));
}

#[tokio::test]
async fn strict_mode_has_the_services_limits() {
    let strict = Service::strict();
    let ids: Vec<String> = (1..=6).map(|n| format!("1-00000000-{n:024x}")).collect();
    let (_, _, answer) = strict.ask("/Traces", &json!({ "TraceIds": ids }).to_string()).await;
    assert_eq!(answer["Message"], "Exceeding maximum query size: 5");
    assert_eq!(Service::lenient().ok("/Traces", json!({ "TraceIds": ids })).await["Traces"], json!([]));
    let (_, _, answer) = strict.ask("/TraceSummaries", r#"{"StartTime":0,"EndTime":90000}"#).await;
    assert_eq!(answer["Message"], "Time range cannot be longer than 24 hours");
    let large = fixture::documents("front 0..90").remove(0).replace("front", &"x".repeat(70_000));
    let answer = strict.ok("/TraceSegments", json!({ "TraceSegmentDocuments": [large] })).await;
    assert_eq!(answer["UnprocessedTraceSegments"][0]["ErrorCode"], "DocumentTooLarge");
    Service::lenient().put(&[large]).await;
    strict.put(&fixture::documents("lone 0..9 parent=ff")).await;
    assert_eq!(strict.documents(&drawn()).await.len(), 0, "nothing is shown without a root");
}

#[tokio::test]
async fn every_request_may_have_an_empty_body_and_no_signature() {
    let service = Service::lenient();
    for path in ["/GetSamplingRules", "/Groups"] {
        assert_eq!(service.ask(path, "").await.0, 200, "{path}");
        assert_eq!(service.ask(path, " {} ").await.0, 200, "{path}");
    }
    assert_eq!(service.ok("/Traces", json!({ "TraceIds": [] })).await["Traces"], json!([]));
}

#[tokio::test]
async fn documents_are_rewritten_as_the_service_does() {
    let service = Service::lenient();
    let mut documents = fixture::documents(
        "
front 0..90 GET /cart 200 @tier=gold user=alice origin=AWS::ECS::Container
  SQS 10..20 aws op=SendMessage queue=https://sqs/q 200
  back 20..60 remote fault
    > back 21..59 fault
  www 60..70 remote 404 error
  work 70..80
    ~ streamed 72..75
      inner 73..74
",
    );
    documents[0] = documents[0].replace(r#""url":"/cart""#, r#""traced":true,"url":"/cart""#).replacen(
        '{',
        r#"{"custom":[1.50],"#,
        1,
    );
    documents[1] = documents[1].replacen('{', r#"{"cause":{"exceptions":[{"id":"00000000000000e1","stack":[]}]},"#, 1);
    documents.reverse();
    service.put(&documents).await;
    let found = service.documents(&drawn()).await;
    expect![[r#"
        front 0000000000000002 [id name start_time trace_id end_time http annotations origin user custom subsegments] http={"request":{"method":"GET","url":"/cart"},"response":{"status":200}}
          SQS 0000000000000003 [id name start_time end_time http aws namespace] aws={"operation":"SendMessage","queue_url":"https://sqs/q","resource_names":["https://sqs/q"]} http={"response":{"status":200}}
          back 0000000000000004 [id name start_time end_time fault namespace]
          www 0000000000000006 [id name start_time end_time error http namespace] http={"response":{"status":404}}
          work 0000000000000007 [id name start_time end_time subsegments]
            streamed 0000000000000008 [id name start_time end_time subsegments]
              inner 0000000000000009 [id name start_time end_time]
        back 0000000000000005 [id name start_time trace_id end_time parent_id fault cause] cause={"exceptions":[{"id":"00000000000000e1"}]}
        SQS 1ccb64dd28878035 [id name start_time trace_id end_time parent_id inferred http aws origin subsegments] aws={"operation":"SendMessage","queue_url":"https://sqs/q","resource_names":["https://sqs/q"]} http={"response":{"status":200}}
          QueueTime 1ccb61dd28877b1c [id name start_time end_time]
        www 1cdc60dd2895ec9c [id name start_time trace_id end_time parent_id inferred error http] http={"response":{"status":404}}
    "#]]
    .assert_eq(&outline(&service, &found).await);
}

/// Documents as an outline with their members in order; a value where something was rewritten.
async fn outline(service: &Service, parsed: &[Value]) -> String {
    use model::document::parse;
    let answer = service.ok("/Traces", json!({ "TraceIds": [drawn()] })).await;
    let mut text = String::new();
    for (index, segment) in answer["Traces"][0]["Segments"].as_array().unwrap().iter().enumerate() {
        let document = segment["Document"].as_str().unwrap();
        assert_eq!(segment["Id"], parsed[index]["id"]);
        for entity in parse(document).unwrap() {
            let own = &document[entity.range.clone()];
            let value: Value = serde_json::from_str(own).unwrap();
            let raw: &serde_json::value::RawValue = serde_json::from_str(own).unwrap();
            let members = model::document::read::members(raw).unwrap();
            let keys: Vec<&str> = members.iter().map(|(key, _)| key.as_ref()).collect();
            let indent = "  ".repeat(entity.level as usize);
            let (name, id) = (value["name"].as_str().unwrap(), value["id"].as_str().unwrap());
            write!(text, "{indent}{name} {id} [{}]", keys.join(" ")).unwrap();
            for key in ["aws", "cause", "http"] {
                if let Some(value) = value.get(key) {
                    write!(text, " {key}={value}").unwrap();
                }
            }
            text.push('\n');
        }
    }
    text
}

#[tokio::test]
async fn a_deep_chain_of_streamed_subsegments_comes_back_in_readable_documents() {
    let service = Service::lenient();
    let levels = 20_000_u64;
    let mut documents = fixture::chain(7, levels);
    let id = serde_json::from_str::<Value>(&documents[0]).unwrap()["trace_id"].as_str().unwrap().to_owned();
    for document in &mut documents[1..] {
        *document = document.replacen('{', r#"{"type":"subsegment","#, 1);
    }
    for batch in documents.chunks(1000) {
        service.put(batch).await;
    }
    let found = service.documents(&id).await;
    assert!(found.len() as u64 > levels / 60, "cut into {} documents", found.len());
    let answer = service.ok("/Traces", json!({ "TraceIds": [id] })).await;
    let texts = answer["Traces"][0]["Segments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|segment| segment["Document"].as_str().unwrap().into());
    let trace = model::Trace::assemble(id.parse().unwrap(), texts);
    assert_eq!((trace.spans.len() as u64, u64::from(trace.spans.last().unwrap().depth)), (levels, levels - 1));
    assert!(trace.problems.is_empty(), "{:?}", trace.problems.first());
}

#[tokio::test]
async fn any_order_gives_the_same_answer() {
    let documents = fixture::realistic(3, 200);
    let id = serde_json::from_str::<Value>(&documents[0]).unwrap()["trace_id"].as_str().unwrap().to_owned();
    let mut backwards = documents.clone();
    backwards.reverse();
    backwards.extend(documents.iter().take(7).cloned());
    let (first, second) = (Service::lenient(), Service::lenient());
    first.put(&documents).await;
    second.put(&backwards).await;
    assert_eq!(first.documents(&id).await, second.documents(&id).await);
}

/// A trace like the one in AWS's own captured answer, and that answer's members.
#[tokio::test]
async fn a_summary_is_written_as_the_service_writes_it() {
    let service = Service::strict();
    service
        .put(&fixture::documents(
            "
front 250..2250 GET https://shop/api/assembly 200 user=u1 @rank=60 zone=us-west-2a instance=i-0123456789abcdef0
  back 300..1800 remote
    > back 301..7250 fault !OwnedFailure=\"owned downstream failure\"
      database 400..500 aws
",
        ))
        .await;
    let now = crate::engine::now().as_seconds();
    let answer = service
        .ok("/TraceSummaries", json!({"StartTime": now - 60.0, "EndTime": now + 60.0, "TimeRangeType": "Event"}))
        .await;
    assert_eq!(answer["TracesProcessedCount"], 1);
    let mut summary = answer["TraceSummaries"][0].clone();
    // The order of members is a matter of how serde_json was built.
    summary.sort_all_objects();
    assert!(summary["MatchedEventTime"].take().as_f64().unwrap() > now - 1.0);
    expect_test::expect_file!["summary.snapshot.json"].assert_eq(&format!("{summary:#}\n"));
}

#[tokio::test]
async fn pages_follow_each_other_to_the_end() {
    let service = Service::lenient();
    let documents: Vec<String> = (0..250)
        .map(|n| format!(r#"{{"trace_id":"1-00000000-{n:024x}","id":"00000000000000aa","name":"s","start_time":{n}.5,"end_time":1000}}"#))
        .collect();
    service.put(&documents).await;
    let (mut ids, mut token, mut pages) = (Vec::new(), Value::Null, 0);
    let scanned = loop {
        let answer = service.ok("/TraceSummaries", json!({"StartTime": 0, "EndTime": 1e3, "NextToken": token})).await;
        ids.extend(
            answer["TraceSummaries"].as_array().unwrap().iter().map(|summary| summary["StartTime"].as_f64().unwrap()),
        );
        pages += 1;
        token = answer["NextToken"].clone();
        if token.is_null() {
            break answer["TracesProcessedCount"].as_u64().unwrap();
        }
    };
    assert_eq!((pages, ids.len(), scanned), (3, 250, 250));
    assert!(ids.is_sorted_by(|a, b| a > b), "newest first");
    // A token that somebody has changed is refused, or gives some page; nothing breaks.
    let first = service.ok("/TraceSummaries", json!({ "StartTime": 0, "EndTime": 1e3 })).await;
    let token = first["NextToken"].as_str().unwrap().to_owned();
    for place in [0, 15, 16, 17, 31, 32, 63, 79] {
        for digit in ["0", "8", "f", "z", "é"] {
            let mut changed: Vec<String> = token.chars().map(String::from).collect();
            changed[place] = digit.to_owned();
            let body = json!({ "StartTime": 0, "EndTime": 1e3, "NextToken": changed.concat() });
            let (status, _, answer) = service.ask("/TraceSummaries", &body.to_string()).await;
            assert!(status == 200 || status == 400, "{answer}");
        }
    }
}

#[tokio::test]
async fn sampling_keeps_everything_unless_strict() {
    let lenient = Service::lenient();
    let rule = lenient.ok("/GetSamplingRules", json!({})).await["SamplingRuleRecords"][0]["SamplingRule"].clone();
    assert_eq!((rule["RuleName"].as_str(), rule["FixedRate"].as_f64()), (Some("Default"), Some(1.0)));
    let report = |rule: &str| json!({"RuleName": rule, "ClientID": "0123456789abcdef01234567", "Timestamp": 1, "RequestCount": 1, "SampledCount": 1});
    let body = json!({ "SamplingStatisticsDocuments": [report("Default"), report("gone")] });
    let answer = lenient.ok("/SamplingTargets", body.clone()).await;
    assert_eq!(answer["SamplingTargetDocuments"][0]["FixedRate"], 1.0);
    assert_eq!(
        answer["UnprocessedStatistics"],
        json!([{"RuleName": "gone", "ErrorCode": "400", "Message": "Unknown rule"}])
    );

    let strict = Service::strict();
    let first = strict.ok("/SamplingTargets", body.clone()).await["SamplingTargetDocuments"][0].clone();
    assert_eq!(
        (&first["FixedRate"], &first["ReservoirQuota"], &first["Interval"]),
        (&json!(0.05), &Value::Null, &Value::Null)
    );
    let second = strict.ok("/SamplingTargets", body).await["SamplingTargetDocuments"][0].clone();
    assert_eq!((&second["ReservoirQuota"], &second["Interval"]), (&json!(1), &json!(10)));
}

#[tokio::test]
async fn web_pages_are_refused() {
    let service = Service::lenient();
    for (name, value) in
        [("origin", "http://evil.example.com"), ("sec-fetch-site", "cross-site"), ("host", "evil.example.com")]
    {
        let mut request = Request::post("/GetSamplingRules").header("host", "localhost").body(Body::empty()).unwrap();
        request.headers_mut().insert(axum::http::HeaderName::from_static(name), value.parse().unwrap());
        let response = router(&service.engine).oneshot(request).await.unwrap();
        assert_eq!(response.status(), 403, "{name}");
        assert!(response.headers().get("access-control-allow-origin").is_none());
    }
}

fn free() -> Config {
    Config { listen: "127.0.0.1:0".parse().unwrap(), ..Config::default() }
}

#[tokio::test]
async fn tcp_and_udp_share_a_port_or_get_neither() {
    let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let listen = udp.local_addr().unwrap();
    let error = bind(Config { listen, ..Config::default() }).await.err().unwrap();
    assert!(error.is_address_in_use() && error.to_string().contains("UDP"), "{error}");
    std::net::TcpListener::bind(listen).expect("TCP was given back");
    let bound = bind(free()).await.unwrap();
    let again = bind(Config { listen: bound.address(), ..Config::default() }).await.err().unwrap();
    assert!(again.is_address_in_use() && again.to_string().contains("TCP"), "{again}");
}

/// What the X-Ray SDK for Python really sends: minimal, nested, streamed children before their parent.
#[tokio::test]
async fn real_datagrams_become_traces() {
    let bound = bind(free()).await.unwrap();
    let (address, status) = (bound.address(), bound.status());
    let running = tokio::spawn(bound.run(std::future::pending()));
    let socket = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/udp");
    let mut packets: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    packets.sort();
    assert_eq!(packets.len(), 34);
    for packet in &packets {
        socket.send_to(&std::fs::read(packet).unwrap(), address).await.unwrap();
    }
    for bad in [&b"garbage"[..], b"{\"format\":\"json\",\"version\":1}\n{\"id\":1}"] {
        socket.send_to(bad, address).await.unwrap();
    }
    for _ in 0..200 {
        if status.snapshot().segments + status.snapshot().refused == 36 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    let now = status.snapshot();
    assert_eq!((now.segments, now.refused, now.traces, now.dropped_datagrams), (34, 2, 3, 0), "{now:?}");
    assert!(now.last_refusal.unwrap().contains("MissingId"));

    let client = sdk(address);
    let nested = client.batch_get_traces().trace_ids("1-6b037b4b-3c9006263ae8431f3b846985").send().await.unwrap();
    let documents: Vec<&str> = nested.traces()[0].segments().iter().filter_map(|segment| segment.document()).collect();
    assert!(
        documents[0].contains("\"message\": \"boom\"") && documents[0].contains("\"wing\"")
            || documents[0].contains("boom")
    );
    running.abort();
}

fn sdk(address: std::net::SocketAddr) -> aws_sdk_xray::Client {
    use aws_sdk_xray::config::{BehaviorVersion, Config, Credentials, Region};
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .endpoint_url(format!("http://{address}"))
        .credentials_provider(Credentials::new("a", "b", None, None, "test"));
    aws_sdk_xray::Client::from_conf(config.build())
}

#[tokio::test]
async fn the_real_sdk_writes_and_reads() {
    let bound = bind(free()).await.unwrap();
    let client = sdk(bound.address());
    tokio::spawn(bound.run(std::future::pending()));
    let documents: Vec<String> = (0..230).flat_map(|seed| fixture::realistic(seed + 1, 9)).collect();
    let put = client.put_trace_segments().set_trace_segment_documents(Some(documents)).send().await.unwrap();
    assert!(put.unprocessed_trace_segments().is_empty());
    let time = aws_sdk_xray::primitives::DateTime::from_secs_f64;
    let now = crate::engine::now().as_seconds();
    let pages = client.get_trace_summaries().start_time(time(now - 100.0)).end_time(time(now)).into_paginator().send();
    let pages = pages.try_collect().await.unwrap();
    assert_eq!(pages.iter().map(|page| page.trace_summaries().len()).collect::<Vec<_>>(), [100, 100, 30]);
    let summary = &pages[0].trace_summaries()[0];
    assert!(
        summary.http().unwrap().http_url().is_some()
            && !summary.service_ids().is_empty()
            && summary.response_time().is_some()
    );
    let traces = client.batch_get_traces().trace_ids(summary.id().unwrap()).send().await.unwrap();
    assert_eq!(traces.traces()[0].id(), summary.id());
    let groups = client.get_groups().send().await.unwrap();
    assert_eq!(groups.groups()[0].group_name(), Some("Default"));
    client.get_sampling_rules().send().await.unwrap();
    let graph = client.get_service_graph().start_time(time(now - 60.0)).end_time(time(now)).send().await.unwrap();
    assert!(
        graph.services().iter().any(|service| service.name() == Some("storefront") && service.root() == Some(true))
    );
    let id = summary.id().unwrap();
    let graph = client.get_trace_graph().trace_ids(id).send().await.unwrap();
    assert!(graph.services().iter().any(|service| service.r#type() == Some("client")));
    let (from, to) = (time(now - 9.0), time(now));
    let insights = client.get_insight_summaries().group_name("Default").start_time(from).end_time(to);
    assert!(insights.send().await.unwrap().insight_summaries().is_empty());
    let series = client.get_time_series_service_statistics().start_time(from).end_time(time(now + 60.0));
    assert!(!series.send().await.unwrap().time_series_service_statistics().is_empty());
    let refused = client.list_resource_policies().send().await.unwrap_err();
    assert!(format!("{refused:?}").contains("ListResourcePolicies is not supported"), "{refused:?}");
}

#[tokio::test]
async fn bad_documents_are_refused_whole_and_good_ones_beside_them_are_kept() {
    let service = Service::lenient();
    let document =
        |more: &str| format!(r#"{{"trace_id":"{TRACE}","id":"00000000000000a1","name":"a","start_time":1{more}}}"#);
    let nested = |levels: usize| {
        let open = r#","subsegments":[{"id":"00000000000000b1","name":"b","start_time":1,"end_time":2"#.repeat(levels);
        open + &"}]".repeat(levels)
    };
    let bad = [
        (document(r#","end_time":NaN"#), "ParseError"),
        (document(r#","end_time":Infinity"#), "ParseError"),
        (document(r#","end_time":1e999"#), "MissingEndTime"),
        (document(r#","end_time":2,"user":"\ud800""#), "ParseError"),
        (document(r#","end_time":2"#).replace(r#""a","#, r#""\udfff","#), "ParseError"),
        (document(&format!(r#","end_time":2{}"#, nested(129))), "ParseError"),
        (document(r#","end_time":2,"subsegments":[{"id":"00000000000000b1","name":"b"}]"#), "MissingStartTime"),
        (document(r#","end_time":2,"subsegments":[7]"#), "ParseError"),
        (document(r#","end_time":2"#) + "}", "ParseError"),
        (format!("{}{{", "[".repeat(200_000)), "ParseError"),
        ("\u{0}".to_owned(), "ParseError"),
        (String::new(), "ParseError"),
    ];
    for (text, code) in &bad {
        let good =
            format!(r#"{{"trace_id":"{TRACE}","id":"00000000000000c1","name":"good","start_time":1,"end_time":2}}"#);
        let answer = service.ok("/TraceSegments", json!({ "TraceSegmentDocuments": [text, good] })).await;
        let refused = answer["UnprocessedTraceSegments"].as_array().unwrap();
        let begin: String = text.chars().take(200).collect();
        assert_eq!(refused.len(), 1, "{begin}: {answer}");
        assert_eq!(refused[0]["ErrorCode"], *code, "{begin}");
        assert!(refused[0]["Message"].as_str().unwrap().contains(code), "{answer}");
    }
    let documents = service.documents(TRACE).await;
    assert_eq!(documents.len(), 1, "nothing of the others is there: {documents:?}");
    assert_eq!(documents[0]["name"], "good");
    // A body beyond the limit is refused as a whole.
    let huge =
        json!({ "TraceSegmentDocuments": [document(&format!(r#","end_time":2,"user":"{}""#, "x".repeat(11 << 20)))] });
    let (status, code, answer) = service.ask("/TraceSegments", &huge.to_string()).await;
    assert_eq!((status, code.as_str()), (400, "RequestEntityTooLargeException"));
    assert!(answer["Message"].as_str().unwrap().contains("10 MB"), "{answer}");
    let surrogate = r#"{"TraceSegmentDocuments":["\ud800"]}"#;
    assert_eq!(service.ask("/TraceSegments", surrogate).await.1, "SerializationException");
}
