"""Whom apprentices turn to, as far as a list goes: nobody starts at an employer without a safeguarding lead. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from portfolio.apprenticeships.actions_setup import same
from portfolio.apprenticeships.lists.columns import Column, Heading
from portfolio.apprenticeships.lists.known import Known
from portfolio.apprenticeships.lists.values import CellProblem, Given
from portfolio.apprenticeships.rules_contacts import LEAD_ROLE, Contact

NO_LEAD = (
    "{employer} has no safeguarding lead on record. Add one on the page of the employer, or give name, phone and "
    "e-mail address in the columns safeguarding_lead, safeguarding_phone and safeguarding_email."
)
NO_CONTACT = "Your organisation has no safeguarding contact on record. Add one in its set-up first."
INCOMPLETE = "A safeguarding lead needs a name, a phone number and an e-mail address. This row lacks {lacks}."


def leads_in(rows: Sequence[Given]) -> dict[str, Contact]:
    """The safeguarding leads that a list gives, by employer: the first whole one of each."""
    found: dict[str, Contact] = {}
    for given in rows:
        if given.employer and given.lead_name and given.lead_phone and given.lead_email:
            lead = Contact(given.lead_name, LEAD_ROLE, given.lead_phone, given.lead_email)
            found.setdefault(same(given.employer), lead)
    return found


def lead_for(known: Known, leads: Mapping[str, Contact], employer: str) -> Contact | None:
    """The lead to put on record with this row: none where the employer has one already, which stays."""
    on_record = known.employers.get(same(employer))
    if on_record is not None and on_record.id in known.led:
        return None
    return leads.get(same(employer))


def lead_problems(
    heading: Heading, known: Known, given: Given, leads: Mapping[str, Contact]
) -> Iterator[CellProblem]:
    """Why nobody can start at the employer of this row yet."""
    if not known.has_contact:
        yield CellProblem("", NO_CONTACT)
    on_record = known.employers.get(same(given.employer))
    if (on_record is not None and on_record.id in known.led) or same(given.employer) in leads:
        return
    cells = {
        "the name": given.lead_name,
        "the phone number": given.lead_phone,
        "the e-mail address": given.lead_email,
    }
    lacks = [what for what, value in cells.items() if not value]
    if len(lacks) < len(cells):
        yield CellProblem(heading.shown(Column.LEAD_NAME), INCOMPLETE.format(lacks=" and ".join(lacks)))
    else:
        yield CellProblem(heading.shown(Column.EMPLOYER), NO_LEAD.format(employer=given.employer))
