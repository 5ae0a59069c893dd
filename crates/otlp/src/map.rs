//! A span as a segment document, by the rules of the OpenTelemetry collector's exporter for X-Ray (xray-api.md §12.6).
//!
//! That exporter makes an annotation of an attribute only where it is told to. Here short attributes of a span are
//! annotations too, so that one can search for them: locally that costs nothing, and everything is in the metadata as well.

use std::collections::BTreeSet;

use model::{Moment, SpanId, TraceId};
use serde_json::{Map, Value, json};

use crate::{
    attributes::{self, Attributes},
    causes,
    message::{KeyValue, Request, ScopeSpans, Span, Value as Any},
};

/// A span that became documents.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapped {
    /// One document, or two where a call is the first thing that is known of its service.
    pub documents: Vec<String>,
}

/// A span that cannot become a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

const SERVER: i32 = 2;
const CLIENT: i32 = 3;
const PRODUCER: i32 = 4;
const CONSUMER: i32 = 5;

/// Names are no longer.
const NAME_LETTERS: usize = 200;
/// X-Ray indexes so many annotations of a trace.
const MOST_ANNOTATIONS: usize = 50;
/// A text that is longer is nothing that one would search for.
const ANNOTATION_LETTERS: usize = 250;

impl Request {
    /// What becomes of each span, in their order.
    pub fn documents(&self) -> impl Iterator<Item = Result<Mapped, Rejected>> {
        self.spans().map(|(resource, scope, span)| {
            let reject =
                |reason: &str| Rejected { name: span.name.chars().take(80).collect(), reason: reason.to_owned() };
            Mapping::of(resource, scope, span).map(Mapping::documents).map_err(reject)
        })
    }
}

struct Mapping<'a> {
    trace: TraceId,
    id: SpanId,
    parent: Option<SpanId>,
    start: Moment,
    end: Option<Moment>,
    span: &'a Span,
    scope: &'a ScopeSpans,
    of_span: Attributes<'a>,
    of_resource: Attributes<'a>,
}

fn id(bytes: &[u8]) -> Option<SpanId> {
    let bits = u64::from_be_bytes(bytes.try_into().ok()?);
    if bits == 0 { None } else { format!("{bits:016x}").parse().ok() }
}

fn trace_id(bytes: &[u8]) -> Option<TraceId> {
    let bits = u128::from_be_bytes(bytes.try_into().ok()?);
    (bits != 0).then(|| TraceId::from_bits(bits))
}

fn moment(nanos: u64) -> Result<Moment, &'static str> {
    i64::try_from(nanos).map(Moment).map_err(|_| "a time is after the year 2262")
}

