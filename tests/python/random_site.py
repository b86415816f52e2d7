"""Random sites in plain data: everything that decides about access, mixed by chance."""

from __future__ import annotations

import random
from typing import Any

from confluence_access.types import Deployment

PERMISSIONS = ["view", "create_page", "edit_page", "administer", "delete_page", "restrict"]


def random_site(seed: int) -> tuple[dict[str, Any], Deployment]:
    """A site and its deployment, the same for the same seed."""
    chance = random.Random(seed)
    deployment: Deployment = chance.choice(["cloud", "datacenter"])
    users = [f"u{n}" for n in range(chance.randint(1, 9))]
    groups = [f"g{n}" for n in range(chance.randint(0, 4))]
    people = [f"user:{user}" for user in users]
    teams = [f"group:{group}" for group in groups]
    wide = ["anonymous", "class:all-licensed-users"] if deployment == "cloud" else ["anonymous", "unlicensed"]

    def some(subjects: list[str], most: int = 3) -> list[str]:
        return chance.sample(subjects, min(len(subjects), chance.randint(0, most)))

    def user(name: str) -> dict[str, Any]:
        known: dict[str, Any] = {"active": chance.random() < 0.85, "licensed": chance.random() < 0.85}
        if chance.random() < 0.9:
            known["email"] = f"{name}@example.org"
        if chance.random() < 0.1:
            known["app"] = True
        if deployment == "cloud" and chance.random() < 0.15:
            known["guest"] = True
        if chance.random() < 0.1:
            known["product_admin"] = True
        return known

    def grants() -> dict[str, list[str]]:
        listed = [*some(people), *some(teams), *(one for one in wide if chance.random() < 0.2)]
        return {one: ["view", *some(PERMISSIONS[1:])] if chance.random() < 0.9 else ["create_page"] for one in listed}

    spaces = {f"S{n}": {"grants": grants()} for n in range(chance.randint(1, 3))}
    contents: dict[str, dict[str, Any]] = {}
    for number in range(chance.randint(1, 12)):
        space = chance.choice(list(spaces))
        beside = [key for key, one in contents.items() if one["space"] == space and one["type"] != "attachment"]
        kind = chance.choice(["page", "page", "page", "blogpost", "folder", "attachment"])
        if kind == "attachment" and not beside:
            kind = "page"
        one: dict[str, Any] = {"type": kind, "space": space, "title": f"Content {number}"}
        if kind != "blogpost" and beside and (kind == "attachment" or chance.random() < 0.8):
            one["parent"] = chance.choice(beside)
        if kind == "page" and chance.random() < 0.1:
            one.update(status="draft", creator=chance.choice(people), shared_with=some([*people, *teams]))
        elif kind == "page" and chance.random() < 0.1:
            one["status"] = chance.choice(["archived", "trashed"])
        if kind == "folder" and chance.random() < 0.8:
            one["restrictions_verified"] = True
        contents[str(number)] = one
    restrictions = {
        key: {"view": some([*people, *teams], 4), "edit": some([*people, *teams], 2)}
        for key, one in contents.items()
        if one["type"] != "attachment" and chance.random() < 0.4
    }
    site: dict[str, Any] = {
        "users": {name: user(name) for name in users},
        "groups": {
            name: {"members": [*some(people, 5), *some(teams, 1)], "listable": chance.random() < 0.95}
            for name in groups
        },
        "spaces": spaces,
        "contents": contents,
        "restrictions": restrictions,
        "anonymous_enabled": chance.random() < 0.5,
    }
    if chance.random() < 0.2:
        site["unreadable"] = {chance.choice(list(contents)): "403"}
    if chance.random() < 0.3:
        site["policy"] = {"nested_groups": chance.choice([True, False])}
    return site, deployment
