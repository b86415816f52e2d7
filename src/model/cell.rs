//! Cells: what a value is in a column, and how it is read back from one.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::{Origin, Timestamp};

/// Type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Text, UTF-8.
    Text,
    /// A list of texts.
    Texts,
    /// A list of lists of texts.
    Lists,
    /// True or false.
    Flag,
    /// A whole number.
    Count,
    /// A moment in UTC, with microseconds.
    Time,
}

impl Kind {
    /// The word documentation uses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Texts => "list of text",
            Self::Lists => "list of lists of text",
            Self::Flag => "true or false",
            Self::Count => "whole number",
            Self::Time => "UTC time, microseconds",
        }
    }

    /// The cell that holds nothing without being null.
    pub const fn empty(self) -> Cell<'static> {
        match self {
            Self::Text => Cell::Text(Cow::Borrowed("")),
            Self::Texts => Cell::Texts(Vec::new()),
            Self::Lists => Cell::Lists(Cow::Borrowed(&[])),
            Self::Flag => Cell::Flag(false),
            Self::Count => Cell::Count(0),
            Self::Time => Cell::Time(0),
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
    /// Lists of texts.
    Lists(Cow<'a, [Vec<String>]>),
    /// True or false.
    Flag(bool),
    /// A whole number.
    Count(i64),
    /// Microseconds since 1970 in UTC.
    Time(i64),
}

impl Cell<'_> {
    /// The text in it.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A type as the Python classes name it.
pub trait Typed {
    /// The name, such as `str` or `tuple[str, ...] | None`.
    fn type_name() -> String;
}

/// What can stand in a column.
pub trait Value: Typed {
    /// Type of the column.
    const KIND: Kind;
    /// Whether it may be null: "the server did not say".
    const NULLABLE: bool = false;

    /// The value as a cell.
    fn cell(&self) -> Cell<'_>;
}

/// Origins by their text: thousands of rows share one.
pub type Origins = HashMap<String, Origin>;

/// What can be read back from a column.
pub trait Stored: Value + Sized {
    /// The value of a cell; `None` where the cell holds something else.
    fn read(cell: &Cell<'_>, origins: &mut Origins) -> Option<Self>;
}

impl<T: Typed> Typed for Option<T> {
    fn type_name() -> String {
        format!("{} | None", T::type_name())
    }
}

impl<T: Value> Value for Option<T> {
    const KIND: Kind = T::KIND;
    const NULLABLE: bool = true;

    fn cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Null, T::cell)
    }
}

impl<T: Stored> Stored for Option<T> {
    fn read(cell: &Cell<'_>, origins: &mut Origins) -> Option<Self> {
        match cell {
            Cell::Null => Some(None),
            cell => T::read(cell, origins).map(Some),
        }
    }
}

impl<T: Typed> Typed for Vec<T> {
    fn type_name() -> String {
        format!("tuple[{}, ...]", T::type_name())
    }
}

/// Types that are one type of Python.
macro_rules! typed {
    ($($type:ty: $name:expr),+) => {
        $(impl $crate::model::Typed for $type {
            fn type_name() -> String {
                $name.to_owned()
            }
        })+
    };
}

pub(crate) use typed;

/// Types that are one type of Python, and what they are in a cell.
macro_rules! values {
    ($($type:ty: $name:literal, $kind:ident, |$value:ident| $cell:expr;)+) => {
        $(typed!($type: $name);

        impl Value for $type {
            const KIND: Kind = Kind::$kind;

            fn cell(&self) -> Cell<'_> {
                let $value = self;
                Cell::$kind($cell)
            }
        })+
    };
}

values! {
    &'static str: "str", Text, |text| Cow::Borrowed(*text);
    Arc<str>: "str", Text, |text| Cow::Borrowed(&**text);
    String: "str", Text, |text| Cow::Borrowed(text.as_str());
    Origin: "str", Text, |origin| Cow::Borrowed(origin.as_str());
    bool: "bool", Flag, |flag| *flag;
    u16: "int", Count, |count| i64::from(*count);
    u32: "int", Count, |count| i64::from(*count);
    u64: "int", Count, |count| i64::try_from(*count).unwrap_or(i64::MAX);
    usize: "int", Count, |count| i64::try_from(*count).unwrap_or(i64::MAX);
    Timestamp: "datetime", Time, |at| at.as_microsecond();
}

