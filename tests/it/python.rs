//! Programs in Python that use the real X-Ray SDK and boto3, in a virtual environment of their own.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
    time::{Duration, Instant},
};

use crate::{browser::Browser, harness::Roentgen, stories};

#[test]
fn what_the_sdk_sends_is_read_back_equal() {
    let roentgen = Roentgen::local(&[]);
    says(&mut program("round_trip.py", roentgen.xray()), "equal");
}

#[test]
fn boto3_is_answered_by_every_operation() {
    let roentgen = Roentgen::local(&[]);
    says(&mut program("operations.py", roentgen.xray()), "all");
}

#[test]
fn spans_of_opentelemetrys_sdk_become_segments() {
    let roentgen = Roentgen::local(&[]);
    for endpoint in [roentgen.otlp(), format!("http://{}", roentgen.xray())] {
        let mut program = program("open_telemetry.py", roentgen.xray());
        says(program.env("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint), "equal");
    }
}

#[test]
fn the_sdks_sampling_poller_follows_the_rules() {
    let roentgen = Roentgen::local(&[]);
    says(&mut program("sampling.py", roentgen.xray()), "followed");
}

/// Runs a program to its end; its last word says that all was well.
fn says(program: &mut Command, word: &str) {
    let output = program.output().expect("python starts");
    let (said, complaint) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && said.trim() == word, "{said}\n{complaint}");
}

#[tokio::test]
async fn a_program_sees_its_trace_within_two_seconds() {
    let roentgen = Roentgen::serve(&[]);
    let browser = Browser::start().await;
    browser.open(&format!("{}/?refresh=1", roentgen.app())).await;
    let empty = browser.wait_text(".list__empty", |text| text.contains("AWS_XRAY_DAEMON_ADDRESS")).await;
    assert!(empty.contains(&roentgen.xray().to_string()), "{empty}");
    let mut program = program("hello.py", roentgen.xray()).stdout(Stdio::piped()).spawn().expect("python starts");
    let stdout = program.stdout.take().expect("stdout is piped");
    let said = BufReader::new(stdout).lines().next().and_then(Result::ok);
    assert_eq!(said.as_deref(), Some("sent"));
    let sent = Instant::now();
    stories::wait_rows(&browser, stories::LIST, "the trace that was just sent", |rows| {
        rows.iter().any(|row| row.contains("/just-sent"))
    })
    .await;
    assert!(sent.elapsed() < Duration::from_secs(2), "after {:?}", sent.elapsed());
    assert!(program.wait().expect("it ends").success());
    browser.finish().await;
}

/// A program of `tests/python` that sends to this X-Ray.
fn program(name: &str, xray: SocketAddr) -> Command {
    let mut command = Command::new(python());
    command.arg(folder().join(name)).env("AWS_XRAY_DAEMON_ADDRESS", xray.to_string());
    // Nothing is left beside the sources.
    command.env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("python")
}

/// The interpreter of the virtual environment, which is made when it is missing or its requirements have changed.
fn python() -> &'static Path {
    static PYTHON: OnceLock<PathBuf> = OnceLock::new();
    PYTHON.get_or_init(|| {
        let requirements = folder().join("requirements.txt");
        let wanted = fs::read_to_string(&requirements).expect("the requirements");
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/python-venv");
        let (python, stamp) = (home.join("bin/python"), home.join("requirements.txt"));
        if fs::read_to_string(&stamp).is_ok_and(|made| made == wanted) {
            return python;
        }
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home));
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&requirements));
        fs::write(&stamp, wanted).expect("a stamp");
        python
    })
}

fn run(command: &mut Command) {
    let output = command.output().expect("python starts; `cargo xtask test --install` installs what it needs");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// moto's server: many services of AWS, of which we use STS.
pub(crate) struct Moto {
    child: std::process::Child,
    endpoint: String,
}

impl Moto {
    /// Starts it on a free port.
    pub(crate) fn start() -> Self {
        let server = python().with_file_name("moto_server");
        let mut command = Command::new(server);
        command.args(["-H", "127.0.0.1", "-p", "0"]).env("PYTHONDONTWRITEBYTECODE", "1").env("PYTHONUNBUFFERED", "1");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("moto starts");
        let mut lines = BufReader::new(child.stderr.take().expect("stderr is piped")).lines().map_while(Result::ok);
        let mark = "Running on ";
        let line = lines.find(|line| line.contains(mark)).expect("moto says where it is");
        let endpoint = line.split(mark).nth(1).unwrap_or_default().trim().to_owned();
        // It would stop when nobody reads what it says.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, endpoint }
    }

    /// Its address, as `http://127.0.0.1:1234`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
