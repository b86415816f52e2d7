//! Tables: rows of one record as Arrow batches.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::{fmt, io};

use arrow_array::cast::AsArray;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{Array, RecordBatch, RecordBatchIterator};
use arrow_schema::{ArrowError, SchemaRef};
use arrow_select::interleave::interleave_record_batch;

use super::arrow;
use super::stream::{BatchStream, Take};
use crate::model::{Cell, Declaration, Gap, Origins, Record, Row, StoredRecord, WrongCell};

/// Rows of one Arrow batch: enough to make the cost per batch negligible, few enough that no text offset overflows.
pub(super) const BATCH: usize = 65_536;

/// Rows of one record, as Arrow batches, and what is missing among them. Cheap to clone and to slice.
///
/// Rows that are many and can be made again are made when they are first looked at. A stream or a file of such a table is
/// made batch by batch, without holding all.
#[derive(Clone)]
pub struct Table {
    declaration: Arc<Declaration>,
    schema: SchemaRef,
    rows: Arc<Rows>,
    gaps: Arc<[Gap]>,
}

/// Rows, and how to make them where they are not made yet.
struct Rows {
    made: OnceLock<Batches>,
    /// Dropped when they are made, with all that it holds.
    make: Mutex<Option<Arc<Make>>>,
}

/// Makes the rows from the first on and gives them away batch by batch.
type Make = dyn Fn(&mut Take<'_>) + Send + Sync;

#[derive(Default)]
struct Batches {
    all: Vec<RecordBatch>,
    /// For each batch, the row after its last one.
    ends: Vec<usize>,
}

impl Rows {
    fn maker(&self) -> MutexGuard<'_, Option<Arc<Make>>> {
        self.make.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn batches(&self) -> &Batches {
        self.made.get_or_init(|| {
            let mut all = Vec::new();
            let make = self.maker().clone();
            if let Some(make) = make {
                make(&mut |batch| {
                    all.push(batch);
                    true
                });
            }
            self.maker().take();
            Batches::of(all)
        })
    }

    /// Gives away the batches, which are made on the way where they are not made yet.
    fn give(&self, take: &mut Take<'_>) {
        let make = self.maker().clone();
        match make {
            Some(make) => make(take),
            None => {
                self.batches().all.iter().cloned().all(take);
            }
        }
    }
}

impl Batches {
    fn of(mut all: Vec<RecordBatch>) -> Self {
        all.retain(|batch| batch.num_rows() > 0);
        let ends = all.iter().scan(0, |end, batch| {
            *end += batch.num_rows();
            Some(*end)
        });
        Self { ends: ends.collect(), all }
    }
}

impl Table {
    /// The table of `rows`.
    pub fn new<R: Record>(rows: &[R], gaps: impl Into<Arc<[Gap]>>) -> Self {
        let declaration = Declaration::of::<R>();
        let schema = Arc::new(arrow::schema(&declaration.columns));
        let batches = rows.chunks(BATCH).map(|rows| arrow::rows(&schema, rows)).collect();
        Self::from_batches(Arc::new(declaration), schema, batches, gaps.into())
    }

    /// The table of `rows`, which are freed batch by batch, so that large rows are never all in memory twice.
    pub fn from_rows<R: Record>(rows: Vec<R>, gaps: impl Into<Arc<[Gap]>>) -> Self {
        /// Small enough that a batch of long texts is small beside the remaining rows.
        const STEP: usize = 8_192;
        let declaration = Declaration::of::<R>();
        let schema: SchemaRef = Arc::new(arrow::schema(&declaration.columns));
        let mut rows = rows.into_iter();
        let steps =
            std::iter::from_fn(|| Some(rows.by_ref().take(STEP).collect()).filter(|step: &Vec<R>| !step.is_empty()));
        let batches = steps.map(|step| arrow::rows(&schema, &step)).collect();
        Self::from_batches(Arc::new(declaration), schema.clone(), batches, gaps.into())
    }

    /// The table of rows that `steps` makes, the same every time: once where they are looked at, and once for each
    /// stream and file before that.
    pub fn from_steps<R: Record>(
        steps: impl Fn(&mut dyn FnMut(Vec<R>) -> bool) + Send + Sync + 'static,
        gaps: impl Into<Arc<[Gap]>>,
    ) -> Self {
        let declaration = Declaration::of::<R>();
        let schema: SchemaRef = Arc::new(arrow::schema(&declaration.columns));
        let named = schema.clone();
        let make = move |take: &mut Take<'_>| {
            steps(&mut |rows| rows.chunks(BATCH).all(|rows| take(arrow::rows(&named, rows))));
        };
        let rows = Rows { made: OnceLock::new(), make: Mutex::new(Some(Arc::new(make))) };
        Self { declaration: Arc::new(declaration), schema, rows: Arc::new(rows), gaps: gaps.into() }
    }

    /// The table of batches, whose arrays are as declared.
    pub(super) fn from_batches(
        declaration: Arc<Declaration>,
        schema: SchemaRef,
        batches: Vec<RecordBatch>,
        gaps: Arc<[Gap]>,
    ) -> Self {
        let rows = Rows { made: OnceLock::from(Batches::of(batches)), make: Mutex::default() };
        Self { declaration, schema, rows: Arc::new(rows), gaps }
    }

    /// Whether its rows are in memory. Where they are not, whatever looks at them makes them first.
    pub fn is_made(&self) -> bool {
        self.rows.made.get().is_some()
    }

    /// What its rows are.
    pub fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    /// Its Arrow schema.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// Its Arrow batches.
    pub fn batches(&self) -> &[RecordBatch] {
        &self.rows.batches().all
    }

    /// What could not be read.
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.batches().ends.last().copied().unwrap_or(0)
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values of row `row`, in the order of the columns; `None` past the end.
    pub fn row(&self, row: usize) -> Option<Vec<Cell<'_>>> {
        let Batches { all, ends } = self.rows.batches();
        let at = ends.partition_point(|end| *end <= row);
        let batch = all.get(at)?;
        let first = ends.get(at)? - batch.num_rows();
        let cells = batch.columns().iter().zip(&self.declaration.columns);
        Some(cells.map(|(array, about)| arrow::cell_at(array, about.kind, row - first)).collect())
    }

    /// Whether every row of column `at` is null or an empty list.
    pub fn is_empty_column(&self, at: usize) -> bool {
        let arrays = self.batches().iter().filter_map(|batch| batch.columns().get(at));
        arrays.into_iter().all(|array| {
            let lists = array.as_list_opt::<i32>();
            array.null_count() == array.len() || lists.is_some_and(|lists| lists.iter().flatten().all(|l| l.is_empty()))
        })
    }

    /// The rows as records.
    ///
    /// # Errors
    /// A cell holds what its column cannot have, as where a column was cut off.
    pub fn records<R: StoredRecord>(&self) -> Result<Vec<R>, WrongCell> {
        let (columns, mut origins) = (&self.declaration.columns, Origins::new());
        let cells = (0..self.len()).filter_map(|at| self.row(at));
        cells.map(|cells| R::read(&mut Row { columns, cells, origins: &mut origins })).collect()
    }

    /// A new Arrow stream over the batches, from the first. A table can be streamed any number of times.
    ///
    /// # Errors
    /// The rows are not made yet, and the system cannot start the thread that makes them.
    pub fn stream(&self) -> io::Result<FFI_ArrowArrayStream> {
        if self.is_made() {
            let batches = self.batches().to_vec().into_iter().map(Ok::<_, ArrowError>);
            return Ok(FFI_ArrowArrayStream::new(Box::new(RecordBatchIterator::new(batches, self.schema()))));
        }
        Ok(self.batch_stream()?.into_stream())
    }

    /// Its batches, made again while they are read.
    pub(super) fn batch_stream(&self) -> io::Result<BatchStream> {
        let rows = Arc::clone(&self.rows);
        BatchStream::start(self.schema(), move |take| rows.give(take))
    }

    /// The rows from `start` on, at most `len` of them; the gaps stay.
    #[must_use]
    pub fn slice(&self, start: usize, len: usize) -> Self {
        let (mut skip, mut left) = (start, len);
        let mut batches = Vec::new();
        for batch in self.batches() {
            let rows = batch.num_rows();
            if skip >= rows {
                skip -= rows;
                continue;
            }
            let take = left.min(rows - skip);
            if take == 0 {
                break;
            }
            batches.push(batch.slice(skip, take));
            skip = 0;
            left -= take;
        }
        Self::from_batches(Arc::clone(&self.declaration), self.schema(), batches, Arc::clone(&self.gaps))
    }

    /// The rows at these positions, in this order; the gaps stay.
    ///
    /// # Errors
    /// Where a position is past the end.
    pub fn take(&self, rows: &[usize]) -> Result<Self, ArrowError> {
        let Batches { all, ends } = self.rows.batches();
        let place = |&row: &usize| {
            let at = ends.partition_point(|end| *end <= row);
            let (batch, end) = all.get(at).zip(ends.get(at))?;
            Some((at, row + batch.num_rows() - end))
        };
        let batches: Vec<&RecordBatch> = all.iter().collect();
        let parts = rows.chunks(BATCH).map(|rows| {
            let places: Option<Vec<_>> = rows.iter().map(place).collect();
            let places = places.ok_or_else(|| ArrowError::InvalidArgumentError("a row past the end".to_owned()))?;
            interleave_record_batch(&batches, &places)
        });
        let parts = parts.collect::<Result<_, _>>()?;
        Ok(Self::from_batches(Arc::clone(&self.declaration), self.schema(), parts, Arc::clone(&self.gaps)))
    }

    /// The columns at these positions, in this order; the gaps stay.
    ///
    /// # Errors
    /// Where there is no such column.
    pub fn select(&self, columns: &[usize]) -> Result<Self, ArrowError> {
        let declared = &self.declaration;
        let kept = columns.iter().filter_map(|&at| declared.columns.get(at).copied()).collect();
        let declaration = Declaration { name: declared.name, doc: declared.doc, columns: kept };
        let schema = Arc::new(self.schema.project(columns)?);
        let batches = self.batches().iter().map(|batch| batch.project(columns)).collect::<Result<_, _>>()?;
        Ok(Self::from_batches(Arc::new(declaration), schema, batches, Arc::clone(&self.gaps)))
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table")
            .field("record", &self.declaration.name)
            .field("rows", &self.rows.made.get().map(|made| made.ends.last().copied().unwrap_or(0)))
            .field("gaps", &self.gaps.len())
            .finish()
    }
}

