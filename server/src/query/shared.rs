//! Questions that several people ask at once are asked of X-Ray once. Whoever comes later gets what has come so far; when
//! the last one leaves, the calls stop. An answer that is complete is given again for a moment.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use api::Event;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream::BoxStream};
use model::Moment;
use tokio::sync::watch;

/// Bytes of complete answers that are kept.
const KEPT_BYTES: usize = 48 << 20;

/// A piece of an answer.
pub(crate) enum Piece {
    /// An event.
    Event(Event),
    /// An event in postcard's bytes.
    Written(Bytes),
}

impl From<Event> for Piece {
    fn from(event: Event) -> Self {
        Self::Event(event)
    }
}

/// An event in postcard's bytes, without the room that a growing vector leaves.
pub(super) fn written(event: &Event) -> Bytes {
    postcard::to_allocvec(event).unwrap_or_default().into_boxed_slice().into()
}

/// The answers under way and those of a moment ago.
#[derive(Clone, Default)]
pub(crate) struct Answers(Arc<Mutex<HashMap<String, Arc<Answer>>>>);

struct Answer {
    begun: Instant,
    /// When it was begun, for people.
    at: Moment,
    kept_for: Duration,
    /// The events in postcard's bytes: a quarter of the memory, and several readers share them.
    events: Mutex<Vec<Bytes>>,
    /// How many events there are, and whether these are all.
    progress: watch::Sender<(usize, End)>,
    readers: AtomicUsize,
    work: Mutex<Option<tokio::task::AbortHandle>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    NotYet,
    /// All of it, and nothing failed.
    Whole,
    /// Something is missing: who asks again wants it tried again.
    Partial,
}

impl Answers {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Answer>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The events of a question, in postcard's bytes. `key` is the same for the same question, `work` makes its events
    /// where nobody has asked it for `kept_for`.
    pub(crate) fn ask(
        &self,
        key: String,
        kept_for: Duration,
        now: Moment,
        fresh: bool,
        work: Box<dyn FnOnce() -> BoxStream<'static, Piece> + '_>,
    ) -> impl Stream<Item = Bytes> + Send + use<> {
        let (answer, is_new) = {
            let mut answers = self.lock();
            forget_old(&mut answers);
            let known = answers.get(&key).filter(|known| !fresh && known.is_of_use()).cloned();
            let is_new = known.is_none();
            let answer = known.unwrap_or_else(|| Arc::new(Answer::new(kept_for, now)));
            answer.readers.fetch_add(1, Ordering::SeqCst);
            if is_new {
                answers.insert(key.clone(), answer.clone());
            }
            (answer, is_new)
        };
        if is_new {
            let (made, events) = (answer.clone(), work());
            let task = tokio::spawn(async move { made.run(events).await });
            *answer.work.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.abort_handle());
        }
        let reader = Reader { answer, answers: self.clone(), key };
        let at = (!is_new).then_some(reader.answer.at);
        async_stream::stream! {
            let reader = reader;
            let mut progress = reader.answer.progress.subscribe();
            let mut next = 0;
            loop {
                let (count, end) = *progress.borrow_and_update();
                while next < count {
                    let event = reader.answer.event(next);
                    yield event;
                    next += 1;
                    // After what was asked comes how old the answer is.
                    if next == 1 && let Some(at) = at && let Ok(bytes) = postcard::to_allocvec(&Event::Cached(at)) {
                        yield bytes.into();
                    }
                }
                if end != End::NotYet || progress.changed().await.is_err() {
                    break;
                }
            }
        }
    }
}

/// Takes away what is too old, and the oldest where there is too much.
fn forget_old(answers: &mut HashMap<String, Arc<Answer>>) {
    answers.retain(|_, answer| !answer.is_done() || answer.is_of_use());
    let mut done: Vec<(Instant, usize, String)> = answers
        .iter()
        .filter(|(_, answer)| answer.is_done())
        .map(|(key, answer)| (answer.begun, answer.bytes(), key.clone()))
        .collect();
    done.sort_unstable_by_key(|(begun, ..)| std::cmp::Reverse(*begun));
    let mut bytes = 0;
    for (_, size, key) in done {
        bytes += size;
        if bytes > KEPT_BYTES {
            answers.remove(&key);
        }
    }
}

impl Answer {
    fn new(kept_for: Duration, at: Moment) -> Self {
        Self {
            begun: Instant::now(),
            at,
            kept_for,
            events: Mutex::default(),
            progress: watch::Sender::new((0, End::NotYet)),
            readers: AtomicUsize::new(0),
            work: Mutex::default(),
        }
    }

    async fn run(&self, mut pieces: BoxStream<'static, Piece>) {
        let mut end = End::Whole;
        while let Some(piece) = pieces.next().await {
            let bytes = match piece {
                Piece::Event(event) => {
                    if matches!(event, Event::Failed(_)) {
                        end = End::Partial;
                    }
                    written(&event)
                }
                Piece::Written(bytes) => bytes,
            };
            let count = {
                let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
                events.push(bytes);
                events.len()
            };
            self.progress.send_replace((count, End::NotYet));
        }
        self.progress.send_modify(|(_, state)| *state = end);
    }

