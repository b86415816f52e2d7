//! What a deployment is asked, whichever product it runs.
//!
//! Cloud and Data Center answer each question with a method of the same name, in a file of the same name. What is done
//! with the answers, from a look-up to a snapshot, is written once over this.

use std::collections::{BTreeMap, HashMap};

use super::answers::{Facts, Gathered, Groups, Listed, Memberships, Server};
use super::audit::AuditRange;
use super::change::planned::{Caller, PlannedChange, Unconfirmed, roles_only};
use super::change::restrictions::Job;
use super::change::spaces::Held;
use super::datacenter::{self, PermissionSource};
use super::identities::LastUsed;
use super::lists::{Questions, Restricted};
use super::lookup::{AccountText, Sought, Words, in_a_space};
use super::pages::{Walked, gap_of_site};
use super::progress::Step;
use super::session::Session;
use super::transport::Transport;
use super::{Error, ErrorKind, Result, bulk, cloud, lists};
use crate::apis::Request;
use crate::model::{
    self, AuditRecord, CheckResult, Content, Deployment, Gap, GlobalPermission, Group, Listing, Operation, RoleMode,
    SUPER_GROUP, SiteFact, Snapshot, Space, SpacePermission, Subject, User,
};

/// The deployment behind a client, for one call.
pub(super) enum Backend<'a> {
    Cloud(cloud::Site<'a>),
    DataCenter(datacenter::Site<'a>),
}

/// Asks the site: both kinds answer with the same type.
macro_rules! ask {
    ($backend:expr, $site:ident => $answer:expr) => {
        match $backend {
            Backend::Cloud($site) => $answer,
            Backend::DataCenter($site) => $answer,
        }
    };
}

impl<'a> Backend<'a> {
    /// The same, asked by another transport.
    pub(super) fn sending_by<'b>(&self, transport: &'b Transport) -> Backend<'b>
    where
        'a: 'b,
    {
        match self {
            Self::Cloud(site) => Backend::Cloud(site.sending_by(transport)),
            Self::DataCenter(site) => Backend::DataCenter(site.sending_by(transport)),
        }
    }

    /// Makes sure that the site does not take us for anonymous.
    ///
    /// # Errors
    /// Where it does, and where it cannot be asked at all. Data Center has said who we are before anything else.
    pub(super) async fn judge(&self) -> Result<()> {
        match self {
            Self::Cloud(site) => site.identity.judge(site.session.transport).await,
            Self::DataCenter(_) => Ok(()),
        }
    }

    /// The id of this account; `None` where the server does not say it.
    pub(super) async fn account_id(&self) -> Result<Option<String>> {
        Ok(match self {
            Self::Cloud(site) => Some(site.current_user().await?.subject.id),
            Self::DataCenter(site) => site.installation.subject().map(|subject| subject.id),
        })
    }

    pub(super) fn deployment(&self) -> Deployment {
        match self {
            Self::Cloud(_) => Deployment::Cloud,
            Self::DataCenter(_) => Deployment::DataCenter,
        }
    }

    pub(super) fn session(&self) -> &Session<'a> {
        ask!(self, site => &site.session)
    }

    /// The site, for what only Cloud can do.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] on Data Center.
    pub(super) fn cloud(&self) -> Result<&cloud::Site<'a>> {
        match self {
            Self::Cloud(site) => Ok(site),
            Self::DataCenter(_) => Err(cloud_only()),
        }
    }

    /// The server, the own account on it, and what that account cannot see.
    pub(super) async fn server(&self) -> Result<Server> {
        ask!(self, site => site.server().await)
    }

    /// All spaces.
    pub(super) async fn every_space(&self) -> Result<Listing<Space>> {
        ask!(self, site => site.every_space().await)
    }

    /// How all spaces are asked for.
    pub(super) fn spaces_request(&self) -> Request {
        ask!(self, site => site.spaces_request())
    }

    /// Spaces with these keys, and others where the server does not know the filter.
    pub(super) async fn spaces_with_keys(&self, keys: &[String]) -> Result<Listing<Space>> {
        ask!(self, site => site.spaces_with_keys(keys).await)
    }

    /// Spaces with these ids, likewise.
    pub(super) async fn spaces_with_ids(&self, ids: &[String]) -> Result<Listing<Space>> {
        ask!(self, site => site.spaces_with_ids(ids).await)
    }

    /// Every space, with its owner where it is a personal one.
    pub(super) async fn spaces_with_owners(&self) -> Result<Listing<Space>> {
        let mut listing = self.spaces(None).await?;
        if let Self::DataCenter(site) = self {
            site.own_spaces(&mut listing).await;
        }
        Ok(listing)
    }

    /// Key of the space a content lives in.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a content this account cannot see.
    pub(super) async fn space_of(&self, content: &str) -> Result<String> {
        in_a_space(content, ask!(self, site => site.space_key_of(content).await)?)
    }

    /// The nodes of the tree of a space.
    ///
    /// # Errors
    /// Where its pages cannot be listed at all.
    pub(super) async fn contents(&self, space: &Space) -> Result<Listing<Content>> {
        ask!(self, site => site.contents(space).await)
    }

    /// Permissions in a space, named by key or id; subjects named.
    pub(super) async fn space_permissions(
        &self,
        space: &str,
        source: Option<PermissionSource>,
    ) -> Result<Listing<SpacePermission>> {
        match self {
            Self::Cloud(_) if source.is_some() => {
                Err(Error::configuration("`source` is for Data Center: Cloud has one source of space permissions"))
            }
            Self::Cloud(site) => {
                // The roles are asked for meanwhile.
                let (space, _) = futures::join!(self.space(space), site.space_roles());
                site.space_permissions(&space?).await
            }
            Self::DataCenter(site) => site.space_permissions(&self.space(space).await?, source).await,
        }
    }

    /// Permissions of the site as a whole.
    pub(super) async fn global_permissions(&self) -> Result<Listing<GlobalPermission>> {
        match self {
            Self::Cloud(_) => Err(Error::configuration(
                "permissions of the site exist on Data Center only: on Cloud groups give access to the product",
            )),
            Self::DataCenter(site) => site.global_permissions().await?.ok_or_else(|| {
                Error::new(
                    ErrorKind::Unavailable,
                    "this version cannot list the permissions of the site: requires Confluence 9.3 (or a late version of 9.2)",
                )
            }),
        }
    }

    /// How the site is asked for restrictions.
    pub(super) fn lists(&self) -> &'static Questions {
        match self {
            Self::Cloud(_) => &cloud::LISTS,
            Self::DataCenter(_) => &datacenter::LISTS,
        }
    }

    /// Both restriction lists of one content, to the last subject.
    ///
    /// # Errors
    /// Where the lists cannot be read at all. A list that breaks off leaves a gap.
    pub(super) async fn restriction(&self, id: &str) -> Result<Restricted> {
        let transport = self.session().transport;
        let mut found = lists::read(transport, self.lists(), id, transport.full()).await?;
        self.name_accounts(&mut found).await;
        Ok(found)
    }

    /// Restrictions of these contents: by search, and singly what that does not bring.
    ///
    /// # Errors
    /// Where nobody answers, or the credentials are not accepted. A content that cannot be read is a gap.
    pub(super) async fn restrictions_in_bulk(&self, ids: &[String]) -> Result<Restricted> {
        let mut found = bulk::search(self.session().transport, self.lists(), ids).await?;
        let left = ids.iter().filter(|id| !found.covered.contains(*id)).cloned().collect();
        found.absorb(self.restrictions_singly(left).await);
        self.name_accounts(&mut found).await;
        Ok(found)
    }

    /// Gives accounts on lists that the server names by username their keys (Data Center).
    pub(super) async fn name_accounts(&self, found: &mut Restricted) {
        if let Self::DataCenter(site) = self {
            site.name_accounts(found).await;
        }
    }

    /// The restrictions of these contents, one request each; a gap for each that could not be read.
    pub(super) async fn restrictions_singly(&self, ids: Vec<String>) -> Restricted {
        let Session { transport, progress, width } = *self.session();
        let found = lists::read_all(transport, self.lists(), ids, width, progress).await;
        match self {
            Self::Cloud(_) => found,
            // A rule may keep the name of a group in lower case: only the list of groups has it as it is.
            Self::DataCenter(_) => Restricted { groups: Vec::new(), ..found },
        }
    }

    /// Every group; `directories`: names of directories, beside those of the settings.
    pub(super) async fn groups(&self, directories: &BTreeMap<String, String>) -> Result<Listing<Group>> {
        ask!(self, site => site.groups(directories).await)
    }

    /// The groups among which one of this name, or on Cloud of this id, is sought.
    pub(super) async fn groups_called(&self, name: &str) -> Result<Sought<Group>> {
        ask!(self, site => site.groups_called(name).await)
    }

    /// The members of a group; where it is kept is added to it.
    pub(super) async fn members_in(&self, group: &mut Group) -> Result<Memberships> {
        ask!(self, site => site.members_in(group).await)
    }

    /// How accounts and groups are named there.
    pub(super) fn words(&self) -> &'static Words {
        match self {
            Self::Cloud(_) => &cloud::WORDS,
            Self::DataCenter(_) => &datacenter::WORDS,
        }
    }

    /// The account with this id, or on Data Center this username or key.
    pub(super) async fn account_with_id(&self, text: &AccountText<'_>) -> Result<Option<User>> {
        ask!(self, site => site.account_with_id(text).await)
    }

    /// Accounts whose name contains these words.
    pub(super) async fn accounts_called(&self, name: &str) -> Result<Sought<User>> {
        ask!(self, site => site.accounts_called(name).await)
    }

    /// The accounts with these ids; unknown ids are left out.
    ///
    /// # Errors
    /// Where none of them can be looked up.
    pub(super) async fn users(&self, ids: &[String]) -> Result<Listing<User>> {
        ask!(self, site => site.users(ids).await)
    }

    /// Names of accounts and groups, where a request or two bring them. Data Center writes names beside ids: nothing.
    pub(super) async fn names_of<'s>(&self, subjects: impl Iterator<Item = &'s Subject>) -> HashMap<Subject, String> {
        match self {
            Self::Cloud(site) => site.names_of(subjects).await,
            Self::DataCenter(_) => HashMap::new(),
        }
    }

    /// The records of the audit log in a range, each once.
    pub(super) async fn audit(&self, range: &AuditRange) -> Result<Listing<AuditRecord>> {
        ask!(self, site => site.audit(range).await)
    }

    /// The spaces, and of a content what stands above it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a content this account cannot see; where a space or a content is named, that of the
    /// listing of spaces too.
    pub(super) async fn names(&self, space: Option<&str>, content: Option<&str>) -> Result<Snapshot> {
        let mut known = Snapshot::new(self.deployment());
        if let Self::DataCenter(site) = self {
            known.site.version.clone_from(&site.installation.version_text);
        }
        match self.spaces(None).await {
            Ok(spaces) => {
                known.spaces = spaces.rows;
                known.gaps.extend(spaces.gaps);
            }
            Err(error) if space.is_some() || content.is_some() => return Err(error),
            Err(error) => known.gaps.push(gap_of_site(&error, SiteFact::Spaces)),
        }
        if let Some(id) = content {
            let chain = self.with_parents(id, &known.spaces).await?;
            known.contents = chain.rows;
            known.gaps.extend(chain.gaps);
        }
        Ok(known)
    }

    /// The site's own answer: may `subject`, by its id, do `operation` to a content?
    pub(super) async fn check_one(
        &self,
        content: &str,
        subject: &Subject,
        operation: Operation,
    ) -> Result<CheckResult> {
        ask!(self, site => site.check(content, subject, operation).await)
    }

    /// The same for many questions, in their order.
    pub(super) async fn checks(&self, questions: &[(String, Subject, Operation)]) -> Vec<Result<CheckResult>> {
        ask!(self, site => site.checks(questions).await)
    }
}

