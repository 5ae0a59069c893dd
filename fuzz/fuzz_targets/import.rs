//! Any bytes are a file of traces, as far as they are one.
#![no_main]

#[path = "../../crates/import/src/tests/noise.rs"]
mod noise;

use import::{Inferred, by_trace, decode, items};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| noise::file(bytes));
