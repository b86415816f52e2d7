//! Who may view or edit what, pair by pair, as a stream: there are too many rows to hold.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchReader, StringArray};
use arrow_schema::{ArrowError, SchemaRef};

use super::{Table, arrow};
use crate::model::{Declaration, Operation, record};
use crate::resolve::Access;

/// How many batches wait for a reader that is slower than we are.
const WAITING: usize = 2;

record! {
    /// One row is one account and one content item it may view or edit, by standing access only.
    ///
    /// From `access.pairs(operation)`.
    pub struct Pair {
        /// The account.
        pub user_id: String,
        /// The content item.
        pub content_id: String,
    }
}

/// Batches of pairs, made in a thread of their own while they are read. Dropping it ends the thread.
#[derive(Debug)]
pub struct PairBatches {
    schema: SchemaRef,
    batches: Receiver<Result<RecordBatch, ArrowError>>,
}

impl PairBatches {
    /// Starts over from the first pair.
    ///
    /// # Errors
    /// The system cannot start a thread.
    pub fn start(access: Arc<Access>, operation: Operation) -> io::Result<Self> {
        let schema = Arc::new(arrow::schema(&Declaration::of::<Pair>().columns));
        let (give, batches) = sync_channel(WAITING);
        let named = Arc::clone(&schema);
        thread::Builder::new().name("confluence-access-pairs".to_owned()).spawn(move || {
            let people = access.user_ids();
            let contents = &access.snapshot().contents;
            for pairs in access.pairs(operation) {
                let user = |at: &u32| people.get(index(*at)).copied().unwrap_or_default();
                let content = |at: &u32| contents.get(index(*at)).map_or("", |content| content.id.as_str());
                let columns: Vec<ArrayRef> = vec![
                    Arc::new(StringArray::from_iter_values(pairs.users.iter().map(user))),
                    Arc::new(StringArray::from_iter_values(pairs.contents.iter().map(content))),
                ];
                if give.send(RecordBatch::try_new(Arc::clone(&named), columns)).is_err() {
                    // Nobody reads on.
                    return;
                }
            }
        })?;
        Ok(Self { schema, batches })
    }

    /// The pairs as an Arrow stream.
    pub fn into_stream(self) -> FFI_ArrowArrayStream {
        FFI_ArrowArrayStream::new(Box::new(self))
    }
}

/// An index of 32 bits in memory.
fn index(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

impl Iterator for PairBatches {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batches.recv().ok()
    }
}

impl RecordBatchReader for PairBatches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

/// A batch of pairs as a table.
pub fn pairs(batch: RecordBatch) -> Table {
    let declaration = Declaration::of::<Pair>();
    let schema = batch.schema();
    Table::from_batches(Arc::new(declaration), schema, vec![batch], Arc::from([]))
}
