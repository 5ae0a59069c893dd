//! From a definition to AWS: which credentials, whose role, at which address.

use std::{fmt, time::Duration};

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
    provider::{self, ProvideCredentials, SharedCredentialsProvider, error::CredentialsError},
};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_http_client::tls::{self, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    Http,
    address::NoLinkLocal,
    cached::Cached,
    definition::{Secrets, is_region},
};

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
        let base = base_credentials(settings, secrets, &region, http);
        let mut loader = loader(http).region(region.clone()).credentials_provider(base.clone());
        if settings.fips {
            loader = loader.use_fips(true);
        }
        if settings.dual_stack {
            loader = loader.use_dual_stack(true);
        }
        let config = without_endpoints(&loader.load().await);
        let sts_endpoint = said(&settings.sts_endpoint);
        let credentials = if settings.assume_role_arn.is_empty() {
            Cached::new(base)
        } else {
            let mut sts = config.to_builder();
            if let Some(endpoint) = &sts_endpoint {
                // The SDK refuses them together, and these may be the environment's.
                sts = sts.endpoint_url(endpoint).use_fips(false).use_dual_stack(false);
            }
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
    pub(super) fn xray(&self, region: &str, settings: &Settings) -> SdkConfig {
        let config = self.config(region);
        if settings.endpoint.is_empty() {
            return config;
        }
        // The SDK refuses FIPS and dual-stack with an endpoint, and they may be the environment's.
        config.into_builder().use_fips(settings.fips).use_dual_stack(settings.dual_stack).build()
    }

    /// What clients in a region are made of.
    fn config(&self, region: &str) -> SdkConfig {
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
        if let Some(endpoint) = &self.sts_endpoint {
            config = config.endpoint_url(endpoint).use_fips(false).use_dual_stack(false);
        }
        aws_sdk_sts::Client::from_conf(config.build())
    }
}

/// The same without the addresses that environment and profiles have for services: which AWS is asked is the data source's
/// own business. A configuration keeps them where they cannot be taken out, so that a new one is made.
fn without_endpoints(loaded: &SdkConfig) -> SdkConfig {
    let mut own = SdkConfig::builder();
    own.set_region(loaded.region().cloned())
        .set_credentials_provider(loaded.credentials_provider())
        .set_http_client(loaded.http_client())
        .set_retry_config(loaded.retry_config().cloned())
        .set_timeout_config(loaded.timeout_config().cloned())
        .set_stalled_stream_protection(loaded.stalled_stream_protection())
        .set_identity_cache(loaded.identity_cache())
        .set_sleep_impl(loaded.sleep_impl())
        .set_time_source(loaded.time_source())
        .set_behavior_version(loaded.behavior_version())
        .set_app_name(loaded.app_name().cloned())
        .set_use_fips(loaded.use_fips())
        .set_use_dual_stack(loaded.use_dual_stack())
        .set_disable_clock_skew_correction(loaded.disable_clock_skew_correction());
    own.build()
}

/// The credentials before any role is taken on.
fn base_credentials(settings: &Settings, secrets: &Secrets, region: &Region, http: &Http) -> SharedCredentialsProvider {
    match settings.auth {
        Auth::Keys => {
            let text = |secret: &Option<SecretString>| secret.as_ref().map(|it| it.expose_secret().to_owned());
            let [id, key] = [&secrets.access_key, &secrets.secret_key].map(|it| text(it).unwrap_or_default());
            let token = text(&secrets.session_token);
            SharedCredentialsProvider::new(Credentials::new(id, key, token, None, "data source"))
        }
        // Nothing of the environment's keys or of the user's files: only what the machine itself is.
        Auth::Role => SharedCredentialsProvider::new(
            CredentialsProviderChain::first_try(
                "EKS web identity",
                WebIdentityTokenCredentialsProvider::builder()
                    .configure(&provider_config(region, &http.client))
                    .build(),
            )
            .or_else("ECS or EKS Pod Identity", EcsCredentialsProvider::builder().configure(&metadata()).build())
            .or_else("EC2 instance", ImdsCredentialsProvider::builder().configure(&metadata()).build()),
        ),
        Auth::Credentials | Auth::Default => SharedCredentialsProvider::new(Files {
            settings: settings.clone(),
            region: region.clone(),
            http: http.client.clone(),
        }),
    }
}

