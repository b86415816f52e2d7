//! How far each content and each space reaches: who is let in who is not one of a known few, and by what.

use std::sync::Arc;

use roaring::RoaringBitmap;

use super::audiences::NO_SET;
use super::chain::Position;
use super::engine::Engine;
use super::findings::HUGE_GROUP;
use super::needs::Need;
use super::outsiders::Outsiders;
use super::site::{Class, IndexedSite, Licence, Principal, SpaceFacts};
use super::threads::shares;
use super::tri::Tri;
use crate::model::{Decision, record, word, words};

use Decision::{Allowed, Unknown};

words! {
    /// How far something reaches, the farthest first.
    Reach {
        /// Anyone, without logging in.
        Internet = "internet",
        /// Anyone who knows a public link.
        Link = "link",
        /// Guests.
        Guests = "guests",
        /// Accounts without a licence, such as service desk customers.
        Unlicensed = "unlicensed",
        /// Every account that may use the site.
        AllUsers = "all_users",
        /// More accounts than a huge group has.
        LargeGroup = "large_group",
        /// Some accounts.
        Some = "some",
        /// Ten accounts at most.
        Few = "few",
        /// No account.
        Nobody = "nobody",
    }
}

word!(Reach as "Reach");

words! {
    /// What a row is about.
    ExposureKind {
        /// A content item.
        Content = "content",
        /// A space.
        Space = "space",
    }
}

word!(ExposureKind as "ExposureKind");

words! {
    /// Why something reaches as far as it does.
    ExposureCode {
        /// The space grants view to anonymous users, who may use the site.
        Anonymous = "anonymous_grant",
        /// A public link is on; of a space: on one of its content items at least.
        PublicLink = "public_link",
        /// Guests are among those who may view it.
        Guests = "guests",
        /// Accounts without a licence are among those who may view it.
        Unlicensed = "unlicensed",
        /// The space grants view to everyone with a licence, or to everyone who is logged in.
        AllUsers = "all_users_grant",
        /// The space grants view to a huge group.
        LargeGroup = "huge_group_grant",
        /// It has a view restriction.
        OwnRestriction = "own_restriction",
        /// An ancestor has a view restriction.
        InheritedRestriction = "inherited_restriction",
        /// No view restriction applies to it.
        NoRestriction = "no_restriction",
        /// Whether some accounts may view it is unknown.
        UnknownViewers = "unknown_viewers",
        /// Whether anonymous users may view it is unknown.
        UnknownAnonymous = "unknown_anonymous",
        /// Whether a public link is on is unknown.
        UnknownLink = "unknown_public_link",
    }
}

/// A set of codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExposureCodes(u16);

impl ExposureCodes {
    fn add(&mut self, code: ExposureCode, holds: bool) {
        self.0 |= u16::from(holds) << code as u16;
    }

    /// Whether a code is among them.
    pub fn contains(self, code: ExposureCode) -> bool {
        self.0 >> (code as u16) & 1 == 1
    }

    /// Its words, in the order they are documented.
    pub fn words(self) -> Vec<&'static str> {
        let codes = ExposureCode::ALL.iter().filter(|code| self.contains(**code));
        codes.map(|code| code.as_str()).collect()
    }
}

record! {
    /// One row is one space or one content item, with how far it reaches: who may view it by standing access.
    ///
    /// Spaces come first. There is no score: `reach` is the farthest that is certain, `because` the facts behind it. What
    /// is in the trash has no row. From `access.exposure()`.
    pub struct Exposure {
        /// `content` or `space`.
        pub kind: ExposureKind,
        /// Key of the space.
        pub space_key: Arc<str>,
        /// The content item; null for a space.
        pub content_id: Option<String>,
        /// Title of the item, or name of the space.
        pub title: Option<String>,
        /// `internet`, `link` (a public link), `guests`, `unlicensed`, `all_users` (everyone who may use the site),
        /// `large_group` (more than 1,000 accounts), `some`, `few` (ten at most) or `nobody`; the first that applies. Null if
        /// nobody is certain to view it and for some it is unknown.
        pub reach: Option<Reach>,
        /// Accounts that may view it.
        pub viewers: u64,
        /// Accounts that may edit it; in a space those who may edit pages.
        pub editors: u64,
        /// Guests among the viewers (Cloud).
        pub guests: u64,
        /// People with an e-mail address of another domain among the viewers: neither in `internal_domains` nor, without
        /// that, in a domain the organization has verified; null if both are unknown. Accounts whose address is hidden are
        /// not counted.
        pub external: Option<u64>,
        /// Apps among the viewers.
        pub apps: u64,
        /// Accounts for which viewing is unknown.
        pub unknown: u64,
        /// The facts behind `reach`.
        field because: ExposureCodes,
        /// Codes of the facts behind `reach`, such as `anonymous_grant` or `inherited_restriction`.
        column because: Vec<String> = |row| row.because.words(),
    }
}

