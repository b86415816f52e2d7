"""Where snapshots are kept: a local folder or an object store, with one snapshot or many in it."""

from __future__ import annotations

import errno
import json
import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from . import _core, arguments
from .errors import (
    AmbiguousError,
    ConfigurationError,
    MissingSnapshotError,
    OccupiedFolderError,
    SnapshotError,
    StoreError,
    StoreForbiddenError,
    UnreadableSnapshotError,
)
from .escapes import visible
from .moments import Moment, moment

if TYPE_CHECKING:
    from obstore.store import ObjectStore

MANIFEST = "manifest.json"
_KIND = "confluence-access snapshot"
_SCHEMES = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss")
# No save takes this long: what is older was left by a process that ended in the middle.
_ABANDONED_FOLDER = timedelta(hours=1)
_ABANDONED_OBJECTS = timedelta(days=1)

StorageOptions = Mapping[str, str | int | float | bool]
"""Settings of an object store and its HTTP client by the names of obstore: `aws_endpoint`, `allow_http` …"""

Files = dict[str, bytes]
"""The content of files by name."""


class Place(Protocol):
    """A folder, or a prefix of an object store, that holds one snapshot or folders of snapshots."""

    @property
    def address(self) -> Path | str:
        """The path or the URL."""

    def exists(self) -> bool:
        """Whether anything is there."""

    def read(self, name: str, data: str = "") -> bytes:
        """The content of a file, in the folder `data` if it is given.

        Raises:
            FileNotFoundError: There is no such file.
            StoreError: It cannot be read.
        """

    def write(self, manifest: dict[str, Any], files: Files, *, once: bool = False) -> None:
        """Writes a snapshot completely or not at all. With `once`, no later one will replace it.

        Raises:
            OccupiedFolderError: Something else is there.
            StoreError: It cannot be written.
        """

    def folders(self, prefix: str) -> list[str]:
        """Names of the folders in it that begin with `prefix`."""

    def child(self, name: str) -> Place:
        """The folder `name` in it."""


def place(given: object, options: StorageOptions | None = None) -> Place:
    """The place that a path or a URL names.

    Raises:
        ConfigurationError: It is neither, or its scheme is not supported, or `options` do not fit.
        ImportError: It is a URL, and the extra `remote` is not installed.
    """
    scheme = _scheme(given)
    if scheme is None:
        if options:
            raise ConfigurationError("`storage_options` are for object stores (`s3://…`): a local folder takes none")
        return _Folder(arguments.path(given, "a folder"))
    if scheme not in _SCHEMES:
        raise ConfigurationError(
            f"unsupported scheme `{visible(scheme)}://`: give a local folder, `s3://`, `gs://` or `az://`"
        )
    return _Objects(str(given), options or {})


def _scheme(given: object) -> str | None:
    found = re.match(r"\s*([A-Za-z][A-Za-z0-9+.-]+)://", given) if isinstance(given, str) else None
    return found[1].lower() if found else None


# One snapshot


def write(core: _core.Snapshot, target: Place, *, once: bool = False) -> None:
    """Writes a snapshot."""
    facts, parts = core.parts(True)
    known = json.loads(facts)
    files = {f"{name}.parquet": content for name, content in parts.items()}
    listed = {name: {"bytes": len(content), "sha256": _sha256(content)} for name, content in files.items()}
    manifest = {
        "kind": _KIND,
        "format": known.pop("format"),
        "written_by": f"confluence-access {_core.VERSION}",
        "deployment": known["site"]["deployment"],
        "base_url": known["site"]["base_url"],
        **known,
        "gaps": dict(sorted(Counter(core.table("gaps").column("cause")).items())),
        "content_hash": _sha256("".join(f"{name} {listed[name]['sha256']}\n" for name in sorted(listed)).encode()),
        "files": listed,
    }
    target.write(manifest, files, once=once)


def read(source: Place) -> _core.Snapshot:
    """Reads a snapshot.

    Raises:
        MissingSnapshotError: There is none.
        UnreadableSnapshotError: It is damaged, or not complete.
        NewerSnapshotError: A newer version wrote it.
        StoreError: It cannot be read.
    """
    for _ in range(3):
        found = _manifest(source)
        if found is None:
            missing = "holds no snapshot: no `manifest.json` of one in it" if source.exists() else "does not exist"
            raise MissingSnapshotError(f"`{source.address}` {missing}")
        manifest, text = found
        try:
            return _core.Snapshot.from_parts(text, _files(source, manifest))
        except UnreadableSnapshotError:
            # In an object store, the files of a snapshot that is replaced meanwhile disappear.
            again = _manifest(source)
            if again is None or again[1] == text:
                raise
    raise UnreadableSnapshotError(f"`{source.address}` is replaced again and again while it is read")


