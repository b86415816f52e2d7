// confluence.js, pointed at a site: every method of it that the simulator serves, reads and writes.
//
//     node confluence_js.js <host> <email> <token>
//
// Prints one JSON object: the routes confluence.js has methods for, what became of every call, what the answers held
// that its schemas do not know, and what it read and wrote, for the test to compare with ours.

// Before the schemas are built: an object with a property they do not know is recorded, and a word outside a list too.
process.env.AUDIT_SCHEMAS = "true";
const { createV1Client, createV2Client } = await import("confluence.js");
const { createClient } = await import("confluence.js/core");

/** Every route the package has a method for, such as `GET /wiki/api/v2/pages/{id}`, found by calling each method without a site. */
async function routesOf() {
  const routes = new Set();
  const unknown = [];
  const client = { sendRequest: async ({ method, url }) => void routes.add(`${method} ${url}`) };
  const parameters = new Proxy({}, { get: (_, name) => `{${String(name)}}` });
  for (const [version, rooms] of Object.entries({ v1: createV1Client(client), v2: createV2Client(client) })) {
    for (const [room, methods] of Object.entries(rooms)) {
      for (const [name, method] of Object.entries(methods)) {
        const before = routes.size;
        try {
          await method(parameters);
        } catch (error) {
          if (routes.size === before) unknown.push(`${version}.${room}.${name}: ${error.message}`);
        }
      }
    }
  }
  return { routes: [...routes].sort(), unknown };
}

const [host, email, apiToken] = process.argv.slice(2);
const client = createClient({ host, auth: { type: "basic", email, apiToken } });
const v1 = createV1Client(client);
const v2 = createV2Client(client);
const calls = [];

/** What is wrong, short enough to read. */
function told(error) {
  const issues = error.cause?.issues?.slice(0, 3).map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  return `${error.name}: ${error.message}${issues ? ` [${issues.join("; ")}] in ${error.body?.slice(0, 400)}` : ""}`;
}

/** Calls `v2.page.getPages` with its parameters; a failure is noted and the rest goes on. */
async function call(name, parameters) {
  const [version, room, method] = name.split(".");
  try {
    const answer = await (version === "v1" ? v1 : v2)[room][method](parameters);
    calls.push({ name, problem: null });
    return answer;
  } catch (error) {
    calls.push({ name, problem: told(error) });
    return undefined;
  }
}

/** A call the site refuses with this status, and confluence.js tells it apart. */
async function refused(name, status, parameters) {
  const [version, room, method] = name.split(".");
  try {
    await (version === "v1" ? v1 : v2)[room][method](parameters);
    calls.push({ name, problem: `answered, where ${status} was due` });
  } catch (error) {
    calls.push({ name, problem: error.status === status ? null : told(error) });
  }
}

/** All rows of a listing: the parameters of the next page stand in its link. */
async function walk(name, parameters = {}) {
  const rows = [];
  let more = {};
  while (more) {
    const page = await call(name, { ...parameters, ...more });
    rows.push(...(page?.results ?? []));
    const next = page?._links?.next;
    const query = next ? new URL(next, host).searchParams : undefined;
    const start = query?.get("start") ?? undefined;
    more = query && (query.has("cursor") ? { cursor: query.get("cursor") } : { start: Number(start) });
  }
  return rows;
}

const lists = ["read", "update"].flatMap((operation) =>
  ["user", "group"].map((kind) => `restrictions.${operation}.restrictions.${kind}`),
);
const subjects = (one) => [
  ...(one?.restrictions?.user?.results ?? []).map((user) => user.accountId),
  ...(one?.restrictions?.group?.results ?? []).map((group) => group.id),
];

// Spaces, permissions, roles ----------------------------------------------------------------------------------------

