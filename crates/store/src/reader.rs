//! Reading: whole traces, and listings that see one state of the store however long they take.

use std::{collections::BTreeMap, io, sync::Arc};

use filter::{Needs, Sketch};
use fjall::{Readable as _, Snapshot};
use model::{Moment, Nanos, Trace, TraceId, time::SECOND};
use moka::sync::Cache;

use crate::{
    Digest, MinuteTotals, StoreError,
    index::{EndRow, IndexError, TraceRow, key},
    listing::{Cursor, ListQuery, Page, Place, Row, is_in_share},
    log,
    minutes::{Adder, minute_of, span_of},
    record::StoredTrace,
    shared::{Shared, lock},
};

/// A listing that nobody continues for so long is closed.
const OPEN_FOR: Nanos = Nanos::seconds(15 * 60);
/// So many listings can be open; beyond them the one that waited longest is closed.
const OPEN_LISTINGS: usize = 256;
/// A page takes no more steps than this, so that a client hears something.
const STEPS_OF_A_PAGE: usize = 200_000;
/// Looking at a trace itself takes as long as looking at so many sketches.
const STEPS_OF_A_TRACE: usize = 10;
/// A page reads no more bytes of documents than this for digests that are not at hand (a trace is never split).
const BYTES_OF_A_PAGE: u64 = 64 << 20;
/// Digests are kept up to so many bytes.
const DIGEST_BYTES: u64 = 24 << 20;

/// What tells two states of a trace apart: its id, its revision, and when it was received last.
type State = (TraceId, i32, i64);

/// A digest, and how it was come by.
pub(crate) struct Found {
    pub(crate) value: Arc<Digest>,
    /// It was made from documents.
    pub(crate) is_new: bool,
    /// The bytes of documents that were read for it.
    bytes: u64,
}

#[derive(Debug)]
pub(crate) struct Reader {
    shared: Arc<Shared>,
    digests: Cache<State, Arc<Digest>>,
    listings: std::sync::Mutex<Listings>,
}

#[derive(Default)]
struct Listings {
    last: u64,
    /// What each sees, and when its latest page was asked for.
    open: BTreeMap<u64, (Arc<Snapshot>, Moment)>,
}

impl std::fmt::Debug for Listings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} listings", self.open.len())
    }
}

impl Listings {
    /// Closes the listings that nobody continues.
    fn close(&mut self, now: Moment) {
        self.open.retain(|_, (_, asked)| now - *asked <= OPEN_FOR);
        while self.open.len() > OPEN_LISTINGS {
            let oldest = self.open.iter().min_by_key(|(_, (_, asked))| *asked).map(|(number, _)| *number);
            oldest.map(|number| self.open.remove(&number));
        }
    }
}

