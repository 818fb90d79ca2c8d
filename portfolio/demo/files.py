"""The small files that evidence.yaml asks for by kind: photos, documents and recordings made in code.

The same kind, seed and title give the same bytes on each call, so that a demonstration is the same on each machine.
"""

from collections.abc import Callable
from dataclasses import dataclass

from portfolio.demo.documents import docx, pdf, xlsx
from portfolio.demo.media import audio, numbers_from, photo

__all__ = ["KINDS", "DemoFile", "audio", "demo_file", "docx", "pdf", "photo", "xlsx"]


@dataclass(frozen=True)
class DemoFile:
    """A file as somebody would pick it on a phone: the name it had there, its media type and its bytes."""

    name: str
    media_type: str
    data: bytes


_JPEG, _PDF, _WAV = "image/jpeg", "application/pdf", "audio/wav"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _account(seed: int, title: str) -> bytes:
    return docx(
        title,
        [
            "Written for the portfolio. People are roles and labels; the original stays in the workplace.",
            f"Note {1 + seed}: what I did, step by step.",
            "1. I read the procedure again before I began and noted the part that applies.",
            "2. I agreed the task, and what I may see, with a senior colleague.",
            "3. I recorded facts with their source, and my own view apart from them.",
            "4. I checked the result with the person responsible and wrote down what we decided.",
            "What I would do differently: ask earlier, and say when I am not sure.",
        ],
    )


def _session_plan(seed: int, title: str) -> bytes:
    return docx(
        f"Session plan: {title}",
        [
            f"Group of {8 + seed % 15}, 45 minutes. Outcomes: recognise, record, report.",
            "0 to 5 minutes: why we are here, how to look after yourself during the session.",
            "5 to 20 minutes: three invented scenarios in pairs.",
            "20 to 35 minutes: fill in a blank form together and compare.",
            "35 to 45 minutes: five questions, and where to find help afterwards.",
            "Adjustments: picture version of the flow chart, large print, second session for night staff.",
        ],
    )


def _report(seed: int, title: str) -> bytes:
    counts = [5 + next_number % 30 for next_number, _ in zip(numbers_from(seed), range(3), strict=False)]
    lines = ["A short report. Counts below five are left out so that nobody can be recognised.", ""]
    lines += [f"Quarter {number}: {count} entries" for number, count in enumerate(counts, start=1)]
    lines += [
        "",
        "Sources: the concern log, incident forms, complaints and training records.",
        "What the figures cannot tell: whether more happened, or more was reported.",
        "",
        "Recommended: keep the present form, look at one sample each month, report again next quarter.",
    ]
    return pdf(title, lines)


def _certificate(seed: int, title: str) -> bytes:
    return pdf(
        "Certificate of attendance",
        [
            f"Certificate {1000 + seed} (demonstration)",
            "",
            title,
            "",
            "The holder attended the whole session.",
        ],
    )


def _register(seed: int, title: str) -> bytes:
    numbers = numbers_from(seed)
    states = ("open", "waiting for a reply", "closed")
    rows: list[list[str | int | float]] = [["Reference", "What it concerns", "Days open", "State"]]
    for row in range(12):
        state = states[next(numbers) % 3]
        rows.append([f"REF-{seed % 90 + 10}-{row + 1:02}", title, next(numbers) % 40, state])
    return xlsx(rows)


def _training_matrix(seed: int, title: str) -> bytes:
    numbers = numbers_from(seed)
    roles = ("Office", "Site", "Kitchen", "Support", "Nights", "Volunteers")
    rows: list[list[str | int | float]] = [["Role", "Level", "People", "Up to date", "Course"]]
    for role in roles:
        people = 4 + next(numbers) % 12
        rows.append([role, 1 + next(numbers) % 3, people, people - next(numbers) % 4, title])
    return xlsx(rows)


KINDS: dict[str, tuple[str, str, Callable[[int, str], bytes]]] = {
    "photo_flowchart": ("flow chart on the wall.jpg", _JPEG, lambda seed, _title: photo(3 * seed)),
    "photo_whiteboard": ("whiteboard.jpg", _JPEG, lambda seed, _title: photo(3 * seed + 1)),
    "photo_room_plan": ("room plan.jpg", _JPEG, lambda seed, _title: photo(3 * seed + 2)),
    "pdf_report": ("short report.pdf", _PDF, _report),
    "pdf_certificate": ("certificate.pdf", _PDF, _certificate),
    "docx_account": ("my account.docx", _DOCX, _account),
    "docx_session_plan": ("session plan.docx", _DOCX, _session_plan),
    "xlsx_register": ("register without names.xlsx", _XLSX, _register),
    "xlsx_training_matrix": ("training matrix.xlsx", _XLSX, _training_matrix),
    "audio_discussion": ("discussion recording.wav", _WAV, lambda seed, _title: audio(6 + seed % 8, seed)),
}
"""Kind → the name it would have on a phone, its media type, and how it is made from a seed and a title."""


def demo_file(kind: str, seed: int, title: str) -> DemoFile:
    """The file of that kind for one piece of evidence; the same arguments give the same bytes.

    `seed` sets apart the files of different people (0 or more). Raises KeyError for a kind not in `KINDS`.
    """
    name, media_type, make = KINDS[kind]
    return DemoFile(name, media_type, make(seed, title))
