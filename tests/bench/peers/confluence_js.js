// confluence.js on Node, with the calls and the concurrency of the program by hand in Python.
//
//     node confluence_js.js <url> <username> <token> <at once> <mode> <sample>
import { createV1Client, createV2Client } from "confluence.js";
import { createClient } from "confluence.js/core";
import { readFileSync } from "node:fs";

const [host, email, apiToken, atOnce] = process.argv.slice(2);
const client = createClient({ host, auth: { type: "basic", email, apiToken } });
const [v1, v2] = [createV1Client(client), createV2Client(client)];
const lists = ["read", "update"].flatMap((operation) =>
  ["user", "group"].map((kind) => `restrictions.${operation}.restrictions.${kind}`),
);

let free = Number(atOnce);
const waiting = [];
/** One call, when it is its turn. */
async function turn(call) {
  if (free > 0) free -= 1;
  else await new Promise((go) => waiting.push(go));
  try {
    return await call();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else free += 1;
  }
}

/** All rows of a listing: the parameters of the next page stand in its link. */
async function walk(method, parameters) {
  const rows = [];
  let more = {};
  while (more) {
    const page = await turn(() => method({ ...parameters, ...more }));
    rows.push(...page.results);
    const next = page._links?.next;
    const query = next ? new URL(next, host).searchParams : undefined;
    more = query && (query.has("cursor") ? { cursor: query.get("cursor") } : { start: Number(query.get("start")) });
  }
  return rows;
}

const busy = process.cpuUsage();
const began = performance.now();
const [parents, restrictions, permissions, members] = [new Map(), new Set(), new Set(), new Set()];
const spaces = await walk((p) => v2.space.getSpaces(p), { limit: 250 });
const size = Math.max(1, Math.min(25, Math.ceil(spaces.length / Number(atOnce))));
const work = [];
for (let at = 0; at < spaces.length; at += size) {
  const some = spaces.slice(at, at + size);
  const spaceId = some.map((space) => space.id);
  for (const list of [(p) => v2.page.getPages(p), (p) => v2.blogPost.getBlogPosts(p)]) {
    work.push(
      walk(list, { spaceId, limit: 250 }).then((pages) => pages.forEach((page) => parents.set(page.id, page.parentId))),
    );
  }
  const keys = some.map((space) => `"${space.key}"`).join(",");
  const cql = `type in (page,blogpost) and space in (${keys})`;
  work.push(
    walk((p) => v1.content.searchContentByCQL(p), { cql, expand: lists, limit: 200 }).then((rows) => {
      for (const { id, restrictions: both } of rows) {
        for (const operation of ["read", "update"]) {
          const { user, group } = both[operation].restrictions;
          for (const { accountId } of user.results) restrictions.add(`${id} ${operation} ${accountId}`);
          for (const one of group.results) restrictions.add(`${id} ${operation} ${one.id}`);
        }
      }
    }),
  );
}
for (const { id, key } of spaces) {
  work.push(
    walk((p) => v2.spacePermissions.getSpacePermissionsAssignments(p), { id, limit: 250 }).then((rows) =>
      rows.forEach((row) => permissions.add(`${key} ${row.principal.id} ${row.operation.key} ${row.operation.targetType}`)),
    ),
  );
}
work.push(
  walk((p) => v1.group.getGroups(p), { limit: 200 }).then((groups) =>
    Promise.all(
      groups.map(async ({ id }) => {
        for (let start = 0, total = 1; start < total; ) {
          const page = await turn(() =>
            v1.group.getGroupMembersByGroupId({ groupId: id, start, limit: 200, shouldReturnTotalSize: true }),
          );
          page.results.forEach((member) => members.add(`${id} ${member.accountId}`));
          total = page.results.length > 0 ? page.totalSize : 0;
          start += page.results.length;
        }
      }),
    ),
  ),
);
await Promise.all(work);
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(busy);
const own = JSON.parse(readFileSync(new URL("./node_modules/confluence.js/package.json", import.meta.url)));
const facts = {
  contents: parents.size,
  placed: [...parents.values()].filter((parent) => parent).length,
  restrictions: restrictions.size,
  permissions: permissions.size,
  members: members.size,
};
const peak = process.resourceUsage().maxRSS / 1024;
const version = `confluence.js ${own.version}, Node ${process.version}`;
console.log(JSON.stringify({ version, seconds, cpu: (user + system) / 1e6, peak, facts }));
