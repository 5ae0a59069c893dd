//! The documents of the spans that are looked at, each asked for once; those of the spans in view come ahead.

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
    /// The spans in view, as far as they have documents: one of them may be wanted next.
    pub(crate) near: RwSignal<Vec<SpanId>>,
}

/// A request under way, or answered.
struct Asked {
    span: SpanId,
    address: String,
    /// Stops it; none for what was at hand.
    abort: Option<AbortHandle>,
}

impl Asked {
    fn stop(&self) {
        if let Some(abort) = &self.abort {
            abort.abort();
        }
    }
}

/// Fetches what is wanted and not there yet; what is no longer wanted is stopped and dropped. `at_hand` names those of
/// some spans that the server has at hand, which are fetched together before they are wanted: one request for a screen of
/// rows, and a span that is selected is shown at once. What that one lacks or fails to give is fetched when it is wanted.
pub(crate) fn documents(
    wanted: impl Fn() -> Vec<(SpanId, Resource<SpanDocument>)> + 'static,
    at_hand: impl Fn(&[SpanId]) -> Option<Resource<Vec<(SpanId, SpanDocument)>>> + 'static,
) -> DocumentsData {
    let (all, set_all) = signal(Documents::new());
    let asked = StoredValue::new(Vec::<Asked>::new());
    let ahead = StoredValue::new(Vec::<(SpanId, Shared<SpanDocument>)>::new());
    let (round, set_round) = signal(0_u32);
    Effect::new(move |_| {
        round.track();
        let wanted = wanted();
        asked.update_value(|asked| {
            asked.retain(|one| {
                let is_wanted =
                    wanted.iter().any(|(span, resource)| one.span == *span && one.address == resource.address);
                if !is_wanted {
                    one.stop();
                }
                is_wanted
            });
            set_all.update(|all| all.retain(|(span, _)| asked.iter().any(|one| one.span == *span)));
            for (span, resource) in wanted {
                if asked.iter().any(|one| one.span == span) {
                    continue;
                }
                let address = resource.address.clone();
                let held = ahead.with_value(|ahead| ahead.iter().find(|(held, _)| *held == span).cloned());
                if let Some((_, document)) = held {
                    asked.push(Asked { span, address, abort: None });
                    put(set_all, span, Load::Ready(document));
                    continue;
                }
                let (request, abort) = abortable(async move { server::bytes(&resource.address, None).await });
                asked.push(Asked { span, address, abort: Some(abort) });
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
    let near = RwSignal::new(Vec::new());
    let coming = StoredValue::new(None::<AbortHandle>);
    Effect::new(move |_| {
        let near = near.get();
        let Some(resource) = Some(near).filter(|near| !near.is_empty()).and_then(|near| at_hand(&near)) else { return };
        let (request, abort) = abortable(async move { server::bytes(&resource.address, None).await });
        stop(coming, Some(abort));
        spawn_local(async move {
            let Ok(Ok(bytes)) = request.await else { return };
            let documents = (resource.read)(&bytes).unwrap_or_default().into_iter();
            ahead.try_update_value(|ahead| {
                *ahead = documents.map(|(span, document)| (span, Shared::new(document))).collect();
            });
        });
    });
    on_cleanup(move || {
        asked.try_update_value(|asked| asked.iter().for_each(Asked::stop));
        stop(coming, None);
    });
    let retry = Callback::new(move |span: SpanId| {
        asked.update_value(|asked| asked.retain(|one| one.span != span));
        set_round.update(|round| *round += 1);
    });
    DocumentsData { all, retry, near }
}

/// Stops what is under way; something else may be now.
fn stop(coming: StoredValue<Option<AbortHandle>>, next: Option<AbortHandle>) {
    let former = coming.try_update_value(|coming| std::mem::replace(coming, next));
    if let Some(former) = former.flatten() {
        former.abort();
    }
}

fn put(all: RwSignal<Documents>, span: SpanId, load: Load<Shared<SpanDocument>>) {
    all.update(|all| match all.iter_mut().find(|(known, _)| *known == span) {
        Some((_, known)) => *known = load,
        None => all.push((span, load)),
    });
}
