//! The records and their columns. To add one: an `impl Record` with its columns, and its line in [`declarations`].

use super::column::columns;
use super::{Cell, Column, Declaration, Membership, Pair, Record, Table};
use crate::model::{
    AuditObject, AuditRecord, AuditValue, CheckResult, Content, DirectMembership, Directory, DirectoryLink, Gap,
    GlobalPermission, Group, PermissionChange, Restriction, Space, SpacePermission, User, WriteResult,
};
use crate::resolve::{ContentAccess, Disagreement, Finding, Grantee, Measured, Severity, SummaryRow};

/// All public declarations, in the order they are documented.
pub fn declarations() -> Vec<Declaration> {
    vec![
        Declaration::of::<Space>(),
        Declaration::of::<Content>(),
        Declaration::of::<User>(),
        Declaration::of::<Group>(),
        Declaration::of::<Membership>(),
        Declaration::of::<Directory>(),
        Declaration::of::<DirectoryLink>(),
        Declaration::of::<SpacePermission>(),
        Declaration::of::<GlobalPermission>(),
        Declaration::of::<Restriction>(),
        Declaration::of::<AuditRecord>(),
        Declaration::of::<PermissionChange>(),
        Declaration::of::<Gap>(),
        Declaration::of::<Grantee>(),
        Declaration::of::<ContentAccess>(),
        Declaration::of::<SummaryRow>(),
        Declaration::of::<Finding>(),
        Declaration::of::<Pair>(),
        Declaration::of::<CheckResult>(),
        Declaration::of::<Disagreement>(),
        Declaration::of::<Measured>(),
        Declaration::of::<WriteResult>(),
    ]
}

/// The declarations as Markdown tables, for the documentation.
pub fn documentation() -> String {
    let mut out = String::new();
    for declaration in declarations() {
        out.push_str(&format!(
            "## {}\n\n{}\n\n| column | type | null | meaning |\n|---|---|---|---|\n",
            declaration.name, declaration.doc
        ));
        for column in &declaration.columns {
            let null = if column.nullable { "yes" } else { "no" };
            out.push_str(&format!("| `{}` | {} | {null} | {} |\n", column.name, column.kind.as_str(), column.doc));
        }
        out.push('\n');
    }
    out
}

/// The table of `rows`, whatever record they are.
pub fn table<R: Record>(rows: &[R], gaps: &[Gap]) -> Table {
    Table::new(rows, gaps)
}

/// `wiki.spaces()`.
pub fn spaces(rows: &[Space], gaps: &[Gap]) -> Table {
    Table::new(rows, gaps)
}

/// `wiki.contents(space)`.
pub fn contents(rows: &[Content], gaps: &[Gap]) -> Table {
    Table::new(rows, gaps)
}

/// Accounts.
pub fn users(rows: &[User], gaps: &[Gap]) -> Table {
    Table::new(rows, gaps)
}

/// `wiki.groups()`.
pub fn groups(rows: &[Group], gaps: &[Gap]) -> Table {
    Table::new(rows, gaps)
}

/// `wiki.members(group)`: rows made by [`expand`](super::expand).
pub fn memberships(rows: &[Membership], gaps: &[Gap]) -> Table {
    Table::new(rows, gaps)
}

/// `wiki.space_permissions(space)`.
pub fn space_permissions(rows: &[SpacePermission], gaps: &[Gap]) -> Table {
    Table::new(rows, gaps)
}

/// `wiki.restrictions(content)`.
pub fn restrictions(rows: &[Restriction], gaps: &[Gap]) -> Table {
    Table::new(rows, gaps)
}

/// `table.gaps`: what is missing, as rows. It is complete itself.
pub fn gaps(rows: &[Gap]) -> Table {
    Table::new(rows, [])
}

