"""A plausible, valid request for every route that writes, by route name: those of an apprenticeship from the tests of
the lock, and here all others, with what has to be there before.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portfolio.apprenticeships.lists.sending import mark_of
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.feedback.models import Comment
from portfolio.frameworks.own_forms import sha256_of
from portfolio.gateway.models import Declaration
from portfolio.jobs import actions as jobs
from portfolio.jobs.models import Job
from portfolio.people import links, membership
from portfolio.people.models import KeptForm, Member, Person, SignedInSession
from portfolio.people.sessions import start_session
from portfolio.reminders.tokens import stop_token
from portfolio.sealing.models import Slip
from portfolio.settings import Settings
from portfolio.web.formats import utc_now
from tests.apprenticeships.steps import new_form
from tests.builders import REFERENCE, VERSION, Cast, a_draft, a_person
from tests.courses import after_sends as after_course
from tests.courses import sends as courses
from tests.evidence.steps import complete
from tests.frameworks import own_steps as own
from tests.gateway.sends import A_FILE, LOCKS_ITSELF, REFUSED, SIGN, STILL_DONE
from tests.gateway.steps import PASSWORD, give_passwords, sign_off, the_lock
from tests.gateway.world import Send, World
from tests.staff import sends as staff

Prepare = Callable[[World], None]
ANOTHER_PASSWORD = "seven quiet lanterns"
LIST = (
    "given_names;family_name;email;start_date;planned_end;employer;dsl;dsl_phone;dsl_email\n"
    "Bea;Birch;bea@example.org;2026-10-05;2028-04-05;Eastgate;Lee Lane;01632 960333;lee@eastgate.example\n"
)
ADDRESS = {"email": "heads@example.org"}
CONTACT = {
    "name": "Lena Lowe",
    "role": "Designated safeguarding lead",
    "phone": "01632 960444",
    "email": "lena.lowe@employer.example",
}
COHORT = {
    "name": "January 2027",
    "standard": f"{REFERENCE} {VERSION}",
    "english_maths_policy": "funding_rules",
}


def _all_declared(world: World) -> None:
    world.session.add(
        Declaration(
            provider_id=world.at.provider_id,
            apprenticeship_id=world.at.id,
            party="provider",
            text="Ready.",
            signed_by_id=world.cast.asha.id,
            signed_at=utc_now(),
        )
    )


def _locked(world: World) -> None:
    world.lock()


def _asked_to_unlock(world: World) -> None:
    world.lock()
    world.ask(the_lock(world.session, world.at.id))


def _petra(world: World) -> Person:
    """A second manager with one of the named rights: one's own roles and rights are nobody's to change."""
    found = world.session.scalar(select(Person).where(Person.name == "Petra Pool"))
    return found or a_person(
        world.session, "Petra Pool", world.cast.provider, "manager", rights=("dbs",), password_hash="x"
    )


def _adam(world: World) -> Person:
    """An assessor who is not around Amina yet."""
    found = world.session.scalar(select(Person).where(Person.name == "Adam Ash"))
    return found or a_person(world.session, "Adam Ash", world.cast.provider, "assessor")


def _commented(world: World) -> None:
    world.session.add(
        Comment(
            provider_id=world.at.provider_id,
            apprenticeship_id=world.at.id,
            evidence_id=world.waiting.id,
            author_id=world.cast.amina.id,
            role="apprentice",
            text="Is this enough?",
            written_at=utc_now(),
            form_key="a" * 32,
        )
    )


def _signed_in(name: str) -> Prepare:
    """This person is signed in on one more device."""

    def prepare(world: World) -> None:
        person = world.session.get_one(Person, getattr(world.cast, name).id)
        start_session(world.session, person, device="another", now=utc_now())
        world.session.flush()

    return prepare


def _suspended(world: World) -> None:
    asha = world.session.get_one(Person, world.cast.asha.id)
    now = utc_now() - timedelta(hours=1)
    membership.suspend(world.session, world.cast.provider.id, asha, by=world.cast.priya.id, now=now)


def _signed_off(world: World) -> None:
    """An item stands as covered: something to take away."""
    sign_off(world.session, world.at, world.cast.asha, "K1")


def _given_up(world: World) -> None:
    """A job that nobody tries any more."""
    now = utc_now()
    jobs.enqueue(world.session, "objects.sweep", now=now)
    world.session.execute(update(Job).values(dead_at=now, attempts=8, last_error="Away"))


def _kept(world: World) -> None:
    path = f"/providers/{world.cast.provider.id}/people"
    fields = [["name", "Nia Newall"]]
    world.session.add(
        KeptForm(person_id=world.cast.priya.id, path=path, fields=fields, had_files=False, kept_at=utc_now())
    )


def _the_kept(world: World) -> str:
    return f"/kept-forms/{world.session.scalars(select(KeptForm.id)).one()}"


def _the_job(world: World) -> str:
    return f"/admin/jobs/{world.session.scalars(select(Job.id).where(Job.dead_at.is_not(None))).one()}"


def _the_session(world: World) -> str:
    """Priya's other device."""
    found = select(SignedInSession.id).where(
        SignedInSession.person_id == world.cast.priya.id, SignedInSession.device == "another"
    )
    return f"/account/sessions/{world.session.scalars(found).one()}"


