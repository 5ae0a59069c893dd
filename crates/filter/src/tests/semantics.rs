//! What conditions mean where the examples leave it open.

use super::{facts, filter};

/// Asks expressions of one drawing: those that hold, and those that do not.
fn check(drawing: &str, hold: &[&str], fail: &[&str]) {
    let facts = facts(drawing);
    for text in hold {
        assert!(filter(text).matches(&facts), "{text} must hold of {drawing}");
    }
    for text in fail {
        assert!(!filter(text).matches(&facts), "{text} must not hold of {drawing}");
    }
}

#[test]
fn a_missing_value_makes_every_comparison_false() {
    check(
        "front 0..?",
        &["!(user = \"x\")", "! user = \"x\"", "!duration", "ok"],
        &[
            "user = \"x\"",
            "user != \"x\"",
            "user CONTAINS \"\"",
            "http.status != 200",
            "duration < 5",
            "responsetime != 5",
            "annotation.a != 1",
            "rootcause.json != #[{}]",
        ],
    );
}

#[test]
fn one_of_several_values_is_enough() {
    check(
        "front 0..9 user=alice @a=1\n  > back 1..2 user=bob @a=2 @b=x zone=z1\n    work 1..2 @b=false",
        &[
            "user = \"alice\"",
            "user = \"bob\"",
            "user != \"alice\"",
            "annotation.a = 2",
            "annotation.a != 2",
            "annotation.b = \"x\"",
            "annotation.b = false",
            "annotation.b",
            "service(\"back\") { annotation.a = 2 AND annotation.b = false AND user = \"bob\" }",
        ],
        &["user = \"carol\"", "annotation.a > 2", "annotation.b = true", "service(\"front\") { user = \"bob\" }"],
    );
}

#[test]
fn annotations_compare_by_the_type_they_have() {
    check(
        "front 0..9 @n=5 @s=\"5\" @t=true @f=false @e=\"\"",
        &[
            "annotation.n = 5",
            "annotation.n >= 5",
            "annotation.s = \"5\"",
            "annotation.s CONTAINS \"\"",
            "annotation.n CONTAINS \"\"",
            "annotation.t",
            "annotation.t = \"true\"",
            "annotation.t != false",
            "annotation.f = false",
            "annotation.e",
            "annotation.e = \"\"",
        ],
        &[
            "annotation.n = \"5\"",
            "annotation.n != \"5\"",
            "annotation.s = 5",
            "annotation.s != 6",
            "annotation.f",
            "annotation.t = \"x\"",
            "annotation.t != \"x\"",
            "annotation.N = 5",
        ],
    );
}

#[test]
fn one_segment_of_a_service_must_be_all_that_is_asked() {
    check(
        "front 0..9\n  > back 1..2 fault\n  > back 2..8",
        &["service(\"back\") { fault }", "service(\"back\") { responsetime > 0.005 }", "service(\"back\") { !fault }"],
        &["service(\"back\") { fault AND responsetime > 0.005 }", "service(\"back\") { error OR throttle }"],
    );
}

#[test]
fn a_call_is_seen_by_its_caller() {
    check(
        "
front 0..90 GET / 200
  back.internal 10..80 remote POST https://back/x 502 @try=2
    > back 20..70 PUT /x 404 @shard=7
  DynamoDB 80..89 aws op=GetItem table=carts throttle
",
        &[
            "edge(\"front\", \"back\") { fault AND http.method = \"POST\" AND http.status = 502 }",
            "edge(\"front\", \"back\") { responsetime = 0.07 AND duration = 0.07 }",
            "edge(\"front\", \"back\") { annotation.try = 2 AND destination.annotation.shard = 7 }",
            "edge(\"front\", \"back\") { source.annotation.try }",
            "service(\"back\") { error AND responsetime = 0.05 AND http.method = \"PUT\" }",
            "edge(\"front\", id(type: \"AWS::DynamoDB::Table\")) { throttle }",
            "service(\"carts\") { inferred AND throttle AND !error }",
            "edge(id(type: \"client\"), \"front\") { ok AND http.status = 200 }",
            "service(id(type: \"client\"))",
            "inferred",
        ],
        &[
            "edge(\"front\", \"back\") { error }",
            "edge(\"front\", \"back\") { source.annotation.shard }",
            "edge(\"front\", \"back\") { destination.annotation.try }",
            "edge(\"front\", \"back.internal\")",
            "edge(\"back\", \"front\")",
            "service(\"back.internal\")",
            "service(\"DynamoDB\")",
            // A client reports nothing that a condition could hold of.
            "service(id(type: \"client\")) { ok }",
        ],
    );
}

#[test]
fn a_trace_in_progress_has_services_and_calls() {
    check(
        "front 0..?\n  back 1..? remote\n  cache 2..3 remote",
        &["service(\"back\")", "edge(\"front\", \"back\")", "edge(\"front\", \"cache\") { ok }", "inferred", "ok"],
        &["edge(\"front\", \"back\") { responsetime >= 0 }", "service(\"front\") { duration }"],
    );
}

