//! What answers, and what this account cannot see.

use std::collections::BTreeMap;

use super::site::{Site, route_is_absent};
use crate::apis::cloud_v1::{lift as v1_lift, requests as v1};
use crate::apis::cloud_v2::{lift as v2_lift, requests as v2};
use crate::fetch::Result;
use crate::fetch::answers::Server;
use crate::fetch::pages::ask_one;
use crate::fetch::transport::RetryBudget;
use crate::model::{BlindSpot, Deployment, Note, Plan};

impl Site<'_> {
    /// The site, the own account on it, and what that account cannot see.
    ///
    /// # Errors
    /// Where its spaces cannot be listed at all.
    pub(in crate::fetch) async fn server(&self) -> Result<Server> {
        let transport = self.session.transport;
        let probe = v2::spaces(&[] as &[&str], 1);
        let (mode, caller, visible) = futures::join!(
            self.role_mode(),
            self.current_user(),
            ask_one(transport, &probe, transport.full(), v2_lift::spaces),
        );
        let visible = visible?;
        let mut notes = Vec::new();
        let role_mode = match mode {
            Ok(mode) => mode,
            Err(error) => {
                notes.push(format!("cannot read how the site grants access to spaces: {error}"));
                None
            }
        };
        let mut server = Server {
            deployment: Deployment::Cloud,
            url: transport.target.site.clone(),
            version: None,
            account_id: None,
            username: None,
            account_name: None,
            account_email: None,
            admin: None,
            role_mode,
            capabilities: BTreeMap::new(),
            notes,
        };
        match caller {
            Ok(caller) => {
                server.admin = caller.administers();
                server.account_id = Some(caller.subject.id);
                let user = caller.user;
                server.account_name = user.as_ref().and_then(|u| u.display_name.clone());
                server.account_email = user.and_then(|u| u.email);
            }
            Err(error) if error.is_of_stranger() => return Err(error),
            Err(error) => server.notes.push(format!("cannot read which account the credentials belong to: {error}")),
        }
        if server.admin.is_none() {
            server.admin = self.may_administer().await;
        }
        let plan = self.plan().await.unwrap_or_default();
        let blind = self.coverage(server.admin, plan.as_ref()).await;
        server.notes.extend(blind.into_iter().map(|note| note.text));
        let key = ask_one(transport, &v2::admin_key(), transport.brief(), v2_lift::admin_key).await;
        server.notes.push(match key {
            Ok(_) => "an admin key of this account is active".to_owned(),
            Err(_) => {
                "no admin key is active: `snapshot(admin_key=True)` asks for one where plan and rights allow".to_owned()
            }
        });
        if visible.rows.is_empty() && visible.next.is_none() {
            server.notes.push("this account sees no space at all".to_owned());
        }
        Ok(server)
    }

    /// Whether we can read a page that is for administrators only; `None`: the answer does not say.
    async fn may_administer(&self) -> Option<bool> {
        let transport = self.session.transport;
        match transport.send(&v1::system_info(), transport.brief()).await {
            Ok(_) => Some(true),
            Err(error) if error.status() == Some(403) => Some(false),
            Err(_) => None,
        }
    }

    /// The plan of the site, which it reports to administrators.
    ///
    /// # Errors
    /// Where it could not be asked for. An account that administers nothing may not ask: that is `None`.
    pub(super) async fn plan(&self) -> Result<Option<Plan>> {
        let request = v1::system_info();
        match self.session.ask_one(&request, self.session.brief(), v1_lift::system_info).await {
            Ok(system) => Ok(system.plan),
            Err(error) if route_is_absent(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What this account cannot see.
    pub(super) async fn coverage(&self, admin: Option<bool>, plan: Option<&Plan>) -> Vec<Note> {
        let mut notes = vec![BlindSpot::Hidden.note(match admin {
            Some(true) => {
                "administrators do not see content restricted to others either: it is missing from every list"
            }
            Some(false) => {
                "not a Confluence administrator: content and spaces this account cannot view are missing from every list"
            }
            None => {
                "unknown whether this account is a Confluence administrator: content and spaces it cannot view are missing from every list"
            }
        })];
        // Only apps may ask, and apps show a bearer token.
        if self.session.transport.bearer() {
            // Callers other than apps are refused, however fresh the token.
            let budget = RetryBudget { renew: false, ..self.session.brief() };
            let blocked = self.session.ask_one(&v2::data_policies(), budget, v2_lift::data_policies).await;
            if blocked.is_ok_and(|blocked| blocked) {
                notes
                    .push(BlindSpot::AppRules.note(
                        "app access rules of the site keep content from this app: it is missing from every list",
                    ));
            }
        }
        if plan == Some(&Plan::Free) {
            notes.push(BlindSpot::AuditLog.note("the Free plan has no audit log and no admin key"));
        }
        notes
    }
}
