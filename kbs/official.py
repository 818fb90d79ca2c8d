"""Taking in the official JSON of a standard: what would change, and the completed standard.

The wording is never changed by this: a file that words anything differently is refused. What a file does
not say leaves what is known as it is, and never turns an unknown mapping into "none".
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from kbs.catalogue import Catalogue, UnknownStandard
from kbs.details import ImportedFile, KeyInformation
from kbs.fields import Faults
from kbs.matching import match
from kbs.new_standard import build_standard
from kbs.official_file import OfficialError, OfficialStandard, comparable, read_official
from kbs.standard_file import from_data
from kbs.statements import Duty, DutyMapping, ItemKind, MappingStatus, Standard, in_order
from kbs.writing import to_data, write_standard

__all__ = [
    "Changes",
    "OfficialError",
    "OfficialStandard",
    "Report",
    "apply",
    "compare",
    "import_standard",
    "read_official",
    "write_standard",
]


@dataclass(frozen=True)
class MappingChange:
    """What the file says about the statements of one kind for one duty; `before` None was unknown."""

    duty: Duty
    kind: ItemKind
    before: tuple[str, ...] | None
    after: tuple[str, ...]

    @property
    def added(self) -> tuple[str, ...]:
        return tuple(code for code in self.after if code not in (self.before or ()))

    @property
    def removed(self) -> tuple[str, ...]:
        return tuple(code for code in self.before or () if code not in self.after)

    @property
    def line(self) -> str:
        what = f"{self.duty.label}, {self.kind.plural.lower()}"
        if self.before is None:
            return f"{what}: unknown until now, becomes {', '.join(self.after)}"
        parts = [("added", self.added), ("removed", self.removed)]
        return f"{what}: " + "; ".join(f"{word} {', '.join(codes)}" for word, codes in parts if codes)


@dataclass(frozen=True)
class KeyChange:
    """A fact of the page of the standard that the file gives differently. `name` is the field's."""

    name: str
    before: object
    after: object

    @property
    def line(self) -> str:
        label = (
            self.name.replace("_", " ")
            .replace("gbp", "in pounds")
            .replace("lars", "LARS")
            .removesuffix(" on")
        )
        return f"{label[0].upper()}{label[1:]}: {_shown(self.before)} becomes {_shown(self.after)}"


@dataclass(frozen=True)
class Changes:
    """What taking in a file would change, and what it leaves open."""

    mappings: tuple[MappingChange, ...]
    key_information: tuple[KeyChange, ...]
    remarks: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        return not self.mappings and not self.key_information

    @property
    def lines(self) -> tuple[str, ...]:
        return (
            *(change.line for change in self.mappings),
            *(change.line for change in self.key_information),
            *self.remarks,
        )


@dataclass(frozen=True)
class Report:
    """What an import did or would do. `written_to` is None where nothing was written."""

    standard: Standard
    is_new: bool
    has_changes: bool
    lines: tuple[str, ...]
    written_to: Path | None


def compare(standard: Standard, official: OfficialStandard) -> Changes:
    """What the file would change in the standard. Raises OfficialError for anything that does not match."""
    matched = match(standard, official)
    mappings: list[MappingChange] = []
    remarks: list[str] = []
    for duty in standard.duties:
        silent: list[ItemKind] = []
        for kind, mapping in duty.mapping.items():
            before = mapping.codes if mapping.is_published else None
            after = tuple(in_order(matched.codes_of(duty.code, kind)))
            if not after:
                silent.append(kind)
            elif after != before:
                mappings.append(MappingChange(duty, kind, before, after))
        remarks.extend(_silence(duty, silent))
    return Changes(tuple(mappings), tuple(_key_changes(standard, official)), tuple(remarks))


def _silence(duty: Duty, silent: list[ItemKind]) -> Iterator[str]:
    """What the file does not say of a duty, in words."""
    kept = [kind.plural.lower() for kind in silent if kind not in duty.unknown_kinds]
    unknown = [kind.plural.lower() for kind in silent if kind in duty.unknown_kinds]
    if kept:
        yield f"{duty.label}: the file gives no {' or '.join(kept)}; the codes known until now are kept"
    if unknown:
        yield f"{duty.label}: the file gives no {' or '.join(unknown)}; the mapping stays unknown"