/// What changes need to know, and make.
impl Backend<'_> {
    /// The space with this key or id, where single permissions can be written, and how the site gives access to it.
    ///
    /// # Errors
    /// [`ErrorKind::RolesOnly`] where it does so by roles alone.
    pub(super) async fn writable_space(&self, name: &str) -> Result<(Space, Option<RoleMode>)> {
        let Self::Cloud(site) = self else { return Ok((self.space(name).await?, None)) };
        let (space, mode) = futures::join!(self.space(name), site.mode());
        let space = space?;
        if mode == Some(RoleMode::Roles) {
            return Err(roles_only("; nothing was written"));
        }
        Ok((space, mode))
    }

    /// Permissions that subjects hold in a space by themselves, all of them.
    ///
    /// # Errors
    /// Where not all could be read: on half a list nothing is decided.
    pub(super) async fn held(&self, space: &Space) -> Result<Vec<Held>> {
        ask!(self, site => site.held(space).await)
    }

    /// Writes what is planned for each subject, and says what became of it.
    ///
    /// # Errors
    /// [`ErrorKind::RolesOnly`] where nothing could be written because the site gives access by roles alone.
    pub(super) async fn write_permissions(
        &self,
        space: &Space,
        jobs: Vec<Vec<PlannedChange>>,
        held: &[Held],
    ) -> Result<Vec<Vec<PlannedChange>>> {
        ask!(self, site => site.write_permissions(space, jobs, held).await)
    }

    /// Puts an account into a group, or takes it out.
    pub(super) async fn set_member(&self, group: &str, account: &str, holds: bool) -> Result<()> {
        ask!(self, site => site.set_member(group, account, holds).await)
    }

    /// Deletes a group.
    pub(super) async fn delete_group(&self, group: &str) -> Result<()> {
        ask!(self, site => site.delete_group(group).await)
    }

    /// Moves a page, with everything below it, below another one.
    pub(super) async fn move_page(&self, page: &str, parent: &str) -> Result<()> {
        ask!(self, site => site.move_page(page, parent).await)
    }

    /// Groups an account is in.
    pub(super) async fn groups_with(&self, account: &str) -> Result<Walked<Group>> {
        ask!(self, site => site.groups_with(account).await)
    }

    /// A content and everything above it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a content this account cannot see.
    pub(super) async fn with_parents(&self, content: &str, spaces: &[Space]) -> Result<Listing<Content>> {
        ask!(self, site => site.with_parents(content, spaces).await)
    }

    /// The account that writes, with its groups.
    pub(super) async fn caller(&self) -> Result<Caller> {
        let id = match self {
            Self::Cloud(site) => site.current_user().await?.subject.id,
            Self::DataCenter(site) => {
                let unknown = || Error::new(ErrorKind::Unauthorized, "the server does not say which account this is");
                site.installation.subject().map(|subject| subject.id).ok_or_else(unknown)?
            }
        };
        let groups = self.groups_with(&id).await;
        Ok(Caller::new(id, groups))
    }

    /// Writes one list: what stood in the way, for whom.
    pub(super) async fn write_list(&self, job: &Job, caller: Option<&Caller>) -> Unconfirmed {
        ask!(self, site => site.write_list(job, caller).await)
    }
}

