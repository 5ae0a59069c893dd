//! The benches that need the running product: they are programs of the package `tests`, run with the binary of `dist`.

use anyhow::Result;

use super::Bench;
use crate::{
    dist,
    run::{self, For},
    tools::{self, Tool},
};

pub(super) const INGEST: Bench =
    Bench { name: "ingest", about: "the local X-Ray taking segments, against plain JSON parsing", run: ingest };

pub(super) const PAGE: Bench =
    Bench { name: "page", about: "the page in a browser: opening, scrolling, first rows", run: page };

fn ingest() -> Result<bool> {
    measure("ingest")
}

fn page() -> Result<bool> {
    tools::ensure(&[Tool::Chromium, Tool::Chromedriver], false)?;
    measure("page")
}

fn measure(name: &str) -> Result<bool> {
    let binary = dist::build()?;
    let args = ["bench", "--quiet", "--package", "tests", "--bench", "speed", "--", name];
    let mut command = run::cargo(For::Host, &args);
    let status = command.env("ROENTGEN_BIN", binary).status()?;
    Ok(status.success())
}
