//! Geometry: which row shows which span, where a bar lies, where a ruler has its ticks,
//! which idle time is shortened, what a trace looks like from afar, where the nodes of a graph stand.
//!
//! Slices of numbers go in, numbers come out: no text is measured here and no colour chosen. The same input gives the
//! same output on every machine.

pub mod bars;
pub mod camera;
pub mod force;
pub mod gaps;
pub mod minimap;
pub mod scale;
pub mod ticks;
pub mod warp;
pub mod waterfall;

/// A positive number to a power, but for some of its last bits: the exact one would make the page 1 kB larger.
pub(crate) fn power(base: f64, exponent: f64) -> f64 {
    libm::exp(exponent * libm::log(base))
}

/// A value brought between two bounds; the lower one where it is no number, and where the bounds are crossed the upper one.
///
/// [`f64::clamp`] can panic, and the printer of numbers that its message needs would make the page 14 kB larger.
pub fn clamp(value: f64, low: f64, high: f64) -> f64 {
    value.max(low).min(high)
}