/// What exposure is measured by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExposureOptions {
    /// The domains of the organisation's own e-mail addresses, in lower case; empty: those it has verified.
    pub internal_domains: Vec<String>,
    /// More accounts than this are a large group.
    pub huge_group: u64,
}

impl Default for ExposureOptions {
    fn default() -> Self {
        Self { internal_domains: Vec::new(), huge_group: HUGE_GROUP }
    }
}

/// Ten accounts at most are few.
const FEW: u64 = 10;

/// What a set of viewers comes to, wherever it is the audience.
#[derive(Debug, Clone, Copy)]
struct Viewers {
    reach: Option<Reach>,
    viewers: u64,
    guests: u64,
    external: u64,
    apps: u64,
    unknown: u64,
    because: ExposureCodes,
}

struct Gauge<'a> {
    engine: &'a Engine,
    site: &'a IndexedSite,
    options: &'a ExposureOptions,
    outsiders: Outsiders,
    unlicensed: RoaringBitmap,
    /// Everyone with a licence who may use the site, without guests and apps.
    everyone: RoaringBitmap,
}

/// Most rows in one step.
const ROWS: usize = 65_536;

/// One row per space, then one per content, in their order and in steps of bounded size.
pub(super) fn exposure<'a>(
    engine: &'a Engine,
    options: &'a ExposureOptions,
) -> impl Iterator<Item = Vec<Exposure>> + 'a {
    let site = &engine.site;
    let outsiders = site.outsiders(&options.internal_domains);
    let unlicensed = (0u32..).zip(&site.people).filter(|(_, traits)| traits.licence == Licence::Unlicensed);
    let population = engine.population();
    let everyone = population.working(&site.everybody()) - &outsiders.guests - &outsiders.apps;
    let unlicensed = unlicensed.map(|(at, _)| at).collect();
    let gauge = Gauge { engine, site, options, outsiders, unlicensed, everyone };
    let audiences = engine.audiences();
    let sets: Vec<Viewers> = (0..audiences.set_count())
        .map(|id| gauge.viewers(audiences.set(u32::try_from(id).unwrap_or(u32::MAX)).unwrap_or(&Tri::default())))
        .collect();
    let wide: Vec<ExposureCodes> = site.spaces.iter().map(|space| gauge.grants(space)).collect();
    let links = engine.linked_spaces();
    let spaces = site.spaces.iter().zip(&wide).zip(links);
    let spaces: Vec<Exposure> = spaces.map(|((space, wide), link)| gauge.space(space, *wide, link)).collect();
    let contents = (0..site.nodes.len()).step_by(ROWS).map(move |first| {
        let shares = shares(ROWS.min(site.nodes.len() - first), |range| {
            let rows = range.filter_map(|at| gauge.content(u32::try_from(first + at).ok()?, &sets, &wide));
            rows.collect::<Vec<_>>()
        });
        shares.into_iter().reduce(|mut all, more| {
            all.extend(more);
            all
        })
    });
    std::iter::once(spaces).chain(contents.flatten())
}

impl Engine {
    /// For each space, whether a public link is on for one of its contents.
    fn linked_spaces(&self) -> Vec<bool> {
        let (site, audiences) = (&self.site, self.audiences());
        let mut links = vec![false; site.spaces.len()];
        let linked = shares(site.nodes.len(), |range| {
            let contents = range.filter_map(|at| u32::try_from(at).ok());
            let linked = |at: &u32| audiences.view.get(*at as usize).is_some_and(|set| *set != NO_SET);
            let linked = contents.filter(|at| site.public_link(*at) == Allowed).filter(linked);
            linked.filter_map(|at| site.node(at)).map(|node| node.space).collect::<Vec<_>>()
        });
        for space in linked.into_iter().flatten() {
            if let Some(link) = links.get_mut(space as usize) {
                *link = true;
            }
        }
        links
    }
}

