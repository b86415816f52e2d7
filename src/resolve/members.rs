//! Who is in a group: direct members, nested groups followed, cycles and all.

use roaring::RoaringBitmap;

use crate::model::Decision;

/// A group and who is in it.
#[derive(Debug, Default)]
pub(super) struct GroupFacts {
    /// Id as the server spells it.
    pub(super) id: String,
    /// Name shown to people.
    pub(super) name: Option<String>,
    /// Whether the group is listed, has members listed, or at least may exist. A group that is not is *vanished*.
    pub(super) exists: bool,
    /// There may be more members than are listed.
    pub(super) incomplete: bool,
    /// People who are members for certain.
    pub(super) members: RoaringBitmap,
    /// People who are members if nested groups count, which the policy leaves open.
    pub(super) perhaps: RoaringBitmap,
    /// Groups inside this one.
    pub(super) inner: Vec<u32>,
    /// Groups inside this one, at any depth, itself included; only where there are any.
    pub(super) reach: RoaringBitmap,
    /// Its own members, and whether there may be more of them than are listed, where nested groups were followed.
    pub(super) own: Option<(RoaringBitmap, bool)>,
}

impl GroupFacts {
    /// Whether a person is a member.
    pub(super) fn contains(&self, person: u32) -> Decision {
        if self.members.contains(person) {
            Decision::Allowed
        } else if self.incomplete || self.perhaps.contains(person) {
            Decision::Unknown
        } else {
            Decision::Denied
        }
    }

    /// People who are members by their own entry.
    pub(super) fn own_members(&self) -> &RoaringBitmap {
        self.own.as_ref().map_or(&self.members, |(members, _)| members)
    }

    /// Whether there may be more entries than are listed in the group itself.
    pub(super) fn own_incomplete(&self) -> bool {
        self.own.as_ref().map_or(self.incomplete, |(_, incomplete)| *incomplete)
    }
}

/// Groups by person: who is in a group is asked far more often than who a group holds, and mostly the answer is no.
#[derive(Debug, Default)]
pub(super) struct Memberships {
    /// For each person, where its groups begin; one more at the end.
    starts: Vec<usize>,
    /// The groups people are in for certain, sorted for each person.
    groups: Vec<u32>,
    /// For each group, whether others may be in it.
    open: Vec<bool>,
}

