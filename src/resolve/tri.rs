//! Sets of people in three values: who passes for certain, and who may.

use roaring::RoaringBitmap;

use crate::model::Decision;

use Decision::{Allowed, Denied, Unknown};

/// People who pass for certain, and people who may pass.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Tri {
    pub(super) yes: RoaringBitmap,
    /// Contains `yes`; `None` where it is the same.
    pub(super) maybe: Option<RoaringBitmap>,
}

impl Tri {
    pub(super) fn new(yes: RoaringBitmap, maybe: RoaringBitmap) -> Self {
        let maybe = (maybe.len() != yes.len()).then_some(maybe);
        Self { yes, maybe }
    }

    pub(super) fn certain(yes: RoaringBitmap) -> Self {
        Self { yes, maybe: None }
    }

    pub(super) fn maybe(&self) -> &RoaringBitmap {
        self.maybe.as_ref().unwrap_or(&self.yes)
    }

    pub(super) fn into_maybe(self) -> RoaringBitmap {
        self.maybe.unwrap_or(self.yes)
    }

    /// Those who may pass, and not for certain.
    pub(super) fn unknown(&self) -> RoaringBitmap {
        self.maybe.as_ref().map_or_else(RoaringBitmap::new, |maybe| maybe - &self.yes)
    }

    pub(super) fn unknown_len(&self) -> u64 {
        self.maybe.as_ref().map_or(0, |maybe| maybe.len() - self.yes.len())
    }

    pub(super) fn decision(&self, bit: u32) -> Decision {
        if self.yes.contains(bit) {
            Allowed
        } else if self.maybe().contains(bit) {
            Unknown
        } else {
            Denied
        }
    }

    /// Those in both.
    pub(super) fn meet(&self, other: &Self) -> Self {
        let yes = &self.yes & &other.yes;
        if self.maybe.is_none() && other.maybe.is_none() {
            return Self::certain(yes);
        }
        Self::new(yes, self.maybe() & other.maybe())
    }

    /// Those in both.
    pub(super) fn and(mut self, other: Self) -> Self {
        let maybe = match (self.maybe.take(), &other.maybe) {
            (None, None) => None,
            (None, Some(other)) => Some(&self.yes & other),
            (Some(mut maybe), _) => {
                maybe &= other.maybe();
                Some(maybe)
            }
        };
        self.yes &= other.yes;
        Self { yes: self.yes, maybe }.normal()
    }

    /// Those in either.
    pub(super) fn or(mut self, other: Self) -> Self {
        let maybe = match (self.maybe.take(), &other.maybe) {
            (None, None) => None,
            (None, Some(other)) => Some(&self.yes | other),
            (Some(mut maybe), _) => {
                maybe |= other.maybe();
                Some(maybe)
            }
        };
        self.yes |= other.yes;
        Self { yes: self.yes, maybe }.normal()
    }

    /// The part of it among `people`.
    pub(super) fn among(mut self, people: &RoaringBitmap) -> Self {
        self.yes &= people;
        if let Some(maybe) = &mut self.maybe {
            *maybe &= people;
        }
        self.normal()
    }

    fn normal(self) -> Self {
        match self.maybe {
            Some(maybe) => Self::new(self.yes, maybe),
            None => self,
        }
    }
}

/// Adds principals up.
#[derive(Default)]
pub(super) struct Union {
    pub(super) yes: RoaringBitmap,
    pub(super) maybe: RoaringBitmap,
}

impl Union {
    pub(super) fn tri(mut self) -> Tri {
        if self.maybe.is_empty() {
            return Tri::certain(self.yes);
        }
        self.maybe |= &self.yes;
        Tri::new(self.yes, self.maybe)
    }
}
