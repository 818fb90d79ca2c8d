"""Employers, cohorts, apprenticeships, who is assigned to them, breaks, and the progress summary."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.apprenticeships.rules_contacts import dialled
from portfolio.database import Base, OfProvider
from portfolio.people.models import Person


class Employer(OfProvider, Base):
    __tablename__ = "employer"
    __table_args__ = (UniqueConstraint("provider_id", "name"),)

    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]


class SafeguardingContact(OfProvider, Base):
    """Whom to turn to now: the safeguarding lead of an employer; without an employer, the provider's own contact."""

    __tablename__ = "safeguarding_contact"
    __table_args__ = (
        UniqueConstraint("employer_id"),
        Index(
            "ix_safeguarding_contact_of_provider",
            "provider_id",
            unique=True,
            postgresql_where=text("employer_id IS NULL"),
            sqlite_where=text("employer_id IS NULL"),
        ),
    )

    employer_id: Mapped[UUID | None] = mapped_column(ForeignKey("employer.id"))
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(40))
    email: Mapped[str] = mapped_column(String(254))
    deputy_name: Mapped[str] = mapped_column(String(200), default="")
    deputy_phone: Mapped[str] = mapped_column(String(40), default="")
    changed_at: Mapped[datetime]

    @property
    def dial(self) -> str:
        return dialled(self.phone)

    @property
    def deputy_dial(self) -> str:
        return dialled(self.deputy_phone)


class Cohort(OfProvider, Base):
    """Apprenticeships that start, and are reported, together: one standard version, one policy."""

    __tablename__ = "cohort"
    __table_args__ = (
        UniqueConstraint("provider_id", "name"),
        CheckConstraint("english_maths_policy IN ('standard_sentence','funding_rules')", name="policy"),
    )

    name: Mapped[str] = mapped_column(String(200))
    standard_reference: Mapped[str] = mapped_column(String(20))
    standard_version: Mapped[str] = mapped_column(String(10))
    english_maths_policy: Mapped[str] = mapped_column(String(30), default="standard_sentence")
    created_at: Mapped[datetime]


class Apprenticeship(OfProvider, Base):
    """One person on one version of a standard. `planned_gateway_on` is as first agreed; breaks move it."""

    __tablename__ = "apprenticeship"
    __table_args__ = (
        UniqueConstraint("provider_id", "apprentice_id", "standard_reference", "start_on"),
        CheckConstraint("planned_gateway_on > start_on", name="dates"),
        CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_by_id IS NULL)", name="withdrawn"),
    )

    apprentice_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"), index=True)
    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"), index=True)
    standard_reference: Mapped[str] = mapped_column(String(20))
    standard_version: Mapped[str] = mapped_column(String(10))
    start_on: Mapped[date]
    planned_gateway_on: Mapped[date]
    date_of_birth: Mapped[date | None]
    """For the age-at-start rules only; shown to the person and to managers."""
    uln: Mapped[str] = mapped_column(String(10), default="")
    provider_reference: Mapped[str] = mapped_column(String(40), default="")
    withdrawn_on: Mapped[date | None]
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")
    withdrawn_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]

    apprentice: Mapped[Person] = relationship(foreign_keys=[apprentice_id], lazy="raise")
    cohort: Mapped[Cohort] = relationship(lazy="raise")
    employer: Mapped[Employer] = relationship(lazy="raise")

    @property
    def apprenticeship_id(self) -> UUID:
        """So that a change of dates refreshes the progress summary like any other change."""
        return self.id


class Assignment(OfProvider, Base):
    """Somebody stands around an apprenticeship; ending it takes effect on their next request."""

    __tablename__ = "assignment"
    __table_args__ = (
        Index("ix_assignment_person", "person_id", "until_at"),
        CheckConstraint("role IN ('mentor','assessor','iqa')", name="role"),
        CheckConstraint("(until_at IS NULL) = (ended_by_id IS NULL)", name="ended"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(20))
    from_at: Mapped[datetime]
    assigned_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    until_at: Mapped[datetime | None]
    ended_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise")


class BreakInLearning(OfProvider, Base):
    """Agreed time away. `ended_on` is the first day back; empty while it lasts."""

    __tablename__ = "break_in_learning"
    __table_args__ = (CheckConstraint("ended_on IS NULL OR ended_on >= began_on", name="dates"),)

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    began_on: Mapped[date]
    expected_back_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    recorded_by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]


