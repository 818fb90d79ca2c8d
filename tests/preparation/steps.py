"""A file on its way through preparation, as the people around it meet it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from kbs.catalogue import Catalogue
from portfolio.app import create_app
from portfolio.database import Database
from portfolio.jobs.models import Job
from portfolio.preparation.models import FilePreparation
from portfolio.settings import Settings
from portfolio.web.formats import utc_now
from storage import limited
from tests.builders import Cast
from tests.client import Browser
from tests.evidence.steps import all_files, complete, pages_of, piece_id, send
from tests.working import work_off

TAILS = ("", "/preview", "/thumbnail")


@dataclass
class Sent:
    """A piece with one file: `piece` and `address` are the paths of their pages."""

    answer: Any
    piece: str
    address: str


class House:
    """One application with settings of its own, its people, and its background work at any moment."""

    def __init__(self, settings: Settings, database: Database, catalogue: Catalogue, cast: Cast) -> None:
        self.settings, self.database, self.cast, self.later = settings, database, cast, timedelta(0)
        self.app = create_app(settings, catalogue=catalogue, database=database)
        self._browsers: list[Browser] = []

    def browser(self, person: object, *, htmx: bool = False) -> Browser:
        page = Browser(self.app, base_url="http://testserver", follow_redirects=False)
        page.htmx = htmx
        page.__enter__()
        self._browsers.append(page)
        page.sign_in_as(person)
        return page

    def close(self) -> None:
        for page in self._browsers:
            page.__exit__(None, None, None)

    def add(self, file: tuple[str, bytes], action: str = "submit", title: str = "") -> Sent:
        """Amina adds this file with a complete piece. One that cannot be cleaned she keeps as it is."""
        page, before = self.browser(self.cast.amina), len(all_files(self.database))
        form = complete(action=action) | ({"title": title} if title else {})
        answer = send(page, pages_of(self.cast.amina_at), form, file)
        files = all_files(self.database)
        if answer.status_code == 422 and len(files) == before:
            return Sent(answer, "", "")
        piece = f"{pages_of(self.cast.amina_at)}/{piece_id(answer)}"
        if answer.status_code == 422:
            assert "its hidden details could not be taken out" in answer.text
            send(page, f"{piece}/edit", form | {"action": "", "keep_file": str(files[-1].id)})
            answer = send(page, f"{piece}/edit", form)
        return Sent(answer, piece, f"{piece}/files/{files[-1].id}" if files else "")

    def now(self) -> datetime:
        return utc_now() + self.later

    def work(self, **later: float) -> int:
        """What is due after this time, which goes on from the time before."""
        self.later += timedelta(**later)
        return work_off(self.app, self.now)

    def opens(self, person: object, sent: Sent) -> list[int]:
        page = self.browser(person)
        return [page.get(sent.address + tail).status_code for tail in TAILS]

    def prepared(self) -> FilePreparation:
        with self.database.reading() as session:
            return session.scalars(select(FilePreparation).order_by(FilePreparation.id.desc()).limit(1)).one()

    def jobs(self, kind: str = "preparation.prepare") -> list[Job]:
        with self.database.reading() as session:
            return list(session.scalars(select(Job).where(Job.kind == kind).order_by(Job.id)))

    @property
    def others(self) -> tuple[object, ...]:
        """Everybody around Amina who may see her portfolio."""
        return (self.cast.marek, self.cast.asha, self.cast.ines, self.cast.priya)


OpenHouse = Callable[..., House]


@contextmanager
def houses(settings: Settings, database: Database, catalogue: Catalogue, cast: Cast) -> Iterator[OpenHouse]:
    opened: list[House] = []

    def open_house(**changes: object) -> House:
        opened.append(House(settings.model_copy(update=changes), database, catalogue, cast))
        return opened[-1]

    yield open_house
    for house in opened:
        house.close()
    limited.allow(at_once=2, memory=1024 * limited.MIB)  # for the whole process, so for the tests that follow
