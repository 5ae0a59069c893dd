//! Addresses of pages in the AWS console.
//!
//! The paths of the CloudWatch console are what it shows in its own address bar; AWS documents only the older X-Ray
//! console, which leads to the same pages.

mod jsurl;
mod resource;

use jsurl::Value;

pub use resource::{Resource, resource};

/// A time range of a list of traces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Range {
    /// The last so many seconds.
    Last {
        /// Seconds.
        seconds: i64,
    },
    /// Between two moments in RFC 3339, UTC.
    Between {
        /// The start.
        from: String,
        /// The end.
        to: String,
    },
}

/// The page of one trace; `None` in partitions without a public console.
pub fn trace(region: &str, id: &str) -> Option<String> {
    Some(format!("{}#xray:traces/{}", cloudwatch(region)?, encode(id)))
}

/// The list of traces with a filter expression; `None` in partitions without a public console.
pub fn trace_list(region: &str, filter: &str, range: &Range) -> Option<String> {
    let query = if filter.is_empty() { Vec::new() } else { vec![("expression", Value::text(filter))] };
    let context = Value::Object(vec![("timeRange", Value::Object(time(range)))]);
    let state = Value::Object(vec![("query", Value::Object(query)), ("context", context)]);
    Some(format!("{}#xray:traces/query?{state}", cloudwatch(region)?))
}

/// The service map; `None` in partitions without a public console.
pub fn service_map(region: &str, range: &Range) -> Option<String> {
    let context = Value::Object(vec![("timeRange", Value::Object(time(range)))]);
    let state = Value::Object(vec![("query", Value::Object(Vec::new())), ("context", context)]);
    Some(format!("{}#xray:service-map/map?{state}", cloudwatch(region)?))
}

/// A query of CloudWatch Logs Insights over log groups, between two moments in RFC 3339, UTC; `None` in partitions without
/// a public console, and without groups.
pub fn logs(region: &str, groups: &[String], query: &str, from: &str, to: &str) -> Option<String> {
    if groups.is_empty() {
        return None;
    }
    let detail = Value::Object(vec![
        ("end", Value::text(to)),
        ("start", Value::text(from)),
        ("timeType", Value::text("ABSOLUTE")),
        ("tz", Value::text("UTC")),
        ("editorString", Value::text(query)),
        ("source", Value::Texts(groups.to_vec())),
    ]);
    Some(format!("{}#logsV2:logs-insights?queryDetail={detail}", cloudwatch(region)?))
}

/// The query of Logs Insights that finds what a trace wrote, by its id in X-Ray's form and in the W3C's.
pub fn logs_query(id: &str, w3c: &str) -> String {
    format!(
        "fields @timestamp, @log, @message | filter @message like \"{id}\" or @message like \"{w3c}\" | sort @timestamp asc | limit 1000"
    )
}

fn time(range: &Range) -> Vec<(&'static str, Value)> {
    match range {
        Range::Last { seconds } => vec![("delta", Value::Number(seconds * 1_000))],
        Range::Between { from, to } => vec![("start", Value::text(from)), ("end", Value::text(to))],
    }
}

fn cloudwatch(region: &str) -> Option<String> {
    Some(format!("{}/cloudwatch/home?region={}", host(region)?, encode(region)))
}

/// The console of a region's partition.
/// <https://docs.aws.amazon.com/general/latest/gr/console.html>
fn host(region: &str) -> Option<String> {
    let is_region = region.contains('-') && region.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if !is_region {
        return None;
    }
    match region.split('-').collect::<Vec<_>>()[..] {
        ["cn", ..] => Some(format!("https://{region}.console.amazonaws.cn")),
        ["us", "gov", ..] => Some(format!("https://{region}.console.amazonaws-us-gov.com")),
        // Isolated and sovereign partitions have no public console.
        ["us" | "eu", kind, ..] if kind.starts_with("iso") => None,
        ["eusc", ..] => None,
        _ => Some(format!("https://{region}.console.aws.amazon.com")),
    }
}

fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string().replace("%2D", "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_has_an_address_in_each_partition() {
        for (region, host) in [
            ("eu-west-1", Some("https://eu-west-1.console.aws.amazon.com")),
            ("cn-north-1", Some("https://cn-north-1.console.amazonaws.cn")),
            ("us-gov-west-1", Some("https://us-gov-west-1.console.amazonaws-us-gov.com")),
            ("us-iso-east-1", None),
            ("us-isob-east-1", None),
            ("eu-isoe-west-1", None),
            ("eusc-de-east-1", None),
            ("local", None),
            ("evil.example.com/-", None),
        ] {
            let expected = host.map(|host| format!("{host}/cloudwatch/home?region={region}#xray:traces/1-5-6"));
            assert_eq!(trace(region, "1-5-6"), expected, "{region}");
        }
    }

    #[test]
    fn logs_are_asked_for_a_trace_in_both_forms() {
        let query = logs_query("1-5-6", "56");
        let groups = ["/aws/lambda/fn".to_owned(), "b$".to_owned()];
        let page =
            logs("eu-west-1", &groups, "fields @message", "2026-11-22T10:00:00Z", "2026-11-22T10:10:00Z").unwrap();
        assert_eq!(
            page,
            "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#logsV2:logs-insights?queryDetail=\
             ~(end~'2026-11-22T10*3a10*3a00Z~start~'2026-11-22T10*3a00*3a00Z~timeType~'ABSOLUTE~tz~'UTC\
             ~editorString~'fields*20*40message~source~(~'*2faws*2flambda*2ffn~'b!))"
        );
        assert!(query.contains("like \"1-5-6\" or @message like \"56\""), "{query}");
        assert_eq!(logs("eu-west-1", &[], &query, "", ""), None);
        assert_eq!(logs("local", &groups, &query, "", ""), None);
    }

    #[test]
    fn a_list_carries_filter_and_range() {
        let page = "https://eu-west-1.console.aws.amazon.com/cloudwatch/home?region=eu-west-1#xray:traces/query?";
        let list = |filter: &str, range: &Range| trace_list("eu-west-1", filter, range).unwrap().replace(page, "");
        assert_eq!(
            list("service(\"api\") { fault }", &Range::Last { seconds: 21_600 }),
            "~(query~(expression~'service*28*22api*22*29*20*7b*20fault*20*7d)~context~(timeRange~(delta~21600000)))"
        );
        let between = Range::Between { from: "2026-11-22T10:00:00.000Z".into(), to: "2026-11-22T11:00:00.000Z".into() };
        assert_eq!(
            list("", &between),
            "~(query~()~context~(timeRange~(start~'2026-11-22T10*3a00*3a00.000Z~end~'2026-11-22T11*3a00*3a00.000Z)))"
        );
    }
}
