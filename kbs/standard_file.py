"""The file format of a standard: data to Standard with every fault named, and Standard to data.

A mapping that nobody could look up is `codes: null` with `origin: unknown`. An empty list is refused,
because it would read as "this duty calls for none".
"""

import re
from dataclasses import fields as names_of
from typing import Any

from kbs.details import (
    UNKNOWN,
    Assessment,
    AssessmentMethod,
    AssessmentOrganisation,
    EntryRequirement,
    ImportedFile,
    KeyInformation,
    Licence,
    Occupation,
    Source,
    Words,
)
from kbs.fields import Faults, Fields
from kbs.statements import (
    STATEMENT_KINDS,
    Duty,
    DutyMapping,
    ItemKind,
    Standard,
    Statement,
    code_key,
    in_order,
)

SCHEMA_VERSION = 1
HIGHEST_LEVEL = 8
REFERENCE = re.compile(r"[A-Z][A-Z0-9-]{1,19}")
VERSION = re.compile(r"\d{1,3}\.\d{1,3}")
_ENGLISH_MATHS = ("text", "origin")
_SECTIONS = (
    "schema_version",
    "reference",
    "version",
    "title",
    "level",
    "key_information",
    "occupation",
    "entry_requirements",
    "english_maths",
    "statements",
    "duties",
    "assessment",
    "words",
    "licence",
    "source",
)


def _names(of: Any) -> tuple[str, ...]:
    return tuple(one.name for one in names_of(of))


def from_data(data: object, faults: Faults) -> Standard:
    """The standard in the data of one file. Whatever is wrong is added to `faults`; then do not use it."""
    top = Fields(data, "", faults, _SECTIONS)
    if top.number("schema_version", 1, 99) != SCHEMA_VERSION:
        top.fault("schema_version", f"this program reads schema version {SCHEMA_VERSION}")
    statements = _statements(top)
    english_maths = top.part("english_maths", _ENGLISH_MATHS)
    return Standard(
        reference=_matching(
            top, "reference", REFERENCE, "capital letters and digits expected, such as AB0001"
        ),
        version=_matching(top, "version", VERSION, "a quoted version expected, such as '1.0'"),
        title=top.text("title"),
        level=top.number("level", 1, HIGHEST_LEVEL),
        statements=statements,
        duties=_duties(top, statements),
        key_information=_key_information(top.part("key_information", _names(KeyInformation))),
        occupation=_occupation(top),
        entry_requirements=tuple(
            EntryRequirement(**{name: part.text(name) for name in _names(EntryRequirement)})
            for part in top.parts("entry_requirements", _names(EntryRequirement))
        ),
        english_maths_statement=english_maths.optional_text("text"),
        english_maths_origin=english_maths.text("origin"),
        assessment=_assessment(top.part("assessment", _names(Assessment)), statements),
        words=_all_texts(top, "words", Words),
        licence=_all_texts(top, "licence", Licence),
        source=_source(top.part("source", _names(Source))),
    )


def _matching(part: Fields, name: str, pattern: re.Pattern[str], what: str) -> str:
    value = part.text(name)
    if value and not pattern.fullmatch(value):
        part.fault(name, f"{what}, not {value!r}")
    return value


def _all_texts(top: Fields, name: str, of: Any) -> Any:
    """A dataclass of texts that all have to be there."""
    part = top.part(name, _names(of))
    return of(**{each: part.text(each) for each in _names(of)})


def _occupation(top: Fields) -> Occupation:
    part = top.part("occupation", _names(Occupation))
    return Occupation(**{name: part.optional_text(name) for name in _names(Occupation)})


def _statements(top: Fields) -> tuple[Statement, ...]:
    groups = top.part("statements", [kind.value for kind in STATEMENT_KINDS])
    found: dict[str, Statement] = {}
    for kind in STATEMENT_KINDS:
        before = ""
        for part in groups.parts(kind.value, ("code", "text")):
            one = Statement(part.text("code"), kind, part.text("text"))
            _check_code(part, one, found, before)
            found.setdefault(one.code, one)
            before = one.code
    if not found:
        top.fault("statements", "there is no statement at all")
    return tuple(found.values())


def _check_code(part: Fields, one: Statement, found: dict[str, Statement], before: str) -> None:
    """A code is the letter of its kind and a number, stands once, and in order; no text stands twice."""
    if not re.fullmatch(rf"{one.kind.letter}[1-9]\d*", one.code):
        part.fault("code", f"{one.code!r} is not a code of this kind, such as {one.kind.letter}1")
    elif one.code in found:
        part.fault("code", f"{one.code} stands twice")
    elif before and code_key(before) > code_key(one.code):
        part.fault("code", f"{one.code} stands after {before}")
    same = [other.code for other in found.values() if other.kind is one.kind and other.text == one.text]
    if same and one.text:
        part.fault("text", f"the wording of {one.code} is that of {same[0]} too")


