//! The service behind the protocol: the store, the counters, and the routes.

use std::sync::Arc;

use axum::Router;

use crate::status::{Status, StatusHandle};

/// What every request works on.
#[derive(Debug)]
pub struct Service {
    strict: bool,
}

impl Service {
    /// An empty service. Of the configuration, `listen` and `allowed_hosts` do not matter here.
    pub fn new(config: &crate::Config) -> Arc<Self> {
        Arc::new(Self { strict: config.strict })
    }

    /// A handle on its state.
    pub fn status_handle(self: &Arc<Self>) -> StatusHandle {
        StatusHandle { service: self.clone() }
    }

    pub(crate) fn status(&self) -> Status {
        Status { strict: self.strict, ..Status::default() }
    }
}

/// The routes of the protocol, without the guard.
pub fn router(service: Arc<Service>) -> Router {
    Router::new().with_state(service)
}