fn provider_config(region: &Region, http: &SharedHttpClient) -> ProviderConfig {
    ProviderConfig::default().with_http_client(http.clone()).with_region(Some(region.clone()))
}

/// Credentials that files may have. The SDK's providers read the files once, and one that failed never tries again; so they
/// are made anew each time. [`Cached`] sees to it that this is seldom.
struct Files {
    settings: Settings,
    region: Region,
    http: SharedHttpClient,
}

impl Files {
    async fn credentials(&self) -> provider::Result {
        let Self { settings, region, http } = self;
        if settings.auth == Auth::Credentials {
            return profile_provider(settings, &provider_config(region, http)).provide_credentials().await;
        }
        let chain = DefaultCredentialsChain::builder().configure(metadata()).region(region.clone());
        if settings.profile.is_empty() {
            return chain.build().await.provide_credentials().await;
        }
        // Who names a profile means it, whatever keys lie in the environment.
        let rest = chain.profile_name(&settings.profile).build().await;
        let named = profile_provider(settings, &provider_config(region, http));
        CredentialsProviderChain::first_try("Profile", named).or_else("Default", rest).provide_credentials().await
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Files")
    }
}

impl ProvideCredentials for Files {
    fn provide_credentials<'a>(&'a self) -> provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        provider::future::ProvideCredentials::new(self.credentials())
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

/// The region of these settings, or the one that the environment or the profile names; `None` for what cannot be one. A name
/// like that of the local X-Ray would make AWS look free.
pub(super) async fn region_of(settings: &Settings) -> Option<String> {
    let found = named_region(settings).await?;
    if is_region(&found) {
        return Some(found);
    }
    let shown: String = found.chars().take(80).collect();
    tracing::warn!(region = shown, "a region looks like eu-west-1; this one is passed over");
    None
}

async fn named_region(settings: &Settings) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_no_region_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials");
        let of = async |region: &str| {
            std::fs::write(&path, format!("[prod]\nregion = {region}\n")).unwrap();
            let credentials_file = path.to_str().unwrap().to_owned();
            region_of(&Settings { profile: "prod".to_owned(), credentials_file, ..Settings::default() }).await
        };
        assert_ne!(of("local").await.as_deref(), Some("local"));
        assert_ne!(of("evil.example/").await.as_deref(), Some("evil.example/"));
        assert!(of("eu-west-1").await.is_some());
        let local = Settings { default_region: "local".to_owned(), ..Settings::default() };
        assert_eq!(region_of(&local).await, None);
    }

    #[tokio::test]
    async fn a_credentials_file_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials");
        let settings = Settings {
            auth: Auth::Credentials,
            profile: "prod".to_owned(),
            credentials_file: path.to_str().unwrap().to_owned(),
            ..Settings::default()
        };
        let http = Http { client: http_client(), call_timeout: Duration::from_secs(1) };
        let reach = Reach::new(&settings, &Secrets::default(), "eu-west-1", &http).await;
        for _ in 0..2 {
            let error = reach.try_credentials().await.unwrap_err();
            let said = aws_sdk_sts::error::DisplayErrorContext(&error).to_string();
            assert!(!said.contains("already taken"), "{said}");
        }
        for id in ["AKIDFIRST", "AKIDSECOND"] {
            let text = format!("[prod]\naws_access_key_id = {id}\naws_secret_access_key = planted\n");
            std::fs::write(&path, text).unwrap();
            reach.credentials().forget().await;
            let found = reach.credentials().provide_credentials().await.unwrap();
            assert_eq!(found.access_key_id(), id);
        }
    }
}
