//! The nodes above contents that no listing brought.

use std::sync::Mutex;

use super::contents::{take, walked};
use super::site::Site;
use crate::apis::datacenter::lift;
use crate::fetch::Result;
use crate::fetch::answers::Listed;
use crate::fetch::lists::{budget, note};
use crate::fetch::pages::{Walked, gap_of};
use crate::fetch::plan::{Ascent, Breaker};
use crate::model::{Content, ContentStatus, ContentType, Gap, GapScope, Space};

impl Site<'_> {
    /// Adds the nodes above contents that no listing brought.
    pub(in crate::fetch) async fn place(&self, listed: &mut Listed, _: &[Space]) -> Vec<Gap> {
        self.parents(listed).await
    }

    /// The nodes above `listed` that no listing brought, up to the roots.
    ///
    /// A node that cannot be read is still put in its place, because its child names everything above it: contents below
    /// inherit from there all the same. Its gap says that it was not read.
    pub(super) async fn parents(&self, listed: &mut Listed) -> Vec<Gap> {
        let breaker = Mutex::new(Breaker::default());
        let mut gaps = Vec::new();
        let mut ascent = Ascent::default();
        while let Some(missing) = ascent.round(&listed.contents) {
            let breaker = &breaker;
            let asked =
                self.session
                    .all(missing.iter().map(|parent| async move {
                        (parent, self.single(&parent.id, &parent.space_key, breaker).await)
                    }))
                    .await;
            for (parent, answer) in asked {
                match answer {
                    Ok(walked) => take(listed, walked),
                    Err(error) => {
                        gaps.push(gap_of(&error, GapScope::Content, &parent.id));
                        listed.unread.insert(parent.id.clone());
                        let Some(above) = listed.above.get(&parent.child.0).cloned() else { continue };
                        let Some(at) = above.iter().position(|node| node.id == parent.id) else { continue };
                        let over = at.checked_sub(1).and_then(|before| above.get(before));
                        let placed = Content {
                            status: ContentStatus::Other("unknown".to_owned()),
                            parent_id: over.map(|node| node.id.clone()),
                            parent_type: over.and_then(|node| node.kind.clone()),
                            source: crate::model::Origin::new("datacenter ancestors of a content"),
                            ..Content::new(
                                parent.id.as_str(),
                                parent.kind.clone().unwrap_or(ContentType::Page),
                                parent.space_key.as_str(),
                            )
                        };
                        listed.above.insert(parent.id.clone(), above.into_iter().take(at).collect());
                        listed.contents.insert(parent.id.clone(), placed);
                    }
                }
            }
        }
        gaps
    }

    async fn single(&self, id: &str, space_key: &str, breaker: &Mutex<Breaker>) -> Result<Walked<lift::Found>> {
        let context = self.context(Some(space_key));
        let answer = self.content_page(id, &context, budget(self.session.transport, breaker)).await;
        note(breaker, answer.as_ref().err());
        let page = answer?;
        Ok(walked(page))
    }
}
