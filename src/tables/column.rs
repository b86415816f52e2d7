//! A column: its name, its type, what it means, and how a record fills it.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Int64Builder, ListBuilder, StringBuilder, TimestampMicrosecondBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Field, TimeUnit};

use crate::model::{Origin, Subject, Timestamp};

/// Type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text, UTF-8.
    Text,
    /// A list of texts.
    Texts,
    /// True or false.
    Flag,
    /// A whole number.
    Count,
    /// A moment in UTC, with microseconds.
    Time,
}

impl Kind {
    /// The word documentation uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Texts => "list of text",
            Self::Flag => "true or false",
            Self::Count => "whole number",
            Self::Time => "UTC time, microseconds",
        }
    }

    /// The Arrow type.
    pub fn data_type(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Texts => DataType::List(Arc::new(Field::new("item", DataType::Utf8, true))),
            Self::Flag => DataType::Boolean,
            Self::Count => DataType::Int64,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }
}

/// One value of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<'a> {
    /// The server did not say.
    Null,
    /// A text.
    Text(Cow<'a, str>),
    /// Texts.
    Texts(Vec<Cow<'a, str>>),
    /// True or false.
    Flag(bool),
    /// A whole number.
    Count(i64),
    /// Microseconds since 1970 in UTC.
    Time(i64),
}

impl<'a> Cell<'a> {
    /// The kind of a subject.
    pub fn subject_type(subject: &'a Subject) -> Self {
        Self::from(subject.kind.as_str())
    }

    /// The id of a subject; null where its kind says all, or the server gave none.
    pub fn subject_id(subject: &'a Subject) -> Self {
        if Subject::is_given(&subject.id) { Self::from(&subject.id) } else { Self::Null }
    }

    /// Subjects, each as text.
    pub fn subjects(subjects: &'a [Subject]) -> Self {
        Self::Texts(subjects.iter().map(|s| Cow::Owned(s.to_string())).collect())
    }
}

/// Words of a vocabulary are texts.
macro_rules! words {
    ($($name:ty),+ $(,)?) => {
        $(impl<'a> From<&'a $name> for Cell<'a> {
            fn from(word: &'a $name) -> Self {
                word.as_str().into()
            }
        }

        impl<'a> From<&'a Option<$name>> for Cell<'a> {
            fn from(word: &'a Option<$name>) -> Self {
                word.as_ref().map_or(Self::Null, Self::from)
            }
        })+
    };
}

words!(
    crate::model::AuthorType,
    crate::model::ChangeKind,
    crate::model::ChangeScope,
    crate::model::Confidence,
    crate::model::ContentStatus,
    crate::model::ContentType,
    crate::model::Decision,
    crate::model::GapCause,
    crate::model::GapScope,
    crate::model::GroupSource,
    crate::model::Permission,
    crate::model::SitePermission,
    crate::model::RestrictionOperation,
    crate::model::UserType,
    Origin,
);

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a String> for Cell<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl<'a> From<&'a Arc<str>> for Cell<'a> {
    fn from(text: &'a Arc<str>) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'a> From<&'a Vec<String>> for Cell<'a> {
    fn from(texts: &'a Vec<String>) -> Self {
        Self::Texts(texts.iter().map(|t| Cow::Borrowed(t.as_str())).collect())
    }
}

impl From<bool> for Cell<'_> {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<i64> for Cell<'_> {
    fn from(count: i64) -> Self {
        Self::Count(count)
    }
}

impl From<u16> for Cell<'_> {
    fn from(count: u16) -> Self {
        Self::Count(i64::from(count))
    }
}

impl From<u32> for Cell<'_> {
    fn from(count: u32) -> Self {
        Self::Count(i64::from(count))
    }
}

impl From<u64> for Cell<'_> {
    fn from(count: u64) -> Self {
        Self::Count(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<usize> for Cell<'_> {
    fn from(count: usize) -> Self {
        Self::Count(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

impl From<Timestamp> for Cell<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Time(at.as_microsecond())
    }
}

impl<'a, T> From<Option<T>> for Cell<'a>
where
    Cell<'a>: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

impl<'a> From<&'a Option<Arc<str>>> for Cell<'a> {
    fn from(text: &'a Option<Arc<str>>) -> Self {
        text.as_deref().into()
    }
}

impl<'a> From<&'a Option<String>> for Cell<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_deref().into()
    }
}

/// What is said about a column: the same sentence in the schema, the documentation and the record class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// Name scripts rely on.
    pub name: &'static str,
    /// Type.
    pub kind: Kind,
    /// Whether it may be null: "the server did not say".
    pub nullable: bool,
    /// One sentence.
    pub doc: &'static str,
}

impl About {
    /// The Arrow field.
    pub fn field(&self) -> Field {
        Field::new(self.name, self.kind.data_type(), self.nullable)
    }
}

/// A column of records `R`.
#[derive(Debug)]
pub struct Column<R: 'static> {
    /// What it is.
    pub about: About,
    /// How a record fills it.
    pub cell: for<'a> fn(&'a R) -> Cell<'a>,
}

