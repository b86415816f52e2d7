//! The files a Data Center node writes its audit log to (one event a line, plain or gzip), and what people save and export
//! of it: an answer of the API, a list, an event over several lines, a CSV, a ZIP.
// Source: https://confluence.atlassian.com/doc/audit-log-integrations-in-confluence-1086402635.html

use std::cmp::Reverse;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use serde_json::value::RawValue;

use super::audit::{AuditRange, Seen};
use super::{Error, Result};
use crate::apis::auditing::{lift, saved};
use crate::apis::errors;
use crate::apis::{Unreadable, UnreadableKind};
use crate::model::{AuditRecord, Gap, GapCause, GapScope, Listing, Origin};

/// Longest line that is read; an event has a few thousand bytes.
const LONGEST: u64 = 16 << 20;

/// Lines of one file that are named when they cannot be read; the others are counted.
const NAMED: usize = 20;

/// How deep a folder is searched.
const DEPTH: usize = 8;

/// How often something packed may be packed again.
const DEEPEST: usize = 3;

/// Most bytes of a document, or of a file in an archive, that are held at once.
const MOST_BYTES: u64 = 1 << 30;

/// Lines between two looks at whether to go on.
const STRIDE: usize = 4096;

/// The records of audit log files in a range, newest first, each once however often it was copied. A folder stands for the
/// files in it, and below, with `.audit.log` in their names, compressed and rotated ones included. A line that cannot be
/// read is a gap that names file and line, and a file that is something else a gap that says what it is. `go_on` is asked now and then; once it says no, what was read until then is
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
    read_within(paths, range, go_on, MOST_BYTES)
}

