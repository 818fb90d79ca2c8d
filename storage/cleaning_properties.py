"""The properties of an Office file: read only to say in words what was in them. None of them comes along."""

from __future__ import annotations

from storage.cleaning_office import Package, local
from storage.cleaning_words import (
    COMPANY,
    KEYWORDS,
    NUMBERS,
    OTHER,
    PATHS,
    PEOPLE,
    PREVIEW,
    PROPERTIES,
    SIGNATURE,
    SOFTWARE,
    TIME,
    TITLE,
)

_WORDS = {
    "creator": PEOPLE,
    "lastModifiedBy": PEOPLE,
    "created": TIME,
    "modified": TIME,
    "lastPrinted": TIME,
    "title": TITLE,
    "subject": KEYWORDS,
    "keywords": KEYWORDS,
    "category": KEYWORDS,
    "description": KEYWORDS,
    "revision": NUMBERS,
    "Company": COMPANY,
    "Manager": COMPANY,
    "Application": SOFTWARE,
    "AppVersion": SOFTWARE,
    "Template": PATHS,
    "HyperlinkBase": PATHS,
}
_OF_PACKAGE = {"custom-properties": PROPERTIES, "thumbnail": PREVIEW, "origin": SIGNATURE}


def words_of_properties(package: Package) -> set[str]:
    """What hangs on the package itself, besides the document."""
    words = set()
    for relation in package.relations(""):
        if relation.type in ("core-properties", "extended-properties") and relation.target in package:
            for element in package.xml(relation.target).iter("*"):
                if local(element) in _WORDS and (element.text or "").strip():
                    words.add(_WORDS[local(element)])
        elif relation.type != "officeDocument":
            words.add(_OF_PACKAGE.get(relation.type, OTHER))
    return words
