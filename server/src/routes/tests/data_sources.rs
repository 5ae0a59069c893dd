//! Data sources that are made and changed through the routes, in front of X-Rays that answer by operation.

use serde_json::json;

use super::*;
use crate::{
    data_source::{AwsChoice, Origins},
    state::{Database, Vault},
};

/// An X-Ray that answers each operation (the path) in its own way, and its address as an endpoint.
async fn by_path(answer: impl Fn(&str) -> (u16, Value) + Clone + Send + Sync + 'static) -> String {
    let router = Router::new().fallback(move |request: Request<Body>| {
        let (status, body) = answer(request.uri().path());
        async move { Response::builder().status(status).body(Body::from(body.to_string())).unwrap() }
    });
    let listener = tokio::net::TcpListener::bind(free()).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

/// An account with one old trace, whose service has this name.
async fn account(name: &'static str) -> String {
    let document = json!({"trace_id": OLD, "id": "0000000000000001", "name": name, "start_time": 1.0, "end_time": 2.0});
    let segment = json!({"Id": "0000000000000001", "Document": document.to_string()});
    by_path(move |path| {
        let body = match path {
            "/TraceSummaries" => json!({"TraceSummaries": [{"Id": OLD, "EntryPoint": {"Name": name}}]}),
            "/ServiceGraph" => json!({"Services": [{"ReferenceId": 0, "Name": name, "Edges": []}]}),
            "/Traces" => json!({"Traces": [{"Id": OLD, "Segments": [segment]}], "UnprocessedTraceIds": []}),
            _ => json!({}),
        };
        (200, body)
    })
    .await
}

const OLD: &str = "1-00000001-000000000000000000000001";

/// A server that has no source but those that are made in the page.
async fn empty() -> Server {
    let sources = DataSources::only_local(None).await.unwrap();
    let state = AppState::new(sources, Vec::new(), None, None, false);
    Server(router(state, Guard { own_page: true, ..Guard::default() }))
}

fn prod(endpoint: &str) -> Value {
    json!({"name": "prod", "settings": {"auth": "keys", "default_region": "eu-west-1", "endpoint": endpoint},
        "secrets": {"access_key": "AKID", "secret_key": "planted"}})
}

impl Server {
    async fn put(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("host", "localhost").header("content-type", "application/json");
        let response = self.send(request.body(Body::from(body.to_string())).unwrap()).await;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}

#[tokio::test]
async fn a_changed_data_source_shows_nothing_of_what_it_was() {
    let server = empty().await;
    let (one, two) = (account("first").await, account("second").await);
    let long_ago = json!({"from": "2020-01-01T00:00:00Z", "to": "2020-01-01T01:00:00Z"});
    let told = async || {
        let mut all = Vec::new();
        for kind in ["trace_list", "service_map"] {
            all.push(format!("{:?}", server.events(json!({"type": kind, "range": long_ago})).await));
        }
        let (status, trace) = server.get(&format!("/api/traces/{OLD}")).await;
        assert_eq!(status, 200, "{trace}");
        all.push(trace["texts"].to_string());
        let (status, span) = server.get(&format!("/api/traces/{OLD}/spans/0000000000000001")).await;
        assert_eq!(status, 200, "{span}");
        all.push(span["document"].to_string());
        (all, trace["cached"].clone())
    };
    assert_eq!(server.put("POST", "/api/data-sources", prod(&one)).await.0, 200);
    assert_eq!(told().await.1, Value::Null);
    let (all, cached) = told().await;
    assert!(all.iter().all(|text| text.contains("first")), "{all:?}");
    assert_ne!(cached, Value::Null, "what is over is kept");
    assert_eq!(server.put("PUT", "/api/data-sources/prod", prod(&two)).await.0, 200);
    let (all, cached) = told().await;
    assert!(all.iter().all(|text| text.contains("second") && !text.contains("first")), "{all:?}");
    assert_eq!(cached, Value::Null);
    // One that is deleted and made again is another one.
    assert_eq!(server.put("DELETE", "/api/data-sources/prod", Value::Null).await.0, 200);
    assert_eq!(server.put("POST", "/api/data-sources", prod(&one)).await.0, 200);
    let (all, _) = told().await;
    assert!(all.iter().all(|text| text.contains("first") && !text.contains("second")), "{all:?}");
}

#[tokio::test]
async fn the_first_one_is_the_default_and_does_not_say_so() {
    let server = empty().await;
    let (status, told) = server.put("POST", "/api/data-sources", prod("")).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!((&told["list"][0]["is_default"], &told["list"][0]["says_default"]), (&json!(true), &json!(false)));
    let mut second = prod("");
    (second["name"], second["is_default"]) = (json!("second"), json!(true));
    let (_, told) = server.put("POST", "/api/data-sources", second).await;
    let list = told["list"].as_array().unwrap();
    let told_of = |name: &str| {
        let one = list.iter().find(|one| one["name"] == name).unwrap();
        (one["is_default"].clone(), one["says_default"].clone())
    };
    assert_eq!(told_of("prod"), (json!(false), json!(false)));
    assert_eq!(told_of("second"), (json!(true), json!(true)));
    assert!(told["notes"][0].as_str().unwrap().contains("only until Roentgen ends"), "nothing is kept: {told}");
}

#[tokio::test]
async fn one_whose_secrets_cannot_be_read_takes_another_way_without_them() {
    let folder = tempfile::tempdir().unwrap();
    // Each start has another key.
    let start = async || {
        let database = Database::open(Some(folder.path())).await.unwrap();
        let origins = Origins {
            local: None,
            aws: AwsChoice::default(),
            provisioning: None,
            database,
            vault: Vault::ephemeral(),
            call_timeout: Duration::from_secs(1),
        };
        let state = AppState::new(DataSources::new(origins).await.unwrap(), Vec::new(), None, None, false);
        Server(router(state, Guard { own_page: true, ..Guard::default() }))
    };
    assert_eq!(start().await.put("POST", "/api/data-sources", prod("")).await.0, 200);
    let server = start().await;
    let (_, told) = server.get("/api/data-sources").await;
    assert_eq!(told["notes"], json!([]), "it is kept");
    assert!(told["list"][0]["problem"].as_str().unwrap().starts_with("secret unreadable"), "{told}");
    let path = "/api/data-sources/prod";
    let keys = json!({"name": "prod", "settings": {"auth": "keys", "default_region": "us-east-1"}});
    let (status, refused) = server.put("PUT", path, keys).await;
    assert!(status == 400 && refused["message"].as_str().unwrap().contains("choose another way"), "{refused}");
    let role = json!({"name": "prod", "settings": {"auth": "role", "default_region": "us-east-1"}});
    let (status, told) = server.put("PUT", path, role).await;
    assert_eq!((status, &told["list"][0]["problem"]), (200, &Value::Null), "{told}");
    assert_eq!(told["list"][0]["secrets"], json!([]));
}

#[tokio::test]
async fn a_search_that_may_not_be_made_is_told_apart_from_one_that_finds_nothing() {
    let denied = || (403, json!({"__type": "AccessDeniedException", "message": "not authorized"}));
    let document =
        json!({"trace_id": OLD, "id": "0000000000000001", "name": "far", "start_time": 1.0, "end_time": 2.0});
    let spans = json!([{"Id": "0000000000000001", "Document": document.to_string()}]);
    let found = json!({"RetrievalStatus": "COMPLETE", "Traces": [{"Id": OLD, "Spans": spans}]});
    let nothing = json!({"RetrievalStatus": "COMPLETE", "Traces": []});
    let started = || (200, json!({"RetrievalToken": "t"}));
    for (start, list, message, rows) in [
        (denied(), (200, nothing.clone()), "not known: the permission xray:StartTraceRetrieval is missing", 0),
        (started(), denied(), "not known: the permission xray:ListRetrievedTraces is missing", 0),
        (started(), (200, json!({"RetrievalStatus": "TIMEOUT"})), "not known: the search ended as TIMEOUT", 0),
        (started(), (200, nothing), "neither has Transaction Search", 0),
        (started(), (200, found), "", 1),
    ] {
        let xray = by_path(move |path| match path {
            "/StartTraceRetrieval" => start.clone(),
            "/ListRetrievedTraces" => list.clone(),
            _ => (200, json!({"Traces": []})),
        })
        .await;
        let server = empty().await;
        assert_eq!(server.put("POST", "/api/data-sources", prod(&xray)).await.0, 200);
        let (status, told) = server.get(&format!("/api/traces/{OLD}")).await;
        assert_eq!(status, if rows == 0 { 404 } else { 200 }, "{told}");
        assert!(told["message"].as_str().unwrap_or_default().contains(message), "{told}");
        let question = json!({"type": "trace_list", "range": {"from": "now-1h", "to": "now"}, "filter": format!("{OLD}, {OLD}").replacen("001,", "002,", 1)});
        let events = server.events(question).await;
        assert_eq!(done(&events).traces, rows * 2, "{events:?}");
        let warned = format!("{:?}", events.iter().filter(|it| matches!(it, Event::Warning(_))).collect::<Vec<_>>());
        assert!(if rows == 0 { warned.contains(message) } else { warned == "[]" }, "{warned}");
    }
}
