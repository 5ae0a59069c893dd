//! From the tree back to text that reads as the same tree.

use std::fmt::{self, Write as _};

use crate::{
    keyword::{self, Field},
    lexer, shape,
    tree::{AnnotationTest, Expr, Kind, Match, NodeRef, Order, Side},
};

/// Writes an expression. It recurses no deeper than the tree, which is bounded.
pub(crate) fn expression(expr: &Expr, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match &expr.kind {
        Kind::Everything => Ok(()),
        Kind::And(parts) => list(parts, " AND ", |kind| matches!(kind, Kind::And(_) | Kind::Or(_)), f),
        Kind::Or(parts) => list(parts, " OR ", |kind| matches!(kind, Kind::Or(_)), f),
        Kind::Not(inner) => {
            f.write_char('!')?;
            // `!user = "x"` would read the same, but not to everybody.
            inside(inner, is_compound(&inner.kind), f)
        }
        Kind::Flag(flag, value) => {
            let suffix = if *value { "" } else { " = false" };
            write!(f, "{}{suffix}", keyword::name(Field::Flag(*flag)))
        }
        Kind::Number(field, test) => {
            f.write_str(keyword::name(Field::Number(*field)))?;
            test.as_ref().map_or(Ok(()), |(order, value)| write!(f, " {} {}", sign(*order), number(*value)))
        }
        Kind::Text(field, test) => {
            f.write_str(keyword::name(Field::Text(*field)))?;
            test.as_ref().map_or(Ok(()), |(how, text)| write!(f, " {} {}", word(*how), lexer::quoted(text)))
        }
        Kind::Annotation { side, key, test } => annotation(*side, key, test, f),
        Kind::Group { by_arn, name, is, .. } => {
            let (keyword, sign) = (if *by_arn { "group.arn" } else { "group.name" }, if *is { "=" } else { "!=" });
            write!(f, "{keyword} {sign} {}", lexer::quoted(name))
        }
        Kind::Service { node, body: inner } => {
            write!(f, "service({})", node.as_ref().map_or(String::new(), reference))?;
            body(inner.as_deref(), f)
        }
        Kind::Edge { ends, body: inner } => {
            let both = |(source, target): &(NodeRef, NodeRef)| format!("{}, {}", reference(source), reference(target));
            write!(f, "edge({})", ends.as_ref().map_or(String::new(), both))?;
            body(inner.as_deref(), f)
        }
        Kind::RootCause { category, level, body: inner } => {
            write!(f, "rootcause.{}.{}", category.word(), level.word())?;
            body(Some(inner), f)
        }
        Kind::RootCauseJson { is, shapes } => {
            write!(f, "rootcause.json {} #{}", if *is { "=" } else { "!=" }, shape::json(shapes))
        }
    }
}

fn list(parts: &[Expr], between: &str, needs_brackets: fn(&Kind) -> bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        f.write_str(if place == 0 { "" } else { between })?;
        inside(part, needs_brackets(&part.kind), f)?;
    }
    Ok(())
}

fn inside(expr: &Expr, with_brackets: bool, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if with_brackets {
        f.write_char('(')?;
        expression(expr, f)?;
        return f.write_char(')');
    }
    expression(expr, f)
}

fn is_compound(kind: &Kind) -> bool {
    match kind {
        Kind::And(_) | Kind::Or(_) | Kind::Group { .. } | Kind::RootCauseJson { .. } | Kind::Flag(_, false) => true,
        Kind::Number(_, test) => test.is_some(),
        Kind::Text(_, test) => test.is_some(),
        Kind::Annotation { test, .. } => *test != AnnotationTest::Present,
        _ => false,
    }
}

fn body(body: Option<&Expr>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(body) = body else { return Ok(()) };
    f.write_str(" { ")?;
    expression(body, f)?;
    f.write_str(" }")
}

fn annotation(side: Side, key: &str, test: &AnnotationTest, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(match side {
        Side::Own => "annotation",
        Side::Source => "source.annotation",
        Side::Destination => "destination.annotation",
    })?;
    if key.chars().all(|letter| lexer::is_word(letter) && letter != '.') {
        write!(f, ".{key}")?;
    } else {
        f.write_str(&bracketed(key))?;
    }
    match test {
        AnnotationTest::Present => Ok(()),
        AnnotationTest::Text(how, asked) => write!(f, " {} {}", word(*how), lexer::quoted(asked)),
        AnnotationTest::Number(order, value) => write!(f, " {} {}", sign(*order), number(*value)),
        AnnotationTest::Boolean(value) => write!(f, " = {value}"),
    }
}

/// A key in square brackets, in quotes where it would not come back otherwise.
pub(crate) fn bracketed(key: &str) -> String {
    let is_plain = key.trim() == key && !key.contains(|letter: char| "[]\"".contains(letter) || letter.is_control());
    if is_plain { format!("[{key}]") } else { format!("[{}]", lexer::quoted(key)) }
}

pub(crate) fn reference(node: &NodeRef) -> String {
    if let NodeRef { name: Some(name), kind: None, account_id: None } = node {
        return lexer::quoted(name);
    }
    let parts = [("name", &node.name), ("type", &node.kind), ("account.id", &node.account_id)];
    let parts: Vec<String> = parts
        .into_iter()
        .filter_map(|(part, text)| text.as_ref().map(|text| format!("{part}: {}", lexer::quoted(text))))
        .collect();
    format!("id({})", parts.join(", "))
}

/// A number with as few digits as say it exactly.
pub(crate) fn number(number: f64) -> String {
    // serde_json's printer, which the page has anyhow; the standard library's would be another 14 kB.
    let mut buffer = zmij::Buffer::new();
    let text = buffer.format(number);
    text.strip_suffix(".0").unwrap_or(text).replace("e+", "e")
}

pub(crate) fn sign(order: Order) -> &'static str {
    match order {
        Order::Equal => "=",
        Order::NotEqual => "!=",
        Order::Less => "<",
        Order::AtMost => "<=",
        Order::Greater => ">",
        Order::AtLeast => ">=",
    }
}

pub(crate) fn word(how: Match) -> &'static str {
    match how {
        Match::Equal => "=",
        Match::NotEqual => "!=",
        Match::Contains => "CONTAINS",
        Match::BeginsWith => "BEGINSWITH",
        Match::EndsWith => "ENDSWITH",
    }
}
