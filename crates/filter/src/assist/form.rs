//! An expression as rows of field, operator and value, for those who would rather pick than write.
//!
//! The text stays the truth: [`read`] makes rows of it where it has a form that rows can show, and [`Block::text`] makes
//! the text again. A row that is not finished yet is no part of the text.

mod change;

use super::{Catalogue, ItemKind, completions};
use crate::{
    Mode, compile,
    keyword::{self, Field, KEYWORDS, Scope},
    lexer::{self, Token, TokenKind},
    print,
    problem::Problems,
    tree::{AnnotationTest, Category, Expr, Kind, Level, NodeRef, Order, Side},
};

pub use self::change::{Add, Part};

/// So many blocks may stand inside each other.
pub const MOST_DEPTH: usize = 3;

/// The operator that asks for no value, but whether there is one.
pub const PRESENT: &str = "";

/// Conditions that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The opposite is meant.
    pub not: bool,
    /// What they are about.
    pub head: Head,
    /// One of the lines is enough; else all of them must hold.
    pub any: bool,
    /// The conditions.
    pub lines: Vec<Line>,
}

/// What a block is about. Parts of services that are empty may be anything.
#[derive(Clone, Debug, PartialEq)]
pub enum Head {
    /// The same as what is around it.
    Brackets,
    /// A service: its name, type and account.
    Service([String; 3]),
    /// A call: who calls, and whom.
    Edge([[String; 3]; 2]),
    /// Root causes of a kind, as `rootcause.fault.service`.
    Cause(Category, Level),
}

/// A line of a block.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// One condition.
    Row(Row),
    /// Several of them.
    Block(Block),
}

/// One condition.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The opposite is meant.
    pub not: bool,
    /// The keyword, as `http.url`; without its key for an annotation.
    pub field: &'static str,
    /// The key of an annotation.
    pub key: String,
    /// The type of the value.
    pub kind: ValueKind,
    /// The comparison, or [`PRESENT`].
    pub operator: &'static str,
    /// What the field is compared with, without quotes.
    pub value: String,
    /// Nobody has entered a value yet.
    pub is_new: bool,
}

/// The types of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A string.
    Text,
}

impl ValueKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Text, Self::Number, Self::Boolean];

    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Number => "number",
            Self::Text => "text",
        }
    }
}

const ANNOTATIONS: [&str; 3] = ["annotation", "source.annotation", "destination.annotation"];
const GROUPS: [&str; 2] = ["group.name", "group.arn"];

/// The kinds of root causes that there are, each as in an expression.
pub const CAUSES: [(&str, Category, Level); 8] = [
    ("rootcause.fault.service", Category::Fault, Level::Service),
    ("rootcause.fault.entity", Category::Fault, Level::Entity),
    ("rootcause.fault.exception", Category::Fault, Level::Exception),
    ("rootcause.error.service", Category::Error, Level::Service),
    ("rootcause.error.entity", Category::Error, Level::Entity),
    ("rootcause.error.exception", Category::Error, Level::Exception),
    ("rootcause.responsetime.service", Category::ResponseTime, Level::Service),
    ("rootcause.responsetime.entity", Category::ResponseTime, Level::Entity),
];

/// The rows of an expression, or why it has none.
pub fn read(text: &str) -> Result<Block, String> {
    let filter = compile(text, Mode::Lenient).map_err(|problems| match problems.first() {
        Some(problem) => format!("The query has a mistake: {}.", problem.message),
        None => "The query has a mistake.".to_owned(),
    })?;
    let mut root = Block { not: false, head: Head::Brackets, any: false, lines: Vec::new() };
    root.fill(filter.tree(), 0)?;
    Ok(root)
}

/// The fields that may be asked for.
pub fn fields(scope: Scope) -> Vec<&'static str> {
    let keywords = KEYWORDS.iter().filter(|keyword| keyword.scopes.contains(&scope)).map(|keyword| keyword.name);
    let annotations = match scope {
        Scope::Trace | Scope::Service => 1,
        Scope::Edge => 3,
        _ => 0,
    };
    let groups = if scope == Scope::Trace { GROUPS.len() } else { 0 };
    keywords.chain(ANNOTATIONS.into_iter().take(annotations)).chain(GROUPS.into_iter().take(groups)).collect()
}

