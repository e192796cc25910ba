"""Whom a client trusts: by its settings, the environment, the system; and files that are not what they should be."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import certifi
import pytest

from gpo_client import ConfigurationError, GPOConnectionError
from gpo_client.client.connections import tls_of_server, trust_of
from gpo_client.config import GPOConfig
from tests.client.users import open_session
from tests.company.conftest import Network
from tests.support.parts import installed

Connect = Callable[..., Any]


@pytest.fixture
def bundles(network: Network, tmp_path: Path) -> dict[str, str]:
    """The authority of the network in all forms in which people have one."""
    pem = Path(network.file("ca.pem"))
    der, loose, hashed, mixed = (tmp_path / name for name in ("ca.cer", "loose", "hashed", "mixed"))
    der.write_bytes(ssl.PEM_cert_to_DER_cert(pem.read_text()))
    for folder in (loose, hashed, mixed):
        folder.mkdir()
    shutil.copy(pem, loose / "company.crt")
    (loose / "README").write_text("no certificate")
    shutil.copy(network.file("client.key"), loose / "key.pem")
    shutil.copy(der, mixed / "company.DER")
    shutil.copy(certifi.where(), mixed / "all.pem")
    shutil.copy(pem, hashed / "company.pem")
    subprocess.run([installed("openssl"), "rehash", str(hashed)], check=True, capture_output=True)
    (hashed / "company.pem").rename(tmp_path / "gone.pem")
    (link,) = hashed.iterdir()
    link.unlink()
    shutil.copy(pem, link)
    return {"pem": str(pem), "der": str(der), "loose": str(loose), "hashed": str(hashed), "mixed": str(mixed)}


@pytest.mark.parametrize("form", ["pem", "der", "loose", "hashed", "mixed"])
async def test_forms(form: str, bundles: dict[str, str], connect: Connect, network: Network) -> None:
    """A file or a folder, in PEM or DER, with hashed names or without."""
    async with connect(base_url=network.url("tls"), ca_bundle=bundles[form]) as client:
        await open_session(client)


@pytest.mark.parametrize(
    "variables",
    [
        {"SSL_CERT_FILE": "pem"},
        {"SSL_CERT_DIR": "hashed"},
        {"SSL_CERT_FILE": "pem", "SSL_CERT_DIR": "/no/such/folder"},
        {"SSL_CERT_FILE": certifi.where(), "SSL_CERT_DIR": "hashed"},
        {"REQUESTS_CA_BUNDLE": "pem"},
        {"REQUESTS_CA_BUNDLE": "loose", "SSL_CERT_FILE": ""},
        {"REQUESTS_CA_BUNDLE": "/no/such/file", "SSL_CERT_FILE": "pem"},
        {"GPO_API_CA_BUNDLE": "pem", "SSL_CERT_FILE": "/no/such/file"},
    ],
)
async def test_environment(
    variables: dict[str, str],
    bundles: dict[str, str],
    connect: Connect,
    network: Network,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The variables of OpenSSL and of requests are heeded, our own above all."""
    for name, value in variables.items():
        monkeypatch.setenv(name, bundles.get(value, value))
    async with connect(base_url=network.url("tls")) as client:
        await open_session(client)


async def test_context_of_a_program(connect: Connect, network: Network) -> None:
    """It decides alone; a copy with the same one shares the connections."""
    context = ssl.create_default_context(cafile=network.file("ca.pem"))
    context.load_cert_chain(network.file("client.pem"))
    async with connect(base_url=network.url("mutual"), ssl_context=context, ca_bundle=certifi.where()) as client:
        await open_session(client)
        async with client.with_options(timeout=5) as copy:
            await open_session(copy)


