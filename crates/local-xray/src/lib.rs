//! A service that speaks AWS X-Ray's wire protocol over the embedded [`store`]: HTTP and the daemon's UDP on one port.
//!
//! [`bind`] takes the port, [`Bound::run`] serves it until told to stop, and [`StatusHandle`] says how it is doing.
//! Everything the service answers comes from [`router`], so tests need no socket. [`guard`] keeps web pages in the
//! user's browser away from it; the server uses the same guard.

pub mod guard;

mod bind;
mod service;
mod status;

pub use bind::{BindError, Bound, Config, Transport, bind};
pub use service::{Service, router};
pub use status::{Status, StatusHandle};