const read = { spaces: {}, pages: [], blogposts: [], groups: {}, restrictions: {} };
const spaces = await walk("v2.space.getSpaces", { limit: 3 });
for (const space of spaces) {
  const { id } = space;
  await call("v2.space.getSpaceById", { id, includePermissions: true, includeOperations: true });
  const permissions = await walk("v2.spacePermissions.getSpacePermissionsAssignments", { id, limit: 20 });
  const assignments = await walk("v2.spaceRoles.getSpaceRoleAssignments", { id, limit: 2 });
  read.spaces[space.key] = {
    permissions: permissions.map((row) => [row.principal.id, row.operation.key, row.operation.targetType]),
    assignments: assignments.map((row) => [row.principal.principalId, row.roleId]),
  };
  await walk("v2.page.getPagesInSpace", { id, limit: 50, depth: "all" });
  await walk("v2.blogPost.getBlogPostsInSpace", { id, limit: 5 });
}
await call("v2.spaceRoles.getSpaceRoleMode");
await walk("v2.spacePermissions.getAvailableSpacePermissions", { limit: 7 });
const roles = await walk("v2.spaceRoles.getAvailableSpaceRoles", { limit: 2 });
for (const { id } of roles) await call("v2.spaceRoles.getSpaceRolesById", { id });

// The tree ----------------------------------------------------------------------------------------------------------

const pages = await walk("v2.page.getPages", { limit: 100 });
read.pages = pages.map((page) => page.id);
for (const { id } of pages.slice(0, 25)) {
  await call("v2.page.getPageById", { id });
  await call("v2.ancestors.getPageAncestors", { id });
  await walk("v2.children.getPageDirectChildren", { id, limit: 2 });
  await walk("v2.children.getChildPages", { id, limit: 2 });
  await walk("v2.descendants.getPageDescendants", { id, limit: 5, depth: 3 });
}
const blogposts = await walk("v2.blogPost.getBlogPosts", { limit: 10 });
read.blogposts = blogposts.map((post) => post.id);
await call("v2.blogPost.getBlogPostById", { id: blogposts[0].id });
const others = await walk("v1.content.searchContentByCQL", { cql: "type in (folder, whiteboard, database, embed)" });
const rooms = {
  folder: ["folder.getFolderById", "Folder"],
  whiteboard: ["whiteboard.getWhiteboardById", "Whiteboard"],
  database: ["database.getDatabaseById", "Database"],
  embed: ["smartLink.getSmartLinkById", "SmartLink"],
};
for (const { id, type } of others) {
  const [one, noun] = rooms[type];
  await call(`v2.${one}`, { id });
  await call(`v2.ancestors.get${noun}Ancestors`, { id });
  await walk(`v2.children.get${noun}DirectChildren`, { id, limit: 2 });
  await walk(`v2.descendants.get${noun}Descendants`, { id, limit: 2 });
}
const ids = [...read.pages.slice(0, 3), ...others.map((other) => other.id)];
await call("v2.content.convertContentIdsToContentTypes", { body: { contentIds: ids } });

// Restrictions and the check ----------------------------------------------------------------------------------------

const found = await walk("v1.content.searchContentByCQL", {
  cql: "type = page",
  limit: 90,
  expand: [...lists, "ancestors", "space", "version", "history"],
});
for (const page of found) {
  const both = Object.fromEntries(
    ["read", "update"].map((operation) => [operation, subjects(page.restrictions?.[operation]).sort()]),
  );
  if (both.read.length + both.update.length) read.restrictions[page.id] = both;
}
await walk("v1.search.searchByCQL", { cql: "type = page", limit: 80, expand: ["content.ancestors", "content.space"] });
const me = await call("v1.users.getCurrentUser", { expand: ["operations"] });
for (const id of Object.keys(read.restrictions).slice(0, 8)) {
  await call("v1.contentRestrictions.getRestrictions", { id, limit: 100 });
  await call("v1.contentRestrictions.getRestrictionsByOperation", { id });
  for (const operationKey of ["read", "update"]) {
    await call("v1.contentRestrictions.getRestrictionsForOperation", { id, operationKey });
  }
  const subject = { type: "user", identifier: me.accountId };
  await call("v1.contentPermissions.checkContentPermission", { id, subject, operation: "update" });
}

// Groups and users --------------------------------------------------------------------------------------------------

const groups = await walk("v1.group.getGroups", { limit: 5 });
for (const { id, name } of groups) {
  const members = await walk("v1.group.getGroupMembersByGroupId", { groupId: id, limit: 10, expand: ["operations"] });
  read.groups[name] = members.map((member) => member.accountId).sort();
}
await call("v1.group.getGroupByGroupId", { id: groups[0].id });
await call("v1.group.searchGroups", { query: "e", shouldReturnTotalSize: true });
const accountIds = [...new Set(Object.values(read.groups).flat())].slice(0, 50);
await call("v1.users.getUser", { accountId: me.accountId, expand: ["operations"] });
await call("v1.users.getAnonymousUser", { expand: ["operations"] });
await walk("v1.users.getGroupMembershipsForUser", { accountId: me.accountId, limit: 1 });
await call("v1.users.getBulkUserLookup", { accountId: accountIds });
await call("v2.user.createBulkUserLookup", { body: { accountIds } });
await walk("v1.search.searchUser", { cql: 'type = user and user.fullname ~ "an"', limit: 3 });

