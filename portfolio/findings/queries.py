"""Whose names may stand in a portfolio, an employer's own words, and what was kept in a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.apprenticeships.models import Apprenticeship, Assignment
from portfolio.findings.models import EmployerWords, FileReading, KeptFinding
from portfolio.findings.rules import LOOKS, READ, Found, inside_words, is_of, same
from portfolio.identities.rules import Known
from portfolio.people.models import Person


@dataclass(frozen=True)
class Shown:
    """Something that was kept, as whoever reads the text sees it."""

    field: str
    kind: str
    words: str
    reason: str

    @property
    def looks(self) -> str:
        return LOOKS.get(self.kind, "may identify somebody")

    @property
    def is_inside(self) -> bool:
        """Found in the text of a file: then `words` say of which kind, and stand in no text of ours."""
        return self.field.startswith(READ)


def known_for(session: Session, opened: Opened) -> Known:
    """The apprentice and everybody assigned today, besides whoever is writing; and the employer's words."""
    known = known_in(session, opened.apprenticeship)
    names = tuple(dict.fromkeys((*known.names, opened.viewer.name)))
    return Known(names, known.words)


def known_in(session: Session, at: Apprenticeship) -> Known:
    """The same where nobody is writing: for what is read in files."""
    around = select(Person.name).join(Assignment, Assignment.person_id == Person.id)
    here = around.where(Assignment.apprenticeship_id == at.id, Assignment.until_at.is_(None))
    names = session.scalars(union(select(Person.name).where(Person.id == at.apprentice_id), here))
    return Known(tuple(sorted(names)), words_of(session, at.employer_id))


def words_of(session: Session, employer_id: UUID) -> tuple[str, ...]:
    """The list of this employer, in its own order; empty while there is none."""
    found = session.scalar(select(EmployerWords.words).where(EmployerWords.employer_id == employer_id))
    return tuple((found or "").splitlines())


def kept_in(session: Session, records: Iterable[UUID]) -> dict[UUID, list[KeptFinding]]:
    """What was kept in each of these records, in the order of its texts. One query."""
    ids, found = list(records), dict[UUID, list[KeptFinding]]()
    if not ids:
        return found
    rows = session.scalars(
        select(KeptFinding)
        .where(KeptFinding.record_id.in_(ids))
        .order_by(KeptFinding.field, KeptFinding.starts, KeptFinding.id)
    )
    for row in rows:
        found.setdefault(row.record_id, []).append(row)
    return found


def shown(rows: Sequence[KeptFinding], text_of: Callable[[str], str]) -> list[Shown]:
    """Each once, with its words read from the text itself; what is no longer there is left out. `text_of` gives the
    text of a field, and of what was found inside a file the words for it."""
    found: dict[tuple[str, str], Shown] = {}
    for row in rows:
        words = (
            text_of(row.field) if row.field.startswith(READ) else text_of(row.field)[row.starts : row.ends]
        )
        if words and is_of(row.mark, words):
            found.setdefault((row.field, words), Shown(row.field, row.kind, words, row.reason))
    return list(found.values())


def reasons_of(rows: Sequence[KeptFinding], found: Iterable[Found]) -> dict[tuple[str, str], str]:
    """Why these may stay, by field and words: what was kept before, wherever in its text it stands now."""
    return {
        (one.field, same(one.words)): row.reason
        for one in found
        for row in rows
        if row.field == one.field and is_of(row.mark, one.words)
    }


def shown_in(session: Session, said: Mapping[UUID, Mapping[str, str]]) -> dict[UUID, list[Shown]]:
    """What was kept in each of these records. `said`: the texts of each, by field. One query."""
    return {
        record: shown(rows, lambda field, texts=said[record]: texts.get(field, ""))  # type: ignore[misc]
        for record, rows in kept_in(session, said).items()
    }


def readings_of(session: Session, files: Iterable[UUID]) -> dict[UUID, FileReading]:
    """What reading these files found, by file. One query."""
    ids = list(files)
    if not ids:
        return {}
    rows = session.scalars(select(FileReading).where(FileReading.file_id.in_(ids)).order_by(FileReading.id))
    return {row.file_id: row for row in rows}


def inside(readings: Mapping[UUID, FileReading], file_id: UUID) -> str:
    """What was found in the text of a file, in words; empty if nothing was."""
    reading = readings.get(file_id)
    return inside_words(reading.found) if reading is not None else ""
