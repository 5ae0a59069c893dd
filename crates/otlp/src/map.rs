//! A span as a segment document, by the rules of the OpenTelemetry collector's exporter for X-Ray (xray-api.md §12.6).
//!
//! That exporter makes an annotation of an attribute only where it is told to. Here short attributes of a span are
//! annotations too, so that one can search for them: locally that costs nothing, and everything is in the metadata as well.

use model::{Moment, SpanId, TraceId, document::validate::lone_surrogate};
use serde_json::value::RawValue;

use crate::{
    attributes::Attributes,
    causes, kept,
    message::{KeyValue, Request, ScopeSpans, Span, Value as Any},
    write::{self, Object},
};

/// A span that became documents.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapped {
    /// The trace that they belong to.
    pub trace: TraceId,
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

/// Members that are the first of some attributes that there is.
type Table = &'static [(&'static str, &'static [&'static str])];

const REQUEST: Table = &[
    ("method", &["http.request.method", "http.method"]),
    ("url", &["http.url", "url.full"]),
    ("user_agent", &["user_agent.original", "http.user_agent"]),
    ("client_ip", &["client.address", "http.client_ip"]),
];
const CALL: Table = &[
    ("operation", &["aws.operation", "rpc.method"]),
    ("region", &["aws.region", "cloud.region"]),
    ("request_id", &["aws.request_id", "aws.requestId"]),
    ("queue_url", &["aws.queue_url", "aws.queue.url", "aws.sqs.queue.url"]),
    ("bucket_name", &["aws.s3.bucket", "aws.bucket.name"]),
    ("topic_arn", &["aws.sns.topic.arn"]),
    ("function_name", &["faas.invoked_name"]),
];
const EC2: Table = &[
    ("instance_id", &["host.id"]),
    ("availability_zone", &["cloud.availability_zone"]),
    ("instance_size", &["host.type"]),
    ("ami_id", &["host.image.id"]),
];
const ECS: Table = &[
    ("container", &["container.name"]),
    ("container_id", &["container.id"]),
    ("container_arn", &["aws.ecs.container.arn"]),
    ("cluster_arn", &["aws.ecs.cluster.arn"]),
    ("task_arn", &["aws.ecs.task.arn"]),
    ("task_family", &["aws.ecs.task.family"]),
    ("launch_type", &["aws.ecs.launchtype"]),
];
const EKS: Table =
    &[("cluster_name", &["k8s.cluster.name"]), ("pod", &["k8s.pod.name"]), ("container_id", &["container.id"])];
const SDK: Table =
    &[("sdk", &["telemetry.sdk.name", "telemetry.sdk.language"]), ("sdk_version", &["telemetry.sdk.version"])];
const QUERY: Table = &[("sanitized_query", &["db.query.text", "db.statement"]), ("user", &["db.user"])];

