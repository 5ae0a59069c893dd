//! Insights and time series of traces that were put.

use super::*;

/// A trace of the front that calls the back; both fail or neither does.
fn pair(number: u64, second: i64, fails: bool) -> Vec<String> {
    let trace = format!("1-{second:08x}-{number:024x}");
    let flag = if fails { r#","fault":true"# } else { "" };
    let one = |id: u64, name: &str, parent: &str, from: f64, to: f64, rest: &str| {
        let (start, end) = (second as f64 + from, second as f64 + to);
        format!(
            r#"{{"trace_id":"{trace}","id":"{id:016x}","name":"{name}","start_time":{start},"end_time":{end}{parent}{flag}{rest}}}"#
        )
    };
    let (front, call, back) = (3 * number + 1, 3 * number + 2, 3 * number + 3);
    let calls = format!(
        r#","subsegments":[{{"id":"{call:016x}","name":"back","namespace":"remote","start_time":{},"end_time":{}{flag}}}]"#,
        second as f64 + 0.1,
        second as f64 + 0.4
    );
    vec![
        one(front, "front", "", 0.0, 0.5, &calls),
        one(back, "back", &format!(r#","parent_id":"{call:016x}""#), 0.15, 0.35, ""),
    ]
}

/// An hour of a trace every two seconds up to `minutes` minutes ago; of the failing minutes (counted back from that moment)
/// every second one fails.
async fn hour(service: &Service, end: i64, failing: std::ops::Range<i64>) {
    let mut batch = Vec::new();
    for number in 0..1_800_u64 {
        let second = end - 3_600 + 2 * number as i64;
        let fails = failing.contains(&((end - second) / 60)) && number % 2 == 0;
        batch.extend(pair(number, second, fails));
        if batch.len() >= 400 {
            service.put(&std::mem::take(&mut batch)).await;
        }
    }
    assert!(batch.is_empty());
}

fn now() -> i64 {
    chrono::Utc::now().timestamp() / 60 * 60
}

fn span(end: i64) -> Value {
    json!({ "StartTime": end - 7_200, "EndTime": end + 60, "GroupName": "Default" })
}

#[tokio::test]
async fn an_incident_is_an_insight_with_its_cause_its_course_and_its_end() {
    let (service, end) = (Service::lenient(), now() - 120);
    hour(&service, end, 20..28).await;
    let answer = service.ok("/InsightSummaries", span(end)).await;
    let all = answer["InsightSummaries"].as_array().unwrap();
    assert_eq!(all.len(), 1, "{answer:#}");
    let summary = &all[0];
    assert_eq!(summary["RootCauseServiceId"]["Name"], "back");
    assert_eq!((&summary["State"], &summary["Categories"]), (&json!("CLOSED"), &json!(["FAULT"])));
    let impact = &summary["ClientRequestImpactStatistics"];
    assert_eq!(
        impact["TotalCount"].as_u64(),
        Some(impact["FaultCount"].as_u64().unwrap() + impact["OkCount"].as_u64().unwrap())
    );
    assert!(impact["FaultCount"].as_u64().unwrap() > 80, "{impact}");
    let duration = summary["EndTime"].as_f64().unwrap() - summary["StartTime"].as_f64().unwrap();
    assert!((360.0..=600.0).contains(&duration), "{duration}");
    let id = summary["InsightId"].as_str().unwrap();

    let one = service.ok("/Insight", json!({ "InsightId": id })).await;
    assert_eq!(one["Insight"]["Summary"], summary["Summary"]);
    let events = service.ok("/InsightEvents", json!({ "InsightId": id, "MaxResults": 1 })).await;
    assert_eq!(events["InsightEvents"].as_array().unwrap().len(), 1);
    assert_eq!(events["InsightEvents"][0]["TopAnomalousServices"].as_array().unwrap().len(), 2);
    let rest = json!({ "InsightId": id, "NextToken": events["NextToken"] });
    assert!(!service.ok("/InsightEvents", rest).await["InsightEvents"].as_array().unwrap().is_empty());
    let graph = json!({ "InsightId": id, "StartTime": end - 3_600, "EndTime": end });
    let graph = service.ok("/InsightImpactGraph", graph).await;
    let names: Vec<&str> =
        graph["Services"].as_array().unwrap().iter().map(|it| it["Name"].as_str().unwrap()).collect();
    assert_eq!(names, ["back", "front", "front"]);

    // The states and the range choose; another time has none.
    let mut request = span(end);
    request["States"] = json!(["ACTIVE"]);
    assert_eq!(service.ok("/InsightSummaries", request).await["InsightSummaries"], json!([]));
    let request = json!({ "StartTime": end - 7_200, "EndTime": end - 3_600, "GroupName": "Default" });
    assert_eq!(service.ok("/InsightSummaries", request).await["InsightSummaries"], json!([]));
}

#[tokio::test]
async fn late_traces_change_insights_and_groups_have_their_own() {
    let (service, end) = (Service::lenient(), now() - 3_600);
    hour(&service, end, 0..0).await;
    assert_eq!(service.ok("/InsightSummaries", span(end)).await["InsightSummaries"], json!([]));
    let mut late = Vec::new();
    for number in 0..120 {
        late.extend(pair(10_000 + number, end - 1_800 + number as i64, true));
    }
    service.put(&late).await;
    assert_eq!(service.ok("/InsightSummaries", span(end)).await["InsightSummaries"].as_array().unwrap().len(), 1);
    for (name, filter) in [("backs", "service(\"back\")"), ("none", "service(\"nobody\")")] {
        let group = json!({ "GroupName": name, "FilterExpression": filter, "InsightsConfiguration": { "InsightsEnabled": true } });
        service.ok("/CreateGroup", group).await;
    }
    let of = async |name: &str| {
        let mut request = span(end);
        request["GroupName"] = json!(name);
        service.ok("/InsightSummaries", request).await["InsightSummaries"].as_array().unwrap().len()
    };
    assert_eq!((of("backs").await, of("none").await), (1, 0));
    // Strict mode has insights only where they were asked for.
    let strict = Service::strict();
    assert_eq!(strict.ok("/InsightSummaries", span(end)).await["InsightSummaries"], json!([]));
}

#[tokio::test]
async fn wrong_requests_for_insights_say_so() {
    let service = Service::lenient();
    for (path, body, code) in [
        ("/InsightSummaries", json!({ "StartTime": 0, "EndTime": 60 }), "InvalidRequestException"),
        (
            "/InsightSummaries",
            json!({ "StartTime": 0, "EndTime": 60, "GroupName": "nobody" }),
            "InvalidRequestException",
        ),
        (
            "/InsightSummaries",
            json!({ "StartTime": 0, "EndTime": 60, "GroupName": "Default", "States": ["A"] }),
            "ValidationException",
        ),
        (
            "/InsightSummaries",
            json!({ "StartTime": 0, "EndTime": 60, "GroupName": "Default", "MaxResults": 0 }),
            "ValidationException",
        ),
        ("/InsightSummaries", json!({ "EndTime": 60, "GroupName": "Default" }), "ValidationException"),
        ("/Insight", json!({}), "ValidationException"),
        ("/Insight", json!({ "InsightId": "x" }), "InvalidRequestException"),
        ("/InsightEvents", json!({ "InsightId": "00000000-0000-0000-0000-000000000000" }), "InvalidRequestException"),
        ("/InsightImpactGraph", json!({ "InsightId": "x", "StartTime": 1, "EndTime": 60 }), "InvalidRequestException"),
    ] {
        let (status, found, answer) = service.ask(path, &body.to_string()).await;
        assert_eq!((status, found.as_str()), (400, code), "{path} {body}: {answer}");
    }
}

/// The points of a series, newest first, as (minutes before the end, statistics).
async fn series(service: &Service, end: i64, more: Value) -> Vec<(i64, Value)> {
    let mut request = json!({ "StartTime": end - 3_600, "EndTime": end + 61 });
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let answer = service.ok("/TimeSeriesServiceStatistics", request).await;
    let points = answer["TimeSeriesServiceStatistics"].as_array().unwrap().clone();
    points.into_iter().map(|point| ((end - point["Timestamp"].as_f64().unwrap() as i64) / 60, point)).collect()
}

#[tokio::test]
async fn a_series_has_a_point_for_each_period() {
    let (service, end) = (Service::lenient(), now() / 300 * 300 - 3_600);
    hour(&service, end, 10..20).await;
    let points = series(&service, end, json!({})).await;
    let stamps: Vec<i64> = points.iter().map(|(minute, _)| *minute).collect();
    assert_eq!(stamps, (0..60).collect::<Vec<_>>(), "newest first, at the ends of minutes");
    let newest = &points[0].1;
    assert_eq!(newest["EdgeSummaryStatistics"]["TotalCount"], 30);
    assert_eq!(newest["ServiceSummaryStatistics"], Value::Null);
    assert_eq!(newest["ResponseTimeHistogram"], json!([{ "Value": 0.5, "Count": 30 }]));
    assert_eq!(points[15].1["EdgeSummaryStatistics"]["FaultStatistics"]["TotalCount"], 15);
    // Five minutes add up to what their minutes have.
    let long = series(&service, end, json!({ "Period": 300 })).await;
    assert_eq!(long.iter().map(|(minute, _)| *minute).collect::<Vec<_>>(), (0..60).step_by(5).collect::<Vec<_>>());
    assert!(long.iter().all(|(_, point)| point["EdgeSummaryStatistics"]["TotalCount"] == 150));
    // A service, a call, and one that is not there.
    let of = async |selector: &str| series(&service, end, json!({ "EntitySelectorExpression": selector })).await;
    let back = of("service(\"back\")").await;
    assert_eq!(back[0].1["ServiceSummaryStatistics"]["TotalResponseTime"], 6.0);
    assert_eq!(back[0].1["EdgeSummaryStatistics"], Value::Null);
    let edge = of("edge(\"front\", \"back\")").await;
    assert_eq!(edge[0].1["EdgeSummaryStatistics"]["TotalResponseTime"], 9.0);
    let nobody = of("service(\"nobody\")").await;
    assert_eq!((nobody.len(), &nobody[0].1["ServiceSummaryStatistics"]), (60, &Value::Null));
    // A group counts its own traces, and forecasts what one would expect.
    let group = json!({ "GroupName": "faults", "FilterExpression": "fault", "InsightsConfiguration": { "InsightsEnabled": true } });
    service.ok("/CreateGroup", group).await;
    let faults = series(&service, end, json!({ "GroupName": "faults" })).await;
    assert!(faults.len() <= 11 && faults.iter().all(|(_, point)| point["EdgeSummaryStatistics"]["OkCount"] == 0));
    let forecast = series(&service, end, json!({ "GroupName": "Default", "ForecastStatistics": true })).await;
    let high = forecast[15].1["ServiceForecastStatistics"]["FaultCountHigh"].as_u64().unwrap();
    assert!((1..=3).contains(&high), "{}", forecast[15].1);
    assert_eq!(points[15].1["ServiceForecastStatistics"], json!({}));
}

#[tokio::test]
async fn wrong_requests_for_series_say_so() {
    let service = Service::lenient();
    for (more, message) in [
        (json!({ "Period": 120 }), "Time period must be one of [60, 300]"),
        (json!({ "Period": 61 }), "Time period must be one of [60, 300]"),
        (json!({ "EntitySelectorExpression": "" }), "length greater than or equal to 1"),
        (json!({ "EntitySelectorExpression": "fault" }), "one service(…) or one edge(…, …)"),
        (json!({ "GroupName": "nobody" }), "Group not found"),
        (json!({ "ForecastStatistics": true }), "needs GroupName"),
        (json!({ "NextToken": "x" }), "Invalid token"),
    ] {
        let mut request = json!({ "StartTime": 0, "EndTime": 60 });
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, _, answer) = service.ask("/TimeSeriesServiceStatistics", &request.to_string()).await;
        assert_eq!(status, 400);
        assert!(answer.to_string().contains(message), "{more}: {answer}");
    }
}
