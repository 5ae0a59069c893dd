//! The log: every accepted document as it came, in files that only grow. It is what must not be lost; everything else in
//! the store follows from it.
//!
//! A file begins with eight bytes that name it and the version of its form. After them stand batches, each a head of 24
//! bytes (a sign, the number of documents, the bytes that follow, the moment of receipt, and a checksum of these), and
//! its documents, each with its length and checksum. So a batch that was torn shows, a document that decayed shows when
//! it is read, and what follows them is found again by the next head.

mod disk;

use std::{fmt, io, sync::Arc};

use model::{Moment, Nanos};

pub(crate) use self::disk::{Disk, Folder};

/// A file is followed by the next one when it has grown so long, in bytes.
const FILE_BYTES: u64 = 64 << 20;
/// And when it is so old: what is kept for days goes by the file.
const FILE_AGE: Nanos = Nanos::seconds(6 * 3600);
/// The first bytes of a file: a name and the version of the form.
const NAME: [u8; 8] = *b"roentgL1";
/// The first bytes of a batch.
const SIGN: [u8; 4] = *b"\xb1RGb";
const HEAD_BYTES: usize = 24;
/// Length and checksum before each document.
const DOCUMENT_HEAD_BYTES: usize = 8;
/// A batch is never longer; a head that says more is none.
const MOST_BATCH_BYTES: u32 = 1 << 30;

/// A mark in the log: everything before it was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub(crate) file: u32,
    pub(crate) offset: u64,
}

/// Where the text of a document lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Position {
    pub(crate) file: u32,
    pub(crate) offset: u64,
    /// Bytes.
    pub(crate) length: u32,
    /// Its CRC-32.
    pub(crate) sum: u32,
}

/// A part of the log that cannot be read (any more).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The number of the file.
    pub file: u32,
    /// Where in it the part begins.
    pub offset: u64,
    /// Bytes that are lost.
    pub bytes: u64,
    /// A batch whose writing was cut short; nobody was told that it is safe.
    pub is_torn_end: bool,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.is_torn_end { "an unfinished batch at the end of" } else { "a damaged part of" };
        write!(f, "{what} log file {} was left out: {} bytes from byte {}", self.file, self.bytes, self.offset)
    }
}

/// A batch of the log.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) received: Moment,
    pub(crate) documents: Vec<(Position, Arc<str>)>,
    /// The place behind it.
    pub(crate) end: Mark,
}

/// The log, for its one writer.
#[derive(Debug)]
pub(crate) struct Log {
    disk: Arc<dyn Disk>,
    end: Mark,
    /// When the first batch of the last file was received.
    begun: Option<Moment>,
    is_synced: bool,
}

impl Log {
    /// Opens the log. A torn batch at its end goes.
    pub(crate) fn open(disk: Arc<dyn Disk>) -> io::Result<(Self, Option<Damage>)> {
        let files = disk.files()?;
        let Some((file, length)) = files.last_key_value().map(|(file, length)| (*file, *length)) else {
            let log = Self { disk, end: Mark::default(), begun: None, is_synced: true };
            return Ok((log, None));
        };
        check_name(&*disk, file, length)?;
        let mut end = Mark { file, offset: 0 };
        for batch in Batches::of_file(&*disk, end, length) {
            if let Ok(batch) = batch? {
                end = batch.end;
            }
        }
        let damage = (end.offset < length && length > NAME.len() as u64).then_some(Damage {
            file,
            offset: end.offset,
            bytes: length - end.offset,
            is_torn_end: true,
        });
        if end.offset < length {
            disk.cut(file, end.offset)?;
            disk.sync(file)?;
        }
        let begun = begun(&*disk, file)?;
        Ok((Self { disk, end, begun, is_synced: true }, damage))
    }

    /// The place behind everything.
    pub(crate) fn end(&self) -> Mark {
        self.end
    }

