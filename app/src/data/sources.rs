//! The data sources: what there is, changes of them, and the doctor.

use crate::prelude::*;
use api::{DataSources, Diagnosis, Failure, data_source::Settings, path};
use leptos::task::spawn_local;
use serde::{Serialize, Serializer};

use super::server;
use crate::{pages::AboutLoad, route::SourceForm, state::Shared};

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

/// What can be asked of the server.
pub(crate) enum Request {
    /// All data sources.
    List,
    /// Makes one, or changes the one of this name.
    Save(Option<String>, Draft),
    /// Takes one away.
    Delete(String),
    /// Tests one.
    Test(String),
}

/// Which data source was tested, and what came of it; `None` until that is known.
#[derive(Clone, PartialEq)]
pub(crate) struct Tested {
    /// Its name.
    pub(crate) name: String,
    /// What the doctor found.
    pub(crate) found: Option<Shared<Result<Diagnosis, Failure>>>,
}

/// What is known. One value, because each kind of signal is another copy of their code in the page.
#[derive(Clone, Default)]
pub(crate) struct SourcesState {
    /// All data sources; `None` before they came.
    pub(crate) list: Option<Shared<DataSources>>,
    /// Why the list could not be had.
    pub(crate) failure: Option<Shared<Failure>>,
    /// How many changes were made; the list is that of after the last one.
    pub(crate) made: u32,
    /// A change is on its way.
    pub(crate) busy: bool,
    /// Why the last change was refused.
    pub(crate) refused: Option<Shared<Failure>>,
    /// The last test.
    pub(crate) tested: Option<Tested>,
}

/// The data sources.
#[derive(Clone, Copy)]
pub(crate) struct SourcesData {
    /// What is known of them.
    pub(crate) state: Signal<SourcesState>,
    set_state: RwSignal<SourcesState>,
}

/// The data sources, asked for again when the server has others than before. A refusal is forgotten when another form opens.
pub(crate) fn sources(about: AboutLoad, form: Signal<Option<SourceForm>>) -> SourcesData {
    let (state, set_state) = signal(SourcesState::default());
    let data = SourcesData { state, set_state };
    let known = Signal::memo(move |_| about.with(|about| about.value().map(|about| about.sources.clone())));
    Effect::new(move |_| {
        known.track();
        data.ask(Request::List, Box::new(|| ()));
    });
    Effect::new(move |_| {
        form.track();
        set_state.update(|state| state.refused = None);
    });
    data
}

impl SourcesData {
    /// Sends a request, and calls back when a change is made. An answer that comes too late is dropped.
    pub(crate) fn ask(self, request: Request, done: Box<dyn FnOnce()>) {
        let made = self.state.with_untracked(|state| state.made);
        self.set_state.update(|state| match &request {
            Request::List => state.failure = None,
            Request::Test(name) => state.tested = Some(Tested { name: name.clone(), found: None }),
            Request::Save(..) | Request::Delete(_) => (state.busy, state.refused) = (true, None),
        });
        let one = |name: &str| path::data_source(&server::encode(name));
        let all = || path::DATA_SOURCES.to_owned();
        let (method, address) = match &request {
            Request::List => ("GET", all()),
            Request::Save(None, _) => ("POST", all()),
            Request::Save(Some(name), _) => ("PUT", one(name)),
            Request::Delete(name) => ("DELETE", one(name)),
            Request::Test(name) => ("POST", path::test_data_source(&server::encode(name))),
        };
        let (body, kind) = match request {
            // The draft, with its secrets, ends here.
            Request::Save(_, draft) => (serde_json::to_string(&draft).ok(), Kind::Change),
            Request::Delete(_) => (None, Kind::Change),
            Request::List => (None, Kind::List),
            Request::Test(name) => (None, Kind::Test(name)),
        };
        spawn_local(async move {
            let answer = server::ask(method, &address, body.as_deref()).await;
            drop(body);
            // Whoever has left the page does not want to hear of it.
            let is_made = self.set_state.try_update(|state| state.take(kind, made, answer));
            if is_made == Some(true) {
                done();
            }
        });
    }
}

/// What an answer is to.
enum Kind {
    List,
    Change,
    Test(String),
}

impl SourcesState {
    /// Takes an answer; whether it made a change.
    fn take(&mut self, kind: Kind, made: u32, answer: Result<Vec<u8>, Failure>) -> bool {
        if let Kind::Test(name) = kind {
            let found = answer.and_then(|bytes| server::read(&bytes).ok_or_else(server::unreadable));
            if let Some(tested) = self.tested.as_mut().filter(|tested| tested.name == name) {
                tested.found = Some(Shared::new(found));
            }
            return false;
        }
        let is_change = matches!(kind, Kind::Change);
        if is_change {
            self.busy = false;
        } else if self.made != made {
            // The answer of a change that was made meanwhile is the newer one.
            return false;
        }
        match answer.and_then(|bytes| server::read(&bytes).ok_or_else(server::unreadable)) {
            Ok(list) => {
                self.list = Some(Shared::new(list));
                self.made += u32::from(is_change);
                return is_change;
            }
            Err(failure) if is_change => self.refused = Some(Shared::new(failure)),
            Err(failure) => self.failure = Some(Shared::new(failure)),
        }
        false
    }
}