impl Reader {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let digests = Cache::builder()
            .max_capacity(DIGEST_BYTES)
            .weigher(|_, digest: &Arc<Digest>| u32::try_from(digest.weight()).unwrap_or(u32::MAX))
            .build();
        Self { shared, digests, listings: std::sync::Mutex::default() }
    }

    /// A trace with its documents.
    pub(crate) fn trace(&self, at: &Snapshot, id: TraceId) -> Result<Option<StoredTrace>, StoreError> {
        let Some(row) = self.shared.index.trace(at, id)? else { return Ok(None) };
        let documents = self.documents(at, id)?;
        let document_bytes = documents.iter().map(|text| text.len()).sum();
        // All of them are gone when the trace was retired in the meantime.
        Ok((!documents.is_empty()).then_some(StoredTrace {
            id,
            documents,
            document_bytes,
            revision: row.revision,
            first_received: Moment(row.first_received),
            last_received: Moment(row.last_received),
        }))
    }

    fn documents(&self, at: &Snapshot, id: TraceId) -> Result<Vec<Arc<str>>, StoreError> {
        match self.documents_at(at, id)? {
            Some(documents) => Ok(documents),
            // A log file was retired since the snapshot was taken.
            None => Ok(self.documents_at(&self.snapshot(), id)?.unwrap_or_default()),
        }
    }

    /// The documents as of a snapshot; `None` when a log file is not there any more.
    fn documents_at(&self, at: &Snapshot, id: TraceId) -> Result<Option<Vec<Arc<str>>>, StoreError> {
        let mut documents = Vec::new();
        for (_, position) in self.shared.index.documents(at, id)? {
            match log::read(&*self.shared.disk, &position) {
                Ok(text) => documents.push(text),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => self.shared.note_unreadable(id, &position, &error),
            }
        }
        Ok(Some(documents))
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        self.shared.index.snapshot()
    }

    /// The digest of a trace; `None` where it is gone.
    fn digest(&self, at: &Snapshot, id: TraceId, row: &TraceRow) -> Result<Option<Found>, StoreError> {
        let state = (id, row.revision, row.last_received);
        if let Some(value) = self.digests.get(&state) {
            return Ok(Some(Found { value, is_new: false, bytes: 0 }));
        }
        let found = self.stored_or_made(at, id, row)?;
        if let Some(found) = &found {
            self.digests.insert(state, found.value.clone());
        }
        Ok(found)
    }

    /// The digest of a trace as it was written down, or made from its documents; `None` where it is gone.
    pub(crate) fn stored_or_made(
        &self,
        at: &Snapshot,
        id: TraceId,
        row: &TraceRow,
    ) -> Result<Option<Found>, StoreError> {
        if let Some(digest) = self.shared.index.digest(at, id, row)? {
            return Ok(Some(Found { value: Arc::new(digest), is_new: false, bytes: 0 }));
        }
        let documents = self.documents(at, id)?;
        if documents.is_empty() {
            return Ok(None);
        }
        let bytes = documents.iter().map(|text| text.len() as u64).sum();
        let value = Arc::new(Digest::of(&Trace::assemble(id, documents), row.revision));
        Ok(Some(Found { value, is_new: true, bytes }))
    }

    /// What the traces add up to whose latest update is in a minute; `None` where there are none.
    pub(crate) fn minute(&self, at: &Snapshot, minute: i64) -> Result<Option<MinuteTotals>, StoreError> {
        let index = &self.shared.index;
        if let Some(totals) = index.minute_totals(at, minute)? {
            return Ok(Some(totals));
        }
        let (mut adder, mut is_empty) = (Adder::default(), true);
        for place in index.updates_within(at, span_of(minute)) {
            let (time, id) = place?;
            let Some(row) = index.trace(at, id)?.filter(|row| row.updated == Some(time)) else { continue };
            if let Some(found) = self.digest(at, id, &row)? {
                adder.add(&found.value);
                is_empty = false;
            }
        }
        Ok((!is_empty).then(|| adder.finish()))
    }

    /// The minutes from one to another, both included, in which traces were updated last, with what they add up to.
    pub(crate) fn minutes(
        &self,
        (first, last): (i64, i64),
        mut take: impl FnMut(i64, MinuteTotals),
    ) -> Result<(), StoreError> {
        let at = self.snapshot();
        let mut from = span_of(first).0.0;
        while let Some((time, _)) = self.shared.index.first_update(&at, from)? {
            let minute = minute_of(time);
            if minute > last {
                break;
            }
            if let Some(totals) = self.minute(&at, minute)? {
                take(minute, totals);
            }
            let Some(next) = minute.checked_add(1) else { break };
            from = span_of(next).0.0;
        }
        Ok(())
    }

    pub(crate) fn list(&self, query: &ListQuery, from: Option<&Cursor>, now: Moment) -> Result<Page, StoreError> {
        let (number, at) = {
            let mut listings = lock(&self.listings);
            listings.close(now);
            if let Some(cursor) = from {
                let (at, asked) = listings.open.get_mut(&cursor.listing).ok_or(StoreError::UnknownCursor)?;
                *asked = now;
                (cursor.listing, at.clone())
            } else {
                listings.last += 1;
                (listings.last, Arc::new(self.snapshot()))
            }
        };
        let page = self.page(query, from, number, &at)?;
        if page.next.is_some() {
            lock(&self.listings).open.insert(number, (at, now));
        }
        Ok(page)
    }

    fn page(
        &self,
        query: &ListQuery,
        from: Option<&Cursor>,
        number: u64,
        at: &Arc<Snapshot>,
    ) -> Result<Page, StoreError> {
        let index = &self.shared.index;
        let (table, (first, last)) = match query.place {
            Place::Start => (&index.starts, key::span(query.from.0, query.to.0)),
            Place::Updated => (&index.updates, key::span(query.from.0, query.to.0)),
            Place::SegmentEnd => {
                let second = |at: Moment| at.0.div_euclid(SECOND);
                (&index.ends, key::span(second(query.from), second(query.to)))
            }
        };
        let before = from.map(|cursor| key::place(cursor.at, cursor.trace));
        let (mut rows, mut scanned) = (Vec::new(), from.map_or(0, |cursor| cursor.scanned));
        let (mut next, mut bytes) = (None, 0);
        // A cursor may have been tampered with.
        let upto = last.min(before.unwrap_or(last));
        if first > upto {
            return Ok(Page { rows, scanned, next });
        }
        let (mut last_key, mut steps) = (None, 0);
        for entry in at.range(table, first..=upto).rev() {
            let (key, value) = entry.into_inner().map_err(IndexError::from)?;
            if before.is_some_and(|before| *key == before) {
                continue;
            }
            let is_full = rows.len() >= query.limit.max(1) || bytes > BYTES_OF_A_PAGE || steps >= STEPS_OF_A_PAGE;
            let Some((time, id)) = key::read_place(&key) else { continue };
            if is_full && steps >= STEPS_OF_A_PAGE {
                next = last_key.map(|(at, trace)| Cursor { listing: number, at, trace, scanned });
                break;
            }
            steps += 1;
            if query.place == Place::Start && !could_match(&query.needs, &value) {
                last_key = Some((time, id));
                scanned += 1;
                continue;
            }
            steps += STEPS_OF_A_TRACE - 1;
            let found = self.stands(query, at, time, id, &value)?;
            if is_full && found.is_some() {
                next = last_key.map(|(at, trace)| Cursor { listing: number, at, trace, scanned });
                break;
            }
            last_key = Some((time, id));
            let Some((moment, row)) = found else { continue };
            scanned += 1;
            if !is_in_share(id, query.share) || !self.could_match(query, at, id, &row)? {
                continue;
            }
            if let Some(found) = self.digest(at, id, &row)? {
                bytes += found.bytes;
                rows.push(Row { at: moment, digest: found.value });
            }
        }
        Ok(Page { rows, scanned, next })
    }

    /// Whether the sketch of a trace, if there is one, has what is needed. Of starts that was seen before.
    fn could_match(&self, query: &ListQuery, at: &Snapshot, id: TraceId, row: &TraceRow) -> Result<bool, StoreError> {
        let Some(start) = row.start.filter(|_| query.place != Place::Start && query.needs != Needs::Nothing) else {
            return Ok(true);
        };
        let sketch = self.shared.index.sketch(at, start, id)?;
        Ok(sketch.is_none_or(|sketch| could_match(&query.needs, &sketch)))
    }

    /// The moment for which an entry of a time index shows its trace, with the trace's row; `None` where it does not.
    fn stands(
        &self,
        query: &ListQuery,
        at: &Snapshot,
        time: i64,
        id: TraceId,
        value: &[u8],
    ) -> Result<Option<(Moment, TraceRow)>, StoreError> {
        let moment = match query.place {
            Place::Start | Place::Updated => Some(Moment(time)),
            Place::SegmentEnd => self.end(query, at, id, value)?,
        };
        let Some(moment) = moment else { return Ok(None) };
        // After a crash an entry may have stayed behind.
        let row = self.shared.index.trace(at, id)?.filter(|row| match query.place {
            Place::Start => row.start == Some(time),
            Place::Updated => row.updated == Some(time),
            Place::SegmentEnd => true,
        });
        Ok(row.map(|row| (moment, row)))
    }

    /// A trace has an entry for every second in which a segment ends; the latest one in the span shows it.
    fn end(&self, query: &ListQuery, at: &Snapshot, id: TraceId, value: &[u8]) -> Result<Option<Moment>, StoreError> {
        let own: EndRow = postcard::from_bytes(value).map_err(IndexError::from)?;
        let last_second = query.to.0.div_euclid(SECOND);
        match own.next {
            Some(next) if next < last_second => return Ok(None),
            // Whether the later second reaches into the span depends on its first end.
            Some(next) if next == last_second => {
                let later = self.shared.index.ends(at, next, id)?;
                if later.is_some_and(|later| later.first <= query.to.0) {
                    return Ok(None);
                }
            }
            _ => {}
        }
        let is_within = own.first <= query.to.0 && own.last >= query.from.0;
        Ok(is_within.then_some(Moment(own.last.min(query.to.0))))
    }
}

/// Whether a sketch has what is needed; one that is not there might.
fn could_match(needs: &Needs, sketch: &[u8]) -> bool {
    if *needs == Needs::Nothing || sketch.is_empty() {
        return true;
    }
    postcard::from_bytes::<Sketch<'_>>(sketch).map_or(true, |sketch| needs.are_met(&sketch))
}
