//! Questions whose answer is a stream: windows, calls, model values, events.

mod row;
mod trace_list;
mod windows;

pub(crate) use self::{row::row, trace_list::trace_list};