impl Record for Space {
    const NAME: &'static str = "Space";
    const DOC: &'static str = "One row is one space.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, space =>
        text "id": "Id as the server spells it; the key where there is none." = &space.id,
        text "key": "Key, such as `ENG` or `~ann`." = &space.key,
        text "name" or null: "Display name." = &space.name,
        text "type" or null: "`global`, `personal`, `knowledge_base` or another word of the server." = &space.kind,
        text "status" or null: "`current` or `archived`." = &space.status,
        text "homepage_id" or null: "Content id of the home page." = &space.homepage_id,
        text "source": "API and route it was read from." = &space.source,
        text "owner_id" or null: "Account that owns a personal space. On Data Center the account with the username \
                                   in its key; null where no account has it any more." = &space.owner_id,
        flag "public_links_enabled" or null: "Whether public links work in this space." = space.public_links_enabled,
        time "created_at" or null: "When it was created." = space.created_at,
    );
}

impl Record for Content {
    const NAME: &'static str = "Content";
    const DOC: &'static str = "One row is one node of the content tree (a page, a blog post, a folder, a whiteboard, a \
                               database, an embed), or a comment or an attachment that hangs on one.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, content =>
        text "id": "Id as the server spells it." = &content.id,
        text "type": "`page`, `blogpost`, `folder`, `whiteboard`, `database`, `embed`, `comment`, `attachment` or \
                      another word of the server." = &content.kind,
        text "title" or null: "Title." = &content.title,
        text "status": "`current`, `archived`, `trashed`, `draft` or another word of the server." = &content.status,
        text "space_key": "Key of its space." = &content.space_key,
        text "parent_id" or null: "The node above; of a comment or an attachment what it belongs to. Null at the root \
                                   of a space, and where `parent_unknown` is true." = &content.parent_id,
        text "parent_type" or null: "Type of that node." = &content.parent_type,
        text "author_id" or null: "Account that created it." = &content.author_id,
        time "created_at" or null: "When it was created." = content.created_at,
        time "modified_at" or null: "When its newest version was made. Changing restrictions does not move it."
            = content.modified_at,
        text "url" or null: "Address a person opens." = &content.url,
        text "source": "API and route it was read from." = &content.source,
        texts "shared_with" or null: "Subjects a draft was shared with." = content.shared_with.as_deref().map(Cell::subjects),
        flag "public_link" or null: "Whether a public link is on." = content.public_link,
        flag "restrictions_verified": "Whether an empty answer about its restrictions was confirmed by another route."
            = content.restrictions_verified,
        flag "parent_unknown": "Whether nothing told where it hangs: it may inherit restrictions nobody knows."
            = content.parent_unknown,
    );
}

impl Record for User {
    const NAME: &'static str = "User";
    const DOC: &'static str = "One row is one account.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, user =>
        text "id": "Account id on Cloud, userKey on Data Center." = &user.id,
        text "name" or null: "Username on Data Center, the public name on Cloud." = &user.name,
        text "display_name" or null: "Display name." = &user.display_name,
        text "email" or null: "E-mail address; null where privacy settings hide it." = &user.email,
        text "type": "`person`, `app`, `customer`, `unknown` or another word of the server." = &user.kind,
        flag "active" or null: "False for a deactivated account." = user.active,
        flag "guest" or null: "Whether it is a guest (Cloud)." = user.guest,
        flag "licensed" or null: "Whether it may use the product." = user.licensed,
        text "source": "API and route it was read from." = &user.source,
        flag "product_admin" or null: "Whether it administers Confluence by product role (Cloud)." = user.product_admin,
        flag "org_admin" or null: "Whether it administers the organization (Cloud)." = user.org_admin,
        flag "system_admin" or null: "Whether it holds the global permission System Administrator (Data Center)."
            = user.system_admin,
        flag "admin_key" or null: "Whether an admin key was active when it was read (Cloud)." = user.admin_key,
    );
}