/// Same record, same columns, same rows, same gaps; how the rows are cut into batches does not matter.
impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        let same = self.declaration.name == other.declaration.name && self.schema == other.schema;
        if !same || self.len() != other.len() || self.gaps != other.gaps {
            return false;
        }
        let (mut left, mut right) = (self.batches().iter(), other.batches().iter());
        let (mut mine, mut theirs) = (left.next().cloned(), right.next().cloned());
        loop {
            match (mine.take(), theirs.take()) {
                (Some(a), Some(b)) => {
                    let rows = a.num_rows().min(b.num_rows());
                    if a.slice(0, rows).columns() != b.slice(0, rows).columns() {
                        return false;
                    }
                    let rest = |batch: RecordBatch| {
                        (batch.num_rows() > rows).then(|| batch.slice(rows, batch.num_rows() - rows))
                    };
                    mine = rest(a).or_else(|| left.next().cloned());
                    theirs = rest(b).or_else(|| right.next().cloned());
                }
                (None, None) => return true,
                _ => return false,
            }
        }
    }
}

impl Eq for Table {}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use arrow_array::ffi_stream::RecordBatchStreamReader;

    use super::*;
    use crate::model::{GapCause, GapScope, User};

    fn people(number: usize) -> Vec<User> {
        (0..number).map(|at| User { active: (at % 3 > 0).then_some(at % 2 > 0), ..User::new(at.to_string()) }).collect()
    }

    fn ids(table: &Table) -> Vec<String> {
        (0..table.len())
            .map(|row| match table.row(row).expect("a row").swap_remove(0) {
                Cell::Text(id) => id.into_owned(),
                other => panic!("{other:?}"),
            })
            .collect()
    }

    #[test]
    fn a_slice_across_batches_holds_the_rows_between() {
        let table = Table::new(&people(BATCH * 2 + 10), []);
        assert_eq!(table.batches().len(), 3);
        let slice = table.slice(BATCH - 2, BATCH + 4);
        assert_eq!(slice.len(), BATCH + 4);
        assert_eq!(ids(&slice), (BATCH - 2..BATCH * 2 + 2).map(|id| id.to_string()).collect::<Vec<_>>());
        assert!(table.slice(BATCH * 3, 5).is_empty());
        assert_eq!(table.row(BATCH * 2 + 10), None);
    }

    #[test]
    fn rows_are_taken_across_batches_in_the_order_given() {
        let table = Table::new(&people(BATCH * 2 + 10), []);
        let taken = table.take(&[BATCH * 2 + 9, 0, BATCH, BATCH, 7]).expect("rows");
        assert_eq!(ids(&taken), ["131081", "0", "65536", "65536", "7"]);
        assert!(table.take(&[BATCH * 2 + 10]).is_err());
        assert_eq!(table.take(&[]).expect("no rows").len(), 0);
        let turned: Vec<usize> = (0..table.len()).rev().collect();
        assert_eq!(table.take(&turned).and_then(|table| table.take(&turned)).expect("rows"), table);
    }

    #[test]
    fn a_table_of_some_columns_is_another_table() {
        let table = Table::new(&people(3), []);
        let some = table.select(&[1, 0]).expect("columns");
        assert_eq!(some.declaration().columns.iter().map(|about| about.name).collect::<Vec<_>>(), ["name", "id"]);
        assert_eq!(some.row(2).expect("a row").swap_remove(1), Cell::Text("2".into()));
        assert_ne!(some, table);
        assert!(some.is_empty_column(0) && !some.is_empty_column(1));
        assert_ne!(some.slice(0, 0), table.slice(0, 0));
        assert!(table.select(&[99]).is_err());
    }

    #[test]
    fn equality_does_not_depend_on_how_rows_are_cut() {
        let people = people(BATCH + 5);
        let table = Table::new(&people, []);
        let moved = Table::new(&[&people[BATCH..], &people[..]].concat(), []).slice(5, BATCH + 5);
        assert_ne!(table.batches()[0].num_rows(), moved.batches()[0].num_rows());
        assert_eq!(table, moved);
        assert_ne!(table, table.slice(0, BATCH));
        let mut changed = people;
        changed[BATCH + 1].active = Some(false);
        assert_ne!(table, Table::new(&changed, []));
    }

    #[test]
    fn rows_made_later_are_the_same_and_are_made_once_where_they_are_looked_at() {
        let made = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&made);
        let later = Table::from_steps(
            move |take| {
                counted.fetch_add(1, Ordering::Relaxed);
                for step in people(25).chunks(10) {
                    if !take(step.to_vec()) {
                        return;
                    }
                }
            },
            [],
        );
        assert!(!later.is_made() && format!("{later:?}").contains("None"));
        let mut first = Vec::new();
        later.rows.give(&mut |batch| {
            first.push(batch.num_rows());
            false
        });
        assert_eq!(first, [10]);
        let streamed = RecordBatchStreamReader::try_new(later.stream().unwrap()).unwrap();
        assert_eq!(streamed.map(|batch| batch.unwrap().num_rows()).collect::<Vec<_>>(), [10, 10, 5]);
        assert!(!later.is_made());
        assert_eq!(later.to_parquet().unwrap().len(), later.to_parquet().unwrap().len());
        assert_eq!(made.load(Ordering::Relaxed), 4);
        assert_eq!(later, Table::new(&people(25), []));
        assert_eq!((later.len(), later.slice(8, 4).len(), ids(&later).len()), (25, 4, 25));
        assert!(later.is_made());
        later.stream().unwrap();
        assert_eq!(made.load(Ordering::Relaxed), 5);
    }

    #[test]
    fn a_table_that_misses_something_differs_from_one_that_does_not() {
        let gap = Gap::new((GapScope::User, "ann"), GapCause::Forbidden, String::new());
        assert_ne!(Table::new(&people(1), [gap]), Table::new(&people(1), []));
    }
}