    /// Writes a batch, and says where its texts lie. It is on the disk only after [`Log::sync`].
    pub(crate) fn append(&mut self, received: Moment, texts: &[Arc<str>]) -> io::Result<Vec<Position>> {
        let is_old = self.begun.is_some_and(|begun| received - begun > FILE_AGE);
        if self.end.file == 0 || self.end.offset >= FILE_BYTES || is_old {
            self.sync()?;
            self.end = Mark { file: self.end.file + 1, offset: 0 };
            self.begun = None;
        }
        let mut bytes = Vec::with_capacity(64 + texts.iter().map(|text| text.len() + 8).sum::<usize>());
        if self.end.offset == 0 {
            bytes.extend(NAME);
        }
        let payload: usize = texts.iter().map(|text| text.len() + DOCUMENT_HEAD_BYTES).sum();
        let payload = u32::try_from(payload).ok().filter(|payload| *payload < MOST_BATCH_BYTES);
        let payload = payload.ok_or_else(|| io::Error::other("a batch of a gibibyte cannot be written"))?;
        let head = bytes.len();
        bytes.extend(SIGN);
        bytes.extend((texts.len() as u32).to_le_bytes());
        bytes.extend(payload.to_le_bytes());
        bytes.extend(received.0.to_le_bytes());
        bytes.extend(crc32fast::hash(&bytes[head..]).to_le_bytes());
        let mut positions = Vec::with_capacity(texts.len());
        for text in texts {
            let (length, sum) = (text.len() as u32, crc32fast::hash(text.as_bytes()));
            bytes.extend(length.to_le_bytes());
            bytes.extend(sum.to_le_bytes());
            let offset = self.end.offset + bytes.len() as u64;
            positions.push(Position { file: self.end.file, offset, length, sum });
            bytes.extend(text.as_bytes());
        }
        self.is_synced = false;
        if let Err(error) = self.disk.write(self.end.file, self.end.offset, &bytes) {
            // What was written of it must not stand before what is written next.
            drop(self.disk.cut(self.end.file, self.end.offset));
            return Err(error);
        }
        self.end.offset += bytes.len() as u64;
        self.begun.get_or_insert(received);
        Ok(positions)
    }

    /// Takes back what was appended since a mark, as far as it is in the last file.
    pub(crate) fn go_back(&mut self, to: Mark) {
        let to = if to.file == self.end.file { to } else { Mark { file: self.end.file, offset: 0 } };
        match self.disk.cut(to.file, to.offset) {
            Ok(()) => self.end = to,
            Err(error) => tracing::warn!(%error, "the log's end could not be taken back"),
        }
    }

    /// Returns once everything appended is on the disk.
    pub(crate) fn sync(&mut self) -> io::Result<()> {
        if !self.is_synced {
            self.disk.sync(self.end.file)?;
            self.is_synced = true;
        }
        Ok(())
    }
}

/// The text at a position; an error where it is gone or is not what was written.
pub(crate) fn read(disk: &dyn Disk, position: &Position) -> io::Result<Arc<str>> {
    let mut bytes = vec![0; position.length as usize];
    disk.read(position.file, position.offset, &mut bytes)?;
    let text = String::from_utf8(bytes).ok().filter(|text| crc32fast::hash(text.as_bytes()) == position.sum);
    text.map(Arc::from).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "its checksum is wrong"))
}

/// Reads everything from a mark on: batches and, between them, what is damaged.
pub(crate) fn scan(
    disk: &dyn Disk,
    from: Mark,
    mut take: impl FnMut(Result<Batch, Damage>) -> io::Result<()>,
) -> io::Result<()> {
    for (file, length) in disk.files()?.range(from.file..) {
        check_name(disk, *file, *length)?;
        let offset = if *file == from.file { from.offset } else { 0 };
        for batch in Batches::of_file(disk, Mark { file: *file, offset }, *length) {
            take(batch?)?;
        }
    }
    Ok(())
}

/// Reads one file.
pub(crate) fn scan_file(
    disk: &dyn Disk,
    file: u32,
    mut take: impl FnMut(Result<Batch, Damage>) -> io::Result<()>,
) -> io::Result<()> {
    let length = disk.files()?.get(&file).copied().unwrap_or(0);
    Batches::of_file(disk, Mark { file, offset: 0 }, length).try_for_each(|batch| take(batch?))
}

/// When the first batch of a file was received; `None` where there is none.
pub(crate) fn begun(disk: &dyn Disk, file: u32) -> io::Result<Option<Moment>> {
    let length = disk.files()?.get(&file).copied().unwrap_or(0);
    let first = Batches::of_file(disk, Mark { file, offset: 0 }, length).find_map(|batch| match batch {
        Ok(batch) => batch.ok().map(|batch| Ok(batch.received)),
        Err(error) => Some(Err(error)),
    });
    first.transpose()
}

