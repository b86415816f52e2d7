//! Tables as Parquet files: bytes only; folders are the caller's.

use std::io::Write;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader, new_null_array};
use arrow_schema::ArrowError;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use super::arrow;
use super::table::{BATCH, Table};
use crate::model::{Declaration, Gap};

/// Version of the layout of a saved snapshot. It grows when an older reader would misread a newer file.
///
/// - 1: compressed with snappy.
/// - 2: compressed with zstd.
pub const FORMAT: u32 = 2;

/// Rows of one row group of a file: readers skip whole groups by the lowest and highest value of a column, and the rows of
/// a fetched snapshot are ordered by space.
const ROW_GROUP: usize = 131_072;

/// Why bytes are not the table or the snapshot they should be.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Not Parquet, or damaged.
    #[error("`{name}` is damaged or no Parquet file: {cause}")]
    Damaged {
        /// Which file.
        name: String,
        /// What the reader says.
        cause: ParquetError,
    },
    /// Rows that cannot be decoded.
    #[error("`{name}` is damaged: {cause}")]
    Rows {
        /// Which file.
        name: String,
        /// What the reader says.
        cause: ArrowError,
    },
    /// A column is missing, or of another type.
    #[error("`{name}` has no column `{column}` of type {expected}")]
    Column {
        /// Which file.
        name: String,
        /// Which column.
        column: String,
        /// Type it should have.
        expected: &'static str,
    },
    /// A value that cannot be.
    #[error("`{name}`: invalid value `{value}` in column `{column}`")]
    Value {
        /// Which file.
        name: String,
        /// Which column.
        column: String,
        /// The value.
        value: String,
    },
    /// A file is missing.
    #[error("the file `{0}` is missing")]
    Missing(String),
    /// A count that does not agree with the manifest.
    #[error("`{name}` holds {found} rows where the manifest says {expected}")]
    Rowcount {
        /// Which file.
        name: String,
        /// Rows found.
        found: usize,
        /// Rows promised.
        expected: usize,
    },
    /// The facts of the site cannot be read.
    #[error("the facts of the site cannot be read: {0}")]
    Facts(serde_json::Error),
    /// The layout is newer than this version.
    #[error("the snapshot has format {0}, this version reads up to {FORMAT}: install a newer confluence-access")]
    Newer(u32),
}

impl Table {
    /// The rows as a Parquet file.
    ///
    /// # Errors
    /// The encoder fails, which it does for no table made here.
    pub fn to_parquet(&self) -> Result<Vec<u8>, ParquetError> {
        let mut bytes = Vec::new();
        self.write_parquet(&mut bytes)?;
        Ok(bytes)
    }

    /// The same, written as it is made: a group of rows is in memory at a time, and rows that are not made are not kept.
    ///
    /// # Errors
    /// Nothing more can be written.
    pub fn write_parquet(&self, to: impl Write + Send) -> Result<(), ParquetError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .build();
        let mut writer = ArrowWriter::try_new(to, self.schema(), Some(properties))?;
        if self.is_made() {
            self.batches().iter().try_for_each(|batch| writer.write(batch))?;
        } else {
            // One thread makes the rows, this one packs them.
            self.batch_stream()?.try_for_each(|batch| writer.write(&batch?))?;
        }
        writer.close()?;
        Ok(())
    }

    /// Reads a Parquet file as the record `declaration` declares. Undeclared columns are ignored. A column that may be null
    /// and is missing is null in every row: the file is older than the column.
    ///
    /// # Errors
    /// The bytes are not such a file.
    pub fn from_parquet(
        name: &str,
        declaration: Declaration,
        bytes: Vec<u8>,
        gaps: impl Into<Arc<[Gap]>>,
    ) -> Result<Self, Unreadable> {
        let damaged = |cause| Unreadable::Damaged { name: name.to_owned(), cause };
        let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes)).map_err(damaged)?;
        let reader = builder.with_batch_size(BATCH).build().map_err(damaged)?;
        let found = reader.schema();
        let mut at = Vec::with_capacity(declaration.columns.len());
        for column in &declaration.columns {
            let wrong = || Unreadable::Column {
                name: name.to_owned(),
                column: column.name.to_owned(),
                expected: column.kind.as_str(),
            };
            match found.index_of(column.name) {
                Ok(index) if found.field(index).data_type() == &arrow::data_type(column.kind) => at.push(Some(index)),
                Err(_) if column.nullable => at.push(None),
                _ => return Err(wrong()),
            }
        }
        let schema = Arc::new(arrow::schema(&declaration.columns));
        let mut batches = Vec::new();
        for batch in reader {
            let rows = |cause| Unreadable::Rows { name: name.to_owned(), cause };
            let batch = batch.map_err(rows)?;
            let stored = |at: &Option<usize>| at.and_then(|at| batch.columns().get(at)).cloned();
            let absent = |kind| new_null_array(&arrow::data_type(kind), batch.num_rows());
            let columns = at.iter().zip(&declaration.columns);
            let arrays = columns.map(|(at, column)| stored(at).unwrap_or_else(|| absent(column.kind)));
            batches.push(RecordBatch::try_new(Arc::clone(&schema), arrays.collect()).map_err(rows)?);
        }
        Ok(Self::from_batches(Arc::new(declaration), schema, batches, gaps.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Cell, User};

    /// A file of accounts as written before they had the column `missing`.
    fn written_before(missing: &str) -> Vec<u8> {
        let people = [User { active: Some(true), ..User::new("ann") }, User::new("bob")];
        let table = Table::new(&people, []);
        let kept: Vec<usize> =
            (0..table.schema().fields().len()).filter(|at| table.schema().field(*at).name() != missing).collect();
        let schema = Arc::new(table.schema().project(&kept).expect("a schema"));
        let batches = table.batches().iter().map(|batch| batch.project(&kept).expect("a batch"));
        let mut declaration = Declaration::of::<User>();
        declaration.columns.retain(|column| column.name != missing);
        let older = Table::from_batches(Arc::new(declaration), schema, batches.collect(), Arc::default());
        older.to_parquet().expect("a file")
    }

    #[test]
    fn a_nullable_column_that_a_file_lacks_is_null() {
        let table = Table::from_parquet("users", Declaration::of::<User>(), written_before("last_active_at"), [])
            .expect("rows");
        let people = [User { active: Some(true), ..User::new("ann") }, User::new("bob")];
        assert_eq!(table, Table::new(&people, []));
        assert_eq!(table.row(1).and_then(|mut row| row.pop()), Some(Cell::Null));
    }

    #[test]
    fn a_file_that_lacks_another_column_is_refused() {
        let refused = Table::from_parquet("users", Declaration::of::<User>(), written_before("id"), []);
        assert_eq!(refused.expect_err("no ids").to_string(), "`users` has no column `id` of type text");
    }

    #[test]
    fn a_nullable_column_of_another_type_is_refused() {
        let mut declaration = Declaration::of::<User>();
        declaration.columns.iter_mut().filter(|column| column.name == "active").for_each(|column| {
            column.kind = crate::model::Kind::Count;
        });
        let file = Table::new(&[User::new("ann")], []).to_parquet().expect("a file");
        let refused = Table::from_parquet("users", declaration, file, []).expect_err("another type");
        assert_eq!(refused.to_string(), "`users` has no column `active` of type whole number");
    }
}