def _with_link(world: World) -> None:
    """Amina has a link to choose a new password."""
    amina = world.session.get_one(Person, world.cast.amina.id)
    token = links.make_link(
        world.session, amina, links.RESET, by=None, now=utc_now(), valid_for=timedelta(hours=1)
    )
    world.session.info["token"] = token


def _provider(world: World, rest: str) -> str:
    return f"/providers/{world.cast.provider.id}{rest}"


def _person(world: World, name: str, rest: str) -> str:
    person = _petra(world) if name == "petra" else getattr(world.cast, name)
    return _provider(world, f"/people/{person.id}{rest}")


def at(rest: str) -> Callable[[World], str]:
    """Below the provider."""
    return lambda world: _provider(world, rest)


def of(name: str, rest: str) -> Callable[[World], str]:
    """Below one person of the provider."""
    return partial(_person, name=name, rest=rest)


def _cohort(world: World, rest: str = "") -> str:
    return _provider(world, f"/cohorts/{world.cast.cohort.id}{rest}")


def _stop_address(world: World) -> str:
    settings: Settings = world.session.info["settings"]
    return f"/reminders/stop/{stop_token(settings, world.cast.asha.id)}"


def a_small_world(session: Session, cast: Cast) -> World:
    """Amina and everybody around her, with passwords, and nothing yet in her portfolio."""
    give_passwords(session, cast.amina, cast.marek, cast.asha, cast.ines, cast.priya)
    nothing: Any = None
    return World(
        session=session,
        cast=cast,
        at=session.get_one(Apprenticeship, cast.amina_at.id),
        **dict.fromkeys(
            ("decided", "decision", "draft", "draft_version_id", "waiting", "break_", "assignment"), nothing
        ),
    )


NOBODY = "nobody"
PREPARED: dict[str, Prepare] = {
    "gateway.ask_to_unlock": _locked,
    "gateway.record_step": _locked,
    "gateway.correct_step": _locked,
    "gateway.approve_unlock": _asked_to_unlock,
}
"""What the sends of the tests of the lock leave to those tests."""

OF_AN_APPRENTICESHIP: dict[str, Send] = (
    REFUSED
    | STILL_DONE
    | {
        LOCKS_ITSELF: Send("priya", lambda w: "/gateway/lock", lambda w: SIGN, prepare=_all_declared),
        "apprenticeships.assign": Send(
            "priya", lambda w: "/people", lambda w: {"role": "assessor", "person_id": str(_adam(w).id)}
        ),
        "evidence.create": Send(
            "amina",
            lambda w: "/evidence",
            lambda w: complete(form_key="e" * 32, action="submit"),
            files=A_FILE,
        ),
        "feedback.read": Send(
            "marek",
            lambda w: f"/evidence/{w.waiting.id}/comments/read",
            lambda w: {"until": utc_now().isoformat()},
            prepare=_commented,
        ),
    }
)
"""With paths below the apprenticeship. Here something new is assigned, something new is read,
and a piece is submitted as it is created."""


