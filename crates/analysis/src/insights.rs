//! Insights: when did a service begin to fail more than it used to, which one is behind it, whom does it hurt.
//! <https://docs.aws.amazon.com/xray/latest/devguide/xray-console-insights.html>
//!
//! AWS does not say how it decides. Here a service is anomalous when so many of its requests of the last minutes failed
//! on the server's side that its own past hour makes this all but impossible. The one from which no call leads to
//! an anomalous service is the cause; the others suffer from it.

mod baseline;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use model::{
    graph::{Load, NodeState, ServiceGraph},
    summary::ServiceId,
};

pub use self::baseline::Baseline;
use self::baseline::at_least;

/// Minutes that are looked at together: rare requests fail rarely.
const WINDOW: usize = 3;
/// Fewer faults in a window are never an anomaly.
const LEAST_FAULTS: u64 = 4;
/// An insight begins where chance would explain the faults less often than this.
const BEGINS: f64 = 1e-7;
/// And goes on as long as chance would explain them less often than this.
const GOES_ON: f64 = 1e-3;
/// A minute belongs to it where chance would explain the minute's own faults less often than this: the last ones are still
/// in the window when all is well again.
const STRAY: f64 = 1e-2;
/// It closes after so many quiet minutes.
const QUIET: i64 = 5;
/// A deeper cause that shows up so many minutes later is the cause of the same insight.
const SETTLES: i64 = 5;
/// What happens is told so often, in minutes.
const TOLD_EVERY: i64 = 5;

/// A time in which a service failed more than it used to.
#[derive(Clone, Debug, PartialEq)]
pub struct Insight {
    /// The service behind it.
    pub root_cause: ServiceId,
    /// The minute in which it began, since 1970.
    pub first: i64,
    /// The last minute of it so far, since 1970.
    pub last: i64,
    /// It is over: the service has been well for some minutes.
    pub is_closed: bool,
    /// What it did to those who called the system from outside.
    pub clients: Impact,
    /// What it did to the requests of the service behind it.
    pub of_cause: Impact,
    /// The anomalous services, those with the most unexpected faults first.
    pub anomalous: Vec<ServiceId>,
    /// How it went on, newest first.
    pub events: Vec<Event>,
    /// The services from the clients to the cause, in the order of their keys.
    pub path: Vec<ServiceId>,
    /// The calls among them: places in `path`.
    pub calls: Vec<(usize, usize)>,
}

/// A moment in the course of an insight.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The minute at whose end this was so, since 1970.
    pub minute: i64,
    /// The insight so far, as in [`Insight::clients`].
    pub clients: Impact,
    /// As in [`Insight::of_cause`].
    pub of_cause: Impact,
    /// As in [`Insight::anomalous`].
    pub anomalous: Vec<ServiceId>,
}

/// Requests and their faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// Requests that ended in a fault.
    pub fault: u64,
    /// All requests.
    pub total: u64,
}

impl Impact {
    /// Those of a load.
    pub fn of(load: &Load) -> Self {
        Self { fault: load.fault, total: load.total() }
    }

    fn of_some(load: Option<&Load>) -> Self {
        load.map_or(Self::default(), Self::of)
    }

    fn add(&mut self, other: Self) {
        self.fault = self.fault.saturating_add(other.fault);
        self.total = self.total.saturating_add(other.total);
    }

    /// Requests that did not end in a fault.
    pub fn ok(self) -> u64 {
        self.total.saturating_sub(self.fault)
    }
}

/// Goes through the minutes of a system and finds its insights.
#[derive(Clone, Debug, Default)]
pub struct Detector {
    services: BTreeMap<ServiceId, Watched>,
    /// Who called whom in the last minutes: a pair and the minute.
    calls: VecDeque<(i64, BTreeSet<(ServiceId, ServiceId)>)>,
    open: Vec<Open>,
    closed: Vec<Insight>,
    reached: Option<i64>,
}

/// A service under watch.
#[derive(Clone, Debug, Default)]
struct Watched {
    baseline: Baseline,
    /// The last minutes with requests, oldest first.
    window: VecDeque<(i64, Impact)>,
    /// Unexpected faults of the window; `None` where there is no anomaly.
    excess: Option<f64>,
    /// It was anomalous, and chance does not explain its faults yet.
    is_ill: bool,
}

#[derive(Clone, Debug)]
struct Open {
    insight: Insight,
    excess: BTreeMap<ServiceId, f64>,
    calls: BTreeSet<(ServiceId, ServiceId)>,
}