/// The error of what only Cloud can do.
pub(super) fn cloud_only() -> Error {
    Error::configuration("available on Confluence Cloud only: this is Confluence Data Center")
}

/// The steps of a snapshot.
impl Backend<'_> {
    /// What is known of the site as a whole.
    ///
    /// # Errors
    /// Where the site answers as if nobody had logged in. What else fails is a gap.
    pub(super) async fn facts(&self) -> Result<Facts> {
        ask!(self, site => site.facts().await)
    }

    /// Permissions in a space, with a gap for what could not be read.
    pub(super) async fn permissions(&self, space: &Space) -> Listing<SpacePermission> {
        ask!(self, site => site.permissions_or_gap(space).await)
    }

    /// Permissions in a space as an earlier snapshot has them, after a look at those that no log records; `None`: they are
    /// not the same any more.
    pub(super) async fn known_permissions(
        &self,
        space: &Space,
        known: &[SpacePermission],
    ) -> Option<Listing<SpacePermission>> {
        if let Self::Cloud(site) = self
            && !site.assigns_as_before(space, known).await
        {
            return None;
        }
        self.session().progress.add(Step::Permissions, 1);
        Some(Listing { rows: known.to_vec(), gaps: Vec::new() })
    }

    /// Why permissions an earlier snapshot has cannot be taken over, whatever a log says about them.
    pub(super) async fn differs_from(&self, earlier: &model::Site) -> Option<String> {
        ask!(self, site => site.differs_from(earlier).await)
    }

    /// Why to read the log of a range would take more requests than `most`, where that shows at its beginning. On Cloud it
    /// records what administrators do, and is short.
    pub(super) async fn log_is_long(&self, range: &AuditRange, most: usize) -> Option<String> {
        match self {
            Self::Cloud(_) => None,
            Self::DataCenter(site) => site.log_is_long(range, most).await,
        }
    }

    /// Every account the site lists.
    pub(super) async fn everybody(&self) -> Listing<User> {
        ask!(self, site => site.everybody().await)
    }

    /// When accounts last used this site, which the organization knows; `None` without its key.
    pub(super) async fn last_used(&self) -> Option<LastUsed> {
        match self {
            Self::Cloud(site) => site.last_used().await,
            Self::DataCenter(_) => None,
        }
    }

    /// The public links of `spaces`; Data Center has none.
    pub(super) async fn public_links(&self, spaces: &[Space]) -> Option<cloud::PublicLinks> {
        match self {
            Self::Cloud(site) => Some(site.public_links(spaces).await),
            Self::DataCenter(_) => None,
        }
    }

    /// The contents of `spaces`, as listings and searches bring them.
    pub(super) async fn listing(&self, spaces: &[Space]) -> Listed {
        ask!(self, site => site.listing(spaces).await)
    }

    /// Puts contents into their places, and adds the nodes above and below them that no listing brought. What could not
    /// be read leaves a gap.
    pub(super) async fn place(&self, listed: &mut Listed, spaces: &[Space]) -> Vec<Gap> {
        ask!(self, site => site.place(listed, spaces).await)
    }

    /// Every group, and those whose members are needed even if no rule names the group.
    pub(super) async fn known_groups(&self) -> Groups {
        ask!(self, site => site.known_groups().await)
    }

    /// The group whose members see everything.
    pub(super) fn group_that_sees_everything(&self) -> Option<&'static str> {
        match self {
            Self::Cloud(_) => None,
            Self::DataCenter(_) => Some(SUPER_GROUP),
        }
    }

    /// Members of one group. `listed`: it stands in the list of all groups, so it is there.
    pub(super) async fn group_members(&self, group: String, listed: bool) -> Memberships {
        ask!(self, site => site.members_of(group, listed).await)
    }

    /// Makes sure that the site still takes us for the account that began to read.
    pub(super) async fn still_knows_us(&self, snapshot: &mut Snapshot) -> Result<()> {
        match self {
            // There a token that has ended is refused.
            Self::Cloud(_) => Ok(()),
            Self::DataCenter(site) => site.still_knows_us(snapshot).await,
        }
    }

    /// Adds what depends on all rules and members: accounts, who may use the site, where groups are kept.
    pub(super) async fn finish(&self, snapshot: &mut Snapshot, gathered: Gathered) {
        ask!(self, site => site.finish(snapshot, gathered).await);
    }
}
