"""The settings of a client: their names, what each must be, and where the environment has them."""

from __future__ import annotations

import numbers
import os
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from . import arguments
from .errors import ConfigurationError
from .naming import Directories, directories_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

# A certificate and its key, or one file with both.
ClientCertificate = str | os.PathLike[str] | tuple[str | os.PathLike[str], str | os.PathLike[str]]


class Settings(TypedDict, total=False):
    """The settings of a client, as keywords: see `Confluence`."""

    url: str
    username: str | None
    token: str | Callable[[], str] | None
    password: str | None
    deployment: Literal["cloud", "datacenter"] | None
    org_id: str | None
    org_token: str | None
    org_url: str | None
    directories: Directories | None
    cloud_id: str | None
    gateway_url: str | None
    ca_bundle: str | os.PathLike[str] | None
    client_cert: ClientCertificate | None
    proxy: str | None
    timeout: float
    max_concurrency: int
    requests_per_second: float | None
    max_retries: int
    allow_http: bool


# What other clients of Confluence call these settings.
_OTHER_WORDS = {
    "email": "username",
    "user": "username",
    "login": "username",
    "api_token": "token",
    "apitoken": "token",
    "pat": "token",
    "personal_token": "token",
    "personal_access_token": "token",
    "bearer": "token",
    "access_token": "token",
    "api_key": "token",
    "pass": "password",
    "passwd": "password",
    "base_url": "url",
    "server": "url",
    "host": "url",
    "site": "url",
    "cloud": "deployment",
    "verify_ssl": "ca_bundle",
    "verify": "ca_bundle",
    "ssl_verify": "ca_bundle",
    "cert_verify": "ca_bundle",
    "cert": "client_cert",
    "certificate": "client_cert",
    "client_certificate": "client_cert",
    "client_key": "client_cert",
    "proxies": "proxy",
    "retries": "max_retries",
    "max_workers": "max_concurrency",
    "concurrency": "max_concurrency",
    "rate_limit": "requests_per_second",
}


def known_keywords(called: str, given: Iterable[str]) -> None:
    """Refuses an unknown setting and suggests the one that was probably meant."""
    known = Settings.__annotations__
    for name in given:
        if name in known:
            continue
        import difflib

        near = difflib.get_close_matches(name.lower(), known, n=1)
        meant = _OTHER_WORDS.get(name.lower()) or (near[0] if near else None)
        hint = f"did you mean `{meant}=`?" if meant else f"expected one of {', '.join(sorted(known))}"
        raise TypeError(f"`{called}` got an unexpected keyword argument `{name}`: {hint}")


def _judge_types(settings: Mapping[str, object]) -> None:
    """Refuses settings of a wrong type by name. Their values are not shown: they may be secrets."""
    for name, value in settings.items():
        if value is None or name in ("url", "directories"):
            continue
        # `bool` is a number to Python, and never one here.
        number = not isinstance(value, bool)
        match name:
            case "timeout" | "requests_per_second":
                fits, wanted = number and isinstance(value, numbers.Real), "a number"
            case "max_concurrency" | "max_retries":
                fits, wanted = number and isinstance(value, numbers.Integral), "a whole number"
            case "allow_http":
                fits, wanted = isinstance(value, bool), "True or False"
            case "ca_bundle":
                fits, wanted = isinstance(value, str | os.PathLike), "the path of a file with certificates (PEM)"
            case "client_cert":
                fits = isinstance(value, str | os.PathLike) or (
                    isinstance(value, tuple | list)
                    and len(value) == 2
                    and all(isinstance(part, str | os.PathLike) for part in value)
                )
                wanted = "`(certificate, key)`, the paths of two files (PEM), or the path of one file with both"
            case "token":
                fits, wanted = isinstance(value, str) or callable(value), "a text, or a function that returns one"
            case _:
                fits, wanted = isinstance(value, str), "a text"
        if not fits:
            raise ConfigurationError(f"`{name}` is {wanted}, not `{type(value).__name__}`")


def _path(name: str, path: str | os.PathLike[str] | None) -> str | None:
    return None if path is None else os.fspath(arguments.path(path, f"`{name}`"))


