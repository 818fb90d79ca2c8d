"""What a tag of a recording says, in plain words, told from what the tag is called."""

from __future__ import annotations

import re

from storage.metadata import (
    CHAPTERS,
    COMMENTS,
    COVER,
    DEVICE,
    LOCATION,
    OTHER,
    PEOPLE,
    PROGRAM,
    TIME,
    TITLE,
)

_BY_NAME = tuple(
    (word, re.compile(pattern))
    for word, pattern in (
        (LOCATION, r"location|gps|6709|latitude|longitude|altitude|\bplace\b|\bcity\b|\bcountry\b|geo"),
        (COVER, r"cover|picture|artwork"),
        (PROGRAM, r"encod|muxing|writing_app|\btool\b|isft"),
        (DEVICE, r"\bmake\b|model|manufacturer|device|camera|lens|serial|software|android|firmware|recorder"),
        (TIME, r"date|time|year|creation|recorded"),
        (PEOPLE, r"artist|author|performer|composer|copyright|publisher|owner|director|producer|person|engineer"),
        (TITLE, r"title|album|\bname\b|show|scene|project|take"),
        (CHAPTERS, r"chapter"),
        (COMMENTS, r"comment|descri|lyric|keyword|genre|synopsis|summary|subject|note|information"),
    )
)  # fmt: skip

_ID3 = {
    TITLE: "TIT1 TIT2 TIT3 TALB TOAL TSOT TT1 TT2 TT3 TAL TOT",
    PEOPLE: "TPE1 TPE2 TPE3 TPE4 TCOM TEXT TOPE TOLY TOWN TCOP TPUB TIPL TMCL IPLS TP1 TP2 TP3 TP4 TCM TXT TOA TOL "
    "TCR TPB IPL OWNE",
    TIME: "TDRC TYER TDAT TIME TORY TDEN TDRL TDTG TDOR TRDA TYE TDA TIM TRD TOR",
    COMMENTS: "COMM USLT SYLT TCON COM ULT SLT TCO",
    COVER: "APIC PIC",
    PROGRAM: "TSSE TENC TSS TEN",
    CHAPTERS: "CHAP CTOC",
}
_RIFF = {
    TITLE: "INAM IPRD TITL IALB",
    PEOPLE: "IART ICOP IENG ITCH ICMS IPRO IWRI ISTR",
    TIME: "ICRD IDIT DTIM",
    COMMENTS: "ICMT ISBJ IKEY IGNR",
    PROGRAM: "ISFT ITCO",
    LOCATION: "ICNT ILOC",
    DEVICE: "ISRC IMED ISRF",
}
_ID3_WORDS = {frame: word for word, frames in _ID3.items() for frame in frames.split()}
_RIFF_WORDS = {chunk: word for word, chunks in _RIFF.items() for chunk in chunks.split()}


def word_for(name: str) -> str:
    """The word for a tag with a spoken name, such as "com.apple.quicktime.make" or "DATE_RECORDED"."""
    spoken = name.casefold().replace("quicktime", "")
    return next((word for word, pattern in _BY_NAME if pattern.search(spoken)), OTHER)


def word_for_id3(frame: str) -> str:
    """The word for a frame of an ID3v2 tag (2.2 has names of three letters)."""
    return _ID3_WORDS.get(frame, OTHER)


def word_for_riff(chunk: str) -> str:
    """The word for a chunk in the INFO list of a WAV."""
    return _RIFF_WORDS.get(chunk, OTHER)
