//! Expressions as people write them, each with a trace that it finds and one that it does not. Those that ask for groups
//! are with the tests of groups, and those that are wrong with the tests of problems.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-console-filters.html>

use super::{facts, filter};
use crate::{Mode, compile};

/// A cause of a fault in two services; the entity names are those of the expressions below.
const AUTH: &str = "
front 0..90 fault
  Auth 10..80 remote fault
    > Auth 11..79 fault
      deserialize 20..70 fault !AccessDenied=\"Access Denied for account_id: 1234567890\"
";

/// A fault that ends at a call that nobody answered.
const INFERRED: &str = "
front-root 0..90 fault
  stripe.com 10..80 remote fault
";

/// Most of the time is spent in a table.
const SLOW_TABLE: &str = "
front 0..1000
  traces 50..950 remote
    > traces 60..940 origin=AWS::Lambda
      DynamoDB 70..930 aws
";

/// Six services deep and one more.
const DEEP: &str = "
a 0..90 fault
  > b 1..89 fault
    > c 2..88 fault
      > d 3..87 fault
        > e 4..86 fault
          > f 5..85 fault
            > g 6..84 fault !E=\"x\"
";

const WEATHER: &str = "
GetWeatherData 0..90 fault
  get_temperature 10..80 remote fault
    > GetTemperature 11..79 fault !E=\"x\"
";

const CANARY: &str = "
www 0..90 origin=client::Synthetics
  www 10..80 remote
    > www 11..79 origin=AWS::ElasticBeanstalk::Environment
";

