"""Records: the columns users rely on, and that rows are plain values. The classes are written from the declarations."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import subprocess
import sys
import typing

import pandas as pd
import pytest

from confluence_access import Snapshot, _core, records, types

# The columns the documentation promises (design: more are welcome, these keep their names).
PROMISED = {
    "Space": "id key name type status homepage_id source",
    "Content": "id type title status space_key parent_id parent_type author_id created_at modified_at url source",
    "User": "id name display_name email type active guest licensed source",
    "Group": "id name source directory_id directory_name evidence",
    "Directory": "id name organization_id source",
    "DirectoryLink": "user_id directory_id directory_name scim_user_id source",
    "LastActive": "user_id user_name email product product_id last_active_at source",
    "Identity": "user_id user_name display_name email external_id directory_id directory_name evidence source",
    "Membership": "group_id group_name user_id user_name path source",
    "SpacePermission": "space_key subject_type subject_id subject_name permission raw via_role source",
    "Restriction": "content_id operation subject_type subject_id subject_name source",
    "AuditRecord": "at author_id author_name action action_key category remote_address objects changes raw source",
    "PermissionChange": "at author_id author_name remote_address scope change space_key content_id content_title "
    "subject_type subject_id subject_name permission old new confidence raw source",
    "Grantee": "user_id name display_name decision via standing",
    "SpaceAccess": "space_key user_id user_name display_name level permissions decision via standing",
    "Audience": "audience_id operation size users unknown anonymous everyone contents",
    "Acl": "content_id space_key operation audience_id all_of everyone anonymous complete hash",
    "AclChange": "change content_id space_key operation audience_id all_of everyone anonymous complete hash",
    "Use": "kind space_key content_id content_title permission via_role group_id group_name path",
    "Gap": "scope subject cause message status route",
    "Finding": "code severity space_key content_id content_title subject message advice fix",
    "Exposure": "kind space_key content_id title reach viewers editors guests external apps unknown because",
}


@pytest.mark.parametrize("name", PROMISED)
def test_the_promised_columns_keep_their_names_and_order(name: str) -> None:
    columns = [field.name for field in dataclasses.fields(records.RECORDS[name])]
    promised = PROMISED[name].split()
    assert [column for column in columns if column in promised] == promised


def test_the_codes_of_findings_are_all_in_their_type() -> None:
    assert sorted(typing.get_args(types.FindingCode)) == sorted(code for code, _, _ in _core.findings())


@pytest.mark.parametrize(
    "noun", ["spaces", "contents", "users", "groups", "memberships", "space_permissions", "restrictions", "gaps"]
)
def test_records_are_plain_values(snapshot: Snapshot, noun: str) -> None:
    rows = list(getattr(snapshot, noun))
    assert rows
    for row in rows:
        assert pickle.loads(pickle.dumps(row)) == row
        assert copy.deepcopy(row) == row
        assert hash(row) == hash(copy.copy(row))
        assert not hasattr(row, "__dict__")
    assert len(set(rows)) == len(rows)
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(rows[0], dataclasses.fields(rows[0])[0].name, "other")


def test_a_record_says_which_subject_it_stands_for(snapshot: Snapshot) -> None:
    assert {u.subject for u in snapshot.users} >= {"user:ann", "user:bob"}
    assert {g.subject for g in snapshot.groups} == {"group:all", "group:eng", "group:platform"}
    assert {p.subject for p in snapshot.space_permissions} == {
        "group:eng",
        "user:bob",
        "anonymous",
        "class:all-licensed-users",
        "user:ann",
    }
    assert {r.subject for r in snapshot.restrictions} == {"group:eng", "team:x:y", "user:ann"}


def test_no_attribute_of_a_record_can_be_set_whatever_its_name():
    record = Snapshot.from_dict({"spaces": {"ENG": {}}}).spaces[0]
    for name in ("key", "foo"):
        with pytest.raises(dataclasses.FrozenInstanceError, match=name):
            setattr(record, name, "x")
        with pytest.raises(dataclasses.FrozenInstanceError, match=name):
            delattr(record, name)


def test_records_are_ordered_by_their_fields_and_none_comes_last() -> None:
    first, second, third = (dataclasses.replace(_space(), key=key, name=name) for key, name in _KEYS)
    assert sorted([third, second, first]) == [first, second, third]
    assert first < second <= second
    assert third > second >= first
    with pytest.raises(TypeError):
        assert first < ("a", "b")  # type: ignore[operator]


_KEYS = (("A", "x"), ("A", None), ("B", "a"))


def _space() -> records.Space:
    return Snapshot.from_dict({"spaces": {"ENG": {}}}).spaces[0]


def test_a_record_is_a_dataclass_to_other_libraries() -> None:
    space = _space()
    assert dataclasses.is_dataclass(space)
    assert dataclasses.asdict(space) == space.to_dict()
    assert list(pd.DataFrame([space]).columns) == list(space.to_dict())
    match space:
        case records.Space(key=key):
            assert key == "ENG"


def test_a_record_with_wrong_fields_says_which() -> None:
    with pytest.raises(TypeError, match="no field `spaced`: the fields are id, key"):
        records.Space(spaced=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="needs `name`, `type`"):
        records.Space("1", "ENG")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="got `id` twice"):
        records.Space("1", id="2")  # type: ignore[call-arg,misc]


def test_importing_the_package_leaves_out_what_few_use() -> None:
    heavy = "asyncio base64 dataclasses difflib hashlib inspect pandas polars pyarrow shutil"
    heavy += " confluence_access.extender confluence_access.json_rpc"
    code = f"import sys, confluence_access; print(*[name for name in {heavy.split()!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == ""