def _files(source: Place, manifest: Mapping[str, Any]) -> Files:
    version = manifest.get("format")
    # A newer manifest is not looked into: its layout is not known here.
    if isinstance(version, int) and version > _core.SNAPSHOT_FORMAT:
        return {}
    listed = manifest.get("files")
    data = manifest.get("data", "")
    if not isinstance(listed, dict) or not isinstance(data, str) or (data and not _DATA.fullmatch(data)):
        raise UnreadableSnapshotError(f"`{source.address}/{MANIFEST}` is damaged: it lists no files")
    files = {}
    for listed_name, known in listed.items():
        # A manifest cannot reach out of its folder.
        name = Path(listed_name).name
        shown = f"`{source.address}/{name}`"
        try:
            content = source.read(name, data)
        except FileNotFoundError:
            raise UnreadableSnapshotError(f"{shown} is missing: the snapshot is not complete") from None
        if not isinstance(known, dict) or _sha256(content) != known.get("sha256"):
            raise UnreadableSnapshotError(f"{shown} is damaged: it is not the file that was written")
        files[Path(name).stem] = content
    return files


def _manifest(source: Place) -> tuple[dict[str, Any], str] | None:
    """The manifest of a snapshot as data and as text; None where there is no snapshot."""
    try:
        content = source.read(MANIFEST)
    except FileNotFoundError:
        return None
    try:
        text = content.decode()
        manifest = json.loads(text)
    except UnicodeDecodeError as error:
        raise UnreadableSnapshotError(f"`{source.address}/{MANIFEST}` is damaged: it is not text") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise UnreadableSnapshotError(f"`{source.address}/{MANIFEST}` is damaged: {error}") from error
    if not isinstance(manifest, dict) or manifest.get("kind") != _KIND:
        return None
    return manifest, text


def _manifest_or_none(source: Place) -> dict[str, Any] | None:
    try:
        found = _manifest(source)
    except UnreadableSnapshotError:
        return None
    return found[0] if found else None


