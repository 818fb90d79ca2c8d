"""The twenty points at which a phone is killed, and what else happens in each round."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stop:
    """Where a request is held for the kill. `of`: what kind of request; `part`: of a piece, how far into the file;
    `where`: `asked` (the server hears nothing), `half` (of the body has gone), `under way` (the server has all of
    it and has not answered), `answer` (the server has done it, the phone does not hear)."""

    words: str
    of: str
    where: str
    part: float = 0

    def means(self, kind: str, number: int, pieces: int) -> bool:
        """Whether it speaks of this request."""
        return kind == self.of and (kind != "piece" or number >= int(self.part * (pieces - 1)))


STOPS = (
    Stop("draft asked for", "draft", "asked"),
    Stop("draft made, answer lost", "draft", "answer"),
    Stop("announced, answer lost", "announced", "answer"),
    Stop("half of the first piece", "piece", "half", 0),
    Stop("first piece taken, answer lost", "piece", "answer", 0),
    Stop("5 %", "piece", "half", 0.05),
    Stop("10 %, answer lost", "piece", "answer", 0.10),
    Stop("20 %", "piece", "half", 0.20),
    Stop("30 %, under way", "piece", "under way", 0.30),
    Stop("40 %", "piece", "half", 0.40),
    Stop("50 %, answer lost", "piece", "answer", 0.50),
    Stop("60 %", "piece", "half", 0.60),
    Stop("70 %, under way", "piece", "under way", 0.70),
    Stop("80 %", "piece", "half", 0.80),
    Stop("90 %, answer lost", "piece", "answer", 0.90),
    Stop("half of the last piece", "piece", "half", 1),
    Stop("last piece taken, answer lost", "piece", "answer", 1),
    Stop("finish asked for", "finish", "asked"),
    Stop("while it is put together", "finish", "under way"),
    Stop("safe, answer lost", "finish", "answer"),
)
"""In the order in which a file comes to them."""
KILLS = ("tab closed", "tab crashed", "browser killed")


@dataclass(frozen=True)
class Round:
    """One file on its way. `size` in bytes."""

    number: int
    size: int
    stops: tuple[int, ...]
    lies: bool = False
    signed_out: bool = False
    without_signal: bool = False
    two_tabs: bool = False
    two_people: bool = False
    true_2g: bool = False

    def kill_of(self, stop: int) -> str:
        """How the phone is killed at this stop: another way in each round."""
        return KILLS[(self.number + stop) % len(KILLS)]


def rounds(count: int, size: int, kills: int) -> list[Round]:
    """So many rounds; round n begins at stop n, so that twenty rounds kill at each of the twenty points."""
    return [
        Round(
            number=number,
            size=size,
            stops=stops_of(number, kills),
            lies=number % 2 == 0,
            signed_out=number % 3 == 1,
            without_signal=number % 4 == 1,
            two_tabs=number % 5 == 2,
            two_people=number % 5 == 4,
        )
        for number in range(1, count + 1)
    ]


def stops_of(number: int, kills: int) -> tuple[int, ...]:
    """Indices into STOPS, far from each other, in the order in which the file comes to them."""
    step = len(STOPS) / kills
    return tuple(sorted({int(number - 1 + step * turn) % len(STOPS) for turn in range(kills)}))
