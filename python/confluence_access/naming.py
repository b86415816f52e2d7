"""How callers name things: converts records, ids, keys, addresses and words to the text that the core takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeGuard, cast

from . import arguments
from .errors import ConfigurationError
from .explanation import SubjectState
from .records import (
    Acl,
    AclChange,
    Content,
    ContentAccess,
    Grantee,
    Group,
    Membership,
    Restriction,
    Space,
    SpacePermission,
    SummaryRow,
    User,
)

SpaceLike = str | int | Space
"""A space: its key, its id, its name, its address, or the record."""

ContentLike = str | int | Content | ContentAccess | SummaryRow | Restriction | Acl | AclChange
"""A content item: its id, its title (`ENG:Roadmap` in one space), its address, or a record."""

_CONTENTS = (ContentAccess, SummaryRow, Restriction, Acl, AclChange)

SubjectLike = str | SubjectState | User | Group | Membership | SpacePermission | Restriction | Grantee
"""A subject: its text, or a record of a user or group."""

_SUBJECTS = (SubjectState, User, Group, Membership, SpacePermission, Restriction, Grantee)

AuditSource = Literal["confluence", "organization", "both"]
"""Which audit log is read."""

Directories = Mapping[str, str] | Iterable[Mapping[str, Any] | Sequence[str | None]]
"""Names of directories: a mapping from lookup keys, or rows of the query that Atlassian documents for Data Center."""


def space_of(space: SpaceLike, site: arguments.Addressed | None = None) -> str:
    """The key, id or name of a space."""
    if isinstance(space, Space):
        return space.key
    return arguments.space(
        arguments.identifier(space, "a space", "its key, its id, its name, its address or a `Space`"), site
    )


def spaces_of(spaces: SpaceLike | Iterable[SpaceLike] | None, site: arguments.Addressed) -> list[str] | None:
    """Keys or ids of spaces, one or several; None for all."""
    if spaces is None:
        return None
    if isinstance(spaces, str | Space) or arguments.whole_number(spaces) is not None:
        # A single key would otherwise be read as one key per letter.
        return [space_of(cast("SpaceLike", spaces), site)]
    return [space_of(space, site) for space in arguments.several(spaces, "a space")]


def content_of(content: ContentLike, site: arguments.Addressed | None = None) -> str:
    """The id or title of a content item."""
    if isinstance(content, Content):
        return content.id
    if isinstance(content, _CONTENTS):
        return content.content_id
    return arguments.content(
        arguments.identifier(content, "a content", "its id, its title, its address or a `Content`"), site
    )


def is_one_content(contents: ContentLike | Iterable[ContentLike]) -> TypeGuard[ContentLike]:
    """Whether a single content is named."""
    if isinstance(contents, str | bytes | Content) or hasattr(contents, "content_id"):
        return True
    # Anything that cannot hold several is one, and judged as one.
    return arguments.whole_number(contents) is not None or not isinstance(contents, Iterable)


def contents_of(contents: ContentLike | Iterable[ContentLike], site: arguments.Addressed | None) -> list[str]:
    """Ids of content items, one or several."""
    if is_one_content(contents):
        return [content_of(contents, site)]
    return [content_of(content, site) for content in arguments.several(contents, "a content")]


_SUBJECT_FORMS = (
    "`user:<id>`, `group:<id or name>`, `anonymous`, `class:<access class>`, or a User, Group, Membership, "
    "SpacePermission, Restriction or Grantee"
)


def subject_of(subject: SubjectLike) -> str:
    """The text of a subject."""
    if isinstance(subject, _SUBJECTS):
        return subject.subject
    return arguments.identifier(subject, "a subject", _SUBJECT_FORMS)


def subjects_of(subjects: SubjectLike | Iterable[SubjectLike]) -> list[str]:
    """The texts of subjects, one or several."""
    if isinstance(subjects, str) or hasattr(subjects, "subject"):
        return [subject_of(cast("SubjectLike", subjects))]
    return [subject_of(subject) for subject in arguments.several(subjects, "a subject")]


def group_of(group: str | int | Group) -> str:
    """The id or name of a group."""
    if isinstance(group, Group):
        return group.id
    return arguments.identifier(group, "a group", "its name, its id or a `Group`").removeprefix("group:")


def account_of(user: str | int | User) -> str:
    """The id of an account."""
    return user.id if isinstance(user, User) else arguments.identifier(user, "an account", "its id or a `User`")


def person_of(text: str) -> str:
    """What an account is looked up by."""
    return arguments.identifier(text, "an account", "its name, its e-mail address or its id")


def permissions_of(words: str | Iterable[str]) -> list[str]:
    """Words for permissions, one or several."""
    return arguments.words(words, "a permission")


def permissions_by_subject(permissions: Mapping[SubjectLike, str | Iterable[str]]) -> list[tuple[str, list[str]]]:
    """Subjects, each with the permissions it should have."""
    if not isinstance(permissions, Mapping):
        raise ConfigurationError(
            f"`permissions` maps subjects to lists of permissions, not `{type(permissions).__name__}`"
        )
    return [(subject_of(subject), permissions_of(words)) for subject, words in permissions.items()]


def wording_of(wording: Mapping[str, str] | None) -> dict[str, str]:
    """Meanings of texts of an audit log."""
    words = dict(wording or {})
    for word, meaning in words.items():
        if not isinstance(word, str) or not isinstance(meaning, str):
            raise ConfigurationError(f"`wording` maps texts of the log to texts, not `{word!r}` to `{meaning!r}`")
    return words


def directories_of(given: Directories | None) -> dict[str, str]:
    """Names of directories by their lookup key, from a mapping or from rows of the documented query."""
    if given is None:
        return {}
    if isinstance(given, Mapping):
        for name, directory in given.items():
            if not isinstance(name, str) or not isinstance(directory, str):
                raise ConfigurationError("`directories` maps text to the name of a directory, as text")
        return dict(given)
    columns = ("group_name", "directory_name", "directory_type")
    table: dict[str, str] = {}
    for row in given:
        values = [row.get(column) for column in columns] if isinstance(row, Mapping) else list(row)
        if len(values) not in (2, 3) or not all(isinstance(value, str) and value for value in values[:2]):
            raise ConfigurationError(
                "a row of `directories` is `(group_name, directory_name, directory_type)`, the type may be missing"
            )
        kind = f" ({values[2]})" if len(values) == 3 and values[2] else ""
        # Of groups that are in several directories the first one counts, as it does in Confluence.
        table.setdefault(str(values[0]), f"{values[1]}{kind}")
    return table
