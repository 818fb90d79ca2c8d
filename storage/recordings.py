"""Recordings on arrival: what they say about places, people and devices is taken out, in the file itself.

Every picture and every sample stays bit for bit what it was. What is planned is written only when the whole file
has been followed: a file is cleaned, or it is as it came.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from storage.cleaning import NotCleaned
from storage.kinds import M4A, MOV, MP3, MP4, WAV, WEBA, WEBM, FileKind
from storage.metadata import OTHER, in_order
from storage.mp3_cleaning import plan_mp3
from storage.mp4_cleaning import plan_mp4
from storage.patches import Plan
from storage.wav_cleaning import plan_wav
from storage.webm_cleaning import plan_webm

_CLEANERS: dict[str, Callable[[Plan], None]] = {
    MP4.id: plan_mp4,
    MOV.id: plan_mp4,
    M4A.id: plan_mp4,
    MP3.id: plan_mp3,
    WAV.id: plan_wav,
    WEBA.id: plan_webm,
    WEBM.id: plan_webm,
}
_AT_ONCE = 64 * 1024
"""Bytes read at once: what is looked at lies close together."""


def clean_recording(path: Path, kind: FileKind) -> tuple[str, ...]:
    """Clean the file where it lies, and say in plain words what was taken out: nothing, if nothing was changed.

    Raises `NotCleaned`, with the file as it came, where its structure cannot be followed to the end; `OSError` where
    the disk fails, and then the file is not to be kept; `ValueError` for a kind that is no recording."""
    if kind.id not in _CLEANERS:
        raise ValueError(f"{kind.label} is not a recording")
    with path.open("rb", buffering=_AT_ONCE) as file:
        plan = Plan(file, path.stat().st_size)
        try:
            _CLEANERS[kind.id](plan)
        except OSError:
            raise
        except Exception as error:  # whatever hostile bytes bring about, the answer is a sentence
            raise NotCleaned(_sentence(kind)) from error
    if not plan.changes:
        return ()
    plan.apply(path)
    return in_order(plan.words or {OTHER})


def _sentence(kind: FileKind) -> str:
    return (
        f"This {kind.label} is built in a way that we cannot follow to its end, so details inside it, such as where "
        "and when it was made, could not be taken out: whoever added it decides whether it stays."
    )
