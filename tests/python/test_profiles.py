"""Profiles: sites by name, their secrets in a keyring and nowhere else; and `doctor`."""

import io
import json
import os
import sys

import keyring
import keyring.backend
import keyring.errors
import pytest

from confluence_access import AsyncConfluence, ConfigurationError, Confluence, Simulator, cli, profiles

TOKEN = "ATATT-very-secret-token-0123456789"


class InMemory(keyring.backend.KeyringBackend):
    """A keyring of this test, through the interface of the package."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.kept = {}
        self.fails = False

    def get_password(self, service, username):
        if self.fails:
            raise keyring.errors.KeyringLocked(f"locked, and the secret was {TOKEN}")
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        if self.fails:
            raise keyring.errors.KeyringLocked(f"locked, and the secret was {TOKEN}")
        self.kept[service, username] = password

    def delete_password(self, service, username):
        del self.kept[service, username]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in list(os.environ):
        if name.startswith(("CONFLUENCE_", "ATLASSIAN_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def ring():
    before, ring = keyring.get_keyring(), InMemory()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture(params=["cloud", "datacenter"])
def site(request):
    with Simulator(request.param, pages=40, token=TOKEN) as simulator:
        yield simulator


@pytest.fixture
def run(capsys, monkeypatch):
    def run(*arguments, typed=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        code = cli.main(list(arguments))
        shown = capsys.readouterr()
        assert TOKEN not in shown.out + shown.err
        return code, shown.out, shown.err

    return run


def log_in(run, site, name="acme"):
    who = ["--username", site.username] if site._deployment == "cloud" else []
    return run("login", name, "--url", site.url, *who, typed=f"{TOKEN}\n")


def test_a_profile_is_stored_used_and_deleted(run, site, ring, monkeypatch):
    code, out, _ = log_in(run, site)
    assert code == 0
    assert "stored as profile acme" in out
    assert list(ring.kept.values()) == [TOKEN]
    text = profiles.path().read_text()
    assert TOKEN not in text
    assert site.url in text
    if os.name == "posix":
        assert profiles.path().stat().st_mode & 0o077 == 0
    with Confluence.from_profile("acme") as wiki:
        assert len(wiki.spaces()) > 3
        assert TOKEN not in repr(wiki)
    assert run("spaces", "--profile", "acme", "--json")[0] == 0
    assert run("spaces", "--json")[0] == 1, "no profile is named, and none is called default"
    monkeypatch.setenv("CONFLUENCE_PROFILE", "acme")
    assert json.loads(run("spaces", "--json")[1])
    assert run("profiles", "--format", "table")[1].splitlines()[1].split()[0] == "acme"
    assert [row["name"] for row in json.loads(run("profiles", "--json")[1])] == ["acme"]
    with Confluence.from_profile() as wiki:
        assert wiki.url == site.url
    assert run("logout", "acme")[0] == 0
    assert ring.kept == {}
    assert profiles.listed() == []
    code, _, err = run("logout", "acme")
    assert (code, "no profile `acme`" in err) == (1, True)


def test_the_profile_called_default_is_used_where_nothing_is_named(run, site, ring):
    assert log_in(run, site, "default")[0] == 0
    assert run("spaces", "--json")[0] == 0
    with Confluence.from_profile() as wiki:
        assert wiki.url == site.url

    async def ask():
        async with AsyncConfluence.from_profile(max_retries=0) as wiki:
            return await wiki.spaces()

    import asyncio

    assert len(asyncio.run(ask())) > 3


def test_a_secret_goes_to_its_own_site_only(run, site, ring):
    log_in(run, site)
    for call in (
        lambda: Confluence.from_profile("acme", url="https://other.atlassian.net"),
        lambda: Confluence.from_profile("acme", url=site.url.replace("http:", "https:")),
    ):
        with pytest.raises(ConfigurationError, match="is not sent to another site"):
            call()
    # Nor where somebody changed the file.
    file = profiles.path()
    file.write_text(file.read_text().replace(site.url, "https://evil.example"))
    with pytest.raises(ConfigurationError, match="the keyring has no secret for profile `acme`"):
        Confluence.from_profile("acme")


def test_a_secret_that_the_site_rejects_is_not_stored(run, site, ring):
    who = ["--username", site.username] if site._deployment == "cloud" else []
    code, _, err = run("login", "acme", "--url", site.url, *who, typed="wrong\n")
    assert (code, "wrong" in err, ring.kept, profiles.listed()) == (1, False, {}, [])
    assert run("login", "acme", "--url", site.url, *who, "--no-check", typed="wrong\n")[0] == 0
    code, _, err = run("login", "acme", "--url", site.url, typed="")
    assert (code, "no token was given" in err) == (1, True)
    code, _, err = run("login", "a b", "--url", site.url, *who, typed=f"{TOKEN}\n")
    assert (code, "invalid name of a profile" in err) == (1, True)
    assert run("login", "acme", typed=f"{TOKEN}\n")[0] == 1


def test_without_a_keyring_the_environment_is_named(run, site, ring, monkeypatch):
    log_in(run, site)
    ring.fails = True
    for call in (lambda: Confluence.from_profile("acme"), lambda: profiles.forget("acme")):
        with pytest.raises(ConfigurationError, match="KeyringLocked") as raised:
            call()
        assert TOKEN not in str(raised.value)
        assert raised.value.__cause__ is None
        assert raised.value.__suppress_context__
    code, _, err = log_in(run, site, "again")
    assert (code, "CONFLUENCE_API_TOKEN" in err) == (1, True)
    monkeypatch.setitem(sys.modules, "keyring", None)
    code, _, err = log_in(run, site, "again")
    assert (code, "confluence-access[keyring]" in err, "CONFLUENCE_API_TOKEN" in err) == (1, True, True)
    assert [one.name for one in profiles.listed()] == ["acme"]


def test_a_keyring_that_is_a_plain_file_is_refused(run, site, ring):
    class PlaintextKeyring(InMemory):
        pass

    keyring.set_keyring(PlaintextKeyring())
    code, _, err = log_in(run, site)
    assert (code, "writes secrets to a plain file" in err) == (1, True)


def test_every_text_survives_the_file(ring):
    odd = 'C:\\cert "a"\t\x7fé😀'
    profile = profiles.Profile(
        "x.y-1", "https://wiki.acme.com/wiki", odd, "password", "datacenter", None, odd, odd, odd
    )
    profiles.store(profile, TOKEN)
    assert profiles.listed() == [profile]
    assert profiles.kept(profile)["client_cert"] == (odd, odd)


@pytest.mark.parametrize(
    "text",
    ["[acme", "acme = 1", '["acme"]\nusername = "ann"', f'["acme"]\nurl = "https://x"\ntoken = "{TOKEN}"', "\udcff"],
)
def test_a_file_that_is_wrong_is_named_and_not_quoted(text, ring):
    profiles.path().parent.mkdir(parents=True)
    profiles.path().write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigurationError, match=r"profiles\.toml") as raised:
        Confluence.from_profile("acme")
    assert TOKEN not in str(raised.value)


def test_doctor_says_what_is_fit_for_use(run, site, monkeypatch, tmp_path):
    monkeypatch.setenv("CONFLUENCE_URL", site.url)
    if site._deployment == "cloud":
        monkeypatch.setenv("CONFLUENCE_USERNAME", site.username)
        monkeypatch.setenv("CONFLUENCE_API_TOKEN", TOKEN)
    else:
        monkeypatch.setenv("CONFLUENCE_PERSONAL_TOKEN", TOKEN)
    code, out, _ = run("doctor", "--json", "--folder", str(tmp_path))
    found = {row["check"]: row for row in json.loads(out)}
    assert code == 0, out
    assert {name: found[name]["state"] for name in ("server", "spaces", "groups", "audit log", "clock", "folder")} == {
        name: "ok" for name in ("server", "spaces", "groups", "audit log", "clock", "folder")
    }
    assert "CONFLUENCE_URL" in found["environment"]["found"]
    assert "request" in found["spaces"]["found"]
    assert found["certificate"]["state"] == "note"
    code, out, _ = run("doctor")
    assert (code, "✓ server" in out) == (0, True)


def test_doctor_names_what_is_wrong(run, site, monkeypatch, tmp_path):
    code, out, _ = run("doctor", "--json", "--folder", str(tmp_path / "none"))
    states = {row["check"]: row["state"] for row in json.loads(out)}
    assert (code, states["settings"], states["folder"]) == (1, "problem", "problem")
    monkeypatch.setenv("CONFLUENCE_URL", site.url)
    monkeypatch.setenv("CONFLUENCE_PERSONAL_TOKEN", "wrong-token")
    code, out, err = run("doctor", "--json")
    states = {row["check"]: row["state"] for row in json.loads(out)}
    assert (code, states["connection"], "wrong-token" in out + err) == (1, "problem", False)
    name = "CONFLUENCE_API_TOKEN" if site._deployment == "cloud" else "CONFLUENCE_PERSONAL_TOKEN"
    monkeypatch.setenv("CONFLUENCE_USERNAME", site.username)
    monkeypatch.setenv(name, TOKEN)
    site.fail("/audit", status=403)
    site.fail("/auditing", status=403)
    code, out, _ = run("doctor", "--json")
    log = next(row for row in json.loads(out) if row["check"] == "audit log")
    assert (code, log["state"], log["page"]) == (0, "note", "audit.md")
