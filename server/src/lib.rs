//! The server: asks X-Ray for the page, serves the page, and runs the local X-Ray beside it.
//!
//! [`config::Config`] is what was asked on the command line, [`start::run`] does it. A request goes from `routes` to
//! `query` and `source`, which alone calls X-Ray; `data_source` alone knows who we are to AWS.

pub mod app_state;
pub mod config;
mod data_source;
mod error;
mod query;
pub mod routes;
mod security;
mod site;
mod source;
pub mod start;
mod state;
mod transfer;
