"""The arguments of callers: content items, spaces, subjects, words and paths, each parsed in one place.

An argument that cannot be valid is refused before anything is sent.
"""

from __future__ import annotations

import operator
import os
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Protocol
from urllib.parse import parse_qs, unquote, unquote_plus, urlsplit

from .errors import ConfigurationError
from .escapes import visible

if TYPE_CHECKING:
    from collections.abc import Sequence


class Addressed(Protocol):
    """Something that belongs to a site: a client or a snapshot."""

    def _address(self) -> str | None:
        """Address of the site; None for a site described offline."""


def identifier(value: object, what: str, forms: str) -> str:
    """The text of an id or a name; also accepts whole numbers, including those of numpy and pandas.

    Args:
        value: The argument.
        what: What it should be, such as `a content`.
        forms: The accepted forms, such as `its id or a Content`.

    Raises:
        ConfigurationError: It is empty, missing, or of another type.
    """
    if isinstance(value, str):
        text = str(value)
        if not text.strip():
            raise ConfigurationError(f"{what} is empty: expected {forms}")
        return text
    if is_missing(value):
        raise ConfigurationError(f"{what} is missing: expected {forms}, not `{value!r}`")
    number = whole_number(value)
    if number is None:
        _refuse(value, what, forms)
    if number < 0:
        raise ConfigurationError(f"invalid id `{number}` of {what}: an id is not negative")
    return str(number)


