//! The benches of speed: a program of the package `tests` measures, in release.

use std::path::PathBuf;

use anyhow::Result;

use super::Bench;
use crate::{
    dist,
    run::{self, For},
    tools::{self, Tool},
};

pub(super) const INGEST: Bench =
    Bench { name: "ingest", about: "the local X-Ray taking segments, against plain JSON parsing", run: ingest };

pub(super) const DURABLE: Bench = Bench {
    name: "durable",
    about: "documents that are on the disk before they are answered, against plain JSON parsing; datagrams",
    run: durable,
};

pub(super) const STORE: Bench = Bench {
    name: "store",
    about: "questions of a million traces: minutes of work, and 4 GB of disk meanwhile",
    run: store,
};

pub(super) const LOAD: Bench =
    Bench { name: "load", about: "two hundred clients that read and write for a minute", run: load };

pub(super) const INSIGHTS: Bench = Bench {
    name: "insights",
    about: "whether insights are right, on the demo's incidents and without any",
    run: insights,
};

pub(super) const PIPELINE: Bench = Bench {
    name: "pipeline",
    about: "lists and maps by our server, against one call after the other, 100 ms each",
    run: pipeline,
};

pub(super) const FILTER: Bench =
    Bench { name: "filter", about: "filter expressions: reading, proposing, asking 100,000 traces", run: filter };

pub(super) const EDITOR: Bench = Bench {
    name: "editor",
    about: "the editor of the query in a browser: a key press with much to propose",
    run: editor,
};

pub(super) const LAYOUT: Bench =
    Bench { name: "layout", about: "the map's layout against d3-force under Node", run: layout };

pub(super) const PAGE: Bench =
    Bench { name: "page", about: "the page in a browser: opening, scrolling, first rows", run: page };

pub(super) const TRACE: Bench = Bench {
    name: "trace",
    about: "one trace in a browser: to rows, presses, scrolling, memory, a million spans",
    run: trace,
};

pub(super) const MAP: Bench =
    Bench { name: "map", about: "the service map in a browser: first picture, long tasks, panning", run: map };

fn ingest() -> Result<bool> {
    // It drives the service in its own process and thread.
    run_bench("ingest", &[])
}

fn durable() -> Result<bool> {
    of_the_binary("durable")
}

fn store() -> Result<bool> {
    of_the_binary("store")
}

fn load() -> Result<bool> {
    of_the_binary("load")
}

fn pipeline() -> Result<bool> {
    of_the_binary("pipeline")
}

fn insights() -> Result<bool> {
    run_bench("insights", &[])
}

fn filter() -> Result<bool> {
    run_bench("filter", &[])
}

fn editor() -> Result<bool> {
    in_a_browser("editor")
}

fn layout() -> Result<bool> {
    run_bench("layout", &[])
}

fn page() -> Result<bool> {
    in_a_browser("page")
}

fn trace() -> Result<bool> {
    in_a_browser("trace")
}

fn map() -> Result<bool> {
    in_a_browser("map")
}

fn in_a_browser(name: &str) -> Result<bool> {
    tools::ensure(&[Tool::Chromium, Tool::Chromedriver], false)?;
    of_the_binary(name)
}

fn of_the_binary(name: &str) -> Result<bool> {
    run_bench(name, &[("ROENTGEN_BIN", dist::build()?)])
}

fn run_bench(name: &str, environment: &[(&str, PathBuf)]) -> Result<bool> {
    let args = ["bench", "--quiet", "--package", "tests", "--bench", "speed", "--", name];
    let mut command = run::cargo(For::Host, &args);
    let status = command.envs(environment.iter().map(|(name, value)| (name, value))).status()?;
    Ok(status.success())
}
