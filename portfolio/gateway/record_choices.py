"""The answers that the record forms offer, in the words of the screen, and records in those words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from portfolio.gateway.facts import (
    BarredLists,
    DbsDecision,
    DbsLevel,
    DbsWorkforce,
    ProofKind,
    Qualification,
    Support,
)

Options = Sequence[tuple[str, str]]
CHOICES: Mapping[str, Options] = {
    "decision": (
        (DbsDecision.SATISFACTORY, "Satisfactory"),
        (DbsDecision.NOT_SATISFACTORY, "Not satisfactory"),
        (DbsDecision.AWAITING, "Awaiting the decision"),
    ),
    "level": ((DbsLevel.ENHANCED, "Enhanced"), (DbsLevel.STANDARD, "Standard"), (DbsLevel.BASIC, "Basic")),
    "workforce": (
        (DbsWorkforce.CHILD, "Child workforce"),
        (DbsWorkforce.ADULT, "Adult workforce"),
        (DbsWorkforce.CHILD_AND_ADULT, "Child and adult workforce"),
        (DbsWorkforce.OTHER, "Other workforce"),
    ),
    "barred_lists": (
        (BarredLists.CHILDREN, "Children's barred list"),
        (BarredLists.ADULTS, "Adults' barred list"),
        (BarredLists.BOTH, "Both barred lists"),
        (BarredLists.NONE, "None"),
    ),
    "qualification": (
        (Qualification.LEVEL_2, "Level 2 (for example GCSE 9 to 4, or Functional Skills level 2)"),
        (Qualification.ENTRY_LEVEL_3, "Entry Level 3"),
        (Qualification.BSL, "A British Sign Language qualification"),
        (Qualification.ATTEMPT, "Took the assessment, has not reached the level"),
        (Qualification.NONE, "Nothing yet"),
    ),
    "proof": (
        (ProofKind.CERTIFICATE, "Certificate"),
        (ProofKind.STATEMENT_OF_RESULTS, "Certified statement of results"),
        (ProofKind.LEARNING_RECORD, "Personal learning record"),
        (ProofKind.OTHER, "Other evidence (shows an attempt only)"),
    ),
    "plan": (
        (Support.NONE, "Neither"),
        (Support.EDUCATION_HEALTH_CARE_PLAN, "Education, health and care plan"),
        (Support.LEGACY_STATEMENT, "Legacy statement of special educational needs"),
    ),
}
_WORDS = {field: {str(value): words for value, words in options} for field, options in CHOICES.items()}
_KEPT_OUT = frozenset({"id", "provider_id", "apprenticeship_id", "subject", "recorded_by_id", "recorded_at"})


def said(field: str, value: str) -> str:
    """A stored answer in the words of the screen; "Not recorded" for none."""
    return _WORDS[field].get(value, "Not recorded")


def values_of(row: Any) -> dict[str, Any]:
    """What was entered into a record, for a form that starts from it."""
    return {
        column.key: getattr(row, column.key)
        for column in row.__mapper__.column_attrs
        if column.key not in _KEPT_OUT
    }
