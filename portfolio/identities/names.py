"""Names of people: found word by word, with what stands before and after."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio.identities.around import (
    beside_capital,
    can_stand,
    goes_on,
    is_named_after,
    is_particle,
    is_single_name,
    is_small_name,
)
from portfolio.identities.data import patterns
from portfolio.identities.folding import lower
from portfolio.identities.lists import listed
from portfolio.identities.places import places
from portfolio.identities.titles import all_titles, titled
from portfolio.identities.tokens import LONGEST_NAME, Found, Word, words_of


def by_name(plain: str, people: Sequence[frozenset[str]]) -> list[Found]:
    """Titles with names, names of people, names of schools and homes. `people` are not looked for: their names'
    words in small letters, person by person."""
    low = lower(plain)
    words = words_of(plain, hidden(low))
    found = [*titled(words), *places(words)]
    taken = {start for kind, start, end in found for start in range(start, end)}
    found += first_look(words, taken)
    found += second_look(words, found)
    return [each for each in found if not is_known(each, low, people)]


def hidden(low: str) -> list[tuple[int, int]]:
    """Where a name stands that everybody may write: a published review, an author, an organisation."""
    places_of: list[tuple[int, int]] = []
    for phrase in patterns()["phrases"]:
        position = low.find(phrase)
        while position >= 0:
            places_of.append((position, position + len(phrase)))
            position = low.find(phrase, position + 1)
    return places_of


def is_known(found: Found, low: str, people: Sequence[frozenset[str]]) -> bool:
    kind, start, end = found
    if kind not in ("name", "adult", "colleague"):
        return False
    own = {
        word
        for word in low[start:end].replace(".", " ").replace("-", " ").split()
        if word not in all_titles()
    }
    return any(own <= person for person in people) if own else True


def first_look(words: Sequence[Word], taken: set[int]) -> list[Found]:
    """Runs of words with capitals, and first names in small letters."""
    found: list[Found] = []
    i = 0
    while i < len(words):
        if words[i].start in taken:
            i += 1
            continue
        last = end_of_run(words, i, taken)
        if words[i].capital and is_name(words, i, last):
            found.append(("name", words[nickname(words, i)].start, words[last].end))
            i = last + 1
        elif not words[i].capital and is_small_name(words, i):
            last = i
            if (
                i + 1 < len(words)
                and words[i + 1].joined
                and words[i + 1].has("FL")
                and not words[i + 1].has("O")
            ):
                last = i + 1
            found.append(("name", words[i].start, words[last].end))
            i = last + 1
        else:
            i = last + 1 if words[i].capital else i + 1
    return found


def end_of_run(words: Sequence[Word], i: int, taken: set[int]) -> int:
    """The last word of the name that may begin here: words with capitals that are in no way ordinary."""
    if not can_stand(words[i]) or words[i].has("I"):
        return i
    last = i
    while last + 1 < len(words) and last < i + LONGEST_NAME:
        after = words[last + 1]
        if after.start in taken:
            break
        if goes_on(words, last + 1):
            last += 1
        elif is_particle(words, last + 1):
            last += 2
        else:
            break
    return last


def nickname(words: Sequence[Word], i: int) -> int:
    """ "Big Daz" begins at "Big", "J. Smith" at "J"."""
    if i == 0 or not words[i - 1].capital:
        return i
    before = words[i - 1]
    initial = before.has("I") and before.low not in ("i", "a") and words[i].gap in (" ", ". ")
    return i - 1 if initial or (words[i].joined and before.low in listed("nicknames")) else i


def is_name(words: Sequence[Word], i: int, last: int) -> bool:
    if not can_stand(words[i]) or words[i].has("I"):
        return False
    run = words[i : last + 1]
    if is_named_after(words, last):
        return False
    if any(word.has("F") for word in run):
        return True
    if any(word.heading or word.mixed for word in run):
        return False
    if len(run) > 1:
        return not words[i].has("W") or any(word.has("L") for word in run)
    return is_single_name(words, i)


def second_look(words: Sequence[Word], found: Sequence[Found]) -> list[Found]:
    """What the first look taught: a name again, alone, or a word with a capital beside a name in a list."""
    taken = {place for kind, start, end in found for place in range(start, end)}
    learnt = {
        word.low
        for word in words
        if word.start in taken
        and word.capital
        and len(word.low) > 2
        and word.flags not in ("O", "S")
        and word.low not in all_titles()
        and any(kind != "place" and start <= word.start < end for kind, start, end in found)
    }
    more: list[Found] = []
    for i, word in enumerate(words):
        if word.start in taken or not can_stand(word):
            continue
        again = word.low in learnt and not (
            word.has("W") and i > 0 and words[i - 1].low in listed("not_after")
        )
        if again or (
            in_a_list(words, i, taken) and not word.begins and not word.has("IW") and not word.heading
        ):
            more.append(("name", word.start, word.end))
            taken.update(range(word.start, word.end))
    return more


def in_a_list(words: Sequence[Word], i: int, taken: set[int]) -> bool:
    if beside_capital(words, i):
        return False
    before = i > 0 and words[i - 1].start in taken and words[i].gap in (", ", " & ", "/", " / ")
    joined_by_and = (
        i > 1
        and words[i - 1].low == "and"
        and words[i - 2].start in taken
        and words[i - 1].gap in (" ", ", ")
    )
    after = (
        i + 1 < len(words) and words[i + 1].start in taken and words[i + 1].gap in (", ", " & ", "/", " / ")
    )
    and_after = (
        i + 2 < len(words)
        and words[i + 1].low == "and"
        and words[i + 2].start in taken
        and words[i + 1].joined
    )
    return before or joined_by_and or after or and_after
