//! The answer to the latest question: a new question stops the one before it.

use crate::prelude::*;
use api::Failure;
use futures::future::abortable;
use leptos::task::spawn_local;

use super::server::{self, Resource};
use crate::state::{Load, Shared};

/// How far a request has come.
enum Step {
    /// Nobody asks.
    Idle,
    /// On its way; for the same resource as the one before, or for another.
    Asked { again: bool },
    /// Here, or not to be had.
    Answered(Result<Vec<u8>, Failure>),
}

/// Fetches the present resource, again when it changes, and not at all without one. When only the number beside it
/// changes, the former value is shown as stale until the new one has come.
///
/// (Leptos' `LocalResource` would wait for the older request and show its answer.)
pub(crate) fn latest<T: Send + Sync + 'static>(
    resource: impl Fn() -> Option<(Resource<T>, u32)> + Send + Sync + 'static,
) -> Signal<Load<Shared<T>>> {
    let (load, set_load) = signal(Load::Idle);
    let read = StoredValue::new(None);
    let address = Signal::memo(move |_| {
        resource().map(|(resource, number)| {
            read.set_value(Some(resource.read));
            (resource.address, number)
        })
    });
    follow(
        address,
        Box::new(move |step| {
            let Some(former) = load.try_with_untracked(|load: &Load<Shared<T>>| load.value().cloned()) else { return };
            let next = match step {
                Step::Idle => Load::Idle,
                Step::Asked { again } => Load::Loading { stale: former.filter(|_| again) },
                Step::Answered(answer) => {
                    let value = |bytes: Vec<u8>| read.try_get_value().flatten()?(&bytes);
                    let failed = |failure| Load::Failed { failure: Shared::new(failure), stale: former };
                    match answer {
                        Ok(bytes) => value(bytes)
                            .map_or_else(|| failed(server::unreadable()), |value| Load::Ready(Shared::new(value))),
                        Err(failure) => failed(failure),
                    }
                }
            };
            // The owner may be gone by now.
            set_load.set(next);
        }),
    );
    load
}

/// Asks for an address whenever it changes, and tells how far that is. One function for all kinds of answers: each kind
/// of its own would be another copy of it in the page.
fn follow(address: Signal<Option<(String, u32)>>, tell: Box<dyn Fn(Step)>) {
    let tell = std::rc::Rc::new(tell);
    Effect::new(move |before: Option<Option<String>>| {
        let Some((address, _)) = address.get() else {
            tell(Step::Idle);
            return None;
        };
        tell(Step::Asked { again: before.flatten().as_ref() == Some(&address) });
        let asked = address.clone();
        let (request, abort) = abortable(async move { server::bytes(&asked, None).await });
        on_cleanup(move || abort.abort());
        let tell = tell.clone();
        spawn_local(async move {
            if let Ok(answer) = request.await {
                tell(Step::Answered(answer));
            }
        });
        Some(address)
    });
}