impl Memberships {
    pub(super) fn of(groups: &[GroupFacts], people: usize) -> Self {
        let mut starts = vec![0; people + 1];
        for person in groups.iter().flat_map(|group| &group.members) {
            if let Some(count) = starts.get_mut(person as usize + 1) {
                *count += 1;
            }
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut next = starts.clone();
        let mut by_person = vec![0; total];
        for (at, group) in (0u32..).zip(groups) {
            for person in &group.members {
                let Some(place) = next.get_mut(person as usize) else { continue };
                if let Some(slot) = by_person.get_mut(*place) {
                    *slot = at;
                }
                *place += 1;
            }
        }
        let open = groups.iter().map(|group| group.incomplete || !group.perhaps.is_empty()).collect();
        Self { starts, groups: by_person, open }
    }

    /// Whether a person is in a group; `None`: that has to be asked of the group.
    #[inline]
    pub(super) fn contains(&self, person: u32, group: u32) -> Option<Decision> {
        let at = person as usize;
        let own = self.starts.get(at).zip(self.starts.get(at + 1)).and_then(|(from, to)| self.groups.get(*from..*to));
        if own.is_some_and(|own| own.binary_search(&group).is_ok()) {
            return Some(Decision::Allowed);
        }
        self.open.get(group as usize).is_some_and(|open| !open).then_some(Decision::Denied)
    }
}

/// Follows nested groups, as far as the policy counts them.
pub(super) fn close(groups: &mut [GroupFacts], nested: Decision) {
    if nested == Decision::Denied || groups.iter().all(|group| group.inner.is_empty()) {
        return;
    }
    let order = inner_first(groups);
    let mut closed: Vec<(RoaringBitmap, RoaringBitmap, bool)> = groups
        .iter()
        .zip(0u32..)
        .map(|(group, at)| (group.members.clone(), RoaringBitmap::from_iter([at]), group.incomplete))
        .collect();
    // Inner groups first, one pass is enough without cycles; with them, until nothing grows any more.
    loop {
        let mut grown = false;
        for &at in &order {
            let Some(group) = groups.get(at as usize) else { continue };
            for &inner in group.inner.iter().filter(|inner| **inner != at) {
                let Some(from) = closed.get_mut(inner as usize).map(std::mem::take) else { continue };
                if let Some(into) = closed.get_mut(at as usize) {
                    let before = (into.0.len(), into.1.len(), into.2);
                    into.0 |= &from.0;
                    into.1 |= &from.1;
                    into.2 |= from.2;
                    grown |= before != (into.0.len(), into.1.len(), into.2);
                }
                if let Some(back) = closed.get_mut(inner as usize) {
                    *back = from;
                }
            }
        }
        if !grown {
            break;
        }
    }
    for (group, (members, reach, incomplete)) in groups.iter_mut().zip(closed) {
        if !group.inner.is_empty() {
            group.own = Some((group.members.clone(), group.incomplete));
        }
        group.incomplete = incomplete;
        group.reach = reach;
        if nested == Decision::Allowed {
            group.members = members;
        } else {
            group.perhaps = members - &group.members;
        }
    }
}

/// Groups in an order in which those inside come before those around them, where there is such an order.
fn inner_first(groups: &[GroupFacts]) -> Vec<u32> {
    let mut order = Vec::with_capacity(groups.len());
    let mut seen = vec![false; groups.len()];
    let mut stack: Vec<(u32, usize)> = Vec::new();
    for (start, _) in (0u32..).zip(groups) {
        stack.push((start, 0));
        while let Some((at, next)) = stack.pop() {
            let Some((mark, group)) = seen.get_mut(at as usize).zip(groups.get(at as usize)) else { continue };
            if next == 0 && std::mem::replace(mark, true) {
                continue;
            }
            match group.inner.get(next) {
                Some(&inner) => {
                    stack.push((at, next + 1));
                    stack.push((inner, 0));
                }
                None => order.push(at),
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(inner: &[&[u32]], members: &[&[u32]]) -> Vec<GroupFacts> {
        let facts = inner.iter().zip(members).map(|(inner, members)| GroupFacts {
            inner: inner.to_vec(),
            members: members.iter().copied().collect(),
            ..GroupFacts::default()
        });
        facts.collect()
    }

    #[test]
    fn by_person_and_by_group_say_the_same() {
        let mut all = groups(&[&[1], &[], &[]], &[&[0, 2], &[1], &[]]);
        all[2].incomplete = true;
        for nested in [Decision::Allowed, Decision::Unknown, Decision::Denied] {
            close(&mut all, nested);
            let memberships = Memberships::of(&all, 4);
            for (at, group) in (0u32..).zip(&all) {
                for person in 0..5 {
                    let found = memberships.contains(person, at);
                    assert!(found.is_none_or(|found| found == group.contains(person)), "{person} in {at}: {found:?}");
                    assert!(found.is_some() || group.incomplete || nested == Decision::Unknown);
                }
            }
        }
    }

    #[test]
    fn members_of_nested_groups_count_through_a_cycle() {
        let mut all = groups(&[&[1], &[2], &[0], &[]], &[&[10], &[11], &[12], &[13]]);
        close(&mut all, Decision::Allowed);
        for group in &all[..3] {
            assert_eq!(group.members.iter().collect::<Vec<_>>(), [10, 11, 12]);
        }
        assert_eq!(all[3].members.iter().collect::<Vec<_>>(), [13]);
    }

    #[test]
    fn where_the_policy_leaves_it_open_nested_members_are_perhaps_members() {
        let mut all = groups(&[&[1], &[]], &[&[1], &[2]]);
        close(&mut all, Decision::Unknown);
        assert_eq!(all[0].contains(1), Decision::Allowed);
        assert_eq!(all[0].contains(2), Decision::Unknown);
        assert_eq!(all[1].contains(1), Decision::Denied);
    }

    #[test]
    fn a_group_around_one_that_cannot_be_listed_is_incomplete_too() {
        let mut all = groups(&[&[1], &[]], &[&[1], &[]]);
        all[1].incomplete = true;
        close(&mut all, Decision::Allowed);
        assert_eq!(all[0].contains(7), Decision::Unknown);
        let mut off = groups(&[&[1], &[]], &[&[1], &[]]);
        off[1].incomplete = true;
        close(&mut off, Decision::Denied);
        assert_eq!(off[0].contains(7), Decision::Denied);
    }
}
