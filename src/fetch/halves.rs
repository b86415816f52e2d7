//! Questions about many ids at once: where the server refuses a list, its halves are asked for, so that one bad id costs
//! itself and not the others.

use super::{Error, Result};

/// Refusals after which no list is cut any further.
const MOST: usize = 64;

/// The same where nothing has been answered at all: then it is not a matter of single ids.
const MOST_IN_VAIN: usize = 12;

/// Asks about `items`, and where `refused` says that the list is to blame, about its halves. Every item is in exactly one
/// of the parts that come back.
pub(super) async fn ask<T: Clone, R, F: Future<Output = Result<R>>>(
    items: &[T],
    refused: fn(&Error) -> bool,
    question: impl Fn(Vec<T>) -> F,
) -> Vec<(Vec<T>, Result<R>)> {
    let mut parts = Vec::new();
    let mut left = vec![items.to_vec()];
    let (mut refusals, mut answered) = (0, false);
    while let Some(part) = left.pop() {
        let most = if answered { MOST } else { MOST_IN_VAIN };
        match question(part.clone()).await {
            Err(error) if part.len() > 1 && refusals < most && refused(&error) => {
                refusals += 1;
                let (first, second) = part.split_at(part.len() / 2);
                left.extend([second.to_vec(), first.to_vec()]);
            }
            answer => {
                answered |= answer.is_ok();
                refusals += usize::from(answer.is_err());
                parts.push((part, answer));
            }
        }
    }
    parts
}

/// Whether an answer says that the address is too long.
pub(super) fn too_long(error: &Error) -> bool {
    // Source: https://www.rfc-editor.org/rfc/rfc9110#name-414-uri-too-long and RFC 6585, 431
    matches!(error.status(), Some(413 | 414 | 431))
}

/// Whether an answer may be about one item of a list, or about its length.
pub(super) fn one_of_them(error: &Error) -> bool {
    too_long(error) || matches!(error.status(), Some(400 | 404 | 422 | 500))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::ErrorKind;
    use std::cell::Cell;

    fn asked(items: usize, bad: &[usize]) -> (Vec<(Vec<usize>, bool)>, usize) {
        let count = Cell::new(0);
        let items: Vec<usize> = (0..items).collect();
        let question = |part: Vec<usize>| {
            count.set(count.get() + 1);
            let spoilt = part.iter().any(|item| bad.contains(item));
            async move { if spoilt { Err(Error::new(ErrorKind::Client, "no")) } else { Ok(()) } }
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let parts = runtime.block_on(ask(&items, |_| true, question));
        (parts.into_iter().map(|(part, answer)| (part, answer.is_ok())).collect(), count.get())
    }

    #[test]
    fn one_bad_item_costs_itself_and_few_questions() {
        for bad in [0, 17, 249] {
            let (parts, count) = asked(250, &[bad]);
            let lost: Vec<usize> = parts.iter().filter(|(_, ok)| !ok).flat_map(|(part, _)| part.clone()).collect();
            assert_eq!(lost, [bad]);
            let mut all: Vec<usize> = parts.into_iter().flat_map(|(part, _)| part).collect();
            all.sort_unstable();
            assert_eq!(all, (0..250).collect::<Vec<_>>());
            assert!(count <= 18, "{count} questions");
        }
    }

    #[test]
    fn where_everything_is_refused_the_questions_end() {
        let everything: Vec<usize> = (0..250).collect();
        let (parts, count) = asked(250, &everything);
        assert!(count <= 30, "{count} questions");
        assert_eq!(parts.iter().map(|(part, _)| part.len()).sum::<usize>(), 250);
        let every_other: Vec<usize> = (0..250).step_by(2).collect();
        assert!(asked(250, &every_other).1 <= 140);
    }
}
