"""The life of a piece: submitted, returned, changed in a new version, taken back, decided, withdrawn, locked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Progress
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.evidence import actions, queries, rules
from portfolio.evidence.models import Claim, Evidence, EvidenceVersion, VersionFile
from portfolio.refusals import Refused
from tests.builders import NOW, Cast, a_draft, a_submitted, commit, latest_version
from tests.client import Browser
from tests.evidence.steps import (
    all_files,
    all_pieces,
    complete,
    leads_to,
    newest,
    opened_by,
    pages_of,
    piece_id,
    send,
    state_of,
    versions_of,
)
from tests.storage import corpus

Open = Callable[..., Browser]
HTMX = pytest.mark.parametrize("htmx", [False, True])
LATER = NOW + timedelta(days=1)


def actions_on(session: Session, piece: Evidence) -> list[str]:
    return list(
        session.scalars(
            select(AuditEvent.action).where(AuditEvent.record_id == piece.id).order_by(AuditEvent.id)
        )
    )


@HTMX
def test_the_whole_life_of_a_piece_through_its_pages(
    browser: Open, cast: Cast, database: Database, htmx: bool
) -> None:
    page, asha = browser(cast.amina, htmx=htmx), browser(cast.asha)
    first = send(page, pages_of(cast.amina_at), complete(action="submit"), corpus.GOOD["jpeg"])
    piece, at = piece_id(first), f"{pages_of(cast.amina_at)}/{piece_id(first)}"
    assert "With Asha Abbott, to assess" in page.get(at).text
    with database.writing() as session:
        evidence = session.get_one(Evidence, piece)
        actions.return_piece(session, evidence, by=cast.asha.id, now=LATER)
    assert "Returned to you" in page.get(at).text
    assert "Returned to Amina Archer" in asha.get(at).text

    form = page.get(f"{at}/edit").text
    assert 'id="nobody_identifiable" name="nobody_identifiable" value="yes" checked' not in form
    assert "Visit.jpg" in form
    changed = complete(action="save", why="I say more now.", nobody_identifiable=None)
    assert leads_to(send(page, f"{at}/edit", changed)).endswith("done=saved")
    old, new = versions_of(database, piece)
    assert (old.why, new.why) == (complete()["why"], "I say more now.")
    assert (old.is_latest, new.is_latest) == (False, True)
    assert [one.file_id for one in old.attachments] == [one.file_id for one in new.attachments]
    assert len(all_files(database)) == 1
    assert "I say more now." not in asha.get(at).text  # the new version is a draft
    assert "You have begun a new version" in page.get(at).text
    assert state_of(database, piece) == "returned"

    assert send(page, f"{at}/edit", changed | {"action": "submit"}).status_code == 422  # declare anew
    done = send(page, f"{at}/edit", complete(action="submit", why="I say more now."))
    assert leads_to(done).endswith("done=submitted")
    assert "I say more now." in asha.get(at).text
    older = asha.get(f"{at}?version=1").text
    assert complete()["why"] in older
    assert "This is version 1" in older
    with database.writing() as session:
        actions.mark_decided(session, session.get_one(Evidence, piece), by=cast.asha.id, now=LATER)
    assert "Decided" in page.get(at).text
    assert page.get(f"{at}/edit").status_code == 409
    assert page.get(f"{at}/withdraw").status_code == 409


@HTMX
def test_a_draft_is_submitted_from_its_own_page_once(
    browser: Open, session: Session, cast: Cast, database: Database, htmx: bool
) -> None:
    piece = a_draft(session, cast.amina_at, "K7")
    commit(session)
    page, at = browser(cast.amina, htmx=htmx), f"{pages_of(cast.amina_at)}/{piece.id}"
    for _ in range(2):
        answer = page.post(f"{at}/submit")
        assert leads_to(answer).endswith("done=submitted")
    assert newest(database, piece.id).submitted_at is not None
    with database.reading() as reading:
        assert actions_on(reading, piece) == ["evidence.submitted"]


def test_an_incomplete_draft_is_not_submitted_from_its_page(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    piece = a_draft(session, cast.amina_at)
    commit(session)
    page, at = browser(cast.amina), f"{pages_of(cast.amina_at)}/{piece.id}"
    shown = page.get(at).text
    assert "Before it can be submitted" in shown
    assert "Choose at least one statement" in shown
    assert f'action="{at}/submit"' not in shown
    answer = page.post(f"{at}/submit")
    assert answer.status_code == 409
    assert "Choose at least one statement" in answer.text
    assert state_of(database, piece.id) == "draft"


@HTMX
def test_a_submitted_piece_is_taken_back_to_change_it(
    browser: Open, session: Session, cast: Cast, database: Database, htmx: bool
) -> None:
    piece = a_submitted(session, cast.amina_at, "K7", "D8")
    commit(session)
    page, at = browser(cast.amina, htmx=htmx), f"{pages_of(cast.amina_at)}/{piece.id}"
    assert "Take back to change it" in page.get(at).text
    for _ in range(2):
        assert leads_to(page.post(f"{at}/take-back")).endswith("/edit")
    assert state_of(database, piece.id) == "draft"
    old, new = versions_of(database, piece.id)
    assert (old.number, new.number, new.submitted_at) == (1, 2, None)
    assert [claim.item_code for claim in new.claims] == ["K7", "D8"]
    assert not new.declared
    for person in (cast.asha, cast.marek, cast.priya):
        assert browser(person).get(at).status_code == 404  # a draft again


def test_what_was_typed_into_a_piece_that_is_with_the_assessor_is_given_back(
    browser: Open, session: Session, cast: Cast
) -> None:
    """Without JavaScript the error page takes the place of the form: the text must stand on it."""
    piece = a_submitted(session, cast.amina_at, "K7")
    commit(session)
    answer = browser(cast.amina).post(
        f"{pages_of(cast.amina_at)}/{piece.id}/edit",
        files=[
            ("title", (None, "Another title")),
            ("why", (None, "I thought of <it> again.")),
            ("action", (None, "save")),
        ],
    )
    assert answer.status_code == 409
    assert "This is with the assessor." in answer.text
    assert "<dd>I thought of &lt;it&gt; again.</dd>" in answer.text
    assert "What you typed is below." in answer.text


def test_a_button_alone_leaves_nothing_to_give_back(browser: Open, session: Session, cast: Cast) -> None:
    piece = a_submitted(session, cast.amina_at, "K7")
    piece.state = "decided"
    commit(session)
    answer = browser(cast.amina).post(
        f"{pages_of(cast.amina_at)}/{piece.id}/take-back", data={"form_key": "k" * 32}
    )
    assert answer.status_code == 409
    assert "What you typed" not in answer.text.replace("what you typed is still there", "")


@pytest.mark.parametrize("state", ["returned", "decided", "withdrawn"])
def test_only_what_is_with_the_assessor_is_taken_back(
    browser: Open, session: Session, cast: Cast, database: Database, state: str
) -> None:
    piece = a_submitted(session, cast.amina_at, "K7")
    piece.state = state
    commit(session)
    answer = browser(cast.amina).post(f"{pages_of(cast.amina_at)}/{piece.id}/take-back")
    assert answer.status_code == 409
    assert len(versions_of(database, piece.id)) == 1


@HTMX
@pytest.mark.parametrize("person", ["amina", "priya"])
def test_a_piece_is_withdrawn_with_a_reason_and_kept(
    browser: Open, session: Session, cast: Cast, database: Database, htmx: bool, person: str
) -> None:
    piece = a_submitted(session, cast.amina_at, "K7", title="Wrong one")
    commit(session)
    page, at = browser(getattr(cast, person), htmx=htmx), f"{pages_of(cast.amina_at)}/{piece.id}"
    assert page.get(f"{at}/withdraw").status_code == 200
    empty = page.post(f"{at}/withdraw", data={"reason": "  "})
    assert empty.status_code == 422
    assert "Enter something here." in empty.text
    answer = page.post(f"{at}/withdraw", data={"reason": "It names a place."})
    assert leads_to(answer).endswith("/evidence?done=withdrawn")
    listed = pages_of(cast.amina_at)
    assert "Wrong one" not in page.get(listed).text
    assert "Wrong one" in page.get(listed + "?state=withdrawn").text
    assert "It names a place." in page.get(at).text
    twice = page.post(f"{at}/withdraw", data={"reason": "It names a place."})
    assert leads_to(twice).endswith("/evidence?done=withdrawn"), "a double tap withdraws once"
    assert page.post(f"{at}/withdraw", data={"reason": "Again"}).status_code == 409
    other = browser(cast.priya if person == "amina" else cast.amina)
    assert other.post(f"{at}/withdraw", data={"reason": "It names a place."}).status_code == 409
    with database.reading() as reading:
        assert actions_on(reading, piece) == ["evidence.withdrawn"]
        assert reading.get_one(Evidence, piece.id).withdrawn_reason == "It names a place."


def test_a_withdrawn_draft_stays_with_its_author(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    piece = a_draft(session, cast.amina_at, title="Never sent")
    commit(session)
    at = f"{pages_of(cast.amina_at)}/{piece.id}"
    assert browser(cast.priya).get(f"{at}/withdraw").status_code == 404
    assert browser(cast.amina).post(f"{at}/withdraw", data={"reason": "Not needed"}).status_code == 303
    assert browser(cast.amina).get(at).status_code == 200
    assert browser(cast.asha).get(at).status_code == 404
    assert "Never sent" not in browser(cast.asha).get(pages_of(cast.amina_at) + "?state=withdrawn").text


def test_what_is_partly_covered_is_not_withdrawn(browser: Open, session: Session, cast: Cast) -> None:
    piece = a_submitted(session, cast.amina_at, "K7")
    actions.return_piece(session, piece, by=cast.asha.id, now=LATER, part_covered=True)
    commit(session)
    page, at = browser(cast.amina), f"{pages_of(cast.amina_at)}/{piece.id}"
    assert "so it stays in the portfolio" in page.get(at).text
    assert page.post(f"{at}/withdraw", data={"reason": "x"}).status_code == 409


@pytest.mark.parametrize("state", ["draft", "returned", "decided", "withdrawn"])
def test_the_assessor_decides_on_nothing_that_left_them(session: Session, cast: Cast, state: str) -> None:
    piece = a_submitted(session, cast.amina_at, "K7")
    piece.state = state
    session.flush()
    for act in (actions.return_piece, actions.mark_decided):
        with pytest.raises(Refused, match="not with the assessor any more"):
            act(session, piece, by=cast.asha.id, now=LATER)


def locked(session: Session, cast: Cast, stage: str) -> None:
    """As the summary has it once the gateway lock stands."""
    session.execute(
        update(Progress).where(Progress.apprenticeship_id == cast.amina_at.id).values(stage=stage)
    )


@pytest.mark.parametrize("stage", ["through", "assessed", "withdrawn"])
def test_no_action_writes_in_a_closed_portfolio(
    session: Session, cast: Cast, catalogue: Catalogue, stage: str
) -> None:
    draft, sent = a_draft(session, cast.amina_at, "K7"), a_submitted(session, cast.amina_at, "K8")
    commit(session)
    locked(session, cast, stage)
    assert queries.is_locked(session, cast.amina_at.id)
    opened = opened_by(session, catalogue, cast.amina, cast.amina_at)
    attempts: list[Callable[[], Any]] = [
        lambda: actions.submit(session, opened, draft, now=LATER, today=date(2026, 11, 3)),
        lambda: actions.take_back(session, opened, sent, now=LATER),
        lambda: actions.withdraw(session, opened, sent, reason="x", now=LATER),
        lambda: actions.return_piece(session, sent, by=cast.asha.id, now=LATER),
        lambda: actions.mark_decided(session, sent, by=cast.asha.id, now=LATER),
    ]
    for attempt in attempts:
        with pytest.raises(Refused) as refusal:
            attempt()
        assert refusal.value.reason == rules.CLOSED[stage]


def test_every_writing_page_refuses_a_locked_portfolio_with_the_reason(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    draft, sent = a_draft(session, cast.amina_at, "K7"), a_submitted(session, cast.amina_at, "K8")
    commit(session)
    locked(session, cast, "through")
    session.commit()
    page, at = browser(cast.amina), pages_of(cast.amina_at)
    answers = [
        page.get(f"{at}/new"),
        send(page, at, complete(action="save"), corpus.GOOD["text"]),
        page.get(f"{at}/{draft.id}/edit"),
        send(page, f"{at}/{draft.id}/edit", complete(action="save"), corpus.GOOD["text"]),
        page.post(f"{at}/{draft.id}/submit"),
        page.post(f"{at}/{sent.id}/take-back"),
        page.get(f"{at}/{sent.id}/withdraw"),
        page.post(f"{at}/{sent.id}/withdraw", data={"reason": "x"}),
    ]
    assert [answer.status_code for answer in answers] == [409] * 8
    assert all("The portfolio is locked at the gateway" in answer.text for answer in answers)
    shown = page.get(f"{at}/{sent.id}").text
    assert "The portfolio is locked at the gateway" in shown
    assert "Take back" not in shown
    assert "/withdraw" not in shown
    assert "The portfolio is locked at the gateway" in page.get(at).text
    assert len(all_pieces(database)) == 2
    assert all_files(database) == []


def test_the_database_itself_keeps_a_submitted_version_as_it_was(session: Session, cast: Cast) -> None:
    piece = a_submitted(session, cast.amina_at, "K7")
    commit(session)
    version = latest_version(session, piece.id)
    changes = [
        update(EvidenceVersion).where(EvidenceVersion.id == version.id).values(why="other words"),
        delete(EvidenceVersion).where(EvidenceVersion.id == version.id),
        update(Claim).where(Claim.version_id == version.id).values(note="other"),
        delete(Claim).where(Claim.version_id == version.id),
    ]
    for change in changes:
        with pytest.raises(DBAPIError, match="submitted version"):
            session.execute(change)
        session.rollback()


def test_the_database_keeps_the_files_of_a_submitted_version(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    answer = send(
        browser(cast.amina), pages_of(cast.amina_at), complete(action="submit"), corpus.GOOD["text"]
    )
    version = newest(database, piece_id(answer))
    with pytest.raises(DBAPIError, match="submitted version"):
        session.execute(delete(VersionFile).where(VersionFile.version_id == version.id))
    session.rollback()


def test_a_file_that_an_older_version_holds_is_only_taken_out_of_the_new_one(
    browser: Open, cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    answer = send(page, pages_of(cast.amina_at), complete(action="submit"), corpus.GOOD["jpeg"])
    at = f"{pages_of(cast.amina_at)}/{piece_id(answer)}"
    [file] = all_files(database)
    page.post(f"{at}/take-back")
    send(page, f"{at}/edit", complete(remove_file=str(file.id)))
    old, new = versions_of(database, piece_id(answer))
    assert (len(old.attachments), len(new.attachments)) == (1, 0)
    assert page.get(f"{at}/files/{file.id}").status_code == 200


def test_latest_versions_are_those_that_each_may_read(session: Session, cast: Cast) -> None:
    sent, draft = a_submitted(session, cast.amina_at, "K7"), a_draft(session, cast.amina_at, "K8")
    ids = [sent.id, draft.id]
    assert set(queries.latest_versions(session, ids)) == {sent.id}
    mine = queries.latest_versions(session, ids, for_author=True)
    assert {version.claims[0].item_code for version in mine.values()} == {"K7", "K8"}