async def test_others_are_trusted_no_more(connect: Connect, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who names authorities trusts those alone, whatever the environment says."""
    monkeypatch.setenv("SSL_CERT_FILE", network.file("ca.pem"))
    async with connect(base_url=network.url("tls"), ca_bundle=certifi.where(), max_retries=0) as client:
        with pytest.raises(GPOConnectionError, match="certificate verify failed"):
            await open_session(client)


_UNUSABLE: dict[str, tuple[dict[str, str], dict[str, str], str, str]] = {
    "no file": ({}, {"SSL_CERT_FILE": "/no/such"}, "ca_bundle", "No such file or directory"),
    "no folder": ({}, {"SSL_CERT_DIR": "/no/such"}, "ca_bundle", "No such file or directory"),
    "no file of requests": ({}, {"REQUESTS_CA_BUNDLE": "/no/such"}, "ca_bundle", "No such file or directory"),
    "no certificate in the environment": ({}, {"SSL_CERT_FILE": __file__}, "ca_bundle", "it holds no certificate"),
    "no certificate": ({"ca_bundle": __file__}, {}, "ca_bundle", "it holds no certificate"),
    "a key": ({"ca_bundle": "client.key"}, {}, "ca_bundle", "it holds no certificate"),
    "a broken certificate": ({"ca_bundle": "broken.pem"}, {}, "ca_bundle", "broken.pem cannot be used"),
    "an empty folder": ({"ca_bundle": "empty"}, {}, "ca_bundle", "it holds no certificate"),
    "no pair": ({"client_cert": __file__}, {}, "client_cert", "it holds no certificate, or no private key"),
    "a certificate without a key": ({"client_cert": "client.crt"}, {}, "client_cert", "no private key"),
    "another's key": (
        {"client_cert": "client.crt", "client_key": "stranger.pem"},
        {},
        "client_key",
        "the key is not that of the certificate",
    ),
    "a locked key": (
        {"client_cert": "client.crt", "client_key": "locked.key"},
        {},
        "client_key",
        "the key is encrypted, and there is no password",
    ),
    "another password": (
        {"client_cert": "client.crt", "client_key": "locked.key", "client_key_password": "wr0ng-s3cr3t"},
        {},
        "client_key",
        "the password is not that of the key",
    ),
}


@pytest.fixture
def files(network: Network) -> Callable[[str], str]:
    """The path of a file by its name, made where it is not there yet."""
    folder = network.folder
    (folder / "empty").mkdir(exist_ok=True)
    (folder / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    if not (folder / "locked.key").exists():
        command = ["openssl", "pkcs8", "-topk8", "-in", "client.key", "-out", "locked.key", "-passout", "pass:pa.ss"]
        subprocess.run([installed(command[0]), *command[1:]], cwd=folder, check=True, capture_output=True)
    return lambda name: str(folder / name) if (folder / name).exists() else name


@pytest.mark.parametrize("case", _UNUSABLE)
async def test_unusable_file(
    case: str, connect: Connect, network: Network, files: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the setting, its origin, the file and what is wrong with it; nobody is asked for a word."""
    settings, environment, setting, reason = _UNUSABLE[case]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError) as caught:
        async with connect(base_url=network.url("tls"), **{k: files(v) for k, v in settings.items()}) as client:
            await open_session(client)
    origin = f"environment variable {next(iter(environment))}" if environment else "an argument"
    assert (caught.value.setting, caught.value.origin) == (setting, origin)
    assert reason in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


async def test_locked_key(connect: Connect, network: Network, files: Callable[[str], str]) -> None:
    """With its password it serves."""
    shown = {"client_cert": network.file("client.crt"), "client_key": files("locked.key")}
    settings = {**shown, "client_key_password": "pa.ss", "ca_bundle": network.file("ca.pem")}
    async with connect(base_url=network.url("mutual"), **settings) as client:
        await open_session(client)


def test_trust_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For whoever wonders: a context decides alone, proxies are verified always, some systems decide themselves."""
    bundle = str(tmp_path / "ca.pem")
    Path(bundle).touch()
    lax = GPOConfig(base_url="https://gpo.example.com", verify_ssl=False, ca_bundle=bundle)
    assert (
        trust_of(lax) == "anybody: the certificate is not verified (verify_ssl is off, from an argument or the default)"
    )
    assert trust_of(lax, is_server=False) == f"the authorities in {bundle} (from an argument or the default)"
    assert trust_of(lax.replace(ssl_context=ssl.create_default_context())).endswith(
        "the program's own ssl_context trusts"
    )
    monkeypatch.setattr(sys, "platform", "darwin")
    assert trust_of(GPOConfig()).startswith("whom the operating system trusts")
    assert certifi.where() in trust_of(GPOConfig(trust="certifi"))
    monkeypatch.setenv("SSL_CERT_FILE", "one.pem")
    monkeypatch.setenv("SSL_CERT_DIR", "folder")
    assert trust_of(GPOConfig()) == (
        "the authorities in one.pem (from environment variable SSL_CERT_FILE and environment variable SSL_CERT_DIR)"
    )


def test_none_of_it_for_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no TLS its files are nobody's business."""
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")
    assert tls_of_server(GPOConfig(base_url="http://127.0.0.1:8760")) is None
