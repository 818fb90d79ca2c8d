"""The main job from the first upload to the cohort report, by hand, on a phone-sized screen, in a real Chromium:
upload a photo, be commented on, be returned, resubmit, be covered, pass the gateway, appear in the report."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship, Assignment, Cohort, Employer
from portfolio.assessment.models import SignOff
from portfolio.database import new_id
from portfolio.demo.world import PASSWORD
from portfolio.evidence.models import EvidenceFile
from portfolio.gateway.models import DbsRecord, QualificationRecord
from portfolio.people.models import Member, Person
from portfolio.people.passwords import hash_password
from portfolio.preparation.models import FilePreparation
from tests.browser.conftest import OpenPage
from tests.browser.serving import PHONE, Served
from tests.storage.corpus import jpeg_with_location

pytestmark = pytest.mark.browser

MAREK, ASHA, PRIYA = (
    "marek.mason@northside-school.example",
    "asha.abbott@northern-skills.example",
    "priya.parker@northern-skills.example",
)
LAST = "S7"
"""The one statement that is not signed off yet when the story begins."""


@dataclass(frozen=True)
class Hero:
    """Sol Story: fifteen months on programme, everything on record, one statement short."""

    email: str
    name: str
    at_id: UUID
    cohort_id: UUID


@pytest.fixture
def hero(served: Served) -> Hero:
    with served.app.state.database.writing() as session:
        return make_hero(session, served)


def make_hero(session: Session, served: Served) -> Hero:
    people = {
        p.email: p for p in session.scalars(select(Person).where(Person.email.in_((MAREK, ASHA, PRIYA))))
    }
    cohort = session.scalars(select(Cohort).order_by(Cohort.id)).first()
    assert cohort is not None
    employer = session.scalars(select(Employer).where(Employer.provider_id == cohort.provider_id)).first()
    assert employer is not None
    now = datetime.now(UTC)
    start = now.date() - timedelta(days=460)
    tag = new_id().hex[-8:]
    person = Person(
        email=f"sol.{tag}@story.example",
        name=f"Sol Story {tag}",
        password_hash=hash_password(PASSWORD),
        created_at=now,
    )
    session.add(person)
    session.flush()
    session.add(
        Member(provider_id=cohort.provider_id, person_id=person.id, role="apprentice", created_at=now)
    )
    at = Apprenticeship(
        provider_id=cohort.provider_id,
        apprentice_id=person.id,
        cohort_id=cohort.id,
        employer_id=employer.id,
        standard_reference=cohort.standard_reference,
        standard_version=cohort.standard_version,
        start_on=start,
        planned_gateway_on=start + timedelta(days=540),
        date_of_birth=date(1999, 2, 3),
        created_at=now,
    )
    session.add(at)
    session.flush()
    owner = {"provider_id": at.provider_id, "apprenticeship_id": at.id}
    for email, role in ((MAREK, "mentor"), (ASHA, "assessor")):
        session.add(Assignment(**owner, person_id=people[email].id, role=role, from_at=now))
    standard = served.app.state.catalogue.get(cohort.standard_reference, cohort.standard_version)
    for code in standard.codes:
        if code != LAST:
            session.add(
                SignOff(
                    **owner,
                    item_code=code,
                    kind="signed_off",
                    basis="several_pieces",
                    reason="Seen over several pieces.",
                    signed_by_id=people[ASHA].id,
                    signed_at=now,
                    form_key=new_id().hex,
                )
            )
    recorded = {"recorded_by_id": people[PRIYA].id, "recorded_at": now}
    session.add(
        DbsRecord(
            **owner,
            decision="satisfactory",
            level="enhanced",
            workforce="child",
            barred_lists="children",
            issued_on=start,
            last_four="4321",
            original_seen_by="People lead",
            original_seen_on=start,
            decided_by="People lead",
            decided_on=start,
            **recorded,
        )
    )
    for subject in ("english", "maths"):
        session.add(
            QualificationRecord(
                **owner,
                subject=subject,
                qualification="level_2",
                title="Functional Skills",
                proof="certificate",
                proof_seen_on=start,
                **recorded,
            )
        )
    return Hero(person.email, person.name, at.id, cohort.id)


def test_from_the_first_upload_to_the_open_gateway(
    open_page: OpenPage, hero: Hero, served: Served, tmp_path: Path
) -> None:
    photo = tmp_path / "whiteboard.jpg"
    photo.write_bytes(jpeg_with_location())
    apprentice = open_page(hero.email, PHONE)
    upload(apprentice, photo)
    stored_without_location(served, hero)

    mentor = open_page(MAREK, PHONE)
    mentor.goto(f"/apprenticeships/{hero.at_id}/evidence")
    mentor.click("text=Passed a worry on the same day")
    mentor.locator("#conversation").scroll_into_view_if_needed()
    mentor.fill("#text", "You asked the right question first. Well done.")
    mentor.click("text=Send comment")
    expect(mentor.locator("#conversation")).to_contain_text("You asked the right question first")

    assessor = open_page(ASHA, PHONE)
    open_review(assessor, hero)
    expect(assessor.locator("#conversation")).to_contain_text("You asked the right question first")
    choose(assessor, "not_yet")
    assessor.fill(f"#missing-{LAST}", "Say to whom you escalated it, and when.")
    answer_five(assessor)
    expect(assessor.locator("[data-decide-button]")).to_contain_text("eturn 1")
    assessor.click("[data-decide-button]")
    expect(assessor.locator("main")).to_contain_text(f"{LAST} not yet")

    apprentice.goto("/")
    expect(apprentice.locator("main")).to_contain_text("Say to whom you escalated it, and when.")
    resubmit(apprentice)

    open_review(assessor, hero)
    expect(assessor.locator("main")).to_contain_text("the designated lead within the hour")
    choose(assessor, "covered")
    answer_five(assessor)
    expect(assessor.locator("[data-decide-button]")).to_contain_text("Sign off 1")
    assessor.click("[data-decide-button]")
    expect(assessor.locator("main")).to_contain_text(f"{LAST} covered")

    for page, party in ((apprentice, "apprentice"), (mentor, "employer"), (assessor, "provider")):
        declare(page, hero, party)
    manager = open_page(PRIYA, PHONE)
    lock(manager, hero)
    in_the_report(manager, hero)

    apprentice.goto(f"/apprenticeships/{hero.at_id}/evidence")
    expect(apprentice.locator("text=Add evidence")).to_have_count(0)


def upload(page: Page, photo: Path) -> None:
    page.click("text=Add evidence")
    page.set_input_files("#files", photo)
    page.fill("#title", "Passed a worry on the same day")
    page.get_by_role("button", name=re.compile("^Add .* as it is$")).click()
    expect(page.locator(".kept-state").first).to_contain_text("Safe since", timeout=30_000)
    page.select_option("#type", label="Work product")
    for box, value in zip(("day", "month", "year"), ("3", "10", str(date.today().year - 1)), strict=True):
        page.fill(f"#happened_on_{box}", value)
    page.fill("#what_happened", "A colleague told me that Child A had stopped eating lunch.")
    page.fill("#what_i_did", "I wrote it down in their words and escalated it.")
    page.fill("#why", "Our policy asks for the same day.")
    page.fill("#q", LAST)
    page.click("button[value=find]")
    page.locator(f"#found-{LAST}").click()  # its row moves up to the chosen ones
    expect(page.locator(f"#claim-{LAST}")).to_be_checked()
    page.check("input[name=confidentiality][value=anonymised]")
    page.check("#nobody_identifiable")
    page.check("#own_work")
    page.click("button[value=submit]")
    page.wait_for_url(re.compile(r"/evidence/[0-9a-f-]{36}"))
    expect(page.locator("main")).to_contain_text("Passed a worry on the same day")
    expect(page.locator("main")).to_contain_text("location")  # what was removed from the photo is said
    image = page.locator("main img").first
    expect(image).to_be_visible(timeout=30_000)  # drawn by a job: the page comes to it by itself
    page.wait_for_function(
        "picture => picture.complete && picture.naturalWidth > 0", arg=image.element_handle()
    )


def stored_without_location(served: Served, hero: Hero) -> None:
    with served.app.state.database.reading() as session:
        file = session.scalars(select(EvidenceFile).where(EvidenceFile.apprenticeship_id == hero.at_id)).one()
        prepared = session.scalars(select(FilePreparation).where(FilePreparation.file_id == file.id)).one()
    store = served.app.state.store
    for key in (file.storage_key, prepared.preview_key, prepared.thumbnail_key):
        assert b"GPS" not in b"".join(store.read(key))
    assert file.sha256_received != file.sha256_stored


def open_review(page: Page, hero: Hero) -> None:
    page.goto("/queue?apprentice=" + str(hero.at_id))
    page.click("main a:has-text('Passed a worry on the same day')")
    expect(page.locator(f"#outcome-{LAST}")).to_be_visible()


def choose(page: Page, outcome: str) -> None:
    page.locator(f"label[for=outcome-{LAST}-{outcome}]").click()


def answer_five(page: Page) -> None:
    for question in ("valid", "authentic", "current", "sufficient", "reliable"):
        page.locator(f"label[for={question}-is-yes]").click()


def resubmit(page: Page) -> None:
    page.click("main a:has-text('Passed a worry on the same day')")
    page.click("text=Change and resubmit")
    page.fill("#what_i_did", "I wrote it down in their words and told the designated lead within the hour.")
    page.check("#nobody_identifiable")
    page.check("#own_work")
    page.click("button[value=submit]")
    expect(page.locator("main")).to_contain_text("ersion 2")


def declare(page: Page, hero: Hero, party: str) -> None:
    page.goto(f"/apprenticeships/{hero.at_id}/gateway")
    page.get_by_role("link", name=re.compile("declare", re.IGNORECASE)).first.click()
    page.check("#agreed")
    page.fill("#password", PASSWORD)
    page.click(f"button:has-text('Sign the declaration for the {party}')")
    page.wait_for_url(re.compile(r"/gateway"))


def lock(page: Page, hero: Hero) -> None:
    page.goto(f"/apprenticeships/{hero.at_id}/gateway")
    page.click("text=Go on to lock it")
    page.check("#agreed")
    page.fill("#password", PASSWORD)
    page.click("button:has-text('Lock the portfolio')")
    page.wait_for_url(re.compile(r"/gateway$"))
    page.goto(f"/apprenticeships/{hero.at_id}/gateway")
    expect(page.locator("main")).to_contain_text(re.compile("locked", re.IGNORECASE))


def in_the_report(page: Page, hero: Hero) -> None:
    page.goto(f"/cohorts/{hero.cohort_id}?standing=through")
    expect(page.locator("main")).to_contain_text(hero.name)
