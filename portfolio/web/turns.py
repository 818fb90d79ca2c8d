"""Taking turns where many at once would hold up everybody else: uploads under way, and files being checked.

Counted per process, since what they protect is this process: its memory, its disk and its threads.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from anyio import CapacityLimiter, to_thread

P = ParamSpec("P")
Got = TypeVar("Got")

BUSY = "Many uploads are running just now. Try again in a minute."
TOO_MANY_OWN = "Other uploads of yours are still running. Wait until they are through, then try again."


class Turns:
    """The places of one process."""

    def __init__(self, *, uploads: int, per_person: int, intakes: int) -> None:
        self.uploads, self.per_person, self.intakes = uploads, per_person, intakes
        self.uploading: Counter[UUID] = Counter()
        self._limiters: WeakKeyDictionary[asyncio.AbstractEventLoop, CapacityLimiter] = WeakKeyDictionary()

    @contextmanager
    def upload(self, person_id: UUID) -> Iterator[str]:
        """Holds a place for an upload of this person. Yields "" or the sentence that says why there is none:
        then only the text of the form is kept."""
        if self.uploading.total() >= self.uploads:
            yield BUSY
        elif self.uploading[person_id] >= self.per_person:
            yield TOO_MANY_OWN
        else:
            self.uploading[person_id] += 1
            try:
                yield ""
            finally:
                self.uploading[person_id] -= 1
                if not self.uploading[person_id]:
                    del self.uploading[person_id]

    async def intake(self, work: Callable[P, Got], *args: P.args, **kwargs: P.kwargs) -> Got:
        """Run this in a thread, a few at once. Those who wait hold no thread, so that pages are served."""
        loop = asyncio.get_running_loop()
        limiter = self._limiters.get(loop)
        if limiter is None:
            limiter = self._limiters[loop] = CapacityLimiter(self.intakes)
        return await to_thread.run_sync(lambda: work(*args, **kwargs), limiter=limiter)