impl Typed for BTreeMap<String, String> {
    fn type_name() -> String {
        "Mapping[str, str]".to_owned()
    }
}

impl Value for Vec<String> {
    const KIND: Kind = Kind::Texts;

    fn cell(&self) -> Cell<'_> {
        Cell::Texts(self.iter().map(|text| Cow::Borrowed(text.as_str())).collect())
    }
}

impl Value for Vec<Arc<str>> {
    const KIND: Kind = Kind::Texts;

    fn cell(&self) -> Cell<'_> {
        Cell::Texts(self.iter().map(|text| Cow::Borrowed(&**text)).collect())
    }
}

typed!(Arc<[Arc<str>]>: "tuple[str, ...]");
impl Value for Arc<[Arc<str>]> {
    const KIND: Kind = Kind::Texts;

    fn cell(&self) -> Cell<'_> {
        Cell::Texts(self.iter().map(|text| Cow::Borrowed(&**text)).collect())
    }
}

typed!(Arc<[Vec<String>]>: "tuple[tuple[str, ...], ...]");

impl Value for Arc<[Vec<String>]> {
    const KIND: Kind = Kind::Lists;

    fn cell(&self) -> Cell<'_> {
        Cell::Lists(Cow::Borrowed(self))
    }
}

impl Stored for String {
    fn read(cell: &Cell<'_>, _: &mut Origins) -> Option<Self> {
        cell.as_text().map(str::to_owned)
    }
}

impl Stored for Vec<String> {
    fn read(cell: &Cell<'_>, _: &mut Origins) -> Option<Self> {
        match cell {
            Cell::Texts(texts) => Some(texts.iter().map(|text| text.to_string()).collect()),
            _ => None,
        }
    }
}

impl Stored for Origin {
    fn read(cell: &Cell<'_>, origins: &mut Origins) -> Option<Self> {
        let text = cell.as_text()?;
        if let Some(origin) = origins.get(text) {
            return Some(origin.clone());
        }
        let origin = Self::new(text);
        origins.insert(text.to_owned(), origin.clone());
        Some(origin)
    }
}

impl Stored for bool {
    fn read(cell: &Cell<'_>, _: &mut Origins) -> Option<Self> {
        match cell {
            Cell::Flag(flag) => Some(*flag),
            _ => None,
        }
    }
}

impl Stored for u16 {
    fn read(cell: &Cell<'_>, _: &mut Origins) -> Option<Self> {
        match cell {
            Cell::Count(count) => Self::try_from(*count).ok(),
            _ => None,
        }
    }
}

impl Stored for Timestamp {
    fn read(cell: &Cell<'_>, _: &mut Origins) -> Option<Self> {
        match cell {
            Cell::Time(micros) => Self::from_microsecond(*micros).ok(),
            _ => None,
        }
    }
}

/// An enum over words, which stands in a column as its word. `as $python` names the closed type of
/// `confluence_access.types` it is in Python; without it the vocabulary is open, a `str`. What can be read back says how
/// a word is read.
macro_rules! word {
    ($name:ty) => {
        $crate::model::word!($name as "str");
    };
    ($name:ty as $python:literal) => {
        $crate::model::typed!($name: $python);

        impl $crate::model::Value for $name {
            const KIND: $crate::model::Kind = $crate::model::Kind::Text;

            fn cell(&self) -> $crate::model::Cell<'_> {
                self.as_str().into()
            }
        }
    };
    ($name:ty $(as $python:literal)?, |$word:ident| $read:expr) => {
        $crate::model::word!($name $(as $python)?);

        impl $crate::model::Stored for $name {
            fn read(cell: &$crate::model::Cell<'_>, _: &mut $crate::model::Origins) -> Option<Self> {
                let $word = cell.as_text()?;
                $read
            }
        }
    };
}

pub(crate) use word;

impl<'a, T: Value> From<&'a T> for Cell<'a> {
    fn from(value: &'a T) -> Self {
        value.cell()
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Cell<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<Vec<&'static str>> for Cell<'_> {
    fn from(texts: Vec<&'static str>) -> Self {
        Self::Texts(texts.into_iter().map(Cow::Borrowed).collect())
    }
}

impl From<Vec<String>> for Cell<'_> {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(texts.into_iter().map(Cow::Owned).collect())
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
