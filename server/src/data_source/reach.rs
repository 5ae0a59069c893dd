//! From a definition to AWS: which credentials, whose role, at which address.

use std::time::Duration;

use api::data_source::{Auth, Settings};
use aws_config::{
    BehaviorVersion, ConfigLoader, Region, SdkConfig,
    default_provider::credentials::DefaultCredentialsChain,
    ecs::EcsCredentialsProvider,
    environment::region::EnvironmentVariableRegionProvider,
    imds::credentials::ImdsCredentialsProvider,
    meta::credentials::CredentialsProviderChain,
    profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider},
    provider_config::ProviderConfig,
    retry::RetryConfig,
    stalled_stream_protection::StalledStreamProtectionConfig,
    sts::AssumeRoleProvider,
    timeout::TimeoutConfig,
    web_identity_token::WebIdentityTokenCredentialsProvider,
};
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials as _, SharedCredentialsProvider, error::CredentialsError},
};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use secrecy::{ExposeSecret as _, SecretString};

use super::{Http, address::NoLinkLocal, cached::Cached, definition::Secrets};

/// The role's session in `CloudTrail` where nothing is said.
const SESSION: &str = "roentgen";

/// How a data source is reached: one for all its regions, so that a role is taken on once.
pub(super) struct Reach {
    config: SdkConfig,
    credentials: Cached,
    sts_endpoint: Option<String>,
}

/// Connections of the whole process; no name leads it to a link-local address.
pub(super) fn http_client() -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(CryptoMode::AwsLc))
        .build_with_resolver(NoLinkLocal)
}

fn loader(http: &Http) -> ConfigLoader {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .operation_attempt_timeout(http.call_timeout)
        .build();
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.client.clone())
        // Calls are repeated by `source::call`, which knows what else goes on in the account.
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
}

impl Reach {
    /// Prepares what these settings say. Nothing is asked yet.
    pub(super) async fn new(settings: &Settings, secrets: &Secrets, region: &str, http: &Http) -> Self {
        let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let region = Region::new(region.to_owned());
        let base = base_credentials(settings, secrets, &region, http).await;
        let mut loader = loader(http).region(region.clone()).credentials_provider(base.clone());
        if settings.fips {
            loader = loader.use_fips(true);
        }
        if settings.dual_stack {
            loader = loader.use_dual_stack(true);
        }
        let config = loader.load().await;
        let sts_endpoint = said(&settings.sts_endpoint);
        let credentials = if settings.assume_role_arn.is_empty() {
            Cached::new(base)
        } else {
            let mut sts = config.to_builder();
            sts.set_endpoint_url(sts_endpoint.clone().or_else(|| config.endpoint_url().map(str::to_owned)));
            let session = said(&settings.session_name).unwrap_or_else(|| SESSION.to_owned());
            let mut role = AssumeRoleProvider::builder(&settings.assume_role_arn)
                .session_name(session)
                .region(region)
                .configure(&sts.build());
            if let Some(external_id) = said(&settings.external_id) {
                role = role.external_id(external_id);
            }
            Cached::new(role.build_from_provider(base).await)
        };
        Self { config, credentials, sts_endpoint }
    }

    /// What a client of X-Ray in a region is made of.
    pub(super) fn config(&self, region: &str) -> SdkConfig {
        let credentials = SharedCredentialsProvider::new(self.credentials.clone());
        let builder = self.config.to_builder().region(Region::new(region.to_owned()));
        // Credentials are kept by `Cached`, for all regions, and can be forgotten there.
        builder
            .credentials_provider(credentials)
            .identity_cache(aws_config::identity::IdentityCache::no_cache())
            .build()
    }

    /// The credentials are not what they were said to be.
    pub(super) fn credentials(&self) -> &Cached {
        &self.credentials
    }

    /// Whether there are credentials to be had.
    pub(super) async fn try_credentials(&self) -> Result<(), CredentialsError> {
        self.credentials.provide_credentials().await.map(drop)
    }

    /// A client of STS that uses the same credentials.
    pub(super) fn sts(&self, region: &str) -> aws_sdk_sts::Client {
        let mut config = aws_sdk_sts::config::Builder::from(&self.config(region));
        config.set_endpoint_url(self.sts_endpoint.clone());
        aws_sdk_sts::Client::from_conf(config.build())
    }
}

/// The credentials before any role is taken on.
async fn base_credentials(
    settings: &Settings,
    secrets: &Secrets,
    region: &Region,
    http: &Http,
) -> SharedCredentialsProvider {
    let provider = ProviderConfig::default().with_http_client(http.client.clone()).with_region(Some(region.clone()));
    match settings.auth {
        Auth::Keys => {
            let text = |secret: &Option<SecretString>| secret.as_ref().map(|it| it.expose_secret().to_owned());
            let [id, key] = [&secrets.access_key, &secrets.secret_key].map(|it| text(it).unwrap_or_default());
            let token = text(&secrets.session_token);
            SharedCredentialsProvider::new(Credentials::new(id, key, token, None, "data source"))
        }
        Auth::Credentials => SharedCredentialsProvider::new(profile_provider(settings, &provider)),
        // Nothing of the environment's keys or of the user's files: only what the machine itself is.
        Auth::Role => SharedCredentialsProvider::new(
            CredentialsProviderChain::first_try(
                "EKS web identity",
                WebIdentityTokenCredentialsProvider::builder().configure(&provider).build(),
            )
            .or_else("ECS or EKS Pod Identity", EcsCredentialsProvider::builder().configure(&metadata()).build())
            .or_else("EC2 instance", ImdsCredentialsProvider::builder().configure(&metadata()).build()),
        ),
        Auth::Default => {
            let mut chain = DefaultCredentialsChain::builder().configure(metadata()).region(region.clone());
            if !settings.profile.is_empty() {
                chain = chain.profile_name(&settings.profile);
            }
            SharedCredentialsProvider::new(chain.build().await)
        }
    }
}

/// The metadata services are link-local by nature: the SDK reaches them by its own connections.
fn metadata() -> ProviderConfig {
    ProviderConfig::default()
}

fn profile_provider(settings: &Settings, provider: &ProviderConfig) -> ProfileFileCredentialsProvider {
    let builder = ProfileFileCredentialsProvider::builder().configure(provider).profile_name(&settings.profile);
    match profile_files(settings) {
        Some(files) => builder.profile_files(files).build(),
        None => builder.build(),
    }
}

fn profile_files(settings: &Settings) -> Option<EnvConfigFiles> {
    let file = &settings.credentials_file;
    (!file.is_empty()).then(|| {
        EnvConfigFiles::builder()
            .with_file(EnvConfigFileKind::Credentials, file)
            .include_default_config_file(true)
            .build()
    })
}

/// The region that the environment or the profile names, for settings that name none.
pub(super) async fn region_of(settings: &Settings) -> Option<String> {
    if !settings.default_region.is_empty() {
        return Some(settings.default_region.clone());
    }
    let mut builder = ProfileFileRegionProvider::builder();
    if !settings.profile.is_empty() {
        builder = builder.profile_name(&settings.profile);
    }
    if let Some(files) = profile_files(settings) {
        builder = builder.profile_files(files);
    }
    let chain = aws_config::meta::region::RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new());
    chain.or_else(builder.build()).region().await.map(|region| region.to_string())
}
