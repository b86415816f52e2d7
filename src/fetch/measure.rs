//! Asks a site what only the site can say: its permission check on Cloud, the lists of the add-on Extender on Data Center.

use std::collections::{BTreeSet, HashMap};

use super::client::Client;
use super::error::{Error, ErrorKind};
use super::{ContentAnswer, Result};
use crate::model::{CheckResult, Decision, Deployment, Operation, Origin, Snapshot, Subject};

/// What a site can be asked about whether an account may do it.
pub fn askable(deployment: Deployment) -> &'static [Operation] {
    match deployment {
        Deployment::Cloud => &[Operation::View, Operation::Edit, Operation::Delete],
        Deployment::DataCenter => &[Operation::View, Operation::Edit],
    }
}

impl Client {
    /// What the site itself answers to each question (content, subject by id, operation), in their order, and who
    /// answered. On Data Center only viewing and editing of accounts can be asked for.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] for the snapshot of another site, [`ErrorKind::Unavailable`] on a Data Center without
    /// the add-on: what the server's own routes say there is what a snapshot is made of.
    pub async fn answers(
        &self,
        snapshot: &Snapshot,
        questions: &[(String, Subject, Operation)],
    ) -> Result<(Vec<Result<CheckResult>>, Origin)> {
        if let Some(url) = &snapshot.site.base_url
            && url.trim_end_matches('/') != self.base_url().trim_end_matches('/')
        {
            return Err(Error::configuration(format!(
                "the snapshot is of `{url}`, and this client of `{}`: give a snapshot of the same site",
                self.base_url()
            )));
        }
        let deployment = self.deployment().await?;
        if deployment != snapshot.site.deployment {
            return Err(Error::configuration(format!(
                "the snapshot is of `{}`, and the site is `{}`: give a snapshot of the same site",
                snapshot.site.deployment.as_str(),
                deployment.as_str()
            )));
        }
        match deployment {
            Deployment::Cloud => {
                let source = Origin::new("cloud_v1 POST /wiki/rest/api/content/{id}/permission/check".to_owned());
                let answers = if questions.is_empty() { Vec::new() } else { self.checks(questions).await? };
                Ok((answers, source))
            }
            Deployment::DataCenter => {
                let route = "extender GET /rest/extender/1.0/permission/content/{id}/getInheritedContentPermissions";
                let contents: BTreeSet<&str> = questions.iter().map(|(content, ..)| content.as_str()).collect();
                let contents: Vec<String> = contents.into_iter().map(str::to_owned).collect();
                let lists = if contents.is_empty() { Vec::new() } else { self.extender().people(&contents).await? };
                let lists: HashMap<String, Result<ContentAnswer>> = contents.into_iter().zip(lists).collect();
                let answers = questions.iter().map(|question| listed(snapshot, &lists, question)).collect();
                Ok((answers, Origin::new(route.to_owned())))
            }
        }
    }
}

/// Whether an account stands on the add-on's list of those who may do something with a content.
fn listed(
    snapshot: &Snapshot,
    lists: &HashMap<String, Result<ContentAnswer>>,
    (content, subject, operation): &(String, Subject, Operation),
) -> Result<CheckResult> {
    let user = snapshot.users.iter().find(|user| user.id == subject.id);
    let Some(name) = user.and_then(|user| user.name.as_deref()) else {
        return Err(Error::configuration(format!(
            "the add-on lists people by username, and that of `{subject}` is unknown"
        )));
    };
    let answer = match lists.get(content) {
        Some(Ok(answer)) => answer,
        Some(Err(error)) => {
            let mut same = Error::new(error.kind(), error.to_string());
            same.parts_mut().status = error.status();
            same.parts_mut().route = error.route().map(str::to_owned);
            return Err(same);
        }
        None => return Err(Error::new(ErrorKind::NoAnswer, format!("content `{content}` was not asked for"))),
    };
    if let Some(gap) = answer.gaps.first() {
        return Err(Error::new(ErrorKind::Unreadable, gap.message.clone()));
    }
    let names = answer.report.levels.iter().flat_map(|level| match operation {
        Operation::View => &level.lists.view_users,
        _ => &level.lists.edit_users,
    });
    let found = names.into_iter().any(|listed| listed.eq_ignore_ascii_case(name));
    Ok(CheckResult {
        decision: if found { Decision::Allowed } else { Decision::Denied },
        reasons: Vec::new(),
        messages: Vec::new(),
        content_id: content.clone(),
        subject: subject.clone(),
        operation: *operation,
    })
}
