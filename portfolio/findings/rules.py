"""What the identity check found in the texts of one form, and which of it its writer keeps. Pure.

Whoever gives a reason may keep what was found: the check warns, and does not decide."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from portfolio.identities.rules import Finding, Known, find, find_in_name

LONGEST_REASON = 300
MOST_WORDS = 500
"""In an employer's own list."""
LONGEST_WORD = 100
NOT_ALL = "This finds some names and numbers, not all. You decide; read it again yourself."
LOOKS = {
    "nhs": "looks like an NHS number",
    "ni": "looks like a National Insurance number",
    "upn": "looks like a unique pupil number",
    "phone": "looks like a phone number",
    "email": "looks like an email address",
    "postcode": "looks like a postcode",
    "address": "looks like an address",
    "birth": "looks like a date of birth",
    "reference": "looks like a case or reference number",
    "plate": "looks like a car registration",
    "initials": "looks like initials with a date",
    "handle": "looks like a social-media account",
    "name": "looks like a name",
    "adult": "looks like a name with a title",
    "colleague": "looks like a name with the title of a job",
    "place": "looks like the name of a school or home",
    "word": "is on the employer’s list of words",
    "inside": "found in the text of the file",
}
INSIDE = {
    "nhs": ("NHS number", "NHS numbers"),
    "ni": ("National Insurance number", "National Insurance numbers"),
    "upn": ("unique pupil number", "unique pupil numbers"),
    "phone": ("phone number", "phone numbers"),
    "email": ("email address", "email addresses"),
    "postcode": ("postcode", "postcodes"),
    "address": ("address", "addresses"),
    "birth": ("date of birth", "dates of birth"),
    "reference": ("case or reference number", "case or reference numbers"),
    "plate": ("car registration", "car registrations"),
    "initials": ("person’s initials with a date", "initials with dates"),
    "handle": ("social-media account", "social-media accounts"),
    "name": ("name", "names"),
    "adult": ("name with a title", "names with titles"),
    "colleague": ("name with the title of a job", "names with titles of jobs"),
    "place": ("name of a school or home", "names of schools or homes"),
    "word": ("word on the employer’s list", "words on the employer’s list"),
}
FILE, READ = "file-", "inside-"
"""What the fields of a file's name and of the text in it begin with; its id follows."""


@dataclass(frozen=True)
class Checked:
    """One text to look through. `label` is what its writer sees above it."""

    field: str
    label: str
    text: str
    is_name: bool = False


@dataclass(frozen=True)
class Found:
    """The same words in one text, with every place where they stand, from … to before, in characters."""

    field: str
    label: str
    kind: str
    words: str
    offer: str
    places: tuple[tuple[int, int], ...]
    reason: str = ""

    @property
    def looks(self) -> str:
        return LOOKS.get(self.kind, "may identify somebody")

    @property
    def is_of_a_file(self) -> bool:
        return self.field.startswith((FILE, READ))


Reasons = Mapping[tuple[str, str], str]
"""Why something stays, by field and words."""


def look(texts: Iterable[Checked], known: Known) -> list[Found]:
    """What may identify somebody, text by text; the same words in one text are one."""
    found: list[Found] = []
    for text in texts:
        together: dict[str, list[Finding]] = {}
        for one in (find_in_name if text.is_name else find)(text.text, known) if text.text else ():
            together.setdefault(same(one.words), []).append(one)
        found += [_found(text, group) for group in together.values()]
    return found


def _found(text: Checked, group: Sequence[Finding]) -> Found:
    first, places = group[0], tuple((one.start, one.end) for one in group)
    return Found(text.field, text.label, first.kind, first.words, first.offer, places)


def same(words: str) -> str:
    """Two writings that differ in case or spaces only are the same words."""
    return " ".join(words.split()).casefold()


def reasons_given(
    fields: Sequence[str], words: Sequence[str], reasons: Sequence[str]
) -> dict[tuple[str, str], str]:
    """From the three lists that come with a form, row by row; a blank reason takes an earlier one back."""
    return {
        (field, same(word)): " ".join(reason.split())[:LONGEST_REASON]
        for field, word, reason in zip(fields, words, reasons, strict=False)
    }


def mark(words: str, salt: str = "") -> str:
    """By which words are known again without being kept: a salt and a hash with it."""
    salt = salt or secrets.token_hex(8)
    return f"{salt}:{hashlib.sha256(f'{salt}:{same(words)}'.encode()).hexdigest()[:40]}"


def is_of(marked: str, words: str) -> bool:
    """Whether a mark was made of these words."""
    return mark(words, marked.partition(":")[0]) == marked


def with_reasons(found: Iterable[Found], reasons: Reasons) -> list[Found]:
    return [replace(one, reason=reasons.get((one.field, same(one.words)), one.reason)) for one in found]


def open_ones(found: Iterable[Found]) -> list[Found]:
    """What was neither changed nor kept with a reason."""
    return [one for one in found if not one.reason]


def sentences(found: Iterable[Found]) -> dict[str, str]:
    """For each field the sentence that stands beside it and in the summary, which says where to go."""
    together: dict[str, list[Found]] = {}
    for one in found:
        together.setdefault("files" if one.is_of_a_file else one.field, []).append(one)
    return {field: _sentence(group) for field, group in together.items()}


def _sentence(group: Sequence[Found]) -> str:
    first, more = group[0], len(group) - 1
    begins = f"{first.label}: {_said(first)}"
    if more:
        begins += f", and {more} more like it" if more == 1 else f", and {more} more like these"
    return f"{begins}. Change it, or say why it may stay."


def _said(one: Found) -> str:
    return one.words if one.field.startswith(READ) else f"“{one.words}” {one.looks}"


def left_out(text: str, found: Iterable[Found]) -> str:
    """The text without what was found in it: for notes that must repeat nothing of it and that nobody may wait for."""
    places = sorted((place, one.looks) for one in found for place in one.places)
    for (start, end), looks in reversed(places):
        text = f"{text[:start]}[left out: {looks}]{text[end:]}"
    return text


def inside_words(found: Sequence[Mapping[str, object]]) -> str:
    """What was found in the text of a file: "2 phone numbers (page 1) and 1 name (page 3)"."""
    parts = []
    for one in found:
        count, page = int(str(one.get("count", 1))), int(str(one.get("page", 0)))
        singular, plural = INSIDE.get(str(one.get("kind")), ("thing that may identify somebody",) * 2)
        where = f" (page {page})" if page else ""
        parts.append(f"{count} {singular if count == 1 else plural}{where}")
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def tidy_list(typed: str) -> list[str]:
    """An employer's list as typed, one on each line: tidied, each once, in the order of the page."""
    lines = (" ".join(line.split()) for line in typed.splitlines())
    kept: dict[str, str] = {}
    for line in filter(None, lines):
        kept.setdefault(same(line), line)
    return list(kept.values())


def why_not_list(words: Sequence[str]) -> str:
    """Why this cannot be an employer's list; empty if it can."""
    if len(words) > MOST_WORDS:
        return f"There are {len(words)} words and names. Keep it to {MOST_WORDS}."
    long = next((word for word in words if len(word) > LONGEST_WORD), "")
    if long:
        return f"“{long[:40]}…” is too long. Write each word or name on a line of its own, {LONGEST_WORD} characters at most."
    short = next((word for word in words if sum(map(str.isalnum, word)) < 3), "")
    if short:
        return f"“{short}” is too short to look for: write three letters or more."
    return ""
