//! A trace's facts out of any text: each letter decides something, and words of the text become values.

use model::{
    AnnotationValue, Moment, Nanos, TraceFacts, TraceId, TraceSummary,
    facts::{EdgeFacts, Observation, ServiceFacts},
    outcome::Flags,
    summary::{HttpSummary, RootCause, RootCauseEntity, RootCauseException, RootCauseService, ServiceId},
};

/// Reads a text from its beginning; at the end everything is nothing.
struct Draw<'a> {
    letters: std::str::Chars<'a>,
}

/// The facts that a text draws; the empty one draws a trace of which nothing is known.
pub(super) fn facts(text: &str) -> TraceFacts {
    let mut draw = Draw { letters: text.chars() };
    let services = draw.some(Draw::service);
    let edges = draw.some(Draw::edge);
    let mut summary = TraceSummary::empty(TraceId::from_bits(1));
    summary.start = draw.yes().then(|| draw.moment());
    summary.duration = draw.yes().then(|| draw.nanos());
    summary.response_time = draw.yes().then(|| draw.nanos());
    (summary.has_fault, summary.has_error, summary.has_throttle) = (draw.yes(), draw.yes(), draw.yes());
    summary.is_partial = draw.yes();
    summary.http = draw.http();
    summary.annotations = draw.annotations();
    summary.users = draw.some(Draw::word);
    summary.resource_arns = draw.some(Draw::word);
    summary.instance_ids = draw.some(Draw::word);
    summary.availability_zones = draw.some(Draw::word);
    summary.fault_root_causes = draw.some(Draw::cause);
    summary.error_root_causes = draw.some(Draw::cause);
    summary.response_time_root_causes = draw.some(Draw::cause);
    TraceFacts { summary, has_inferred: draw.yes(), services, edges }
}

impl Draw<'_> {
    fn number(&mut self) -> u32 {
        self.letters.next().map_or(0, u32::from)
    }

    fn yes(&mut self) -> bool {
        self.number() % 2 == 1
    }

    /// None to three.
    fn some<T>(&mut self, one: fn(&mut Self) -> T) -> Vec<T> {
        let count = self.number() % 4;
        (0..count).map(|_| one(self)).collect()
    }

    /// Everything up to the next blank.
    fn word(&mut self) -> String {
        self.letters.by_ref().take_while(|letter| *letter != ' ').collect()
    }

    fn perhaps_word(&mut self) -> Option<String> {
        self.yes().then(|| self.word())
    }

    fn nanos(&mut self) -> Nanos {
        Nanos(i64::from(self.number()) * 100_000_000)
    }

    fn moment(&mut self) -> Moment {
        Moment(self.nanos().0)
    }

    fn service_id(&mut self) -> ServiceId {
        ServiceId { name: self.word(), kind: self.perhaps_word(), account_id: self.perhaps_word() }
    }

    fn http(&mut self) -> HttpSummary {
        if !self.yes() {
            return HttpSummary::default();
        }
        HttpSummary {
            url: self.perhaps_word(),
            status: self.yes().then(|| i64::from(self.number())),
            method: self.perhaps_word(),
            user_agent: self.perhaps_word(),
            client_ip: self.perhaps_word(),
        }
    }

    fn annotation(&mut self) -> (String, Vec<AnnotationValue>) {
        let value = |draw: &mut Self| match draw.number() % 3 {
            0 => AnnotationValue::String(draw.word()),
            1 => AnnotationValue::Number(f64::from(draw.number()) / 8.0),
            _ => AnnotationValue::Boolean(draw.yes()),
        };
        (self.word(), self.some(value))
    }

    /// By their keys, each once, as facts have them.
    fn annotations(&mut self) -> Vec<(String, Vec<AnnotationValue>)> {
        let mut annotations = self.some(Self::annotation);
        annotations.sort_by(|(one, _), (other, _)| one.cmp(other));
        annotations.dedup_by(|(one, _), (other, _)| one == other);
        annotations
    }

    fn observation(&mut self) -> Observation {
        let start = self.moment();
        let end = self.yes().then(|| self.moment());
        let flags = Flags { error: self.yes(), fault: self.yes(), throttle: self.yes() };
        Observation { start, end, flags, http: self.http() }
    }

    fn service(&mut self) -> ServiceFacts {
        let mut service = ServiceFacts::new(self.service_id());
        (service.is_root, service.is_inferred) = (self.yes(), self.yes());
        service.observations = self.some(Self::observation);
        service.annotations = self.annotations();
        service.users = self.some(Self::word);
        service.resource_arns = self.some(Self::word);
        service.instance_ids = self.some(Self::word);
        service.availability_zones = self.some(Self::word);
        service
    }

    /// Its ends may be services that are not there.
    fn edge(&mut self) -> EdgeFacts {
        let (source, target) = (self.number() as usize % 4, self.number() as usize % 4);
        EdgeFacts { source, target, observations: self.some(Self::observation), annotations: self.annotations() }
    }

    fn cause(&mut self) -> RootCause {
        RootCause { services: self.some(Self::cause_service), client_impacting: self.yes() }
    }

    fn cause_service(&mut self) -> RootCauseService {
        RootCauseService {
            service: self.service_id(),
            inferred: self.yes(),
            entity_path: self.some(Self::cause_entity),
        }
    }

    fn cause_entity(&mut self) -> RootCauseEntity {
        RootCauseEntity {
            name: self.word(),
            remote: self.yes(),
            coverage: self.yes().then(|| f64::from(self.number()) / 128.0),
            exceptions: self
                .some(|draw| RootCauseException { name: draw.perhaps_word(), message: draw.perhaps_word() }),
        }
    }
}
