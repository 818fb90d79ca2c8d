"""The two records an apprentice keeps of their own development, and what the pages of both have to know of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portfolio.development.models import ReviewLearnt, Supervision

Record = Supervision | ReviewLearnt


@dataclass(frozen=True)
class Kind:
    """One of the two. `says`: what its form fills in; `texts`: those in which people may be written about, with what
    stands above each; `activity`: its name in the suggestions of statements."""

    model: type[Supervision] | type[ReviewLearnt]
    name: str
    part: str
    activity: str
    says: tuple[str, ...]
    texts: Mapping[str, str]
    list_page: str
    one_page: str
    form_page: str

    @property
    def table(self) -> str:
        return self.model.__tablename__


SUPERVISION = Kind(
    model=Supervision,
    name="supervision",
    part="supervision",
    activity="supervision",
    says=("day", "kind", "with_role", "taken", "wellbeing"),
    texts={"taken": "What you took from it"},
    list_page="development/supervision.html",
    one_page="development/one_supervision.html",
    form_page="development/supervision_form.html",
)
REVIEW = Kind(
    model=ReviewLearnt,
    name="review",
    part="reviews",
    activity="review",
    says=("day", "title", "publisher", "year", "link", "found", "changed"),
    texts={
        "title": "Title of the review",
        "publisher": "Who published it",
        "found": "What it found",
        "changed": "What you changed",
    },
    list_page="development/reviews.html",
    one_page="development/one_review.html",
    form_page="development/review_form.html",
)
"""The note on wellbeing is looked at by nobody, so nothing in it is asked about either."""
