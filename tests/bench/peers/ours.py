"""confluence-access: a snapshot, with its permissions, restrictions and members."""

from __future__ import annotations

from importlib.metadata import version

from reading import Facts, Site, told

from confluence_access import Confluence


def read(site: Site) -> Facts:
    """The snapshot; its rows are counted as columns."""
    with Confluence(
        site.url, username=site.username, token=site.token, max_concurrency=site.at_once, deployment="cloud"
    ) as wiki:
        snapshot = wiki.snapshot(strict=True)
    words = {"view": "read", "edit": "update"}
    lists, grants, rows = snapshot.restrictions, snapshot.space_permissions, snapshot.memberships
    return Facts(
        dict(zip(snapshot.contents.column("id"), snapshot.contents.column("parent_id"), strict=True)),
        {
            (content, words[operation], subject)
            for content, operation, subject in zip(
                lists.column("content_id"), lists.column("operation"), lists.column("subject_id"), strict=True
            )
        },
        {
            (space, subject, raw, permission)
            for space, subject, raw, permission in zip(
                *(grants.column(name) for name in ("space_key", "subject_id", "raw", "permission")), strict=True
            )
        },
        set(zip(rows.column("group_id"), rows.column("user_id"), strict=True)),
    )


if __name__ == "__main__":
    told(read, version("confluence-access"))
