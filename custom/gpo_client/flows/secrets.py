"""The tokens and keys that a client has sent, which a hostile server may send back in any place."""

from __future__ import annotations

from gpo_client.exceptions import GPOClientError
from gpo_client.flows.masking import hide_secrets
from gpo_client.models.secret import Secret
from gpo_client.models.spellings import without_secrets

# Of the last so many. A service has more sessions, but each text is searched for each of these.
_MOST = 100

# A token of fewer characters may be a word, or part of one, in any message of ours.
_SHORTEST = 6


class KnownSecrets:
    """Takes tokens and keys out of texts that come from the server.

    Args:
        key: The API key, if there is one.

    >>> secrets = KnownSecrets()
    >>> secrets.note(Secret("s3cr3t"))
    >>> secrets.masked("request s3cr3t-1")
    'request **********-1'
    """

    def __init__(self, key: Secret | None = None) -> None:
        self._key = key or Secret()
        # Replaced as a whole, so that several threads may do so: at worst one of two that are new is forgotten.
        self._known: tuple[Secret, ...] = ()

    def note(self, secret: Secret) -> None:
        """One that is being sent."""
        if secret and secret not in self._known:
            self._known = (secret, *self._known)[:_MOST]

    def masked(self, text: str) -> str:
        """Return the text without any of them, in whatever spelling."""
        return without_secrets(text, (self._key, *self._known))

    def hide_in(self, error: GPOClientError) -> None:
        """Take them out of an error and its causes; those that are too short to be told from words stay."""
        hide_secrets(error, [secret for secret in (self._key, *self._known) if len(secret) >= _SHORTEST])
