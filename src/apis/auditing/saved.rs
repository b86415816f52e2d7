//! What people keep of an audit log: an answer they saved, a list, single records, and the table that is exported.
//!
//! The columns of the table are those the product shows: `Event type` is the category of a record, `Change` its summary.
//! How a cell writes several things is documented nowhere, so it is read as `name: value` with `;` or a line end between.
// Source: https://mrrefactoring.github.io/confluence.js/interfaces/Models.AuditRecordCreate.html

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::apis::reading;
use crate::model::{AuditRecord, Origin};

/// Reads a record of either shape; `file` is where it stood. `None`: it says neither when nor what.
pub fn record(raw: &str, file: &str) -> Option<AuditRecord> {
    #[derive(Deserialize)]
    struct Shape {
        #[serde(default)]
        author: Value,
    }
    let shape: Shape = serde_json::from_str(raw).ok()?;
    // Only Cloud names accounts so.
    let api = if shape.author.get("accountId").is_some() { "cloud_v1" } else { "auditing" };
    crate::apis::audit_record(raw, &Origin::new(format!("{api} file {file}")))
}

/// The records in one value, and whether it says that there are more of them elsewhere.
pub struct Kept {
    /// As they stand there.
    pub records: Vec<Box<RawValue>>,
    /// Whether this is one page of several.
    pub more: bool,
}

/// The records in an answer that was saved (`entities`, `results`) or in a list. `None`: it is neither.
pub fn kept(raw: &str) -> Option<Kept> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        #[serde(alias = "results")]
        entities: Vec<Box<RawValue>>,
        #[serde(default)]
        paging_info: Value,
        #[serde(default, rename = "_links")]
        links: Value,
    }
    if let Ok(records) = serde_json::from_str(raw) {
        return Some(Kept { records, more: false });
    }
    let answer: Answer = serde_json::from_str(raw).ok()?;
    let more = answer.paging_info.get("lastPage").and_then(Value::as_bool) == Some(false)
        || answer.links.get("next").is_some_and(|next| !next.is_null());
    Some(Kept { records: answer.entities, more })
}

/// What a column of the table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    At,
    Author,
    AuthorId,
    AccountId,
    Address,
    Category,
    Summary,
    Description,
    Affected,
    AffectedType,
    Associated,
    Changed,
    Unknown,
}

impl Column {
    fn named(header: &str) -> Self {
        let word: String = header.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        match word.trim_end_matches("utc") {
            "date" | "time" | "timestamp" | "datetime" | "dateandtime" | "created" | "creationdate" => Self::At,
            "author" | "user" | "actor" | "authorname" | "authordisplayname" | "username" => Self::Author,
            "authorid" | "userid" | "userkey" | "authorkey" | "authoruserkey" => Self::AuthorId,
            "accountid" | "authoraccountid" | "useraccountid" => Self::AccountId,
            "remoteaddress" | "ip" | "ipaddress" | "sourceip" | "source" => Self::Address,
            "category" | "eventtype" => Self::Category,
            "summary" | "change" | "action" | "event" | "eventsummary" => Self::Summary,
            "description" | "details" => Self::Description,
            "affectedobject" | "affectedobjects" | "affectedobjectname" | "itemaffected" | "affecteditem" => {
                Self::Affected
            }
            "affectedobjecttype" | "objecttype" => Self::AffectedType,
            "associatedobject" | "associatedobjects" | "associateditems" => Self::Associated,
            "changedvalue" | "changedvalues" | "changes" => Self::Changed,
            _ => Self::Unknown,
        }
    }
}

/// The columns of a table, in order.
#[derive(Debug, Clone)]
pub struct Columns {
    headers: Vec<String>,
    columns: Vec<Column>,
    /// Whether the header says that times are in UTC.
    utc: bool,
}

/// A row of the table.
pub struct Row {
    /// The record; its text is JSON in the shape of the API, with every cell as it stood under `columns`.
    pub record: AuditRecord,
    /// The moment, where it could not be understood.
    pub moment: Option<String>,
}