impl<'a> Mapping<'a> {
    fn of(resource: &'a [KeyValue], scope: &'a ScopeSpans, span: &'a Span) -> Result<Self, &'static str> {
        let parent = match &span.parent_span_id[..] {
            [] => None,
            bytes if bytes.iter().all(|byte| *byte == 0) => None,
            bytes => Some(id(bytes).ok_or("its parentSpanId is not 8 bytes")?),
        };
        if span.start_time_unix_nano == 0 {
            return Err("it has no startTimeUnixNano");
        }
        let start = moment(span.start_time_unix_nano)?;
        let end = (span.end_time_unix_nano != 0).then(|| moment(span.end_time_unix_nano)).transpose()?;
        Ok(Self {
            trace: trace_id(&span.trace_id).ok_or("its traceId is not 16 bytes, or all of them are 0")?,
            id: id(&span.span_id).ok_or("its spanId is not 8 bytes, or all of them are 0")?,
            parent,
            start,
            end,
            span,
            scope,
            of_span: Attributes(&span.attributes),
            of_resource: Attributes(resource),
        })
    }

    fn documents(self) -> Mapped {
        let is_dependency = matches!(self.span.kind, CLIENT | PRODUCER);
        if self.parent.is_none() && is_dependency {
            // Nothing else is known of the service that calls: it gets a segment around the call.
            let segment =
                format!("{:016x}", u64::from_str_radix(&self.id.to_string(), 16).unwrap_or(0).rotate_left(32) ^ 1);
            let mut around = self.document(true);
            around.0.retain(|(key, _)| !["http", "sql", "cause"].contains(key));
            around.set("id", &json!(segment));
            around.set("name", &json!(name(&self.service().unwrap_or_else(|| self.span.name.clone()))));
            let mut call = self.document(false);
            call.set("parent_id", &json!(segment));
            return Mapped { documents: vec![around.text(), call.text()] };
        }
        let is_segment = self.parent.is_none() || self.span.kind == SERVER;
        Mapped { documents: vec![self.document(is_segment).text()] }
    }

    fn document(&self, is_segment: bool) -> Document {
        let mut document = Document::default();
        document.0.push(("start_time", self.start.to_string()));
        // A clock that was set back gives no negative duration.
        document.0.extend(self.end.map(|end| ("end_time", end.max(self.start).to_string())));
        let mut set = |key, value: Value| document.set(key, &value);
        set("trace_id", json!(self.trace));
        set("id", json!(self.id));
        set("parent_id", json!(self.parent));
        set("name", json!(name(&self.name(is_segment))));
        if self.end.is_none() {
            set("in_progress", json!(true));
        }
        if !is_segment {
            set("type", json!("subsegment"));
            set("namespace", json!(self.namespace()));
        }
        let status = self.of_span.number(&["http.response.status_code", "http.status_code"]);
        self.flags(status).into_iter().for_each(|flag| set(flag, json!(true)));
        set("cause", json!(causes::cause(self.span)));
        set("http", self.http(status, is_segment));
        set("aws", self.aws(is_segment));
        set("sql", self.sql());
        set("user", json!(self.of_span.text(&["enduser.id", "user.id"])));
        if is_segment {
            set("origin", json!(self.origin()));
            set("service", self.version());
        }
        set("annotations", self.annotations());
        set("metadata", self.metadata());
        set("links", self.links());
        document
    }

    fn service(&self) -> Option<String> {
        self.of_span.text(&["aws.local.service"]).or_else(|| self.of_resource.text(&["service.name"]))
    }

    fn is_aws(&self) -> bool {
        let system = self.of_span.text(&["rpc.system", "rpc.system.name"]);
        system.is_some_and(|system| system == "aws-api")
            || self.of_span.get(&["aws.service", "aws.operation", "aws.request_id"]).is_some()
    }

    fn namespace(&self) -> Option<&'static str> {
        match self.span.kind {
            _ if self.is_aws() => Some("aws"),
            CLIENT | PRODUCER | CONSUMER => Some("remote"),
            _ => None,
        }
    }

    fn name(&self, is_segment: bool) -> String {
        let own = || self.span.name.clone();
        if is_segment {
            return self.service().unwrap_or_else(own);
        }
        if self.namespace().is_none() {
            return own();
        }
        let database = || {
            let name = self.of_span.text(&["db.namespace", "db.name"])?;
            let host = self.of_span.text(&["server.address", "net.peer.name"]);
            Some(host.map_or(name.clone(), |host| format!("{name}@{host}")))
        };
        if let Some(remote) = self.of_span.text(&["aws.remote.service"]) {
            let strip = |prefix: &str| remote.strip_prefix(prefix).map(str::to_owned);
            return if self.is_aws() { strip("AWS.SDK.").or_else(|| strip("AWS::")).unwrap_or(remote) } else { remote };
        }
        let of_aws = || {
            let service = self.of_span.text(&["aws.service", "rpc.service"]).filter(|_| self.is_aws())?;
            // The AWS SDK for Java writes "AmazonDynamoDBv2" and the like.
            Some(service.trim_start_matches("Amazon").trim_end_matches("v2").trim().to_owned())
        };
        self.of_span
            .text(&["peer.service"])
            .or_else(of_aws)
            .or_else(database)
            .or_else(|| self.of_span.text(&["rpc.service", "messaging.destination.name", "messaging.destination"]))
            .or_else(|| self.of_span.text(&["http.host", "server.address", "net.peer.name"]))
            .unwrap_or_else(own)
    }

