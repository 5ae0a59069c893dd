//! The graphs of services that the service answers.

use std::fmt::Write as _;

use expect_test::expect;
use serde_json::{Value, json};

use super::{Service, drawn};

/// A graph as lines: nodes with their counts, and below each its edges.
fn picture(answer: &Value) -> String {
    let services = answer["Services"].as_array().unwrap();
    let name = |service: &Value| {
        let kind = service["Type"].as_str().map(|kind| format!(" ({kind})")).unwrap_or_default();
        format!("{}{kind}", service["Name"].as_str().unwrap())
    };
    let counts = |of: &Value| {
        let statistics = &of["SummaryStatistics"];
        if statistics.is_null() {
            return "–".to_owned();
        }
        let times = of["ResponseTimeHistogram"].as_array().unwrap();
        let total: u64 = times.iter().map(|entry| entry["Count"].as_u64().unwrap()).sum();
        assert_eq!(statistics["TotalCount"], total);
        format!(
            "ok {} error {} throttle {} fault {} of {total} in {} s",
            statistics["OkCount"],
            statistics["ErrorStatistics"]["OtherCount"],
            statistics["ErrorStatistics"]["ThrottleCount"],
            statistics["FaultStatistics"]["TotalCount"],
            statistics["TotalResponseTime"]
        )
    };
    let mut text = String::new();
    for (place, service) in services.iter().enumerate() {
        assert_eq!(service["ReferenceId"], place);
        let root = if service["Root"] == true { " root" } else { "" };
        writeln!(text, "{}{root} {}: {}", name(service), service["State"].as_str().unwrap(), counts(service)).unwrap();
        for edge in service["Edges"].as_array().unwrap() {
            let target = &services[edge["ReferenceId"].as_u64().unwrap() as usize];
            let kind = edge["EdgeType"].as_str().unwrap_or("→");
            writeln!(text, "  {kind} {}: {}", name(target), counts(edge)).unwrap();
        }
    }
    text
}

const DRAWING: &str = "
front 0..2000 200
  back 200..1700 remote
    > back 201..1701 origin=AWS::ECS::Container 500
      database 300..800 aws throttle
";

#[tokio::test]
async fn a_window_shows_the_services_of_its_traces() {
    let service = Service::lenient();
    service.put(&fixture::documents(DRAWING)).await;
    let from = fixture::EPOCH;
    let answer = service.ok("/ServiceGraph", json!({"StartTime": from, "EndTime": from + 60})).await;
    expect![[r#"
        back (AWS::ECS::Container) active: ok 0 error 0 throttle 0 fault 1 of 1 in 1.5 s
          → database (AWS::database): ok 0 error 0 throttle 1 fault 0 of 1 in 0.5 s
        database (AWS::database) unknown: ok 0 error 0 throttle 1 fault 0 of 1 in 0.5 s
        front root active: ok 1 error 0 throttle 0 fault 0 of 1 in 2.0 s
          → back (AWS::ECS::Container): ok 1 error 0 throttle 0 fault 0 of 1 in 1.5 s
        front (client) unknown: –
          → front: ok 1 error 0 throttle 0 fault 0 of 1 in 2.0 s
    "#]]
    .assert_eq(&picture(&answer));
    assert_eq!(
        (answer["StartTime"].as_f64(), answer["EndTime"].as_f64()),
        (Some(from as f64), Some(from as f64 + 1.0))
    );
    assert_eq!(
        answer["Services"][2]["Edges"][0]["Aliases"],
        json!([{"Name": "back", "Names": ["back"], "Type": "remote"}])
    );
    let empty = service.ok("/ServiceGraph", json!({"StartTime": from + 60, "EndTime": from + 90})).await;
    assert_eq!((&empty["Services"], &empty["StartTime"]), (&json!([]), &json!((from + 60) as f64)));
}

#[tokio::test]
async fn a_trace_has_the_same_graph_without_times() {
    let service = Service::strict();
    service.put(&fixture::documents(DRAWING)).await;
    let answer = service.ok("/TraceGraph", json!({"TraceIds": [drawn()]})).await;
    assert_eq!(picture(&answer).lines().count(), 7);
    assert!(answer["Services"][0]["StartTime"].is_null());
    let ids = json!({"TraceIds": [drawn(), drawn()]});
    let (status, _, refused) = service.ask("/TraceGraph", &ids.to_string()).await;
    assert_eq!((status, &refused["Message"]), (400, &json!("Currently only one trace Id is supported")));
    assert_eq!(Service::lenient().ask("/TraceGraph", &ids.to_string()).await.0, 400);
}

#[tokio::test]
async fn a_consumer_hangs_on_its_queue_by_a_link() {
    let service = Service::lenient();
    let sent = fixture::documents("front 0..90\n  SQS 10..15 aws op=SendMessage queue=https://sqs/orders");
    let received: Vec<String> = fixture::documents("worker 500..600 link=2 id=77");
    // The same id would make one trace of both.
    let other = drawn().replace("000000000001", "000000000002");
    let received: Vec<String> = received
        .iter()
        .map(|document| {
            let mut value: Value = serde_json::from_str(document).unwrap();
            value["trace_id"] = json!(other);
            value.to_string()
        })
        .collect();
    service.put(&sent).await;
    service.put(&received).await;
    let from = fixture::EPOCH;
    let answer = service.ok("/ServiceGraph", json!({"StartTime": from, "EndTime": from + 60})).await;
    let text = picture(&answer);
    assert!(text.contains("https://sqs/orders (AWS::SQS::Queue) unknown: ok 1 error 0 throttle 0 fault 0 of 1 in 0.005 s\n  link worker: –"), "{text}");
    let age = answer["Services"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|node| node["Edges"][0].get("ReceivedEventAgeHistogram"));
    assert_eq!(age, Some(&json!([{"Value": 0.485, "Count": 1}])));
}

#[tokio::test]
async fn a_map_of_thousands_of_traces_is_the_sum_of_all() {
    let service = Service::lenient();
    for trace in 1..=3000_u32 {
        let document = fixture::documents("front 0..90 200").remove(0);
        let id = format!("1-6b49d200-{trace:024x}");
        service.put(&[document.replace(&drawn(), &id)]).await;
    }
    let from = fixture::EPOCH;
    let answer = service.ok("/ServiceGraph", json!({"StartTime": from, "EndTime": from + 60})).await;
    assert_eq!(answer["Services"][0]["SummaryStatistics"]["TotalCount"], 3000);
}
