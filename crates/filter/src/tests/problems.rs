//! What is said of wrong expressions: `^` under the place, the sentence, and the whole expression with the fix made.

use std::fmt::Write as _;

use expect_test::{Expect, expect};

use crate::{MOST_PROBLEMS, Mode, compile};

fn picture(texts: &[&str], mode: Mode) -> String {
    let mut picture = String::new();
    for text in texts {
        writeln!(picture, "{text}").unwrap();
        for problem in compile(text, mode).expect_err(text) {
            let columns = |range: std::ops::Range<usize>| text[range].chars().count();
            let marks = "^".repeat(columns(problem.span.clone()).max(1));
            writeln!(picture, "{}{marks} {}", " ".repeat(columns(0..problem.span.start)), problem.message).unwrap();
            if let Some(fix) = problem.fix {
                writeln!(picture, "  → {}", fix.apply(text)).unwrap();
            }
        }
    }
    picture
}

fn check(texts: &[&str], expected: &Expect) {
    expected.assert_eq(&picture(texts, Mode::Lenient));
}

#[test]
fn what_the_service_refuses_is_refused() {
    check(
        &[
            "edge(\"only\")",
            "service(id(name: \"a\", name: \"b\"))",
            "service() { edge(\"a\",\"b\") }",
            "annotation.request.id = 1",
            "http.url > \"x\"",
            "duration CONTAINS \"1\"",
            "rootcause.fault.entity { coverage > 0.5 }",
            "bogus = 1",
            "fault AND",
            "(fault",
            "service(\"x\"",
            "edge(\"a\",\"b\") { fault ",
        ],
        &expect![[r#"
            edge("only")
            ^^^^^^^^^^^^ edge() needs two services: who calls, and who is called
            service(id(name: "a", name: "b"))
                                  ^^^^ name stands in id() twice
            service() { edge("a","b") }
                        ^^^^ edge() can be asked of the trace as a whole only
            annotation.request.id = 1
            ^^^^^^^^^^^^^^^^^^^^^ a key with dots stands in square brackets
              → annotation[request.id] = 1
            http.url > "x"
                     ^ http.url is a text: it compares with =, !=, CONTAINS, BEGINSWITH and ENDSWITH
            duration CONTAINS "1"
                     ^^^^^^^^ duration is a number: it compares with =, !=, <, <=, > and >=
            rootcause.fault.entity { coverage > 0.5 }
                                     ^^^^^^^^ coverage can be asked inside rootcause.responsetime.entity { … } only
            bogus = 1
            ^^^^^ bogus is no keyword
            fault AND
                  ^^^ AND needs a condition after it
              → fault 
            (fault
            ^ missing )
              → (fault)
            service("x"
                   ^ missing )
              → service("x")
            edge("a","b") { fault 
                          ^ missing }
              → edge("a","b") { fault }
        "#]],
    );
}

#[test]
fn groups_are_named_in_quotes_and_asked_of_whole_traces() {
    check(
        &["group.name", "group.name CONTAINS \"x\"", "group.name =", "service() { group.name = \"slow\" }"],
        &expect![[r#"
            group.name
            ^^^^^^^^^^ group.name needs a group: group.name = "…"
            group.name CONTAINS "x"
            ^^^^^^^^^^^^^^^^^^^^^^^ group.name compares with = and != alone
            group.name =
                       ^ = needs a value after it
            service() { group.name = "slow" }
                        ^^^^^^^^^^ group.name can be asked of the trace as a whole only
        "#]],
    );
}

#[test]
fn brackets_that_do_not_match_are_told_with_their_partner() {
    check(
        &[
            "fault)",
            "service() { (fault }",
            "((fault) OR error",
            "()",
            "fault AND ()",
            "service(\"a\" { fault }",
            "service(\"a\" AND fault",
            "fault { error }",
            "rootcause.fault.service { }",
            "rootcause.fault.service",
            "edge(\"a\",)",
            "edge(\"a\" \"b\")",
            "edge(,)",
            "service(id(name: \"a\")",
            "service(id())",
            "service(id(name \"a\"))",
            "service(id(name = \"a\"))",
            "service(id(region: \"a\", name: \"b\"))",
        ],
        &expect![[r#"
            fault)
                 ^ no ( belongs to this )
              → fault
            service() { (fault }
                        ^ missing )
              → service() { (fault )}
            ((fault) OR error
            ^ missing )
              → ((fault) OR error)
            ()
            ^^ nothing stands between these brackets
            fault AND ()
                      ^^ nothing stands between these brackets
            service("a" { fault }
                   ^ missing )
              → service("a") { fault }
            service("a" AND fault
                   ^ missing )
              → service("a") AND fault
            fault { error }
                  ^ { stands after service(), edge() and root causes alone
            rootcause.fault.service { }
                                    ^ the braces of a root cause need a condition
            rootcause.fault.service
            ^^^^^^^^^^^^^^^^^^^^^^^ a root cause needs a condition in braces
              → rootcause.fault.service { last }
            edge("a",)
                     ^ a service is missing before )
            edge("a" "b")
                    ^ missing , between services
              → edge("a", "b")
            edge(,)
                 ^ a service is named by a string or by id(name: …, type: …, account.id: …)
            service(id(name: "a")
                   ^ missing )
              → service(id(name: "a"))
            service(id())
                    ^^^^ id() needs a part: name, type or account.id
            service(id(name "a"))
                       ^^^^ missing : after name
              → service(id(name: "a"))
            service(id(name = "a"))
                            ^ the parts of id() have a colon
              → service(id(name : "a"))
            service(id(region: "a", name: "b"))
                       ^^^^^^ the parts of id() are name, type and account.id
        "#]],
    );
}

#[test]
fn operators_need_both_sides() {
    check(
        &[
            "AND fault",
            "fault AND OR error",
            "fault OR",
            "!",
            "fault AND NOT",
            "(NOT) fault",
            "= 5",
            "duration >",
            "duration > AND fault",
            "\"fault\"",
            "5 \"a\" fault",
            "true",
        ],
        &expect![[r#"
            AND fault
            ^^^ AND needs a condition before it
              →  fault
            fault AND OR error
                      ^^ OR is one operator too many
              → fault AND  error
            fault OR
                  ^^ OR needs a condition after it
              → fault 
            !
            ^ ! needs a condition after it
              → 
            fault AND NOT
                      ^^^ NOT needs a condition after it
              → fault AND 
            (NOT) fault
             ^^^ NOT needs a condition after it
              → () fault
            = 5
            ^ = needs a keyword before it, such as duration
            duration >
                     ^ > needs a value after it
            duration > AND fault
                     ^ > needs a value after it
            "fault"
            ^^^^^^^ a condition begins with a keyword, such as http.url or duration
            5 "a" fault
            ^^^^^ a condition begins with a keyword, such as http.url or duration
            true
            ^^^^ true needs a keyword before it, such as fault = true
        "#]],
    );
}

#[test]
fn signs_and_words_of_other_languages_are_translated() {
    check(
        &[
            "fault == true && duration<>3 || ok",
            "http.method = 'GET'",
            "user = “alice”",
            "http.url STARTSWITH \"/api\"",
            "http.url \"x\"",
            "duration 5",
            "user NOT CONTAINS \"x\"",
            "latency > 5",
            "statuscode = 500",
            "service = \"front\"",
            "edge = \"front\"",
            "annotations.tier = 1",
            "annotations[tier] = 1",
            "fault&&error",
            "responstime > 3",
            "rootcause.falt.entity { last }",
            "rootcause.responsetime.exception { last }",
            "http.url = https://host/a?b=1&c=2",
            "http.url = /api",
        ],
        &expect![[r#"
            fault == true && duration<>3 || ok
                  ^^ write = instead of ==
              → fault = true && duration<>3 || ok
                          ^^ write AND instead of &&
              → fault == true AND duration<>3 || ok
                                     ^^ write != instead of <>
              → fault == true && duration != 3 || ok
                                         ^^ write OR instead of ||
              → fault == true && duration<>3 OR ok
            http.method = 'GET'
                          ^^^^^ strings stand in straight double quotes
              → http.method = "GET"
            user = “alice”
                   ^^^^^^^ strings stand in straight double quotes
              → user = "alice"
            http.url STARTSWITH "/api"
                     ^^^^^^^^^^ write BEGINSWITH instead of STARTSWITH
              → http.url BEGINSWITH "/api"
            http.url "x"
                     ^^^ a comparison is missing before "x"
              → http.url = "x"
            duration 5
                     ^ a comparison is missing before 5
              → duration = 5
            user NOT CONTAINS "x"
            ^^^^^^^^^^^^^^^^^ NOT stands before the keyword
              → NOT user CONTAINS "x"
            latency > 5
            ^^^^^^^ latency is no keyword: did you mean responsetime?
              → responsetime > 5
            statuscode = 500
            ^^^^^^^^^^ statuscode is no keyword: did you mean http.status?
              → http.status = 500
            service = "front"
            ^^^^^^^^^^^^^^^^^ service is asked for as service(…)
              → service("front")
            edge = "front"
            ^^^^^^^^^^^^^^ edge is asked for as edge(…)
            annotations.tier = 1
            ^^^^^^^^^^^^^^^^ annotations.tier is no keyword: did you mean annotation.tier?
              → annotation.tier = 1
            annotations[tier] = 1
            ^^^^^^^^^^^ annotations is no keyword: did you mean annotation?
              → annotation[tier] = 1
            fault&&error
                 ^^ write AND instead of &&
              → fault AND error
            responstime > 3
            ^^^^^^^^^^^ responstime is no keyword: did you mean responsetime?
              → responsetime > 3
            rootcause.falt.entity { last }
            ^^^^^^^^^^^^^^^^^^^^^ root causes are rootcause, fault, error or responsetime, and service, entity or exception, joined by dots
              → rootcause.fault.entity { last }
            rootcause.responsetime.exception { last }
            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ root causes of the response time have no exceptions
            http.url = https://host/a?b=1&c=2
                       ^^^^^^^^^^^^^^^^^^^^^^ strings stand in double quotes
              → http.url = "https://host/a?b=1&c=2"
            http.url = /api
                       ^^^^ strings stand in double quotes
              → http.url = "/api"
        "#]],
    );
}

#[test]
fn values_have_the_type_of_the_keyword() {
    check(
        &[
            "fault = 1",
            "fault > true",
            "fault = maybe",
            "duration > \"5\"",
            "duration > 200ms",
            "responsetime > 1.5s",
            "duration > long",
            "duration > 1e999",
            "duration > .5",
            "http.status = 2xx",
            "rootcause.responsetime.entity { coverage > 80% }",
            "annotation.age > \"29\"",
            "annotation.age > true",
            "annotation.name CONTAINS 5",
            "annotation.name < abc",
            "rootcause.json",
            "rootcause.json = \"x\"",
            "rootcause.json > #[{}]",
            "rootcause.json = #[]",
            "rootcause.json = #[{\"Nmae\": 1}]",
            "rootcause.json = #[{\"Services\": {\"Name\": \"x\"}}]",
            "rootcause.json = #[{\"Services\": [{\"Name\": 5, \"Type\": 6}]}]",
            "rootcause.json = #[{\"ClientImpacting\": 1}, {}]",
            "rootcause.json = #[{\"Services\" []}]",
            "rootcause.json = #[{} {}]",
            "rootcause.json = #[[[[]]]]",
            "duration > 200 ms AND ok",
            "rootcause.json = #[{",
            "user = #[{}]",
        ],
        &expect![[r#"
            fault = 1
                    ^ fault compares with true or false
            fault > true
                  ^ fault is true or false: it compares with = and != alone
            fault = maybe
                    ^^^^^ fault compares with true or false
            duration > "5"
                       ^^^ duration compares with a number
              → duration > 5
            duration > 200ms
                       ^^^^^ duration compares with a number of seconds
              → duration > 0.2
            responsetime > 1.5s
                           ^^^^ responsetime compares with a number of seconds
              → responsetime > 1.5
            duration > long
                       ^^^^ duration compares with a number, such as 0.5
            duration > 1e999
                       ^^^^^ duration compares with a number, such as 0.5
            duration > .5
                       ^^ duration compares with a number
              → duration > 0.5
            http.status = 2xx
                          ^^^ http.status compares with a number, such as 404
            rootcause.responsetime.entity { coverage > 80% }
                                                       ^^^ coverage compares with a number from 0 to 1
              → rootcause.responsetime.entity { coverage > 0.8 }
            annotation.age > "29"
                             ^^^^ an annotation with > compares with a number
              → annotation.age > 29
            annotation.age > true
                           ^ true and false compare with = and != alone
            annotation.name CONTAINS 5
                                     ^ CONTAINS compares with a string
              → annotation.name CONTAINS "5"
            annotation.name < abc
                              ^^^ an annotation with < compares with a number, such as 0.5
            rootcause.json
            ^^^^^^^^^^^^^^ rootcause.json compares with JSON: rootcause.json = #[…]
            rootcause.json = "x"
                             ^^^ rootcause.json compares with JSON: rootcause.json = #[…]
            rootcause.json > #[{}]
                           ^ rootcause.json compares with = and != alone
            rootcause.json = #[]
                             ^^^ rootcause.json needs at least one root cause
            rootcause.json = #[{"Nmae": 1}]
                                ^^^^^^ the members here are Services, ClientImpacting
            rootcause.json = #[{"Services": {"Name": "x"}}]
                                            ^ the JSON of root causes needs a list in square brackets here
            rootcause.json = #[{"Services": [{"Name": 5, "Type": 6}]}]
                                                      ^ the JSON of root causes needs a string here
            rootcause.json = #[{"ClientImpacting": 1}, {}]
                                                   ^ the JSON of root causes needs true or false here
            rootcause.json = #[{"Services" []}]
                                           ^ the JSON of root causes needs a colon here
            rootcause.json = #[{} {}]
                                  ^ the JSON of root causes needs , or ] here
            rootcause.json = #[[[[]]]]
                               ^ the JSON of root causes needs an object in braces here
            duration > 200 ms AND ok
                       ^^^^^^ duration compares with a number of seconds
              → duration > 0.2 AND ok
            rootcause.json = #[{
                             ^^^ this JSON is not closed
            user = #[{}]
                   ^^^^^ JSON compares with rootcause.json alone
        "#]],
    );
}

#[test]
fn keywords_stand_where_they_mean_something() {
    check(
        &[
            "root",
            "service() { partial }",
            "edge() { user = \"a\" }",
            "rootcause.fault.service { message = \"a\" }",
            "name = \"a\"",
            "rootcause.fault.entity { fault }",
            "source.annotation.a = 1",
            "rootcause.fault.entity { annotation.a }",
            "annotation",
            "annotation. = 3",
            "annotation[] = 3",
            "annotation[a = 3",
            "service() { rootcause.fault.service { last } }",
            "service() { json = #[{}] }",
        ],
        &expect![[r#"
            root
            ^^^^ root can be asked inside service() { … } only
            service() { partial }
                        ^^^^^^^ partial can be asked of the trace as a whole only
            edge() { user = "a" }
                     ^^^^ user can be asked of the trace as a whole or inside service() { … } only
            rootcause.fault.service { message = "a" }
                                      ^^^^^^^ message can be asked inside rootcause.….exception { … } only
            name = "a"
            ^^^^ name can be asked inside service() { … }, inside rootcause.….service { … }, inside rootcause.….entity { … } or inside rootcause.….exception { … } only
            rootcause.fault.entity { fault }
                                     ^^^^^ fault can be asked of the trace as a whole, inside service() { … } or inside edge() { … } only
            source.annotation.a = 1
            ^^^^^^^^^^^^^^^^^^^ source.annotation can be asked inside edge() { … } only
            rootcause.fault.entity { annotation.a }
                                     ^^^^^^^^^^^^ annotation can be asked of the trace as a whole or inside service() { … } or edge() { … } only
            annotation
            ^^^^^^^^^^ an annotation needs a key: annotation.key or annotation[key]
            annotation. = 3
            ^^^^^^^^^^^ an annotation needs a key: annotation.key or annotation[key]
            annotation[] = 3
            ^^^^^^^^^^^^ an annotation needs a key: annotation.key or annotation[key]
            annotation[a = 3
                      ^^ missing ] after the annotation's key
              → annotation[a] = 3
            service() { rootcause.fault.service { last } }
                        ^^^^^^^^^^^^^^^^^^^^^^^ root causes can be asked of the trace as a whole only
            service() { json = #[{}] }
                        ^^^^ rootcause.json can be asked of the trace as a whole only
        "#]],
    );
}

#[test]
fn several_problems_are_told_at_once() {
    check(
        &["bogus = 1 AND (duration > 5s OR http.url > 3) AND service(\"a\") { root = 1 } AND user = \"bob"],
        &expect![[r#"
            bogus = 1 AND (duration > 5s OR http.url > 3) AND service("a") { root = 1 } AND user = "bob
            ^^^^^ bogus is no keyword
                                      ^^ duration compares with a number of seconds
              → bogus = 1 AND (duration > 5 OR http.url > 3) AND service("a") { root = 1 } AND user = "bob
                                                     ^ http.url is a text: it compares with =, !=, CONTAINS, BEGINSWITH and ENDSWITH
                                                                                    ^ root compares with true or false
                                                                                                   ^^^^ this string is not closed
              → bogus = 1 AND (duration > 5s OR http.url > 3) AND service("a") { root = 1 } AND user = "bob"
        "#]],
    );
}

#[test]
fn a_string_may_be_wrong_inside() {
    check(
        &["user = \"a\\u12\"", "user = \"\\uD800\"", "user = \"open", "user = 'open"],
        &expect![[r#"
        user = "a\u12"
                 ^^ \u needs four hex digits of a character
        user = "\uD800"
                ^^ \u needs four hex digits of a character
        user = "open
               ^^^^^ this string is not closed
          → user = "open"
        user = 'open
               ^^^^^ strings stand in double quotes
          → user = "'open"
    "#]],
    );
}

#[test]
fn strict_asks_for_quotes() {
    let texts = ["user = alice", "annotation.tier = gold", "service(front)", "account.id = 123456789012"];
    expect![[r#"
        user = alice
               ^^^^^ strings stand in double quotes
          → user = "alice"
        annotation.tier = gold
                          ^^^^ strings stand in double quotes
          → annotation.tier = "gold"
        service(front)
                ^^^^^ strings stand in double quotes
          → service("front")
        account.id = 123456789012
                     ^^^^^^^^^^^^ strings stand in double quotes
          → account.id = "123456789012"
    "#]]
    .assert_eq(&picture(&texts, Mode::Strict));
    for text in texts {
        assert!(compile(text, Mode::Lenient).is_ok(), "{text}");
    }
}

#[test]
fn problems_are_bounded() {
    assert_eq!(compile(&"( , ".repeat(10_000), Mode::Lenient).unwrap_err().len(), MOST_PROBLEMS);
}

#[test]
fn fixes_lead_to_an_expression_that_is_right() {
    for (text, fixed) in [
        ("fault == true && duration<>3 || ok", "fault AND duration != 3 OR ok"),
        ("(fault AND (error OR service('a' { ok ", "fault AND (error OR service(\"a\") { ok })"),
        ("responstime > 200ms & annotation.a.b = \"x", "responsetime > 0.2 AND annotation[a.b] = \"x\""),
        ("edge(\"a\" \"b\") AND", "edge(\"a\", \"b\")"),
        ("user NOT CONTAINS \"x\") OR", "!(user CONTAINS \"x\")"),
        ("service(id(name = 'a' type: \"b\"", "service(id(name: \"a\", type: \"b\"))"),
        ("latency > 5 min fault", "responsetime > 300 AND fault"),
        ("annotations[a > 3", "annotation.a > 3"),
    ] {
        let mut now = text.to_owned();
        for _ in 0..10 {
            let Err(problems) = compile(&now, Mode::Strict) else { break };
            let fix = problems.iter().find_map(|problem| problem.fix.as_ref());
            now = fix.unwrap_or_else(|| panic!("{now}: {problems:?}")).apply(&now);
        }
        assert_eq!(compile(&now, Mode::Strict).map(|filter| filter.to_string()), Ok(fixed.to_owned()), "{text}");
    }
}