/// The same, with `most` bytes of a document, or of a file in an archive.
fn read_within(
    paths: &[PathBuf],
    range: &AuditRange,
    go_on: &mut dyn FnMut() -> bool,
    most: u64,
) -> Result<Listing<AuditRecord>> {
    let mut log = Listing::default();
    let files = files(paths, &mut log.gaps)?;
    let mut reading = Reading { text: range.text().map(str::to_lowercase), range, log, seen: Seen::new(), go_on, most };
    for file in files {
        let named = paths.contains(&file);
        if let Err(error) = reading.file(&file, named) {
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
        io::ErrorKind::UnexpectedEof | io::ErrorKind::FileTooLarge => GapCause::Truncated,
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
    /// Most bytes of a document, or of a file in an archive.
    most: u64,
}

impl Reading<'_> {
    fn lost(&mut self, path: &Path, cause: GapCause, message: String) {
        self.log.gaps.push(gap(path, cause, &message));
    }

    fn file(&mut self, path: &Path, named: bool) -> io::Result<()> {
        let file = BufReader::with_capacity(1 << 16, File::open(path)?);
        self.stream(path, Box::new(file), named, DEEPEST)
    }

    /// Reads what a stream holds. Its first bytes say what it is: people rename files when they copy them.
    fn stream(&mut self, path: &Path, mut file: Box<dyn BufRead + '_>, named: bool, deeper: usize) -> io::Result<()> {
        let head = file.fill_buf()?;
        if head.starts_with(&[0x1f, 0x8b]) && deeper > 0 {
            let inside = BufReader::new(MultiGzDecoder::new(file));
            return self.stream(path, Box::new(inside), named, deeper - 1);
        }
        // The second is how an archive without files begins.
        if [b"PK\x03\x04", b"PK\x05\x06"].iter().any(|start| head.starts_with(*start)) && deeper > 0 {
            return self.archive(path, file, deeper - 1);
        }
        if let Some(kind) = foreign(head) {
            self.lost(path, GapCause::Unsupported, format!("it is {kind}, not an audit log"));
            return Ok(());
        }
        self.text(path, file, named)
    }

    /// Reads every file in a ZIP, as the product exports it.
    // Source: https://developer.atlassian.com/cloud/confluence/rest/v1/api-group-audit/
    fn archive(&mut self, path: &Path, file: impl Read, deeper: usize) -> io::Result<()> {
        let mut bytes = Vec::new();
        match Limited::new(file, self.most).read_to_end(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                self.lost(path, GapCause::Unsupported, format!("it is a ZIP of more than {} bytes", self.most));
                return Ok(());
            }
            read => read?,
        };
        let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).map_err(|error| match error {
            zip::result::ZipError::Io(error) => error,
            other => io::Error::new(io::ErrorKind::UnexpectedEof, format!("the ZIP is broken: {other}")),
        })?;
        if archive.index_for_name("[Content_Types].xml").is_some() {
            self.lost(
                path,
                GapCause::Unsupported,
                "it is an Office document, not an audit log: save it as CSV".to_owned(),
            );
            return Ok(());
        }
        let mut files = 0;
        for at in 0..archive.len() {
            let entry = match archive.by_index(at) {
                Ok(entry) => entry,
                Err(error) => {
                    self.lost(
                        path,
                        GapCause::Unreadable,
                        format!("file {} in the ZIP cannot be read: {error}", at + 1),
                    );
                    continue;
                }
            };
            let name = entry.name().map_or_else(|_| format!("file {}", at + 1), std::borrow::Cow::into_owned);
            // What macOS puts beside each file.
            if entry.is_dir() || name.starts_with("__MACOSX/") {
                continue;
            }
            files += 1;
            let inside = path.join(&name);
            let entry = BufReader::new(Limited::new(entry, self.most));
            if let Err(error) = self.stream(&inside, Box::new(entry), true, deeper) {
                self.lost(&inside, cause(&error), format!("it cannot be read to its end: {error}"));
            }
        }
        if files == 0 {
            self.lost(path, GapCause::Unsupported, "it is a ZIP without a file in it".to_owned());
        }
        Ok(())
    }

    /// Reads text: a table, a document of JSON, a web page by its title, else one event a line.
    fn text(&mut self, path: &Path, mut file: Box<dyn BufRead + '_>, named: bool) -> io::Result<()> {
        let mut start = Vec::new();
        let mut from = 0;
        let read = loop {
            let read = file.by_ref().take(LONGEST).read_until(b'\n', &mut start);
            let line = start.get(from..).unwrap_or_default();
            let blank = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0;
            if read.is_err() || line.is_empty() || !line.trim_start_bom().iter().all(blank) {
                break read;
            }
            from = start.len();
        };
        let first = start.get(from..).unwrap_or_default().trim_start_bom();
        if first.is_empty() && read.is_ok() {
            // A node that was just started has written nothing yet.
            if named {
                self.lost(path, GapCause::Unreadable, "it is an empty file".to_owned());
            }
            return Ok(());
        }
        let whole = Box::new(io::Cursor::new(start.clone()).chain(Failing(read.err())).chain(file));
        if errors::is_html(first) {
            let mut page = first.to_vec();
            whole.take(LONGEST).read_to_end(&mut page)?;
            let page = errors::message(&page).unwrap_or_else(|| "a web page".to_owned());
            self.lost(path, GapCause::NotJson, format!("it is {page}, not an audit log: log in and export it again"));
            return Ok(());
        }
        let first = String::from_utf8_lossy(first).into_owned();
        if let Some((separator, columns)) = header(&first) {
            return self.table(path, whole, separator, &columns);
        }
        if first.starts_with(['{', '[']) {
            let open = serde_json::from_str::<serde::de::IgnoredAny>(&first).is_err_and(|error| error.is_eof());
            if open || saved::kept(&first).is_some() {
                return self.document(path, whole);
            }
        }
        self.lines(path, BufReader::new(whole))
    }

    /// Reads values of JSON, over as many lines as they take: saved answers, lists, single events. What turns out to be
    /// nothing of the kind is read line by line.
    fn document(&mut self, path: &Path, file: impl Read) -> io::Result<()> {
        let mut bytes = Vec::new();
        match Limited::new(file, self.most).read_to_end(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                self.lost(path, cause(&error), format!("it cannot be read to its end: {error}"));
            }
            read => {
                read?;
            }
        }
        let text = String::from_utf8_lossy(&bytes);
        if matches!(text, std::borrow::Cow::Owned(_)) {
            self.lost(path, GapCause::Unreadable, "it holds bytes that are no UTF-8, shown as `\u{fffd}`".to_owned());
        }
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}');
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Box<RawValue>>().peekable();
        if let Some(Err(error)) = values.peek() {
            let file = shown(path);
            let single = !text.contains('\n') || text.lines().any(|line| saved::record(line.trim(), &file).is_some());
            if !error.is_eof() || single {
                return self.lines(path, text.as_bytes());
            }
        }
        let (mut bad, mut number) = (0_usize, 0_usize);
        for value in values {
            let value = match value {
                Ok(value) => value,
                Err(error) if error.is_eof() => {
                    self.lost(path, GapCause::Truncated, "it ends in the middle of its JSON".to_owned());
                    break;
                }
                Err(error) => {
                    self.lost(path, GapCause::NotJson, format!("from line {} on it is no JSON", error.line()));
                    break;
                }
            };
            let kept = saved::kept(value.get());
            if kept.as_ref().is_some_and(|kept| kept.more) {
                let message = "it is one page of several: the records on the others are not in it";
                self.lost(path, GapCause::Truncated, message.to_owned());
            }
            for raw in kept.map_or_else(|| vec![value], |kept| kept.records) {
                number += 1;
                match saved::record(raw.get(), &shown(path)) {
                    Some(record) => self.take(record, raw.get()),
                    None => {
                        bad += 1;
                        if bad <= NAMED {
                            self.lost(
                                path,
                                GapCause::Unreadable,
                                format!("record {number} is no event of an audit log"),
                            );
                        }
                    }
                }
            }
            if !(self.go_on)() {
                break;
            }
        }
        if bad > NAMED {
            let more = bad - NAMED;
            self.lost(path, GapCause::Unreadable, format!("{more} more of its {number} records cannot be read"));
        }
        Ok(())
    }

    /// Reads the table the product exports.
    fn table(&mut self, path: &Path, file: impl Read, separator: u8, columns: &saved::Columns) -> io::Result<()> {
        let mut rows = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(file);
        let (mut bad, mut number) = (0_usize, 1_usize);
        let mut moments: Option<(usize, String)> = None;
        let mut cells = csv::ByteRecord::new();
        loop {
            number += 1;
            match rows.read_byte_record(&mut cells) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    return Err(match error.into_kind() {
                        csv::ErrorKind::Io(error) => error,
                        _ => io::Error::other("it is no table"),
                    });
                }
            }
            let texts: Vec<String> = cells.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
            match columns.row(&texts, &shown(path)) {
                Some(row) => {
                    if let Some(text) = row.moment {
                        moments = Some((moments.map_or(0, |(count, _)| count) + 1, text));
                    }
                    let raw = row.record.raw.clone();
                    self.take(row.record, &raw);
                }
                None => {
                    bad += 1;
                    if bad <= NAMED {
                        self.lost(path, GapCause::Unreadable, format!("row {number} says neither when nor what"));
                    }
                }
            }
            if number.is_multiple_of(STRIDE) && !(self.go_on)() {
                break;
            }
        }
        if bad > NAMED {
            let more = bad - NAMED;
            self.lost(path, GapCause::Unreadable, format!("{more} more of its rows cannot be read"));
        }
        if let Some((count, text)) = moments {
            let text = text.escape_debug();
            let message = format!(
                "the time of {count} rows is not understood, such as `{text}`: it is null, whatever range is asked for"
            );
            self.lost(path, GapCause::Unreadable, message);
        }
        Ok(())
    }

    /// Keeps a record that is asked for and that is new.
    fn take(&mut self, record: AuditRecord, text: &str) {
        let within = |at: i64| {
            self.range.since.is_none_or(|since| at >= since) && self.range.until.is_none_or(|until| at <= until)
        };
        let wanted = record.at.is_none_or(|at| within(at.as_millisecond()))
            && self.text.as_ref().is_none_or(|wanted| text.to_lowercase().contains(wanted));
        if wanted && self.seen.is_new(&record.raw) {
            self.log.rows.push(record);
        }
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
            } else if let Some((cause, message)) = self.line(&line, whole, number, &source, &shown(path)) {
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
    fn line(
        &mut self,
        line: &[u8],
        whole: bool,
        number: usize,
        source: &Origin,
        file: &str,
    ) -> Option<(GapCause, String)> {
        let text = String::from_utf8_lossy(line);
        let mangled = matches!(text, std::borrow::Cow::Owned(_));
        // Where a machine went down, what it had not yet written is zeros.
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0' || c == '\u{feff}');
        if text.is_empty() {
            return None;
        }
        let record = match lift::log_line(text.as_bytes(), source) {
            Ok(record) => record,
            // A record of the older shape, or of Cloud.
            Err(problem) if problem.kind() == UnreadableKind::Shape && saved::record(text, file).is_some() => {
                saved::record(text, file)?
            }
            Err(problem) if !whole && problem.kind() == UnreadableKind::Truncated => {
                return Some((GapCause::Truncated, format!("it ends in the middle of line {number}")));
            }
            Err(problem) => return Some((problem.cause(), wrong(number, &problem))),
        };
        self.take(record, text);
        mangled.then(|| {
            (GapCause::Unreadable, format!("line {number} holds bytes that are no UTF-8, shown as `\u{fffd}`"))
        })
    }
}

