//! Any text is a document or is refused.
#![no_main]

#[path = "../../crates/store/src/tests/noise.rs"]
mod noise;

use store::{Digest, Document};

libfuzzer_sys::fuzz_target!(|text: &str| noise::document(text));
