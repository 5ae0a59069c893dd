//! The steps of `cargo xtask test`, cheap ones first.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::{Context, Counts};
use crate::{
    dist, licences, rooms,
    run::{self, For, WASM},
    site::{self, Effort},
    tidy,
    tools::Tool,
    wasm_target, words,
};

/// One step.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) needs: &'static [Tool],
    /// Whether it runs tests that can be chosen by name.
    pub(crate) takes_filters: bool,
    pub(crate) run: fn(&Context, &mut Counts) -> Result<()>,
}

const fn check(name: &'static str, about: &'static str, run: fn(&Context, &mut Counts) -> Result<()>) -> Step {
    Step { name, about, needs: &[], takes_filters: false, run }
}

pub(crate) const STEPS: [Step; 11] = [
    Step { needs: &[Tool::Rustfmt], ..check("fmt", "formatting", fmt) },
    check("words", "words that do not belong into the repository", |_, _| none_of(&words::check()?)),
    check("rooms", "which room uses what, and rules that a compiler does not know", rooms_and_rules),
    check("licences", "licences and bans of dependencies", |_, _| none_of(&licences::check()?)),
    Step { needs: &[Tool::Clippy], ..check("clippy", "clippy for the host, warnings are errors", clippy) },
    Step { needs: &[Tool::Clippy], ..check("clippy-wasm", "clippy for the browser, warnings are errors", clippy_wasm) },
    Step { takes_filters: true, ..check("unit", "the tests of all crates", unit) },
    check("doc", "documentation without warnings", doc),
    check("site", "the page", |_, _| site::build(Effort::Release).map(drop)),
    check("dist", "the binary holds the page of the present sources", |_, _| dist::check(&dist::build()?)),
    Step {
        needs: &[Tool::Chromium, Tool::Chromedriver, Tool::PythonVenv],
        takes_filters: true,
        ..check("stories", "from end to end: the binary, AWS SDKs, a browser", stories)
    },
];

/// The crates that the browser links or could link: they are checked for its target too.
const WASM_CRATES: [&str; 9] = ["analysis", "api", "app", "console", "filter", "fixture", "format", "layout", "model"];

fn fmt(_: &Context, _: &mut Counts) -> Result<()> {
    run::run(&mut run::cargo(For::Host, &["fmt", "--all", "--check"]))
}

fn rooms_and_rules(_: &Context, _: &mut Counts) -> Result<()> {
    let mut found = rooms::check()?;
    found.extend(tidy::check()?);
    none_of(&found)
}

fn none_of(found: &[String]) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    bail!("{} found:\n  {}", found.len(), found.join("\n  "))
}

fn clippy(_: &Context, _: &mut Counts) -> Result<()> {
    let args = ["clippy", "--workspace", "--exclude", "app", "--all-targets", "--", "-D", "warnings"];
    run::run(&mut run::cargo(For::Host, &args))
}

fn clippy_wasm(_: &Context, _: &mut Counts) -> Result<()> {
    wasm_target::ensure()?;
    let mut args = vec!["clippy", "--target", WASM];
    args.extend(WASM_CRATES.iter().flat_map(|name| ["--package", name]));
    args.extend(["--", "-D", "warnings"]);
    run::run(&mut run::cargo(For::Wasm, &args))
}

fn unit(context: &Context, counts: &mut Counts) -> Result<()> {
    // The whole workspace is chosen, here and for the stories, and then its targets: with another choice of packages
    // cargo would unify the features of the dependencies differently and build half of them twice.
    let targets = test_targets()?;
    let mut args = vec!["--workspace", "--exclude", "app", "--lib", "--bins"];
    args.extend(targets.iter().flat_map(|name| ["--test", name]));
    let ran = cargo_test(&args, context, counts, &[]);
    let documented = cargo_test(&["--workspace", "--exclude", "app", "--doc"], context, counts, &[]);
    ran.and(documented)?;
    if has_tests(&run::root().join("app/src"))? {
        cargo_test(&["--package", "app"], context, counts, &[])?;
    }
    Ok(())
}

fn doc(_: &Context, _: &mut Counts) -> Result<()> {
    let deny = |command: &mut std::process::Command| run::run(command.env("RUSTDOCFLAGS", "-D warnings"));
    deny(&mut run::cargo(For::Host, &["doc", "--quiet", "--no-deps", "--workspace", "--exclude", "app"]))?;
    wasm_target::ensure()?;
    deny(&mut run::cargo(For::Wasm, &["doc", "--quiet", "--no-deps", "--package", "app", "--target", WASM]))
}

fn stories(context: &Context, counts: &mut Counts) -> Result<()> {
    let binary = dist::build()?;
    let binary = binary.to_str().context("the path of the binary is not text")?;
    let args = ["--workspace", "--exclude", "app", "--test", "it"];
    cargo_test(&args, context, counts, &[("ROENTGEN_BIN", binary)])
}

/// Runs tests, shows what they print, and counts them.
fn cargo_test(args: &[&str], context: &Context, counts: &mut Counts, environment: &[(&str, &str)]) -> Result<()> {
    let mut all = vec!["test", "--quiet", "--no-fail-fast"];
    all.extend(args);
    all.push("--");
    all.extend(context.filters.iter().map(String::as_str));
    let mut command = run::cargo(For::Host, &all);
    command.envs(environment.iter().copied());
    run::run_lines(&mut command, |line| {
        counts.add_line(&line);
        // Most crates have no examples in their documentation, and say so at length.
        let is_empty =
            line.is_empty() || line == "running 0 tests" || line.starts_with("test result: ok. 0 passed; 0 failed");
        if !is_empty {
            println!("{line}");
        }
    })
}

/// The integration tests of all crates but the stories.
fn test_targets() -> Result<Vec<String>> {
    let args = ["metadata", "--format-version", "1", "--no-deps"];
    let metadata: Value = serde_json::from_str(&run::output(&mut run::cargo(For::Host, &args))?)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let packages = packages.filter(|package| package["name"] != "tests" && package["name"] != "app");
    let targets = packages.flat_map(|package| package["targets"].as_array().into_iter().flatten());
    let tests = targets.filter(|target| target["kind"][0] == "test");
    Ok(tests.filter_map(|target| target["name"].as_str()).map(str::to_owned).collect())
}

/// Whether a folder of sources has tests for the host in it.
fn has_tests(folder: &Path) -> Result<bool> {
    for file in tidy::files_below(folder)? {
        if fs::read_to_string(&file).is_ok_and(|text| text.contains("#[test]")) {
            return Ok(true);
        }
    }
    Ok(false)
}
