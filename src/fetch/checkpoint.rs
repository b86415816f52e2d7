//! A checkpoint: the answers a snapshot has received, on disk, so that one that was interrupted is not asked for again.
//!
//! The crawl runs again from the beginning, and each request that was answered before is answered from here, once. So a
//! snapshot that was continued is what an uninterrupted one would have been, whatever the order of its requests.
//!
//! ```text
//! answers   one line of JSON: whose answers these are, and since when
//!           records: length (4 bytes), SHA-256 of the rest (8 bytes), key (32 bytes), compressed answer
//! ```
//! A record that was cut off by the end of the process is dropped. Requests and credentials are not written: the key is a
//! digest of the request.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::locked::Locked as _;
use super::{Error, ErrorKind, Result};
use crate::model::{GapCause, Snapshot, Timestamp};

/// What it is called in its folder.
const FILE: &str = "answers";
const KIND: &str = "confluence-access checkpoint";
/// What the first line begins with.
const BEGINNING: &[u8] = b"{\"kind\":\"confluence-access checkpoint\"";
/// Bytes before the key and the answer of a record.
const HEAD: usize = 12;
const KEY: usize = 32;

/// The digest of a request.
pub(super) type Key = [u8; KEY];
/// Where each answer begins in the file, and its length.
type Places = HashMap<Key, (u64, usize)>;

/// An answer, as it is kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) status: u16,
    /// The header `Link`.
    pub(super) link: Option<String>,
    pub(super) body: Vec<u8>,
}

/// The first line.
#[derive(Serialize, Deserialize)]
struct Head {
    kind: String,
    /// The site, the account, what is read, and the version that reads it: another one may send other requests.
    of: Value,
    began: Timestamp,
}

/// Answers on disk; one process at a time.
pub(super) struct Checkpoint {
    folder: PathBuf,
    /// When the snapshot was begun.
    pub(super) began: Timestamp,
    records: Mutex<Records>,
    /// Set once an answer could not be written.
    failed: Mutex<Option<Error>>,
    stopped: CancellationToken,
}

struct Records {
    file: File,
    /// Where the answers of earlier runs begin, and how long they are. Each is given once: a request that is repeated in
    /// one run is repeated because its answer was no good.
    places: Places,
}

impl Checkpoint {
    /// Opens the checkpoint in `folder`, or begins one. `of`: whose answers they are.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] where the folder holds another one or something else, or where another process is using
    /// it; [`ErrorKind::Store`] where it cannot be read or written.
    pub(super) fn open(folder: &Path, of: Value) -> Result<Self> {
        let path = folder.join(FILE);
        let failed = |error: io::Error| broken(&path, &error);
        fs::create_dir_all(folder).map_err(failed)?;
        let options = || OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = options().map_err(failed)?;
        // Some network file systems have no locks.
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            let text = format!("the checkpoint `{}` is in use by another process", folder.display());
            return Err(Error::configuration(text));
        }
        let mut line = Vec::new();
        BufReader::new(&file).read_until(b'\n', &mut line).map_err(failed)?;
        let whole = line.last() == Some(&b'\n');
        // The first line of a process that ended while it wrote it, however little of it is there.
        let begun = !whole && (line.starts_with(BEGINNING) || BEGINNING.starts_with(&line));
        let (began, places) = if begun {
            let began = Timestamp::now();
            let head = serde_json::to_string(&Head { kind: KIND.to_owned(), of, began });
            let head = head.map_err(|error| failed(error.into()))?;
            file.set_len(0).map_err(failed)?;
            file.rewind().map_err(failed)?;
            file.write_all(format!("{head}\n").as_bytes()).map_err(failed)?;
            (began, HashMap::new())
        } else {
            let head: Head =
                serde_json::from_slice(&line).ok().filter(|head: &Head| head.kind == KIND).ok_or_else(|| {
                    Error::configuration(format!("`{}` is not a checkpoint: choose another folder", path.display()))
                })?;
            judge(folder, &head.of, &of)?;
            let (places, end) = scan(&file, line.len() as u64).map_err(failed)?;
            file.set_len(end).map_err(failed)?;
            file.seek(SeekFrom::Start(end)).map_err(failed)?;
            (head.began, places)
        };
        let records = Mutex::new(Records { file, places });
        let folder = folder.to_owned();
        Ok(Self { folder, began, records, failed: Mutex::default(), stopped: CancellationToken::new() })
    }

    /// The answer of an earlier run to the request with this key.
    pub(super) fn answer(&self, key: &Key) -> Option<Kept> {
        let mut records = self.records.locked();
        let (at, length) = records.places.remove(key)?;
        let mut packed = vec![0; length];
        let end = records.file.stream_position().ok()?;
        records.file.seek(SeekFrom::Start(at)).ok()?;
        let read = records.file.read_exact(&mut packed);
        records.file.seek(SeekFrom::Start(end)).ok()?;
        drop(records);
        read.ok()?;
        unpacked(&packed)
    }

    /// Keeps the answer to a request. Where that fails, [`failure`](Self::failure) ends the call: what was kept so far is
    /// read by the next run.
    pub(super) fn keep(&self, key: &Key, answer: &Kept) {
        if let Err(error) = self.append(key, answer) {
            self.failed.locked().get_or_insert_with(|| broken(&self.folder.join(FILE), &error));
            self.stopped.cancel();
        }
    }

    fn append(&self, key: &Key, answer: &Kept) -> io::Result<()> {
        let mut rest = key.to_vec();
        rest.extend(packed(answer)?);
        let length = u32::try_from(rest.len()).map_err(io::Error::other)?;
        let mut record = length.to_le_bytes().to_vec();
        record.extend(checksum(&rest));
        record.extend(rest);
        // In one write: what another process or the next run sees ends with a whole record, or with one cut off.
        self.records.locked().file.write_all(&record)
    }

    /// Resolves with the error once an answer could not be written.
    pub(super) async fn failure(&self) -> Error {
        self.stopped.cancelled().await;
        let failed = self.failed.locked().clone();
        failed.unwrap_or_else(|| Error::new(ErrorKind::Store, "the checkpoint cannot be written"))
    }

    /// Ends the checkpoint of a snapshot that was read. It stays where asking again may bring what is missing.
    pub(super) fn finish(&self, snapshot: &Snapshot) {
        let again = |cause: &GapCause| {
            matches!(
                cause,
                GapCause::NoAnswer
                    | GapCause::Timeout
                    | GapCause::RateLimited
                    | GapCause::ServerError
                    | GapCause::Unauthorized
                    | GapCause::NoToken
            )
        };
        if snapshot.gaps.iter().any(|gap| again(&gap.cause)) {
            return;
        }
        // The snapshot is there: a file that stays is only in the way, and the next run says whose it is.
        let _ = fs::remove_file(self.folder.join(FILE));
        let _ = fs::remove_dir(&self.folder);
    }
}

