//! `GET /api/health`: is the server ready, and which page does it serve?

use axum::Json;
use serde_json::{Value, json};

use crate::site;

pub(super) async fn health() -> Json<Value> {
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "app": site::source_hash() }))
}
