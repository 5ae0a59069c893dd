//! `cargo xtask dist`: one binary with everything inside, and the proof that the page in it is of the present sources.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::{
    run, serve,
    site::{self, Effort},
};

/// How long the binary may take to say where it listens, and to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Builds `target/dist/roentgen` and gives its path.
pub(crate) fn build() -> Result<PathBuf> {
    site::build(Effort::Release)?;
    let built = run::step("building the server", || serve::build_server(false))?;
    let binary = run::root().join("target/dist").join(built.file_name().context("the binary has no name")?);
    fs::create_dir_all(run::root().join("target/dist"))?;
    // Under another name first: a running copy cannot be written over.
    let new = binary.with_extension("new");
    fs::copy(&built, &new)?;
    fs::rename(&new, &binary)?;
    eprintln!("xtask: {} ({:.1} MB)", binary.display(), fs::metadata(&binary)?.len() as f64 / 1e6);
    Ok(binary)
}

/// Starts the binary and asks which page it holds. An error unless that page is of the present sources.
pub(crate) fn check(binary: &Path) -> Result<()> {
    let mut command = Command::new(binary);
    command.args([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--xray-listen",
        "127.0.0.1:0",
        "--otlp-listen",
        "127.0.0.1:0",
        "--ephemeral",
    ]);
    let mut running = Running(command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?);
    let stdout = running.0.stdout.take().context("no standard output")?;
    let address = address_said(stdout).context("it did not say where it serves the page")?;
    let health = get(&address, "/api/health")?;
    let holds = health["app"].as_str().with_context(|| format!("/api/health names no app: {health}"))?;
    let sources = site::source_hash()?;
    if holds != sources {
        bail!("{} holds the page {holds}, and the present sources are {sources}", binary.display());
    }
    Ok(())
}

/// A process that ends with its owner.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The host and port of the page, from what the server prints.
fn address_said(stdout: impl std::io::Read + Send + 'static) -> Option<String> {
    let (send, said) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if let Some(address) = line.strip_prefix("roentgen: app http://") {
                drop(send.send(address.trim().trim_end_matches('/').to_owned()));
            }
        }
    });
    said.recv_timeout(PATIENCE).ok()
}

fn get(address: &str, path: &str) -> Result<Value> {
    let mut stream = TcpStream::connect(address).with_context(|| format!("cannot reach {address}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("the answer has no body")?;
    if !head.lines().next().is_some_and(|line| line.contains(" 200 ")) {
        bail!("{path} answers {head}");
    }
    serde_json::from_str(body).with_context(|| format!("{path} answers {body}"))
}
