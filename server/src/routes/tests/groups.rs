//! Groups through the server, in front of a real local X-Ray.

use serde_json::json;

use super::*;

#[tokio::test]
async fn groups_are_made_changed_and_deleted() {
    let server = holding(&[]).await;
    let change = async |body: Value| {
        let request =
            Request::post("/api/groups").header("host", "localhost").header("content-type", "application/json");
        let response = server.send(request.body(Body::from(body.to_string())).unwrap()).await;
        let status = response.status().as_u16();
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice::<Value>(&bytes).unwrap())
    };
    let names = |groups: &Value| {
        let names = groups.as_array().unwrap().iter().map(|group| group["name"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    let (status, listed) = server.get("/api/groups").await;
    assert_eq!((status, names(&listed)), (200, vec!["Default".to_owned()]));
    let (status, made) = change(json!({"create": {"name": "slow", "expression": "responsetime > 1"}})).await;
    assert_eq!((status, names(&made)), (200, vec!["Default".to_owned(), "slow".to_owned()]));
    assert_eq!(made[1]["expression"], "responsetime > 1");
    let (_, changed) = change(json!({"update": {"name": "slow", "expression": "responsetime > 2"}})).await;
    assert_eq!(changed[1]["expression"], "responsetime > 2");

    let (status, failure) = change(json!({"update": {"name": "slow", "expression": "responsetime >"}})).await;
    assert_eq!((status, failure["aws"]["operation"].as_str()), (502, Some("UpdateGroup")), "{failure}");
    assert!(failure["aws"]["message"].as_str().unwrap().contains("at position"), "{failure}");
    let (status, failure) = change(json!({"rename": {"name": "slow"}})).await;
    assert_eq!((status, failure["code"].as_str()), (400, Some("bad_request")), "{failure}");

    let (_, left) = change(json!({"delete": {"name": "slow"}})).await;
    assert_eq!(names(&left), ["Default"]);
}

#[tokio::test]
async fn a_foreign_page_changes_no_group() {
    let server = holding(&[]).await;
    let request = Request::post("/api/groups").header("host", "localhost").header("origin", "http://evil.example.com");
    let request = request.header("content-type", "application/json");
    let body = json!({"create": {"name": "slow", "expression": "ok"}}).to_string();
    assert_eq!(server.send(request.body(Body::from(body)).unwrap()).await.status(), 403);
    assert_eq!(server.get("/api/groups").await.1.as_array().unwrap().len(), 1);
}
