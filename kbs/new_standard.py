"""A standard that is not in the catalogue yet, built from its official file alone."""

from kbs.details import (
    UNKNOWN,
    Assessment,
    EntryRequirement,
    ImportedFile,
    Licence,
    Occupation,
    Source,
    Words,
)
from kbs.official_file import OfficialDuty, OfficialError, OfficialStandard, OfficialStatement
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

# What plans not yet revised say. The official file does not tell which words its plan uses.
WORDS = Words(
    assessment="end-point assessment",
    assessment_short="EPA",
    assessment_organisation="end-point assessment organisation",
    assessment_organisation_short="EPAO",
    assessment_plan="end-point assessment plan",
    independent_assessor="independent assessor",
    gateway="gateway",
)
LICENCE = Licence(
    name="Open Government Licence v3.0",
    url="https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    copyright="Crown copyright. You may re-use this information (not including logos) free of charge in any "
    "format or medium, under the terms of the Open Government Licence.",
    attribution="Crown copyright. Contains public sector information licensed under the Open Government Licence v3.0.",
)


def build_standard(official: OfficialStandard, origin: str, imported: ImportedFile) -> Standard:
    """The standard as the file has it. Raises OfficialError where codes or duty numbers contradict each other.

    A code at the head of a text ("K1: ...") counts; a list without any is numbered in its own order.
    """
    faults: list[str] = []
    codes = {one.id: code for kind in STATEMENT_KINDS for one, code in _coded(official, kind, faults)}
    duties = _numbered(official.duties, faults)
    if faults:
        raise OfficialError(*faults)
    statements = sorted(
        (Statement(codes[one.id], one.kind, one.text) for one in official.statements),
        key=lambda one: code_key(one.code),
    )
    kinds = [kind for kind in STATEMENT_KINDS if any(one.kind is kind for one in statements)]
    entry = official.entry_requirements
    return Standard(
        reference=official.reference,
        version=official.version,
        title=official.title,
        level=official.level,
        statements=tuple(statements),
        duties=tuple(_duty(number, one, kinds, codes, origin) for number, one in enumerate(duties, start=1)),
        key_information=official.key_information,
        occupation=Occupation(),
        entry_requirements=(EntryRequirement("published", entry, "as_published", origin),) if entry else (),
        english_maths_statement="",
        english_maths_origin=UNKNOWN,
        assessment=Assessment(None, False, "The assessment plan has not been read.", False, None, ()),
        words=WORDS,
        licence=LICENCE,
        source=Source({"everything": origin, "assessment plan": UNKNOWN}, official.pages, (imported,)),
    )


def _coded(
    official: OfficialStandard, kind: ItemKind, faults: list[str]
) -> list[tuple[OfficialStatement, str]]:
    """Each statement of a kind with its code: all from their texts, or all from their order."""
    statements = [one for one in official.statements if one.kind is kind]
    coded = [one.code for one in statements if one.code]
    if not coded:
        return [(one, f"{kind.letter}{place}") for place, one in enumerate(statements, start=1)]
    if len(coded) < len(statements):
        faults.append(f"{kind.label}: some texts begin with a code and some do not")
    faults.extend(
        f"{code} stands twice in the file" for code in in_order(c for c in coded if coded.count(c) > 1)
    )
    faults.extend(f"{code} stands among {kind.plural.lower()}" for code in coded if code[0] != kind.letter)
    return [(one, one.code or "") for one in statements]


def _numbered(duties: tuple[OfficialDuty, ...], faults: list[str]) -> list[OfficialDuty]:
    """The duties in order: by the numbers in their texts if there are any, else as the file lists them."""
    numbers = [one.number for one in duties if one.number is not None]
    if not numbers:
        return list(duties)
    if sorted(numbers) != list(range(1, len(duties) + 1)):
        faults.append(f"The duties are not numbered from 1 to {len(duties)}, each once")
    return sorted(duties, key=lambda one: one.number or 0)


def _duty(
    number: int, official: OfficialDuty, kinds: list[ItemKind], codes: dict[str, str], origin: str
) -> Duty:
    mapping = {}
    for kind in kinds:
        mapped = tuple(in_order(codes[guid] for guid in official.mapped[kind]))
        mapping[kind] = DutyMapping(mapped, origin) if mapped else DutyMapping(None, UNKNOWN)
    return Duty(f"{ItemKind.DUTY.letter}{number}", number, official.text, mapping)
