//! A service that speaks X-Ray, over the embedded store: the HTTP protocol of AWS's SDKs and the datagrams of the X-Ray
//! daemon on one port.
//!
//! [`bind`] takes the port, [`Bound::run`] serves it. [`Engine`] is the service without sockets, [`router`] its HTTP
//! half. Lenient by default (it accepts more than AWS does and loses nothing); strict as AWS when asked.

mod batch_get;
mod bind;
mod control;
mod daemon;
mod document;
mod engine;
mod graphs;
mod groups;
pub mod guard;
mod http;
mod insights;
mod otlp;
mod protocol;
mod put;
mod retrieval;
mod rules;
mod sampling;
mod settings;
mod summaries;
mod summary_json;
mod time_series;

pub use self::{
    bind::{BindError, Bound, Config, bind},
    engine::{Engine, Status, StatusHandle},
    http::router,
};
pub use store::{Retention, StoreError};

#[cfg(test)]
mod tests;
