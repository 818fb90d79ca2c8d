"""Recordings that say too much, of every container: made by ffmpeg, and by hand where ffmpeg does not write so."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from storage.kinds import M4A, MOV, MP3, MP4, WAV, WEBM, FileKind
from tests.storage.corpus_files import box
from tests.storage.corpus_photos import png
from tests.storage.media import H264, PICTURE, SOUND, VP8, made
from tests.storage.media_boxes import (
    apple_meta,
    change,
    full,
    international,
    measured,
    mebx,
    movie_first,
    place_of,
    put_into,
)
from tests.storage.media_marks import PHONE, PLACE, TAGS, TIMESTAMP, mark
from tests.storage.media_sound import (
    ape,
    attached_picture,
    bext,
    chunk,
    id3,
    id3v1,
    info,
    lyrics3,
    text_frame,
    unsynchronised,
    with_chunks,
)

XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
PACKET = (
    f"<x:xmpmeta><exif:GPSLatitude>{PLACE}</exif:GPSLatitude><tiff:Make>{mark('make')}</tiff:Make></x:xmpmeta>"
).encode()
GPS = [f"GPS {PLACE} {mark('hand')} {second}".encode() for second in range(8)]
HAND = mark("hand")


@dataclass(frozen=True)
class Case:
    """A recording, and words that must be among those for what is taken out."""

    kind: FileKind
    make: Callable[[], bytes]
    says: set[str] = field(default_factory=set)
    heard: Callable[[], bytes] | None = None
    """The same sound without any tag, where ffmpeg takes tags for sound before they go."""
    in_between: bool = False
    """Zeros stay between two frames, which ffmpeg then packs with the second."""


@cache
def _cached(name: str, arguments: tuple[str, ...], tags: tuple[tuple[str, str], ...]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "cover.png").write_bytes(png())
        (place / "notes.txt").write_bytes(mark("hand").encode())
        (place / "chapters.txt").write_text(
            f";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle={HAND}\n", "utf-8"
        )
        (place / "said.srt").write_text("1\n00:00:00,000 --> 00:00:00,900\nI listened first.\n", "utf-8")
        filled = [part.replace("{here}", folder) for part in arguments]
        return made(place / name, *filled, **dict(tags))


def film(
    name: str, *arguments: str, codecs: tuple[str, ...] = H264, beside: tuple[str, ...] = (), **tags: str
) -> bytes:
    """`beside`: more that goes in, such as captions."""
    return _cached(name, (*PICTURE, *SOUND, *beside, *codecs, *arguments), tuple((tags or TAGS).items()))


def sound(name: str, *arguments: str, **tags: str) -> bytes:
    return _cached(name, (*SOUND, *arguments), tuple((tags or TAGS).items()))


def plain(name: str) -> bytes:
    """A film about which nothing is said, to put things into."""
    return film(name, "-fflags", "+bitexact", "-flags:v", "+bitexact", none="")


def user_data(*parts: bytes) -> bytes:
    return box(b"udta", b"".join(parts))


def samsung() -> bytes:
    maker = box(b"smta", b"\0" * 4 + box(b"saut", HAND.encode()) + box(b"mdln", mark("model").encode()))
    return put_into(plain("a.mp4"), user_data(maker, international("©xyz", PLACE)), b"moov")


def gopro() -> bytes:
    made_by = user_data(
        box(b"FIRM", mark("software").encode()), box(b"LENS", HAND.encode()), box(b"GPMF", GPS[0])
    )
    film = put_into(plain("a.mp4"), made_by, b"moov")
    return measured(film, b"meta", box(b"gpmd", b"\0" * 6 + b"\0\1"), [b"DEVC" + sample for sample in GPS])


def iphone(name: str = "a.mov") -> bytes:
    keys = mebx(b"com.apple.quicktime.location.ISO6709", b"com.apple.quicktime.detected-face.bounds")
    filmed = measured(plain(name), b"meta", keys, GPS)
    return put_into(
        filmed, apple_meta({key.replace("__", "."): text for key, text in PHONE.items()}), b"moov"
    )


def iphone_old() -> bytes:
    parts = [international(kind, text) for kind, text in (
        ("©mak", mark("make")), ("©mod", mark("model")), ("©swr", mark("software")), ("©day", TIMESTAMP),
        ("©xyz", PLACE), ("©nam", mark("title")), ("©aut", mark("person")),
    )]  # fmt: skip
    return put_into(plain("a.mov"), user_data(*parts, b"\0\0\0\0"), b"moov")


def in_the_track() -> bytes:
    filmed = put_into(plain("a.mov"), user_data(international("©nam", HAND), b"\0\0\0\0"), b"moov", b"trak")
    return put_into(
        filmed, apple_meta({"com.apple.quicktime.location.name": mark("person")}), b"moov", b"trak"
    )


def android() -> bytes:
    versions = apple_meta({"com.android.version": mark("software"), "com.android.model": mark("model")})
    return put_into(plain("a.mp4"), user_data(international("©xyz", PLACE)) + versions, b"moov")


def with_movement() -> bytes:
    """Android's camera motion; the movie comes first."""
    entry = box(b"camm", b"\0" * 6 + b"\0\1")
    return movie_first(measured(plain("a.mp4"), b"camm", entry, GPS))