impl Columns {
    /// Reads the header of a table. `None`: it is not that of an audit log, which says when and what.
    pub fn read<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Self> {
        let headers: Vec<String> = headers.map(|header| header.trim_matches(['\u{feff}', ' ']).to_owned()).collect();
        let columns: Vec<Column> = headers.iter().map(|header| Column::named(header)).collect();
        let has = |column: Column| columns.contains(&column);
        let utc = headers
            .iter()
            .zip(&columns)
            .any(|(header, column)| *column == Column::At && header.to_lowercase().contains("utc"));
        (has(Column::At) && (has(Column::Summary) || has(Column::Category))).then_some(Self { headers, columns, utc })
    }

    /// Reads a row. `None`: it says neither when nor what.
    pub fn row(&self, cells: &[String], file: &str) -> Option<Row> {
        let cell = |wanted: Column| {
            let mut found = self.columns.iter().zip(cells).filter(|(column, _)| **column == wanted);
            found.find_map(|(_, cell)| Some(cell.trim()).filter(|text| !text.is_empty()))
        };
        let said = cell(Column::At);
        let at = said.and_then(|text| self.moment(text));
        let mut author = Map::new();
        for (member, column) in
            [("displayName", Column::Author), ("id", Column::AuthorId), ("accountId", Column::AccountId)]
        {
            author.extend(cell(column).map(|text| (member.to_owned(), json!(text))));
        }
        let mut affected = cell(Column::Affected).map(things).unwrap_or_default().into_iter();
        let mut first = affected.next();
        if let (Some(Value::Object(thing)), Some(kind)) = (&mut first, cell(Column::AffectedType)) {
            thing.insert("objectType".to_owned(), json!(kind));
        }
        let associated: Vec<Value> = affected.chain(cell(Column::Associated).map(things).unwrap_or_default()).collect();
        // A row may have more cells than the table has columns.
        let name =
            |place: usize| self.headers.get(place).filter(|n| !n.is_empty()).cloned().unwrap_or(place.to_string());
        let columns: Map<String, Value> =
            cells.iter().enumerate().map(|(place, cell)| (name(place), json!(cell))).collect();
        let raw = json!({
            "author": author,
            "remoteAddress": cell(Column::Address),
            "creationDate": at.map(|at| at.as_millisecond()),
            "summary": cell(Column::Summary),
            "description": cell(Column::Description),
            "category": cell(Column::Category),
            "affectedObject": first,
            "changedValues": cell(Column::Changed).map(values).unwrap_or_default(),
            "associatedObjects": associated,
            "columns": columns,
        });
        let record = record(&raw.to_string(), file)?;
        Some(Row { record, moment: said.filter(|_| at.is_none()).map(str::to_owned) })
    }

    /// A moment with its time zone, or in UTC where the header says so.
    fn moment(&self, text: &str) -> Option<crate::model::Timestamp> {
        reading::time(Some(text)).or_else(|| Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp())).or_else(|| {
            let civil: jiff::civil::DateTime = text.parse().ok().filter(|_| self.utc)?;
            Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
        })
    }
}

/// The parts of a cell: the elements of a list in JSON, else what stands between `;` and line ends.
fn parts(cell: &str, read: impl Fn(&str) -> Value) -> Vec<Value> {
    if let Ok(Value::Array(list)) = serde_json::from_str(cell) {
        return list.into_iter().map(|part| if let Value::String(text) = &part { read(text) } else { part }).collect();
    }
    cell.split([';', '\n']).map(str::trim).filter(|part| !part.is_empty()).map(read).collect()
}

/// Things a record is about: `Space: Engineering`, or a name alone.
fn things(cell: &str) -> Vec<Value> {
    parts(cell, |part| match part.split_once(": ") {
        Some((kind, name)) if kind.split_whitespace().count() <= 2 => json!({"name": name, "objectType": kind}),
        _ => json!({"name": part, "objectType": null}),
    })
}

