//! The shop as a source of traces: what begins when, whoever asks for whatever span of time.

use std::{cmp::Reverse, collections::BinaryHeap};

use model::{Moment, Nanos, TraceId, time::SECOND};

use crate::{
    dice::Dice,
    incident::Incident,
    requests,
    story::{Message, Shopper, Story},
};

/// A web shop and its customers: about one request a second, at night fewer, in the evening more.
#[derive(Clone, Copy, Debug)]
pub struct Shop {
    seed: u64,
    start: Moment,
}

/// The documents of one trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// When it begins.
    pub start: Moment,
    /// When the last thing in it ends.
    pub end: Moment,
    /// The trace.
    pub id: TraceId,
    /// Its segment documents, in the order in which they would be sent: who is called before the caller.
    pub documents: Vec<String>,
}

/// Time is cut into slots of half a second, counted from 1970. Each has a request or has none, by dice of its own: so
/// every trace follows from seed and slot alone.
const SLOT: i64 = SECOND / 2;

/// An order may wait so long in the queue. No trace that begins at a moment follows from a request further back than
/// this and [`LONGEST_REQUEST`].
const LONGEST_QUEUE: Nanos = Nanos::seconds(45);

/// No request is longer before its order is in the queue; where one were, its order would be lost.
const LONGEST_REQUEST: Nanos = Nanos::seconds(60);

impl Shop {
    /// The shop of a seed. [`Incident`]s are relative to `start`, which is to say: to the moment of the one who looks.
    pub fn new(seed: u64, start: Moment) -> Self {
        Self { seed, start }
    }

    /// The traces that begin from `from` to before `to`, in the order of their starts, made as they are asked for. The
    /// same trace is the same whatever span of time it was asked with.
    pub fn requests(&self, from: Moment, to: Moment) -> impl Iterator<Item = Recording> + use<> {
        let shop = *self;
        let mut slot = (from - LONGEST_QUEUE - LONGEST_REQUEST).0.div_euclid(SLOT);
        // What is made and not yet due: a request, or an order that waits in the queue.
        let mut waiting: BinaryHeap<Reverse<Waiting>> = BinaryHeap::new();
        std::iter::from_fn(move || {
            loop {
                let reached = Moment(slot.saturating_mul(SLOT));
                let is_due = waiting.peek().is_some_and(|Reverse(next)| next.start < reached);
                if let Some(Reverse(next)) = if is_due { waiting.pop() } else { None } {
                    if next.start >= to {
                        return None;
                    }
                    if next.start >= from {
                        return Some(next.recording);
                    }
                    continue;
                }
                if reached >= to {
                    return None;
                }
                waiting.extend(shop.slot(slot).into_iter().map(Reverse));
                slot += 1;
            }
        })
    }

    /// What follows from a slot: nothing, a request, or a request and its order.
    fn slot(self, slot: i64) -> Vec<Waiting> {
        let mut dice = Dice::new(self.seed, slot as u64);
        let begin = Moment(slot.saturating_mul(SLOT));
        if !dice.per_mille(busyness(begin) / 2) {
            return Vec::new();
        }
        let start = begin + Nanos(dice.below(SLOT as u64 / 1_000) as i64 * 1_000);
        let shopper = Shopper::any(&mut dice);
        let queued = dice.time(700_000).0.min(LONGEST_QUEUE.0);
        let mut worker_dice = Dice::new(dice.bits(), slot as u64);
        let mut story = Story::new(dice, start, self.incident(start), shopper);
        requests::any(&mut story, start);
        let order = story.sent.take().filter(|order| order.at - start < LONGEST_REQUEST);
        let mut found = vec![Waiting::new(story, start)];
        found.extend(order.map(|order| self.order(&mut worker_dice, Nanos(queued), &order)));
        found
    }

    fn order(self, dice: &mut Dice, queued: Nanos, order: &Message) -> Waiting {
        let start = order.at + queued;
        let mut story = Story::new(dice.clone(), start, self.incident(start), order.shopper.clone());
        requests::fulfil(&mut story, start, order);
        Waiting::new(story, start)
    }

    fn incident(self, moment: Moment) -> Option<Incident> {
        Incident::ALL.into_iter().find(|incident| incident.is_on(self.start, moment))
    }
}

/// A recording that waits for its turn, by its start.
#[derive(PartialEq, Eq)]
struct Waiting {
    start: Moment,
    recording: Recording,
}

impl Waiting {
    fn new(story: Story, start: Moment) -> Self {
        let (id, end) = (story.trace, story.end);
        Self { start, recording: Recording { start, end, id, documents: story.into_documents() } }
    }
}

impl Ord for Waiting {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.start, self.recording.id).cmp(&(other.start, other.recording.id))
    }
}

impl PartialOrd for Waiting {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

const DAY: i64 = 86_400;
/// The quietest second of the day (UTC): four in the morning.
const QUIETEST: i64 = 4 * 3_600;

/// Requests in a thousand seconds: 750 at four in the morning, 1250 at four in the afternoon, and a smooth wave between
/// (two parabolas, which is as near to a sine as it needs to be).
fn busyness(moment: Moment) -> u64 {
    let second = (moment.0 / SECOND - QUIETEST - DAY / 4).rem_euclid(DAY);
    let half = second % (DAY / 2);
    let height = 250 * half * (DAY / 2 - half) / ((DAY / 4) * (DAY / 4));
    (if second < DAY / 2 { 1_000 + height } else { 1_000 - height }) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_has_a_gentle_wave() {
        let at = |hour: i64| busyness(Moment(hour * 3_600 * SECOND));
        assert_eq!([at(4), at(10), at(16), at(22), at(28)], [750, 1_000, 1_250, 1_000, 750]);
    }
}
