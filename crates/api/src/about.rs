//! What the server has to offer: sources, versions, and what the user should know.

use serde::{Deserialize, Serialize};

/// The answer of [`crate::path::ABOUT`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The server's version.
    pub version: String,
    /// Where traces can be read from; the first one is the default. May be empty.
    pub sources: Vec<Source>,
    /// What the user should know now.
    pub notices: Vec<Notice>,
    /// The local X-Ray holds the traffic of a made-up shop.
    #[serde(default)]
    pub demo: bool,
    /// The local X-Ray, where it runs.
    #[serde(default)]
    pub local: Option<Local>,
}

/// A place that traces are read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name in queries and links: `local`, `aws`.
    pub name: String,
    /// Local or AWS: AWS costs money and has a console.
    pub kind: SourceKind,
    /// The region that is asked when a query names none.
    pub default_region: String,
    /// The regions that can be chosen; others can be typed. One region only for the local X-Ray.
    pub regions: Vec<String>,
}

/// What stands behind a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceKind {
    /// The X-Ray inside this program.
    Local,
    /// AWS X-Ray.
    Aws,
}

/// Something the user should know, shown as a banner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// How much it matters.
    pub level: Level,
    /// A sentence for people: what is so, then what to do.
    pub message: String,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Good to know.
    Info,
    /// Something does not work as one might expect.
    Warning,
}

/// The state of the local X-Ray.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Local {
    /// Where it listens, TCP and UDP, as `127.0.0.1:2000`: for `AWS_XRAY_DAEMON_ADDRESS`.
    pub address: String,
    /// It behaves as AWS does, limits included.
    pub strict: bool,
    /// Segment documents accepted since the start.
    pub segments: u64,
    /// Traces held at present.
    pub traces: u64,
    /// Traces that went because they were too old, or too many for the disk space allowed.
    pub retired_traces: u64,
    /// Minutes of traces that are not added up yet: lists and graphs of them take longer. Usually the present one.
    #[serde(default)]
    pub open_minutes: u64,
    /// Documents and datagrams refused since the start, whatever the reason.
    pub refused: u64,
    /// Datagrams that the kernel dropped because they came faster than they were read.
    pub dropped_datagrams: u64,
    /// The reason of the latest refusal, for the one who is wondering where the traces are.
    #[serde(default)]
    pub last_refusal: Option<String>,
}
