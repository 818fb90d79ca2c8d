"""What stands around a word and says that it names somebody: "told Xhemail", "her son, Xhemail", "Xhemail’s mum"."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio.identities.lists import listed
from portfolio.identities.tokens import Word, flags_of

DIGITS = tuple("0123456789")


def can_stand(word: Word) -> bool:
    return word.capital and word.flags not in ("O", "S")


def goes_on(words: Sequence[Word], i: int) -> bool:
    """This word belongs to the name before it."""
    word = words[i]
    return (
        word.joined
        and word.capital
        and word.low != "i"
        and (
            word.flags not in ("O", "W", "S")
            or (word.flags == "S" and (words[i - 1].has("F") or words[i - 1].low in title_words()))
        )
    )


def is_particle(words: Sequence[Word], i: int) -> bool:
    word = words[i]
    return word.joined and word.low in listed("particles") and i + 1 < len(words) and goes_on(words, i + 1)


def is_named_after(words: Sequence[Word], last: int) -> bool:
    """ "Sarah's Law"."""
    return words[last].owner and last + 1 < len(words) and words[last + 1].low in listed("named_after")


def is_single_name(words: Sequence[Word], i: int) -> bool:
    """One word with a capital that is not surely a first name: what stands around it decides."""
    word = words[i]
    beside = beside_capital(words, i)
    if word.has("O") and not word.has("D"):
        return False
    if word.has("W"):
        return said_before(words, i, "before_strong") or acts_after(words, i)
    if word.has("D"):
        return acts_after(words, i) or (not word.begins and not beside) or is_dashed(words, i)
    if word.has("L") and not beside:
        return not word.begins or acts_after(words, i)
    return not beside and is_unknown_name(words, i)


def is_unknown_name(words: Sequence[Word], i: int) -> bool:
    """A word in no list: a name inside a sentence, but for what follows "the" or "in"."""
    if said_before(words, i, "addressed"):
        return True
    if words[i].begins:
        return begins_with_name(words, i)
    if words[i].mixed or i == 0:
        return False
    if words[i - 1].low in listed("articles") and words[i].joined:
        return i + 1 < len(words) and words[i + 1].low in listed("households")
    return words[i - 1].low not in listed("not_before")


def begins_with_name(words: Sequence[Word], i: int) -> bool:
    """A word in no list at the start of a sentence: a name if it does what people do, and does not look like a
    plural or a verb."""
    word = words[i]
    if word.mixed or word.owner:
        return word.owner and not word.mixed
    if word.low.endswith(tuple(sorted(listed("no_name_ends")))) or i + 1 >= len(words):
        return False
    after = words[i + 1]
    if (
        after.gap == " "
        and after.low == "and"
        and i + 2 < len(words)
        and words[i + 2].low in ("i", "me", "his", "her", "their")
    ):
        return True
    return is_person_after(after) or acts_after(words, i)


def is_person_after(after: Word) -> bool:
    """ "(14)", "was", ": he", ", aged"."""
    return (
        (after.gap[:2] == " (" and after.gap[2:3] in DIGITS)
        or (after.gap in (" ", "  ") and after.low in listed("after_weak"))
        or (after.gap == ": " and after.low in ("he", "she", "they"))
        or (after.gap == ", " and after.low in ("aged", "who", "age"))
    )


def beside_capital(words: Sequence[Word], i: int) -> bool:
    """Part of an ordinary phrase with capitals, such as a law; "HCA Blessing" and "Teaching Assistant Xhemail" are not."""
    before = words[i].joined and i > 0 and words[i - 1].capital and not words[i - 1].begins
    after = i + 1 < len(words) and words[i + 1].joined and words[i + 1].capital and words[i + 1].low != "i"
    names_nobody = (
        before
        and not (words[i - 1].capitals and words[i].has("D"))
        and not any(words[i - 1].low in listed(name) for name in ("roles", "days", "nicknames"))
    )
    return (names_nobody and not words[i - 1].has("I")) or (after and words[i + 1].low not in listed("days"))


def is_dashed(words: Sequence[Word], i: int) -> bool:
    """ "Faith - late": a list of people."""
    return (
        i + 1 < len(words)
        and words[i + 1].gap in (" - ", ", ")
        and words[i].begins
        and not words[i + 1].capital
    )


def said_before(words: Sequence[Word], i: int, which: str) -> bool:
    """ "told Xhemail", "her son, Xhemail", "told me that Xhemail"."""
    if i == 0 or words[i].gap not in (" ", "  ", ", ", ": ", ":"):
        return False
    before = words[i - 1]
    if before.low == "that" and i > 1:
        return words[i - 2].low in listed("said_to")
    if before.low in ("me", "us") and i > 1 and words[i - 2].low == "told":
        return True
    return before.low in listed(which)


def acts_after(words: Sequence[Word], i: int) -> bool:
    """ "Xhemail said", "Xhemail's mum", and for a name that is a word as well "Rose was" in the middle of a line."""
    if i + 1 >= len(words):
        return False
    after = words[i + 1]
    if words[i].owner:
        return after.low in listed("kin")
    if not after.joined or after.capital:
        return False
    return after.low in listed("after")


def is_small_name(words: Sequence[Word], i: int) -> bool:
    """A first name without its capital: a clear one, or one after a word that says so."""
    word = words[i]
    if word.has("F") and not word.has("DWO") and len(word.low) > 3:
        return True
    if word.low.endswith("s") and "F" in flags_of(word.low[:-1], False) and i + 1 < len(words):
        return not word.has("DWO") and len(word.low) > 4 and words[i + 1].low in listed("kin")
    if not word.has("FD") or i == 0 or not word.joined:
        return False
    return words[i - 1].low in ("called", "named", "sister", "brother", "son", "daughter", "nicknamed") and (
        word.has("F") or len(word.low) > 2
    )


def title_words() -> frozenset[str]:
    """Every title, of whatever kind."""
    return listed("titles")
