"""Which save a page began with, what the draft said then, and the texts that could not be put into it.

The base of a save is what its page sent last, if it sent anything; otherwise what the draft said when the page was
loaded. Revisions are kept while a version is a draft, and removed when it is submitted or withdrawn.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, get_type_hints
from uuid import UUID

from fastapi import Request
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portfolio.evidence import merging, rules
from portfolio.evidence.forms import Written, content_of
from portfolio.evidence.merging import Content
from portfolio.evidence.models import EvidenceVersion
from portfolio.evidence.models_revisions import DraftConflict, DraftRevision
from portfolio.refusals import Refused
from portfolio.web.forms import Submitted, int_or_zero

FROM_SUBMITTED = "end"
MOST_KEPT = 60
"""Saves of one draft that are kept at least; of each page the last one is kept in any case."""
DAYS = frozenset(name for name, kind in get_type_hints(Written).items() if kind == date | None)


@dataclass(frozen=True)
class Based:
    """Where a save comes from. `page`: the key of the page; `base`: what it was loaded with, "" for a new piece;
    `turn`: its own count of what it sent; `by_itself`: nobody pressed Save."""

    page: str = ""
    base: str = ""
    turn: int = 0
    device: str = ""
    by_itself: bool = False
    unread: frozenset[str] = frozenset()
    """Fields that were being typed when the page saved by itself: they stay as they were."""

    @classmethod
    def of(cls, form: Submitted[Any], request: Request, *, by_itself: bool = False) -> Based:
        agent = request.headers.get("user-agent", "")
        device = "phone" if any(word in agent for word in ("Mobi", "Android", "iPhone")) else "computer"
        turn = min(int_or_zero(form.text("turn")), 2_000_000_000)
        unread = frozenset(form.errors) if by_itself else frozenset()
        return cls(form.text("form_key")[:64], form.text("base")[:40], turn, device, by_itself, unread)


@dataclass(frozen=True)
class Together:
    """What is to be saved: the draft with what was sent in it. `nothing_new`: this was sent before."""

    written: Written
    sent: Content
    said: Content
    number: int
    conflicts: dict[str, str] = field(default_factory=dict)
    first_of_page: bool = True
    nothing_new: bool = False

    @property
    def more(self) -> bool:
        """Whether the draft says what the page that sent this does not show."""
        return any(self.said[name] != sent for name, sent in self.sent.items() if sent or name != "title")


@dataclass(frozen=True)
class Beside:
    """Two texts for one field: the draft's and what could not be put into it."""

    id: UUID
    field: str
    draft: str
    draft_device: str
    draft_at: datetime
    other: str
    device: str
    at: datetime
    whole_words: bool
    """Sentences, of which both can be kept; otherwise one value."""


def base_of(session: Session, version: EvidenceVersion) -> str:
    """What a page that shows this version begins with: goes along in the form, and comes back with it."""
    if version.submitted_at is not None:
        return f"{version.number}.{FROM_SUBMITTED}"
    return f"{version.number}.{_last_number(session, version) or 0}"


def begin(written: Written) -> Together:
    """The first save of a new piece."""
    content = to_content(written)
    return Together(written, content, content, number=1)


def put_together(
    session: Session, version: EvidenceVersion, written: Written, based: Based, *, now: datetime
) -> Together:
    """What was sent with what the draft says now. Claims and files of the version must be loaded."""
    sent, theirs = to_content(written), _told(version)
    last = _last_number(session, version)
    if last is None:
        last = 0
        _add(session, version, Together(written, theirs, theirs, 0), Based(), now=now)
    before = _last_of_page(session, version, based.page)
    if before is not None and based.turn and before.turn >= based.turn:
        return Together(from_content(theirs), theirs, theirs, last, first_of_page=False, nothing_new=True)
    if (
        before is None and not based.base
    ):  # a form that says nothing of where it began: it is about what is there
        base: Content | None = theirs
    else:
        base = _content(before.sent or before.said) if before else _loaded_with(session, version, based.base)
    for name in based.unread & sent.keys():
        sent[name] = (base or theirs)[name]
    found = merging.merge(base, theirs, sent)
    return Together(
        from_content(found.content),
        sent,
        found.content,
        last + 1,
        conflicts=found.conflicts,
        first_of_page=before is None,
    )


def keep(
    session: Session, version: EvidenceVersion, together: Together, based: Based, *, now: datetime
) -> int:
    """Write this save down. Returns how many texts stand beside the draft now."""
    if together.nothing_new:
        return len(_conflicts(session, version))
    _add(session, version, together, based, now=now)
    beside = {(one.field, one.page): one for one in _conflicts(session, version)}
    for name, text in together.conflicts.items():
        if (name, based.page) not in beside:
            one = DraftConflict(
                provider_id=version.provider_id, version_id=version.id, field=name, page=based.page
            )
            session.add(one)
            beside[name, based.page] = one
        one = beside[name, based.page]
        one.text, one.device, one.at = text, based.device, now
    left = 0
    for (name, page), one in beside.items():
        if page == based.page:  # what its own page says of this field now
            one.text = merging.said_in(together.sent, name)
        if _is_settled(name, merging.said_in(together.said, name), one.text):
            session.expunge(one) if one in session.new else session.delete(one)
        else:
            left += 1
    session.flush()
    return left


def chosen(session: Session, version: EvidenceVersion, wish: str) -> Written:
    """What the draft says once its owner chose: `draft:<id>`, `other:<id>` or `both:<id>`. A choice that was made
    before changes nothing. Claims and files of the version must be loaded."""
    content = _told(version)
    kind, _, key = wish.partition(":")
    one = next((each for each in _conflicts(session, version) if str(each.id) == key), None)
    if one is None or kind not in ("draft", "other", "both"):
        return from_content(content)
    draft = merging.said_in(content, one.field)
    text = {"draft": draft, "other": one.text, "both": merging.both(one.field, draft, one.text)}[kind]
    session.delete(one)
    session.flush()
    return from_content(merging.put_into(content, one.field, text))


