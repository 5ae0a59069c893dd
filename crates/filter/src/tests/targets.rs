//! What the entity selector of time series takes, and what it says of everything else.

use std::fmt::Write as _;

use expect_test::expect;

use crate::{MOST_SELECTOR_CHARACTERS, Mode, Selector, compile_selector, tree::NodeRef};

#[test]
fn one_service_and_one_call_are_selectors() {
    let named = |name: &str| NodeRef { name: Some(name.to_owned()), ..NodeRef::default() };
    let typed = NodeRef { kind: Some("AWS::Lambda".to_owned()), ..named("fn") };
    for (text, expected) in [
        ("service(\"front\")", Selector::Service(named("front"))),
        (" ( Service( \"{é}\" ) ) ", Selector::Service(named("{é}"))),
        ("service(id(name: \"fn\", type: \"AWS::Lambda\"))", Selector::Service(typed.clone())),
        ("edge(\"front\", id(name: \"fn\", type: \"AWS::Lambda\"))", Selector::Edge(named("front"), typed)),
    ] {
        assert_eq!(compile_selector(text, Mode::Strict), Ok(expected), "{text}");
    }
}

#[test]
fn everything_else_is_refused_where_it_begins() {
    let mut picture = String::new();
    for text in [
        "",
        "service()",
        "edge()",
        "service",
        "service(\"a{\\\"\") { fault }",
        "service(\"a\") {}",
        "edge(\"é\", \"b\") { responsetime > 1 }",
        "service(\"a\") AND fault",
        "service(\"a\") OR service(\"b\")",
        "!service(\"a\")",
        "fault",
        "annotation.a = 1",
        "group.name = \"a\"",
        "edge(\"a\")",
        "service(\"a\"",
    ] {
        writeln!(picture, "{text}").unwrap();
        for problem in compile_selector(text, Mode::Strict).expect_err(text) {
            let columns = |range: std::ops::Range<usize>| text[range].chars().count();
            let marks = "^".repeat(columns(problem.span.clone()).max(1));
            writeln!(picture, "{}{marks} {}", " ".repeat(columns(0..problem.span.start)), problem.message).unwrap();
            if let Some(fix) = problem.fix {
                writeln!(picture, "  → {}", fix.apply(text)).unwrap();
            }
        }
    }
    expect![[r#"

        ^ a selector is missing: statistics are of one service(…) or one edge(…, …), without any other condition
        service()
        ^^^^^^^^^ statistics are of one service: service("name")
        edge()
        ^^^^^^ statistics are of the calls between two services: edge("caller", "callee")
        service
        ^^^^^^^ statistics are of one service: service("name")
        service("a{\"") { fault }
                        ^^^^^^^^^ statistics are of all requests: a selector has no condition in braces
          → service("a{\"")
        service("a") {}
                     ^^ statistics are of all requests: a selector has no condition in braces
          → service("a")
        edge("é", "b") { responsetime > 1 }
                       ^^^^^^^^^^^^^^^^^^^^ statistics are of all requests: a selector has no condition in braces
          → edge("é", "b")
        service("a") AND fault
                         ^^^^^ statistics are of one service(…) or one edge(…, …), without any other condition
        service("a") OR service("b")
                        ^^^^^^^^^^^^ statistics are of one service(…) or one edge(…, …), without any other condition
        !service("a")
        ^^^^^^^^^^^^^ statistics are of one service(…) or one edge(…, …), without any other condition
        fault
        ^^^^^ statistics are of one service(…) or one edge(…, …), without any other condition
        annotation.a = 1
        ^^^^^^^^^^^^^^^^ statistics are of one service(…) or one edge(…, …), without any other condition
        group.name = "a"
        ^^^^^^^^^^^^^^^^ statistics are of one service(…) or one edge(…, …), without any other condition
        edge("a")
        ^^^^^^^^^ edge() needs two services: who calls, and who is called
        service("a"
               ^ missing )
          → service("a")
    "#]]
    .assert_eq(&picture);
}

#[test]
fn a_selector_is_not_endless() {
    let longest = format!("service(\"{}\")", "é".repeat(MOST_SELECTOR_CHARACTERS - "service(\"\")".len()));
    assert!(compile_selector(&longest, Mode::Strict).is_ok());
    let problems = compile_selector(&longest.replace("(\"", "( \""), Mode::Strict).unwrap_err();
    assert_eq!(problems[0].message, "a selector has at most 500 characters");
}
