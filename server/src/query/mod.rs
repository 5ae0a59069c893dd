//! Questions whose answer is a stream: windows, calls, model values, events.

mod failed;
mod named_traces;
mod row;
mod service_map;
mod trace_list;
mod windows;

pub(crate) use self::{named_traces::named_traces, row::row, service_map::service_map, trace_list::trace_list};
