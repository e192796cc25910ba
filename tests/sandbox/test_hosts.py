"""Which requests are let in: those for this server, from no other site's page."""

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_sandbox import SandboxSettings, SettingsError
from gpo_sandbox.hosts import AddressGuard, Host, parse_host
from gpo_sandbox.responses import Problem

SERVER = ("127.0.0.1", 8760)
Fields = list[tuple[str, str]]


def refused(fields: Fields, method: str = "POST", server: Any = SERVER, allowed: str | None = None) -> str | None:
    """Ask the guard, and return the code that it refuses with, if it does."""

    async def app(_: Any, __: Any, ___: Any) -> None:
        """Serve nothing: being called is what counts."""

    headers = [(name.lower().encode(), value.encode("latin-1")) for name, value in fields]
    scope = {"type": "http", "method": method, "server": server, "headers": headers}
    guard = AddressGuard(app, SandboxSettings(allowed_hosts=allowed).further_hosts)
    try:
        asyncio.run(guard(scope, None, None))  # type: ignore[arg-type]  # neither is used
    except Problem as problem:
        found = problem
    else:
        return None
    assert found.status == {"host_not_served": 421, "cross_site": 403}[found.code]
    assert found.field in ("Host", "Origin", "Sec-Fetch-Site")
    return found.code


def of(host: str, **fields: str) -> Fields:
    """Write header fields."""
    return [("Host", host), *((name.replace("_", "-"), value) for name, value in fields.items())]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8760", "localhost:8760", "LOCALHOST:8760", "LocalHost.:8760", "127.0.0.1.:8760", "[::1]:8760",
        "[0:0:0:0:0:0:0:1]:8760", "[::ffff:127.0.0.1]:8760", "localhost", "127.0.0.1",
        "localhost:8761", "127.0.0.1:80",
    ],
)  # fmt: skip
def test_hosts_that_are_served(host: str) -> None:
    """The address listened on and this machine's own names, however they are written, by way of any port."""
    assert refused(of(host)) is None


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8760", "evil.example", "127.0.0.1.evil.example:8760",
        "localhost.evil.example:8760", "evil-localhost:8760", "notlocalhost:8760", "localhost..:8760", "127.0.0.2:8760",
        "0.0.0.0:8760", "[::]:8760", "[::1", "[evil]:8760", "127.1:8760", "2130706433:8760", "0x7f.0.0.1:8760",
        "localhost@evil.example:8760", "evil.example@localhost:8760", "localhost:8760@evil.example", "localhost:",
        "localhost:8760:8760", "localhost:8760/", "localhost:8760, evil.example", "localhost :8760", " localhost:8760",
        "", ".", ":8760", "localhost:99999999", "localhost:\u00b2", "http://localhost:8760", "[fe80::1%25lo]:8760",
    ],
)  # fmt: skip
def test_hosts_that_are_not(host: str) -> None:
    """Whatever else a name server may have made to lead here."""
    assert refused(of(host)) == "host_not_served"


def test_one_host_exactly() -> None:
    """None is nobody's, and of two it is not known which was meant."""
    assert refused([]) == "host_not_served"
    assert refused([("Host", "localhost:8760"), ("Host", "localhost:8760")]) == "host_not_served"


@given(st.text(st.characters(max_codepoint=255), max_size=40))
def test_any_host(text: str) -> None:
    """Any text is a host that is served or refused, and nothing else comes out."""
    assert refused(of(text)) in (None, "host_not_served")


@pytest.mark.parametrize(
    ("server", "host"),
    [
        (("192.0.2.7", 80), "192.0.2.7:80"), (("192.0.2.7", 80), "192.0.2.7"), (("::1", 1), "[::1]:1"),
        (("2001:db8::7", 1), "[2001:DB8:0::7]:1"), (("::ffff:192.0.2.7", 1), "192.0.2.7:1"), (None, "localhost"),
    ],
)  # fmt: skip
def test_other_addresses_listened_on(server: Any, host: str) -> None:
    """The address that a connection was made to, whichever it is."""
    assert refused(of(host), server=server) is None
    assert refused(of("evil.example"), server=server) == "host_not_served"


