from __future__ import annotations

import copy
import dataclasses
import pickle
import re
import typing
from typing import Any

import pytest

from confluence_access import Snapshot, _core, records, types

DECLARED = {name: (meaning, columns) for name, meaning, columns in _core.declarations()}
# Types in a record class for each type of a column.
TYPES = {
    "text": "str",
    "list of text": "tuple[str, ...]",
    "true or false": "bool",
    "whole number": "int",
    "UTC time, microseconds": "datetime",
}
# The columns the documentation promises (design: more are welcome, these keep their names).
PROMISED = {
    "Space": "id key name type status homepage_id source",
    "Content": "id type title status space_key parent_id parent_type author_id created_at modified_at url source",
    "User": "id name display_name email type active guest licensed source",
    "Group": "id name source directory_id directory_name evidence",
    "Directory": "id name organization_id source",
    "DirectoryLink": "user_id directory_id directory_name scim_user_id source",
    "Membership": "group_id group_name user_id user_name path source",
    "SpacePermission": "space_key subject_type subject_id subject_name permission raw via_role source",
    "Restriction": "content_id operation subject_type subject_id subject_name source",
    "AuditRecord": "at author_id author_name action action_key category remote_address objects changes raw source",
    "PermissionChange": "at author_id author_name remote_address scope change space_key content_id content_title "
    "subject_type subject_id subject_name permission old new confidence raw source",
    "Grantee": "user_id name display_name decision via standing",
    "Gap": "scope subject cause message status route",
    "Finding": "code severity space_key content_id content_title subject message advice",
}


def attributes_section(record: type[object]) -> dict[str, str]:
    doc = typing.cast("str", record.__doc__)
    section = doc.split("Attributes:\n", 1)[1]
    found = re.findall(r"^        (\w+): (.*(?:\n            .*)*)", section, re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in found}


def test_every_declared_record_has_a_class_and_the_other_way_round() -> None:
    assert len(DECLARED) >= 12
    assert list(records.RECORDS) == list(DECLARED)
    assert set(records.RECORDS) <= set(records.__all__)


def plain_type(annotation: Any) -> str:
    """A closed vocabulary is text."""
    return "str" if isinstance(annotation, str) and annotation in types.__all__ else str(annotation)


def test_the_codes_of_findings_are_all_in_their_type() -> None:
    assert sorted(typing.get_args(types.FindingCode)) == sorted(code for code, _, _ in _core.findings())


@pytest.mark.parametrize("name", records.RECORDS)
def test_the_fields_of_a_record_class_are_the_declared_columns(name: str) -> None:
    columns = DECLARED[name][1]
    fields = dataclasses.fields(records.RECORDS[name])
    assert [(field.name, plain_type(field.type)) for field in fields] == [
        (column, TYPES[kind] + (" | None" if nullable else "")) for column, kind, nullable, _doc in columns
    ]


@pytest.mark.parametrize("name", records.RECORDS)
def test_the_docstring_of_a_record_class_says_what_every_column_means(name: str) -> None:
    described = attributes_section(records.RECORDS[name])
    declared = {column: doc for column, _kind, _nullable, doc in DECLARED[name][1]}
    # One sentence for both faces; only nothing is called null in a table and None in Python.
    assert {column: text.lower() for column, text in described.items()} == {
        column: re.sub(r"\bnull\b", "none", doc.lower()) for column, doc in declared.items()
    }


@pytest.mark.parametrize("name", PROMISED)
def test_the_promised_columns_keep_their_names_and_order(name: str) -> None:
    columns = [column for column, *_ in DECLARED[name][1]]
    promised = PROMISED[name].split()
    assert [column for column in columns if column in promised] == promised


def test_the_documentation_lists_every_column_of_every_record() -> None:
    text = _core.documentation()
    lines = text.splitlines()
    assert sum(line.startswith("| `") for line in lines) == sum(len(columns) for _, columns in DECLARED.values()) > 90
    for name, (meaning, _columns) in DECLARED.items():
        assert f"## {name}" in lines
        assert meaning in lines


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