def _removed(folder: Path) -> None:
    """Removes a folder as far as possible."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _sha256(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()


# Many snapshots in one place: `site=…/taken=…/`, which pyarrow, DuckDB, polars, Dask and Spark read as two columns.


def folder_of(core: _core.Snapshot) -> tuple[str, str]:
    """The two folders of a snapshot among many.

    Raises:
        ConfigurationError: It does not say of which site it is, or when it was taken.
    """
    address, taken = core.site["base_url"], core.taken_at
    if not address or taken is None:
        missing = "site it is of" if not address else "time it was taken"
        raise ConfigurationError(f"the snapshot does not say the {missing}: save it in a folder of its own with `save`")
    return f"site={site_name(address)}", f"taken={_written(taken)}"


def site_name(address: str) -> str:
    """The address of a site as the name of a folder."""
    bare = re.sub(r"^[a-z]+://", "", address.strip(), flags=re.IGNORECASE).rstrip("/")
    host, slash, context = bare.partition("/")
    if host.lower().endswith(".atlassian.net") and context == "wiki":
        slash = context = ""
    name = re.sub(r"[/:]", "_", f"{host.lower()}{slash}{context}")
    return re.sub(r"[^A-Za-z0-9._-]", lambda found: f"~{ord(found[0]):x}", name)


_TAKEN = "%Y%m%dT%H%M%S.%fZ"


def _written(at: datetime) -> str:
    # No colons: Windows forbids them, and URLs escape them. In order of text is in order of time.
    return at.astimezone(UTC).strftime(_TAKEN)


def one_of(root: Place, site: str | None, taken: Moment | None) -> Place:
    """The snapshot of a site that was the last one at a time, among many.

    Raises:
        MissingSnapshotError: There is none of this site, or none as old.
        AmbiguousError: There are several sites and `site` is None.
        ConfigurationError: `taken` is not a time.
    """
    if site is None and taken is None and _manifest_or_none(root) is not None:
        return root
    sites = {name.removeprefix("site="): name for name in root.folders("site=")}
    if not sites:
        if site is None and taken is None:
            return root
        raise MissingSnapshotError(f"`{root.address}` holds no snapshots by site (`site=…/taken=…/`)")
    if site is None:
        if len(sites) > 1:
            raise AmbiguousError(
                f"`{root.address}` holds snapshots of {len(sites)} sites: choose one with `site=`",
                candidates=sorted(sites),
            )
        (site,) = sites
    if not isinstance(site, str):
        raise ConfigurationError(f"`site` is given as text, not as `{type(site).__name__}`")
    name = sites.get(site) or sites.get(site_name(site))
    if name is None:
        known = ", ".join(f"`{one}`" for one in sorted(sites))
        raise MissingSnapshotError(f"`{root.address}` holds no snapshot of `{visible(site)}`: it holds {known}")
    within = root.child(name)
    last = _last(taken)
    found = next((one for one in _by_time(within) if last is None or one <= last), None)
    if found is None:
        first = min(_by_time(within), default=None)
        when = f" taken at or before `{last}`" if last is not None else ""
        raise MissingSnapshotError(
            f"`{within.address}` holds no snapshot{when}{f': the first is `{first}`' if first else ''}"
        )
    return within.child(f"taken={found}")


def all_of(root: Place, taken: Moment | None) -> list[tuple[str, str, Place]]:
    """Site, time and place of the snapshots among many: of each site the last one at a time, or all if that is None."""
    last = _last(taken)
    found = []
    for name in sorted(root.folders("site=")):
        within = root.child(name)
        times = [one for one in _by_time(within) if last is None or one <= last]
        for one in sorted(times) if taken is None else times[:1]:
            found.append((name.removeprefix("site="), one, within.child(f"taken={one}")))
    return found


def _by_time(within: Place) -> list[str]:
    """Times of the snapshots of a site, the last one first."""
    times = sorted((name.removeprefix("taken=") for name in within.folders("taken=")), reverse=True)
    # Without a manifest it was not written to its end.
    return [one for one in times if _manifest_or_none(within.child(f"taken={one}")) is not None]


def _last(taken: Moment | None) -> str | None:
    if taken is None or taken == "latest":
        return None
    if isinstance(taken, str):
        with suppress(ValueError):
            return _written(datetime.strptime(taken, _TAKEN).replace(tzinfo=UTC))
    return _written(moment(taken, "taken", end=True))


# A local folder


@contextmanager
def _local(what: str, path: Path) -> Iterator[None]:
    """Errors of the operating system, typed."""
    try:
        yield
    except SnapshotError:
        raise
    except OSError as error:
        kind = StoreForbiddenError if isinstance(error, PermissionError) or error.errno == errno.EROFS else StoreError
        failed = kind(f"cannot {what} `{path}`: {error.strerror or error}")
        failed.errno = error.errno
        raise failed from error


class _Folder:
    def __init__(self, path: Path) -> None:
        self.address = path

    def exists(self) -> bool:
        return self.address.exists()

    def read(self, name: str, data: str = "") -> bytes:
        folder = self.address
        if not folder.exists():
            # A save that was interrupted between its two renames has left the old snapshot beside.
            folder = max(self._beside("old"), key=_modified, default=folder)
        path = folder / data / name
        with _local("read", path), suppress(FileNotFoundError, NotADirectoryError):
            return path.read_bytes()
        raise FileNotFoundError(path)

    def folders(self, prefix: str) -> list[str]:
        with _local("read", self.address):
            if not self.address.is_dir():
                return []
            return [one.name for one in self.address.iterdir() if one.name.startswith(prefix) and one.is_dir()]

    def child(self, name: str) -> _Folder:
        return _Folder(self.address / name)

    def write(self, manifest: dict[str, Any], files: Files, *, once: bool = False) -> None:
        # One rename puts a whole folder into its place, so that a second time replaces it as well.
        del once
        target = self.address
        with _local("write", target):
            self._refuse_occupied()
            target.parent.mkdir(parents=True, exist_ok=True)
            new = self._new_name("new")
            new.mkdir()
            try:
                for name, content in files.items():
                    _write(new / name, content)
                _write(new / MANIFEST, _text(manifest))
                _sync(new)
                self._put(new)
            except BaseException:
                _removed(new)
                raise
            _sync(target.parent)
            self._tidy()

    def _put(self, new: Path) -> None:
        target = self.address
        if not target.exists():
            new.rename(target)
            return
        old = self._new_name("old")
        target.rename(old)
        try:
            new.rename(target)
        except OSError:
            # Another process may have put a snapshot there meanwhile.
            with suppress(OSError):
                old.rename(target)
            raise

    def _tidy(self) -> None:
        """Removes what this save replaced, and what saves that were killed have left."""
        for old in self._beside("old"):
            _removed(old)
        for new in self._beside("new"):
            if time.time() - _modified(new) > _ABANDONED_FOLDER.total_seconds():
                _removed(new)

    def _new_name(self, what: str) -> Path:
        """A name in the same folder, where a rename is atomic. Readers skip names that begin with a dot."""
        return self.address.with_name(f".{self.address.name}.{what}-{os.urandom(4).hex()}")

    def _beside(self, what: str) -> list[Path]:
        pattern = re.compile(rf"\.{re.escape(self.address.name)}\.{what}-[0-9a-f]{{8}}")
        try:
            return [one for one in self.address.parent.iterdir() if pattern.fullmatch(one.name)]
        except OSError:
            return []

    def _refuse_occupied(self) -> None:
        target = self.address
        if not target.exists() and not target.is_symlink():
            return
        if not target.is_dir():
            raise OccupiedFolderError(f"`{target}` is a file: a snapshot is a folder")
        names = {entry.name for entry in target.iterdir()}
        if not names:
            return
        manifest = _manifest_or_none(self)
        if manifest is None:
            raise OccupiedFolderError(f"`{target}` holds files that are not a snapshot: choose another folder")
        foreign = names - {MANIFEST} - set(manifest.get("files") or ())
        if foreign:
            raise OccupiedFolderError(
                f"`{target}` holds a snapshot and also `{min(foreign)}`, which would be lost: choose another folder"
            )


def _modified(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        # It was removed meanwhile.
        return time.time()


def _text(manifest: dict[str, Any]) -> bytes:
    return json.dumps(manifest, indent=2, ensure_ascii=False).encode()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Makes renames in a folder survive a power failure, where the system can."""
    if os.name == "nt":
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    except OSError as error:
        # Some network file systems have no such call for folders.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(opened)


