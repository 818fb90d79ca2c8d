"""Tags of MP3 and chunks of WAV by hand, in the versions that ffmpeg does not write."""

from __future__ import annotations

import struct


def _syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def text_frame(name: str, text: str, version: int = 3) -> bytes:
    """A frame of text in UTF-16, as most programs write it."""
    content = b"\xff\xfe" + text.encode("utf-16-le")
    content = b"\1" + (b"eng\xff\xfe\0\0" if name == "COMM" else b"") + content
    return _frame(name, content, version)


def attached_picture(text: str, version: int = 3) -> bytes:
    """A picture as its bytes would stand there; here words do for it."""
    content = b"\0PNG\3\0" if version == 2 else b"\0image/png\0\3\0"
    return _frame("PIC" if version == 2 else "APIC", content + text.encode(), version)


def _frame(name: str, content: bytes, version: int) -> bytes:
    if version == 2:
        return name.encode() + len(content).to_bytes(3, "big") + content
    return name.encode() + struct.pack(">IH", len(content), 0) + content


def id3(frames: bytes, version: int, *, foot: bool = False, padding: int = 60) -> bytes:
    """An ID3v2 tag; with a foot it can stand at the end of the file. Frames shorter than 128 fit versions 3 and 4."""
    size = _syncsafe(len(frames) + (0 if foot else padding))
    head = bytes([version, 0, 0x10 if foot else 0]) + size
    return b"ID3" + head + frames + (b"3DI" + head if foot else b"\0" * padding)


def unsynchronised(frames: bytes) -> bytes:
    """Every 0xFF that could be taken for sound is followed by a zero."""
    spread = frames.replace(b"\xff", b"\xff\0")
    return b"ID3\3\0\x80" + _syncsafe(len(spread)) + spread


def id3v1(title: str) -> bytes:
    name = title.encode("latin-1", "ignore")[:30].ljust(30, b"\0")
    return b"TAG" + name + b"\0" * 60 + b"2026" + b"\0" * 30 + b"\x0c"


def ape(items: dict[str, str]) -> bytes:
    """An APEv2 tag with head and foot."""
    body = b"".join(
        struct.pack("<II", len(text.encode()), 0) + name.encode() + b"\0" + text.encode()
        for name, text in items.items()
    )
    ends = [
        b"APETAGEX" + struct.pack("<IIII8x", 2000, len(body) + 32, len(items), 1 << 31 | flag)
        for flag in (1 << 29, 0)
    ]
    return ends[0] + body + ends[1]


def lyrics3(text: str) -> bytes:
    words = text.encode()
    body = b"LYRICSBEGIN" + b"LYR" + f"{len(words):05d}".encode() + words
    return body + f"{len(body):06d}".encode() + b"LYRICS200"


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack("<4sI", kind, len(content)) + content + b"\0" * (len(content) % 2)


def info(**said: str) -> bytes:
    """A list of words about the sound."""
    return chunk(
        b"LIST", b"INFO" + b"".join(chunk(name.encode(), text.encode()) for name, text in said.items())
    )


def bext(description: str, maker: str) -> bytes:
    """What broadcasters and field recorders write (EBU Tech 3285)."""
    return (
        description.encode().ljust(256, b"\0")
        + maker.encode().ljust(32, b"\0")
        + b"\0" * 32
        + b"2026-11-0310:11:12"
        + b"\0" * 264
    )


def with_chunks(
    wav: bytes, *, before: list[bytes] | None = None, after: list[bytes] | None = None, unknown: bool = False
) -> bytes:
    """The WAV with more chunks around its sound; unknown: as written to a pipe, without the length of the sound."""
    at = wav.index(b"data")
    head, sound = wav[12:at], wav[at:]
    if unknown:
        sound = b"data\xff\xff\xff\xff" + sound[8:]
    body = head + b"".join(before or []) + sound + b"".join(after or [])
    return struct.pack("<4sI", b"RIFF", 0xFFFFFFFF if unknown else len(body) + 4) + b"WAVE" + body
