//! The documents of the spans that are looked at, each asked for once.

use api::SpanDocument;
use futures::future::{AbortHandle, abortable};
use leptos::task::spawn_local;
use model::SpanId;

use super::server::{self, Resource};
use crate::{
    prelude::*,
    state::{Load, Shared},
};

/// Documents by their spans, as far as they have come.
pub(crate) type Documents = Vec<(SpanId, Load<Shared<SpanDocument>>)>;

/// The documents of the spans that are looked at.
#[derive(Clone, Copy)]
pub(crate) struct DocumentsData {
    /// Those that are wanted.
    pub(crate) all: Signal<Documents>,
    /// Asks again for one that failed.
    pub(crate) retry: Callback<SpanId>,
    /// The span that somebody looks at and may select next: its document is fetched already.
    pub(crate) near: RwSignal<Option<SpanId>>,
}

/// A request under way, or answered.
struct Asked {
    span: SpanId,
    address: String,
    abort: AbortHandle,
}

/// Fetches what is wanted and not there yet; `wanted` is told which span is near. What is no longer wanted is stopped and
/// dropped.
pub(crate) fn documents(
    wanted: impl Fn(Option<SpanId>) -> Vec<(SpanId, Resource<SpanDocument>)> + 'static,
) -> DocumentsData {
    let (all, set_all) = signal(Documents::new());
    let near = RwSignal::new(None);
    let asked = StoredValue::new(Vec::<Asked>::new());
    let (round, set_round) = signal(0_u32);
    Effect::new(move |_| {
        round.track();
        let wanted = wanted(near.get());
        asked.update_value(|asked| {
            asked.retain(|one| {
                let is_wanted =
                    wanted.iter().any(|(span, resource)| one.span == *span && one.address == resource.address);
                if !is_wanted {
                    one.abort.abort();
                }
                is_wanted
            });
            set_all.update(|all| all.retain(|(span, _)| asked.iter().any(|one| one.span == *span)));
            for (span, resource) in wanted {
                if asked.iter().any(|one| one.span == span) {
                    continue;
                }
                let address = resource.address.clone();
                let (request, abort) = abortable(async move { server::bytes(&resource.address, None).await });
                asked.push(Asked { span, address, abort });
                put(set_all, span, Load::Loading { stale: None });
                spawn_local(async move {
                    let Ok(answer) = request.await else { return };
                    let read = |bytes: Vec<u8>| (resource.read)(&bytes).ok_or_else(server::unreadable);
                    put(
                        set_all,
                        span,
                        match answer.and_then(read) {
                            Ok(document) => Load::Ready(Shared::new(document)),
                            Err(failure) => Load::Failed { failure: Shared::new(failure), stale: None },
                        },
                    );
                });
            }
        });
    });
    on_cleanup(move || {
        asked.try_update_value(|asked| asked.iter().for_each(|one| one.abort.abort()));
    });
    let retry = Callback::new(move |span: SpanId| {
        asked.update_value(|asked| asked.retain(|one| one.span != span));
        set_round.update(|round| *round += 1);
    });
    DocumentsData { all, retry, near }
}

fn put(all: RwSignal<Documents>, span: SpanId, load: Load<Shared<SpanDocument>>) {
    all.update(|all| match all.iter_mut().find(|(known, _)| *known == span) {
        Some((_, known)) => *known = load,
        None => all.push((span, load)),
    });
}
