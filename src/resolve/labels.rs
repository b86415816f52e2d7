//! Principals and contents as text in answers.

use super::site::{Class, IndexedSite, Principal};
use crate::model::{AccessClass, Subject, SubjectKind};

impl IndexedSite {
    /// A principal, as the way in of somebody.
    pub(super) fn label(&self, principal: Principal, role: u32) -> String {
        let who = match principal {
            Principal::User(_) => None,
            Principal::Group(at) => Some(match self.groups.get(at as usize) {
                Some(group) => ["group ", group.name.as_deref().unwrap_or(&group.id)].concat(),
                None => "group".to_owned(),
            }),
            Principal::Anonymous => Some("anonymous".to_owned()),
            Principal::Unlicensed => Some("unlicensed".to_owned()),
            Principal::Class(_) | Principal::Opaque(_) => Some(match self.subject_of(principal) {
                Subject { kind: SubjectKind::AccessClass, id } => id,
                other => other.to_string(),
            }),
        };
        match (self.roles.get(role as usize), who) {
            (Some(role), Some(who)) => format!("role {role} through {who}"),
            (Some(role), None) => format!("role {role}"),
            (None, Some(who)) => who,
            (None, None) => "direct".to_owned(),
        }
    }

    /// A principal as a subject.
    pub(super) fn subject_of(&self, principal: Principal) -> Subject {
        match principal {
            Principal::User(at) => Subject::user(self.person_id(at)),
            Principal::Group(at) => Subject::group(self.groups.get(at as usize).map_or("", |group| &group.id)),
            Principal::Anonymous => Subject::anonymous(),
            Principal::Unlicensed => Subject::unlicensed(),
            Principal::Class(Class::AllLicensed) => AccessClass::AllLicensedUsers.into(),
            Principal::Class(Class::ProductAdmins) => AccessClass::AllProductAdmins.into(),
            Principal::Class(Class::Authenticated) => AccessClass::AuthenticatedUsers.into(),
            Principal::Class(Class::JsmProjectAdmins) => AccessClass::JsmProjectAdmins.into(),
            Principal::Class(Class::Other(at)) | Principal::Opaque(at) => {
                self.opaque.get(at as usize).cloned().unwrap_or_else(|| Subject::new(SubjectKind::Unknown, ""))
            }
        }
    }

    /// Title of a content, else its id, between stars.
    pub(super) fn starred(&self, at: u32) -> String {
        ["*", self.title(at), "*"].concat()
    }

    /// Title of a content, else its id.
    pub(super) fn title(&self, at: u32) -> &str {
        self.content(at).map_or("?", |content| content.title.as_deref().unwrap_or(&content.id))
    }

    pub(super) fn principal_name(&self, principal: Principal) -> Option<String> {
        match principal {
            Principal::User(at) => self.person_name(at).map(str::to_owned),
            Principal::Group(at) => self.groups.get(at as usize)?.name.clone(),
            _ => None,
        }
    }
}
