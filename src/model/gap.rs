//! What could not be read.

use serde::Serialize;

use super::open_enum::open_enum;
use super::record;
use super::words::words;

open_enum! {
    /// What a gap is about. The resolver reads these: each makes the answers it touches unknown.
    GapScope {
        /// The site as a whole: `subject` is the word of a [`SiteFact`].
        Site = "site",
        /// The contents of the space `subject` (its key) are not all listed.
        Space = "space",
        /// The permissions in the space `subject` (its key) are not all read.
        SpacePermissions = "space_permissions",
        /// The restrictions of the content `subject` (its id) are not all read.
        Content = "content",
        /// Something but viewing and editing is restricted on the content `subject` (its id).
        Operation = "operation",
        /// The members of the group `subject` (its id) are not all listed.
        Group = "group",
        /// The account `subject` could not be looked up.
        User = "user",
        /// Part of the audit log is missing.
        Audit = "audit",
    }
}

open_enum! {
    /// Why something could not be read.
    GapCause {
        /// The credentials were refused.
        Unauthorized = "unauthorized",
        /// No token could be had.
        NoToken = "no_token",
        /// The account may not see it.
        Forbidden = "forbidden",
        /// It is not there, or hidden from the account. A content of this cause is no layer: it is skipped as a draft.
        NotFound = "not_found",
        /// The API was removed.
        Gone = "gone",
        /// Several things go by the name that was given.
        Ambiguous = "ambiguous",
        /// The server asked to wait for longer than the client may.
        RateLimited = "rate_limited",
        /// The server failed.
        ServerError = "server_error",
        /// The answer did not come in time.
        Timeout = "timeout",
        /// There was no answer.
        NoAnswer = "no_answer",
        /// The client was closed before.
        Closed = "closed",
        /// The answer was no JSON.
        NotJson = "not_json",
        /// JSON of another shape.
        Unreadable = "unreadable",
        /// The answer ended early.
        Truncated = "truncated",
        /// The pages of a listing led back to one that was read.
        Loop = "loop",
        /// Page after page had no rows and named a next one.
        TooManyEmptyPages = "too_many_empty_pages",
        /// A listing has more pages than are read.
        TooManyPages = "too_many_pages",
        /// Something that must be there was not among what was listed.
        NotListed = "not_listed",
        /// A description of a site refers to it and does not describe it.
        NotDescribed = "not_described",
        /// An empty answer that cannot be told from one that was not given.
        NotTrusted = "not_trusted",
        /// The server is set up not to write it down.
        NotRecorded = "not_recorded",
        /// The server cannot be asked that.
        Unsupported = "unsupported",
        /// An add-on or an API that is not there.
        Unavailable = "unavailable",
        /// The server asks administrators for their password once more.
        SecureSession = "secure_session",
        /// A log that changed while it was read.
        Drift = "drift",
        /// Another route says otherwise: the restrictions of a content that is there answer 404.
        Contradicted = "contradicted",
        /// The content is in the trash or archived, where other rules count.
        NotCurrent = "not_current",
    }
}

words! {
    /// A fact of the site that may be missing: what [`Gap::subject`] says where the scope is [`GapScope::Site`]. One more
    /// does not compile before the resolver and the tables say what it means to them.
    SiteFact {
        /// Spaces may be missing.
        Spaces = "spaces",
        /// Contents may be missing in unknown spaces.
        Contents = "contents",
        /// Accounts nobody names may be missing.
        Accounts = "accounts",
        /// Nobody's account could be looked up.
        Users = "users",
        /// Groups may be missing.
        Groups = "groups",
        /// Which groups stand inside groups is not known.
        NestedGroups = "nested_groups",
        /// The members of no group are all listed.
        Memberships = "memberships",
        /// The permissions of no space are all read.
        SpacePermissions = "space_permissions",
        /// Which permissions a space can give.
        SpacePermissionCatalogue = "space_permission_catalogue",
        /// The roles, or what they bring.
        SpaceRoles = "space_roles",
        /// Whether spaces grant by permissions or by roles.
        RoleMode = "role_mode",
        /// The restrictions of no content are all read.
        Restrictions = "restrictions",
        /// Who may use and who administers the site.
        GlobalPermissions = "global_permissions",
        /// Which groups make their members product admins.
        ProductAdmins = "product_admins",
        /// Whether people who are not logged in may use the site.
        Anonymous = "anonymous",
        /// Whether contents may be shared by public links.
        PublicLinks = "public_links",
        /// The plan of the site.
        Plan = "plan",
        /// Whether the site is in read-only mode.
        ReadOnly = "read_only",
        /// What only the admin key opens.
        AdminKey = "admin_key",
        /// What only the organization knows: directories, and which groups come from one.
        Organization = "organization",
        /// The domains that the organization has verified.
        VerifiedDomains = "verified_domains",
        /// Answers of the add-on Extender.
        Extender = "extender",
        /// Answers of the JSON-RPC API.
        JsonRpc = "json_rpc",
    }
}

