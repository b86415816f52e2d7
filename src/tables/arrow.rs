//! Columns as Arrow arrays: the schema of a record, its rows as arrays, and a cell of an array.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int64Type, TimestampMicrosecondType};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Int64Array, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

use crate::model::{About, Cell, Column, Kind, Record};

/// The Arrow type of a column.
pub(super) fn data_type(kind: Kind) -> DataType {
    match kind {
        Kind::Text => DataType::Utf8,
        Kind::Texts => list_of(DataType::Utf8),
        Kind::Lists => list_of(list_of(DataType::Utf8)),
        Kind::Flag => DataType::Boolean,
        Kind::Count => DataType::Int64,
        Kind::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
    }
}

fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, true)))
}

/// The Arrow schema of columns.
pub(super) fn schema(columns: &[About]) -> Schema {
    let field = |about: &About| Field::new(about.name, data_type(about.kind), about.nullable);
    Schema::new(columns.iter().map(field).collect::<Vec<_>>())
}

/// Columns as a batch.
pub(super) fn batch(schema: &SchemaRef, columns: Vec<ArrayRef>) -> RecordBatch {
    #[expect(clippy::expect_used, reason = "schema and arrays are made from the same declaration")]
    RecordBatch::try_new(SchemaRef::clone(schema), columns).expect("arrays as declared")
}

/// The rows of a record as a batch.
pub(super) fn rows<R: Record>(schema: &SchemaRef, rows: &[R]) -> RecordBatch {
    batch(schema, R::COLUMNS.iter().map(|column| array(column, rows)).collect())
}

/// The values of `rows` in a column.
fn array<R>(column: &Column<R>, rows: &[R]) -> ArrayRef {
    let About { kind, nullable, .. } = column.about;
    let cells = rows.iter().map(|row| match (column.cell)(row) {
        // Only a column made of fields can be null where its type is not.
        Cell::Null if !nullable => kind.empty(),
        cell => cell,
    });
    match kind {
        Kind::Text => Arc::new(cells.map(text).collect::<StringArray>()),
        Kind::Texts => Arc::new(texts(cells)),
        Kind::Lists => Arc::new(lists(cells)),
        Kind::Flag => Arc::new(cells.map(flag).collect::<BooleanArray>()),
        Kind::Count => Arc::new(cells.map(number).collect::<Int64Array>()),
        Kind::Time => Arc::new(cells.map(number).collect::<TimestampMicrosecondArray>().with_timezone("UTC")),
    }
}

fn text(cell: Cell<'_>) -> Option<Cow<'_, str>> {
    if let Cell::Text(text) = cell { Some(text) } else { None }
}

fn flag(cell: Cell<'_>) -> Option<bool> {
    if let Cell::Flag(flag) = cell { Some(flag) } else { None }
}

fn number(cell: Cell<'_>) -> Option<i64> {
    if let Cell::Count(number) | Cell::Time(number) = cell { Some(number) } else { None }
}

fn texts<'a>(cells: impl Iterator<Item = Cell<'a>>) -> ListArray {
    let mut out = ListBuilder::new(StringBuilder::new());
    for cell in cells {
        if let Cell::Texts(texts) = cell {
            texts.iter().for_each(|text| out.values().append_value(text));
            out.append(true);
        } else {
            out.append(false);
        }
    }
    out.finish()
}

fn lists<'a>(cells: impl Iterator<Item = Cell<'a>>) -> ListArray {
    let mut out = ListBuilder::new(ListBuilder::new(StringBuilder::new()));
    for cell in cells {
        let Cell::Lists(lists) = cell else {
            out.append(false);
            continue;
        };
        for texts in lists.iter() {
            texts.iter().for_each(|text| out.values().values().append_value(text));
            out.values().append(true);
        }
        out.append(true);
    }
    out.finish()
}

/// The texts of a list.
fn listed(values: &dyn Array) -> impl Iterator<Item = String> + '_ {
    let texts = values.as_string_opt::<i32>();
    texts.into_iter().flat_map(|texts| texts.iter().flatten()).map(str::to_owned)
}

/// The value of `array` at `row`; null also where the array is not of the type `kind`.
pub fn cell_at(array: &dyn Array, kind: Kind, row: usize) -> Cell<'_> {
    if row >= array.len() || array.is_null(row) {
        return Cell::Null;
    }
    match kind {
        Kind::Text => array.as_string_opt::<i32>().map(|texts| texts.value(row)).into(),
        Kind::Flag => array.as_boolean_opt().map_or(Cell::Null, |flags| Cell::Flag(flags.value(row))),
        Kind::Count => {
            array.as_primitive_opt::<Int64Type>().map_or(Cell::Null, |numbers| Cell::Count(numbers.value(row)))
        }
        Kind::Time => {
            let moments = array.as_primitive_opt::<TimestampMicrosecondType>();
            moments.map_or(Cell::Null, |moments| Cell::Time(moments.value(row)))
        }
        Kind::Texts => array
            .as_list_opt::<i32>()
            .map_or(Cell::Null, |list| Cell::Texts(listed(&list.value(row)).map(Cow::Owned).collect())),
        Kind::Lists => array.as_list_opt::<i32>().map_or(Cell::Null, |outer| {
            let inner = outer.value(row);
            let lists = inner.as_list_opt::<i32>();
            let lists = lists.into_iter().flat_map(|lists| lists.iter().flatten());
            Cell::Lists(lists.map(|texts| listed(&texts).collect()).collect())
        }),
    }
}
