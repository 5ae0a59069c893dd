//! Root causes of drawn traces, a path a line.

use std::fmt::Write as _;

use expect_test::{Expect, expect};
use model::summary::RootCause;

use super::*;

fn text(causes: &[RootCause]) -> String {
    let mut text = String::new();
    for cause in causes {
        text.push_str(if cause.client_impacting { "client: " } else { "inside: " });
        for (number, service) in cause.services.iter().enumerate() {
            text.push_str(if number == 0 { "" } else { " ⇒ " });
            write!(text, "{}", service.service.name).unwrap();
            text.push_str(if service.inferred { "? [" } else { " [" });
            for (place, entity) in service.entity_path.iter().enumerate() {
                text.push_str(if place == 0 { "" } else { " / " });
                text.push_str(&entity.name);
                text.push_str(if entity.remote { "→" } else { "" });
                if let Some(coverage) = entity.coverage {
                    write!(text, " {:.0}%", coverage * 100.0).unwrap();
                }
                for exception in &entity.exceptions {
                    write!(text, " !{}", exception.name.as_deref().unwrap_or("?")).unwrap();
                }
            }
            text.push(']');
        }
        text.push('\n');
    }
    text
}

fn faults(drawing: &str, expected: &Expect) {
    expected.assert_eq(&text(&failures(&fixture::trace(drawing), Category::Fault)));
}

#[test]
fn a_fault_is_followed_to_the_exception() {
    faults(
        "
front 0..90 fault
  back 10..80 remote fault
    > back 11..79 fault
      work 20..70 fault !OwnedFailure=\"owned\"
  cache 80..85
",
        &expect![[r#"
            client: front [front / back→] ⇒ back [back / work !OwnedFailure]
        "#]],
    );
}

#[test]
fn a_leaf_with_only_a_flag_gives_no_cause() {
    faults("front 0..90 fault\n  work 10..80 fault", &expect![""]);
}

#[test]
fn an_unanswered_call_ends_the_path_at_its_callee() {
    faults(
        "
front 0..90 fault !Own=\"x\"
  work 5..70 fault !Inner=\"y\"
  DynamoDB 10..80 aws op=GetItem table=carts fault !Boom=\"z\"
",
        &expect![[r#"
            client: front [front !Own / DynamoDB→ !Boom] ⇒ carts? [DynamoDB]
        "#]],
    );
    faults(
        "front 0..90\n  other 10..80 remote fault",
        &expect![[r#"
        inside: other? [other]
    "#]],
    );
}

#[test]
fn a_fault_the_caller_survived_is_inside() {
    faults(
        "
front 0..90
  back 10..80 remote fault
    > back 11..79 fault !OwnedFailure=\"owned downstream failure\"
",
        &expect![[r#"
            inside: back [back !OwnedFailure]
        "#]],
    );
}

#[test]
fn a_reference_chooses_the_branch() {
    let drawing = "
front 0..90 fault cause=e000000000000006
  first 1..20 fault !Wrong=\"not this one\"
  second 20..80 fault
    third 30..70 fault !Right=\"this one\"
";
    faults(
        &drawing.replace("006", "005"),
        &expect![[r#"
            client: front [front / second / third !Right]
        "#]],
    );
    faults(&drawing.replace("006", "099"), &expect![""]);
}

#[test]
fn status_alone_is_no_flag() {
    faults("front 0..90 GET / 500 !E=\"x\"", &expect![""]);
}

#[test]
fn time_goes_into_the_longest_child_of_more_than_half() {
    let causes = |drawing: &str| text(&response_time(&fixture::trace(drawing)));
    expect![[r#"
        client: front [front 100% / back→ 75%] ⇒ back? [back 75%]
    "#]]
    .assert_eq(&causes("front 0..100\n  back 10..85 remote\n  other 85..99"));
    expect![[r#"
        client: front [front 100% / work 80% / back→ 60%] ⇒ back [back 55%]
    "#]]
    .assert_eq(&causes("front 0..100\n  work 0..80\n    back 10..70 remote\n      > back 11..66"));
    assert_eq!(causes("front 0..100\n  back 10..60 remote"), "", "half is not more than half");
    assert_eq!(causes("front 0..100\n  late 10..200 remote"), "", "longer than the root is no part of it");
    assert_eq!(causes("front 0..?\n  back 10..60 remote"), "");
    assert_eq!(causes("front 5..5\n  back 5..5 remote"), "");
}

#[test]
fn a_hundred_thousand_levels_are_followed() {
    let mut documents = fixture::chain(1, 100_000);
    for document in &mut documents {
        *document = document.replacen('{', r#"{"fault":true,"#, 1);
    }
    let last = documents.last_mut().unwrap();
    *last = last.replacen('{', r#"{"cause":{"exceptions":[{"type":"E"}]},"#, 1);
    let id = serde_json::from_str::<serde_json::Value>(&documents[0]).unwrap()["trace_id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let trace = Trace::assemble(id, documents.into_iter().map(Into::into));
    let causes = failures(&trace, Category::Fault);
    assert_eq!(causes.len(), 1);
    assert_eq!(causes[0].services.len(), 100_000);
    assert_eq!(response_time(&trace)[0].services.len(), 100_000);
}
