//! What all requests share: the sources, the token, notices, and what is known from earlier requests.

use std::{sync::Arc, time::Duration};

use api::{
    About, Notice,
    about::{Level, Local},
};
use local_xray::StatusHandle;
use model::TraceId;
use moka::sync::Cache;

use crate::{
    data_source::DataSources,
    query::{Answers, Spending, WindowCache},
    routes::Kept,
    security::Token,
    source::Conversations,
};

/// Shared by all requests. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Inner>);

struct Inner {
    sources: DataSources,
    notices: Vec<Notice>,
    local: Option<(String, StatusHandle)>,
    token: Option<Token>,
    demo: bool,
    /// Opened a while ago: the documents of their spans are asked for next.
    traces: Cache<TraceKey, Kept>,
    answers: Answers,
    windows: Arc<WindowCache>,
    conversations: Conversations,
    spending: Arc<Spending>,
}

/// Under which an opened trace is kept: revision of the source's definition, region, id.
pub(crate) type TraceKey = (u64, Arc<str>, TraceId);

/// Opened traces are kept for so long, and at most so many bytes of documents.
const KEPT_FOR: Duration = Duration::from_mins(15);
const KEPT_BYTES: u64 = 192 << 20;

impl AppState {
    /// The state of a server that reads from `sources`.
    pub(crate) fn new(
        sources: DataSources,
        notices: Vec<Notice>,
        local: Option<(String, StatusHandle)>,
        token: Option<Token>,
        demo: bool,
    ) -> Self {
        let weigh = |_: &TraceKey, kept: &Kept| {
            let trace = &kept.trace;
            let bytes: usize = trace.documents.iter().map(|text| text.len()).sum();
            u32::try_from(bytes + trace.spans.len() * 400).unwrap_or(u32::MAX)
        };
        let traces = Cache::builder().max_capacity(KEPT_BYTES).weigher(weigh).time_to_live(KEPT_FOR).build();
        let spending = Arc::new(Spending::new(sources.database().clone()));
        Self(Arc::new(Inner {
            sources,
            notices,
            local,
            token,
            demo,
            traces,
            answers: Answers::default(),
            windows: Arc::new(WindowCache::new()),
            conversations: Conversations::new(),
            spending,
        }))
    }

    pub(crate) fn answers(&self) -> &Answers {
        &self.0.answers
    }

    pub(crate) fn windows(&self) -> &Arc<WindowCache> {
        &self.0.windows
    }

    pub(crate) fn conversations(&self) -> &Conversations {
        &self.0.conversations
    }

    pub(crate) fn spending(&self) -> &Arc<Spending> {
        &self.0.spending
    }

    pub(crate) fn sources(&self) -> &DataSources {
        &self.0.sources
    }

    pub(crate) fn token(&self) -> Option<&Token> {
        self.0.token.as_ref()
    }

    pub(crate) fn traces(&self) -> &Cache<TraceKey, Kept> {
        &self.0.traces
    }

    /// What the page is told about this server.
    pub(crate) fn about(&self) -> About {
        let mut notices = self.0.notices.clone();
        let local = self.0.local.as_ref().map(|(address, status)| {
            let status = status.snapshot();
            notices.extend(local_notices(&status));
            Local {
                address: address.clone(),
                strict: status.strict,
                segments: status.segments,
                traces: status.traces,
                retired_traces: status.retired_traces,
                open_minutes: status.open_minutes,
                refused: status.refused,
                dropped_datagrams: status.dropped_datagrams,
                last_refusal: status.last_refusal,
            }
        });
        notices.extend(self.0.sources.refused().into_iter().map(|refused| Notice {
            level: Level::Warning,
            message: format!("A data source cannot be used: {refused}."),
        }));
        let (version, sources) = (env!("CARGO_PKG_VERSION").to_owned(), self.0.sources.describe());
        About { version, sources, notices, demo: self.0.demo, local }
    }
}

fn local_notices(status: &local_xray::Status) -> Vec<Notice> {
    let warning = |message: String| Notice { level: Level::Warning, message };
    let info = |message: String| Notice { level: Level::Info, message };
    let mut notices = Vec::new();
    if status.refused > 0 {
        let reason = status.last_refusal.as_deref().unwrap_or("unknown");
        let count = status.refused;
        notices.push(warning(format!("The local X-Ray refused {count} documents or datagrams. The latest: {reason}")));
    }
    if status.dropped_datagrams > 0 {
        let count = status.dropped_datagrams;
        notices.push(warning(format!(
            "The kernel dropped {count} datagrams that came faster than they were read: traces may be incomplete. A larger net.core.rmem_max helps."
        )));
    }
    let store = &status.store;
    if let Some(reason) = &store.stopped {
        notices.push(warning(format!(
            "The local X-Ray takes no more traces, what it has can still be read: {reason}. Start Roentgen again."
        )));
    }
    if let Some(reason) = &store.last_failure {
        let count = store.failed;
        notices.push(warning(format!("The local X-Ray could not store {count} batches of documents: {reason}")));
    }
    if let Some(reason) = &store.last_damage {
        let count = store.damaged;
        notices.push(warning(format!(
            "{count} parts of the local X-Ray's data could not be read and were left out. The latest: {reason}"
        )));
    }
    if status.retired_traces > 0 {
        let count = status.retired_traces;
        notices.push(info(format!(
            "The local X-Ray has let {count} old traces go; --retention and --retention-size say what it keeps."
        )));
    }
    if status.oversized > 0 {
        let count = status.oversized;
        notices
            .push(info(format!("{count} documents are larger than the 64 kB that AWS accepts; here they were kept.")));
    }
    if status.strict {
        notices.push(info("The local X-Ray is strict: it samples and limits as AWS does.".to_owned()));
    }
    notices
}
