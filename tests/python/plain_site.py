"""A small site in plain data that has something of everything a snapshot can hold."""

from __future__ import annotations

from typing import Any


def plain_site() -> dict[str, Any]:
    return {
        "anonymous_enabled": True,
        "role_mode": "ROLES_TRANSITION",
        "caller": "user:ann",
        "users": {
            "ann": {"email": "ann@example.org", "name": "ann.lee", "display_name": "Ann Lee", "product_admin": True},
            "bob": {"email": "bob@example.org", "name": "bob", "display_name": "Bob <b>Bold</b>"},
            "cat": {"guest": True},
            "dan": {"active": False},
            "eve": {"name": "twin"},
            "eva": {"name": "twin"},
        },
        "groups": {
            "all": {"members": ["group:eng", "user:cat"], "name": "everybody"},
            "eng": {"members": ["user:ann", "group:platform"], "source": "directory"},
            "platform": {"members": ["user:bob", "group:eng"], "listable": False},
        },
        "roles": {"Viewer": ["view"]},
        "spaces": {
            "ENG": {
                "name": "Engineering",
                "homepage": "1",
                "grants": {"group:eng": ["view", "create_page"], "user:bob": ["view"], "anonymous": ["view"]},
                "role_assignments": {"class:all-licensed-users": ["Viewer"]},
            },
            "~ann": {"type": "personal", "owner": "user:ann", "grants": {"user:ann": ["view", "administer"]}},
        },
        "contents": {
            "1": {"type": "page", "space": "ENG", "title": "Home", "created_at": "2026-01-02T03:04:05.678901Z"},
            "2": {"type": "page", "space": "ENG", "title": "Plans & <i>dates</i>", "parent": "1", "public_link": True},
            "3": {"type": "page", "space": "ENG", "parent": "2", "creator": "user:ann"},
            "4": {
                "type": "page",
                "space": "ENG",
                "status": "draft",
                "creator": "user:ann",
                "shared_with": ["user:bob", "group:eng"],
            },
            "5": {"type": "folder", "space": "ENG", "parent": "1", "restrictions_verified": True},
            "6": {"type": "page", "space": "~ann"},
        },
        "restrictions": {"2": {"read": ["group:eng", "team:x:y"], "update": ["user:ann"]}},
        "unreadable": {"3": "403"},
        "gaps": [{"scope": "space", "subject": "HR", "cause": "forbidden", "status": 403, "message": "not readable"}],
        "policy": {"nested_groups": True, "untrusted_empty_types": ["folder", "database"]},
    }
