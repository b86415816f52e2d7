"""Every artefact the library can make, searched for every secret it was given."""

from __future__ import annotations

import asyncio
import base64
import copy
import gzip
import io
import json
import logging
import pickle
import socketserver
import ssl
import sys
import threading
import traceback
import urllib.parse
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keyring
import keyring.backend
import pyarrow.parquet
import pytest
import trustme
from tls_server import served

from confluence_access import (
    AsyncConfluence,
    Confluence,
    ConfluenceError,
    Plan,
    Simulator,
    Snapshot,
    cli,
    profiles,
)

USERNAME = "otto.admin@acme.example"
SECRETS = {
    "token": "ATATT-s3cr3t-of-the-token-0001",
    "password": "pa55-s3cr3t-of-the-password-0002",
    "cookie": "JSESS-s3cr3t-of-the-cookie-0003",
    "org_token": "ATCTT-s3cr3t-of-the-organization-0004",
    "proxy": "pr0xy-s3cr3t-0005",
    "profile": "ATATT-s3cr3t-of-the-profile-0006",
    "rotated": "ATATT-s3cr3t-of-the-function-0007",
}


def spellings(secret: str) -> set[bytes]:
    """How a secret may stand in something: plain, quoted, and in the base64 of a header."""
    both = {f"{user}:{secret}" for user in (USERNAME, "admin", "ann", "")}
    encoded = {base64.b64encode(text.encode()).decode().rstrip("=") for text in both}
    encoded |= {base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") for text in both}
    plain = {secret, urllib.parse.quote(secret, safe=""), secret.encode().hex(), secret[::-1], secret.upper()}
    return {text.encode() for text in plain | encoded}


def layers(data: bytes) -> Iterator[bytes]:
    """The bytes, and what is compressed inside them."""
    yield data
    for at in range(len(data)):
        if data[at : at + 3] == b"\x1f\x8b\x08":
            try:
                yield zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data[at:])
            except zlib.error:
                continue