def for_core(settings: Mapping[str, Any]) -> tuple[dict[str, Any], Callable[[], str] | None]:
    """All settings as the core takes them, and the function that returns the token, where one is given.

    Raises:
        ConfigurationError: A setting cannot be used; the message gives the remedy.
    """
    url, token, certificate = settings["url"], settings["token"], settings["client_cert"]
    if not isinstance(url, str):
        raise ConfigurationError(f"`url` is the address of a site, as text, not a {type(url).__name__}")
    _judge_types(settings)
    for name in ("timeout", "max_concurrency", "max_retries"):
        if settings[name] is None:
            raise ConfigurationError(f"`{name}` is a number, not None: leave it out for the usual one")
    if settings["deployment"] not in (None, "cloud", "datacenter"):
        raise ConfigurationError(
            f'invalid deployment `{settings["deployment"]}`: expected "cloud" or "datacenter"; leave it out to find out'
        )
    source, token = (token, None) if callable(token) else (None, token)
    if source is not None and _is_async(source):
        raise ConfigurationError("`token` is an `async` function: give a plain one, it may wait")
    for name, secret in (("username", settings["username"]), ("token", token), ("password", settings["password"])):
        if secret is not None and not secret.strip():
            raise ConfigurationError(f"`{name}` is empty: leave it out or give it a value")
    for name, least in (("max_concurrency", 1), ("max_retries", 0)):
        if settings[name] < least:
            raise ConfigurationError(f"`{name}` is at least {least}, not `{settings[name]}`")
    pace = settings["requests_per_second"]
    if pace is not None and not pace > 0:
        raise ConfigurationError(f"`requests_per_second` is greater than 0, not `{pace}`")
    certificate, key = certificate if isinstance(certificate, tuple | list) else (certificate, None)
    given = {
        "token": token,
        "directories": directories_of(settings["directories"]),
        "ca_bundle": _path("ca_bundle", settings["ca_bundle"]),
        "client_cert": _path("client_cert", certificate),
        "client_key": _path("client_cert", key),
    }
    return {**settings, **given}, source


def from_environment(given: Settings) -> dict[str, Any]:
    """The settings that environment variables hold, beside those that are given.

    Raises:
        ConfigurationError: A variable is missing; the message names it.
    """

    def read(name: str) -> str | None:
        return os.environ.get(name, "").strip() or None

    settings: dict[str, Any] = {}
    url = given.get("url") or read("CONFLUENCE_URL")
    username = given.get("username") or read("CONFLUENCE_USERNAME")
    missing = [] if url else ["`CONFLUENCE_URL`"]
    if not given.get("token") and not given.get("password"):
        # A personal token identifies the account by itself; with a name it would be a password.
        if token := read("CONFLUENCE_API_TOKEN"):
            settings["token"] = token
            if not username and not given.get("cloud_id") and ".atlassian.net" in (url or ""):
                missing.append("`CONFLUENCE_USERNAME` (a token without a username is a `CONFLUENCE_PERSONAL_TOKEN`)")
        elif token := read("CONFLUENCE_PERSONAL_TOKEN"):
            settings["token"], username = token, given.get("username")
        elif password := read("CONFLUENCE_PASSWORD"):
            settings["password"] = password
            missing += [] if username else ["`CONFLUENCE_USERNAME` (for `CONFLUENCE_PASSWORD`)"]
        else:
            missing += [] if username else ["`CONFLUENCE_USERNAME`"]
            missing.append("`CONFLUENCE_API_TOKEN` (or `CONFLUENCE_PERSONAL_TOKEN`, or `CONFLUENCE_PASSWORD`)")
    if not given.get("client_cert"):
        certificate, key = read("CONFLUENCE_CLIENT_CERT"), read("CONFLUENCE_CLIENT_KEY")
        if certificate:
            settings["client_cert"] = (certificate, key) if key else certificate
        elif key:
            missing.append("`CONFLUENCE_CLIENT_CERT` (for `CONFLUENCE_CLIENT_KEY`)")
    if missing:
        raise ConfigurationError(f"not set in the environment: {', '.join(missing)}")
    settings |= {"url": url, "username": username}
    for name, variable in (("org_id", "ATLASSIAN_ORG_ID"), ("org_token", "ATLASSIAN_ORG_TOKEN")):
        if value := read(variable):
            settings[name] = value
    return settings


def _is_async(source: object) -> bool:
    """Whether calling it returns an awaitable."""
    import inspect

    return inspect.iscoroutinefunction(source)
