//! Public links: who may view a content without an account.

use std::collections::{HashMap, HashSet};

use super::site::Site;
use crate::apis::graphql::lift::{self, PublicLink, SpaceLinks};
use crate::apis::graphql::requests;
use crate::fetch::pages::{Walked, gap_of_site};
use crate::fetch::{Error, Result};
use crate::model::{Content, Gap, GapCause, SiteFact, Snapshot, Space};

/// Links named in one gap.
const NAMED: usize = 3;

/// What a site says about its public links.
#[derive(Default)]
pub(in crate::fetch) struct PublicLinks {
    /// Whether they work at all.
    site: Option<bool>,
    /// By the key of a space.
    spaces: HashMap<String, OfSpace>,
    gaps: Vec<Gap>,
}

/// The public links of a space.
struct OfSpace {
    /// Whether they work there.
    enabled: Option<bool>,
    /// Those that are on, and those whose state is unknown, by the id of their content.
    links: HashMap<String, Option<bool>>,
    /// Whether these are all.
    complete: bool,
}

impl Site<'_> {
    /// The public links of `spaces`: one request for the site, one for every hundred spaces, and one for each space with
    /// links. What could not be read is a gap, and stays unknown.
    pub(in crate::fetch) async fn public_links(&self, spaces: &[Space]) -> PublicLinks {
        let mut found = PublicLinks::default();
        if let Err(gap) = self.read_public_links(spaces, &mut found).await {
            found.gaps.push(*gap);
        }
        found
    }

    async fn read_public_links(&self, spaces: &[Space], found: &mut PublicLinks) -> std::result::Result<(), Box<Gap>> {
        let lost = |error: Error| Box::new(gap_of_site(&error, SiteFact::PublicLinks));
        if self.session.transport.is_through_gateway() {
            return Err(Box::new(Gap::new(
                SiteFact::PublicLinks.about(),
                GapCause::Unsupported,
                "public links are unknown: OAuth, a token with scopes and `cloud_id` cannot read them; connect to the \
                 address of the site with an API token without scopes",
            )));
        }
        let request = requests::public_link_site();
        let answer = self.session.ask(&request, self.session.full(), &lift::public_link_site).await.map_err(lost)?;
        found.gaps.extend(answer.gaps);
        found.site = answer.rows.first().copied();
        if found.site != Some(true) {
            // Nothing works where the site has them off, and nothing more is said to an account that was refused.
            return Ok(());
        }
        let key = |space: &SpaceLinks| space.space_id.clone();
        let request = requests::public_link_spaces(requests::LIMIT);
        let about = SiteFact::PublicLinks.about();
        let listed = self.session.walk(request, lift::public_link_spaces, key, about).await.map_err(lost)?;
        found.gaps.extend(listed.gaps);
        let states: HashMap<&str, &SpaceLinks> = listed.rows.iter().map(|row| (row.space_id.as_str(), row)).collect();
        let ask = spaces.iter().map(|space| {
            let state = states.get(space.id.as_str()).copied();
            async move { (space, self.links_of(space, state).await) }
        });
        for (space, links) in self.session.in_order(ask).await {
            let (enabled, walked) = match links {
                (enabled, Ok(walked)) => (enabled, walked),
                (enabled, Err(error)) => {
                    let gap = gap_of_site(&error, SiteFact::PublicLinks);
                    (enabled, Walked { gaps: vec![gap], ..Walked::default() })
                }
            };
            let complete = walked.complete && walked.gaps.is_empty();
            found.gaps.extend(
                walked
                    .gaps
                    .into_iter()
                    .map(|gap| Gap { message: format!("space `{}`: {}", space.key, gap.message), ..gap }),
            );
            let links = walked.rows.into_iter().map(|link| (link.content_id, link.on)).collect();
            found.spaces.insert(space.key.clone(), OfSpace { enabled, links, complete });
        }
        Ok(())
    }

    /// Whether links work in a space, and which are on. A space without any is not asked about them.
    async fn links_of(&self, space: &Space, state: Option<&SpaceLinks>) -> (Option<bool>, Result<Walked<PublicLink>>) {
        let enabled = state.and_then(|state| state.enabled);
        if enabled == Some(false) || state.and_then(|state| state.active) == Some(0) {
            return (enabled, Ok(Walked { complete: true, ..Walked::default() }));
        }
        let request = requests::public_links(&space.id, requests::LIMIT);
        let key = |link: &PublicLink| link.content_id.clone();
        (enabled, self.session.walk(request, lift::public_links, key, SiteFact::PublicLinks.about()).await)
    }
}

impl PublicLinks {
    /// Writes the facts into `snapshot`, whose contents are read.
    pub(in crate::fetch) fn write(mut self, snapshot: &mut Snapshot) {
        snapshot.site.public_links_enabled = self.site;
        for space in &mut snapshot.spaces {
            space.public_links_enabled = self.spaces.get(&space.key).and_then(|links| links.enabled);
        }
        let mut by_space: HashMap<&str, Vec<&mut Content>> = HashMap::new();
        if self.site == Some(false) {
            snapshot.contents.iter_mut().for_each(|content| content.public_link = Some(false));
        } else {
            for content in &mut snapshot.contents {
                if let Some((key, _)) = self.spaces.get_key_value(&content.space_key) {
                    by_space.entry(key).or_default().push(content);
                }
            }
        }
        for (key, links) in &self.spaces {
            let contents = by_space.remove(key.as_str()).unwrap_or_default();
            self.gaps.extend(links.write(key, contents));
        }
        snapshot.gaps.append(&mut self.gaps);
    }
}

impl OfSpace {
    /// Writes the links into the contents of the space; a gap for links to contents that are not among them.
    fn write(&self, key: &str, contents: Vec<&mut Content>) -> Option<Gap> {
        let known: HashSet<&str> = contents.iter().map(|content| content.id.as_str()).collect();
        let mut strangers: Vec<&str> = self.links.keys().map(String::as_str).filter(|id| !known.contains(id)).collect();
        strangers.sort_unstable();
        // Where no id is that of a content, the ids may be those of something else.
        let trusted = strangers.is_empty() || strangers.len() < self.links.len();
        for content in contents {
            content.public_link = match self.links.get(&content.id) {
                Some(on) => *on,
                None => (self.complete && trusted).then_some(false),
            };
        }
        if strangers.is_empty() {
            return None;
        }
        let (cause, result) = match trusted {
            true => (GapCause::NotListed, "the account cannot see them, or they were deleted meanwhile"),
            false => (GapCause::NotTrusted, "so whether the contents of the space have a link is unknown"),
        };
        let more = if strangers.len() > NAMED { ", …" } else { "" };
        let named = strangers.iter().take(NAMED).copied().collect::<Vec<_>>().join("`, `");
        let message = format!(
            "space `{key}`: {} of {} public links lead to contents that are not in the snapshot (`{named}`{more}): {result}",
            strangers.len(),
            self.links.len()
        );
        Some(Gap::new(SiteFact::PublicLinks.about(), cause, message))
    }
}
