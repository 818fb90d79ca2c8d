"""How much each person and each provider keeps in files, and how much more they may.

The sums are kept in the transaction that adds or removes a file, whoever does it; nothing is added up when a page
is asked for. What counts is the files as they are kept, not the pictures that we make of them. Of a file that was
purged nothing is kept but its row, so it counts no more; a covered copy counts as any file, and what it replaced as
long as a version that was submitted still holds it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import BigInteger, Connection, UniqueConstraint, cast, event, func, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column

from portfolio.access import Viewer
from portfolio.apprenticeships.guards import Opened
from portfolio.database import Base, OfProvider, new_id
from portfolio.evidence.models import EvidenceFile
from portfolio.sealing.rules import GONE, is_gone
from portfolio.settings import Settings
from portfolio.web.formats import size_words
from portfolio.web.staged import NO_LIMIT, Room, not_taken

if TYPE_CHECKING:
    from portfolio.evidence.intake import Arrived  # which asks here before it reads anything

GIGABYTE = 1_000_000_000
SAY_FROM = 0.8
"""From this share of a quota on, pages say how much is used."""


class StorageUse(OfProvider, Base):
    """What one person has stored with one provider, or all of a provider: then `holder_id` is the provider's own."""

    __tablename__ = "storage_use"
    __table_args__ = (UniqueConstraint("provider_id", "holder_id"),)

    holder_id: Mapped[UUID]
    bytes: Mapped[int] = mapped_column(BigInteger)
    files: Mapped[int]


@dataclass(frozen=True, order=True)
class Use:
    """How much is used of how much; a limit of 0 is none."""

    used: int
    limit: int

    @property
    def left(self) -> int | None:
        return max(0, self.limit - self.used) if self.limit else None

    @property
    def is_high(self) -> bool:
        return bool(self.limit) and self.used >= self.limit * SAY_FROM

    @property
    def words(self) -> str:
        """ "4.10 GB of 5.00 GB"."""
        return f"{size_words(self.used)} of {size_words(self.limit)}"


def use_of(session: Session, settings: Settings, provider_id: UUID, person_id: UUID) -> tuple[Use, Use]:
    """The person's with this provider, and the provider's."""
    rows = session.execute(
        select(StorageUse.holder_id, StorageUse.bytes).where(
            StorageUse.provider_id == provider_id, StorageUse.holder_id.in_((person_id, provider_id))
        )
    )
    used = {row.holder_id: row.bytes for row in rows}
    person, provider = limits(settings)
    return Use(used.get(person_id, 0), person), Use(used.get(provider_id, 0), provider)


def said_to_apprentice(session: Session, settings: Settings, opened: Opened) -> str:
    """Above the list of one's own pieces: how much is used, once that is worth knowing; otherwise nothing."""
    if not opened.is_own or not settings.person_quota_gb:
        return ""
    person, _ = use_of(session, settings, opened.apprenticeship.provider_id, opened.viewer.person_id)
    return f"You have used {person.words} for files." if person.is_high else ""


def said_to_manager(session: Session, settings: Settings, viewer: Viewer) -> list[str]:
    """A sentence for each of this manager's providers whose files take up most of its quota."""
    names = {membership.provider_id: membership.provider_name for membership in viewer.managed}
    if not names or not settings.provider_quota_gb:
        return []
    rows = session.execute(
        select(StorageUse.provider_id, StorageUse.bytes).where(
            StorageUse.provider_id.in_(list(names)), StorageUse.holder_id == StorageUse.provider_id
        )
    )
    uses = [(names[row.provider_id], Use(row.bytes, limits(settings)[1])) for row in rows]
    return [f"{name} has used {use.words} for files." for name, use in sorted(uses) if use.is_high]


def limits(settings: Settings) -> tuple[int, int]:
    """Of a person and of a provider, in bytes; 0 for none."""
    return int(settings.person_quota_gb * GIGABYTE), int(settings.provider_quota_gb * GIGABYTE)


def room_for(session: Session, settings: Settings, opened: Opened, own: int = 0, everybody: int = 0) -> Room:
    """How many bytes of files this viewer may add here, and the sentence for one more. `own` and `everybody`: bytes
    of theirs, and of all the provider's, that are on their way in pieces."""
    person, provider = use_of(session, settings, opened.apprenticeship.provider_id, opened.viewer.person_id)
    person, provider = (
        replace(use, used=use.used + coming) for use, coming in ((person, own), (provider, everybody))
    )
    if person.left is not None and (provider.left is None or person.left <= provider.left):
        return Room(
            person.left,
            f"You have used {person.words} for files. Remove files you no longer need from your drafts, or say where "
            "the original is kept instead. Your training provider can ask for more room.",
        )
    if provider.left is not None:
        return Room(
            provider.left,
            f"Your training provider has used {provider.words} for files. Tell them: until there is more room, say "
            "where the original is kept instead.",
        )
    return NO_LIMIT


