"""TLS: contexts, each made once for the whole process, and certificates as people read them."""

from __future__ import annotations

import os
import re
import ssl
import sys
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import attrs

# Where systems keep their authorities, if OpenSSL was built to look somewhere else.
_SYSTEM_FILES = (
    "/etc/ssl/cert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/cert.pem",
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/ssl/ca-bundle.pem",
)
#: Systems that are asked whether a certificate is valid, in the place of OpenSSL.
VERIFY_THEMSELVES = ("darwin", "win32")
# What certificates in a folder are called: by people, and by OpenSSL's own "rehash".
_CERTIFICATE = re.compile(r".+\.(pem|crt|cer|der)", re.IGNORECASE)
_HASHED = re.compile(r"[0-9a-f]{8}\.\d+")
_PEM = b"-----BEGIN "
_REASONS = {
    "KEY_VALUES_MISMATCH": "the key is not that of the certificate",
    "NO_CERTIFICATE_OR_CRL_FOUND": "it holds no certificate",
}
_NO_PASSWORD, _WRONG_PASSWORD = "the key is encrypted, and there is no password", "the password is not that of the key"
_NO_PAIR = "it holds no certificate, or no private key, in PEM"


class UnusableFileError(Exception):
    """A file or a folder with certificates or keys cannot be used."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path} cannot be used: {reason}")
        self.path = path


def _versions(trust: Trust) -> tuple[float, ...]:
    named = (*trust.authorities, trust.certificate, trust.key)
    return tuple(Path(path).stat().st_mtime for path in named if path is not None and Path(path).exists())


@attrs.frozen
class Trust:
    """Whom to trust, and as whom to appear."""

    is_verified: bool = True  # whether certificates are verified at all
    authorities: tuple[str, ...] = ()  # files and folders with the authorities to trust; none: those of ``store``
    store: Literal["system", "certifi"] = "system"  # whose authorities otherwise
    certificate: str | None = None  # the file with the client's own certificate; None: it has none
    key: str | None = None  # the file with its key; None: the same
    password: str | None = attrs.field(default=None, repr=False)  # the password of the key
    # When the files were changed; another version is another context
    versions: tuple[float, ...] = attrs.field(init=False, default=attrs.Factory(_versions, takes_self=True))


@lru_cache(maxsize=32)
def tls_context(trust: Trust) -> ssl.SSLContext:
    """Return the context for clients that trust so.

    Making one reads all certificate authorities, about 20 ms each time, which clients that come and go must not pay.
    Raises UnusableFileError: a file holds something else than it should.
    """
    context = _verifying(trust) if trust.is_verified else _unverifying()
    if trust.certificate is not None:
        _show_certificate(context, trust)
    context.set_alpn_protocols(["http/1.1"])
    return context


def _unverifying() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _verifying(trust: Trust) -> ssl.SSLContext:
    if not trust.authorities and trust.store == "system" and sys.platform in VERIFY_THEMSELVES:
        import truststore  # asks the system itself; elsewhere it would read all authorities for each connection

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    # Not ssl.create_default_context(): from Python 3.13 on that refuses what no browser does, such as authorities of
    # inspecting proxies that lack a key identifier.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if log := os.environ.get("SSLKEYLOGFILE"):
        context.keylog_filename = log
    if trust.authorities:
        for path in trust.authorities:
            _load(context, Path(path))
    else:
        context.load_verify_locations(**authorities_of(trust.store))
    return context


def authorities_of(store: str) -> dict[str, str | None]:
    """Return what OpenSSL is to load; not by its own defaults, which the environment may have emptied."""
    paths = ssl.get_default_verify_paths()
    file = next((path for path in (paths.openssl_cafile, *_SYSTEM_FILES) if Path(path).is_file()), None)
    folder = paths.openssl_capath if Path(paths.openssl_capath).is_dir() else None
    if store == "system" and (file is not None or (folder and any(Path(folder).iterdir()))):
        return {"cafile": file, "capath": folder}
    import certifi  # there are systems without any

    return {"cafile": certifi.where()}


def _load(context: ssl.SSLContext, path: Path) -> None:
    """Trust the authorities in a file, or in the files of a folder."""
    if not path.is_dir():
        found = _load_file(context, path)
    else:
        names = _names_in(path)
        if any(_HASHED.fullmatch(name) for name in names):
            return context.load_verify_locations(capath=str(path))  # each file is read when it is needed
        found = sum(_load_file(context, path / name) for name in names if _CERTIFICATE.fullmatch(name)) > 0
    if not found:
        raise UnusableFileError(str(path), "it holds no certificate")
    return None


def _names_in(folder: Path) -> list[str]:
    try:
        return sorted(file.name for file in folder.iterdir())
    except OSError as error:
        raise UnusableFileError(str(folder), error.strerror or str(error)) from error


def _load_file(context: ssl.SSLContext, file: Path) -> bool:
    """Trust the certificates of a file, in PEM or DER. Whether it has any: it may hold the key beside them."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UnusableFileError(str(file), error.strerror or str(error)) from error
    is_text = _PEM in data
    if is_text and b"CERTIFICATE-----" not in data:
        return False
    try:
        context.load_verify_locations(cafile=str(file) if is_text else None, cadata=None if is_text else data)
    except (ssl.SSLError, ValueError) as error:
        raise UnusableFileError(str(file), _reason(error, "it holds no certificate in PEM or DER")) from error
    return True


