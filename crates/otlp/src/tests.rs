//! What exporters send, as documents; and back.

mod noise;

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use model::{Trace, TraceId};
use proptest::prelude::*;
use prost::Message as _;

use super::*;

const TRACE: &str = "5b8efff798038103d269b633813fc60c";

/// A request of one span of a service that runs in ECS; `span` are the members beside ids and times.
fn request(span: &str) -> Request {
    let text = format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[
            {{"key":"service.name","value":{{"stringValue":"shop"}}}},
            {{"key":"service.version","value":{{"stringValue":"1.2"}}}},
            {{"key":"cloud.platform","value":{{"stringValue":"aws_ecs"}}}},
            {{"key":"aws.ecs.launchtype","value":{{"stringValue":"FARGATE"}}}},
            {{"key":"aws.ecs.task.arn","value":{{"stringValue":"arn:task"}}}},
            {{"key":"aws.log.group.names","value":{{"arrayValue":{{"values":[{{"stringValue":"/ecs/shop"}}]}}}}}}
        ]}},"scopeSpans":[{{"scope":{{"name":"lib","version":"2"}},"spans":[{{
            "traceId":"{TRACE}","spanId":"eee19b7ec3c1b174","startTimeUnixNano":"1800000000000000001","endTimeUnixNano":1800000000500000000,{span}
        }}]}}]}}]}}"#
    );
    Request::from_json(text.as_bytes()).unwrap()
}

fn texts(request: &Request) -> Vec<String> {
    request.documents().flat_map(|mapped| mapped.unwrap().documents).collect()
}

/// A value with its members in the order of their names; how JSON keeps them depends on who else is built along.
fn sorted(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(members) => {
            let members: std::collections::BTreeMap<_, _> = members.into_iter().collect();
            members.into_iter().map(|(key, value)| (key, sorted(value))).collect()
        }
        other => other,
    }
}

/// The documents without what all of them have.
fn check(span: &str, expected: &Expect) {
    let request = request(span);
    let mut said = String::new();
    for text in texts(&request) {
        let problems = model::document::check(&text).err();
        assert_eq!(problems, None, "{text}");
        let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["trace_id"], format!("1-{}-{}", &TRACE[..8], &TRACE[8..]));
        assert!(
            text.contains(r#""start_time":1800000000.000000001,"end_time":1800000000.5"#),
            "to the nanosecond: {text}"
        );
        for member in ["trace_id", "start_time", "end_time"] {
            document.as_object_mut().unwrap().remove(member);
        }
        let resource = |key: &str| key.starts_with("otel.resource.");
        if let Some(default) = document["metadata"]["default"].as_object_mut() {
            default.retain(|key, _| !resource(key));
        }
        for (key, value) in sorted(document).as_object().unwrap() {
            writeln!(said, "{key}: {value}").unwrap();
        }
        said += "\n";
    }
    expected.assert_eq(said.trim_end());
}