impl Attributes<'_> {
    fn object(self, table: Table) -> Object {
        let mut object = Object::default();
        for (member, keys) in table {
            object.text(member, self.text(keys));
        }
        object
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
    (bits != 0).then_some(SpanId(bits))
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
        if let Some(kind) = self.of_span.text(&[kept::TYPE]) {
            // A subsegment whose parent nobody knows can only stand alone.
            let is_segment = kind == "segment" || self.parent.is_none();
            return Mapped { trace: self.trace, documents: vec![self.as_it_was(is_segment).json()] };
        }
        let is_dependency = matches!(self.span.kind, CLIENT | PRODUCER);
        if self.parent.is_none() && is_dependency {
            // Nothing else is known of the service that calls: it gets a segment around the call.
            let segment = write::quoted(&SpanId(self.id.0.rotate_left(32) ^ 1).to_string());
            let mut around = self.document(true);
            around.0.retain(|(key, _)| !["http", "sql", "cause"].contains(key));
            around.set("id", segment.clone());
            around.set("name", write::quoted(&name(&self.service().unwrap_or_else(|| self.span.name.clone()))));
            let mut call = self.document(false);
            call.set("parent_id", segment);
            return Mapped { trace: self.trace, documents: vec![around.json(), call.json()] };
        }
        let is_segment = self.parent.is_none() || self.span.kind == SERVER;
        Mapped { trace: self.trace, documents: vec![self.document(is_segment).json()] }
    }

    /// What every document has.
    fn frame(&self, end: Option<Moment>, name: &str, is_segment: bool) -> Document {
        let mut document = Document::default();
        document.set("start_time", self.start.to_string());
        match end {
            Some(end) => document.set("end_time", end.to_string()),
            None => document.set("in_progress", "true".to_owned()),
        }
        document.text("trace_id", Some(self.trace.to_string()));
        document.text("id", Some(self.id.to_string()));
        document.text("parent_id", self.parent.map(|parent| parent.to_string()));
        document.text("name", Some(name.to_owned()));
        if !is_segment {
            document.text("type", Some("subsegment".to_owned()));
        }
        document
    }

    fn document(&self, is_segment: bool) -> Document {
        // A clock that was set back gives no negative duration.
        let end = self.end.map(|end| end.max(self.start));
        let mut document = self.frame(end, &name(&self.name(is_segment)), is_segment);
        let status = self.of_span.number(&["http.response.status_code", "http.status_code"]);
        for flag in self.flags(status) {
            document.set(flag, "true".to_owned());
        }
        document.some("cause", causes::cause(self.span));
        document.some("http", self.http(status, is_segment));
        document.some("aws", self.aws(is_segment));
        document.some("sql", self.sql());
        document.text("user", self.of_span.text(&["enduser.id", "user.id"]));
        if is_segment {
            document.text("origin", self.origin().map(str::to_owned));
            document.some("service", self.version());
        } else {
            document.text("namespace", self.namespace().map(str::to_owned));
        }
        document.some("annotations", self.annotations());
        document.some("metadata", Some(self.metadata()));
        document.some("links", self.links());
        document
    }

    /// The document that this span was exported from: its members are in attributes, and the others say the same in
    /// OpenTelemetry's words.
    fn as_it_was(&self, is_segment: bool) -> Document {
        let name = if self.span.name.is_empty() { "span" } else { &self.span.name };
        let mut document = self.frame(self.end, name, is_segment);
        for (member, key) in kept::TEXTS {
            document.text(member, self.of_span.text(&[key]));
        }
        for (member, key) in kept::MEMBERS {
            document.some(member, self.of_span.text(&[key]).and_then(raw));
        }
        let named = self.named();
        // In their order; of duplicates the last one counts wherever documents are read.
        let annotations = self.span.attributes.iter().filter(|pair| named.has(&pair.key));
        let annotations: Vec<_> =
            annotations.map(|pair| (pair.key.as_str(), write::value(pair.value.as_ref()))).collect();
        if !annotations.is_empty() {
            document.set("annotations", write::object(annotations.iter().map(|(key, json)| (*key, json.as_str()))));
        }
        document.some("metadata", self.namespaces().unless_empty());
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

    fn http(&self, status: Option<i64>, is_segment: bool) -> Option<String> {
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
        let mut request = of.object(REQUEST);
        if !request.has("url") {
            request.text("url", url());
        }
        if !request.has("client_ip") && is_segment {
            request.text("client_ip", of.text(&["net.peer.ip"]));
        }
        if of.get(&["http.client_ip"]).is_some() && is_segment {
            request.set("x_forwarded_for", "true".to_owned());
        }
        let mut response = Object::default();
        response.some("status", status.map(|status| status.to_string()));
        let length = of.number(&["http.response.body.size", "http.response_content_length"]);
        response.some("content_length", length.map(|length| length.to_string()));
        let mut http = Object::default();
        http.some("request", request.unless_empty());
        http.some("response", response.unless_empty());
        http.unless_empty()
    }

    fn aws(&self, is_segment: bool) -> Option<String> {
        let mut aws = if self.is_aws() { self.of_span.object(CALL) } else { Object::default() };
        if is_segment {
            self.platform(&mut aws);
        }
        if self.is_aws() {
            let tables = self.of_span.texts(&["aws.dynamodb.table_names", "aws.table_name", "aws.table.name"]);
            aws.text("table_name", tables.into_iter().next());
        }
        aws.unless_empty()
    }

    /// Where the program runs.
    fn platform(&self, aws: &mut Object) {
        let of = self.of_resource;
        aws.text("account_id", of.text(&["cloud.account.id"]));
        aws.some("ec2", of.object(EC2).unless_empty());
        if of.get(&["aws.ecs.task.arn", "aws.ecs.container.arn", "aws.ecs.cluster.arn"]).is_some() {
            aws.some("ecs", of.object(ECS).unless_empty());
        }
        if of.get(&["k8s.cluster.name", "k8s.pod.name"]).is_some() {
            aws.some("eks", of.object(EKS).unless_empty());
        }
        aws.some("xray", of.object(SDK).unless_empty());
        let group = |name: Option<&str>, arn: Option<&str>| {
            let mut group = Object::default();
            group.text("log_group", name.map(str::to_owned));
            group.text("arn", arn.map(str::to_owned));
            group.json()
        };
        let arns = of.texts(&["aws.log.group.arns"]);
        let names = of.texts(&["aws.log.group.names"]);
        let by_arn = arns.iter().map(|arn| {
            let name = arn.split(":log-group:").nth(1).map(|name| name.trim_end_matches(":*"));
            group(name, Some(arn))
        });
        let mut groups: Vec<String> = by_arn.collect();
        if groups.is_empty() {
            groups = names.iter().map(|name| group(Some(name), None)).collect();
        }
        aws.some("cloudwatch_logs", write::unless_empty(&groups));
    }

    fn origin(&self) -> Option<&'static str> {
        let of = self.of_resource;
        Some(match of.text(&["cloud.platform"])?.as_str() {
            "aws_ec2" => "AWS::EC2::Instance",
            "aws_ecs" => match of.text(&["aws.ecs.launchtype"]) {
                Some(kind) if kind.eq_ignore_ascii_case("ec2") => "AWS::ECS::EC2",
                Some(kind) if kind.eq_ignore_ascii_case("fargate") => "AWS::ECS::Fargate",
                _ => "AWS::ECS::Container",
            },
            "aws_eks" => "AWS::EKS::Container",
            "aws_elastic_beanstalk" => "AWS::ElasticBeanstalk::Environment",
            "aws_app_runner" => "AWS::AppRunner::Service",
            "aws_lambda" => "AWS::Lambda::Function",
            _ => return None,
        })
    }

    fn version(&self) -> Option<String> {
        self.of_resource.object(&[("version", &["service.version"])]).unless_empty()
    }

    fn sql(&self) -> Option<String> {
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
        let system = of.text(&["db.system.name", "db.system"]).filter(|it| FAMILY.contains(&it.as_str()))?;
        let name = of.text(&["db.namespace", "db.name"]);
        let url = of.text(&["db.connection_string"]).or_else(|| {
            let (host, port) =
                (of.text(&["server.address", "net.peer.name"])?, of.number(&["server.port", "net.peer.port"]));
            Some(port.map_or(host.clone(), |port| format!("{host}:{port}")))
        });
        let mut sql = of.object(QUERY);
        sql.text("url", url.map(|url| name.map_or(url.clone(), |name| format!("{url}/{name}"))));
        sql.text("database_type", Some(system));
        sql.unless_empty()
    }

    /// The keys of what should be annotations.
    fn named(&self) -> Object {
        let mut named = Object::default();
        for name in self.of_span.texts(&[kept::ANNOTATIONS]) {
            named.set(&name, String::new());
        }
        named
    }

    /// What one can search for: what the span says should be, and short values of the span.
    fn annotations(&self) -> Option<String> {
        let named = self.named();
        let mut annotations = Object::default();
        let wanted = self.span.attributes.iter().filter(|pair| named.has(&pair.key));
        let others = self.span.attributes.iter().filter(|pair| !named.has(&pair.key));
        for pair in wanted.chain(others.filter(|pair| !pair.key.starts_with(kept::PREFIX))) {
            if annotations.len() >= MOST_ANNOTATIONS {
                break;
            }
            let value = match pair.value.as_ref().and_then(|value| value.value.as_ref()) {
                Some(Any::String(text)) if text.chars().count() > ANNOTATION_LETTERS => continue,
                Some(Any::Double(number)) if !number.is_finite() => continue,
                Some(Any::String(_) | Any::Bool(_) | Any::Int(_) | Any::Double(_)) => write::value(pair.value.as_ref()),
                _ => continue,
            };
            let is_fit = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.';
            let key: String = pair.key.chars().map(|letter| if is_fit(letter) { letter } else { '_' }).collect();
            if !key.is_empty() && !annotations.has(&key) {
                annotations.set(&key, value);
            }
        }
        annotations.unless_empty()
    }

    /// Everything that the span and its resource say.
    fn metadata(&self) -> String {
        let mut default = Object::default();
        let is_own = |pair: &&KeyValue| !pair.key.starts_with(kept::PREFIX);
        for pair in self.span.attributes.iter().filter(is_own) {
            default.set(&pair.key, write::value(pair.value.as_ref()));
        }
        for pair in self.of_resource.0.iter().filter(is_own) {
            default.set(&format!("otel.resource.{}", pair.key), write::value(pair.value.as_ref()));
        }
        let mut more = self.namespaces();
        more.set("otel", self.otel());
        more.some("default", default.unless_empty());
        more.json()
    }

    /// The namespaces of metadata that attributes hold as JSON.
    fn namespaces(&self) -> Object {
        let mut namespaces = Object::default();
        for pair in &self.span.attributes {
            let Some(namespace) = pair.key.strip_prefix(kept::METADATA) else { continue };
            let json = match pair.value.as_ref().and_then(|value| value.value.as_ref()) {
                Some(Any::String(text)) => raw(text.clone()),
                _ => None,
            };
            namespaces.set(namespace, json.unwrap_or_else(|| write::value(pair.value.as_ref())));
        }
        namespaces
    }

    /// What X-Ray has no member for.
    fn otel(&self) -> String {
        let span = &self.span;
        let mut otel = Object::default();
        otel.text("name", Some(span.name.clone()));
        let kind = ["unspecified", "internal", "server", "client", "producer", "consumer"].get(span.kind as usize);
        otel.text("kind", kind.map(|kind| (*kind).to_owned()));
        if let Some(scope) = self.scope.scope.as_ref().filter(|scope| !scope.name.is_empty()) {
            otel.text("scope", Some(format!("{} {}", scope.name, scope.version).trim_end().to_owned()));
        }
        let mut events = Vec::new();
        for event in span.events.iter().filter(|event| event.name != "exception") {
            let at = Moment(i64::try_from(event.time_unix_nano).unwrap_or(i64::MAX));
            let mut told = Object::default();
            told.set("time", at.to_string());
            told.text("name", Some(event.name.clone()));
            told.set("attributes", write::pairs(&event.attributes, write::LEVELS).json());
            events.push(told.json());
        }
        otel.some("events", write::unless_empty(&events));
        otel.json()
    }

    fn links(&self) -> Option<String> {
        let mut links = Vec::new();
        for link in &self.span.links {
            let (Some(trace), Some(id)) = (trace_id(&link.trace_id), id(&link.span_id)) else { continue };
            let mut told = Object::default();
            told.text("trace_id", Some(trace.to_string()));
            told.text("id", Some(id.to_string()));
            told.set("attributes", write::pairs(&link.attributes, write::LEVELS).json());
            links.push(told.json());
        }
        write::unless_empty(&links)
    }
}

