//! Any bytes are an OTLP request or are refused.
#![no_main]

#[path = "../../crates/otlp/src/tests/noise.rs"]
mod noise;

use otlp::Request;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| noise::request(bytes));
