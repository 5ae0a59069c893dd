//! What is fetched: the only room that asks our server.

mod documents;
mod files;
mod groups;
mod latest;
mod list;
mod map;
mod server;
mod sources;
mod stream;

pub(crate) use self::{
    documents::{Documents, DocumentsData, documents},
    files::{FilesData, Held, Opened},
    groups::{GroupsData, groups},
    latest::latest,
    list::{TraceListData, trace_list},
    map::service_map,
    server::{about, documents_at_hand, said, span, trace},
    sources::{Draft, Request, SourcesData, SourcesState, Tested, sources},
    stream::{Asked, Round, StreamState},
};
