"""The types of evidence, as data: how each is called on screen, and who starts one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EvidenceType:
    """One type. `written_by`: who writes such a piece, if not the apprentice; the apprentice adds it to the
    portfolio. `hint` is shown before anybody chooses it."""

    id: str
    label: str
    written_by: str = ""
    hint: str = ""


TYPES: dict[str, EvidenceType] = {
    one.id: one
    for one in (
        EvidenceType("work_product", "Work product"),
        EvidenceType("case_study", "Anonymised case account"),
        EvidenceType(
            "reflective_account",
            "Reflective account",
            hint="good for learning on programme, but the assessment plan may not allow it as evidence. Ask your assessor",
        ),
        EvidenceType("feedback", "Feedback from colleagues or service users"),
        EvidenceType("training_record", "Training or CPD certificate"),
        EvidenceType("presentation_project", "Presentation, report or project"),
        EvidenceType(
            "performance_review", "Appraisal or supervision extract", written_by="your manager or supervisor"
        ),
        EvidenceType("observation", "Observation report", written_by="your assessor"),
        EvidenceType("witness_testimony", "Witness testimony", written_by="somebody who saw it"),
        EvidenceType("expert_witness", "Expert witness testimony", written_by="an expert who saw it"),
        EvidenceType(
            "professional_discussion", "Professional discussion", written_by="you and your assessor"
        ),
        EvidenceType("question_answer", "Questions and answers", written_by="you and your assessor"),
    )
}
"""By id, in the order in which they are offered."""


def label_of(type_id: str) -> str:
    """The label on screen; a draft may have no type yet."""
    found = TYPES.get(type_id)
    return found.label if found else "No type chosen yet"


def choices() -> list[tuple[str, str]]:
    """Id and label of every type, those that somebody else writes with who that is."""
    return [
        (one.id, f"{one.label} (written by {one.written_by})" if one.written_by else one.label)
        for one in TYPES.values()
    ]
