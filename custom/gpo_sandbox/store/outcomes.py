"""Outcomes of requests that carried an Idempotency-Key, so that a repeated request gets the first one again."""

import hashlib

import attrs
import msgspec

from gpo_sandbox.responses import Problem
from gpo_sandbox.store.database import DAY_S, Database, now

# A client repeats a request within minutes; a day leaves room for one that was asleep.
_KEPT_S = DAY_S
# More than a client has under way in that time; the oldest outcomes are forgotten first.
_MOST_OUTCOMES = 10_000
_MOST_BYTES = 64 << 20
_TOO_OLD = """
DELETE FROM outcomes WHERE created_at <= :oldest OR key_hash IN (
    SELECT key_hash FROM (
        SELECT key_hash, row_number() OVER newest AS number, sum(length(sealed)) OVER newest AS bytes
        FROM outcomes WINDOW newest AS (ORDER BY rowid DESC)
    ) WHERE number > :most OR bytes > :most_bytes
)
"""


class _Row(msgspec.Struct):
    fingerprint: bytes
    sealed: bytes


@attrs.frozen
class Outcomes:
    """The table of outcomes.

    Outcomes are kept sealed by the key that the client sent, which the table has only as a hash: an outcome may
    contain a session's token, and no token is to be found in the database.
    """

    _database: Database

    def recall(self, scope: str, key: str, request: object) -> bytes | None:
        """Return the outcome of the first request with this key, or None when this is the first.

        The same key in another `scope`, of another user, is another key. `request` is everything that the outcome
        depends on. Raises Problem: the key was used for another request.
        """
        row = self._database.first(
            _Row,
            "SELECT fingerprint, sealed FROM outcomes WHERE key_hash = :key_hash AND created_at > :oldest",
            key_hash=_hash(scope, key),
            oldest=now() - _KEPT_S,
        )
        if row is None:
            return None
        if row.fingerprint != _fingerprint(request):
            detail = f"The key {key!r} belongs to a request with another body."
            raise Problem("idempotency_key_reused", detail, field="Idempotency-Key")
        return _sealed(row.sealed, scope, key)

    def remember(self, scope: str, key: str, request: object, outcome: bytes) -> None:
        """Store the outcome of the first request with this key, and now and then drop the old ones."""
        self._database.sweep(_TOO_OLD, oldest=now() - _KEPT_S, most=_MOST_OUTCOMES, most_bytes=_MOST_BYTES)
        self._database.replace(
            "outcomes",
            key_hash=_hash(scope, key),
            fingerprint=_fingerprint(request),
            sealed=_sealed(outcome, scope, key),
            created_at=now(),
        )


def _hash(scope: str, key: str) -> bytes:
    return hashlib.sha256(msgspec.json.encode([scope, key])).digest()


def _fingerprint(request: object) -> bytes:
    # Deterministic, so that the order of the fields in the body does not matter.
    return hashlib.sha256(msgspec.json.encode(request, order="deterministic")).digest()


def _sealed(data: bytes, scope: str, key: str) -> bytes:
    # The key stream depends on the key and is used for this one outcome only; sealing twice opens it again.
    stream = hashlib.shake_256(msgspec.json.encode(["outcome", scope, key])).digest(len(data))
    return bytes(left ^ right for left, right in zip(data, stream, strict=True))