@pytest.mark.parametrize("origin", ["http://127.0.0.1:8760", "http://localhost:8760", "http://[::1]:8760"])
def test_pages_of_its_own(origin: str) -> None:
    """The page may ask, and so may programs, which send neither field."""
    assert refused(of("127.0.0.1:8760", Origin=origin, Sec_Fetch_Site="same-origin")) is None
    assert refused(of("127.0.0.1:8760", Sec_Fetch_Site="none")) is None


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example", "http://evil.example:8760", "http://127.0.0.1:9999", "http://localhost", "null", "",
        "http://127.0.0.1", "https://127.0.0.1", "127.0.0.1:8760", "file://", "chrome-extension://abcdef",
        "ftp://127.0.0.1:8760", "http://127.0.0.1:8760.evil.example", "http://127.0.0.1:8760/", "http://a, http://b",
    ],
)  # fmt: skip
def test_pages_of_others(origin: str) -> None:
    """Pages of any other origin are refused, another port of this machine and `null` included."""
    assert refused(of("127.0.0.1:8760", Origin=origin)) == "cross_site"
    assert refused(of("127.0.0.1:8760", Origin=origin), method="GET") == "cross_site"


def test_an_origin_is_not_compared_with_the_host_of_the_same_request() -> None:
    """A page whose own name was made to lead here sends both alike."""
    assert refused(of("evil.example:8760", Origin="http://evil.example:8760")) == "host_not_served"
    both = [("Host", "127.0.0.1:8760"), ("Origin", "http://127.0.0.1:8760"), ("Origin", "http://evil.example")]
    assert refused(both) == "cross_site"


@pytest.mark.parametrize("site", ["cross-site", "same-site", "", "SAME-ORIGIN", "unheard-of"])
def test_what_browsers_say_of_a_request(site: str) -> None:
    """Only a link may be followed from elsewhere: that changes nothing, and nobody but the visitor sees the answer."""
    marked = of("127.0.0.1:8760", Sec_Fetch_Site=site)
    followed = [*marked, ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]
    fetched = [*marked, ("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "document")]
    framed = [*marked, ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe")]
    assert refused(marked, method="GET") == "cross_site"
    assert refused(framed, method="GET") == "cross_site"
    assert refused(fetched, method="GET") == "cross_site"
    assert refused(followed, method="POST") == "cross_site"
    assert refused(followed, method="GET") is None


def test_further_hosts() -> None:
    """Those that are named are served, with their port if it is named, and their pages may ask."""
    allowed = "gpo.example.com, Other.example.com:8443"
    for host in ("gpo.example.com", "GPO.example.com.:1234", "other.example.com:8443"):
        assert refused(of(host), allowed=allowed) is None
    for host in ("other.example.com", "other.example.com:8760", "sub.gpo.example.com", "example.com"):
        assert refused(of(host), allowed=allowed) == "host_not_served"
    assert refused(of("gpo.example.com", Origin="https://gpo.example.com"), allowed=allowed) is None
    assert refused(of("gpo.example.com", Origin="https://other.example.com:8443"), allowed=allowed) is None
    assert refused(of("gpo.example.com", Origin="https://other.example.com"), allowed=allowed) == "cross_site"


@pytest.mark.parametrize("text", ["http://gpo.example.com", "*", "gpo example", "[::1", "a:b", "."])
def test_further_hosts_that_are_none(text: str) -> None:
    """A setting that names no host is refused, and says what is wanted."""
    with pytest.raises(SettingsError, match=r"allowed_hosts: .*gpo\.example\.com"):
        SandboxSettings(allowed_hosts=text)


def test_what_a_host_is() -> None:
    """Case, a dot at the end and ways to write an address make no difference."""
    assert parse_host("EXAMPLE.com.:80") == Host("example.com", 80)
    assert parse_host("[2001:DB8::0:1]") == Host("2001:db8::1")