impl Block {
    /// The expression that the rows say, without those that are not finished.
    pub fn text(&self) -> String {
        let text = self.joined();
        super::format(&text).unwrap_or(text)
    }

    /// What the lines are about, where this block stands in a scope.
    pub fn scope(&self, around: Scope) -> Scope {
        match &self.head {
            Head::Brackets => around,
            Head::Service(_) => Scope::Service,
            Head::Edge(_) => Scope::Edge,
            Head::Cause(_, Level::Service) => Scope::CauseService,
            Head::Cause(Category::ResponseTime, Level::Entity) => Scope::TimedEntity,
            Head::Cause(_, Level::Entity) => Scope::CauseEntity,
            Head::Cause(_, Level::Exception) => Scope::CauseException,
        }
    }

    /// What is missing before the block counts.
    pub fn missing(&self) -> Option<&'static str> {
        let is_blank = |node: &[String; 3]| node.iter().all(String::is_empty);
        match &self.head {
            Head::Edge([from, to]) if is_blank(from) != is_blank(to) => {
                Some("Name both ends of the call, or none of them.")
            }
            Head::Cause(..) if self.joined().is_empty() => Some("A root cause needs a condition."),
            Head::Brackets if self.joined().is_empty() => Some("Brackets need a condition."),
            _ => None,
        }
    }

    /// What stands before the conditions.
    fn selector(&self) -> String {
        let names = |nodes: &[[String; 3]]| {
            let nodes: Vec<String> = nodes.iter().filter_map(reference).collect();
            nodes.join(", ")
        };
        match &self.head {
            Head::Brackets => String::new(),
            Head::Service(node) => ["service(", &names(std::slice::from_ref(node)), ")"].concat(),
            Head::Edge(ends) => ["edge(", &names(ends), ")"].concat(),
            Head::Cause(category, level) => ["rootcause.", category.word(), ".", level.word()].concat(),
        }
    }

    fn joined(&self) -> String {
        let lines = self.lines.iter().filter_map(|line| match line {
            Line::Row(row) => (!row.is_new).then(|| row.condition()).filter(|_| row.problem().is_none()),
            Line::Block(block) => block.condition(),
        });
        lines.collect::<Vec<_>>().join(if self.any { " OR " } else { " AND " })
    }

    fn condition(&self) -> Option<String> {
        if self.missing().is_some() {
            return None;
        }
        let lines = self.joined();
        let written = match &self.head {
            Head::Brackets => ["(", &lines, ")"].concat(),
            _ if lines.is_empty() => self.selector(),
            _ => [&self.selector(), " { ", &lines, " }"].concat(),
        };
        Some(negated(written, self.not))
    }

    /// Takes over what an expression says.
    fn fill(&mut self, expr: &Expr, depth: usize) -> Result<(), String> {
        let parts = match &expr.kind {
            Kind::Everything => return Ok(()),
            Kind::And(parts) => parts.as_slice(),
            Kind::Or(parts) => {
                self.any = true;
                parts.as_slice()
            }
            _ => std::slice::from_ref(expr),
        };
        for part in parts {
            self.lines.push(line(part, depth)?);
        }
        Ok(())
    }
}

