//! Records as columns: what [`record!`](crate::model) declares becomes the Arrow schema and the rows.

mod arrow;
mod declarations;
mod membership;
mod noun;
mod pairs;
mod parquet;
pub mod saved;
mod stream;
mod table;

pub use self::parquet::{FORMAT, Unreadable};
pub use arrow::cell_at;
pub use declarations::declarations;
pub use membership::{Membership, expand};
pub use pairs::{Pair, pair_batches, pairs};
pub use stream::BatchStream;
pub use table::Table;
