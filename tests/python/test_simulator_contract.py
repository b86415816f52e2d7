"""The simulator's answers against Atlassian's own documents, which ship in the package `confluence-as`.

A document alone proves little: most of its properties are optional, and none forbids others. So the check is sharper
than the documents: no property they do not have, and in v2, where nothing is required, every property they do have.
Where live sites are known to deviate, `DEVIATIONS` says so, one narrow line each; a line that nothing needs fails the
test.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import re
import urllib.request
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from confluence_access.simulator import Simulator

SOURCES = Path(__file__).parents[2] / "src" / "simulator"


@dataclass(frozen=True)
class Deviation:
    """An error that is expected: on these routes, at this place, of this kind."""

    route: str
    place: str
    kind: str
    reason: str


DEVIATIONS = [
    # Access classes, and operations beyond the documented ones, were seen on live sites in 2026.
    Deviation("*/spaces/{id}/permissions", "results/*/principal/type", "enum", "access-class is not documented"),
    Deviation("*/spaces/{id}/permissions", "results/*/operation/key", "enum", "manage_users is not documented"),
    Deviation("*/spaces/{id}", "permissions/results/*/principal/type", "enum", "as in the listing"),
    Deviation("*/spaces/{id}", "permissions/results/*/operation/key", "enum", "as in the listing"),
    Deviation(
        "*/spaces/{id}", "", "additionalProperties:roleAssignments", "the parameter is documented, its answer is not"
    ),
    Deviation("*/rest/api/space*", "*permissions/*/operation/operation", "enum", "as in the listing of v2"),
    # v2 sends null where it has nothing to say, and marks few of these places as nullable.
    Deviation("*/spaces*", "*description", "type", "null unless a format is asked for"),
    Deviation("*/spaces*", "*icon", "type", "null unless asked for"),
    Deviation("*/pages*", "*parentId", "type", "null at the root"),
    Deviation("*/pages*", "*parentType", "type", "null at the root"),
    Deviation("*/pages*", "*parentType", "enum", "null at the root"),
    Deviation("*/users-bulk", "results/*/personalSpaceId", "type", "null for who has none"),
    # A page by id has a subtype like a listed one.
    Deviation(
        "*/pages/{id}", "", "additionalProperties:subtype", "subtype is missing in the document of the single page"
    ),
    # Group carries its resource name on live sites; the document of v1 does not know it.
    Deviation("*/rest/api/*", "*", "additionalProperties:resourceAri", "seen on live sites"),
    Deviation("*/user/bulk", "results/*", "additionalProperties:accountStatus", "seen on live sites"),
    # The nested lists are paged, and their links say so; the document has them for users only.
    Deviation("*/rest/api/content*", "*restrictions/group", "additionalProperties:_links", "as in the list of users"),
]


def shape(document: dict[str, Any]) -> dict[str, Any]:
    """An OpenAPI document as JSON schema, with objects closed."""
    found = json.loads(json.dumps(document))

    def resolve(schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            schema = found["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
        return schema

    def merged(parts: list[dict[str, Any]]) -> dict[str, Any]:
        whole: dict[str, Any] = {"type": "object", "properties": {}}
        for part in map(resolve, parts):
            for name, schema in part.get("properties", {}).items():
                before = whole["properties"].get(name)
                whole["properties"][name] = merged([before, schema]) if before not in (None, schema) else schema
            whole["required"] = whole.get("required", []) + part.get("required", [])
        return whole

    def convert(schema: Any) -> Any:
        if isinstance(schema, list):
            return [convert(part) for part in schema]
        if not isinstance(schema, dict):
            return schema
        if isinstance(schema.get("allOf"), list):
            schema = merged(schema["allOf"])
        # A property may be called `description`, so the words of the language count only where the language is spoken.
        inner = schema.get("properties")
        schema = {
            key: convert(value) for key, value in schema.items() if key not in {"properties", "example", "description"}
        }
        if inner is not None:
            schema["properties"] = {name: convert(value) for name, value in inner.items()}
        if "properties" in schema and "additionalProperties" not in schema:
            schema["additionalProperties"] = False
        if schema.pop("nullable", False) is True:
            return {"anyOf": [{"type": "null"}, schema]}
        return schema

    return {
        "components": {"schemas": {name: convert(s) for name, s in found["components"]["schemas"].items()}},
        "convert": convert,
    }


class Document:
    """One of Atlassian's documents."""

    def __init__(self, name: str, prefix: str) -> None:
        where = importlib.util.find_spec("confluence_as")
        assert where is not None
        assert where.submodule_search_locations
        text = (Path(where.submodule_search_locations[0]) / "specs" / name).read_text()
        self.raw = json.loads(text)
        self.prefix = prefix
        self.shaped = shape(self.raw)
        self.every_property = prefix.endswith("/v2")

    def schema(self, method: str, template: str) -> dict[str, Any]:
        """Of the answer with 200."""
        operation = self.raw["paths"][template][method.lower()]
        content = operation["responses"]["200"].get("content", {})
        assert content, f"{method} {template} has no documented body"
        return self.rooted(self.shaped["convert"](content["application/json"]["schema"]))

    def component(self, name: str) -> dict[str, Any]:
        return self.rooted({"$ref": f"#/components/schemas/{name}"})

    def rooted(self, schema: dict[str, Any]) -> dict[str, Any]:
        return {"components": self.shaped["components"], **schema}


