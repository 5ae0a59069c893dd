//! Who we are to X-Ray. The only room that sees credentials; what leaves it is a client that cannot be printed.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use api::{Source, about::SourceKind};
use aws_config::{
    BehaviorVersion, Region, SdkConfig, retry::RetryConfig, stalled_stream_protection::StalledStreamProtectionConfig,
    timeout::TimeoutConfig,
};
use aws_credential_types::Credentials;

use crate::{error::Error, source::XRay};

/// The region that the local X-Ray is said to be in.
pub(crate) const LOCAL_REGION: &str = "local";

/// Where traces can be read from.
pub(crate) struct DataSources {
    list: Vec<DataSource>,
    /// One client for each source and region, made when it is first needed.
    clients: Mutex<BTreeMap<(String, String), XRay>>,
}

struct DataSource {
    name: &'static str,
    kind: SourceKind,
    region: String,
    config: SdkConfig,
    /// Asked instead of AWS's own address.
    endpoint: Option<String>,
}

/// How to reach AWS, when a flag asked for it.
#[derive(Clone, Debug, Default)]
pub(crate) struct AwsChoice {
    pub(crate) region: Option<String>,
    pub(crate) profile: Option<String>,
}

impl AwsChoice {
    /// AWS is called only when a flag names it.
    pub(crate) fn is_asked_for(&self) -> bool {
        self.region.is_some() || self.profile.is_some()
    }
}

impl DataSources {
    /// The local X-Ray at an address, and AWS when it was asked for; AWS comes first then.
    pub(crate) async fn new(local: Option<SocketAddr>, aws: &AwsChoice) -> anyhow::Result<Self> {
        let mut list = Vec::new();
        if aws.is_asked_for() {
            list.push(aws_source(aws).await?);
        }
        if let Some(address) = local {
            list.push(local_source(address).await);
        }
        Ok(Self { list, clients: Mutex::default() })
    }

    /// The sources as the page is told of them.
    pub(crate) fn describe(&self) -> Vec<Source> {
        self.list
            .iter()
            .map(|source| Source {
                name: source.name.to_owned(),
                kind: source.kind,
                default_region: source.region.clone(),
                regions: match source.kind {
                    SourceKind::Local => vec![source.region.clone()],
                    SourceKind::Aws => REGIONS.iter().map(ToString::to_string).collect(),
                },
            })
            .collect()
    }

    /// A client of a source; the default source and its region where none is named.
    pub(crate) fn client(&self, name: Option<&str>, region: Option<&str>) -> Result<XRay, Error> {
        let source = match name.filter(|name| !name.is_empty()) {
            Some(name) => self.list.iter().find(|source| source.name == name).ok_or_else(|| {
                let known: Vec<&str> = self.list.iter().map(|source| source.name).collect();
                Error::BadRequest(format!("there is no source {name:.80}; there are: {}", known.join(", ")))
            })?,
            None => self.list.first().ok_or_else(|| {
                Error::BadRequest("there is no source: start with --region for AWS, or without --no-local".to_owned())
            })?,
        };
        let region = match (source.kind, region.filter(|region| !region.is_empty())) {
            (SourceKind::Aws, Some(region)) if !is_region(region) => {
                return Err(Error::BadRequest(format!("a region looks like eu-west-1; this does not: {region:.80}")));
            }
            (SourceKind::Aws, Some(region)) => region.to_owned(),
            _ => source.region.clone(),
        };
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (source.name.to_owned(), region.clone());
        let make = || {
            let config = source.config.to_builder().region(Region::new(region)).build();
            XRay::new(&config, source.endpoint.as_deref(), &key.0, &key.1)
        };
        if let Some(client) = clients.get(&key) {
            return Ok(client.clone());
        }
        let client = make();
        clients.insert(key, client.clone());
        Ok(client)
    }
}

/// The name goes into a host name, so nothing but a region may pass.
fn is_region(text: &str) -> bool {
    let ok = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    text.len() <= 32 && text.contains('-') && !text.starts_with('-') && !text.ends_with('-') && text.chars().all(ok)
}

/// The SDK's retries are the only ones: ours on top would make a storm.
const ATTEMPTS: u32 = 3;

fn loader() -> aws_config::ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(Duration::from_secs(20))
        .operation_timeout(Duration::from_mins(1))
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(timeouts)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}

async fn aws_source(choice: &AwsChoice) -> anyhow::Result<DataSource> {
    let mut loader = loader();
    if let Some(profile) = &choice.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &choice.region {
        anyhow::ensure!(is_region(region), "--region: a region looks like eu-west-1; this does not: {region}");
        loader = loader.region(Region::new(region.clone()));
    }
    let config = loader.load().await;
    let Some(region) = config.region().map(ToString::to_string) else {
        anyhow::bail!("--profile: it names no region; add --region, as --region eu-west-1");
    };
    Ok(DataSource { name: "aws", kind: SourceKind::Aws, region, config, endpoint: None })
}

async fn local_source(address: SocketAddr) -> DataSource {
    // One that listens everywhere is called on loopback.
    let host = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("127.0.0.1:{}", v4.port()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("[::1]:{}", v6.port()),
        address => address.to_string(),
    };
    // The local X-Ray looks at no signature, but the SDK wants to make one; these are good for nothing else.
    let credentials = Credentials::new("local", "local", None, None, "local X-Ray");
    let config = loader().region(Region::new(LOCAL_REGION)).credentials_provider(credentials).load().await;
    let endpoint = Some(format!("http://{host}"));
    DataSource { name: "local", kind: SourceKind::Local, region: LOCAL_REGION.to_owned(), config, endpoint }
}

/// The regions with X-Ray; others can be typed.
const REGIONS: [&str; 34] = [
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
    "af-south-1",
    "ap-east-1",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "cn-north-1",
    "cn-northwest-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
];
