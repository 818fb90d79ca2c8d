"""What a pattern cannot say: check digits, dates that are no numbers, codes that are no number plates."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from portfolio.identities.data import patterns
from portfolio.identities.filling import fill
from portfolio.identities.folding import lower
from portfolio.identities.lists import listed, ordinary


@dataclass(frozen=True)
class Match:
    """What a pattern took: the words in small letters and as typed, and what stands before and after."""

    low: str
    typed: str
    lead: str
    before: str
    after: str


def digits(text: str) -> str:
    """The digits, with a letter o or l that was typed for a nought or a one."""
    return "".join({"o": "0", "l": "1"}.get(c, c) for c in text if c in "0123456789ol")


def has_capital(text: str) -> bool:
    return re.search("[A-Z]", text) is not None


def nhs_number(match: Match) -> bool:
    """The check digit of an NHS number: modulus 11, weights 10 to 2."""
    number = digits(match.low)
    rest = 11 - sum(int(d) * (10 - i) for i, d in enumerate(number[:9])) % 11
    return rest != 10 and int(number[9]) == rest % 11


def pupil_number(match: Match) -> bool:
    """The check letter of a unique pupil number: modulus 23, weights 2 to 13. A temporary one ends in
    a letter."""
    text = match.low.replace(" ", "")
    letters, last = "abcdefghjklmnpqrtuvwxyz", text[-1]
    if not last.isdigit():
        return last in letters
    return letters[sum(int(digit) * (i + 2) for i, digit in enumerate(text[1:])) % 23] == text[0]


def phone(match: Match) -> bool:
    return len(digits(match.low)) in (10, 11)


def phone_asked(match: Match) -> bool:
    return 6 <= len(digits(match.low)) <= 12 and not is_date(match.low)


def is_date(low: str) -> bool:
    return re.fullmatch(fill("{NUMERIC}"), low) is not None or is_day_first(low)


def is_day_first(low: str) -> bool:
    """20250312: the way that cameras and diaries write a day."""
    return re.fullmatch("(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])", low) is not None


def postcode(match: Match) -> bool:
    """Not "S12 1st" or "K7 2nd": small letters after a capital, or an ordinal number."""
    inward = match.typed[-3:]
    if inward[0] in "oO" and (match.typed != match.typed.upper() or inward[0] != "O"):
        return False
    small = inward == lower(inward)
    if small and has_capital(match.typed[:-3]):
        return False
    return not (small and inward[1:] in ("st", "nd", "rd", "th", "hr", "ft"))


def address(match: Match) -> bool:
    """A house number, a word or two, and a word for a street. In small letters only the clear words for one."""
    parts = re.findall("[A-Za-z'.-]{2,}", match.typed)
    middle, street = parts[:-1], lower(parts[-1])
    middle = [
        part for part in middle if lower(part) not in ("flat", "apartment", "apt", "unit", "number", "no.")
    ]
    if not middle:
        return False
    strong = street in listed("strong_streets")
    if all(has_capital(part[0]) for part in (*middle, parts[-1])):
        return (
            strong
            or any(lower(part) not in ordinary() for part in middle)
            or re.search(
                "(?:at|address|lives?|lived|living|home|house|from|near|visit|visited)[ :,]{1,3}$",
                match.before,
            )
            is not None
        )
    return strong and not any(lower(part) in listed("not_streets") for part in middle)


def street(match: Match) -> bool:
    """A street without a number: only with capitals, and only if its own name is none of the ordinary words."""
    parts = match.typed.replace(".", "").split(" ")
    return all(has_capital(part[0]) for part in parts) and (
        lower(parts[0]) not in ordinary() or len(parts) > 2 or parts[0] == "Station"
    )


def birth(match: Match) -> bool:
    """A whole date near a word for birth."""
    if re.search("(?:19|20)[0-9]{2}|[./-] ?[0-9]{2}$", match.low) is None:
        return False
    around = f" {match.before} | {match.after} "
    return re.search(f"[^a-z]{patterns()['birth']}[^a-z]", around) is not None


def reference(match: Match) -> bool:
    """After a word such as "ref": four digits, or three if it says that a number follows; no date and no year."""
    number = digits(match.low.replace("o", "").replace("l", ""))
    said = (
        re.search(
            "(?:no|num|number|ref|reference|urn|id|log|cad|crime|incident)s?\\.?[ :#.=-]{0,4}$", match.lead
        )
        is not None
    )
    if len(number) < (3 if said else 4):
        return False
    return (
        not is_date(match.low)
        and not is_year(match.low)
        and re.match("[0-9]{1,2}(?:st|nd|rd|th)", match.low) is None
    )


def is_year(low: str) -> bool:
    return (
        re.fullmatch("(?:[a-z]{1,10}[ -])?(?:19|20)[0-9]{2}(?:[/-](?:[0-9]{2}|20[0-9]{2}))?", low) is not None
    )


def loose(match: Match) -> bool:
    """A number that nothing announces: enough digits, no date, no year, no sum of money."""
    before = match.before[-1:]
    if is_date(match.low) or is_year(match.low) or before in ("£", "$", "/", "_", ".", ","):
        return False
    return len(digits(match.low.replace("o", "").replace("l", ""))) >= 4 and match.after[:1] not in ("/", "%")


def plate(match: Match) -> bool:
    """In capitals, or beside a word such as "car". Not "K7 AND", and no code of a statement."""
    letters = re.findall("[a-z]{3}", match.low)
    if any(word in listed("not_plates") for word in letters):
        return False
    around = f" {match.before} | {match.after} "
    if re.search(f"[^a-z]{patterns()['car']}[^a-z]", around):
        return True
    if match.typed != match.typed.upper():
        return False
    count = len(digits(match.low.replace("o", "").replace("l", "")))
    if re.match("[a-z]{2}[0-9]{2} ?[a-z]{3}", match.low):
        return True
    if match.low[0] in "ksbd" and re.match("[a-z][0-9]", match.low):
        return count == 3
    return count >= 2


def initials(match: Match) -> bool:
    """Two capitals beside a date, unless they are a usual short form such as "TA"."""
    found = re.search("[A-Z]\\.? ?[A-Z]", match.typed)
    if found is None:
        return False
    both = lower(re.sub("[^A-Z]", "", found.group(0)))
    at_end = re.fullmatch("[^A-Z]*[A-Z]\\.? ?[A-Z]\\.?", match.typed) is not None
    at_start = re.match("[A-Z]\\.? ?[A-Z]", match.typed) is not None
    return (at_end or at_start) and ("." in found.group(0) or both not in listed("not_initials"))


def handle(match: Match) -> bool:
    """A letter, and a digit or an underscore, and neither a time nor the code of a statement."""
    return (
        re.search("[a-z]{2}", match.low) is not None
        and re.search("[0-9_]", match.low) is not None
        and re.fullmatch("[0-9.]{1,5}(?:am|pm|st|nd|rd|th)|[a-z]?[0-9]{1,2}[a-z]?", match.low) is None
    )


CHECKS: dict[str, Callable[[Match], bool]] = {
    "": lambda match: True,
    "nhs": nhs_number,
    "upn": pupil_number,
    "phone": phone,
    "phone_asked": phone_asked,
    "postcode": postcode,
    "address": address,
    "street": street,
    "reference": reference,
    "loose": loose,
    "plate": plate,
    "birth": birth,
    "initials": initials,
    "handle": handle,
}
