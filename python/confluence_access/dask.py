"""Many sites on many machines: snapshots fetched by the workers of a Dask cluster, and answers as Dask DataFrames.

Needs the extra `dask`. The snapshots are kept as `Snapshot.save_to` keeps them, so everything that reads those reads
these.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from . import _core, saved
from .errors import ConfigurationError, ConfluenceError, MissingSnapshotError
from .frozen import Frozen
from .slices import Hidden, Slices, checkpoint_of, connected, read_slice, split
from .snapshot import Snapshot
from .tables import Table

if TYPE_CHECKING:
    import dask.dataframe
    import pandas

    from .client import Confluence
    from .moments import Moment
    from .saved import StorageOptions
    from .types import RestrictionOperationLike

__all__ = ["Fetched", "findings", "pairs", "snapshot_sites", "summary", "table"]


class Fetched(Frozen):
    """What became of one site.

    Attributes:
        site: Its name, as given.
        address: Where the snapshot is; None if there is none.
        complete: Whether everything was read.
        gaps: Number of parts that could not be read.
        requests: Requests sent by the worker that finished.
        error: Why there is no snapshot; None if there is one.
    """

    site: str
    address: str | None
    complete: bool
    gaps: int
    requests: int
    error: ConfluenceError | None


def snapshot_sites(
    sites: Mapping[str, Mapping[str, Any] | Callable[[], Confluence]],
    url: str | os.PathLike[str],
    *,
    storage_options: StorageOptions | None = None,
    checkpoints: str | os.PathLike[str] | None = None,
    slices: int = 1,
    **options: Any,
) -> list[Fetched]:
    """Takes a snapshot of each site on the workers of the current Dask cluster, and adds it to a place for many.

    Each site is one task with one client, so `requests_per_second` and `max_concurrency` of its settings are the budget
    of the whole site, however many workers there are. A site that fails does not stop the others.

    With `slices`, several workers read a site at the same time, each some of its spaces, and share that budget evenly.
    One of them then takes the snapshot of the whole from their answers and asks only for what they do not hold, so the
    snapshot is the one that a single machine would have taken.

    Args:
        sites: By a name of your choice, the settings of `Confluence`, or a function without arguments that returns a
            client. Settings travel to the worker with their credentials; a function such as `Confluence.from_env` finds
            them there.
        url: A folder that all workers see, or the address of a place in an object store.
        storage_options: As in `Snapshot.save`.
        checkpoints: A folder that all workers see. If a worker is lost, the one that takes over its site or slice goes
            on from what is kept there; without it, it begins again.
        slices: Into how many parts to split each site, up to its `max_concurrency` (5 if not given). More than one
            needs `checkpoints`, and sites given as settings.
        options: Arguments of `Confluence.snapshot`, the same for all sites.

    Returns:
        One row per site, in their order.

    Raises:
        ConfigurationError: A site is given as something else, the place cannot be used, or `slices` does not go
            together with the other arguments.
        ImportError: The extra `dask` is not installed.
    """
    try:
        from dask.base import compute
        from dask.delayed import delayed
    except ImportError as error:
        raise ImportError("`snapshot_sites` needs Dask: pip install 'confluence-access[dask]'") from error
    place = saved.place(url, storage_options)
    for name, given in sites.items():
        if not isinstance(name, str) or not (callable(given) or isinstance(given, Mapping)):
            raise ConfigurationError(
                f"the site `{name}` is given as a dict of settings or as a function that returns a client, "
                f"not as `{type(given).__name__}`"
            )
    root = os.path.abspath(place.address) if not isinstance(place.address, str) else place.address
    kept = None if checkpoints is None else os.path.abspath(checkpoints)
    _judge_slices(slices, sites, kept, options)
    tasks = []
    for name, given in sites.items():
        site, sliced, requests = Hidden(given), None, []
        if slices > 1 and kept is not None:
            # Each call has effects, so that two equal ones are two.
            sliced = delayed(split, pure=False)(name, site, kept, slices, options)
            requests = [delayed(read_slice, pure=False)(sliced, at, site, options) for at in range(slices)]
        store = Hidden(storage_options)
        tasks.append(delayed(_fetch, pure=False)(name, site, root, store, kept, options, sliced, requests))
    run: Callable[..., tuple[Fetched, ...]] = compute
    return list(run(*tasks))


def _judge_slices(slices: object, sites: Mapping[str, Any], kept: str | None, options: Mapping[str, Any]) -> None:
    if not isinstance(slices, int) or isinstance(slices, bool) or slices < 1:
        raise ConfigurationError(f"`slices` is a number of 1 or more, not `{slices}`")
    if slices == 1:
        return
    if kept is None:
        raise ConfigurationError("`slices` needs `checkpoints`: a folder that all workers see, where they are joined")
    if options.get("admin_key"):
        raise ConfigurationError("`slices` and `admin_key` exclude each other: an account has one admin key at a time")
    for name, given in sites.items():
        if not isinstance(given, Mapping):
            raise ConfigurationError(
                f"the site `{name}` is given as a function, and `slices` divides the budget in its settings: give a "
                "dict (its `token` may be a function)"
            )


def _fetch(
    name: str,
    given: Hidden,
    root: str,
    storage_options: Hidden,
    checkpoints: str | None,
    options: Mapping[str, Any],
    sliced: Slices | None,
    requests_of_slices: Sequence[int],
) -> Fetched:
    resume = None if checkpoints is None else checkpoint_of(checkpoints, name)
    settings = {}
    if sliced is not None:
        sliced.join()
        settings["max_concurrency"] = sliced.width * sliced.count
    try:
        with connected(given.value, settings) as wiki:
            snapshot = wiki.snapshot(resume=resume, **options)
            requests = wiki.usage().requests + sum(requests_of_slices)
        address = str(snapshot.save_to(root, storage_options=storage_options.value))
    except ConfluenceError as error:
        return Fetched(name, None, False, 0, 0, error)
    if sliced is not None:
        sliced.clear()
    return Fetched(name, address, snapshot.complete, len(snapshot.gaps), requests, None)


def table(
    url: str | os.PathLike[str],
    name: str,
    *,
    taken: Moment | None = "latest",
    storage_options: StorageOptions | None = None,
) -> dask.dataframe.DataFrame:
    """A table of all sites as a Dask DataFrame, with the columns `site` and `taken`; one partition per snapshot.

    Args:
        url: Where the snapshots are, as in `snapshot_sites`.
        name: `spaces`, `contents`, `users`, `groups`, `memberships`, `space_permissions`, `restrictions` or `gaps`.
        taken: Of each site the last snapshot at or before this time; None takes all snapshots.
        storage_options: As in `Snapshot.save`.

    Raises:
        ConfigurationError: There is no such table, or the place cannot be used.
        MissingSnapshotError: There is no snapshot.
        ImportError: The extra `dask` is not installed.
    """
    if name not in _core.nouns():
        known = ", ".join(f"`{noun}`" for noun in _core.nouns())
        raise ConfigurationError(f"no table `{name}`: expected {known}")
    return _frame(url, partial(_noun, name), taken, storage_options)


def summary(
    url: str | os.PathLike[str], *, taken: Moment | None = "latest", storage_options: StorageOptions | None = None
) -> dask.dataframe.DataFrame:
    """`Access.summary` of all sites: one row per content item. The arguments are those of `table`."""
    return _frame(url, _summary, taken, storage_options)


def findings(
    url: str | os.PathLike[str], *, taken: Moment | None = "latest", storage_options: StorageOptions | None = None
) -> dask.dataframe.DataFrame:
    """`Access.findings` of all sites: one row per finding. The arguments are those of `table`."""
    return _frame(url, _findings, taken, storage_options)


def pairs(
    url: str | os.PathLike[str],
    operation: RestrictionOperationLike,
    *,
    taken: Moment | None = "latest",
    storage_options: StorageOptions | None = None,
) -> dask.dataframe.DataFrame:
    """`Access.pairs` of all sites: one row per account and content item. A worker holds the pairs of one snapshot.

    The other arguments are those of `table`.
    """
    return _frame(url, partial(_pairs, operation), taken, storage_options)


def _noun(name: str, snapshot: Snapshot) -> pandas.DataFrame:
    return cast("Table[Any]", getattr(snapshot, name)).to_pandas()


def _summary(snapshot: Snapshot) -> pandas.DataFrame:
    return snapshot.access().summary().to_pandas()


def _findings(snapshot: Snapshot) -> pandas.DataFrame:
    return snapshot.access().findings().to_pandas()


def _pairs(operation: RestrictionOperationLike, snapshot: Snapshot) -> pandas.DataFrame:
    import pyarrow as pa

    frame: pandas.DataFrame = pa.table(snapshot.access().pairs(operation)).to_pandas()
    return frame


def _frame(
    url: str | os.PathLike[str],
    ask: Callable[[Snapshot], pandas.DataFrame],
    taken: Moment | None,
    storage_options: StorageOptions | None,
) -> dask.dataframe.DataFrame:
    try:
        import dask.dataframe as dd
    except ImportError as error:
        raise ImportError("Dask DataFrames need Dask: pip install 'confluence-access[dask]'") from error
    root = saved.place(url, storage_options)
    found = saved.all_of(root, taken)
    if not found:
        raise MissingSnapshotError(f"`{root.address}` holds no snapshots by site (`site=…/taken=…/`)")
    parts = [(site, at, str(place.address)) for site, at, place in found]
    meta = _with_origin(ask(Snapshot.from_dict({})).iloc[:0], "", "")
    frame: dask.dataframe.DataFrame = cast("Any", dd).from_map(
        partial(_part, ask, Hidden(storage_options)), parts, meta=meta
    )
    return frame


def _part(
    ask: Callable[[Snapshot], pandas.DataFrame], storage_options: Hidden, part: tuple[str, str, str]
) -> pandas.DataFrame:
    site, taken, address = part
    return _with_origin(ask(Snapshot.load(address, storage_options=storage_options.value)), site, taken)


def _with_origin(frame: pandas.DataFrame, site: str, taken: str) -> pandas.DataFrame:
    import pandas as pd

    for at, (name, value) in enumerate((("site", site), ("taken", taken))):
        frame.insert(at, name, pd.Series([value] * len(frame), dtype=pd.Series(["text"]).dtype, index=frame.index))
    return frame
