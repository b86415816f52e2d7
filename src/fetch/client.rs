//! The client: what can be asked of a site.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use futures::future::{Either, select};
use futures::pin_mut;
use tokio::sync::OnceCell;

use super::admin_key::AdminKey;
use super::answers::{Members, Server};
use super::audit::{AuditRange, AuditSource};
use super::backend::{Backend, cloud_only};
use super::checkpoint::Checkpoint;
use super::cloud;
use super::datacenter::{self, Installation, PermissionSource, is_confluence, misplaced};
use super::earlier::Earlier;
use super::identities::of_confluence;
use super::identity;
use super::journal::Journal;
use super::lookup::Fit;
use super::organization::Organization;
use super::pages::{ask_one, gap_of};
use super::session::Session;
use super::target::HostKind;
use super::transport::Transport;
use super::{Config, Error, ErrorKind, Progress, Result, SnapshotOptions, crawl};
use crate::apis::cloud_v2::{lift as v2_lift, requests as v2};
use crate::apis::datacenter::requests as dc;
use crate::model::{
    AuditRecord, BlindSpot, Content, Deployment, Directory, DirectoryLink, GapScope, GlobalPermission, Group, Identity,
    LastActive, Listing, PermissionChange, Restriction, Snapshot, Space, SpacePermission, Subject, Timestamp, User, id,
};

/// A connection to a site; cheap to clone, and all clones share its limits.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) transport: Transport,
    organization: Option<Organization>,
    directories: BTreeMap<String, String>,
    /// Set once it is known which product answers.
    found: OnceCell<Deployment>,
    /// Set once it is known who we are on Cloud.
    identity: identity::Identity,
    /// Set once it is known who we are on Data Center, and what it can do.
    installation: OnceCell<Installation>,
    pub(super) width: usize,
}

impl Client {
    /// Judges the settings; sends nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] with the remedy.
    pub fn new(config: Config) -> Result<Self> {
        let transport = Transport::new(&config)?;
        let organization = Organization::new(&transport, &config)?;
        // Where it is said, or the host says it, there is nothing to find out.
        let elsewhere = (transport.target.kind != HostKind::Other).then_some(Deployment::Cloud);
        let found = OnceCell::new_with(config.deployment.or(elsewhere));
        // Twice as many as may send: while one answer is read, the next request is already standing in line.
        let width = config.max_concurrency.saturating_mul(2);
        let directories = config.directories;
        Ok(Self {
            inner: Arc::new(Inner {
                transport,
                organization,
                directories,
                found,
                identity: identity::Identity::default(),
                installation: OnceCell::new(),
                width,
            }),
        })
    }

    /// What answers, who we are there, and what this account cannot see.
    ///
    /// # Errors
    /// Where nothing answers, or not as Confluence Cloud, or the credentials are refused.
    pub async fn server(&self) -> Result<Server> {
        let progress = Progress::new();
        self.backend(&progress).await?.server().await
    }

    /// Every space this account can see, archived ones included.
    ///
    /// # Errors
    /// Where the listing cannot be begun. What fails later is a gap.
    pub async fn spaces(&self) -> Result<Listing<Space>> {
        let progress = Progress::new();
        self.backend(&progress).await?.spaces_with_owners().await
    }

    /// Pages, blog posts and the other nodes of the tree of a space, named by key or id.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a space this account cannot see; otherwise where its pages cannot be listed at all.
    pub async fn contents(&self, space: &str) -> Result<Listing<Content>> {
        let progress = Progress::new();
        let backend = self.backend(&progress).await?;
        backend.contents(&backend.space(space).await?).await
    }

    /// Permissions in a space, roles expanded.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a space this account cannot see; otherwise where its permissions cannot be listed.
    pub async fn space_permissions(&self, space: &str) -> Result<Listing<SpacePermission>> {
        self.space_permissions_from(space, None).await
    }

    /// The same from one source of Data Center: `rest`, `extender` or `json_rpc`. `None`: from the first of them that
    /// tells. Each row says which it was.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] for another word, and on Cloud for any; otherwise as
    /// [`space_permissions`](Self::space_permissions).
    pub async fn space_permissions_from(&self, space: &str, source: Option<&str>) -> Result<Listing<SpacePermission>> {
        let progress = Progress::new();
        let source = source.map(PermissionSource::parse).transpose()?;
        self.backend(&progress).await?.space_permissions(space, source).await
    }

