"""Profiles: the sites a person works with by name; their secrets are in the keyring of the operating system."""

from __future__ import annotations

import json
import os
import re
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from .errors import ConfigurationError
from .escapes import visible
from .frozen import Frozen

if TYPE_CHECKING:
    from types import ModuleType

__all__ = [
    "DEFAULT",
    "Profile",
    "find",
    "forget",
    "kept",
    "listed",
    "path",
    "secret_of",
    "settings_of",
    "store",
    "wanted",
]

Secret = Literal["token", "password"]

DEFAULT = "default"
"""The profile that is meant where none is named."""

_SERVICE = "confluence-access"
_KEYS = ("url", "username", "secret", "deployment", "cloud_id", "ca_bundle", "client_cert", "client_key")
_SETTINGS = ("url", "username", "deployment", "cloud_id", "ca_bundle")
_VARIABLES = "`CONFLUENCE_URL`, `CONFLUENCE_USERNAME` and `CONFLUENCE_API_TOKEN` (or `CONFLUENCE_PERSONAL_TOKEN`)"


class Profile(Frozen):
    """A site by name, and the account there. It contains no secret.

    Attributes:
        name: Its name.
        url: Address of the site.
        username: The account; None for a token that names its account itself.
        secret: What the keyring has for it: `token` or `password`.
        deployment: `cloud` or `datacenter`; None to find out.
        cloud_id: Id of the Cloud site, for tokens with scopes.
        ca_bundle: File with certificates to trust.
        client_cert: File with a client certificate.
        client_key: File with its key.
    """

    name: str
    url: str
    username: str | None = None
    secret: str = "token"
    deployment: str | None = None
    cloud_id: str | None = None
    ca_bundle: str | None = None
    client_cert: str | None = None
    client_key: str | None = None


def path() -> Path:
    """The file of the profiles: `confluence-access/profiles.toml` in `$XDG_CONFIG_HOME` or `~/.config`."""
    base = os.environ.get("XDG_CONFIG_HOME", "")
    # Source: https://specifications.freedesktop.org/basedir-spec/latest/ (a relative path is to be ignored)
    folder = Path(base) if Path(base).is_absolute() else Path("~/.config").expanduser()
    return folder / "confluence-access" / "profiles.toml"


def wanted() -> str | None:
    """The profile that `CONFLUENCE_PROFILE` names."""
    return os.environ.get("CONFLUENCE_PROFILE", "").strip() or None


def listed() -> list[Profile]:
    """The profiles, by name.

    Raises:
        ConfigurationError: The file cannot be read.
    """
    file = path()
    try:
        known = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        # The message of a parser may show a line of the file.
        raise ConfigurationError(f"`{file}` cannot be read ({type(error).__name__}): mend or delete it") from None
    found = []
    for name, entry in sorted(known.items()):
        right = isinstance(entry, dict) and isinstance(entry.get("url"), str)
        if not right or not all(key in _KEYS and isinstance(value, str) for key, value in entry.items()):
            raise ConfigurationError(
                f"profile `{visible(name)}` in `{file}` is invalid: it needs a `url` and may have "
                f"{', '.join(_KEYS[1:])}, as texts; secrets are not kept there"
            )
        found.append(Profile(name, **entry))
    return found


def find(name: str) -> Profile:
    """The profile with a name.

    Raises:
        ConfigurationError: There is none.
    """
    all_of_them = listed()
    for profile in all_of_them:
        if profile.name == name:
            return profile
    known = ", ".join(f"`{profile.name}`" for profile in all_of_them)
    hint = f"there is {known}" if known else f"log in with `confluence-access login {visible(name)}`"
    raise ConfigurationError(f"no profile `{visible(name)}`: {visible(hint)}")


def store(profile: Profile, secret: str) -> None:
    """Keeps a profile in the file, and its secret in the keyring.

    Raises:
        ConfigurationError: The name is invalid, or there is no keyring that keeps secrets encrypted.
        OSError: The file cannot be written.
    """
    if not re.fullmatch(r"[\w.-]{1,64}", profile.name):
        raise ConfigurationError(
            f"invalid name of a profile `{visible(profile.name)}`: use letters, digits, `.`, `_` and `-`"
        )
    others = [other for other in listed() if other.name != profile.name]
    keyring = _keyring()
    try:
        keyring.set_password(_SERVICE, _key(profile), secret)
    except Exception as error:
        raise _no_keyring(error) from None
    _write([*others, profile])


