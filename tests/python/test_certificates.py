"""Certificates of both sides, on servers that speak TLS."""

import asyncio
import datetime
import ipaddress
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tls_server import served

from confluence_access import AsyncConfluence, CertificateError, ConfigurationError, Confluence
from confluence_access.cli import main

TOKEN = "ATATT-very-secret-token-0123456789"
NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


def self_signed(
    folder: Path, names: list[x509.GeneralName], *, name: str = "server", start: int = -1, end: int = 30
) -> tuple[Path, ssl.SSLContext]:
    """A certificate as `openssl req -x509` makes it: signed by itself, and marked as that of an authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    builder = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(NOW + start * DAY)
        .not_valid_after(NOW + end * DAY)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    certificate, secret = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, secret)
    return certificate, context


def cloud(url: str, **settings: Any) -> Confluence:
    return Confluence(url, username="ann@acme.example", token=TOKEN, deployment="cloud", max_retries=0, **settings)


def refusal(url: str, **settings: Any) -> str:
    with cloud(url, **settings) as wiki, pytest.raises(CertificateError) as caught:
        wiki.spaces()
    text = str(caught.value)
    assert TOKEN not in text
    assert "\n" not in text
    return text


LOCALHOST: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]


def test_a_self_signed_certificate_given_as_ca_bundle_connects(tmp_path):
    certificate, context = self_signed(tmp_path, LOCALHOST)
    other, _ = self_signed(tmp_path, LOCALHOST, name="other")
    with served(context) as url:
        for address in (url, url.replace("localhost", "127.0.0.1")):
            with cloud(address, ca_bundle=certificate) as wiki:
                assert len(wiki.spaces()) == 0
        for settings in ({}, {"ca_bundle": other}):
            assert "give this very certificate as `ca_bundle=`" in refusal(url, **settings)


def test_a_self_signed_certificate_is_not_trusted_past_its_dates(tmp_path):
    for start, end, said in ((-30, -1, "has ended"), (1, 30, "is not valid yet")):
        certificate, context = self_signed(tmp_path, LOCALHOST, start=start, end=end)
        with served(context) as url:
            assert said in refusal(url, ca_bundle=certificate)


def test_a_certificate_for_other_names_says_for_which(tmp_path):
    names = [x509.DNSName("wiki.acme.example"), x509.DNSName("*.docs.example")]
    certificate, context = self_signed(tmp_path, list(names))
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("wiki.acme.example", "*.docs.example").configure_cert(issued)
    for trusted, secured in ((certificate, context), (tmp_path / "ca.pem", issued)):
        with served(secured) as url:
            text = refusal(url, ca_bundle=trusted)
            assert "is for `wiki.acme.example`, `*.docs.example`, not for `localhost`" in text


def test_a_certificate_with_a_common_name_only_says_what_it_lacks(tmp_path):
    certificate, context = self_signed(tmp_path, [])
    with served(context) as url:
        assert "has no subjectAltName" in refusal(url, ca_bundle=certificate)


@pytest.fixture
def mutual(tmp_path):
    """A server that wants a certificate of its authority: its authority's file, and the files of a client."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    client = authority.issue_cert("ann@acme.example")
    client.cert_chain_pems[0].write_to_path(tmp_path / "client.pem")
    client.private_key_pem.write_to_path(tmp_path / "client.key")
    client.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_client_certificate_is_shown_to_a_server_that_asks(mutual, tmp_path, version):
    mutual.minimum_version = mutual.maximum_version = version
    pair = (tmp_path / "client.pem", tmp_path / "client.key")
    strange = trustme.CA().issue_cert("ann@acme.example")
    strange.private_key_and_cert_chain_pem.write_to_path(tmp_path / "strange.pem")
    with served(mutual) as url:
        for given in (pair, tmp_path / "both.pem", str(tmp_path / "both.pem")):
            with cloud(url, ca_bundle=tmp_path / "ca.pem", client_cert=given) as wiki:
                assert len(wiki.spaces()) == 0
        text = refusal(url, ca_bundle=tmp_path / "ca.pem")
        assert "asks for a client certificate, and none was given: give `client_cert=" in text
        text = refusal(url, ca_bundle=tmp_path / "ca.pem", client_cert=tmp_path / "strange.pem")
        assert "does not accept the client certificate" in text


