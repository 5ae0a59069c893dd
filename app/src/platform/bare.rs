//! Bare elements among views: one stands wherever a view can, and holds views.
//!
//! Leptos compiles a view's machinery anew for each kind of view. A bare element is always of the same kind.

use leptos::{
    prelude::{AnyView, IntoAny as _},
    tachys::{
        self,
        html::attribute::any_attribute::AnyAttribute,
        hydration::Cursor,
        view::{Mountable as _, Position, PositionState, Render, RenderHtml},
    },
};
use web_sys::Element;

use super::drawn::Drawn;
use crate::reactive::{Effect, StoredValue};

impl Drawn {
    /// The element as a view.
    pub(crate) fn view(&self) -> AnyView {
        self.clone().into_any()
    }

    /// Puts a view inside, after what is there; it goes with the owner.
    pub(crate) fn hold(&self, view: AnyView) {
        let mut state = view.build();
        state.mount(self.element(), None);
        StoredValue::new(state);
    }

    /// Does something with it, and again whenever something that was read for that has changed.
    pub(crate) fn follow(&self, write: impl Fn(&Self) + 'static) {
        let element = self.clone();
        Effect::new(move |_| write(&element));
    }
}

impl Render for Drawn {
    type State = Element;

    fn build(self) -> Element {
        self.element().clone()
    }

    fn rebuild(self, state: &mut Element) {
        let focused = Self::of(state).and_then(|former| former.focused());
        let mut other = self.clone().build();
        state.insert_before_this(&mut other);
        state.unmount();
        *state = other;
        self.focus_again(focused);
    }
}

tachys::no_attrs!(Drawn);

/// Nothing of this is ever asked for: the page is drawn in the browser alone.
impl RenderHtml for Drawn {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {}

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Element {
        self.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}
