//! The algebra the rule book is written over: who is asked about, and how answers add up. There are two: one actor, whose
//! answers are decisions with reasons, and the population, whose answers are sets of people.

use super::answer::{Answer, PASS};
use super::codes::{Reason, Reasons};
use super::site::{IndexedSite, Licence, Principal};
use super::who::{Actor, Who};
use crate::model::Decision;

use Decision::{Allowed, Denied, Unknown};

/// Who is asked about. The first methods say what a rule may look at, the others how its answers are combined.
pub(super) trait Asker {
    /// What a rule comes to.
    type Answer: Clone;

    /// An answer that does not depend on who asks.
    fn fixed(&self, answer: Answer) -> Self::Answer;

    /// Is, or belongs to, one of the principals of these lists.
    fn any<L>(&self, site: &IndexedSite, lists: L) -> Self::Answer
    where
        L: IntoIterator<Item: IntoIterator<Item = Principal>>;

    /// Is the account with this id; `None`: an account that is not known.
    fn is_account(&self, site: &IndexedSite, id: Option<&str>) -> Self::Answer;

    /// Is logged in.
    fn is_logged_in(&self) -> Self::Answer;

    /// Has no licence; `None`: nobody asked about is without one.
    fn is_unlicensed(&self) -> Option<Self::Answer>;

    /// May use the site only where a space is opened to people without a licence; `None`: that holds for nobody.
    fn needs_open_space(&self) -> Option<Self::Answer>;

    /// May use the site, whatever the space.
    fn may_use_site(&self, site: &IndexedSite) -> Self::Answer;

    /// Has what the free plan gives where no permission is stored.
    fn has_free_plan(&self, site: &IndexedSite) -> Self::Answer;

    /// Is a system administrator (Data Center).
    fn is_system_admin(&self, site: &IndexedSite) -> Self::Answer;

    /// Both must hold.
    fn and(&self, one: Self::Answer, other: Self::Answer) -> Self::Answer;

    /// One is enough; the other is computed only where it matters.
    fn or(&self, one: Self::Answer, other: impl FnOnce() -> Self::Answer) -> Self::Answer;

    /// Passes only perhaps.
    fn doubted(&self, answer: Self::Answer, reasons: impl Into<Reasons>) -> Self::Answer;

    /// Is stopped only perhaps.
    fn relaxed(&self, answer: Self::Answer, reasons: impl Into<Reasons>) -> Self::Answer;

    /// One of two answers: the first where `fact` holds or may hold.
    fn choose(&self, fact: Self::Answer, one: Self::Answer, other: impl FnOnce() -> Self::Answer) -> Self::Answer;

    /// Gives the reason where the answer is this decision.
    fn because(&self, answer: Self::Answer, _: Decision, _: Reason) -> Self::Answer {
        answer
    }

    /// A doubt whether anonymous may use the site needs no word where the space gives anonymous nothing.
    fn unless_moot(&self, answer: Self::Answer, _: impl FnOnce() -> Self::Answer) -> Self::Answer {
        answer
    }
}

impl Asker for Actor {
    type Answer = Answer;

    fn fixed(&self, answer: Answer) -> Answer {
        answer
    }

    fn any<L>(&self, site: &IndexedSite, lists: L) -> Answer
    where
        L: IntoIterator<Item: IntoIterator<Item = Principal>>,
    {
        let mut best = Denied;
        for list in lists {
            for principal in list {
                best = best.or(site.belongs(self, principal));
                if best == Allowed {
                    return best.into();
                }
            }
        }
        best.into()
    }

    fn is_account(&self, site: &IndexedSite, id: Option<&str>) -> Answer {
        let decision = match (id.map(|id| site.find_person(id)), self.who) {
            (Some(Some(account)), Who::Person(person)) => Decision::from(account == person),
            (None, Who::Person(_) | Who::UnknownUser) => Unknown,
            // Neither occurs anywhere else: they may be the same.
            (Some(None), Who::UnknownUser) => Unknown,
            _ => Denied,
        };
        decision.into()
    }

    fn is_logged_in(&self) -> Answer {
        Decision::from(!matches!(self.who, Who::Anonymous | Who::PublicLink)).into()
    }

    fn is_unlicensed(&self) -> Option<Answer> {
        (self.traits.licence == Licence::Unlicensed).then_some(PASS)
    }

    fn needs_open_space(&self) -> Option<Answer> {
        let person = matches!(self.who, Who::Person(_) | Who::AnyMember(_));
        (person && self.traits.licence == Licence::Unlicensed && self.traits.active == Allowed).then_some(PASS)
    }

    fn may_use_site(&self, site: &IndexedSite) -> Answer {
        site.site_access(self)
    }

    fn has_free_plan(&self, site: &IndexedSite) -> Answer {
        site.free_plan(self).into()
    }

    fn is_system_admin(&self, site: &IndexedSite) -> Answer {
        site.system_admin(self).into()
    }

    fn and(&self, mut one: Answer, other: Answer) -> Answer {
        one.decision = one.decision.and(other.decision);
        one.reasons.add(other.reasons);
        one
    }

    fn or(&self, one: Answer, other: impl FnOnce() -> Answer) -> Answer {
        if one.decision == Allowed {
            return one;
        }
        let mut other = other();
        if other.decision != Allowed {
            other.decision = one.decision.or(other.decision);
            other.reasons.add(one.reasons);
        }
        other
    }

    fn doubted(&self, answer: Answer, reasons: impl Into<Reasons>) -> Answer {
        if answer.decision == Denied { answer } else { Answer { decision: Unknown, reasons: reasons.into() } }
    }

    fn relaxed(&self, answer: Answer, reasons: impl Into<Reasons>) -> Answer {
        if answer.decision == Denied { Answer { decision: Unknown, reasons: reasons.into() } } else { answer }
    }

    fn choose(&self, fact: Answer, one: Answer, other: impl FnOnce() -> Answer) -> Answer {
        if fact.decision == Denied { other() } else { one }
    }

    fn because(&self, mut answer: Answer, decision: Decision, reason: Reason) -> Answer {
        if answer.decision == decision {
            answer.reasons = reason.into();
        }
        answer
    }

    fn unless_moot(&self, answer: Answer, granted: impl FnOnce() -> Answer) -> Answer {
        let anonymous = matches!(self.who, Who::Anonymous | Who::PublicLink);
        let moot = anonymous && answer.decision == Unknown && granted().decision == Denied;
        if moot { Unknown.into() } else { answer }
    }
}