def _key_changes(standard: Standard, official: OfficialStandard) -> Iterator[KeyChange]:
    if comparable(standard.title) != comparable(official.title):
        yield KeyChange("title", standard.title, official.title)
    if standard.level != official.level:
        yield KeyChange("level", standard.level, official.level)
    for one in fields(KeyInformation):
        before = getattr(standard.key_information, one.name)
        after = getattr(official.key_information, one.name)
        if after not in (None, (), before):
            yield KeyChange(one.name, before, after)


def apply(standard: Standard, changes: Changes, imported: ImportedFile) -> Standard:
    """The standard as the file completes it, with the file's name, hash and day on record."""
    origin = _origin(imported)
    new: dict[str, dict[ItemKind, DutyMapping]] = {}
    for change in changes.mappings:
        new.setdefault(change.duty.code, {})[change.kind] = DutyMapping(change.after, origin)
    duties = tuple(
        replace(duty, mapping={**duty.mapping, **new.get(duty.code, {})}) for duty in standard.duties
    )
    facts = {change.name: change.after for change in changes.key_information}
    top = {name: facts.pop(name) for name in ("title", "level") if name in facts}
    origins = dict(standard.source.origins)
    if changes.mappings:
        origins["mapping of duties"] = "stands with each duty"
    origins.update({name.replace("_", " "): origin for name in (*top, *facts)})
    return replace(
        standard,
        **top,  # type: ignore[arg-type]
        duties=duties,
        key_information=replace(standard.key_information, **facts),  # type: ignore[arg-type]
        source=replace(standard.source, origins=origins, imports=(*standard.source.imports, imported)),
    )


def import_standard(
    catalogue: Catalogue, file_bytes: bytes, file_name: str, imported_on: date, folder: Path, write: bool
) -> Report:
    """Compares an official file with the catalogue and, if `write`, puts the completed standard into `folder`.

    A reference or version that the catalogue does not have becomes a whole new standard. Raises
    OfficialError (nothing is written) if anything in the file is not understood or does not match.
    """
    official = read_official(file_bytes)
    imported = ImportedFile(Path(file_name).name, sha256(file_bytes).hexdigest(), imported_on)
    try:
        known = catalogue.get(official.reference, official.version)
    except UnknownStandard:
        standard = _checked(build_standard(official, _origin(imported), imported))
        return _report(
            standard, _lines_for_new(standard), folder if write else None, is_new=True, changed=True
        )
    changes = compare(known, official)
    if changes.is_empty:
        lines = ("Nothing would change: all that the file says stands here already", *changes.remarks)
        return _report(known, lines, None, is_new=False, changed=False)
    completed = _checked(apply(known, changes, imported))
    return _report(completed, changes.lines, folder if write else None, is_new=False, changed=True)


def _report(
    standard: Standard, lines: tuple[str, ...], folder: Path | None, is_new: bool, changed: bool
) -> Report:
    written_to = write_standard(standard, folder) if folder else None
    head = f"{standard}, {standard.title}, level {standard.level}"
    last = (f"Written to {written_to.name}",) if written_to else ()
    return Report(standard, is_new, changed, (head, *lines, *last), written_to)


def _checked(standard: Standard) -> Standard:
    """The standard, if a file of it could be loaded again."""
    faults = Faults("the completed standard")
    again = from_data(to_data(standard), faults)
    if faults.found:
        raise OfficialError(*faults.found)
    return again


def _lines_for_new(standard: Standard) -> tuple[str, ...]:
    counts = ", ".join(
        f"{kind.plural.lower()} {len(standard.items_of(kind))}" for kind in standard.kinds_present
    )
    unknown = [
        f"{duty.label}: the file gives no {' or '.join(kind.plural.lower() for kind in duty.unknown_kinds)};"
        " the mapping stays unknown"
        for duty in standard.duties
        if duty.mapping_status is not MappingStatus.KNOWN
    ]
    return (
        f"This standard is new here: {counts}",
        *unknown,
        f"Screens will speak of “{standard.words.assessment}”; for a plan with other words, set `words` in the file",
    )


def _origin(imported: ImportedFile) -> str:
    return f"official JSON, imported {_shown(imported.imported_on)}"


def _shown(value: object) -> str:
    if isinstance(value, date):
        return f"{value.day} {value:%B %Y}"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "not known"
    return "not known" if value is None else str(value)
