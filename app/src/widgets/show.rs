//! One thing or another. As Leptos' own, but in the page once, and not once for each condition.

use std::sync::Arc;

use leptos::prelude::{AnyView, component};

use crate::{
    platform::still::{Inside, still},
    reactive::Signal,
};

/// A condition that is asked again when what it read changes.
pub(crate) struct When(Arc<dyn Fn() -> bool + Send + Sync>);

impl<F: Fn() -> bool + Send + Sync + 'static> From<F> for When {
    fn from(from: F) -> Self {
        Self(Arc::new(from))
    }
}

/// Shows the children while a condition holds, and otherwise what takes their place. Neither is made anew while the
/// condition stays as it is.
#[component]
pub(crate) fn Show(#[prop(into)] when: When, #[prop(into, optional)] fallback: Inside, children: Inside) -> AnyView {
    let when = Signal::memo(move |_| (when.0)());
    still(move || if when.get() { children.view() } else { fallback.view() })
}
