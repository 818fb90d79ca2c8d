"""What the tests of openings share: rows that were written down, a lead, and files that were handed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.openings.models import FileOpening
from portfolio.people.models import Person
from tests.builders import Cast, a_person, commit
from tests.client import Browser
from tests.evidence.steps import all_files, complete, pages_of, piece_id, send, work_off
from tests.storage import corpus

Open = Callable[..., Browser]


def a_lead(session: Session, cast: Cast, name: str = "Lena Lead") -> Person:
    """A manager of the first provider who is a confidentiality lead, and nothing more."""
    lead = a_person(session, name, cast.provider, "manager", rights=("confidentiality",))
    commit(session)
    return lead


def written(database: Database) -> list[FileOpening]:
    with database.reading() as session:
        return list(session.scalars(select(FileOpening).order_by(FileOpening.id)))


def told(database: Database) -> list[tuple[str, str, int]]:
    """Of each row: what was opened, from which page, how often."""
    return [(row.what, row.page, row.times) for row in written(database)]


def a_piece(browser: Open, cast: Cast, *kinds: str, action: str = "submit", **more: Any) -> str:
    """The address of a piece of Amina's with files of these kinds, which are prepared; she has opened none."""
    page = browser(cast.amina)
    files = [corpus.GOOD[kind] for kind in kinds]
    answer = send(page, pages_of(cast.amina_at), complete(action=action, **more), *files)
    work_off(page)
    return f"{pages_of(cast.amina_at)}/{piece_id(answer)}"


def files_of(database: Database, piece: str) -> list[str]:
    """The addresses of the files of a piece, in the order in which they came."""
    evidence_id = piece.rpartition("/")[2]
    return [
        f"{piece}/files/{file.id}" for file in all_files(database) if str(file.evidence_id) == evidence_id
    ]