const TRACES: [(&str, &str, &str); 72] = [
    ("", "front 0..9", "-"),
    ("ok", "front 0..9 200", "front 0..9 500"),
    ("!ok", "front 0..9 404", "front 0..9 200"),
    ("ok = false", "front 0..9 429", "front 0..9"),
    ("fault", "front 0..9 503", "front 0..9\n  back 1..2 remote fault"),
    ("fault = true AND throttle != \"true\"", "front 0..9 fault", "front 0..9 fault throttle"),
    ("error", "front 0..9 404", "front 0..9 error throttle"),
    ("throttle", "front 0..9 429", "front 0..9 404"),
    ("partial", "back 0..9 parent=ff", "front 0..9"),
    ("inferred", "front 0..9\n  db 1..2 aws", "front 0..9\n  back 1..3 remote\n    > back 2..3"),
    ("responsetime > 5", "front 0..5001", "front 0..5000"),
    ("responseTime > 2", "front 0..2001", "front 0..?"),
    ("duration >= 5 AND duration <= 8", "front 0..5000", "front 0..100\n  > late 50..9000"),
    ("ok !partial duration <3", "front 0..2999", "front 0..2999\nback 0..9 parent=ff"),
    ("http.status != 200", "front 0..9 404", "front 0..9"),
    ("http.status >= 500 AND http.method = \"POST\"", "front 0..9 POST / 500", "front 0..9 GET / 500"),
    ("http.url CONTAINS \"/api/game/\"", "front 0..9 GET https://x/api/game/1", "front 0..9 GET https://x/API/game/1"),
    (
        "http.url BEGINSWITH \"http://api.example.com/\" AND http.url CONTAINS \"/v2/\" AND !service(\"api.example.com\")",
        "edge 0..9 GET http://api.example.com/v2/x",
        "edge 0..9 GET http://api.example.com/v2/x\n  api.example.com 1..2 remote",
    ),
    ("http.url ENDSWITH \"/fault\"", "front 0..9 GET https://x/fault", "front 0..9 GET https://x/fault/"),
    ("http.url AND responsetime > 2", "front 0..2001 GET /", "front 0..2001"),
    ("http.useragent = \"curl/8\" AND http.clientip = \"192.0.2.17\"", "agent", "front 0..9 GET /"),
    ("user = \"alice\"", "front 0..9\n  > back 1..2 user=alice", "front 0..9 user=Alice"),
    ("user CONTAINS \"\"", "front 0..9 user=bob", "front 0..9"),
    ("!user", "front 0..9", "front 0..9 user=bob"),
    (
        "annotation.gameid = \"817DL6VO\"",
        "front 0..9\n  work 1..2 @gameid=\"817DL6VO\"",
        "front 0..9 @gameid=\"817dl6vo\"",
    ),
    ("annotation.age > 29", "front 0..9 @age=30", "front 0..9 @age=\"30\""),
    ("annotation.internal = true", "front 0..9 @internal=true", "front 0..9 @internal=false"),
    ("annotation.age", "front 0..9 @age=0", "front 0..9 @age=false"),
    ("!annotation.age", "front 0..9 @Age=3", "front 0..9 @age=3"),
    ("annotation[age] > 0 AND annotation[age] <= 20", "front 0..9 @age=20", "front 0..9 @age=21"),
    (
        "annotation[aws.local.operation] = \"GET /api/orders\"",
        "front 0..9 @aws.local.operation=\"GET /api/orders\"",
        "front 0..9 @aws.local=\"GET /api/orders\"",
    ),
    ("Annotation[request.id] = \"x\"", "front 0..9 @request.id=x", "front 0..9 @Request.id=x"),
    ("service(\"api.example.com\")", "front 0..9\n  api.example.com 1..2 remote", "front 0..9\n  api 1..2 remote"),
    (
        "service(\"api.example.com\") { fault }",
        "front 0..9\n  api.example.com 1..2 remote 500",
        "front 0..9 fault\n  api.example.com 1..2 remote",
    ),
    ("service() { fault }", "front 0..9\n  db 1..2 aws fault", "front 0..9 429\n  work 1..2 fault"),
    (
        "service(\"data-plane\") { root = true AND fault = true }",
        "data-plane 0..9 fault",
        "front 0..9 fault\n  > data-plane 1..2 fault",
    ),
    (
        "service(\"api.amazon.com\") { fault = true OR responsetime > 2.5 } AND annotation.foo = \"bar\"",
        "front 0..9000 @foo=bar\n  api.amazon.com 1..2502 remote",
        "front 0..9000 @foo=bar\n  api.amazon.com 1..2501 remote",
    ),
    ("!service(\"cache\")", "front 0..9\n  Cache 1..2 remote", "front 0..9\n  cache 1..2 remote"),
    (
        "service(id(name: \"fn\", type: \"AWS::Lambda::Function\")) { error }",
        "fn 0..9 origin=AWS::Lambda::Function 404",
        "fn 0..9 origin=AWS::Lambda 404",
    ),
    (
        "service(id(type: \"AWS::Lambda::Function\")) { error }",
        "other 0..9 origin=AWS::Lambda::Function 404",
        "other 0..9 origin=AWS::Lambda::Function 500",
    ),
    ("service(id(account.id: \"123456789012\"))", "front 0..9 account=123456789012", "front 0..9 account=210987654321"),
    (
        "service(id(name: \"back\")) { fault AND name ENDSWITH \"ack\" }",
        "front 0..9\n  > back 1..2 fault",
        "front 0..9\n  > black 1..2 fault",
    ),
    (
        "service(\"orders\") { annotation[tier] = \"gold\" }",
        "front 0..9\n  > orders 1..9\n    work 2..3 @tier=gold",
        "front 0..9 @tier=gold\n  > orders 1..9",
    ),
    (
        "edge(\"api.example.com\", \"backend.example.com\") { error }",
        "api.example.com 0..9\n  backend.example.com 1..2 remote 404",
        "api.example.com 0..9\n  backend.example.com 1..8 remote\n    > backend.example.com 2..7 404",
    ),
    (
        "edge(\"front\",\"back\") { responsetime > 1 }",
        "front 0..9000\n  back 0..1001 remote\n    > back 1..900",
        "front 0..9000\n  back 0..1000 remote\n    > back 1..5000",
    ),
    ("edge(\"front\",\"back\")", "front 0..9\n  > back 1..2", "front 0..9\n  > mid 1..9\n    > back 2..3"),
    ("!edge(\"front\",\"back\")", "back 0..9\n  > front 1..2", "front 0..9\n  > back 1..2"),
    (
        "edge(id(name: \"www\", type: \"client::Synthetics\"), id(name: \"www\", type: \"AWS::ElasticBeanstalk::Environment\"))",
        CANARY,
        "www 0..9 origin=AWS::ElasticBeanstalk::Environment",
    ),
    (
        "edge(id(name: \"front\", type: \"client\"), id(name: \"front\")) { error }",
        "front 0..9 404",
        "outer 0..9\n  front 1..3 remote 404\n    > front 1..2 404",
    ),
    ("rootcause.fault.service { name = \"Auth\" }", AUTH, INFERRED),
    ("rootcause.responsetime.service { last AND type = \"AWS::DynamoDB\" }", SLOW_TABLE, AUTH),
    ("rootcause.fault.entity { last AND name = \"deserialize\" }", AUTH, WEATHER),
    (
        "rootcause.fault.entity { first AND index = 0 AND name ENDSWITH \"-root\" }",
        "front-root 0..9 fault !E=x",
        "front 0..9 fault\n  -root 1..2 fault !E=x",
    ),
    ("rootcause.fault.entity { last AND !remote }", AUTH, "front 0..9 fault"),
    (
        "rootcause.responsetime.entity { remote AND coverage > 0.7 AND name = \"traces\" }",
        SLOW_TABLE,
        "front 0..1000\n  traces 300..1000 remote",
    ),
    ("rootcause.responsetime.entity { last and coverage > 0.8 }", SLOW_TABLE, "front 0..1000\n  work 200..1000"),
    ("rootcause.fault.service { inferred AND type = \"remote\" AND last }", INFERRED, AUTH),
    ("rootcause.fault.service { index > 5 }", DEEP, AUTH),
    (
        "rootcause.fault.exception { last AND message = \"Access Denied for account_id: 1234567890\" }",
        AUTH,
        "front 0..9 fault !AccessDenied=\"Access Denied\"",
    ),
    (
        "rootcause.error.exception { name = \"ResourceNotFoundException\" }",
        "front 0..9 error !ResourceNotFoundException=\"gone\"",
        "front 0..9 fault !ResourceNotFoundException=\"gone\"",
    ),
    (
        "rootcause.json = #[{\"Services\":[{\"Name\":\"GetWeatherData\",\"EntityPath\":[{\"Name\":\"GetWeatherData\"},\
         {\"Name\":\"get_temperature\"}]},{\"Name\":\"GetTemperature\",\"EntityPath\":[{\"Name\":\"GetTemperature\"}]}]}]",
        WEATHER,
        AUTH,
    ),
    ("availabilityzone = \"us-west-2a\"", "front 0..9 zone=us-west-2a", "front 0..9 zone=us-west-2b"),
    (
        "instance.id = \"i-0b5a4678fc325bg98\"",
        "front 0..9 instance=i-0b5a4678fc325bg98",
        "front 0..9 instance=i-0b5a4678",
    ),
    ("resource.arn BEGINSWITH \"arn:aws:lambda:\"", "front 0..9 arn=arn:aws:lambda:x", "front 0..9 arn=arn:aws:ec2:x"),
    ("(fault OR error) AND NOT http.url CONTAINS \"/health\"", "front 0..9 GET / 404", "front 0..9 GET /health 404"),
    ("fault OR error AND duration > 1", "front 0..9 fault", "front 0..9 404"),
    ("! ( ok )", "front 0..9 fault", "front 0..9"),
    ("duration >= 1e1", "front 0..10000", "front 0..9999"),
    ("fault = \"true\"", "front 0..9 fault", "front 0..9"),
    ("service{fault}", "front 0..9\n  > back 1..2 fault", "front 0..9"),
    ("edge{error}", "front 0..9\n  back 1..2 remote 404", "front 0..9"),
    ("NOT NOT fault", "front 0..9 fault", "front 0..9"),
];

