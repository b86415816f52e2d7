//! Arrow batches as a stream: made while they are read, so that a few are in memory at a time.

use std::io;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::{Builder, JoinHandle};

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};

/// How many batches wait for a reader that is slower than we are.
const WAITING: usize = 2;

/// Takes batches one by one; false: no more are wanted.
pub(super) type Take<'a> = dyn FnMut(RecordBatch) -> bool + 'a;

/// Batches, made in a thread of their own while they are read. Dropping it ends the thread.
#[derive(Debug)]
pub struct BatchStream {
    schema: SchemaRef,
    batches: Receiver<RecordBatch>,
    maker: Option<JoinHandle<()>>,
}

impl BatchStream {
    /// Starts to make batches.
    ///
    /// # Errors
    /// The system cannot start a thread.
    pub(super) fn start(schema: SchemaRef, make: impl FnOnce(&mut Take<'_>) + Send + 'static) -> io::Result<Self> {
        let (give, batches) = sync_channel(WAITING);
        let thread = Builder::new().name("confluence-access-rows".to_owned());
        // Where nobody reads on, sending fails.
        let maker = thread.spawn(move || make(&mut |batch| give.send(batch).is_ok()))?;
        Ok(Self { schema, batches, maker: Some(maker) })
    }

    /// The batches as an Arrow stream.
    pub fn into_stream(self) -> FFI_ArrowArrayStream {
        FFI_ArrowArrayStream::new(Box::new(self))
    }
}

impl Iterator for BatchStream {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Ok(batch) = self.batches.recv() {
            return Some(Ok(batch));
        }
        // A thread that failed has made a part only: that must not look like the end.
        let failed = self.maker.take()?.join().is_err();
        failed.then(|| Err(ArrowError::ComputeError("not all rows could be made".to_owned())))
    }
}

impl RecordBatchReader for BatchStream {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_schema::Schema;

    use super::*;

    fn empty() -> RecordBatch {
        RecordBatch::new_empty(Arc::new(Schema::empty()))
    }

    #[test]
    fn a_stream_ends_with_its_last_batch_and_stops_its_thread_when_it_is_dropped() {
        let schema = Arc::new(Schema::empty());
        let three = BatchStream::start(schema.clone(), |take| (0..3).for_each(|_| assert!(take(empty()))));
        assert_eq!(three.expect("a thread").map(Result::unwrap).count(), 3);
        let (done, ended) = sync_channel(1);
        let endless = BatchStream::start(schema, move |take| {
            while take(empty()) {}
            done.send(()).expect("somebody waits");
        });
        let mut endless = endless.expect("a thread");
        assert!(endless.next().is_some());
        drop(endless);
        ended.recv().expect("the thread ends");
    }

    #[test]
    fn a_thread_that_fails_does_not_look_like_the_end() {
        let stream = BatchStream::start(Arc::new(Schema::empty()), |take| {
            take(empty());
            panic!("in the middle");
        });
        let mut stream = stream.expect("a thread");
        assert!(stream.next().is_some_and(|batch| batch.is_ok()));
        assert!(stream.next().is_some_and(|batch| batch.is_err()));
        assert!(stream.next().is_none());
    }
}
