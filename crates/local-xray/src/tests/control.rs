//! What people set: sampling rules, targets, encryption, tags; and that it outlives the process.

use super::*;

fn rule(name: &str, more: &Value) -> Value {
    let mut rule = json!({
        "RuleName": name, "ResourceARN": "*", "Priority": 5, "FixedRate": 0.25, "ReservoirSize": 10, "ServiceName": "*",
        "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "/api/*", "Version": 1
    });
    rule.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!({ "SamplingRule": rule })
}

fn report(rule: &str, client: u32, requests: u32) -> Value {
    json!({
        "RuleName": rule, "ClientID": format!("{client:024x}"), "Timestamp": 1, "RequestCount": requests,
        "SampledCount": 1, "BorrowCount": 1
    })
}

async fn refused(service: &Service, path: &str, body: Value) -> String {
    let (status, code, answer) = service.ask(path, &body.to_string()).await;
    assert!((400..500).contains(&status), "{path} {body}: {answer}");
    let text = answer["Message"].as_str().or(answer["message"].as_str()).unwrap();
    format!("{status} {code}: {text}")
}

#[tokio::test]
async fn rules_are_made_changed_ordered_and_deleted() {
    let service = Service::lenient();
    service.ok("/CreateSamplingRule", rule("second", &json!({ "Priority": 9 }))).await;
    let made = service.ok("/CreateSamplingRule", rule("first", &json!({ "Attributes": { "tier": "gold" } }))).await;
    assert_eq!(made["SamplingRuleRecord"]["SamplingRule"]["Attributes"], json!({ "tier": "gold" }));
    let listed = service.ok("/GetSamplingRules", json!({})).await;
    let names: Vec<&str> = listed["SamplingRuleRecords"]
        .as_array()
        .unwrap()
        .iter()
        .map(|record| record["SamplingRule"]["RuleName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["first", "second", "Default"]);
    let arn = made["SamplingRuleRecord"]["SamplingRule"]["RuleARN"].clone();
    let update = json!({ "SamplingRuleUpdate": { "RuleARN": arn, "FixedRate": 0.75 } });
    let changed = service.ok("/UpdateSamplingRule", update).await["SamplingRuleRecord"].clone();
    assert_eq!(changed["SamplingRule"]["FixedRate"], 0.75);
    assert_eq!(changed["SamplingRule"]["URLPath"], "/api/*", "what is not given stays");
    assert!(changed["ModifiedAt"].as_f64().unwrap() >= made["SamplingRuleRecord"]["CreatedAt"].as_f64().unwrap());
    let update = json!({ "SamplingRuleUpdate": { "RuleName": "Default", "ReservoirSize": 3, "FixedRate": 0.5 } });
    service.ok("/UpdateSamplingRule", update).await;
    service.ok("/DeleteSamplingRule", json!({ "RuleName": "second" })).await;
    let listed = service.ok("/GetSamplingRules", json!({})).await["SamplingRuleRecords"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[1]["SamplingRule"]["ReservoirSize"], 3);
}

#[tokio::test]
async fn wrong_rules_say_so() {
    let service = Service::strict();
    service.ok("/CreateSamplingRule", rule("there", &json!({}))).await;
    let mut said = String::new();
    for (path, body) in [
        ("/CreateSamplingRule", json!({})),
        ("/CreateSamplingRule", json!({ "SamplingRule": { "Priority": 1 } })),
        ("/CreateSamplingRule", rule("there", &json!({}))),
        ("/CreateSamplingRule", rule("Default", &json!({}))),
        ("/CreateSamplingRule", rule("a", &json!({ "Priority": 0 }))),
        ("/CreateSamplingRule", rule("a", &json!({ "FixedRate": 1.5 }))),
        ("/CreateSamplingRule", rule("a", &json!({ "ReservoirSize": -1 }))),
        ("/CreateSamplingRule", rule("a", &json!({ "Version": 2 }))),
        ("/CreateSamplingRule", rule("a", &json!({ "Host": "h".repeat(65) }))),
        ("/CreateSamplingRule", rule("a", &json!({ "ServiceName": null }))),
        ("/UpdateSamplingRule", json!({ "SamplingRuleUpdate": { "FixedRate": 1 } })),
        ("/UpdateSamplingRule", json!({ "SamplingRuleUpdate": { "RuleName": "nobody" } })),
        ("/UpdateSamplingRule", json!({ "SamplingRuleUpdate": { "RuleName": "Default", "Host": "x" } })),
        ("/DeleteSamplingRule", json!({})),
        ("/DeleteSamplingRule", json!({ "RuleName": "nobody" })),
        ("/DeleteSamplingRule", json!({ "RuleName": "Default" })),
    ] {
        let line = refused(&service, path, body).await;
        writeln!(said, "{line}").unwrap();
    }
    expect![[r#"
        400 ValidationException: 1 validation error detected: Value null at 'samplingRule' failed to satisfy constraint: Member must not be null
        400 InvalidRequestException: Request must contain either sampling rule name or sampling rule ARN
        400 InvalidRequestException: The sampling rule there exists already
        400 InvalidRequestException: The sampling rule Default exists already
        400 ValidationException: 1 validation error detected: Value '0' at 'priority' failed to satisfy constraint: Member must be between 1 and 9999
        400 ValidationException: 1 validation error detected: Value '1.5' at 'fixedRate' failed to satisfy constraint: Member must be between 0 and 1
        400 ValidationException: 1 validation error detected: Value '-1' at 'reservoirSize' failed to satisfy constraint: Member must be 0 or more
        400 ValidationException: 1 validation error detected: Value '2' at 'version' failed to satisfy constraint: Member must be 1
        400 ValidationException: 1 validation error detected: Value at 'host' failed to satisfy constraint: Member must have 1 to 64 letters
        400 ValidationException: 1 validation error detected: Value null at 'samplingRule.serviceName' failed to satisfy constraint: Member must not be null
        400 InvalidRequestException: Request must contain either sampling rule name or sampling rule ARN
        400 InvalidRequestException: Sampling rule does not exist
        400 InvalidRequestException: Only FixedRate and ReservoirSize of the default rule can be changed
        400 InvalidRequestException: Request must contain either sampling rule name or sampling rule ARN
        400 InvalidRequestException: Sampling rule does not exist
        400 InvalidRequestException: The default rule cannot be deleted
    "#]]
    .assert_eq(&said);
    for number in 0..24 {
        service.ok("/CreateSamplingRule", rule(&format!("r{number}"), &json!({}))).await;
    }
    let line = refused(&service, "/CreateSamplingRule", rule("one-more", &json!({}))).await;
    assert_eq!(line, "400 RuleLimitExceededException: There are 25 sampling rules already");
}

#[tokio::test]
async fn clients_share_a_reservoir_fairly_and_are_counted() {
    let service = Service::strict();
    service
        .ok(
            "/CreateSamplingRule",
            rule("api", &json!({ "SamplingRateBoost": { "MaxRate": 0.9, "CooldownWindowMinutes": 1 } })),
        )
        .await;
    let poll = async |client: u32| {
        let body = json!({ "SamplingStatisticsDocuments": [report("api", client, 7)] });
        service.ok("/SamplingTargets", body).await["SamplingTargetDocuments"][0].clone()
    };
    for client in 0..3 {
        assert_eq!(poll(client).await["ReservoirQuota"], Value::Null, "a new client has no quota");
    }
    let mut quotas = Vec::new();
    for client in 0..3 {
        quotas.push(poll(client).await["ReservoirQuota"].as_u64().unwrap());
    }
    assert_eq!(quotas, [4, 3, 3], "together the reservoir");
    // Anomalies raise the rate for a while.
    let body = json!({
        "SamplingStatisticsDocuments": [report("api", 1, 1)],
        "SamplingBoostStatisticsDocuments": [
            { "RuleName": "api", "ServiceName": "s", "Timestamp": 1, "AnomalyCount": 3, "TotalCount": 5, "SampledAnomalyCount": 0 },
            { "RuleName": "gone", "ServiceName": "s", "Timestamp": 1, "AnomalyCount": 3, "TotalCount": 5, "SampledAnomalyCount": 0 }
        ]
    });
    let answer = service.ok("/SamplingTargets", body).await;
    assert_eq!(answer["SamplingTargetDocuments"][0]["SamplingBoost"]["BoostRate"], 0.9);
    assert_eq!(answer["UnprocessedBoostStatistics"][0]["RuleName"], "gone");
    // What is wrong is refused; lenient mode takes what it can use.
    let short = json!({ "SamplingStatisticsDocuments": [{ "RuleName": "Default", "ClientID": "x" }] });
    assert!(refused(&service, "/SamplingTargets", short.clone()).await.contains("timestamp"));
    let many =
        json!({ "SamplingStatisticsDocuments": (0..26).map(|client| report("api", client, 1)).collect::<Vec<_>>() });
    assert!(refused(&service, "/SamplingTargets", many).await.contains("less than or equal to 25"));
    assert_eq!(Service::lenient().ask("/SamplingTargets", &short.to_string()).await.0, 200);
    let summaries = service.ok("/SamplingStatisticSummaries", json!({})).await;
    assert!(summaries["SamplingStatisticSummaries"].is_array());
}

#[tokio::test]
async fn groups_and_rules_are_tagged() {
    let service = Service::lenient();
    let group = json!({ "GroupName": "g", "FilterExpression": "fault", "Tags": [{ "Key": "team", "Value": "a" }] });
    let group = service.ok("/CreateGroup", group).await["Group"]["GroupARN"].clone();
    let rule = service.ok("/CreateSamplingRule", rule("r", &json!({}))).await;
    let rule = rule["SamplingRuleRecord"]["SamplingRule"]["RuleARN"].clone();
    for arn in [&group, &rule] {
        let tags = json!([{ "Key": "stage", "Value": "" }, { "Key": "cost", "Value": "7" }]);
        service.ok("/TagResource", json!({ "ResourceARN": arn, "Tags": tags })).await;
        service.ok("/UntagResource", json!({ "ResourceARN": arn, "TagKeys": ["cost", "unknown"] })).await;
    }
    let tags = service.ok("/ListTagsForResource", json!({ "ResourceARN": group })).await["Tags"].clone();
    assert_eq!(tags, json!([{ "Key": "stage", "Value": "" }, { "Key": "team", "Value": "a" }]));
    let many: Vec<Value> = (0..51).map(|key| json!({ "Key": format!("k{key}"), "Value": "" })).collect();
    for (body, said) in [
        (json!({ "ResourceARN": "arn:x", "Tags": [] }), "404 ResourceNotFoundException"),
        (json!({ "ResourceARN": rule, "Tags": many }), "400 TooManyTagsException"),
        (json!({ "ResourceARN": rule, "Tags": [{ "Key": "AWS:x", "Value": "" }] }), "are reserved"),
        (json!({ "ResourceARN": rule, "Tags": [{ "Key": "", "Value": "" }] }), "400 ValidationException"),
        (
            json!({ "ResourceARN": rule, "Tags": [{ "Key": "a", "Value": "" }, { "Key": "a", "Value": "" }] }),
            "stands twice",
        ),
        (json!({ "ResourceARN": rule }), "Value null at 'tags'"),
        (json!({ "Tags": [] }), "Value null at 'resourceARN'"),
    ] {
        let line = refused(&service, "/TagResource", body).await;
        assert!(line.contains(said), "{line}");
    }
    assert_eq!(
        service.ok("/ListTagsForResource", json!({ "ResourceARN": rule })).await["Tags"].as_array().unwrap().len(),
        1
    );
    service.ok("/DeleteGroup", json!({ "GroupName": "g" })).await;
    assert!(refused(&service, "/ListTagsForResource", json!({ "ResourceARN": group })).await.starts_with("404"));
}

#[tokio::test]
async fn encryption_is_remembered() {
    let service = Service::lenient();
    let (status, _, answer) = service.ask("/EncryptionConfig", "").await;
    assert_eq!((status, &answer["EncryptionConfig"]["Type"]), (200, &json!("NONE")));
    let put = service.ok("/PutEncryptionConfig", json!({ "Type": "KMS", "KeyId": "alias/x" })).await;
    assert_eq!(put["EncryptionConfig"], json!({ "Type": "KMS", "KeyId": "alias/x", "Status": "ACTIVE" }));
    assert_eq!(service.ok("/EncryptionConfig", json!({})).await, put);
    assert!(refused(&service, "/PutEncryptionConfig", json!({ "Type": "KMS" })).await.contains("KeyId is needed"));
    assert!(refused(&service, "/PutEncryptionConfig", json!({ "Type": "X" })).await.contains("[NONE, KMS]"));
    assert!(refused(&service, "/PutEncryptionConfig", json!({})).await.contains("'type'"));
    service.ok("/PutEncryptionConfig", json!({ "Type": "NONE" })).await;
    assert_eq!(service.ok("/EncryptionConfig", json!({})).await["EncryptionConfig"]["KeyId"], Value::Null);
}

#[tokio::test]
async fn what_is_set_and_sent_outlives_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let open = || {
        let config = Config { folder: Some(folder.path().join("xray")), ..Config::default() };
        Engine::new(config).map(|engine| Service { engine })
    };
    let before = {
        let service = open().unwrap();
        service.put(&fixture::documents("front 0..90 GET / 200")).await;
        service.ok("/CreateGroup", json!({ "GroupName": "g", "FilterExpression": "fault" })).await;
        service.ok("/CreateSamplingRule", rule("r", &json!({}))).await;
        service.ok("/PutEncryptionConfig", json!({ "Type": "KMS", "KeyId": "k" })).await;
        assert!(open().is_err_and(|error| error.to_string().contains("another process")));
        everything(&service).await
    };
    assert_eq!(everything(&open().unwrap()).await, before);
    let settings = folder.path().join("xray/settings.json");
    std::fs::write(&settings, "{ nonsense").unwrap();
    let Err(error) = open() else { panic!("nonsense was taken for settings") };
    assert!(error.to_string().contains("settings.json cannot be read"), "{error}");
}

#[tokio::test]
async fn traces_are_retrieved_page_by_page() {
    let service = Service::lenient();
    let documents = fixture::documents("front 0..90 GET / 200\n  back 10..20 remote\n    > back 11..19");
    for number in 1..8 {
        let id = format!("1-6b49d200-{number:024x}");
        service.put(&documents.iter().map(|text| text.replace(&drawn(), &id)).collect::<Vec<_>>()).await;
    }
    let wide = fixture::wide(1, 250);
    for part in wide.chunks(50) {
        service.put(part).await;
    }
    let wide: Value = serde_json::from_str(&wide[0]).unwrap();
    let mut ids: Vec<String> = (1..9).map(|number| format!("1-6b49d200-{number:024x}")).collect();
    ids.push(wide["trace_id"].as_str().unwrap().to_owned());
    let start = json!({ "TraceIds": ids, "StartTime": 0, "EndTime": 1 });
    let token = service.ok("/StartTraceRetrieval", start).await["RetrievalToken"].clone();
    for format in ["XRAY", "OTEL"] {
        let (mut next, mut pages, mut spans, mut seen) = (Value::Null, 0, 0, std::collections::BTreeSet::new());
        loop {
            let page = json!({ "RetrievalToken": token, "TraceFormat": format, "NextToken": next });
            let page = service.ok("/ListRetrievedTraces", page).await;
            assert_eq!(page["RetrievalStatus"], "COMPLETE");
            for trace in page["Traces"].as_array().unwrap() {
                seen.insert(trace["Id"].as_str().unwrap().to_owned());
                let found = trace["Spans"].as_array().unwrap();
                assert!(found.len() <= 100);
                spans += found.len();
                for span in found {
                    let document: Value = serde_json::from_str(span["Document"].as_str().unwrap()).unwrap();
                    let id = if format == "XRAY" { &document["id"] } else { &document["spanId"] };
                    assert_eq!(*id, span["Id"]);
                }
            }
            pages += 1;
            next = page["NextToken"].clone();
            if next.is_null() {
                break;
            }
        }
        assert_eq!(seen.len(), 8, "one of them is not there");
        assert!(pages >= 2 && spans > 14, "{pages} {spans}");
    }
    let graph = service.ok("/GetRetrievedTracesGraph", json!({ "RetrievalToken": token })).await;
    assert!(graph["Services"].as_array().unwrap().iter().any(|service| service["Service"]["Name"] == "back"));
    service.ok("/CancelTraceRetrieval", json!({ "RetrievalToken": token })).await;
    let page = service.ok("/ListRetrievedTraces", json!({ "RetrievalToken": token })).await;
    assert_eq!(page["RetrievalStatus"], "CANCELLED");
    for (path, body, said) in [
        ("/ListRetrievedTraces", json!({ "RetrievalToken": "x" }), "404 ResourceNotFoundException"),
        ("/ListRetrievedTraces", json!({}), "Value null at 'retrievalToken'"),
        ("/StartTraceRetrieval", json!({ "TraceIds": [], "StartTime": 0, "EndTime": 1 }), "1 to 100 traces"),
        ("/StartTraceRetrieval", json!({ "TraceIds": ["x"], "StartTime": 0, "EndTime": 1 }), "Invalid trace id x"),
        ("/StartTraceRetrieval", json!({ "TraceIds": ["x"] }), "Value null at 'startTime'"),
    ] {
        let line = refused(&service, path, body).await;
        assert!(line.contains(said), "{line}");
    }
}

async fn everything(service: &Service) -> Vec<Value> {
    vec![
        service.ok("/Groups", json!({})).await,
        service.ok("/GetSamplingRules", json!({})).await,
        service.ok("/EncryptionConfig", json!({})).await,
        json!(service.documents(&drawn()).await),
    ]
}
