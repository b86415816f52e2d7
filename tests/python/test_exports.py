"""Rules as documents of other systems: never wider than `can`, equal where a row says so, in the vendors' shapes."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import botocore.session
import pytest
from azure.search.documents.indexes.models import PermissionFilter, SearchIndex
from botocore.validate import ParamValidator
from elasticsearch.dsl import Mapping, Q
from elasticsearch.helpers import expand_action
from index_systems import SYSTEMS, Person, elastic_connector
from node_packages import HERE, install
from random_site import random_site

from confluence_access import Confluence, Simulator, Snapshot, errors, exports
from confluence_access.access import Access
from confluence_access.exports import AclExport, ExportedAcl
from confluence_access.types import ExportTarget, RestrictionOperation

TARGETS: tuple[ExportTarget, ...] = get_args(ExportTarget)
SEEDS = range(16)
SITE_USERS = "class:site-users"


# ---- how people are known in the other system ------------------------------------------------------------------------


def object_id(number: int) -> str:
    """An id as Entra writes it."""
    return f"{number:08x}-0000-4000-8000-{number:012x}"


def some_identities(access: Access, chance: random.Random, *, shared: bool) -> dict[str, str]:
    """A name for most accounts; where it is said, some share one."""
    users = [user.id for user in access.snapshot.users]
    names = {user: object_id(number) for number, user in enumerate(users) if number == 0 or chance.random() < 0.85}
    if shared and len(names) > 1:
        one, other = chance.sample(sorted(names), 2)
        names[one] = names[other].upper()
    return names


def groups_of_accounts(access: Access) -> dict[str, set[str]]:
    """The groups of the snapshot, and the class that rules use, with their members."""
    nested = next(switch.value for switch in access.policy if switch.name == "nested_groups")
    members: dict[str, set[str]] = {f"group:{group.id}": set() for group in access.snapshot.groups}
    for row in access.snapshot.memberships:
        if row.path is None or nested is True:
            members[f"group:{row.group_id}"].add(row.user_id)
    members[SITE_USERS] = {
        user.id
        for user in access.snapshot.users
        if user.active is not False and (user.licensed is not False or user.type == "app")
    }
    return members


def pushed(export: AclExport) -> dict[str, set[str]]:
    """The groups of each person, as the export pushes them."""
    found: dict[str, set[str]] = {}
    for group in export.groups():
        for member in group.members:
            found.setdefault(member, set()).add(group.id)
    return found


def check(
    access: Access,
    target: ExportTarget,
    operation: RestrictionOperation,
    names: dict[str, str],
    groups: Any,
    public: bool = False,
) -> list[ExportedAcl]:
    """Compares an export with what the snapshot answers, for every account and content item."""
    export = access.export_acl(target, operation, identities=names, groups=groups, public=public, allow_incomplete=True)
    inside = pushed(export)
    members = groups_of_accounts(access) if isinstance(groups, dict) else {}
    rules = {row.content_id: row for row in access.acl(operation)}
    standing = {(pair.user_id, pair.content_id) for pair in access.pairs(operation)}
    rows = list(export)
    assert [row.content_id for row in rows] == list(rules)
    for row in rows:
        rule = rules[row.content_id]
        open_to_all = public and rule.anonymous and rule.complete
        for user in access.snapshot.users:
            # Without a name in the system an account has only the groups that it is put into there.
            name = names.get(user.id, f"unnamed {user.id}")
            there = {groups[entry] for entry, accounts in members.items() if user.id in accounts and entry in groups}
            let_in = SYSTEMS[target](export, row.body, Person(name, frozenset(inside.get(name, set()) | there)))
            where = (target, groups, rule, row, user)
            may = (user.id, row.content_id) in standing
            if let_in:
                assert (may and access.can(user, operation, row.content_id)) or open_to_all, where
            if row.exact:
                assert let_in == may or open_to_all, where
            elif rule.complete:
                assert let_in or not may or user.subject in row.dropped, where
        assert row.exact == (rule.complete and not row.dropped), row
        assert row.exact or row.reason, row
        assert not row.resolved or row.reason, row
        assert ("anonymous" in row.dropped) == (rule.anonymous and rule.complete and not open_to_all), row
        stranger = SYSTEMS[target](export, row.body, Person("nobody-at-all", frozenset()))
        assert stranger == open_to_all, row
    return rows


@pytest.mark.parametrize("target", TARGETS)
def test_an_export_of_a_random_site_lets_in_nobody_whom_can_does_not(target: ExportTarget) -> None:
    seen: set[tuple[bool, bool]] = set()
    for seed in SEEDS:
        site, deployment = random_site(seed)
        access = Snapshot.from_dict(site, deployment=deployment, dangling="gap").access()
        chance = random.Random(seed)
        operation: RestrictionOperation = "edit" if chance.random() < 0.3 else "view"
        rows = check(access, target, operation, some_identities(access, chance, shared=True), None)
        names = some_identities(access, chance, shared=False)
        if target not in ("bedrock", "azure_ai_search_acl"):
            rows += check(access, target, operation, some_identities(access, chance, shared=True), "audiences")
            rows += check(access, target, operation, some_identities(access, chance, shared=True), "confluence")
        if target != "bedrock":
            mapped = {entry: f"there-{entry}" for entry in groups_of_accounts(access) if chance.random() < 0.85}
            rows += check(access, target, operation, names, mapped)
        if target not in ("bedrock", "amazon_q"):
            rows += check(access, target, operation, names, None, public=True)
        seen |= {(row.exact, row.resolved) for row in rows}
    assert len(seen) == 4, "the sites are all alike"


@pytest.fixture(scope="module", params=["cloud", "datacenter"])
def served(request: pytest.FixtureRequest) -> Iterator[tuple[Simulator, Access]]:
    with Simulator(request.param, pages=60) as simulator, simulator.connect() as wiki:
        yield simulator, wiki.snapshot().access()


@pytest.mark.parametrize("target", TARGETS)
def test_an_export_of_a_fetched_site_lets_in_whom_can_allows(
    served: tuple[Simulator, Access], target: ExportTarget
) -> None:
    access = served[1]
    names = {user.id: object_id(number) for number, user in enumerate(access.snapshot.users)}
    rows = check(access, target, "view", names, None)
    assert sum(row.exact for row in rows) > len(rows) / 2
    if target not in ("bedrock", "azure_ai_search_acl"):
        check(access, target, "view", names, "audiences")
        assert not all(row.resolved for row in check(access, target, "view", names, "confluence"))
    if target != "bedrock":
        groups = {entry: f"there-{entry}" for entry in groups_of_accounts(access)}
        assert not all(row.resolved for row in check(access, target, "view", names, groups))


# ---- the shapes of the vendors ---------------------------------------------------------------------------------------


def exports_of(target: ExportTarget) -> Iterator[AclExport]:
    """Exports of a target in every form that it has."""
    for seed in range(12):
        site, deployment = random_site(seed)
        access = Snapshot.from_dict(site, deployment=deployment, dangling="gap").access()
        names = some_identities(access, random.Random(seed), shared=True)
        forms: list[Any] = [None]
        if target != "bedrock":
            forms.append({entry: object_id(number) for number, entry in enumerate(groups_of_accounts(access))})
            forms += ["audiences", "confluence"] if target != "azure_ai_search_acl" else []
        for groups in forms:
            yield access.export_acl(
                target,
                identities=names,
                groups=groups,
                public=target not in ("bedrock", "amazon_q"),
                allow_incomplete=True,
            )


def violations(shape: Any, value: Any, at: str = "") -> Iterator[str]:
    """What breaks the model of an AWS service beyond what botocore checks: longest lengths, words and patterns."""
    limits = shape.metadata
    if limits.get("enum") and value not in limits["enum"]:
        yield f"{at}: {value!r} is none of {limits['enum']}"
    if "max" in limits and shape.type_name in ("string", "list") and len(value) > limits["max"]:
        yield f"{at}: longer than {limits['max']}"
    if shape.type_name == "string" and "pattern" in shape.metadata:
        pattern = limits["pattern"].replace(r"\P{C}", r"[^\x00-\x1f\x7f]")
        if not re.fullmatch(pattern, value):
            yield f"{at}: {value!r} does not match {pattern}"
    if shape.type_name == "structure":
        if getattr(shape, "is_tagged_union", False) and len(value) != 1:
            yield f"{at}: a union has one member, not {sorted(value)}"
        for name, below in value.items():
            yield from violations(shape.members[name], below, f"{at}.{name}")
    if shape.type_name == "list":
        for number, below in enumerate(value):
            yield from violations(shape.member, below, f"{at}[{number}]")


AWS: dict[ExportTarget, tuple[str, str, str | None]] = {
    "amazon_q": ("qbusiness", "Document", "PutGroupRequest"),
    "kendra": ("kendra", "Document", "PutPrincipalMappingRequest"),
    "bedrock": ("bedrock-agent", "KnowledgeBaseDocument", None),
}


@pytest.mark.parametrize("target", AWS)
def test_documents_for_amazon_fit_the_models_of_botocore(target: ExportTarget) -> None:
    service, document, group = AWS[target]
    model = botocore.session.get_session().get_service_model(service)
    looked_at = 0
    for export in exports_of(target):
        bodies = [(document, row.body) for row in export]
        ids = {"IndexId": "i" * 36} if target == "kendra" else {"applicationId": "a" * 36, "indexId": "i" * 36}
        bodies += [(group, {**ids, **one.body}) for one in export.groups() if group and one.body]
        for name, body in bodies:
            shape = model.shape_for(name)
            report = ParamValidator().validate(body, shape)
            assert not report.has_errors(), report.generate_report()
            assert list(violations(shape, body)) == []
            looked_at += 1
    assert looked_at > 50
    if target != "bedrock":
        assert list(violations(model.shape_for(document), {"Id" if target == "kendra" else "id": "x" * 3000}))


def test_documents_for_microsoft_graph_have_the_names_and_words_of_its_types() -> None:
    install()
    text = (HERE / "node_modules/@microsoft/microsoft-graph-types/microsoft-graph.d.ts").read_text(encoding="utf-8")
    text = text[text.index("export namespace ExternalConnectors") :]

    def words(name: str) -> set[str]:
        found = re.search(rf"type {name} =(.*?);", text, re.DOTALL)
        assert found
        return set(re.findall(r'"(\w+)"', found[1]))

    def keys(name: str) -> set[str]:
        found = re.search(rf"interface {name} .*?\{{(.*?)\n    \}}", text, re.DOTALL)
        assert found
        return {"id", *re.findall(r"^        (\w+)\??:", found[1], re.MULTILINE)}

    seen: set[str] = set()
    for export in exports_of("microsoft_graph"):
        for row in export:
            assert set(row.body) <= keys("ExternalItem")
            for entry in row.body["acl"]:
                assert set(entry) <= keys("Acl")
                assert entry["accessType"] in words("AccessType")
                assert entry["type"] in words("AclType")
                seen |= {entry["accessType"], entry["type"]}
        for group in export.groups():
            assert group.body is not None
            assert set(group.body) <= keys("ExternalGroup")
            assert re.fullmatch("[0-9A-Za-z]{1,128}", group.id)
            for member in group.body["members"]:
                assert set(member) <= keys("Identity")
                assert member["type"] in words("IdentityType")
        schema = export.setup
        assert schema is not None
        assert set(schema) <= keys("Schema")
        for known in schema["properties"]:
            assert set(known) <= keys("Property")
            assert set(known.get("labels", ())) <= words("Label")
    assert seen == {"grant", "deny", "user", "group", "externalGroup", "everyone"}


@pytest.mark.parametrize("target", ["azure_ai_search", "azure_ai_search_acl"])
def test_documents_for_azure_have_the_fields_of_the_index(target: ExportTarget) -> None:
    looked_at = 0
    for export in exports_of(target):
        assert export.setup is not None
        index = SearchIndex(export.setup)
        kinds = {field.name: field.type for field in index.fields}
        assert [field.name for field in index.fields if field.key] == ["id"]
        if target == "azure_ai_search_acl":
            filters = {field.name: field.permission_filter for field in index.fields if field.permission_filter}
            assert filters == {"UserIds": PermissionFilter.USER_IDS, "GroupIds": PermissionFilter.GROUP_IDS}
            assert index.permission_filter_option == "enabled"
        for row in export:
            assert row.body["@search.action"] == "mergeOrUpload"
            for name, value in row.body.items():
                if name != "@search.action":
                    assert isinstance(value, list) == (kinds[name] == "Collection(Edm.String)"), name
            looked_at += 1
    assert looked_at > 50


def test_documents_and_queries_for_elasticsearch_are_read_by_its_client() -> None:
    looked_at = 0
    for export in exports_of("elasticsearch"):
        query = export.filter_for("ann", ["g"])
        assert isinstance(query, dict)
        assert Q(query).to_dict() == query
        assert export.setup is not None
        mapping = Mapping()
        mapping._update_from_dict(export.setup["mappings"])
        assert mapping.to_dict()["properties"]["_allow_access_control_all_of"]["type"] == "nested"
        source = export.setup["role"]["indices"][0]["query"]["template"]["source"]
        tokens = export.tokens_for("ann", ["g"])
        written = re.sub(
            r"\{\{#toJson\}\}_user\.metadata\.confluence_access\{\{/toJson\}\}", json.dumps(tokens), source
        )
        assert json.loads(written) == query
        for row in export:
            action, document = expand_action(row.body)
            assert isinstance(document, dict)
            assert action == {"index": {"_id": row.content_id}}
            assert set(document) <= set(export.setup["mappings"]["properties"])
            # The query of Elastic's own connectors never lets in more.
            for token in {token for one in export.groups() for token in one.members} | {"ann"}:
                person = Person(token, frozenset())
                assert SYSTEMS["elasticsearch"](export, row.body, person) or not elastic_connector(
                    export, row.body, person
                )
            looked_at += 1
    assert looked_at > 100


def test_documents_for_onyx_have_the_three_facts() -> None:
    for export in exports_of("onyx"):
        for row in export:
            assert set(row.body) == {"doc_id", "external_access"}
            access = row.body["external_access"]
            assert set(access) == {"external_user_emails", "external_user_group_ids", "is_public"}
            assert isinstance(access["is_public"], bool)
        for group in export.groups():
            assert group.body == {"id": group.id, "user_emails": list(group.members), "gives_anyone_access": False}


# ---- what is left out, refused and said ------------------------------------------------------------------------------

SITE: dict[str, Any] = {
    "users": {
        "ann": {"email": "Ann@acme.com"},
        "bob": {"email": "bob@acme.com"},
        "cat": {},
        "ann-old": {"email": "ann@acme.com", "active": False},
        "gus": {"email": "gus@acme.com", "guest": True},
    },
    "groups": {
        "eng": {"members": ["user:ann", "user:bob"], "name": "Engineering"},
        "hr": {"members": ["user:bob", "user:cat"]},
        "twins": {"members": ["user:bob", "user:cat"]},
    },
    "spaces": {
        "ENG": {"grants": {"group:eng": ["view"], "group:hr": ["view"]}},
        "OPEN": {"grants": {"anonymous": ["view"]}},
    },
    "contents": {
        "1": {"type": "page", "space": "ENG", "title": "Plan"},
        "2": {"type": "page", "space": "ENG", "parent": "1"},
        "3": {"type": "page", "space": "OPEN"},
    },
    "restrictions": {"1": {"view": ["group:hr", "user:ann"]}, "2": {"view": ["group:eng", "user:cat"]}},
    "anonymous_enabled": True,
}


@pytest.fixture(scope="module")
def access() -> Access:
    return Snapshot.from_dict(SITE).access()


def rows_of(export: AclExport) -> dict[str, ExportedAcl]:
    return {row.content_id: row for row in export}


def test_an_account_without_an_identity_or_with_a_shared_one_is_left_out_and_named(access: Access) -> None:
    rows = rows_of(access.export_acl("onyx"))
    assert rows["1"].body["external_access"]["external_user_emails"] == ["bob@acme.com"]
    assert rows["1"].dropped == ("user:ann", "user:cat")
    assert not rows["1"].exact
    assert rows["1"].reason == (
        "the groups of the index are not given: resolved to 3 accounts; "
        "left out: user:ann (has the same identity as user:ann-old) and 1 more"
    )
    # By account id, no other account is meant.
    rows = rows_of(access.export_acl("onyx", identities={"ann": "ann@acme.com", "BOB@acme.com": "bob@x.org"}))
    assert rows["1"].body["external_access"]["external_user_emails"] == ["ann@acme.com", "bob@x.org"]
    assert rows["1"].dropped == ("user:cat",)


def test_several_lists_stay_where_the_system_has_them_and_are_resolved_elsewhere(access: Access) -> None:
    groups = {"Engineering": "eng-there", "group:hr": "hr-there", "nothing of this site": "x"}
    row = rows_of(access.export_acl("amazon_q", identities="account_id", groups=groups))["2"]
    assert not row.resolved
    assert row.exact
    lists = row.body["accessConfiguration"]["accessControls"]
    assert [sorted(next(iter(entry)) for entry in one["principals"]) for one in lists] == [
        ["group", "group"],
        ["group", "user"],
        ["group", "user"],
    ]
    row = rows_of(access.export_acl("kendra", identities="account_id", groups=groups))["2"]
    assert row.resolved
    assert row.reason == "Amazon Kendra cannot require 3 lists at once: resolved to 3 accounts"
    assert {entry["Name"] for entry in row.body["AccessControlList"]} == {"ann", "bob", "cat"}
    row = rows_of(access.export_acl("amazon_q", identities="account_id", groups={"hr": "hr-there"}))["2"]
    assert row.reason == "the index has no group for `group:eng`: resolved to 3 accounts"


def test_groups_of_confluence_are_created_with_those_members_who_may_use_the_site(access: Access) -> None:
    site = copy.deepcopy(SITE)
    site["users"]["old"] = {"active": False}
    for group in ("eng", "hr"):
        site["groups"][group]["members"].append("user:old")
    site["restrictions"]["2"]["view"] = ["group:eng"]
    access = Snapshot.from_dict(site).access()
    assert ("class:site-users",) in access.acl()[1].all_of
    export = access.export_acl("amazon_q", identities="account_id", groups="confluence")
    members = {group.id: set(group.members) for group in export.groups()}
    assert members["hr"] == {"bob", "cat"}
    assert members["class:site-users"] == {"ann", "bob", "cat", "gus"}
    row = rows_of(export)["2"]
    lists = [
        [next(iter(one.values()))["name" if "group" in one else "id"] for one in control["principals"]]
        for control in row.body["accessConfiguration"]["accessControls"]
    ]
    assert (lists, row.exact, row.resolved) == ([["eng"], ["hr", "ann"]], True, False)
    # A group of Entra has a GUID, so a group that is created here never has one.
    site["groups"] = {object_id(7): site["groups"]["hr"]}
    site["spaces"]["ENG"]["grants"] = {f"group:{object_id(7)}": ["view"]}
    site["restrictions"] = {}
    names = {user: object_id(number) for number, user in enumerate(site["users"])}
    access = Snapshot.from_dict(site).access()
    export = access.export_acl("microsoft_graph", identities=names, groups="confluence")
    (entry,) = rows_of(export)["1"].body["acl"]
    assert entry["type"] == "externalGroup"
    assert entry["value"] in {group.id for group in export.groups()} - {object_id(7)}


def test_two_groups_become_one_only_if_their_members_are_the_same(access: Access) -> None:
    access.export_acl("onyx", groups={"hr": "one", "twins": "one"})
    with pytest.raises(errors.ConfigurationError, match="do not have the same members"):
        access.export_acl("onyx", groups={"hr": "one", "Engineering": "one"})
    named = copy.deepcopy(SITE)
    named["groups"]["hr"]["name"] = "Engineering"
    with pytest.raises(errors.AmbiguousError) as caught:
        Snapshot.from_dict(named).access().export_acl("onyx", groups={"Engineering": "one"})
    assert set(caught.value.candidates) == {"group:eng", "group:hr"}


def test_open_content_is_open_only_if_the_caller_says_so(access: Access) -> None:
    row = rows_of(access.export_acl("onyx"))["3"]
    assert not row.body["external_access"]["is_public"]
    assert row.dropped[0] == "anonymous"
    assert not row.exact
    row = rows_of(access.export_acl("onyx", public=True))["3"]
    assert row.body["external_access"] == {"external_user_emails": [], "external_user_group_ids": [], "is_public": True}
    assert row.exact
    names = {user: object_id(number) for number, user in enumerate(SITE["users"])}
    row = rows_of(access.export_acl("microsoft_graph", identities=names, public=True, tenant=object_id(99)))["3"]
    assert row.body["acl"] == [{"accessType": "grant", "type": "everyone", "value": object_id(99)}]
    site = {**SITE, "spaces": {"ENG": {"grants": {"class:all-licensed-users": ["view"]}}}, "restrictions": {}}
    site["users"] = {"ann": {"licensed": True}, "bob": {"licensed": True}}
    site["groups"] = {}
    del (contents := dict(SITE["contents"]))["3"]
    licensed = Snapshot.from_dict({**site, "contents": contents}).access()
    groups = {"class:all-licensed-users": "everyoneExceptGuests"}
    for row in licensed.export_acl("microsoft_graph", identities=names, groups=groups, tenant=object_id(99)):
        assert row.body["acl"] == [{"accessType": "grant", "type": "everyoneExceptGuests", "value": object_id(99)}]
    for row in licensed.export_acl("microsoft_graph", identities=names):
        assert {entry["type"] for entry in row.body["acl"]} == {"user"}
    for target in ("amazon_q", "bedrock"):
        with pytest.raises(errors.ConfigurationError, match="open to everyone"):
            access.export_acl(target, public=True)


def test_an_incomplete_site_is_refused_or_denied() -> None:
    site = copy.deepcopy(SITE)
    site["unreadable"] = {"2": "403"}
    del site["restrictions"]["2"]
    access = Snapshot.from_dict(site).access()
    with pytest.raises(errors.IncompleteError, match=r"1 of 3 content items .* first: `2` \(unknown\.") as caught:
        access.export_acl("kendra")
    assert len(caught.value.gaps) == len(access.snapshot.gaps) > 0
    rows = rows_of(access.export_acl("kendra", allow_incomplete=True))
    assert rows["2"].body["AccessControlList"] == [
        {"Name": "confluence-access:nobody", "Type": "USER", "Access": "ALLOW"}
    ]
    assert (rows["2"].exact, rows["2"].action) == (False, "put")
    assert rows["2"].reason == "it is unknown for some accounts whether they may: nobody is let in"
    assert rows["3"].body["AccessControlList"][0]["Name"] != "confluence-access:nobody"


def test_a_list_that_does_not_fit_is_an_error_or_denied() -> None:
    users = {f"u{number}": {"email": f"u{number}@acme.com"} for number in range(1001)}
    access = Snapshot.from_dict(
        {
            "users": users,
            "groups": {"all": {"members": [f"user:{user}" for user in users]}},
            "spaces": {"S": {"grants": {"group:all": ["view"]}}},
            "contents": {"1": {"type": "page", "space": "S"}},
        }
    ).access()
    names = {user: object_id(number) for number, user in enumerate(users)}
    with pytest.raises(errors.ConfigurationError, match=r"content `1` does not fit: its list has 1001 entries"):
        list(access.export_acl("azure_ai_search_acl", identities=names))
    (row,) = access.export_acl("azure_ai_search_acl", identities=names, too_large="deny")
    assert (row.body["UserIds"], row.body["GroupIds"], row.exact) == (["none"], ["none"], False)
    assert (
        row.reason
        == "its list has 1001 entries, and Azure AI Search with permission filters takes 1000: nobody is let in"
    )
    export = access.export_acl("kendra", groups="audiences")
    assert len(next(iter(export)).body["AccessControlList"]) == 1
    with pytest.raises(errors.ConfigurationError, match="has 1001 members"):
        list(export.groups())
    long = {**names, "u0": "x" * 2_000}
    assert next(row.dropped for row in access.export_acl("amazon_q", identities=long)) == ("user:u0",)


def test_only_what_changed_is_exported_again(access: Access) -> None:
    later = copy.deepcopy(SITE)
    later["restrictions"]["2"]["view"] = ["user:bob"]
    del later["contents"]["3"]
    newer = Snapshot.from_dict(later).access()
    rows = list(newer.export_acl("kendra", since=access))
    assert [(row.content_id, row.action) for row in rows] == [("2", "put"), ("3", "delete")]
    assert rows[1].body["AccessControlList"][0]["Name"] == "confluence-access:nobody"
    assert list(newer.export_acl("kendra", since=newer)) == []


def test_what_cannot_be_meant_is_refused_at_once(access: Access, wiki: Confluence) -> None:
    for arguments, message in [
        ({"target": "sharepoint"}, "unknown target `sharepoint`: expected `microsoft_graph`"),
        ({"target": None}, "unknown target"),
        ({"target": "onyx", "operation": "comment"}, "`comment`"),
        ({"target": "microsoft_graph"}, "Entra object ids, which Confluence does not have"),
        ({"target": "microsoft_graph", "identities": "email"}, r"not by `Ann@acme.com`"),
        ({"target": "azure_ai_search_acl", "identities": wiki.identities()}, r"by Entra object ids, not by `"),
        ({"target": "onyx", "identities": {"zoe": "zoe@acme.com"}}, "no account would have an identity in Onyx"),
        ({"target": "onyx", "identities": "mail"}, "unknown `identities`: `mail`"),
        ({"target": "onyx", "identities": {"ann": 1}}, "maps texts to texts"),
        ({"target": "onyx", "identities": access.snapshot.users}, r"rows of `wiki.identities\(\)`, not `User`"),
        ({"target": "onyx", "groups": {"eng": ""}}, "maps texts to texts"),
        ({"target": "onyx", "groups": {"anonymous": "all"}}, "write `public=True`"),
        ({"target": "onyx", "groups": "all"}, "`confluence` or `audiences`"),
        ({"target": "kendra", "groups": {"eng": "x" * 201}}, "cannot have a group named"),
        ({"target": "bedrock", "groups": {"eng": "x"}}, "have no groups"),
        ({"target": "azure_ai_search_acl", "identities": "account_id", "groups": "audiences"}, "groups of Entra only"),
        ({"target": "onyx", "since": access.snapshot}, "`since` is the access of an earlier snapshot"),
        ({"target": "onyx", "too_large": "cut"}, "unknown `too_large`"),
    ]:
        with pytest.raises(errors.ConfigurationError, match=message):
            access.export_acl(**arguments)  # type: ignore[arg-type]
    odd = Snapshot.from_dict(
        {**SITE, "contents": {"1/2": {"type": "page", "space": "ENG"}}, "restrictions": {}}
    ).access()
    with pytest.raises(errors.ConfigurationError, match="cannot have a document with the id `1/2`"):
        list(odd.export_acl("azure_ai_search"))
    with pytest.raises(errors.ConfigurationError, match="knows who asks"):
        access.export_acl("onyx").filter_for("ann")


def test_an_account_with_an_address_in_the_organization_is_never_left_out() -> None:
    with Simulator(pages=20) as simulator, simulator.connect() as wiki:
        access = wiki.snapshot().access()
        with simulator.connect(org_token=simulator.org_token, org_url=simulator.url) as organization:
            known = organization.identities(external_ids=False)
    named = {row.user_id for row in known if row.email}
    assert named
    for row in access.export_acl("amazon_q", identities=known, allow_incomplete=True):
        assert not {subject.removeprefix("user:") for subject in row.dropped} & named, row


def test_rows_are_written_as_lines_and_a_failure_leaves_nothing(access: Access, tmp_path: Path) -> None:
    file = tmp_path / "acl.jsonl"
    export = access.export_acl("elasticsearch", groups="audiences")
    summary = export.write(file)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["body"] for line in lines] == [row.body for row in export]
    assert (summary.documents, summary.exact, summary.denied, summary.deleted) == (3, 2, 0, 0)
    odd = Snapshot.from_dict(
        {**SITE, "contents": {"1/2": {"type": "page", "space": "ENG"}}, "restrictions": {}}
    ).access()
    with pytest.raises(errors.ConfigurationError):
        odd.export_acl("microsoft_graph", identities="account_id").write(tmp_path / "other.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["acl.jsonl"]
    with pytest.raises(OSError, match="absent"):
        export.write(tmp_path / "absent" / "file")


def test_a_changed_row_changes_no_other(access: Access) -> None:
    export = access.export_acl("onyx", identities="account_id")
    for row in export:
        row.body["external_access"]["external_user_emails"].append("eve")
    assert all("eve" not in row.body["external_access"]["external_user_emails"] for row in export)


def test_a_page_of_the_documentation_names_every_target() -> None:
    assert set(SYSTEMS) == set(exports.SYSTEMS) == set(TARGETS)
    text = (Path(__file__).parents[2] / "docs" / "indexes.md").read_text(encoding="utf-8")
    assert [target for target in TARGETS if f"`{target}`" not in text] == []
    doc = Access.export_acl.__doc__ or ""
    assert [target for target in TARGETS if f"`{target}`" not in doc] == []
