"""What may happen to a piece now, with the reasons where it may not. Facts and a date in, sentences out."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

LOCKED = (
    "The portfolio is locked at the gateway: nothing in it can be changed. "
    "A provider manager can ask for it to be unlocked."
)
ENDED = "This apprenticeship was withdrawn: its portfolio is kept as it stands, and nothing can be added or changed."
CLOSED = {"through": LOCKED, "assessed": LOCKED, "withdrawn": ENDED}
"""By the stage of the apprenticeship: why nothing can be written. Stages not named here are open."""

CONFIDENTIALITY = (
    ("not_a_record", "Not a record", "Nothing here comes from a record about a person"),
    ("anonymised", "An anonymised account", "I wrote it so that nobody can be recognised"),
    ("original_stays", "The original stays at work", "I say below where it is kept and who saw it"),
)
"""The three choices: value, label, and what it means."""
NOBODY_IDENTIFIABLE = (
    "No person using services, family member, colleague under allegation, or school, home or address can be "
    "identified from this, alone or together with my other pieces."
)
OWN_WORK = "This is my own work. Where others helped, I have said so."
NOT_A_REPORTING_ROUTE = (
    "This is not a reporting route. If somebody may be at risk now, follow your organisation’s procedure."
)

UNDECIDED = (
    "Two texts stand side by side for the same place in this piece, since it was written on two pages at once. "
    "Choose which to keep, then submit it."
)

LONGEST_TITLE = 200
LONGEST_TEXT = 20_000
LONGEST_NOTE = 2_000


class Reason(NamedTuple):
    """Why not, and at which field of the form it can be mended."""

    field: str
    sentence: str


@dataclass(frozen=True)
class PieceFacts:
    """What is in a version that somebody wants to submit. `claims` counts claims, `files` counts files."""

    type: str
    title: str
    happened_on: date | None
    texts: tuple[str, ...]
    claims: int
    files: int
    original_kept_at: str
    original_seen_by: str
    original_what: str
    original_seen_on: date | None
    confidentiality: str
    nobody_identifiable: bool
    own_work: bool
    refused: tuple[str, ...] = ()
    """Names of files that were refused after they came in."""
    undecided: tuple[str, ...] = ()
    """Names of files that could not be cleaned, and whose owner has not said whether they may stay as they are."""


def reasons_not_to_submit(facts: PieceFacts, today: date) -> list[Reason]:
    """What is still missing before the assessor can be asked, field by field in the order of the page."""
    found = [
        Reason(field, sentence)
        for field, missing, sentence in (
            ("type", not facts.type, "Choose what type of evidence this is."),
            ("title", not facts.title.strip(), "Give it a title."),
            ("happened_on", facts.happened_on is None, "Say when it happened."),
            (
                "happened_on",
                facts.happened_on is not None and facts.happened_on > today,
                "The day it happened cannot be in the future.",
            ),
            (
                "what_happened",
                not any(facts.texts),
                "Write at least one of: what happened, what you did, why.",
            ),
            ("claims", facts.claims == 0, "Choose at least one statement or duty that this shows."),
        )
        if missing
    ]
    refused = [
        Reason("files", f"Remove “{name}”: it was refused when it was checked.") for name in facts.refused
    ]
    undecided = [
        Reason(
            "files",
            f"Decide about “{name}”: its hidden details could not be taken out. Keep it or remove it.",
        )
        for name in facts.undecided
    ]
    original = _without_original(facts, today)
    return [*refused, *undecided, *found, *_too_long(facts), *original, *_undeclared(facts)]


def _too_long(facts: PieceFacts) -> list[Reason]:
    fields = ("what_happened", "what_i_did", "why")
    return [
        Reason(
            field,
            f"This text has {len(text):,} characters. Shorten it to {LONGEST_TEXT:,} before you submit it.",
        )
        for field, text in zip(fields, facts.texts, strict=True)
        if len(text) > LONGEST_TEXT
    ]


def _without_original(facts: PieceFacts, today: date) -> list[Reason]:
    future = facts.original_seen_on is not None and facts.original_seen_on > today
    found = (
        [Reason("original_seen_on", "The day the original was seen cannot be in the future.")]
        if future
        else []
    )
    if facts.files and facts.confidentiality != "original_stays":
        return found
    why = "There is no file" if not facts.files else "You say that the original stays at work"
    missing = [
        Reason(field, f"{why}: say {what}.")
        for field, said, what in (
            ("original_what", facts.original_what.strip(), "what the original is"),
            ("original_kept_at", facts.original_kept_at.strip(), "where the original is kept"),
            ("original_seen_by", facts.original_seen_by.strip(), "who saw it"),
            ("original_seen_on", facts.original_seen_on, "when they saw it"),
        )
        if not said
    ]
    return missing + found


def _undeclared(facts: PieceFacts) -> list[Reason]:
    return [
        Reason(field, sentence)
        for field, made, sentence in (
            (
                "confidentiality",
                bool(facts.confidentiality),
                "Choose how people are protected in this piece.",
            ),
            ("nobody_identifiable", facts.nobody_identifiable, "Declare that nobody can be identified."),
            ("own_work", facts.own_work, "Declare that this is your own work."),
        )
        if not made
    ]


def reasons_closed(stage: str) -> list[str]:
    """Why nothing in this portfolio can be written, by the stage of the apprenticeship."""
    return [CLOSED[stage]] if stage in CLOSED else []


def reasons_not_to_edit(state: str, stage: str = "active") -> list[str]:
    """Why a piece cannot be changed now. Drafts and returned pieces can."""
    return reasons_closed(stage) or {
        "submitted": ["This is with the assessor. Take it back first, then change it."],
        "decided": ["This was decided on, so it stays as it is. Add a new piece to show more."],
        "withdrawn": ["This piece was withdrawn. It is kept, and cannot be changed."],
    }.get(state, [])


def reasons_not_to_take_back(state: str, stage: str = "active") -> list[str]:
    """Why a piece cannot be taken back from the assessor: only one that is with them can."""
    if closed := reasons_closed(stage):
        return closed
    return (
        []
        if state == "submitted"
        else ["Only a piece that is with the assessor can be taken back from them."]
    )


def is_withdrawn_by(state: str, reason: str, by: UUID | None, *, same_reason: str, same_person: UUID) -> bool:
    """Whether a piece was withdrawn by this very person for this very reason: sent twice is done once."""
    return state == "withdrawn" and (reason, by) == (same_reason, same_person)


def reasons_not_to_withdraw(state: str, stage: str = "active", *, part_covered: bool = False) -> list[str]:
    """Why a piece cannot be withdrawn. Once something in it was found covered, a sign-off may rest on it."""
    if closed := reasons_closed(stage):
        return closed
    if state == "withdrawn":
        return ["This piece was withdrawn already."]
    if state == "decided" or part_covered:
        return ["The assessor has found something covered by this piece, so it stays in the portfolio."]
    return []


def reasons_not_to_decide(state: str) -> list[str]:
    """Why an assessor cannot return a piece or decide on it: it must be with them."""
    if state == "submitted":
        return []
    return ["This piece is not with the assessor any more. Load the page again to see where it is."]


def holder(state: str, *, own: bool, apprentice: str, assessors: Sequence[str] = ()) -> str:
    """Who has a piece now, in words that are followed by "since …"."""
    if state == "submitted":
        return f"With {' and '.join(assessors)}, to assess" if assessors else "Waiting for an assessor"
    if state == "returned":
        return "Returned to you" if own else f"Returned to {apprentice}"
    return {"draft": "Only you can see this draft", "decided": "Decided", "withdrawn": "Withdrawn"}[state]


def next_step(state: str, *, own: bool, assessors: Sequence[str] = (), new_draft: bool = False) -> str:
    """What to do next about a piece, for the person who looks at it; empty if nothing."""
    if state == "submitted" and not assessors:
        return "No assessor is assigned yet. The training provider assigns one; nothing is lost meanwhile."
    if not own:
        return ""
    if state == "returned" and new_draft:
        return "You have begun a new version. Submit it when it is ready."
    return {
        "draft": "Submit it when it is ready; until then nobody else sees it.",
        "submitted": "Nothing to do for you until it is decided.",
        "returned": "Read what is missing below, change the piece, and submit it again.",
    }.get(state, "")


def title_from(texts: Sequence[str], file_names: Sequence[str], claims: Sequence[str]) -> str:
    """A title for a draft that has none: its first words, or its file's name, or what it is to show; "" if
    there is nothing at all to save."""
    for text in texts:
        words = text.split()
        if words:
            short = " ".join(words[:8])[:80].rstrip(" ,;:")
            return short + ("…" if len(words) > 8 or len(short) == 80 else "")
    for name in file_names:
        return (name.rpartition(".")[0] or name)[:LONGEST_TITLE]
    return f"Evidence for {', '.join(claims)}"[:LONGEST_TITLE] if claims else ""


def receipt_code(file_id: UUID, sha256_stored: str) -> str:
    """Ten letters and digits in two groups, computed from what is kept: a row that was altered gives another code."""
    digest = hashlib.sha256(file_id.bytes + sha256_stored.encode()).digest()
    code = b32encode(digest).decode()[:10]
    return f"{code[:5]}-{code[5:]}"
