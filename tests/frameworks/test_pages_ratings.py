"""Ratings from both sides, gaps, what differs, what is linked, and the picture over time."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Progress
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.frameworks import links_actions
from portfolio.library.queries import shipped
from tests.assessment.steps import locked
from tests.builders import NOW, Cast, a_draft, a_submitted, commit
from tests.client import Browser
from tests.counting import queries
from tests.frameworks.steps import (
    FIRST,
    LATER,
    MK,
    PA3,
    SECOND,
    a_choice,
    a_link,
    a_rating,
    competencies_path,
    links,
    rating,
    ratings,
    several,
)
from tests.training.steps import an_entry

Open = Callable[..., Browser]
ASKED = 41
"""Competencies of levels 1 and 2 of the Milton Keynes framework, both strands."""


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.fixture
def at_level_2(session: Session, cast: Cast) -> Cast:
    a_choice(session, cast.amina_at, cast.marek)
    commit(session)
    return cast


def one(cast: Cast, competency: str = FIRST) -> str:
    return competencies_path(cast, f"/one?id={competency}")


@pytest.mark.parametrize("htmx", [False, True])
def test_each_side_rates_and_both_stand_beside_each_other(
    browser: Open, database: Database, at_level_2: Cast, htmx: bool
) -> None:
    cast = at_level_2
    for person, value in ((cast.amina, "competent"), (cast.marek, "not yet")):
        page = browser(person, htmx=htmx)
        answer = page.post(competencies_path(cast, "/one"), data=rating(rating=value, note="Seen at work."))
        assert answer.status_code == (204 if htmx else 303), answer.text
    assert [(row.side, row.rating, row.by_id) for row in ratings(database)] == [
        ("own", "competent", cast.amina.id),
        ("second", "not yet", cast.marek.id),
    ]
    for person in (cast.amina, cast.marek):
        shown = browser(person).get(one(cast)).text
        assert "The own rating is 2 steps above the mentor’s." in shown
        assert shown.count("Seen at work.") == 2
    listed = browser(cast.amina).get(competencies_path(cast, "?show=differ")).text
    assert "The own rating is 2 steps above the mentor’s." in listed
    assert f"<dt>Still a gap</dt><dd>{ASKED}" in listed, "the mentor’s rating decides"
    with database.reading() as fresh:
        event = fresh.scalars(select(AuditEvent).where(AuditEvent.action == "frameworks.rated_own")).one()
    assert "competent" not in str(event.detail), "the trail is read by others too"


def test_a_second_rating_that_is_older_is_said(browser: Open, session: Session, at_level_2: Cast) -> None:
    cast = at_level_2
    a_rating(session, cast.amina_at, cast.marek, "second", "developing", at=NOW - timedelta(days=40))
    a_rating(session, cast.amina_at, cast.amina, "own", "developing", at=NOW - timedelta(days=1))
    commit(session)
    page = browser(cast.marek)
    assert "The mentor’s rating is older than the own one." in page.get(one(cast)).text
    assert page.get(competencies_path(cast, "?show=older")).text.count('<li class="card">') == 1


def test_a_rating_is_followed_never_changed_and_a_page_sent_twice_rates_once(
    browser: Open, database: Database, at_level_2: Cast
) -> None:
    cast, page, address = at_level_2, browser(at_level_2.amina), competencies_path(at_level_2, "/one")
    for _ in range(2):
        assert page.post(address, data=rating()).status_code == 303
    refused = page.post(address, data=rating(rating="competent"))
    assert refused.status_code == 422
    assert "This page was sent before" in refused.text
    assert page.post(address, data=rating(rating="competent", form_key="z" * 32)).status_code == 303
    assert [row.rating for row in ratings(database)] == ["developing", "competent"]
    shown = page.get(one(cast)).text
    history = shown[shown.index("Ratings over time") :]
    assert history.index("Competent") < history.index("Developing")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"rating": ""}, "Choose not yet, developing or competent."),
        ({"rating": "expert"}, "Choose one of the answers on the page."),
        ({"note": "x" * 20001}, "Use at most"),
        ({"note": "Call Jo Smith on 07700 900123."}, "07700 900123"),
    ],
    ids=["none", "unknown", "long", "somebody"],
)
def test_a_mistake_is_said_and_nothing_typed_is_lost(
    browser: Open, database: Database, at_level_2: Cast, change: dict[str, str], sentence: str
) -> None:
    fields = rating(note="I asked first.") | change
    answer = browser(at_level_2.amina).post(competencies_path(at_level_2, "/one"), data=fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert fields["note"][:200] in answer.text
    assert ratings(database) == []


def test_several_are_rated_in_one_go_and_only_what_changed_is_written(
    browser: Open, session: Session, database: Database, at_level_2: Cast
) -> None:
    cast, address = at_level_2, competencies_path(at_level_2, "/rate")
    a_rating(session, cast.amina_at, cast.amina, "own", "developing", FIRST)
    commit(session)
    page = browser(cast.amina)
    shown = page.get(address).text
    places = re.findall(
        r'name="competency" value="([^"]+)"><input type="hidden" name="was-(\d+)" value="([^"]*)"', shown
    )
    assert len(places) == 15, "level 1 has 15 competencies"
    assert places[0] == (FIRST, "1", "developing")
    third = places[2][0]
    fields = several((FIRST, "developing", "developing"), (SECOND, "", "competent"), (third, "", ""))
    for _ in range(2):
        assert page.post(address, data=fields).status_code == 303
    assert [(row.competency_id, row.rating) for row in ratings(database)] == [
        (FIRST, "developing"),
        (SECOND, "competent"),
    ]
    other = page.post(address, data=fields | {"rating-3": "not yet"})
    assert other.status_code == 422
    assert "This page was sent before" in other.text
    nothing = several((FIRST, "developing", "developing"), form_key="n" * 32)
    assert page.post(address, data=nothing).headers["location"].endswith("done=same")
    assert len(ratings(database)) == 2


def test_an_old_page_does_not_bring_back_an_old_rating(
    browser: Open, session: Session, database: Database, at_level_2: Cast
) -> None:
    cast = at_level_2
    a_rating(session, cast.amina_at, cast.amina, "own", "developing", FIRST)
    a_rating(session, cast.amina_at, cast.amina, "own", "competent", FIRST)
    commit(session)
    old = several((FIRST, "developing", "developing"), (SECOND, "", "not yet"))
    assert browser(cast.amina).post(competencies_path(cast, "/rate"), data=old).status_code == 303
    assert [row.competency_id for row in ratings(database)] == [FIRST, FIRST, SECOND]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (several((FIRST, "", "expert")), "Choose not yet, developing or competent for each"),
        (several(("no-such", "", "competent")), "This competency is not in the framework chosen"),
    ],
)
def test_several_with_a_mistake_write_nothing_and_stay_chosen(
    browser: Open, database: Database, at_level_2: Cast, fields: dict[str, str], sentence: str
) -> None:
    answer = browser(at_level_2.amina).post(competencies_path(at_level_2, "/rate"), data=fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert ratings(database) == []


def test_nobody_but_apprentice_and_mentor_rates_or_links(
    browser: Open, session: Session, database: Database, at_level_2: Cast
) -> None:
    cast = at_level_2
    piece = a_submitted(session, cast.amina_at, "K7")
    commit(session)
    for person, status in ((cast.asha, 403), (cast.ines, 403), (cast.priya, 403), (cast.noor, 404)):
        page = browser(person)
        for rest, fields in (
            ("/one", rating()),
            ("/rate", several((FIRST, "", "competent"))),
            ("/link", {"id": FIRST, "kind": "evidence", "record": str(piece.id)}),
        ):
            assert page.post(competencies_path(cast, rest), data=fields).status_code == status
    assert ratings(database) == []
    assert links(database) == []


def test_ratings_of_another_provider_are_not_seen(browser: Open, session: Session, at_level_2: Cast) -> None:
    cast = at_level_2
    a_choice(session, cast.other_at, cast.noor, role="manager")
    a_rating(session, cast.other_at, cast.olu, "own", "competent", note="Harbour words.")
    commit(session)
    for rest in ("", f"/one?id={FIRST}", "/history"):
        assert "Harbour words." not in browser(cast.amina).get(competencies_path(cast, rest)).text
    assert (
        "Harbour words."
        in browser(cast.olu).get(f"/apprenticeships/{cast.other_at.id}/competencies/one?id={FIRST}").text
    )


def test_the_strand_narrows_what_is_asked_for(browser: Open, at_level_2: Cast) -> None:
    page, framework = browser(at_level_2.amina), shipped().get(MK)
    counts = {}
    for strand in ("child", "adult", "both"):
        shown = page.get(competencies_path(at_level_2, f"?strand={strand}")).text
        found = re.search(r"<dt>Asked for</dt><dd>(\d+)", shown)
        counts[strand] = int(found[1]) if found else 0
        assert counts[strand] == len(framework.asked_at("2", strand))
    assert counts["both"] == ASKED == counts["child"] + counts["adult"]


def test_levels_without_listed_competencies_are_said_to_be_so(
    browser: Open, session: Session, cast: Cast
) -> None:
    a_choice(session, cast.amina_at, cast.marek, framework_id="wales-2023", level_id="E")
    commit(session)
    shown = browser(cast.amina).get(competencies_path(cast)).text
    for group in "ABCD":
        assert f"Group {group}: the source lists no competencies for it." in shown
    assert "No gap: every competency" not in shown


def test_a_level_without_any_competency_is_no_empty_page(browser: Open, session: Session, cast: Cast) -> None:
    a_choice(session, cast.amina_at, cast.marek, framework_id="wales-2023", level_id="B")
    commit(session)
    page = browser(cast.amina)
    assert "Group B: the source lists no competencies" in page.get(competencies_path(cast)).text
    assert "so there is nothing to rate" in page.get(competencies_path(cast, "/rate")).text


def test_ratings_of_an_earlier_framework_stay_in_the_history(
    browser: Open, session: Session, at_level_2: Cast
) -> None:
    cast = at_level_2
    a_rating(session, cast.amina_at, cast.amina, "own", "competent", note="From the first framework.")
    a_choice(session, cast.amina_at, cast.marek, framework_id=PA3, level_id="3", strand="child")
    commit(session)
    page = browser(cast.amina)
    assert "The picture begins with the first rating." in page.get(competencies_path(cast)).text
    shown = page.get(competencies_path(cast, "/history")).text
    assert "From the first framework." in shown
    assert shipped().get(MK).level("1").competencies[0].title in shown


def test_the_picture_is_drawn_and_said_month_by_month(
    browser: Open, session: Session, at_level_2: Cast
) -> None:
    cast = at_level_2
    a_rating(session, cast.amina_at, cast.amina, "own", "developing", at=datetime(2026, 9, 3, 9, tzinfo=UTC))
    a_rating(session, cast.amina_at, cast.amina, "own", "competent", at=datetime(2026, 10, 3, 9, tzinfo=UTC))
    a_rating(
        session,
        cast.amina_at,
        cast.marek,
        "second",
        "not yet",
        SECOND,
        at=datetime(2026, 11, 2, 9, tzinfo=UTC),
    )
    commit(session)
    shown = browser(cast.amina).get(competencies_path(cast)).text
    months = dict(zip(*[iter(re.split(r"<h3>(\w+ 2026)</h3>", shown)[1:])] * 2, strict=False))
    assert list(months) == ["November 2026", "October 2026", "September 2026"]
    assert f"Own: 0 competent, 1 developing, 0 not yet, {ASKED - 1} not rated" in months["September 2026"]
    assert f"Own: 1 competent, 0 developing, 0 not yet, {ASKED - 1} not rated" in months["October 2026"]
    assert f"Mentor: 0 competent, 0 developing, 0 not yet, {ASKED} not rated" in months["October 2026"]
    assert f"Mentor: 0 competent, 0 developing, 1 not yet, {ASKED - 1} not rated" in months["November 2026"]
    assert '<rect class="m1" x="0" width="24"' in months["October 2026"]


def test_evidence_and_training_are_linked_and_unlinked_by_who_did(
    browser: Open, session: Session, database: Database, at_level_2: Cast
) -> None:
    cast = at_level_2
    piece, entry = (
        a_submitted(session, cast.amina_at, "K7", title="A referral"),
        an_entry(session, cast.amina_at),
    )
    commit(session)
    page, address = browser(cast.amina), competencies_path(cast, "/link")
    for kind, record in (("evidence", piece), ("training", entry)):
        assert str(record.id) in page.get(f"{address}?id={FIRST}&kind={kind}").text
        for _ in range(2):
            answer = page.post(address, data={"id": FIRST, "kind": kind, "record": str(record.id)})
            assert answer.status_code == 303, answer.text
        assert "Linked already" in page.get(f"{address}?id={FIRST}&kind={kind}").text
    first, second = links(database)
    assert (first.evidence_id, second.entry_id) == (piece.id, entry.id)
    shown = page.get(one(cast)).text
    assert "A referral" in shown
    assert shown.count("Remove this link") == 2
    assert "2 links to evidence or training" in page.get(competencies_path(cast)).text
    mentor = browser(cast.marek)
    assert "Remove this link" not in mentor.get(one(cast)).text
    assert mentor.post(competencies_path(cast, f"/links/{first.id}/remove")).status_code == 403
    assert page.post(competencies_path(cast, f"/links/{first.id}/remove")).status_code == 303
    assert [row.id for row in links(database)] == [second.id]
    removed = page.post(f"/apprenticeships/{cast.amina_at.id}/training/{entry.id}/remove")
    assert removed.status_code == 303, "its links go with an entry that nobody answered"
    assert links(database) == []


def test_drafts_and_what_is_somebody_elses_are_not_linked(
    browser: Open, session: Session, database: Database, at_level_2: Cast
) -> None:
    cast = at_level_2
    draft, foreign = (
        a_draft(session, cast.amina_at, "K7", title="Half a thought"),
        an_entry(session, cast.other_at),
    )
    commit(session)
    page, address = browser(cast.amina), competencies_path(cast, "/link")
    assert "Half a thought" not in page.get(f"{address}?id={FIRST}").text
    for kind, record in (("evidence", str(draft.id)), ("training", str(foreign.id)), ("evidence", "nothing")):
        answer = page.post(address, data={"id": FIRST, "kind": kind, "record": record})
        assert answer.status_code == 422
        assert "This cannot be linked." in answer.text
    assert links(database) == []


def test_what_may_be_linked_is_found_by_its_words(browser: Open, session: Session, at_level_2: Cast) -> None:
    cast = at_level_2
    for title in ("A referral", "100% attendance"):
        a_submitted(session, cast.amina_at, "K7", title=title)
    commit(session)
    page, address = browser(cast.amina), competencies_path(cast, f"/link?id={FIRST}")
    found = page.get(f"{address}&find=REFERRAL").text
    assert "A referral" in found
    assert "100% attendance" not in found
    assert "A referral" not in page.get(f"{address}&find=%25").text, "a sign is a sign, no pattern"
    assert "Nothing with these words." in page.get(f"{address}&find=zebra").text


def test_suggested_statements_say_so_until_an_assessor_confirms_or_refuses_them(
    browser: Open, session: Session, catalogue: Catalogue, at_level_2: Cast
) -> None:
    cast, linked = at_level_2, "1-child-4"
    page = browser(cast.amina)
    before = page.get(one(cast, linked)).text
    assert "Statements it may show" in before
    suggested = before.count("Suggested by us, unconfirmed")
    assert suggested > 2
    standard = catalogue.get(cast.amina_at.standard_reference, cast.amina_at.standard_version)
    for codes, outcome in ((["K1"], links_actions.CONFIRM), (["K7"], links_actions.REFUSE)):
        links_actions.say(
            session, cast.provider.id, standard, shipped().get(MK), linked, codes, outcome, by=cast.asha.id, now=NOW
        )  # fmt: skip
    commit(session)
    after = page.get(one(cast, linked)).text
    assert after.count("Suggested by us, unconfirmed") == suggested - 2
    assert after.count('<span class="tag g">Confirmed</span>') == 1
    assert ">K7</a>" not in after, "it was refused"


def test_a_locked_portfolio_stops_no_rating_and_the_end_of_an_apprenticeship_does(
    browser: Open, session: Session, database: Database, at_level_2: Cast
) -> None:
    cast = at_level_2
    locked(session, cast.amina_at, cast.priya)
    commit(session)
    page = browser(cast.amina)
    assert page.post(competencies_path(cast, "/one"), data=rating()).status_code == 303
    progress = session.scalars(select(Progress).where(Progress.apprenticeship_id == cast.amina_at.id)).one()
    progress.stage = "withdrawn"
    commit(session)
    refused = page.post(competencies_path(cast, "/one"), data=rating(form_key="y" * 32))
    assert refused.status_code == 422
    assert "so ratings stay as they are" in refused.text
    assert len(ratings(database)) == 1
    assert "so ratings and choices stay as they are" in page.get(competencies_path(cast)).text


def test_long_histories_are_paged_and_cost_no_more_queries(
    browser: Open, session: Session, database: Database, at_level_2: Cast
) -> None:
    cast, page, numbers = at_level_2, browser(at_level_2.marek), []
    asked = [each.id for each in shipped().get(MK).asked_at("2")]
    for count in (2, 60):
        for number in range(count):
            day = datetime(2026, 9, 1, 9, tzinfo=UTC) + timedelta(days=number)
            a_rating(session, cast.amina_at, cast.amina, "own", "developing", FIRST, at=day)
            a_rating(session, cast.amina_at, cast.marek, "second", "not yet", asked[number % ASKED], at=day)
            a_link(session, cast.amina_at, cast.amina, an_entry(session, cast.amina_at))
            a_link(session, cast.amina_at, cast.amina, a_submitted(session, cast.amina_at, "K7"), SECOND)
        commit(session)
        for rest in ("", f"/one?id={FIRST}"):
            page.get(competencies_path(cast, rest))
        with queries(database) as found:
            for rest in ("", f"/one?id={FIRST}", "/rate", "/history", f"/link?id={FIRST}", "/choose"):
                assert page.get(competencies_path(cast, rest)).status_code == 200
        numbers.append(found.number)
    assert numbers[0] == numbers[1]
    assert page.get(competencies_path(cast)).text.count('<li class="card">') == 25
    assert "Next page" in page.get(competencies_path(cast, "/history")).text
    assert "Earlier ratings and links" in page.get(one(cast)).text
    assert page.get(one(cast) + "&page=2").status_code == 200


def test_nothing_is_asked_of_who_has_no_framework_yet(browser: Open, cast: Cast) -> None:
    page = browser(cast.amina)
    assert "No competency framework is chosen yet." in page.get(competencies_path(cast)).text
    assert page.get(competencies_path(cast, "/rate")).status_code == 404
    assert page.post(competencies_path(cast, "/one"), data=rating()).status_code == 404
    assert date.today() == LATER.date()
