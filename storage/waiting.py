"""How many may wait for a store that has stopped answering, so that pages that need no store still find a thread."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition

from storage.store import NotStored, StoreUnavailable


class WaitingRoom:
    """At most `seats` questions are with the store at a time; more wait for a seat as long as it answers anybody.

    Once all seats are taken and nothing has been answered for `patience` seconds, everybody without a seat is told
    so, and whoever comes after at once. One answer, or one caller giving up, opens the door again."""

    def __init__(self, seats: int, patience: float) -> None:
        self.seats, self.patience = seats, patience
        self._room = Condition()
        self._taken = 0
        self._quiet_since = time.monotonic()

    @contextmanager
    def seat(self) -> Iterator[None]:
        """A place for one question to the store. Raises `StoreUnavailable` when it is of no use to wait as well."""
        self._sit_down()
        answered = False
        try:
            yield
            answered = True
        except NotStored:
            answered = True
            raise
        finally:
            with self._room:
                self._taken -= 1
                if answered:
                    self._quiet_since = time.monotonic()
                self._room.notify()

    def _sit_down(self) -> None:
        with self._room:
            if not self._taken:
                self._quiet_since = time.monotonic()  # nobody asked, so silence meant nothing
            while self._taken >= self.seats:
                left = self._quiet_since + self.patience - time.monotonic()
                if left <= 0:
                    raise StoreUnavailable(
                        f"the store is silent and {self._taken} are waiting for it already"
                    )
                self._room.wait(left)
            self._taken += 1