class Found:
    """Artefacts, by what they are."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def add(self, name: str, what: object) -> None:
        data = what if isinstance(what, bytes) else str(what).encode("utf-8", "surrogatepass")
        self.kept[f"{name} #{len(self.kept)}"] = data

    def value(self, name: str, value: Any) -> None:
        """Everything a value shows of itself."""
        self.add(f"{name} repr", repr(value))
        self.add(f"{name} str", str(value))
        self.add(f"{name} dir", {key: repr(getattr(value, "__dict__", {}).get(key)) for key in dir(value)})
        for method in ("_repr_html_", "to_dicts", "to_dict"):
            if callable(getattr(value, method, None)):
                self.add(f"{name} {method}", getattr(value, method)())
        for copied in (pickle.dumps, copy.copy, copy.deepcopy):
            try:
                made = copied(value)
            except Exception as error:
                self.add(f"{name} {copied.__name__} refused", f"{error!r} {traceback.format_exc()}")
            else:
                self.add(f"{name} {copied.__name__}", made if isinstance(made, bytes) else repr(made))

    def error(self, name: str, call: Callable[[], object]) -> None:
        """What the error of a call shows, its causes, and its traceback."""
        with pytest.raises((ConfluenceError, TypeError, ValueError)) as raised:
            call()
        error: BaseException | None = raised.value
        # Without the source lines: those of this test are not of the library.
        self.add(f"{name} traceback", "".join(traceback.format_exception_only(raised.value)))
        while error is not None:
            self.value(f"{name} {type(error).__name__}", error)
            self.add(f"{name} attributes", vars(error))
            error = error.__cause__ or error.__context__

    def folder(self, name: str, folder: Path) -> None:
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        assert files, f"{name}: nothing was written"
        for path in files:
            self.add(f"{name} {path.name}", path.read_bytes())
            self.add(f"{name} name", str(path.relative_to(folder)))
            if path.suffix == ".parquet":
                table = pyarrow.parquet.read_table(path)
                self.add(f"{name} {path.name} rows", table.to_pylist())
                self.add(f"{name} {path.name} metadata", table.schema.metadata)
            if path.suffix == ".gz":
                self.add(f"{name} {path.name} unpacked", gzip.decompress(path.read_bytes()))

    def holds(self, secret: str) -> list[str]:
        wanted = spellings(secret)
        found = []
        for name, data in self.kept.items():
            if any(text in layer for layer in layers(data) for text in wanted):
                found.append(name)
        return found

    def are_clean(self, secrets: dict[str, str] = SECRETS) -> None:
        leaks = {name: self.holds(secret) for name, secret in secrets.items()}
        assert {name: where for name, where in leaks.items() if where} == {}


@pytest.fixture
def found(caplog, capfd) -> Iterator[Found]:
    caplog.set_level(logging.DEBUG)
    found = Found()
    yield found
    found.add("log", caplog.text)
    found.add("log records", [vars(record) for record in caplog.records])
    shown = capfd.readouterr()
    found.add("stdout", shown.out)
    found.add("stderr", shown.err)
    found.are_clean()


def site(deployment: str, **options: Any) -> Simulator:
    token, password, org = (SECRETS[name] for name in ("token", "password", "org_token"))
    options = {"pages": 40, "username": USERNAME, "token": token, "password": password, **options}
    simulator = Simulator(deployment, **options)  # type: ignore[arg-type]  # a word of the parametrization
    cookie = {"Set-Cookie": f"JSESSIONID={SECRETS['cookie']}; Path=/; HttpOnly", "X-Echo": f"{token} {password} {org}"}
    simulator.fail("", effect="headers", headers=cookie)
    return simulator


def clients(simulator: Simulator, deployment: str, **options: Any) -> list[Confluence]:
    if deployment == "cloud":
        function = simulator.connect(token=lambda: SECRETS["token"], username=None, **options)
        org: dict[str, Any] = {"org_token": SECRETS["org_token"], "org_url": simulator.url, "org_id": simulator.org_id}
        return [simulator.connect(**org, **options), function]
    return [simulator.connect(**options), simulator.connect(username=USERNAME, **options)]


def test_the_search_finds_a_secret_in_every_spelling(tmp_path):
    for how in (
        lambda secret: f"before {secret} behind",
        lambda secret: "Basic " + base64.b64encode(f"{USERNAME}:{secret}".encode()).decode(),
        lambda secret: gzip.compress(secret.encode()),
        lambda secret: urllib.parse.quote(secret),
    ):
        found = Found()
        found.add("leak", how(SECRETS["token"]))
        with pytest.raises(AssertionError, match="leak #0"):
            found.are_clean()
    found = Found()
    found.add("nothing", "nothing")
    found.are_clean()


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_what_a_client_reads_and_writes_holds_no_secret(deployment, found, tmp_path):
    with site(deployment) as simulator:
        for at, wiki in enumerate(clients(simulator, deployment)):
            with wiki:
                found.value("client", wiki)
                found.value("server", wiki.server())
                found.value("usage", wiki.usage())
                snapshot = wiki.snapshot(resume=tmp_path / f"checkpoint{at}", progress=True)
                found.value("snapshot", snapshot)
                for name in ("spaces", "contents", "users", "groups", "memberships", "space_permissions", "gaps"):
                    table = getattr(snapshot, name)
                    found.value(name, table)
                    found.add(f"{name} csv", table.to_pandas().to_csv())
                    found.add(f"{name} arrow", table.to_arrow().to_pylist())
                snapshot.save(tmp_path / f"saved{at}")
                found.folder("saved", tmp_path / f"saved{at}")
                found.value("loaded", Snapshot.load(tmp_path / f"saved{at}"))
                access = snapshot.access()
                found.value("access", access)
                found.add("findings", access.findings().to_dicts())
                found.add("explanation", access.explain("anonymous", "view", snapshot.contents[0].id))
                plan = Plan().grant("ENG", "group:engineering", ["view"])
                plan.save(tmp_path / f"plan{at}.json")
                found.add("plan", (tmp_path / f"plan{at}.json").read_bytes())
                found.value("written", wiki.apply(plan, dry_run=True))
                found.value("granted", wiki.grant("ENG", "group:engineering", ["view"], dry_run=True))
                found.value("audit", wiki.audit())
        found.folder("everything", tmp_path)


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_the_console_writes_no_secret(deployment, found, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    with site(deployment) as simulator:
        monkeypatch.setenv("CONFLUENCE_URL", simulator.url)
        monkeypatch.setenv("HTTPS_PROXY", f"http://ann:{SECRETS['proxy']}@127.0.0.1:9")
        if deployment == "cloud":
            monkeypatch.setenv("CONFLUENCE_USERNAME", USERNAME)
            monkeypatch.setenv("CONFLUENCE_API_TOKEN", SECRETS["token"])
            monkeypatch.setenv("ATLASSIAN_ORG_TOKEN", SECRETS["org_token"])
        else:
            monkeypatch.setenv("CONFLUENCE_USERNAME", USERNAME)
            monkeypatch.setenv("CONFLUENCE_PASSWORD", SECRETS["password"])
        for line in (
            "spaces --json",
            "groups --format csv",
            "report --out report",
            "snapshot --out saved --resume",
            "findings",
            "space-access --format csv",
            "changes --since 30d --json",
            "doctor",
            "no-such-command",
            "contents NOWHERE",
        ):
            try:
                cli.main(line.split())
            except SystemExit as ended:
                found.add(line, repr(ended))
        simulator.heal()
        simulator.fail("", status=401, body=f"{SECRETS['token' if deployment == 'cloud' else 'password']} is not ours")
        assert cli.main(["spaces"]) != 0
    assert (tmp_path / "report").is_dir()
    found.folder("files", tmp_path)


def faults(secrets: list[str]) -> list[dict[str, Any]]:
    """Servers that repeat secrets wherever they can."""
    repeats = f"refused: {' '.join(secrets)} {' '.join(basic(secret) for secret in secrets)}"
    first, last = urllib.parse.quote(secrets[0]), urllib.parse.quote(secrets[-1])
    return [
        *({"status": status, "body": repeats} for status in (400, 401, 403, 404, 409, 410, 429, 500, 503)),
        {"status": 401, "body": json.dumps({"message": repeats})},
        {"status": 403, "body": f"<html><head><title>{repeats}</title></head></html>"},
        {"effect": "body", "body": repeats},
        {"effect": "body", "body": json.dumps({"results": repeats})},
        {"effect": "login_page"},
        {"effect": "truncated"},
        {"effect": "drop"},
        {"effect": "redirect", "location": f"https://evil.example/{first}?t={last}"},
        {"effect": "redirect", "location": f"https://{last}@evil.example/"},
        {"effect": "deep"},
        {"effect": "expire"},
        {"effect": "quota", "seconds": 4000},
        {"effect": "headers", "headers": {"x-seraph-loginreason": "AUTHENTICATED_FAILED", "x-request-id": repeats}},
    ]


def basic(secret: str) -> str:
    return base64.b64encode(f"{USERNAME}:{secret}".encode()).decode()


@contextmanager
def plainly(answer: bytes) -> Iterator[str]:
    """A server in the clear that answers everything with `answer`."""

    class Answers(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if self.request.recv(65536):
                self.request.sendall(answer)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("deployment", ["cloud", "datacenter"])
def test_no_error_repeats_a_secret_whatever_the_server_says(deployment: str, found: Found) -> None:
    # What each of the clients was given: that another text is a secret, it cannot know.
    given = [["token", "org_token"], ["token"]] if deployment == "cloud" else [["token"], ["password"]]
    asked = ["spaces", "groups", "snapshot", "audit", "server"]
    for at, secrets in enumerate(given):
        for number, fault in enumerate(faults([SECRETS[name] for name in secrets])):
            with site(deployment) as simulator:
                simulator.heal()
                simulator.fail("", **fault)
                # Waiting for a second attempt would take minutes; what is logged of one is in test_logging.py.
                with clients(simulator, deployment, max_retries=0)[at] as wiki:
                    name = asked[(number + at) % len(asked)]
                    what = f"{fault.get('effect', fault.get('status'))} {name}"
                    try:
                        found.value(what, getattr(wiki, name)())
                    except ConfluenceError:
                        found.error(what, getattr(wiki, name))
                    found.value("client", wiki)


def test_of_a_secret_that_a_message_is_cut_in_nothing_is_left(found: Found) -> None:
    cut = 0
    with Simulator(pages=20, username=USERNAME, token=SECRETS["token"]) as simulator:
        for fault in ('{"message": "%s"}', "<html><head><title>%s</title></head></html>", "%s"):
            for before in (*range(40, 80), *range(200, 240)):
                simulator.heal()
                simulator.fail("", status=403, body=fault % f"{'- ' * (before // 2)}{SECRETS['token']} behind")
                with (
                    simulator.connect(max_retries=0) as wiki,
                    pytest.raises(ConfluenceError) as raised,
                ):
                    wiki.spaces()
                assert SECRETS["token"][:4] not in str(raised.value)
                cut += "***…" in str(raised.value)
                found.add("error", raised.value)
    assert cut > 10


@pytest.mark.parametrize("password", ["pa`55-s3cr3t-0008", "pa  55 s3cr3t-0009", "pä%55/s3cr3t&0010"])
def test_a_password_is_hidden_however_a_message_spells_it(password: str, found: Found) -> None:
    spelled = [password, urllib.parse.quote(password, safe=""), json.dumps(password)[1:-1]]
    spelled.append(base64.b64encode(f"{USERNAME}:{password}".encode()).decode())
    with Simulator("datacenter", pages=20, username=USERNAME, password=password) as simulator:
        for spelling in spelled:
            said = f"who is {spelling} then?"
            # As it is, and in JSON that escapes it; a quotation mark would end a text that is not escaped.
            for body in (json.dumps({"message": said}), f'{{"message": "{said}"}}'):
                simulator.heal()
                simulator.fail("", status=403, body=body)
                with simulator.connect(username=USERNAME) as wiki, pytest.raises(ConfluenceError) as raised:
                    wiki.spaces()
                assert "who is *** then?" in str(raised.value)
                found.add("error", str(raised.value))
                assert found.holds(password) == []


@pytest.mark.parametrize("password", [SECRETS["proxy"], "pr@xy/s3cr3t:0011"])
def test_what_a_proxy_repeats_of_its_login_is_hidden(password: str, found: Found) -> None:
    login = base64.b64encode(f"ann:{password}".encode()).decode()
    quoted = urllib.parse.quote(password, safe="")
    for repeated in (password, quoted, login):
        body = json.dumps({"message": f"I know {repeated} not"}).encode()
        head = "HTTP/1.1 403 Forbidden\r\nconnection: close\r\ncontent-type: application/json\r\n"
        head += f"content-length: {len(body)}\r\n\r\n"
        with plainly(head.encode() + body) as address:
            proxy = f"http://ann:{quoted}@{address}"
            who: dict[str, Any] = {"username": USERNAME, "token": SECRETS["token"], "deployment": "cloud"}
            with (
                Confluence("http://127.0.0.1:9", **who, proxy=proxy, max_retries=0) as wiki,
                pytest.raises(ConfluenceError) as raised,
            ):
                wiki.spaces()
        assert "I know *** not" in str(raised.value)
        found.add("error", vars(raised.value))


def test_no_refused_setting_repeats_a_secret(found, tmp_path):
    token, password, proxy = SECRETS["token"], SECRETS["password"], SECRETS["proxy"]
    url = "http://127.0.0.1:9"
    who: dict[str, Any] = {"username": USERNAME, "token": token, "max_retries": 0}
    for settings in (
        {"url": f"https://ann:{password}@acme.atlassian.net", **who},
        {"url": url, **who, "proxy": f"http://ann:{proxy}@127.0.0.1:9"},
        {"url": url, **who, "proxy": f"nonsense://ann:{proxy}@:::"},
        {"url": url, **who, "org_token": f"{SECRETS['org_token']}\n"},
        {"url": url, **who, "timeout": 0},
        {"url": url, **who, "password": password},
        {"url": url, "username": USERNAME, "token": f"{token}\n\x00"},
        {"url": url, "username": USERNAME, "password": f"{password}\ud800"},
        {"url": url, **who, "tokken": token},
        {"url": url, "username": USERNAME, "token": token.encode()},
    ):
        found.error("setting", lambda settings=settings: Confluence(**settings).spaces())
        given: Any = settings

        async def ask(given: Any = given) -> None:
            async with AsyncConfluence(**given) as wiki:
                await wiki.spaces()

        found.error("awaited", lambda ask=ask: asyncio.run(ask()))


def test_a_function_that_gives_tokens_leaks_none(found):
    def give() -> str:
        raise ConnectionError("vault is away")

    with site("cloud") as simulator:
        with simulator.connect(username=None, token=lambda: SECRETS["rotated"]) as wiki:
            found.value("client", wiki)
            found.error("refused", wiki.spaces)
        with simulator.connect(username=None, token=give) as wiki, pytest.raises(ConnectionError):
            wiki.spaces()


def test_the_private_key_of_a_client_certificate_is_nowhere(found, tmp_path):
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    client = authority.issue_cert("ann@acme.example")
    client.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    key = client.private_key_pem.bytes().decode()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    settings: dict[str, Any] = {"username": USERNAME, "token": SECRETS["token"], "deployment": "cloud"}
    with served(context) as url:
        settings |= {"ca_bundle": tmp_path / "ca.pem", "client_cert": str(tmp_path / "both.pem")}
        with Confluence(url, **settings) as wiki:
            found.value("client", wiki)
            found.value("spaces", wiki.spaces())
        settings["ca_bundle"] = None
        found.error("untrusted", lambda: Confluence(url, **settings).spaces())
    (tmp_path / "cut.pem").write_text(key[: len(key) // 2])
    settings["client_cert"] = str(tmp_path / "cut.pem")
    found.error("cut", lambda: Confluence("https://localhost:9", **settings).spaces())
    lines = [line for line in key.splitlines() if "-----" not in line]
    assert len(lines) > 2
    found.are_clean({f"line {at}": line for at, line in enumerate(lines) if len(line) > 20})


class InMemory(keyring.backend.KeyringBackend):
    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


def test_the_secret_of_a_profile_is_in_the_keyring_alone(found, tmp_path, monkeypatch):
    before, ring = keyring.get_keyring(), InMemory()
    keyring.set_keyring(ring)
    try:
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{SECRETS['profile']}\n"))
        with Simulator(pages=20, username=USERNAME, token=SECRETS["profile"]) as simulator:
            assert cli.main(["login", "acme", "--url", simulator.url, "--username", USERNAME]) == 0
            assert list(ring.kept.values()) == [SECRETS["profile"]]
            with Confluence.from_profile("acme") as wiki:
                found.value("client", wiki)
            for profile in profiles.listed():
                found.value("profile", profile)
            simulator.fail("", status=401, body=SECRETS["profile"])
            with Confluence.from_profile("acme") as wiki:
                found.error("refused", wiki.spaces)
        found.folder("profiles", tmp_path)
    finally:
        keyring.set_keyring(before)
