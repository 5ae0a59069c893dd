//! Traffic worth looking at: a web shop of some fifteen services with good days and bad ones, as X-Ray documents.
//!
//! [`Shop`] is the traffic as data, the same for the same seed and start, without clock and I/O; [`Incident`] says what
//! goes wrong when. [`run`] sends it to an X-Ray service through the public protocol, first the past and then live.
//! `services` holds what each service does, `requests` what customers ask, `span` and `story` how that is written down.

mod aws;
mod call;
mod dice;
mod incident;
mod lambda;
mod requests;
mod send;
mod services;
mod shop;
mod span;
mod story;

pub use self::{
    incident::Incident,
    send::{Error, Options, run},
    shop::{Recording, Shop},
};

#[cfg(test)]
mod tests;
