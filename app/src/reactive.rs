//! Signals, memos, stored values, callbacks and effects over Leptos' own, with the same names and meaning.
//!
//! Leptos compiles its machinery anew for every type of value, and for every closure that looks at one: a seventh of the
//! page. Here a value is kept as `dyn Any`, so that the machinery is in the page once; what remains for each type is the
//! way in and out. A handle knows its type, so a value of another type cannot be in it.

use std::{any::Any, cell::RefCell, marker::PhantomData, rc::Rc, sync::Arc};

use leptos::prelude::{
    self as base, GetValue as _, LocalStorage, Notify as _, Set as _, Track as _, UpdateUntracked as _,
    WithUntracked as _, untrack,
};

type Held = Arc<dyn Any + Send + Sync>;
/// Computes a memo's value from the former one.
type Compute = Box<dyn Fn(Option<&dyn Any>) -> Held + Send + Sync>;

/// A value of a memo, and how to tell whether another is the same.
struct Kept {
    value: Held,
    is_same: fn(&dyn Any, &dyn Any) -> bool,
}

impl PartialEq for Kept {
    fn eq(&self, other: &Self) -> bool {
        (self.is_same)(&*self.value, &*other.value)
    }
}

#[derive(Clone, Copy)]
enum Source {
    Value(base::RwSignal<Held>),
    Memo(base::Memo<Kept>),
    Derived(base::StoredValue<Arc<dyn Fn() -> Held + Send + Sync>>),
}

/// A value that is read, and that tells its readers when it changes.
pub(crate) struct Signal<T> {
    source: Source,
    of: PhantomData<fn() -> T>,
}

/// A value that can be changed, and that tells its readers.
pub(crate) struct RwSignal<T> {
    signal: base::RwSignal<Held>,
    of: PhantomData<fn() -> T>,
}

/// A value that tells nobody. It is gone when its owner is.
pub(crate) struct StoredValue<T> {
    /// A `RefCell` of the value.
    value: base::StoredValue<Rc<dyn Any>, LocalStorage>,
    of: PhantomData<fn() -> T>,
}

/// What is done when something happens.
pub(crate) struct Callback<In: 'static, Out: 'static = ()>(StoredValue<Rc<dyn Fn(In) -> Out>>);

/// What is done at once, and again whenever something that it read has changed.
pub(crate) struct Effect;

/// A signal and the way to change it.
pub(crate) fn signal<T: Send + Sync + 'static>(value: T) -> (Signal<T>, RwSignal<T>) {
    let signal = RwSignal::new(value);
    (signal.into(), signal)
}

macro_rules! copied {
    ($($name:ident),*) => {$(
        impl<T> Clone for $name<T> {
            fn clone(&self) -> Self {
                *self
            }
        }
        impl<T> Copy for $name<T> {}
    )*};
}
copied!(Signal, RwSignal, StoredValue);

impl<In, Out> Clone for Callback<In, Out> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<In, Out> Copy for Callback<In, Out> {}

impl<T> From<RwSignal<T>> for Signal<T> {
    fn from(from: RwSignal<T>) -> Self {
        Self { source: Source::Value(from.signal), of: PhantomData }
    }
}

impl From<&str> for Signal<String> {
    fn from(from: &str) -> Self {
        Self::stored(from.to_owned())
    }
}

impl<T: 'static> Signal<T> {
    /// Computes a value, again when what it was computed from changes; readers hear of it if it is another.
    pub(crate) fn memo(compute: impl Fn(Option<&T>) -> T + Send + Sync + 'static) -> Self
    where
        T: PartialEq + Send + Sync,
    {
        fn is_same<T: PartialEq + 'static>(one: &dyn Any, other: &dyn Any) -> bool {
            one.downcast_ref::<T>() == other.downcast_ref::<T>()
        }
        let compute =
            move |former: Option<&dyn Any>| -> Held { Arc::new(compute(former.and_then(|any| any.downcast_ref()))) };
        Self { source: memo(Box::new(compute), is_same::<T>), of: PhantomData }
    }

    /// Computes a value each time it is read.
    pub(crate) fn derive(compute: impl Fn() -> T + Send + Sync + 'static) -> Self
    where
        T: Send + Sync,
    {
        let compute: Arc<dyn Fn() -> Held + Send + Sync> = Arc::new(move || Arc::new(compute()));
        Self { source: Source::Derived(base::StoredValue::new(compute)), of: PhantomData }
    }

    /// A value that stays.
    pub(crate) fn stored(value: T) -> Self
    where
        T: Send + Sync,
    {
        RwSignal::new(value).into()
    }

    pub(crate) fn track(&self) {
        fetch(self.source, true);
    }

    pub(crate) fn with<U>(&self, see: impl FnOnce(&T) -> U) -> U {
        see(fetch(self.source, true).as_deref().and_then(|any| any.downcast_ref()).unwrap_or_else(|| gone()))
    }

    pub(crate) fn with_untracked<U>(&self, see: impl FnOnce(&T) -> U) -> U {
        see(fetch(self.source, false).as_deref().and_then(|any| any.downcast_ref()).unwrap_or_else(|| gone()))
    }

    /// Nothing when the owner has gone.
    pub(crate) fn try_with_untracked<U>(&self, see: impl FnOnce(&T) -> U) -> Option<U> {
        fetch(self.source, false)?.downcast_ref().map(see)
    }

    pub(crate) fn get(&self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    pub(crate) fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.with_untracked(T::clone)
    }

    /// Nothing when the owner has gone.
    pub(crate) fn try_get_untracked(&self) -> Option<T>
    where
        T: Clone,
    {
        self.try_with_untracked(T::clone)
    }
}

