"""Reading the official JSON of a standard, as the Skills England address for one standard gives it.

Fields and types as the Department for Education's own importer reads them. The mapped lists of a duty
hold ids of statements (GUIDs), not codes; what is not understood is refused, with everything at once.
"""

import html
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any

from kbs.details import KeyInformation
from kbs.standard_file import HIGHEST_LEVEL, REFERENCE, VERSION
from kbs.statements import STATEMENT_KINDS, ItemKind

_LISTS = {
    ItemKind.KNOWLEDGE: ("knowledges", "knowledgeId", "mappedKnowledge"),
    ItemKind.SKILL: ("skills", "skillId", "mappedSkills"),
    ItemKind.BEHAVIOUR: ("behaviours", "behaviourId", "mappedBehaviour"),
}
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_LEADING_CODE = re.compile(r"\s*([KSB])\s*(\d{1,3})\s*[:.)–—-]\s*", re.IGNORECASE)
_LEADING_DUTY = re.compile(r"\s*duty\s*(\d{1,3})\s*[:.)–—-]?\s+", re.IGNORECASE)
_ALIKE = str.maketrans(
    {**dict.fromkeys("‘’‚‛`´", "'"), **dict.fromkeys("“”„‟«»", '"'), **dict.fromkeys("‐‑‒–—―−", "-")}
)
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})(T.*)?")
_SAYS_NOTHING = {"", "not set", "n/a", "none", "null"}