    fn flags(&self, status: Option<i64>) -> Vec<&'static str> {
        match status {
            Some(429) => vec!["throttle", "error"],
            Some(400..=499) => vec!["error"],
            Some(500..=599) => vec!["fault"],
            _ if self.span.status.as_ref().is_some_and(|status| status.code == 2) => vec!["fault"],
            _ => Vec::new(),
        }
    }

    fn http(&self, status: Option<i64>, is_segment: bool) -> Value {
        let of = self.of_span;
        let url = || {
            let target = of.text(&["http.target", "url.path"]);
            let scheme = of.text(&["http.scheme", "url.scheme"])?;
            let host = of.text(&["http.host", "server.address", "net.host.name", "net.peer.name"])?;
            let port = of.number(&["server.port", "net.host.port", "net.peer.port"]);
            let is_usual = matches!((scheme.as_str(), port), ("http", Some(80)) | ("https", Some(443)) | (_, None));
            let port = port.filter(|_| !is_usual && !host.contains(':')).map(|port| format!(":{port}"));
            let query = of.text(&["url.query"]).map(|query| format!("?{query}"));
            Some(
                [
                    scheme,
                    "://".to_owned(),
                    host,
                    port.unwrap_or_default(),
                    target.unwrap_or_default(),
                    query.unwrap_or_default(),
                ]
                .concat(),
            )
        };
        let mut request = Map::new();
        for (key, value) in [
            ("method", of.text(&["http.request.method", "http.method"])),
            ("url", of.text(&["http.url", "url.full"]).or_else(url)),
            ("user_agent", of.text(&["user_agent.original", "http.user_agent"])),
            (
                "client_ip",
                of.text(&["client.address", "http.client_ip"])
                    .or_else(|| of.text(&["net.peer.ip"]).filter(|_| is_segment)),
            ),
        ] {
            request.extend(value.map(|value| (key.to_owned(), json!(value))));
        }
        if of.get(&["http.client_ip"]).is_some() && is_segment {
            request.insert("x_forwarded_for".to_owned(), json!(true));
        }
        let mut response = Map::new();
        response.extend(status.map(|status| ("status".to_owned(), json!(status))));
        let length = of.number(&["http.response.body.size", "http.response_content_length"]);
        response.extend(length.map(|length| ("content_length".to_owned(), json!(length))));
        let mut http = Map::new();
        if !request.is_empty() {
            http.insert("request".to_owned(), Value::Object(request));
        }
        if !response.is_empty() {
            http.insert("response".to_owned(), Value::Object(response));
        }
        some(http)
    }

    fn aws(&self, is_segment: bool) -> Value {
        let mut aws = Map::new();
        if is_segment {
            self.platform(&mut aws);
        }
        if self.is_aws() {
            for (key, value) in [
                ("operation", self.of_span.text(&["aws.operation", "rpc.method"])),
                ("region", self.of_span.text(&["aws.region", "cloud.region"])),
                ("request_id", self.of_span.text(&["aws.request_id", "aws.requestId"])),
                ("queue_url", self.of_span.text(&["aws.queue_url", "aws.queue.url", "aws.sqs.queue.url"])),
                (
                    "table_name",
                    self.of_span
                        .texts(&["aws.dynamodb.table_names", "aws.table_name", "aws.table.name"])
                        .into_iter()
                        .next(),
                ),
                ("bucket_name", self.of_span.text(&["aws.s3.bucket", "aws.bucket.name"])),
                ("topic_arn", self.of_span.text(&["aws.sns.topic.arn"])),
                ("function_name", self.of_span.text(&["faas.invoked_name"])),
            ] {
                aws.extend(value.map(|value| (key.to_owned(), json!(value))));
            }
        }
        some(aws)
    }

    /// Where the program runs.
    fn platform(&self, aws: &mut Map<String, Value>) {
        let of = self.of_resource;
        aws.extend(of.text(&["cloud.account.id"]).map(|account| ("account_id".to_owned(), json!(account))));
        let mut block = |name: &str, members: &[(&str, Option<String>)]| {
            let members: Map<String, Value> =
                members.iter().filter_map(|(key, value)| Some(((*key).to_owned(), json!(value.as_ref()?)))).collect();
            if !members.is_empty() {
                aws.insert(name.to_owned(), Value::Object(members));
            }
        };
        let zone = of.text(&["cloud.availability_zone"]);
        block(
            "ec2",
            &[
                ("instance_id", of.text(&["host.id"])),
                ("availability_zone", zone.clone()),
                ("instance_size", of.text(&["host.type"])),
                ("ami_id", of.text(&["host.image.id"])),
            ],
        );
        if of.get(&["aws.ecs.task.arn", "aws.ecs.container.arn", "aws.ecs.cluster.arn"]).is_some() {
            block(
                "ecs",
                &[
                    ("container", of.text(&["container.name"])),
                    ("container_id", of.text(&["container.id"])),
                    ("container_arn", of.text(&["aws.ecs.container.arn"])),
                    ("cluster_arn", of.text(&["aws.ecs.cluster.arn"])),
                    ("task_arn", of.text(&["aws.ecs.task.arn"])),
                    ("task_family", of.text(&["aws.ecs.task.family"])),
                    ("launch_type", of.text(&["aws.ecs.launchtype"])),
                ],
            );
        }
        if of.get(&["k8s.cluster.name", "k8s.pod.name"]).is_some() {
            block(
                "eks",
                &[
                    ("cluster_name", of.text(&["k8s.cluster.name"])),
                    ("pod", of.text(&["k8s.pod.name"])),
                    ("container_id", of.text(&["container.id"])),
                ],
            );
        }
        block(
            "xray",
            &[
                ("sdk", of.text(&["telemetry.sdk.name", "telemetry.sdk.language"])),
                ("sdk_version", of.text(&["telemetry.sdk.version"])),
            ],
        );
        let arns = of.texts(&["aws.log.group.arns"]);
        let names = of.texts(&["aws.log.group.names"]);
        let by_arn = arns.iter().map(|arn| {
            let name = arn.split(":log-group:").nth(1).map(|name| name.trim_end_matches(":*"));
            json!({ "log_group": name, "arn": arn })
        });
        let mut groups: Vec<Value> = by_arn.collect();
        if groups.is_empty() {
            groups = names.iter().map(|name| json!({ "log_group": name })).collect();
        }
        if !groups.is_empty() {
            aws.insert("cloudwatch_logs".to_owned(), Value::Array(groups));
        }
    }

    fn origin(&self) -> Option<&'static str> {
        let of = self.of_resource;
        Some(match of.text(&["cloud.platform"])?.as_str() {
            "aws_ec2" => "AWS::EC2::Instance",
            "aws_ecs" => match of.text(&["aws.ecs.launchtype"]).map(|kind| kind.to_lowercase()).as_deref() {
                Some("ec2") => "AWS::ECS::EC2",
                Some("fargate") => "AWS::ECS::Fargate",
                _ => "AWS::ECS::Container",
            },
            "aws_eks" => "AWS::EKS::Container",
            "aws_elastic_beanstalk" => "AWS::ElasticBeanstalk::Environment",
            "aws_app_runner" => "AWS::AppRunner::Service",
            "aws_lambda" => "AWS::Lambda::Function",
            _ => return None,
        })
    }

    fn version(&self) -> Value {
        let version = self.of_resource.text(&["service.version"]);
        version.map_or(Value::Null, |version| json!({ "version": version }))
    }

    fn sql(&self) -> Value {
        const FAMILY: [&str; 12] = [
            "mysql",
            "postgresql",
            "mssql",
            "microsoft.sql_server",
            "oracle",
            "mariadb",
            "sqlite",
            "db2",
            "redshift",
            "hive",
            "other_sql",
            "aurora",
        ];
        let of = self.of_span;
        let Some(system) = of.text(&["db.system.name", "db.system"]).filter(|it| FAMILY.contains(&it.as_str())) else {
            return Value::Null;
        };
        let name = of.text(&["db.namespace", "db.name"]);
        let url = of.text(&["db.connection_string"]).or_else(|| {
            let (host, port) =
                (of.text(&["server.address", "net.peer.name"])?, of.number(&["server.port", "net.peer.port"]));
            Some(port.map_or(host.clone(), |port| format!("{host}:{port}")))
        });
        let mut sql = Map::new();
        for (key, value) in [
            ("url", url.map(|url| name.map_or(url.clone(), |name| format!("{url}/{name}")))),
            ("sanitized_query", of.text(&["db.query.text", "db.statement"])),
            ("user", of.text(&["db.user"])),
            ("database_type", Some(system)),
        ] {
            sql.extend(value.map(|value| (key.to_owned(), json!(value))));
        }
        some(sql)
    }

    /// What one can search for: what the span says should be, and short values of the span.
    fn annotations(&self) -> Value {
        let named: BTreeSet<String> = self.of_span.texts(&["aws.xray.annotations"]).into_iter().collect();
        let mut annotations = Map::new();
        let wanted = self.span.attributes.iter().filter(|pair| named.contains(&pair.key));
        let others = self.span.attributes.iter().filter(|pair| !named.contains(&pair.key));
        for pair in wanted.chain(others.filter(|pair| !pair.key.starts_with("aws.xray."))) {
            if annotations.len() >= MOST_ANNOTATIONS {
                break;
            }
            let value = match pair.value.as_ref().and_then(|value| value.value.as_ref()) {
                Some(Any::String(text)) if text.chars().count() <= ANNOTATION_LETTERS => json!(text),
                Some(Any::Bool(is)) => json!(is),
                Some(Any::Int(number)) => json!(number),
                Some(Any::Double(number)) if number.is_finite() => json!(number),
                _ => continue,
            };
            let is_fit = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.';
            let key: String = pair.key.chars().map(|letter| if is_fit(letter) { letter } else { '_' }).collect();
            if !key.is_empty() {
                annotations.entry(key).or_insert(value);
            }
        }
        some(annotations)
    }

    /// Everything that the span and its resource say.
    fn metadata(&self) -> Value {
        let pairs = |list: &[KeyValue], prefix: &str| -> Map<String, Value> {
            let all = list.iter().filter(|pair| !pair.key.starts_with("aws.xray."));
            all.map(|pair| (format!("{prefix}{}", pair.key), attributes::value(pair.value.as_ref()))).collect()
        };
        let mut default = pairs(&self.span.attributes, "");
        default.extend(pairs(self.of_resource.0, "otel.resource."));
        let mut more = Map::new();
        for pair in &self.span.attributes {
            let Some(namespace) = pair.key.strip_prefix("aws.xray.metadata.") else { continue };
            let value = attributes::value(pair.value.as_ref());
            let value = value.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(value);
            more.insert(namespace.to_owned(), value);
        }
        let span = &self.span;
        let mut otel = Map::new();
        otel.insert("name".to_owned(), json!(span.name));
        let kind = ["unspecified", "internal", "server", "client", "producer", "consumer"].get(span.kind as usize);
        otel.extend(kind.map(|kind| ("kind".to_owned(), json!(kind))));
        if let Some(scope) = self.scope.scope.as_ref().filter(|scope| !scope.name.is_empty()) {
            otel.insert("scope".to_owned(), json!(format!("{} {}", scope.name, scope.version).trim_end()));
        }
        let events: Vec<Value> = span
            .events
            .iter()
            .filter(|event| event.name != "exception")
            .map(|event| {
                let at = Moment(i64::try_from(event.time_unix_nano).unwrap_or(i64::MAX));
                json!({ "time": at.as_seconds(), "name": event.name, "attributes": pairs(&event.attributes, "") })
            })
            .collect();
        if !events.is_empty() {
            otel.insert("events".to_owned(), Value::Array(events));
        }
        more.insert("otel".to_owned(), Value::Object(otel));
        if !default.is_empty() {
            more.insert("default".to_owned(), Value::Object(default));
        }
        some(more)
    }

    fn links(&self) -> Value {
        let link = |link: &crate::message::Link| {
            let (trace, id) = (trace_id(&link.trace_id)?, id(&link.span_id)?);
            let attributes: Map<String, Value> =
                link.attributes.iter().map(|pair| (pair.key.clone(), attributes::value(pair.value.as_ref()))).collect();
            Some(json!({ "trace_id": trace, "id": id, "attributes": attributes }))
        };
        let links: Vec<Value> = self.span.links.iter().filter_map(link).collect();
        if links.is_empty() { Value::Null } else { Value::Array(links) }
    }
}

/// The members of a document as text: a number in JSON's model would lose nanoseconds.
#[derive(Default)]
struct Document(Vec<(&'static str, String)>);

impl Document {
    fn set(&mut self, key: &'static str, value: &Value) {
        self.0.retain(|(other, _)| *other != key);
        if !value.is_null() {
            self.0.push((key, value.to_string()));
        }
    }

    fn text(&self) -> String {
        let members: Vec<String> = self.0.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    }
}

fn some(map: Map<String, Value>) -> Value {
    if map.is_empty() { Value::Null } else { Value::Object(map) }
}

/// A name with the letters that X-Ray allows, and no more of them.
fn name(text: &str) -> String {
    let is_fit =
        |letter: &char| letter.is_alphanumeric() || letter.is_whitespace() || "_.:/%&#=+\\-@".contains(*letter);
    let name: String = text.chars().filter(is_fit).take(NAME_LETTERS).collect();
    if name.trim().is_empty() { "span".to_owned() } else { name }
}