// The site ----------------------------------------------------------------------------------------------------------

await walk("v1.audit.getAuditRecords", { limit: 100 });
await call("v1.audit.getAuditRecords", { startDate: "0", endDate: "4102444800000", searchString: "group" });
await call("v1.settings.getSystemInfo");
await call("v2.adminKey.enableAdminKey", { body: { durationInMinutes: 10 } });
await call("v2.adminKey.getAdminKey");
await call("v2.adminKey.disableAdminKey");
await refused("v2.adminKey.getAdminKey", 404);
await refused("v2.dataPolicies.getDataPolicyMetadata", 401);

// Changes -----------------------------------------------------------------------------------------------------------

const space = spaces.find(({ key }) => key === "ENG");
const group = groups.find(({ name }) => name === "archive-exporters").id;
const spaceKey = space.key;
const subject = { type: "group", identifier: group };
const view = await call("v1.spacePermissions.addPermissionToSpace", {
  spaceKey,
  subject,
  operation: { key: "read", target: "space" },
});
const comment = await call("v1.spacePermissions.addPermissionToSpace", {
  spaceKey,
  subject,
  operation: { key: "delete", target: "comment" },
});
await call("v1.spacePermissions.removePermission", { spaceKey, id: comment?.id });
const principal = { principalType: "GROUP", principalId: group };
for (const assignment of [{ principal, roleId: roles[0].id }, { principal }]) {
  await call("v2.spaceRoles.setSpaceRoleAssignments", { id: space.id, body: [assignment] });
}

const id = space.homepageId;
const user = { type: "known", accountId: me.accountId };
const list = (operation) => ({ operation, restrictions: { user: [user], group: [{ type: "group", id: group }] } });
await call("v1.contentRestrictions.addRestrictions", { id, body: { results: [list("read")] } });
await call("v1.contentRestrictions.updateRestrictions", { id, body: { results: [list("read"), list("update")] } });
const own = { id, operationKey: "update", groupId: group };
await call("v1.contentRestrictions.getIndividualGroupRestrictionStatusByGroupId", own);
await call("v1.contentRestrictions.removeGroupFromContentRestriction", own);
await refused("v1.contentRestrictions.getIndividualGroupRestrictionStatusByGroupId", 404, own);
await call("v1.contentRestrictions.addGroupToContentRestrictionByGroupId", own);
await call("v1.contentRestrictions.deleteRestrictions", { id });
const mine = { id, operationKey: "update", accountId: me.accountId };
await call("v1.contentRestrictions.addUserToContentRestriction", mine);
await call("v1.contentRestrictions.getContentRestrictionStatusForUser", mine);
await call("v1.contentRestrictions.removeUserFromContentRestriction", mine);
// Alone on the list the group would shut the caller out.
await refused("v1.contentRestrictions.addGroupToContentRestrictionByGroupId", 400, own);
await call("v1.contentRestrictions.addUserToContentRestriction", mine);
await call("v1.contentRestrictions.addGroupToContentRestrictionByGroupId", own);

const crew = groups.find(({ name }) => name === "Book club").id;
await call("v1.group.addUserToGroupByGroupId", { groupId: crew, accountId: me.accountId });
await call("v1.group.removeMemberFromGroupByGroupId", { groupId: crew, accountId: me.accountId });
await call("v1.group.removeGroupById", { id: crew });
const moved = pages.find((page) => page.title === "On-call Handbook").id;
await call("v1.contentChildrenAndDescendants.movePage", { pageId: moved, position: "append", targetId: id });

const wrote = { space: spaceKey, gone: crew, page: id, group, user: me.accountId, view: view?.id };
const drift = globalThis[Symbol.for("apis-code-gen.schemaAudit")] ?? [];
process.stdout.write(JSON.stringify({ ...(await routesOf()), calls, drift, read, wrote }));
