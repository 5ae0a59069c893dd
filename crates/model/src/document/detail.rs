//! What the members of a (sub)segment document mean, every documented field of them.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html>
//!
//! `metadata`, which can be large and is never searched, stays in the document until somebody looks at it.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Entity, Member,
    read::{self, Bad, Raw},
};
use crate::{SpanId, TraceId};

/// The value of an annotation. Annotations are indexed and can be searched for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AnnotationValue {
    /// A string of up to 1,000 characters.
    String(String),
    /// A number.
    Number(f64),
    /// A boolean.
    Boolean(bool),
}

/// The meaning of an entity's members. Absent members are `None` or empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detail {
    /// The kind of resource that runs the segment, as `AWS::EC2::Instance`.
    pub origin: Option<String>,
    /// The user who made the request.
    pub user: Option<String>,
    /// The ARN of the resource that runs the segment.
    pub resource_arn: Option<String>,
    /// `service`: version of the program, runtime and compiler, by name in the document's order.
    pub service: Vec<(String, String)>,
    /// The HTTP request that the entity served or made.
    pub http: Option<Http>,
    /// The AWS resource that ran or was called.
    pub aws: Option<Aws>,
    /// What went wrong.
    pub cause: Option<Cause>,
    /// The query to an SQL database.
    pub sql: Option<Sql>,
    /// Searchable values, by key in the document's order.
    pub annotations: Vec<(String, AnnotationValue)>,
    /// Spans of other traces that this one continues.
    pub links: Vec<Link>,
    /// Subsegments of the same parent that finished before this one started.
    pub precursor_ids: Vec<SpanId>,
    /// The document has `metadata`.
    pub has_metadata: bool,
}

/// `http`: an HTTP request and its response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Http {
    /// The request's method.
    pub method: Option<String>,
    /// The address that was asked.
    pub url: Option<String>,
    /// The requester's program.
    pub user_agent: Option<String>,
    /// The requester's address.
    pub client_ip: Option<String>,
    /// The requester's address was read from `X-Forwarded-For` and may be forged.
    pub x_forwarded_for: Option<bool>,
    /// A downstream segment was promised.
    pub traced: Option<bool>,
    /// The response's status code.
    pub status: Option<i64>,
    /// The response's length in bytes; −1 where the writer did not know it.
    pub content_length: Option<i64>,
}

/// `aws`: the members that something is done with; the others are in `rest`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aws {
    /// The account that owns the resource.
    pub account_id: Option<String>,
    /// The API operation that was called.
    pub operation: Option<String>,
    /// The region that was called.
    pub region: Option<String>,
    /// AWS's id of the request.
    pub request_id: Option<String>,
    /// How often the SDK tried again.
    pub retries: Option<i64>,
    /// The DynamoDB table.
    pub table_name: Option<String>,
    /// The SQS queue's address.
    pub queue_url: Option<String>,
    /// The SNS topic's ARN.
    pub topic_arn: Option<String>,
    /// The S3 bucket.
    pub bucket_name: Option<String>,
    /// The Lambda function that was called.
    pub function_name: Option<String>,
    /// The ARN of the Lambda function that ran.
    pub function_arn: Option<String>,
    /// The EC2 instance.
    pub instance_id: Option<String>,
    /// The availability zone, of EC2 or ECS.
    pub availability_zone: Option<String>,
    /// The names of the CloudWatch log groups that the resource writes to.
    pub log_groups: Vec<String>,
    /// Every other member as JSON text, by name in the document's order.
    pub rest: Vec<(String, String)>,
}

/// `cause`: exceptions, or a pointer to one that another entity of the trace recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The exception with this id, recorded elsewhere in the trace.
    Reference(SpanId),
    /// Exceptions recorded here.
    Exceptions {
        /// Where the program ran.
        working_directory: Option<String>,
        /// The libraries' paths.
        paths: Vec<String>,
        /// The exceptions, outermost first.
        exceptions: Vec<Exception>,
    },
}

/// An exception.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exception {
    /// Its id: what `cause` members refer to.
    pub id: Option<SpanId>,
    /// Its message.
    pub message: Option<String>,
    /// Its type.
    pub kind: Option<String>,
    /// It came from a downstream service.
    pub remote: Option<bool>,
    /// How many stack frames were left out at the end.
    pub truncated: Option<i64>,
    /// How many exceptions were left out between this one and the next.
    pub skipped: Option<i64>,
    /// The id of the exception that caused it.
    pub cause: Option<SpanId>,
    /// The stack, innermost frame first.
    pub stack: Vec<StackFrame>,
}

/// A frame of an exception's stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StackFrame {
    /// The source file.
    pub path: Option<String>,
    /// The line in it.
    pub line: Option<i64>,
    /// The function or method.
    pub label: Option<String>,
}