impl Record for Group {
    const NAME: &'static str = "Group";
    const DOC: &'static str = "One row is one group.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, group =>
        text "id": "UUID on Cloud, name on Data Center." = &group.id,
        text "name" or null: "Name shown to people." = &group.name,
        text "source": "Where the group is kept: `directory` (an external directory that is synchronised), `local`, \
                        `team` or `unknown`." = &group.provenance,
        text "directory_id" or null: "Id of the directory it comes from." = &group.directory_id,
        text "directory_name" or null: "Name of that directory." = &group.directory_name,
        text "evidence" or null: "What `source` rests on, such as `managedBy=EXTERNAL`." = &group.evidence,
        flag "members_complete": "Whether all its members are listed; false where there may be more." = group.members_complete,
        text "origin": "API and route it was read from; in other records this column is `source`." = &group.source,
    );
}

impl Record for Membership {
    const NAME: &'static str = "Membership";
    const DOC: &'static str = "One row is one account in one group. Groups inside the group are followed; whoever is in \
                               several times has one row, with the shortest way.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, membership =>
        text "group_id": "The group." = &membership.group_id,
        text "group_name" or null: "Its name." = &membership.group_name,
        text "user_id": "The account. A member that is neither account nor group is kept as its text, such as `team:x`."
            = &membership.user_id,
        text "user_name" or null: "Its username on Data Center, its public name on Cloud." = &membership.user_name,
        text "path" or null: "The groups between, outermost first, such as `eng > platform`; null for a direct member."
            = &membership.path,
        text "source": "API and route the innermost entry was read from." = &membership.source,
    );
}

impl Record for Directory {
    const NAME: &'static str = "Directory";
    const DOC: &'static str = "One row is one directory of the organization: its own, or one an identity provider keeps \
                               in step.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, directory =>
        text "id": "Id." = &directory.id,
        text "name" or null: "Name: as the caller maps the id, else as the organization calls it." = &directory.name,
        text "organization_id": "Organization it belongs to." = &directory.organization_id,
        text "source": "API and route it was read from." = &directory.source,
    );
}

impl Record for DirectoryLink {
    const NAME: &'static str = "DirectoryLink";
    const DOC: &'static str = "One row is one entry of a synchronised directory (SCIM) behind one account. An account \
                               without a row was not provisioned.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, link =>
        text "user_id": "The account." = &link.user_id,
        text "directory_id": "The directory that provisions it." = &link.directory_id,
        text "directory_name" or null: "Name of that directory." = &link.directory_name,
        text "scim_user_id": "Id of the account in that directory." = &link.scim_user_id,
        text "source": "API and route it was read from." = &link.source,
    );
}

impl Record for SpacePermission {
    const NAME: &'static str = "SpacePermission";
    const DOC: &'static str = "One row is one permission of one subject in one space. Roles are expanded: one row for \
                               each permission they bring.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, permission =>
        text "space_key": "Key of the space." = &permission.space_key,
        text "subject_type": "`user`, `group`, `anonymous`, `access_class`, `unlicensed`, `unknown` or another word of \
                              the server." = Cell::subject_type(&permission.subject),
        text "subject_id" or null: "Id of the subject; null where its type says all, or the server gave none (a deleted \
                                    account or group)." = Cell::subject_id(&permission.subject),
        text "subject_name" or null: "Display name of the subject." = &permission.subject_name,
        text "permission": "`view`, `create_page`, `edit_page`, `administer` … in one vocabulary for all deployments."
            = &permission.permission,
        text "raw" or null: "The server's own words, such as `create/page` or `EDITSPACE`." = &permission.raw,
        text "via_role" or null: "Name of the role that brings it; null for a grant of its own." = &permission.via_role,
        text "source": "API and route it was read from." = &permission.source,
    );
}

