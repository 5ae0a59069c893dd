//! `cargo xtask screenshots`: pictures of every page from demo data, for a person to look at.

use anyhow::Result;

use crate::{
    run::{self, For},
    serve,
    site::{self, Effort},
    tools::{self, Tool},
};

/// Builds the product and has a program of the package `tests` take the pictures, into `target/screenshots`.
pub(crate) fn take() -> Result<()> {
    tools::ensure(&[Tool::Chromium, Tool::Chromedriver], false)?;
    site::build(Effort::Release)?;
    let binary = run::step("building the server", || serve::build_server(false))?;
    let args = ["run", "--quiet", "--package", "tests", "--example", "screenshots"];
    run::step("taking the pictures", || run::run(run::cargo(For::Host, &args).env("ROENTGEN_BIN", binary)))
}