    /// Permissions of the site as a whole (Data Center, 9.3 and later).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] on Cloud, [`ErrorKind::Unavailable`] where the version does not list them,
    /// [`ErrorKind::Forbidden`] for an account that does not administer Confluence.
    pub async fn global_permissions(&self) -> Result<Listing<GlobalPermission>> {
        let progress = Progress::new();
        self.backend(&progress).await?.global_permissions().await
    }

    /// Restrictions stored on a content, both operations, all subjects.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a content this account cannot see, or whatever else stands in the way.
    pub async fn restrictions(&self, content: &str) -> Result<Listing<Restriction>> {
        id::content_id(content)?;
        let progress = Progress::new();
        let backend = self.backend(&progress).await?;
        let found = backend.restriction(&backend.content_id(content).await?).await?;
        Ok(Listing { rows: found.rows, gaps: found.gaps })
    }

    /// Restrictions stored on each of these contents, in their order, each content once: many in one request. A content
    /// that cannot be read is a gap.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] for what can be no id, and where nothing can be asked at all.
    pub async fn restrictions_of(&self, contents: &[String]) -> Result<Listing<Restriction>> {
        let progress = Progress::new();
        contents.iter().try_for_each(|content| id::content_id(content).map(drop))?;
        let backend = self.backend(&progress).await?;
        let ids = backend.content_ids(contents).await?;
        let mut found = backend.restrictions_in_bulk(&ids).await?;
        found.rows.extend(std::mem::take(&mut found.partial));
        let place: HashMap<&str, usize> = ids.iter().enumerate().map(|(at, id)| (id.as_str(), at)).collect();
        found.rows.sort_by_key(|row| (place.get(row.content_id.as_str()).copied(), row.operation));
        found.gaps.sort_by_key(|gap| place.get(gap.subject.as_str()).copied());
        Ok(Listing { rows: found.rows, gaps: found.gaps })
    }

    /// Gives changes the names of the accounts and groups they are about, where the log has their ids alone: with a
    /// request or two, and not where it would take more.
    pub async fn name_changes(&self, rows: &mut [PermissionChange]) {
        let progress = Progress::new();
        let Ok(backend) = self.backend(&progress).await else { return };
        let nameless =
            |row: &PermissionChange| row.group_id.clone().filter(|_| row.group_name.is_none()).map(Subject::group);
        let mut subjects: Vec<Subject> = rows.iter().filter_map(nameless).collect();
        subjects.extend(rows.iter().filter(|row| row.subject_name.is_none()).filter_map(|row| row.subject.clone()));
        let names = backend.names_of(subjects.iter()).await;
        for row in rows {
            if let Some(group) = nameless(row) {
                row.group_name = names.get(&group).cloned();
            }
            if row.subject_name.is_none() {
                row.subject_name = row.subject.as_ref().and_then(|subject| names.get(subject)).cloned();
            }
        }
    }

    /// Key of the space a content lives in: all that a question about it needs to be read.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a content this account cannot see, or whatever else stands in the way.
    pub async fn space_of(&self, content: &str) -> Result<String> {
        let progress = Progress::new();
        id::content_id(content)?;
        let backend = self.backend(&progress).await?;
        backend.space_of(&backend.content_id(content).await?).await
    }

    /// Every group.
    ///
    /// # Errors
    /// Where the listing cannot be begun. What fails later is a gap.
    pub async fn groups(&self) -> Result<Listing<Group>> {
        self.groups_named(&BTreeMap::new()).await
    }

    /// The same, with names for directories by their id beside those of the settings. With a key of the organization the
    /// groups have their directory, and the evidence what the organization says; what of it cannot be read is a gap.
    ///
    /// # Errors
    /// As [`groups`](Self::groups).
    pub async fn groups_named(&self, directories: &BTreeMap<String, String>) -> Result<Listing<Group>> {
        let progress = Progress::new();
        self.backend(&progress).await?.groups(&self.directory_names(directories)).await
    }

    /// Names of directories: those given now before those of the settings.
    fn directory_names(&self, now: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut names = self.inner.directories.clone();
        names.extend(now.iter().map(|(id, name)| (id.clone(), name.clone())));
        names
    }

    fn organization(&self) -> Result<&Organization> {
        self.inner.organization.as_ref().ok_or_else(|| {
            Error::configuration(
                "only the organization knows this: give `org_token`, an API key of it (admin.atlassian.com, Settings, API keys)",
            )
        })
    }

