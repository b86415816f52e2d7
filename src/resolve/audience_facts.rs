//! Facts about audiences for search indexes: an id that depends on the members alone, and whether it is everyone.

use std::sync::Arc;

use ring::digest::{Context, SHA256};
use roaring::RoaringBitmap;

use super::audiences::Audiences;
use super::site::{IndexedSite, Licence};
use super::threads::shares;
use super::tri::Tri;
use crate::model::{Decision, Operation, UserType};

use Decision::Allowed;

/// A sum of hashes: the same in whatever order they were added.
type Sum = [u64; 4];

fn hash_of(text: &str) -> Sum {
    let mut context = Context::new(&SHA256);
    context.update(text.as_bytes());
    let mut sum = Sum::default();
    for (word, bytes) in sum.iter_mut().zip(context.finish().as_ref().chunks_exact(8)) {
        *word = u64::from_le_bytes(bytes.try_into().unwrap_or_default());
    }
    sum
}

/// The first half of the hash as text: 128 bits are enough to tell any two apart.
pub(super) fn text_of(context: Context) -> Arc<str> {
    let hash = context.finish();
    let half = hash.as_ref().first_chunk().copied().unwrap_or_default();
    format!("{:032x}", u128::from_be_bytes(half)).into()
}

/// Hashes of the accounts and, last, of anonymous.
struct Members(Vec<Sum>);

impl Members {
    fn of(site: &IndexedSite) -> Self {
        let accounts = site.names.iter().map(|names| hash_of(&format!("user:{}", names.id)));
        Self(accounts.chain([hash_of("anonymous")]).collect())
    }

    fn sum(&self, people: &RoaringBitmap) -> Sum {
        let mut all = Sum::default();
        for member in people.iter().filter_map(|at| self.0.get(at as usize)) {
            for (word, more) in all.iter_mut().zip(member) {
                *word = word.wrapping_add(*more);
            }
        }
        all
    }

    fn audience_id(&self, set: &Tri) -> Arc<str> {
        let mut context = Context::new(&SHA256);
        let unknown = set.unknown();
        for people in [&set.yes, &unknown] {
            context.update(&people.len().to_le_bytes());
            self.sum(people).iter().for_each(|word| context.update(&word.to_le_bytes()));
        }
        text_of(context)
    }
}

/// What the rows say about a set of people.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// Hash of the members and of those for whom it is unknown.
    pub(super) id: Arc<str>,
    pub(super) everyone: bool,
    pub(super) anonymous: bool,
    pub(super) complete: bool,
}

/// What the rows say about every audience of an operation.
#[derive(Debug)]
pub(super) struct AudienceFacts {
    /// By number of the set; `None` for a set that is the audience of no content.
    facts: Vec<Option<Facts>>,
    pub(super) nobody: Facts,
}

impl AudienceFacts {
    pub(super) fn of(&self, set: u32) -> Option<&Facts> {
        self.facts.get(set as usize)?.as_ref()
    }
}

/// Makes the facts of sets.
struct Maker {
    members: Members,
    /// Active accounts with a licence, without guests and apps.
    licensed: RoaringBitmap,
    anonymous: u32,
}

impl Maker {
    fn new(site: &IndexedSite) -> Self {
        let licensed = (0u32..).zip(&site.people).filter(|(at, traits)| {
            traits.active == Allowed
                && traits.guest != Allowed
                && matches!(traits.licence, Licence::Licensed | Licence::Assumed)
                && site.user(*at).is_some_and(|user| user.kind != UserType::App)
        });
        Self {
            members: Members::of(site),
            licensed: licensed.map(|(at, _)| at).collect(),
            anonymous: site.anonymous_bit(),
        }
    }

    fn facts(&self, set: &Tri) -> Facts {
        Facts {
            id: self.members.audience_id(set),
            everyone: !self.licensed.is_empty() && self.licensed.is_subset(&set.yes),
            anonymous: set.yes.contains(self.anonymous),
            complete: set.maybe.is_none(),
        }
    }
}

impl IndexedSite {
    /// The facts of all audiences of an operation.
    pub(super) fn audience_facts(&self, audiences: &Audiences, operation: Operation) -> AudienceFacts {
        let maker = Maker::new(self);
        let mut used = vec![false; audiences.set_count()];
        for set in audiences.ids(operation) {
            if let Some(used) = used.get_mut(*set as usize) {
                *used = true;
            }
        }
        let facts = shares(used.len(), |range| {
            let facts = |at: usize| {
                let set = used.get(at).filter(|used| **used).and_then(|_| audiences.set(u32::try_from(at).ok()?));
                set.map(|set| maker.facts(set))
            };
            range.map(facts).collect::<Vec<_>>()
        });
        AudienceFacts { facts: facts.into_iter().flatten().collect(), nobody: maker.facts(&Tri::default()) }
    }
}
