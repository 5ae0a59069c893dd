//! Expressions as rows, and back.

use expect_test::{Expect, expect};
use model::AnnotationValue;

use super::filter;
use crate::{
    assist::{
        Catalogue, call,
        form::{Add, Block, Head, Line, Part, fields, read},
    },
    keyword::Scope,
};

/// The rows, drawn.
fn drawn(block: &Block, depth: usize, into: &mut Vec<String>) {
    for line in &block.lines {
        let (not, blanks) = (|not| if not { "not " } else { "" }, "  ".repeat(depth));
        match line {
            Line::Row(row) => {
                let key = if row.is_annotation() { [" ", &row.key].concat() } else { String::new() };
                let operator = if row.operator.is_empty() { "is there" } else { row.operator };
                let state = if row.is_new { " (new)" } else { "" };
                into.push(format!("{blanks}{}{}{key} {operator} {}{state}", not(row.not), row.field, row.value));
            }
            Line::Block(inner) => {
                let head = match &inner.head {
                    Head::Brackets => "brackets".to_owned(),
                    Head::Service(node) => format!("service {node:?}"),
                    Head::Edge(ends) => format!("call {ends:?}"),
                    Head::Cause(category, level) => format!("cause {} {}", category.word(), level.word()),
                };
                let any = if inner.any { ", any" } else { "" };
                into.push(format!("{blanks}{}{head}{any}", not(inner.not)));
                drawn(inner, depth + 1, into);
            }
        }
    }
}

fn shows(text: &str, expected: &Expect) -> Block {
    let (mut seen, block) = match read(text) {
        Ok(block) => (vec![if block.any { "any" } else { "all" }.to_owned()], Some(block)),
        Err(reason) => (vec![reason], None),
    };
    if let Some(block) = &block {
        drawn(block, 0, &mut seen);
        assert_eq!(filter(&block.text()), filter(text));
    }
    expected.assert_eq(&seen.join("\n"));
    block.unwrap_or_else(|| Block { not: false, head: Head::Brackets, any: false, lines: Vec::new() })
}

