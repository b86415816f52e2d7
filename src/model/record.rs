//! Records: what stands in a table as a row. A column is declared once, as a row of [`record!`].

use super::cell::{Cell, Kind, Origins, Stored};

/// What is said about a column: the same in the schema, the documentation and the class in Python.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Name scripts rely on.
    pub name: &'static str,
    /// Type.
    pub kind: Kind,
    /// Whether it may be null: "the server did not say".
    pub nullable: bool,
    /// What it means, in a sentence or two.
    pub doc: &'static str,
    /// Its type in Python.
    pub type_name: fn() -> String,
}

/// A column of records `R`.
#[derive(Debug)]
pub struct Column<R: 'static> {
    /// What it is.
    pub about: About,
    /// How a record fills it.
    pub cell: for<'a> fn(&'a R) -> Cell<'a>,
}

/// What can be put into a table.
pub trait Record: Sized + 'static {
    /// Name of the record.
    const NAME: &'static str;
    /// What one row is; after an empty line where it comes from, and what it cannot say.
    const DOC: &'static str;
    /// Its columns, in order.
    const COLUMNS: &'static [Column<Self>];
}

/// A record without its type: what a table says about its rows.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// Name of the record.
    pub name: &'static str,
    /// What one row is, and where it comes from, as written.
    pub doc: &'static str,
    /// Its columns, in order.
    pub columns: Vec<About>,
}

impl Declaration {
    /// The declaration of `R`.
    pub fn of<R: Record>() -> Self {
        Self { name: R::NAME, doc: R::DOC, columns: R::COLUMNS.iter().map(|column| column.about).collect() }
    }

    /// What one row is.
    pub fn meaning(&self) -> String {
        let lines = self.doc.lines().map(str::trim).take_while(|line| !line.is_empty());
        lines.collect::<Vec<_>>().join(" ")
    }
}

/// A cell that holds a value the column cannot have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongCell {
    /// Which column.
    pub column: &'static str,
    /// What stands there.
    pub value: String,
}

/// A row that is read back into its record.
#[derive(Debug)]
pub struct Row<'a> {
    /// The declared columns.
    pub columns: &'a [About],
    /// The cells, in their order.
    pub cells: Vec<Cell<'a>>,
    /// Origins of the rows before.
    pub origins: &'a mut Origins,
}

impl Row<'_> {
    /// The cell of a column.
    pub fn cell(&self, column: &str) -> &Cell<'_> {
        let at = self.columns.iter().position(|about| about.name == column);
        at.and_then(|at| self.cells.get(at)).unwrap_or(&Cell::Null)
    }

    /// The value of a column; where the column cannot be null, a null is the empty value.
    ///
    /// # Errors
    /// Where the cell cannot be such a value.
    pub fn read<T: Stored>(&mut self, column: &'static str) -> Result<T, WrongCell> {
        let at = self.columns.iter().position(|about| about.name == column);
        let empty = T::KIND.empty();
        let cell = match at.and_then(|at| self.cells.get(at)) {
            None | Some(Cell::Null) if !T::NULLABLE => &empty,
            found => found.unwrap_or(&Cell::Null),
        };
        T::read(cell, self.origins).ok_or_else(|| WrongCell {
            column,
            value: match cell {
                Cell::Null => "null".to_owned(),
                Cell::Text(text) => text.to_string(),
                Cell::Texts(texts) => texts.join(", "),
                Cell::Lists(lists) => format!("{lists:?}"),
                Cell::Flag(flag) => flag.to_string(),
                Cell::Count(number) | Cell::Time(number) => number.to_string(),
            },
        })
    }
}

