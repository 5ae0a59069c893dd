//! Starts the `roentgen` binary and learns its addresses from what it prints.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

/// A running `roentgen`; it ends when this is dropped.
pub(crate) struct Roentgen {
    child: Child,
    /// The page's address, as `http://127.0.0.1:1895`; `None` for `roentgen local`.
    app: Option<String>,
    xray: Option<SocketAddr>,
    /// The address for OpenTelemetry's exporters, as `http://127.0.0.1:4318`.
    otlp: Option<String>,
    /// Folders that must stay as long as it runs.
    kept: Vec<tempfile::TempDir>,
}

impl Roentgen {
    /// Serves page and local X-Ray on free ports, with more arguments.
    pub(crate) fn serve(args: &[&str]) -> Self {
        let mut all = vec!["serve", "--listen", "127.0.0.1:0", "--no-demo"];
        if !args.contains(&"--data-dir") {
            all.push("--ephemeral");
        }
        if !args.contains(&"--no-local") {
            all.extend(["--xray-listen", "127.0.0.1:0", "--otlp-listen", "127.0.0.1:0"]);
        }
        all.extend(args);
        Self::start(Command::new(binary()).args(all), !args.contains(&"--no-local"), true)
    }

    /// Serves page and demo as a first visit sees them, on free ports, with its data in a folder.
    pub(crate) fn serve_demo_in(folder: &str) -> Self {
        let args = ["serve", "--listen", "127.0.0.1:0", "--xray-listen", "127.0.0.1:0", "--otlp-listen", "127.0.0.1:0"];
        Self::start(Command::new(binary()).args(args).args(["--data-dir", folder]), true, true)
    }

    /// Serves page and local X-Ray as a first visit sees them, demo included, on free ports.
    pub(crate) fn serve_demo() -> Self {
        let args = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--xray-listen",
            "127.0.0.1:0",
            "--otlp-listen",
            "127.0.0.1:0",
            "--ephemeral",
        ];
        Self::start(Command::new(binary()).args(args), true, true)
    }

    /// Serves the page, and the local X-Ray on its usual port if that is free.
    pub(crate) fn serve_as_by_default() -> Self {
        Self::start(
            Command::new(binary()).args([
                "serve",
                "--listen",
                "127.0.0.1:0",
                "--no-demo",
                "--ephemeral",
                "--otlp-listen",
                "127.0.0.1:0",
            ]),
            false,
            true,
        )
    }

    /// Serves the page with this X-Ray in the place of AWS's, and no local one.
    pub(crate) fn serve_aws_at(endpoint: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = format!(
            "apiVersion: 1\ndatasources:\n  - name: aws\n    type: grafana-x-ray-datasource\n    jsonData:\n      authType: keys\n      defaultRegion: eu-west-1\n      endpoint: {endpoint}\n    secureJsonData:\n      accessKey: AKIDEXAMPLE\n      secretKey: wJalrXUtnFEMI\n"
        );
        std::fs::write(folder.path().join("aws.yaml"), file).expect("a file");
        let place = folder.path().to_str().expect("a plain path").to_owned();
        let mut command = Command::new(binary());
        command.args(["serve", "--listen", "127.0.0.1:0", "--no-local", "--ephemeral", "--provisioning", &place]);
        let mut started = Self::start(&mut command, false, true);
        started.kept.push(folder);
        started
    }

    /// The local X-Ray alone, on a free port.
    pub(crate) fn local(args: &[&str]) -> Self {
        let mut command = Command::new(binary());
        command.args(["local", "--xray-listen", "127.0.0.1:0", "--otlp-listen", "127.0.0.1:0"]).args(args);
        if !args.contains(&"--data-dir") {
            command.arg("--ephemeral");
        }
        Self::start(&mut command, true, false)
    }

    /// Runs a command of the binary to its end.
    pub(crate) fn run(args: &[&str]) -> std::process::Output {
        Command::new(binary()).args(args).output().expect("the roentgen binary starts")
    }

    /// Serves the page without a local X-Ray, with these arguments and variables; gives what it says to stderr as well.
    pub(crate) fn serve_with(args: &[&str], variables: &[(&str, &str)], log: &std::path::Path) -> Self {
        let mut command = Command::new(binary());
        command.args(["serve", "--listen", "127.0.0.1:0", "--no-local", "--log", "trace"]).args(args);
        command.envs(variables.iter().copied()).stderr(std::fs::File::create(log).expect("a log file"));
        Self::start(&mut command, false, true)
    }

    fn start(command: &mut Command, xray: bool, app: bool) -> Self {
        // Nothing of the machine's own AWS set-up may leak into a story.
        for name in ["AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"] {
            command.env_remove(name);
        }
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the roentgen binary starts");
        let stdout = child.stdout.take().expect("stdout is piped");
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        let mut running = Self { kept: Vec::new(), child, app: None, xray: None, otlp: None };
        while (xray && running.otlp.is_none()) || (app && running.app.is_none()) {
            let line = lines.recv_timeout(Duration::from_secs(20)).expect("roentgen prints its addresses in time");
            if let Some(address) = line.strip_prefix("roentgen: app ") {
                running.app = Some(address.trim().to_owned());
            }
            if let Some(address) = line.strip_prefix("roentgen: OTLP ") {
                running.otlp = address.trim().strip_suffix("/v1/traces").map(str::to_owned);
            }
            if let Some(rest) = line.strip_prefix("roentgen: local X-Ray ") {
                let address = rest.split_whitespace().next().expect("an address follows");
                running.xray = Some(address.parse().expect("it is an address"));
            }
        }
        running
    }

    /// Where OpenTelemetry's exporters send to.
    pub(crate) fn otlp(&self) -> String {
        self.otlp.clone().expect("started with the local X-Ray")
    }

    /// The number of its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The page's address without a slash at its end.
    pub(crate) fn app(&self) -> &str {
        self.app.as_deref().expect("started with the page")
    }

    /// The address of the list of traces.
    pub(crate) fn explore(&self) -> String {
        format!("{}/explore", self.app())
    }

    /// Where the local X-Ray listens.
    pub(crate) fn xray(&self) -> SocketAddr {
        self.xray.expect("started with the local X-Ray")
    }

    /// A real AWS SDK client of the local X-Ray.
    pub(crate) fn sdk(&self) -> aws_sdk_xray::Client {
        sdk(&format!("http://{}", self.xray()))
    }
}

impl Drop for Roentgen {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to end.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A real AWS SDK client of the X-Ray at this address, with credentials that are good for nothing.
pub(crate) fn sdk(endpoint: &str) -> aws_sdk_xray::Client {
    let config = aws_sdk_xray::Config::builder()
        .behavior_version(aws_sdk_xray::config::BehaviorVersion::latest())
        .region(aws_sdk_xray::config::Region::new("eu-west-1"))
        .endpoint_url(endpoint)
        .credentials_provider(aws_sdk_xray::config::Credentials::new("test", "test", None, None, "test"))
        .build();
    aws_sdk_xray::Client::from_conf(config)
}

/// The binary under test.
#[expect(clippy::disallowed_methods, reason = "xtask names the binary in the environment")]
fn binary() -> PathBuf {
    if let Ok(path) = std::env::var("ROENTGEN_BIN") {
        return path.into();
    }
    let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target");
    let built = ["debug/roentgen", "release/roentgen"].map(|path| target.join(path));
    built
        .into_iter()
        .find(|path| path.exists())
        .expect("build it first: cargo build -p server, or run `cargo xtask test`")
}