fn line(expr: &Expr, depth: usize) -> Result<Line, String> {
    let block = |head: Head, body: Option<&Expr>| {
        if depth >= MOST_DEPTH {
            return Err("The rows show brackets up to three levels deep; this query has more.".to_owned());
        }
        let mut block = Block { not: false, head, any: false, lines: Vec::new() };
        if let Some(body) = body {
            block.fill(body, depth + 1)?;
        }
        Ok(Line::Block(block))
    };
    let row = |field: &'static str, kind: ValueKind, operator: &'static str, value: String| {
        Ok(Line::Row(Row { not: false, field, key: String::new(), kind, operator, value, is_new: false }))
    };
    match &expr.kind {
        Kind::Everything | Kind::And(_) | Kind::Or(_) => block(Head::Brackets, Some(expr)),
        Kind::Not(inner) => match line(inner, depth)? {
            Line::Row(row) if !row.not => Ok(Line::Row(Row { not: true, ..row })),
            Line::Block(block) if !block.not => Ok(Line::Block(Block { not: true, ..block })),
            _ => match block(Head::Brackets, Some(inner))? {
                Line::Block(block) => Ok(Line::Block(Block { not: true, ..block })),
                line @ Line::Row(_) => Ok(line),
            },
        },
        Kind::Flag(flag, value) => {
            row(keyword::name(Field::Flag(*flag)), ValueKind::Boolean, "=", boolean(*value).to_owned())
        }
        Kind::Number(field, test) => {
            let (operator, value) = test.map_or((PRESENT, String::new()), |(order, value)| numbers(order, value));
            row(keyword::name(Field::Number(*field)), ValueKind::Number, operator, value)
        }
        Kind::Text(field, test) => {
            let (operator, value) = test.as_ref().map_or((PRESENT, ""), |(how, text)| (print::word(*how), text));
            row(keyword::name(Field::Text(*field)), ValueKind::Text, operator, value.to_owned())
        }
        Kind::Annotation { side, key, test } => {
            let (kind, (operator, value)) = match test {
                AnnotationTest::Present => (ValueKind::Text, (PRESENT, String::new())),
                AnnotationTest::Text(how, text) => (ValueKind::Text, (print::word(*how), text.clone())),
                AnnotationTest::Number(order, value) => (ValueKind::Number, numbers(*order, *value)),
                AnnotationTest::Boolean(value) => (ValueKind::Boolean, ("=", boolean(*value).to_owned())),
            };
            let field = ANNOTATIONS[match side {
                Side::Own => 0,
                Side::Source => 1,
                Side::Destination => 2,
            }];
            Ok(Line::Row(Row { not: false, field, key: key.clone(), kind, operator, value, is_new: false }))
        }
        Kind::Group { by_arn, name, is, .. } => {
            row(GROUPS[usize::from(*by_arn)], ValueKind::Text, if *is { "=" } else { "!=" }, name.clone())
        }
        Kind::Service { node, body } => {
            let node = node.as_ref().map(parts).transpose()?.unwrap_or_default();
            block(Head::Service(node), body.as_deref())
        }
        Kind::Edge { ends, body } => {
            let ends = match ends {
                Some((from, to)) => [parts(from)?, parts(to)?],
                None => Default::default(),
            };
            block(Head::Edge(ends), body.as_deref())
        }
        Kind::RootCause { category, level, body } => block(Head::Cause(*category, *level), Some(body)),
        Kind::RootCauseJson { .. } => Err("There are no rows for rootcause.json: its shape is JSON.".to_owned()),
    }
}

fn numbers(order: Order, value: f64) -> (&'static str, String) {
    (print::sign(order), print::number(value))
}