/// Whether a file is of a form that can be read here.
fn check_name(disk: &dyn Disk, file: u32, length: u64) -> io::Result<()> {
    let mut name = NAME;
    if length >= NAME.len() as u64 {
        disk.read(file, 0, &mut name)?;
    }
    // A decayed name costs nothing; that of another version would cost everything.
    if name != NAME && name[..7] == NAME[..7] {
        return Err(io::Error::other(format!("log file {file} was written by another version of this program")));
    }
    Ok(())
}

/// The batches of one file.
struct Batches<'a> {
    disk: &'a dyn Disk,
    at: Mark,
    length: u64,
}

impl<'a> Batches<'a> {
    fn of_file(disk: &'a dyn Disk, from: Mark, length: u64) -> Self {
        Self { disk, at: Mark { offset: from.offset.max(NAME.len() as u64), ..from }, length }
    }

    /// The batch at a place; `None` where there is none that is whole.
    fn read(&self, at: Mark) -> io::Result<Option<Batch>> {
        let Some(left) = self.length.checked_sub(at.offset).filter(|left| *left >= HEAD_BYTES as u64) else {
            return Ok(None);
        };
        let mut head = [0; HEAD_BYTES];
        self.disk.read(at.file, at.offset, &mut head)?;
        let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        if head[..4] != SIGN || number(20) != crc32fast::hash(&head[..20]) {
            return Ok(None);
        }
        let (count, payload) = (number(4), number(8));
        if payload >= MOST_BATCH_BYTES || u64::from(payload) > left - HEAD_BYTES as u64 {
            return Ok(None);
        }
        let received = i64::from(number(12)) | (i64::from(number(16)) << 32);
        let mut bytes = vec![0; payload as usize];
        let begin = at.offset + HEAD_BYTES as u64;
        self.disk.read(at.file, begin, &mut bytes)?;
        let mut documents = Vec::new();
        let mut offset = 0;
        while let Some((head, rest)) = bytes[offset..].split_at_checked(DOCUMENT_HEAD_BYTES) {
            let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
            let (length, sum) = (number(0), number(4));
            let text = rest.get(..length as usize).filter(|text| crc32fast::hash(text) == sum);
            let Some(text) = text.and_then(|text| std::str::from_utf8(text).ok()) else { return Ok(None) };
            offset += DOCUMENT_HEAD_BYTES;
            let position = Position { file: at.file, offset: begin + offset as u64, length, sum };
            documents.push((position, Arc::from(text)));
            offset += length as usize;
        }
        if documents.len() != count as usize || offset != bytes.len() {
            return Ok(None);
        }
        let end = Mark { file: at.file, offset: begin + u64::from(payload) };
        Ok(Some(Batch { received: Moment(received), documents, end }))
    }

    /// The next place at which a whole batch stands.
    fn resume(&self) -> io::Result<Option<u64>> {
        // Damage is rare: a look at every byte in pieces that overlap by a sign.
        let mut piece = vec![0; 1 << 20];
        let mut from = self.at.offset + 1;
        while from + (HEAD_BYTES as u64) <= self.length {
            let size = piece.len().min((self.length - from) as usize);
            self.disk.read(self.at.file, from, &mut piece[..size])?;
            for at in piece[..size].windows(SIGN.len()).enumerate().filter(|(_, bytes)| **bytes == SIGN) {
                let place = Mark { file: self.at.file, offset: from + at.0 as u64 };
                if self.read(place)?.is_some() {
                    return Ok(Some(place.offset));
                }
            }
            from += (size - (SIGN.len() - 1).min(size - 1)) as u64;
            if size < piece.len() {
                break;
            }
        }
        Ok(None)
    }
}

impl Iterator for Batches<'_> {
    type Item = io::Result<Result<Batch, Damage>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.at.offset >= self.length {
            return None;
        }
        let step = || -> io::Result<(Result<Batch, Damage>, u64)> {
            if let Some(batch) = self.read(self.at)? {
                let end = batch.end.offset;
                return Ok((Ok(batch), end));
            }
            let (file, offset) = (self.at.file, self.at.offset);
            let next = self.resume()?;
            let end = next.unwrap_or(self.length);
            Ok((Err(Damage { file, offset, bytes: end - offset, is_torn_end: next.is_none() }), end))
        };
        match step() {
            Ok((found, end)) => {
                self.at.offset = end;
                Some(Ok(found))
            }
            Err(error) => {
                self.at.offset = self.length;
                Some(Err(error))
            }
        }
    }
}

#[cfg(test)]
mod tests;