def keep_within(session: Session, settings: Settings, opened: Opened, arrived: Arrived) -> None:
    """Before rows are written: take out of what arrived the files for which there is no room any more, with a
    sentence for each. Whoever else adds files for this provider waits until this transaction is over."""
    if not arrived.files or limits(settings) == (0, 0):
        return
    provider_id = opened.apprenticeship.provider_id
    for holder_id in (opened.viewer.person_id, provider_id):
        _add(
            session.connection(), provider_id, holder_id, 0, 0
        )  # locks the row, and makes it if there is none
    room = room_for(session, settings, opened)
    left = room.left
    if left is None:
        return
    fitting = []
    for file in arrived.files:
        if file.size <= left:
            left -= file.size
            fitting.append(file)
        else:
            arrived.problems.append(not_taken(file.name, room.why))
    arrived.files[:] = fitting


# Kept in step with the rows, whoever writes them


@event.listens_for(EvidenceFile, "after_insert")
def _added(_mapper: Mapper[Any], connection: Connection, file: EvidenceFile) -> None:
    _count(connection, file, file.size, 1)


@event.listens_for(EvidenceFile, "after_delete")
def _removed(_mapper: Mapper[Any], connection: Connection, file: EvidenceFile) -> None:
    if is_gone(file.storage_key):
        return
    _count(connection, file, -file.size, -1)


@event.listens_for(EvidenceFile, "after_update")
def _changed(_mapper: Mapper[Any], connection: Connection, file: EvidenceFile) -> None:
    before = inspect(file).attrs.size.history.deleted
    if before and before[0] is not None and before[0] != file.size:
        _count(connection, file, file.size - before[0], 0)


@dataclass(frozen=True)
class Purged:
    """A file whose bytes are gone for good while its row stays: whose it was, and how large."""

    holder_id: UUID
    size: int


def let_go(session: Session, provider_id: UUID, files: Iterable[Purged]) -> None:
    """A purge writes the rows by statements of its own, past the listeners above: it says here what went."""
    for holder_id, size, number in _summed(provider_id, files):
        _add(session.connection(), provider_id, holder_id, -size, -number)


def _summed(provider_id: UUID, files: Iterable[Purged]) -> list[tuple[UUID, int, int]]:
    """People first, the provider last, as everybody else locks them."""
    sums: dict[UUID, tuple[int, int]] = {}
    total = (0, 0)
    for file in files:
        size, number = sums.get(file.holder_id, (0, 0))
        sums[file.holder_id] = (size + file.size, number + 1)
        total = (total[0] + file.size, total[1] + 1)
    people = [(holder_id, *sums[holder_id]) for holder_id in sorted(sums)]
    return [*people, (provider_id, *total)] if people else []


def _count(connection: Connection, file: EvidenceFile, size: int, number: int) -> None:
    for holder_id in (
        file.uploaded_by_id,
        file.provider_id,
    ):  # always in this order: nobody waits in a circle
        _add(connection, file.provider_id, holder_id, size, number)


def _add(connection: Connection, provider_id: UUID, holder_id: UUID, size: int, number: int) -> None:
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    row = dialect.insert(StorageUse).values(
        id=new_id(), provider_id=provider_id, holder_id=holder_id, bytes=size, files=number
    )
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["provider_id", "holder_id"],
            set_={"bytes": StorageUse.bytes + size, "files": StorageUse.files + number},
        )
    )


# Proof against the rows themselves


@dataclass(frozen=True)
class Difference:
    """A sum that is not what the files come to, in bytes and in files."""

    provider_id: UUID
    holder_id: UUID
    kept: int
    counted: int
    kept_files: int
    counted_files: int


def differences(session: Session) -> list[Difference]:
    """Every sum that differs from the files, for `verify`. Reads all files: not for a page."""
    counted, kept = _counted(session), _kept(session)
    return [
        Difference(*key, was[0], is_now[0], was[1], is_now[1])
        for key in sorted(counted.keys() | kept.keys())
        if (was := kept.get(key, (0, 0))) != (is_now := counted.get(key, (0, 0)))
    ]


def recount(session: Session) -> list[Difference]:
    """Put every sum right, and say which were wrong. Whoever adds or removes a file waits meanwhile: between counting
    and writing no sum may move."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":  # where whoever writes is alone anyway
        connection.exec_driver_sql(f"LOCK TABLE {StorageUse.__tablename__} IN SHARE ROW EXCLUSIVE MODE")
    found = differences(session)
    for wrong in found:
        more, more_files = wrong.counted - wrong.kept, wrong.counted_files - wrong.kept_files
        _add(connection, wrong.provider_id, wrong.holder_id, more, more_files)
    return found


Sums = dict[tuple[UUID, UUID], tuple[int, int]]


def _kept(session: Session) -> Sums:
    rows = session.execute(
        select(StorageUse.provider_id, StorageUse.holder_id, StorageUse.bytes, StorageUse.files)
    )
    return {(provider, holder): (size, number) for provider, holder, size, number in rows}


def _counted(session: Session) -> Sums:
    size, provider, person = (
        cast(EvidenceFile.size, BigInteger),
        EvidenceFile.provider_id,
        EvidenceFile.uploaded_by_id,
    )
    found: Sums = {}
    for holder in (person, provider):
        rows = session.execute(
            select(provider, holder, func.sum(size), func.count())
            .where(EvidenceFile.storage_key.not_like(f"{GONE}%"))
            .group_by(provider, holder)
        )
        found |= {(owner, one): (int(total), number) for owner, one, total, number in rows}
    return found