impl SiteFact {
    /// Scope and subject of a gap that misses this fact.
    pub fn about(self) -> (GapScope, &'static str) {
        (GapScope::Site, self.as_str())
    }
}

record! {
    /// One row is one thing that could not be read. Answers it affects are `unknown`.
    ///
    /// From `gaps` of every table and of a snapshot.
    #[derive(Serialize)]
    pub struct Gap: stored {
        /// What it is about: `site`, `space` (its contents), `space_permissions`, `content` (its restrictions), `group`
        /// (its members), `operation` (a restriction of something other than view and edit), `user` or `audit`.
        pub scope: GapScope,
        /// Its id; for a space its key.
        pub subject: String,
        /// Why, as a code, such as `forbidden`, `timeout` or `truncated`.
        pub cause: GapCause,
        /// One line for people.
        pub message: String,
        /// HTTP status, if there was one.
        pub status: Option<u16>,
        /// Method and path of the request, without query.
        pub route: Option<String>,
    }
}

/// Scope and subject of a gap, for those who decide by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing<'a> {
    /// A fact of the site.
    Site(SiteFact),
    /// Contents of the space with this key.
    Space(&'a str),
    /// Permissions in the space with this key.
    SpacePermissions(&'a str),
    /// Restrictions of the content with this id.
    Content(&'a str),
    /// Restrictions of another operation than viewing and editing, of the content with this id.
    Operation(&'a str),
    /// Members of the group with this id.
    Group(&'a str),
    /// An account, by its id; empty where not even that is known.
    User(&'a str),
    /// Part of the audit log.
    Audit(&'a str),
    /// A scope or a fact this version does not know, as snapshots of a later version may name: it could be anything.
    Unknown,
}

impl Gap {
    /// That something is missing. Scope and subject are those of a [`SiteFact`] or the id of what it is about.
    pub fn new((scope, subject): (GapScope, impl Into<String>), cause: GapCause, message: impl Into<String>) -> Self {
        Self { scope, subject: subject.into(), cause, message: message.into(), status: None, route: None }
    }

    /// The same, found in the answer to `route`.
    #[must_use]
    pub fn at(mut self, route: impl Into<String>) -> Self {
        self.route = Some(route.into());
        self
    }

    /// The same, with the status of the answer.
    #[must_use]
    pub fn answered(mut self, status: Option<u16>) -> Self {
        self.status = status;
        self
    }

    /// What is missing.
    pub fn missing(&self) -> Missing<'_> {
        let subject = self.subject.as_str();
        match self.scope {
            GapScope::Site => SiteFact::named(subject).map_or(Missing::Unknown, Missing::Site),
            GapScope::Space => Missing::Space(subject),
            GapScope::SpacePermissions => Missing::SpacePermissions(subject),
            GapScope::Content => Missing::Content(subject),
            GapScope::Operation => Missing::Operation(subject),
            GapScope::Group => Missing::Group(subject),
            GapScope::User => Missing::User(subject),
            GapScope::Audit => Missing::Audit(subject),
            GapScope::Other(_) => Missing::Unknown,
        }
    }
}

/// Rows, and what is missing among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<T> {
    /// What was read.
    pub rows: Vec<T>,
    /// What was not.
    pub gaps: Vec<Gap>,
}

impl<T> Default for Listing<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), gaps: Vec::new() }
    }
}
