"""Writing a standard as a file of the format that `standard_file` reads."""

import os
import tempfile
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import yaml

from kbs.details import UNKNOWN
from kbs.standard_file import SCHEMA_VERSION
from kbs.statements import STATEMENT_KINDS, Duty, Standard

_HEADER = """\
# Occupational standard {reference} "{title}", version {version}.
#
# {attribution}
# {copyright}
# {licence}: {url}
#
# The wording of statements and duties is official and is never edited here.
# `codes: null` with `origin: unknown` means that the mapping was not published where we looked.
# It does not mean "none", and an empty list is refused. "published ..." names where codes were read.
"""


class _OnOneLine(list[str]):
    """A list of codes, written as [K1, K2]."""


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indents lists inside mappings, as people do."""
        super().increase_indent(flow, False)


def _on_one_line(dumper: yaml.SafeDumper, value: _OnOneLine) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)


_Dumper.add_representer(_OnOneLine, _on_one_line)


def to_data(standard: Standard) -> dict[str, Any]:
    """The standard as plain data. A provider's own mapping is left out: it is no part of the standard."""
    return {
        "schema_version": SCHEMA_VERSION,
        "reference": standard.reference,
        "version": standard.version,
        "title": standard.title,
        "level": standard.level,
        "licence": _plain(standard.licence),
        "key_information": _plain(standard.key_information),
        "occupation": {name: text or None for name, text in asdict(standard.occupation).items()},
        "entry_requirements": _plain(standard.entry_requirements),
        "english_maths": {
            "text": standard.english_maths_statement or None,
            "origin": standard.english_maths_origin,
        },
        "statements": {
            kind.value: [
                {"code": one.code, "text": one.text} for one in standard.statements if one.kind is kind
            ]
            for kind in STATEMENT_KINDS
        },
        "duties": [_duty(duty) for duty in standard.duties],
        "assessment": {**_plain(standard.assessment), "note": standard.assessment.note or None},
        "words": _plain(standard.words),
        "source": _plain(standard.source),
    }


def _duty(duty: Duty) -> dict[str, Any]:
    mapping = {
        kind.value: {"codes": _OnOneLine(mapped.codes or ()), "origin": mapped.origin}
        if mapped.is_published
        else {"codes": None, "origin": UNKNOWN}
        for kind, mapped in duty.mapping.items()
    }
    return {"number": duty.number, "text": duty.text, "mapping": mapping}


def _plain(value: Any) -> Any:
    """Dataclasses and tuples as the mappings and lists that YAML knows."""
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(part) for name, part in vars(value).items()}
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    return value


def to_text(standard: Standard) -> str:
    """The whole file, with the licence at its head."""
    header = _HEADER.format(
        reference=standard.reference,
        title=standard.title,
        version=standard.version,
        attribution=standard.licence.attribution,
        copyright=standard.licence.copyright,
        licence=standard.licence.name,
        url=standard.licence.url,
    )
    body = yaml.dump(to_data(standard), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=108)
    return f"{header}\n{body}"


def file_name_of(standard: Standard) -> str:
    return f"{standard.reference.lower()}-{standard.version}.yaml"


def write_standard(standard: Standard, folder: Path) -> Path:
    """Writes the standard into the folder, whole or not at all, and returns the file. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / file_name_of(standard)
    handle, unfinished = tempfile.mkstemp(dir=folder, prefix=".", suffix=".unfinished")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(to_text(standard))
            file.flush()
            os.fsync(file.fileno())
        Path(unfinished).chmod(0o644)
        Path(unfinished).replace(target)
    except BaseException:
        Path(unfinished).unlink(missing_ok=True)
        raise
    return target