def forget(name: str) -> None:
    """Deletes a profile and its secret.

    Raises:
        ConfigurationError: There is none, or the keyring does not answer.
    """
    profile = find(name)
    keyring = _keyring()
    try:
        if keyring.get_password(_SERVICE, _key(profile)) is not None:
            keyring.delete_password(_SERVICE, _key(profile))
    except Exception as error:
        raise _no_keyring(error) from None
    _write([other for other in listed() if other.name != name])


def secret_of(profile: Profile) -> str:
    """The secret of a profile.

    Raises:
        ConfigurationError: There is none, or no keyring.
    """
    keyring = _keyring()
    try:
        secret: str | None = keyring.get_password(_SERVICE, _key(profile))
    except Exception as error:
        raise _no_keyring(error) from None
    if not secret:
        raise ConfigurationError(
            f"the keyring has no secret for profile `{visible(profile.name)}` at `{visible(profile.url)}`: log in with "
            f"`confluence-access login {visible(profile.name)}`"
        )
    return secret


def settings_of(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """The settings of a profile, below those that are given.

    Raises:
        ConfigurationError: There is no such profile or no secret, or `given` names another site.
    """
    profile = find(name)
    if (url := given.get("url")) is not None and _origin(str(url)) != _origin(profile.url):
        raise ConfigurationError(
            f"profile `{visible(name)}` is for `{visible(profile.url)}`: its secret is not sent to another site"
        )
    settings = {**kept(profile), **{key: value for key, value in given.items() if value is not None}}
    if not settings.get("token") and not settings.get("password"):
        settings["password" if profile.secret == "password" else "token"] = secret_of(profile)
    return settings


def kept(profile: Profile) -> dict[str, Any]:
    """The settings of a profile, without its secret."""
    settings: dict[str, Any] = {key: getattr(profile, key) for key in _SETTINGS if getattr(profile, key)}
    if profile.client_cert:
        both = (profile.client_cert, profile.client_key)
        settings["client_cert"] = both if profile.client_key else profile.client_cert
    return settings


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url if "://" in url else f"https://{url}")
    return parts.scheme.lower(), parts.netloc.lower()


def _key(profile: Profile) -> str:
    # With the site: a file that was changed does not get a secret sent somewhere else.
    scheme, host = _origin(profile.url)
    return f"{profile.name} at {scheme}://{host}"


def _keyring() -> ModuleType:
    try:
        import keyring
    except ImportError:
        raise ConfigurationError(
            f"secrets are kept by the package `keyring`: pip install 'confluence-access[keyring]', or set {_VARIABLES}"
        ) from None
    backend: Any = keyring.get_keyring()
    for one in getattr(backend, "backends", [backend]):
        if type(one).__name__ == "PlaintextKeyring":
            raise ConfigurationError(
                f"the keyring of this machine writes secrets to a plain file: choose another, or set {_VARIABLES}"
            )
    return keyring


def _no_keyring(error: Exception) -> ConfigurationError:
    # Its text is not shown: nobody knows what a keyring puts there.
    return ConfigurationError(f"the keyring cannot be used ({type(error).__name__}): unlock it, or set {_VARIABLES}")


def _write(profiles: list[Profile]) -> None:
    lines = ["# Written by `confluence-access login`. Secrets are in the keyring of the operating system.\n"]
    for profile in sorted(profiles, key=lambda one: one.name):
        lines.append(f"\n[{_quoted(profile.name)}]\n")
        lines += [f"{key} = {_quoted(value)}\n" for key in _KEYS if (value := getattr(profile, key))]
    file = path()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Whole or not at all; a temporary file is readable by its owner only.
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".profiles-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as open_file:
            open_file.writelines(lines)
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _quoted(text: str) -> str:
    # A basic string of TOML is one of JSON, but for this control character.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
