"""What an entry of the learning log may show of a standard: suggestions of ours, unconfirmed, as data."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from kbs.data_checks import Statements, slug, suggested_codes
from kbs.fields import Faults, Fields, read_yaml
from kbs.frameworks import FrameworkError

SHIPPED = Path(__file__).parent / "training" / "activities"
"""The folder of the suggestions that come with the product."""


@dataclass(frozen=True)
class Activity:
    """A kind of log entry and the statements of one standard it may show."""

    standard: str
    kind: str
    title: str
    suggested: tuple[str, ...]


def load_activities(
    statements: Statements | None = None, folders: Iterable[Path] = (SHIPPED,)
) -> tuple[Activity, ...]:
    """Every suggestion of the folders. Raises FrameworkError with the faults of all files together."""
    found: list[Activity] = []
    wrong: list[str] = []
    for path in (path for folder in folders for path in sorted(folder.glob("*.yaml"))):
        faults = Faults(path.name)
        data = read_yaml(path.read_text(encoding="utf-8"), faults)
        if not faults.found:
            found.extend(_activities(data, faults, statements))
        wrong.extend(faults.found)
    if wrong:
        raise FrameworkError(wrong)
    return tuple(found)


def _activities(data: object, faults: Faults, statements: Statements | None) -> Iterable[Activity]:
    top = Fields(data, "", faults, ("schema_version", "standard", "activities"))
    if top.number("schema_version", 1, 99) != 1:
        top.fault("schema_version", "this program reads schema version 1")
    standard = top.text("standard")
    kinds: set[str] = set()
    for part in top.parts("activities", ("kind", "title", "suggested")):
        kind = slug(part, "kind")
        if kind in kinds:
            part.fault("kind", f"{kind} stands twice")
        kinds.add(kind)
        codes = suggested_codes(part, "suggested", standard, statements)
        yield Activity(standard, kind, part.text("title"), codes)


def suggested_for(activities: Iterable[Activity], standard: str, kind: str) -> tuple[str, ...]:
    """The statements we suggest for a kind of log entry; none where we suggest none for this standard."""
    return tuple(
        code for one in activities if (one.standard, one.kind) == (standard, kind) for code in one.suggested
    )
