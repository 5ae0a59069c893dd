//! Controls that know nothing of traces.

pub(crate) mod copy;
pub(crate) mod filter_by;
pub(crate) mod folds;
pub(crate) mod menu;
mod show;
pub(crate) mod split;

pub(crate) use self::show::Show;