impl Record for GlobalPermission {
    const NAME: &'static str = "GlobalPermission";
    const DOC: &'static str = "One row is one permission of one subject for the site as a whole (Data Center). Without \
                               `use` nothing else helps.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, permission =>
        text "subject_type": "`user`, `group`, `anonymous`, `unlicensed`, `unknown` or another word of the server."
            = Cell::subject_type(&permission.subject),
        text "subject_id" or null: "Id of the subject; null where its type says all, or the server gave none."
            = Cell::subject_id(&permission.subject),
        text "subject_name" or null: "Display name of the subject." = &permission.subject_name,
        text "permission": "`use`, `use_unlicensed`, `create_personal_space`, `create_space`, `administer`, \
                            `administer_system`, `view_profiles`, `update_user_status`, \
                            `attach_to_profile`, or the server's own words." = &permission.permission,
        text "raw" or null: "The server's own words, such as `use/application`." = &permission.raw,
        text "source": "API and route it was read from." = &permission.source,
    );
}

impl Record for Restriction {
    const NAME: &'static str = "Restriction";
    const DOC: &'static str = "One row is one subject in one restriction list, stored on this very content. What a \
                               content inherits stands in the rows of the contents above it.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, restriction =>
        text "content_id": "The content it is stored on." = &restriction.content_id,
        text "operation": "`view` or `edit`; the servers say `read` and `update`." = &restriction.operation,
        text "subject_type": "`user`, `group` or another word of the server." = Cell::subject_type(&restriction.subject),
        text "subject_id" or null: "Id of the subject; null where the server gave none (a deleted account or group)."
            = Cell::subject_id(&restriction.subject),
        text "subject_name" or null: "Display name of the subject." = &restriction.subject_name,
        text "source": "API and route it was read from." = &restriction.source,
    );
}

impl Record for Gap {
    const NAME: &'static str = "Gap";
    const DOC: &'static str = "One row is one thing that could not be read. Answers it touches are `unknown`.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, gap =>
        text "scope": "What it is about: `site`, `space` (its contents), `space_permissions`, `content` (its \
                       restrictions), `group` (its members), `operation` (a content restricts another than view and edit), `user` or \
                       `audit`." = &gap.scope,
        text "subject": "Its id; of a space its key." = &gap.subject,
        text "cause": "Why, as a code, such as `forbidden`, `timeout` or `truncated`." = &gap.cause,
        text "message": "One line for a person." = &gap.message,
        count "status" or null: "HTTP status, where there was one." = gap.status,
        text "route" or null: "Method and path asked, without query." = &gap.route,
    );
}

/// `Group: engineering`.
fn object(object: &AuditObject) -> String {
    let name = object.name.as_deref().unwrap_or_default();
    match object.kind.as_deref().unwrap_or_default() {
        "" => name.to_owned(),
        kind => format!("{kind}: {name}"),
    }
}

/// `Type: VIEWSPACE -> EDITSPACE`.
fn changed(value: &AuditValue) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    format!("{}: {} -> {}", text(&value.name), text(&value.old), text(&value.new))
}

impl Record for AuditRecord {
    const NAME: &'static str = "AuditRecord";
    const DOC: &'static str = "One row is one record of the audit log.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, record =>
        time "at" or null: "When it happened." = record.at,
        text "author_id" or null: "Account that did it; null for the system and anonymous." = &record.author.id,
        text "author_name" or null: "Name of that account as it was written down." = &record.author.name,
        text "action" or null: "What happened, in the server's words; they may be in any language." = &record.action,
        text "action_key" or null: "What happened, as a key no language changes; Cloud gives none." = &record.action_key,
        text "category" or null: "Kind of event, in the server's words." = &record.category,
        text "remote_address" or null: "Address it was done from." = &record.remote_address,
        texts "objects": "What it is about, the affected object first, each as `type: name`. Cloud gives names and no ids."
            = Cell::Texts(record.objects.iter().map(|o| object(o).into()).collect()),
        texts "changes": "What was changed, each as `name: old -> new`."
            = Cell::Texts(record.changes.iter().map(|value| changed(value).into()).collect()),
        text "raw": "The record as the server sent it, JSON." = &record.raw,
        text "source": "API and route it was read from." = &record.source,
        text "author_type": "`user`, `system`, `anonymous` or `unknown`." = &record.author.kind,
        text "description" or null: "A longer text." = &record.description,
        flag "super_admin" or null: "Whether the server marks it as done with the rights of a super administrator: an \
                                     admin key on Cloud." = record.super_admin,
        text "category_key" or null: "Kind of event, as a key no language changes; Cloud gives none." = &record.category_key,
    );
}