/// `sql`: a query to an SQL database.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sql {
    /// Where the database is, when it is not a URL; without passwords.
    pub connection_string: Option<String>,
    /// Where the database is, as a URL without passwords.
    pub url: Option<String>,
    /// The query, its values removed.
    pub sanitized_query: Option<String>,
    /// The database's kind.
    pub database_type: Option<String>,
    /// The database's version.
    pub database_version: Option<String>,
    /// The driver's name and version.
    pub driver_version: Option<String>,
    /// The database's user.
    pub user: Option<String>,
    /// `call` or `statement`.
    pub preparation: Option<String>,
}

/// `links`: a span of another trace that this one continues.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The other trace.
    pub trace_id: TraceId,
    /// The (sub)segment in it.
    pub id: Option<SpanId>,
    /// Its `attributes` as JSON text.
    pub attributes: Option<String>,
}

impl Entity<'_> {
    /// The meaning of the members, and a sentence for each one that had the wrong type or form and was left out.
    pub fn detail(&self) -> (Detail, Vec<String>) {
        let mut bad = Bad::default();
        let detail = Detail {
            origin: bad.text("origin", self.get(Member::Origin)),
            user: bad.text("user", self.get(Member::User)),
            resource_arn: bad.text("resource_arn", self.get(Member::ResourceArn)),
            service: service(self.get(Member::Service), &mut bad),
            http: self.get(Member::Http).and_then(|raw| http(raw, &mut bad)),
            aws: self.get(Member::Aws).and_then(|raw| aws(raw, &mut bad)),
            cause: self.get(Member::Cause).and_then(|raw| cause(raw, &mut bad)),
            sql: self.get(Member::Sql).and_then(|raw| sql(raw, &mut bad)),
            annotations: annotations(self.get(Member::Annotations), &mut bad),
            links: links(self.get(Member::Links), &mut bad),
            precursor_ids: precursor_ids(self.get(Member::PrecursorIds), &mut bad),
            has_metadata: self.get(Member::Metadata).is_some(),
        };
        (detail, bad.sentences)
    }

    /// The HTTP response's status alone, read without the rest: what an outcome needs.
    pub fn http_status(&self) -> Option<i64> {
        let http = read::members(self.get(Member::Http)?)?;
        let (_, response) = http.into_iter().rfind(|(key, _)| key == "response")?;
        let (_, status) = read::members(response)?.into_iter().rfind(|(key, _)| key == "status")?;
        read::integer(status)
    }
}

fn service(raw: Raw<'_>, bad: &mut Bad) -> Vec<(String, String)> {
    let members = bad.object("service", raw);
    members.0.into_iter().filter_map(|(key, raw)| Some((key.to_string(), bad.loose_text(&key, Some(raw))?))).collect()
}

fn http(raw: &RawValue, bad: &mut Bad) -> Option<Http> {
    let mut http = bad.object("http", Some(raw));
    let mut request = bad.object("http.request", http.take("request"));
    let mut response = bad.object("http.response", http.take("response"));
    let http = Http {
        method: bad.text("http.request.method", request.take("method")),
        url: bad.text("http.request.url", request.take("url")),
        user_agent: bad.text("http.request.user_agent", request.take("user_agent")),
        client_ip: bad.text("http.request.client_ip", request.take("client_ip")),
        x_forwarded_for: bad.boolean("http.request.x_forwarded_for", request.take("x_forwarded_for")),
        traced: bad.boolean("http.request.traced", request.take("traced")),
        status: bad.integer("http.response.status", response.take("status")),
        content_length: bad.integer("http.response.content_length", response.take("content_length")),
    };
    (http != Http::default()).then_some(http)
}

fn aws(raw: &RawValue, bad: &mut Bad) -> Option<Aws> {
    let mut aws = bad.object("aws", Some(raw));
    let mut taken = Aws {
        account_id: bad.loose_text("aws.account_id", aws.take("account_id")),
        operation: bad.text("aws.operation", aws.take("operation")),
        region: bad.text("aws.region", aws.take("region")),
        request_id: bad.text("aws.request_id", aws.take("request_id")),
        retries: bad.integer("aws.retries", aws.take("retries")),
        table_name: bad.text("aws.table_name", aws.take("table_name")),
        queue_url: bad.text("aws.queue_url", aws.take("queue_url")),
        topic_arn: bad.text("aws.topic_arn", aws.take("topic_arn")),
        bucket_name: bad.text("aws.bucket_name", aws.take("bucket_name")),
        function_name: bad.text("aws.function_name", aws.take("function_name")),
        function_arn: bad.text("aws.function_arn", aws.take("function_arn")),
        ..Aws::default()
    };
    for (key, raw) in &aws.0 {
        match key.as_ref() {
            "ec2" => {
                let mut ec2 = bad.object("aws.ec2", Some(raw));
                taken.instance_id = bad.text("aws.ec2.instance_id", ec2.take("instance_id"));
                taken.availability_zone = bad.text("aws.ec2.availability_zone", ec2.take("availability_zone"));
            }
            "ecs" if taken.availability_zone.is_none() => {
                let mut ecs = bad.object("aws.ecs", Some(raw));
                taken.availability_zone = bad.text("aws.ecs.availability_zone", ecs.take("availability_zone"));
            }
            "cloudwatch_logs" => {
                for raw in bad.array("aws.cloudwatch_logs", Some(raw)) {
                    let mut log = bad.object("aws.cloudwatch_logs[]", Some(raw));
                    taken.log_groups.extend(bad.text("aws.cloudwatch_logs[].log_group", log.take("log_group")));
                }
            }
            _ => {}
        }
        taken.rest.push((key.to_string(), raw.get().to_owned()));
    }
    (taken != Aws::default()).then_some(taken)
}

