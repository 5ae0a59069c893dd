//! Groups of traces: what there is, and what is to be changed.

use serde::{Deserialize, Serialize};

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Which traces belong to it; empty for all of them.
    pub expression: String,
    /// X-Ray looks for insights in it.
    pub insights: bool,
}

/// A change of the groups. The answer has the groups as they are then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupChange {
    /// A new group.
    Create {
        /// Its name.
        name: String,
        /// Its filter expression.
        expression: String,
    },
    /// Another filter expression for a group.
    Update {
        /// Its name.
        name: String,
        /// Its filter expression.
        expression: String,
    },
    /// A group goes; its traces stay.
    Delete {
        /// Its name.
        name: String,
    },
}
