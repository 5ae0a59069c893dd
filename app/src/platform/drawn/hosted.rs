//! Bare elements among the views of Leptos, and its views inside bare elements.

use crate::reactive::StoredValue;
use leptos::{
    prelude::{AnyView, IntoAny as _, Mountable as _, Render, RenderHtml},
    tachys::{
        html::attribute::any_attribute::AnyAttribute,
        hydration::Cursor,
        no_attrs,
        view::{Position, PositionState},
    },
};
use web_sys::Element;

use super::Drawn;

impl Drawn {
    /// The element as a view.
    pub(crate) fn view(&self) -> AnyView {
        Hosted(StoredValue::new(self.clone())).into_any()
    }

    /// Puts a view inside, after what is there. It lives as long as the owner.
    pub(crate) fn hold(&self, view: AnyView) {
        let mut state = view.build();
        state.mount(&self.0, None);
        StoredValue::new(state);
    }
}

/// An element as a view. It is kept aside, as views have to be such that threads can pass them on.
struct Hosted(StoredValue<Drawn>);

impl Hosted {
    fn element(&self) -> Element {
        self.0.with_value(|drawn| drawn.element().clone())
    }
}

impl Render for Hosted {
    type State = Element;

    fn build(self) -> Element {
        self.element()
    }

    fn rebuild(self, state: &mut Element) {
        let mut new = self.element();
        state.insert_before_this(&mut new);
        state.unmount();
        *state = new;
    }
}

no_attrs!(Hosted);

/// There is no server that writes the page, so that only the types matter.
impl RenderHtml for Hosted {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {}

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Element {
        self.element()
    }

    fn into_owned(self) -> Self {
        self
    }
}