fn cause(raw: &RawValue, bad: &mut Bad) -> Option<Cause> {
    if read::text(raw).is_some() {
        return bad.id("cause", Some(raw)).map(Cause::Reference);
    }
    let mut cause = bad.object("cause", Some(raw));
    let paths = bad.array("cause.paths", cause.take("paths"));
    let exceptions = bad.array("cause.exceptions", cause.take("exceptions"));
    Some(Cause::Exceptions {
        working_directory: bad.text("cause.working_directory", cause.take("working_directory")),
        paths: paths.into_iter().filter_map(|raw| bad.text("cause.paths[]", Some(raw))).collect(),
        exceptions: exceptions.into_iter().map(|raw| exception(raw, bad)).collect(),
    })
}

fn exception(raw: &RawValue, bad: &mut Bad) -> Exception {
    let mut exception = bad.object("cause.exceptions[]", Some(raw));
    let stack = bad.array("cause.exceptions[].stack", exception.take("stack"));
    Exception {
        id: bad.id("cause.exceptions[].id", exception.take("id")),
        message: bad.loose_text("cause.exceptions[].message", exception.take("message")),
        kind: bad.loose_text("cause.exceptions[].type", exception.take("type")),
        remote: bad.boolean("cause.exceptions[].remote", exception.take("remote")),
        truncated: bad.integer("cause.exceptions[].truncated", exception.take("truncated")),
        skipped: bad.integer("cause.exceptions[].skipped", exception.take("skipped")),
        cause: bad.id("cause.exceptions[].cause", exception.take("cause")),
        stack: stack.into_iter().map(|raw| stack_frame(raw, bad)).collect(),
    }
}

fn stack_frame(raw: &RawValue, bad: &mut Bad) -> StackFrame {
    let mut frame = bad.object("cause.exceptions[].stack[]", Some(raw));
    StackFrame {
        path: bad.text("cause.exceptions[].stack[].path", frame.take("path")),
        line: bad.integer("cause.exceptions[].stack[].line", frame.take("line")),
        label: bad.text("cause.exceptions[].stack[].label", frame.take("label")),
    }
}

fn sql(raw: &RawValue, bad: &mut Bad) -> Option<Sql> {
    let mut sql = bad.object("sql", Some(raw));
    let sql = Sql {
        connection_string: bad.text("sql.connection_string", sql.take("connection_string")),
        url: bad.text("sql.url", sql.take("url")),
        sanitized_query: bad.text("sql.sanitized_query", sql.take("sanitized_query")),
        database_type: bad.text("sql.database_type", sql.take("database_type")),
        database_version: bad.loose_text("sql.database_version", sql.take("database_version")),
        driver_version: bad.loose_text("sql.driver_version", sql.take("driver_version")),
        user: bad.text("sql.user", sql.take("user")),
        preparation: bad.text("sql.preparation", sql.take("preparation")),
    };
    (sql != Sql::default()).then_some(sql)
}

fn annotations(raw: Raw<'_>, bad: &mut Bad) -> Vec<(String, AnnotationValue)> {
    let mut found = Vec::new();
    for (key, raw) in bad.object("annotations", raw).0 {
        let value = read::text(raw)
            .map(|text| AnnotationValue::String(text.into_owned()))
            .or_else(|| read::boolean(raw).map(AnnotationValue::Boolean))
            .or_else(|| read::number(raw).map(AnnotationValue::Number));
        match value {
            Some(value) => {
                found.retain(|(former, _)| *former != key);
                found.push((key.into_owned(), value));
            }
            None => bad.say(&format!("annotation {key}"), "a string, a number or a boolean", raw),
        }
    }
    found
}

fn links(raw: Raw<'_>, bad: &mut Bad) -> Vec<Link> {
    bad.array("links", raw).into_iter().filter_map(|raw| link(raw, bad)).collect()
}

fn link(raw: &RawValue, bad: &mut Bad) -> Option<Link> {
    let mut link = bad.object("links[]", Some(raw));
    let trace_id = link.take("trace_id").unwrap_or(raw);
    Some(Link {
        trace_id: bad.typed("links[].trace_id", "a trace id", Some(trace_id), |raw| read::text(raw)?.parse().ok())?,
        id: bad.id("links[].id", link.take("id")),
        attributes: link.take("attributes").map(|raw| raw.get().to_owned()),
    })
}

fn precursor_ids(raw: Raw<'_>, bad: &mut Bad) -> Vec<SpanId> {
    let elements = bad.array("precursor_ids", raw);
    elements.into_iter().filter_map(|raw| bad.id("precursor_ids[]", Some(raw))).collect()
}
