//! What there is to be asked for: names and values with how often they were seen.

use std::collections::BTreeMap;

use model::{AnnotationValue, ServiceGraph, graph::Load, summary::HttpSummary, summary::ServiceId};

use crate::print;

/// The most different values that are kept of one kind; further ones are not noted, and those that are known still count.
pub const MOST_VALUES: usize = 5_000;

/// Values and how often each was seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted(BTreeMap<String, u64>);

impl Counted {
    /// Notes a value that was seen so often.
    pub fn add(&mut self, value: &str, count: u64) {
        if let Some(known) = self.0.get_mut(value) {
            *known = known.saturating_add(count);
        } else if self.0.len() < MOST_VALUES && !value.is_empty() {
            self.0.insert(value.to_owned(), count);
        }
    }

    /// The values with their counts, in the order of the values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(value, count)| (value.as_str(), *count))
    }

    /// Whether a value was seen.
    pub fn has(&self, value: &str) -> bool {
        self.0.contains_key(value)
    }

    /// The value as it was seen, whatever its case here.
    pub fn find(&self, value: &str) -> Option<&str> {
        self.0.keys().find(|known| known.eq_ignore_ascii_case(value)).map(String::as_str)
    }
}

/// What is known of an annotation's key: how often it had which value, by type.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Annotation {
    /// Its strings.
    pub texts: Counted,
    /// Its numbers, as they are written.
    pub numbers: Counted,
    /// Its booleans.
    pub booleans: Counted,
}

/// What there is in the traces and services at hand.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalogue {
    /// Names of services.
    pub services: Counted,
    /// Types of services, as `AWS::Lambda`.
    pub kinds: Counted,
    /// AWS accounts of services.
    pub accounts: Counted,
    /// Who calls whom: [`call`], with the requests.
    pub edges: Counted,
    /// Annotations by their keys, in the order of these.
    pub annotations: Vec<(String, Annotation)>,
    /// Users.
    pub users: Counted,
    /// Addresses that were asked.
    pub urls: Counted,
    /// Methods of requests.
    pub methods: Counted,
    /// Status codes, as they are written.
    pub statuses: Counted,
    /// Addresses of clients.
    pub client_ips: Counted,
    /// Programs of clients.
    pub user_agents: Counted,
    /// Availability zones.
    pub zones: Counted,
    /// EC2 instances.
    pub instances: Counted,
    /// ARNs of resources.
    pub arns: Counted,
    /// Names of groups.
    pub groups: Counted,
}

/// What separates the two ends of a call: no service has it in its name.
const ARROW: &str = "\u{0}";

/// A call from one service to another, as one text.
pub fn call(source: &str, target: &str) -> String {
    [source, ARROW, target].concat()
}

impl Catalogue {
    /// The calls: who, whom, how often.
    pub(super) fn calls(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        self.edges
            .iter()
            .filter_map(|(call, count)| call.split_once(ARROW).map(|(source, target)| (source, target, count)))
    }

    /// What is known of an annotation.
    pub(super) fn annotation(&self, key: &str) -> Option<&Annotation> {
        let place = self.annotations.binary_search_by(|(other, _)| other.as_str().cmp(key)).ok()?;
        Some(&self.annotations[place].1)
    }

    /// Notes a service, or a client.
    pub fn see_service(&mut self, id: &ServiceId, requests: u64) {
        self.services.add(&id.name, requests);
        self.kinds.add(id.kind.as_deref().unwrap_or(""), requests);
        self.accounts.add(id.account_id.as_deref().unwrap_or(""), requests);
    }

    /// Notes the services of a graph and the calls between them.
    pub fn see_graph(&mut self, graph: &ServiceGraph) {
        for node in &graph.nodes {
            self.see_service(&node.id, node.load.as_ref().map_or(0, Load::total));
        }
        for edge in &graph.edges {
            let name = |node: u32| graph.nodes.get(node as usize).map(|node| node.id.name.clone());
            if let (Some(source), Some(target)) = (name(edge.source), name(edge.target)) {
                self.edges.add(&call(&source, &target), edge.load.as_ref().map_or(0, Load::total));
            }
        }
    }

    /// Notes a request.
    pub fn see_http(&mut self, http: &HttpSummary) {
        let some = |text: &Option<String>| text.clone().unwrap_or_default();
        self.urls.add(&some(&http.url), 1);
        self.methods.add(&some(&http.method), 1);
        self.client_ips.add(&some(&http.client_ip), 1);
        self.user_agents.add(&some(&http.user_agent), 1);
        if let Some(status) = http.status {
            self.statuses.add(&status.to_string(), 1);
        }
    }

    /// Notes a value of an annotation.
    pub fn see_annotation(&mut self, key: &str, value: &AnnotationValue) {
        let place = match self.annotations.binary_search_by(|(other, _)| other.as_str().cmp(key)) {
            Ok(place) => place,
            Err(_) if self.annotations.len() >= MOST_VALUES => return,
            Err(place) => {
                self.annotations.insert(place, (key.to_owned(), Annotation::default()));
                place
            }
        };
        let known = &mut self.annotations[place].1;
        match value {
            AnnotationValue::String(text) => known.texts.add(text, 1),
            AnnotationValue::Number(value) => known.numbers.add(&print::number(*value), 1),
            AnnotationValue::Boolean(value) => known.booleans.add(if *value { "true" } else { "false" }, 1),
        }
    }
}