def _a_slip(world: World) -> None:
    """A report in Priya's provider, where she is the confidentiality lead."""
    member = world.session.scalars(
        select(Member).where(Member.person_id == world.cast.priya.id, Member.role == "manager")
    ).one()
    member.rights = [*member.rights, "confidentiality"]
    at = world.cast.amina_at
    slip = Slip(
        provider_id=at.provider_id,
        apprenticeship_id=at.id,
        evidence_id=a_draft(world.session, at, "K7").id,
        what="place",
        part="words",
        reported_by_id=world.cast.marek.id,
        reported_at=utc_now(),
        form_key="of-a-page",
    )
    world.session.add(slip)
    world.session.flush()
    world.session.info["slip"] = slip.id


def _slip(world: World, rest: str = "") -> str:
    return f"/providers/{world.cast.provider.id}/slips/{world.session.info['slip']}{rest}"


def _an_own_framework(world: World) -> None:
    own.an_own(world.session, world.cast.provider, world.cast.priya)


ALL_OTHERS: dict[str, Send] = (
    after_course.OF_A_PROVIDER
    | courses.OF_A_PROVIDER
    | staff.OF_A_PROVIDER
    | {
        "slips.answer": Send(
            "priya",
            _slip,
            lambda w: {"action": "restore", "reason": "Nobody can be recognised."},
            prepare=_a_slip,
        ),
        "slips.piece": Send("priya", lambda w: _slip(w, "/piece"), prepare=_a_slip),
        "people.forgotten_now": Send(
            NOBODY, lambda w: "/forgotten-password", lambda w: {"email": w.cast.amina.email}
        ),
        "people.set_password_now": Send(
            NOBODY,
            lambda w: f"/set-password/{w.session.info['token']}",
            lambda w: {"password_new": ANOTHER_PASSWORD, "password_again": ANOTHER_PASSWORD},
            prepare=_with_link,
        ),
        "people.discard_kept_form": Send("priya", lambda w: f"{_the_kept(w)}/discard", prepare=_kept),
        "people.end_session": Send("priya", lambda w: f"{_the_session(w)}/end", prepare=_signed_in("priya")),
        "people.end_other_sessions": Send(
            "priya", lambda w: "/account/sessions/end-others", prepare=_signed_in("priya")
        ),
        "people.change_password_now": Send(
            "priya",
            lambda w: "/account/password",
            lambda w: {
                "password_old": PASSWORD,
                "password_new": ANOTHER_PASSWORD,
                "password_again": ANOTHER_PASSWORD,
            },
        ),
        "people.change_address_now": Send(
            "priya",
            lambda w: "/account/email",
            lambda w: {"email": "p.parker@example.org", "password": PASSWORD},
        ),
        "people.invite_now": Send(
            "priya",
            at("/people"),
            lambda w: {"name": "Nia Newall", "email": "nia@example.org", "roles": ["mentor", "iqa"]},
        ),
        "people.give_role": Send("priya", of("asha", "/roles"), lambda w: {"role": "iqa"}),
        "people.end_role": Send("priya", of("asha", "/roles/end"), lambda w: {"role": "assessor"}),
        "people.give_right": Send("priya", of("petra", "/rights"), lambda w: {"right": "support"}),
        "people.end_right": Send("priya", of("petra", "/rights/end"), lambda w: {"right": "dbs"}),
        "people.suspend": Send("priya", of("asha", "/suspend")),
        "people.bring_back": Send("priya", of("asha", "/bring-back"), prepare=_suspended),
        "people.end_sessions_of": Send("priya", of("asha", "/end-sessions"), prepare=_signed_in("asha")),
        "people.make_link": Send("priya", of("asha", "/link")),
        "people.correct": Send("priya", of("asha", "/details"), lambda w: {"name": "Asha Abbot"}),
        "people.create_provider": Send(
            "admin",
            lambda w: "/admin/new-provider",
            lambda w: {
                "name": "Western Skills",
                "ukprn": "10000009",
                "manager_name": "Wes West",
                "manager_email": "wes@example.org",
            },
        ),
        "people.end_sessions_by_email": Send(
            "admin",
            lambda w: "/admin/end-sessions",
            lambda w: {"email": w.cast.asha.email},
            prepare=_signed_in("asha"),
        ),
        "apprenticeships.add_employer": Send(
            "priya", at("/employers"), lambda w: {"name": "Southside School"}
        ),
        "findings.set_words": Send(
            "priya",
            lambda w: _provider(w, f"/employers/{w.cast.employer.id}/words"),
            lambda w: {"words": "Rowan House\nMill Lane"},
        ),
        "apprenticeships.rename_employer": Send(
            "priya",
            lambda w: _provider(w, f"/employers/{w.cast.employer.id}"),
            lambda w: {"name": "Northside Academy"},
        ),
        "apprenticeships.set_contact": Send("priya", at("/safeguarding"), lambda w: CONTACT),
        "development.set_asks": Send(
            "priya",
            lambda w: f"/providers/{w.cast.provider.id}/employers/{w.cast.employer.id}/development",
            lambda w: {"induction_days": "30", "supervision_months": "2"},
        ),
        "apprenticeships.set_lead": Send(
            "priya",
            lambda w: _provider(w, f"/employers/{w.cast.employer.id}/safeguarding"),
            lambda w: CONTACT,
        ),
        "apprenticeships.add_cohort": Send("priya", at("/cohorts"), lambda w: COHORT),
        "apprenticeships.change_cohort": Send("priya", _cohort, lambda w: COHORT),
        "apprenticeships.create": Send("priya", at("/apprenticeships/new"), lambda w: new_form(w.cast)),
        "apprenticeships.import_now": Send(
            "priya",
            lambda w: _cohort(w, "/import"),
            lambda w: {"text": LIST, "do": "write", "checked": mark_of(LIST)},
            files=(("file", ("", b"")),),
        ),
        "apprenticeships.import_bad_rows": Send(
            "priya",
            lambda w: _cohort(w, "/import/bad-rows"),
            lambda w: {"text": LIST.replace("2026-10-05", "soon")},
            files=(("file", ("", b"")),),
        ),
        "cohorts.training_csv": Send("priya", at("/training-report/export.csv")),
        "cohorts.training_xlsx": Send("priya", at("/training-report/export.xlsx")),
        "cohorts.export_csv": Send("priya", lambda w: f"/cohorts/{w.cast.cohort.id}/export.csv"),
        "cohorts.export_xlsx": Send("priya", lambda w: f"/cohorts/{w.cast.cohort.id}/export.xlsx"),
        "cohorts.all_export_csv": Send("priya", at("/cohorts-together/export.csv")),
        "cohorts.all_export_xlsx": Send("priya", at("/cohorts-together/export.xlsx")),
        "library.add_now": Send(
            "priya",
            at("/frameworks/add"),
            lambda w: {"text": own.TEXT, "checked": sha256_of(own.TEXT), "do": "write"},
            files=(("file", ("", b"")),),
        ),
        "library.withdraw": Send(
            "priya", at("/frameworks/our-own-framework--1/withdraw"), prepare=_an_own_framework
        ),
        "library.answer_link": Send(
            "asha",
            at(f"/frameworks/{own.MK}/links"),
            lambda w: {"competency": own.LINKED, "do": "confirmed", "ticked": ["K7", "S9"]},
        ),
        "ledger.set_address": Send("priya", at("/ledger/address"), lambda w: ADDRESS),
        "ledger.export": Send("priya", at("/ledger/export.json"), prepare=_signed_off),
        "upkeep.retry_job": Send("admin", lambda w: f"{_the_job(w)}/retry", prepare=_given_up),
        "upkeep.retry_kind": Send(
            "admin", lambda w: "/admin/jobs/retry", lambda w: {"kind": "objects.sweep"}, prepare=_given_up
        ),
        "reminders.save": Send(
            "asha",
            lambda w: "/account/reminders",
            lambda w: {"weekly": "yes", "weekday": "3", "lines": ["waiting"]},
        ),
        "reminders.stop_now": Send(NOBODY, _stop_address),
    }
)
"""With whole paths."""

LEFT_OUT = {
    "people.sign_in_now": "every sign-in is meant anew, and the browser's session before it ends",
    "people.sign_out": "the session that would send it again has ended",
}
