//! The groups of a source, and changes of them.

use crate::prelude::*;
use api::{Failure, Group, GroupChange};
use leptos::task::spawn_local;

use super::{latest, server};
use crate::state::{Load, Shared};

/// Which source's groups: source and region.
pub(crate) type GroupsOf = (Option<String>, Option<String>);

/// The groups' signals.
#[derive(Clone, Copy)]
pub(crate) struct GroupsData {
    /// The groups; none before somebody wants to see them.
    pub(crate) groups: Signal<Load<Shared<Vec<Group>>>>,
    /// Why the last change was refused.
    pub(crate) refused: Signal<Option<Failure>>,
    /// How many changes were made.
    pub(crate) made: Signal<u32>,
    /// Makes a change.
    pub(crate) change: Callback<GroupChange>,
}

/// The groups of a source, as soon as `key` names one.
pub(crate) fn groups(key: impl Fn() -> Option<GroupsOf> + Copy + Send + Sync + 'static) -> GroupsData {
    let (made, set_made) = signal(0_u32);
    let (refused, set_refused) = signal(None);
    let groups = latest(move || {
        let (source, region) = key()?;
        Some((server::groups(source.as_deref(), region.as_deref()), made.get()))
    });
    let change = Callback::new(move |change: GroupChange| {
        let Some((source, region)) = untrack(key) else { return };
        set_refused.set(None);
        spawn_local(async move {
            match server::change_groups(change, source, region).await {
                Ok(()) => drop(set_made.try_update(|made| *made += 1)),
                Err(failure) => set_refused.set(Some(failure)),
            }
        });
    });
    GroupsData { groups, refused, made, change }
}