impl Watched {
    fn take(&mut self, minute: i64, impact: Impact) {
        if impact.total > 0 {
            self.window.push_back((minute, impact));
        }
        while self.window.front().is_some_and(|(old, _)| *old <= minute - WINDOW as i64) {
            self.window.pop_front();
        }
        let mut sum = Impact::default();
        self.window.iter().for_each(|(_, impact)| sum.add(*impact));
        let expected = self.baseline.rate() * sum.total as f64;
        let chance = at_least(sum.fault, expected);
        let is_anomalous = sum.fault >= LEAST_FAULTS && chance < BEGINS;
        self.excess = is_anomalous.then_some(sum.fault as f64 - expected);
        self.is_ill = is_anomalous || (self.is_ill && chance < GOES_ON);
        // What is ill is no example of how it should be.
        if !self.is_ill {
            self.baseline.learn(impact);
        }
    }

    /// Whether the minute taken last has more faults of its own than chance explains.
    fn is_hit(&self, minute: i64) -> bool {
        let of_minute = self.window.back().filter(|(last, _)| *last == minute);
        of_minute.is_some_and(|(_, impact)| at_least(impact.fault, self.baseline.rate() * impact.total as f64) < STRAY)
    }
}

impl Detector {
    /// Takes what happened in a minute. Minutes come in their order; in those that are left out nothing happened.
    pub fn minute(&mut self, minute: i64, graph: &ServiceGraph) {
        self.quiet_until(minute);
        self.step(minute, graph);
        self.reached = Some(minute);
    }

    /// Takes it that nothing happened from the minute taken last to before this one.
    pub fn quiet_until(&mut self, minute: i64) {
        let from = self.reached.map_or(minute, |reached| reached + 1);
        // What is quiet for long is closed by the first quiet minutes.
        for quiet in (from..minute).take(QUIET as usize + WINDOW) {
            self.step(quiet, &ServiceGraph::default());
        }
        self.reached = self.reached.map(|reached| reached.max(minute - 1));
    }

    /// The insights, in the order of their beginnings. Those that are not closed may go on.
    pub fn finish(mut self) -> Vec<Insight> {
        self.closed.extend(self.open.into_iter().map(Open::close));
        self.closed.sort_by(|one, other| (one.first, &one.root_cause).cmp(&(other.first, &other.root_cause)));
        self.closed
    }

    fn step(&mut self, minute: i64, graph: &ServiceGraph) {
        let loads: BTreeMap<&ServiceId, Impact> =
            graph.nodes.iter().map(|node| (&node.id, Impact::of_some(node.load.as_ref()))).collect();
        for (id, watched) in &mut self.services {
            watched.take(minute, loads.get(id).copied().unwrap_or_default());
        }
        for (id, impact) in &loads {
            if impact.total > 0 && !self.services.contains_key(*id) {
                self.services.entry((*id).clone()).or_default().take(minute, *impact);
            }
        }
        let id = |place: u32| graph.nodes.get(place as usize).map(|node| node.id.clone());
        let calls = graph.edges.iter().filter_map(|edge| id(edge.source).zip(id(edge.target))).collect();
        self.calls.push_back((minute, calls));
        while self.calls.front().is_some_and(|(old, _)| *old <= minute - WINDOW as i64) {
            self.calls.pop_front();
        }
        self.open_insights(minute);
        self.go_on(minute, graph, &loads);
    }

    /// Opens an insight for each cause that has none.
    fn open_insights(&mut self, minute: i64) {
        let anomalous: BTreeSet<&ServiceId> =
            self.services.iter().filter(|(_, watched)| watched.excess.is_some()).map(|(id, _)| id).collect();
        let calls: BTreeSet<&(ServiceId, ServiceId)> = self.calls.iter().flat_map(|(_, calls)| calls).collect();
        // Who suffers from whom; in a circle nobody is the cause of the other.
        let ill = self.services.iter().filter(|(_, watched)| watched.is_ill).map(|(id, _)| id);
        let suffer: BTreeMap<&ServiceId, BTreeSet<ServiceId>> =
            ill.map(|id| (id, reaching(id, &calls.iter().copied()))).collect();
        let suffers = |id: &ServiceId| {
            let own = suffer.get(id);
            suffer.iter().any(|(cause, callers)| callers.contains(id) && !own.is_some_and(|own| own.contains(*cause)))
        };
        let causes: Vec<ServiceId> = anomalous.iter().filter(|id| !suffers(id)).map(|id| (*id).clone()).collect();
        for cause in causes {
            if self.open.iter().any(|open| open.insight.root_cause == cause) {
                continue;
            }
            // It was there before what it calls was seen to be ill.
            let callers = reaching(&cause, &calls.iter().copied());
            let young = self.open.iter_mut().find(|open| {
                let Insight { root_cause, first, .. } = &open.insight;
                minute - first <= SETTLES && callers.contains(root_cause)
            });
            match young {
                Some(open) => open.insight.root_cause = cause,
                None => self.open.push(Open::new(cause, minute)),
            }
        }
    }