impl Record for PermissionChange {
    const NAME: &'static str = "PermissionChange";
    const DOC: &'static str = "One row is one change to who may do what: one permission of one subject, a restriction, \
                               a membership, a role, a public link, an admin key. What is not understood is a row of \
                               scope `other`.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, row =>
        time "at" or null: "When it was made." = row.at,
        text "author_id" or null: "Account that made it; null for the system and anonymous." = &row.author.id,
        text "author_name" or null: "Name of that account as it was written down." = &row.author.name,
        text "remote_address" or null: "Address it was made from." = &row.remote_address,
        text "scope": "`site`, `space`, `content`, `group`, `public_link` or `other`." = &row.scope,
        text "change": "`added`, `removed` or `changed`; a use of an admin key is `changed`." = &row.change,
        text "space_key" or null: "Key of the space, where its name is known." = &row.space_key,
        text "content_id" or null: "The content it was made on, where its title is known in its space; null where the title \
                                    fits none or several." = &row.content_id,
        text "content_title" or null: "Title of that content as it was written down." = &row.content_title,
        text "subject_type" or null: "`user`, `group`, `anonymous`, `access_class`, `unlicensed` or `unknown`; null where \
                                      the change is about nobody." = row.subject.as_ref().map(|s| s.kind.as_str()),
        text "subject_id" or null: "Id of the subject, where the record or the snapshot gives it."
            = row.subject.as_ref().map_or(Cell::Null, Cell::subject_id),
        text "subject_name" or null: "Name of the subject as it was written down." = &row.subject_name,
        text "permission" or null: "What was given or taken, in one vocabulary: `view`, `edit` of a content, the \
                                    permissions of a space as in SpacePermission, those of the site as in \
                                    GlobalPermission, `member` of a group, `public_link`, `admin_key`, the name of a \
                                    role as `role:<name>`, `account` and `user_directory` (Data Center); unknown words as \
                                    they came." = &row.permission,
        text "old" or null: "The value before, in the server's words." = &row.old,
        text "new" or null: "The value after, in the server's words." = &row.new,
        text "confidence": "`certain`: words and objects of the record say the same; `likely`: only one of them does; \
                            `ambiguous`: a name in it fits several things; `unrecognised`: not understood."
            = &row.confidence,
        text "raw": "The record as the server sent it, JSON." = &row.raw,
        text "source": "API and route it was read from." = &row.source,
        text "author_type": "`user`, `system`, `anonymous` or `unknown`." = &row.author.kind,
        flag "admin_key" or null: "Whether it was made with an admin key." = row.admin_key,
        text "action" or null: "What happened, in the server's words." = &row.action,
        text "space_name" or null: "Name of the space as it was written down." = &row.space_name,
        text "group_id" or null: "The group a membership is about." = &row.group_id,
        text "group_name" or null: "Its name." = &row.group_name,
        texts "candidates": "Ids of the contents the title fits, where it fits several." = &row.candidates,
        text "attributed_to" or null: "The content asked about, where this change on it or above it binds it; null where \
                                       nobody asked about one, and for an edit restriction further up, which binds only \
                                       its own page." = &row.attributed_to,
    );
}

/// One entry of a group's member list, as it is kept in a saved snapshot.
impl Record for DirectMembership {
    const NAME: &'static str = "DirectMembership";
    const DOC: &'static str = "One row is one entry of a group's member list.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, entry =>
        text "group_id": "The group." = &entry.group_id,
        text "member_type": "`user`, `group` or another word of the server." = Cell::subject_type(&entry.member),
        text "member_id" or null: "Id of the member." = Cell::subject_id(&entry.member),
        text "source": "API and route it was read from." = &entry.source,
    );
}

