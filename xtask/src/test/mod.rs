//! `cargo xtask test`: every check and every test, step by step.

mod counts;
mod steps;

use std::{
    env,
    time::{Duration, Instant},
};

use anyhow::Result;
use clap::builder::{PossibleValue, PossibleValuesParser};
use counts::Counts;
use steps::{STEPS, Step};

use crate::{
    Verdict,
    tools::{self, Tool},
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Install with apt-get and rustup what is missing; CI=true means the same.
    #[arg(long)]
    install: bool,
    /// Only this step; can be given several times.
    #[arg(long, value_name = "STEP", value_delimiter = ',', value_parser = step_names())]
    only: Vec<String>,
    /// Go on after a step has failed.
    #[arg(long)]
    keep_going: bool,
    /// Only the tests whose names contain one of these; without --only, no other checks.
    filters: Vec<String>,
}

fn step_names() -> PossibleValuesParser {
    PossibleValuesParser::new(STEPS.iter().map(|step| PossibleValue::new(step.name).help(step.about)))
}

/// What a step may want to know.
struct Context<'a> {
    /// Parts of names of tests.
    filters: &'a [String],
}

/// How a step went.
enum Outcome {
    Passed,
    Failed,
    NotRun,
}

/// Runs the chosen steps and closes with a summary. Its last line is the count of tests, and nothing follows it.
pub(crate) fn test(args: &Args) -> Result<Verdict> {
    let chosen: Vec<&Step> = STEPS.iter().filter(|step| is_chosen(step, args)).collect();
    let needed: Vec<Tool> = chosen.iter().flat_map(|step| step.needs.iter().copied()).collect();
    // All of them before the first step: nobody wants to hear it after twenty minutes.
    tools::ensure(&needed, args.install || env::var_os("CI").is_some_and(|ci| ci == "true"))?;
    let context = Context { filters: &args.filters };
    let mut total = Counts::default();
    let mut summary = Vec::new();
    let mut failed = Vec::new();
    for step in chosen {
        if !failed.is_empty() && !args.keep_going {
            summary.push((step, Outcome::NotRun, Duration::ZERO));
            continue;
        }
        println!("xtask: {}: {} …", step.name, step.about);
        let started = Instant::now();
        let mut counts = Counts::default();
        let outcome = match (step.run)(&context, &mut counts) {
            Ok(()) => Outcome::Passed,
            Err(error) => {
                println!("xtask: {}: {error:#}", step.name);
                // A check that is not a runner of tests fails as one.
                counts.failed = counts.failed.max(1);
                failed.push(step.name);
                Outcome::Failed
            }
        };
        total.add(counts);
        println!("xtask: {}: {:.1} s", step.name, started.elapsed().as_secs_f64());
        summary.push((step, outcome, started.elapsed()));
    }
    print_summary(&summary);
    if !failed.is_empty() {
        println!("failed: {} (one alone: cargo xtask test --only {})", failed.join(", "), failed[0]);
    }
    println!("{}", total.line());
    Ok(if failed.is_empty() { Verdict::Good } else { Verdict::Bad })
}

fn is_chosen(step: &Step, args: &Args) -> bool {
    if !args.only.is_empty() {
        return args.only.iter().any(|name| name == step.name);
    }
    args.filters.is_empty() || step.takes_filters
}

fn print_summary(summary: &[(&Step, Outcome, Duration)]) {
    println!();
    for (step, outcome, took) in summary {
        let mark = match outcome {
            Outcome::Passed => "ok",
            Outcome::Failed => "FAILED",
            Outcome::NotRun => "not run",
        };
        println!("{mark:>8} {:<12} {:>7.1} s  {}", step.name, took.as_secs_f64(), step.about);
    }
}
