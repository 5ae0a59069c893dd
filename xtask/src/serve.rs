//! `cargo xtask serve`: the product from the present sources.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::{
    run::{self, For},
    site::{self, Effort},
    watch,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Build page and server fast instead of small and fast-running.
    #[arg(long)]
    dev: bool,
    /// Build fast, and anew whenever a source changes; the page in the browser reloads itself.
    #[arg(long)]
    watch: bool,
    /// Passed on to `roentgen serve`, as `-- --region eu-west-1`.
    #[arg(last = true, value_name = "ARGS")]
    server: Vec<String>,
}

/// Builds what is out of date and becomes the server.
pub(crate) fn serve(args: &Args) -> Result<()> {
    if args.watch {
        return watch::watch(&args.server);
    }
    site::build(if args.dev { Effort::Dev } else { Effort::Release })?;
    let binary = run::step("building the server", || build_server(args.dev))?;
    let mut server = Command::new(binary);
    server.arg("serve").args(&args.server);
    eprintln!("xtask: starting `{}`", run::shown(&server));
    become_it(&mut server)
}

/// Builds the server, with the page that is in `target/site` inside, and gives the binary's path.
pub(crate) fn build_server(dev: bool) -> Result<PathBuf> {
    let mut args = vec!["build", "--package", "server", "--bin", "roentgen"];
    if !dev {
        args.push("--release");
    }
    run::build(&mut run::cargo(For::Host, &args), "roentgen")
}

/// The server takes this process's place, so that Ctrl-C and every other signal is its own.
#[cfg(unix)]
fn become_it(server: &mut Command) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    Err(server.exec().into())
}

#[cfg(not(unix))]
fn become_it(server: &mut Command) -> Result<()> {
    run::run(server)
}