impl<R> Column<R> {
    const fn new(kind: Kind, name: &'static str, doc: &'static str, cell: for<'a> fn(&'a R) -> Cell<'a>) -> Self {
        Self { about: About { name, kind, nullable: false, doc }, cell }
    }

    /// A column of text.
    pub const fn text(name: &'static str, doc: &'static str, cell: for<'a> fn(&'a R) -> Cell<'a>) -> Self {
        Self::new(Kind::Text, name, doc, cell)
    }

    /// A column of lists of text.
    pub const fn texts(name: &'static str, doc: &'static str, cell: for<'a> fn(&'a R) -> Cell<'a>) -> Self {
        Self::new(Kind::Texts, name, doc, cell)
    }

    /// A column of true and false.
    pub const fn flag(name: &'static str, doc: &'static str, cell: for<'a> fn(&'a R) -> Cell<'a>) -> Self {
        Self::new(Kind::Flag, name, doc, cell)
    }

    /// A column of whole numbers.
    pub const fn count(name: &'static str, doc: &'static str, cell: for<'a> fn(&'a R) -> Cell<'a>) -> Self {
        Self::new(Kind::Count, name, doc, cell)
    }

    /// A column of moments.
    pub const fn time(name: &'static str, doc: &'static str, cell: for<'a> fn(&'a R) -> Cell<'a>) -> Self {
        Self::new(Kind::Time, name, doc, cell)
    }

    /// The same column, where null stands for "the server did not say".
    #[must_use]
    pub const fn null(mut self) -> Self {
        self.about.nullable = true;
        self
    }

    /// The values of `rows` in this column.
    pub fn array(&self, rows: &[R]) -> ArrayRef {
        let cells = rows.iter().map(self.cell);
        // A null where the declaration allows none becomes the empty value; the tests look for such a declaration.
        let filled = |cell: Cell<'_>| cell == Cell::Null && !self.about.nullable;
        match self.about.kind {
            Kind::Text => {
                let mut out = StringBuilder::with_capacity(rows.len(), rows.len() * 16);
                for cell in cells {
                    match cell {
                        Cell::Text(text) => out.append_value(text),
                        other if filled(other.clone()) => out.append_value(""),
                        _ => out.append_null(),
                    }
                }
                Arc::new(out.finish())
            }
            Kind::Texts => {
                let mut out = ListBuilder::new(StringBuilder::new());
                for cell in cells {
                    match cell {
                        Cell::Texts(texts) => {
                            for text in texts {
                                out.values().append_value(text);
                            }
                            out.append(true);
                        }
                        other => out.append(filled(other)),
                    }
                }
                Arc::new(out.finish())
            }
            Kind::Flag => {
                let mut out = BooleanBuilder::with_capacity(rows.len());
                for cell in cells {
                    match cell {
                        Cell::Flag(flag) => out.append_value(flag),
                        other if filled(other.clone()) => out.append_value(false),
                        _ => out.append_null(),
                    }
                }
                Arc::new(out.finish())
            }
            Kind::Count => {
                let mut out = Int64Builder::with_capacity(rows.len());
                for cell in cells {
                    match cell {
                        Cell::Count(count) => out.append_value(count),
                        other if filled(other.clone()) => out.append_value(0),
                        _ => out.append_null(),
                    }
                }
                Arc::new(out.finish())
            }
            Kind::Time => {
                let mut out = TimestampMicrosecondBuilder::with_capacity(rows.len());
                for cell in cells {
                    match cell {
                        Cell::Time(micros) => out.append_value(micros),
                        other if filled(other.clone()) => out.append_value(0),
                        _ => out.append_null(),
                    }
                }
                Arc::new(out.finish().with_timezone("UTC"))
            }
        }
    }
}

/// The value of `array` at `row`; null also where the array is not of the type `kind`.
pub fn cell_at(array: &dyn Array, kind: Kind, row: usize) -> Cell<'_> {
    if row >= array.len() || array.is_null(row) {
        return Cell::Null;
    }
    match kind {
        Kind::Text => array.as_string_opt::<i32>().map(|a| a.value(row)).into(),
        Kind::Flag => array.as_boolean_opt().map(|a| a.value(row)).into(),
        Kind::Count => array.as_primitive_opt::<Int64Type>().map(|a| a.value(row)).into(),
        Kind::Time => {
            array.as_primitive_opt::<TimestampMicrosecondType>().map_or(Cell::Null, |a| Cell::Time(a.value(row)))
        }
        Kind::Texts => array.as_list_opt::<i32>().map_or(Cell::Null, |list| {
            let values = list.value(row);
            let texts = values.as_string_opt::<i32>();
            Cell::Texts(texts.iter().flat_map(|t| t.iter().flatten()).map(|t| Cow::Owned(t.to_owned())).collect())
        }),
    }
}

/// Columns of a record: `type "name": "What it means." = value`, with `or null` after the name where the server may not
/// have said.
macro_rules! columns {
    ($record:ty, $row:ident => $($kind:ident $name:literal $(or $null:ident)?: $doc:literal = $value:expr),+ $(,)?) => {
        &[$(
            $crate::tables::Column::<$record>::$kind($name, $doc, |$row| $crate::tables::Cell::from($value))
                $(.$null())?
        ),+]
    };
}

pub(crate) use columns;