    /// The directories of the organization.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] without a key of the organization; otherwise where the listing cannot be begun.
    pub async fn directories(&self) -> Result<Listing<Directory>> {
        self.organization()?.directories(&self.inner.directories).await
    }

    /// When each account of the organization last used which product.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] without a key of the organization; otherwise where the listing cannot be begun.
    pub async fn last_active(&self) -> Result<Listing<LastActive>> {
        self.organization()?.last_active().await
    }

    /// The e-mail address of each account and, with `external_ids`, its id in the directory that provisions it: as the
    /// organization says with its key, else as Confluence does.
    ///
    /// # Errors
    /// Where the accounts of the organization cannot be listed. What fails later is a gap.
    pub async fn identities(&self, external_ids: bool) -> Result<Listing<Identity>> {
        if let Some(organization) = &self.inner.organization {
            return organization.identities(&self.inner.directories, external_ids).await;
        }
        let progress = Progress::new();
        let backend = self.backend(&progress).await?;
        let Listing { rows, gaps } = backend.everybody().await;
        Ok(Listing { rows: of_confluence(rows, backend.deployment()), gaps })
    }

    /// The entries of synchronised directories behind an account, named by id.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] without a key of the organization; otherwise where it cannot be asked.
    pub async fn directory_links(&self, account: &str) -> Result<Listing<DirectoryLink>> {
        self.organization()?.links(id::account_name(account)?, &self.inner.directories).await
    }

    /// Who is in a group, named by id or name.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where nothing has that id or name, [`ErrorKind::Ambiguous`] where several groups do.
    pub async fn members(&self, group: &str) -> Result<Members> {
        let progress = Progress::new();
        self.backend(&progress).await?.members(group).await
    }

    /// The records of the audit log in a range, newest first, each once.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`] where the account is no administrator or the plan has no audit log, or whatever else stands
    /// in the way of the first page. What fails later is a gap.
    pub async fn audit(&self, range: &AuditRange) -> Result<Listing<AuditRecord>> {
        let progress = Progress::new();
        let mut log = self.backend(&progress).await?.audit(range).await?;
        log.rows.sort_by_key(|record| std::cmp::Reverse(record.at));
        Ok(log)
    }

    /// Whether what the log that `source` names needs was given; asks nothing.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] without a key of the organization where its log is meant.
    fn judge_audit_source(&self, source: AuditSource) -> Result<()> {
        if source == AuditSource::Confluence { Ok(()) } else { self.organization().map(drop) }
    }

    /// The same of the log that `source` names.
    ///
    /// # Errors
    /// As [`audit`](Self::audit); [`ErrorKind::Configuration`] without a key of the organization where its log is asked for.
    /// Of both logs that of the organization may fail: then it is a gap.
    pub async fn audit_from(&self, range: &AuditRange, source: AuditSource) -> Result<Listing<AuditRecord>> {
        let now = Timestamp::now().as_millisecond();
        let mut log = match source {
            AuditSource::Confluence => return self.audit(range).await,
            AuditSource::Organization => self.organization()?.events(range, now).await?,
            AuditSource::Both => {
                let organization = self.organization()?;
                let (own, events) = futures::join!(self.audit(range), organization.events(range, now));
                let mut log = own?;
                match events {
                    Ok(events) => {
                        log.rows.extend(events.rows);
                        log.gaps.extend(events.gaps);
                    }
                    Err(error) => log.gaps.push(gap_of(&error, GapScope::Audit, "organization")),
                }
                log
            }
        };
        log.rows.sort_by_key(|record| std::cmp::Reverse(record.at));
        Ok(log)
    }

    /// The log that `source` names, and the picture of the site in which the names in it are looked up: `snapshot`, else
    /// what [`names`](Self::names) reads. Its gaps are gaps of the log then.
    ///
    /// # Errors
    /// As for [`audit_from`](Self::audit_from) and [`names`](Self::names).
    pub async fn audit_with_names(
        &self,
        range: &AuditRange,
        source: AuditSource,
        snapshot: Option<Arc<Snapshot>>,
        space: Option<&str>,
        content: Option<&str>,
    ) -> Result<(Listing<AuditRecord>, Arc<Snapshot>)> {
        // What cannot be asked is refused before names are read for it.
        self.judge_audit_source(source)?;
        if let Some(known) = snapshot {
            return Ok((self.audit_from(range, source).await?, known));
        }
        let known = self.names(space, content).await?;
        let mut log = self.audit_from(range, source).await?;
        log.gaps.splice(..0, known.gaps.iter().cloned());
        Ok((log, Arc::new(known)))
    }