fn broken(path: &Path, error: &io::Error) -> Error {
    Error::new(
        ErrorKind::Store,
        format!(
            "the checkpoint `{}` cannot be used: {error}; what was read so far is kept, and the next call with `resume` goes on from there",
            path.display()
        ),
    )
}

/// Whether a checkpoint is of what is to be read now.
fn judge(folder: &Path, known: &Value, of: &Value) -> Result<()> {
    if known == of {
        return Ok(());
    }
    let different: Vec<String> = of
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, value)| known.get(name) != Some(value))
        .map(|(name, value)| format!("{name} {} instead of {value}", known.get(name).unwrap_or(&Value::Null)))
        .collect();
    Err(Error::configuration(format!(
        "the checkpoint `{}` is of another snapshot ({}): choose another folder, or delete it",
        folder.display(),
        different.join(", ")
    )))
}

/// Where the answers are, and where the last whole record ends.
fn scan(file: &File, from: u64) -> io::Result<(Places, u64)> {
    let mut reader = BufReader::new(file);
    reader.seek(SeekFrom::Start(from))?;
    let length_of_file = file.metadata()?.len();
    let mut places = Places::new();
    let mut end = from;
    loop {
        let mut head = [0; HEAD];
        if reader.read_exact(&mut head).is_err() {
            break;
        }
        let (length, sum) = head.split_at(4);
        let length = length.iter().rev().fold(0_u64, |length, byte| (length << 8) | u64::from(*byte));
        let next = end + HEAD as u64 + length;
        if length < KEY as u64 || next > length_of_file {
            break;
        }
        let mut rest = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        if reader.read_exact(&mut rest).is_err() || checksum(&rest) != sum {
            break;
        }
        if let Some(key) = rest.first_chunk::<KEY>() {
            // Of several answers to one request the last was the good one.
            places.insert(*key, (end + (HEAD + KEY) as u64, rest.len() - KEY));
        }
        end = next;
    }
    Ok((places, end))
}

fn checksum(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().iter().take(8).copied().collect()
}

fn packed(answer: &Kept) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    serde_json::to_writer(&mut encoder, &(answer.status, &answer.link))?;
    encoder.write_all(b"\n")?;
    encoder.write_all(&answer.body)?;
    encoder.finish()
}

