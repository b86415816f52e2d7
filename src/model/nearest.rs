//! The word somebody probably meant.

/// The one of `known` that is closest to `word`, where one is close: a letter or two in ten wrong, missing, too many or
/// swapped with the next, in any case.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = word.to_lowercase().chars().collect();
    let most = (wanted.len() / 4).max(1);
    let close = known.into_iter().filter_map(|known| {
        let letters: Vec<char> = known.to_lowercase().chars().collect();
        let distance = (letters.len().abs_diff(wanted.len()) <= most).then(|| distance(&wanted, &letters))?;
        // One letter stands for nothing else.
        (distance <= most && wanted.len() > 1).then_some((distance, known))
    });
    close.min_by_key(|(distance, _)| *distance).map(|(_, known)| known)
}

/// How many letters to change, add, drop or swap with the next.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut above: Vec<usize> = (0..=other.len()).collect();
    let mut above_that: Vec<usize> = Vec::new();
    let mut before = None;
    for (row, &letter) in one.iter().enumerate() {
        let mut line = vec![row + 1];
        let mut last = None;
        for (column, &facing) in other.iter().enumerate() {
            let at = |line: &[usize], column: usize| line.get(column).copied().unwrap_or(usize::MAX - 1);
            let mut best = at(&above, column) + usize::from(letter != facing);
            best = best.min(at(&above, column + 1) + 1).min(at(&line, column) + 1);
            if before == Some(facing) && last == Some(letter) {
                best = best.min(at(&above_that, column.wrapping_sub(1)) + 1);
            }
            line.push(best);
            last = Some(facing);
        }
        above_that = std::mem::replace(&mut above, line);
        before = Some(letter);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_pen_is_near_and_another_word_is_not() {
        let known = ["bob", "ann", "security-reviewers"];
        assert_eq!(nearest("bbo", known), Some("bob"));
        assert_eq!(nearest("Bob", known), Some("bob"));
        assert_eq!(nearest("bobb", known), Some("bob"));
        assert_eq!(nearest("an", known), Some("ann"));
        assert_eq!(nearest("secruity-reviwers", known), Some("security-reviewers"));
        assert_eq!(nearest("zoe", known), None);
        assert_eq!(nearest("a", ["b"]), None);
        assert_eq!(nearest("", known), None);
    }
}
