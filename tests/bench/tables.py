"""Tables of a million rows as DataFrames, beside building the same from dicts.

.venv/bin/pip install '.[bench,pandas,polars]' && .venv/bin/python tests/bench/tables.py
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pandas
import polars
from machine import machine

from confluence_access import Snapshot
from confluence_access.tables import Table

# Each permission is a row.
PERMISSIONS = ["view", "create_page", "create_comment", "delete_own", "export"]


def permissions(rows: int) -> Table[Any]:
    """Eight columns of text."""
    grants = {f"group:group-{at}": PERMISSIONS for at in range(200)}
    groups: dict[str, Any] = {f"group-{at}": {} for at in range(200)}
    spaces = {f"SP{at}": {"grants": grants} for at in range(rows // (200 * len(PERMISSIONS)))}
    return Snapshot.from_dict({"groups": groups, "spaces": spaces}).space_permissions


def contents(rows: int) -> Table[Any]:
    """Sixteen columns of every kind."""
    users: dict[str, Any] = {f"u{at}": {} for at in range(50)}
    drafts = {"type": "page", "space": "ENG", "status": "draft", "created_at": "2026-01-02T03:04:05Z"}
    pages = {
        str(at): {**drafts, "title": f"Page {at}", "shared_with": [f"user:u{at % 50}", "user:u2"]} for at in range(rows)
    }
    return Snapshot.from_dict({"users": users, "spaces": {"ENG": {}}, "contents": pages}).contents


def seconds(work: Callable[[], object], turns: int) -> float:
    """The shortest of several turns."""
    took = []
    for _ in range(turns):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    print(machine())
    for name, table in (("permissions", permissions(options.rows)), ("contents", contents(options.rows))):
        made = seconds(table.to_dicts, 1)
        dicts = table.to_dicts()
        print(f"\n{name}: {len(table):,} rows, {len(table.columns)} columns")
        from_dicts = seconds(partial(pandas.DataFrame, dicts), 1)
        print(f"  to_pandas {seconds(table.to_pandas, 3):6.3f} s   pandas.DataFrame(dicts) {from_dicts:6.2f} s")
        from_dicts = seconds(partial(polars.DataFrame, dicts, infer_schema_length=None), 1)
        print(f"  to_polars {seconds(table.to_polars, 3):6.3f} s   polars.DataFrame(dicts) {from_dicts:6.2f} s")
        print(f"  to_arrow  {seconds(table.to_arrow, 3):6.3f} s   to_dicts                {made:6.2f} s")


if __name__ == "__main__":
    main()
