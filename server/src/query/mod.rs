//! Questions whose answer is a stream: windows, calls, model values, events.

mod cache;
mod context;
mod failed;
mod named_traces;
mod plan;
mod service_map;
mod shared;
mod spending;
mod trace_list;
mod windows;

pub(crate) use self::{
    cache::WindowCache,
    context::{Context, now, quantised},
    named_traces::named_traces,
    service_map::service_map,
    shared::Answers,
    spending::Spending,
    trace_list::trace_list,
};