    fn event(&self, number: usize) -> Bytes {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).get(number).cloned().unwrap_or_default()
    }

    fn bytes(&self) -> usize {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).iter().map(Bytes::len).sum()
    }

    fn is_done(&self) -> bool {
        self.progress.borrow().1 != End::NotYet
    }

    fn is_of_use(&self) -> bool {
        match self.progress.borrow().1 {
            End::NotYet => true,
            End::Whole => self.begun.elapsed() < self.kept_for,
            End::Partial => false,
        }
    }
}

/// One who reads an answer. The last one to leave stops the work.
struct Reader {
    answer: Arc<Answer>,
    answers: Answers,
    key: String,
}

impl Drop for Reader {
    fn drop(&mut self) {
        let mut answers = self.answers.lock();
        forget_old(&mut answers);
        if self.answer.readers.fetch_sub(1, Ordering::SeqCst) > 1 || self.answer.is_done() {
            return;
        }
        if let Some(work) = self.answer.work.lock().unwrap_or_else(PoisonError::into_inner).take() {
            work.abort();
        }
        if answers.get(&self.key).is_some_and(|answer| Arc::ptr_eq(answer, &self.answer)) {
            answers.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    fn events(made: &Arc<AtomicU32>, failed: bool) -> BoxStream<'static, Piece> {
        made.fetch_add(1, Ordering::SeqCst);
        async_stream::stream! {
            yield Event::Warning("one".to_owned()).into();
            tokio::time::sleep(Duration::from_millis(20)).await;
            if failed {
                yield Event::Failed(Box::default()).into();
            }
            yield Event::Warning("two".to_owned()).into();
        }
        .boxed()
    }

    async fn read(stream: impl Stream<Item = Bytes>) -> Vec<String> {
        let all: Vec<Bytes> = stream.collect().await;
        let event = |bytes: &Bytes| postcard::from_bytes::<Event>(bytes).unwrap();
        all.iter()
            .map(event)
            .map(|event| match event {
                Event::Warning(text) => text,
                other => format!("{other:?}").chars().take(6).collect(),
            })
            .collect()
    }

    #[tokio::test]
    async fn the_same_question_is_asked_once() {
        let (answers, made) = (Answers::default(), Arc::new(AtomicU32::new(0)));
        let ask = |fresh| {
            let made = made.clone();
            answers.ask(
                "key".to_owned(),
                Duration::from_millis(200),
                Moment(1),
                fresh,
                Box::new(move || events(&made, false)),
            )
        };
        let (first, second) = tokio::join!(read(ask(false)), read(ask(false)));
        assert_eq!(first, ["one", "two"]);
        assert_eq!(second, ["one", "Cached", "two"]);
        assert_eq!(read(ask(false)).await, ["one", "Cached", "two"]);
        assert_eq!(made.load(Ordering::SeqCst), 1);
        assert_eq!(read(ask(true)).await, ["one", "two"]);
        tokio::time::sleep(Duration::from_millis(250)).await;
        assert_eq!(read(ask(false)).await, ["one", "two"]);
        assert_eq!(made.load(Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn what_failed_is_asked_again() {
        let (answers, made) = (Answers::default(), Arc::new(AtomicU32::new(0)));
        for _ in 0..2 {
            let made = made.clone();
            let asked = answers.ask(
                "key".to_owned(),
                Duration::from_secs(9),
                Moment(1),
                false,
                Box::new(move || events(&made, true)),
            );
            assert_eq!(read(asked).await.len(), 3);
        }
        assert_eq!(made.load(Ordering::SeqCst), 2);
    }

    #[tokio::test]
    async fn the_work_stops_when_the_last_one_leaves() {
        struct Dropped(Arc<AtomicU32>);
        impl Drop for Dropped {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let (answers, dropped) = (Answers::default(), Arc::new(AtomicU32::new(0)));
        let ask = || {
            let guard = Dropped(dropped.clone());
            answers.ask(
                "key".to_owned(),
                Duration::from_secs(9),
                Moment(1),
                false,
                Box::new(move || {
                    let endless = async_stream::stream! {
                        let _guard = guard;
                        loop {
                            yield Event::Warning("again".to_owned()).into();
                            tokio::time::sleep(Duration::from_millis(5)).await;
                        }
                    };
                    endless.boxed()
                }),
            )
        };
        let (mut first, mut second) = (Box::pin(ask()), Box::pin(ask()));
        assert!(first.next().await.is_some() && second.next().await.is_some());
        let unused = dropped.load(Ordering::SeqCst);
        drop(first);
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(dropped.load(Ordering::SeqCst), unused, "somebody still reads");
        drop(second);
        tokio::time::sleep(Duration::from_millis(30)).await;
        assert_eq!(dropped.load(Ordering::SeqCst), unused + 1);
        assert!(answers.lock().is_empty());
    }
}
