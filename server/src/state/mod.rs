//! What Roentgen itself remembers: a database for settings, and the key that keeps the secrets among them.

mod database;
mod vault;

pub(crate) use self::{
    database::{Database, StoredSource},
    vault::{Sealed, Vault},
};
