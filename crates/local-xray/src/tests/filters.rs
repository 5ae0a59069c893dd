//! Filter expressions as the service answers them.

use serde_json::json;

use super::Service;

#[tokio::test]
async fn a_filter_leaves_the_traces_that_it_means() {
    let service = Service::lenient();
    let drawings = [
        (
            1,
            "front 0..2000 GET /cart 200 user=alice @tier=gold\n  payment 10..90 remote fault\n    > payment 11..89 500",
        ),
        (2, "front 0..100 GET /cart 200 user=bob"),
        (3, "front 0..6000 POST /checkout 503 user=bob @tier=silver"),
    ];
    for (number, drawing) in drawings {
        let id = format!("1-6b49d200-{number:024x}");
        let documents = fixture::documents(drawing);
        service.put(&documents.iter().map(|text| text.replace(&super::drawn(), &id)).collect::<Vec<_>>()).await;
    }
    for (filter, expected) in [
        ("", &[1_u8, 2, 3][..]),
        ("fault", &[3]),
        (r#"service("payment") { fault = true }"#, &[1]),
        (r#"service(id(name: "payment")) { ok = true }"#, &[]),
        (r#"edge("front", "payment")"#, &[1]),
        ("responsetime > 1", &[1, 3]),
        (r#"annotation.tier = "gold" OR user = "bob""#, &[1, 2, 3]),
        (r#"http.url CONTAINS "cart" AND !(responsetime > 1)"#, &[2]),
    ] {
        let range = json!({"StartTime": fixture::EPOCH, "EndTime": fixture::EPOCH + 60, "FilterExpression": filter});
        let answer = service.ok("/TraceSummaries", range).await;
        let mut found: Vec<u8> = answer["TraceSummaries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["Id"].as_str().unwrap().as_bytes()[34] - b'0')
            .collect();
        found.sort_unstable();
        assert_eq!((found.as_slice(), &answer["TracesProcessedCount"]), (expected, &json!(3)), "{filter}");
    }
}
