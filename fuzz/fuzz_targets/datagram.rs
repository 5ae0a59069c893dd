//! Any datagram is taken or refused.
#![no_main]

#[path = "../../crates/local-xray/src/tests/noise.rs"]
#[expect(dead_code, reason = "another target uses the rest")]
mod noise;

use local_xray::{Config, Engine, router};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| noise::datagram(bytes));