impl Record for Grantee {
    const NAME: &'static str = "Grantee";
    const DOC: &'static str = "One row is one person who may do what was asked, or of whom it is not known, with the \
                               first way in that was found. `anonymous` has a row of its own.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, grantee =>
        text "user_id": "The account; `anonymous` for whoever is not logged in, `anyone_with_link` for whoever knows a \
                         public link." = &grantee.user_id,
        text "name" or null: "Username on Data Center, the public name on Cloud." = &grantee.name,
        text "display_name" or null: "Display name." = &grantee.display_name,
        text "decision": "`allowed` or `unknown`; who is denied has no row." = &grantee.decision,
        text "via": "The way in, in one line, such as `direct`, `group eng` or `role Viewer through \
                     all-licensed-users`; of an unknown answer the code of the doubt." = &grantee.via,
        flag "standing": "False for a bypass (super group, admin key) and an exposure (public link), which are no \
                          standing access." = grantee.standing,
    );
}

impl Record for ContentAccess {
    const NAME: &'static str = "ContentAccess";
    const DOC: &'static str = "One row is one content the subject may view or edit, or of which it is not known.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, row =>
        text "content_id": "The content." = &row.content_id,
        text "title" or null: "Its title." = &row.title,
        text "space_key": "Key of its space." = &row.space_key,
        text "type": "Type of the content, such as `page`." = &row.kind,
        text "operation": "What was asked." = row.operation.as_str(),
        text "decision": "`allowed` or `unknown`; contents that are denied have no row." = &row.decision,
        text "via" or null: "`super_group`, `admin_key` or `public_link` where it is no standing access; else null."
            = &row.via,
        flag "standing": "False for a bypass and an exposure." = row.standing,
    );
}

impl Record for SummaryRow {
    const NAME: &'static str = "SummaryRow";
    const DOC: &'static str = "One row is one content, with who may view and edit it in numbers of accounts. Numbers \
                               are null where access is not resolved: for what is in the trash.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, row =>
        text "content_id": "The content." = &row.content_id,
        text "title" or null: "Its title." = &row.title,
        text "space_key": "Key of its space." = &row.space_key,
        text "type": "Type of the content, such as `page`." = &row.kind,
        text "status": "`current`, `archived`, `draft` or `trashed`." = &row.status,
        count "viewers" or null: "Accounts that may view it, standing access only." = row.viewers,
        count "editors" or null: "Accounts that may edit it, standing access only." = row.editors,
        count "unknown_viewers" or null: "Accounts of which it is not known whether they may view it."
            = row.unknown_viewers,
        count "unknown_editors" or null: "Accounts of which it is not known whether they may edit it."
            = row.unknown_editors,
        text "anonymous" or null: "Whether anonymous may view it: `allowed`, `denied` or `unknown`." = &row.anonymous,
        texts "restricted_by": "Ids of the contents whose view lists narrow it, root first; its own id where it has \
                                one itself." = &row.restricted_by,
        flag "own_restriction": "Whether it has a view or an edit list of its own." = row.own_restriction,
        flag "inherited_restriction": "Whether a content above it has a view list that binds it."
            = row.inherited_restriction,
        flag "public_link": "Whether a public link is on and works." = row.public_link,
    );
}

impl From<Severity> for Cell<'_> {
    fn from(severity: Severity) -> Self {
        severity.as_str().into()
    }
}

impl Record for Finding {
    const NAME: &'static str = "Finding";
    const DOC: &'static str = "One row is something a report should point out. It is no access decision.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, finding =>
        text "code": "What, as a code, such as `open_to_anonymous` or `editable_by_nobody`." = finding.code,
        text "severity": "`high`, `medium` or `low`." = finding.severity,
        text "space_key" or null: "Space it is in." = &finding.space_key,
        text "content_id" or null: "Content it is at." = &finding.content_id,
        text "content_title" or null: "Title of that content." = &finding.content_title,
        text "subject" or null: "Subject it is about." = &finding.subject,
        text "message": "The facts that prove it, in one line." = &finding.message,
        text "advice": "What to do." = finding.advice,
        text "subject_name" or null: "Name of that subject; null where it is not known, as of a deleted account."
            = &finding.subject_name,
    );
}

