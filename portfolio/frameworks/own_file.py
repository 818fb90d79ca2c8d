"""The text of a framework that a provider sends: looked at before it is read, then every fault by its place.

Nobody here wrote the file, so its shape is bounded first (own_shape).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from kbs.catalogue import Catalogue
from kbs.framework import WORDINGS, Framework
from kbs.frameworks import FrameworkError, framework_from_text
from portfolio.frameworks.own_shape import LONGEST_FAULT, Fault, shape_faults
from portfolio.library.queries import shipped
from portfolio.web.forms import CONTROLS

FILE_LIMIT = 200_000
"""Bytes. The longest that ships has 30,000."""
TOO_LONG = "it is longer than 200 KB; no framework needs that"
LONGEST_ID, LONGEST_FILE_ID, LONGEST_TITLE = 60, 50, 200
MOST_SHOWN = 60
SAFE_ID = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*")
OWN_WORDING = WORDINGS[1]
EXAMPLE = Path(__file__).with_name("own_example.yaml")
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class Unreadable(Exception):
    """No framework can be made of the text. `faults`: everything that is wrong; `more`: how many are not listed."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults, self.more = faults[:MOST_SHOWN], max(0, len(faults) - MOST_SHOWN)
        super().__init__("\n".join(f"{one.where}: {one.what}" for one in self.faults))


def decoded(content: bytes) -> str:
    """The text of a file. Raises Unreadable."""
    if content.startswith(UTF_16) or b"\0" in content:
        raise Unreadable([Fault("the file", "it is not plain text in UTF-8; save it anew as UTF-8")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable(
            [Fault(f"line {line}", "a sign here is not written in UTF-8; save the file anew as UTF-8")]
        ) from None


def own_framework(text: str, catalogue: Catalogue) -> Framework:
    """The framework in a text that somebody sent. Raises Unreadable with everything that is wrong."""
    if not text.strip():
        raise Unreadable([Fault("the file", "it is empty; the example shows what belongs in it")])
    if len(text.encode("utf-8", "replace")) > FILE_LIMIT:
        raise Unreadable([Fault("the file", TOO_LONG)])
    if shape := shape_faults(text):
        raise Unreadable(shape)
    try:
        framework = framework_from_text(text, "", _statements(catalogue))
    except FrameworkError as error:
        raise Unreadable([_fault(one) for one in error.faults]) from None
    if own := list(_own_faults(framework)):
        raise Unreadable(own)
    return framework


def _statements(catalogue: Catalogue) -> Mapping[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for standard in catalogue.all():
        found[standard.reference] = found.get(standard.reference, frozenset()) | frozenset(standard.codes)
    return found


def _fault(line: str) -> Fault:
    """A fault of the reader, ": where: what", short enough to be read."""
    where, _, what = line.removeprefix(": ").partition(": ")
    if len(what) > LONGEST_FAULT:
        what = what[:LONGEST_FAULT] + " …"
    return Fault(CONTROLS.sub("?", where[:100]), CONTROLS.sub("?", what))


def _own_faults(framework: Framework) -> Iterator[Fault]:
    """What is asked of a provider's own framework besides the format that all have."""
    if framework.wording != OWN_WORDING:
        yield Fault("wording", f"write: {OWN_WORDING}. “{WORDINGS[0]}” stands for those that ship")
    if framework.id in {one.id for one in shipped().all()}:
        yield Fault("id", f"{framework.id} is one that ships with the product; give yours its own id")
    for where, value, most in (
        ("title", framework.title, LONGEST_TITLE),
        ("edition", framework.edition, LONGEST_TITLE),
    ):
        if len(value) > most:
            yield Fault(where, f"at most {most} characters; this has {len(value)}")
    if len(framework.id) > LONGEST_FILE_ID:
        yield Fault("id", f"at most {LONGEST_FILE_ID} characters; this has {len(framework.id)}")
    for where, value in _ids(framework):
        if len(value) > LONGEST_ID or not SAFE_ID.fullmatch(value):
            yield Fault(
                where, f"letters, digits and hyphens expected, at most {LONGEST_ID}, such as leads-advise"
            )


def _ids(framework: Framework) -> Iterator[tuple[str, str]]:
    """Each id that addresses and forms will hold, with its place in the file."""
    for level in framework.levels:
        yield f"levels[{level.rank}].id", level.id
        places = f"levels[{level.rank}].headings", f"levels[{level.rank}].competencies"
        yield from ((f"{places[0]}[{number}].id", one.id) for number, one in enumerate(level.headings, 1))
        yield from ((f"{places[1]}[{number}].id", one.id) for number, one in enumerate(level.competencies, 1))
