"""What each party declares at the gateway, as data. A signature binds to the words as they stand in its row."""

from __future__ import annotations

from collections.abc import Mapping

from portfolio.gateway.facts import Party

OPENING = "{standard} {reference}, version {version}: declaration for {apprentice}."
TEXTS: Mapping[Party, tuple[str, ...]] = {
    Party.APPRENTICE: (
        OPENING,
        "I am ready for the {assessment}.",
        (
            "The evidence in this portfolio is my own work or shows my own part, and nobody can be identified in it whose "
            "details should stay at work."
        ),
        (
            "I know that from the lock at the {gateway} nothing in the portfolio can be changed, and that it goes to the "
            "{assessment_organisation} as it is."
        ),
    ),
    Party.EMPLOYER: (
        OPENING,
        (
            "On behalf of the employer {employer}: the apprentice works at or above the level of this standard and is ready "
            "for the {assessment}."
        ),
        "The evidence in this portfolio comes from the apprentice's work with us.",
        "The apprentice stays employed with us until the {assessment} is done, or we tell the training provider at once.",
    ),
    Party.PROVIDER: (
        OPENING,
        (
            "On behalf of the training provider: coverage is signed off for every statement and every duty, on evidence that "
            "is valid, authentic, current, sufficient and reliable."
        ),
        (
            "The apprentice meets the requirements of the {assessment_plan} and of the funding rules for the {gateway}, as "
            "listed on the gateway page."
        ),
        "The apprentice is ready for the {assessment}.",
    ),
}


def declaration_text(party: Party, words: Mapping[str, str]) -> str:
    """The words this party signs, a paragraph a line. `words`: every name in braces above. Raises KeyError for one
    that is missing."""
    return "\n\n".join(paragraph.format_map(words) for paragraph in TEXTS[party])
