//! Any text is read, and what is wrong with it is told at places that exist.
#![no_main]

#[path = "../../crates/filter/src/tests/properties.rs"]
#[expect(dead_code, reason = "the other targets use the rest")]
mod properties;

use filter::{Filter, Group, MOST_PROBLEMS, Mode, Problem, Selector, Sketch, compile, compile_selector};

libfuzzer_sys::fuzz_target!(|text: &str| properties::parse(text));
