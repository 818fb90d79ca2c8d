"""Marks and words for how something stands, the same on every page and in every file."""

from __future__ import annotations

from kbs.refresher import DueState
from portfolio.training.rules.report import InductionState, LevelState

TAGS = {
    DueState.IN_DATE: ("g", "In date"),
    DueState.AMBER: ("a", "Due within 90 days"),
    DueState.RED: ("r", "Due within 30 days"),
    DueState.OVERDUE: ("r", "Overdue"),
    DueState.NEVER_DONE: ("a", "Nothing recorded"),
    DueState.NO_RULE: ("n", "No rule"),
}
INDUCTION_TAGS = {
    InductionState.DONE: ("g", "Done"),
    InductionState.DONE_LATE: ("a", "Done late"),
    InductionState.DUE: ("a", "Due"),
    InductionState.OVERDUE: ("r", "Overdue"),
    InductionState.NOT_RECORDED: ("n", "Not recorded"),
}
LEVEL_TAGS = {
    LevelState.NOT_CHOSEN: ("n", "No level chosen"),
    LevelState.HELD: ("g", "Held"),
    LevelState.NEEDS_FIRST: ("a", "Earlier level first"),
    LevelState.NOT_YET: ("a", "Not yet held"),
}