/// The text, if it is JSON that a document can hold as it is.
fn raw(text: String) -> Option<String> {
    let is_json = serde_json::from_str::<&RawValue>(&text).is_ok();
    (is_json && lone_surrogate(&text).is_none()).then_some(text)
}

/// The members of a document, in their order.
#[derive(Default)]
struct Document(Vec<(&'static str, String)>);

impl Document {
    fn set(&mut self, key: &'static str, json: String) {
        self.0.retain(|(other, _)| *other != key);
        self.0.push((key, json));
    }

    fn some(&mut self, key: &'static str, json: Option<String>) {
        if let Some(json) = json {
            self.set(key, json);
        }
    }

    fn text(&mut self, key: &'static str, text: Option<String>) {
        self.some(key, text.map(|text| write::quoted(&text)));
    }

    fn json(&self) -> String {
        write::object(self.0.iter().map(|(key, json)| (*key, json.as_str())))
    }
}

/// A name with the letters that X-Ray allows, and no more of them.
fn name(text: &str) -> String {
    let is_fit =
        |letter: &char| letter.is_alphanumeric() || letter.is_whitespace() || "_.:/%&#=+\\-@".contains(*letter);
    let name: String = text.chars().filter(is_fit).take(NAME_LETTERS).collect();
    if name.trim().is_empty() { "span".to_owned() } else { name }
}
