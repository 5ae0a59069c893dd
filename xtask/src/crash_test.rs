//! `cargo xtask crash-test`: what is left after many crashes under load.

use anyhow::Result;

use crate::{
    run::{self, For},
    serve,
    site::{self, Effort},
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// How often the process is killed.
    #[arg(long, default_value_t = 200)]
    rounds: u32,
}

/// Replays recorded writes that were cut short, then kills the release binary again and again.
pub(crate) fn crash_test(args: &Args) -> Result<()> {
    let replay = ["test", "--quiet", "--package", "store", "replay"];
    run::step("replaying writes that were cut short", || run::run(&mut run::cargo(For::Host, &replay)))?;
    site::build(Effort::Release)?;
    let binary = run::step("building the server", || serve::build_server(false))?;
    let rounds = args.rounds.to_string();
    let crashes = ["run", "--quiet", "--package", "tests", "--example", "crash", "--", &rounds];
    run::step("killing it under load", || run::run(run::cargo(For::Host, &crashes).env("ROENTGEN_BIN", binary)))
}
