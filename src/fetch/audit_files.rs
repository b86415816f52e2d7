//! The files a Data Center node writes its audit log to: one event a line, plain or gzip.
// Source: https://confluence.atlassian.com/doc/audit-log-integrations-in-confluence-1086402635.html

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::audit::{AuditRange, Seen};
use super::{Error, Result};
use crate::apis::auditing::lift;
use crate::apis::{Unreadable, UnreadableKind};
use crate::model::{AuditRecord, Gap, GapCause, GapScope, Listing, Origin};

/// Longest line that is read; an event has a few thousand bytes.
const LONGEST: u64 = 16 << 20;

/// Lines of one file that are named when they cannot be read; the others are counted.
const NAMED: usize = 20;

/// How deep a folder is searched.
const DEPTH: usize = 8;

/// Lines between two looks at whether to go on.
const STRIDE: usize = 4096;

/// The records of audit log files in a range, newest first, each once however often it was copied. A folder stands for the
/// files in it, and below, with `.audit.log` in their names, compressed and rotated ones included. A line that cannot be
/// read is a gap that names file and line. `go_on` is asked now and then; once it says no, what was read until then is
/// the answer, with a gap.
///
/// # Errors
/// [`ErrorKind::Configuration`](super::ErrorKind::Configuration) where no path is given, where there is nothing at one, and
/// where a folder holds no such file.
pub fn read_audit_log(
    paths: &[PathBuf],
    range: &AuditRange,
    go_on: &mut dyn FnMut() -> bool,
) -> Result<Listing<AuditRecord>> {
    let mut log = Listing::default();
    let files = files(paths, &mut log.gaps)?;
    let mut reading = Reading { text: range.text().map(str::to_lowercase), range, log, seen: Seen::new(), go_on };
    for file in files {
        if let Err(error) = reading.file(&file) {
            reading.lost(&file, cause(&error), format!("it cannot be read to its end: {error}"));
        }
        if !(reading.go_on)() {
            reading.lost(&file, GapCause::Truncated, "the reading was stopped there".to_owned());
            break;
        }
    }
    let mut log = reading.log;
    log.rows.sort_by_key(|record| Reverse(record.at));
    Ok(log)
}

fn cause(error: &io::Error) -> GapCause {
    match error.kind() {
        io::ErrorKind::PermissionDenied => GapCause::Forbidden,
        io::ErrorKind::NotFound => GapCause::NotFound,
        io::ErrorKind::UnexpectedEof => GapCause::Truncated,
        _ => GapCause::Unreadable,
    }
}

/// A path as it is shown.
fn shown(path: &Path) -> String {
    path.display().to_string().escape_debug().to_string()
}

fn gap(path: &Path, cause: GapCause, message: &str) -> Gap {
    let path = shown(path);
    Gap {
        scope: GapScope::Audit,
        message: format!("`{path}`: {message}"),
        subject: path,
        cause,
        status: None,
        route: None,
    }
}

/// The files that are meant, each once.
fn files(paths: &[PathBuf], gaps: &mut Vec<Gap>) -> Result<Vec<PathBuf>> {
    let (mut files, mut known) = (Vec::new(), HashSet::new());
    if paths.is_empty() {
        return Err(Error::configuration("no audit log file is named: give one, or the folder they are in"));
    }
    for path in paths {
        let Ok(found) = path.metadata() else {
            return Err(Error::configuration(format!(
                "there is no file `{}`: Data Center keeps its audit log in `<home>/log/audit/*.audit.log`",
                shown(path)
            )));
        };
        let mut here = Vec::new();
        if found.is_dir() {
            below(path, DEPTH, &mut here, gaps);
            if here.is_empty() {
                let path = shown(path);
                return Err(Error::configuration(format!("no file in `{path}` has `.audit.log` in its name")));
            }
            here.sort();
        } else {
            here.push(path.clone());
        }
        files
            .extend(here.into_iter().filter(|file| known.insert(file.canonicalize().unwrap_or_else(|_| file.clone()))));
    }
    Ok(files)
}

/// The audit log files in a folder and below it.
fn below(folder: &Path, depth: usize, found: &mut Vec<PathBuf>, gaps: &mut Vec<Gap>) {
    let entries = match folder.read_dir() {
        Ok(entries) => entries,
        Err(error) => {
            gaps.push(gap(folder, cause(&error), &format!("the folder cannot be read: {error}")));
            return;
        }
    };
    for entry in entries.flatten() {
        let path = entry.path();
        // A link to a folder may lead back up.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if depth > 0 {
                below(&path, depth - 1, found, gaps);
            }
        } else if path.is_file() && entry.file_name().to_string_lossy().to_lowercase().contains(".audit.log") {
            found.push(path);
        }
    }
}