#[test]
fn every_example_finds_one_trace_and_not_the_other() {
    for (text, found, other) in TRACES {
        for mode in [Mode::Strict, Mode::Lenient] {
            let filter = compile(text, mode).unwrap_or_else(|problems| panic!("{text}: {problems:#?}"));
            let with_agent = |drawing: &str| {
                let mut facts = facts(if drawing == "agent" { "front 0..9" } else { drawing });
                if drawing == "agent" {
                    facts.summary.http.user_agent = Some("curl/8".to_owned());
                    facts.summary.http.client_ip = Some("192.0.2.17".to_owned());
                }
                facts
            };
            assert!(filter.matches(&with_agent(found)), "{text} must find {found}");
            assert!(other == "-" || !filter.matches(&with_agent(other)), "{text} must not find {other}");
        }
    }
}

#[test]
fn the_example_whose_name_ends_otherwise_finds_nothing() {
    let filter = filter("service(id(name: \"back\")) { fault AND name ENDSWITH \"-back\" }");
    for drawing in ["front 0..9\n  > back 1..2 fault", "front 0..9\n  > x-back 1..2 fault"] {
        assert!(!filter.matches(&facts(drawing)), "no name is both: {drawing}");
    }
}

#[test]
fn every_example_prints_as_itself() {
    for (text, ..) in TRACES {
        let first = filter(text);
        let printed = first.to_string();
        assert_eq!(filter(&printed), first, "{text} prints as {printed}");
        assert_eq!(filter(&printed).to_string(), printed);
        assert!(compile(&printed, Mode::Strict).is_ok(), "{printed} is strict");
    }
}
