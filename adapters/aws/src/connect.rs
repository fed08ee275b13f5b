//! Where AWS is, as whom it is asked and how long an answer is waited for.
//!
//! Region and credentials are found as every AWS tool finds them: the environment, the files of
//! `aws configure`, the role of the container, function or instance.
//! <https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html>

use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use tokio::runtime::Handle;

/// What is said of where AWS is and who asks; the rest is found as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Such as `eu-central-1`.
    pub region: Option<String>,
    /// A profile of the files that `aws configure` writes. Its credentials go before those of the
    /// environment.
    pub profile: Option<String>,
    /// Another address than AWS's own, for every service: a proxy, or an emulator.
    pub endpoint_url: Option<String>,
}

/// How long an answer is waited for, and how often it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// For a connection.
    pub connect: Duration,
    /// For the answer of one try.
    pub attempt: Duration,
    /// For all tries of one call, pauses included.
    pub call: Duration,
    /// How often one call is tried. The pauses grow from a second to [`PAUSE_MAX`], at random.
    pub tries: u32,
}

/// The longest pause between two tries: a throttled account recovers its share each second, so
/// waiting for longer gains nothing.
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html>
pub const PAUSE_MAX: Duration = Duration::from_secs(5);

impl Default for Patience {
    /// For a command that somebody waits for, and for a loop that has nothing better to do.
    /// `FilterLogEvents` may search for some seconds before it answers with an empty page, and the
    /// other calls answer within one.
    fn default() -> Self {
        Patience {
            connect: Duration::from_secs(5),
            attempt: Duration::from_secs(30),
            call: Duration::from_secs(90),
            tries: 6,
        }
    }
}

impl Patience {
    /// For lines that a server sends beside its work: what failed is sent again with the next
    /// minute, and a server that is asked to end has seconds left.
    pub fn serving() -> Self {
        Patience {
            connect: Duration::from_secs(3),
            attempt: Duration::from_secs(4),
            call: Duration::from_secs(8),
            tries: 3,
        }
    }
}

/// An account and a region, as they are reached from here. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Aws {
    config: SdkConfig,
    region: String,
    on: Handle,
}

/// AWS cannot be reached, whatever is asked.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nothing says where.
    #[error(
        "no region is set: --region, AWS_REGION or a profile with a region was expected{}",
        of(profile.as_ref())
    )]
    NoRegion {
        /// The profile that was asked for.
        profile: Option<String>,
    },
    /// The address is none.
    #[error("{url} is no address: http:// or https:// and a host were expected")]
    Endpoint {
        /// What was given.
        url: String,
    },
}

fn of(profile: Option<&String>) -> String {
    profile.map(|profile| format!(" (of profile {profile})")).unwrap_or_default()
}

impl Aws {
    /// Reaches AWS. Its connections live on that runtime, which has to outlive this.
    ///
    /// # Errors
    /// When nothing says which region, or the address is none.
    pub fn connect(place: &Place, patience: Patience, on: &Handle) -> Result<Self, ConnectError> {
        let config = on.block_on(config(place, patience)?.load());
        let config = match &place.profile {
            Some(profile) => as_profile(profile, config),
            None => config,
        };
        let region = config.region().map(ToString::to_string);
        let region =
            region.ok_or_else(|| ConnectError::NoRegion { profile: place.profile.clone() })?;
        Ok(Aws { config, region, on: on.clone() })
    }

    /// Asks as that configuration says; for a caller that has one already, and for tests.
    ///
    /// # Errors
    /// When it says no region.
    pub fn with(config: SdkConfig, on: &Handle) -> Result<Self, ConnectError> {
        let region = config.region().map(ToString::to_string);
        let region = region.ok_or(ConnectError::NoRegion { profile: None })?;
        Ok(Aws { config, region, on: on.clone() })
    }

    /// Such as `eu-central-1`.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// What a client of any service is made of.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// Waits for an answer. Never on a thread of the runtime itself.
    pub fn wait<F: Future>(&self, answer: F) -> F::Output {
        self.on.block_on(answer)
    }
}

fn config(place: &Place, patience: Patience) -> Result<aws_config::ConfigLoader, ConnectError> {
    let mut config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(
            aws_smithy_http_client::Builder::new()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .build_https(),
        )
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(patience.connect)
                .operation_attempt_timeout(patience.attempt)
                .operation_timeout(patience.call)
                .build(),
        )
        .retry_config(
            RetryConfig::standard().with_max_attempts(patience.tries).with_max_backoff(PAUSE_MAX),
        );
    if let Some(region) = &place.region {
        config = config.region(Region::new(region.clone()));
    }
    if let Some(profile) = &place.profile {
        config = config.profile_name(profile);
    }
    if let Some(url) = &place.endpoint_url {
        config = config.endpoint_url(checked(url)?);
    }
    Ok(config)
}

/// With the credentials of that profile, or, where it has none, of the container or instance. The
/// usual chain asks the environment first, so a profile that somebody named would be passed over
/// for another account's keys, as with no other tool.
/// <https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html>
fn as_profile(profile: &str, config: SdkConfig) -> SdkConfig {
    let mut from = ProviderConfig::without_region().with_region(config.region().cloned());
    if let Some(client) = config.http_client() {
        from = from.with_http_client(client);
    }
    let of_profile =
        ProfileFileCredentialsProvider::builder().profile_name(profile).configure(&from).build();
    let of_container = EcsCredentialsProvider::builder().configure(&from).build();
    let of_instance = ImdsCredentialsProvider::builder().profile(profile).configure(&from).build();
    let chain = CredentialsProviderChain::first_try("Profile", of_profile)
        .or_else("EcsContainer", of_container)
        .or_else("Ec2InstanceMetadata", of_instance);
    config.into_builder().credentials_provider(SharedCredentialsProvider::new(chain)).build()
}

fn checked(url: &str) -> Result<&str, ConnectError> {
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    match host {
        Some(host) if !host.is_empty() && !host.starts_with('/') => Ok(url),
        _ => Err(ConnectError::Endpoint { url: url.to_owned() }),
    }
}
