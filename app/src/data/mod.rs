//! What is fetched: the only room that asks our server.

mod latest;
mod list;
mod server;

pub(crate) use self::{
    latest::latest,
    list::{ListState, TraceListData, trace_list},
    server::{about, span, trace},
};
