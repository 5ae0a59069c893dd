//! The data sources: what there is, changes of them, and the doctor.

use api::{DataSources, Diagnosis, Failure, data_source::Settings};
use futures::future::{AbortHandle, abortable};
use leptos::{prelude::*, task::spawn_local};
use serde::{Serialize, Serializer};

use super::server;
use crate::{
    pages::AboutLoad,
    route::SourceForm,
    state::{Load, Shared},
};

/// A data source as somebody wrote it into the form. It is sent and dropped, and cannot be printed: it may hold secrets.
#[derive(Serialize)]
pub(crate) struct Draft {
    /// Its name.
    pub(crate) name: String,
    /// It answers questions that name no source.
    pub(crate) is_default: bool,
    /// How it is reached.
    pub(crate) settings: Settings,
    /// The secrets that change, by name; an empty one goes.
    #[serde(serialize_with = "as_object")]
    pub(crate) secrets: Vec<(&'static str, String)>,
}

fn as_object<S: Serializer>(pairs: &[(&'static str, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(name, value)| (name, value)))
}

/// A change of the data sources.
pub(crate) enum Change {
    /// Makes one, or changes the one of this name.
    Save(Option<String>, Draft),
    /// Takes one away.
    Delete(String),
}

/// Which data source was tested, and what came of it.
#[derive(Clone, PartialEq)]
pub(crate) struct Tested {
    /// Its name.
    pub(crate) name: String,
    /// What the doctor found, as far as it has come.
    pub(crate) found: Load<Shared<Diagnosis>>,
}

/// The signals of the data sources.
#[derive(Clone, Copy)]
pub(crate) struct SourcesData {
    /// All of them.
    pub(crate) list: ReadSignal<Load<Shared<DataSources>>>,
    /// How many changes were made; the list is that of after the last one.
    pub(crate) made: ReadSignal<u32>,
    /// A change is on its way.
    pub(crate) busy: ReadSignal<bool>,
    /// Why the last change was refused.
    pub(crate) refused: ReadSignal<Option<Failure>>,
    /// The last test.
    pub(crate) tested: ReadSignal<Option<Tested>>,
    /// Asks for all of them again.
    pub(crate) reload: Callback<()>,
    /// Makes a change, and calls back when it is made.
    pub(crate) change: Callback<(Change, Box<dyn FnOnce()>)>,
    /// Tests one; a test that still runs is given up.
    pub(crate) test: Callback<String>,
}

/// The data sources, asked for again when the server has others than before. A refusal is forgotten when another form opens.
pub(crate) fn sources(about: AboutLoad, form: Memo<Option<SourceForm>>) -> SourcesData {
    let (list, set_list) = signal(Load::Loading { stale: None });
    let (made, set_made) = signal(0_u32);
    let (busy, set_busy) = signal(false);
    let (refused, set_refused) = signal(None);
    Effect::new(move |_| {
        form.track();
        set_refused.set(None);
    });
    let reload = Callback::new(move |()| {
        let before = made.get_untracked();
        let stale = list.with_untracked(|list: &Load<Shared<DataSources>>| list.value().cloned());
        set_list.set(Load::Loading { stale: stale.clone() });
        spawn_local(async move {
            let answer = server::data_sources("GET", None, None).await;
            // The answer of a change that was made meanwhile is the newer one.
            if made.try_get_untracked() == Some(before) {
                set_list.set(match answer {
                    Ok(sources) => Load::Ready(Shared::new(sources)),
                    Err(failure) => Load::Failed { failure: Shared::new(failure), stale },
                });
            }
        });
    });
    let known = Memo::new(move |_| about.with(|about| about.value().map(|about| about.sources.clone())));
    Effect::new(move |_| {
        known.track();
        reload.run(());
    });
    let change = Callback::new(move |(change, done): (Change, Box<dyn FnOnce()>)| {
        set_refused.set(None);
        set_busy.set(true);
        spawn_local(async move {
            let answer = match change {
                Change::Delete(name) => server::data_sources("DELETE", Some(&name), None).await,
                Change::Save(name, draft) => {
                    let body = serde_json::to_string(&draft).ok();
                    drop(draft);
                    server::data_sources(if name.is_some() { "PUT" } else { "POST" }, name.as_deref(), body).await
                }
            };
            // Whoever has left the page does not want to hear of it.
            if set_busy.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(sources) => {
                    set_list.set(Load::Ready(Shared::new(sources)));
                    set_made.update(|made| *made += 1);
                    done();
                }
                Err(failure) => set_refused.set(Some(failure)),
            }
        });
    });
    let (tested, test) = doctor();
    SourcesData { list, made, busy, refused, tested, reload, change, test }
}

fn doctor() -> (ReadSignal<Option<Tested>>, Callback<String>) {
    let (tested, set_tested) = signal(None);
    let running = StoredValue::new(None::<AbortHandle>);
    let stop = move || {
        if let Some(former) = running.try_get_value().flatten() {
            former.abort();
        }
    };
    on_cleanup(stop);
    let test = Callback::new(move |name: String| {
        stop();
        set_tested.set(Some(Tested { name: name.clone(), found: Load::Loading { stale: None } }));
        let (request, abort) = abortable(async move {
            let found = match server::test_data_source(&name).await {
                Ok(diagnosis) => Load::Ready(Shared::new(diagnosis)),
                Err(failure) => Load::Failed { failure: Shared::new(failure), stale: None },
            };
            set_tested.set(Some(Tested { name, found }));
        });
        running.set_value(Some(abort));
        spawn_local(async move { request.await.unwrap_or_default() });
    });
    (tested, test)
}
