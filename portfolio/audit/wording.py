"""The audit trail in plain words: what was done, and to what. Pure.

An action without an entry here is still readable: "evidence.submitted" becomes "Evidence submitted".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from portfolio.access import Right, Role
from portfolio.web.formats import date_words

ACTIONS: dict[str, str] = {
    "apprenticeship.created": "Apprenticeship set up",
    "apprenticeship.changed": "Apprenticeship corrected",
    "apprenticeship.withdrawn": "Withdrawal recorded",
    "apprenticeship.withdrawal_undone": "Withdrawal undone",
    "assignment.began": "Person assigned",
    "assignment.ended": "Assignment ended",
    "break.recorded": "Break in learning recorded",
    "break.changed": "Break in learning corrected",
    "break.removed": "Break in learning removed",
    "cohort.imported": "List of apprentices imported",
    "assessment.corrected": "Assessment step corrected",
    "assessment.decided": "Decided on a piece",
    "assessment.recorded": "Assessment step recorded",
    "assessment.sign_off_withdrawn": "Sign-off withdrawn",
    "assessment.signed_off": "Signed off",
    "assessment.superseded": "Decision replaced by a newer one",
    "cohorts.exported": "Cohort report saved as a file",
    "employer.asks_set": "Induction and supervision that an employer asks for set",
    "employer.words_set": "Words of an employer set",
    "evidence.draft_saved": "Draft saved",
    "evidence.file_refused": "File refused when it was checked",
    "evidence.file_added": "File added to a draft",
    "evidence.file_renamed": "File of a draft renamed",
    "evidence.file_covered": "Parts of a file covered for good",
    "evidence.file_kept_uncleaned": "File kept as it is, though it could not be cleaned",
    "evidence.file_removed": "File taken out of a draft",
    "evidence.submitted": "Evidence submitted",
    "evidence.taken_back": "Evidence taken back to a draft",
    "evidence.withdrawn": "Evidence withdrawn",
    "feedback.commented": "Comment written",
    "feedback.read": "Comments read",
    "feedback.testified": "Testimony signed",
    "feedback.original_confirmed": "Original at work confirmed",
    "framework.added": "Competency framework of the provider’s own added",
    "framework.withdrawn": "Competency framework no longer offered",
    "gateway.dbs_recorded": "DBS check recorded",
    "gateway.declared": "Declared ready",
    "gateway.locked": "Portfolio locked",
    "gateway.qualification_recorded": "English or maths recorded",
    "gateway.support_recorded": "Plan or statement status recorded",
    "gateway.unlock_asked": "Unlock asked for",
    "gateway.unlocked": "Portfolio unlocked by a second person",
    "jobs.retried": "Background work tried again",
    "ledger.address_removed": "Head of the ledger no longer mailed",
    "ledger.address_set": "Address for the head of the ledger set",
    "ledger.exported": "Ledger saved as a file",
    "link.confirmed": "Link from a competency to a statement confirmed",
    "link.refused": "Link from a competency to a statement refused",
    "link.withdrawn": "Answer about a link from a competency to a statement taken back",
    "password.changed": "Password changed",
    "password.set": "Password set by link",
    "slip.reported": "Piece reported: it may identify somebody",
    "slip.piece_opened": "Reported piece read by a confidentiality lead",
    "slip.restored": "Reported piece opened again",
    "slip.asked": "Cleaned version asked for",
    "slip.purge_asked": "Purge asked for",
    "slip.purged": "Piece purged",
    "slip.noted_beside_backups": "Purge noted beside the backups",
    "slip.purged_again": "Piece purged again after a restore",
    "reset.started": "Password reset started",
    "person.address_changed": "E-mail address changed",
    "person.corrected": "Name or e-mail address corrected",
    "person.invited": "Invited",
    "person.suspended": "Suspended",
    "person.restored": "Brought back",
    "role.given": "Role given",
    "role.ended": "Role ended",
    "right.given": "Named right given",
    "right.ended": "Named right ended",
    "safeguarding.contact_set": "Safeguarding contact of the provider put on record",
    "safeguarding.lead_set": "Safeguarding lead of an employer put on record",
    "safekeeping.backed_up": "Backup made",
    "induction.recorded": "Induction recorded",
    "refresher.set": "Refresher set for the employer",
    "review.changed": "Review learnt from changed",
    "review.entered": "Review learnt from recorded",
    "review.made_evidence": "Piece of evidence made from a review learnt from",
    "review.removed": "Review learnt from removed",
    "supervision.changed": "Supervision changed",
    "supervision.entered": "Supervision recorded",
    "supervision.made_evidence": "Piece of evidence made from a supervision",
    "supervision.removed": "Supervision removed",
    "courses.added": "Course added",
    "courses.archived": "Course offered no more",
    "courses.booked": "Course booked",
    "courses.called_off": "Session of a course called off",
    "courses.changed": "Course changed",
    "courses.offered_again": "Course offered again",
    "courses.passed_on": "Place on a course taken over from a colleague",
    "courses.session_added": "Date of a course added",
    "courses.session_changed": "Date of a course changed",
    "courses.step": "Booking of a course moved on",
    "courses.taken_over": "Course taken over from a dated example",
    "course.certificate_issued": "Certificate of attendance issued",
    "course.certificate_withheld": "Certificate of attendance withheld",
    "course.evaluated": "Evaluation of a course answered",
    "course.made_evidence": "Piece of evidence made from an evaluation",
    "course.material_added": "Material of a course added",
    "course.material_removed": "Material of a course taken away",
    "frameworks.chosen": "Competency framework and target level chosen",
    "frameworks.linked": "Evidence or training linked to a competency",
    "frameworks.rated_own": "Own rating of a competency given",
    "frameworks.rated_second": "Mentor’s rating of a competency given",
    "frameworks.unlinked": "Link to a competency removed",
    "training_report.exported": "Training report saved as a file",
    "training.changed": "Entry of the training log changed",
    "training.confirmed": "Entry of the training log confirmed",
    "training.entered": "Learning entered in the training log",
    "training.made_evidence": "Piece of evidence made from the training log",
    "training.plan_set": "Plan of off-the-job hours set",
    "training.removed": "Entry of the training log removed",
    "training.returned": "Entry of the training log returned",
    "staff.added": "Member of staff recorded",
    "staff.chosen": "Competency framework and target level of a member of staff chosen",
    "staff.corrected": "Record of a member of staff corrected",
    "staff.left": "Last day of a member of staff recorded",
    "staff.still_there": "Member of staff recorded as still there",
    "staff.training_recorded": "Training of a member of staff recorded",
    "staff.training_removed": "Training of a member of staff removed",
    "session.started": "Signed in",
    "session.ended": "Signed out",
}
"""Only what the name of the action does not say well by itself."""

RECORDS = {
    "confirmed_link": "link from a competency to a statement",
    "provider_framework": "framework of the provider’s own",
    "assessment_event": "assessment step",
    "break": "break in learning",
    "dbs_record": "DBS record",
    "evidence": "piece of evidence",
    "evidence_file": "file",
    "evidence_version": "version of a piece",
    "gateway_lock": "lock of the portfolio",
    "person": "person",
    "qualification_record": "English and maths record",
    "session": "sign-in session",
    "sign_off": "sign-off",
    "hours_plan": "plan of off-the-job hours",
    "booking": "booking of a course",
    "certificate": "certificate of attendance",
    "course": "course",
    "course_session": "date of a course",
    "course_material": "material of a course",
    "evaluation_answer": "evaluation of a course",
    "evaluation_piece": "evaluation of a course",
    "induction": "induction",
    "refresher_override": "refresher set for the employer",
    "review_learnt": "review learnt from",
    "supervision": "supervision",
    "competency_link": "link to a competency",
    "competency_rating": "rating of a competency",
    "framework_choice": "choice of a competency framework",
    "staff_choice": "choice of a competency framework for a member of staff",
    "staff_learning": "training of a member of staff",
    "staff_member": "member of staff",
    "training_entry": "entry of the training log",
    "support_record": "plan or statement status",
}

DETAILS = {
    "added": "added",
    "before": "before",
    "began_on": "began",
    "code": "item",
    "codes": "items",
    "job": "work",
    "item": "item",
    "item_code": "item",
    "items": "items",
    "changed": "changed",
    "claims": "statements and duties",
    "component": "component",
    "covered": "covered",
    "effective_on": "last day",
    "ended_on": "first day back",
    "expected_back_on": "expected back",
    "files": "files",
    "competency": "competency",
    "framework": "framework",
    "kind": "step",
    "not_yet": "not yet",
    "outcome": "outcome",
    "partly": "partly",
    "party": "for",
    "planned_gateway_on": "planned end",
    "right": "right",
    "role": "role",
    "roles": "roles",
    "start_on": "start",
    "round": "round",
    "sign_off": "sign-off",
    "signed_off": "signed off",
    "state": "state",
    "step": "step",
    "number": "version",
    "version": "version",
}
"""What is shown of an event's details: codes, states, dates. Ids say nothing to a reader."""
VALUES = (
    {
        "start_on": "start",
        "planned_gateway_on": "planned end",
        "date_of_birth": "date of birth",
        "uln": "ULN",
        "provider_reference": "reference",
        "employer_id": "employer",
        "cohort_id": "cohort",
    }
    | {role.value: role.label.lower() for role in Role}
    | {right.value: right.label for right in Right}
)
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def action_words(action: str) -> str:
    """What was done, as a person would say it."""
    known = ACTIONS.get(action)
    if known:
        return known
    words = re.sub(r"[._]+", " ", action).strip()
    return words[:1].upper() + words[1:]


def record_words(record: str) -> str:
    """Which kind of record it was done to."""
    return RECORDS.get(record, record.replace("_", " "))


def detail_words(detail: Mapping[str, Any]) -> Iterator[str]:
    """The codes, states and dates of an event, each with its name: "outcome: covered"."""
    for key, name in DETAILS.items():
        value = detail.get(key)
        if value not in (None, "", []):
            yield f"{name}: {_value_words(value)}"


def _value_words(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value_words(part) for part in value)
    text = str(value)
    if DAY.fullmatch(text):
        return date_words(date.fromisoformat(text))
    return VALUES.get(text, text.replace("_", " "))