    /// As much of the site as it takes to give names in the audit log their ids: the spaces, and of a content what stands
    /// above it.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] for a space or a content this account cannot see.
    pub async fn names(&self, space: Option<&str>, content: Option<&str>) -> Result<Snapshot> {
        content.map(id::content_id).transpose()?;
        let progress = Progress::new();
        let backend = self.backend(&progress).await?;
        let content = match content {
            Some(content) => Some(backend.content_id(content).await?),
            None => None,
        };
        backend.names(space, content.as_deref()).await
    }

    /// The accounts with these ids; unknown ids are left out.
    ///
    /// # Errors
    /// Where none of them can be looked up.
    pub async fn users(&self, ids: &[String]) -> Result<Listing<User>> {
        let progress = Progress::new();
        self.backend(&progress).await?.users(ids).await
    }

    /// The one account with this name, e-mail address or id.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] where there is none, [`ErrorKind::Ambiguous`] where there are several.
    pub async fn find_user(&self, text: &str) -> Result<User> {
        let progress = Progress::new();
        self.backend(&progress).await?.account(text, Fit::Words).await
    }

    /// The accounts a text may mean: the one with this id or address, else those whose names contain all its words.
    ///
    /// # Errors
    /// Where accounts cannot be searched for.
    pub async fn accounts_like(&self, text: &str) -> Result<Listing<User>> {
        let progress = Progress::new();
        self.backend(&progress).await?.accounts_like(text).await
    }

    /// The contents a text may mean: the one with this id, and those whose titles contain all its words. A search that
    /// finds many returns its first page.
    ///
    /// # Errors
    /// Where contents cannot be searched for.
    pub async fn contents_like(&self, text: &str) -> Result<Listing<Content>> {
        let progress = Progress::new();
        self.backend(&progress).await?.contents_like(text).await
    }

    /// Everything about the spaces named by key (`None`: all), once.
    ///
    /// # Errors
    /// Where not even the spaces can be read, and [`ErrorKind::NotFound`] naming the spaces this account cannot see.
    /// Whatever fails later is a gap in the snapshot.
    pub async fn snapshot(&self, spaces: Option<Vec<String>>, progress: Arc<Progress>) -> Result<Snapshot> {
        self.snapshot_with(SnapshotOptions { spaces, ..SnapshotOptions::default() }, progress).await
    }

    /// The same, and what else `options` ask for.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] for what this deployment does not have and for a checkpoint of another snapshot,
    /// [`ErrorKind::Store`] where the checkpoint cannot be used; otherwise as [`snapshot`](Self::snapshot) and
    /// [`snapshot_with_admin_key`](Self::snapshot_with_admin_key).
    pub async fn snapshot_with(&self, options: SnapshotOptions, progress: Arc<Progress>) -> Result<Snapshot> {
        self.read(&options, None, &progress).await
    }

    /// The same, with what can be taken from an earlier snapshot.
    pub(super) async fn read(
        &self,
        options: &SnapshotOptions,
        earlier: Option<&Earlier>,
        progress: &Progress,
    ) -> Result<Snapshot> {
        if options.last_active {
            self.organization()?;
        }
        if (options.public_links || options.last_active) && self.deployment().await? == Deployment::DataCenter {
            return Err(Error::configuration(match options.public_links {
                true => "`public_links` is for Cloud: Data Center has no public links",
                false => "`last_active` is for Cloud: an organization knows nothing of Data Center",
            }));
        }
        if options.admin_key {
            return self.snapshot_by_admin_key(options, earlier, progress).await;
        }
        self.fail_on_missing_token(async {
            let backend = self.unjudged(progress).await?;
            // Who we are is asked beside the first questions, and what they bring is not believed before that is known.
            let (judged, read) = (backend.judge(), self.crawl(&backend, options, earlier));
            pin_mut!(judged, read);
            match select(judged, read).await {
                Either::Left((judged, read)) => {
                    judged?;
                    read.await
                }
                Either::Right((read, judged)) => {
                    judged.await?;
                    read
                }
            }
        })
        .await
    }

