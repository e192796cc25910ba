"""Whom a context trusts and as whom it appears, from files in whatever form. No sockets."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import certifi
import pytest
import trustme
import truststore
from cryptography.hazmat.primitives import serialization

from gpo_client.http import tls
from gpo_client.http.tls import Trust, UnusableFileError, authorities_of, tls_context
from tests.support.parts import installed

_HOST = "gpo.example.com"
_GARBAGE = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
Files = Callable[[str], str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, authority: trustme.CA) -> Path:
    """The authority in all forms in which people have one, certificates of a client, and what is none."""
    folder, client, stranger = tmp_path_factory.mktemp("files"), authority.issue_cert("client"), trustme.CA()
    pem, key = authority.cert_pem.bytes(), client.private_key_pem.bytes()
    locked = serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"pa.ss")
    )
    for name, data in {
        "ca.pem": pem,
        "ca.der": ssl.PEM_cert_to_DER_cert(pem.decode()),
        "stranger.pem": stranger.cert_pem.bytes(),
        "loose/company.crt": pem,
        "loose/README": b"no certificate",
        "loose/key.pem": key,
        "mixed/company.DER": ssl.PEM_cert_to_DER_cert(pem.decode()),
        "mixed/stranger.cer": stranger.cert_pem.bytes(),
        "hashed/company.pem": pem,
        "readme/README": pem,
        "damaged/company.pem": pem,
        "damaged/other.pem": _GARBAGE,
        "keys/key.pem": key,
        "client.pem": client.private_key_and_cert_chain_pem.bytes(),
        "client.crt": client.cert_chain_pems[0].bytes(),
        "client.key": key,
        "locked.key": locked,
        "stranger.key": authority.issue_cert("client").private_key_pem.bytes(),
        "garbage.pem": _GARBAGE,
        "attribute.pem": _GARBAGE.replace(b"CERTIFICATE", b"ATTRIBUTE CERTIFICATE"),
        "text": b"no certificate",
        "nothing": b"",
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    subprocess.run([installed("openssl"), "rehash", str(folder / "hashed")], check=True, capture_output=True)
    (folder / "hashed" / "garbage.pem").write_bytes(_GARBAGE)  # by its name nobody looks for it
    return folder


@pytest.fixture
def file(folder: Path) -> Files:
    """The path of a file, by its name there."""
    return lambda name: str(folder / name)


def _meet(context: ssl.SSLContext, authority: trustme.CA, *, wants_certificate: bool = False) -> ssl.SSLObject:
    """Shake hands with a server of the authority's; return its end. Raises what goes wrong at either end."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.set_alpn_protocols(["h2", "http/1.1"])
    authority.issue_cert(_HOST).configure_cert(serving)
    if wants_certificate:
        authority.configure_trust(serving)
        serving.verify_mode = ssl.CERT_REQUIRED
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [context.wrap_bio(down, up, server_hostname=_HOST), serving.wrap_bio(up, down, server_side=True)]
    for _ in range(4):
        for end in ends:
            with suppress(ssl.SSLWantReadError):
                end.do_handshake()
    return ends[1]


_FORMS = [
    (("ca.pem",), 1),
    (("ca.der",), 1),
    (("stranger.pem", "ca.pem"), 2),
    (("loose",), 1),
    (("mixed",), 2),
    (("hashed",), 0),  # read as they are needed
    (("client.pem", "ca.pem"), 1),
]


@pytest.mark.parametrize(("names", "count"), _FORMS)
def test_authorities(names: tuple[str, ...], count: int, file: Files, authority: trustme.CA) -> None:
    """Files and folders, in PEM or DER, with hashed names or without: they are trusted, and nobody else."""
    context = tls_context(Trust(authorities=tuple(map(file, names))))
    assert len(context.get_ca_certs()) == count
    assert _meet(context, authority).selected_alpn_protocol() == "http/1.1"
    with pytest.raises(ssl.SSLCertVerificationError):
        _meet(context, trustme.CA())