#[test]
fn a_served_request_is_a_segment() {
    check(
        r#""name":"GET /cart","kind":2,"attributes":[
            {"key":"http.request.method","value":{"stringValue":"GET"}},
            {"key":"url.scheme","value":{"stringValue":"https"}},
            {"key":"server.address","value":{"stringValue":"shop.example"}},
            {"key":"server.port","value":{"intValue":"8443"}},
            {"key":"url.path","value":{"stringValue":"/cart"}},
            {"key":"url.query","value":{"stringValue":"a=1"}},
            {"key":"client.address","value":{"stringValue":"192.0.2.1"}},
            {"key":"http.response.status_code","value":{"intValue":429}},
            {"key":"enduser.id","value":{"stringValue":"ann"}}
        ]"#,
        &expect![[r#"
            annotations: {"client.address":"192.0.2.1","enduser.id":"ann","http.request.method":"GET","http.response.status_code":429,"server.address":"shop.example","server.port":8443,"url.path":"/cart","url.query":"a=1","url.scheme":"https"}
            aws: {"cloudwatch_logs":[{"log_group":"/ecs/shop"}],"ecs":{"launch_type":"FARGATE","task_arn":"arn:task"}}
            error: true
            http: {"request":{"client_ip":"192.0.2.1","method":"GET","url":"https://shop.example:8443/cart?a=1"},"response":{"status":429}}
            id: "eee19b7ec3c1b174"
            metadata: {"default":{"client.address":"192.0.2.1","enduser.id":"ann","http.request.method":"GET","http.response.status_code":429,"server.address":"shop.example","server.port":8443,"url.path":"/cart","url.query":"a=1","url.scheme":"https"},"otel":{"kind":"server","name":"GET /cart","scope":"lib 2"}}
            name: "shop"
            origin: "AWS::ECS::Fargate"
            service: {"version":"1.2"}
            throttle: true
            user: "ann""#]],
    );
}

#[test]
fn calls_are_subsegments_of_their_kind() {
    check(
        r#""parentSpanId":"00000000000000aa","name":"DynamoDB.GetItem","kind":"SPAN_KIND_CLIENT","attributes":[
            {"key":"rpc.system","value":{"stringValue":"aws-api"}},
            {"key":"rpc.service","value":{"stringValue":"DynamoDB"}},
            {"key":"rpc.method","value":{"stringValue":"GetItem"}},
            {"key":"aws.region","value":{"stringValue":"eu-west-1"}},
            {"key":"aws.dynamodb.table_names","value":{"arrayValue":{"values":[{"stringValue":"carts"}]}}}
        ]"#,
        &expect![[r#"
            annotations: {"aws.region":"eu-west-1","rpc.method":"GetItem","rpc.service":"DynamoDB","rpc.system":"aws-api"}
            aws: {"operation":"GetItem","region":"eu-west-1","table_name":"carts"}
            id: "eee19b7ec3c1b174"
            metadata: {"default":{"aws.dynamodb.table_names":["carts"],"aws.region":"eu-west-1","rpc.method":"GetItem","rpc.service":"DynamoDB","rpc.system":"aws-api"},"otel":{"kind":"client","name":"DynamoDB.GetItem","scope":"lib 2"}}
            name: "DynamoDB"
            namespace: "aws"
            parent_id: "00000000000000aa"
            type: "subsegment""#]],
    );
    check(
        r#""parentSpanId":"00000000000000aa","name":"SELECT","kind":3,"attributes":[
            {"key":"db.system","value":{"stringValue":"postgresql"}},
            {"key":"db.name","value":{"stringValue":"orders"}},
            {"key":"net.peer.name","value":{"stringValue":"db.internal"}},
            {"key":"db.statement","value":{"stringValue":"SELECT ?"}}
        ],"status":{"code":2,"message":"canceled"}"#,
        &expect![[r#"
            annotations: {"db.name":"orders","db.statement":"SELECT ?","db.system":"postgresql","net.peer.name":"db.internal"}
            cause: {"exceptions":[{"id":"36fd878362e9ddc2","message":"canceled"}]}
            fault: true
            id: "eee19b7ec3c1b174"
            metadata: {"default":{"db.name":"orders","db.statement":"SELECT ?","db.system":"postgresql","net.peer.name":"db.internal"},"otel":{"kind":"client","name":"SELECT","scope":"lib 2"}}
            name: "orders@db.internal"
            namespace: "remote"
            parent_id: "00000000000000aa"
            sql: {"database_type":"postgresql","sanitized_query":"SELECT ?","url":"db.internal/orders"}
            type: "subsegment""#]],
    );
    check(
        r#""parentSpanId":"00000000000000aa","name":"compute","kind":1"#,
        &expect![[r#"
        id: "eee19b7ec3c1b174"
        metadata: {"default":{},"otel":{"kind":"internal","name":"compute","scope":"lib 2"}}
        name: "compute"
        parent_id: "00000000000000aa"
        type: "subsegment""#]],
    );
}

#[test]
fn a_call_that_nothing_is_around_gets_a_segment() {
    check(
        r#""name":"GET","kind":3,"attributes":[{"key":"server.address","value":{"stringValue":"api.example"}}]"#,
        &expect![[r#"
            annotations: {"server.address":"api.example"}
            aws: {"cloudwatch_logs":[{"log_group":"/ecs/shop"}],"ecs":{"launch_type":"FARGATE","task_arn":"arn:task"}}
            id: "c3c1b174eee19b7f"
            metadata: {"default":{"server.address":"api.example"},"otel":{"kind":"client","name":"GET","scope":"lib 2"}}
            name: "shop"
            origin: "AWS::ECS::Fargate"
            service: {"version":"1.2"}

            annotations: {"server.address":"api.example"}
            id: "eee19b7ec3c1b174"
            metadata: {"default":{"server.address":"api.example"},"otel":{"kind":"client","name":"GET","scope":"lib 2"}}
            name: "api.example"
            namespace: "remote"
            parent_id: "c3c1b174eee19b7f"
            type: "subsegment""#]],
    );
}

#[test]
fn exceptions_have_stacks_of_many_languages() {
    let stack = |text: &str| {
        let text = serde_json::to_string(text).unwrap();
        let request = request(&format!(
            r#""name":"x","kind":2,"events":[{{"name":"exception","timeUnixNano":"1","attributes":[
                {{"key":"exception.type","value":{{"stringValue":"E"}}}},{{"key":"exception.stacktrace","value":{{"stringValue":{text}}}}}
            ]}}]"#
        ));
        let document: serde_json::Value = serde_json::from_str(&texts(&request)[0]).unwrap();
        let frames = document["cause"]["exceptions"][0]["stack"].as_array().unwrap().clone();
        let frames = frames.iter().map(|frame| {
            format!("{} {}:{}", frame["label"].as_str().unwrap(), frame["path"].as_str().unwrap(), frame["line"])
        });
        frames.collect::<Vec<_>>()
    };
    for (text, frames) in [
        (
            "java.lang.E: m\n\tat com.shop.Cart.load(Cart.java:61)\n\tat com.shop.Main.main(Main.java)\nCaused by: x\n\tat a.b(C.java:1)",
            vec!["com.shop.Cart.load Cart.java:61", "com.shop.Main.main Main.java:0"],
        ),
        (
            "Error: m\n    at load (/app/carts.js:61:13)\n    at /app/index.js:5:1",
            vec!["load /app/carts.js:61", " /app/index.js:5"],
        ),
        (
            "Traceback (most recent call last):\n  File \"/app/main.py\", line 3, in main\n    load()\n  File \"/app/cart.py\", line 9, in load\nE: m",
            vec!["load /app/cart.py:9", "main /app/main.py:3"],
        ),
        (
            "goroutine 1 [running]:\nmain.load(0x1)\n\t/app/cart.go:12 +0x1d\nmain.main()\n\t/app/main.go:5 +0x2",
            vec!["main.load /app/cart.go:12", "main.main /app/main.go:5"],
        ),
        (
            "E: m\n   at Shop.Cart.Load() in /app/Cart.cs:line 7\n   at Shop.Main()",
            vec!["Shop.Cart.Load() /app/Cart.cs:7", "Shop.Main :0"],
        ),
        ("#0 /app/cart.php(7): load()\n#1 {main}", vec!["load() /app/cart.php:7"]),
        ("no stack at all", vec![]),
    ] {
        assert_eq!(stack(text), frames, "{text}");
    }
}

#[test]
fn protobuf_and_json_say_the_same() {
    let request = request(
        r#""name":"x","kind":2,"attributes":[
        {"key":"a","value":{"boolValue":true}},{"key":"b","value":{"doubleValue":1.5}},{"key":"c","value":{"bytesValue":"AQI="}},
        {"key":"d","value":{"kvlistValue":{"values":[{"key":"e","value":{}}]}}},{"key":"f"}
    ],"droppedAttributesCount":3,"flags":256,"links":[{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"00000000000000bb"}]"#,
    );
    assert_eq!(Request::from_protobuf(&request.encode_to_vec()).unwrap(), request);
    assert_eq!(Request::from_json(&request.json().into_bytes()).unwrap(), request);
    let document: serde_json::Value = serde_json::from_str(&texts(&request)[0]).unwrap();
    assert_eq!(document["annotations"], serde_json::json!({ "a": true, "b": 1.5 }));
    assert_eq!(document["metadata"]["default"]["d"], serde_json::json!({ "e": null }));
    assert_eq!(document["links"][0]["id"], "00000000000000bb");
}

#[test]
fn what_cannot_be_read_or_mapped_says_why() {
    for text in ["", "{\"resourceSpans\":3}", r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"xy"}]}]}]}"#] {
        assert!(Request::from_json(text.as_bytes()).is_err(), "{text}");
    }
    assert!(Request::from_protobuf(&[0xff, 0xff]).is_err());
    assert_eq!(Request::from_json(b"{}").unwrap().documents().count(), 0);
    for (span, reason) in [
        (r#""traceId":"00000000000000000000000000000000""#, "traceId"),
        (r#""traceId":"ab""#, "traceId"),
        (r#""spanId":"0000000000000000""#, "spanId"),
        (r#""parentSpanId":"aabb""#, "parentSpanId"),
        (r#""startTimeUnixNano":0"#, "startTimeUnixNano"),
        (r#""startTimeUnixNano":"18446744073709551615""#, "2262"),
    ] {
        let plain = r#""name":"x","kind":2,"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","startTimeUnixNano":"5""#;
        let mut value: serde_json::Value = serde_json::from_str(&format!("{{{plain}}}")).unwrap();
        let more: serde_json::Value = serde_json::from_str(&format!("{{{span}}}")).unwrap();
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let text = format!(r#"{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{value}]}}]}}]}}"#);
        let request = Request::from_json(text.as_bytes()).unwrap();
        let rejected = request.documents().next().unwrap().unwrap_err();
        assert!(rejected.reason.contains(reason) && rejected.name == "x", "{rejected:?}");
    }
}

/// A trace out of spans again, by way of their JSON.
fn back(trace: &Trace) -> Trace {
    let request = export(trace);
    let json = request.json().into_bytes();
    assert_eq!(Request::from_json(&json).unwrap(), request);
    Trace::assemble(trace.id, texts(&request).into_iter().map(std::sync::Arc::from))
}

/// A row of a trace with everything that is read of its document.
fn rows(trace: &Trace) -> Vec<String> {
    let row = |span: &model::Span| {
        let place = (span.id, span.kind, span.namespace, span.depth, span.start, span.end);
        format!("{} {place:?} {:?} {:?} {:#?}", trace.name(span), span.flags, span.outcome, span.detail)
    };
    trace.spans.iter().map(row).collect()
}

#[test]
fn a_trace_that_goes_out_and_comes_back_is_the_same() {
    let trace = fixture::trace(
        r#"
front 0..90 GET https://shop/cart 200 @tier=gold @n=5 @half=0.5 @is=true user=ann origin=AWS::ECS::Container arn=arn:x zone=z instance=i
  "work: x, y!" 10..20 !E="m" error
  ~ streamed 12..18 error throttle
  DynamoDB 15..25 aws op=GetItem table=carts 429 account=123456789012
  SQS 15..25 aws op=SendMessage queue=https://q
  AWS::S3 15..25 aws bucket=b fault
  db 18..19 remote sql="SELECT 1" @db.name=x @http.request.method=mine
  back 20..60 remote 503 cause=e00000000000000a
    > back 21..59 503 !Timeout="too slow" link=5
      inner 30..40 fault
      "skewed" 50..45
  unended 70..?
> other 95..? parent=7777 error
"#,
    );
    assert_eq!(rows(&back(&trace)), rows(&trace));
    assert_eq!(back(&trace).problems, trace.problems);
}

#[test]
fn members_come_back_as_they_were() {
    let document = r#"{"trace_id":"1-6b49d200-000000000000000000000001","id":"00000000000000aa","name":"a","start_time":1800000000.000000001,"end_time":1800000001.5,
        "http":{"request":{"x_forwarded_for":true,"traced":false},"response":{"content_length":-1,"more":[1]}},
        "aws":{"retries":2,"xray":{"sdk":"s"},"cloudwatch_logs":[{"log_group":"g"}],"ecs":{"task_arn":"t"}},
        "service":{"version":"1","runtime":"r"},"precursor_ids":["00000000000000ab"],
        "cause":{"working_directory":"/w","paths":["p"],"exceptions":[{"id":"00000000000000ac","type":"T","message":"m","remote":true,"truncated":3,"skipped":1,"cause":"00000000000000ad","stack":[{"path":"f.rs","line":7,"label":"g"}]}]},
        "sql":{"url":"u","driver_version":"d","preparation":"call"},"links":[{"trace_id":"1-6b49d200-000000000000000000000002","id":"00000000000000ae","attributes":{"k":[1.50]}}],
        "metadata":{"default":{"n":1.10,"deep":{"x":[null]}},"odd key":12345678901234567890},
        "annotations":{"a-b":"x","long":"LONG","aws.xray.type":"mine"}}"#
        .replace("LONG", &"l".repeat(900));
    let trace = Trace::assemble(fixture::trace_id(), [std::sync::Arc::from(document.as_str())]);
    assert_eq!(rows(&back(&trace)), rows(&trace));
    let json = |trace: &Trace| serde_json::from_str::<serde_json::Value>(&trace.documents[0]).unwrap();
    assert_eq!(json(&back(&trace)), json(&trace));
    assert!(back(&trace).documents[0].contains(r#""n":1.10"#), "as it was written");
    // The words of OpenTelemetry stand beside it, for those who know no others.
    let event = &export(&trace).resource_spans[0].scope_spans[0].spans[0].events[0];
    let stack = event.attributes.iter().find(|pair| pair.key == "exception.stacktrace").unwrap();
    assert_eq!(stack.value.clone().unwrap().value, Some(Value::String("T\n    at g (f.rs:7)".to_owned())));
}

#[test]
fn what_cannot_be_kept_goes_as_it_is_told() {
    let trace = fixture::trace(
        "
front 0..90
  DynamoDB 10..20 aws
    > DynamoDB 10..20 inferred
      wait 11..12
  ~ lost 30..40 parent=7777
",
    );
    let names = |trace: &Trace| trace.spans.iter().map(|span| trace.name(span).to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&trace), ["front", "DynamoDB", "DynamoDB", "wait", "", "lost"]);
    assert_eq!(names(&back(&trace)), ["front", "DynamoDB", "", "lost"]);
    let document = r#"{"trace_id":"1-6b49d200-000000000000000000000001","id":"00000000000000aa","name":"a","type":"subsegment","start_time":5,"in_progress":true,"unknown":1,"metadata":7}"#;
    let trace = Trace::assemble(fixture::trace_id(), [std::sync::Arc::from(document)]);
    let expected = r#"{"start_time":5.0,"in_progress":true,"trace_id":"1-6b49d200-000000000000000000000001","id":"00000000000000aa","name":"a"}"#;
    assert_eq!(&*back(&trace).documents[0], expected);
}

#[test]
fn bad_members_are_told_and_the_rest_is_kept() {
    let text = r#"{"resourceSpans":[3,{"resource":null,"scopeSpans":[{"scope":{"name":7},"spans":[
        {"traceId":"xy","name":"one"},
        {"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"two","kind":"SPAN_KIND_ODD","startTimeUnixNano":1.8e18,"endTimeUnixNano":-1,
         "status":{"code":"STATUS_CODE_ERROR","message":"m"},"links":[{"traceId":"5b"},{"spanId":"5"}],
         "attributes":[{"key":"a","value":{"intValue":1.5}},{"key":"b","value":{"doubleValue":"NaN"}},{"key":"c","value":{"doubleValue":2}},{"key":"d","value":{"intValue":"-9223372036854775808"}},
           {"key":"e","value":{"bytesValue":"!"}},7,{"key":"f","value":{"doubleValue":"-Infinity","stringValue":"no"}},{"value":{"odd":1}}]}
    ]}]}]}"#;
    let (request, wrong) = Request::read(serde_json::from_str(text).unwrap());
    expect![[r#"
        resourceSpans[] should be an object; it is a number and was left out
        scope.name should be a string; it is a number and was left out
        span one: traceId should be hexadecimal digits; it is a string and was left out
        span two: kind should be a number of a list or its name; it is a string and was left out
        span two: endTimeUnixNano should be a number of nanoseconds since 1970; it is a number and was left out
        span two: intValue should be a whole number; it is a number and was left out
        span two: bytesValue should be bytes in base 64; it is a string and was left out
        span two: attributes[] should be an object; it is a number and was left out
        span two: links[].spanId should be hexadecimal digits; it is a string and was left out"#]]
    .assert_eq(&wrong.join("\n"));
    let document: serde_json::Value = serde_json::from_str(&texts(&request)[0]).unwrap();
    assert_eq!(document["start_time"], 1_800_000_000.0);
    assert_eq!(document["annotations"], serde_json::json!({ "c": 2.0, "d": i64::MIN }));
    let default = &document["metadata"]["default"];
    assert_eq!((&default["b"], &default["f"]), (&serde_json::json!("NaN"), &serde_json::json!("-Infinity")));
}

proptest! {
    #[test]
    fn bytes_are_written_and_read_in_base_64(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
        use base64::{Engine as _, prelude::BASE64_STANDARD};
        let text = json::base64(&bytes);
        prop_assert_eq!(&text, &BASE64_STANDARD.encode(&bytes));
        prop_assert_eq!(json::from_base64(&text), Some(bytes));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for request in [Request::from_protobuf(&bytes), Request::from_json(&bytes)].into_iter().flatten() {
            request.documents().for_each(drop);
        }
    }

    #[test]
    fn every_document_is_acceptable(
        name in ".*", kind in -1_i32..7, start in any::<u64>(), end in any::<u64>(), id in any::<u64>(), parent in any::<u64>(),
        keys in prop::collection::vec((".{0,20}", ".{0,300}"), 0..60)
    ) {
        let pair = |(key, text): (String, String)| KeyValue { key, value: Some(AnyValue { value: Some(Value::String(text)) }) };
        let span = Span {
            trace_id: vec![7; 16], span_id: id.to_be_bytes().to_vec(), parent_span_id: parent.to_be_bytes().to_vec(), name, kind,
            start_time_unix_nano: start, end_time_unix_nano: end, attributes: keys.into_iter().map(pair).collect(),
            ..Span::default()
        };
        let scope_spans = vec![ScopeSpans { scope: None, spans: vec![span] }];
        let request = Request { resource_spans: vec![ResourceSpans { resource: None, scope_spans }] };
        for text in request.documents().flatten().flat_map(|mapped| mapped.documents) {
            let checked = model::document::check(&text);
            prop_assert!(checked.is_ok(), "{text}: {:?}", checked.err());
        }
    }
}

/// What the fuzz target found on its way, replayed: a line the bytes of a case, in base 64.
#[test]
fn corpus() {
    for line in include_str!("../corpus/request.txt").lines() {
        noise::request(&base64::Engine::decode(&base64::prelude::BASE64_STANDARD, line).unwrap());
    }
}

#[test]
fn ids_are_kept() {
    let document: serde_json::Value = serde_json::from_str(&texts(&request(r#""name":"x","kind":2"#))[0]).unwrap();
    let id: TraceId = document["trace_id"].as_str().unwrap().parse().unwrap();
    assert_eq!(id.w3c(), TRACE);
}
