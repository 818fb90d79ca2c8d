"""Words that no cleaned recording may hold: each unlike any other bytes, and looked for as every writer puts them."""

from __future__ import annotations

import hashlib

ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "latin-1")


def mark(what: str) -> str:
    """A word for this, the same in each run; half of them with letters beyond ASCII."""
    word = hashlib.sha256(what.encode()).hexdigest()[:10]
    return f"Zwŷn{word}é" if int(word[0], 16) % 2 else f"Qxv{word}"


PLACE = "+51.5074-000.1278+012.345/"
TIMESTAMP = "2026-11-03T10:11:12Z"
NAMES = ("title", "artist", "comment", "copyright", "description", "album", "composer", "genre")
TAGS = {name: mark(name) for name in NAMES} | {
    "location": PLACE,
    "creation_time": TIMESTAMP,
    "date": "2026-11-03",
}
PHONE = {
    f"com__apple__quicktime__{name}": value
    for name, value in {
        "make": mark("make"),
        "model": mark("model"),
        "software": mark("software"),
        "creationdate": "2026-11-03T10:11:12+0000",
        "location__ISO6709": PLACE,
        "author": mark("author"),
    }.items()
}
MARKS = [
    *(mark(name) for name in (*NAMES, "make", "model", "software", "author", "hand", "program", "person")),
    "51.5074",
    "2026-11-03",
    "10:11:12",
]


def found_in(data: bytes) -> list[str]:
    """Every mark that stands in these bytes."""
    return [
        word
        for word in MARKS
        for form in {word.encode(encoding, "ignore") for encoding in ENCODINGS}
        if form in data and form.decode("latin-1").strip()
    ]
