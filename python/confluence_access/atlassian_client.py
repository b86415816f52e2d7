"""What a client of atlassian-python-api holds, as settings of ours: its site, its credentials and how it gets there."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Where an API token, not a password, stands beside the username.
_CLOUD_HOSTS = (".atlassian.net", ".atlassian-us-gov-mod.net", "api.atlassian.com", "api.atlassian-us-gov-mod.com")
_REMEDY = "give `username=` and `token=`, or `token=` alone"


def settings_of(client: object, given: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a client of atlassian-python-api holds, and those that are given, which take precedence.

    Nothing of that package is imported: its attributes are read, those of version 4.0.7 and of the `requests.Session`
    in it. What its session would send counts, not what its constructor was called with.

    Raises:
        ConfigurationError: It is not such a client, or it holds no credentials that can be taken over. The message
            shows none of its values.
    """
    url = getattr(client, "url", None)
    if not isinstance(url, str):
        raise ConfigurationError(
            "`from_atlassian` takes a `Confluence` client of atlassian-python-api, which has a `url`, "
            f"not `{type(client).__name__}`"
        )
    url = given.get("url") or url
    settings: dict[str, Any] = {"url": url, **_network(client, url)}
    if getattr(client, "cloud", False) is True:
        settings["deployment"] = "cloud"
    if not given.get("token") and not given.get("password"):
        deployment = given.get("deployment") or settings.get("deployment")
        cloud = deployment == "cloud" or (deployment is None and _is_cloud(url))
        settings |= _credentials(client, "token" if cloud else "password")
    return {**settings, **given}


def _is_cloud(url: str) -> bool:
    try:
        host = urlsplit(url if "://" in url else f"https://{url}").hostname or ""
    except ValueError:
        # The client itself says what is wrong with the address.
        return False
    return host.endswith(_CLOUD_HOSTS)


def _network(client: object, url: str) -> dict[str, Any]:
    """Proxy, certificates to trust and client certificate. A check of certificates that is off stays on here."""
    settings: dict[str, Any] = {}
    session = _session(client)
    proxies = getattr(client, "proxies", None) or getattr(session, "proxies", None) or {}
    scheme = "http" if url.startswith("http://") else "https"
    if proxy := proxies.get(scheme) or proxies.get("all"):
        settings["proxy"] = proxy
    if isinstance(verify := getattr(client, "verify_ssl", None), str):
        settings["ca_bundle"] = verify
    if cert := getattr(client, "cert", None) or getattr(session, "cert", None):
        settings["client_cert"] = cert
    return settings


def _session(client: object) -> object:
    return getattr(client, "_session", None)


def _credentials(client: object, secret: str) -> dict[str, Any]:
    """What the client would send to prove who it is. `secret`: what stands beside a username, `token` or `password`."""
    session = _session(client)
    auth = getattr(session, "auth", None)
    if isinstance(auth, tuple | list) and len(auth) == 2:
        return _basic(auth[0], auth[1], secret)
    # Classes for NTLM and digests have the same attributes, and must not send a password as it is.
    if type(auth).__name__ == "HTTPBasicAuth":
        return _basic(getattr(auth, "username", None), getattr(auth, "password", None), secret)
    for holder in (getattr(auth, "_client", None), session):
        # `OAuth2` and `OAuth2Session` of requests-oauthlib. OAuth 1 has a client too, without such a token.
        if isinstance(getattr(holder, "access_token", None), str):
            return _oauth2(holder)
    header = _authorization(client)
    # An `OAuth2Session` without a token has a function that adds nothing.
    if auth is not None and not (header and hasattr(session, "access_token")):
        kind = type(auth).__name__
        raise ConfigurationError(f"the client logs in with `{kind}`, which cannot be taken over: {_REMEDY}")
    if header is not None:
        return _from_header(header, secret)
    if getattr(client, "cookies", None) or getattr(session, "cookies", None):
        raise ConfigurationError(
            f"the client logs in with cookies, which cannot be taken over, as they end with the login: {_REMEDY}"
        )
    # What has the attributes, but another way to send them.
    if session is None:
        username, password, token = (getattr(client, name, None) for name in ("username", "password", "token"))
        if username and password:
            return _basic(username, password, secret)
        if isinstance(token, str) and token.strip():
            return {"token": token.strip()}
    raise ConfigurationError(f"the client holds no credentials: {_REMEDY}")


def _basic(username: object, password: object, secret: str) -> dict[str, Any]:
    username, password = _text(username), _text(password)
    if not username or not password:
        raise ConfigurationError(f"the client holds a username or a password, not both: {_REMEDY}")
    return {"username": username, secret: password}


def _text(value: object) -> str | None:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else None


def _oauth2(holder: Any) -> dict[str, Any]:
    kind = getattr(holder, "token_type", None)
    if isinstance(kind, str) and kind.lower() != "bearer":
        raise ConfigurationError(
            f"the client logs in with an OAuth 2 token that is not a bearer token and cannot be taken over: {_REMEDY}"
        )

    def current() -> str:
        """Reads the token at the moment: a program that refreshes it there, refreshes it here."""
        token: str = holder.access_token
        return token

    return {"token": current}


def _authorization(client: object) -> str | None:
    """The header as it would be sent: that of the client before that of its session."""
    for holder, name in ((client, "default_headers"), (_session(client), "headers")):
        headers = getattr(holder, name, None)
        for header, value in (headers or {}).items():
            if str(header).lower() == "authorization" and (text := _text(value)) and text.strip():
                return text.strip()
    return None


def _from_header(header: str, secret: str) -> dict[str, Any]:
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer" and value.strip():
        return {"token": value.strip()}
    if scheme.lower() == "basic" and value.strip():
        try:
            username, _, password = base64.b64decode(value.strip(), validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            # Neither the cause nor the header may be shown.
            username = password = ""
        return _basic(username, password, secret)
    raise ConfigurationError(
        f"the `Authorization` header of the client is neither `Basic` nor `Bearer` and cannot be taken over: {_REMEDY}"
    )
