"""Every box in which somebody can type free text either asks about names and numbers, or stands below with the reason
why it does not. A new box that is in neither fails here: mark it (`checked=true`, `data-checked`) and ask the server too."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
MACROS = "shared/forms.html"
"""Where the boxes themselves are written: what uses them is read instead."""
NO_TEXT = {
    "password",
    "email",
    "tel",
    "search",
    "hidden",
    "radio",
    "checkbox",
    "file",
    "date",
    "number",
    "submit",
}
"""Kinds of box in which no account can be typed; what somebody searches for is not kept."""
CALL = re.compile(
    r"\bf\.(?:text|area)\(\s*(?:\w+_)?form\s*,\s*(\"[^\"]+\"(?:\s*%\s*number)?)(.*?)\)\s*\}\}", re.DOTALL
)
BOX = re.compile(r"<(input|textarea)\b((?:[^>\"{]|\"[^\"]*\"|\{[{%].*?[%}]\})*)>", re.DOTALL)
KEYWORD = re.compile(r"(?:hint|label)\s*=\s*\"[^\"]*\"")

A_PERSON = "it is where a person is named: an account, an assignment or a contact cannot be made without"
A_NAME = "the name of an organisation, a cohort or a qualification, not an account of anybody"
A_NUMBER = "a number or a code of a fixed shape, checked as such"
A_LIST = "a list of people is what is pasted here, by a manager who sets up their accounts"
ITS_OWNERS = "a note that only the person who writes it can ever read, in no report and no piece of evidence"
A_LINK = "the address of a published page, checked as such"
A_FRAMEWORK = "what staff are to know and do, as published by an organisation, not an account of anybody"
OF_THE_APPRENTICE = "about the apprentice, for whom it is kept, and read by them and the managers alone; no account of practice"
LEFT_OUT = (
    "whatever is found is left out when it is sent (portfolio.slips.routes), so that closing does not wait"
)

A_COURSE = "what a provider offers, written by its managers for everybody who may book: no account of anybody"

UNCHECKED = {
    "courses/course_form.html": {
        "title": A_COURSE,
        "minutes": A_NUMBER,
        "about": A_COURSE,
        "outcomes": A_COURSE,
        "level": A_COURSE,
        "audience": A_COURSE,
        "not_for": A_COURSE,
        "statements": A_NUMBER,
    },
    "courses/import.html": {"text": A_COURSE},
    "courses/parts.html": {
        "starts": A_NUMBER,
        "ends": A_NUMBER,
        "venue": A_COURSE,
        "capacity": A_NUMBER,
        "note": A_COURSE,
    },
    "courses/preview.html": {"text": A_COURSE},
    "courses/session.html": {"reason": LEFT_OUT},
    "courses/certificate.html": {"reason": LEFT_OUT},
    "courses/materials.html": {"title": A_COURSE, "link": A_COURSE, "note": A_COURSE},
    "apprenticeships/break.html": {"reason": OF_THE_APPRENTICE},
    "apprenticeships/withdrawal.html": {"reason": OF_THE_APPRENTICE},
    "apprenticeships/cohort.html": {"name": A_NAME},
    "apprenticeships/contact.html": {"name": A_PERSON, "role": A_PERSON, "deputy_name": A_PERSON},
    "apprenticeships/employer.html": {"name": A_NAME},
    "apprenticeships/employers.html": {"name": A_NAME},
    "apprenticeships/fields.html": {"uln": A_NUMBER, "provider_reference": A_NUMBER},
    "apprenticeships/import.html": {"text": A_LIST},
    "apprenticeships/new.html": {"apprentice_name": A_PERSON, "mentor_name": A_PERSON},
    "apprenticeships/preview.html": {"text": A_LIST},
    "apprenticeships/welcomes.html": {"": "a link to copy, which nobody types in"},
    "development/asks.html": {"induction_days": A_NUMBER, "supervision_months": A_NUMBER},
    "development/refresher.html": {"months": A_NUMBER},
    "development/review_form.html": {"year": A_NUMBER, "link": A_LINK},
    "development/supervision_form.html": {"wellbeing": ITS_OWNERS},
    "evidence/receipt.html": {"code": A_NUMBER},
    "findings/files.html": {
        "new_name_{{ one.file.id }}": "a file's name in a draft; the server asks about it when the piece is submitted"
    },
    "findings/parts.html": {"kept_reason": "the reason why something stays, asked for by the check itself"},
    "findings/words.html": {"words": "the employer's own list of names to look for"},
    "frameworks/add.html": {"text": A_FRAMEWORK},
    "frameworks/link.html": {"find": "words to look for in a list, kept nowhere"},
    "frameworks/links.html": {"codes": A_NUMBER},
    "frameworks/preview.html": {"text": A_FRAMEWORK},
    "gateway/dbs_form.html": {
        "decided_by": A_PERSON,
        "last_four": A_NUMBER,
        "original_seen_by": A_PERSON,
    },
    "gateway/qualification.html": {"title": A_NAME},
    "gateway/step.html": {"organisation": A_NAME, "component": A_NAME, "result": A_NAME},
    "people/details.html": {"name": A_PERSON},
    "people/invite.html": {"name": A_PERSON},
    "people/new_provider.html": {"name": A_NAME, "ukprn": A_NUMBER, "manager_name": A_PERSON},
    "people/passed_on.html": {"": "a link to copy, which nobody types in"},
    "redaction/cover.html": {"boxes_%d % number": A_NUMBER, "cut_%d % number": A_NUMBER},
    "training/form.html": {"hours": A_NUMBER, "minutes": A_NUMBER},
    "training/plan.html": {
        "weekly_hours": A_NUMBER,
        "planned_hours": A_NUMBER,
        "prior_hours": A_NUMBER,
        "leave_weeks": A_NUMBER,
    },
    "staff/learning.html": {"minutes": A_NUMBER},
    "staff/member_form.html": {"name": A_PERSON, "title": A_PERSON},
    "slips/report.html": {"note": LEFT_OUT},
    "slips/show.html": {"reason": LEFT_OUT},
}
ASKED_BY_THE_SERVER = {
    "assessment/parts.html": {"missing-{{ code }}"},
    "assessment/sign_off.html": {"reason"},
    "assessment/supersede.html": {"reason"},
    "assessment/withdraw.html": {"reason"},
    "development/refresher.html": {"reason"},
    "development/review_form.html": {"title", "publisher", "found", "changed"},
    "development/supervision_form.html": {"taken"},
    "courses/book.html": {"needs"},
    "courses/booking.html": {"reason"},
    "courses/evaluation.html": {"words"},
    "evidence/finder.html": {"note_{{ one.item.code }}"},
    "evidence/form_people.html": {"original_what", "original_kept_at", "original_seen_by"},
    "evidence/form_words.html": {"title", "what_happened", "what_i_did", "why"},
    "evidence/withdraw.html": {"reason"},
    "feedback/conversation.html": {"text"},
    "feedback/testify.html": {"statement", "relation"},
    "frameworks/choose.html": {"reason"},
    "frameworks/competency.html": {"note"},
    "gateway/step.html": {"note"},
    "gateway/unlock.html": {"reason"},
    "sightings/confirm.html": {"seen_where"},
    "staff/choose.html": {"reason"},
    "staff/learning.html": {"what"},
    "training/form.html": {"what", "objective", "given_by", "certificate", "impact"},
    "training/plan.html": {"reason"},
    "training/show.html": {"reason"},
}
"""Marked on the page; that the server asks as well is tried in tests/findings (pieces, feedback, reasons)."""


def boxes(source: str) -> Iterator[tuple[str, bool]]:
    """Each box for free text in a template: its name, and whether the page looks at what is typed in it."""
    source = re.sub(r"\{#.*?#\}", "", source, flags=re.DOTALL)
    for call in CALL.finditer(source):
        said = KEYWORD.sub("", call[2])
        kind = re.search(r"type=\"([a-z]+)\"", said)
        if kind is None or kind[1] not in NO_TEXT:
            yield call[1].replace('"', ""), "checked=true" in said
    for box in BOX.finditer(source):
        kind = re.search(r"\btype=\"([a-z]+)\"", box[2])
        if box[1] == "textarea" or kind is None or kind[1] not in NO_TEXT:
            name = re.search(r"\bname=\"((?:[^\"{]|\{\{.*?\}\})+)\"", box[2])
            yield name[1] if name else "", "data-checked" in box[2]


def found() -> dict[str, dict[str, bool]]:
    texts = {str(path.relative_to(TEMPLATES)): path.read_text() for path in sorted(TEMPLATES.rglob("*.html"))}
    return {name: dict(boxes(text)) for name, text in texts.items() if name != MACROS and list(boxes(text))}


def test_every_box_is_looked_at_or_says_why_not() -> None:
    unchecked = {
        name: {box for box, is_checked in each.items() if not is_checked} for name, each in found().items()
    }
    assert {name: each for name, each in unchecked.items() if each} == {
        name: set(each) for name, each in UNCHECKED.items()
    }
    assert all(reason for each in UNCHECKED.values() for reason in each.values())


def test_every_box_that_the_page_looks_at_is_one_that_the_server_asks_about() -> None:
    checked = {
        name: {box for box, is_checked in each.items() if is_checked} for name, each in found().items()
    }
    assert {name: each for name, each in checked.items() if each} == ASKED_BY_THE_SERVER


def test_the_walk_sees_every_way_in_which_a_box_is_written() -> None:
    source = """
    {{ f.area(form, "a", "What (in short)?", hint="Name nobody: checked=true", rows=3) }}
    {{ f.text(form, "b", "B", maxlength="20", checked=true) }} {{ f.text(form, "c", "C", type="password") }}
    {# {{ f.text(form, "d", "D") }} #}<textarea name="e" rows="2" data-checked>
    <input id="f" name="f" value="{{ a > b }}"><input name="g" type="checkbox">"""
    assert dict(boxes(source)) == {"a": False, "b": True, "e": True, "f": False}