impl<T: 'static> RwSignal<T> {
    pub(crate) fn new(value: T) -> Self
    where
        T: Send + Sync,
    {
        Self { signal: base::RwSignal::new(Arc::new(value)), of: PhantomData }
    }

    fn read(self) -> Signal<T> {
        self.into()
    }

    pub(crate) fn with<U>(&self, see: impl FnOnce(&T) -> U) -> U {
        self.read().with(see)
    }

    pub(crate) fn with_untracked<U>(&self, see: impl FnOnce(&T) -> U) -> U {
        self.read().with_untracked(see)
    }

    pub(crate) fn get(&self) -> T
    where
        T: Clone,
    {
        self.read().get()
    }

    pub(crate) fn get_untracked(&self) -> T
    where
        T: Clone,
    {
        self.read().get_untracked()
    }

    /// Does nothing when the owner has gone.
    pub(crate) fn set(&self, value: T)
    where
        T: Send + Sync,
    {
        self.signal.set(Arc::new(value));
    }

    /// Does nothing when the owner has gone.
    pub(crate) fn update(&self, change: impl FnOnce(&mut T)) {
        self.try_update(change);
    }

    /// Nothing when the owner has gone.
    pub(crate) fn try_update<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        let mut held = take(self.signal)?;
        let said = Arc::get_mut(&mut held).and_then(|any| any.downcast_mut()).map(change);
        put(self.signal, held);
        // Whoever changes a value while it is looked at would lose the change.
        Some(said.unwrap_or_else(|| gone()))
    }
}

impl<T: 'static> StoredValue<T> {
    pub(crate) fn new(value: T) -> Self {
        let value: Rc<dyn Any> = Rc::new(RefCell::new(value));
        Self { value: base::StoredValue::new_local(value), of: PhantomData }
    }

    pub(crate) fn with_value<U>(&self, see: impl FnOnce(&T) -> U) -> U {
        self.try_with_value(see).unwrap_or_else(|| gone())
    }

    /// Nothing when the owner has gone.
    pub(crate) fn try_with_value<U>(&self, see: impl FnOnce(&T) -> U) -> Option<U> {
        let value = self.value.try_get_value()?;
        Some(see(&*value.downcast_ref::<RefCell<T>>()?.borrow()))
    }

    pub(crate) fn get_value(&self) -> T
    where
        T: Clone,
    {
        self.with_value(T::clone)
    }

    /// Nothing when the owner has gone.
    pub(crate) fn try_get_value(&self) -> Option<T>
    where
        T: Clone,
    {
        self.try_with_value(T::clone)
    }

    /// Does nothing when the owner has gone.
    pub(crate) fn set_value(&self, new: T) {
        self.update_value(|value| *value = new);
    }

    /// Does nothing when the owner has gone.
    pub(crate) fn update_value(&self, change: impl FnOnce(&mut T)) {
        self.try_update_value(change);
    }

    /// Nothing when the owner has gone.
    pub(crate) fn try_update_value<U>(&self, change: impl FnOnce(&mut T) -> U) -> Option<U> {
        let value = self.value.try_get_value()?;
        Some(change(&mut *value.downcast_ref::<RefCell<T>>()?.borrow_mut()))
    }
}

impl<In: 'static, Out: 'static> Callback<In, Out> {
    pub(crate) fn new(call: impl Fn(In) -> Out + 'static) -> Self {
        Self(StoredValue::new(Rc::new(call)))
    }

    pub(crate) fn run(&self, value: In) -> Out {
        // Its owner may go by what it does, so it is taken out before.
        let call = self.0.get_value();
        call(value)
    }
}

impl Effect {
    /// `run` gets what it gave the last time.
    #[expect(clippy::new_ret_no_self, reason = "it is called as Leptos' own is, and is nothing that anyone holds")]
    pub(crate) fn new<T: 'static>(mut run: impl FnMut(Option<T>) -> T + 'static) {
        let mut former = None;
        effect(Box::new(move || former = Some(run(former.take()))));
    }
}

fn effect(mut run: Box<dyn FnMut()>) {
    base::Effect::new(move |_: Option<()>| run());
}

fn memo(compute: Compute, is_same: fn(&dyn Any, &dyn Any) -> bool) -> Source {
    Source::Memo(base::Memo::new(move |former: Option<&Kept>| Kept {
        value: compute(former.map(|kept| &*kept.value as &dyn Any)),
        is_same,
    }))
}

/// The present value, unless its owner has gone.
fn fetch(source: Source, is_tracked: bool) -> Option<Held> {
    match source {
        Source::Value(signal) => {
            if is_tracked {
                signal.track();
            }
            signal.try_with_untracked(Held::clone)
        }
        Source::Memo(memo) => {
            if is_tracked {
                memo.track();
            }
            memo.try_with_untracked(|kept| kept.value.clone())
        }
        Source::Derived(compute) => {
            let compute = compute.try_get_value()?;
            Some(if is_tracked { compute() } else { untrack(|| compute()) })
        }
    }
}

/// Takes a value out, to be changed and put back.
fn take(signal: base::RwSignal<Held>) -> Option<Held> {
    let nothing: Held = Arc::new(());
    signal.try_update_untracked(|held| std::mem::replace(held, nothing))
}

/// Puts a value back, and tells the readers.
fn put(signal: base::RwSignal<Held>, value: Held) {
    signal.try_update_untracked(|held| *held = value).unwrap_or(());
    signal.notify();
}

/// Only a mistake in the program reads what has gone with its owner, or what is being changed.
#[cold]
fn gone() -> ! {
    panic!("a value was used after its owner has gone, or while it was changed")
}
