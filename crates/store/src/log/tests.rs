//! The log, its damages included, on a real folder.

use std::fs;

use super::*;

struct Written {
    folder: tempfile::TempDir,
    disk: Arc<dyn Disk>,
    /// Texts and their positions.
    all: Vec<(Arc<str>, Position)>,
    /// The marks behind each batch.
    ends: Vec<Mark>,
}

/// A log of batches of one, two, three… documents.
fn written(batches: usize) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(Folder::open(folder.path(), false).unwrap());
    let (mut log, damage) = Log::open(disk.clone()).unwrap();
    assert_eq!(damage, None);
    let (mut all, mut ends) = (Vec::new(), Vec::new());
    for batch in 0..batches {
        let texts: Vec<Arc<str>> =
            (0..=batch).map(|number| format!("document {number} of batch {batch} é").into()).collect();
        let positions = log.append(Moment(batch as i64), &texts).unwrap();
        all.extend(texts.into_iter().zip(positions));
        ends.push(log.end());
    }
    log.sync().unwrap();
    Written { folder, disk, all, ends }
}

impl Written {
    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("0000000001.log")
    }

    /// The texts that are found from a mark on, and what is damaged.
    fn scanned(&self, from: Mark) -> (Vec<(Arc<str>, Position)>, Vec<Damage>) {
        let (mut texts, mut damages) = (Vec::new(), Vec::new());
        scan(&*self.disk, from, |batch| {
            match batch {
                Ok(batch) => texts.extend(batch.documents.into_iter().map(|(position, text)| (text, position))),
                Err(damage) => damages.push(damage),
            }
            Ok(())
        })
        .unwrap();
        (texts, damages)
    }
}

#[test]
fn what_is_written_is_read_by_position_and_by_scan() {
    let written = written(5);
    for (text, position) in &written.all {
        assert_eq!(read(&*written.disk, position).unwrap(), *text);
    }
    assert_eq!(written.scanned(Mark::default()), (written.all.clone(), Vec::new()));
    let (rest, _) = written.scanned(written.ends[2]);
    assert_eq!(rest, written.all[6..], "from the end of a batch on");
    let (log, damage) = Log::open(written.disk.clone()).unwrap();
    assert_eq!((log.end(), damage), (written.ends[4], None));
    assert_eq!(begun(&*written.disk, 1).unwrap(), Some(Moment(0)));
}

#[test]
fn a_log_that_is_cut_anywhere_keeps_every_whole_batch_and_goes_on() {
    let whole = written(4);
    let bytes = fs::read(whole.file()).unwrap();
    for cut in 0..bytes.len() {
        let written = written(1);
        fs::write(written.file(), &bytes[..cut]).unwrap();
        let (mut log, damage) = Log::open(written.disk.clone()).unwrap();
        let kept = whole.ends.iter().filter(|end| end.offset <= cut as u64).count();
        let documents = kept * (kept + 1) / 2;
        assert_eq!(written.scanned(Mark::default()), (whole.all[..documents].to_vec(), Vec::new()), "cut at {cut}");
        let end = if kept == 0 { NAME.len() as u64 } else { whole.ends[kept - 1].offset };
        assert_eq!(damage.is_some(), cut as u64 > end, "cut at {cut}: {damage:?}");
        let more: Arc<str> = "more".into();
        let position = log.append(Moment(9), std::slice::from_ref(&more)).unwrap()[0];
        assert_eq!(written.scanned(Mark::default()).0.last(), Some(&(more, position)));
    }
}

#[test]
fn a_decayed_byte_costs_its_batch_in_a_scan_and_its_document_when_it_is_read() {
    let whole = written(4);
    let bytes = fs::read(whole.file()).unwrap();
    for place in NAME.len()..bytes.len() {
        let mut decayed = bytes.clone();
        decayed[place] ^= 0x10;
        fs::write(whole.file(), &decayed).unwrap();
        let batch = whole.ends.iter().position(|end| (place as u64) < end.offset).unwrap();
        let lost = batch * (batch + 1) / 2..(batch + 1) * (batch + 2) / 2;
        let (texts, damages) = whole.scanned(Mark::default());
        let expected: Vec<_> = [&whole.all[..lost.start], &whole.all[lost.end..]].concat();
        assert_eq!(texts, expected, "byte {place}");
        let begin = if batch == 0 { NAME.len() as u64 } else { whole.ends[batch - 1].offset };
        let expected =
            Damage { file: 1, offset: begin, bytes: whole.ends[batch].offset - begin, is_torn_end: batch == 3 };
        assert_eq!(damages, [expected], "byte {place}");
        let unreadable = whole.all.iter().filter(|(_, position)| read(&*whole.disk, position).is_err()).count();
        assert!(unreadable <= 1, "byte {place}");
    }
}

#[test]
fn a_file_of_another_version_is_left_alone() {
    let written = written(2);
    let mut bytes = fs::read(written.file()).unwrap();
    bytes[7] = b'2';
    fs::write(written.file(), &bytes).unwrap();
    let error = Log::open(written.disk.clone()).unwrap_err().to_string();
    assert!(error.contains("another version"), "{error}");
    assert_eq!(fs::read(written.file()).unwrap(), bytes);
}

#[test]
fn a_new_file_begins_when_the_last_one_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let disk: Arc<dyn Disk> = Arc::new(Folder::open(folder.path(), false).unwrap());
    let (mut log, _) = Log::open(disk.clone()).unwrap();
    let text: Arc<str> = "x".into();
    for hour in 0..14 {
        log.append(Moment(0) + Nanos::seconds(hour * 3600), std::slice::from_ref(&text)).unwrap();
    }
    let numbers: Vec<u32> = disk.files().unwrap().into_keys().collect();
    assert_eq!(numbers, [1, 2]);
    let (mut log, _) = Log::open(disk.clone()).unwrap();
    log.append(Moment(0) + Nanos::seconds(14 * 3600), std::slice::from_ref(&text)).unwrap();
    assert_eq!(disk.files().unwrap().len(), 3, "its age is known after it was opened again");
}
