//! The word somebody probably meant.

/// The one of `known` that is closest to `word`, where one is close: a letter or two in ten wrong, missing, too many or
/// swapped with the next, in any case.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = word.to_lowercase();
    let letters = wanted.chars().count();
    let most = (letters / 4).max(1);
    let close = known.into_iter().map(|known| (strsim::osa_distance(&wanted, &known.to_lowercase()), known));
    // One letter stands for nothing else.
    close
        .filter(|(distance, _)| *distance <= most && letters > 1)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
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