def test_nobody_is_verified(authority: trustme.CA) -> None:
    """Where that is asked for: neither whose certificate it is, nor for which host."""
    context = tls_context(Trust(is_verified=False))
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)
    _meet(context, authority)


@pytest.mark.parametrize("shown", [("client.pem", None, None), ("client.crt", "client.key", None)])
def test_certificates_of_clients(shown: tuple[str, str | None, str | None], file: Files, authority: trustme.CA) -> None:
    """With the key in the same file or another."""
    certificate, key, password = shown
    trust = Trust(True, (file("ca.pem"),), "system", file(certificate), key and file(key), password)
    assert _meet(tls_context(trust), authority, wants_certificate=True).getpeercert()
    with pytest.raises(ssl.SSLError):
        _meet(tls_context(Trust(authorities=(file("ca.pem"),))), authority, wants_certificate=True)


def test_a_key_that_is_locked(file: Files, authority: trustme.CA) -> None:
    """It opens by its password, which is not shown."""
    trust = Trust(True, (file("ca.pem"),), "system", file("client.crt"), file("locked.key"), "pa.ss")
    assert _meet(tls_context(trust), authority, wants_certificate=True).getpeercert()
    assert "pa.ss" not in repr(trust)


_NONE, _NO_PAIR = "it holds no certificate", "it holds no certificate, or no private key, in PEM"
_UNUSABLE: list[tuple[dict[str, Any], str, str]] = [
    ({"authorities": ("gone.pem",)}, "gone.pem", "No such file or directory"),
    ({"authorities": ("ca.pem", "gone.pem")}, "gone.pem", "No such file or directory"),
    ({"authorities": ("client.key",)}, "client.key", _NONE),
    ({"authorities": ("keys",)}, "keys", _NONE),
    ({"authorities": ("readme",)}, "readme", _NONE),
    ({"authorities": ("attribute.pem",)}, "attribute.pem", _NONE),
    ({"authorities": ("text",)}, "text", "it holds no certificate in PEM or DER"),
    ({"authorities": ("nothing",)}, "nothing", "it holds no certificate in PEM or DER"),
    ({"authorities": ("garbage.pem",)}, "garbage.pem", "it holds no certificate in PEM or DER"),
    ({"authorities": ("damaged",)}, "damaged/other.pem", "it holds no certificate in PEM or DER"),
    ({"certificate": "gone.pem"}, "gone.pem", "No such file or directory"),
    ({"certificate": "text"}, "text", _NO_PAIR),
    ({"certificate": "client.crt"}, "client.crt", _NO_PAIR),
    ({"certificate": "client.crt", "key": "text"}, "text", _NO_PAIR),
    ({"certificate": "client.crt", "key": "stranger.key"}, "stranger.key", "the key is not that of the certificate"),
    (
        {"certificate": "client.crt", "key": "locked.key"},
        "locked.key",
        "the key is encrypted, and there is no password",
    ),
    (
        {"certificate": "client.crt", "key": "locked.key", "password": "wrong"},
        "locked.key",
        "the password is not that of the key",
    ),
]


