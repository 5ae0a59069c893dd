//! The known segments that stories send.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

/// Seconds since 1970, now.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs_f64()
}

/// A trace id that ends in this number.
pub(crate) fn trace_id(number: u32) -> String {
    format!("1-{:08x}-{number:024x}", now() as u64)
}

/// A healthy request of `seconds` that ended just now.
pub(crate) fn healthy(trace_id: &str, path: &str, seconds: f64) -> Value {
    let start = now() - seconds;
    json!({
        "trace_id": trace_id, "id": "00000000000000a0", "name": "shop", "start_time": start, "end_time": start + seconds,
        "origin": "AWS::ECS::Container", "user": "alice",
        "http": {"request": {"method": "GET", "url": format!("https://shop.example.com{path}"), "client_ip": "192.0.2.7"},
                 "response": {"status": 200}},
        "annotations": {"tier": "silver", "items": 0},
        "subsegments": [{"id": "00000000000000a1", "name": "render", "start_time": start + seconds * 0.5, "end_time": start + seconds * 0.9}]
    })
}

/// A slow checkout of three seconds that fails in the payment service: the documents of its two services.
pub(crate) fn failing_checkout(trace_id: &str) -> Vec<Value> {
    let start = now() - 3.0;
    let exception = json!({"id": "00000000000000e1", "type": "CardDeclined", "message": "issuer said no: code 51",
        "stack": [{"path": "payment/charge.py", "line": 42, "label": "charge"}, {"path": "payment/main.py", "line": 7, "label": "handle"}]});
    vec![
        json!({
            "trace_id": trace_id, "id": "00000000000000b0", "name": "shop", "start_time": start, "end_time": start + 3.0,
            "origin": "AWS::ECS::Container", "user": "bob", "fault": true,
            "http": {"request": {"method": "POST", "url": "https://shop.example.com/checkout?cart=7", "client_ip": "192.0.2.9"},
                     "response": {"status": 502}},
            "annotations": {"tier": "gold", "items": 3, "beta": false},
            "metadata": {"default": {"cart": {"items": [1, 2, 3], "coupon": "", "gift": false, "weight": 0}}},
            "subsegments": [
                {"id": "00000000000000b1", "name": "DynamoDB", "namespace": "aws", "start_time": start + 0.1, "end_time": start + 0.25,
                 "aws": {"operation": "GetItem", "table_name": "carts", "region": "eu-west-1", "request_id": "R1"},
                 "http": {"response": {"status": 200}}},
                {"id": "00000000000000b2", "name": "payment", "namespace": "remote", "start_time": start + 0.3, "end_time": start + 2.9, "fault": true,
                 "http": {"request": {"method": "POST", "url": "https://payment.internal/charge", "traced": true}, "response": {"status": 500}}}
            ]
        }),
        json!({
            "trace_id": trace_id, "id": "00000000000000c0", "parent_id": "00000000000000b2", "name": "payment",
            "start_time": start + 0.35, "end_time": start + 2.85, "origin": "AWS::EC2::Instance", "fault": true,
            "http": {"request": {"method": "POST", "url": "https://payment.internal/charge"}, "response": {"status": 500}},
            "subsegments": [
                {"id": "00000000000000c1", "name": "ledger@db.internal", "namespace": "remote", "start_time": start + 0.4, "end_time": start + 0.6,
                 "sql": {"sanitized_query": "SELECT balance FROM accounts WHERE id = ?", "database_type": "PostgreSQL", "url": "jdbc:postgresql://db.internal/ledger"}},
                {"id": "00000000000000c2", "name": "charge card", "start_time": start + 0.7, "end_time": start + 2.8, "fault": true,
                 "cause": {"working_directory": "/srv", "exceptions": [exception]}}
            ]
        }),
    ]
}