#[test]
fn an_expression_has_rows() {
    shows("", &expect!["all"]);
    shows(
        "ok !partial duration <3",
        &expect![[r#"
            all
            ok = true
            not partial = true
            duration < 3"#]],
    );
    shows(
        "fault = false OR http.status >= 500 OR !http.url CONTAINS \"a\\\"b\" OR user",
        &expect![[r#"
            any
            fault = false
            http.status >= 500
            not http.url CONTAINS a"b
            user is there "#]],
    );
    shows(
        "annotation[a.b] = 5 AND annotation.x = \"5\" AND !annotation.y AND annotation.z = true AND group.name != \"g\"",
        &expect![[r#"
            all
            annotation a.b = 5
            annotation x = 5
            not annotation y is there 
            annotation z = true
            group.name != g"#]],
    );
    shows(
        "service(\"shop\") { fault OR duration > 2 } AND (ok OR !(fault AND error))",
        &expect![[r#"
            all
            service ["shop", "", ""], any
              fault = true
              duration > 2
            brackets, any
              ok = true
              not brackets
                fault = true
                error = true"#]],
    );
    shows(
        "edge(id(name: \"a\", type: \"client\"), \"b\") { source.annotation.k = \"v\" } OR edge() OR service()",
        &expect![[r#"
            any
            call [["a", "client", ""], ["b", "", ""]]
              source.annotation k = v
            call [["", "", ""], ["", "", ""]]
            service ["", "", ""]"#]],
    );
    shows(
        "rootcause.responsetime.entity { last and coverage > 0.8 }",
        &expect![[r#"
            all
            cause responsetime entity
              last = true
              coverage > 0.8"#]],
    );
    shows(
        "NOT NOT fault",
        &expect![[r#"
            all
            not brackets
              not fault = true"#]],
    );
}

#[test]
fn what_has_no_rows_says_why() {
    shows("fault AND", &expect!["The query has a mistake: AND needs a condition after it."]);
    shows("rootcause.json = #[{}]", &expect!["There are no rows for rootcause.json: its shape is JSON."]);
    shows("service(\"\")", &expect!["There are no rows for a service whose name is empty."]);
    shows(
        "!(ok AND (fault OR !(error AND (ok OR !(partial AND user)))))",
        &expect!["The rows show brackets up to three levels deep; this query has more."],
    );
}

#[test]
fn rows_are_added_and_changed_and_taken_away() {
    let mut block = shows(
        "fault",
        &expect![[r#"
            all
            fault = true"#]],
    );
    // A new row is no part of the text before it has a value.
    assert_eq!(block.add(&[], Add::Row, Scope::Trace), Some(1));
    assert!(block.change(&[1], Part::Field, "http.url"));
    assert!(!block.change(&[1], Part::Operator, "CONTAINS"));
    assert_eq!(block.text(), "fault");
    assert!(!block.change(&[1], Part::Value, "say \"hi\""));
    assert_eq!(block.text(), "fault AND http.url CONTAINS \"say \\\"hi\\\"\"");
    // What another field can mean stays.
    block.change(&[1], Part::Field, "user");
    assert_eq!(block.text(), "fault AND user CONTAINS \"say \\\"hi\\\"\"");
    block.change(&[1], Part::Field, "duration");
    assert_eq!(block.text(), "fault");
    for (value, text) in [
        ("x", "fault"),
        (" 1.5 ", "fault AND duration > 1.5"),
        ("-1", "fault AND duration > -1"),
        ("1e3", "fault AND duration > 1e3"),
        ("1 OR ok", "fault"),
        ("", "fault"),
    ] {
        block.change(&[1], Part::Value, value);
        let expected = filter(text).to_string();
        assert_eq!(block.text(), expected, "{value}");
    }
    block.change(&[1], Part::Field, "annotation");
    block.change(&[1], Part::Value, "5");
    assert_eq!(block.text(), "fault", "the key is missing");
    block.change(&[1], Part::Key, "a.b");
    assert_eq!(block.text(), "fault AND annotation[a.b] = \"5\"");
    block.change(&[1], Part::Kind, "number");
    block.change(&[1], Part::Operator, "<=");
    assert_eq!(block.text(), "fault AND annotation[a.b] <= 5");
    block.change(&[1], Part::Kind, "true or false");
    block.change(&[1], Part::Not, "");
    assert_eq!(block.text(), "fault AND !(annotation[a.b] = true)");

    let service = block.add(&[], Add::Service, Scope::Trace).unwrap();
    block.change(&[service], Part::Node(0, 0), "shop");
    block.add(&[service], Add::Row, Scope::Service);
    block.change(&[service, 0], Part::Field, "fault");
    block.change(&[], Part::Any, "any");
    assert_eq!(block.text(), "fault OR !(annotation[a.b] = true) OR service(\"shop\") { fault }");
    let edge = block.add(&[], Add::Edge, Scope::Trace).unwrap();
    block.change(&[edge], Part::Node(1, 1), "remote");
    block.remove(&[0]);
    block.remove(&[0]);
    assert_eq!(block.text(), "service(\"shop\") { fault }", "a call with one end is none");
    block.change(&[1], Part::Node(0, 0), "shop");
    block.remove(&[0]);
    assert_eq!(block.text(), "edge(\"shop\", id(type: \"remote\"))");
    block.remove(&[0]);
    let cause = block.add(&[], Add::Cause, Scope::Trace).unwrap();
    block.change(&[cause, 0], Part::Field, "type");
    block.change(&[cause, 0], Part::Value, "remote");
    assert_eq!(block.text(), "rootcause.fault.service { type = \"remote\" }");
    block.change(&[cause], Part::Cause, "rootcause.responsetime.entity");
    assert_eq!(block.text(), "", "an entity has no type");
    assert!(fields(Scope::TimedEntity).contains(&"coverage"));
    // What does not exist is left alone.
    let before = block.clone();
    for path in [&[9][..], &[0, 9], &[0, 0, 0]] {
        assert!(!block.change(path, Part::Value, "x"));
        block.remove(path);
        assert_eq!(block.add(path, Add::Row, Scope::Trace), None);
    }
    assert_eq!(block, before);
}

#[test]
fn parts_have_proposals() {
    let mut catalogue = Catalogue::default();
    for name in ["shop", "payment"] {
        catalogue.services.add(name, 5);
    }
    catalogue.kinds.add("AWS::Lambda", 1);
    catalogue.edges.add(&call("shop", "payment"), 3);
    catalogue.users.add("alice \"a\"", 2);
    catalogue.see_annotation("tier", &AnnotationValue::Number(3.0));
    let block = read(
        "user = \"al\" AND annotation.tier = 3 AND edge(\"shop\", id(type: \"a\")) { annotation.t } AND service(\"p\") AND service()",
    )
    .unwrap();
    for (path, part, expected) in [
        (&[0][..], Part::Value, &["alice \"a\""][..]),
        (&[1], Part::Value, &["3"]),
        (&[1], Part::Key, &["tier"]),
        (&[2, 0], Part::Key, &["tier"]),
        (&[2], Part::Node(0, 0), &["shop"]),
        (&[2], Part::Node(1, 1), &["AWS::Lambda"]),
        (&[3], Part::Node(0, 0), &["payment", "shop"]),
        (&[4], Part::Node(0, 0), &["shop", "payment"]),
    ] {
        let found = block.proposals(path, part, &catalogue);
        assert_eq!(found, expected, "{path:?} {part:?}");
    }
}