/// A record that can be read back from its columns.
pub trait StoredRecord: Record {
    /// The record of a row.
    ///
    /// # Errors
    /// Where a cell holds what its column cannot have.
    fn read(row: &mut Row<'_>) -> Result<Self, WrongCell>;
}

/// Declares a record: its struct and its columns. What the comments say is the documentation everywhere, in Python as well,
/// where null is called `None`.
///
/// - `pub name: Type,` is a field and the column of its name; `pub kind as "type": Type,` is a column of another name.
/// - `column name: Type = |row| …,` is a column that is made of fields.
/// - `field name: Type,` is a field that is no column. A record that is read back says how:
///   `field name: Type = |row| …,` from a [`Row`].
///
/// `struct Name: stored` can be read back.
macro_rules! record {
    (
        $(#[doc = $doc:literal])+
        $(#[derive($($derive:ident),+)])?
        pub struct $name:ident $(: $stored:ident)? { $($rows:tt)+ }
    ) => {
        $crate::model::record! {
            @row { $($doc)+ } { $($($derive)+)? } { $name $($stored)? } {} {} {} $($rows)+
        }
    };
    // A field and its column.
    (
        @row $doc:tt $derive:tt $name:tt { $($fields:tt)* } { $($columns:tt)* } { $($reads:tt)* }
        $(#[doc = $about:literal])+ pub $field:ident $(as $column:literal)?: $type:ty, $($rows:tt)*
    ) => {
        $crate::model::record! {
            @row $doc $derive $name
            { $($fields)* $(#[doc = $about])+ pub $field: $type, }
            { $($columns)* {
                $crate::model::record!(@name $field $($column)?), $type, concat!($($about),+),
                |record| $crate::model::Value::cell(&record.$field)
            } }
            { $($reads)* {
                $field,
                |row: &mut $crate::model::Row<'_>| row.read($crate::model::record!(@name $field $($column)?))
            } }
            $($rows)*
        }
    };
    // A field that is no column.
    (
        @row $doc:tt $derive:tt $name:tt { $($fields:tt)* } $columns:tt { $($reads:tt)* }
        $(#[doc = $about:literal])+ field $field:ident: $type:ty $(= |$row:ident| $read:expr)?, $($rows:tt)*
    ) => {
        $crate::model::record! {
            @row $doc $derive $name
            { $($fields)* $(#[doc = $about])+ pub $field: $type, }
            $columns
            { $($reads)* $({ $field, |$row: &mut $crate::model::Row<'_>| $read })? }
            $($rows)*
        }
    };
    // A column that is made of fields.
    (
        @row $doc:tt $derive:tt $name:tt $fields:tt { $($columns:tt)* } $reads:tt
        $(#[doc = $about:literal])+ column $column:ident: $type:ty = |$record:ident| $cell:expr, $($rows:tt)*
    ) => {
        $crate::model::record! {
            @row $doc $derive $name $fields
            { $($columns)* {
                stringify!($column), $type, concat!($($about),+),
                |$record| $crate::model::Cell::from($cell)
            } }
            $reads
            $($rows)*
        }
    };
    (
        @row { $($doc:literal)+ } { $($derive:ident)* } { $name:ident $($stored:ident)? } { $($fields:tt)+ }
        { $({ $column:expr, $type:ty, $about:expr, $cell:expr })+ } { $($reads:tt)* }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq $(, $derive)*)]
        pub struct $name { $($fields)+ }

        impl $crate::model::Record for $name {
            const NAME: &'static str = stringify!($name);
            const DOC: &'static str = concat!($($doc, "\n"),+);
            const COLUMNS: &'static [$crate::model::Column<Self>] = &[$($crate::model::Column {
                about: $crate::model::About {
                    name: $column,
                    kind: <$type as $crate::model::Value>::KIND,
                    nullable: <$type as $crate::model::Value>::NULLABLE,
                    doc: $about.trim_ascii(),
                    type_name: <$type as $crate::model::Typed>::type_name,
                },
                cell: $cell,
            }),+];
        }

        $crate::model::record!(@read $name $($stored)? { $($reads)* });
    };
    (@read $name:ident stored { $({ $field:ident, $read:expr })+ }) => {
        impl $crate::model::StoredRecord for $name {
            fn read(row: &mut $crate::model::Row<'_>) -> Result<Self, $crate::model::WrongCell> {
                Ok(Self { $($field: ($read)(row)?),+ })
            }
        }
    };
    (@read $name:ident { $($reads:tt)* }) => {};
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $column:literal) => { $column };
}

pub(crate) use record;
