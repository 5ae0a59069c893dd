//! What was asked for, on the command line or in the environment. The only reader of the environment.

use std::{net::SocketAddr, path::PathBuf};

use clap::{
    ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum, parser::ValueSource,
};

use crate::site;

/// Find out, fast, why a distributed system on AWS is slow or failing.
///
/// Without a command, `serve` is meant.
#[derive(Clone, Debug, Parser)]
#[command(name = "roentgen", version, long_version = site::long_version(), max_term_width = 110)]
pub struct Config {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Flags of `serve`, for when no command is given.
    #[command(flatten)]
    pub serve: Serve,
}

/// The commands.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Serve the page, and the local X-Ray beside it.
    Serve(Box<Serve>),
    /// Serve the local X-Ray alone, for AWS SDKs and the X-Ray daemon's protocol.
    Local(Local),
    /// Send a web shop's traffic, with incidents that come and go, to a local X-Ray that runs already.
    Demo(Demo),
    /// Put traces of files into a local X-Ray that runs already: segment documents (JSON, one a line or all in one), answers
    /// of BatchGetTraces, OTLP in JSON, Jaeger's JSON; packed with gzip or zstd, or not.
    Import(Import),
    /// Write traces of a local X-Ray that runs already into a file.
    Export(Export),
    /// Seal the secrets of all data sources with a new key. Stop the server before.
    RotateKey(RotateKey),
}

/// Flags of `rotate-key`.
#[derive(Args, Clone, Debug)]
pub struct RotateKey {
    /// Where Roentgen keeps its data; without this, in the user's data folder.
    #[arg(long, env = "ROENTGEN_DATA_DIR", value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Take the old keys out of the file, if every secret of this data folder is sealed with the new one. Only where no
    /// other data folder uses the same file: its secrets would be lost. Without this the old keys stay.
    #[arg(long)]
    pub drop_old_keys: bool,
    /// Where the keys are.
    #[command(flatten)]
    pub key: SecretKey,
}

/// The key that seals secrets.
#[derive(Args, Clone, Debug)]
pub struct SecretKey {
    /// The file with the key that seals the secrets of data sources; made when it is missing. Without this, in the user's
    /// configuration folder. The variable `ROENTGEN_SECRET_KEY` can hold the key itself instead: 32 bytes in base64, those of
    /// the past after it with commas between.
    #[arg(long = "secret-key-file", env = "ROENTGEN_SECRET_KEY_FILE", value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// The variable that can hold the key itself. It is no flag: command lines can be read by others.
const SECRET_KEY: &str = "ROENTGEN_SECRET_KEY";

/// The key itself, where the environment has it.
pub(crate) fn secret_key() -> Option<secrecy::SecretString> {
    variable(SECRET_KEY).filter(|key| !key.trim().is_empty()).map(secrecy::SecretString::from)
}

/// A variable of the environment, for what provisioning files refer to.
#[expect(clippy::disallowed_methods, reason = "this is the place where the environment is read")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Flags of `import`.
#[derive(Args, Clone, Debug)]
pub struct Import {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The local X-Ray to send to. Never AWS's own: this would cost.
    #[arg(long, env = "ROENTGEN_IMPORT_TO", default_value = "127.0.0.1:2000", value_name = "ADDRESS")]
    pub to: SocketAddr,
}

/// Flags of `export`.
#[derive(Args, Clone, Debug)]
pub struct Export {
    /// The file; one that ends in `.gz` or `.zst` is packed so. Without it, standard output.
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// The local X-Ray to read from.
    #[arg(long, env = "ROENTGEN_EXPORT_FROM", default_value = "127.0.0.1:2000", value_name = "ADDRESS")]
    pub from: SocketAddr,
    /// How far back, as `1h` or `7d`.
    #[arg(long, default_value = "1h", value_name = "TIME")]
    pub last: humantime::Duration,
    /// Only traces that match this filter expression.
    #[arg(long, value_name = "EXPRESSION")]
    pub filter: Option<String>,
    /// What to write.
    #[arg(long, default_value = "xray", value_name = "FORMAT")]
    pub format: ExportFormat,
}

/// What `export` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A segment document a line.
    Xray,
    /// OpenTelemetry's spans in JSON, a trace a line.
    Otlp,
}

/// Flags of `demo`.
#[derive(Args, Clone, Debug)]
pub struct Demo {
    /// The local X-Ray to send to. Never AWS's own: this would cost.
    #[arg(long, env = "ROENTGEN_DEMO_TO", default_value = "127.0.0.1:2000", value_name = "ADDRESS")]
    pub to: SocketAddr,
    /// The same seed gives the same traffic.
    #[arg(long, env = "ROENTGEN_DEMO_SEED", default_value_t = 1)]
    pub seed: u64,
    /// What to log, as `info` or `warn,demo=debug`.
    #[arg(long, env = "ROENTGEN_LOG", default_value = "warn", value_name = "FILTER")]
    pub log: String,
    /// How to log.
    #[arg(long, env = "ROENTGEN_LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    pub log_format: LogFormat,
}

