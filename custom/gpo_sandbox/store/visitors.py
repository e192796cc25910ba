"""Visitors of the playground: which cookie is whose. A cookie is shown once, when it is given out.

The table has the hash of a cookie, and a cookie says nothing about its visitor: the name, which is in their user id
and instance, is known to the server alone. So nobody can become a visitor by what they see on a page or in a report.
"""

import hashlib
import secrets

import attrs
import msgspec

from gpo_sandbox.clock import now
from gpo_sandbox.store.database import Database

# As many as a demonstration has; those who have been away for longest become new visitors.
_MOST_VISITORS = 10_000


class _Row(msgspec.Struct):
    name: str


@attrs.frozen
class Visitors:
    """The table of visitors."""

    _database: Database

    def welcome(self) -> str:
        """Make a new visitor, and return the cookie to give to the browser."""
        cookie = secrets.token_urlsafe(32)
        with self._database.transaction():
            self._database.execute(
                "INSERT INTO visitors (cookie_hash, name, seen_at) VALUES (:hash, :name, :now)",
                hash=_hash(cookie),
                name=secrets.token_hex(16),
                now=now(),
            )
            self._database.execute(
                "DELETE FROM visitors WHERE rowid IN"
                " (SELECT rowid FROM visitors ORDER BY seen_at DESC, rowid DESC LIMIT -1 OFFSET :most)",
                most=_MOST_VISITORS,
            )
        return cookie

    def named(self, cookie: str) -> str | None:
        """Return the name of the visitor who was given a cookie; None when it was made up, or is too old."""
        found = self._database.first(
            _Row,
            "UPDATE visitors SET seen_at = :now WHERE cookie_hash = :hash RETURNING name",
            hash=_hash(cookie),
            now=now(),
        )
        return found.name if found else None


def _hash(cookie: str) -> bytes:
    # A plain hash will do: cookies have 256 random bits.
    return hashlib.sha256(cookie.encode()).digest()
