"""Passwords: argon2id, checked in a limited number of threads, since each check takes 64 MB of memory."""

from __future__ import annotations

import threading
import unicodedata

from pwdlib import PasswordHash

_hasher = PasswordHash.recommended()
_room = threading.BoundedSemaphore(4)
_decoy = ""

SHORTEST = 12
LONGEST = 256


def hash_password(password: str) -> str:
    with _room:
        return _hasher.hash(_same_everywhere(password))


def check_password(password: str, stored: str) -> bool:
    """Takes the same time for an account that does not exist (`stored` empty) as for one that does."""
    global _decoy
    password = _same_everywhere(password[: LONGEST + 1])
    with _room:
        if stored:
            return _hasher.verify(password, stored)
        if _decoy:
            _hasher.verify(password, _decoy)
        else:  # the first time: making the decoy takes as long as checking it
            _decoy = _hasher.hash("nobody has this password")
        return False


def _same_everywhere(password: str) -> str:
    """Some keyboards send é as one sign, others as two: the same password either way."""
    return unicodedata.normalize("NFC", password)


def reasons_against(password: str, *, email: str, name: str) -> str:
    """Why a new password is not good enough, or nothing. Length counts; forced symbols do not."""
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. Three unrelated words are easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    lowered = password.lower()
    if len(set(lowered)) < 5 or lowered in COMMON:
        return "This password is too easy to guess. Three unrelated words are easy to remember."
    own = (email.split("@")[0].lower(), name.lower().replace(" ", ""))
    if any(len(part) >= 4 and part in lowered.replace(" ", "") for part in own):
        return "Leave your name and your e-mail address out of the password."
    return ""


COMMON = frozenset(
    [
        "password1234",
        "passwordpassword",
        "123456789012",
        "1234567890123",
        "qwertyuiop12",
        "qwertyuiopas",
        "letmeinletmein",
        "welcomewelcome",
        "changemechangeme",
        "iloveyou1234",
        "safeguarding",
        "safeguarding1",
        "safeguarding123",
        "apprenticeship",
        "apprenticeship1",
        "portfolio1234",
        "administrator",
        "abcdefghijkl",
    ]
)