impl Gauge<'_> {
    fn viewers(&self, set: &Tri) -> Viewers {
        let bit = self.site.anonymous_bit();
        let anonymous = set.decision(bit);
        let among = |people: &RoaringBitmap| set.yes.intersection_len(people);
        let viewers = set.yes.len() - u64::from(set.yes.contains(bit));
        let unknown = set.unknown_len() - u64::from(anonymous == Unknown);
        let (guests, unlicensed) = (among(&self.outsiders.guests), among(&self.unlicensed));
        let everyone = !self.everyone.is_empty() && self.everyone.is_subset(&set.yes);
        let reach = match viewers {
            _ if anonymous == Allowed => Some(Reach::Internet),
            _ if guests > 0 => Some(Reach::Guests),
            _ if unlicensed > 0 => Some(Reach::Unlicensed),
            _ if everyone => Some(Reach::AllUsers),
            many if many > self.options.huge_group => Some(Reach::LargeGroup),
            0 => (set.unknown_len() == 0).then_some(Reach::Nobody),
            1..=FEW => Some(Reach::Few),
            _ => Some(Reach::Some),
        };
        let mut because = ExposureCodes::default();
        because.add(ExposureCode::Anonymous, anonymous == Allowed);
        because.add(ExposureCode::Guests, guests > 0);
        because.add(ExposureCode::Unlicensed, unlicensed > 0);
        because.add(ExposureCode::UnknownViewers, unknown > 0);
        because.add(ExposureCode::UnknownAnonymous, anonymous == Unknown);
        let (external, apps) = (among(&self.outsiders.external), among(&self.outsiders.apps));
        Viewers { reach, viewers, guests, external, apps, unknown, because }
    }

    /// The grants of a space that let in many.
    fn grants(&self, space: &SpaceFacts) -> ExposureCodes {
        let mut codes = ExposureCodes::default();
        let population = self.engine.population();
        for (principal, _) in self.site.grants(space, Need::View) {
            match principal {
                Principal::Class(Class::AllLicensed | Class::Authenticated) => codes.add(ExposureCode::AllUsers, true),
                Principal::Group(at) => {
                    let members = self.site.groups.get(at as usize).map(|group| population.alive(&group.members).len());
                    codes.add(ExposureCode::LargeGroup, members.is_some_and(|count| count > self.options.huge_group));
                }
                _ => {}
            }
        }
        codes
    }

    fn row(&self, kind: ExposureKind, space_key: Arc<str>, found: Viewers, editors: u64) -> Exposure {
        let known = !self.site.internal_domains(&self.options.internal_domains).is_empty();
        Exposure {
            kind,
            space_key,
            content_id: None,
            title: None,
            reach: found.reach,
            viewers: found.viewers,
            editors,
            guests: found.guests,
            external: known.then_some(found.external),
            apps: found.apps,
            unknown: found.unknown,
            because: found.because,
        }
    }

    fn space(&self, space: &SpaceFacts, wide: ExposureCodes, link: bool) -> Exposure {
        let (site, population) = (self.site, self.engine.population());
        let entrance = population
            .people(site.permission(population, space, Need::View))
            .and(population.people(site.site_rule(population, space)));
        let edit = population.people(site.permission(population, space, Need::EditPage)).and(entrance.clone());
        let changes = site.mode_rule().decision == Allowed && !space.archived;
        let editors = if changes { edit.yes.len() - u64::from(edit.yes.contains(site.anonymous_bit())) } else { 0 };
        let mut row = self.row(ExposureKind::Space, space.key.clone(), self.viewers(&entrance), editors);
        row.title = site.snapshot.spaces.get(space.row as usize).and_then(|space| space.name.clone());
        row.because.0 |= wide.0;
        linked(&mut row, link.into());
        row
    }

    fn content(&self, at: u32, sets: &[Viewers], wide: &[ExposureCodes]) -> Option<Exposure> {
        let (site, audiences) = (self.site, self.engine.audiences());
        let (node, content) = (site.node(at)?, site.content(at)?);
        let found = *sets.get(*audiences.view.get(at as usize)? as usize)?;
        let editors =
            audiences.edit.get(at as usize).and_then(|id| audiences.count(*id)).map_or(0, |(certain, _)| certain);
        let mut row = self.row(ExposureKind::Content, site.space_key(at), found, editors);
        row.content_id = Some(content.id.clone());
        row.title.clone_from(&content.title);
        let (mut own, mut inherited) = (false, false);
        for (_, position) in self.engine.restricting(at) {
            own |= position == Position::Own;
            inherited |= position != Position::Own;
        }
        row.because.add(ExposureCode::OwnRestriction, own);
        row.because.add(ExposureCode::InheritedRestriction, inherited);
        row.because.add(ExposureCode::NoRestriction, !own && !inherited);
        row.because.0 |= wide.get(node.space as usize).map_or(0, |wide| wide.0);
        let link = site.public_link(at);
        row.because.add(ExposureCode::UnknownLink, link == Unknown);
        linked(&mut row, link);
        Some(row)
    }
}

/// A public link lets in anyone who knows it, whatever restricts the content.
fn linked(row: &mut Exposure, link: Decision) {
    row.because.add(ExposureCode::PublicLink, link == Allowed);
    if link == Allowed && row.reach != Some(Reach::Internet) {
        row.reach = Some(Reach::Link);
    }
}