# An object store

# What obstore takes as options of its HTTP client; all others belong to the kind of store.
# Source: https://developmentseed.org/obstore/latest/api/store/config/
_CLIENT = frozenset(
    (
        "allow_http",
        "allow_invalid_certificates",
        "connect_timeout",
        "http1_only",
        "http2_only",
        "pool_idle_timeout",
        "pool_max_idle_per_host",
        "proxy_ca_certificate",
        "proxy_excludes",
        "proxy_url",
        "read_timeout",
        "root_certificate",
        "timeout",
        "user_agent",
    )
)
_DATA = re.compile(r"data-[0-9a-f]{16}")


class _Objects:
    """A prefix of an object store.

    No store renames a folder at once. The files of each save get a prefix of their own, `data-<random>/`, and the
    manifest, written last, names it: it is the one object whose replacement makes the new snapshot the snapshot.
    """

    def __init__(self, url: str, options: StorageOptions) -> None:
        self.address = _checked_url(url)
        self._options = _checked_options(options)
        self._secrets = _secrets(self._options)
        try:
            from obstore import store
            from obstore.exceptions import BaseError
        except ImportError as error:
            raise ImportError(
                f"`{self.address}` needs obstore: pip install 'confluence-access[remote]'", name="obstore"
            ) from error
        client: Any = {name: value for name, value in self._options.items() if name.lower() in _CLIENT}
        config: Any = {name: value for name, value in self._options.items() if name not in client}
        try:
            self._store: ObjectStore = store.from_url(
                self.address,
                config=config,
                client_options=client or None,
                retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=60)},
            )
        except (BaseError, ValueError, TypeError) as error:
            # Without a cause: its text may quote the options.
            raise ConfigurationError(f"`{self.address}` cannot be opened: {self._without_secrets(error)}") from None

    @contextmanager
    def _asked(self, what: str, name: str = "") -> Iterator[None]:
        """Errors of the store, typed and without secrets."""
        from obstore import exceptions

        try:
            yield
            return
        except (FileNotFoundError, exceptions.NotFoundError):
            failed: OSError = FileNotFoundError(f"{self.address}/{name}")
        except (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as error:
            failed = StoreForbiddenError(
                f"the store refuses to {what} `{self.address}`: {self._without_secrets(error)}"
            )
            failed.errno = errno.EACCES
        except (exceptions.BaseError, OSError) as error:
            failed = StoreError(f"cannot {what} `{self.address}`: {self._without_secrets(error)}")
            failed.errno = errno.EIO
        # Without a cause: its text may quote the request.
        raise failed from None

    def _without_secrets(self, error: BaseException) -> str:
        text = " ".join(str(error).split("\n\nDebug source:")[0].split())
        # What S3 and those like it say, out of their XML.
        if said := re.search(r"<Code>(.*?)</Code>.*?<Message>(.*?)</Message>", text):
            text = f"{said[1]}: {said[2]}"
        for secret in self._secrets:
            text = text.replace(secret, "…")
        return text[:400]

    def exists(self) -> bool:
        return bool(self._names())

    def _names(self) -> list[str]:
        from obstore import list_with_delimiter

        with self._asked("list"):
            found = list_with_delimiter(self._store)
        return [*found["common_prefixes"], *(one["path"] for one in found["objects"])]

    def read(self, name: str, data: str = "") -> bytes:
        from obstore import get

        path = f"{data}/{name}" if data else name
        with self._asked("read", path):
            return bytes(get(self._store, path).bytes())

    def folders(self, prefix: str) -> list[str]:
        from obstore import list_with_delimiter

        with self._asked("list"):
            found = list_with_delimiter(self._store)
        return [name.rstrip("/") for name in found["common_prefixes"] if name.startswith(prefix)]

    def child(self, name: str) -> _Objects:
        return _Objects(f"{self.address}/{name}", self._options)

    def write(self, manifest: dict[str, Any], files: Files, *, once: bool = False) -> None:
        from obstore import put

        before = _manifest_or_none(self)
        if before is None:
            self._refuse_occupied(files if once else {})
        elif once:
            if before.get("content_hash") == manifest["content_hash"]:
                return
            raise OccupiedFolderError(f"`{self.address}` holds another snapshot of the same time")
        # A snapshot among many is never replaced, and other readers look for its files right there.
        data = "" if once else f"data-{os.urandom(8).hex()}"
        if data:
            manifest = {**manifest, "data": data}
        with self._asked("write"):
            for name, content in files.items():
                put(self._store, f"{data}/{name}" if data else name, content)
            put(self._store, MANIFEST, _text(manifest))
        if data:
            self._tidy(data, before)

    def _refuse_occupied(self, own: Mapping[str, bytes]) -> None:
        foreign = [name for name in self._names() if name not in own and not _DATA.fullmatch(name.rstrip("/"))]
        if foreign:
            raise OccupiedFolderError(
                f"`{self.address}` holds `{min(foreign)}`, which is not part of a snapshot: choose another place"
            )

    def _tidy(self, data: str, before: Mapping[str, Any] | None) -> None:
        """Deletes the files that were replaced, and those of saves that ended in the middle."""
        from obstore import delete, list

        replaced = before.get("data") if before else None
        now = datetime.now(UTC)
        # The snapshot is saved: whatever stays is left to the next save.
        with suppress(StoreError), self._asked("tidy"):
            gone = []
            for part in list(self._store):
                for one in part:
                    folder = one["path"].partition("/")[0]
                    if not _DATA.fullmatch(folder) or folder == data:
                        continue
                    if folder == replaced or now - one["last_modified"] > _ABANDONED_OBJECTS:
                        gone.append(one["path"])
            if gone:
                delete(self._store, gone)


def _checked_url(url: str) -> str:
    try:
        parts = urlsplit(url.strip())
        host, user = parts.hostname, parts.username or parts.password
    except ValueError:
        host = user = None
    if not host:
        raise ConfigurationError(
            "the address of an object store names no bucket: expected such as `s3://bucket/folder`"
        )
    # `abfs://container@account.dfs.core.windows.net/…` has the container before the at sign.
    if parts.query or parts.fragment or parts.password or (user and not parts.scheme.lower().startswith("abfs")):
        raise ConfigurationError(
            "the address of an object store holds credentials or a query: give them as `storage_options=`"
        )
    return url.strip().rstrip("/")


def _checked_options(options: object) -> dict[str, str]:
    if not isinstance(options, Mapping) or not all(isinstance(name, str) for name in options):
        raise ConfigurationError("`storage_options` is given as a dict with text for keys")
    checked = {}
    for name, value in options.items():
        if not isinstance(value, str | int | float):
            raise ConfigurationError(
                f"`storage_options`: `{visible(name)}` is given as text, a number, True or False, "
                f"not as `{type(value).__name__}`"
            )
        checked[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return checked


_PLAIN = re.compile(r"region|endpoint|bucket|http|account_?name|container|timeout|style", re.IGNORECASE)
_SECRET_VARIABLE = re.compile(r"(AWS|AZURE|GOOGLE)_.*(KEY|TOKEN|SECRET|SAS)")


def _secrets(options: Mapping[str, str]) -> list[str]:
    """Values that no message may contain, the longest first."""
    given = [value for name, value in options.items() if not _PLAIN.search(name)]
    given += [value for name, value in os.environ.items() if _SECRET_VARIABLE.fullmatch(name)]
    return sorted({value for value in given if len(value) > 3}, key=len, reverse=True)
