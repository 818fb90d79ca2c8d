"""Two texts of one draft become one: nothing that anybody wrote and did not take out themselves is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from random import Random

import pytest

from portfolio.evidence.forms import Written
from portfolio.evidence.merging import (
    Content,
    both,
    holds,
    merge,
    merge_text,
    put_into,
    said_in,
    sentences,
)
from portfolio.evidence.revisions import from_content, to_content
from tests.drafts.writers import Diary

BASE = "She came to me. I listened. I wrote it down."


def content(**values: object) -> Content:
    return to_content(Written()) | values


def test_sentences_are_told_apart_by_their_ends_and_by_lines() -> None:
    found = [one.words for one in sentences("At 9.15 she came. I listened!\n\nThen\nI wrote")]
    assert found == ["At 9.15 she came.", "I listened!", "Then", "I wrote"]
    assert "".join(one.words + one.space for one in sentences(BASE)) == BASE
    assert sentences("  \n ") == []


@pytest.mark.parametrize(
    ("theirs", "mine", "together"),
    [
        (BASE, BASE + " I told my lead.", BASE + " I told my lead."),
        (BASE + " I told my lead.", BASE, BASE + " I told my lead."),
        (
            "He came to me. I listened. I wrote it down.",
            "She came to me. I listened. I wrote it down at once.",
            "He came to me. I listened. I wrote it down at once.",
        ),
        ("I listened. I wrote it down.", "She came to me. I listened.", "I listened."),
        (
            "She came to me. I wrote it down.",
            "She came to me. I listened for long. I wrote it down.",
            "She came to me. I listened for long. I wrote it down.",
        ),
        (BASE + " From the phone.", BASE + " From the desk.", BASE + " From the phone. From the desk."),
        (BASE + " The same.", BASE + " The same.", BASE + " The same."),
        (
            "First. " + BASE,
            "She came to me at nine. I listened. I wrote it down.",
            "First. She came to me at nine. I listened. I wrote it down.",
        ),
    ],
    ids=[
        "only mine", "only theirs", "two places", "two deleted", "changed beats deleted", "both added", "the same",
        "added before what the other changed",
    ],
)  # fmt: skip
def test_changes_in_different_places_go_together(theirs: str, mine: str, together: str) -> None:
    assert merge_text(BASE, theirs, mine).text == together
    assert not merge_text(BASE, theirs, mine).conflict


def test_the_same_sentence_changed_twice_keeps_the_drafts_and_says_so() -> None:
    found = merge_text(BASE, BASE.replace("I listened", "I sat down"), BASE.replace("I listened", "I asked"))
    assert found.text == "She came to me. I sat down. I wrote it down."
    assert found.conflict


def test_a_sentence_without_an_end_does_not_swallow_the_next() -> None:
    found = merge_text("", "I was in the mid", "I had begun")
    assert [one.words for one in sentences(found.text)] == ["I was in the mid", "I had begun"]


def test_without_a_known_beginning_nothing_is_taken_out() -> None:
    assert merge_text(None, "One. Two.", "One. Two. Three.").text == "One. Two. Three."
    assert merge_text(None, "One. Two. Three.", "One. Three.").text == "One. Two. Three."
    assert merge_text(None, "One.", "Two.").conflict


def test_new_lines_of_either_side_stay() -> None:
    assert merge_text("One. Two.", "One.\n\nTwo.", "One. Two. Three.").text == "One.\n\nTwo. Three."


def test_choices_ticks_and_claims() -> None:
    base = content(type="testimony", claims={"K1": "old", "K2": ""}, own_work=False)
    theirs = base | {"type": "work_product", "claims": {"K1": "old", "S1": ""}, "own_work": True}
    mine = base | {"type": "reflective_log", "claims": {"K1": "new", "K2": ""}, "happened_on": "2026-03-02"}
    found = merge(base, theirs, mine)
    assert found.content["type"] == "work_product"
    assert found.conflicts == {"type": "reflective_log"}
    assert found.content["happened_on"] == "2026-03-02"
    assert found.content["own_work"] is True
    assert found.content["claims"] == {"K1": "new", "S1": ""}


def test_a_claim_that_was_removed_stays_if_something_new_was_said_about_it() -> None:
    base = content(claims={"K1": "old"})
    assert merge(base, base | {"claims": {}}, base | {"claims": {"K1": "new"}}).content["claims"] == {
        "K1": "new"
    }
    found = merge(base, base | {"claims": {"K1": "one way"}}, base | {"claims": {"K1": "another way"}})
    assert found.conflicts == {"note_K1": "another way"}
    assert said_in(put_into(found.content, "note_K1", "chosen"), "note_K1") == "chosen"


def test_both_texts_hold_every_sentence_once() -> None:
    together = both("why", "One. Two.", "Two. Three.")
    assert together == "One. Two.\n\nThree."
    assert holds(together, "Three. One.")
    assert not holds("One.", "One. One.")


def test_what_is_stored_comes_back_as_it_was() -> None:
    written = Written(title="A", claims={"K1": "note"}, own_work=True)
    assert from_content(to_content(written)) == written


@dataclass
class Page:
    key: int
    base: Content
    text: str
    turn: int = 0
    sent: Content | None = None
    taken: int = 0


@dataclass
class Desk:
    """What the server keeps of one draft, in as few lines as can be."""

    said: Content = field(default_factory=content)
    beside: dict[int, str] = field(default_factory=dict)

    def take(self, page: Page, turn: int, text: str) -> None:
        if turn <= page.taken:
            return
        mine = content(why=text)
        found = merge(page.sent or page.base, self.said, mine)
        self.said, page.sent, page.taken = found.content, mine, turn
        if found.conflicts or page.key in self.beside:
            self.beside[page.key] = text
        self.beside = {key: one for key, one in self.beside.items() if not holds(self.said["why"], one)}

    @property
    def kept(self) -> list[str]:
        return [self.said["why"], *self.beside.values()]


@pytest.mark.parametrize("block", range(10))
def test_nothing_is_lost_whatever_two_or_three_devices_do(block: int) -> None:  # noqa: C901 - one long evening
    """A hundred drafts each: pages that are opened at any time, write, send, send again, send late, or are not heard."""
    for seed in range(block * 100, block * 100 + 100):
        chance = Random(seed)
        diary, desk, late, keys = Diary(chance), Desk(), [], count()
        desk.said = content(why=diary.written([diary.new_sentence() for _ in range(chance.randrange(4))]))
        pages = [Page(next(keys), desk.said, desk.said["why"]) for _ in range(chance.randint(2, 3))]
        for _ in range(chance.randint(5, 40)):
            page = chance.choice(pages)
            if chance.random() < 0.1:  # closed and opened again, after everything of it has gone
                desk.take(page, page.turn + 1, page.text)
                pages[pages.index(page)] = Page(next(keys), desk.said, desk.said["why"])
                continue
            page.text = diary.edited(page.text)
            page.turn += 1
            sending = (page, page.turn, page.text)
            way = chance.choice(["arrives", "arrives", "twice", "late", "never"])
            if way == "late":
                late.append(sending)
            for _ in range({"arrives": 1, "twice": 2}.get(way, 0)):
                desk.take(*sending)
            if late and chance.random() < 0.3:
                desk.take(*late.pop(chance.randrange(len(late))))
        for page in pages:
            desk.take(page, page.turn + 1, page.text)
        for page in pages:
            assert not diary.lost(page.text, desk.kept), f"seed {seed}: {desk.kept}"
