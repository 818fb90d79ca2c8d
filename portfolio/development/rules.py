"""What may be said of supervision, reviews and inductions. Pure: no database, no web."""

from __future__ import annotations

from urllib.parse import urlsplit

LONGEST, LONGEST_LINE = 4_000, 300
EARLIEST_YEAR = 1945

KINDS = {
    "one_to_one": "One to one",
    "group": "Group supervision",
    "peer": "Peer supervision",
    "reflective": "Reflective session",
    "case": "Case discussion",
}
WITH_WHOM = {
    "line_manager": "Line manager",
    "safeguarding_lead": "Designated safeguarding lead",
    "mentor": "Workplace mentor",
    "external_supervisor": "Supervisor from outside the organisation",
    "senior_practitioner": "Senior practitioner",
    "peers": "Colleagues in the same role",
}
"""Roles only: the names of others have no place in somebody's record."""
PROCEDURES = "procedures"
COVERS = {
    PROCEDURES: "The organisation’s safeguarding procedures and where to find them",
    "signs": "Signs of abuse and neglect",
    "record_share": "How to record and share a concern",
    "whom_to_tell": "Whom to tell about a child, a young person or an adult",
    "colleague": "Whom to tell about a colleague, and whistleblowing",
    "conduct": "What conduct is expected",
}
"""What an induction may cover. It is mandatory and covers the procedures (PA3 framework, March 2022)."""


def why_not_link(text: str) -> str:
    """Why this is no address of a page on the web; empty if it is one, or nothing at all."""
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in ("http", "https") or "." not in host or any(one.isspace() for one in text):
        return "Give the address of a page that begins with https:// or http://, or leave it out."
    if parts.username or parts.password:
        return "Leave user name and password out of the address."
    return ""


def year_typed(text: str, this_year: int) -> int | None:
    """The year of publication; None where it is no year between 1945 and this one."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) == 4):
        return None
    return int(plain) if EARLIEST_YEAR <= int(plain) <= this_year else None


def number_typed(text: str, least: int, most: int) -> int | None:
    """A whole number between two others; None where it is none."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdigit() and len(plain) <= len(str(most))):
        return None
    return int(plain) if least <= int(plain) <= most else None