def _duties(top: Fields, statements: tuple[Statement, ...]) -> tuple[Duty, ...]:
    kinds = {one.code: one.kind for one in statements}
    present = [kind for kind in STATEMENT_KINDS if kind in kinds.values()]
    duties: list[Duty] = []
    for expected, part in enumerate(top.parts("duties", ("number", "text", "mapping")), start=1):
        if part.number("number", 1, 999) != expected:
            part.fault("number", f"{expected} expected: duties are numbered from 1 without a gap")
        groups = part.part("mapping", [kind.value for kind in present])
        mapping = {kind: _mapping(groups, kind, kinds) for kind in present}
        duties.append(Duty(f"{ItemKind.DUTY.letter}{expected}", expected, part.text("text"), mapping))
    if not duties:
        top.fault("duties", "there is no duty at all")
    return tuple(duties)


def _mapping(groups: Fields, kind: ItemKind, kinds: dict[str, ItemKind]) -> DutyMapping:
    if kind.value not in groups.data:
        return DutyMapping(None, UNKNOWN)
    part = groups.part(kind.value, ("codes", "origin"))
    origin = part.text("origin")
    if part.data.get("codes") is None:
        if origin and origin != UNKNOWN:
            part.fault("origin", f"there are no codes, so the origin has to be {UNKNOWN!r}")
        return DutyMapping(None, UNKNOWN)
    if origin == UNKNOWN:
        part.fault("origin", "there are codes, so where they were read has to stand here")
    return DutyMapping(_codes(part, kinds, kind), origin)


def _codes(part: Fields, kinds: dict[str, ItemKind], kind: ItemKind | None) -> tuple[str, ...]:
    codes = part.texts("codes")
    if not codes:
        part.fault("codes", "an empty list says nothing: write null where the mapping is not known")
    for code in codes:
        if code not in kinds:
            part.fault("codes", f"{code} is not a statement of this standard")
        elif kind is not None and kinds[code] is not kind:
            part.fault("codes", f"{code} is not a code of this kind")
    for code in in_order(code for code in codes if codes.count(code) > 1):
        part.fault("codes", f"{code} stands twice")
    return tuple(in_order(codes))


def _key_information(part: Fields) -> KeyInformation:
    return KeyInformation(
        route=part.optional_text("route") or None,
        status=part.optional_text("status") or None,
        lars_code=part.optional_number("lars_code", 1, 999_999),
        approved_on=part.optional_date("approved_on"),
        earliest_start_on=part.optional_date("earliest_start_on"),
        latest_start_on=part.optional_date("latest_start_on"),
        typical_duration_months=part.optional_number("typical_duration_months", 1, 120),
        assessment_period_months=part.optional_number("assessment_period_months", 0, 60),
        max_funding_gbp=part.optional_number("max_funding_gbp", 0, 100_000),
        minimum_off_the_job_hours=part.optional_number("minimum_off_the_job_hours", 1, 10_000),
        quality_assurer=part.optional_text("quality_assurer") or None,
        job_titles=part.texts("job_titles"),
    )


def _assessment(part: Fields, statements: tuple[Statement, ...]) -> Assessment:
    kinds = {one.code: one.kind for one in statements}
    methods = [
        AssessmentMethod(
            name=method.text("name"),
            codes=None if method.data.get("codes") is None else _codes(method, kinds, None),
            origin=method.text("origin"),
        )
        for method in part.parts("methods", _names(AssessmentMethod))
    ]
    return Assessment(
        plan_version=part.optional_text("plan_version") or None,
        plan_found=part.yes_or_no("plan_found"),
        note=part.optional_text("note"),
        behaviours_verified_by_employer=part.yes_or_no("behaviours_verified_by_employer"),
        methods=tuple(methods) or None,
        organisations=tuple(
            AssessmentOrganisation(one.text("name"), one.text("origin"))
            for one in part.parts("organisations", _names(AssessmentOrganisation))
        ),
    )


def _source(part: Fields) -> Source:
    imports = []
    for one in part.parts("imports", _names(ImportedFile)):
        imported_on = one.optional_date("imported_on")
        sha256 = _matching(one, "sha256", re.compile("[0-9a-f]{64}"), "64 hexadecimal digits expected")
        if imported_on is None:
            one.fault("imported_on", "the day of the import is missing")
        else:
            imports.append(ImportedFile(one.text("file_name"), sha256, imported_on))
    return Source(part.named_texts("origins"), part.named_texts("pages"), tuple(imports))
