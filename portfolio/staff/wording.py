"""Marks and words for how a member of staff stands, the same as for apprentices, and what a page says was done."""

from __future__ import annotations

from portfolio.development.wording import LEVEL_TAGS, TAGS

__all__ = ["DONE", "LEVEL_TAGS", "NEED_WORDS", "TAGS"]

DONE = {
    "added": "The member of staff is recorded. Choose the framework and level next.",
    "corrected": "The record was corrected.",
    "left": "The last day is recorded. From the day after, they are in the list of those who have left.",
    "there": "They are recorded as still there.",
    "chosen": "The framework and level are chosen.",
    "training": "The training is recorded.",
    "removed": "The training was removed.",
}
NEED_WORDS = {
    "done": "Held since",
    "due": "To be held by",
    "late": "Was to be held by",
    "no date": "Not yet held",
}
"""By kbs.placement.NeedState."""
