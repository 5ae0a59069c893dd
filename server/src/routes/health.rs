//! `GET /api/health`: is the server ready, since when, and which page does it serve?

use std::{
    sync::LazyLock,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::Json;
use serde_json::{Value, json};

use crate::site;

/// When this process began to answer, in seconds since 1970: another number means another process.
pub(super) static STARTED: LazyLock<f64> =
    LazyLock::new(|| SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64()));

pub(super) async fn health() -> Json<Value> {
    let app = site::source_hash();
    Json(json!({ "status": "ok", "version": env!("CARGO_PKG_VERSION"), "app": app, "started": *STARTED }))
}
