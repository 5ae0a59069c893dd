//! What an expression says, as a tree of conditions whose types and scopes are right by construction.

use model::facts::TraceFacts;

use crate::{
    keyword::{Flag, Number, Text},
    problem::Span,
    shape::CauseShape,
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
    /// The trace belongs to a group.
    Group {
        /// The name is the group's ARN.
        by_arn: bool,
        /// Its name or its ARN.
        name: String,
        /// `=` rather than `!=`.
        is: bool,
        /// What the group asks for; `None` until that is put in, and for a group that is not there.
        body: Option<Box<Expr>>,
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