    /// Reads what `options` ask for, with the answers in the checkpoint where there is one.
    async fn crawl(
        &self,
        backend: &Backend<'_>,
        options: &SnapshotOptions,
        earlier: Option<&Earlier>,
    ) -> Result<Snapshot> {
        let Some(folder) = &options.resume else {
            let mut snapshot = Box::pin(crawl::snapshot(backend, options, earlier)).await?;
            backend.still_knows_us(&mut snapshot).await?;
            return Ok(snapshot);
        };
        let of = serde_json::json!({
            "site": self.base_url(),
            "account": backend.account_id().await?,
            "spaces": options.spaces,
            "admin_key": options.admin_key,
            "public_links": options.public_links,
            "last_active": options.last_active,
            "version": env!("CARGO_PKG_VERSION"),
        });
        let checkpoint = Arc::new(Checkpoint::open(folder, of)?);
        let transport = backend.session().transport.with_checkpoint(Arc::clone(&checkpoint));
        let keeping = backend.sending_by(&transport);
        let mut snapshot = tokio::select! {
            biased;
            error = checkpoint.failure() => return Err(error),
            read = Box::pin(crawl::snapshot(&keeping, options, earlier)) => read?,
        };
        backend.still_knows_us(&mut snapshot).await?;
        snapshot.taken_at = Some(checkpoint.began);
        checkpoint.finish(&snapshot);
        Ok(snapshot)
    }

    /// The same with an admin key of this account: content restricted to others is read too. The key is issued for this
    /// call, its use is written to the audit log of the site, and it is given back however the call ends. Search does not
    /// know it, so what search does not show is asked for singly.
    ///
    /// # Errors
    /// [`ErrorKind::Forbidden`] where the plan of the site or the rights of the account lack admin keys; otherwise as
    /// [`snapshot`](Self::snapshot).
    // Source: https://jira.atlassian.com/browse/CONFCLOUD-81961
    pub async fn snapshot_with_admin_key(
        &self,
        spaces: Option<Vec<String>>,
        progress: Arc<Progress>,
    ) -> Result<Snapshot> {
        let options = SnapshotOptions { spaces, admin_key: true, ..SnapshotOptions::default() };
        self.snapshot_with(options, progress).await
    }

    async fn snapshot_by_admin_key(
        &self,
        options: &SnapshotOptions,
        earlier: Option<&Earlier>,
        progress: &Progress,
    ) -> Result<Snapshot> {
        let backend = self.cloud_backend(progress).await?;
        let site = backend.cloud()?;
        let key = AdminKey::issue(&self.inner.transport).await?;
        let transport = key.transport.clone();
        let with_key = Backend::Cloud(site.sending_by(&transport));
        let read = self.crawl(&with_key, options, earlier).await;
        let gaps = key.give_back().await;
        let mut snapshot = read?;
        snapshot.gaps.extend(gaps);
        snapshot.site.admin_key = true;
        snapshot.site.remove_note(&BlindSpot::Hidden);
        snapshot.site.add_note(BlindSpot::ChildlessNodes.note(
            "read with an admin key; childless folders, whiteboards, databases and embeds at the top level of a space may be missing",
        ));
        Ok(snapshot)
    }

