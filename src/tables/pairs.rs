//! Who may view or edit what, pair by pair, as a stream: there are too many rows to hold.

use std::io;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};

use super::stream::BatchStream;
use super::{Table, arrow};
use crate::model::{Declaration, Operation, record};
use crate::resolve::Access;

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

/// The pairs from the first, as batches.
///
/// # Errors
/// The system cannot start a thread.
pub fn pair_batches(access: Arc<Access>, operation: Operation) -> io::Result<BatchStream> {
    let schema = Arc::new(arrow::schema(&Declaration::of::<Pair>().columns));
    BatchStream::start(schema.clone(), move |take| {
        let people = access.user_ids();
        let contents = &access.snapshot().contents;
        for pairs in access.pairs(operation) {
            let user = |at: &u32| people.get(index(*at)).copied().unwrap_or_default();
            let content = |at: &u32| contents.get(index(*at)).map_or("", |content| content.id.as_str());
            let columns: Vec<ArrayRef> = vec![
                Arc::new(StringArray::from_iter_values(pairs.users.iter().map(user))),
                Arc::new(StringArray::from_iter_values(pairs.contents.iter().map(content))),
            ];
            if !take(arrow::batch(&schema, columns)) {
                return;
            }
        }
    })
}

/// An index of 32 bits in memory.
fn index(at: u32) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}

/// A batch of pairs as a table.
pub fn pairs(batch: RecordBatch) -> Table {
    let declaration = Declaration::of::<Pair>();
    let schema = batch.schema();
    Table::from_batches(Arc::new(declaration), schema, vec![batch], Arc::from([]))
}
