//! `cargo xtask crash-test`: kills the process at many moments under load and looks at what is left.

#[path = "../it/crash.rs"]
mod crash;
#[path = "../it/harness.rs"]
#[expect(dead_code, reason = "the stories use more of it")]
mod harness;

fn main() {
    let rounds = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(200);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(crash::rounds(rounds));
}