@pytest.mark.parametrize(("named", "path", "reason"), _UNUSABLE)
def test_files_that_are_none(named: dict[str, Any], path: str, reason: str, file: Files) -> None:
    """Which, and what is wrong with it; nobody is asked for a password."""
    given: dict[str, Any] = {
        name: tuple(map(file, value)) if name == "authorities" else value if name == "password" else file(value)
        for name, value in named.items()
    }
    with pytest.raises(UnusableFileError) as caught:
        tls_context(Trust(**given))
    assert (caught.value.path, str(caught.value)) == (file(path), f"{file(path)} cannot be used: {reason}")


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied"), OSError("Permission denied")], ids=["system", "other"]
)
@pytest.mark.parametrize(("name", "method"), [("loose", "iterdir"), ("ca.pem", "read_bytes")])
def test_files_that_cannot_be_read(
    name: str, method: str, error: OSError, file: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system says it, or whoever does."""

    def refuse(_: Path) -> None:
        raise error

    trust = Trust(authorities=(file(name),))
    monkeypatch.setattr(Path, method, refuse)
    with pytest.raises(UnusableFileError) as caught:
        tls_context.__wrapped__(trust)
    assert str(caught.value) == f"{file(name)} cannot be used: Permission denied"


@pytest.mark.parametrize("changed", ["ca.pem", "client.crt", "client.key"])
def test_a_file_that_has_changed(changed: str, file: Files) -> None:
    """What is made from then on has what it holds now; before that one context is shared."""
    named = (file("ca.pem"), file("gone.pem")), file("client.crt"), file("client.key")

    def trust() -> Trust:
        return Trust(authorities=named[0], certificate=named[1], key=named[2])

    before = trust()
    assert before == trust()
    os.utime(file(changed), (1, 1))
    assert before != trust()
    assert len(before.versions) == 3


_PATHS = ssl.DefaultVerifyPaths("", "", "", "/no/such/file", "", "/no/such/folder")


@pytest.mark.parametrize(
    ("paths", "systems", "found"),
    [
        ({"openssl_cafile": "ca.pem"}, ["stranger.pem"], {"cafile": "ca.pem", "capath": None}),
        ({}, ["gone.pem", "stranger.pem", "ca.pem"], {"cafile": "stranger.pem", "capath": None}),
        ({"openssl_capath": "hashed"}, [], {"cafile": None, "capath": "hashed"}),
        ({"openssl_cafile": "ca.pem", "openssl_capath": "hashed"}, [], {"cafile": "ca.pem", "capath": "hashed"}),
        ({"openssl_capath": "empty"}, [], {"cafile": certifi.where()}),
        ({"openssl_capath": "ca.pem", "openssl_cafile": "hashed"}, [], {"cafile": certifi.where()}),
        ({}, [], {"cafile": certifi.where()}),
    ],
)
def test_the_authorities_of_a_system(
    paths: dict[str, str],
    systems: list[str],
    found: dict[str, str | None],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where OpenSSL was built to look, then where systems keep them; certifi's where there are none."""
    (folder / "empty").mkdir(exist_ok=True)
    known = _PATHS._replace(**{name: str(folder / path) for name, path in paths.items()})
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: known)
    monkeypatch.setattr(tls, "_SYSTEM_FILES", [str(folder / name) for name in systems])
    assert authorities_of("system") == {name: path and str(folder / path) for name, path in found.items()}


def test_the_system_is_trusted_unless_somebody_is_named(file: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nobody beside it."""
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: _PATHS)
    monkeypatch.setattr(tls, "_SYSTEM_FILES", [file("ca.pem")])
    assert len(tls_context.__wrapped__(Trust()).get_ca_certs()) == 1


def test_the_authorities_of_certifi() -> None:
    """Where they are asked for."""
    assert authorities_of("certifi") == {"cafile": certifi.where()}
    made = tls_context.__wrapped__(Trust(store="certifi"))
    assert len(made.get_ca_certs()) == len(ssl.create_default_context(cafile=certifi.where()).get_ca_certs())


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_systems_that_verify_themselves(platform: str, file: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are asked, unless authorities are named."""
    monkeypatch.setattr(sys, "platform", platform)
    made = tls_context.__wrapped__(Trust())
    assert type(made) is truststore.SSLContext
    assert type(tls_context.__wrapped__(Trust(authorities=(file("ca.pem"),)))) is ssl.SSLContext
    assert type(tls_context.__wrapped__(Trust(store="certifi"))) is ssl.SSLContext


def test_keys_are_written_down_where_that_is_asked_for(
    file: Files, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As other programs do it, for those who look at their own traffic."""
    trust = Trust(authorities=(file("ca.pem"),))
    assert tls_context.__wrapped__(trust).keylog_filename is None
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert tls_context.__wrapped__(trust).keylog_filename == str(tmp_path / "keys")
