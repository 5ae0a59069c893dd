//! The command `roentgen`.

use std::process::ExitCode;

use server::{config::Config, start};

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
