//! Controls that know nothing of traces.

pub(crate) mod copy;
pub(crate) mod filter_by;
pub(crate) mod menu;
pub(crate) mod split;
