"""Outcomes of requests that carried an Idempotency-Key, so that a repeated request gets the first one again."""

import hashlib

import attrs
import msgspec

from gpo_client.sandbox.clock import DAY_S, now
from gpo_client.sandbox.problems import Problem
from gpo_client.sandbox.store.database import Database

# A client repeats a request within minutes; a day leaves room for one that was asleep.
_KEPT_S = DAY_S


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

        Args:
            scope: Whose key it is; the same key of another user is another key.
            key: The Idempotency-Key.
            request: Everything that the outcome depends on.

        Raises:
            Problem: The key was used for another request.
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
        """Store the outcome of the first request with this key, and drop the old ones."""
        self._database.execute("DELETE FROM outcomes WHERE created_at <= :oldest", oldest=now() - _KEPT_S)
        self._database.execute(
            "INSERT INTO outcomes (key_hash, fingerprint, sealed, created_at)"
            " VALUES (:key_hash, :fingerprint, :sealed, :created_at)",
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
