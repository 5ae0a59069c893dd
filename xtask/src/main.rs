//! Roentgen's build tool: `cargo xtask serve`, `test`, `dist`, `screenshots`, `bench`.
//!
//! One command each, in a file of its own: [`serve`] (and [`watch`]), [`site`], [`dist`], [`mod@test`], [`screenshots`], [`benches`]. The repository's rules
//! that a machine can check are [`rooms`], [`tidy`], [`words`] and [`licences`]: steps of `cargo xtask test`, and unit
//! tests as well. [`run`] starts other programs, [`tools`] and [`wasm_target`] see to what must be installed.

mod benches;
mod crash_test;
mod dist;
mod licences;
mod rooms;
mod run;
mod screenshots;
mod serve;
mod site;
mod test;
mod tidy;
mod tools;
mod wasm_target;
mod watch;
mod words;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Builds, serves and tests Roentgen.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", max_term_width = 110)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build page and server, and serve; Ctrl-C ends it.
    Serve(serve::Args),
    /// Build the page alone, into target/site.
    Site {
        /// Build fast instead of small.
        #[arg(long)]
        dev: bool,
    },
    /// Make one self-contained binary, target/dist/roentgen.
    Dist,
    /// Run every check and every test.
    Test(test::Args),
    /// Take pictures of every page from demo data, into target/screenshots.
    Screenshots,
    /// Kill the server again and again under load, and check that nothing is lost.
    CrashTest(crash_test::Args),
    /// Measure speed and size, as ratios where it is speed.
    Bench(benches::Args),
}

fn main() -> ExitCode {
    match run_command(Cli::parse().command) {
        Ok(Verdict::Good) => ExitCode::SUCCESS,
        Ok(Verdict::Bad) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What a command found, and has told already.
enum Verdict {
    Good,
    Bad,
}

fn run_command(command: Command) -> Result<Verdict> {
    match command {
        Command::Serve(args) => serve::serve(&args).map(|()| Verdict::Good),
        Command::Site { dev } => {
            site::build(if dev { site::Effort::Dev } else { site::Effort::Release }).map(|_| Verdict::Good)
        }
        Command::Dist => dist::build().map(|_| Verdict::Good),
        Command::Test(args) => test::test(&args),
        Command::Screenshots => screenshots::take().map(|()| Verdict::Good),
        Command::CrashTest(args) => crash_test::crash_test(&args).map(|()| Verdict::Good),
        Command::Bench(args) => benches::bench(&args),
    }
}
