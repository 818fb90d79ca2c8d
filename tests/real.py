"""Real parts that a newcomer's machine may lack. What is missing is reported as not run; in CI it is a failure."""

from __future__ import annotations

import os
import shutil

import pytest

from storage.reading import Reader

REQUIRED = os.environ.get("PORTFOLIO_REQUIRE_ALL") == "1"
not_run: set[str] = set()
CEPH_PROGRAMS = (
    "ceph-authtool",
    "monmaptool",
    "ceph-mon",
    "ceph-osd",
    "ceph",
    "radosgw",
    "radosgw-admin",
    "setpriv",
)


def chromium() -> str:
    """The path of a Chromium, or the test is reported as not run (a failure where every part is required)."""
    found = os.environ.get("CHROMIUM") or next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))),
        "",
    )
    if not found:
        missing("tests in a real browser: no Chromium on this machine (Debian: apt-get install chromium)")
    return found


def ffmpeg() -> None:
    """ffmpeg and ffprobe are here, or the test is reported as not run (a failure where every part is required)."""
    if any(shutil.which(program) is None for program in ("ffmpeg", "ffprobe")):
        missing(
            "recordings played before and after cleaning: no ffmpeg on this machine (Debian: apt-get install ffmpeg)"
        )


def tesseract() -> None:
    """Tesseract's library and its English words are here, or the test is reported as not run (a failure where every
    part is required)."""
    with Reader() as reader:
        if not reader.is_here:
            missing(
                "text in pictures: no Tesseract on this machine (Debian: apt-get install tesseract-ocr tesseract-ocr-eng)"
            )


def ceph() -> None:
    """Debian's Ceph gateway is here, or the test is reported as not run (a failure where it is required)."""
    if lacking := [program for program in CEPH_PROGRAMS if shutil.which(program) is None]:
        missing(
            f"the store on a real S3 server: no {', '.join(lacking)} on this machine "
            "(Debian: apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common)"
        )


def missing(what: str) -> None:
    if REQUIRED:
        pytest.fail(f"required here, but missing: {what}")
    not_run.add(what)
    pytest.skip(f"not run: {what}")
