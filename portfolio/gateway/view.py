"""What the gateway page shows one viewer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Opened
from portfolio.gateway import history
from portfolio.gateway.actions_lock import facts_now, of_round
from portfolio.gateway.check_text import StoredCheck, from_text, stored
from portfolio.gateway.declarations import reasons_not_to_lock
from portfolio.gateway.facts import Party
from portfolio.gateway.headline import headline, locked_headline
from portfolio.gateway.history import LockStory
from portfolio.gateway.models import Declaration
from portfolio.gateway.put_right import Way, ways
from portfolio.gateway.requirements import Requirement
from portfolio.gateway.rules import check
from portfolio.gateway.sight import Sight, check_for, lines_of, sight_of, veiled

ONLY_READ = frozenset({"gateway.dbs", "gateway.support", "training.log"})
"""Ways that stay open while the portfolio is locked: they show a record and change nothing."""


@dataclass(frozen=True)
class ShownLine:
    """One requirement on the page, with what this viewer can do about it."""

    requirement: Requirement
    shown: bool
    ways: Sequence[Way]


@dataclass(frozen=True)
class GatewayView:
    """The page: the headline, every line, declarations of this round, locks, and what may be done next."""

    headline: str
    lines: Sequence[ShownLine]
    checked: StoredCheck
    declarations: dict[Party, Declaration]
    locks: Sequence[LockStory]
    reasons_not_to_lock: Sequence[str]

    @property
    def lock(self) -> LockStory | None:
        """The lock that stands."""
        return next((story for story in self.locks if story.stands), None)

    @property
    def round(self) -> int:
        return 1 + sum(not story.stands for story in self.locks)


def view_of(session: Session, opened: Opened, today: date) -> GatewayView:
    """The check as it stands today, or as it stood when the portfolio was locked. A constant number of queries."""
    locks = history.lock_stories(session, opened.id)
    lock = next((story.lock for story in locks if story.stands), None)
    round_ = 1 + sum(not story.stands for story in locks)
    made = history.declarations(session, opened.id)
    sight = sight_of(opened.may)
    name = "" if opened.is_own else opened.apprenticeship.apprentice.name
    reasons: list[str] = []
    if lock is not None:
        kept = read_back(lock.check_text, sight)
        lines = lines_of(kept.requirements, sight)
        said = locked_headline(name, gateway=opened.standard.words.gateway, locked_at=lock.locked_at)
    else:
        facts = facts_now(session, opened)
        live = check_for(facts, today, sight)
        kept, lines = stored(live), lines_of(live.requirements, sight)
        said = headline(live, lines, name)
        if Permission.LOCK_GATEWAY in opened.may:
            reasons = reasons_not_to_lock(check(facts, today))
    return GatewayView(
        headline=said,
        lines=[
            ShownLine(
                line.requirement, line.shown, _ways(line.requirement, opened.may, locked=lock is not None)
            )
            for line in lines
        ],
        checked=kept,
        declarations=of_round(made, round_),
        locks=locks,
        reasons_not_to_lock=reasons,
    )


def read_back(text: str, sight: Sight) -> StoredCheck:
    """The check of a lock, with what this viewer may read of it."""
    kept = from_text(text)
    return StoredCheck(
        tuple(veiled(line, sight) for line in kept.requirements),
        kept.checked_on,
        kept.rulebook_title,
        kept.rulebook_note,
        kept.rulebook_address,
    )


def _ways(requirement: Requirement, may: Collection[Permission], *, locked: bool) -> list[Way]:
    found = ways(requirement.id, may, is_open=requirement.is_open)
    return [way for way in found if way.route in ONLY_READ] if locked else found