def behind(data: bytes, *parts: bytes) -> bytes:
    return data + b"".join(parts)


def windows() -> bytes:
    name, text = b"WM/Writer", mark("person").encode("utf-16-le")
    value = struct.pack(">IIH", 1, len(text) + 6, 8) + text
    entry = struct.pack(">II", 8 + len(name) + len(value), len(name)) + name + value
    return put_into(plain("a.mp4"), user_data(box(b"Xtra", entry)), b"moov")


def wide_boxes() -> bytes:
    """Lengths of 64 bits, around the media and around what goes."""
    data = plain("a.mp4")
    start, end = place_of(data, b"mdat")
    if data[start - 8 : start] != b"\0\0\0\x08free":
        raise ValueError("ffmpeg leaves room for a long length")
    media = struct.pack(">I4sQ", 1, b"mdat", end - start + 8) + data[start + 8 : end]
    hidden = XMP + PACKET
    return (
        data[: start - 8] + media + data[end:] + struct.pack(">I4sQ", 1, b"uuid", 16 + len(hidden)) + hidden
    )


def other_disk() -> bytes:
    """QuickTime's `dref` may hold the path of the file on the disk where it was made."""
    data = plain("a.mov")
    start, _ = place_of(data, b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref")
    alias = full(b"alis", f"/Users/{mark('person')}/Films".encode(), flags=1)
    grown = put_into(data, alias, b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref")
    return grown[: start + 12] + struct.pack(">I", 2) + grown[start + 16 :]


def turned(data: bytes) -> bytes:
    """Held upright: the matrix in the head of the track says so."""
    matrix = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 48 << 16, 0, 1 << 30)
    return change(data, (b"moov", b"trak", b"tkhd"), 40, matrix)


def version_one() -> bytes:
    """Times of 64 bits in the head of the movie."""
    data = plain("a.mp4")
    start, end = place_of(data, b"moov", b"mvhd")
    old = data[start + 8 : end]
    scale, duration = struct.unpack(">II", old[12:20])
    head = struct.pack(">IQQIQ", 1 << 24, 3_871_000_000, 3_871_000_001, scale, duration) + old[20:]
    movie = box(b"mvhd", head) + data[end : place_of(data, b"moov")[1]]
    return data[: place_of(data, b"moov")[0]] + box(b"moov", movie)


def matroska_as_webm(beside: tuple[str, ...], more: tuple[str, ...]) -> bytes:
    """ffmpeg writes attachments in Matroska only; WebM is the same under another name."""
    data = film("a.mkv", *more, codecs=VP8, beside=beside)
    return data.replace(b"\x42\x82\x88matroska", b"\x42\x82\x88webm\0\0\0\0", 1)


MP3_PLAIN = ("-write_xing", "0", "-id3v2_version", "0", "-b:a", "64k")


def bare_mp3() -> bytes:
    return sound("a.mp3", *MP3_PLAIN, none="")


FRAMES = b"".join(
    text_frame(name, mark(what))
    for name, what in (("TIT2", "title"), ("TPE1", "artist"), ("COMM", "comment"))
)
FRAMES_22 = b"".join(text_frame(name, mark(what), 2) for name, what in (("TT2", "title"), ("TP1", "artist")))


def bare_wav() -> bytes:
    return sound("a.wav", "-bitexact", none="")


PLACED, PHONED, TIMED = {"location"}, {"camera and phone details"}, {"date and time"}
NAMED, TITLED, SAID = {"names of people"}, {"title"}, {"comments"}
MEASURED, BY = {"measurements taken while filming"}, {"the program that made it"}
ALL = PLACED | TIMED | NAMED | TITLED | SAID | BY
FRAGMENTS = "frag_keyframe+empty_moov"

TAGGED: dict[str, Case] = {
    "mp4, movie last": Case(MP4, lambda: film("a.mp4"), ALL),
    "mp4, movie first": Case(MP4, lambda: film("a.mp4", "-movflags", "+faststart"), ALL),
    "mp4 in fragments": Case(
        MP4, lambda: film("a.mp4", "-movflags", f"{FRAGMENTS}+default_base_moof", "-g", "4"), ALL
    ),
    "mp4 in fragments with places from the start": Case(
        MP4, lambda: film("a.mp4", "-movflags", FRAGMENTS, "-g", "4"), ALL
    ),
    "mp4 in fragments with an index": Case(
        MP4, lambda: film("a.mp4", "-movflags", f"{FRAGMENTS}+dash+global_sidx", "-g", "4"), ALL
    ),
    "mp4 turned": Case(MP4, lambda: turned(film("a.mp4")), ALL),
    "mp4 with captions and chapters": Case(
        MP4,
        lambda: film(
            "a.mp4", "-map", "0", "-map", "1", "-map", "2",
            "-map_chapters", "3", "-c:s", "mov_text",
            beside=("-i", "{here}/said.srt", "-i", "{here}/chapters.txt"),
        ),
        ALL | {"names of chapters"},
    ),
    "mp4 of a Samsung phone": Case(MP4, samsung, PLACED | PHONED),
    "mp4 of an Android phone": Case(MP4, android, PLACED | PHONED),
    "mp4 of a GoPro": Case(MP4, gopro, PLACED | PHONED | MEASURED),
    "mp4 with movement, movie first": Case(MP4, with_movement, PLACED | MEASURED),
    "mp4 with XMP": Case(
        MP4, lambda: behind(plain("a.mp4"), box(b"uuid", XMP + PACKET)), PLACED | PHONED
    ),
    "mp4 with a maker's boxes": Case(
        MP4,
        lambda: behind(plain("a.mp4"), box(b"uuid", b"PROF" + b"\0" * 12 + HAND.encode()), box(b"meta", b"\0" * 4 + HAND.encode())),
        {"other hidden details"},
    ),
    "mp4 of a camera in a car": Case(MP4, lambda: behind(plain("a.mp4"), box(b"free", b"\0" * 4 + GPS[0])), PLACED),
    "mp4 with something behind it": Case(
        MP4, lambda: behind(plain("a.mp4"), b"\x00\x00\x00\x05SEFT" + HAND.encode()), {"data after the end of the recording"}
    ),
    "mp4 out of Windows": Case(MP4, windows),
    "mp4 with long lengths": Case(MP4, wide_boxes, PLACED | PHONED),
    "mp4 with long times": Case(MP4, lambda: behind(version_one(), box(b"udta", box(b"name", HAND.encode()))), TIMED),
    "mov of ffmpeg": Case(MOV, lambda: film("a.mov"), ALL),
    "mov with keys": Case(
        MOV, lambda: film("a.mov", "-movflags", "use_metadata_tags", **TAGS, **PHONE), ALL | PHONED
    ),
    "mov of an iPhone": Case(MOV, iphone, PLACED | PHONED | TIMED | NAMED | MEASURED),
    "mov of an iPhone, movie first": Case(MOV, lambda: movie_first(iphone()), PLACED | PHONED | TIMED | MEASURED),
    "mov of an old iPhone": Case(MOV, iphone_old, PLACED | PHONED | TIMED | TITLED | NAMED),
    "mov with details in its tracks": Case(MOV, in_the_track, PLACED | TITLED),
    "mov with the path it had": Case(MOV, other_disk, {"other hidden details"}),
    "mov with a time code and plain sound": Case(
        MOV, lambda: film("a.mov", "-timecode", "10:11:12:05", "-c:a", "pcm_s16le"), ALL
    ),
    "m4a with a cover": Case(
        M4A,
        lambda: sound("a.m4a", "-i", "{here}/cover.png", "-map", "0", "-map", "1", "-c:v", "copy", "-disposition:v:0", "attached_pic"),
        ALL | {"cover picture"},
    ),
    "m4a without loss": Case(M4A, lambda: sound("a.m4a", "-c:a", "alac"), ALL),
    "m4a in fragments": Case(M4A, lambda: sound("a.m4a", "-movflags", f"{FRAGMENTS}+default_base_moof"), ALL),
    "mp3, ID3v2.3 and ID3v1": Case(
        MP3, lambda: sound("a.mp3", "-id3v2_version", "3", "-write_id3v1", "1"), TIMED | NAMED | TITLED
    ),
    "mp3, ID3v2.4 with a cover": Case(
        MP3,
        lambda: sound("a.mp3", "-i", "{here}/cover.png", "-map", "0", "-map", "1", "-c:v", "copy", "-id3v2_version", "4"),
        TIMED | NAMED | TITLED | {"cover picture"},
        lambda: sound("a.mp3", none=""),
    ),
    "mp3, ID3v2.2, APE and ID3v1": Case(
        MP3,
        lambda: id3(FRAMES_22 + attached_picture(HAND, 2), 2) + bare_mp3() + ape({"Artist": mark("artist"), "Cover Art (front)": HAND}) + id3v1(mark("title")),
        NAMED | TITLED | {"cover picture"},
        bare_mp3,
    ),
    "mp3 with lyrics": Case(
        MP3, lambda: id3(FRAMES, 3) + bare_mp3() + lyrics3(mark("comment")) + id3v1(mark("title")), SAID | TITLED,
        bare_mp3,
    ),
    "mp3 with two tags, one unsynchronised": Case(
        MP3, lambda: id3(FRAMES, 3) + unsynchronised(FRAMES) + bare_mp3(), TITLED | NAMED, bare_mp3
    ),
    "mp3 with a tag behind": Case(
        MP3, lambda: bare_mp3() + id3(FRAMES, 4, foot=True), TITLED | NAMED, bare_mp3
    ),
    "mp3 put together from two": Case(
        MP3, lambda: (id3(FRAMES, 3) + bare_mp3() + id3v1(mark("title"))) * 2, TITLED | NAMED, lambda: bare_mp3() * 2, in_between=True
    ),
    "wav of ffmpeg": Case(WAV, lambda: sound("a.wav"), TIMED | NAMED | TITLED | SAID | BY),
    "wav of a recorder": Case(
        WAV,
        lambda: with_chunks(
            bare_wav(), before=[chunk(b"bext", bext(mark("description"), mark("make"))), chunk(b"JUNK", b"\0" * 9)],
            after=[info(INAM=mark("title"), IART=mark("artist")), chunk(b"iXML", f"<A><SCENE>{HAND}</SCENE></A>".encode()),
                   chunk(b"id3 ", id3(FRAMES, 3))],
        ),
        PHONED | TIMED | NAMED | TITLED | SAID,
    ),
    "wav with XMP and more behind": Case(
        WAV,
        lambda: with_chunks(bare_wav(), before=[chunk(b"junk", HAND.encode())], after=[chunk(b"_PMX", PACKET)]) + b"\xff" * 3 + HAND.encode(),
        PLACED | PHONED | {"data after the end of the recording", "other hidden details"},
    ),
    "wav of unknown length": Case(
        WAV,
        lambda: with_chunks(bare_wav(), before=[info(ICMT=mark("comment"), ISFT=mark("program"))], unknown=True),
        SAID | BY,
    ),
    "webm": Case(WEBM, lambda: film("a.webm", codecs=VP8), PLACED | NAMED | TITLED | SAID | BY),
    "webm with its index first": Case(
        WEBM, lambda: film("a.webm", "-cues_to_front", "1", codecs=VP8), PLACED | NAMED | TITLED
    ),
    "webm, live, with Vorbis": Case(
        WEBM, lambda: film("a.webm", "-live", "1", codecs=("-c:v", "libvpx", "-c:a", "libvorbis")), PLACED | NAMED | BY
    ),
    "webm with attachments and chapters": Case(
        WEBM,
        lambda: matroska_as_webm(
            beside=("-i", "{here}/chapters.txt"), more=("-map", "0", "-map", "1", "-map_chapters", "2",
            "-attach", "{here}/cover.png", "-metadata:s:t:0", "mimetype=image/png", "-metadata:s:t:0", f"filename={HAND}.png",
            "-attach", "{here}/notes.txt", "-metadata:s:t:1", "mimetype=text/plain"),
        ),
        PLACED | NAMED | TITLED | {"cover picture", "names of chapters"},
    ),
}  # fmt: skip
"""By what it is; each holds marks (media_marks) before it is cleaned."""