def beside(session: Session, version: EvidenceVersion | None) -> list[Beside]:
    """The texts that wait for their owner's choice, field by field."""
    if version is None or version.submitted_at is not None:
        return []
    found = _conflicts(session, version)
    if not found:
        return []
    content = to_content(content_of(version))
    others = {page: _last_of_others(session, version, page) for page in {one.page for one in found}}
    return [
        Beside(
            id=one.id,
            field=one.field,
            draft=merging.said_in(content, one.field),
            draft_device=other.device if (other := others[one.page]) else "",
            draft_at=other.at if other else version.edited_at,
            other=one.text,
            device=one.device,
            at=one.at,
            whole_words=one.field not in merging.CHOICES and one.field != "title",
        )
        for one in found
    ]


def refuse_if_undecided(session: Session, version: EvidenceVersion) -> None:
    """Raises Refused while a text stands beside the draft: what is submitted is what its owner chose."""
    if _conflicts(session, version):
        raise Refused(rules.UNDECIDED)


def forget(session: Session, version_id: UUID) -> None:
    """The version is no draft any more: what it said on the way goes."""
    for model in (DraftRevision, DraftConflict):
        session.execute(delete(model).where(model.version_id == version_id))


def to_content(written: Written) -> Content:
    content: Content = {}
    for one in fields(written):
        value = getattr(written, one.name)
        if one.name == merging.CLAIMS:
            content[one.name] = dict(value)
        elif isinstance(value, bool):
            content[one.name] = value
        else:
            content[one.name] = value.isoformat() if isinstance(value, date) else value or ""
    return content


def from_content(content: Content) -> Written:
    known = {one.name for one in fields(Written)}
    values = {name: value for name, value in content.items() if name in known}
    for name in DAYS & values.keys():
        values[name] = date.fromisoformat(values[name]) if values[name] else None
    return Written(**values)


def _told(version: EvidenceVersion) -> Content:
    """What the draft says. A title that was made up for it is none: the next save may make a better one."""
    content = to_content(content_of(version))
    texts = (version.what_happened, version.what_i_did, version.why)
    names = [attachment.file.name for attachment in version.attachments]
    if version.title in ("Untitled", rules.title_from(texts, names, list(content[merging.CLAIMS]))):
        content["title"] = ""
    return content


def _is_settled(name: str, draft: str, other: str) -> bool:
    if name in merging.CHOICES:
        return other in ("", draft)
    return merging.holds(draft, other)


def _loaded_with(session: Session, version: EvidenceVersion, base: str) -> Content | None:
    number, _, save = base.partition(".")
    before, asked = int_or_zero(number), int_or_zero(save)
    if save == FROM_SUBMITTED and before == version.number - 1:
        before, asked = version.number, 0
    elif save == FROM_SUBMITTED or before != version.number:
        return None
    said = session.scalar(
        select(DraftRevision.said).where(
            DraftRevision.version_id == version.id, DraftRevision.number == asked
        )
    )
    return _content(said) if said else None


def _add(
    session: Session, version: EvidenceVersion, together: Together, based: Based, *, now: datetime
) -> None:
    session.add(
        DraftRevision(
            provider_id=version.provider_id,
            version_id=version.id,
            number=together.number,
            page=based.page,
            turn=based.turn,
            device=based.device,
            at=now,
            sent="" if together.sent == together.said else json.dumps(together.sent, ensure_ascii=False),
            said=json.dumps(together.said, ensure_ascii=False),
        )
    )
    session.flush()
    if together.number > MOST_KEPT:
        _drop_oldest(session, version, together.number - MOST_KEPT)


def _drop_oldest(session: Session, version: EvidenceVersion, below: int) -> None:
    of_pages = (
        select(func.max(DraftRevision.number))
        .where(DraftRevision.version_id == version.id, DraftRevision.page != "")
        .group_by(DraftRevision.page)
    )
    last_of_pages = session.scalars(of_pages).all()
    session.execute(
        delete(DraftRevision).where(
            DraftRevision.version_id == version.id,
            DraftRevision.number < below,
            DraftRevision.number.not_in(last_of_pages),
        )
    )


def _content(text: str) -> Content:
    content: Content = json.loads(text)
    return content


def _last_of_others(session: Session, version: EvidenceVersion, page: str) -> DraftRevision | None:
    """The newest save of another page than this: what the draft says against it came with that, or before."""
    return session.scalar(
        select(DraftRevision)
        .where(DraftRevision.version_id == version.id, DraftRevision.page.not_in((page, "")))
        .order_by(DraftRevision.number.desc())
        .limit(1)
    )


def _last_number(session: Session, version: EvidenceVersion) -> int | None:
    return session.scalar(
        select(func.max(DraftRevision.number)).where(DraftRevision.version_id == version.id)
    )


def _last_of_page(session: Session, version: EvidenceVersion, page: str) -> DraftRevision | None:
    if not page:
        return None
    return session.scalar(
        select(DraftRevision)
        .where(DraftRevision.version_id == version.id, DraftRevision.page == page)
        .order_by(DraftRevision.number.desc())
        .limit(1)
    )


def _conflicts(session: Session, version: EvidenceVersion) -> Sequence[DraftConflict]:
    return session.scalars(
        select(DraftConflict)
        .where(DraftConflict.version_id == version.id)
        .order_by(DraftConflict.field, DraftConflict.id)
    ).all()