V2 = Document("confluence-openapi-v2.json", "/wiki/api/v2")
V1 = Document("confluence-swagger-v1.json", "")


def flat(errors: Any) -> list[Any]:
    """The errors that matter: of alternatives those of the one that got furthest."""
    found = []
    for error in errors:
        if error.validator in {"anyOf", "oneOf"} and error.context:
            branches: dict[int, list[Any]] = {}
            for inner in error.context:
                branches.setdefault(inner.schema_path[0], []).append(inner)
            # The branch for null always fails at once where there is something.
            branch = [b for b in branches.values() if not (len(b) == 1 and b[0].validator_value == "null")]
            found += flat(branch[-1]) if branch else [error]
        else:
            found.append(error)
    return found


def problems(schema: dict[str, Any], body: Any) -> list[tuple[str, str, str]]:
    """Place, kind and message of everything that is wrong."""
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    found = []
    for error in flat(validator.iter_errors(body)):
        place = "/".join(str(step) for step in error.absolute_path)
        if error.validator == "additionalProperties":
            extra = sorted(set(error.instance) - set(error.schema.get("properties", {})))
            found += [(place, f"additionalProperties:{name}", f"{name} is not documented") for name in extra]
        else:
            found.append((place, str(error.validator), error.message[:200]))
    return found


