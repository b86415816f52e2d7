//! A table as an Arrow stream, for whoever reads the Arrow C interface.

use arrow_array::RecordBatchIterator;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_schema::ArrowError;

use super::Table;

impl Table {
    /// A new stream over the batches, from the first. A table can be streamed any number of times.
    pub fn stream(&self) -> FFI_ArrowArrayStream {
        let batches = self.batches.clone().into_iter().map(Ok::<_, ArrowError>);
        FFI_ArrowArrayStream::new(Box::new(RecordBatchIterator::new(batches, self.schema())))
    }
}