    /// Adds a minute to the insights that are open, and closes those that have been quiet.
    fn go_on(&mut self, minute: i64, graph: &ServiceGraph, loads: &BTreeMap<&ServiceId, Impact>) {
        let calls: BTreeSet<(ServiceId, ServiceId)> = self.calls.iter().flat_map(|(_, calls)| calls.clone()).collect();
        for open in &mut self.open {
            let cause = &open.insight.root_cause;
            let is_ill = self.services.get(cause).is_some_and(|watched| watched.is_ill);
            let is_hit = self.services.get(cause).is_some_and(|watched| watched.is_hit(minute));
            let callers = reaching(cause, &calls.iter());
            if is_ill {
                let pairs = calls.iter().filter(|(source, target)| {
                    (callers.contains(source) || source == cause) && (callers.contains(target) || target == cause)
                });
                open.calls.extend(pairs.cloned());
                for (id, watched) in &self.services {
                    let Some(excess) = watched.excess.filter(|_| id == cause || callers.contains(id)) else { continue };
                    let known = open.excess.entry(id.clone()).or_insert(excess);
                    *known = known.max(excess);
                }
            }
            if is_ill && is_hit {
                open.insight.last = minute;
            }
            open.count(minute, graph, loads);
        }
        let is_over = |open: &mut Open| minute - open.insight.last >= QUIET;
        for mut open in self.open.extract_if(.., is_over) {
            open.insight.is_closed = true;
            self.closed.push(open.close());
        }
    }
}

impl Open {
    fn new(root_cause: ServiceId, minute: i64) -> Self {
        let insight = Insight {
            root_cause,
            first: minute,
            last: minute,
            is_closed: false,
            clients: Impact::default(),
            of_cause: Impact::default(),
            anomalous: Vec::new(),
            events: Vec::new(),
            path: Vec::new(),
            calls: Vec::new(),
        };
        Self { insight, excess: BTreeMap::new(), calls: BTreeSet::new() }
    }

    fn count(&mut self, minute: i64, graph: &ServiceGraph, loads: &BTreeMap<&ServiceId, Impact>) {
        if minute == self.insight.last {
            for edge in &graph.edges {
                let source = graph.nodes.get(edge.source as usize);
                if source.is_some_and(|node| is_client(&node.id) && node.state == NodeState::Unknown) {
                    self.insight.clients.add(Impact::of_some(edge.load.as_ref()));
                }
            }
            self.insight.of_cause.add(loads.get(&self.insight.root_cause).copied().unwrap_or_default());
        }
        let since = minute - self.insight.first;
        if since % TOLD_EVERY == 0 {
            self.tell(minute);
        }
    }

    fn tell(&mut self, minute: i64) {
        let Insight { clients, of_cause, .. } = self.insight;
        self.insight.events.insert(0, Event { minute, clients, of_cause, anomalous: self.anomalous() });
    }

    /// The anomalous services, those with the most unexpected faults first.
    fn anomalous(&self) -> Vec<ServiceId> {
        let mut all: Vec<(&ServiceId, f64)> = self.excess.iter().map(|(id, excess)| (id, *excess)).collect();
        all.sort_by(|one, other| other.1.total_cmp(&one.1).then_with(|| one.0.cmp(other.0)));
        all.into_iter().map(|(id, _)| id.clone()).collect()
    }

    fn close(mut self) -> Insight {
        if self.insight.is_closed {
            self.tell(self.insight.last + QUIET);
        }
        self.insight.anomalous = self.anomalous();
        let ends = self.calls.iter().flat_map(|(source, target)| [source, target]);
        let path: BTreeSet<&ServiceId> = ends.chain([&self.insight.root_cause]).collect();
        let path: Vec<ServiceId> = path.into_iter().cloned().collect();
        let place = |id: &ServiceId| path.binary_search(id).ok();
        self.insight.calls =
            self.calls.iter().filter_map(|(source, target)| place(source).zip(place(target))).collect();
        self.insight.path = path;
        self.insight
    }
}

/// A node that stands for those who call from outside.
fn is_client(id: &ServiceId) -> bool {
    id.kind.as_deref() == Some("client")
}

/// The services whose calls reach a service, by whatever way.
fn reaching<'a>(
    cause: &ServiceId,
    calls: &(impl Iterator<Item = &'a (ServiceId, ServiceId)> + Clone),
) -> BTreeSet<ServiceId> {
    let mut found = BTreeSet::new();
    let mut next = vec![cause.clone()];
    while let Some(target) = next.pop() {
        for (source, _) in calls.clone().filter(|(_, other)| *other == target) {
            if source != cause && found.insert(source.clone()) {
                next.push(source.clone());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