def documented(schema: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = root["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    if "anyOf" in schema and schema["anyOf"][0] == {"type": "null"}:
        return documented(schema["anyOf"][1], root)
    return schema


class Site:
    """A simulator and everything that was validated on it."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        pair = base64.b64encode(f"{simulator.username}:{simulator.token}".encode()).decode()
        self.headers = {"Authorization": f"Basic {pair}", "Accept": "application/json"}
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.validated: set[str] = set()
        self.used: set[Deviation] = set()
        self.bodies = 0

    def ask(self, path: str, body: Any = None, method: str | None = None, status: int = 200) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = self.headers | ({} if data is None else {"Content-Type": "application/json"})
        request = urllib.request.Request(self.simulator.url + path, data=data, headers=headers, method=method)
        with self.opener.open(request) as answer:
            assert answer.status == status
            text = answer.read()
            return json.loads(text) if text else None

    def route(self) -> str:
        """The route that answered last."""
        route = self.simulator.requests[-1].route
        assert route is not None
        return route

    def judge(self, route: str, body: Any, schema: dict[str, Any]) -> list[str]:
        self.validated.add(route)
        self.bodies += 1
        wrong = []
        for place, kind, message in problems(schema, body):
            for known in DEVIATIONS:
                kinds = kind == known.kind or kind.startswith(known.kind + ":")
                if kinds and fnmatch(route, known.route) and fnmatch(place, known.place):
                    self.used.add(known)
                    break
            else:
                wrong.append(f"{route}: {place}: {message}")
        return wrong

    def validate(self, document: Document, path: str, template: str, body: Any = None, *, walk: bool = False) -> Any:
        """Asks, and holds the answer against its document; with `walk`, all pages of it."""
        method = "GET" if body is None else "POST"
        schema = document.schema(method, template)
        first = answered = self.ask(path, body)
        route = self.route()
        wrong = self.judge(route, answered, schema)
        rows = list(answered.get("results", [])) if isinstance(answered.get("results", []), list) else []
        while walk and (link := answered["_links"].get("next")):
            answered = self.ask(link if link.startswith("/wiki/") else f"/wiki{link}")
            wrong += self.judge(route, answered, schema)
            rows += answered["results"]
        assert not wrong, "\n".join(sorted(set(wrong))[:20])
        if document.every_property:
            self.all_there(route, rows or [first], schema, listing=bool(rows))
        return rows if walk else first

    def all_there(self, route: str, rows: list[Any], schema: dict[str, Any], *, listing: bool) -> None:
        """Every documented property of a row is in every row."""
        row = documented(schema, schema)
        if listing:
            row = documented(row["properties"]["results"]["items"], schema)
        # What comes only on request.
        optional = {name for name in row.get("properties", {}) if ("include-" + dashed(name)) in INCLUDES}
        for one in rows:
            missing = set(row.get("properties", {})) - set(one) - optional
            assert not missing, f"{route}: {sorted(missing)} are missing in {json.dumps(one)[:300]}"

    def like(self, path: str, schema: dict[str, Any]) -> Any:
        """Asks a route the documents no longer have, and holds the answer against a schema they still have."""
        body = self.ask(path)
        wrong = self.judge(self.route(), body, schema)
        assert not wrong, "\n".join(sorted(set(wrong))[:20])
        return body


INCLUDES = {
    "include-labels",
    "include-properties",
    "include-operations",
    "include-likes",
    "include-versions",
    "include-favorited-by-current-user-status",
    "include-is-favorited-by-current-user",
    "include-web-resources",
    "include-webresources",
    "include-collaborators",
    "include-direct-children",
    "include-permissions",
    "include-role-assignments",
    "include-source-template-entity-id",
}


def dashed(name: str) -> str:
    return re.sub(r"([A-Z])", lambda match: "-" + match[1].lower(), name)


def served() -> set[str]:
    """The names of all routes, out of the sources."""
    found: set[str] = set()
    for file in SOURCES.glob("*.rs"):
        found |= set(re.findall(r'"((?:GET|POST|PUT|DELETE) /(?:wiki|_edge)[^" ]*)"', file.read_text()))
    return found


@pytest.fixture(scope="module")
def site() -> Any:
    with Simulator(pages=300) as simulator:
        yield Site(simulator)


RESTRICTIONS = ",".join(f"restrictions.{o}.restrictions.{k}" for o in ("read", "update") for k in ("user", "group"))
EVERYTHING = f"{RESTRICTIONS},ancestors,space,version,history,body.storage"


def test_every_route_answers_as_atlassian_documents(site: Site) -> None:
    spaces = site.validate(V2, "/wiki/api/v2/spaces?limit=3", "/spaces", walk=True)
    by_key = {space["key"]: space for space in spaces}
    for space in spaces:
        base = f"/wiki/api/v2/spaces/{space['id']}"
        includes = "include-permissions=true&include-role-assignments=true&include-operations=true"
        site.validate(V2, f"{base}?{includes}", "/spaces/{id}")
        site.validate(V2, f"{base}/permissions?limit=100", "/spaces/{id}/permissions", walk=True)
        site.validate(V2, f"{base}/role-assignments?limit=2", "/spaces/{id}/role-assignments", walk=True)
        site.validate(V2, f"{base}/pages?limit=50", "/spaces/{id}/pages", walk=True)
        site.validate(V2, f"{base}/blogposts?limit=5", "/spaces/{id}/blogposts", walk=True)
    site.validate(V2, "/wiki/api/v2/space-role-mode", "/space-role-mode")
    site.validate(V2, "/wiki/api/v2/space-permissions?limit=7", "/space-permissions", walk=True)
    roles = site.validate(V2, "/wiki/api/v2/space-roles", "/space-roles", walk=True)
    site.validate(V2, f"/wiki/api/v2/space-roles/{roles[0]['id']}", "/space-roles/{id}")

    pages = site.validate(V2, "/wiki/api/v2/pages?limit=100", "/pages", walk=True)
    blogposts = site.validate(V2, "/wiki/api/v2/blogposts?limit=20", "/blogposts", walk=True)
    for page in pages[:60]:
        site.validate(V2, f"/wiki/api/v2/pages/{page['id']}", "/pages/{id}")
        site.validate(V2, f"/wiki/api/v2/pages/{page['id']}/ancestors", "/pages/{id}/ancestors")
        site.validate(
            V2, f"/wiki/api/v2/pages/{page['id']}/direct-children?limit=2", "/pages/{id}/direct-children", walk=True
        )
        site.validate(V2, f"/wiki/api/v2/pages/{page['id']}/children?limit=2", "/pages/{id}/children", walk=True)
        site.validate(
            V2, f"/wiki/api/v2/pages/{page['id']}/descendants?limit=5&depth=10", "/pages/{id}/descendants", walk=True
        )
    site.validate(V2, f"/wiki/api/v2/blogposts/{blogposts[0]['id']}", "/blogposts/{id}")
    others = site.ask("/wiki/rest/api/content/search?cql=type+in+(folder,whiteboard,database,embed)")["results"]
    assert {other["type"] for other in others} == {"folder", "whiteboard", "database", "embed"}
    for other in others:
        plural = f"{other['type']}s"
        for tail in ("", "/ancestors", "/direct-children", "/descendants"):
            site.validate(V2, f"/wiki/api/v2/{plural}/{other['id']}{tail}", f"/{plural}/{{id}}{tail}")

    groups = site.validate(V1, "/wiki/rest/api/group?limit=5", "/wiki/rest/api/group", walk=True)
    accounts: set[str] = set()
    for group in groups:
        path = f"/wiki/rest/api/group/{group['id']}/membersByGroupId?limit=10&expand=operations"
        members = site.validate(V1, path, "/wiki/rest/api/group/{groupId}/membersByGroupId", walk=True)
        accounts |= {member["accountId"] for member in members}
    site.validate(V1, f"/wiki/rest/api/group/by-id?id={groups[0]['id']}", "/wiki/rest/api/group/by-id")
    site.validate(V1, "/wiki/rest/api/group/picker?query=e&shouldReturnTotalSize=true", "/wiki/rest/api/group/picker")
    some = sorted(accounts)[:90]
    users = site.validate(V2, "/wiki/api/v2/users-bulk", "/users-bulk", {"accountIds": some})["results"]
    assert {user["accountId"] for user in users} == set(some)
    site.validate(V1, f"/wiki/rest/api/user/bulk?accountId={'&accountId='.join(some)}", "/wiki/rest/api/user/bulk")
    site.validate(V1, f"/wiki/rest/api/user?accountId={some[0]}&expand=operations", "/wiki/rest/api/user")
    site.validate(V1, f"/wiki/rest/api/user/memberof?accountId={some[0]}", "/wiki/rest/api/user/memberof")
    site.validate(V1, "/wiki/rest/api/user/current?expand=operations", "/wiki/rest/api/user/current")
    site.validate(V1, "/wiki/rest/api/user/anonymous?expand=operations", "/wiki/rest/api/user/anonymous")
    cql = "type=user+and+user.fullname~%22an%22"
    site.validate(V1, f"/wiki/rest/api/search/user?cql={cql}&limit=3", "/wiki/rest/api/search/user", walk=True)
    site.validate(V1, "/wiki/rest/api/settings/systemInfo", "/wiki/rest/api/settings/systemInfo")

    records = site.validate(V1, "/wiki/rest/api/audit?limit=50", "/wiki/rest/api/audit", walk=True)
    assert len(records) >= 200
    whole = "/wiki/rest/api/audit?startDate=0&endDate=4102444800000&searchString=group&start=3"
    site.validate(V1, whole, "/wiki/rest/api/audit")

    search = "/wiki/rest/api/content/search"
    for expand in (RESTRICTIONS, EVERYTHING, "restrictions.read.restrictions.user", "ancestors"):
        for cql in ("type+in+(page,blogpost,folder)", "space=ENG"):
            found = site.validate(V1, f"{search}?cql={cql}&expand={expand}&limit=90", search, walk=True)
            assert len(found) > 20
    restricted = [row["id"] for row in found]
    everything = "/wiki/rest/api/search"
    path = f"{everything}?cql=type=page&expand=content.ancestors,content.space&limit=60"
    assert len(site.validate(V1, path, everything, walk=True)) > 100
    content = "/wiki/rest/api/content"
    for content_id in restricted[:40]:
        route = f"{content}/{{id}}/restriction"
        site.validate(V1, f"{content}/{content_id}/restriction", route)
        both = site.ask(f"{content}/{content_id}/restriction/byOperation")
        # The documented shape of this route is not the one sites send (confluence.js, changelog of 3.1.0): each
        # operation is held against the schema of one operation instead.
        assert set(both) == {"read", "update", "_links"}
        schema = V1.component("ContentRestriction")
        wrong = site.judge(site.route(), both["read"], schema) + site.judge(site.route(), both["update"], schema)
        assert not wrong, wrong[:10]
        for operation in ("read", "update"):
            path = f"{content}/{content_id}/restriction/byOperation/{operation}"
            site.validate(V1, path, f"{content}/{{id}}/restriction/byOperation/{{operationKey}}")
    subject = {"type": "user", "identifier": some[0]}
    for content_id in restricted[:10]:
        body = {"subject": subject, "operation": "update"}
        route = f"{content}/{{id}}/permission/check"
        site.validate(V1, f"{content}/{content_id}/permission/check", route, body)

    # Removed from the documents, alive on site domains: held against the schemas that are left.
    site.like(f"{content}?spaceKey=ENG&limit=50&expand={EVERYTHING}", V1.component("ContentArray"))
    site.like(f"{content}/{restricted[0]}?expand={EVERYTHING}", V1.component("Content"))
    home = by_key["ENG"]["homepageId"]
    site.like(f"{content}/{home}/child/page", V1.component("ContentArray"))
    site.like("/wiki/rest/api/space/ENG/content/page?limit=10", V1.component("ContentArray"))
    expand = "permissions,homepage,description.plain"
    site.like(f"/wiki/rest/api/space/ENG?expand={expand}", V1.component("Space"))
    for part in ("page", "blogpost"):
        both = site.ask("/wiki/rest/api/space/ENG/content?limit=10")
        assert not site.judge(site.route(), both[part], V1.component("ContentArray"))
    listed = site.ask(f"/wiki/rest/api/space?limit=100&expand={expand}")
    for space in listed["results"]:
        assert not site.judge(site.route(), space, V1.component("Space"))

    # Answers without a documented body.
    site.validated.add(status_of(site, f"{content}/{home}/restriction/byOperation/read/user?accountId={some[0]}", 404))
    site.validated.add(
        status_of(site, f"{content}/{home}/restriction/byOperation/read/byGroupId/{groups[0]['id']}", 404)
    )
    assert set(site.ask("/_edge/tenant_info")) == {"cloudId"}
    site.validated.add(site.route())
    types = site.ask("/wiki/api/v2/content/convert-ids-to-types", {"contentIds": [home, "999"]})
    assert types == {"results": {home: "page", "999": None}}
    site.validated.add(site.route())

    changes_are_as_documented(site)
    routes = served()
    assert len(routes) >= 50
    assert site.validated == routes, f"never looked at: {sorted(routes - site.validated)}"
    assert site.bodies > 500
    assert site.simulator.unexpected == []
    stale = [known for known in DEVIATIONS if known not in site.used]
    assert not stale, f"nothing deviates like this any more: {stale}"


def changes_are_as_documented(site: Site) -> None:
    """Every change on a site of its own; bodies are held against the documents before they are sent."""

    def body_of(document: Document, method: str, template: str) -> dict[str, Any]:
        body = document.raw["paths"][template][method]["requestBody"]
        if "$ref" in body:
            body = document.raw["components"]["requestBodies"][body["$ref"].rsplit("/", 1)[1]]
        return document.rooted(document.shaped["convert"](body["content"]["application/json"]["schema"]))

    with Simulator(pages=60) as simulator:
        own = Site(simulator)

        def send(document: Document, method: str, path: str, template: str, body: Any = None, status: int = 200) -> Any:
            if body is not None:
                unlike = problems(body_of(document, method, template), body)
                assert not unlike, unlike
            operation = document.raw["paths"][template][method]
            assert str(status) in operation["responses"], f"{method} {template} does not answer {status}"
            answered = own.ask(path, body, method.upper(), status)
            documented_body = operation["responses"][str(status)].get("content", {}).get("application/json")
            if documented_body is None:
                assert answered is None, f"{method} {template} answers nothing"
            else:
                schema = document.rooted(document.shaped["convert"](documented_body["schema"]))
                wrong = site.judge(own.route(), answered, schema)
                assert not wrong, wrong
            site.validated.add(own.route())
            return answered

        key = "/wiki/api/v2/admin-key"
        issued = send(V2, "post", key, "/admin-key", {"durationInMinutes": 60})
        assert send(V2, "get", key, "/admin-key") == issued
        send(V2, "delete", key, "/admin-key", status=204)
        status_of(own, key, 404)
        # Only apps may ask.
        site.validated.add(status_of(own, "/wiki/api/v2/data-policies/metadata", 401))

        space = own.ask("/wiki/api/v2/spaces?keys=ENG")["results"][0]
        groups = own.ask("/wiki/rest/api/group")["results"]
        group = next(group["id"] for group in groups if group["name"] == "archive-exporters")
        me = own.ask("/wiki/rest/api/user/current")["accountId"]
        given = {"subject": {"type": "group", "identifier": group}, "operation": {"key": "delete", "target": "comment"}}
        view = {**given, "operation": {"key": "read", "target": "space"}}
        route = "/wiki/rest/api/space/{spaceKey}/permission"
        send(V1, "post", "/wiki/rest/api/space/ENG/permission", route, view)
        made = send(V1, "post", "/wiki/rest/api/space/ENG/permission", route, given)
        path = f"/wiki/rest/api/space/ENG/permission/{made['id']}"
        send(V1, "delete", path, f"{route}/{{id}}", status=204)
        roles = own.ask("/wiki/api/v2/space-roles")["results"]
        principal = {"principalType": "GROUP", "principalId": group}
        path = f"/wiki/api/v2/spaces/{space['id']}/role-assignments"
        assign = [{"principal": principal, "roleId": roles[0]["id"]}]
        assert send(V2, "post", path, "/spaces/{id}/role-assignments", assign)["results"] == assign
        assert send(V2, "post", path, "/spaces/{id}/role-assignments", [{"principal": principal}])["results"] == []

        content = f"/wiki/rest/api/content/{space['homepageId']}/restriction"
        template = "/wiki/rest/api/content/{id}/restriction"
        lists = {"user": [{"type": "known", "accountId": me}], "group": [{"type": "group", "id": group}]}
        both = {"results": [{"operation": word, "restrictions": lists} for word in ("read", "update")]}
        send(V1, "post", content, template, {"results": both["results"][:1]})
        send(V1, "put", content, template, both)
        by_operation = f"{template}/byOperation/{{operationKey}}"
        for method in ("delete", "put"):
            path = f"{content}/byOperation/update/byGroupId/{group}"
            send(V1, method, path, f"{by_operation}/byGroupId/{{groupId}}")
        send(V1, "delete", content, template)
        for method in ("put", "delete"):
            send(V1, method, f"{content}/byOperation/read/user?accountId={me}", f"{by_operation}/user")

        user = next(
            row["accountId"]
            for other in groups
            for row in own.ask(f"/wiki/rest/api/group/{other['id']}/membersByGroupId")["results"]
        )
        route = "/wiki/rest/api/group/userByGroupId"
        send(V1, "post", f"{route}?groupId={group}", route, {"accountId": user}, status=201)
        send(V1, "delete", f"{route}?groupId={group}&accountId={user}", route, status=204)
        send(V1, "delete", f"/wiki/rest/api/group/by-id?id={group}", "/wiki/rest/api/group/by-id", status=204)
        pages = own.ask(f"/wiki/api/v2/spaces/{space['id']}/pages?limit=20")["results"]
        leaf = next(page["id"] for page in pages if page["id"] not in {other.get("parentId") for other in pages})
        path = f"/wiki/rest/api/content/{leaf}/move/append/{space['homepageId']}"
        send(V1, "put", path, "/wiki/rest/api/content/{pageId}/move/{position}/{targetId}")
        assert simulator.unexpected == []


def status_of(site: Site, path: str, status: int) -> str:
    with pytest.raises(urllib.error.HTTPError) as caught:
        site.ask(path)
    with caught.value as error:
        assert error.code == status
    return site.route()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda body: body["results"][0].update(kind="page"), "kind is not documented"),
        (lambda body: body["results"][0].update(status="lost"), "'lost' is not one of"),
        (lambda body: body["results"][0].update(id=7), "7 is not of type 'string'"),
        (lambda body: body["results"][0]["version"].update(number="3"), "'3' is not of type 'integer'"),
        (lambda body: body["_links"].update(previous="x"), "previous is not documented"),
    ],
)
def test_the_check_sees_an_answer_that_is_wrong(site: Site, change: Any, message: str) -> None:
    body = site.ask("/wiki/api/v2/pages?limit=2")
    schema = V2.schema("GET", "/pages")
    change(body)
    assert any(message in problem[2] for problem in problems(schema, body))