class OfficialError(Exception):
    """An official file that cannot be used. `faults` has one sentence for each reason."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


@dataclass(frozen=True)
class OfficialStatement:
    """A statement of the file; `code` only where its text begins with one ("K1: ...")."""

    id: str
    kind: ItemKind
    text: str
    code: str | None


@dataclass(frozen=True)
class OfficialDuty:
    """A duty of the file with the ids of the statements it is mapped to; () where the file gives none."""

    text: str
    number: int | None
    mapped: dict[ItemKind, tuple[str, ...]]


@dataclass(frozen=True)
class OfficialStandard:
    """What the file says, checked for shape but not yet matched to anything."""

    reference: str
    version: str
    title: str
    level: int
    key_information: KeyInformation
    entry_requirements: str
    pages: dict[str, str]
    statements: tuple[OfficialStatement, ...]
    duties: tuple[OfficialDuty, ...]


def clean(text: str) -> str:
    """A text without mark-up, entities, invisible signs and doubled spaces; its wording is untouched."""
    without_tags = _TAG.sub(" ", html.unescape(text))
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", without_tags)).split())


def comparable(text: str) -> str:
    """The text as it is compared: kinds of space, quotes and dashes do not matter, words and case do."""
    return " ".join(unicodedata.normalize("NFKC", clean(text)).translate(_ALIKE).split())


def read_official(file_bytes: bytes) -> OfficialStandard:
    """What an official JSON file says of one standard. Raises OfficialError with everything that is wrong."""
    return _Reader(_the_one_standard(file_bytes)).read()


def _the_one_standard(file_bytes: bytes) -> dict[str, Any]:
    try:
        data = json.loads(file_bytes.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise OfficialError(f"The file is not JSON: {error}") from None
    if isinstance(data, list):
        if len(data) != 1:
            raise OfficialError(f"The file holds {len(data)} standards; save the JSON of one standard alone")
        data = data[0]
    if not isinstance(data, dict):
        raise OfficialError("The file is JSON, but not that of a standard: names and values expected")
    return data


class _Reader:
    """Reads the parts of one official object and collects what is wrong with them."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.data = data
        self.faults: list[str] = []

    def read(self) -> OfficialStandard:
        statements = tuple(one for kind in STATEMENT_KINDS for one in self._statements(kind))
        official = OfficialStandard(
            reference=self._text("referenceNumber", REFERENCE),
            version=self._version(),
            title=self._text("title"),
            level=self._number("level", 1, HIGHEST_LEVEL) or 0,
            key_information=self._key_information(),
            entry_requirements=self._optional_text("entryRequirements") or "",
            pages=self._pages(),
            statements=statements,
            duties=tuple(self._duties({one.id: one for one in statements})),
        )
        if not official.level:
            self.faults.append("level: the number of the level is missing")
        if self.faults:
            raise OfficialError(*self.faults)
        return official

    def _optional_text(self, name: str) -> str | None:
        value = self.data.get(name)
        if value is None:
            return None
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            self.faults.append(f"{name}: a text expected, not {value!r:.80}")
            return None
        text = clean(str(value))
        return None if text.casefold() in _SAYS_NOTHING else text

    def _text(self, name: str, pattern: re.Pattern[str] | None = None) -> str:
        text = self._optional_text(name)
        if text is None:
            self.faults.append(f"{name}: missing")
        elif pattern and not pattern.fullmatch(text):
            self.faults.append(f"{name}: {text!r} is not understood")
        return text or ""

    def _version(self) -> str:
        given = [self._optional_text("version"), self._optional_text("versionNumber")]
        for text in given:
            whole = f"{text}.0" if text and text.isdigit() else text
            if whole and VERSION.fullmatch(whole):
                return whole
        self.faults.append(f"version: a version such as 1.0 expected, not {given[0]!r}")
        return ""

    def _number(self, name: str, least: int, most: int) -> int | None:
        text = self._optional_text(name)
        if text is None:
            return None
        digits = re.fullmatch(r"£?\s*(\d[\d,]*)(?:\.0+)?(?:\s*(?:months?|hours?))?", text, re.IGNORECASE)
        value = int(digits.group(1).replace(",", "")) if digits else None
        if value is None or not least <= value <= most:
            self.faults.append(f"{name}: a whole number from {least} to {most} expected, not {text!r}")
            return None
        return value or None  # the register writes 0 where nothing is set

    def _date(self, name: str) -> date | None:
        text = self._optional_text(name)
        if text is None:
            return None
        try:
            if found := _YEAR_FIRST.fullmatch(text):
                day = date(*map(int, found.groups()[:3]))
            elif found := _DAY_FIRST.fullmatch(text):
                day = date(*map(int, reversed(found.groups())))
            else:
                raise ValueError(text)
        except ValueError:
            self.faults.append(f"{name}: a date expected, not {text!r}")
            return None
        return day if day.year > 1 else None  # 0001-01-01 is how the register writes "no date"

    def _key_information(self) -> KeyInformation:
        return KeyInformation(
            route=self._optional_text("route"),
            status=self._optional_text("status"),
            lars_code=self._number("larsCode", 0, 999_999),
            earliest_start_on=self._date("earliestStartDate"),
            latest_start_on=self._date("latestStartDate"),
            typical_duration_months=self._number("typicalDuration", 0, 120),
            assessment_period_months=self._number("ePALength", 0, 60),
            max_funding_gbp=self._number("maxFunding", 0, 100_000),
            minimum_off_the_job_hours=self._number("minimumHoursForCompliance", 0, 10_000),
            quality_assurer=self._quality_assurer(),
            job_titles=self._job_titles(),
        )

    def _job_titles(self) -> tuple[str, ...]:
        titles = self.data.get("typicalJobTitles")
        if not isinstance(titles, list):
            return ()
        return tuple(clean(title) for title in titles if isinstance(title, str) and clean(title))

    def _quality_assurer(self) -> str | None:
        value = self.data.get("eQAProvider")
        if isinstance(value, dict):
            name = value.get("providerName")
            return clean(name) or None if isinstance(name, str) else None
        return self._optional_text("eQAProvider")

    def _pages(self) -> dict[str, str]:
        names = {"standard": "standardPageUrl", "assessment plan": "assessmentPlanUrl"}
        found = {page: self._optional_text(name) for page, name in names.items()}
        return {page: address for page, address in found.items() if address}

    def _objects(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """The objects of a list, each with its place in words."""
        values = self.data.get(name, "")
        if values is None:
            return []
        if not _is_list_of(dict, values):
            self.faults.append(f"{name}: a list expected" if name in self.data else f"{name}: missing")
            return []
        return [(f"{name}, number {place}", value) for place, value in enumerate(values, start=1)]

    def _statements(self, kind: ItemKind) -> list[OfficialStatement]:
        list_name, id_name, _ = _LISTS[kind]
        found: dict[str, OfficialStatement] = {}
        for where, one in self._objects(list_name):
            guid, detail = one.get(id_name), one.get("detail")
            if not isinstance(guid, str) or not guid.strip():
                self.faults.append(f"{where}: no {id_name}")
            elif not isinstance(detail, str) or not clean(detail):
                self.faults.append(f"{where}: no text (detail)")
            elif (key := _key(guid)) in found:
                self.faults.append(f"{where}: the id {guid} stands twice")
            else:
                found[key] = _statement(key, kind, detail)
        return list(found.values())

    def _duties(self, statements: dict[str, OfficialStatement]) -> list[OfficialDuty]:
        found = []
        for where, one in self._objects("duties"):
            detail = one.get("dutyDetail")
            if not isinstance(detail, str) or not clean(detail):
                self.faults.append(f"{where}: no text (dutyDetail)")
                continue
            if one.get("mappedOptions"):
                self.faults.append(
                    f"{where}: belongs to an option; standards with options cannot be taken in"
                )
            text, number = _without(_LEADING_DUTY, detail)
            mapped = {kind: self._mapped(where, one, kind, statements) for kind in STATEMENT_KINDS}
            found.append(OfficialDuty(text, int(number[-1]) if number else None, mapped))
        if not found:
            self.faults.append("duties: there is none")
        return found

    def _mapped(
        self, where: str, duty: dict[str, Any], kind: ItemKind, statements: dict[str, OfficialStatement]
    ) -> tuple[str, ...]:
        name = _LISTS[kind][2]
        values = duty.get(name)
        if values is None:
            return ()
        if not _is_list_of(str, values):
            self.faults.append(f"{where}: {name}: a list of ids expected")
            return ()
        for guid in values:
            statement = statements.get(_key(guid))
            if statement is None:
                self.faults.append(f"{where}: {name}: no statement of the file has the id {guid}")
            elif statement.kind is not kind:
                self.faults.append(
                    f"{where}: {name}: the id {guid} is that of a {statement.kind.value} statement"
                )
        return tuple(dict.fromkeys(map(_key, values)))


def _is_list_of(wanted: type, values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, wanted) for value in values)


def _key(guid: str) -> str:
    return guid.strip().strip("{}").casefold()


def _without(beginning: re.Pattern[str], detail: str) -> tuple[str, tuple[str, ...]]:
    """The cleaned text without a code or number at its beginning, and the parts of that."""
    text = clean(detail)
    found = beginning.match(text)
    if found is None or found.end() == len(text):
        return text, ()
    return text[found.end() :], found.groups()


def _statement(guid: str, kind: ItemKind, detail: str) -> OfficialStatement:
    text, parts = _without(_LEADING_CODE, detail)
    code = f"{parts[0].upper()}{int(parts[1])}" if parts else None
    return OfficialStatement(guid, kind, text, code)
