"""Sessions with their tokens, and visitors of the playground with their cookies.

A token or a cookie is shown once, when it is given out: the tables have only its hash. A cookie says nothing about its
visitor: the name, which is in their user id and instance, is known to the server alone. So nobody can become a visitor
by what they see on a page or in a report.
"""

import hashlib
import secrets

import attrs
import msgspec

from gpo_sandbox.requests import SessionContext
from gpo_sandbox.responses import Problem, Session
from gpo_sandbox.store.database import DAY_S, Database, new_id, now, rfc3339

#: The condition of SQL that keeps what belongs to a caller.
OWNED = "instance_id = :instance_id AND user_id = :user_id"
#: The role whose users see and manage everything in their instance.
ADMIN = "ADMIN"

# A client that comes back in this time after its token's end hears that it has expired, later that it is unknown.
_KEPT_S = 7 * DAY_S
# More than a sandbox has clients. Sessions that are over are forgotten first, then the oldest; those of one user do not
# push out those of others.
_MOST_SESSIONS = 10_000
_MOST_OF_A_USER = 1000
_TOO_OLD = """
DELETE FROM sessions WHERE expires_at <= :oldest OR rowid IN (
    SELECT id FROM (
        SELECT id, row_number() OVER (ORDER BY is_live DESC, id DESC) AS number,
            row_number() OVER (PARTITION BY instance_id, user_id ORDER BY is_live DESC, id DESC) AS own
        FROM (SELECT rowid AS id, *, expires_at > :now AND revoked_at IS NULL AS is_live FROM sessions)
    ) WHERE number > :most OR own > :most_own
)
"""


class Caller(msgspec.Struct, frozen=True, kw_only=True):
    """Who sent a request: the session that its token belongs to."""

    session_id: str
    user_id: str
    instance_id: str
    expires_at: float
    revoked_at: float | None
    is_admin: bool = False

    @property
    def owner(self) -> dict[str, str]:
        """The values of `OWNED`: the same user id in another instance is another user."""
        return {"instance_id": self.instance_id, "user_id": self.user_id}

    @property
    def scope(self) -> str:
        """Whose keys a request has."""
        return scope_of(self.instance_id, self.user_id)


def scope_of(instance_id: str, user_id: str) -> str:
    """Write down a user of an instance in a form that no two have in common, whatever their ids are."""
    return msgspec.json.encode([instance_id, user_id]).decode()


@attrs.frozen
class Sessions:
    """The table of sessions, whose tokens are good for so many seconds."""

    _database: Database
    _token_ttl_s: float

    def open(self, context: SessionContext, display_name: str | None) -> Session:
        """Open a session and issue its token, and now and then drop the old ones."""
        self._sweep()
        token, session_id, created_at = secrets.token_urlsafe(32), new_id("ses"), now()
        expires_at = created_at + self._token_ttl_s
        self._database.insert(
            "sessions",
            session_id=session_id,
            token_hash=_hash(token),
            instance_id=context.instance_id,
            user_id=context.user_id,
            project_id=context.project_id,
            environment=context.environment,
            created_at=created_at,
            expires_at=expires_at,
        )
        return Session(
            session_id=session_id,
            token=token,
            expires_at=rfc3339(expires_at),
            user_id=context.user_id,
            display_name=display_name,
        )

    def caller(self, token: str) -> Caller:
        """Find the session of a token. Raises Problem if the token is unknown, revoked or expired."""
        found = self._database.first(
            Caller,
            "SELECT session_id, user_id, instance_id, expires_at, revoked_at, EXISTS (SELECT 1 FROM users AS u,"
            " json_each(u.role_codes) AS role WHERE u.instance_id = s.instance_id AND u.user_id = s.user_id"
            " AND role.value = :admin) AS is_admin FROM sessions AS s WHERE token_hash = :token_hash",
            token_hash=_hash(token),
            admin=ADMIN,
        )
        if found is None or found.revoked_at is not None:
            raise Problem("invalid_token", "The token is unknown or its session was ended.")
        if found.expires_at <= now():
            raise Problem("token_expired", f"The token expired at {rfc3339(found.expires_at)}.")
        return found

    def check_session(self, session_id: str | None, caller: Caller) -> None:
        """Check that a session named in a body is one of the caller's; a Problem if it is not.

        Any session of the same user will do: after a token was renewed, a client may still name the old session.
        """
        if not session_id or session_id == caller.session_id:
            return
        known = self._database.number(
            f"SELECT count(*) FROM sessions WHERE session_id = :session_id AND {OWNED}",  # nosec B608 # noqa: S608
            session_id=session_id,
            **caller.owner,
        )
        if not known:
            detail = f"The token belongs to another session than {session_id!r}."
            raise Problem("permission_denied", detail, field="session_id")

    def revoke(self, caller: Caller) -> None:
        """End a session: its token is worthless from now on."""
        self._database.execute(
            "UPDATE sessions SET revoked_at = :now WHERE session_id = :session_id",
            now=now(),
            session_id=caller.session_id,
        )

    def _sweep(self) -> None:
        oldest = now() - _KEPT_S
        self._database.sweep(_TOO_OLD, oldest=oldest, now=now(), most=_MOST_SESSIONS, most_own=_MOST_OF_A_USER)


# As many as a demonstration has; those who have been away for longest become new visitors.
_MOST_VISITORS = 10_000


@attrs.frozen
class Visitors:
    """The table of visitors."""

    _database: Database

    def welcome(self) -> str:
        """Make a new visitor, and return the cookie to give to the browser."""
        cookie = secrets.token_urlsafe(32)
        with self._database.transaction():
            name = secrets.token_hex(16)
            self._database.insert("visitors", cookie_hash=_hash(cookie), name=name, seen_at=now())
            self._database.execute(
                "DELETE FROM visitors WHERE rowid IN"
                " (SELECT rowid FROM visitors ORDER BY seen_at DESC, rowid DESC LIMIT -1 OFFSET :most)",
                most=_MOST_VISITORS,
            )
        return cookie

    def named(self, cookie: str) -> str | None:
        """Return the name of the visitor who was given a cookie; None when it was made up, or is too old."""
        return self._database.text(
            "UPDATE visitors SET seen_at = :now WHERE cookie_hash = :hash RETURNING name", hash=_hash(cookie), now=now()
        )


def _hash(secret: str) -> bytes:
    # A plain hash will do: tokens and cookies have 256 random bits, so nobody can search for them.
    return hashlib.sha256(secret.encode()).digest()
