//! Geometry: which row shows which span, where a bar lies, where a ruler has its ticks,
//! where the nodes of a graph stand.
//!
//! Slices of numbers go in, numbers come out: no text is measured here and no colour chosen. The same input gives the
//! same output on every machine.

pub mod bars;
pub mod camera;
pub mod force;
pub mod scale;
pub mod ticks;
pub mod waterfall;
