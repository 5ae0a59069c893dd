//! What is drawn. Views know traces and fetch nothing.

pub(crate) mod calls;
pub(crate) mod export;
pub(crate) mod failure;
pub(crate) mod files;
pub(crate) mod filter_editor;
pub(crate) mod groups;
pub(crate) mod header;
pub(crate) mod map;
pub(crate) mod query_bar;
pub(crate) mod result_line;
pub(crate) mod sources;
pub(crate) mod trace;
pub(crate) mod trace_list;
pub(crate) mod welcome;
