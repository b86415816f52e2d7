//! Work on several processors, where there is enough of it. What comes out does not depend on how many there are.

use std::num::NonZero;
use std::ops::Range;
use std::thread::{available_parallelism, scope};

/// Below so many rows a second thread costs more than it spares.
const SMALL: usize = 4_096;
/// More threads than this wait for memory, not for a processor.
const MOST: usize = 8;

fn threads(rows: usize) -> usize {
    if rows < SMALL { 1 } else { available_parallelism().map_or(1, NonZero::get).min(MOST) }
}

/// Two things at the same time; the first on a thread of its own.
pub(super) fn both<A: Send, B>(rows: usize, aside: impl FnOnce() -> A + Send, here: impl FnOnce() -> B) -> (A, B) {
    if threads(rows) == 1 {
        return (aside(), here());
    }
    scope(|scope| {
        let aside = scope.spawn(aside);
        let here = here();
        (aside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), here)
    })
}

/// The rows in equal shares, each on a thread of its own; the results in the order of the rows.
pub(super) fn shares<T: Send>(rows: usize, work: impl Fn(Range<usize>) -> T + Sync) -> Vec<T> {
    let threads = threads(rows);
    if threads == 1 {
        return vec![work(0..rows)];
    }
    let share = rows.div_ceil(threads);
    let work = &work;
    scope(|scope| {
        let started: Vec<_> = (0..threads)
            .map(|at| (at * share).min(rows)..((at + 1) * share).min(rows))
            .map(|range| scope.spawn(move || work(range)))
            .collect();
        let joined = started.into_iter().map(|share| share.join());
        joined.map(|result| result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_cover_every_row_once_and_in_order() {
        for rows in [0, 1, SMALL - 1, SMALL, SMALL + 1, 3 * SMALL + 1] {
            let seen: Vec<usize> = shares(rows, |range| range.collect::<Vec<_>>()).into_iter().flatten().collect();
            assert_eq!(seen, (0..rows).collect::<Vec<_>>());
        }
        assert_eq!(both(SMALL, || 1, || 2), (1, 2));
    }
}