#[test]
fn a_trace_without_a_root_has_not_failed() {
    check(
        "back 0..9 parent=ff fault",
        &["partial", "ok", "service(\"back\") { fault AND !root }", "fault = false"],
        &["fault", "!ok", "responsetime", "edge()"],
    );
}

#[test]
fn root_means_the_entry() {
    check(
        "front 0..9\n  > back 1..2 fault",
        &["service(\"front\") { root }", "service(\"back\") { !root AND fault }", "service() { root AND ok }"],
        &["service(\"back\") { root }", "service() { root AND fault }"],
    );
}

#[test]
fn elements_of_a_root_cause_are_counted_through_the_whole_path() {
    check(
        "
front 0..90 fault !Outer=\"a\"
  back 10..80 remote fault
    > back 11..79 fault
      work 20..70 fault !Inner=\"b\"
",
        &[
            "rootcause.fault.service { first AND name = \"front\" }",
            "rootcause.fault.service { last AND index = 1 AND !inferred }",
            "rootcause.fault.entity { index = 3 AND last AND name = \"work\" }",
            "rootcause.fault.entity { index = 1 AND remote }",
            "rootcause.fault.exception { first AND name = \"Outer\" AND message = \"a\" }",
            "rootcause.fault.exception { last AND index = 1 AND name != \"Outer\" }",
        ],
        &[
            "rootcause.fault.entity { first AND last }",
            "rootcause.fault.service { name = \"front\" AND last }",
            "rootcause.error.service { first }",
            "rootcause.responsetime.entity { name = \"front\" AND coverage < 1 }",
        ],
    );
}

#[test]
fn shapes_of_root_causes_may_leave_things_out() {
    check(
        "
front 0..90 fault
  back 10..80 remote fault
    > back 11..79 fault
      DynamoDB 20..70 aws op=GetItem table=carts fault !Boom=\"z\"
",
        &[
            "rootcause.json = #[{}]",
            "json = #[{\"ClientImpacting\": true, \"Services\": [{\"Name\": \"front\"}, {\"Name\": \"carts\"}]}]",
            "rootcause.json = #[{\"Services\": [{\"Type\": \"AWS::DynamoDB::Table\", \"Inferred\": true}]}]",
            "rootcause.json = #[{\"Services\": [{\"Names\": [\"back\"], \"EntityPath\": [{\"Name\": \"DynamoDB\", \
             \"Remote\": true, \"Exceptions\": [{\"Name\": \"Boom\", \"Message\": \"z\"}]}]}]}]",
            "rootcause.json != #[{\"Services\": [{\"Name\": \"carts\"}, {\"Name\": \"front\"}]}]",
            "rootcause.json = #[{\"Services\": [{\"EntityPath\": [{\"Coverage\": 0.78, \"Name\": \"back\"}]}]}]",
        ],
        &[
            "rootcause.json = #[{\"Services\": [{\"Name\": \"carts\"}, {\"Name\": \"front\"}]}]",
            "rootcause.json = #[{\"ClientImpacting\": false}]",
            "rootcause.json = #[{\"Services\": [{\"Name\": \"front\"}, {\"Name\": \"front\"}]}]",
            "rootcause.json = #[{}, {\"Services\": [{\"Name\": \"other\"}]}]",
            "rootcause.json != #[{}]",
        ],
    );
}

#[test]
fn precedence_is_not_then_and_then_or() {
    check(
        "front 0..9 404",
        &["error OR fault AND throttle", "!fault error", "NOT fault AND error", "!(fault AND error)"],
        &["(error OR fault) AND throttle", "!fault !error", "!(fault OR error)"],
    );
}

#[test]
fn filters_join_with_and() {
    let facts = facts("front 0..9 404 user=alice");
    let both = filter("error OR fault").and(filter("user = \"alice\" AND duration < 1"));
    assert_eq!(both.to_string(), "(error OR fault) AND user = \"alice\" AND duration < 1");
    assert!(both.matches(&facts));
    assert!(!filter("error OR fault").and(filter("user = \"bob\"")).matches(&facts));
    assert_eq!(filter("").and(filter("fault")), filter("fault"));
    assert_eq!(filter("fault").and(filter("")), filter("fault"));
    assert_eq!(filter("").and(filter(" ")).to_string(), "");
}

#[test]
fn a_print_is_plain() {
    for (text, printed) in [
        ("  ((fault)) and(error or (ok))", "fault AND (error OR ok)"),
        ("not ( user = \"a\\u00e9\\n\" )", "!(user = \"aé\\n\")"),
        ("SERVICE{FAULT=false}", "service() { fault = false }"),
        ("service(id(NAME:\"a\"))", "service(\"a\")"),
        ("annotation[a] != true", "annotation.a = false"),
        ("annotation[ a.b ] > 1e3", "annotation[a.b] > 1000"),
        ("annotation[\"a]\"]", "annotation[\"a]\"]"),
        ("duration < 1e-9 OR duration > 1e30", "duration < 1e-9 OR duration > 1e30"),
        ("service() { name = traces }", "service() { name = \"traces\" }"),
        ("fault AND (error AND ok)", "fault AND error AND ok"),
    ] {
        assert_eq!(filter(text).to_string(), printed);
    }
}
