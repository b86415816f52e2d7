//! Spaces, and how the site grants access to them.

use std::collections::{BTreeSet, HashMap, HashSet};

use futures::future::join_all;

use super::site::{Site, SpaceRoles, route_is_absent};
use crate::apis::cloud_v2::lift::{Catalogue, Role};
use crate::apis::cloud_v2::{lift as v2_lift, requests as v2};
use crate::apis::{Request, fitting};
use crate::fetch::lookup::{unknown_spaces, valid};
use crate::fetch::pages::{Walked, gap_of_site};
use crate::fetch::progress::Step;
use crate::fetch::{Error, ErrorKind, Result, halves};
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

    /// Spaces: all, or those with these keys (or, for numbers nobody uses as a key, ids).
    pub(in crate::fetch) async fn spaces(&self, keys: Option<&[String]>) -> Result<Listing<Space>> {
        let list = |request: Request| {
            self.session.walk(request, v2_lift::spaces, |s: &Space| s.id.clone(), SiteFact::Spaces.about())
        };
        let Some(keys) = keys else {
            let walked = list(v2::spaces(&[] as &[&str], v2::MAX_LIMIT)).await?;
            self.session.progress.add(Step::Spaces, walked.rows.len());
            self.session.progress.close(Step::Spaces);
            return Ok(Listing { rows: walked.rows, gaps: walked.gaps });
        };
        let keys: Vec<String> =
            keys.iter().map(|key| valid(key, "key of a space").map(str::to_owned)).collect::<Result<_>>()?;
        let mut part = Listing::default();
        let mut known: HashSet<String> = HashSet::new();
        let mut missing: Vec<String> = Vec::new();
        let distinct: Vec<String> = keys.iter().collect::<BTreeSet<_>>().into_iter().cloned().collect();
        let wanted = |space: &Space, key: &str| space.key.eq_ignore_ascii_case(key);
        let by_key = |keys: &[String]| v2::spaces(keys, v2::MAX_LIMIT);
        let by_id = |ids: &[String]| v2::spaces_by_id(ids, v2::MAX_LIMIT);
        for walked in in_parts(&distinct, by_key, &list).await {
            let walked = walked?;
            part.gaps.extend(walked.gaps);
            // A server that does not know the filter lists everything.
            part.rows.extend(
                walked
                    .rows
                    .into_iter()
                    .filter(|space| distinct.iter().any(|key| wanted(space, key)) && known.insert(space.id.clone())),
            );
        }
        for key in &distinct {
            if !part.rows.iter().any(|space| wanted(space, key)) {
                missing.push(key.clone());
            }
        }
        // Keys of shared spaces are upper case, and people type them as they like.
        let upper: Vec<String> = missing.iter().map(|k| k.to_uppercase()).filter(|k| !missing.contains(k)).collect();
        for walked in in_parts(&upper, by_key, &list).await {
            let walked = walked?;
            part.gaps.extend(walked.gaps);
            for space in walked.rows {
                if missing.iter().any(|key| wanted(&space, key)) {
                    missing.retain(|key| !wanted(&space, key));
                    if known.insert(space.id.clone()) {
                        part.rows.push(space);
                    }
                }
            }
        }
        let ids: Vec<String> = missing.iter().filter(|k| k.bytes().all(|b| b.is_ascii_digit())).cloned().collect();
        for walked in in_parts(&ids, by_id, &list).await {
            let walked = walked?;
            part.gaps.extend(walked.gaps);
            for space in walked.rows {
                if ids.contains(&space.id) {
                    missing.retain(|key| *key != space.id);
                    if known.insert(space.id.clone()) {
                        part.rows.push(space);
                    }
                }
            }
        }
        if !missing.is_empty() {
            let request = v2::spaces(&[] as &[&str], v2::MAX_LIMIT);
            return Err(unknown_spaces(self.session.transport, &request, &missing));
        }
        self.session.progress.add(Step::Spaces, part.rows.len());
        self.session.progress.close(Step::Spaces);
        Ok(part)
    }

    /// How the site grants access to spaces, and its roles. A site that does not tell the first is asked for the roles
    /// all the same: where they can be read, nothing depends on the mode.
    pub(super) async fn space_roles(&self) -> &SpaceRoles {
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

    /// The space with this key or id.
    pub(in crate::fetch) async fn space(&self, name: &str) -> Result<Space> {
        let found = self.spaces(Some(&[name.to_owned()])).await?;
        found.rows.into_iter().next().ok_or_else(|| Error::new(ErrorKind::NotFound, format!("no space `{name}`")))
    }

    /// Key of the space a content lives in.
    pub(in crate::fetch) async fn space_of(&self, content: &str) -> Result<String> {
        let spaces = self.spaces(None).await?;
        let found = self.content(content, &spaces.rows).await?;
        let missing =
            || Error::new(ErrorKind::NotFound, format!("the site does not say in which space `{content}` is"));
        found.map(|content| content.space_key).filter(|key| !key.is_empty()).ok_or_else(missing)
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

/// Asks about spaces in as few requests as their addresses allow. A key no space can have, which spoils the question for
/// the others, is left out like one of no space.
async fn in_parts<F: Future<Output = Result<Walked<Space>>>>(
    names: &[String],
    request: impl Fn(&[String]) -> Request,
    list: impl Fn(Request) -> F,
) -> Vec<Result<Walked<Space>>> {
    let chunks = fitting(names, v2::MAX_SPACES, &request);
    let parts = chunks.iter().map(|chunk| halves::ask(chunk, spoilt, |names| list(request(&names))));
    let answers = join_all(parts).await.into_iter().flatten();
    answers
        .map(|(names, answer)| match answer {
            Err(error) if names.len() == 1 && error.status() == Some(400) => Ok(Walked::default()),
            answer => answer,
        })
        .collect()
}

/// Whether a list of spaces was refused for its length or for one of its entries.
fn spoilt(error: &Error) -> bool {
    halves::too_long(error) || error.status() == Some(400)
}
