"""The letters about a ledger: its head, and that it goes elsewhere from now on."""

from __future__ import annotations

from dataclasses import replace

from portfolio.audit.marks import Mark
from portfolio.ledger.chain import Head
from portfolio.people.letters import address
from portfolio.people.mail import Letter
from portfolio.settings import Settings

KEEP = (
    "Keep this letter. If a decision, a sign-off, a testimony or a lock before this entry is ever changed or taken "
    "away, by whomever, the ledger no longer leads to this line, and checking it says so:"
)


def head_letter(settings: Settings, to: str, provider_name: str, head: Head | None, added: int) -> Letter:
    """The head of today. Kept in the mailbox it is what nobody with the database can change."""
    mark = Mark(head.seq, head.hash) if head else None
    if mark is None:
        said = ["The ledger has no entry yet."]
    else:
        new = f"{added:,} new since the last letter" if added else "nothing new since the last letter"
        said = [
            f"The ledger of {provider_name} ends with entry {mark.seq:,} ({new}):",
            mark.whole,
            KEEP,
            f"python3 verify_export.py export.json --head {mark.whole}",
            "The export and the script to check it with are here:",
            address(settings, f"/providers/{head.provider_id}/ledger" if head else "/"),
            "Whoever runs the installation checks all that is stored with:",
            f"python -m portfolio verify --head {head.whole if head else ''}",
        ]
    subject = f"Ledger of {provider_name}: {'entry ' + mark.short if mark else 'no entry yet'}"
    return _letter(to, subject, *said)


def lost_letter(
    settings: Settings, to: str, provider_name: str, head: Head | None, seq: int, hash_: str | None
) -> Letter:
    """The ledger no longer leads to what was mailed last."""
    mailed = f"{seq}:{hash_}" if hash_ else f"entry {seq}"
    ends = f"It ends with entry {head.seq:,} now" if head else "It has no entry now"
    return _letter(
        to,
        f"WARNING: the ledger of {provider_name} no longer leads to what was mailed",
        f"The letter before this one named as the end of the ledger of {provider_name}:",
        mailed,
        f"The ledger no longer leads there. {ends}" + (f": {head.seq}:{head.hash}" if head else "."),
        "Entries were taken away or written anew, or an older copy of the database was put back. Keep every letter you "
        "have, ask those who run the installation what happened, and have them check with:",
        f"python -m portfolio verify --head {Head(head.provider_id, seq, hash_).whole}"
        if head and hash_
        else "python -m portfolio verify",
        "This letter comes every day until a manager removes this address and sets it anew here:",
        address(settings, f"/providers/{head.provider_id}/ledger" if head else "/"),
    )


def moved_letter(to: str, provider_name: str, by_name: str, name: str) -> Letter:
    """To the address that was set before: whoever redirects the heads must not be able to do it in silence. `name`:
    of the message, the same when it is sent again."""
    letter = _letter(
        to,
        f"Ledger of {provider_name}: its head no longer comes here",
        f"{by_name} has changed where the head of the ledger of {provider_name} is mailed. This is the last letter to "
        "this address.",
        "If that was not agreed, ask them, and keep the letters you have: they are what the ledger is checked with.",
    )
    return replace(letter, message_name=name)


def _letter(to: str, subject: str, *paragraphs: str) -> Letter:
    return Letter("", to, subject, "\n\n".join((*paragraphs, "KSB Portfolio")) + "\n")