def test_the_client_certificate_comes_from_the_environment_and_the_console_too(mutual, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HOME", str(tmp_path))
    with served(mutual) as url:
        for name, value in (("URL", url), ("USERNAME", "ann@acme.example"), ("API_TOKEN", TOKEN)):
            monkeypatch.setenv(f"CONFLUENCE_{name}", value)
        said = ["groups", "--ca-bundle", "~/ca.pem"]
        files = ["--client-cert", "~/client.pem", "--client-key", "~/client.key"]
        assert main([*said, "--client-cert", "~/both.pem"]) == 0
        assert main([*said, *files]) == 0
        assert main([*said, *files[2:]]) != 0
        assert "--client-cert" in capsys.readouterr().err
        monkeypatch.setenv("CONFLUENCE_CLIENT_KEY", "~/client.key")
        with pytest.raises(ConfigurationError, match="CONFLUENCE_CLIENT_CERT"):
            Confluence.from_env(ca_bundle="~/ca.pem", deployment="cloud")
        monkeypatch.setenv("CONFLUENCE_CLIENT_CERT", "~/client.pem")

        async def asked() -> int:
            async with AsyncConfluence.from_env(ca_bundle="~/ca.pem", deployment="cloud") as wiki:
                return len(await wiki.spaces())

        assert asyncio.run(asked()) == 0


def test_a_page_of_nginx_that_asks_for_a_certificate_says_so(tmp_path):
    certificate, context = self_signed(tmp_path, LOCALHOST)
    page = b"<html><head><title>400 No required SSL certificate was sent</title></head></html>"
    head = b"HTTP/1.1 400 Bad Request\r\ncontent-type: text/html\r\nconnection: close\r\n"
    answer = head + b"content-length: %d\r\n\r\n" % len(page) + page
    with served(context, answer) as url, cloud(url, ca_bundle=certificate) as wiki:
        with pytest.raises(Exception, match="asks for a client certificate") as caught:
            wiki.spaces()
        assert "400" in str(caught.value)


def test_files_of_a_client_certificate_that_cannot_work_are_refused_and_not_shown(mutual, tmp_path):
    key = (tmp_path / "client.key").read_text()
    (tmp_path / "empty.pem").write_text("")
    (tmp_path / "broken.key").write_text(key.replace("\n", "\n!!", 2))
    (tmp_path / "locked.key").write_text(
        key.replace("EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY").replace("BEGIN PRIVATE", "BEGIN ENCRYPTED PRIVATE")
    )
    other = trustme.CA().issue_cert("bob@acme.example")
    other.private_key_pem.write_to_path(tmp_path / "other.key")
    pem = tmp_path / "client.pem"
    for given, said in (
        (tmp_path / "nowhere.pem", "cannot be read"),
        (tmp_path / "empty.pem", "holds no certificate"),
        (pem, "holds no private key: give `client_cert=(certificate, key)`"),
        ((pem, tmp_path / "nowhere.key"), "cannot be read"),
        ((pem, pem), "holds no private key"),
        ((pem, tmp_path / "broken.key"), "holds no private key"),
        ((pem, tmp_path / "locked.key"), "passphrase"),
        ((pem, tmp_path / "other.key"), "is not that of the first certificate"),
        ((tmp_path / "client.key", pem), "holds no certificate"),
        ("", "`client_cert` is empty"),
        ((pem,), "`client_cert` is `(certificate, key)`"),
        (7, "`client_cert` is `(certificate, key)`"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            cloud("https://wiki.acme.example", client_cert=given)
        text = str(caught.value)
        assert said in text
        assert not any(line in text for line in key.splitlines() if len(line) > 20)


def test_what_others_call_a_client_certificate_is_named():
    for word in ("cert", "client_certificate", "client_key"):
        settings: dict[str, Any] = {word: "x"}
        with pytest.raises(TypeError, match="did you mean `client_cert=`"):
            Confluence("https://wiki.acme.example", **settings)