/// Values that were changed: `Type: VIEWSPACE`, `Name: old -> new`.
fn values(cell: &str) -> Vec<Value> {
    parts(cell, |part| {
        let (name, value) = part.split_once(": ").map_or((None, part), |(name, value)| (Some(name), value));
        match value.split_once(" -> ").or_else(|| value.split_once(" → ")) {
            Some((old, new)) => json!({"name": name, "oldValue": old, "newValue": new}),
            None => json!({"name": name, "newValue": value}),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(header: &str) -> Option<Columns> {
        Columns::read(header.split(','))
    }

    fn row(header: &str, cells: &[&str]) -> Option<Row> {
        columns(header)?.row(&cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>(), "x.csv")
    }

    #[test]
    fn a_header_of_an_audit_log_says_when_and_what() {
        assert!(columns("\u{feff}Time (UTC),User,Event type,Change,Item affected").is_some());
        assert!(columns("creationDate,author,summary,category").is_some());
        assert!(columns("Name,Date,Size").is_none());
        assert!(columns("").is_none());
    }

    #[test]
    fn a_row_is_a_record_that_can_be_read_again_and_keeps_every_cell() {
        let header = "Date,Author,Author account ID,IP address,Category,Summary,Affected object,Associated objects,Changed values,Tier";
        let cells = [
            "2026-11-21T10:15:00Z",
            "Ann Berg",
            "712020:aa",
            "10.0.0.1",
            "Permissions",
            "Space permission added",
            "Group: eng",
            "Space: Engineering; Page: Plan",
            "Type: VIEWSPACE\nState: off -> on",
            "gold",
        ];
        let record = row(header, &cells).unwrap().record;
        assert_eq!(record.at, "2026-11-21T10:15:00Z".parse().ok());
        assert_eq!((record.author.name.as_deref(), record.author.id.as_deref()), (Some("Ann Berg"), Some("712020:aa")));
        assert_eq!(record.source.as_str(), "cloud_v1 file x.csv");
        let objects: Vec<_> =
            record.objects.iter().map(|o| (o.kind.as_deref(), o.name.as_deref(), o.affected)).collect();
        assert_eq!(
            objects,
            [
                (Some("Group"), Some("eng"), true),
                (Some("Space"), Some("Engineering"), false),
                (Some("Page"), Some("Plan"), false)
            ]
        );
        assert_eq!(record.changes[1].old.as_deref(), Some("off"));
        let raw: Value = serde_json::from_str(&record.raw).unwrap();
        assert_eq!(raw["columns"]["Tier"], "gold");
        assert_eq!(crate::apis::audit_record(&record.raw, &record.source), Some(record));
    }

    #[test]
    fn a_moment_without_a_time_zone_is_not_guessed() {
        let at = |header: &str, text: &str| row(&format!("{header},Change"), &[text, "Group created"]).unwrap();
        assert_eq!(at("Time (UTC)", "2026-11-21 10:15:00").record.at, "2026-11-21T10:15:00Z".parse().ok());
        assert_eq!(at("Date", "1764074955065").record.at.map(|at| at.as_millisecond()), Some(1_764_074_955_065));
        let unknown = at("Date", "21/11/26 10:15");
        assert_eq!((unknown.record.at, unknown.moment.as_deref()), (None, Some("21/11/26 10:15")));
        assert_eq!(at("Date", "2026-11-21 10:15:00").record.at, None);
    }

    #[test]
    fn answers_and_lists_hold_records_and_say_whether_there_are_more() {
        let of = |text: &str| kept(text).map(|kept| (kept.records.len(), kept.more));
        assert_eq!(of(r#"{"entities":[{},{}],"pagingInfo":{"lastPage":false}}"#), Some((2, true)));
        assert_eq!(of(r#"{"results":[{}],"_links":{"next":"/x"}}"#), Some((1, true)));
        assert_eq!(of(r#"{"results":[{}],"_links":{}}"#), Some((1, false)));
        assert_eq!(of("[{}]"), Some((1, false)));
        assert_eq!(of(r#"{"summary":"x"}"#), None);
    }
}
