"""``NO_PROXY``, held against curl, httpx and httpx2: where they disagree with us, the table says so."""

from __future__ import annotations

import importlib
import subprocess
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gpo_client.client.proxies import is_excepted, proxy_for
from gpo_client.config import GPOConfig
from tests.client.conftest import Serve
from tests.support.parts import installed
from tests.support.wire import Answer

#: What NO_PROXY says, the host and port of a request, whether that goes past the proxy, and who sees it
#: differently; with a question mark, not in every version.
_CASES: list[tuple[str, str, bool, str]] = [
    ("", "api.example.com", False, ""),
    ("*", "api.example.com", True, ""),
    ("*", "10.1.2.3", True, ""),
    ("*", "[::1]", True, ""),
    ("other.example.com, *", "api.example.com", True, "curl"),  # it knows the star alone
    ("example.com", "example.com", True, ""),
    ("example.com", "api.example.com", True, ""),
    ("example.com", "a.b.example.com", True, ""),
    ("example.com", "notexample.com", False, ""),
    ("example.com", "example.com.evil.test", False, ""),
    ("example.com", "example.org", False, ""),
    (".example.com", "api.example.com", True, ""),
    (".example.com", "example.com", True, "httpx httpx2"),  # it takes the dot for "below"
    (".example.com", "notexample.com", False, ""),
    ("*.example.com", "api.example.com", True, "curl httpx"),  # they do not know the form, people use it
    ("*.example.com", "notexample.com", False, ""),
    ("EXAMPLE.com", "api.example.COM", True, ""),
    ("example.com", "api.example.com.", True, "httpx httpx2"),  # a dot at the end is the root's
    ("example.com.", "api.example.com", True, "httpx httpx2"),
    ("other.example.com,example.org", "api.example.com", False, ""),
    ("other.example.com,api.example.com", "api.example.com", True, ""),
    ("other.example.com , api.example.com", "api.example.com", True, ""),
    ("other.example.com api.example.com", "api.example.com", True, "httpx httpx2"),  # blanks alone divide too
    (",,api.example.com,", "api.example.com", True, ""),
    ("localhost", "localhost", True, ""),
    ("localhost", "127.0.0.1", False, ""),
    ("127.0.0.1", "localhost", False, ""),
    ("10.1.2.3", "10.1.2.3", True, ""),
    ("10.1.2.3", "10.1.2.30", False, ""),
    ("10.1.2", "10.1.2.3", False, ""),
    ("2.3", "10.1.2.3", False, "httpx httpx2"),
    ("10.0.0.0/8", "10.1.2.3", True, "httpx"),  # it does not know networks
    ("10.0.0.0/8", "11.1.2.3", False, ""),
    ("10.1.2.0/24", "10.1.3.1", False, ""),
    ("10.1.2.3/32", "10.1.2.3", True, ""),
    ("192.168.0.0/16,10.0.0.0/8", "10.255.255.255", True, "httpx"),
    ("10.0.0.0/8", "10.example.com", False, ""),
    ("10.0.0.0/99", "10.1.2.3", False, ""),
    ("::1", "[::1]", True, ""),
    ("[::1]", "[::1]", True, "curl? httpx"),
    ("fd00::/8", "[fd12::1]", True, "curl? httpx"),
    ("fd00::/8", "[fe80::1]", False, "httpx"),
    ("api.example.com:8080", "api.example.com:8080", True, "curl"),  # it knows no ports
    ("api.example.com:8080", "api.example.com:9090", False, ""),
    ("api.example.com:80", "api.example.com", True, "curl httpx httpx2"),  # the port that goes without saying
    ("example.com:8080", "api.example.com:8080", True, "curl"),
    ("10.1.2.3:8080", "10.1.2.3:8080", True, "curl"),
    ("[fd12::1]:8080", "[fd12::1]:8080", True, "curl httpx"),
    ("[fd12::1]:8080", "[fd12::1]:9090", False, "httpx"),
]


# curl's word for a proxy that opens no tunnel.
_NO_TUNNEL = 56


@pytest.mark.parametrize(("no_proxy", "host", "excepted", "_differ"), _CASES)
def test_ours(no_proxy: str, host: str, excepted: bool, _differ: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Case by case; a proxy that the settings name is for all requests."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", no_proxy)
    config = GPOConfig(base_url=f"http://{host}", allow_insecure_http=True)
    assert (proxy_for(config) is None) == excepted
    assert proxy_for(config.replace(proxy="http://127.0.0.1:9")) is not None


@pytest.mark.parametrize(("no_proxy", "host", "excepted", "differ"), _CASES)
def test_curl(no_proxy: str, host: str, excepted: bool, differ: str, serve: Serve) -> None:
    """The same, but where the table says otherwise; whatever goes past the proxy gets to a server of ours."""
    proxy, direct = serve(then=lambda _: Answer(status=403)), serve(then=lambda _: Answer(status=204))
    past = f"::127.0.0.1:{urlsplit(direct.base_url).port}"
    command = [installed("curl"), "--silent", "--proxy", proxy.base_url, "--connect-to", past, "--noproxy", no_proxy]
    done = subprocess.run([*command, "--globoff", f"http://{host}/"], capture_output=True, check=False)
    assert (done.returncode, len(proxy.requests), len(direct.requests)) in ((_NO_TUNNEL, 1, 0), (0, 0, 1))
    assert "curl?" in differ or ((done.returncode == 0) == excepted) != ("curl" in differ)


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
@pytest.mark.parametrize(("no_proxy", "host", "excepted", "differ"), _CASES)
def test_httpx(  # noqa: PLR0917 - the columns of a table
    no_proxy: str, host: str, excepted: bool, differ: str, library: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, but where the table says otherwise."""
    httpx: Any = importlib.import_module(library)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", no_proxy)
    try:
        with httpx.Client(verify=False) as client:
            found: Any = client._transport_for_url(httpx.URL(f"http://{host}"))
            is_direct = found is client._transport
    except httpx.InvalidURL:  # an entry that it cannot read makes the whole client impossible
        is_direct = not excepted
    assert (is_direct == excepted) != (library in differ.split())


_LABELS = st.lists(st.from_regex(r"[a-z]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True), min_size=1, max_size=3)


@given(_LABELS, _LABELS, st.sampled_from(["", ".", "*."]), st.integers(1, 65535))
@example(["com"], ["com"], "", 80)
def test_names_below_a_name(below: list[str], name: list[str], dot: str, port: int) -> None:
    """Any name below one that is named goes past; one that only ends alike does not."""
    named = ".".join(name)
    assert is_excepted(".".join([*below, *name]), port, f"x.test, {dot}{named}")
    assert is_excepted(named, port, f"{named}:{port}")
    assert not is_excepted(f"x{named}", port, f"{dot}{named}")


@given(st.text(max_size=30), st.ip_addresses())
def test_any_text(no_proxy: str, address: Any) -> None:
    """Whatever it says, it is an answer; and an address is below itself."""
    is_excepted(str(address), 443, no_proxy)
    assert is_excepted(str(address), 443, f"{address}/{address.max_prefixlen}")