fn boolean(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

/// Name, type and account; empty ones are not asked for.
fn parts(node: &NodeRef) -> Result<[String; 3], String> {
    let parts = [&node.name, &node.kind, &node.account_id];
    if parts.into_iter().flatten().any(String::is_empty) {
        return Err("There are no rows for a service whose name is empty.".to_owned());
    }
    Ok(parts.map(|part| part.clone().unwrap_or_default()))
}

/// How a service is named in an expression; `None` for any.
fn reference([name, kind, account_id]: &[String; 3]) -> Option<String> {
    let part = |part: &String| (!part.is_empty()).then(|| part.clone());
    let node = NodeRef { name: part(name), kind: part(kind), account_id: part(account_id) };
    (node != NodeRef::default()).then(|| print::reference(&node))
}

fn negated(condition: String, not: bool) -> String {
    if not { ["!(", &condition, ")"].concat() } else { condition }
}

impl Row {
    /// It asks for an annotation.
    pub fn is_annotation(&self) -> bool {
        ANNOTATIONS.contains(&self.field)
    }

    /// The operators that fit.
    pub fn operators(&self) -> &'static [&'static str] {
        match self.kind {
            _ if GROUPS.contains(&self.field) => &["=", "!="],
            ValueKind::Boolean => &["="],
            ValueKind::Number => &["=", "!=", "<", "<=", ">", ">=", PRESENT],
            ValueKind::Text => &["=", "!=", "CONTAINS", "BEGINSWITH", "ENDSWITH", PRESENT],
        }
    }

    /// What keeps the condition from being one.
    pub fn problem(&self) -> Option<String> {
        if self.is_annotation() && self.key.is_empty() {
            return Some("The key of the annotation is missing.".to_owned());
        }
        if self.kind == ValueKind::Number && self.operator != PRESENT {
            let value = self.value.trim();
            // The language's own numbers, and one of them alone.
            let tokens = lexer::tokens(value, &mut Problems::default());
            if !matches!(tokens.as_slice(), [Token { kind: TokenKind::Number(_), .. }]) {
                return Some(if value.is_empty() { "A number is missing." } else { "This is no number." }.to_owned());
            }
        }
        None
    }

    fn subject(&self) -> String {
        if self.is_annotation() {
            return [self.field, &print::bracketed(&self.key)].concat();
        }
        self.field.to_owned()
    }

    fn condition(&self) -> String {
        let value = match self.kind {
            ValueKind::Text => lexer::quoted(&self.value),
            _ => self.value.trim().to_owned(),
        };
        let written = match self.operator {
            PRESENT => self.subject(),
            operator => [&self.subject(), " ", operator, " ", &value].concat(),
        };
        negated(written, self.not)
    }
}

impl Block {
    /// What could be written into a part of a line: names and values without their quotes, the best ones first.
    pub fn proposals(&self, path: &[usize], part: Part, catalogue: &Catalogue) -> Vec<String> {
        let text = self.prefix(path, part);
        let items = completions(&text, text.len(), catalogue).items.into_iter();
        let known = [ItemKind::Value, ItemKind::Service, ItemKind::Annotation];
        items.filter(|item| known.contains(&item.kind)).map(|item| item.label).collect()
    }

    /// An unfinished expression that ends where a part of a line is being written.
    fn prefix(&self, path: &[usize], part: Part) -> String {
        let Some((next, rest)) = path.split_first() else { return self.node_prefix(part) };
        let around = match &self.head {
            Head::Brackets => String::new(),
            Head::Service(_) => "service() { ".to_owned(),
            Head::Edge(_) => "edge() { ".to_owned(),
            Head::Cause(..) => [&self.selector(), " { "].concat(),
        };
        let inner = match self.lines.get(*next) {
            Some(Line::Block(block)) => block.prefix(rest, part),
            Some(Line::Row(row)) => match part {
                Part::Key => [row.field, "[", &row.key].concat(),
                _ if row.kind == ValueKind::Text => {
                    let quoted = lexer::quoted(&row.value);
                    [&row.subject(), " ", row.operator, " ", quoted.strip_suffix('"').unwrap_or(&quoted)].concat()
                }
                _ => [&row.subject(), " ", row.operator, " ", &row.value].concat(),
            },
            None => String::new(),
        };
        [around, inner].concat()
    }

    fn node_prefix(&self, part: Part) -> String {
        let (nodes, word): (&[[String; 3]], _) = match &self.head {
            Head::Service(node) => (std::slice::from_ref(node), "service("),
            Head::Edge(ends) => (ends, "edge("),
            _ => return String::new(),
        };
        let Part::Node(which, what) = part else { return String::new() };
        let Some(value) = nodes.get(which).and_then(|node| node.get(what)) else { return String::new() };
        let before: String =
            nodes[..which].iter().filter_map(reference).flat_map(|node| [node, ", ".to_owned()]).collect();
        let quoted = lexer::quoted(value);
        let open = quoted.strip_suffix('"').unwrap_or(&quoted);
        let part = ["", "id(type: ", "id(account.id: "].get(what).copied().unwrap_or_default();
        [word, &before, part, open].concat()
    }
}
