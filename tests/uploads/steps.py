"""What the script of the evidence form does, step by step, for the tests of this folder."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from tests.client import Browser

CHUNK = 64 * 1024


def pieces_of(content: bytes) -> list[bytes]:
    return [content[start : start + CHUNK] for start in range(0, len(content), CHUNK)]


def a_draft_for(page: Browser, at: Any, key: str = "page-1", **form: Any) -> dict[str, str]:
    """The addresses of the draft that the files of a new page go to."""
    answer = page.post(f"/apprenticeships/{at.id}/evidence/drafts", data={"form_key": key, **form})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def begin(
    page: Browser, uploads: str, name: str, content: bytes, *, key: str = "file-1", size: int | None = None
) -> Any:
    """Announce a file. The whole answer."""
    form = {"key": key, "name": name, "size": str(len(content) if size is None else size)}
    return page.post(uploads, data=form | {"chunk_size": str(CHUNK)})


def send_piece(page: Browser, upload: str, number: int, data: bytes, sha256: str = "") -> Any:
    headers = {"X-Chunk-SHA256": sha256 or hashlib.sha256(data).hexdigest()}
    return page.post(f"{upload}/chunks/{number}", content=data, headers=headers)


def send_pieces(page: Browser, upload: str, content: bytes, numbers: Iterable[int] | None = None) -> None:
    all_of_it = pieces_of(content)
    for number in range(len(all_of_it)) if numbers is None else numbers:
        answer = send_piece(page, upload, number, all_of_it[number])
        assert answer.status_code == 204, answer.text


def upload_all(
    page: Browser, at: Any, name: str, content: bytes
) -> tuple[dict[str, str], str, dict[str, Any]]:
    """A whole file into a new draft: the draft's addresses, the upload's, and the last answer."""
    draft = a_draft_for(page, at)
    upload = f"{draft['uploads']}/{begin(page, draft['uploads'], name, content).json()['id']}"
    send_pieces(page, upload, content)
    answer = page.post(f"{upload}/finish")
    assert answer.status_code == 200, answer.text
    return draft, upload, answer.json()
