//! The answer to the latest question: a new question stops the one before it.

use std::future::Future;

use api::Failure;
use futures::future::abortable;
use leptos::{prelude::*, task::spawn_local};

use crate::state::{Load, Shared};

/// Fetches for the present key, again when the key changes, and not at all without one. When only the second part of the
/// key changes, the former value is shown as stale until the new one has come.
///
/// (Leptos' `LocalResource` would wait for the older request and show its answer.)
pub(crate) fn latest<K, V, T, F>(
    key: impl Fn() -> Option<(K, V)> + Send + Sync + 'static,
    fetch: impl Fn(K) -> F + 'static,
) -> Signal<Load<Shared<T>>>
where
    K: Clone + PartialEq + Send + Sync + 'static,
    V: PartialEq + Send + Sync + Clone + 'static,
    T: Send + Sync + 'static,
    F: Future<Output = Result<T, Failure>> + 'static,
{
    let (load, set_load) = signal(Load::Idle);
    let key = Memo::new(move |_| key());
    Effect::new(move |before: Option<Option<K>>| {
        let Some((key, _)) = key.get() else {
            set_load.set(Load::Idle);
            return None;
        };
        let same = before.flatten().is_some_and(|before| before == key);
        let stale = load.with_untracked(|load: &Load<Shared<T>>| load.value().cloned()).filter(|_| same);
        set_load.set(Load::Loading { stale: stale.clone() });
        let (request, abort) = abortable(fetch(key.clone()));
        on_cleanup(move || abort.abort());
        spawn_local(async move {
            let Ok(answer) = request.await else { return };
            let new = match answer {
                Ok(value) => Load::Ready(Shared::new(value)),
                Err(failure) => Load::Failed { failure: Shared::new(failure), stale },
            };
            // The owner may be gone by now.
            drop(set_load.try_set(new));
        });
        Some(key)
    });
    load.into()
}