/// Flags of `serve`.
#[derive(Args, Clone, Debug)]
pub struct Serve {
    /// Where the page is served; 1895 is the year of the discovery.
    #[arg(long, env = "ROENTGEN_LISTEN", default_value = "127.0.0.1:1895", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Do not run the local X-Ray.
    #[arg(long, env = "ROENTGEN_NO_LOCAL")]
    pub no_local: bool,
    /// Show only your own traces: no traffic of the demo's web shop in the local X-Ray.
    #[arg(long, env = "ROENTGEN_NO_DEMO")]
    pub no_demo: bool,
    /// Read AWS X-Ray in this region. AWS is called only when this or --profile is given, whatever credentials lie about.
    #[arg(long, env = "ROENTGEN_REGION", value_name = "REGION")]
    pub region: Option<String>,
    /// Read AWS X-Ray with this profile of the AWS configuration files.
    #[arg(long, env = "ROENTGEN_PROFILE", value_name = "PROFILE")]
    pub profile: Option<String>,
    /// The folder with data sources in Grafana's provisioning format; every *.yaml in it is read, and again when it changes.
    #[arg(long, env = "ROENTGEN_PROVISIONING", value_name = "FOLDER")]
    pub provisioning: Option<PathBuf>,
    /// The key of the data sources' secrets.
    #[command(flatten)]
    pub key: SecretKey,
    /// How long X-Ray may take for an answer, as `20s`. A call that got none is tried again, for twice as long in all.
    #[arg(long, env = "ROENTGEN_CALL_TIMEOUT", default_value = "20s", value_name = "TIME")]
    pub call_timeout: humantime::Duration,
    /// The file with the token that lets people in. Needed to listen beyond this machine.
    #[arg(long, env = "ROENTGEN_ACCESS_TOKEN_FILE", value_name = "FILE")]
    pub access_token_file: Option<PathBuf>,
    /// The local X-Ray's flags.
    #[command(flatten)]
    pub local: Local,
}

/// Flags of the local X-Ray, and those that every command has.
#[derive(Args, Clone, Debug)]
pub struct Local {
    /// Where the local X-Ray listens, TCP and UDP on one port.
    #[arg(long, env = "ROENTGEN_XRAY_LISTEN", default_value = "127.0.0.1:2000", value_name = "ADDRESS")]
    pub xray_listen: SocketAddr,
    /// Where OpenTelemetry's exporters (OTLP over HTTP) are listened to; the X-Ray port takes them too.
    #[arg(long, env = "ROENTGEN_OTLP_LISTEN", default_value = "127.0.0.1:4318", value_name = "ADDRESS")]
    pub otlp_listen: SocketAddr,
    /// Behave as AWS does, limits and sampling included, instead of taking and keeping everything.
    #[arg(long, env = "ROENTGEN_XRAY_STRICT")]
    pub xray_strict: bool,
    /// Where the local X-Ray keeps its data; without this, in the user's data folder.
    #[arg(long, env = "ROENTGEN_DATA_DIR", value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Keep nothing: traces are gone when the local X-Ray ends.
    #[arg(long, env = "ROENTGEN_EPHEMERAL", conflicts_with = "data_dir")]
    pub ephemeral: bool,
    /// How long the local X-Ray keeps traces, as `7d` or `12h`.
    #[arg(long, env = "ROENTGEN_RETENTION", default_value = "7d", value_name = "TIME")]
    pub retention: humantime::Duration,
    /// How much of the disk the local X-Ray may take, as `10GB`; the oldest traces go first.
    #[arg(long, env = "ROENTGEN_RETENTION_SIZE", default_value = "10GB", value_name = "SIZE")]
    pub retention_size: bytesize::ByteSize,
    /// Listen beyond this machine without a token. Everybody who can reach the port can read and send traces.
    #[arg(long, env = "ROENTGEN_INSECURE")]
    pub insecure: bool,
    /// A name by which this service may be called, beside localhost. Can be given several times.
    #[arg(long = "allowed-host", env = "ROENTGEN_ALLOWED_HOST", value_delimiter = ',', value_name = "NAME")]
    pub allowed_hosts: Vec<String>,
    /// What to log, as `info` or `warn,server=debug`.
    #[arg(long, env = "ROENTGEN_LOG", default_value = "warn", value_name = "FILTER")]
    pub log: String,
    /// How to log.
    #[arg(long, env = "ROENTGEN_LOG_FORMAT", default_value = "text", value_name = "FORMAT")]
    pub log_format: LogFormat,
    /// Which of the addresses were asked for and are not defaults.
    #[arg(skip)]
    pub explicit: Explicit,
}

/// Addresses that somebody asked for: when one is taken, that is an error. A default one gives way.
#[derive(Clone, Copy, Debug, Default)]
pub struct Explicit {
    /// `--listen`
    pub listen: bool,
    /// `--xray-listen`
    pub xray_listen: bool,
    /// `--otlp-listen`
    pub otlp_listen: bool,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// Reads the command line and the environment; ends the process with a message where they are wrong.
    pub fn read() -> Self {
        Self::from(&Self::command().get_matches()).unwrap_or_else(|error| error.exit())
    }

    /// Reads these words instead of the command line.
    pub fn read_from(words: &[&str]) -> Result<Self, clap::Error> {
        Self::from(&Self::command().try_get_matches_from(words)?)
    }

    fn from(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut config = Self::from_arg_matches(matches)?;
        let inner = matches.subcommand().map_or(matches, |(_, inner)| inner);
        let asked = |name: &str| {
            inner.try_contains_id(name).is_ok()
                && matches!(inner.value_source(name), Some(ValueSource::CommandLine | ValueSource::EnvVariable))
        };
        let explicit =
            Explicit { listen: asked("listen"), xray_listen: asked("xray_listen"), otlp_listen: asked("otlp_listen") };
        config.serve.local.explicit = explicit;
        match &mut config.command {
            Some(Command::Serve(serve)) => serve.local.explicit = explicit,
            Some(Command::Local(local)) => local.explicit = explicit,
            Some(Command::Demo(_) | Command::Import(_) | Command::Export(_) | Command::RotateKey(_)) | None => {}
        }
        Ok(config)
    }
}
