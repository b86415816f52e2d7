//! Spaces, and how the site grants access to them.

use std::collections::HashMap;

use futures::future::join_all;

use super::site::{Site, SpaceRoles, route_is_absent};
use crate::apis::cloud_v2::lift::{Catalogue, Role};
use crate::apis::cloud_v2::{lift as v2_lift, requests as v2};
use crate::apis::{Request, fitting};
use crate::fetch::lookup::has_key;
use crate::fetch::pages::{Walked, gap_of_site};
use crate::fetch::{Error, Result, halves};
use crate::model::{Gap, Listing, RoleMode, SiteFact, Space};

impl Site<'_> {
    /// How the site grants access to spaces; nothing where it does not know the question.
    pub(in crate::fetch) async fn role_mode(&self) -> Result<Option<RoleMode>> {
        let request = v2::space_role_mode();
        match self.session.ask_one(&request, self.session.full(), v2_lift::space_role_mode).await {
            Ok(mode) => Ok(Some(mode)),
            // Who may not ask does not learn that there are no roles.
            Err(error) if route_is_absent(&error) && error.status() != Some(403) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All spaces.
    pub(in crate::fetch) async fn every_space(&self) -> Result<Listing<Space>> {
        let walked = self.listed_spaces(self.spaces_request()).await?;
        Ok(Listing { rows: walked.rows, gaps: walked.gaps })
    }

    /// How all spaces are asked for.
    pub(in crate::fetch) fn spaces_request(&self) -> Request {
        v2::spaces(&[] as &[&str], v2::MAX_LIMIT)
    }

    async fn listed_spaces(&self, request: Request) -> Result<Walked<Space>> {
        self.session.walk(request, v2_lift::spaces, |s: &Space| s.id.clone(), SiteFact::Spaces.about()).await
    }

    /// Spaces with these keys, and others where the server does not know the filter.
    pub(in crate::fetch) async fn spaces_with_keys(&self, keys: &[String]) -> Result<Listing<Space>> {
        let by_key = |keys: &[String]| v2::spaces(keys, v2::MAX_LIMIT);
        let mut found = self.in_parts(keys, by_key).await?;
        let missing = keys.iter().filter(|key| !found.rows.iter().any(|space| has_key(space, key)));
        // Keys of shared spaces are upper case, and people type them as they like.
        let upper: Vec<String> = missing.map(|key| key.to_uppercase()).filter(|key| !keys.contains(key)).collect();
        let more = self.in_parts(&upper, by_key).await?;
        found.rows.extend(more.rows);
        found.gaps.extend(more.gaps);
        Ok(found)
    }

    /// Spaces with these ids, and others where the server does not know the filter.
    pub(in crate::fetch) async fn spaces_with_ids(&self, ids: &[String]) -> Result<Listing<Space>> {
        self.in_parts(ids, |ids| v2::spaces_by_id(ids, v2::MAX_LIMIT)).await
    }

    /// Asks about spaces in as few requests as their addresses allow. A key no space can have, which spoils the question
    /// for the others, is left out like one of no space.
    async fn in_parts(&self, names: &[String], request: impl Fn(&[String]) -> Request) -> Result<Listing<Space>> {
        let chunks = fitting(names, v2::MAX_SPACES, &request);
        let question = |names: Vec<String>| self.listed_spaces(request(&names));
        let parts = chunks.iter().map(|chunk| halves::ask(chunk, spoilt, question));
        let mut found = Listing::default();
        for (names, answer) in join_all(parts).await.into_iter().flatten() {
            match answer {
                Err(error) if names.len() == 1 && error.status() == Some(400) => {}
                answer => {
                    let walked = answer?;
                    found.rows.extend(walked.rows);
                    found.gaps.extend(walked.gaps);
                }
            }
        }
        Ok(found)
    }

    /// How the site grants access to spaces, and its roles. A site that does not report the first is asked for the roles
    /// all the same: where they can be read, nothing depends on the mode.
    pub(in crate::fetch) async fn space_roles(&self) -> &SpaceRoles {
        let ask = || async {
            match self.role_mode().await {
                Ok(mode) => {
                    let (roles, gaps) = self.roles(mode.as_ref()).await;
                    SpaceRoles { mode, roles, gaps }
                }
                Err(error) => match self.roles(Some(&RoleMode::Other("unknown".to_owned()))).await {
                    (roles @ Some(_), gaps) if gaps.is_empty() => SpaceRoles { roles, ..SpaceRoles::default() },
                    _ => SpaceRoles { gaps: vec![gap_of_site(&error, SiteFact::RoleMode)], ..SpaceRoles::default() },
                },
            }
        };
        self.grants.get_or_init(ask).await
    }

    /// Key of the space a content lives in; nothing where the site does not say.
    pub(in crate::fetch) async fn space_key_of(&self, content: &str) -> Result<Option<String>> {
        let spaces = self.every_space().await?;
        Ok(self.content(content, &spaces.rows).await?.map(|content| content.space_key))
    }

    /// The roles of the site with what they bring.
    pub(in crate::fetch) async fn roles(&self, mode: Option<&RoleMode>) -> (Option<HashMap<String, Role>>, Vec<Gap>) {
        if matches!(mode, None | Some(RoleMode::PreRoles)) {
            return (None, Vec::new());
        }
        // Optional: roles are read without it.
        let catalogue: Catalogue = self
            .session
            .walk(
                v2::space_permission_catalogue(v2::MAX_LIMIT),
                v2_lift::space_permission_catalogue,
                |(id, _): &(String, String)| id.clone(),
                SiteFact::SpacePermissionCatalogue.about(),
            )
            .await
            .map(|walked| walked.rows.into_iter().collect())
            .unwrap_or_default();
        let roles = self
            .session
            .walk(
                v2::space_roles(None, v2::MAX_LIMIT),
                |body| v2_lift::space_roles(body, &catalogue),
                |role: &Role| role.id.clone(),
                SiteFact::SpaceRoles.about(),
            )
            .await;
        match roles {
            Ok(walked) => (Some(walked.rows.into_iter().map(|r| (r.id.clone(), r)).collect()), walked.gaps),
            Err(error) => (Some(HashMap::new()), vec![gap_of_site(&error, SiteFact::SpaceRoles)]),
        }
    }
}

/// Whether a list of spaces was refused for its length or for one of its entries.
fn spoilt(error: &Error) -> bool {
    halves::too_long(error) || error.status() == Some(400)
}