def _show_certificate(context: ssl.SSLContext, trust: Trust) -> None:
    was_asked = False

    def password() -> str:
        # OpenSSL would ask whoever sits at the terminal.
        nonlocal was_asked
        was_asked = True
        return trust.password or ""

    path = str(trust.certificate)
    try:
        context.load_cert_chain(path, trust.key, password)
    except (OSError, ValueError) as error:  # ssl.SSLError too
        otherwise = _NO_PAIR if not was_asked else _NO_PASSWORD if trust.password is None else _WRONG_PASSWORD
        raise UnusableFileError(trust.key or path, _reason(error, otherwise)) from error


def _reason(error: Exception, otherwise: str) -> str:
    if isinstance(error, ssl.SSLError):
        return _REASONS.get(error.reason, otherwise)
    return getattr(error, "strerror", None) or otherwise


_UTC_TIME, _VERSION = 0x17, 0xA0
_LONG = 0x80
# The parts of a name that tell people who it is (X.520, in DER).
_PARTS = {b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O", b"\x55\x04\x0b": "OU"}


def described(certificate: bytes) -> str:
    """Return what a certificate, in DER, says of itself; empty: it cannot be read."""
    try:
        issuer, validity, subject = _read(certificate)
        begins, ends = (_day(kind, value) for kind, value in _elements(validity))
        return f"the certificate is of {_name(subject)}, issued by {_name(issuer)}, valid from {begins} to {ends}"
    except (IndexError, ValueError):  # UnicodeError too
        return ""


def _read(certificate: bytes) -> tuple[bytes, bytes, bytes]:
    ((_, whole),) = _elements(certificate)
    (_, signed), *_ = _elements(whole)
    fields = [value for kind, value in _elements(signed) if kind != _VERSION]
    _, _, issuer, validity, subject = fields[:5]
    return issuer, validity, subject


def _name(name: bytes) -> str:
    parts: list[str] = []
    for _, attributes in _elements(name):
        for _, attribute in _elements(attributes):
            (_, kind), (_, value) = _elements(attribute)
            if kind in _PARTS:
                parts.append(f"{_PARTS[kind]}={value.decode('utf-8', 'replace')}")
    return ", ".join(parts) or "nobody"


def _day(kind: int, value: bytes) -> str:
    # Two digits of a year are of 1950 to 2049 (RFC 5280 §4.1.2.5.1).
    text = value.decode("ascii")
    if kind == _UTC_TIME:
        text = ("19" if text >= "50" else "20") + text
    return date.fromisoformat(text[:8]).isoformat()


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Tag and contents of each element in turn."""
    at = 0
    while at < len(data):
        kind, size, at = data[at], data[at + 1], at + 2
        if size >= _LONG:
            digits = size - _LONG
            size, at = int.from_bytes(data[at : at + digits]), at + digits
        if at + size > len(data):
            raise ValueError
        yield kind, data[at : at + size]
        at += size