def is_missing(value: object) -> bool:
    """Whether it is None, or a missing value of pandas or numpy."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value


def whole_number(value: object) -> int | None:
    """The number in an int of Python, numpy or pandas; None for anything else, also for True and False."""
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        return None
    try:
        return operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        return None


def _refuse(value: object, what: str, forms: str) -> NoReturn:
    if isinstance(value, float):
        hint = ": a column with missing values keeps its ids as fractions, read it as text or `Int64`"
        raise ConfigurationError(f"{what} is given as {forms}, not as the fraction `{value}`{hint}")
    raise ConfigurationError(f"{what} is given as {forms}, not as `{type(value).__name__}`")


def several(values: object, what: str) -> Iterable[Any]:
    """Several values, as an iterable. Text is iterable too, so callers handle a single text first."""
    if isinstance(values, Iterable) and not isinstance(values, bytes | Mapping):
        return values
    raise ConfigurationError(f"expected {what} or a list of them, not `{type(values).__name__}`")


def words(given: object, what: str) -> list[str]:
    """Words, one or several. A single one would otherwise be iterated letter by letter."""
    if isinstance(given, str):
        return [given]
    found = list(several(given, what))
    for word in found:
        if not isinstance(word, str):
            raise ConfigurationError(f"expected {what} as text, not `{type(word).__name__}`")
    return found


def operation(word: object, order: str) -> str:
    """The word of an operation.

    Args:
        word: The argument.
        order: How the call is written, such as `can(subject, operation, content)`.

    Raises:
        ConfigurationError: It is not text, or is a subject in the wrong position.
    """
    if not isinstance(word, str):
        raise ConfigurationError(f"an operation is a word such as `view`, not `{type(word).__name__}`: write `{order}`")
    if ":" in word or word == "anonymous":
        raise ConfigurationError(f"`{visible(word)}` is a subject, not an operation: write `{order}`")
    return str(word)


def compared(operations: object, order: str) -> list[str]:
    """The operations by which snapshots are compared, one or several."""
    asked = [operations] if isinstance(operations, str) else several(operations, "an operation")
    words = [operation(word, order) for word in asked]
    if not words:
        raise ConfigurationError(f"no operation is given: write `{order}` with `view`, `edit` or both")
    return list(dict.fromkeys(words))


def by(word: object) -> str:
    """Whether accounts have their rows each, or groups stand for them."""
    if word not in ("user", "group"):
        raise ConfigurationError(f"invalid `by` `{visible(str(word))}`: expected `user` or `group`")
    return str(word)


def path(given: object, what: str) -> Path:
    """A path; `~` stands for the user's home folder.

    Raises:
        ConfigurationError: It is not a path.
    """
    if not isinstance(given, str | os.PathLike):
        raise ConfigurationError(f"{what} is given as text or a `Path`, not as `{type(given).__name__}`")
    text = os.fspath(given)
    if not isinstance(text, str):
        raise ConfigurationError(f"{what} is given as text or a `Path`, not as `{type(text).__name__}`")
    if not text.strip():
        raise ConfigurationError(f"{what} is empty: give a path")
    return Path(os.path.expanduser(text))


def plain(value: Any, at: str = "", depth: int = 0) -> Any:
    """A description as dicts with text keys, lists and plain values. It may hold mappings, numpy numbers and datetimes.

    Raises:
        ConfigurationError: Something in it has another type; the message names the path to it.
    """
    if value is None or isinstance(value, str | bool):
        return value
    if depth > _DEEPEST:
        raise ConfigurationError(f"`{visible(at[:80])}` …: the description is nested too deeply, or holds itself")
    if isinstance(value, Mapping):
        return {
            key: plain(below, f"{at}.{key}" if at else key, depth + 1)
            for key, below in ((_key(key, at), below) for key, below in value.items())
        }
    if isinstance(value, list | tuple | set | frozenset):
        # The order of a set differs from run to run; the result must not.
        values = sorted(value, key=repr) if isinstance(value, set | frozenset) else value
        return [plain(below, f"{at}[{index}]", depth + 1) for index, below in enumerate(values)]
    if type(value).__name__ in ("bool", "bool_"):
        return bool(value)
    if (number := whole_number(value)) is not None:
        return number
    if isinstance(value, datetime) and not is_missing(value):
        if value.utcoffset() is None:
            raise ConfigurationError(f"`{visible(at)}`: a `datetime` needs a time zone")
        return value.isoformat()
    wrong = "a missing value: expected None, or leave it out" if is_missing(value) else f"a `{type(value).__name__}`"
    raise ConfigurationError(f"`{visible(at or 'site')}`: expected plain dicts, lists and values, not {wrong}")


_DEEPEST = 16


def _key(key: object, at: str) -> str:
    if isinstance(key, str):
        return str(key)
    number = whole_number(key)
    if number is None:
        raise ConfigurationError(f"`{visible(at or 'site')}`: expected text for a key, not `{type(key).__name__}`")
    return str(number)


def content(text: str, site: Addressed | None) -> str:
    """The id or title in a text: the text itself, or what the address of a page of the site contains.

    A title comes behind the key of its space, as in `ENG:Roadmap`.

    Raises:
        ConfigurationError: The address belongs to another site, or contains no id.
    """
    link = _own_link(text, site)
    if link is None:
        return text
    route, query = link
    for name in ("pageId", "contentId", "draftId"):
        if value := _first(query, name):
            return value
    # /spaces/ENG/pages/12345/Title, …/pages/edit-v2/12345, …/blog/2026/11/21/12345/Title, …/folder/12345
    found = re.search(
        r"/(?:pages|blog|folder|whiteboard|database|embed)/(?:edit[^/]*/|\d{4}/\d{1,2}/\d{1,2}/)?(\d+)(?:/|$)", route
    )
    if found:
        return found[1]
    if value := _first(query, "homepageId"):
        return value
    if tiny := re.fullmatch(r"/x/([\w-]+)/?", route):
        return _tiny(tiny[1], text)
    # /display/ENG/Remediation+Plan; blog posts have their day between key and title.
    if shown := re.fullmatch(r"/display/([^/]+)/(?:\d{4}/\d{1,2}/\d{1,2}/)?([^/]+)/?", route):
        return f"{unquote(shown[1])}:{unquote_plus(shown[2])}"
    key, title = _first(query, "spaceKey"), _first(query, "title")
    if key and title:
        return f"{key}:{title}"
    raise ConfigurationError(
        f"neither an id nor a title of a content in `{visible(text)}`: give the id or the title, or an address with "
        "`/pages/<id>`, `pageId=<id>` or `/display/<key>/<title>` in it"
    )


def _tiny(code: str, text: str) -> str:
    """The id in a tiny link: its bytes, the lowest first, in base64 without what stands for zeros at the end.

    Source: https://confluence.atlassian.com/confkb/how-to-programmatically-generate-the-tiny-link-of-a-confluence-page-956713432.html
    """
    import base64

    digits = code.replace("-", "/").replace("_", "+")
    try:
        number = int.from_bytes(base64.b64decode(digits.ljust(11, "A") + "=", validate=True), "little")
    except ValueError:
        number = 0
    if not number:
        raise ConfigurationError(f"invalid tiny link `{visible(text)}`: give the id of the content")
    return str(number)


def space(text: str, site: Addressed | None) -> str:
    """The key in a text: the text itself, or the key in the address of a space or page of the site.

    Raises:
        ConfigurationError: The address belongs to another site, or contains no key.
    """
    link = _own_link(text, site)
    if link is None:
        return text
    route, query = link
    for name in ("key", "spaceKey"):
        if value := _first(query, name):
            return value
    found = re.match(r"/(?:spaces|display)/([^/]+)", route)
    if found and not found[1].endswith(".action"):
        return unquote(found[1])
    raise ConfigurationError(
        f"no key of a space in `{visible(text)}`: give the key, or an address with `/spaces/<key>` in it"
    )


_ROUTES = (
    "/spaces/",
    "/display/",
    "/pages/",
    "/x/",
    "/collector/",
    "/plugins/",
    "/dosearchsite.action",
    "/rest/",
    "/api/",
)


def _own_link(text: str, site: Addressed | None) -> tuple[str, str] | None:
    """Path below the site, and query, of an address; None for a text that is not an address.

    Raises:
        ConfigurationError: The address belongs to another site.
    """
    address = text.strip()
    # An address copied without its scheme has a dot before its first slash. Ids and keys have no slash.
    bare = re.match(r"[\w.-]+\.[\w-]+(?::\d+)?/", address)
    if not re.match(r"https?://", address, re.IGNORECASE):
        # Ids and keys do not begin with a slash.
        if not bare and not address.startswith("/"):
            return None
        address = f"https://{address}" if bare else address
    try:
        link = urlsplit(address)
        host = _host(link.scheme, link.hostname, link.port)
    except ValueError:
        raise ConfigurationError(f"invalid address `{visible(text)}`") from None
    if site is None:
        raise ConfigurationError(f"expected an id or a key, not the address `{visible(text)}`")
    route, base = link.path, site._address()
    if base is not None:
        own = urlsplit(base)
        if link.netloc and not _same_host(host, _host(own.scheme, own.hostname, own.port)):
            raise ConfigurationError(
                f"the address `{visible(text)}` belongs to another site: this one is `{visible(base)}`"
            )
        context = own.path.rstrip("/")
        if link.netloc and context and not route.startswith(f"{context}/"):
            raise ConfigurationError(
                f"the address `{visible(text)}` is not below the path of this site: that is `{visible(base)}`"
            )
        if link.netloc or route.startswith(f"{context}/"):
            route = route[len(context) :]
    # Cloud serves everything below /wiki; a base address may omit it.
    if not any(route.startswith(known) for known in _ROUTES):
        below = (
            re.sub(r"^/wiki(?=/)", "", route)
            if base is not None
            else re.sub(r"^(?:/[^/]+)?(?=/(?:spaces|display|pages)/)", "", route)
        )
        if not any(below.startswith(known) for known in _ROUTES):
            known = (
                "`/spaces/<key>/pages/<id>`, `/pages/viewpage.action?pageId=<id>`, `/display/<key>/<title>` or `/x/…`"
            )
            raise ConfigurationError(
                f"the address `{visible(text)}` is not a page or space of this site"
                f"{f' `{visible(base)}`' if base else ''}: expected {known} below it"
            )
        route = below
    return route, link.query


def _host(scheme: str, name: str | None, port: int | None) -> tuple[str, int]:
    return (name or "").rstrip(".").lower(), port or (80 if scheme == "http" else 443)


def _same_host(one: tuple[str, int], other: tuple[str, int]) -> bool:
    # On the usual ports, http and https are the same site.
    return one[0] == other[0] and (one[1] == other[1] or {one[1], other[1]} == {80, 443})


def _first(query: str, name: str) -> str | None:
    found: Sequence[str] = parse_qs(query).get(name, ())
    return found[0].strip() or None if found else None
