//! Views that are put in the place of one another as a whole.
//!
//! A view of Leptos can be patched to become another one of its kind; what that takes is compiled for each kind. Most
//! views are never followed by one of their kind, so for those it is left out.

use std::sync::Arc;

use leptos::{
    children::{ChildrenOptContainer, ToChildren},
    prelude::{AnyView, IntoAny as _},
    tachys::{
        self,
        html::attribute::any_attribute::AnyAttribute,
        hydration::Cursor,
        view::{Mountable, Position, PositionState, Render, RenderHtml},
    },
};
use web_sys::{Element, Node};

/// A view that is not yet built.
struct Still(Box<dyn FnOnce() -> Built + Send>);

/// A view that is in the page.
struct Built(Box<dyn Mountable>);

/// A view that is never patched. It has to be one that stands somewhere, as another one may have to take that place.
pub(crate) fn still<V: RenderHtml + 'static>(view: V) -> AnyView {
    const { assert!(V::EXISTS) };
    Still(Box::new(move || Built(Box::new(view.build())))).into_any()
}

/// What stands inside of something, made whenever it is asked for.
#[derive(Clone)]
pub(crate) struct Inside(Arc<dyn Fn() -> AnyView + Send + Sync>);

impl Inside {
    /// Makes it.
    pub(crate) fn view(&self) -> AnyView {
        (self.0)()
    }
}

impl Default for Inside {
    fn default() -> Self {
        Self(Arc::new(|| ().into_any()))
    }
}

impl<F: Fn() -> V + Send + Sync + 'static, V: RenderHtml + 'static> From<F> for Inside {
    fn from(from: F) -> Self {
        Self(Arc::new(move || still(from())))
    }
}

impl<F: Fn() -> V + Send + Sync + 'static, V: RenderHtml + 'static> ToChildren<F> for Inside {
    fn to_children(from: F) -> Self {
        from.into()
    }
}

impl<V: RenderHtml + Clone + Sync + 'static> ToChildren<ChildrenOptContainer<V>> for Inside {
    fn to_children(from: ChildrenOptContainer<V>) -> Self {
        Self(Arc::new(move || still(from.0.clone())))
    }
}

impl Mountable for Built {
    fn unmount(&mut self) {
        self.0.unmount();
    }

    fn mount(&mut self, parent: &Element, marker: Option<&Node>) {
        self.0.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.0.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Element> {
        self.0.elements()
    }
}

impl Render for Still {
    type State = Built;

    fn build(self) -> Built {
        (self.0)()
    }

    fn rebuild(self, state: &mut Built) {
        let mut other = self.build();
        state.insert_before_this(&mut other);
        state.unmount();
        *state = other;
    }
}

tachys::no_attrs!(Still);

/// Nothing of this is ever asked for: the page is drawn in the browser alone.
impl RenderHtml for Still {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(self, _: &mut String, _: &mut Position, _: bool, _: bool, _: Vec<AnyAttribute>) {}

    fn hydrate<const FROM_SERVER: bool>(self, _: &Cursor, _: &PositionState) -> Built {
        self.build()
    }

    fn into_owned(self) -> Self {
        self
    }
}