fn unpacked(packed: &[u8]) -> Option<Kept> {
    let mut decoder = BufReader::new(GzDecoder::new(packed));
    let mut line = Vec::new();
    decoder.read_until(b'\n', &mut line).ok()?;
    let (status, link) = serde_json::from_slice(&line).ok()?;
    let mut body = Vec::new();
    decoder.read_to_end(&mut body).ok()?;
    Some(Kept { status, link, body })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::{Deployment, Gap, GapScope};

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            Self(std::env::temp_dir().join(format!("checkpoint-{name}-{}", std::process::id())))
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn answer(text: &str) -> Kept {
        Kept { status: 200, link: Some("</next>; rel=\"next\"".to_owned()), body: text.as_bytes().to_vec() }
    }

    fn of(site: &str) -> Value {
        json!({"site": site, "spaces": ["ENG"]})
    }

    #[test]
    fn an_answer_is_given_to_the_next_run_once() {
        let folder = Folder::new("once");
        let first = Checkpoint::open(&folder.0, of("a")).expect("a checkpoint");
        first.keep(&[1; KEY], &answer("broken"));
        first.keep(&[1; KEY], &answer("good"));
        assert_eq!(first.answer(&[1; KEY]), None, "what this run has asked it asks again");
        let (began, _) = (first.began, drop(first));
        let next = Checkpoint::open(&folder.0, of("a")).expect("the same");
        assert_eq!(next.began, began);
        assert_eq!(next.answer(&[2; KEY]), None);
        next.keep(&[2; KEY], &answer("two"));
        assert_eq!(next.answer(&[1; KEY]), Some(answer("good")));
        assert_eq!(next.answer(&[1; KEY]), None);
        next.keep(&[3; KEY], &answer("three"));
        drop(next);
        let last = Checkpoint::open(&folder.0, of("a")).expect("the same");
        assert_eq!([1, 2, 3].map(|key| last.answer(&[key; KEY]).is_some()), [true; 3]);
    }

    #[test]
    fn a_record_that_was_cut_off_or_damaged_ends_what_is_read() {
        let folder = Folder::new("cut");
        let first = Checkpoint::open(&folder.0, of("a")).expect("a checkpoint");
        let path = folder.0.join(FILE);
        let mut ends = vec![fs::metadata(&path).expect("a file").len()];
        for key in 1..=3 {
            first.keep(&[key; KEY], &answer(&"x".repeat(usize::from(key) * 100)));
            ends.push(fs::metadata(&path).expect("a file").len());
        }
        drop(first);
        let whole = fs::read(&path).expect("bytes");
        for cut in 0..whole.len() {
            fs::write(&path, &whole[..cut]).expect("a file");
            let read = Checkpoint::open(&folder.0, of("a")).expect("a checkpoint");
            let kept = ends.iter().skip(1).filter(|end| **end <= cut as u64).count();
            let found = (1..=3).filter(|key| read.answer(&[*key; KEY]).is_some()).count();
            assert_eq!(found, kept, "cut at {cut}");
            read.keep(&[9; KEY], &answer("more"));
            drop(read);
            let again = Checkpoint::open(&folder.0, of("a")).expect("a checkpoint");
            assert!(again.answer(&[9; KEY]).is_some());
        }
        let mut damaged = whole;
        let at = usize::try_from(ends[1]).expect("a place") + 60;
        damaged[at] ^= 1;
        fs::write(&path, damaged).expect("a file");
        let read = Checkpoint::open(&folder.0, of("a")).expect("a checkpoint");
        assert_eq!([1, 2, 3].map(|key| read.answer(&[key; KEY]).is_some()), [true, false, false]);
    }

    #[test]
    fn a_checkpoint_of_another_snapshot_or_of_nothing_is_refused() {
        let folder = Folder::new("other");
        let first = Checkpoint::open(&folder.0, of("a")).expect("a checkpoint");
        let used = Checkpoint::open(&folder.0, of("a")).err().expect("in use").to_string();
        assert!(used.ends_with("is in use by another process"), "{used}");
        drop(first);
        let other = Checkpoint::open(&folder.0, of("b")).err().expect("another site").to_string();
        assert!(other.contains(r#"is of another snapshot (site "a" instead of "b")"#), "{other}");
        fs::write(folder.0.join(FILE), "notes\n").expect("a file");
        let foreign = Checkpoint::open(&folder.0, of("a")).err().expect("no checkpoint");
        assert!(foreign.to_string().contains("is not a checkpoint"), "{foreign}");
        assert_eq!(fs::read(folder.0.join(FILE)).expect("bytes"), b"notes\n");
    }

    #[test]
    fn it_ends_with_the_snapshot_unless_asking_again_may_help() {
        let folder = Folder::new("end");
        let mut snapshot = Snapshot::new(Deployment::Cloud);
        for (cause, stays) in [(GapCause::Forbidden, false), (GapCause::ServerError, true)] {
            snapshot.gaps = vec![Gap::new((GapScope::Content, "1"), cause, String::new())];
            Checkpoint::open(&folder.0, of("a")).expect("a checkpoint").finish(&snapshot);
            assert_eq!(folder.0.exists(), stays);
        }
    }
}
