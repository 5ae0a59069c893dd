//! Runs other programs: cargo with a clean environment, and steps that say what they do and how long they took.

use std::{
    env,
    ffi::OsStr,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// Asks cargo to build the standard library from source, for distributions that do not ship it for wasm.
pub(crate) const BUILD_STD: &str = "CARGO_UNSTABLE_BUILD_STD";

/// The page's target.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("xtask lies in the workspace's folder").to_owned()
}

/// Which machine the compiled code is for; the two want different environments.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// The machine that builds.
    Host,
    /// The browser. [`BUILD_STD`] reaches only these builds: cargo would apply it to the host's as well and compile a
    /// second standard library there for nothing.
    Wasm,
}

/// A cargo command in the workspace's folder.
pub(crate) fn cargo(machine: For, args: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root()).stdin(Stdio::null());
    // `cargo run` describes xtask itself to its child in these. Build scripts that watch one of them would run anew,
    // with all that depends on them, each time one builds with xtask and then without.
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")) {
            command.env_remove(name);
        }
    }
    if machine == For::Host {
        command.env_remove(BUILD_STD);
    }
    command
}

/// Runs a command to its end; its output goes to the terminal.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(command)))?;
    succeeded(command, status)
}

/// Runs a command to its end and hands over its standard output line by line, while it runs.
pub(crate) fn run_lines(command: &mut Command, mut take: impl FnMut(String)) -> Result<()> {
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start `{}`", shown(command)))?;
    let stdout = child.stdout.take().context("no standard output")?;
    for line in BufReader::new(stdout).split(b'\n') {
        take(String::from_utf8_lossy(&line?).into_owned());
    }
    let status = child.wait()?;
    succeeded(command, status)
}

/// The standard output of a command that must succeed; what it says on standard error is told when it fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !output.status.success() {
        bail!("`{}` failed: {}", shown(command), String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a command for at most this long. `false`: it failed or was ended.
pub(crate) fn succeeds_within(command: &mut Command, limit: Duration) -> Result<bool> {
    let mut child = command.spawn().with_context(|| format!("cannot start `{}`", shown(command)))?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(false);
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// Builds with cargo and gives the files it made for the target of this name: an executable or a wasm module.
pub(crate) fn build(command: &mut Command, target_name: &str) -> Result<PathBuf> {
    command.arg("--message-format=json-render-diagnostics");
    let mut made = None;
    run_lines(command, |line| {
        if let Ok(message) = serde_json::from_str::<Value>(&line) {
            made = artifact(&message, target_name).or(made.take());
        }
    })?;
    made.with_context(|| format!("cargo did not say where it put `{target_name}`"))
}

fn artifact(message: &Value, target_name: &str) -> Option<PathBuf> {
    if message["reason"] != "compiler-artifact" || message["target"]["name"] != target_name {
        return None;
    }
    if let Some(executable) = message["executable"].as_str() {
        return Some(executable.into());
    }
    let files = message["filenames"].as_array()?;
    let wasm =
        files.iter().filter_map(Value::as_str).find(|path| Path::new(path).extension() == Some(OsStr::new("wasm")));
    wasm.map(PathBuf::from)
}

/// Does one step and says so: what, and in the end how long it took.
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("xtask: {what} …");
    let started = Instant::now();
    let done = work().with_context(|| format!("{what}: failed"))?;
    eprintln!("xtask: {what}: {:.1} s", started.elapsed().as_secs_f64());
    Ok(done)
}

/// Whether a program of this name is on the search path.
pub(crate) fn is_installed(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// A command as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_else(|| command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn succeeded(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}
