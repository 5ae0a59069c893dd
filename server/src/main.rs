//! The command `roentgen`.

use std::process::ExitCode;

use server::{config::Config, start};

/// A trace of 100,000 spans is a million small allocations; glibc spends a third of the time on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let config = Config::read();
    match start::run(config) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("roentgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}
