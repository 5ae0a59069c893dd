//! Stories from end to end: the real binary, real SDKs, a real browser.
//!
//! `cargo xtask test` builds what they need and names it in `ROENTGEN_BIN`.
#![expect(clippy::unwrap_used, reason = "a story that cannot go on says so by panicking")]

mod browser;
mod crash;
mod data_sources;
mod details;
mod durable;
mod fault_proxy;
mod files;
mod filters;
mod harness;
mod load;
mod map;
mod pipeline;
mod python;
mod segments;
mod stories;
mod sts;
mod trace;
mod waterfall;
