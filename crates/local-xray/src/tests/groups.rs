//! Groups as the service keeps and uses them.

use serde_json::{Value, json};

use super::Service;

#[tokio::test]
async fn a_group_is_made_changed_used_and_deleted() {
    let service = Service::lenient();
    for (number, drawing) in
        [(1, "front 0..2000 GET / 200"), (2, "front 0..100 GET / 500"), (3, "back 0..100 GET / 200")]
    {
        let id = format!("1-6b49d200-{number:024x}");
        let documents = fixture::documents(drawing);
        service.put(&documents.iter().map(|text| text.replace(&super::drawn(), &id)).collect::<Vec<_>>()).await;
    }
    let listed = service.ok("/Groups", json!({})).await;
    assert_eq!(listed["Groups"].as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed["Groups"][0]["GroupName"], "Default");

    let made = json!({"GroupName": "slow", "FilterExpression": "responsetime > 1", "InsightsConfiguration": {"InsightsEnabled": true}});
    let made = service.ok("/CreateGroup", made).await["Group"].clone();
    let arn = made["GroupARN"].as_str().unwrap().to_owned();
    let tail = arn.strip_prefix("arn:aws:xray:local:000000000000:group/slow/").unwrap();
    assert!(tail.len() == 52 && tail.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()), "{arn}");
    assert_eq!(made["InsightsConfiguration"], json!({"InsightsEnabled": true, "NotificationsEnabled": false}));
    assert_eq!(service.ok("/GetGroup", json!({"GroupARN": arn})).await["Group"], made);

    let range = |more: Value| {
        let mut request = json!({"StartTime": fixture::EPOCH, "EndTime": fixture::EPOCH + 60});
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request
    };
    let found = async |filter: &str| {
        let answer = service.ok("/TraceSummaries", range(json!({"FilterExpression": filter}))).await;
        answer["TraceSummaries"].as_array().unwrap().len()
    };
    assert_eq!(found("group.name = \"slow\"").await, 1);
    assert_eq!(found("group.name = \"slow\" OR fault").await, 2);
    assert_eq!(found("group.name = \"nobody\"").await, 0);
    let graph = service.ok("/ServiceGraph", range(json!({"GroupName": "slow"}))).await;
    let names = |graph: &Value| {
        let services = graph["Services"].as_array().unwrap().iter();
        let mut names: Vec<String> = services.map(|service| service["Name"].as_str().unwrap().to_owned()).collect();
        names.sort_unstable();
        names.dedup();
        names
    };
    assert_eq!(names(&graph), ["front"]);
    let whole = service.ok("/ServiceGraph", range(json!({"GroupName": "Default"}))).await;
    assert_eq!(names(&whole), ["back", "front"]);

    let changed = json!({"GroupName": "slow", "FilterExpression": "service(\"back\")"});
    assert_eq!(service.ok("/UpdateGroup", changed).await["Group"]["FilterExpression"], "service(\"back\")");
    assert_eq!(names(&service.ok("/ServiceGraph", range(json!({"GroupARN": arn}))).await), ["back"]);
    service
        .ok("/UpdateGroup", json!({"GroupName": "Default", "InsightsConfiguration": {"InsightsEnabled": true}}))
        .await;
    let default = service.ok("/GetGroup", json!({"GroupName": "Default"})).await;
    assert_eq!(default["Group"]["InsightsConfiguration"]["InsightsEnabled"], true);

    assert_eq!(service.ok("/DeleteGroup", json!({"GroupName": "slow"})).await, json!({}));
    assert_eq!(service.ok("/Groups", json!({})).await["Groups"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn wrong_group_requests_are_refused_in_the_service_s_words() {
    let service = Service::lenient();
    service.ok("/CreateGroup", json!({"GroupName": "slow", "FilterExpression": "responsetime > 1"})).await;
    for (path, body, message) in [
        ("/CreateGroup", json!({"GroupName": "slow", "FilterExpression": "ok"}), "slow already exists"),
        ("/CreateGroup", json!({"GroupName": "Default", "FilterExpression": "ok"}), "Default already exists"),
        ("/CreateGroup", json!({"GroupName": "new"}), "Filter Expression is empty"),
        ("/CreateGroup", json!({"GroupName": "a b", "FilterExpression": "ok"}), "letters, digits and hyphens"),
        ("/CreateGroup", json!({"GroupName": "new", "FilterExpression": "ok AND"}), "at position 4"),
        ("/CreateGroup", json!({"GroupName": "new", "FilterExpression": "group.name = \"new\""}), "asks for itself"),
        (
            "/CreateGroup",
            json!({"GroupName": "new", "FilterExpression": "ok", "InsightsConfiguration": {"NotificationsEnabled": true}}),
            "NotificationsEnabled needs InsightsEnabled",
        ),
        ("/UpdateGroup", json!({"GroupName": "slow"}), "Filter Expression is empty"),
        ("/UpdateGroup", json!({"GroupName": "slow", "FilterExpression": "group.name = \"slow\""}), "asks for itself"),
        ("/UpdateGroup", json!({"GroupName": "Default", "FilterExpression": "ok"}), "cannot be changed"),
        ("/GetGroup", json!({}), "Provide either GroupName or GroupARN"),
        ("/GetGroup", json!({"GroupName": "slow", "GroupARN": "x"}), "Provide either GroupName or GroupARN"),
        ("/GetGroup", json!({"GroupName": "nobody"}), "Group not found"),
        ("/DeleteGroup", json!({"GroupName": "nobody"}), "Group not found"),
        ("/DeleteGroup", json!({"GroupName": "Default"}), "cannot be deleted"),
    ] {
        let (status, _, answer) = service.ask(path, &body.to_string()).await;
        assert_eq!(
            (status, answer["__type"].as_str()),
            (400, Some("InvalidRequestException")),
            "{path} {body} {answer}"
        );
        assert!(answer["Message"].as_str().unwrap().contains(message), "{path} {body} {answer}");
    }
    let slow = service.ok("/GetGroup", json!({"GroupName": "slow"})).await;
    assert_eq!(slow["Group"]["FilterExpression"], "responsetime > 1", "what was refused changed nothing");
}