class WithdrawalEvent(OfProvider, Base):
    """A withdrawal was recorded or undone, and why: appended, never changed. What stands is on Apprenticeship."""

    __tablename__ = "withdrawal_event"
    __table_args__ = (CheckConstraint("kind IN ('withdrawn','undone')", name="kind"),)

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    effective_on: Mapped[date]
    """The last day that was recorded, also where it is undone."""
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    at: Mapped[datetime]

    by: Mapped[Person] = relationship(foreign_keys=[by_id], lazy="raise")


class Progress(OfProvider, Base):
    """One row per apprenticeship, kept in the transaction of every change, so that a cohort reads fast.

    Nothing here is a fact of its own: `python -m portfolio verify-progress` computes it anew and compares.
    Days are proleptic Gregorian ordinals (`date.toordinal()`), so that SQL can subtract them anywhere.
    """

    derived: ClassVar[bool] = True  # a change of this row is no reason to compute it again
    __tablename__ = "progress"
    __table_args__ = (
        # a search by name counts in one of these two alone
        Index(
            "ix_progress_cohort_name",
            "provider_id",
            "cohort_id",
            "sort_name",
            "apprenticeship_id",
            "employer_id",
        ),
        Index("ix_progress_provider_name", "provider_id", "sort_name", "apprenticeship_id", "employer_id"),
        # everything that says how somebody stands, and the map: a report over many reads this index alone
        Index(
            "ix_progress_standing",
            "provider_id",
            "cohort_id",
            "employer_id",
            "stage",
            "gaps",
            "dbs_due_day",
            "earliest_gateway_day",
            "start_day",
            "break_days",
            "last_activity_day",
            "back_day",
            "earned",
            "signed_share",
            "break_began_day",
            "planned_gateway_day",
            "waiting_day",
            "refresher_due_day",
            "map",
        ),
        CheckConstraint("stage IN ('active','break','withdrawn','through','assessed')", name="stage"),
    )

    apprenticeship_id: Mapped[UUID] = mapped_column(ForeignKey("apprenticeship.id"), unique=True)
    cohort_id: Mapped[UUID] = mapped_column(ForeignKey("cohort.id"))
    employer_id: Mapped[UUID] = mapped_column(ForeignKey("employer.id"))
    apprentice_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    sort_name: Mapped[str] = mapped_column(String(200))
    """The apprentice's name in lower case, family name first."""
    stage: Mapped[str] = mapped_column(String(10))
    map: Mapped[str] = mapped_column(Text)
    """One character per item, in the order of the standard: see kbs.coverage.ItemState."""
    statements: Mapped[int] = mapped_column(default=0)
    statements_covered: Mapped[int] = mapped_column(default=0)
    duties: Mapped[int] = mapped_column(default=0)
    duties_covered: Mapped[int] = mapped_column(default=0)
    with_assessor: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    partly: Mapped[int] = mapped_column(default=0)
    signed_share: Mapped[int | None]
    """Items covered of all, in thousandths; none if there are no items."""
    earned: Mapped[int | None]
    """After how many thousandths of a day an even pace would have brought what is covered: see cohorts.rules."""
    pieces: Mapped[int] = mapped_column(default=0)
    pieces_waiting: Mapped[int] = mapped_column(default=0)
    waiting_since: Mapped[datetime | None]
    waiting_day: Mapped[int | None]
    """The day of `waiting_since` in London's calendar, while on programme: afterwards nobody waits."""
    last_activity_at: Mapped[datetime | None]
    last_activity_day: Mapped[int | None]
    start_day: Mapped[int]
    planned_gateway_day: Mapped[int]
    """With the days of ended breaks added."""
    break_days: Mapped[int] = mapped_column(default=0)
    break_began_day: Mapped[int | None]
    """Set while on a break: the clock stands still from here."""
    back_day: Mapped[int | None]
    """The first day back after the newest ended break: time away is not time without activity."""
    earliest_gateway_day: Mapped[int | None]
    gaps: Mapped[str] = mapped_column(String(200), default="")
    """Gateway requirements that are open, but for time and declarations: codes with commas between."""
    dbs_due_day: Mapped[int | None]
    """The employer's next DBS check is due on this day; the day after, "dbs" is a gap without any write."""
    declarations: Mapped[int] = mapped_column(default=0)
    hours_confirmed: Mapped[int] = mapped_column(default=0)
    """Minutes of off-the-job hours that count and are confirmed."""
    hours_planned: Mapped[int] = mapped_column(default=0)
    """Minutes of the plan; 0: no plan is set."""
    refresher_due_day: Mapped[int | None]
    """The last day in time for the refresher training; 0: nothing is recorded, and no time is left for it; none: nobody
    asks for one. The day after, it is overdue without any write."""
    through_day: Mapped[int | None]
    """The day the portfolio was locked."""
