//! What can be done to rows.

use super::{Block, CAUSES, Head, Line, MOST_DEPTH, PRESENT, Row, ValueKind, fields};
use crate::keyword::{self, Field, Scope};

/// A part of a line that can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Whether the opposite is meant; any value turns it over.
    Not,
    /// The field of a row.
    Field,
    /// The key of its annotation.
    Key,
    /// The type of its annotation's value: a name of [`ValueKind`].
    Kind,
    /// Its comparison.
    Operator,
    /// Its value.
    Value,
    /// Whether one line of a block is enough: `any`, or else `all`.
    Any,
    /// The kind of root cause of a block, as in [`CAUSES`].
    Cause,
    /// Of a block's first or second service: name, type or account (0, 1, 2).
    Node(usize, usize),
}

/// What can be added to a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Add {
    /// A condition.
    Row,
    /// Brackets around conditions.
    Brackets,
    /// A service.
    Service,
    /// A call.
    Edge,
    /// A root cause.
    Cause,
}

impl Add {
    /// All of them, with what they are called.
    pub const ALL: [(Self, &str); 5] = [
        (Self::Row, "condition"),
        (Self::Service, "service"),
        (Self::Edge, "call"),
        (Self::Cause, "root cause"),
        (Self::Brackets, "brackets"),
    ];

    /// Whether it may stand in a block of this scope, so many blocks deep.
    pub fn fits(self, scope: Scope, depth: usize) -> bool {
        match self {
            Self::Row => true,
            Self::Brackets => depth < MOST_DEPTH,
            _ => depth < MOST_DEPTH && scope == Scope::Trace,
        }
    }
}

impl Block {
    /// The block at a path of places; the empty path is this one.
    pub fn at(&mut self, path: &[usize]) -> Option<&mut Self> {
        let mut block = self;
        for place in path {
            block = match block.lines.get_mut(*place)? {
                Line::Block(inner) => inner,
                Line::Row(_) => return None,
            };
        }
        Some(block)
    }

    /// Writes into a part of the line at a path; tells whether other parts are to be shown now. What does not fit is
    /// left alone.
    pub fn change(&mut self, path: &[usize], part: Part, value: &str) -> bool {
        let Some((last, before)) = path.split_last() else { return self.change_own(part, value) };
        match self.at(before).and_then(|block| block.lines.get_mut(*last)) {
            Some(Line::Block(block)) => block.change_own(part, value),
            Some(Line::Row(row)) => row.change(part, value),
            None => false,
        }
    }

    fn change_own(&mut self, part: Part, value: &str) -> bool {
        match (part, &mut self.head) {
            (Part::Not, _) => self.not = !self.not,
            (Part::Any, _) => self.any = value == "any",
            (Part::Cause, Head::Cause(category, level)) => {
                let Some((_, new, at)) = CAUSES.iter().find(|(name, ..)| *name == value) else { return false };
                (*category, *level) = (*new, *at);
                // Not every field is known of every level.
                let known = fields(self.scope(Scope::Trace));
                self.keep(&known);
            }
            (Part::Node(0, what), Head::Service(node)) => return write(node.get_mut(what), value),
            (Part::Node(which, what), Head::Edge(ends)) => {
                return write(ends.get_mut(which).and_then(|node| node.get_mut(what)), value);
            }
            _ => return false,
        }
        true
    }

    /// Keeps the rows of these fields.
    fn keep(&mut self, known: &[&str]) {
        self.lines.retain_mut(|line| match line {
            Line::Row(row) => known.contains(&row.field),
            Line::Block(block) => {
                block.keep(known);
                true
            }
        });
    }

    /// Adds to the block at a path, whose lines are about a scope; the place of what is new.
    pub fn add(&mut self, path: &[usize], what: Add, scope: Scope) -> Option<usize> {
        let block = self.at(path)?;
        let head = match what {
            Add::Row => {
                block.lines.push(Line::Row(Row::new(fields(scope).first()?)));
                return Some(block.lines.len() - 1);
            }
            Add::Brackets => Head::Brackets,
            Add::Service => Head::Service(Default::default()),
            Add::Edge => Head::Edge(Default::default()),
            Add::Cause => Head::Cause(CAUSES[0].1, CAUSES[0].2),
        };
        let mut added = Self { not: false, any: head == Head::Brackets, head, lines: Vec::new() };
        if matches!(what, Add::Brackets | Add::Cause) {
            let first = *fields(added.scope(scope)).first()?;
            added.lines.push(Line::Row(Row::new(first)));
        }
        block.lines.push(Line::Block(added));
        Some(block.lines.len() - 1)
    }

    /// Takes the line at a path away.
    pub fn remove(&mut self, path: &[usize]) {
        if let Some((last, before)) = path.split_last()
            && let Some(block) = self.at(before)
            && *last < block.lines.len()
        {
            block.lines.remove(*last);
        }
    }
}

fn write(part: Option<&mut String>, value: &str) -> bool {
    if let Some(part) = part {
        value.clone_into(part);
    }
    false
}

impl Row {
    /// A row of a field, without a value.
    fn new(field: &'static str) -> Self {
        let kind = kind(field);
        let operator = if kind == ValueKind::Number { ">" } else { "=" };
        let value = if kind == ValueKind::Boolean { "true".to_owned() } else { String::new() };
        Self { not: false, field, key: String::new(), kind, operator, value, is_new: kind != ValueKind::Boolean }
    }

    fn change(&mut self, part: Part, value: &str) -> bool {
        match part {
            Part::Not => self.not = !self.not,
            Part::Field => {
                let Some(field) = Scope::ALL.into_iter().flat_map(fields).find(|field| *field == value) else {
                    return false;
                };
                let new = Self::new(field);
                // What still makes sense stays.
                if new.kind == self.kind && new.operators().contains(&self.operator) {
                    self.field = field;
                } else {
                    *self = Self { not: self.not, key: std::mem::take(&mut self.key), ..new };
                }
            }
            Part::Kind => {
                let Some(kind) = ValueKind::ALL.into_iter().find(|kind| kind.name() == value) else { return false };
                self.kind = kind;
                if !self.operators().contains(&self.operator) {
                    self.operator = "=";
                }
                let is_right = match kind {
                    ValueKind::Text => true,
                    ValueKind::Number => self.problem().is_none(),
                    ValueKind::Boolean => ["true", "false"].contains(&self.value.as_str()),
                };
                if !is_right {
                    self.value = if kind == ValueKind::Boolean { "true".to_owned() } else { String::new() };
                }
                self.is_new = kind != ValueKind::Boolean && self.value.is_empty();
            }
            Part::Operator => {
                let Some(operator) = self.operators().iter().find(|operator| **operator == value) else { return false };
                // The value comes or goes.
                let is_shown = self.operator != PRESENT;
                self.operator = operator;
                self.is_new &= self.operator != PRESENT;
                return is_shown != (self.operator != PRESENT);
            }
            Part::Key => return write(Some(&mut self.key), value),
            Part::Value => {
                self.is_new = false;
                return write(Some(&mut self.value), value);
            }
            _ => return false,
        }
        true
    }
}

/// The type of a field's values; of an annotation's, text until it is known better.
fn kind(field: &str) -> ValueKind {
    match keyword::find(field).map(|keyword| keyword.field) {
        Some(Field::Flag(_)) => ValueKind::Boolean,
        Some(Field::Number(_)) => ValueKind::Number,
        _ => ValueKind::Text,
    }
}
