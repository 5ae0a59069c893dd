//! What a function takes, while its arguments are written.

use super::context::{Call, Context};

/// What a function takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// Its name.
    pub name: &'static str,
    /// Its arguments.
    pub parameters: &'static [&'static str],
    /// The one at the cursor; beyond the last one where there are too many.
    pub active: usize,
}

/// The function within whose brackets a cursor (a byte of the text) stands.
pub fn signature(text: &str, cursor: usize) -> Option<Signature> {
    let (call, active) = *Context::at(text, cursor).calls.last()?;
    let (name, parameters): (_, &[&str]) = match call {
        Call::Service => ("service", &["name or id( )"]),
        Call::Edge => ("edge", &["who calls", "who is called"]),
        Call::Id => ("id", &["name: \"…\"", "type: \"…\"", "account.id: \"…\""]),
    };
    Some(Signature { name, parameters, active })
}
