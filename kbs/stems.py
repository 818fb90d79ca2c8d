"""Words and their stems: enough English for "escalated" to meet "escalation", and no more."""

import re
from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_POSSESSIVE = re.compile(r"['’].*")
_VOWEL = re.compile(r"[aeiouy]")

_LITTLE_WORDS = """
    a able about above after again against all also although always am an and any are as asked at be
    because been before being below between both but by came can could day did do does doing don done down
    during each either every few first for from further gave get given go going got had has have having he
    her here hers him his how however i if in into is it its itself just last let like made make making
    many may me might more most much must my myself need needed needs new no nor not now of off on once
    one only onto or other our ours out over own per put really said same see seen she should so some
    something such take taken than that the their theirs them themselves then there these they thing
    things this those through to today told too took toward towards two under until up upon us use used
    uses using very via was way ways we week went were what when where whether which while who whom whose
    why will with within without work worked working works would year yet you your yours
"""
STOP_WORDS = frozenset(_LITTLE_WORDS.split())

_IRREGULAR = {
    "advise": "advice",
    "advised": "advice",
    "advising": "advice",
    "centred": "centre",
    "children": "child",
    "men": "man",
    "people": "person",
    "prioritise": "priority",
    "prioritised": "priority",
    "prioritising": "priority",
    "practise": "practice",
    "practised": "practice",
    "practising": "practice",
    "taught": "teach",
    "women": "woman",
}
_Y_ENDINGS = (("ies", 3), ("ied", 3), ("y", 3))
# Longest first; each with the least number of letters that has to remain.
_ENDINGS = (
    ("ality", 4),
    ("ation", 4),
    ("ative", 4),
    ("ating", 4),
    ("ated", 4),
    ("ment", 5),
    ("ness", 4),
    ("ate", 4),
    ("ing", 3),
    ("ion", 4),
    ("ive", 4),
    ("ed", 3),
    ("al", 4),
    ("ly", 5),
    ("e", 3),
)


def words_of(text: str) -> Iterator[str]:
    """The words in lower case; a word with hyphens also counts whole: "well-being" is "wellbeing" too."""
    for found in _WORD.findall(text.casefold()):
        parts = [_POSSESSIVE.sub("", part) for part in found.split("-")]
        if len(parts) > 1:
            yield from parts
        yield "".join(parts)


def stem(word: str) -> str:
    """The part that the forms of a word share: "policies" and "policy", "referral" and "referred"."""
    word = _singular(_IRREGULAR.get(word, word))
    while (shorter := _one_ending_off(word)) != word:
        word = shorter
    return word


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is", "ies")):
        return word
    return (
        word.removesuffix("es") if word.endswith(("sses", "xes", "ches", "shes")) else word.removesuffix("s")
    )


def _one_ending_off(word: str) -> str:
    for ending, least in _ENDINGS:
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= least and _VOWEL.search(rest):
            return _without_double_end(rest)
    for ending, least in _Y_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            return word.removesuffix(ending) + "i"
    return word


def _without_double_end(word: str) -> str:
    """From "referr" to "refer"; "process" and "tell" stay."""
    doubled = len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiousl"
    return word[:-1] if doubled else word
