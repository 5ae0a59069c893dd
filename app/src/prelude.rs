//! What every view needs: Leptos, with our own signals in the place of its.

pub(crate) use leptos::prelude::*;

pub(crate) use crate::{
    platform::still::{Inside, still},
    reactive::{Callback, Effect, RwSignal, Signal, StoredValue, signal},
    widgets::Show,
};
