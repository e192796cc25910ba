"""Header fields: the wait a server asks for, and what users may send."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta, timezone
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.exceptions import InvalidArgumentError
from gpo_client.flows.options import check_headers, check_options
from gpo_client.flows.response import parse_retry_after
from gpo_client.models.secret import IS_MASKED, Secret

NOW = datetime(1994, 11, 6, 8, 49, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("007", 7.0),
        ("1.5", 1.5),
        ("0.25", 0.25),
        ("1.1234567899", 1.12345678),
        ("2." + "0" * 5000, 2.0),
        ("9" * 5000, 999_999_999.0),
    ],
)
def test_wait_in_seconds(value: str, seconds: float) -> None:
    """Digits are seconds, as many as there may be."""
    assert parse_retry_after({"retry-after": value}) == seconds


@pytest.mark.parametrize(
    "date",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "Sun, 06 Nov 1994 08:49:37 -0000", "Sun, 06 Nov 1994 09:49:37 +0100",
    ],
)  # fmt: skip
def test_wait_until_a_date(date: str) -> None:
    """The three formats of RFC 9110 §5.6.7, and other zones than it knows; counted from ``Date``, or from now."""
    assert parse_retry_after({"retry-after": date, "date": "Sun, 06 Nov 1994 08:49:07 GMT"}) == 30.0
    assert parse_retry_after({"retry-after": date}, NOW) == 30.0
    local = NOW.astimezone(timezone(timedelta(hours=-6)))
    assert parse_retry_after({"retry-after": date, "date": "garbage"}, local) == 30.0
    assert parse_retry_after({"retry-after": date, "date": "Sun, 06 Nov 1994 08:49:27 GMT"}, NOW) == 10.0
    assert parse_retry_after({"retry-after": date}) is None
    assert parse_retry_after({"retry-after": date, "date": "garbage"}) is None


def test_date_in_the_past_means_now() -> None:
    """A wait is never negative."""
    assert parse_retry_after({"retry-after": "Sun, 06 Nov 1994 08:49:06 GMT"}, NOW) == 0.0


@pytest.mark.parametrize(
    "value",
    [
        "", "soon", "-5", "+5", "1.", ".5", "1.5.2", "1,5", "1_000", "1e3", "٣", "²", "5, 10",
        "Sun, 31 Feb 1994 08:49:37 GMT",
    ],
    ids=ascii,
)  # fmt: skip
def test_wait_that_is_none(value: str) -> None:
    """What the RFC does not know is as good as absent."""
    assert parse_retry_after({"retry-after": value}, NOW) is None
    assert parse_retry_after({}, NOW) is None


def test_zone_out_of_this_world() -> None:
    """A date in a zone that no integer holds is no date."""
    assert parse_retry_after({"retry-after": f"Sun, 06 Nov 1994 08:49:37 +{'9' * 20}"}, NOW) is None


@given(st.text() | st.text("0123456789 :,-+/GMTSunNov", max_size=40))
def test_no_wait_is_an_error(value: str) -> None:
    """Whatever a server writes, there is a wait or there is none."""
    wait = parse_retry_after({"retry-after": value}, NOW)
    assert wait is None or wait >= 0


@pytest.mark.parametrize("name", ["X-Request-ID", "a", "!#$%&'*+-.^_`|~0"])
@pytest.mark.parametrize("value", ["x", "two words", "~!@()[]", "s3cr3t="])
def test_headers_that_may_be_sent(name: str, value: str) -> None:
    """All tokens as names (RFC 9110 §5.6.2), all visible ASCII and spaces within as values."""
    assert check_headers({name: value}, "headers") == {name: value}
    assert check_headers({}, "headers") == {}


def test_names_are_the_same_in_any_case() -> None:
    """A name the library uses itself is spelt as the library does, so that the user's value replaces its own."""
    ours = ["Accept", "Accept-Encoding", "Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID"]
    ours += ["User-Agent", "X-Request-ID", "traceparent", "tracestate", "baggage"]
    assert [*check_headers({name.upper(): "1" for name in ours}, "headers")] == ours
    assert check_headers({"x-other": "2"}, "headers") == {"x-other": "2"}