/// Passes on, once, why what came before it ended.
struct Failing(Option<io::Error>);

impl Read for Failing {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}

/// Reads so many bytes; that there are more is an error, not the end.
struct Limited<R> {
    inside: R,
    most: u64,
    left: u64,
}

impl<R: Read> Limited<R> {
    fn new(inside: R, most: u64) -> Self {
        Self { inside, most, left: most }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !buffer.is_empty() {
            return match self.inside.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(io::Error::new(
                    io::ErrorKind::FileTooLarge,
                    format!("it is longer than the {} bytes that are read of it", self.most),
                )),
            };
        }
        let read = self.inside.by_ref().take(self.left).read(buffer)?;
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}

trait Marked {
    /// Without the mark some programs begin a text with.
    fn trim_start_bom(&self) -> &[u8];
}

impl Marked for [u8] {
    fn trim_start_bom(&self) -> &[u8] {
        self.strip_prefix(b"\xef\xbb\xbf").unwrap_or(self)
    }
}

/// What a file is that is no text, by the bytes such files begin with.
fn foreign(head: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 10] = [
        (b"\x89PNG\r\n\x1a\n", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"%PDF-", "a PDF document"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
        (b"PAR1", "a Parquet file"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
        (b"Rar!\x1a\x07", "a RAR archive"),
        (b"PK\x03\x04", "a ZIP inside too many others"),
    ];
    KINDS.iter().find(|(start, _)| head.starts_with(start)).map(|(_, kind)| *kind)
}

/// How the columns of a table are separated, and what they are, where a line is the header of one.
fn header(line: &str) -> Option<(u8, saved::Columns)> {
    [b',', b';', b'\t'].into_iter().find_map(|separator| {
        let mut reader = csv::ReaderBuilder::new().delimiter(separator).has_headers(false).from_reader(line.as_bytes());
        let cells = reader.records().next()?.ok()?;
        Some((separator, saved::Columns::read(cells.iter())?))
    })
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    const EVENT: &str = r#"{"affectedObjects":[],"author":{"id":"1","name":"Ann Berg","type":"user"},"changedValues":[],"extraAttributes":[{"name":"n","value":"NUMBER"}],"timestamp":"2026-11-03T12:57:25.499Z","type":{"action":"Group created","category":"Users and groups"}}"#;

    fn zipped(name: &str, text: &str) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn what_is_longer_than_is_read_is_a_gap_and_what_ends_there_is_not() {
        let lines: String = (0..200).map(|at| EVENT.replace("NUMBER", &at.to_string()) + "\n").collect();
        let rows: String = (0..300).map(|at| format!("2026-11-21 10:15:00,Ann,Group created,Group: {at}\n")).collect();
        let table = format!("Time (UTC),User,Change,Item affected\n{rows}");
        let list = format!("[\n{}\n]", lines.trim_end().replace('\n', ",\n"));
        let path = std::env::temp_dir().join(format!("audit-limit-{}.zip", std::process::id()));
        for (name, text) in [("lines", &lines), ("table", &table), ("list", &list)] {
            let mut whole = 0;
            for (most, gaps) in [(text.len() as u64, false), (text.len() as u64 - 1, true), (5000, true)] {
                std::fs::write(&path, zipped(name, text)).unwrap();
                let log = read_within(std::slice::from_ref(&path), &AuditRange::default(), &mut || true, most).unwrap();
                let long = log.gaps.iter().filter(|gap| gap.message.contains("longer than the")).count();
                assert_eq!((long == 1, log.gaps.is_empty()), (gaps, !gaps), "{name} {most}: {:?}", log.gaps);
                assert!(log.gaps.iter().any(|gap| gap.cause == GapCause::Truncated) == gaps, "{name} {most}");
                whole = whole.max(log.rows.len());
                assert!(whole > 0 && (most != 5000 || log.rows.len() < whole), "{name} {most}");
            }
        }
        std::fs::write(&path, zipped("x", &lines)).unwrap();
        let log = read_within(std::slice::from_ref(&path), &AuditRange::default(), &mut || true, 50).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!((log.rows.len(), log.gaps.len()), (0, 1));
        assert!(log.gaps[0].message.contains("a ZIP of more than 50 bytes"), "{:?}", log.gaps);
    }
}
