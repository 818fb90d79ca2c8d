"""The link that stops the digest without signing in: a person's id and a seal that only this installation can make.

It does not run out, since a mail may be opened months later, and all that it can do is stop the digest: whoever a
mail was forwarded to can do no more than that, and its owner turns it on again on the account page.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from uuid import UUID

from portfolio.settings import Settings

PURPOSE = b"reminders.stop\n"
SEAL_BYTES = 16


def stop_token(settings: Settings, person_id: UUID) -> str:
    """43 letters, digits, dashes and underscores."""
    return (
        urlsafe_b64encode(person_id.bytes + _seal(settings, PURPOSE + person_id.bytes)).decode().rstrip("=")
    )


def person_in(settings: Settings, token: str) -> UUID | None:
    """Whose link it is; None for one that we did not make, or that lost a letter on its way."""
    try:
        raw = urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
    except (Error, ValueError):
        return None
    if len(raw) != 16 + SEAL_BYTES:
        return None
    sealed = hmac.compare_digest(raw[16:], _seal(settings, PURPOSE + raw[:16]))
    return UUID(bytes=raw[:16]) if sealed else None


def message_name(settings: Settings, person_id: UUID, week: str) -> str:
    """The same for every attempt at the same digest, so that a mail program shows one that arrived twice once."""
    return _seal(settings, b"reminders.message\n" + person_id.bytes + week.encode()).hex()


def _seal(settings: Settings, text: bytes) -> bytes:
    secret = settings.secret.get_secret_value().encode()
    return hmac.new(secret, text, hashlib.sha256).digest()[:SEAL_BYTES]
