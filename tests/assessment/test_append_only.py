"""No path changes or removes what was decided, signed, said: not the ORM, not SQL, not REPLACE."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portfolio.assessment.models import Decision, SignOff, SignOffPiece
from portfolio.database import Base, Database, new_id
from portfolio.evidence.models import Evidence
from portfolio.feedback import models as feedback
from portfolio.sightings.models import Sighting
from tests.assessment.steps import a_testimony, item_path, review_path, typed
from tests.builders import NOW, Cast, a_submitted, commit, latest_version
from tests.client import Browser
from tests.postgres import plain, refusals

Open = Callable[..., Browser]
REFUSED = "append-only|permission denied"
"""By the trigger on SQLite; on PostgreSQL the role that the application has may not even try."""
ROWS = [
    (Decision, "outcome", "not_yet"),
    (SignOff, "kind", "withdrawn"),
    (SignOffPiece, "version_id", None),
    (feedback.Testimony, "statement", "Something else."),
    (feedback.Comment, "text", "Something else."),
    (Sighting, "statement", "Something else."),
]


@pytest.fixture
def on_record(browser: Open, session: Session, cast: Cast) -> Evidence:
    """A decided piece with a testimony, a comment, and an item signed off on its strength."""
    piece = a_submitted(session, cast.amina_at, "K7", "S7")
    a_testimony(session, piece, cast.marek)
    session.add(
        feedback.Comment(
            provider_id=piece.provider_id,
            apprenticeship_id=piece.apprenticeship_id,
            evidence_id=piece.id,
            author_id=cast.marek.id,
            role="mentor",
            text="Well done.",
            written_at=NOW,
            form_key=new_id().hex,
        )
    )
    version = latest_version(session, piece.id)
    session.add(
        Sighting(
            provider_id=piece.provider_id,
            apprenticeship_id=piece.apprenticeship_id,
            evidence_id=piece.id,
            version_id=version.id,
            version_number=version.number,
            version_sha256="a" * 64,
            signed_by_id=cast.marek.id,
            role="mentor",
            seen_on=date(2026, 10, 21),
            seen_where="The safeguarding log",
            statement="I have seen it.",
            signed_at=NOW,
        )
    )
    commit(session)
    page = browser(cast.asha)
    page.post(review_path(piece), data=typed(version, {"K7": "covered", "S7": "partly"}))
    page.post(
        item_path(cast.amina_at.id, "S7", "sign-off"),
        data={"pieces": str(version.id), "reason": "With the visit.", "form_key": "5" * 32},
    )
    return piece


@pytest.mark.parametrize(
    ("model", "column", "value"), ROWS, ids=lambda one: getattr(one, "__tablename__", None)
)
def test_the_orm_cannot_change_or_delete_it(
    session: Session, on_record: Evidence, model: type[Base], column: str, value: object
) -> None:
    row = session.scalars(select(model)).first()
    assert row is not None
    setattr(row, column, value if value is not None else new_id())
    with pytest.raises(DBAPIError, match=REFUSED):
        session.flush()
    session.rollback()
    session.delete(session.scalars(select(model)).first())
    with pytest.raises(DBAPIError, match=REFUSED):
        session.flush()
    session.rollback()


@pytest.mark.parametrize("model", [row[0] for row in ROWS], ids=lambda model: model.__tablename__)
def test_raw_sql_cannot_either(
    database: Database, owner: Database | None, on_record: Evidence, model: type[Base]
) -> None:
    """On PostgreSQL neither the application's role nor the owner of the tables."""
    table = model.__tablename__
    for who, why in refusals(database, owner, f"{table} is append-only"):
        for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}"):  # noqa: S608  # our own names
            with pytest.raises(DBAPIError, match=why), plain(who) as connection:
                connection.execute(text(statement))


@pytest.mark.parametrize("model", [row[0] for row in ROWS], ids=lambda model: model.__tablename__)
def test_replace_cannot_rewrite_a_row(
    database: Database, owner: Database | None, on_record: Evidence, model: type[Base]
) -> None:
    table = model.__tablename__
    if database.is_sqlite:
        statement = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"  # noqa: S608
    else:
        statement = (
            f"INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id) DO UPDATE SET id = excluded.id"  # noqa: S608
        )
    for who, why in refusals(database, owner, f"{table} is append-only"):
        with pytest.raises(DBAPIError, match=why), plain(who) as connection:
            connection.execute(text(statement))


def test_a_decision_is_superseded_by_one_row_at_most(session: Session, on_record: Evidence) -> None:
    old = session.scalars(select(Decision).where(Decision.item_code == "K7")).one()

    def another() -> Decision:
        values = {
            column.key: getattr(old, column.key)
            for column in Decision.__table__.columns
            if column.key != "id"
        }
        return Decision(**values | {"supersedes_id": old.id, "reason": "Why", "form_key": new_id().hex})

    session.add(another())
    session.flush()
    session.add(another())
    with pytest.raises(IntegrityError):
        session.flush()


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "passed"},
        {"outcome": "partly", "missing": ""},
        {"supersedes_id": "itself", "reason": ""},
    ],
)
def test_the_database_refuses_a_decision_that_says_too_little(
    session: Session, on_record: Evidence, change: dict[str, object]
) -> None:
    old = session.scalars(select(Decision).where(Decision.item_code == "K7")).one()
    values = {
        column.key: getattr(old, column.key) for column in Decision.__table__.columns if column.key != "id"
    }
    values |= {"form_key": new_id().hex} | change
    if change.get("supersedes_id"):
        values["supersedes_id"] = old.id
    session.add(Decision(**values))
    with pytest.raises(IntegrityError):
        session.flush()
