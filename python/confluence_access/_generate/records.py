"""The record classes, `records.py`, and the page of the documentation that lists their columns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .. import _core, types
from .text import frozen, paragraphs

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '''"""The records: one class for each kind of row, with the columns of its table as fields.

Records are plain, immutable values: they can be compared, ordered, hashed and pickled, and `to_dict` returns one as a
dict. `None` means "the server did not say",
never "no". Times are `datetime` in UTC with microseconds; ids are text as the server spells them. `source` names the
API and route a record was read from, such as `cloud_v2 GET /wiki/api/v2/spaces`, or `plain data` for a site described
offline.

Records of users, groups and entries have `subject`, the text that names them in a question. `access.can(record, "view",
id)` also accepts the record itself.
"""

# Written by `python -m confluence_access._generate`: change the rows of `record!` in src instead.

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from .frozen import Frozen

if TYPE_CHECKING:
    from datetime import datetime

    from .types import (
{imports}
    )

__all__ = [
{exports}
]


def _subject(subject_type: str, subject_id: str | None) -> str:
    kind = "class" if subject_type == "access_class" else subject_type
    return kind if subject_id is None else f"{{kind}}:{{subject_id}}"


'''

TAIL = '''

RECORDS: dict[str, type[Any]] = {{
    record.__name__: record
    for record in (
{records}
    )
}}
"""Every record by its name."""
'''


@dataclass(frozen=True)
class Property:
    """A property that some record classes have besides their columns."""

    name: str
    type: str
    doc: str
    body: str

    def __str__(self) -> str:
        body = "\n".join(f"        {line}" for line in self.body.splitlines())
        return f'    @property\n    def {self.name}(self) -> {self.type}:\n        """{self.doc}"""\n{body}\n'


def _named(doc: str, body: str, type_: str = "str") -> Property:
    return Property("subject", type_, doc, body)


_LISTED = "return _subject(self.subject_type, self.subject_id)"
_RAW = "The record as the server sent it"

PROPERTIES = {
    "User": [_named("The account as a subject, `user:<id>`.", 'return f"user:{self.id}"')],
    "Group": [_named("The group as a subject, `group:<id>`.", 'return f"group:{self.id}"')],
    "Membership": [_named("The account as a subject, `user:<id>`.", 'return f"user:{self.user_id}"')],
    "SpacePermission": [
        _named("The subject as text, such as `group:<id>`, `anonymous` or `class:all-licensed-users`.", _LISTED)
    ],
    "GlobalPermission": [_named("The subject as text, such as `group:<name>` or `anonymous`.", _LISTED)],
    "Restriction": [_named("The subject as text, such as `group:<id>`.", _LISTED)],
    "AuditRecord": [
        Property(
            "raw_json",
            "dict[str, Any]",
            f"{_RAW}.",
            "parsed: dict[str, Any] = json.loads(self.raw)\nreturn parsed",
        )
    ],
    "PermissionChange": [
        _named(
            "The subject as text, such as `group:<id>`; None if the change has no subject.",
            "return None if self.subject_type is None else _subject(self.subject_type, self.subject_id)",
            "str | None",
        ),
        Property(
            "raw_json",
            "Any",
            f"{_RAW}, a dict; a list of records if changes were merged.",
            "return json.loads(self.raw)",
        ),
    ],
    "AccessChange": [
        _named("The subject as text: `user:<id>`, `group:<id>`, `anonymous` or `anyone_with_link`.", _LISTED)
    ],
    "Grantee": [
        _named(
            "The person as a subject: `user:<id>`, `anonymous` or `anyone_with_link`.",
            'return self.user_id if self.user_id in ("anonymous", "anyone_with_link") else f"user:{self.user_id}"',
        )
    ],
}


def record(declared: dict[str, Any]) -> str:
    """The class of a record."""
    name = declared["name"]
    written = frozen(name, declared["doc"], declared["columns"])
    return "\n".join([written, *(str(one) for one in PROPERTIES.get(name, ()))])


def module() -> str:
    """The module of the record classes."""
    declared = _core.declarations()
    names = [one["name"] for one in declared]
    words = {word for one in declared for column in one["columns"] for word in re.findall(r"\w+", column["type"])}
    exported = ["RECORDS", *sorted(names)]
    head = HEAD.format(
        imports="\n".join(f"        {word}," for word in sorted(words & set(types.__all__))),
        exports="\n".join(f'    "{name}",' for name in exported),
    )
    records = "\n".join(f"        {name}," for name in names)
    return head + "\n\n".join(record(one) for one in declared) + TAIL.format(records=records)


def page() -> str:
    """The page that lists every record and its columns."""
    lines = [
        "# Records",
        "",
        "Every listing is a `Table` of one of these records. Times are UTC with microseconds. Ids are",
        "strings as the server spells them. Null means that the server did not say, never no.",
    ]
    for declared in _core.declarations():
        texts = [line for text in paragraphs(declared["doc"]) for line in ("", text)]
        lines += ["", f"## {declared['name']}", *texts, "", "| column | type | null | meaning |", "|---|---|---|---|"]
        for column in declared["columns"]:
            null = "yes" if column["nullable"] else "no"
            lines.append(f"| `{column['name']}` | {column['kind']} | {null} | {column['doc']} |")
    return "\n".join(lines) + "\n"


def files(root: Path) -> dict[Path, str]:
    """The module and the page."""
    return {root / "python" / "confluence_access" / "records.py": module(), root / "docs" / "records.md": page()}
