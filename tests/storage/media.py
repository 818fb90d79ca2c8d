"""ffmpeg for tests: making recordings, and asking what one holds and whether it plays."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from tests import real

PICTURE = ("-f", "lavfi", "-i", "testsrc=size=64x48:rate=10:duration=1")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100:duration=1")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac")
VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus")


def run(*arguments: str) -> str:
    real.ffmpeg()
    done = subprocess.run(arguments, capture_output=True, timeout=60, check=False)
    if done.returncode:
        raise AssertionError(done.stderr.decode("utf-8", "replace"))
    return done.stdout.decode("utf-8", "replace")


def made(target: Path, *arguments: str, **tags: str) -> bytes:
    """A recording as ffmpeg writes it to a file of this name, with these tags."""
    said = [
        part for name, value in tags.items() for part in ("-metadata", f"{name.replace('__', '.')}={value}")
    ]
    run("ffmpeg", "-v", "error", "-y", *arguments, *said, str(target))
    return target.read_bytes()


def _listed(path: Path, *how: str) -> list[str]:
    """One line for each frame; what is told about the tracks as a whole is left out."""
    streams = ("-map", "0:V?", "-map", "0:a?", "-map", "0:s?")  # V: without covers
    lines = run("ffmpeg", "-v", "fatal", "-i", str(path), *streams, *how, "-f", "framemd5", "-").splitlines()
    return [line for line in lines if not line.startswith("#")]


def packets(path: Path) -> list[str]:
    """Of each frame as it is stored: its time, its length and the MD5 of its bytes."""
    return _listed(path, "-c", "copy")


def decoded(path: Path) -> list[str]:
    """Of each picture and piece of sound as it is seen and heard: its time and the MD5 of its content."""
    return _listed(path, "-c:s", "copy")


def complaints(path: Path) -> str:
    """What ffmpeg says about it when it plays the whole: nothing, if all is well."""
    arguments = ("ffmpeg", "-v", "error", "-i", str(path), "-map", "0:V?", "-map", "0:a?", "-f", "null", "-")
    return subprocess.run(arguments, capture_output=True, timeout=60, check=False).stderr.decode()


def tags(path: Path) -> dict[str, str]:
    """What ffprobe shows of file, tracks and chapters, without what a file must have."""
    shown = run(
        "ffprobe", "-v", "fatal", "-show_format", "-show_streams", "-show_chapters", "-of", "json", str(path)
    )
    found = json.loads(shown)
    every = [found["format"], *found["streams"], *found["chapters"]]
    said = {name: value for part in every for name, value in part.get("tags", {}).items()}
    needed = {"major_brand", "minor_version", "compatible_brands", "language"}
    return {name: value for name, value in said.items() if name not in needed and value.strip("[0]")}


def shape(path: Path) -> list[tuple[str, str, str]]:
    """Of each track: its type, its codec, and how it is turned and placed in time."""
    found = json.loads(run("ffprobe", "-v", "fatal", "-show_streams", "-of", "json", str(path)))["streams"]
    return [
        (
            one["codec_type"],
            one.get("codec_name", "?"),
            f"{one.get('start_pts')} {one.get('side_data_list', '')}",
        )
        for one in found
        if one["codec_type"] in ("video", "audio", "subtitle") and not one["disposition"]["attached_pic"]
    ]
