//! What answers, and what this account cannot see.

use super::site::{Site, route_is_absent};
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::apis::cloud_v2::{lift as v2_lift, requests as v2};
use crate::fetch::Result;
use crate::fetch::pages::ask_one;
use crate::fetch::transport::Effort;
use crate::model::Plan;

impl Site<'_> {
    /// The plan of the site, where an administrator asks and the site tells.
    ///
    /// # Errors
    /// Where it could not be asked for. For an account that administers nothing the site does not tell: that is no error.
    pub(in crate::fetch) async fn plan(&self) -> Result<Option<Plan>> {
        let request = v1::system_info();
        match ask_one(self.session.transport, &request, self.session.transport.brief(), v1_lift::system_info).await {
            Ok(system) => Ok(system.plan),
            Err(error) if route_is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What this account cannot see, one sentence each.
    pub(in crate::fetch) async fn coverage(&self, admin: Option<bool>, plan: Option<&Plan>) -> Vec<String> {
        let mut notes = vec![
            match admin {
                Some(true) => {
                    "administrators do not see content restricted to others either: it is missing from every list"
                }
                Some(false) => {
                    "not a Confluence administrator: content and spaces this account cannot view are missing from every list"
                }
                None => {
                    "it is not known whether this account is a Confluence administrator: content and spaces it cannot view are missing from every list"
                }
            }
            .to_owned(),
        ];
        // Only apps may ask, and apps show a bearer token.
        if self.session.transport.bearer() {
            // Whoever is no app is refused, however fresh the token.
            let effort = Effort { renew: false, ..self.session.transport.brief() };
            let blocked = ask_one(self.session.transport, &v2::data_policies(), effort, v2_lift::data_policies).await;
            if blocked.is_ok_and(|blocked| blocked) {
                notes.push(
                    "app access rules of the site keep content from this app: it is missing from every list".to_owned(),
                );
            }
        }
        if plan == Some(&Plan::Free) {
            notes.push("the Free plan has no audit log and no admin key".to_owned());
        }
        notes
    }
}