@pytest.mark.parametrize(
    "headers", [None, "X: 1", [("X", "1")], {"X": 1}, {"X": None}, {"X": b"1"}, {1: "1"}], ids=repr
)
def test_headers_of_other_types_are_refused(headers: object) -> None:
    """With an error of ours, before anything is sent."""
    with pytest.raises(InvalidArgumentError, match=r"^headers") as caught:
        check_headers(headers, "headers")
    assert caught.value.field.startswith("headers")


@pytest.mark.parametrize("name", ["", " ", "X Y", "X:", "X\r\nY", "X\n", "é", "X(", "X\0", "٣"], ids=ascii)
def test_names_that_are_refused(name: str) -> None:
    """The message shows the name."""
    with pytest.raises(InvalidArgumentError, match="is not the name of a header field") as caught:
        check_headers({"X-Good": "1", name: "1"}, "headers")
    assert repr(name) in str(caught.value)
    assert caught.value.field == "headers"


@pytest.mark.parametrize(
    "value", ["", " s3cr3t", "s3cr3t ", "s3cr3t\r\nX: y", "s3cr3t\n", "s3cr3t\t", "s3cr3té", "s3cr3t\0"], ids=ascii
)
def test_values_that_are_refused(value: str) -> None:
    """The message does not show the value, for it may be a secret."""
    with pytest.raises(InvalidArgumentError, match="the value of X-Key must be visible ASCII text") as caught:
        check_headers({"X-Key": value}, "extra_headers")
    assert caught.value.field == "extra_headers.X-Key"
    assert "s3cr3t" not in str(caught.value)


@given(st.text(max_size=20))
def test_no_header_breaks_a_request_apart(text: str) -> None:
    """Whatever passes has no line end and no NUL and is ASCII, as name or as value."""
    for headers in ({text: "x"}, {"x": text}):
        try:
            check_headers(headers, "headers")
        except InvalidArgumentError:
            continue
        assert text.isascii()
        assert not set("\r\n\0") & set(text)


_OPTIONS = "the options of this method are timeout, headers, max_retries"


@pytest.mark.parametrize(
    ("options", "creates", "field", "message"),
    [
        ({"time_out": 5}, False, "time_out", f"there is no option 'time_out'; {_OPTIONS}"),
        ({"idempotency_key": "k"}, False, "idempotency_key", f"there is no option 'idempotency_key'; {_OPTIONS}"),
        ({"time_out": 5}, True, "time_out", f"there is no option 'time_out'; {_OPTIONS}, idempotency_key"),
        *(
            (
                {"timeout": value},
                True,
                "timeout",
                f"timeout must be a number of seconds, or None for no limit, not {value!r}",
            )
            for value in ("5", -1, -0.1, float("nan"), 2**1024)
        ),
        *(
            (
                {"max_retries": value},
                True,
                "max_retries",
                f"max_retries must be a whole number, 0 or more, not {value!r}",
            )
            for value in (-1, 1.0, True, None, "2")
        ),
    ],
    ids=str,
)
def test_options_that_are_none(options: dict[str, Any], creates: bool, field: str, message: str) -> None:
    """Named, with what there is instead."""
    with pytest.raises(InvalidArgumentError) as caught:
        check_options(options, creates=creates)
    assert (caught.value.field, caught.value.message) == (field, message)


def test_options_that_may_be() -> None:
    """To their bounds."""
    for timeout in (None, 0, 0.0, 5, sys.float_info.max, inf):
        check_options({"timeout": timeout, "max_retries": 0, "headers": {}}, creates=False)
    check_options({"idempotency_key": "k"}, creates=True)
    check_options({}, creates=False)


def test_credentials_among_header_fields() -> None:
    """They are secrets from here on, and the mask of one is none; of other fields it may be the value."""
    checked = check_headers({"X-Key": "s3cr3t", "X-Team": "**********"}, "headers")
    assert [type(value) for value in checked.values()] == [Secret, str]
    with pytest.raises(InvalidArgumentError) as caught:
        check_headers({"X-Key": "**********"}, "headers")
    assert caught.value.field == "headers.X-Key"
    assert caught.value.message == f"headers: the value of X-Key is none: {IS_MASKED}"
