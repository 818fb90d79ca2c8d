"""The people of one row of a list: whose numbers they are, who stands around, who has to be invited."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from portfolio.access import Role
from portfolio.apprenticeships.lists.columns import Column, Heading
from portfolio.apprenticeships.lists.known import Known
from portfolio.apprenticeships.lists.values import CellProblem, Given
from portfolio.apprenticeships.models import Apprenticeship


@dataclass
class Surroundings:
    """Who is to be assigned (role, e-mail, name), in words, with what stands against it and what is left alone."""

    wanted: list[tuple[Role, str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)


def person_problems(
    heading: Heading, known: Known, given: Given, match: Apprenticeship | None
) -> list[CellProblem]:
    """Numbers and addresses of this row that belong to somebody else."""
    own = match.apprentice.email if match else given.email
    found: list[CellProblem] = []

    def refuse(column: Column, what: str, owner: str) -> None:
        sentence = f"This {what} is recorded for {owner}. Check which of the two is right."
        found.append(CellProblem(heading.shown(column), sentence))

    if given.uln and (owner := _other(known.by_uln.get(given.uln, ()), own)):
        refuse(Column.ULN, "ULN", owner)
    if given.provider_ref and (owner := _other(known.by_reference.get(given.provider_ref, ()), own)):
        refuse(Column.PROVIDER_REF, "reference", owner)
    person = known.people.get(given.email)
    if match and person and person.id != match.apprentice_id:
        refuse(Column.EMAIL, "e-mail address", person.name if known.roles.get(person.id) else "somebody else")
    if person and person.is_admin:
        found.append(CellProblem(heading.shown(Column.EMAIL), ADMIN))
    return found


ADMIN = "This account belongs to the installation admin, who takes no part in a provider."


def _other(among: Iterable[Apprenticeship], own: str) -> str:
    return next((one.apprentice.name for one in among if one.apprentice.email != own), "")


def surroundings(heading: Heading, known: Known, given: Given, match: Apprenticeship | None) -> Surroundings:
    """Mentor, assessor and IQA of a row. A mentor who is new is invited; the provider's own people are not."""
    found = Surroundings(notes=_left_alone(given, match))
    for role, column, email, name in (
        (Role.MENTOR, Column.MENTOR_EMAIL, given.mentor_email, given.mentor_name),
        (Role.ASSESSOR, Column.ASSESSOR_EMAIL, given.assessor_email, ""),
        (Role.IQA, Column.IQA_EMAIL, given.iqa_email, ""),
    ):
        if not email or _assigned(known, match, role, email):
            continue
        sentence = _reason_against(known, given, match, role, email, name)
        if sentence:
            found.problems.append(CellProblem(heading.shown(column), sentence))
            continue
        found.wanted.append((role, email, name))
        found.words.append(_words(known, role, email, name))
    if given.mentor_name and not given.mentor_email:
        found.notes.append(f"{given.mentor_name} is not assigned: the mentor's e-mail address is missing.")
    return found


def _assigned(known: Known, match: Apprenticeship | None, role: Role, email: str) -> bool:
    person = known.people.get(email)
    return bool(match and person and (role.value, person.id) in known.assigned.get(match.id, ()))


def _reason_against(
    known: Known, given: Given, match: Apprenticeship | None, role: Role, email: str, name: str
) -> str:
    if email == (match.apprentice.email if match else given.email):
        return f"Nobody can be {role.label.lower()} of their own apprenticeship."
    if known.holds(email, role):
        return ""
    person = known.people.get(email)
    if person and person.is_admin:
        return ADMIN
    if role is not Role.MENTOR:
        return (
            f"Nobody with the role of {role.label.lower()} has the address {email} here. "
            "Invite them under People first, or leave the cell empty."
        )
    if person is None and not name:
        return (
            "This mentor is new: give their name too, in a column mentor_name, so that they can be invited."
        )
    return ""


def _words(known: Known, role: Role, email: str, name: str) -> str:
    person = known.people.get(email)
    what = role.label.lower()
    if known.holds(email, role) and person:
        return f"{person.name} becomes {what}"
    return f"{name or email} is invited as {what}"


def _left_alone(given: Given, match: Apprenticeship | None) -> list[str]:
    """People look after their own name and address: a list does not change an account."""
    notes = []
    if match and given.name and given.name.casefold() != match.apprentice.name.casefold():
        notes.append(f"The account keeps the name {match.apprentice.name}.")
    if match and given.email and given.email != match.apprentice.email:
        notes.append(f"The account keeps the address {match.apprentice.email}.")
    return notes
