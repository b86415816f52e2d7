"""The simulator as a Data Center, from Python."""

from __future__ import annotations

import base64
import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import warnings
from typing import Any

import pytest

from confluence_access import Simulator

with warnings.catch_warnings():
    # Of its own making, not of ours.
    warnings.simplefilter("ignore")
    import atlassian


def get(url: str, **headers: str) -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        return json.load(answer)


def test_a_data_center_is_served_below_its_context_to_its_token_and_to_any_user_with_the_password():
    with Simulator("datacenter", pages=60, version="10.2.0", context="/confluence") as simulator:
        assert simulator.url.endswith("/confluence")
        current = f"{simulator.url}/rest/api/user/current"
        assert get(current, Authorization=f"Bearer {simulator.token}")["username"] == simulator.username
        pair = base64.b64encode(f"ann.berg:{simulator.password}".encode()).decode()
        assert get(current, Authorization=f"Basic {pair}")["displayName"] == "Ann Berg"
        assert get(current)["type"] == "anonymous"
        assert get(f"{simulator.url}/rest/api/server-information")["version"] == "10.2.0"
        assert simulator.unexpected == []
        assert [request.route for request in simulator.requests][:1] == ["GET /rest/api/user/current"]


def test_plain_data_describes_a_data_center_too():
    site = {
        "users": {"4028aa01": {"name": "ann"}},
        "groups": {"R&D / x": {"members": ["user:4028aa01"]}},
        "spaces": {"DOC": {"grants": {"group:R&D / x": ["view"]}}},
        "contents": {"1": {"type": "page", "space": "DOC"}},
    }
    with Simulator("datacenter", site=site) as simulator:
        rows = get(f"{simulator.url}/rest/api/space/DOC/permissions", Authorization=f"Bearer {simulator.token}")
        assert [row["subject"] for row in rows] == [{"type": "group", "name": "R&D / x"}]
        with pytest.raises(urllib.error.HTTPError, match="401"):
            get(f"{simulator.url}/rest/api/space")


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"version": "nine"}, "`nine` is no version"),
        ({"context": "confluence/"}, "`confluence/` is no context path"),
        ({"json_rpc": "maybe"}, "invalid `json_rpc` `maybe`"),
        ({"caller": "nobody"}, "`nobody` is none of the users"),
        (
            {"site": {"spaces": {"DOC": {}}, "contents": {"1": {"type": "folder", "space": "DOC"}}}},
            "`folder`, which Data Center does not have",
        ),
    ],
)
def test_an_option_that_makes_no_sense_is_refused_by_name(options, named):
    with pytest.raises(ValueError, match=re.escape(named)):
        Simulator("datacenter", **options)


def test_atlassian_python_api_reads_space_permissions_restrictions_and_groups():
    with Simulator("datacenter", pages=60) as simulator:
        session: Any = atlassian.Confluence(
            url=simulator.url, username=simulator.username, password=simulator.password, cloud=False
        )
        rows = session.get_all_space_permissions("ENG")
        keys = {row["operation"]["operationKey"] for row in rows if row.get("subject", {}).get("name") == "engineering"}
        assert {"read", "create"} <= keys
        assert session.get_permissions_granted_to_anonymous_for_space("PUB")[0]["operation"]["operationKey"] == "read"
        names = {group["name"] for group in session.get_all_groups()}
        assert "R&D / Platform+Core" in names
        members = session.get_group_members("engineering", expand="status")
        assert {"ann.berg", "bob.lind"} <= {member["username"] for member in members}
        roadmap = session.get_page_by_title("ENG", "Roadmap 2027")
        lists = session.get_all_restrictions_for_content(roadmap["id"])
        assert [group["name"] for group in lists["read"]["restrictions"]["group"]["results"]] == ["engineering"]
        session.close()
        assert simulator.unexpected == []


def test_serve_plays_a_data_center():
    code = "import sys; from confluence_access.cli import main; sys.exit(main())"
    arguments = ["serve", "--deployment", "datacenter", "--pages", "30", "--server-version", "8.5.4"]
    program = [sys.executable, "-u", "-c", code, *arguments, "--context", "/wiki2"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        assert server.stdout
        lines: list[str] = []
        while not any("password" in line for line in lines):
            lines.append(server.stdout.readline())
            assert lines[-1]
        values = dict(re.findall(r"export (\w+)=(\S+)", "".join(lines)))
        url, token = values["CONFLUENCE_URL"], values["CONFLUENCE_PERSONAL_TOKEN"]
        assert url.endswith("/wiki2")
        accept = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
        assert get(f"{url}/rest/applinks/1.0/manifest", **accept)["version"] == "8.5.4"
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=5)
    assert server.returncode == 130


def test_the_lines_of_the_audit_log_file_tell_what_the_api_tells():
    with Simulator("datacenter", pages=20, coverage={"END_USER_ACTIVITY": "ADVANCED"}, language="de") as simulator:
        events = f"{simulator.url}/rest/auditing/1.0/events?limit=1000"
        told = get(events, Authorization=f"Bearer {simulator.token}")["entities"]
        lines = [json.loads(line) for line in simulator.audit_log()]
        # The search just made is behind what it found.
        assert [line["auditType"]["actionI18nKey"] for line in reversed(lines[:-1])] == [
            event["type"]["actionI18nKey"] for event in told
        ]
        assert "Inhaltsbeschränkung hinzugefügt" in {line["auditType"]["action"] for line in lines}
    with Simulator(pages=20) as simulator:
        assert simulator.audit_log() == []
