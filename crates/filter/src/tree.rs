//! What an expression says, as a tree of conditions whose types and scopes are right by construction.

use model::facts::TraceFacts;
use serde::{Deserialize, Serialize};

use crate::{
    keyword::{Flag, Number, Text},
    problem::Span,
};

/// The most levels of conditions inside each other that an expression may have. What walks the tree recurses, so that
/// this bounds its stack. Brackets that change nothing are no level.
pub const MOST_LEVELS: usize = 100;

/// A condition and where it stands. Equality is that of what they say: the place is no part of it.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it says.
    pub kind: Kind,
    /// The bytes of the expression that say it.
    pub span: Span,
}

impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// The kinds of conditions.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// The empty expression: everything matches.
    Everything,
    /// All of two or more hold; none of them is an `And` itself.
    And(Vec<Expr>),
    /// One of two or more holds; none of them is an `Or` itself.
    Or(Vec<Expr>),
    /// It does not hold.
    Not(Box<Expr>),
    /// A boolean keyword has this value.
    Flag(Flag, bool),
    /// A number keyword compares so; without a comparison it has a value.
    Number(Number, Option<(Order, f64)>),
    /// A text keyword compares so; without a comparison it has a value.
    Text(Text, Option<(Match, String)>),
    /// An annotation.
    Annotation {
        /// Whose.
        side: Side,
        /// Its key, in its own case.
        key: String,
        /// What is asked of its value.
        test: AnnotationTest,
    },
    /// A service with these properties is in the trace.
    Service {
        /// Which; any if `None`.
        node: Option<NodeRef>,
        /// What one of its segments must be like.
        body: Option<Box<Expr>>,
    },
    /// A call between these services is in the trace.
    Edge {
        /// Who calls whom; anybody anybody if `None`.
        ends: Option<(NodeRef, NodeRef)>,
        /// What one of the calls must be like.
        body: Option<Box<Expr>>,
    },
    /// One element of the paths of root causes is so.
    RootCause {
        /// Of which causes.
        category: Category,
        /// Which elements.
        level: Level,
        /// What one element must be like.
        body: Box<Expr>,
    },
    /// Root causes have these shapes (or, if `is` is false, there are root causes, and some shape is not among them).
    RootCauseJson {
        /// `=` rather than `!=`.
        is: bool,
        /// The shapes.
        shapes: Vec<CauseShape>,
    },
}

/// Comparisons of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// Comparisons of texts; all of them are case-sensitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `CONTAINS`
    Contains,
    /// `BEGINSWITH`
    BeginsWith,
    /// `ENDSWITH`
    EndsWith,
}

/// What is asked of an annotation. A value of another type than the one asked for never matches.
#[derive(Clone, Debug, PartialEq)]
pub enum AnnotationTest {
    /// It is there, and not `false`.
    Present,
    /// Its text compares so; a boolean can be compared with the texts `true` and `false`.
    Text(Match, String),
    /// Its number compares so.
    Number(Order, f64),
    /// It is this boolean.
    Boolean(bool),
}

/// Whose annotation is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Of the trace, the service or the call, wherever the condition stands.
    Own,
    /// Of the service that calls.
    Source,
    /// Of the service that is called.
    Destination,
}

/// A node by its name, type and account; what is not given may be anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeRef {
    /// The service's name.
    pub name: Option<String>,
    /// Its type.
    pub kind: Option<String>,
    /// Its AWS account.
    pub account_id: Option<String>,
}

/// The kinds of root causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// Of faults.
    Fault,
    /// Of errors.
    Error,
    /// Of the response time.
    ResponseTime,
}

impl Category {
    /// The word for it in an expression.
    pub fn word(self) -> &'static str {
        match self {
            Self::Fault => "fault",
            Self::Error => "error",
            Self::ResponseTime => "responsetime",
        }
    }
}

/// The elements of the paths of root causes, each counted through the whole path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The services.
    Service,
    /// The entities of all services.
    Entity,
    /// The exceptions of all entities.
    Exception,
}

impl Level {
    /// The word for it in an expression.
    pub fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Entity => "entity",
            Self::Exception => "exception",
        }
    }
}

/// A root cause of `rootcause.json`, with the members of the API's `FaultRootCause`; what is left out may be anything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct CauseShape {
    /// Services that stand on the path in this order, perhaps with others between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services: Option<Vec<ServiceShape>>,
    /// The client was hit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_impacting: Option<bool>,
}

/// A service of a [`CauseShape`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ServiceShape {
    /// The node's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Names of which the node's is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub names: Option<Vec<String>>,
    /// The node's type.
    #[serde(rename = "Type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The node's account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Nothing reported it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inferred: Option<bool>,
    /// Entities that stand inside it in this order, perhaps with others between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity_path: Option<Vec<EntityShape>>,
}

/// An entity of a [`ServiceShape`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct EntityShape {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// It is a call to another service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<bool>,
    /// Its share of the root's duration, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<f64>,
    /// Exceptions that it recorded in this order, perhaps with others between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exceptions: Option<Vec<ExceptionShape>>,
}

/// An exception of an [`EntityShape`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
pub struct ExceptionShape {
    /// Its type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Expr {
    /// Whether a trace is so.
    pub fn matches(&self, facts: &TraceFacts) -> bool {
        crate::eval::matches(self, facts)
    }

    /// All of them. Lists inside lists are joined, one alone stands for itself.
    pub(crate) fn and(parts: Vec<Self>) -> Option<Self> {
        Self::join(parts, true)
    }

    /// One of them, in the same way.
    pub(crate) fn or(parts: Vec<Self>) -> Option<Self> {
        Self::join(parts, false)
    }

    fn join(parts: Vec<Self>, is_and: bool) -> Option<Self> {
        let span = parts.first()?.span.start..parts.last()?.span.end;
        let mut flat = Vec::with_capacity(parts.len());
        for part in parts {
            match part.kind {
                Kind::And(inner) if is_and => flat.extend(inner),
                Kind::Or(inner) if !is_and => flat.extend(inner),
                kind => flat.push(Self { kind, span: part.span }),
            }
        }
        if flat.len() == 1 {
            return flat.pop();
        }
        Some(Self { kind: if is_and { Kind::And(flat) } else { Kind::Or(flat) }, span })
    }
}