struct Reading<'a> {
    range: &'a AuditRange,
    /// What is searched for, in lower case.
    text: Option<String>,
    log: Listing<AuditRecord>,
    seen: Seen,
    go_on: &'a mut dyn FnMut() -> bool,
}

impl Reading<'_> {
    fn lost(&mut self, path: &Path, cause: GapCause, message: String) {
        self.log.gaps.push(gap(path, cause, &message));
    }

    fn file(&mut self, path: &Path) -> io::Result<()> {
        let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
        // What a file is, its first bytes say; names are changed by whoever copies them.
        let packed = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
        if packed { self.lines(path, BufReader::new(MultiGzDecoder::new(file))) } else { self.lines(path, file) }
    }

    fn lines(&mut self, path: &Path, mut file: impl BufRead) -> io::Result<()> {
        let source = Origin::new(format!("auditing file {}", shown(path)));
        let mut line = Vec::new();
        let (mut number, mut bad) = (0_usize, 0_usize);
        let ended = loop {
            line.clear();
            // What a broken archive gave before it broke is a line like any other.
            let read = file.by_ref().take(LONGEST).read_until(b'\n', &mut line);
            if line.is_empty() {
                break read.map(|_| ());
            }
            number += 1;
            let whole = line.last() == Some(&b'\n');
            if !whole && line.len() as u64 >= LONGEST {
                bad += 1;
                self.lost(path, GapCause::Unreadable, format!("line {number} is longer than {} MiB", LONGEST >> 20));
                skip_line(&mut file)?;
            } else if let Some((cause, message)) = self.line(&line, whole, number, &source) {
                bad += 1;
                if bad <= NAMED {
                    self.lost(path, cause, message);
                }
            }
            if let Err(error) = read {
                break Err(error);
            }
            if number.is_multiple_of(STRIDE) && !(self.go_on)() {
                break Ok(());
            }
        };
        if bad > NAMED {
            let more = bad - NAMED;
            self.lost(path, GapCause::Unreadable, format!("{more} more of its {number} lines cannot be read"));
        }
        ended
    }

    /// Reads a line; gives back what is wrong with it.
    fn line(&mut self, line: &[u8], whole: bool, number: usize, source: &Origin) -> Option<(GapCause, String)> {
        let text = String::from_utf8_lossy(line);
        let mangled = matches!(text, std::borrow::Cow::Owned(_));
        // Where a machine went down, what it had not yet written is zeros.
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}');
        if text.is_empty() {
            return None;
        }
        let record = match lift::log_line(text.as_bytes(), source) {
            Ok(record) => record,
            Err(problem) if !whole && problem.kind() == UnreadableKind::Truncated => {
                return Some((GapCause::Truncated, format!("it ends in the middle of line {number}")));
            }
            Err(problem) => return Some((problem.cause(), wrong(number, &problem))),
        };
        let within = |at: i64| {
            self.range.since.is_none_or(|since| at >= since) && self.range.until.is_none_or(|until| at <= until)
        };
        let wanted = record.at.is_none_or(|at| within(at.as_millisecond()))
            && self.text.as_ref().is_none_or(|wanted| text.to_lowercase().contains(wanted));
        if wanted && self.seen.is_new(&record.raw) {
            self.log.rows.push(record);
        }
        mangled.then(|| {
            (GapCause::Unreadable, format!("line {number} holds bytes that are no UTF-8, shown as `\u{fffd}`"))
        })
    }
}

fn wrong(number: usize, problem: &Unreadable) -> String {
    match problem.kind() {
        UnreadableKind::Empty => format!("line {number} is empty"),
        UnreadableKind::Html => format!("line {number} is part of a web page"),
        UnreadableKind::Truncated => format!("line {number} ends in the middle of its JSON"),
        UnreadableKind::NotJson => format!("line {number} is no JSON"),
        UnreadableKind::Shape => format!("line {number} is no event of an audit log"),
    }
}

/// Reads on to the end of a line without keeping it.
fn skip_line(file: &mut impl BufRead) -> io::Result<()> {
    loop {
        let chunk = file.fill_buf()?;
        let (used, end) = match chunk.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (chunk.len(), chunk.is_empty()),
        };
        file.consume(used);
        if end {
            return Ok(());
        }
    }
}