impl Record for CheckResult {
    const NAME: &'static str = "CheckResult";
    const DOC: &'static str = "One row is Confluence's own answer about one subject and one content.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, check =>
        text "decision": "`allowed` or `denied`." = &check.decision,
        texts "reasons": "Why not, as codes: `site.user_not_licensed`, `site.anonymous_disabled`, \
                          `space.no_permission`, `content.restricted` (on it or above it: Confluence does not say \
                          where), `unrecognised`." = &check.reasons,
        texts "messages": "Why not, in Confluence's own words." = &check.messages,
        text "content_id": "The content." = &check.content_id,
        text "subject": "The subject as text, names resolved to an id." = check.subject.to_string(),
        text "operation": "`view`, `edit` or `delete`." = check.operation.as_str(),
    );
}

impl Record for Disagreement {
    const NAME: &'static str = "Disagreement";
    const DOC: &'static str =
        "One row is one question to which Confluence's own answer is not the one of the snapshot.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, row =>
        text "subject": "The subject as text." = row.subject.to_string(),
        text "subject_name" or null: "Its name." = &row.subject_name,
        text "operation": "`view` or `edit`." = row.operation.as_str(),
        text "content_id": "The content." = &row.content_id,
        text "title" or null: "Its title." = &row.title,
        text "space_key" or null: "Key of its space." = &row.space_key,
        text "ours": "The answer of the snapshot: `allowed` or `denied`." = &row.ours,
        text "theirs": "Confluence's answer: `allowed` or `denied`." = &row.theirs,
        texts "our_codes": "The codes of our explanation." = &row.our_codes,
        texts "their_codes": "Confluence's reasons as codes, as in `CheckResult`." = &row.their_codes,
        texts "their_messages": "Confluence's reasons in its own words." = &row.their_messages,
        text "explanation": "Our explanation, every gate." = &row.explanation,
    );
}

impl Record for Measured {
    const NAME: &'static str = "Measured";
    const DOC: &'static str = "One row is one open switch of the policy, and what a question that only it decides says \
                               about it on this site.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, row =>
        text "switch": "The switch." = row.switch,
        text "value": "Its value on this site: `true`, `false`, `nobody` or `opens`; `unknown` where it could not be \
                       settled." = row.value.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string),
        text "question" or null: "What was asked, in words; null where nothing was." = &row.question,
        text "subject" or null: "The subject of the question as text." = row.subject.as_ref().map(ToString::to_string),
        text "content_id" or null: "The content of the question." = &row.content_id,
        text "answer" or null: "What the site answered: `allowed` or `denied`; null where it did not." = &row.answer,
        count "requests": "Questions asked for this switch." = row.requests,
        text "source": "API and route that answered." = &row.source,
        text "reason" or null: "Why the switch could not be settled." = &row.reason,
    );
}

impl Record for WriteResult {
    const NAME: &'static str = "WriteResult";
    const DOC: &'static str = "One row is one change: one permission, role or list entry of one subject in one place.";
    const COLUMNS: &'static [Column<Self>] = columns!(Self, write =>
        text "target": "Key of a space, or id of a content." = &write.target,
        text "subject": "The subject as text, names resolved to an id." = write.subject.to_string(),
        text "permission": "A permission such as `create_page`, a role such as `role Viewer`, or the list: `view`, \
                            `edit`." = &write.permission,
        text "outcome": "`added`, `removed`, `skipped` (it was so already), `failed`, or in a rehearsal `would_add`, \
                         `would_remove`." = write.outcome.as_str(),
        text "message" or null: "Why, where there is something to say." = &write.message,
        text "subject_name" or null: "Name of the subject." = &write.subject_name,
        text "title" or null: "Name of the space, or title of the content where the change had to read it."
            = &write.title,
    );
}
