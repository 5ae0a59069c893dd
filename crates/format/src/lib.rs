//! Numbers, durations, moments and ids as people read them.
//!
//! Everything takes plain integers (nanoseconds, bytes, minutes of offset), so that this crate knows no model; and
//! integers are printed from integers, because the formatting of floats is thousands of bytes in the page.

pub mod csv;
pub mod duration;
pub mod id;
pub mod json;
pub mod moment;
pub mod number;
pub mod sql;
pub mod text;
