//! What a sketch tells apart, and that it never hides what matches (with [`super::properties`]).

use super::{facts, filter};
use crate::Sketch;

const SHOP: &str = "
front 0..2000 GET / 200 user=ann @request=cart @items=3 @gift=true
  back 100..1900 remote 503
    > back 110..1890 origin=AWS::Lambda 503
      DynamoDB 200..300 aws throttle
";

/// Whether the sketch of the shop's trace could be one that matches.
fn could(text: &str) -> bool {
    let (facts, filter) = (facts(SHOP), filter(text));
    let could = filter.needs().are_met(&Sketch::of(&facts));
    assert!(could || !filter.matches(&facts), "{text}");
    could
}

#[test]
fn what_a_trace_does_not_have_is_told_by_its_sketch() {
    for text in [
        "user = \"bob\"",
        "fault",
        "annotation.request = \"home\"",
        "annotation.items = 4",
        "annotation.gift = false",
        "annotation.gift = \"false\"",
        "annotation.other",
        "responsetime > 2",
        "duration < 1",
        "http.status = 404",
        "service(\"front\") { fault }",
        "service(\"other\")",
        "service(id(name: \"back\", type: \"AWS::EC2::Instance\"))",
        "edge(\"back\", \"front\")",
        "edge(\"front\", \"back\") { throttle }",
        "rootcause.error.service { name = \"back\" }",
        "user = \"ann\" AND service(\"front\") { error }",
        "user = \"bob\" OR user = \"eve\"",
    ] {
        assert!(!could(text), "{text}");
    }
}

#[test]
fn what_it_could_have_is_left_to_be_asked() {
    for text in [
        "",
        "user = \"ann\"",
        "user != \"ann\"",
        "!(user = \"ann\")",
        "user CONTAINS \"nobody\"",
        "annotation.gift = \"TRUE\"",
        "annotation.items > 100",
        "responsetime >= 2",
        "http.status = 200",
        "http.status = 503",
        "service(\"back\") { fault AND responsetime > 90 }",
        "edge(\"front\", \"back\") { fault }",
        "service(\"DynamoDB\") { throttle }",
        "user = \"bob\" OR service(\"back\") { fault }",
    ] {
        assert!(could(text), "{text}");
    }
}
