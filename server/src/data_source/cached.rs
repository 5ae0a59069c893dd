//! Credentials that several clients share: fetched once, fetched again before they expire.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, future},
};
use tokio::sync::Mutex;

/// Credentials that end within so long are fetched again.
const EARLY: Duration = Duration::from_mins(5);
/// Those that have no end are looked up again after so long: a file may have been changed.
const LONGEST: Duration = Duration::from_mins(15);

/// A provider that asks the one behind it as seldom as it can. Cheap to clone.
#[derive(Clone)]
pub(super) struct Cached(Arc<Inner>);

struct Inner {
    behind: SharedCredentialsProvider,
    kept: Mutex<Option<Kept>>,
}

struct Kept {
    credentials: Credentials,
    fetch_again: SystemTime,
}

impl Cached {
    pub(super) fn new(behind: impl ProvideCredentials + 'static) -> Self {
        Self(Arc::new(Inner { behind: SharedCredentialsProvider::new(behind), kept: Mutex::default() }))
    }

    /// Forgets what is kept: AWS says that it has expired, whatever it was said to be.
    pub(super) async fn forget(&self) {
        *self.0.kept.lock().await = None;
    }

    async fn credentials(&self) -> aws_credential_types::provider::Result {
        // Whoever comes while they are fetched waits for the same answer.
        let mut kept = self.0.kept.lock().await;
        let now = SystemTime::now();
        if let Some(kept) = kept.as_ref().filter(|kept| now < kept.fetch_again) {
            return Ok(kept.credentials.clone());
        }
        match self.0.behind.provide_credentials().await {
            Ok(credentials) => {
                let fetch_again = match credentials.expiry() {
                    None => now + LONGEST,
                    // Short-lived ones are used for half their time.
                    Some(expiry) => {
                        let left = expiry.duration_since(now).unwrap_or_default();
                        now + left.saturating_sub(EARLY).max(left / 2)
                    }
                };
                *kept = Some(Kept { credentials: credentials.clone(), fetch_again });
                Ok(credentials)
            }
            // STS may be away for a moment while the old ones still hold.
            Err(error) => match kept.as_ref() {
                Some(old) if old.credentials.expiry().is_some_and(|expiry| now < expiry) => {
                    tracing::warn!("credentials could not be renewed yet; the present ones hold for now");
                    Ok(old.credentials.clone())
                }
                _ => Err(error),
            },
        }
    }
}

impl fmt::Debug for Cached {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Cached")
    }
}

impl ProvideCredentials for Cached {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[derive(Clone, Debug)]
    struct Counting {
        asked: Arc<AtomicU32>,
        lifetime: Option<Duration>,
    }

    impl ProvideCredentials for Counting {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let expiry = self.lifetime.map(|lifetime| SystemTime::now() + lifetime);
            future::ProvideCredentials::ready(Ok(Credentials::new("id", "secret", None, expiry, "test")))
        }
    }

    #[tokio::test]
    async fn credentials_are_fetched_once_and_again_before_they_end() {
        for (lifetime, pause, expected) in [
            (None, 0, 1),
            (Some(Duration::from_hours(1)), 0, 1),
            (Some(Duration::from_millis(100)), 70, 2),
            (Some(Duration::ZERO), 1, 3),
        ] {
            let asked = Arc::new(AtomicU32::new(0));
            let cached = Cached::new(Counting { asked: asked.clone(), lifetime });
            for _ in 0..2 {
                cached.provide_credentials().await.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(pause)).await;
            cached.provide_credentials().await.unwrap();
            assert_eq!(asked.load(Ordering::SeqCst), expected, "{lifetime:?}");
            cached.forget().await;
            cached.provide_credentials().await.unwrap();
            assert_eq!(asked.load(Ordering::SeqCst), expected + 1);
        }
    }
}