    /// `work`, or the failure of the function that gives the token as soon as it fails. Likewise where the site answers as
    /// if nobody had logged in, unless something was written meanwhile: what became of that has to be said.
    ///
    /// # Errors
    /// Those of `work`, [`ErrorKind::NoToken`] and [`ErrorKind::Unauthorized`].
    pub async fn fail_on_missing_token<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.inner.transport.fail_on_missing_token(work).await
    }

    /// How many requests were sent, repetitions included.
    pub fn requests_sent(&self) -> u64 {
        let organization = self.inner.organization.as_ref().map_or(0, |o| o.transport.requests_sent());
        self.inner.transport.requests_sent() + organization
    }

    /// What happens on the way: repeated requests, and waits.
    pub fn journal(&self) -> &Arc<Journal> {
        &self.inner.transport.journal
    }

    /// An estimate of what Atlassian's published price list would charge an app for these requests, in points. API tokens
    /// are not charged.
    pub fn points(&self) -> u64 {
        // Nobody charges for Data Center.
        if self.inner.found.get() == Some(&Deployment::DataCenter) {
            return 0;
        }
        self.inner.transport.points()
    }

    /// The same per route: method and path with ids as `{id}`.
    pub fn requests_by_route(&self) -> BTreeMap<String, u64> {
        let mut routes = self.inner.transport.requests_by_route();
        if let Some(organization) = &self.inner.organization {
            routes.extend(organization.transport.requests_by_route());
        }
        routes
    }

    /// Address of the site as configured, without secrets.
    pub fn base_url(&self) -> &str {
        &self.inner.transport.target.site
    }

    /// Ends every call under way and refuses new ones with [`ErrorKind::Closed`].
    pub fn close(&self) {
        self.inner.transport.closed.cancel();
        if let Some(organization) = &self.inner.organization {
            organization.transport.closed.cancel();
        }
    }

    /// The deployment behind this client, for one call. Both products may answer a token they do not accept with what
    /// anonymous sees, so who we are is checked first.
    pub(super) async fn backend<'a>(&'a self, progress: &'a Progress) -> Result<Backend<'a>> {
        let backend = self.unjudged(progress).await?;
        backend.judge().await?;
        Ok(backend)
    }

    /// The same before it is known whether the site takes us for anonymous.
    async fn unjudged<'a>(&'a self, progress: &'a Progress) -> Result<Backend<'a>> {
        let inner = &*self.inner;
        let transport = &inner.transport;
        let session = Session { transport, progress, width: inner.width };
        let directories = &inner.directories;
        match self.deployment().await? {
            Deployment::Cloud => {
                let organization = inner.organization.as_ref();
                Ok(Backend::Cloud(cloud::Site::new(session, &inner.identity, organization, directories)))
            }
            Deployment::DataCenter => {
                let installation = inner.installation.get_or_try_init(|| Installation::ask(transport)).await?;
                Ok(Backend::DataCenter(datacenter::Site::new(session, installation, directories)))
            }
        }
    }

    /// The same on Cloud; Data Center is not asked anything more.
    pub(super) async fn cloud_backend<'a>(&'a self, progress: &'a Progress) -> Result<Backend<'a>> {
        match self.deployment().await? {
            Deployment::Cloud => self.backend(progress).await,
            Deployment::DataCenter => Err(cloud_only()),
        }
    }

    /// Which product answers; found out once.
    ///
    /// # Errors
    /// Where nothing answers, or not as Confluence.
    pub async fn deployment(&self) -> Result<Deployment> {
        if self.inner.transport.resolve_gateway().await? {
            return Ok(Deployment::Cloud);
        }
        self.inner.found.get_or_try_init(|| self.look()).await.copied()
    }

    /// Which product answers, where that is known already.
    pub(super) fn known_deployment(&self) -> Option<Deployment> {
        self.inner.found.get().copied()
    }

    async fn look(&self) -> Result<Deployment> {
        let transport = &self.inner.transport;
        let probe = v2::spaces(&[] as &[&str], 1);
        let error = match ask_one(transport, &probe, transport.full(), v2_lift::spaces).await {
            Ok(_) => return Ok(Deployment::Cloud),
            Err(error) => error,
        };
        // These say that something is in the way, not which product it is.
        let is_elsewhere = matches!(
            error.kind(),
            ErrorKind::NotFound
                | ErrorKind::NotConfluence
                | ErrorKind::Unreadable
                | ErrorKind::Client
                | ErrorKind::Gone
                // A refusal says nothing about who refuses: what is said about the credentials differs.
                | ErrorKind::Unauthorized
                | ErrorKind::Forbidden
        );
        if !is_elsewhere {
            return Err(error);
        }
        for request in [dc::manifest(), dc::server_information()] {
            // Both are usually open to everybody.
            if transport.peek(&request).await.is_some_and(|body| is_data_center(&body)) {
                return Ok(Deployment::DataCenter);
            }
        }
        // Cloud has the route that was asked for; where it has none, only Data Center says so like this.
        let said = error.says("null for uri");
        let asked = async { transport.send(&dc::server_information(), transport.brief()).await };
        if said || asked.await.is_ok_and(|answer| is_data_center(&answer.body)) {
            return Ok(Deployment::DataCenter);
        }
        Err(misplaced(transport, error).await)
    }
}

fn is_data_center(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body.get(..65_536).unwrap_or(body)).to_ascii_lowercase();
    let manifest = is_confluence(body);
    let information = text.trim_start().starts_with('{')
        && ["\"buildnumber\"", "\"deploymenttype\"", "\"versionnumber\""].iter().any(|w| text.contains(w));
    manifest || information
}
