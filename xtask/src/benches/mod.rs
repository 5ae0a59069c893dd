//! `cargo xtask bench`: numbers with limits. One file per bench; a new one is a line in [`BENCHES`].

mod size;
mod speed;

use anyhow::Result;
use clap::builder::PossibleValuesParser;

use crate::Verdict;

/// A bench: its name, what it tells, and how it is run.
struct Bench {
    name: &'static str,
    about: &'static str,
    /// Measures, prints, and says whether every number keeps its limit.
    run: fn() -> Result<bool>,
}

const BENCHES: [Bench; 13] = [
    size::SIZE,
    speed::INGEST,
    speed::DURABLE,
    speed::STORE,
    speed::LOAD,
    speed::INSIGHTS,
    speed::PIPELINE,
    speed::FILTER,
    speed::EDITOR,
    speed::LAYOUT,
    speed::PAGE,
    speed::TRACE,
    speed::MAP,
];

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only these; all of them without a name.
    #[arg(value_name = "BENCH", value_parser = PossibleValuesParser::new(BENCHES.iter().map(|bench| bench.name)))]
    names: Vec<String>,
}

/// Runs the benches, and tells which of them missed a limit.
pub(crate) fn bench(args: &Args) -> Result<Verdict> {
    let mut missed = Vec::new();
    for bench in &BENCHES {
        if !args.names.is_empty() && !args.names.iter().any(|name| name == bench.name) {
            continue;
        }
        eprintln!("xtask: bench {}: {}", bench.name, bench.about);
        if !(bench.run)()? {
            missed.push(bench.name);
        }
    }
    if missed.is_empty() {
        return Ok(Verdict::Good);
    }
    println!("a number misses its limit in: {}", missed.join(", "));
    Ok(Verdict::Bad)
}

/// Prints one number beside the most it may be, and says whether it keeps that.
fn at_most(what: &str, value: f64, limit: f64, unit: &str) -> bool {
    let holds = value <= limit;
    let mark = if holds { "ok  " } else { "MISS" };
    println!("{mark} {what:<62} {value:>10.2} {unit:<6} at most {limit}");
    holds
}
