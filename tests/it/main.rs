//! Stories from end to end: the real binary, real SDKs, a real browser.
//!
//! `cargo xtask test` builds what they need and names it in `ROENTGEN_BIN`.

mod browser;
mod fault_proxy;
mod harness;
mod segments;
mod stories;
