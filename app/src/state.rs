//! Values that views share.

use std::{ops::Deref, sync::Arc};

use api::Failure;

/// Loaded data, shared by pointer. Two are equal when they are the same: comparing costs nothing, whatever the size.
#[derive(Debug)]
pub(crate) struct Shared<T>(Arc<T>);

impl<T> Shared<T> {
    /// Takes a value that will not change any more.
    pub(crate) fn new(value: T) -> Self {
        Self(Arc::new(value))
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> PartialEq for Shared<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Deref for Shared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// How far something that is fetched has come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Load<T> {
    /// Nobody asked.
    Idle,
    /// On its way; what was there before may be shown meanwhile.
    Loading {
        /// The former value of the same thing.
        stale: Option<T>,
    },
    /// Here.
    Ready(T),
    /// Not to be had; what was there before may still be shown.
    Failed {
        /// Why.
        failure: Shared<Failure>,
        /// The former value of the same thing.
        stale: Option<T>,
    },
}

impl<T> Load<T> {
    /// The value that can be shown, be it stale.
    pub(crate) fn value(&self) -> Option<&T> {
        match self {
            Self::Ready(value) => Some(value),
            Self::Loading { stale } | Self::Failed { stale, .. } => stale.as_ref(),
            Self::Idle => None,
        }
    }
}

/// In which zone moments are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Zone {
    /// The browser's.
    #[default]
    Local,
    /// UTC.
    Utc,
}

impl Zone {
    /// The offset from UTC at a moment, in minutes.
    pub(crate) fn offset_minutes(self, moment: model::Moment) -> i32 {
        match self {
            Self::Utc => 0,
            Self::Local => crate::platform::offset_minutes(moment.0),
        }
    }
}
