"""Users: each instance has its own, told apart by id and by e-mail address."""

import attrs
import msgspec

from gpo_sandbox.language import folded
from gpo_sandbox.requests import User, UserEntry, UserQuery
from gpo_sandbox.responses import Page, Problem
from gpo_sandbox.store.database import DAY_S, Database, Value, now, to_json
from gpo_sandbox.store.sessions import ADMIN, Caller

_COLUMNS = "user_id, email, display_name, is_active, role_codes, country_id, user_type, created_at, last_seen_at"
_USERS = f"SELECT {_COLUMNS} FROM users WHERE instance_id = :instance_id"  # nosec B608 # noqa: S608
_MENTIONING = (
    " AND instr(folded(user_id || char(10) || coalesce(email, '') || char(10) || coalesce(display_name, '')), :text)"
)
_WITH_A_ROLE = " AND EXISTS (SELECT 1 FROM json_each(role_codes) WHERE value IN (SELECT value FROM json_each(:roles)))"

# Users who were only once here, without an address, a role or a conversation, are forgotten after a while; of all users
# without a role or a conversation there are as many as a demonstration has, those who have been away for longest are
# forgotten first.
_KEPT_S = 90 * DAY_S
_MOST_USERS = 10_000
_TOO_OLD = """
DELETE FROM users WHERE rowid IN (
    SELECT id FROM (
        SELECT rowid AS id, email, coalesce(last_seen_at, created_at) AS seen_at,
            row_number() OVER (ORDER BY coalesce(last_seen_at, created_at) DESC, rowid DESC) AS number
        FROM users AS u WHERE role_codes = '[]' AND is_active AND NOT EXISTS (
            SELECT 1 FROM conversations AS c WHERE c.instance_id = u.instance_id AND c.user_id = u.user_id
        )
    ) WHERE number > :most OR (email IS NULL AND seen_at <= :oldest)
)
"""


@attrs.frozen
class Users:
    """The table of users. Those with `admin_ids` (`*`: all) administer the instances of their sessions."""

    _database: Database
    _admin_ids: frozenset[str] = frozenset()

    def arrive(self, instance_id: str, user_id: str) -> str | None:
        """Take note of a user who opens a session; return the name to show. Raises Problem if not active."""
        self._sweep()
        self._database.execute(
            "INSERT INTO users (instance_id, user_id, created_at) VALUES (:instance_id, :user_id, :now)"
            " ON CONFLICT (instance_id, user_id) DO NOTHING",
            instance_id=instance_id,
            user_id=user_id,
            now=now(),
        )
        user = self._find(instance_id, "user_id", user_id)
        if user is None or not user.is_active:
            raise Problem("permission_denied", f"The user {user_id!r} is not active.", field="user_id")
        roles = user.role_codes
        if ADMIN not in roles and not self._admin_ids.isdisjoint({user_id, "*"}):
            roles.append(ADMIN)
        self._database.execute(
            "UPDATE users SET last_seen_at = :now, role_codes = :role_codes"
            " WHERE instance_id = :instance_id AND user_id = :user_id",
            role_codes=to_json(roles),
            instance_id=instance_id,
            user_id=user_id,
            now=now(),
        )
        return user.display_name

    def save(self, caller: Caller, entry: UserEntry) -> User:
        """Add a user, or change the one with the same e-mail address; what the entry leaves out stays as it is. Raises
        Problem: the caller may not do that, or the e-mail address or the id belongs to another user.
        """
        instance_id = caller.instance_id
        if not caller.is_admin and not self._is_harmless(caller, entry):
            detail = f"Changing other users, and saying who is active or has which roles, takes the role code {ADMIN}."
            raise Problem("permission_denied", detail, field="users")
        self._sweep()
        user_id = self._id_of(instance_id, entry)
        self._database.execute(
            "INSERT INTO users (instance_id, user_id, email, display_name, is_active, role_codes, country_id,"
            " user_type, created_at) VALUES (:instance_id, :user_id, :email, :display_name, coalesce(:is_active, 1),"
            " coalesce(:role_codes, '[]'), :country_id, :user_type, :now)"
            " ON CONFLICT (instance_id, user_id) DO UPDATE SET email = :email,"
            " display_name = coalesce(:display_name, display_name), is_active = coalesce(:is_active, is_active),"
            " role_codes = coalesce(:role_codes, role_codes), country_id = coalesce(:country_id, country_id),"
            " user_type = coalesce(:user_type, user_type)",
            instance_id=instance_id,
            now=now(),
            **msgspec.structs.asdict(entry) | {"user_id": user_id, "role_codes": to_json(entry.role_codes)},
        )
        query = f"{_USERS} AND user_id = :user_id"
        (saved,) = self._database.responses(User, query, instance_id=instance_id, user_id=user_id)
        return saved

    def page(self, caller: Caller, wanted: UserQuery) -> Page[User]:
        """Find and sort users: all of the instance for administrators, the caller for everybody else."""
        query, values = _USERS, dict[str, Value](instance_id=caller.instance_id)
        if not caller.is_admin:
            query, values["caller"] = f"{query} AND user_id = :caller", caller.user_id
        if wanted.is_active is not None:
            query, values["is_active"] = f"{query} AND is_active = :is_active", wanted.is_active
        if wanted.role_codes:
            query, values["roles"] = query + _WITH_A_ROLE, to_json(wanted.role_codes)
        if text := folded(wanted.search_text or ""):
            query, values["text"] = query + _MENTIONING, text
        direction = "DESC" if wanted.sort_order == "Descending" else "ASC"
        # The column is one of five that the decoder lets through.
        order = f"{wanted.sort_column or 'user_id'} {direction}, user_id {direction}"
        return self._database.page(User, query, order, wanted, **values)

    def _sweep(self) -> None:
        self._database.sweep(_TOO_OLD, oldest=now() - _KEPT_S, most=_MOST_USERS)

    def _is_harmless(self, caller: Caller, entry: UserEntry) -> bool:
        """Tell whether anybody may save an entry: one of themselves, of somebody new, or one that changes nothing."""
        if entry.role_codes or entry.is_active is False:
            return False
        user_id = entry.user_id or entry.email
        wanted = User(
            user_id=user_id, email=entry.email, display_name=entry.display_name, is_active=True, role_codes=[],
            country_id=entry.country_id, user_type=entry.user_type, created_at="", last_seen_at=None,
        )  # fmt: skip
        concerned = [self._find(caller.instance_id, *by) for by in (("email", entry.email), ("user_id", user_id))]
        return all(
            known is None or known.user_id == caller.user_id or msgspec.structs.replace(known, created_at="") == wanted
            for known in concerned
        )

    def _id_of(self, instance_id: str, entry: UserEntry) -> str:
        known = self._find(instance_id, "email", entry.email)
        if known is not None and entry.user_id in (None, known.user_id):
            return known.user_id
        user_id = entry.user_id or entry.email
        other = self._find(instance_id, "user_id", user_id)
        if known is not None or (other is not None and other.email is not None):
            detail = f"{entry.email!r} and {user_id!r} do not belong to the same user."
            raise Problem("user_conflict", detail, field="users")
        return user_id

    def _find(self, instance_id: str, column: str, value: str) -> User | None:
        found = self._database.responses(User, f"{_USERS} AND {column} = :value", instance_id=instance_id, value=value)
        return found[0] if found else None
