//! Data sources: what there is, how each is reached, and whether it may do what it must. Nothing here can hold a secret:
//! the page sends secrets up as plain form fields, and nothing sends them down.

use serde::{Deserialize, Serialize};

use crate::about::SourceKind;

/// The answer of [`crate::path::DATA_SOURCES`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSources {
    /// All of them, the default one first.
    pub list: Vec<DataSource>,
    /// Entries of provisioning files that could not be used, each in a sentence that names file, line and reason.
    pub refused: Vec<String>,
    /// What else is to be known of them, each in a sentence: how long they are kept, keys of files that nobody knows.
    pub notes: Vec<String>,
    /// Why none can be added or changed here; `None` when they can.
    pub read_only: Option<String>,
    /// The regions of AWS that can be chosen; others can be typed.
    pub regions: Vec<String>,
}

/// A data source, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataSource {
    /// Its name in queries and links.
    pub name: String,
    /// Local or AWS.
    pub kind: SourceKind,
    /// Who made it.
    pub origin: Origin,
    /// It answers questions that name no source. Nobody need have chosen it: one is the first.
    pub is_default: bool,
    /// It says of itself that it is the default, as a file or the page has it; another one may go before it.
    pub says_default: bool,
    /// How it is reached.
    pub settings: Settings,
    /// The names of the secrets that it has, as in [`crate::data_source::SECRETS`].
    pub secrets: Vec<String>,
    /// Why it cannot be used, and what helps; `None` when nothing is known against it.
    pub problem: Option<String>,
}

/// Who made a data source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The X-Ray inside this program.
    BuiltIn,
    /// The flags `--region` and `--profile`.
    Flags,
    /// A provisioning file, by its name; it is changed there.
    File(String),
    /// Somebody in the page; it can be changed there.
    Page,
}

/// How a data source is reached. Empty texts mean that nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Where credentials come from.
    pub auth: Auth,
    /// The profile of the credentials file.
    pub profile: String,
    /// The credentials file; empty: the SDK's own.
    pub credentials_file: String,
    /// The role to take on.
    pub assume_role_arn: String,
    /// What the role's trust policy asks for.
    pub external_id: String,
    /// The name of the role's session in `CloudTrail`; empty: `roentgen`.
    pub session_name: String,
    /// The region that is asked when a query names none.
    pub default_region: String,
    /// An address to ask instead of X-Ray's own.
    pub endpoint: String,
    /// An address to ask instead of STS's own.
    pub sts_endpoint: String,
    /// AWS's FIPS endpoints.
    pub fips: bool,
    /// AWS's dual-stack (IPv6) endpoints.
    pub dual_stack: bool,
    /// A query stops after it made X-Ray scan so many traces; 0: no limit.
    pub scan_budget_query: u64,
    /// All queries of a day (UTC) stop after so many scanned traces; 0: no limit.
    pub scan_budget_day: u64,
}

/// Where credentials come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// The AWS SDK's default chain.
    #[default]
    Default,
    /// An access key and its secret key, with a session token where they are temporary.
    Keys,
    /// A profile of a credentials file.
    Credentials,
    /// The role of the machine, container or pod, and nothing else.
    Role,
}

/// The names of the secrets of a data source with [`Auth::Keys`].
pub const SECRETS: [&str; 3] = ["access_key", "secret_key", "session_token"];

/// What the permission doctor found: the answer of [`crate::path::test_data_source`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// The data source.
    pub source: String,
    /// The region that was asked.
    pub region: String,
    /// The sum of it in a sentence: what is so, then what to do.
    pub verdict: String,
    /// All that was probed works.
    pub is_well: bool,
    /// What is wrong with the whole data source rather than with one operation.
    pub trouble: Option<Trouble>,
    /// The ARN that AWS knows us by, where STS told it.
    pub identity: Option<String>,
    /// One entry an operation.
    pub checks: Vec<Check>,
    /// The least IAM policy that Roentgen needs, as JSON to copy.
    pub policy: String,
}

/// Whether an operation may be called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// The operation, as `GetTraceSummaries`.
    pub operation: String,
    /// The IAM action, as `xray:GetTraceSummaries`.
    pub action: String,
    /// What came of it.
    pub outcome: CheckOutcome,
    /// AWS's code and message, or why it was not probed.
    pub message: Option<String>,
    /// From question to answer, in milliseconds.
    pub elapsed_ms: u64,
}

/// What came of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckOutcome {
    /// It may be called.
    Allowed,
    /// IAM refuses it.
    Denied,
    /// It was not called, because it writes or costs.
    NotProbed,
    /// It failed for another reason.
    Failed,
}

/// What is wrong with a whole data source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// There are no credentials to be had.
    NoCredentials,
    /// AWS does not know the key, or the signature is wrong: a mistyped key.
    BadCredentials,
    /// Temporary credentials are past their time.
    ExpiredToken,
    /// The clock of this machine is wrong.
    ClockSkew,
    /// The region does not exist, is not enabled, or has no X-Ray; or its name cannot be looked up.
    WrongRegion,
    /// Nobody answers at the address.
    Unreachable,
    /// STS does not let us take on the role.
    RefusedRole,
    /// Secrets are there and cannot be read: the key is lost or another one.
    UnreadableSecret,
}
