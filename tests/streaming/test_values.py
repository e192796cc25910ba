"""Secrets, and dates as users give them."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from datetime import UTC, date, datetime
from pprint import pformat
from string import Template
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpo_client.exceptions import InvalidArgumentError, UsageError
from gpo_client.flows.dates import DateReader
from gpo_client.models.secret import MASK, Secret
from gpo_client.models.session import ChatContext

_READER = DateReader(datetime(2026, 11, 22, 9, 30, tzinfo=UTC), UTC)


@attrs.frozen
class Holder:
    """An object that holds a secret."""

    token: Secret


def test_a_secret_does_not_show_itself() -> None:
    """Neither alone nor in what holds it, in none of the ways in which programs print and log."""
    token = Secret("s3cr3t")
    shown = [
        repr(token),
        f"{token!r}",
        f"{token!a}",
        str(token),
        f"{token}",
        f"{token:>40}",
        "%s" % token,  # noqa: UP031 - that is the point
        "%20s" % token,  # noqa: UP031
        "{}".format(token),  # noqa: UP032
        "{:s}".format(token),  # noqa: UP032
        Template("$token").substitute(token=token),
        logging.LogRecord("name", 1, "path", 1, "%s", (token,), None).getMessage(),
        str(KeyError(token)),
        str(ValueError(token)),
        repr(ValueError(token)),
        str(attrs.asdict(Holder(token))),
        pformat([{"token": token}]),
        repr([token]),
        repr({"t": token}),
        repr(Holder(token)),
    ]
    assert all(MASK.strip("'") in text and "s3cr3t" not in text for text in shown)


def test_a_secret_is_a_string() -> None:
    """Whoever uses it gets the value."""
    token = Secret("s3cr3t")
    assert token == "s3cr3t"
    assert type(token.reveal()) is str
    assert token.reveal() == Secret(token) == "s3cr3t"
    assert "Bearer " + token == "Bearer s3cr3t"
    assert json.dumps(token) == '"s3cr3t"'
    assert {"s3cr3t": 1}[token] == 1
    assert token.encode() == b"s3cr3t"


def test_a_copy_of_a_secret_is_a_secret() -> None:
    """It is the secret itself; what holds one can be copied."""
    token = Secret("s3cr3t")
    for twin in (copy.copy(token), copy.deepcopy(token), copy.deepcopy([token])[0]):
        assert twin is token


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(protocol: int) -> None:
    """By no protocol, alone or in something else."""
    for holder in (Secret("s3cr3t"), [Secret("s3cr3t")], ChatContext(session_id="s", token=Secret("s3cr3t"))):
        with pytest.raises(UsageError, match="not pickled"):
            pickle.dumps(holder, protocol)


@pytest.mark.parametrize(
    "value",
    [
        date(2026, 11, 1),
        datetime(2026, 11, 1, 23, 59),  # noqa: DTZ001 - users have such
        datetime(2026, 11, 1, tzinfo=UTC),
        "2026-11-01",
        "20261101",
        "2026-W44-7",
        "2026-11-01T23:59:59Z",
        "2026-11-01 23:59:59+01:00",
    ],
    ids=str,
)
def test_days(value: date | str) -> None:
    """A date, the day of a datetime where it was, or ISO 8601 text give a plain date, which can be sent."""
    day = _READER.day(value, "from_date")
    assert day == date(2026, 11, 1)
    assert type(day) is date


def test_no_day() -> None:
    """None is no date and no error."""
    assert _READER.day(None, "from_date") is None


@pytest.mark.parametrize(
    "value", ["", "the other day", "2026-13-01", "2026-02-29", "01/11/2026", 20261101, 5.0, b"2026-11-01"]
)
def test_what_is_no_day(value: Any) -> None:
    """The message names the argument, and shows the value and what can be read."""
    with pytest.raises(InvalidArgumentError, match=r"from_date .*2026-11-01.*last month") as caught:
        _READER.day(value, "from_date")
    assert repr(value) in str(caught.value)
    assert caught.value.field == "from_date"


@given(st.text())
def test_any_text_is_a_day_or_refused(text: str) -> None:
    """There is no third way."""
    try:
        day = _READER.day(text, "d")
    except InvalidArgumentError:
        return
    assert type(day) is date


@given(st.dates())
def test_iso_text_is_read_back(day: date) -> None:
    """Each day, from the first to the last."""
    assert _READER.day(day.isoformat(), "d") == day
